// Kernels of the ops that take an index per element or per slice along one dimension, and of embeddings.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>

#include <tenon/core/thread_pool.h>
#include <tenon/kernels/cpu/places.h>
#include <tenon/kernels/cpu/register.h>
#include <tenon/kernels/cpu/types.h>
#include <tenon/ops/indexing.h>

namespace tenon::inline v0 {

namespace {

int wrap(int64_t dim, const View& x) { return static_cast<int>(dim < 0 ? dim + (x.ndim == 0 ? 1 : x.ndim) : dim); }
int64_t size_at(const View& x, int dim) { return x.ndim == 0 ? 1 : x.sizes[dim]; }

// ---- an index per element ----

// All elements of `index` lie in [0, size). These ops do not count from the end, as in PyTorch.
bool check_all(const View& index, int64_t size, int dim, Context& context) {
  const int64_t element = size_of(index.dtype);
  Odometer at(index.ndim, index.sizes);
  int64_t from = 0, unused = 0;
  for (int64_t i = 0, n = index.numel(); i < n; ++i) {
    const int64_t value = read_index(index.as<char>() + from * element, index.dtype);
    if (value < 0 || value >= size) [[unlikely]] {
      context.errors.report(ErrorSink::Code::Index, "index %lld is out of bounds for dimension %d with size %lld",
                            static_cast<long long>(value), dim, static_cast<long long>(size));
      return false;
    }
    at.step(index.strides, from, index.strides, unused);
  }
  return true;
}

// One line along the last dimension of the index: element j of `other` belongs to the element of x at
// `x + index[j] * step + j * inner`. Steps in bytes.
struct Line {
  char* x;
  int64_t step, inner;
  char* other;
  int64_t other_step;
  const char* index;
  int64_t index_step;
  DType index_dtype;
  int64_t n;

  char* at(int64_t j) const { return x + read_index(index + j * index_step, index_dtype) * step + j * inner; }
};

// Calls `line` for every line of `index`; `other` has at least its shape, or none at all (one value).
template <class F>
void for_each_line(const View& x, int dim, const View& index, const View& other, bool parallel, F&& line) {
  const int64_t xs = size_of(x.dtype), os = size_of(other.dtype), is = size_of(index.dtype);
  const int last = index.ndim - 1;
  int64_t x_strides[kMaxKernelDims] = {}, other_strides[kMaxKernelDims] = {};
  for (int i = 0; i <= last; ++i) {
    x_strides[i] = i == dim || i >= x.ndim ? 0 : x.strides[i];
    other_strides[i] = i >= other.ndim ? 0 : other.strides[i];
  }
  Line base{x.as<char>(),
            (x.ndim == 0 ? 0 : x.strides[dim]) * xs,
            0,
            other.as<char>(),
            0,
            index.as<char>(),
            0,
            index.dtype,
            1};
  if (last >= 0) {
    base.inner = x_strides[last] * xs;
    base.other_step = other_strides[last] * os;
    base.index_step = index.strides[last] * is;
    base.n = index.sizes[last];
  }
  const int64_t total = index.numel();
  if (total == 0) return;
  const auto piece = [&](int64_t begin, int64_t end) {
    Odometer at(last < 0 ? 0 : last, index.sizes);
    at.seek(begin);
    int64_t a = at.offset(x_strides), b = at.offset(other_strides);
    for (int64_t i = begin; i < end; ++i) {
      Line l = base;
      l.x += a * xs;
      l.other += b * os;
      l.index += at.offset(index.strides) * is;
      line(l);
      at.step(x_strides, a, other_strides, b);
    }
  };
  const int64_t lines = total / base.n;
  if (parallel)
    parallel_for(0, lines, (1 << 14) / base.n + 1, piece);
  else
    piece(0, lines);
}

template <class T>
void gather_line(const Line& l) {
  for (int64_t j = 0; j < l.n; ++j)
    *reinterpret_cast<T*>(l.other + j * l.other_step) = *reinterpret_cast<const T*>(l.at(j));
}
template <class T>
void scatter_line(const Line& l) {
  for (int64_t j = 0; j < l.n; ++j)
    *reinterpret_cast<T*>(l.at(j)) = *reinterpret_cast<const T*>(l.other + j * l.other_step);
}
using LineFunction = void (*)(const Line&);
struct Bytes16 {
  uint64_t low, high;
};
#define TENON_BY_SIZE(function, size)               \
  ((size) == 1   ? LineFunction(function<uint8_t>)  \
   : (size) == 2 ? LineFunction(function<uint16_t>) \
   : (size) == 4 ? LineFunction(function<uint32_t>) \
   : (size) == 8 ? LineFunction(function<uint64_t>) \
                 : LineFunction(function<Bytes16>))

void gather(const Gather& r, ConstViews in, Views out, Context& context) {
  const int dim = wrap(r.dim, in[0]);
  if (!check_all(in[1], size_at(in[0], dim), dim, context)) return;
  for_each_line(in[0], dim, in[1], out[0], true, TENON_BY_SIZE(gather_line, size_of(in[0].dtype)));
}

// Ready to write: the indices are good, the output holds the input, and src has its dtype.
bool prepare_scatter(int64_t at, ConstViews in, const View& out, Context& context, View* src, int64_t* strides) {
  const int dim = wrap(at, in[0]);
  if (!check_all(in[1], size_at(in[0], dim), dim, context) || !cast_values(in[2], out.dtype, context, src, strides))
    return false;
  copy_unless_same(in[0], out);
  return true;
}

void scatter(const Scatter& r, ConstViews in, Views out, Context& context) {
  View src;
  int64_t strides[kMaxKernelDims];
  if (!prepare_scatter(r.dim, in, out[0], context, &src, strides)) return;
  for_each_line(out[0], wrap(r.dim, in[0]), in[1], src, false, TENON_BY_SIZE(scatter_line, size_of(out[0].dtype)));
}

// ---- reductions at places ----

enum class Reduce { Sum, Prod, Max, Min };
template <class T>
constexpr bool is_complex_type = std::is_same_v<T, std::complex<float>> || std::is_same_v<T, std::complex<double>>;

template <Reduce op, class T>
T reduce(T have, T value) {
  using W = Wide<T>;
  const W a = static_cast<W>(have), b = static_cast<W>(value);
  if constexpr (op == Reduce::Sum && std::is_same_v<T, bool>)
    return a || b;
  else if constexpr (op == Reduce::Prod && std::is_same_v<T, bool>)
    return a && b;
  else if constexpr (op == Reduce::Sum && std::is_integral_v<T>)
    return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
  else if constexpr (op == Reduce::Prod && std::is_integral_v<T>)
    return static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
  else if constexpr (op == Reduce::Sum)
    return T(a + b);
  else if constexpr (op == Reduce::Prod)
    return T(a * b);
  else if constexpr (is_complex_type<T>)
    return have;
  else if constexpr (op == Reduce::Max)
    return b > a || b != b ? value : have;  // NaN wins and stays
  else
    return b < a || b != b ? value : have;
}

template <Reduce op, class T>
T identity() {
  if constexpr (op == Reduce::Sum)
    return T(Wide<T>(0));
  else if constexpr (op == Reduce::Prod)
    return T(Wide<T>(1));
  else if constexpr (is_complex_type<T>)
    return T(0);
  else if constexpr (is_half_type<T>)
    return T(op == Reduce::Max ? -std::numeric_limits<float>::infinity() : std::numeric_limits<float>::infinity());
  else if constexpr (std::is_floating_point_v<T>)
    return op == Reduce::Max ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::infinity();
  else
    return op == Reduce::Max ? std::numeric_limits<T>::lowest() : std::numeric_limits<T>::max();
}

template <Reduce op, class T>
void reduce_into(const View& out, int dim, const View& index, const View& src, bool include_self) {
  if (!include_self) {
    for_each_line(out, dim, index, src, false, [](const Line& l) {
      for (int64_t j = 0; j < l.n; ++j) *reinterpret_cast<T*>(l.at(j)) = identity<op, T>();
    });
  }
  for_each_line(out, dim, index, src, false, [](const Line& l) {
    for (int64_t j = 0; j < l.n; ++j) {
      T* to = reinterpret_cast<T*>(l.at(j));
      *to = reduce<op, T>(*to, *reinterpret_cast<const T*>(l.other + j * l.other_step));
    }
  });
}

void scatter_add(const ScatterAdd& r, ConstViews in, Views out, Context& context) {
  View src;
  int64_t strides[kMaxKernelDims];
  if (!prepare_scatter(r.dim, in, out[0], context, &src, strides)) return;
  with_type(out[0].dtype,
            [&]<class T>() { reduce_into<Reduce::Sum, T>(out[0], wrap(r.dim, in[0]), in[1], src, true); });
}

template <class T>
T divided(T value, int64_t count) {
  if constexpr (std::is_same_v<T, bool>)
    return value;
  else if constexpr (std::is_integral_v<T>)
    return static_cast<T>(std::floor(static_cast<double>(value) / static_cast<double>(count)));
  else if constexpr (is_complex_type<T>)
    return value / typename T::value_type(count);
  else
    return T(static_cast<Wide<T>>(value) / static_cast<Wide<T>>(count));
}

// How often each element was written, as int64 of the output's shape, row-major; then the division by it.
template <class T>
void divide_by_counts(const View& out, int dim, const View& index, bool include_self, Context& context) {
  const int64_t n = out.numel();
  auto* counts = static_cast<int64_t*>(context.workspace(static_cast<size_t>(n + 1) * sizeof(int64_t)));
  if (counts == nullptr) return;
  for (int64_t i = 0; i < n; ++i) counts[i] = include_self ? 1 : 0;
  int64_t strides[kMaxKernelDims], step = 1, one = 1;
  for (int i = out.ndim; i-- > 0; step *= out.sizes[i]) strides[i] = step;
  const View table{counts, out.sizes, strides, out.ndim, DType::Int64, true, true};
  const View ones{&one, nullptr, nullptr, 0, DType::Int64, true, true};
  reduce_into<Reduce::Sum, int64_t>(table, dim, index, ones, true);
  Odometer at(out.ndim, out.sizes);
  int64_t offset = 0, unused = 0;
  for (int64_t i = 0; i < n; ++i) {
    T& value = static_cast<T*>(out.data)[offset];
    if (counts[i] > 1) value = divided(value, counts[i]);
    at.step(out.strides, offset, out.strides, unused);
  }
}

template <class T>
void scatter_reduce_as(const ScatterReduce& r, const View& out, int dim, const View& index, const View& src,
                       Context& context) {
  if (r.reduce == "prod") return reduce_into<Reduce::Prod, T>(out, dim, index, src, r.include_self);
  if (r.reduce == "amax") return reduce_into<Reduce::Max, T>(out, dim, index, src, r.include_self);
  if (r.reduce == "amin") return reduce_into<Reduce::Min, T>(out, dim, index, src, r.include_self);
  reduce_into<Reduce::Sum, T>(out, dim, index, src, r.include_self);
  if (r.reduce == "mean") divide_by_counts<T>(out, dim, index, r.include_self, context);
}
void scatter_reduce(const ScatterReduce& r, ConstViews in, Views out, Context& context) {
  View src;
  int64_t strides[kMaxKernelDims];
  if (!prepare_scatter(r.dim, in, out[0], context, &src, strides)) return;
  with_type(out[0].dtype, [&]<class T>() { scatter_reduce_as<T>(r, out[0], wrap(r.dim, in[0]), in[1], src, context); });
}

// ---- an index per slice ----

// Offsets of the slices or rows that `index` names; `words` is how PyTorch calls one out of range.
bool slice_offsets(const View& index, int64_t size, int64_t step, int dim, Context& context, int64_t* offsets) {
  const int64_t element = size_of(index.dtype), n = index.numel();
  Odometer at(index.ndim, index.sizes);
  int64_t from = 0, unused = 0;
  for (int64_t i = 0; i < n; ++i) {
    const int64_t value = read_index(index.as<char>() + from * element, index.dtype);
    if (value < 0 || value >= size) [[unlikely]] {
      context.errors.report(ErrorSink::Code::Index,
                            "index out of range in self: index %lld, and dimension %d has size %lld",
                            static_cast<long long>(value), dim, static_cast<long long>(size));
      return false;
    }
    offsets[i] = value * step;
    at.step(index.strides, from, index.strides, unused);
  }
  return true;
}

bool find_slices(const View& x, int dim, const View& index, Context& context, Places& p) {
  return slice_places(x, dim, index.numel(), context, p) &&
         slice_offsets(index, size_at(x, dim), x.ndim == 0 ? 0 : x.strides[dim], dim, context, p.offsets);
}

void index_select(const IndexSelect& r, ConstViews in, Views out, Context& context) {
  Places p;
  if (!find_slices(in[0], wrap(r.dim, in[0]), in[1], context, p)) return;
  OtherSide side{out[0].as<char>(), {}, {}, {}};
  if (out[0].contiguous)
    row_major_side(p, side);
  else if (!broadcast_side(p, out[0], side, context))
    return;
  move_places(p, in[0].as<char>(), side, size_of(in[0].dtype), true, copy_loop(size_of(in[0].dtype)), true);
}

// Puts the function's name before what was reported.
void name_error(const char* function, ErrorSink& errors) {
  char text[sizeof errors.text];
  std::snprintf(text, sizeof text, "%.16s: %.208s", function, errors.text);
  std::memcpy(errors.text, text, sizeof text);
}

void index_write(const IndexWrite& r, ConstViews in, Views out, Context& context) {
  const View& x = out[0];
  int64_t strides[kMaxKernelDims];
  View source;
  Places p;
  OtherSide side;
  if (!find_slices(x, wrap(r.dim, x), in[1], context, p) || !cast_values(in[2], x.dtype, context, &source, strides) ||
      !broadcast_side(p, source, side, context))
    return name_error(name_of(r, in[2].ndim == 0), context.errors);
  side.data = source.as<char>();
  copy_unless_same(in[0], x);
  move_places(p, x.as<char>(), side, size_of(x.dtype), false,
              r.accumulate ? add_loop(x.dtype) : copy_loop(size_of(x.dtype)), false);
}

// ---- embeddings ----

void embedding(const Embedding&, ConstViews in, Views out, Context& context) {
  Places p;
  if (!find_slices(in[1], 0, in[0], context, p)) return;
  OtherSide side{out[0].as<char>(), {}, {}, {}};
  row_major_side(p, side);
  move_places(p, in[1].as<char>(), side, size_of(in[1].dtype), true, copy_loop(size_of(in[1].dtype)), true);
}

// Each thread owns a range of rows and reads all indices, so the sums do not depend on the threads.
void embedding_backward(const EmbeddingBackward& r, ConstViews in, Views out, Context& context) {
  const View &grad = in[0], &index = in[1], &to = out[0];
  const int64_t rows = to.sizes[0], width = to.sizes[1], size = size_of(to.dtype), n = index.numel();
  auto* offsets = static_cast<int64_t*>(context.workspace(static_cast<size_t>(n + 1) * sizeof(int64_t)));
  if (offsets == nullptr || !slice_offsets(index, rows, 1, 0, context, offsets)) return;
  const char* from = grad.as<char>();
  if (!grad.contiguous) {
    View plain = grad;
    int64_t strides[kMaxKernelDims], step = 1;
    for (int i = grad.ndim; i-- > 0; step *= grad.sizes[i]) strides[i] = step;
    plain.strides = strides;
    plain.data = context.workspace(static_cast<size_t>(n * width * size + 1));
    if (plain.data == nullptr) return;
    copy_elements(grad, plain);
    from = plain.as<char>();
  }
  const int64_t padding = r.padding_idx ? (*r.padding_idx < 0 ? *r.padding_idx + rows : *r.padding_idx) : -1;
  const CastLoop add = add_loop(to.dtype);
  parallel_for(0, rows, std::max<int64_t>((1 << 16) / (width + 1), rows / 64 + 1), [&](int64_t begin, int64_t end) {
    std::memset(to.as<char>() + begin * width * size, 0, static_cast<size_t>((end - begin) * width * size));
    for (int64_t i = 0; i < n; ++i) {
      const int64_t row = offsets[i];
      if (row >= begin && row < end && row != padding)
        add(from + i * width * size, size, to.as<char>() + row * width * size, size, width);
    }
  });
}

void one_hot(const OneHot& r, ConstViews in, Views out, Context& context) {
  const View& index = in[0];
  const int64_t n = index.numel(), element = size_of(index.dtype);
  auto* values = static_cast<int64_t*>(context.workspace(static_cast<size_t>(n + 1) * sizeof(int64_t)));
  if (values == nullptr) return;
  Odometer at(index.ndim, index.sizes);
  int64_t from = 0, unused = 0, classes = r.num_classes;
  for (int64_t i = 0; i < n; ++i) {
    values[i] = read_index(index.as<char>() + from * element, index.dtype);
    if (values[i] < 0)
      return context.errors.report(ErrorSink::Code::Value, "Class values must be non-negative. Got %lld",
                                   static_cast<long long>(values[i]));
    if (r.num_classes >= 0 && values[i] >= r.num_classes)
      return context.errors.report(ErrorSink::Code::Value,
                                   "Class values must be smaller than num_classes. Got %lld, num_classes is %lld",
                                   static_cast<long long>(values[i]), static_cast<long long>(r.num_classes));
    if (values[i] == INT64_MAX)
      return context.errors.report(ErrorSink::Code::Value, "Class values must be smaller than 2^63 - 1.");
    if (r.num_classes < 0 && values[i] >= classes) classes = values[i] + 1;
    at.step(index.strides, from, index.strides, unused);
  }
  if (n == 0 && classes <= 0)
    return context.errors.report(ErrorSink::Code::Value, "Can not infer total number of classes from empty tensor.");
  int64_t sizes[kMaxKernelDims];
  for (int i = 0; i < index.ndim; ++i) sizes[i] = index.sizes[i];
  sizes[index.ndim] = classes;
  if (!context.resize_output(out.data, 0, sizes, index.ndim + 1)) return;
  auto* to = out[0].as<int64_t>();
  std::memset(to, 0, static_cast<size_t>(n * classes) * sizeof(int64_t));
  for (int64_t i = 0; i < n; ++i) to[i * classes + values[i]] = 1;
}

}  // namespace

void register_element_indexing_kernels(Registry& registry) {
  registry.add_kernel<Gather, gather>();
  registry.add_kernel<Scatter, scatter>();
  registry.add_kernel<ScatterAdd, scatter_add>();
  registry.add_kernel<ScatterReduce, scatter_reduce>();
  registry.add_kernel<IndexSelect, index_select>();
  registry.add_kernel<IndexWrite, index_write>();
  registry.add_kernel<Embedding, embedding>();
  registry.add_kernel<EmbeddingBackward, embedding_backward>();
  registry.add_kernel<OneHot, one_hot>();
}

}  // namespace tenon::inline v0
