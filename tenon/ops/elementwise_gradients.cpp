// Gradients of the elementwise ops. `g.set` sums a gradient down to the shape of an input that was broadcast.
#include <tenon/core/door.h>
#include <tenon/core/gradients.h>
#include <tenon/ops/elementwise.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {

static void gradient(const Add& r, Gradients& g) {
  if (g.needs(0)) g.set(0, g.grad());
  if (g.needs(1)) g.set(1, r.alpha == Scalar(1) ? g.grad() : apply(Mul{}, g.grad(), Tensor(r.alpha)));
}

static void gradient(const Mul&, Gradients& g) {
  if (g.needs(0)) g.set(0, apply(Mul{}, g.grad(), g.input(1)));
  if (g.needs(1)) g.set(1, apply(Mul{}, g.grad(), g.input(0)));
}

void register_elementwise_gradients(Registry& registry) {
  registry.add_gradient<Add>(0);
  registry.add_gradient<Mul>(save_input(0) | save_input(1));
}

}  // namespace tenon::inline v0
