// Generated from the op records by tools/generate_functions.cpp (`make generate`); do not edit.
// clang-format off
#include <tenon/core/door.h>
#include <tenon/ops/conv.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0 {

Tensor _convolution(const Tensor& input, const Tensor& weight, const Tensor& bias, const DimsArg& stride, const DimsArg& padding, const DimsArg& padding_end, const DimsArg& dilation, int64_t groups) {
  Convolution r;
  r.stride = stride;
  r.padding = padding;
  r.padding_end = padding_end;
  r.dilation = dilation;
  r.groups = groups;
  return apply(r, input, weight, bias);
}
Tensor _convolution_input_gradient(const Tensor& grad, const Tensor& weight, const DimsArg& sizes, const DimsArg& stride, const DimsArg& padding, const DimsArg& padding_end, const DimsArg& dilation, int64_t groups) {
  ConvolutionInputGradient r;
  r.sizes = sizes;
  r.stride = stride;
  r.padding = padding;
  r.padding_end = padding_end;
  r.dilation = dilation;
  r.groups = groups;
  return apply(r, grad, weight);
}
Tensor _convolution_weight_gradient(const Tensor& grad, const Tensor& input, const DimsArg& sizes, const DimsArg& stride, const DimsArg& padding, const DimsArg& padding_end, const DimsArg& dilation, int64_t groups) {
  ConvolutionWeightGradient r;
  r.sizes = sizes;
  r.stride = stride;
  r.padding = padding;
  r.padding_end = padding_end;
  r.dilation = dilation;
  r.groups = groups;
  return apply(r, grad, input);
}
Tensor conv1d(const Tensor& input, const Tensor& weight, const Tensor& bias, const DimsArg& stride, const DimsArg& padding, const DimsArg& dilation, int64_t groups) {
  Conv<1> r;
  r.stride = stride.broadcast(1);
  r.padding = padding.broadcast(1);
  r.dilation = dilation.broadcast(1);
  r.groups = groups;
  return apply(r, input, weight, bias);
}
Tensor conv2d(const Tensor& input, const Tensor& weight, const Tensor& bias, const DimsArg& stride, const DimsArg& padding, const DimsArg& dilation, int64_t groups) {
  Conv<2> r;
  r.stride = stride.broadcast(2);
  r.padding = padding.broadcast(2);
  r.dilation = dilation.broadcast(2);
  r.groups = groups;
  return apply(r, input, weight, bias);
}
Tensor conv3d(const Tensor& input, const Tensor& weight, const Tensor& bias, const DimsArg& stride, const DimsArg& padding, const DimsArg& dilation, int64_t groups) {
  Conv<3> r;
  r.stride = stride.broadcast(3);
  r.padding = padding.broadcast(3);
  r.dilation = dilation.broadcast(3);
  r.groups = groups;
  return apply(r, input, weight, bias);
}
Tensor conv1d(const Tensor& input, const Tensor& weight, const Tensor& bias, const DimsArg& stride, const std::string& padding, const DimsArg& dilation, int64_t groups) {
  ConvPadding<1> r;
  r.stride = stride.broadcast(1);
  r.padding = padding;
  r.dilation = dilation.broadcast(1);
  r.groups = groups;
  return apply(r, input, weight, bias);
}
Tensor conv2d(const Tensor& input, const Tensor& weight, const Tensor& bias, const DimsArg& stride, const std::string& padding, const DimsArg& dilation, int64_t groups) {
  ConvPadding<2> r;
  r.stride = stride.broadcast(2);
  r.padding = padding;
  r.dilation = dilation.broadcast(2);
  r.groups = groups;
  return apply(r, input, weight, bias);
}
Tensor conv3d(const Tensor& input, const Tensor& weight, const Tensor& bias, const DimsArg& stride, const std::string& padding, const DimsArg& dilation, int64_t groups) {
  ConvPadding<3> r;
  r.stride = stride.broadcast(3);
  r.padding = padding;
  r.dilation = dilation.broadcast(3);
  r.groups = groups;
  return apply(r, input, weight, bias);
}
Tensor conv_transpose1d(const Tensor& input, const Tensor& weight, const Tensor& bias, const DimsArg& stride, const DimsArg& padding, const DimsArg& output_padding, int64_t groups, const DimsArg& dilation) {
  ConvTranspose<1> r;
  r.stride = stride.broadcast(1);
  r.padding = padding.broadcast(1);
  r.output_padding = output_padding.broadcast(1);
  r.groups = groups;
  r.dilation = dilation.broadcast(1);
  return apply(r, input, weight, bias);
}
Tensor conv_transpose2d(const Tensor& input, const Tensor& weight, const Tensor& bias, const DimsArg& stride, const DimsArg& padding, const DimsArg& output_padding, int64_t groups, const DimsArg& dilation) {
  ConvTranspose<2> r;
  r.stride = stride.broadcast(2);
  r.padding = padding.broadcast(2);
  r.output_padding = output_padding.broadcast(2);
  r.groups = groups;
  r.dilation = dilation.broadcast(2);
  return apply(r, input, weight, bias);
}
Tensor conv_transpose3d(const Tensor& input, const Tensor& weight, const Tensor& bias, const DimsArg& stride, const DimsArg& padding, const DimsArg& output_padding, int64_t groups, const DimsArg& dilation) {
  ConvTranspose<3> r;
  r.stride = stride.broadcast(3);
  r.padding = padding.broadcast(3);
  r.output_padding = output_padding.broadcast(3);
  r.groups = groups;
  r.dilation = dilation.broadcast(3);
  return apply(r, input, weight, bias);
}
std::tuple<Tensor, Tensor> _max_pool(const Tensor& input, const DimsArg& kernel_size, const DimsArg& stride, const DimsArg& padding, const DimsArg& dilation, bool ceil_mode) {
  MaxPool r;
  r.kernel_size = kernel_size;
  r.stride = stride;
  r.padding = padding;
  r.dilation = dilation;
  r.ceil_mode = ceil_mode;
  auto results = apply_all(r, input);
  return {std::move(results[0]), std::move(results[1])};
}
std::tuple<Tensor, Tensor> _adaptive_max_pool(const Tensor& input, const DimsArg& output_size) {
  AdaptiveMaxPool r;
  r.output_size = output_size;
  auto results = apply_all(r, input);
  return {std::move(results[0]), std::move(results[1])};
}
Tensor _pool_scatter(const Tensor& input, const Tensor& indices, const DimsArg& sizes) {
  PoolScatter r;
  r.sizes = sizes;
  return apply(r, input, indices);
}
Tensor _pool_gather(const Tensor& input, const Tensor& indices, int64_t dims) {
  PoolGather r;
  r.dims = dims;
  return apply(r, input, indices);
}
Tensor _avg_pool(const Tensor& input, const DimsArg& kernel_size, const DimsArg& stride, const DimsArg& padding, bool ceil_mode, bool count_include_pad, std::optional<int64_t> divisor_override) {
  AvgPool r;
  r.kernel_size = kernel_size;
  r.stride = stride;
  r.padding = padding;
  r.ceil_mode = ceil_mode;
  r.count_include_pad = count_include_pad;
  r.divisor_override = divisor_override;
  return apply(r, input);
}
Tensor _avg_pool_gradient(const Tensor& grad, const DimsArg& sizes, const DimsArg& kernel_size, const DimsArg& stride, const DimsArg& padding, bool ceil_mode, bool count_include_pad, std::optional<int64_t> divisor_override) {
  AvgPoolGradient r;
  r.sizes = sizes;
  r.kernel_size = kernel_size;
  r.stride = stride;
  r.padding = padding;
  r.ceil_mode = ceil_mode;
  r.count_include_pad = count_include_pad;
  r.divisor_override = divisor_override;
  return apply(r, grad);
}
Tensor _adaptive_avg_pool(const Tensor& input, const DimsArg& output_size) {
  AdaptiveAvgPool r;
  r.output_size = output_size;
  return apply(r, input);
}
Tensor _adaptive_avg_pool_gradient(const Tensor& grad, const DimsArg& sizes) {
  AdaptiveAvgPoolGradient r;
  r.sizes = sizes;
  return apply(r, grad);
}
Tensor max_pool1d(const Tensor& input, const DimsArg& kernel_size, const std::optional<DimsArg>& stride, const DimsArg& padding, const DimsArg& dilation, bool ceil_mode) {
  MaxPoolNd<1> r;
  r.kernel_size = kernel_size.broadcast(1);
  if (stride) r.stride = stride->broadcast(1);
  r.padding = padding.broadcast(1);
  r.dilation = dilation.broadcast(1);
  r.ceil_mode = ceil_mode;
  return apply(r, input);
}
Tensor max_pool2d(const Tensor& input, const DimsArg& kernel_size, const std::optional<DimsArg>& stride, const DimsArg& padding, const DimsArg& dilation, bool ceil_mode) {
  MaxPoolNd<2> r;
  r.kernel_size = kernel_size.broadcast(2);
  if (stride) r.stride = stride->broadcast(2);
  r.padding = padding.broadcast(2);
  r.dilation = dilation.broadcast(2);
  r.ceil_mode = ceil_mode;
  return apply(r, input);
}
Tensor max_pool3d(const Tensor& input, const DimsArg& kernel_size, const std::optional<DimsArg>& stride, const DimsArg& padding, const DimsArg& dilation, bool ceil_mode) {
  MaxPoolNd<3> r;
  r.kernel_size = kernel_size.broadcast(3);
  if (stride) r.stride = stride->broadcast(3);
  r.padding = padding.broadcast(3);
  r.dilation = dilation.broadcast(3);
  r.ceil_mode = ceil_mode;
  return apply(r, input);
}
std::tuple<Tensor, Tensor> max_pool1d_with_indices(const Tensor& input, const DimsArg& kernel_size, const std::optional<DimsArg>& stride, const DimsArg& padding, const DimsArg& dilation, bool ceil_mode) {
  MaxPoolIndices<1> r;
  r.kernel_size = kernel_size.broadcast(1);
  if (stride) r.stride = stride->broadcast(1);
  r.padding = padding.broadcast(1);
  r.dilation = dilation.broadcast(1);
  r.ceil_mode = ceil_mode;
  auto results = apply_all(r, input);
  return {std::move(results[0]), std::move(results[1])};
}
std::tuple<Tensor, Tensor> max_pool2d_with_indices(const Tensor& input, const DimsArg& kernel_size, const std::optional<DimsArg>& stride, const DimsArg& padding, const DimsArg& dilation, bool ceil_mode) {
  MaxPoolIndices<2> r;
  r.kernel_size = kernel_size.broadcast(2);
  if (stride) r.stride = stride->broadcast(2);
  r.padding = padding.broadcast(2);
  r.dilation = dilation.broadcast(2);
  r.ceil_mode = ceil_mode;
  auto results = apply_all(r, input);
  return {std::move(results[0]), std::move(results[1])};
}
std::tuple<Tensor, Tensor> max_pool3d_with_indices(const Tensor& input, const DimsArg& kernel_size, const std::optional<DimsArg>& stride, const DimsArg& padding, const DimsArg& dilation, bool ceil_mode) {
  MaxPoolIndices<3> r;
  r.kernel_size = kernel_size.broadcast(3);
  if (stride) r.stride = stride->broadcast(3);
  r.padding = padding.broadcast(3);
  r.dilation = dilation.broadcast(3);
  r.ceil_mode = ceil_mode;
  auto results = apply_all(r, input);
  return {std::move(results[0]), std::move(results[1])};
}
Tensor avg_pool1d(const Tensor& input, const DimsArg& kernel_size, const std::optional<DimsArg>& stride, const DimsArg& padding, bool ceil_mode, bool count_include_pad, std::optional<int64_t> divisor_override) {
  AvgPoolNd<1> r;
  r.kernel_size = kernel_size.broadcast(1);
  if (stride) r.stride = stride->broadcast(1);
  r.padding = padding.broadcast(1);
  r.ceil_mode = ceil_mode;
  r.count_include_pad = count_include_pad;
  r.divisor_override = divisor_override;
  return apply(r, input);
}
Tensor avg_pool2d(const Tensor& input, const DimsArg& kernel_size, const std::optional<DimsArg>& stride, const DimsArg& padding, bool ceil_mode, bool count_include_pad, std::optional<int64_t> divisor_override) {
  AvgPoolNd<2> r;
  r.kernel_size = kernel_size.broadcast(2);
  if (stride) r.stride = stride->broadcast(2);
  r.padding = padding.broadcast(2);
  r.ceil_mode = ceil_mode;
  r.count_include_pad = count_include_pad;
  r.divisor_override = divisor_override;
  return apply(r, input);
}
Tensor avg_pool3d(const Tensor& input, const DimsArg& kernel_size, const std::optional<DimsArg>& stride, const DimsArg& padding, bool ceil_mode, bool count_include_pad, std::optional<int64_t> divisor_override) {
  AvgPoolNd<3> r;
  r.kernel_size = kernel_size.broadcast(3);
  if (stride) r.stride = stride->broadcast(3);
  r.padding = padding.broadcast(3);
  r.ceil_mode = ceil_mode;
  r.count_include_pad = count_include_pad;
  r.divisor_override = divisor_override;
  return apply(r, input);
}
Tensor adaptive_avg_pool1d(const Tensor& input, const DimsArg& output_size) {
  AdaptiveAvgPoolNd<1> r;
  r.output_size = output_size.broadcast(1);
  return apply(r, input);
}
Tensor adaptive_avg_pool2d(const Tensor& input, const DimsArg& output_size) {
  AdaptiveAvgPoolNd<2> r;
  r.output_size = output_size.broadcast(2);
  return apply(r, input);
}
Tensor adaptive_avg_pool3d(const Tensor& input, const DimsArg& output_size) {
  AdaptiveAvgPoolNd<3> r;
  r.output_size = output_size.broadcast(3);
  return apply(r, input);
}
Tensor adaptive_max_pool1d(const Tensor& input, const DimsArg& output_size) {
  AdaptiveMaxPoolNd<1> r;
  r.output_size = output_size.broadcast(1);
  return apply(r, input);
}
Tensor adaptive_max_pool2d(const Tensor& input, const DimsArg& output_size) {
  AdaptiveMaxPoolNd<2> r;
  r.output_size = output_size.broadcast(2);
  return apply(r, input);
}
Tensor adaptive_max_pool3d(const Tensor& input, const DimsArg& output_size) {
  AdaptiveMaxPoolNd<3> r;
  r.output_size = output_size.broadcast(3);
  return apply(r, input);
}

}  // namespace tenon::inline v0
