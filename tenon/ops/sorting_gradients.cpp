// Gradients of what picks elements: each value's gradient goes back to where the value was.
#include <tenon/core/gradients.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/register.h>
#include <tenon/ops/sorting.h>

namespace tenon::inline v0 {

static void gradient_to_places(int64_t dim, Gradients& g) {
  if (!g.needs(0) || !g.grad().defined()) return;
  const Spec& in = g.input_spec(0);
  if (in.dim() == 0) return g.set(0, g.grad().dim() == 0 ? g.grad() : sum(g.grad()));
  g.set(0, scatter_add(zeros(Dims(in.shape), g.grad().dtype(), in.device), dim, g.output(1), g.grad()));
}

static void gradient(const Sort& r, Gradients& g) { gradient_to_places(r.dim, g); }
static void gradient(const Topk& r, Gradients& g) { gradient_to_places(r.dim, g); }

void register_sorting_gradients(Registry& registry) {
  registry.add_gradient<Sort>(save_output(1));
  registry.add_gradient<Topk>(save_output(1));
}

}  // namespace tenon::inline v0
