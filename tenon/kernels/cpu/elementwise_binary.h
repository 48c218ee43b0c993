// Loops of two operands, chosen for the machine.
#pragma once

#include <tenon/kernels/cpu/elementwise_loop.h>

namespace tenon::inline v0 {

struct BinaryLoops {
  LoopRow add, add_scaled, sub, mul, div, trunc_divide, floor_divide, remainder, fmod, maximum, minimum, relu_backward;
  LoopRow eq, ne, lt, le, gt, ge;
  LoopRow logical_and, logical_or, logical_xor, bitwise_and, bitwise_or, bitwise_xor, left_shift, right_shift;
};
// Of add_scaled: a + alpha * b.
struct Alpha {
  double real = 1;
  int64_t integer = 1;
};
// Of the integer divisions: they set the flag when a divisor is zero.
struct DivisionFlag {
  bool* by_zero;
};

const BinaryLoops& binary_loops();

}  // namespace tenon::inline v0
