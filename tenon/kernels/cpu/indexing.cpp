// Kernels of x[indices] in its forms. Places are turned into offsets first, checked once; the loops that
// move elements then run without checks.
#include <tenon/ops/indexing.h>

#include <cstring>

#include <tenon/core/thread_pool.h>
#include <tenon/kernels/cpu/places.h>
#include <tenon/kernels/cpu/register.h>
#include <tenon/kernels/cpu/strided.h>

namespace tenon::inline v0 {

namespace {

bool is_mask(DType dtype) { return dtype == DType::Bool || dtype == DType::UInt8; }

// ---- several indices: x[i, :, mask] ----

// Offsets of the elements that a mask names, in row-major order.
struct MaskPlaces {
  int64_t* offsets = nullptr;
  int64_t count = 0;
};

bool mask_places(const View& mask, const View& x, int dim, Context& context, MaskPlaces* out) {
  for (int i = 0; i < mask.ndim; ++i) {
    if (dim + i < x.ndim && mask.sizes[i] == x.sizes[dim + i]) continue;
    context.errors.report(
        ErrorSink::Code::Index,
        "The shape of the mask at index %d does not match the shape of the indexed tensor at index %d", i, dim + i);
    return false;
  }
  const int64_t n = mask.numel();
  const auto* bits = mask.as<uint8_t>();
  for (int pass = 0; pass < 2; ++pass) {
    Odometer at(mask.ndim, mask.sizes);
    int64_t from = 0, to = 0, found = 0;
    for (int64_t i = 0; i < n; ++i) {
      if (bits[from] != 0) {
        if (pass == 1) out->offsets[found] = to;
        ++found;
      }
      at.step(mask.strides, from, x.strides + dim, to);
    }
    out->count = found;
    if (pass == 0) {
      out->offsets = static_cast<int64_t*>(context.workspace(static_cast<size_t>(found + 1) * sizeof(int64_t)));
      if (out->offsets == nullptr) return false;
    }
  }
  return true;
}

// Grows the broadcast shape of the indices by one more, right-aligned.
bool join_shape(Places& p, int ndim, const int64_t* sizes, Context& context) {
  while (p.place_ndim < ndim) {
    for (int i = p.place_ndim; i > 0; --i) p.place_sizes[i] = p.place_sizes[i - 1];
    p.place_sizes[0] = 1;
    ++p.place_ndim;
  }
  for (int i = 0; i < ndim; ++i) {
    int64_t& have = p.place_sizes[p.place_ndim - ndim + i];
    if (have != sizes[i] && have != 1 && sizes[i] != 1) {
      context.errors.report(ErrorSink::Code::Index, "shape mismatch: indexing tensors could not be broadcast together");
      return false;
    }
    if (have == 1) have = sizes[i];
  }
  return true;
}

// Adds what one integer index contributes to every place.
bool add_index(Places& p, const View& index, const View& x, int dim, Context& context) {
  int64_t strides[kMaxKernelDims];
  const int skip = p.place_ndim - index.ndim;
  for (int i = 0; i < p.place_ndim; ++i)
    strides[i] = i < skip || index.sizes[i - skip] == 1 ? 0 : index.strides[i - skip];
  const int64_t size = size_of(index.dtype), n = x.sizes[dim], step = x.strides[dim];
  Odometer at(p.place_ndim, p.place_sizes);
  int64_t from = 0, unused = 0;
  for (int64_t i = 0; i < p.count; ++i) {
    int64_t value = read_index(index.as<char>() + from * size, index.dtype);
    if (!wrap_index(value, n, dim, context)) return false;
    p.offsets[i] += value * step;
    at.step(strides, from, strides, unused);
  }
  return true;
}

void add_mask(Places& p, const MaskPlaces& mask) {
  const int64_t inner = p.place_ndim == 0 ? 1 : p.place_sizes[p.place_ndim - 1];  // a mask's list is the last dim
  for (int64_t i = 0; i < p.count; ++i) p.offsets[i] += mask.offsets[mask.count == 1 ? 0 : i % inner];
}

constexpr int kMaxIndices = kMaxKernelDims;

struct IndexSource {
  const View* view;
  int dim;
  MaskPlaces mask;
};

// Reads the list of indices: which dims they take, which stay, and where each place lies.
bool find_places(const View& x, const View* indices, int count, Context& context, Places& p) {
  IndexSource sources[kMaxIndices];
  bool taken[kMaxKernelDims] = {};
  int dim = 0, found = 0, first = -1, last = -1, covered = 0;
  for (int i = 0; i < count; ++i) {
    if (!indices[i].present) {
      ++dim;
      continue;
    }
    const bool mask = is_mask(indices[i].dtype);
    const int span = mask ? indices[i].ndim : 1;
    IndexSource& s = sources[found++] = {&indices[i], dim, {}};
    if (mask && !mask_places(indices[i], x, dim, context, &s.mask)) return false;
    if (first < 0) first = dim;
    for (int k = 0; k < span; ++k) taken[dim + k] = true;
    last = dim + span - 1;
    covered += span;
    dim += span;
    if (!join_shape(p, mask ? 1 : indices[i].ndim, mask ? &s.mask.count : indices[i].sizes, context)) return false;
  }
  const bool neighbours = last - first + 1 == covered;
  for (int d = 0; d < x.ndim; ++d) {
    if (!taken[d]) p.keep(x, d, neighbours && d < first);
  }
  p.count = product(p.place_sizes, p.place_ndim);
  p.offsets = static_cast<int64_t*>(context.workspace(static_cast<size_t>(p.count + 1) * sizeof(int64_t)));
  if (p.offsets == nullptr) return false;
  std::memset(p.offsets, 0, static_cast<size_t>(p.count) * sizeof(int64_t));
  for (int i = 0; i < found; ++i) {
    if (is_mask(sources[i].view->dtype))
      add_mask(p, sources[i].mask);
    else if (!add_index(p, *sources[i].view, x, sources[i].dim, context))
      return false;
  }
  return true;
}

void index(const IndexInteger&, ConstViews in, Views out, Context& context) {
  Places p;
  if (!find_places(in[0], in.data + 1, in.size() - 1, context, p)) return;
  OtherSide side{out[0].as<char>(), {}, {}, {}};
  row_major_side(p, side);
  move_places(p, in[0].as<char>(), side, size_of(in[0].dtype), true, copy_loop(size_of(in[0].dtype)), true);
}

void index_put(const IndexPut& r, ConstViews in, Views out, Context& context) {
  const View& x = out[0];
  const int64_t size = size_of(x.dtype);
  int64_t strides[kMaxKernelDims];
  View values;
  Places p;
  OtherSide side;
  if (!find_places(x, in.data + 2, in.size() - 2, context, p) ||
      !cast_values(in[1], x.dtype, context, &values, strides) || !broadcast_side(p, values, side, context))
    return;
  side.data = values.as<char>();
  copy_unless_same(in[0], x);
  move_places(p, x.as<char>(), side, size, false, r.accumulate ? add_loop(x.dtype) : copy_loop(size), false);
}

template <class T>
int64_t find_nonzero(const View& x, int64_t* to) {
  Odometer at(x.ndim, x.sizes);
  int64_t from = 0, unused = 0, found = 0;
  for (int64_t i = 0, n = x.numel(); i < n; ++i) {
    if (!(static_cast<const T*>(x.data)[from] == T())) {
      if (to != nullptr) {
        for (int d = 0; d < x.ndim; ++d) *to++ = at[d];
      }
      ++found;
    }
    at.step(x.strides, from, x.strides, unused);
  }
  return found;
}
struct HalfBits {  // any sign of zero is zero
  uint16_t bits;
  friend bool operator==(HalfBits a, HalfBits) { return (a.bits & 0x7fff) == 0; }
};
using FindNonzero = int64_t (*)(const View&, int64_t*);
FindNonzero nonzero_loop(DType dtype) {
  switch (dtype) {
    case DType::Bool:
    case DType::UInt8:
    case DType::Int8:
      return find_nonzero<uint8_t>;
    case DType::Int16:
      return find_nonzero<uint16_t>;
    case DType::Int32:
      return find_nonzero<uint32_t>;
    case DType::Int64:
      return find_nonzero<uint64_t>;
    case DType::Float16:
    case DType::BFloat16:
      return find_nonzero<HalfBits>;
    case DType::Float32:
      return find_nonzero<float>;
    case DType::Float64:
      return find_nonzero<double>;
    case DType::Complex64:
      return find_nonzero<std::complex<float>>;
    case DType::Complex128:
      return find_nonzero<std::complex<double>>;
  }
  return nullptr;
}
void nonzero(const Nonzero&, ConstViews in, Views out, Context& context) {
  const FindNonzero find = nonzero_loop(in[0].dtype);
  const int64_t sizes[2] = {find(in[0], nullptr), in[0].ndim};
  if (context.resize_output(out.data, 0, sizes, 2)) find(in[0], out[0].as<int64_t>());
}

}  // namespace

void register_element_indexing_kernels(Registry& registry);

void register_indexing_kernels(Registry& registry) {
  registry.add_kernel<IndexInteger, index>();
  registry.add_kernel<IndexPut, index_put>();
  registry.add_kernel<Nonzero, nonzero>();
  register_element_indexing_kernels(registry);
}

}  // namespace tenon::inline v0
