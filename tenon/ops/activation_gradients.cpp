// Gradients of softmax and dropout, from their saved outputs.
#include <tenon/core/gradients.h>
#include <tenon/ops/activation.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {

static void gradient(const Softmax& r, Gradients& g) {
  const Tensor y = g.output(), weighted = mul(g.grad(), y);
  g.set(0, sub(weighted, mul(y, sum(weighted, r.dim, true))));
}
static void gradient(const LogSoftmax& r, Gradients& g) {
  g.set(0, sub(g.grad(), mul(exp(g.output()), sum(g.grad(), r.dim, true))));
}
static void gradient(const DropoutMasked& r, Gradients& g) {
  g.set(0, mul(mul(g.grad(), g.output(1)), Tensor(1 / (1 - r.p))));
}

void register_activation_gradients(Registry& registry) {
  registry.add_gradient<Softmax>(save_output());
  registry.add_gradient<LogSoftmax>(save_output());
  registry.add_gradient<DropoutMasked>(save_output(1));
}

}  // namespace tenon::inline v0
