// Distinct values and distinct slices.
#include <tenon/kernels/cpu/sorting_unique.h>

#include <tenon/kernels/cpu/contiguous.h>
#include <tenon/kernels/cpu/sorting_keys.h>
#include <tenon/kernels/cpu/strided.h>
#include <tenon/kernels/cpu/types.h>
#include <tenon/ops/sorting.h>

namespace tenon::inline v0 {

namespace {

// `items` slices of `size` elements each, one after the other.
template <class T>
struct Slices {
  const T* data;
  int64_t items, size;

  bool equal(int64_t a, int64_t b) const {
    const T *x = data + a * size, *y = data + b * size;
    for (int64_t i = 0; i < size; ++i) {
      if (x[i] != y[i]) return false;  // NaN equals nothing: each one is distinct
    }
    return true;
  }
  bool less(int64_t a, int64_t b) const {
    const T *x = data + a * size, *y = data + b * size;
    for (int64_t i = 0; i < size; ++i) {
      const auto p = sort_key(x[i]), q = sort_key(y[i]);
      if (p != q) return p < q;
    }
    return a < b;
  }
};

// The order in which equal slices are neighbours. Null (and a report) when memory is short.
template <class T>
int64_t* order_of(const Slices<T>& s, bool consecutive, Context& context) {
  auto* order = static_cast<int64_t*>(context.workspace(static_cast<size_t>(s.items) * sizeof(int64_t)));
  if (order == nullptr) return nullptr;
  for (int64_t i = 0; i < s.items; ++i) order[i] = i;
  if (consecutive) return order;
  using Entry = SortEntry<SortKey<T>>;
  if (s.size != 1 || s.items > INT64_C(0xffffffff)) {
    std::sort(order, order + s.items, [&](int64_t a, int64_t b) { return s.less(a, b); });
    return order;
  }
  auto* entries = static_cast<Entry*>(context.workspace(static_cast<size_t>(2 * s.items) * sizeof(Entry)));
  if (entries == nullptr) return nullptr;
  for (int64_t i = 0; i < s.items; ++i) entries[i] = make_entry(sort_key(s.data[i]), i);
  sort_entries(entries, entries + s.items, s.items);
  for (int64_t i = 0; i < s.items; ++i) order[i] = place_of(entries[i]);
  return order;
}

// The slices of `moved`, whose first dim is `dim` of the input; `dim` < 0 for single elements.
template <class T>
void unique_slices(bool consecutive, const View& moved, int64_t items, int dim, Views out, Context& context) {
  const int64_t size = items > 0 ? moved.numel() / items : 0;
  const Slices<T> s{row_major<T>(moved, context), items, size};
  int64_t* order = items > 0 ? order_of(s, consecutive, context) : nullptr;
  if (context.errors) return;
  const auto starts = [&](int64_t i) { return i == 0 || !s.equal(order[i - 1], order[i]); };
  int64_t found = 0;
  for (int64_t i = 0; i < items; ++i) found += starts(i) ? 1 : 0;

  int64_t sizes[kMaxKernelDims] = {found}, inner = 1;
  for (int k = 1; dim >= 0 && k < moved.ndim; ++k) {
    sizes[k <= dim ? k - 1 : k] = moved.sizes[k];
    if (k > dim) inner *= moved.sizes[k];
  }
  if (dim >= 0) sizes[dim] = found;
  if (!context.resize_output(out.data, 0, sizes, dim >= 0 ? moved.ndim : 1) ||
      !context.resize_output(out.data, 2, &found, 1))
    return;
  const DType dtype = out[0].dtype;
  const CastLoop write = cast_loop(detail::kDTypeOf<T>, dtype);
  auto *inverse = out[1].as<int64_t>(), *counts = out[2].as<int64_t>();
  int64_t at = -1;
  for (int64_t i = 0; i < items; ++i) {
    if (starts(i)) {
      counts[++at] = 0;
      const T* slice = s.data + order[i] * size;
      for (int64_t run = 0; run * inner < size; ++run) {
        write(reinterpret_cast<const char*>(slice + run * inner), sizeof(T),
              out[0].as<char>() + (run * found + at) * inner * size_of(dtype), size_of(dtype), inner);
      }
    }
    ++counts[at];
    inverse[order[i]] = at;
  }
}

void unique(const UniqueAll& r, ConstViews in, Views out, Context& context) {
  const View& x = in[0];
  if (is_complex(x.dtype)) {
    return context.errors.report(ErrorSink::Code::Unsupported, "unique is not implemented for '%s'",
                                 info(x.dtype).name);
  }
  const int dim = r.dim && x.ndim > 0 ? static_cast<int>(*r.dim < 0 ? *r.dim + x.ndim : *r.dim) : -1;
  View moved = x;
  int64_t sizes[kMaxKernelDims], strides[kMaxKernelDims];
  if (dim >= 0) {
    for (int k = 0; k < x.ndim; ++k) {
      const int from = k == 0 ? dim : k <= dim ? k - 1 : k;
      sizes[k] = x.sizes[from];
      strides[k] = x.strides[from];
    }
    moved.sizes = sizes;
    moved.strides = strides;
    moved.contiguous = x.contiguous && dim == 0;
  }
  const int64_t items = dim >= 0 ? x.sizes[dim] : x.numel();
  if (!context.resize_output(out.data, 1, dim >= 0 ? &items : x.sizes, dim >= 0 ? 1 : x.ndim)) return;
  with_real_type(x.dtype, [&]<class T>() { unique_slices<Wide<T>>(r.consecutive, moved, items, dim, out, context); });
}

}  // namespace

void register_unique_kernels(Registry& registry) { registry.add_kernel<UniqueAll, unique>(); }

}  // namespace tenon::inline v0
