// Generated from the op records by tools/generate_functions.cpp (`make generate`); do not edit.
// clang-format off
#include <tenon/core/door.h>
#include <tenon/ops/norm.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0 {

Tensor batch_norm(const Tensor& input, const Tensor& running_mean, const Tensor& running_var, const Tensor& weight, const Tensor& bias, bool training, double momentum, double eps) {
  BatchNorm r;
  r.training = training;
  r.momentum = momentum;
  r.eps = eps;
  return apply(r, input, running_mean, running_var, weight, bias);
}
Tensor _batch_norm_training(const Tensor& input, const Tensor& running_mean, const Tensor& running_var, const Tensor& weight, const Tensor& bias, double momentum, double eps) {
  BatchNormTraining r;
  r.momentum = momentum;
  r.eps = eps;
  return apply(r, input, running_mean, running_var, weight, bias);
}
std::tuple<Tensor, Tensor, Tensor> _batch_norm_gradient(const Tensor& grad, const Tensor& input, const Tensor& weight, const Tensor& mean, const Tensor& invstd, double eps) {
  BatchNormGradient r;
  r.eps = eps;
  auto results = apply_all(r, grad, input, weight, mean, invstd);
  return {std::move(results[0]), std::move(results[1]), std::move(results[2])};
}
Tensor layer_norm(const Tensor& input, const DimsArg& normalized_shape, const Tensor& weight, const Tensor& bias, double eps) {
  LayerNorm r;
  r.normalized_shape = normalized_shape;
  r.eps = eps;
  return apply(r, input, weight, bias);
}
std::tuple<Tensor, Tensor, Tensor> _layer_norm_gradient(const Tensor& grad, const Tensor& input, const Tensor& weight, const Tensor& mean, const Tensor& invstd, int64_t dims, double eps) {
  LayerNormGradient r;
  r.dims = dims;
  r.eps = eps;
  auto results = apply_all(r, grad, input, weight, mean, invstd);
  return {std::move(results[0]), std::move(results[1]), std::move(results[2])};
}
Tensor group_norm(const Tensor& input, int64_t num_groups, const Tensor& weight, const Tensor& bias, double eps) {
  GroupNorm r;
  r.num_groups = num_groups;
  r.eps = eps;
  return apply(r, input, weight, bias);
}
Tensor instance_norm(const Tensor& input, const Tensor& running_mean, const Tensor& running_var, const Tensor& weight, const Tensor& bias, bool use_input_stats, double momentum, double eps) {
  InstanceNorm r;
  r.use_input_stats = use_input_stats;
  r.momentum = momentum;
  r.eps = eps;
  return apply(r, input, running_mean, running_var, weight, bias);
}
Tensor rms_norm(const Tensor& input, const DimsArg& normalized_shape, const Tensor& weight, std::optional<double> eps) {
  RmsNorm r;
  r.normalized_shape = normalized_shape;
  r.eps = eps;
  return apply(r, input, weight);
}

}  // namespace tenon::inline v0
