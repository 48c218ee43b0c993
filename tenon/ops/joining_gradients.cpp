#include <tenon/core/door.h>
#include <tenon/core/gradients.h>
#include <tenon/core/rules.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/joining.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {

// Each input's part of the gradient; an empty (0,) that was skipped keeps its own shape.
static void gradient(const Cat& r, Gradients& g) {
  const int64_t ndim = g.grad().dim(), dim = wrap_dim("cat", r.dim, ndim);
  Dim start = 0;
  for (int i = 0; i < g.input_count(); ++i) {
    const Shape& shape = g.input_spec(i).shape;
    if (shape.size() == 1 && shape[0] == Dim(0)) {
      if (g.needs(i)) g.set(i, reshape(narrow(g.grad(), dim, 0, 0), shape));
      continue;
    }
    const Dim length = shape[static_cast<size_t>(dim)];
    if (g.needs(i)) g.set(i, narrow(g.grad(), dim, start, length));
    start = start + length;
  }
}
static void gradient(const Stack& r, Gradients& g) {
  for (int i = 0; i < g.input_count(); ++i) {
    if (g.needs(i)) g.set(i, select(g.grad(), r.dim, i));
  }
}
static void gradient(const Flip& r, Gradients& g) { g.set(0, flip(g.grad(), r.dims)); }
static void gradient(const Tril& r, Gradients& g) { g.set(0, tril(g.grad(), r.diagonal)); }
static void gradient(const Triu& r, Gradients& g) { g.set(0, triu(g.grad(), r.diagonal)); }
static void gradient(const ConstantPad& r, Gradients& g) {
  Dims back = r.pad;
  for (Dim& d : back) d = Dim(0) - d;
  g.set(0, constant_pad_nd(g.grad(), back, 0));
}

void register_joining_gradients(Registry& registry) {
  registry.add_gradient<Cat>(0);
  registry.add_gradient<Stack>(0);
  registry.add_gradient<Flip>(0);
  registry.add_gradient<Tril>(0);
  registry.add_gradient<Triu>(0);
  registry.add_gradient<ConstantPad>(0);
}

}  // namespace tenon::inline v0
