// Gradients of convolutions and pooling. A convolution is linear in its input and in its weight, and so are
// its gradients: the three primitives are each other's derivatives.
#include <tenon/core/door.h>
#include <tenon/core/gradients.h>
#include <tenon/ops/conv.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {
namespace {

Dims tail(const Shape& shape, size_t skip) { return Dims(shape.begin() + skip, shape.end()); }
Dims spatial_of(const Shape& shape, size_t n) { return tail(shape, shape.size() - n); }

Tensor forward(const ConvolutionGeometry& r, const Tensor& x, const Tensor& w) {
  return apply(Convolution{r}, x, w, Tensor());
}
Tensor input_gradient(const ConvolutionGeometry& r, const Tensor& grad, const Tensor& w, const Shape& input) {
  return apply(ConvolutionInputGradient{r, tail(input, 2)}, grad, w);
}
Tensor weight_gradient(const ConvolutionGeometry& r, const Tensor& grad, const Tensor& x, const Shape& weight) {
  return apply(ConvolutionWeightGradient{r, tail(weight, 2)}, grad, x);
}

}  // namespace

static void gradient(const Convolution& r, Gradients& g) {
  const Tensor& grad = g.grad();
  if (g.needs(0)) g.set(0, input_gradient(r, grad, g.input(1), g.input_spec(0).shape));
  if (g.needs(1)) g.set(1, weight_gradient(r, grad, g.input(0), g.input_spec(1).shape));
  if (g.has_input(2) && g.needs(2)) {
    DimsArg dims{0};
    for (int64_t i = 2; i < grad.dim(); ++i) dims.push_back(i);
    g.set(2, sum(grad, dims));
  }
}
static void gradient(const ConvolutionInputGradient& r, Gradients& g) {
  if (g.needs(0)) g.set(0, forward(r, g.grad(), g.input(1)));
  if (g.needs(1)) g.set(1, weight_gradient(r, g.input(0), g.grad(), g.input_spec(1).shape));
}
static void gradient(const ConvolutionWeightGradient& r, Gradients& g) {
  if (g.needs(0)) g.set(0, forward(r, g.input(1), g.grad()));
  if (g.needs(1)) g.set(1, input_gradient(r, g.input(0), g.grad(), g.input_spec(1).shape));
}

static void gradient(const MaxPool& r, Gradients& g) {
  if (g.grad(0).defined())
    g.set(0, apply(PoolScatter{spatial_of(g.input_spec(0).shape, r.kernel_size.size())}, g.grad(0), g.output(1)));
}
static void gradient(const AdaptiveMaxPool& r, Gradients& g) {
  if (g.grad(0).defined())
    g.set(0, apply(PoolScatter{spatial_of(g.input_spec(0).shape, r.output_size.size())}, g.grad(0), g.output(1)));
}
static void gradient(const PoolScatter& r, Gradients& g) {
  if (g.needs(0)) g.set(0, apply(PoolGather{static_cast<int64_t>(r.sizes.size())}, g.grad(), g.input(1)));
}
static void gradient(const PoolGather& r, Gradients& g) {
  if (g.needs(0))
    g.set(0, apply(PoolScatter{spatial_of(g.input_spec(0).shape, static_cast<size_t>(r.dims))}, g.grad(), g.input(1)));
}

static void gradient(const AvgPool& r, Gradients& g) {
  const Dims sizes = spatial_of(g.input_spec(0).shape, r.kernel_size.size());
  if (g.needs(0)) g.set(0, apply(AvgPoolGradient{r, r.count_include_pad, r.divisor_override, sizes}, g.grad()));
}
static void gradient(const AvgPoolGradient& r, Gradients& g) {
  if (!g.needs(0)) return;
  AvgPool forward{r, r.count_include_pad, r.divisor_override};
  g.set(0, apply(forward, g.grad()));
}
static void gradient(const AdaptiveAvgPool& r, Gradients& g) {
  if (g.needs(0))
    g.set(0, apply(AdaptiveAvgPoolGradient{spatial_of(g.input_spec(0).shape, r.output_size.size())}, g.grad()));
}
static void gradient(const AdaptiveAvgPoolGradient& r, Gradients& g) {
  if (g.needs(0)) g.set(0, apply(AdaptiveAvgPool{spatial_of(g.input_spec(0).shape, r.sizes.size())}, g.grad()));
}

void register_conv_gradients(Registry& registry) {
  constexpr Saves both = save_input(0) | save_input(1);
  registry.add_gradient<Convolution>(both);
  registry.add_gradient<ConvolutionInputGradient>(both);
  registry.add_gradient<ConvolutionWeightGradient>(both);
  registry.add_gradient<MaxPool>(save_output(1));
  registry.add_gradient<AdaptiveMaxPool>(save_output(1));
  registry.add_gradient<PoolScatter>(save_input(1));
  registry.add_gradient<PoolGather>(save_input(1));
  registry.add_gradient<AvgPool>(0);
  registry.add_gradient<AvgPoolGradient>(0);
  registry.add_gradient<AdaptiveAvgPool>(0);
  registry.add_gradient<AdaptiveAvgPoolGradient>(0);
}

}  // namespace tenon::inline v0
