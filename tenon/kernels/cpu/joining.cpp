#include <tenon/ops/joining.h>

#include <algorithm>
#include <cstring>

#include <tenon/core/thread_pool.h>
#include <tenon/kernels/cpu/elementwise_loop.h>
#include <tenon/kernels/cpu/register.h>
#include <tenon/kernels/cpu/strided.h>

namespace tenon::inline v0 {

namespace {

int64_t wrapped(int64_t dim, int64_t ndim) { return dim < 0 ? dim + ndim : dim; }

// ---- cat and stack: each input fills a window of the output ----

constexpr int64_t kSmallCat = 1 << 15;  // bytes up to which plain memcpy beats the general walk

// All row-major and of one dtype: the output is rows, each the inputs' pieces side by side.
bool is_plain(ConstViews in, const View& out) {
  if (!out.contiguous) return false;
  for (int i = 0; i < in.size(); ++i) {
    if (!in[i].contiguous || in[i].dtype != out.dtype) return false;
  }
  return true;
}

// Bytes of what lies at one place of the dims before `dim`.
int64_t piece_of(const View& v, int64_t dim) {
  int64_t bytes = size_of(v.dtype);
  for (int64_t i = dim; i < v.ndim; ++i) bytes *= v.sizes[i];
  return bytes;
}

void cat_plain(ConstViews in, const View& out, int64_t dim) {
  int64_t rows = 1;
  for (int64_t i = 0; i < dim; ++i) rows *= out.sizes[i];
  if (rows == 0) return;
  const int64_t width = piece_of(out, dim);
  char* to = out.as<char>();
  for (int i = 0; i < in.size(); ++i) {
    const int64_t piece = in[i].numel() == 0 ? 0 : piece_of(in[i], dim);
    const char* from = in[i].as<char>();
    for (int64_t row = 0; row < rows && piece > 0; ++row)
      std::memcpy(to + row * width, from + row * piece, static_cast<size_t>(piece));
    to += piece;
  }
}

void cat(const Cat& r, ConstViews in, Views out, Context&) {
  const View& to = out[0];
  const int64_t dim = wrapped(r.dim, to.ndim), size = size_of(to.dtype);
  if (to.numel() * size <= kSmallCat && is_plain(in, to)) return cat_plain(in, to, dim);
  char* start = to.as<char>();
  for (int i = 0; i < in.size(); ++i) {
    View window = to;
    if (in[i].numel() == 0) {  // also the (0,) that fits nowhere
      if (in[i].ndim == to.ndim) start += in[i].sizes[dim] * to.strides[dim] * size;
      continue;
    }
    window.data = start;
    window.sizes = in[i].sizes;
    copy_elements(in[i], window);
    start += in[i].sizes[dim] * to.strides[dim] * size;
  }
}

void stack(const Stack& r, ConstViews in, Views out, Context&) {
  const View& to = out[0];
  const int64_t dim = wrapped(r.dim, to.ndim), size = size_of(to.dtype);
  if (to.numel() * size <= kSmallCat && is_plain(in, to)) return cat_plain(in, to, dim);
  int64_t strides[kMaxKernelDims];
  for (int i = 0, k = 0; i < to.ndim; ++i) {
    if (i != dim) strides[k++] = to.strides[i];
  }
  for (int i = 0; i < in.size(); ++i) {
    const View window{
        to.as<char>() + i * to.strides[dim] * size, in[i].sizes, strides, in[i].ndim, to.dtype, true, false};
    copy_elements(in[i], window);
  }
}

void flip(const Flip& r, ConstViews in, Views out, Context&) {
  const View& x = in[0];
  if (x.numel() == 0) return;
  int64_t strides[kMaxKernelDims];
  View from = x;
  for (int i = 0; i < x.ndim; ++i) strides[i] = x.strides[i];
  char* data = x.as<char>();
  for (Dim d : r.dims) {
    if (x.ndim == 0) continue;
    const int64_t dim = wrapped(d.raw(), x.ndim);
    data += (x.sizes[dim] - 1) * x.strides[dim] * size_of(x.dtype);
    strides[dim] = -x.strides[dim];
  }
  from.data = data;
  from.strides = strides;
  copy_elements(from, out[0]);
}

// ---- triangles ----

// Of every row the part [begin, end) is kept, the rest becomes zero.
template <bool lower>
void triangle(int64_t diagonal, const View& x, const View& out) {
  const int64_t size = size_of(x.dtype), rows = x.sizes[x.ndim - 2], columns = x.sizes[x.ndim - 1];
  const int64_t from_step = x.strides[x.ndim - 1] * size, to_step = out.strides[x.ndim - 1] * size;
  if (x.numel() == 0) return;
  diagonal = std::clamp(diagonal, -rows - 1, columns + 1);  // beyond, all or nothing is kept
  const CastLoop copy = copy_loop(size);
  const char zero[16] = {};
  parallel_for(0, x.numel() / columns, (1 << 15) / columns + 1, [&](int64_t b, int64_t e) {
    Odometer at(x.ndim - 1, x.sizes);
    at.seek(b);
    int64_t f = at.offset(x.strides), t = at.offset(out.strides);
    for (int64_t i = b; i < e; ++i) {
      int64_t edge = i % rows + diagonal + (lower ? 1 : 0);
      edge = edge < 0 ? 0 : edge > columns ? columns : edge;
      const char* from = x.as<char>() + f * size;
      char* to = out.as<char>() + t * size;
      const int64_t keep = lower ? 0 : edge, kept = lower ? edge : columns - edge, gone = lower ? edge : 0;
      if (from != to && kept > 0) copy(from + keep * from_step, from_step, to + keep * to_step, to_step, kept);
      if (kept < columns) copy(zero, 0, to + gone * to_step, to_step, columns - kept);
      at.step(x.strides, f, out.strides, t);
    }
  });
}
void tril(const Tril& r, ConstViews in, Views out, Context&) { triangle<true>(r.diagonal, in[0], out[0]); }
void triu(const Triu& r, ConstViews in, Views out, Context&) { triangle<false>(r.diagonal, in[0], out[0]); }

// ---- padding ----

void constant_pad(const ConstantPad& r, ConstViews in, Views out, Context&) {
  const View &x = in[0], &to = out[0];
  const int64_t size = size_of(x.dtype);
  if (to.numel() == 0) return;
  fill_view(r.value, to);
  PairedStrides inside;
  const char* from = x.as<char>();
  char* start = to.as<char>();
  for (int i = 0; i < x.ndim; ++i) {
    const auto pair = static_cast<size_t>(x.ndim - 1 - i) * 2;
    const int64_t before = pair < r.pad.size() ? r.pad[pair].raw() : 0,
                  after = pair < r.pad.size() ? r.pad[pair + 1].raw() : 0;
    const int64_t cut_before = before < 0 ? -before : 0, cut_after = after < 0 ? -after : 0;
    const int64_t kept = x.sizes[i] - cut_before - cut_after;
    if (kept <= 0) return;
    from += cut_before * x.strides[i] * size;
    start += (before > 0 ? before : 0) * to.strides[i] * size;
    inside.push(kept, x.strides[i] * size, to.strides[i] * size);
  }
  for_each_run(inside, from, start, copy_loop(size));
}

void repeated_indices(const RepeatedIndices&, ConstViews in, Views out, Context& context) {
  const View& repeats = in[0];
  const int64_t size = size_of(repeats.dtype), n = repeats.sizes[0];
  const auto count = [&](int64_t i) {
    return read_index(repeats.as<char>() + i * repeats.strides[0] * size, repeats.dtype);
  };
  int64_t total = 0;
  for (int64_t i = 0; i < n; ++i) {
    const int64_t times = count(i);
    if (times < 0)
      return context.errors.report(ErrorSink::Code::Value, "repeats can not be negative: element %lld is %lld",
                                   static_cast<long long>(i), static_cast<long long>(times));
    if (__builtin_add_overflow(total, times, &total))
      return context.errors.report(ErrorSink::Code::Value, "the repeats add up to more than fits in 64 bits");
  }
  if (!context.resize_output(out.data, 0, &total, 1)) return;
  auto* to = out[0].as<int64_t>();
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t times = count(i); times > 0; --times) *to++ = i;
  }
}

}  // namespace

void register_joining_kernels(Registry& registry) {
  registry.add_kernel<Cat, cat>();
  registry.add_kernel<Stack, stack>();
  registry.add_kernel<Flip, flip>();
  registry.add_kernel<Tril, tril>();
  registry.add_kernel<Triu, triu>();
  registry.add_kernel<ConstantPad, constant_pad>();
  registry.add_kernel<RepeatedIndices, repeated_indices>();
}

}  // namespace tenon::inline v0
