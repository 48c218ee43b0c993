// Gradients of the reductions: what a result depends on gets its share of the result's gradient.
#include <cmath>
#include <limits>

#include <tenon/core/door.h>
#include <tenon/core/gradients.h>
#include <tenon/core/rules.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/reduction.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {

namespace {

Dims reduced_dims(const char* op, const std::optional<Dims>& dim, const Gradients& g) {
  return normalize_dims(op, dim.value_or(Dims{}), g.input_spec(0).dim());
}

// A result as the reduction would have given it with keepdim. One number broadcasts as it is.
Tensor kept(const Tensor& result, const Dims& dims, bool keepdim, const Gradients& g) {
  const Shape& in = g.input_spec(0).shape;
  if (keepdim || in.empty() || result.dim() == 0) return result;
  return reshape(result, Dims(reduced_shape(in, dims, true)));
}
Tensor spread(const Tensor& kept_gradient, const Gradients& g) {
  return expand(kept_gradient, Dims(g.input_spec(0).shape));
}

int64_t count_of(const Dims& dims, const Gradients& g) {
  int64_t n = 1;
  for (Dim d : dims) n *= g.input_spec(0).shape[static_cast<size_t>(d.value())].value();
  return n;
}

Tensor as(const Tensor& mask, const Tensor& like) { return to(mask, like.dtype()); }

// The gradient of an extreme value, shared evenly among the elements that hold it.
void extreme_gradient(const Dims& dims, bool keepdim, Gradients& g) {
  const Tensor x = g.input(0), best = kept(g.output(), dims, keepdim, g), grad = kept(g.grad(), dims, keepdim, g);
  // NaN equals nothing, and is the extreme where there is one.
  const Tensor held = as(logical_or(eq(x, best), logical_and(isnan(x), isnan(best))), grad);
  g.set(0, mul(held, div(grad, sum(held, dims, true))));
}

}  // namespace

static void gradient(const Sum& r, Gradients& g) {
  if (g.needs(0)) g.set(0, spread(kept(g.grad(), reduced_dims("sum", r.dim, g), r.keepdim, g), g));
}
static void gradient(const Nansum& r, Gradients& g) {
  if (!g.needs(0)) return;
  const Tensor grad = spread(kept(g.grad(), reduced_dims("nansum", r.dim, g), r.keepdim, g), g);
  g.set(0, masked_fill(grad, isnan(g.input(0)), 0));
}
static void gradient(const Mean& r, Gradients& g) {
  if (!g.needs(0)) return;
  const Dims dims = reduced_dims("mean", r.dim, g);
  const double n = static_cast<double>(count_of(dims, g));
  g.set(0, spread(kept(div(g.grad(), n), dims, r.keepdim, g), g));
}

// Products of all other elements, by running products from both sides: right also where zeros are.
static void gradient(const Prod& r, Gradients& g) {
  if (!g.needs(0)) return;
  Tensor x = g.input(0);
  if (x.dtype() != g.grad().dtype()) x = to(x, g.grad().dtype());
  const Shape shape = x.shape();
  const bool all = !r.dim || x.dim() == 0;
  const int64_t dim = all ? 0 : wrap_dim("prod", *r.dim, x.dim());
  if (x.numel() == 0) return g.set(0, zeros_like(x));
  if (all) x = reshape(x, Dims{-1});
  const Tensor grad = all || r.keepdim ? g.grad() : unsqueeze(g.grad(), dim);
  const Tensor one = ones_like(narrow(x, dim, 0, 1));
  const int64_t n = x.size(dim);
  const auto before = [&](const Tensor& t) { return cumprod(cat({one, narrow(t, dim, 0, n - 1)}, dim), dim); };
  const Tensor others = mul(before(x), flip(before(flip(x, Dims{dim})), Dims{dim}));
  const Tensor result = mul(all ? reshape(grad, Dims{1}) : grad, others);
  g.set(0, all ? reshape(result, Dims(shape)) : result);
}

static void gradient(const Max&, Gradients& g) {
  if (g.needs(0)) extreme_gradient(reduced_dims("max", std::optional<Dims>(), g), false, g);
}
static void gradient(const Min&, Gradients& g) {
  if (g.needs(0)) extreme_gradient(reduced_dims("min", std::optional<Dims>(), g), false, g);
}
static void gradient(const Amax& r, Gradients& g) {
  if (g.needs(0)) extreme_gradient(reduced_dims("amax", std::optional<Dims>(r.dim), g), r.keepdim, g);
}
static void gradient(const Amin& r, Gradients& g) {
  if (g.needs(0)) extreme_gradient(reduced_dims("amin", std::optional<Dims>(r.dim), g), r.keepdim, g);
}

// To the element that was picked.
static void picked_gradient(int64_t dim, bool keepdim, Gradients& g) {
  if (!g.needs(0) || !g.grad().defined()) return;
  const Spec& in = g.input_spec(0);
  if (in.dim() == 0) return g.set(0, g.grad());
  dim = wrap_dim("max", dim, in.dim());
  const Tensor index = keepdim ? g.output(1) : unsqueeze(g.output(1), dim);
  const Tensor grad = keepdim ? g.grad() : unsqueeze(g.grad(), dim);
  g.set(0, scatter_add(zeros(Dims(in.shape), grad.dtype(), in.device), dim, index, grad));
}
static void gradient(const MaxDim& r, Gradients& g) { picked_gradient(r.dim, r.keepdim, g); }
static void gradient(const MinDim& r, Gradients& g) { picked_gradient(r.dim, r.keepdim, g); }

// d var / dx = 2 (x - mean) / (n - correction).
static Tensor var_gradient(const VarOp& r, const Dims& dims, const Tensor& grad, const Gradients& g) {
  const Tensor x = g.input(0);
  const double free = static_cast<double>(count_of(dims, g)) - (r.correction ? r.correction->to_double() : 1);
  return mul(mul(grad, 2.0 / (free > 0 ? free : 0.0)), sub(x, mean(x, dims, true)));
}
static void gradient(const Var& r, Gradients& g) {
  if (!g.needs(0)) return;
  const Dims dims = reduced_dims("var", r.dim, g);
  g.set(0, var_gradient(r, dims, kept(g.grad(), dims, r.keepdim, g), g));
}
static void gradient(const Std& r, Gradients& g) {
  if (!g.needs(0)) return;
  const Dims dims = reduced_dims("std", r.dim, g);
  const Tensor result = kept(g.output(), dims, r.keepdim, g);
  // Without spread there is no slope either way: zero, as in PyTorch.
  const Tensor grad = masked_fill(div(kept(g.grad(), dims, r.keepdim, g), mul(result, 2)), eq(result, 0), 0);
  g.set(0, var_gradient(r, dims, grad, g));
}

// sign(x) (|x| / norm)^(p-1); zero where the norm is zero, and for p < 1 where x is.
static void gradient(const VectorNorm& r, Gradients& g) {
  if (!g.needs(0)) return;
  const double p = r.ord.to_double();
  Tensor x = g.input(0);
  if (x.dtype() != g.grad().dtype()) x = to(x, g.grad().dtype());
  const Dims dims = reduced_dims("linalg.vector_norm", r.dim, g);
  const Tensor grad = kept(g.grad(), dims, r.keepdim, g);
  if (p == 0) return g.set(0, zeros_like(x));
  if (p == 1) return g.set(0, mul(grad, sign(x)));
  const Tensor norm = kept(g.output(), dims, r.keepdim, g);
  if (p == 2) return g.set(0, mul(x, masked_fill(div(grad, norm), eq(norm, 0), 0)));
  const Tensor size = abs(x);
  if (std::isinf(p)) {
    const Tensor held = as(logical_or(eq(size, norm), logical_and(isnan(x), isnan(norm))), grad);
    return g.set(0, mul(mul(sign(x), held), div(grad, sum(held, dims, true))));
  }
  const Tensor zero = eq(p < 1 ? size : norm, 0);
  const Tensor slope = mul(pow(div(masked_fill(size, eq(size, 0), 1), norm), p - 1), sign(x));
  g.set(0, mul(grad, masked_fill(slope, zero, 0)));
}

// ---- along a dim -----------------------------------------------------------------------------------------

static Tensor reverse_cumsum(const Tensor& x, int64_t dim) {
  if (x.dim() == 0) return x;
  return flip(cumsum(flip(x, Dims{dim}), dim), Dims{dim});
}

static void gradient(const Cumsum& r, Gradients& g) {
  if (g.needs(0)) g.set(0, reverse_cumsum(g.grad(), r.dim));
}

// With the n x n products of all but x_k: unlike the rule below, differentiable where x is zero.
static Tensor exact_cumprod_gradient(const Tensor& x, const Tensor& grad, int64_t dim) {
  const Tensor rows = unsqueeze(transpose(x, dim, -1), -2), grads = unsqueeze(transpose(grad, dim, -1), -2);
  const int64_t n = x.size(dim);
  Shape square = rows.shape();
  square[square.size() - 2] = n;
  const Tensor i = arange(n, DType::Int64, x.device()), k = unsqueeze(i, -1);
  const Tensor others = cumprod(masked_fill(expand(rows, Dims(square)), eq(i, k), 1), -1);
  return transpose(sum(mul(masked_fill(others, lt(i, k), 0), grads), -1), dim, -1);
}

// dx_k = sum over i >= k of grad_i * y_i / x_k. From the first zero on, that quotient is the product of all
// but x_k, found with the zero replaced by one; from the second zero on, everything is zero.
static void gradient(const Cumprod& r, Gradients& g) {
  if (!g.needs(0)) return;
  Tensor x = g.input(0);
  if (x.dtype() != g.grad().dtype()) x = to(x, g.grad().dtype());
  if (x.dim() == 0) return g.set(0, g.grad());
  if (x.numel() == 0) return g.set(0, zeros_like(x));
  if ((modes.recorders & bit(Observer::Tape)) != 0 && x.requires_grad())
    return g.set(0, exact_cumprod_gradient(x, g.grad(), r.dim));
  const Tensor zero = eq(x, 0), zeros_so_far = cumsum(zero, r.dim);
  const Tensor first = logical_and(zero, eq(zeros_so_far, 1));
  const Tensor plain = masked_fill(x, zero, 1);  // without zeros, safe to divide by
  const Tensor products = cumprod(plain, r.dim), grad = g.grad();
  const Tensor before = masked_fill(mul(grad, products), ne(zeros_so_far, 0), 0);
  const Tensor between = masked_fill(mul(grad, products), ne(zeros_so_far, 1), 0);
  const Tensor others = masked_fill(div(reverse_cumsum(before, r.dim), plain), ne(zeros_so_far, 0), 0);
  g.set(0, add(others, masked_fill(reverse_cumsum(between, r.dim), logical_not(first), 0)));
}

// dx_k = exp(x_k) * sum over i >= k of grad_i exp(-y_i), with the largest kept out of the exponents.
static void gradient(const Logcumsumexp& r, Gradients& g) {
  if (!g.needs(0)) return;
  const Tensor x = g.input(0), y = g.output(), grad = g.grad();
  if (x.dim() == 0 || x.numel() == 0) return g.set(0, mul(grad, 1));
  const auto part = [&](const Tensor& signed_grad) {
    const Tensor absent = le(signed_grad, 0), size = log(masked_fill(signed_grad, absent, 1));
    const Tensor logs = masked_fill(sub(size, y), absent, -std::numeric_limits<double>::infinity());
    return exp(add(flip(logcumsumexp(flip(logs, Dims{r.dim}), r.dim), Dims{r.dim}), x));
  };
  g.set(0, sub(part(grad), part(neg(grad))));
}

// Each output's gradient to the element it shows.
static void running_gradient(int64_t dim, Gradients& g) {
  if (!g.needs(0) || !g.grad().defined()) return;
  const Spec& in = g.input_spec(0);
  if (in.dim() == 0) return g.set(0, g.grad());
  g.set(0, scatter_add(zeros(Dims(in.shape), g.grad().dtype(), in.device), dim, g.output(1), g.grad()));
}
static void gradient(const Cummax& r, Gradients& g) { running_gradient(r.dim, g); }
static void gradient(const Cummin& r, Gradients& g) { running_gradient(r.dim, g); }

void register_reduction_gradients(Registry& registry) {
  const Saves both = save_input(0) | save_output(), picked = save_output(1);
  registry.add_gradient<Sum>(0);
  registry.add_gradient<Nansum>(save_input(0));
  registry.add_gradient<Mean>(0);
  registry.add_gradient<Prod>(save_input(0));
  registry.add_gradient<Max>(both);
  registry.add_gradient<Min>(both);
  registry.add_gradient<Amax>(both);
  registry.add_gradient<Amin>(both);
  registry.add_gradient<MaxDim>(picked);
  registry.add_gradient<MinDim>(picked);
  registry.add_gradient<Var>(save_input(0));
  registry.add_gradient<Std>(both);
  registry.add_gradient<VectorNorm>(both);
  registry.add_gradient<Cumsum>(0);
  registry.add_gradient<Cumprod>(save_input(0));
  registry.add_gradient<Logcumsumexp>(both);
  registry.add_gradient<Cummax>(picked);
  registry.add_gradient<Cummin>(picked);
}

}  // namespace tenon::inline v0
