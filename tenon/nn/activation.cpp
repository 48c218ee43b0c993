#include <tenon/nn/layers.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0::nn {

Tensor ReLUImpl::forward(Tensor x) { return inplace ? x.relu_() : relu(x); }
Tensor GELUImpl::forward(Tensor x) { return gelu(x, approximate); }
Tensor SigmoidImpl::forward(Tensor x) { return sigmoid(x); }
Tensor TanhImpl::forward(Tensor x) { return tanh(x); }
Tensor SiLUImpl::forward(Tensor x) { return inplace ? x.silu_() : silu(x); }

}  // namespace tenon::inline v0::nn
