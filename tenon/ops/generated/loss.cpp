// Generated from the op records by tools/generate_functions.cpp (`make generate`); do not edit.
// clang-format off
#include <tenon/core/door.h>
#include <tenon/ops/loss.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0 {

Tensor cross_entropy(const Tensor& input, const Tensor& target, const Tensor& weight, std::optional<bool> size_average, int64_t ignore_index, std::optional<bool> reduce, const std::string& reduction, double label_smoothing) {
  CrossEntropy r;
  r.size_average = size_average;
  r.ignore_index = ignore_index;
  r.reduce = reduce;
  r.reduction = reduction;
  r.label_smoothing = label_smoothing;
  return apply(r, input, target, weight);
}
Tensor _class_loss(const Tensor& input, const Tensor& target, const Tensor& weight, bool is_log, int64_t ignore_index, int64_t reduction, double label_smoothing) {
  ClassLoss r;
  r.is_log = is_log;
  r.ignore_index = ignore_index;
  r.reduction = reduction;
  r.label_smoothing = label_smoothing;
  return apply(r, input, target, weight);
}
Tensor _class_loss_gradient(const Tensor& grad, const Tensor& input, const Tensor& target, const Tensor& weight, const Tensor& log_probabilities, const Tensor& total_weight, bool is_log, int64_t ignore_index, int64_t reduction, double label_smoothing) {
  ClassLossGradient r;
  r.is_log = is_log;
  r.ignore_index = ignore_index;
  r.reduction = reduction;
  r.label_smoothing = label_smoothing;
  return apply(r, grad, input, target, weight, log_probabilities, total_weight);
}
Tensor nll_loss(const Tensor& input, const Tensor& target, const Tensor& weight, std::optional<bool> size_average, int64_t ignore_index, std::optional<bool> reduce, const std::string& reduction) {
  NllLoss r;
  r.size_average = size_average;
  r.ignore_index = ignore_index;
  r.reduce = reduce;
  r.reduction = reduction;
  return apply(r, input, target, weight);
}
Tensor binary_cross_entropy(const Tensor& input, const Tensor& target, const Tensor& weight, std::optional<bool> size_average, std::optional<bool> reduce, const std::string& reduction) {
  BinaryCrossEntropy r;
  r.size_average = size_average;
  r.reduce = reduce;
  r.reduction = reduction;
  return apply(r, input, target, weight);
}
Tensor _binary_loss(const Tensor& input, const Tensor& target) {
  return apply(BinaryLoss{}, input, target);
}
Tensor binary_cross_entropy_with_logits(const Tensor& input, const Tensor& target, const Tensor& weight, std::optional<bool> size_average, std::optional<bool> reduce, const std::string& reduction, const Tensor& pos_weight) {
  BinaryCrossEntropyWithLogits r;
  r.size_average = size_average;
  r.reduce = reduce;
  r.reduction = reduction;
  return apply(r, input, target, weight, pos_weight);
}
Tensor mse_loss(const Tensor& input, const Tensor& target, std::optional<bool> size_average, std::optional<bool> reduce, const std::string& reduction, const Tensor& weight) {
  MseLoss r;
  r.size_average = size_average;
  r.reduce = reduce;
  r.reduction = reduction;
  return apply(r, input, target, weight);
}
Tensor l1_loss(const Tensor& input, const Tensor& target, std::optional<bool> size_average, std::optional<bool> reduce, const std::string& reduction, const Tensor& weight) {
  L1Loss r;
  r.size_average = size_average;
  r.reduce = reduce;
  r.reduction = reduction;
  return apply(r, input, target, weight);
}
Tensor smooth_l1_loss(const Tensor& input, const Tensor& target, std::optional<bool> size_average, std::optional<bool> reduce, const std::string& reduction, double beta) {
  SmoothL1Loss r;
  r.size_average = size_average;
  r.reduce = reduce;
  r.reduction = reduction;
  r.beta = beta;
  return apply(r, input, target);
}
Tensor huber_loss(const Tensor& input, const Tensor& target, const std::string& reduction, double delta, const Tensor& weight) {
  HuberLoss r;
  r.reduction = reduction;
  r.delta = delta;
  return apply(r, input, target, weight);
}
Tensor kl_div(const Tensor& input, const Tensor& target, std::optional<bool> size_average, std::optional<bool> reduce, const std::string& reduction, bool log_target) {
  KlDiv r;
  r.size_average = size_average;
  r.reduce = reduce;
  r.reduction = reduction;
  r.log_target = log_target;
  return apply(r, input, target);
}

}  // namespace tenon::inline v0
