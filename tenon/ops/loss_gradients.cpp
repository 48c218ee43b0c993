#include <tenon/core/door.h>
#include <tenon/core/gradients.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/loss.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {

static void gradient(const ClassLoss& r, Gradients& g) {
  if (!g.needs(0)) return;
  const Tensor weight = g.has_input(2) ? g.input(2) : Tensor();
  const ClassLossGradient backward{r.is_log, r.ignore_index, r.reduction, r.label_smoothing};
  g.set(0, apply(backward, g.grad(), g.input(0), g.input(1), weight, g.output(1), g.output(2)));
}

// (x - t) / (x (1 - x)), whose denominator PyTorch keeps away from zero.
static void gradient(const BinaryLoss&, Gradients& g) {
  const Tensor x = g.input(0), other = sub(Tensor(1.0), x);
  if (g.needs(0)) g.set(0, div(mul(g.grad(), sub(x, g.input(1))), clamp_min(mul(x, other), Tensor(1e-12))));
  if (g.needs(1))
    g.set(1, mul(g.grad(), sub(clamp_min(log(other), Tensor(-100.0)), clamp_min(log(x), Tensor(-100.0)))));
}

void register_loss_gradients(Registry& registry) {
  registry.add_gradient<ClassLoss>(save_input(0) | save_input(1) | save_input(2) | save_output(1) | save_output(2));
  registry.add_gradient<BinaryLoss>(save_input(0) | save_input(1));
}

}  // namespace tenon::inline v0
