// Products whose results are still in the cache when the activation comes.
#include <tenon/ops/fused.h>

#include <algorithm>

#include <tenon/kernels/cpu/fused.h>
#include <tenon/kernels/cpu/register.h>

namespace tenon::inline v0 {
namespace {

constexpr int64_t kCacheBytes = 512 * 1024;  // what stays in the second cache beside the operands

// Calls compute(x, out) and the activation for `step` of the first dimension at a time.
template <class F>
void in_steps(const ActivationLoop& activate, const View& x, const View& out, int64_t step, Context& context,
              F&& compute) {
  const int64_t n = out.sizes[0];
  int64_t x_sizes[kMaxKernelDims], out_sizes[kMaxKernelDims];
  std::copy(x.sizes, x.sizes + x.ndim, x_sizes);
  std::copy(out.sizes, out.sizes + out.ndim, out_sizes);
  View from = x, to = out;
  from.sizes = x_sizes, to.sizes = out_sizes;
  for (int64_t i = 0; i < n && !context.errors; i += step) {
    x_sizes[0] = out_sizes[0] = std::min(step, n - i);
    from.data = static_cast<char*>(x.data) + i * x.strides[0] * size_of(x.dtype);
    to.data = static_cast<char*>(out.data) + i * out.strides[0] * size_of(out.dtype);
    compute(from, to);
    if (!context.errors) activate(to, context);
  }
}

int64_t steps_of(const View& out, int64_t at_least) {
  const int64_t bytes = std::max<int64_t>(1, out.numel() * size_of(out.dtype) / std::max<int64_t>(1, out.sizes[0]));
  return std::max(at_least, kCacheBytes / bytes);
}

template <class R>
ActivationLoop find_loop(const R& r, Context& context) {
  const ActivationLoop loop = activation_loop(r.activation);
  if (!loop) context.errors.report(ErrorSink::Code::Value, "the activation '%.40s' is unknown", r.activation.c_str());
  return loop;
}

void linear_kernel(const LinearActivation& r, ConstViews in, Views out, Context& context) {
  const ActivationLoop activate = find_loop(r, context);
  if (!activate || out[0].numel() == 0) return;
  const auto compute = [&](const View& x, const View& y) {
    const View operands[] = {x, in[1], in.has(2) ? in[2] : View{}};
    compute_linear(ConstViews{operands, 3}, y, context);
  };
  // Weights are packed once a product: fewer rows than this would do that too often.
  constexpr int64_t kRows = 256;
  if (in[0].ndim == 2 && in[1].ndim == 2)
    return in_steps(activate, in[0], out[0], steps_of(out[0], kRows), context, compute);
  compute(in[0], out[0]);
  if (!context.errors) activate(out[0], context);
}

void convolution_kernel(const ConvolutionActivation& r, ConstViews in, Views out, Context& context) {
  const ActivationLoop activate = find_loop(r, context);
  if (!activate || out[0].numel() == 0) return;
  const auto compute = [&](const View& x, const View& y) {
    const View operands[] = {x, in[1], in.has(2) ? in[2] : View{}};
    compute_convolution(r, ConstViews{operands, 3}, y, context);
  };
  in_steps(activate, in[0], out[0], steps_of(out[0], 1), context, compute);
}

}  // namespace

void register_fused_kernels(Registry& registry) {
  registry.add_kernel<LinearActivation, linear_kernel>();
  registry.add_kernel<ConvolutionActivation, convolution_kernel>();
}

}  // namespace tenon::inline v0
