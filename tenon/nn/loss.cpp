#include <tenon/nn/loss.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0::nn {

CrossEntropyLossImpl::CrossEntropyLossImpl(const CrossEntropyOptions& o)
    : ignore_index(o.ignore_index), label_smoothing(o.label_smoothing) {
  reduction = o.reduction;
  weight = o.weight;
}
Tensor CrossEntropyLossImpl::forward(Tensor input, Tensor target) {
  return cross_entropy(input, target, weight, {}, ignore_index, {}, reduction, label_smoothing);
}

NLLLossImpl::NLLLossImpl(const NLLOptions& o) : ignore_index(o.ignore_index) {
  reduction = o.reduction;
  weight = o.weight;
}
Tensor NLLLossImpl::forward(Tensor input, Tensor target) {
  return nll_loss(input, target, weight, {}, ignore_index, {}, reduction);
}

Tensor MSELossImpl::forward(Tensor input, Tensor target) { return mse_loss(input, target, {}, {}, reduction); }
Tensor L1LossImpl::forward(Tensor input, Tensor target) { return l1_loss(input, target, {}, {}, reduction); }
Tensor SmoothL1LossImpl::forward(Tensor input, Tensor target) {
  return smooth_l1_loss(input, target, {}, {}, reduction, beta);
}

BCELossImpl::BCELossImpl(const BCEOptions& o) {
  reduction = o.reduction;
  weight = o.weight;
}
Tensor BCELossImpl::forward(Tensor input, Tensor target) {
  return binary_cross_entropy(input, target, weight, {}, {}, reduction);
}

BCEWithLogitsLossImpl::BCEWithLogitsLossImpl(const BCEOptions& o) {
  reduction = o.reduction;
  weight = o.weight;
  pos_weight = o.pos_weight;
}
Tensor BCEWithLogitsLossImpl::forward(Tensor input, Tensor target) {
  return binary_cross_entropy_with_logits(input, target, weight, {}, {}, reduction, pos_weight);
}

}  // namespace tenon::inline v0::nn
