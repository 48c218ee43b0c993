// Elementwise ops: every output element depends on the broadcast input elements at its place.
#pragma once

#include <tenon/core/registry.h>

namespace tenon::inline v0 {

// ---- arithmetic of two operands, promoted together ----

struct BinaryOp {
  static constexpr auto parameters = std::tuple(operand("input"), operand("other"));
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kFunction | kMethod | kInplace | kOut;
};

struct Add {
  Scalar alpha = 1;
  static constexpr auto name = "add";
  static constexpr auto doc = "input + alpha * other";
  static constexpr auto parameters = std::tuple(operand("input"), operand("other"), attribute("alpha", &Add::alpha).keyword());
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kFunction | kMethod | kInplace | kOut;
};
void infer(const Add&, Specs in, Spec* out);

struct Mul : BinaryOp {
  static constexpr auto name = "mul";
};

// Shape by broadcasting, dtype by promotion.
void infer_binary(const char* op, Specs in, Spec* out);
template <class R>
  requires std::is_base_of_v<BinaryOp, R>
void infer(const R&, Specs in, Spec* out) {
  infer_binary(R::name, in, out);
}

// `self` takes the values of `src`, broadcast and cast.
struct Copy {
  static constexpr auto name = "copy";
  static constexpr auto parameters = std::tuple(input("input"), operand("src"));
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kFunction | kMethod | kInplace;
};
void infer(const Copy&, Specs in, Spec* out);

using ElementwiseRecords = Records<Add, Mul, Copy>;

}  // namespace tenon::inline v0
