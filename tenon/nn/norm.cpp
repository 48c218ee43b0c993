#include <tenon/nn/factory.h>
#include <tenon/nn/init.h>
#include <tenon/nn/layers.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0::nn {

BatchNormImpl::BatchNormImpl(int dims, int64_t num_features, const BatchNormOptions& o)
    : dims(dims),
      num_features(num_features),
      eps(o.eps),
      momentum(o.momentum),
      affine(o.affine),
      track_running_stats(o.track_running_stats) {
  weight = affine ? new_parameter({num_features}, o) : Tensor();
  bias = affine ? new_parameter({num_features}, o) : Tensor();
  BatchNormOptions counter = o;
  counter.dtype = DType::Int64;
  running_mean = track_running_stats ? new_tensor({num_features}, o) : Tensor();
  running_var = track_running_stats ? new_tensor({num_features}, o) : Tensor();
  num_batches_tracked = track_running_stats ? new_tensor({}, counter) : Tensor();
  reset_parameters();
}

void BatchNormImpl::reset_running_stats() {
  if (!track_running_stats) return;
  init::zeros_(running_mean);
  init::ones_(running_var);
  init::zeros_(num_batches_tracked);
}

void BatchNormImpl::reset_parameters() {
  reset_running_stats();
  if (!affine) return;
  init::ones_(weight);
  init::zeros_(bias);
}

Tensor BatchNormImpl::forward(Tensor x) {
  const int64_t d = x.dim();
  if (dims == 1) {
    check<ValueError>(d == 2 || d == 3, "expected 2D or 3D input (got ", d, "D input)");
  } else {
    check<ValueError>(d == dims + 2, "expected ", dims + 2, "D input (got ", d, "D input)");
  }
  double factor = momentum.value_or(0);
  if (training && track_running_stats && num_batches_tracked.defined()) {
    NoGrad no_grad;
    num_batches_tracked->add_(1);
    if (!momentum) factor = 1 / num_batches_tracked->scalar().to_double();
  }
  const bool by_batch = training || (!running_mean.defined() && !running_var.defined());
  // Statistics that are not tracked must not move either.
  const bool use_running = !training || track_running_stats;
  static const Tensor none;
  return batch_norm(x, use_running ? running_mean.get() : none, use_running ? running_var.get() : none, weight, bias,
                    by_batch, factor, eps);
}

std::string BatchNormImpl::extra_repr() const {
  return text(num_features, ", eps=", eps, ", momentum=", momentum ? to_text(*momentum) : "None", ", affine=", affine,
              ", track_running_stats=", track_running_stats);
}

LayerNormImpl::LayerNormImpl(const DimsArg& shape, const LayerNormOptions& o)
    : normalized_shape(shape), eps(o.eps), elementwise_affine(o.elementwise_affine) {
  weight = elementwise_affine ? new_parameter(normalized_shape, o) : Tensor();
  bias = elementwise_affine && o.bias ? new_parameter(normalized_shape, o) : Tensor();
  reset_parameters();
}

void LayerNormImpl::reset_parameters() {
  if (!elementwise_affine) return;
  init::ones_(weight);
  if (bias.defined()) init::zeros_(bias);
}

Tensor LayerNormImpl::forward(Tensor x) { return layer_norm(x, normalized_shape, weight, bias, eps); }

std::string LayerNormImpl::extra_repr() const {
  return text(normalized_shape, ", eps=", eps, ", elementwise_affine=", elementwise_affine,
              ", bias=", bias.present && bias.value.defined());
}

DropoutImpl::DropoutImpl(double p, bool inplace) : p(p), inplace(inplace) {
  check<ValueError>(p >= 0 && p <= 1, "dropout probability has to be between 0 and 1, but got ", p);
}
Tensor DropoutImpl::forward(Tensor x) { return dropout(x, p, training, inplace); }
std::string DropoutImpl::extra_repr() const { return text("p=", p, ", inplace=", inplace); }

namespace {

// What PyTorch picks, with a warning, when no dim is given.
int64_t softmax_dim(const OptionalInt& dim, const Tensor& x) {
  if (dim) return *dim;
  return x.dim() == 0 || x.dim() == 1 || x.dim() == 3 ? 0 : 1;
}

}  // namespace

Tensor SoftmaxImpl::forward(Tensor x) { return softmax(x, softmax_dim(dim, x)); }
std::string SoftmaxImpl::extra_repr() const { return "dim=" + (dim ? std::to_string(*dim) : "None"); }
Tensor LogSoftmaxImpl::forward(Tensor x) { return log_softmax(x, softmax_dim(dim, x)); }
std::string LogSoftmaxImpl::extra_repr() const { return "dim=" + (dim ? std::to_string(*dim) : "None"); }

}  // namespace tenon::inline v0::nn
