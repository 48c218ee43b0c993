#include <tenon/core/door.h>
#include <tenon/core/gradients.h>
#include <tenon/ops/creation.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {

static void gradient(const Tril& r, Gradients& g) { g.set(0, apply(Tril{r.diagonal}, g.grad())); }
static void gradient(const Triu& r, Gradients& g) { g.set(0, apply(Triu{r.diagonal}, g.grad())); }

void register_creation_gradients(Registry& registry) {
  registry.add_gradient<Tril>(0);
  registry.add_gradient<Triu>(0);
}

}  // namespace tenon::inline v0
