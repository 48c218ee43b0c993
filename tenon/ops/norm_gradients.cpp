// Gradients of the normalisations: fused calls, whose own gradients come from their decompositions.
#include <tenon/core/door.h>
#include <tenon/core/gradients.h>
#include <tenon/ops/norm.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {

static void gradient(const BatchNormTraining& r, Gradients& g) {
  const Tensor weight = g.has_input(3) ? g.input(3) : Tensor();
  auto found = apply_all(BatchNormGradient{r.eps}, g.grad(), g.input(0), weight, g.output(1), g.output(2));
  g.set(0, std::move(found[0]));
  if (g.has_input(3)) g.set(3, std::move(found[1]));
  if (g.has_input(4)) g.set(4, std::move(found[2]));
}

static void gradient(const LayerNorm& r, Gradients& g) {
  const Tensor weight = g.has_input(1) ? g.input(1) : Tensor();
  const auto dims = static_cast<int64_t>(r.normalized_shape.size());
  auto found = apply_all(LayerNormGradient{dims, r.eps}, g.grad(), g.input(0), weight, g.output(1), g.output(2));
  g.set(0, std::move(found[0]));
  if (g.has_input(1)) g.set(1, std::move(found[1]));
  if (g.has_input(2)) g.set(2, std::move(found[2]));
}

void register_norm_gradients(Registry& registry) {
  registry.add_gradient<BatchNormTraining>(save_input(0) | save_input(3) | save_output(1) | save_output(2));
  registry.add_gradient<LayerNorm>(save_input(0) | save_input(1) | save_output(1) | save_output(2));
}

}  // namespace tenon::inline v0
