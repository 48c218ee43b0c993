// Elementwise ops: every output element depends on the broadcast input elements at its place.
#pragma once

#include <tenon/core/number.h>
#include <tenon/core/registry.h>

namespace tenon::inline v0 {

inline constexpr uint8_t kAllForms = kFunction | kMethod | kInplace | kOut;

// A second name of an op: `multiply` is `mul`. It is written `struct Multiply : AliasOf<Mul>`.
template <class R>
struct AliasOf : R {
  using Target = R;
};
template <class R>
concept IsAlias = requires {
  typename R::Target;
};
TENON_API Tensor apply_alias_target(const OpInfo& target, const void* record, Inputs in);
template <IsAlias R>
Tensor decompose(const R& r, Inputs in) {
  return apply_alias_target(op<typename R::Target>(), static_cast<const typename R::Target*>(&r), in);
}

// ---- arithmetic of two operands, promoted together -------------------------------------------------------

struct BinaryOp {
  static constexpr auto parameters = std::tuple(operand("input"), operand("other"));
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kAllForms;
};
// Shape by broadcasting, dtype by promotion.
void infer_binary(const char* op, Specs in, Spec* out);
template <class R>
requires std::is_base_of_v<BinaryOp, R>
void infer(const R&, Specs in, Spec* out) { infer_binary(R::name, in, out); }

struct Add {
  Scalar alpha = 1;
  static constexpr auto name = "add";
  static constexpr auto doc = "input + alpha * other";
  static constexpr auto parameters =
      std::tuple(operand("input"), operand("other"), attribute("alpha", &Add::alpha).keyword());
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kAllForms;
};
void infer(const Add&, Specs in, Spec* out);

struct Sub {
  Scalar alpha = 1;
  static constexpr auto name = "sub";
  static constexpr auto doc = "input - alpha * other";
  static constexpr auto parameters =
      std::tuple(operand("input"), operand("other"), attribute("alpha", &Sub::alpha).keyword());
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kAllForms;
};
void infer(const Sub&, Specs in, Spec* out);

struct Rsub {
  Scalar alpha = 1;
  static constexpr auto name = "rsub";
  static constexpr auto doc = "other - alpha * input";
  static constexpr auto parameters =
      std::tuple(operand("input"), operand("other"), attribute("alpha", &Rsub::alpha).keyword());
  static constexpr uint32_t traits = kElementwise;
};
Tensor decompose(const Rsub&, const Tensor& input, const Tensor& other);

struct Mul : BinaryOp {
  static constexpr auto name = "mul";
};

struct Div {
  std::optional<std::string> rounding_mode;
  static constexpr auto name = "div";
  static constexpr auto doc =
      "input / other; rounding_mode 'trunc' or 'floor' rounds the quotient, and keeps integers integers";
  static constexpr auto parameters =
      std::tuple(operand("input"), operand("other"), attribute("rounding_mode", &Div::rounding_mode).keyword());
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kAllForms;
};
void infer(const Div&, Specs in, Spec* out);

struct FloorDivide : BinaryOp {
  static constexpr auto name = "floor_divide";
};
struct Remainder : BinaryOp {
  static constexpr auto name = "remainder";
  static constexpr auto doc = "Python's %: the result has the sign of `other`";
};
struct Fmod : BinaryOp {
  static constexpr auto name = "fmod";
  static constexpr auto doc = "C's fmod: the result has the sign of `input`";
};
struct Maximum : BinaryOp {
  static constexpr auto name = "maximum";
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
struct Minimum : BinaryOp {
  static constexpr auto name = "minimum";
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};

struct Pow {
  static constexpr auto name = "pow";
  static constexpr auto parameters = std::tuple(operand("input"), operand("exponent"));
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kAllForms;
};
void infer(const Pow&, Specs in, Spec* out);

// Integers become the default float.
struct FloatBinaryOp {
  static constexpr auto parameters = std::tuple(operand("input"), operand("other"));
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kAllForms;
};
void infer_float_binary(const char* op, Specs in, Spec* out);
template <class R>
requires std::is_base_of_v<FloatBinaryOp, R>
void infer(const R&, Specs in, Spec* out) { infer_float_binary(R::name, in, out); }
struct Atan2 : FloatBinaryOp {
  static constexpr auto name = "atan2";
};
struct Xlogy : FloatBinaryOp {
  static constexpr auto name = "xlogy";
};
struct Hypot : FloatBinaryOp {
  static constexpr auto name = "hypot";
};
struct Copysign : FloatBinaryOp {
  static constexpr auto name = "copysign";
};
struct Logaddexp : FloatBinaryOp {
  static constexpr auto name = "logaddexp";
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};

struct Multiply : AliasOf<Mul> {
  static constexpr auto name = "multiply";
};
struct Divide : AliasOf<Div> {
  static constexpr auto name = "divide";
};
struct TrueDivide : AliasOf<Div> {
  static constexpr auto name = "true_divide";
  static constexpr auto parameters = std::tuple(operand("input"), operand("other"));
};
struct Subtract : AliasOf<Sub> {
  static constexpr auto name = "subtract";
};
struct Arctan2 : AliasOf<Atan2> {
  static constexpr auto name = "arctan2";
};

// ---- comparisons and logic -----------------------------------------------------------------------------

struct CompareOp {
  static constexpr auto parameters = std::tuple(operand("input"), operand("other"));
  static constexpr uint32_t traits = kElementwise | kNotDifferentiable;
  static constexpr uint8_t forms = kAllForms;
};
void infer_compare(const char* op, Specs in, Spec* out);
template <class R>
requires std::is_base_of_v<CompareOp, R>
void infer(const R&, Specs in, Spec* out) { infer_compare(R::name, in, out); }
struct Eq : CompareOp {
  static constexpr auto name = "eq";
};
struct Ne : CompareOp {
  static constexpr auto name = "ne";
};
struct Lt : CompareOp {
  static constexpr auto name = "lt";
};
struct Le : CompareOp {
  static constexpr auto name = "le";
};
struct Gt : CompareOp {
  static constexpr auto name = "gt";
};
struct Ge : CompareOp {
  static constexpr auto name = "ge";
};
struct LogicalAnd : CompareOp {
  static constexpr auto name = "logical_and";
};
struct LogicalOr : CompareOp {
  static constexpr auto name = "logical_or";
};
struct LogicalXor : CompareOp {
  static constexpr auto name = "logical_xor";
};
struct NotEqual : AliasOf<Ne> {
  static constexpr auto name = "not_equal";
};
struct Less : AliasOf<Lt> {
  static constexpr auto name = "less";
};
struct LessEqual : AliasOf<Le> {
  static constexpr auto name = "less_equal";
};
struct Greater : AliasOf<Gt> {
  static constexpr auto name = "greater";
};
struct GreaterEqual : AliasOf<Ge> {
  static constexpr auto name = "greater_equal";
};

// Integers and booleans only.
struct BitwiseOp {
  static constexpr auto parameters = std::tuple(operand("input"), operand("other"));
  static constexpr uint32_t traits = kElementwise | kNotDifferentiable;
  static constexpr uint8_t forms = kAllForms;
};
void infer_bitwise(const char* op, Specs in, Spec* out);
template <class R>
requires std::is_base_of_v<BitwiseOp, R>
void infer(const R&, Specs in, Spec* out) { infer_bitwise(R::name, in, out); }
struct BitwiseAnd : BitwiseOp {
  static constexpr auto name = "bitwise_and";
};
struct BitwiseOr : BitwiseOp {
  static constexpr auto name = "bitwise_or";
};
struct BitwiseXor : BitwiseOp {
  static constexpr auto name = "bitwise_xor";
};
struct BitwiseLeftShift : BitwiseOp {
  static constexpr auto name = "bitwise_left_shift";
};
struct BitwiseRightShift : BitwiseOp {
  static constexpr auto name = "bitwise_right_shift";
};
struct BitwiseNot {
  static constexpr auto name = "bitwise_not";
  static constexpr auto parameters = std::tuple(input("input"));
  static constexpr uint32_t traits = kElementwise | kNotDifferentiable;
  static constexpr uint8_t forms = kAllForms;
};
void infer(const BitwiseNot&, Specs in, Spec* out);

// ---- functions of one operand ----------------------------------------------------------------------------

// Keep the dtype.
struct UnaryOp {
  static constexpr auto parameters = std::tuple(input("input"));
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kAllForms;
};
void infer_unary(Specs in, Spec* out);
template <class R>
requires std::is_base_of_v<UnaryOp, R>
void infer(const R&, Specs in, Spec* out) { infer_unary(in, out); }
struct Neg : UnaryOp {
  static constexpr auto name = "neg";
};
struct Abs : UnaryOp {
  static constexpr auto name = "abs";
};
struct Sign : UnaryOp {
  static constexpr auto name = "sign";
};
struct Square : UnaryOp {
  static constexpr auto name = "square";
};
struct Relu : UnaryOp {
  static constexpr auto name = "relu";
};
// Of grad and relu's result.
struct ReluBackward : BinaryOp {
  static constexpr auto name = "_relu_backward";
  static constexpr uint8_t forms = kFunction;
};
struct Floor : UnaryOp {
  static constexpr auto name = "floor";
};
struct Ceil : UnaryOp {
  static constexpr auto name = "ceil";
};
struct Trunc : UnaryOp {
  static constexpr auto name = "trunc";
};
struct Frac : UnaryOp {
  static constexpr auto name = "frac";
};
struct Round {
  int64_t decimals = 0;
  static constexpr auto name = "round";
  static constexpr auto doc = "To the nearest, ties to even";
  static constexpr auto parameters = std::tuple(input("input"), attribute("decimals", &Round::decimals).keyword());
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kAllForms;
};
void infer(const Round&, Specs in, Spec* out);
struct Positive : UnaryOp {
  static constexpr auto name = "positive";
  static constexpr uint8_t forms = kFunction | kMethod;
  static constexpr std::array outputs{view_of(0)};
};
Tensor decompose(const Positive&, const Tensor& input);
struct Absolute : AliasOf<Abs> {
  static constexpr auto name = "absolute";
};
struct Negative : AliasOf<Neg> {
  static constexpr auto name = "negative";
};
struct Fix : AliasOf<Trunc> {
  static constexpr auto name = "fix";
};

// Integers become the default float.
struct FloatUnaryOp {
  static constexpr auto parameters = std::tuple(input("input"));
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kAllForms;
};
void infer_float_unary(Specs in, Spec* out);
template <class R>
requires std::is_base_of_v<FloatUnaryOp, R>
void infer(const R&, Specs in, Spec* out) { infer_float_unary(in, out); }
struct Exp : FloatUnaryOp {
  static constexpr auto name = "exp";
};
struct Exp2 : FloatUnaryOp {
  static constexpr auto name = "exp2";
};
struct Expm1 : FloatUnaryOp {
  static constexpr auto name = "expm1";
};
struct Log : FloatUnaryOp {
  static constexpr auto name = "log";
};
struct Log1p : FloatUnaryOp {
  static constexpr auto name = "log1p";
};
struct Log2 : FloatUnaryOp {
  static constexpr auto name = "log2";
};
struct Log10 : FloatUnaryOp {
  static constexpr auto name = "log10";
};
struct Sqrt : FloatUnaryOp {
  static constexpr auto name = "sqrt";
};
struct Rsqrt : FloatUnaryOp {
  static constexpr auto name = "rsqrt";
};
struct Reciprocal : FloatUnaryOp {
  static constexpr auto name = "reciprocal";
};
struct Sin : FloatUnaryOp {
  static constexpr auto name = "sin";
};
struct Cos : FloatUnaryOp {
  static constexpr auto name = "cos";
};
struct Tan : FloatUnaryOp {
  static constexpr auto name = "tan";
};
struct Asin : FloatUnaryOp {
  static constexpr auto name = "asin";
};
struct Acos : FloatUnaryOp {
  static constexpr auto name = "acos";
};
struct Atan : FloatUnaryOp {
  static constexpr auto name = "atan";
};
struct Sinh : FloatUnaryOp {
  static constexpr auto name = "sinh";
};
struct Cosh : FloatUnaryOp {
  static constexpr auto name = "cosh";
};
struct Asinh : FloatUnaryOp {
  static constexpr auto name = "asinh";
};
struct Acosh : FloatUnaryOp {
  static constexpr auto name = "acosh";
};
struct Atanh : FloatUnaryOp {
  static constexpr auto name = "atanh";
};
struct Tanh : FloatUnaryOp {
  static constexpr auto name = "tanh";
};
struct Sigmoid : FloatUnaryOp {
  static constexpr auto name = "sigmoid";
};
struct Silu : FloatUnaryOp {
  static constexpr auto name = "silu";
  static constexpr uint8_t forms = kFunction | kInplace;
};
struct Erf : FloatUnaryOp {
  static constexpr auto name = "erf";
};
struct Erfc : FloatUnaryOp {
  static constexpr auto name = "erfc";
};
struct Erfinv : FloatUnaryOp {
  static constexpr auto name = "erfinv";
};
struct Lgamma : FloatUnaryOp {
  static constexpr auto name = "lgamma";
};
struct Digamma : FloatUnaryOp {
  static constexpr auto name = "digamma";
};
struct Polygamma {
  int64_t n = 0;
  static constexpr auto name = "polygamma";
  static constexpr auto doc = "The n-th derivative of digamma";
  static constexpr auto parameters = std::tuple(attribute("n", &Polygamma::n).required(), input("input"));
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kFunction | kOut;
};
void infer(const Polygamma&, Specs in, Spec* out);
struct Logit {
  std::optional<double> eps;
  static constexpr auto name = "logit";
  static constexpr auto parameters = std::tuple(input("input"), attribute("eps", &Logit::eps));
  static constexpr uint32_t traits = kElementwise;
};
Tensor decompose(const Logit&, const Tensor& input);

struct Gelu {
  std::string approximate = "none";
  static constexpr auto name = "gelu";
  static constexpr auto parameters = std::tuple(input("input"), attribute("approximate", &Gelu::approximate).keyword());
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kFunction;
};
void infer(const Gelu&, Specs in, Spec* out);
struct LeakyRelu {
  double negative_slope = 0.01;
  static constexpr auto name = "leaky_relu";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("negative_slope", &LeakyRelu::negative_slope));
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kFunction | kInplace;
};
void infer(const LeakyRelu&, Specs in, Spec* out);
struct Elu {
  double alpha = 1;
  static constexpr auto name = "elu";
  static constexpr auto parameters = std::tuple(input("input"), attribute("alpha", &Elu::alpha));
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kFunction | kInplace;
};
void infer(const Elu&, Specs in, Spec* out);
struct Softplus {
  double beta = 1, threshold = 20;
  static constexpr auto name = "softplus";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("beta", &Softplus::beta), attribute("threshold", &Softplus::threshold));
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kFunction;
};
void infer(const Softplus&, Specs in, Spec* out);

// Booleans of one operand.
struct PredicateOp {
  static constexpr auto parameters = std::tuple(input("input"));
  static constexpr uint32_t traits = kElementwise | kNotDifferentiable;
  static constexpr uint8_t forms = kFunction | kMethod;
};
void infer_predicate(Specs in, Spec* out);
template <class R>
requires std::is_base_of_v<PredicateOp, R>
void infer(const R&, Specs in, Spec* out) { infer_predicate(in, out); }
struct Isnan : PredicateOp {
  static constexpr auto name = "isnan";
};
struct Isinf : PredicateOp {
  static constexpr auto name = "isinf";
};
struct Isfinite : PredicateOp {
  static constexpr auto name = "isfinite";
};
struct Signbit : PredicateOp {
  static constexpr auto name = "signbit";
};
struct LogicalNot : PredicateOp {
  static constexpr auto name = "logical_not";
  static constexpr uint8_t forms = kAllForms;
};

// ---- selections and three operands -----------------------------------------------------------------------

struct Where {
  static constexpr auto name = "where";
  static constexpr auto doc = "input where condition holds, other elsewhere";
  static constexpr auto parameters = std::tuple(input("condition"), operand("input"), operand("other"));
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kFunction | kOut;
};
void infer(const Where&, Specs in, Spec* out);
// x.where(condition, other)
struct WhereMethod {
  static constexpr auto name = "where";
  static constexpr auto overload = "method";
  static constexpr auto parameters = std::tuple(input("input"), input("condition"), operand("other"));
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kMethod;
};
Tensor decompose(const WhereMethod&, const Tensor& input, const Tensor& condition, const Tensor& other);

struct MaskedFill {
  static constexpr auto name = "masked_fill";
  static constexpr auto parameters = std::tuple(input("input"), input("mask"), operand("value"));
  static constexpr uint32_t traits = kElementwise | kNumbersFit;
  static constexpr uint8_t forms = kFunction | kMethod | kInplace;
};
void infer(const MaskedFill&, Specs in, Spec* out);

struct Clamp {
  std::optional<Scalar> min, max;
  static constexpr auto name = "clamp";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("min", &Clamp::min), attribute("max", &Clamp::max));
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kAllForms;
};
void infer(const Clamp&, Specs in, Spec* out);
// C++ has maximum, minimum, clamp_min and clamp_max for bounds that are tensors.
struct ClampTensor {
  static constexpr auto name = "clamp";
  static constexpr auto overload = "tensor";
  static constexpr auto parameters =
      std::tuple(input("input"), input("min").optional().number(), input("max").optional().number());
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kAllForms | kPythonOnly;
};
void infer(const ClampTensor&, Specs in, Spec* out);
struct Clip : AliasOf<Clamp> {
  static constexpr auto name = "clip";
};
struct ClipTensor : AliasOf<ClampTensor> {
  static constexpr auto name = "clip";
};
struct ClampMin {
  static constexpr auto name = "clamp_min";
  static constexpr auto parameters = std::tuple(input("input"), operand("min"));
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kAllForms;
};
Tensor decompose(const ClampMin&, const Tensor& input, const Tensor& min);
struct ClampMax {
  static constexpr auto name = "clamp_max";
  static constexpr auto parameters = std::tuple(input("input"), operand("max"));
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kAllForms;
};
Tensor decompose(const ClampMax&, const Tensor& input, const Tensor& max);

struct Lerp {
  static constexpr auto name = "lerp";
  static constexpr auto doc = "input + weight * (end - input)";
  static constexpr auto parameters = std::tuple(input("input"), input("end"), operand("weight"));
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kAllForms;
};
void infer(const Lerp&, Specs in, Spec* out);
struct Addcmul {
  Scalar value = 1;
  static constexpr auto name = "addcmul";
  static constexpr auto doc = "input + value * tensor1 * tensor2";
  static constexpr auto parameters =
      std::tuple(input("input"), input("tensor1"), input("tensor2"), attribute("value", &Addcmul::value).keyword());
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kAllForms;
};
void infer(const Addcmul&, Specs in, Spec* out);
struct Addcdiv {
  Scalar value = 1;
  static constexpr auto name = "addcdiv";
  static constexpr auto doc = "input + value * tensor1 / tensor2";
  static constexpr auto parameters =
      std::tuple(input("input"), input("tensor1"), input("tensor2"), attribute("value", &Addcdiv::value).keyword());
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kAllForms;
};
void infer(const Addcdiv&, Specs in, Spec* out);
struct NanToNum {
  std::optional<double> nan, posinf, neginf;
  static constexpr auto name = "nan_to_num";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("nan", &NanToNum::nan), attribute("posinf", &NanToNum::posinf),
                 attribute("neginf", &NanToNum::neginf));
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kAllForms;
};
void infer(const NanToNum&, Specs in, Spec* out);

// ---- copies and casts --------------------------------------------------------------------------------------

// `self` takes the values of `src`, broadcast and cast.
struct Copy {
  bool non_blocking = false;
  static constexpr auto name = "copy";
  static constexpr auto parameters =
      std::tuple(input("input"), operand("src"), attribute("non_blocking", &Copy::non_blocking));
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kFunction | kMethod | kInplace;
};
void infer(const Copy&, Specs in, Spec* out);
struct Fill {
  static constexpr auto name = "fill";
  static constexpr auto parameters = std::tuple(input("input"), operand("value"));
  static constexpr uint32_t traits = kElementwise | kNumbersFit;
  static constexpr uint8_t forms = kFunction | kMethod | kInplace;
};
void infer(const Fill&, Specs in, Spec* out);
struct Zero : UnaryOp {
  static constexpr auto name = "zero";
  static constexpr uint8_t forms = kFunction | kInplace;
};

struct ToCopy {
  std::optional<DType> dtype;
  std::optional<Device> device;
  static constexpr auto name = "_to_copy";
  static constexpr auto doc = "A copy of another dtype; devices of the same kind";
  static constexpr auto parameters = std::tuple(input("input"), attribute("dtype", &ToCopy::dtype).keyword(),
                                                attribute("device", &ToCopy::device).keyword());
  static constexpr uint32_t traits = kElementwise;
  static constexpr uint8_t forms = kFunction;
};
void infer(const ToCopy&, Specs in, Spec* out);
struct Clone {
  std::optional<std::string> memory_format;
  static constexpr auto name = "clone";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("memory_format", &Clone::memory_format).keyword());
  static constexpr uint32_t traits = kElementwise;
};
void infer(const Clone&, Specs in, Spec* out);
struct Contiguous {
  std::optional<std::string> memory_format;
  static constexpr auto name = "contiguous";
  static constexpr auto parameters = std::tuple(input("input"), attribute("memory_format", &Contiguous::memory_format));
  static constexpr uint8_t forms = kMethod;
  static constexpr std::array outputs{maybe_view_of(0)};
};
Tensor decompose(const Contiguous&, const Tensor& input);

struct ToDType {
  DType dtype = DType::Float32;
  bool non_blocking = false, copy = false;
  std::optional<std::string> memory_format;
  static constexpr auto name = "to";
  static constexpr auto overload = "dtype";
  static constexpr auto parameters = std::tuple(
      input("input"), attribute("dtype", &ToDType::dtype).required(), attribute("non_blocking", &ToDType::non_blocking),
      attribute("copy", &ToDType::copy), attribute("memory_format", &ToDType::memory_format).keyword());
  static constexpr uint8_t forms = kMethod;
  static constexpr std::array outputs{maybe_view_of(0)};
};
Tensor decompose(const ToDType&, const Tensor& input);
struct ToDevice {
  std::optional<Device> device;
  std::optional<DType> dtype;
  bool non_blocking = false, copy = false;
  std::optional<std::string> memory_format;
  static constexpr auto name = "to";
  static constexpr auto overload = "device";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("device", &ToDevice::device), attribute("dtype", &ToDevice::dtype),
                 attribute("non_blocking", &ToDevice::non_blocking), attribute("copy", &ToDevice::copy),
                 attribute("memory_format", &ToDevice::memory_format).keyword());
  static constexpr uint8_t forms = kMethod;
  static constexpr std::array outputs{maybe_view_of(0)};
};
Tensor decompose(const ToDevice&, const Tensor& input);
struct ToOther {
  bool non_blocking = false, copy = false;
  static constexpr auto name = "to";
  static constexpr auto overload = "other";
  static constexpr auto parameters =
      std::tuple(input("input"), input("other"), attribute("non_blocking", &ToOther::non_blocking),
                 attribute("copy", &ToOther::copy));
  static constexpr uint8_t forms = kMethod;
  static constexpr std::array outputs{maybe_view_of(0)};
};
Tensor decompose(const ToOther&, const Tensor& input, const Tensor& other);
struct TypeAs {
  static constexpr auto name = "type_as";
  static constexpr auto parameters = std::tuple(input("input"), input("other"));
  static constexpr uint8_t forms = kMethod;
  static constexpr std::array outputs{maybe_view_of(0)};
};
Tensor decompose(const TypeAs&, const Tensor& input, const Tensor& other);

// `x.float()`.
struct AnyCastOp {};
template <DType to>
struct CastOp : AnyCastOp {
  static constexpr std::array outputs{maybe_view_of(0)};
  static constexpr DType target = to;
  static constexpr auto parameters = std::tuple(input("input"));
  static constexpr uint8_t forms = kMethod;
};
struct ToFloat : CastOp<DType::Float32> {
  static constexpr auto name = "float";
};
struct ToDouble : CastOp<DType::Float64> {
  static constexpr auto name = "double";
};
struct ToHalf : CastOp<DType::Float16> {
  static constexpr auto name = "half";
};
struct ToBFloat16 : CastOp<DType::BFloat16> {
  static constexpr auto name = "bfloat16";
};
struct ToLong : CastOp<DType::Int64> {
  static constexpr auto name = "long";
};
struct ToInt : CastOp<DType::Int32> {
  static constexpr auto name = "int";
};
struct ToShort : CastOp<DType::Int16> {
  static constexpr auto name = "short";
};
struct ToChar : CastOp<DType::Int8> {
  static constexpr auto name = "char";
};
struct ToByte : CastOp<DType::UInt8> {
  static constexpr auto name = "byte";
};
struct ToBool : CastOp<DType::Bool> {
  static constexpr auto name = "bool";
};
TENON_API Tensor cast_to(const Tensor& input, DType dtype);  // the tensor itself when it has that dtype
template <class R>
requires std::is_base_of_v<AnyCastOp, R> Tensor decompose(const R&, const Tensor& input) {
  return cast_to(input, R::target);
}

using ElementwiseRecords =
    Records<Add, Sub, Rsub, Mul, Div, FloorDivide, Remainder, Fmod, Maximum, Minimum, Pow, Atan2, Xlogy, Hypot,
            Copysign, Logaddexp, Eq, Ne, Lt, Le, Gt, Ge, LogicalAnd, LogicalOr, LogicalXor, BitwiseAnd, BitwiseOr,
            BitwiseXor, BitwiseLeftShift, BitwiseRightShift, BitwiseNot, Neg, Abs, Sign, Square, Relu, ReluBackward,
            Floor, Ceil, Trunc, Frac, Round, Positive, Exp, Exp2, Expm1, Log, Log1p, Log2, Log10, Sqrt, Rsqrt,
            Reciprocal, Sin, Cos, Tan, Asin, Acos, Atan, Sinh, Cosh, Asinh, Acosh, Atanh, Tanh, Sigmoid, Silu, Erf,
            Erfc, Erfinv, Lgamma, Digamma, Polygamma, Logit, Gelu, LeakyRelu, Elu, Softplus, Isnan, Isinf, Isfinite,
            Signbit, LogicalNot, Where, WhereMethod, MaskedFill, Clamp, ClampTensor, ClampMin, ClampMax, Lerp, Addcmul,
            Addcdiv, NanToNum, Copy, Fill, Zero, ToCopy, Clone, Contiguous, ToDType, ToDevice, ToOther, TypeAs, ToFloat,
            ToDouble, ToHalf, ToBFloat16, ToLong, ToInt, ToShort, ToChar, ToByte, ToBool, Multiply, Divide, TrueDivide,
            Subtract, Arctan2, NotEqual, Less, LessEqual, Greater, GreaterEqual, Absolute, Negative, Fix, Clip,
            ClipTensor>;

}  // namespace tenon::inline v0
