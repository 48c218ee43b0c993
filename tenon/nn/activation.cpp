#include <tenon/nn/layers.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0::nn {

Tensor ReLUImpl::forward(Tensor x) { return inplace ? x.relu_() : relu(x); }
Tensor GELUImpl::forward(Tensor x) { return gelu(x, approximate); }
Tensor SigmoidImpl::forward(Tensor x) { return sigmoid(x); }
Tensor TanhImpl::forward(Tensor x) { return tanh(x); }
Tensor SiLUImpl::forward(Tensor x) { return inplace ? x.silu_() : silu(x); }

Tensor LeakyReLUImpl::forward(Tensor x) {
  return inplace ? x.leaky_relu_(negative_slope) : leaky_relu(x, negative_slope);
}
std::string LeakyReLUImpl::extra_repr() const {
  return text("negative_slope=", negative_slope, inplace ? ", inplace=True" : "");
}

}  // namespace tenon::inline v0::nn
