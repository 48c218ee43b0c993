// Gradients of the matrix products.
#include <tenon/core/door.h>
#include <tenon/core/gradients.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/matmul.h>
#include <tenon/ops/register.h>
#include <tenon/ops/scaled.h>

namespace tenon::inline v0 {
namespace {

Tensor conjugate(const Tensor& x) {
  check<AutogradError>(!is_complex(x.dtype()), "gradients of products of complex matrices are not implemented");
  return x;
}
Tensor adjoint(const Tensor& x) { return transpose(conjugate(x), -2, -1); }
Dim product(const Dim* begin, const Dim* end) {
  Dim n = 1;
  for (; begin != end; ++begin) n = n * *begin;
  return n;
}
// All dimensions but the last in one (a -1 would be ambiguous without elements).
Tensor as_rows(const Tensor& x) {
  const Shape& s = x.shape();
  return x.dim() == 2 ? x : reshape(x, Dims{product(s.begin(), s.end() - 1), s.back()});
}
// The second to last dimension, and all others in one.
Tensor as_columns(const Tensor& x) {
  const Tensor moved = movedim(x, -2, 0);
  return reshape(moved, Dims{moved.shape()[0], product(moved.shape().begin() + 1, moved.shape().end())});
}

// d(a b) with respect to a, given the gradient of the product; before it is summed over what was broadcast.
Tensor left_gradient(const Tensor& grad, const Spec& a, const Tensor& b) {
  if (b.dim() == 1) return a.dim() == 1 ? mul(grad, conjugate(b)) : mul(unsqueeze(grad, -1), conjugate(b));
  if (a.dim() == 1) return squeeze(matmul(conjugate(b), unsqueeze(grad, -1)), -1);
  // One product over the whole batch rather than a sum of many.
  if (a.dim() == 2 && b.dim() > 2) return matmul(as_columns(grad), adjoint(as_columns(b)));
  return matmul(grad, adjoint(b));
}

Tensor right_gradient(const Tensor& grad, const Tensor& a, const Spec& b) {
  if (a.dim() == 1)
    return b.dim() == 1 ? mul(grad, conjugate(a)) : mul(unsqueeze(conjugate(a), -1), unsqueeze(grad, -2));
  if (b.dim() == 1) return squeeze(matmul(adjoint(a), unsqueeze(grad, -1)), -1);
  if (b.dim() == 2) return matmul(adjoint(as_rows(a)), as_rows(grad));
  return matmul(adjoint(a), grad);
}

void product_gradient(Gradients& g, int left, int right, const Tensor& grad) {
  if (g.needs(left)) g.set(left, left_gradient(grad, g.input_spec(left), g.input(right)));
  if (g.needs(right)) g.set(right, right_gradient(grad, g.input(left), g.input_spec(right)));
}

template <class R>
void added_gradient(const R& r, Gradients& g) {
  if (g.needs(0)) g.set(0, scaled(g.grad(), r.beta));
  if (g.needs(1) || g.needs(2)) product_gradient(g, 1, 2, scaled(g.grad(), r.alpha));
}

}  // namespace

static void gradient(const Matmul&, Gradients& g) { product_gradient(g, 0, 1, g.grad()); }
static void gradient(const Mm&, Gradients& g) { product_gradient(g, 0, 1, g.grad()); }
static void gradient(const Bmm&, Gradients& g) { product_gradient(g, 0, 1, g.grad()); }
static void gradient(const Mv&, Gradients& g) { product_gradient(g, 0, 1, g.grad()); }
static void gradient(const Dot&, Gradients& g) { product_gradient(g, 0, 1, g.grad()); }
static void gradient(const Addmm& r, Gradients& g) { added_gradient(r, g); }
static void gradient(const Baddbmm& r, Gradients& g) { added_gradient(r, g); }
static void gradient(const Addmv& r, Gradients& g) { added_gradient(r, g); }

static void gradient(const Linear&, Gradients& g) {
  const Tensor& grad = g.grad();
  if (g.input_spec(1).dim() == 1) {  // a single output without a dimension of its own
    if (g.needs(0)) g.set(0, mul(unsqueeze(grad, -1), conjugate(g.input(1))));
    if (g.needs(1)) g.set(1, mul(unsqueeze(grad, -1), conjugate(g.input(0))));
  } else {
    if (g.needs(0)) g.set(0, matmul(grad, conjugate(g.input(1))));
    if (g.needs(1) && grad.dim() == 1)
      g.set(1, mul(unsqueeze(grad, 1), conjugate(g.input(0))));
    else if (g.needs(1))
      g.set(1, matmul(transpose(as_rows(grad), 0, 1), as_rows(conjugate(g.input(0)))));
  }
  if (g.has_input(2) && g.needs(2)) g.set(2, grad);
}

void register_matmul_gradients(Registry& registry) {
  constexpr Saves both = save_input(0) | save_input(1), added = save_input(1) | save_input(2);
  registry.add_gradient<Matmul>(both);
  registry.add_gradient<Mm>(both);
  registry.add_gradient<Bmm>(both);
  registry.add_gradient<Mv>(both);
  registry.add_gradient<Dot>(both);
  registry.add_gradient<Linear>(both);
  registry.add_gradient<Addmm>(added);
  registry.add_gradient<Baddbmm>(added);
  registry.add_gradient<Addmv>(added);
}

}  // namespace tenon::inline v0
