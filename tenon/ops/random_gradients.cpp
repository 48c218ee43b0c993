#include <tenon/core/door.h>
#include <tenon/core/gradients.h>
#include <tenon/ops/random.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {

// Whether a draw came out 0 or 1 does not depend smoothly on its probability: zero, as PyTorch has it.
static void gradient(const Bernoulli&, Gradients& g) { g.set(0, apply(ZerosLike{}, g.grad())); }

void register_random_gradients(Registry& registry) { registry.add_gradient<Bernoulli>(0); }

}  // namespace tenon::inline v0
