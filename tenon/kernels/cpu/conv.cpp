// Convolutions: how the work is split. One and two spatial dimensions are three with sizes of 1.
#include <tenon/ops/conv.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include <tenon/core/thread_pool.h>
#include <tenon/kernels/cpu/contiguous.h>
#include <tenon/kernels/cpu/convolution_loops.h>
#include <tenon/kernels/cpu/fused.h>
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

// Shares that are worth a thread, of work that is counted in pieces of `work` multiply-adds.
int64_t grain(int64_t work) { return std::max<int64_t>(1, (1 << 19) / std::max<int64_t>(1, work)); }

template <class T>
void convolve_ourselves(const ConvolutionShape& s, const T* x, const T* w, const T* bias, T* out, Context& context) {
  const ConvolutionLoops<T>& loops = convolution_loops<T>();
  std::atomic<bool> done{true};
  if (s.is_depthwise() && s.out_channels <= 2) {
    const int64_t work = s.out.count() * s.kernel.count();
    parallel_for(0, s.batch * s.groups * s.out_channels, grain(work), [&](int64_t begin, int64_t end) {
      if (!loops.convolve_depthwise(s, x, w, bias, out, begin, end)) done = false;
    });
  } else {
    const Scratch<T> packed(loops.packed_size(s));
    if (packed.data() == nullptr) return report_memory(context);
    loops.pack_weights(s, w, packed.data());
    const int64_t strips = loops.strips(s), work = s.out_channels * s.patch() * s.out.count() / strips;
    parallel_for(0, s.batch * s.groups * strips, grain(work), [&](int64_t begin, int64_t end) {
      if (!loops.convolve(s, x, packed.data(), bias, out, begin, end)) done = false;
    });
  }
  if (!done) report_memory(context);
}

template <class T>
void convolve(const ConvolutionShape& s, const T* x, const T* w, const T* bias, T* out, Context& context) {
#ifdef TENON_WITH_ONEDNN
  if constexpr (std::is_same_v<T, float>) {
    if (onednn::convolution(s, x, w, bias, out, context)) return;
  }
#endif
  convolve_ourselves(s, x, w, bias, out, context);
}

void convolution_kernel(const Convolution& r, ConstViews in, Views out, Context& context) {
  compute_convolution(r, in, out[0], context);
}

// ---- gradients ----

// Where patches are one apart, the gradient of the input is a convolution of the output's with the weights
// turned around, its channels exchanged. False where it is not, where much of it would be padding, or memory is
// short.
template <class T>
bool convolve_backwards(const ConvolutionShape& s, const T* grad, const T* w, T* out, Context& context) {
  const auto padding = [](int64_t kernel, int64_t dilation, int64_t padding) {
    return dilation * (kernel - 1) - padding;
  };
  ConvolutionShape t = s;
  std::swap(t.in, t.out);
  std::swap(t.in_channels, t.out_channels);
  t.padding = {padding(s.kernel.d, s.dilation.d, s.padding.d), padding(s.kernel.h, s.dilation.h, s.padding.h),
               padding(s.kernel.w, s.dilation.w, s.padding.w)};
  if (s.stride.count() != 1 || std::min({t.padding.d, t.padding.h, t.padding.w}) < 0) return false;
  if (convolution_loops<T>().work(t) > s.batch * s.image_work() * 3 / 2) return false;
  const Scratch<T> turned(s.weights());
  if (turned.data() == nullptr) return false;
  const int64_t taps = s.kernel.count();
  for (int64_t g = 0; g < s.groups; ++g) {
    for (int64_t o = 0; o < s.out_channels; ++o) {
      for (int64_t c = 0; c < s.in_channels; ++c) {
        const T* from = w + ((g * s.out_channels + o) * s.in_channels + c) * taps;
        T* to = turned.data() + ((g * s.in_channels + c) * s.out_channels + o) * taps;
        std::reverse_copy(from, from + taps, to);
      }
    }
  }
  convolve_ourselves<T>(t, grad, turned.data(), nullptr, out, context);
  return true;
}

template <class T>
void input_gradient(const ConvolutionShape& s, const T* grad, const T* w, T* out, Context& context) {
#ifdef TENON_WITH_ONEDNN
  if constexpr (std::is_same_v<T, float>) {
    if (onednn::convolution_input_gradient(s, grad, w, out, context)) return;
  }
#endif
  if (convolve_backwards(s, grad, w, out, context)) return;
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

template <class T>
void weight_gradient(const ConvolutionShape& s, const T* grad, const T* x, T* out, Context& context) {
#ifdef TENON_WITH_ONEDNN
  if constexpr (std::is_same_v<T, float>) {
    if (onednn::convolution_weight_gradient(s, grad, x, out, context)) return;
  }
#endif
  const ConvolutionLoops<T>& loops = convolution_loops<T>();
  const int64_t strips = loops.patch_strips(s);
  std::atomic<bool> done{true};
  parallel_for(0, strips, grain(s.batch * s.image_work() / strips), [&](int64_t begin, int64_t end) {
    if (!loops.weight_gradient(s, grad, x, out, begin, end)) done = false;
  });
  if (!done) report_memory(context);
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

void compute_convolution(const ConvolutionGeometry& r, ConstViews in, const View& out, Context& context) {
  if (out.numel() == 0) return;
  with_float_type("convolution", out.dtype, context, [&]<class T>(T) {
    const ConvolutionShape s(r, in[0], in[1], out);
    const T *x = row_major<T>(in[0], context), *w = row_major<T>(in[1], context),
            *bias = in.has(2) ? row_major<T>(in[2], context) : nullptr;
    const RowMajorOutput<T> y(out, context);
    if (context.errors) return;
    convolve(s, x, w, bias, y.data(), context);
    y.finish();
  });
}

void register_convolution_kernels(Registry& registry) {
  registry.add_kernel<Convolution, convolution_kernel>();
  registry.add_kernel<ConvolutionInputGradient, input_gradient_kernel>();
  registry.add_kernel<ConvolutionWeightGradient, weight_gradient_kernel>();
}

}  // namespace tenon::inline v0
