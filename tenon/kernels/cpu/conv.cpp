// Convolutions: patches laid out as a matrix (im2col), then products; direct loops for depthwise ones. One
// and two spatial dimensions are three with sizes of 1.
#include <tenon/ops/conv.h>

#include <algorithm>
#include <cstring>

#include <tenon/core/thread_pool.h>
#include <tenon/kernels/cpu/contiguous.h>
#include <tenon/kernels/cpu/convolution_shape.h>
#include <tenon/kernels/cpu/gemm.h>
#include <tenon/kernels/cpu/register.h>
#ifdef TENON_WITH_ONEDNN
#include <tenon/kernels/onednn/convolution.h>
#endif

namespace tenon::inline v0 {
namespace {

void report_memory(Context& context) {
  context.errors.report(ErrorSink::Code::Memory, "not enough memory for the patches of a convolution");
}

// Output columns whose input column lies inside the image: [begin, end).
struct Range {
  int64_t begin, end;
  Range(int64_t offset, int64_t stride, int64_t in, int64_t out) {
    begin = offset >= 0 ? 0 : std::min(out, (-offset + stride - 1) / stride);
    end = in <= offset ? begin : std::min(out, (in - offset + stride - 1) / stride);
    end = std::max(begin, end);
  }
};

// Calls f(patch row, output row, offset of the first input column in the image or -1 outside, range).
template <class F>
void for_each_patch_row(const ConvolutionShape& s, int64_t channels, int64_t row_begin, int64_t row_end, F&& f) {
  int64_t patch_row = 0;
  for (int64_t c = 0; c < channels; ++c) {
    for (int64_t kd = 0; kd < s.kernel.d; ++kd) {
      for (int64_t kh = 0; kh < s.kernel.h; ++kh) {
        for (int64_t kw = 0; kw < s.kernel.w; ++kw, ++patch_row) {
          const int64_t offset = kw * s.dilation.w - s.padding.w;
          const Range range(offset, s.stride.w, s.in.w, s.out.w);
          for (int64_t row = row_begin; row < row_end; ++row) {
            const int64_t d = row / s.out.h * s.stride.d + kd * s.dilation.d - s.padding.d;
            const int64_t h = row % s.out.h * s.stride.h + kh * s.dilation.h - s.padding.h;
            const bool inside = d >= 0 && d < s.in.d && h >= 0 && h < s.in.h;
            const int64_t image_row = ((c * s.in.d + d) * s.in.h + h) * s.in.w;
            f(patch_row, row - row_begin, inside, image_row + offset, range);
          }
        }
      }
    }
  }
}

template <class T>
void image_to_patches(const ConvolutionShape& s, const T* image, int64_t channels, int64_t row_begin, int64_t row_end,
                      T* patches) {
  const int64_t width = s.out.w, columns = (row_end - row_begin) * width, stride = s.stride.w;
  for_each_patch_row(s, channels, row_begin, row_end,
                     [&](int64_t patch_row, int64_t row, bool inside, int64_t first, Range range) {
                       T* to = patches + patch_row * columns + row * width;
                       if (!inside) {
                         std::memset(to, 0, static_cast<size_t>(width) * sizeof(T));
                         return;
                       }
                       for (int64_t i = 0; i < range.begin; ++i) to[i] = T(0);
                       if (stride == 1) {
                         std::memcpy(to + range.begin, image + first + range.begin,
                                     static_cast<size_t>(range.end - range.begin) * sizeof(T));
                       } else {
                         for (int64_t i = range.begin; i < range.end; ++i) to[i] = image[first + i * stride];
                       }
                       for (int64_t i = range.end; i < width; ++i) to[i] = T(0);
                     });
}

template <class T>
void add_patches_to_image(const ConvolutionShape& s, const T* patches, int64_t row_begin, int64_t row_end, T* image) {
  const int64_t width = s.out.w, columns = (row_end - row_begin) * width, stride = s.stride.w;
  for_each_patch_row(s, s.in_channels, row_begin, row_end,
                     [&](int64_t patch_row, int64_t row, bool inside, int64_t first, Range range) {
                       if (!inside) return;
                       const T* from = patches + patch_row * columns + row * width;
                       for (int64_t i = range.begin; i < range.end; ++i) image[first + i * stride] += from[i];
                     });
}

// Output rows at a time such that their patches stay in the second cache.
template <class T>
int64_t rows_at_a_time(const ConvolutionShape& s) {
  constexpr int64_t kBytes = 512 * 1024;
  const int64_t row_bytes = std::max<int64_t>(1, s.patch() * s.out.w * static_cast<int64_t>(sizeof(T)));
  return std::clamp<int64_t>(kBytes / row_bytes,
                             std::min<int64_t>(s.rows(), (64 + s.out.w - 1) / std::max<int64_t>(1, s.out.w)),
                             std::max<int64_t>(1, s.rows()));
}

// ---- forward ----

template <class T>
void start_with_bias(const ConvolutionShape& s, const T* bias, T* out) {
  const int64_t plane = s.out.count();
  for (int64_t o = 0; o < s.out_channels; ++o) std::fill_n(out + o * plane, plane, bias[o]);
}

// One group of one image, output rows [begin, end).
template <class T>
bool convolve_rows(const ConvolutionShape& s, const T* x, const T* w, bool accumulate, T* out, int64_t begin,
                   int64_t end, Context& context) {
  const int64_t columns = (end - begin) * s.out.w, plane = s.out.count();
  Gemm<T> g{s.out_channels,
            columns,
            s.patch(),
            {w, s.patch(), 1},
            {x + begin * s.out.w, plane, 1},
            {out + begin * s.out.w, plane, 1},
            accumulate};
  if (s.is_pointwise()) return gemm(g, context);
  const Scratch<T> patches(s.patch() * columns);
  if (patches.data() == nullptr) return report_memory(context), false;
  image_to_patches(s, x, s.in_channels, begin, end, patches.data());
  g.b = {patches.data(), columns, 1};
  return gemm(g, context);
}

// A plane of a depthwise convolution: each tap adds a shifted input.
template <class T>
void convolve_plane(const ConvolutionShape& s, const T* x, const T* w, T bias, T* out) {
  std::fill_n(out, s.out.count(), bias);
  const int64_t stride = s.stride.w;
  for_each_patch_row(s, 1, 0, s.rows(), [&](int64_t tap, int64_t row, bool inside, int64_t first, Range range) {
    if (!inside) return;
    const T scale = w[tap];
    T* to = out + row * s.out.w;
    if (stride == 1) {
      for (int64_t i = range.begin; i < range.end; ++i) to[i] += scale * x[first + i];
    } else {
      for (int64_t i = range.begin; i < range.end; ++i) to[i] += scale * x[first + i * stride];
    }
  });
}

template <class T>
void convolve_depthwise(const ConvolutionShape& s, const T* x, const T* w, const T* bias, T* out) {
  const int64_t channels = s.groups * s.out_channels, in_plane = s.in.count(), out_plane = s.out.count(),
                taps = s.kernel.count();
  const int64_t work = std::max<int64_t>(1, out_plane * taps);
  parallel_for(0, s.batch * channels, std::max<int64_t>(1, 65536 / work), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t o = i % channels, image = i / channels;
      convolve_plane(s, x + (image * s.groups + o / s.out_channels) * in_plane, w + o * taps, bias ? bias[o] : T(0),
                     out + i * out_plane);
    }
  });
}

template <class T>
void convolve(const ConvolutionShape& s, const T* x, const T* w, const T* bias, T* out, Context& context) {
#ifdef TENON_WITH_ONEDNN
  if constexpr (std::is_same_v<T, float>) {
    if (onednn::convolution(s, x, w, bias, out, context)) return;
  }
#endif
  if (s.in_channels == 1 && s.out_channels <= 2 && s.groups > 1) return convolve_depthwise(s, x, w, bias, out);
  const int64_t in_size = s.in_channels * s.in.count(), out_size = s.out_channels * s.out.count();
  const int64_t step = s.is_pointwise() ? s.rows() : rows_at_a_time<T>(s), steps = (s.rows() + step - 1) / step;
  if (bias != nullptr) {
    for (int64_t i = 0; i < s.batch * s.groups; ++i)
      start_with_bias(s, bias + i % s.groups * s.out_channels, out + i * out_size);
  }
  const int64_t work = std::max<int64_t>(1, s.out_channels * s.patch() * step * s.out.w);
  parallel_for(0, s.batch * s.groups * steps, std::max<int64_t>(1, (1 << 19) / work), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t image = i / steps, row = i % steps * step;
      const T* weight = w + image % s.groups * s.out_channels * s.patch();
      if (!convolve_rows(s, x + image * in_size, weight, bias != nullptr, out + image * out_size, row,
                         std::min(s.rows(), row + step), context))
        return;
    }
  });
}

void convolution_kernel(const Convolution& r, ConstViews in, Views out, Context& context) {
  if (out[0].numel() == 0) return;
  with_float_type("convolution", out[0].dtype, context, [&]<class T>(T) {
    const ConvolutionShape s(r, in[0], in[1], out[0]);
    const T *x = row_major<T>(in[0], context), *w = row_major<T>(in[1], context),
            *bias = in.has(2) ? row_major<T>(in[2], context) : nullptr;
    const RowMajorOutput<T> y(out[0], context);
    if (context.errors) return;
    convolve(s, x, w, bias, y.data(), context);
    y.finish();
  });
}

// ---- gradients ----

template <class T>
void input_gradient(const ConvolutionShape& s, const T* grad, const T* w, T* out, Context& context) {
#ifdef TENON_WITH_ONEDNN
  if constexpr (std::is_same_v<T, float>) {
    if (onednn::convolution_input_gradient(s, grad, w, out, context)) return;
  }
#endif
  const int64_t in_size = s.in_channels * s.in.count(), plane = s.out.count(), out_size = s.out_channels * plane;
  const int64_t step = rows_at_a_time<T>(s);
  const int64_t work = std::max<int64_t>(1, s.out_channels * s.patch() * plane);
  parallel_for(0, s.batch * s.groups, std::max<int64_t>(1, (1 << 19) / work), [&](int64_t begin, int64_t end) {
    const Scratch<T> patches(s.patch() * step * s.out.w);
    if (patches.data() == nullptr) return report_memory(context);
    for (int64_t i = begin; i < end; ++i) {
      T* image = out + i * in_size;
      std::memset(image, 0, static_cast<size_t>(in_size) * sizeof(T));
      const Matrix<const T> weight{w + i % s.groups * s.out_channels * s.patch(), s.patch(), 1};
      for (int64_t row = 0; row < s.rows(); row += step) {
        const int64_t to = std::min(s.rows(), row + step), columns = (to - row) * s.out.w;
        Gemm<T> g{s.patch(),
                  columns,
                  s.out_channels,
                  weight.transposed(),
                  {grad + i * out_size + row * s.out.w, plane, 1},
                  {patches.data(), columns, 1},
                  false};
        if (!gemm(g, context)) return;
        add_patches_to_image(s, patches.data(), row, to, image);
      }
    }
  });
}

void input_gradient_kernel(const ConvolutionInputGradient& r, ConstViews in, Views out, Context& context) {
  if (out[0].numel() == 0) return;
  with_float_type("convolution", out[0].dtype, context, [&]<class T>(T) {
    const ConvolutionShape s(r, out[0], in[1], in[0]);
    const T *grad = row_major<T>(in[0], context), *w = row_major<T>(in[1], context);
    const RowMajorOutput<T> y(out[0], context);
    if (context.errors) return;
    input_gradient(s, grad, w, y.data(), context);
    y.finish();
  });
}

// Channels [from, to) of group `group`: sums over the batch in its order, whatever the threads.
template <class T>
bool weight_gradient_channels(const ConvolutionShape& s, const T* grad, const T* x, T* out, int64_t group, int64_t from,
                              int64_t to, Context& context) {
  const int64_t plane = s.out.count(), taps = s.kernel.count(), width = (to - from) * taps;
  const int64_t step = rows_at_a_time<T>(s);
  const Scratch<T> patches(width * step * s.out.w);
  if (patches.data() == nullptr) return report_memory(context), false;
  const Matrix<T> result{out + group * s.out_channels * s.patch() + from * taps, s.patch(), 1};
  bool accumulate = false;
  for (int64_t n = 0; n < s.batch; ++n) {
    const T* image = x + ((n * s.groups + group) * s.in_channels + from) * s.in.count();
    const T* image_grad = grad + (n * s.groups + group) * s.out_channels * plane;
    for (int64_t row = 0; row < s.rows(); row += step) {
      const int64_t end = std::min(s.rows(), row + step), columns = (end - row) * s.out.w;
      image_to_patches(s, image, to - from, row, end, patches.data());
      const Matrix<const T> transposed{patches.data(), 1, columns};
      Gemm<T> g{s.out_channels, width, columns, {image_grad + row * s.out.w, plane, 1}, transposed, result, accumulate};
      if (!gemm(g, context)) return false;
      accumulate = true;
    }
  }
  return true;
}

template <class T>
void weight_gradient(const ConvolutionShape& s, const T* grad, const T* x, T* out, Context& context) {
#ifdef TENON_WITH_ONEDNN
  if constexpr (std::is_same_v<T, float>) {
    if (onednn::convolution_weight_gradient(s, grad, x, out, context)) return;
  }
#endif
  constexpr int64_t kChannels = 16;
  const int64_t blocks = (s.in_channels + kChannels - 1) / kChannels;
  const int64_t work = std::max<int64_t>(
      1, s.batch * s.out_channels * s.out.count() * s.kernel.count() * std::min(kChannels, s.in_channels));
  parallel_for(0, s.groups * blocks, std::max<int64_t>(1, (1 << 19) / work), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t from = i % blocks * kChannels, to = std::min(s.in_channels, from + kChannels);
      if (!weight_gradient_channels(s, grad, x, out, i / blocks, from, to, context)) return;
    }
  });
}

void weight_gradient_kernel(const ConvolutionWeightGradient& r, ConstViews in, Views out, Context& context) {
  if (out[0].numel() == 0) return;
  with_float_type("convolution", out[0].dtype, context, [&]<class T>(T) {
    const ConvolutionShape s(r, in[1], out[0], in[0]);
    const RowMajorOutput<T> y(out[0], context);
    const T *grad = row_major<T>(in[0], context), *x = row_major<T>(in[1], context);
    if (context.errors) return;
    if (in[0].numel() == 0 || in[1].numel() == 0)
      std::memset(y.data(), 0, static_cast<size_t>(out[0].numel()) * sizeof(T));
    else
      weight_gradient(s, grad, x, y.data(), context);
    y.finish();
  });
}

}  // namespace

void register_convolution_kernels(Registry& registry) {
  registry.add_kernel<Convolution, convolution_kernel>();
  registry.add_kernel<ConvolutionInputGradient, input_gradient_kernel>();
  registry.add_kernel<ConvolutionWeightGradient, weight_gradient_kernel>();
}

}  // namespace tenon::inline v0
