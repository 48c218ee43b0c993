// Pooling over the last one to three dimensions, taken as three.
#include <tenon/ops/conv.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include <tenon/core/thread_pool.h>
#include <tenon/kernels/cpu/contiguous.h>
#include <tenon/kernels/cpu/max_pool.h>
#include <tenon/kernels/cpu/register.h>

namespace tenon::inline v0 {
namespace {

struct Sizes {
  int64_t at[3] = {1, 1, 1};
  int64_t count() const { return at[0] * at[1] * at[2]; }
  Sizes() = default;
  // The last `n` sizes of a view.
  Sizes(const View& v, int64_t n) {
    for (int64_t i = 0; i < n; ++i) at[3 - n + i] = v.sizes[v.ndim - n + i];
  }
  Sizes(const Dims& dims, int64_t otherwise) {
    const int64_t n = static_cast<int64_t>(dims.size());
    for (int64_t i = 0; i < 3; ++i) at[i] = i < 3 - n ? otherwise : dims[static_cast<size_t>(i - 3 + n)].value();
  }
};

// The input positions of one window along one dimension.
struct Window {
  int64_t begin = 0, end = 1, step = 1;
  int64_t padded = 1;  // its length with the padding it covers
};

// All windows of a pooling.
struct Windows {
  Sizes in, out;
  int64_t planes = 1;
  bool adaptive = true;
  Sizes kernel, stride, padding, dilation;

  Windows(const View& input, const View& output, int64_t n) : in(input, n), out(output, n) {
    for (int i = 0; i < input.ndim - n; ++i) planes *= input.sizes[i];
  }
  Windows(const PoolGeometry& r, const View& input, const View& output)
      : Windows(input, output, static_cast<int64_t>(r.kernel_size.size())) {
    adaptive = false;
    kernel = Sizes(r.kernel_size, 1), stride = Sizes(r.stride, 1), padding = Sizes(r.padding, 0),
    dilation = Sizes(r.dilation, 1);
  }
  Window along(int d, int64_t o) const {
    if (adaptive) {
      const int64_t begin = o * in.at[d] / out.at[d], end = ((o + 1) * in.at[d] + out.at[d] - 1) / out.at[d];
      return {begin, end, 1, end - begin};
    }
    const int64_t step = dilation.at[d];
    int64_t begin = o * stride.at[d] - padding.at[d];
    const int64_t reach = begin + (kernel.at[d] - 1) * step + 1;
    const int64_t padded = std::min(reach, in.at[d] + padding.at[d]) - begin;
    if (begin < 0) begin += (-begin + step - 1) / step * step;
    return {begin, std::min(reach, in.at[d]), step, padded};
  }
  // Calls f(plane, output index within it, windows along d, h, w) over all planes.
  template <class F>
  void for_each(F&& f) const {
    const int64_t work = std::max<int64_t>(1, adaptive ? in.count() : out.count() * kernel.count());
    parallel_for(0, planes, std::max<int64_t>(1, 16384 / work), [&](int64_t first, int64_t last) {
      for (int64_t plane = first; plane < last; ++plane) {
        int64_t index = 0;
        for (int64_t d = 0; d < out.at[0]; ++d) {
          const Window wd = along(0, d);
          for (int64_t h = 0; h < out.at[1]; ++h) {
            const Window wh = along(1, h);
            for (int64_t w = 0; w < out.at[2]; ++w) f(plane, index++, wd, wh, along(2, w));
          }
        }
      }
    });
  }
};

// Calls f(index in the plane) for the elements of a window.
template <class F>
inline void for_each_element(const Sizes& in, const Window& d, const Window& h, const Window& w, F&& f) {
  for (int64_t i = d.begin; i < d.end; i += d.step) {
    for (int64_t j = h.begin; j < h.end; j += h.step) {
      const int64_t row = (i * in.at[1] + j) * in.at[2];
      for (int64_t k = w.begin; k < w.end; k += w.step) f(row + k);
    }
  }
}

// ---- maximum ----

// The index of a window that lies in the padding alone, and its value. Gradients skip it.
constexpr int64_t kNoElement = -1;
template <class T>
constexpr T lowest() {
  return std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
}

template <class T>
void max_windows(const Windows& windows, const T* x, T* values, int64_t* indices) {
  const int64_t in = windows.in.count(), out = windows.out.count();
  windows.for_each([&](int64_t plane, int64_t index, const Window& d, const Window& h, const Window& w) {
    const T* from = x + plane * in;
    int64_t best = kNoElement;
    T largest = lowest<T>();
    for_each_element(windows.in, d, h, w, [&](int64_t i) {
      const T value = from[i];
      // The last NaN, as in PyTorch.
      if (value > largest || value != value || best == kNoElement) largest = value, best = i;
    });
    values[plane * out + index] = largest;
    indices[plane * out + index] = best;
  });
}

// Floating-point windows of fixed strides: rows of them at a time.
template <class T>
void max_rows(const Windows& s, const T* x, T* values, int64_t* indices) {
  const int64_t in = s.in.count(), out = s.out.count(), work = std::max<int64_t>(1, out * s.kernel.count());
  parallel_for(0, s.planes, std::max<int64_t>(1, 65536 / work), [&](int64_t first, int64_t last) {
    for (int64_t plane = first; plane < last; ++plane) {
      MaxPoolRow row{s.in.at[1],
                     s.in.at[2],
                     0,
                     0,
                     1,
                     0,
                     0,
                     1,
                     s.kernel.at[2],
                     s.stride.at[2],
                     s.padding.at[2],
                     s.dilation.at[2],
                     s.out.at[2],
                     (s.planes - plane) * in};
      for (int64_t i = 0; i < s.out.at[0] * s.out.at[1]; ++i) {
        const Window d = s.along(0, i / s.out.at[1]), h = s.along(1, i % s.out.at[1]);
        row.depth_begin = d.begin, row.depth_end = d.end, row.depth_step = d.step;
        row.row_begin = h.begin, row.row_end = h.end, row.row_step = h.step;
        const int64_t to = plane * out + i * s.out.at[2];
        if (d.begin >= d.end || h.begin >= h.end) {
          std::fill_n(values + to, s.out.at[2], lowest<T>());
          std::fill_n(indices + to, s.out.at[2], kNoElement);
          continue;
        }
        max_pool_row(row, x + plane * in, values + to, indices + to);
      }
    }
  });
}

void max_kernel(const Windows& windows, ConstViews in, Views out, Context& context) {
  if (out[0].numel() == 0) return;
  if (in[0].numel() == 0)
    return context.errors.report(ErrorSink::Code::Value, "the input has no elements in a dimension that is pooled");
  const RowMajorOutput<int64_t> indices(out[1], context);
  const auto run = [&]<class T>(T) {
    const T* x = row_major<T>(in[0], context);
    const RowMajorOutput<T> values(out[0], context);
    if (context.errors) return;
    bool done = false;
    if constexpr (std::is_floating_point_v<T>) {
      if (!windows.adaptive && windows.in.count() <= INT32_MAX / 2)
        max_rows(windows, x, values.data(), indices.data()), done = true;
    }
    if (!done) max_windows(windows, x, values.data(), indices.data());
    values.finish();
    indices.finish();
  };
  switch (out[0].dtype) {
    case DType::UInt8:
      return run(uint8_t());
    case DType::Int8:
      return run(int8_t());
    case DType::Int16:
      return run(int16_t());
    case DType::Int32:
      return run(int32_t());
    case DType::Int64:
      return run(int64_t());
    default:
      return with_float_type("max_pool", out[0].dtype, context, run);
  }
}
void max_pool_kernel(const MaxPool& r, ConstViews in, Views out, Context& context) {
  max_kernel(Windows(r, in[0], out[0]), in, out, context);
}
void adaptive_max_pool_kernel(const AdaptiveMaxPool& r, ConstViews in, Views out, Context& context) {
  max_kernel(Windows(in[0], out[0], static_cast<int64_t>(r.output_size.size())), in, out, context);
}

// Planes of `small` (with indices) and `large`, element by element: f(large place, small place). Windows
// without an element are passed over.
template <class F>
void for_each_indexed(int64_t planes, int64_t small, int64_t large, const int64_t* indices, Context& context, F&& f) {
  for (int64_t p = 0; p < planes; ++p) {
    for (int64_t i = p * small; i < (p + 1) * small; ++i) {
      const int64_t at = indices[i];
      if (at == kNoElement) continue;
      if (at < 0 || at >= large) {
        return context.errors.report(ErrorSink::Code::Index,
                                     "found an invalid max index: %lld (output volumes are of size %lld)",
                                     static_cast<long long>(at), static_cast<long long>(large));
      }
      f(p * large + at, i);
    }
  }
}

void scatter_kernel(const PoolScatter& r, ConstViews in, Views out, Context& context) {
  if (out[0].numel() == 0) return;
  const int64_t n = static_cast<int64_t>(r.sizes.size()), large = Sizes(out[0], n).count(),
                small = Sizes(in[0], n).count();
  with_float_type("max_pool", out[0].dtype, context, [&]<class T>(T) {
    const T* x = row_major<T>(in[0], context);
    const int64_t* indices = row_major<int64_t>(in[1], context);
    const RowMajorOutput<T> y(out[0], context);
    if (context.errors) return;
    std::memset(y.data(), 0, static_cast<size_t>(out[0].numel()) * sizeof(T));
    for_each_indexed(out[0].numel() / large, small, large, indices, context,
                     [&](int64_t to, int64_t from) { y.data()[to] += x[from]; });
    y.finish();
  });
}

void gather_kernel(const PoolGather& r, ConstViews in, Views out, Context& context) {
  if (out[0].numel() == 0) return;
  const int64_t large = Sizes(in[0], r.dims).count(), small = Sizes(out[0], r.dims).count();
  with_float_type("max_pool", out[0].dtype, context, [&]<class T>(T) {
    const T* x = row_major<T>(in[0], context);
    const int64_t* indices = row_major<int64_t>(in[1], context);
    const RowMajorOutput<T> y(out[0], context);
    if (context.errors) return;
    std::memset(y.data(), 0, static_cast<size_t>(out[0].numel()) * sizeof(T));
    for_each_indexed(out[0].numel() / small, small, large, indices, context,
                     [&](int64_t from, int64_t to) { y.data()[to] = x[from]; });
    y.finish();
  });
}

// ---- average ----

struct Divisor {
  bool count_include_pad = true;
  int64_t fixed = 0;  // 0: the window's size

  int64_t of(const Window& d, const Window& h, const Window& w) const {
    if (fixed != 0) return fixed;
    if (count_include_pad) return d.padded * h.padded * w.padded;
    return std::max<int64_t>(0, d.end - d.begin) * std::max<int64_t>(0, h.end - h.begin) *
           std::max<int64_t>(0, w.end - w.begin);
  }
};

// The sum of a run, in eight strands that a compiler turns into vectors.
template <class T>
T sum_of(const T* x, int64_t n) {
  T strands[8] = {};
  int64_t i = 0;
  for (; i + 8 <= n; i += 8) {
    for (int64_t k = 0; k < 8; ++k) strands[k] += x[i + k];
  }
  for (int64_t k = 0; i + k < n; ++k) strands[k] += x[i + k];
  for (int64_t width = 4; width > 0; width /= 2) {
    for (int64_t k = 0; k < width; ++k) strands[k] += strands[k + width];
  }
  return strands[0];
}

// One window for a whole plane: its mean, or back, a share for each element.
template <class T>
void average_planes(int64_t planes, int64_t size, const T* x, T* y) {
  parallel_for(0, planes, 1 + 65536 / std::max<int64_t>(1, size), [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) y[p] = sum_of(x + p * size, size) / static_cast<T>(size);
  });
}
template <class T>
void spread_planes(int64_t planes, int64_t size, const T* grad, T* x) {
  parallel_for(0, planes, 1 + 65536 / std::max<int64_t>(1, size), [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) std::fill_n(x + p * size, size, grad[p] / static_cast<T>(size));
  });
}

template <class T>
void average_windows(const Windows& windows, const Divisor& divisor, const T* x, T* y) {
  const int64_t in = windows.in.count(), out = windows.out.count();
  windows.for_each([&](int64_t plane, int64_t index, const Window& d, const Window& h, const Window& w) {
    T sum = 0;
    for_each_element(windows.in, d, h, w, [&](int64_t i) { sum += x[plane * in + i]; });
    y[plane * out + index] = sum / static_cast<T>(divisor.of(d, h, w));
  });
}
template <class T>
void spread_windows(const Windows& windows, const Divisor& divisor, const T* grad, T* x) {
  const int64_t in = windows.in.count(), out = windows.out.count();
  std::memset(x, 0, static_cast<size_t>(windows.planes * in) * sizeof(T));
  windows.for_each([&](int64_t plane, int64_t index, const Window& d, const Window& h, const Window& w) {
    const T share = grad[plane * out + index] / static_cast<T>(divisor.of(d, h, w));
    for_each_element(windows.in, d, h, w, [&](int64_t i) { x[plane * in + i] += share; });
  });
}

void average_kernel(const Windows& windows, const Divisor& divisor, bool backward, ConstViews in, Views out,
                    Context& context) {
  if (out[0].numel() == 0) return;
  with_float_type("avg_pool", out[0].dtype, context, [&]<class T>(T) {
    const T* x = row_major<T>(in[0], context);
    const RowMajorOutput<T> y(out[0], context);
    if (context.errors) return;
    if (windows.adaptive && windows.out.count() == 1)
      (backward ? spread_planes<T> : average_planes<T>)(windows.planes, windows.in.count(), x, y.data());
    else if (backward)
      spread_windows(windows, divisor, x, y.data());
    else
      average_windows(windows, divisor, x, y.data());
    y.finish();
  });
}
void avg_pool_kernel(const AvgPool& r, ConstViews in, Views out, Context& context) {
  average_kernel(Windows(r, in[0], out[0]), {r.count_include_pad, r.divisor_override.value_or(0)}, false, in, out,
                 context);
}
void avg_pool_gradient_kernel(const AvgPoolGradient& r, ConstViews in, Views out, Context& context) {
  average_kernel(Windows(r, out[0], in[0]), {r.count_include_pad, r.divisor_override.value_or(0)}, true, in, out,
                 context);
}
void adaptive_avg_pool_kernel(const AdaptiveAvgPool& r, ConstViews in, Views out, Context& context) {
  average_kernel(Windows(in[0], out[0], static_cast<int64_t>(r.output_size.size())), {}, false, in, out, context);
}
void adaptive_avg_pool_gradient_kernel(const AdaptiveAvgPoolGradient& r, ConstViews in, Views out, Context& context) {
  average_kernel(Windows(out[0], in[0], static_cast<int64_t>(r.sizes.size())), {}, true, in, out, context);
}

}  // namespace

void register_convolution_kernels(Registry&);

void register_conv_kernels(Registry& registry) {
  register_convolution_kernels(registry);
  registry.add_kernel<MaxPool, max_pool_kernel>();
  registry.add_kernel<AdaptiveMaxPool, adaptive_max_pool_kernel>();
  registry.add_kernel<PoolScatter, scatter_kernel>();
  registry.add_kernel<PoolGather, gather_kernel>();
  registry.add_kernel<AvgPool, avg_pool_kernel>();
  registry.add_kernel<AvgPoolGradient, avg_pool_gradient_kernel>();
  registry.add_kernel<AdaptiveAvgPool, adaptive_avg_pool_kernel>();
  registry.add_kernel<AdaptiveAvgPoolGradient, adaptive_avg_pool_gradient_kernel>();
}

}  // namespace tenon::inline v0
