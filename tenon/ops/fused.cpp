#include <tenon/ops/fused.h>

#include <tenon/core/door.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {

static void check_activation(const char* op, const std::string& activation, DType dtype) {
  check<ValueError>(find_activation(activation) != Activation::None, op, ": '", activation,
                    "' is none of relu, gelu, gelu_tanh, sigmoid, tanh and silu");
  check<DTypeError>(is_floating(dtype), op, ": the input is ", dtype, ", and must be floating");
}

void infer(const LinearActivation& r, Specs in, Spec* out) {
  infer(Linear{}, in, out);
  check_activation(LinearActivation::name, r.activation, out->dtype);
}
void infer(const ConvolutionActivation& r, Specs in, Spec* out) {
  infer(Convolution{r}, in, out);
  check_activation(ConvolutionActivation::name, r.activation, out->dtype);
}

static Tensor activated(const std::string& activation, const Tensor& x) {
  switch (find_activation(activation)) {
    case Activation::Relu:
      return relu(x);
    case Activation::Gelu:
      return gelu(x);
    case Activation::GeluTanh:
      return gelu(x, "tanh");
    case Activation::Sigmoid:
      return sigmoid(x);
    case Activation::Tanh:
      return tanh(x);
    case Activation::Silu:
      return silu(x);
    case Activation::None:
      break;
  }
  fail<ValueError>("activation: '", activation, "' is unknown");
}
static Tensor decompose(const LinearActivation& r, const Tensor& x, const Tensor& weight, const Tensor& bias) {
  return activated(r.activation, linear(x, weight, bias));
}
static Tensor decompose(const ConvolutionActivation& r, const Tensor& x, const Tensor& weight, const Tensor& bias) {
  return activated(r.activation, apply(Convolution{r}, x, weight, bias));
}

void register_fused(Registry& registry) {
  FusedRecords::add_to(registry);
  registry.add_decomposition<LinearActivation>();
  registry.add_decomposition<ConvolutionActivation>();
}

}  // namespace tenon::inline v0
