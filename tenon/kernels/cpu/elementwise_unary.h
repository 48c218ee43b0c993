// Loops of one operand, chosen for the machine.
#pragma once

#include <tenon/kernels/cpu/elementwise_loop.h>

namespace tenon::inline v0 {

struct UnaryLoops {
  LoopRow copy, neg, abs, sign, square, relu, floor, ceil, trunc, frac, round, round_decimals, sqrt, rsqrt, reciprocal;
  LoopRow tan, asin, acos, atan, sinh, cosh, asinh, acosh, atanh, exp2, log2, log10, erfc, erfinv, lgamma, digamma,
      polygamma;
  LoopRow leaky_relu, isnan, isinf, isfinite, signbit, logical_not, bitwise_not;
};
// With vectors of floats.
struct MathLoops {
  LoopRow exp, expm1, log, log1p, sin, cos, tanh, sigmoid, silu, erf, gelu, gelu_tanh, elu, softplus;
};
struct RoundScale {
  double scale;  // 10^decimals, or its inverse when decimals is negative
  bool inverse;
};
struct UnaryParams {
  double a, b;
};

const UnaryLoops& unary_loops();
const MathLoops& math_loops();

}  // namespace tenon::inline v0
