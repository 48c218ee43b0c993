// Loops of three operands, with bounds, and of two operands through the C library, chosen for the machine.
#pragma once

#include <tenon/kernels/cpu/elementwise_binary.h>

namespace tenon::inline v0 {

struct MixedLoops {
  LoopRow where;  // reads a bool, then two operands of any dtype
  LoopRow lerp, addcmul, addcdiv, clamp, clamp_tensor, nan_to_num;
  LoopRow pow, atan2, hypot, copysign, xlogy, logaddexp;
};
// A scalar in both forms; loops take the one of their dtype.
struct Number {
  double real = 0;
  int64_t integer = 0;
};
struct Bounds {
  Number low, high;
};
struct Replacements {
  double nan, posinf, neginf;
};

const MixedLoops& mixed_loops();

}  // namespace tenon::inline v0
