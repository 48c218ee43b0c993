// Gradients of the elementwise ops. `g.set` sums a gradient down to the shape of an input that was broadcast.
#include <cmath>
#include <numbers>

#include <tenon/core/door.h>
#include <tenon/core/gradients.h>
#include <tenon/ops/elementwise.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/operators.h>
#include <tenon/ops/register.h>
#include <tenon/ops/scaled.h>

namespace tenon::inline v0 {
namespace {

// `value` where `mask` holds, else 0.
Tensor masked(const Tensor& mask, const Tensor& value) { return where(mask, value, Tensor(0)); }
void set_zero(Gradients& g, int i) {
  if (g.needs(i)) g.set(i, zeros_like(g.grad()));
}
// Equal operands share the gradient; an operand loses it only to one that is strictly ahead, so that NaN,
// which the result then is, reaches both.
void extreme_gradient(Gradients& g, const Tensor& first_loses, const Tensor& second_loses) {
  const Tensor grad = where(g.input(0) == g.input(1), g.grad() / 2, g.grad());
  if (g.needs(0)) g.set(0, where(first_loses, Tensor(0), grad));
  if (g.needs(1)) g.set(1, where(second_loses, Tensor(0), grad));
}

template <class... R>
void add_each(Registry& registry, Saves saves) {
  (registry.add_gradient<R>(saves), ...);
}

}  // namespace

// ---- arithmetic ----

static void gradient(const Add& r, Gradients& g) {
  if (g.needs(0)) g.set(0, g.grad());
  if (g.needs(1)) g.set(1, scaled(g.grad(), r.alpha));
}
static void gradient(const Sub& r, Gradients& g) {
  if (g.needs(0)) g.set(0, g.grad());
  if (g.needs(1)) g.set(1, -scaled(g.grad(), r.alpha));
}
static void gradient(const Mul&, Gradients& g) {
  if (g.needs(0)) g.set(0, g.grad() * g.input(1));
  if (g.needs(1)) g.set(1, g.grad() * g.input(0));
}
static void gradient(const Div& r, Gradients& g) {
  if (r.rounding_mode) return set_zero(g, 0), set_zero(g, 1);
  const Tensor first = g.grad() / g.input(1);
  if (g.needs(0)) g.set(0, first);
  if (g.needs(1)) g.set(1, -first * (g.input(0) / g.input(1)));
}
static void gradient(const FloorDivide&, Gradients& g) { set_zero(g, 0), set_zero(g, 1); }
static void gradient(const Remainder&, Gradients& g) {
  if (g.needs(0)) g.set(0, g.grad());
  if (g.needs(1)) g.set(1, -g.grad() * div(g.input(0), g.input(1), "floor"));
}
static void gradient(const Fmod&, Gradients& g) {
  if (g.needs(0)) g.set(0, g.grad());
  if (g.needs(1)) g.set(1, -g.grad() * div(g.input(0), g.input(1), "trunc"));
}
static void gradient(const Maximum&, Gradients& g) {
  const Tensor a = g.input(0), b = g.input(1);
  extreme_gradient(g, a < b, b < a);
}
static void gradient(const Minimum&, Gradients& g) {
  const Tensor a = g.input(0), b = g.input(1);
  extreme_gradient(g, b < a, a < b);
}
static void gradient(const Pow&, Gradients& g) {
  const Tensor x = g.input(0), p = g.input(1);
  if (g.needs(0)) g.set(0, g.grad() * where(p == Tensor(0), Tensor(0), p * pow(x, p - Tensor(1))));
  // 0^p is 0 for every p >= 0 around it, though log(0) is not finite.
  if (g.needs(1)) g.set(1, g.grad() * where((x == Tensor(0)) & (p >= Tensor(0)), Tensor(0), pow(x, p) * log(x)));
}
static void gradient(const Atan2&, Gradients& g) {
  const Tensor y = g.input(0), x = g.input(1), scale = g.grad() / (y * y + x * x);
  if (g.needs(0)) g.set(0, scale * x);
  if (g.needs(1)) g.set(1, -scale * y);
}
static void gradient(const Xlogy&, Gradients& g) {
  if (g.needs(0)) g.set(0, g.grad() * xlogy(g.input(0) != Tensor(0), g.input(1)));
  if (g.needs(1)) g.set(1, g.grad() * g.input(0) / g.input(1));
}
static void gradient(const Hypot&, Gradients& g) {
  const Tensor scale = g.grad() / g.output();
  if (g.needs(0)) g.set(0, scale * g.input(0));
  if (g.needs(1)) g.set(1, scale * g.input(1));
}
static void gradient(const Copysign&, Gradients& g) {
  const Tensor x = g.input(0);
  if (g.needs(0)) g.set(0, masked(x != Tensor(0), g.grad() * sign(x) * sign(g.output())));
  set_zero(g, 1);
}
static void gradient(const Logaddexp&, Gradients& g) {
  if (g.needs(0)) g.set(0, g.grad() * exp(g.input(0) - g.output()));
  if (g.needs(1)) g.set(1, g.grad() * exp(g.input(1) - g.output()));
}

// ---- functions of one operand: x is the input, y the output ----

static void gradient(const Neg&, Gradients& g) { g.set(0, -g.grad()); }
static void gradient(const Abs&, Gradients& g) { g.set(0, g.grad() * sign(g.input(0))); }
static void gradient(const Square&, Gradients& g) { g.set(0, g.grad() * g.input(0) * 2); }
static void gradient(const Frac&, Gradients& g) { g.set(0, g.grad()); }
static void gradient(const Sign&, Gradients& g) { set_zero(g, 0); }
static void gradient(const Floor&, Gradients& g) { set_zero(g, 0); }
static void gradient(const Ceil&, Gradients& g) { set_zero(g, 0); }
static void gradient(const Trunc&, Gradients& g) { set_zero(g, 0); }
static void gradient(const Round&, Gradients& g) { set_zero(g, 0); }

static void gradient(const Exp&, Gradients& g) { g.set(0, g.grad() * g.output()); }
static void gradient(const Exp2&, Gradients& g) { g.set(0, g.grad() * g.output() * std::numbers::ln2); }
static void gradient(const Expm1&, Gradients& g) { g.set(0, g.grad() * (g.output() + 1)); }
static void gradient(const Log&, Gradients& g) { g.set(0, g.grad() / g.input(0)); }
static void gradient(const Log1p&, Gradients& g) { g.set(0, g.grad() / (g.input(0) + 1)); }
static void gradient(const Log2&, Gradients& g) { g.set(0, g.grad() / (g.input(0) * std::numbers::ln2)); }
static void gradient(const Log10&, Gradients& g) { g.set(0, g.grad() / (g.input(0) * std::numbers::ln10)); }
static void gradient(const Sqrt&, Gradients& g) { g.set(0, g.grad() / (g.output() * 2)); }
static void gradient(const Rsqrt&, Gradients& g) { g.set(0, g.grad() * -0.5 * pow(g.output(), 3)); }
static void gradient(const Reciprocal&, Gradients& g) { g.set(0, -g.grad() * g.output().square()); }

static void gradient(const Sin&, Gradients& g) { g.set(0, g.grad() * cos(g.input(0))); }
static void gradient(const Cos&, Gradients& g) { g.set(0, -g.grad() * sin(g.input(0))); }
static void gradient(const Tan&, Gradients& g) { g.set(0, g.grad() * (g.output().square() + 1)); }
static void gradient(const Asin&, Gradients& g) { g.set(0, g.grad() * rsqrt(1 - g.input(0).square())); }
static void gradient(const Acos&, Gradients& g) { g.set(0, -g.grad() * rsqrt(1 - g.input(0).square())); }
static void gradient(const Atan&, Gradients& g) { g.set(0, g.grad() / (g.input(0).square() + 1)); }
static void gradient(const Sinh&, Gradients& g) { g.set(0, g.grad() * cosh(g.input(0))); }
static void gradient(const Cosh&, Gradients& g) { g.set(0, g.grad() * sinh(g.input(0))); }
static void gradient(const Asinh&, Gradients& g) { g.set(0, g.grad() * rsqrt(g.input(0).square() + 1)); }
static void gradient(const Acosh&, Gradients& g) { g.set(0, g.grad() * rsqrt(g.input(0).square() - 1)); }
static void gradient(const Atanh&, Gradients& g) { g.set(0, g.grad() / (1 - g.input(0).square())); }
static void gradient(const Tanh&, Gradients& g) { g.set(0, g.grad() * (1 - g.output().square())); }
static void gradient(const Sigmoid&, Gradients& g) { g.set(0, g.grad() * g.output() * (1 - g.output())); }

static void gradient(const Erf&, Gradients& g) {
  g.set(0, g.grad() * exp(-g.input(0).square()) * (2 * std::numbers::inv_sqrtpi));
}
static void gradient(const Erfc&, Gradients& g) {
  g.set(0, g.grad() * exp(-g.input(0).square()) * (-2 * std::numbers::inv_sqrtpi));
}
static void gradient(const Erfinv&, Gradients& g) {
  g.set(0, g.grad() * exp(g.output().square()) * (0.5 / std::numbers::inv_sqrtpi));
}
static void gradient(const Lgamma&, Gradients& g) { g.set(0, g.grad() * digamma(g.input(0))); }
static void gradient(const Digamma&, Gradients& g) { g.set(0, g.grad() * polygamma(1, g.input(0))); }
static void gradient(const Polygamma& r, Gradients& g) { g.set(0, g.grad() * polygamma(r.n + 1, g.input(0))); }

// ---- activations ----

static void gradient(const Relu&, Gradients& g) { g.set(0, apply(ReluBackward{}, g.grad(), g.output())); }
static void gradient(const ReluBackward&, Gradients& g) {
  if (g.needs(0)) g.set(0, apply(ReluBackward{}, g.grad(), g.input(1)));
  set_zero(g, 1);
}
static void gradient(const Silu&, Gradients& g) {
  const Tensor x = g.input(0), s = sigmoid(x);
  g.set(0, g.grad() * s * (x * (1 - s) + 1));
}
static void gradient(const Gelu& r, Gradients& g) {
  const Tensor x = g.input(0), x2 = x.square();
  if (r.approximate == "none") {
    const Tensor cdf = (erf(x * (1 / std::numbers::sqrt2)) + 1) * 0.5;
    const Tensor pdf = exp(x2 * -0.5) * (std::numbers::inv_sqrtpi / std::numbers::sqrt2);
    return g.set(0, g.grad() * (cdf + x * pdf));
  }
  constexpr double kCubic = 0.044715;
  const double scale = std::numbers::sqrt2 * std::numbers::inv_sqrtpi;
  const Tensor t = tanh(x * (x2 * kCubic + 1) * scale), slope = (x2 * (3 * kCubic) + 1) * scale;
  g.set(0, g.grad() * 0.5 * ((t + 1) + x * (1 - t.square()) * slope));
}
static void gradient(const LeakyRelu& r, Gradients& g) {
  g.set(0, where(g.input(0) > Tensor(0), g.grad(), g.grad() * r.negative_slope));
}
static void gradient(const Elu& r, Gradients& g) {
  // exp of a large positive x is infinite, and infinite times zero would reach the second derivative.
  const Tensor x = g.input(0), slope = exp(clamp_max(x, Tensor(0))) * r.alpha;
  g.set(0, where(x > Tensor(0), g.grad(), g.grad() * slope));
}
static void gradient(const Softplus& r, Gradients& g) {
  const Tensor x = g.input(0) * r.beta;
  g.set(0, where(x > Tensor(r.threshold), g.grad(), g.grad() * sigmoid(x)));
}

// ---- selections and three operands ----

static void gradient(const Where&, Gradients& g) {
  const Tensor condition = g.input(0);
  if (g.needs(1)) g.set(1, masked(condition, g.grad()));
  if (g.needs(2)) g.set(2, where(condition, Tensor(0), g.grad()));
}
static void gradient(const MaskedFill&, Gradients& g) {
  const Tensor mask = g.input(1);
  if (g.needs(0)) g.set(0, masked_fill(g.grad(), mask, 0));
  if (g.needs(2)) g.set(2, masked(mask, g.grad()));
}
static void gradient(const Clamp& r, Gradients& g) {
  const Tensor x = g.input(0);
  Tensor grad = g.grad();
  if (r.min) grad = masked(x >= Tensor(*r.min), grad);
  if (r.max) grad = masked(x <= Tensor(*r.max), grad);
  g.set(0, grad);
}
// Where the bounds cross, the result is the upper one.
static void gradient(const ClampTensor&, Gradients& g) {
  const Tensor x = g.input(0);
  const bool has_min = g.has_input(1), has_max = g.has_input(2);
  const Tensor min = has_min ? g.input(1) : Tensor(), max = has_max ? g.input(2) : Tensor();
  if (g.needs(0)) {
    Tensor grad = g.grad();
    if (has_min) grad = masked(x >= min, grad);
    if (has_max) grad = masked(x <= max, grad);
    g.set(0, grad);
  }
  if (has_min && g.needs(1)) g.set(1, masked(has_max ? (x < min) & (min < max) : x < min, g.grad()));
  if (has_max && g.needs(2)) g.set(2, masked(has_min ? (x > max) | (max < min) : x > max, g.grad()));
}
static void gradient(const Lerp&, Gradients& g) {
  const Tensor weight = g.input(2);
  if (g.needs(0)) g.set(0, g.grad() * (1 - weight));
  if (g.needs(1)) g.set(1, g.grad() * weight);
  if (g.needs(2)) g.set(2, g.grad() * (g.input(1) - g.input(0)));
}
static void gradient(const Addcmul& r, Gradients& g) {
  if (g.needs(0)) g.set(0, g.grad());
  if (g.needs(1)) g.set(1, scaled(g.grad() * g.input(2), r.value));
  if (g.needs(2)) g.set(2, scaled(g.grad() * g.input(1), r.value));
}
static void gradient(const Addcdiv& r, Gradients& g) {
  if (g.needs(0)) g.set(0, g.grad());
  const Tensor quotient = scaled(g.grad() / g.input(2), r.value);
  if (g.needs(1)) g.set(1, quotient);
  if (g.needs(2)) g.set(2, -quotient * g.input(1) / g.input(2));
}
static void gradient(const NanToNum&, Gradients& g) { g.set(0, masked(isfinite(g.input(0)), g.grad())); }

// ---- copies: `set` casts to the input's dtype ----

static void gradient(const Copy&, Gradients& g) {
  set_zero(g, 0);
  if (g.needs(1)) g.set(1, g.grad());
}
static void gradient(const Fill&, Gradients& g) {
  set_zero(g, 0);
  if (g.needs(1)) g.set(1, g.grad());
}
static void gradient(const Zero&, Gradients& g) { set_zero(g, 0); }
static void gradient(const ToCopy&, Gradients& g) { g.set(0, g.grad()); }
static void gradient(const Clone&, Gradients& g) { g.set(0, g.grad()); }

void register_elementwise_gradients(Registry& registry) {
  constexpr Saves kX = save_input(0), kY = save_output(), kBoth = save_input(0) | save_input(1);
  add_each<Add, Sub, FloorDivide, Neg, Frac, Sign, Floor, Ceil, Trunc, Round, Copy, Fill, Zero, ToCopy, Clone>(registry,
                                                                                                               0);
  add_each<Mul>(registry, kBoth | kSaveForOthers);
  add_each<Div, Remainder, Fmod, Maximum, Minimum, Pow, Atan2, Xlogy>(registry, kBoth);
  add_each<Hypot, Logaddexp>(registry, kBoth | kY);
  add_each<Copysign>(registry, kX | kY);
  add_each<Abs, Square, Log, Log1p, Log2, Log10, Sin, Cos, Asin, Acos, Atan, Sinh, Cosh, Asinh, Acosh, Atanh>(registry,
                                                                                                              kX);
  add_each<Erf, Erfc, Lgamma, Digamma, Polygamma, Silu, Gelu, LeakyRelu, Elu, Softplus, Clamp, NanToNum>(registry, kX);
  add_each<Exp, Exp2, Expm1, Sqrt, Rsqrt, Reciprocal, Tan, Tanh, Sigmoid, Erfinv, Relu>(registry, kY);
  add_each<ReluBackward, MaskedFill>(registry, save_input(1));
  add_each<Where>(registry, save_input(0));
  add_each<ClampTensor, Lerp>(registry, kBoth | save_input(2));
  add_each<Addcmul, Addcdiv>(registry, save_input(1) | save_input(2));
}

}  // namespace tenon::inline v0
