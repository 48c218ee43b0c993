// Generated from the op records by tools/generate_functions.cpp (`make generate`); do not edit.
// clang-format off
#include <tenon/core/door.h>
#include <tenon/ops/elementwise.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0 {

Tensor add(const Tensor& input, const Tensor& other, Scalar alpha) {
  Add r;
  r.alpha = alpha;
  return apply(r, input, other);
}
const Tensor& add_out(const Tensor& out, const Tensor& input, const Tensor& other, Scalar alpha) {
  Add r;
  r.alpha = alpha;
  return apply_out(r, out, input, other);
}
Tensor Tensor::add(const Tensor& other, Scalar alpha) const {
  Add r;
  r.alpha = alpha;
  return apply(r, *this, other);
}
const Tensor& Tensor::add_(const Tensor& other, Scalar alpha) const {
  Add r;
  r.alpha = alpha;
  return apply_inplace(r, *this, other);
}
Tensor sub(const Tensor& input, const Tensor& other, Scalar alpha) {
  Sub r;
  r.alpha = alpha;
  return apply(r, input, other);
}
const Tensor& sub_out(const Tensor& out, const Tensor& input, const Tensor& other, Scalar alpha) {
  Sub r;
  r.alpha = alpha;
  return apply_out(r, out, input, other);
}
Tensor Tensor::sub(const Tensor& other, Scalar alpha) const {
  Sub r;
  r.alpha = alpha;
  return apply(r, *this, other);
}
const Tensor& Tensor::sub_(const Tensor& other, Scalar alpha) const {
  Sub r;
  r.alpha = alpha;
  return apply_inplace(r, *this, other);
}
Tensor rsub(const Tensor& input, const Tensor& other, Scalar alpha) {
  Rsub r;
  r.alpha = alpha;
  return apply(r, input, other);
}
Tensor Tensor::rsub(const Tensor& other, Scalar alpha) const {
  Rsub r;
  r.alpha = alpha;
  return apply(r, *this, other);
}
Tensor mul(const Tensor& input, const Tensor& other) {
  return apply(Mul{}, input, other);
}
const Tensor& mul_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(Mul{}, out, input, other);
}
Tensor Tensor::mul(const Tensor& other) const {
  return apply(Mul{}, *this, other);
}
const Tensor& Tensor::mul_(const Tensor& other) const {
  return apply_inplace(Mul{}, *this, other);
}
Tensor div(const Tensor& input, const Tensor& other, const std::optional<std::string>& rounding_mode) {
  Div r;
  r.rounding_mode = rounding_mode;
  return apply(r, input, other);
}
const Tensor& div_out(const Tensor& out, const Tensor& input, const Tensor& other, const std::optional<std::string>& rounding_mode) {
  Div r;
  r.rounding_mode = rounding_mode;
  return apply_out(r, out, input, other);
}
Tensor Tensor::div(const Tensor& other, const std::optional<std::string>& rounding_mode) const {
  Div r;
  r.rounding_mode = rounding_mode;
  return apply(r, *this, other);
}
const Tensor& Tensor::div_(const Tensor& other, const std::optional<std::string>& rounding_mode) const {
  Div r;
  r.rounding_mode = rounding_mode;
  return apply_inplace(r, *this, other);
}
Tensor floor_divide(const Tensor& input, const Tensor& other) {
  return apply(FloorDivide{}, input, other);
}
const Tensor& floor_divide_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(FloorDivide{}, out, input, other);
}
Tensor Tensor::floor_divide(const Tensor& other) const {
  return apply(FloorDivide{}, *this, other);
}
const Tensor& Tensor::floor_divide_(const Tensor& other) const {
  return apply_inplace(FloorDivide{}, *this, other);
}
Tensor remainder(const Tensor& input, const Tensor& other) {
  return apply(Remainder{}, input, other);
}
const Tensor& remainder_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(Remainder{}, out, input, other);
}
Tensor Tensor::remainder(const Tensor& other) const {
  return apply(Remainder{}, *this, other);
}
const Tensor& Tensor::remainder_(const Tensor& other) const {
  return apply_inplace(Remainder{}, *this, other);
}
Tensor fmod(const Tensor& input, const Tensor& other) {
  return apply(Fmod{}, input, other);
}
const Tensor& fmod_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(Fmod{}, out, input, other);
}
Tensor Tensor::fmod(const Tensor& other) const {
  return apply(Fmod{}, *this, other);
}
const Tensor& Tensor::fmod_(const Tensor& other) const {
  return apply_inplace(Fmod{}, *this, other);
}
Tensor maximum(const Tensor& input, const Tensor& other) {
  return apply(Maximum{}, input, other);
}
const Tensor& maximum_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(Maximum{}, out, input, other);
}
Tensor Tensor::maximum(const Tensor& other) const {
  return apply(Maximum{}, *this, other);
}
Tensor minimum(const Tensor& input, const Tensor& other) {
  return apply(Minimum{}, input, other);
}
const Tensor& minimum_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(Minimum{}, out, input, other);
}
Tensor Tensor::minimum(const Tensor& other) const {
  return apply(Minimum{}, *this, other);
}
Tensor pow(const Tensor& input, const Tensor& exponent) {
  return apply(Pow{}, input, exponent);
}
const Tensor& pow_out(const Tensor& out, const Tensor& input, const Tensor& exponent) {
  return apply_out(Pow{}, out, input, exponent);
}
Tensor Tensor::pow(const Tensor& exponent) const {
  return apply(Pow{}, *this, exponent);
}
const Tensor& Tensor::pow_(const Tensor& exponent) const {
  return apply_inplace(Pow{}, *this, exponent);
}
Tensor atan2(const Tensor& input, const Tensor& other) {
  return apply(Atan2{}, input, other);
}
const Tensor& atan2_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(Atan2{}, out, input, other);
}
Tensor Tensor::atan2(const Tensor& other) const {
  return apply(Atan2{}, *this, other);
}
const Tensor& Tensor::atan2_(const Tensor& other) const {
  return apply_inplace(Atan2{}, *this, other);
}
Tensor xlogy(const Tensor& input, const Tensor& other) {
  return apply(Xlogy{}, input, other);
}
const Tensor& xlogy_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(Xlogy{}, out, input, other);
}
Tensor Tensor::xlogy(const Tensor& other) const {
  return apply(Xlogy{}, *this, other);
}
const Tensor& Tensor::xlogy_(const Tensor& other) const {
  return apply_inplace(Xlogy{}, *this, other);
}
Tensor hypot(const Tensor& input, const Tensor& other) {
  return apply(Hypot{}, input, other);
}
const Tensor& hypot_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(Hypot{}, out, input, other);
}
Tensor Tensor::hypot(const Tensor& other) const {
  return apply(Hypot{}, *this, other);
}
const Tensor& Tensor::hypot_(const Tensor& other) const {
  return apply_inplace(Hypot{}, *this, other);
}
Tensor copysign(const Tensor& input, const Tensor& other) {
  return apply(Copysign{}, input, other);
}
const Tensor& copysign_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(Copysign{}, out, input, other);
}
Tensor Tensor::copysign(const Tensor& other) const {
  return apply(Copysign{}, *this, other);
}
const Tensor& Tensor::copysign_(const Tensor& other) const {
  return apply_inplace(Copysign{}, *this, other);
}
Tensor logaddexp(const Tensor& input, const Tensor& other) {
  return apply(Logaddexp{}, input, other);
}
const Tensor& logaddexp_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(Logaddexp{}, out, input, other);
}
Tensor Tensor::logaddexp(const Tensor& other) const {
  return apply(Logaddexp{}, *this, other);
}
Tensor eq(const Tensor& input, const Tensor& other) {
  return apply(Eq{}, input, other);
}
const Tensor& eq_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(Eq{}, out, input, other);
}
Tensor Tensor::eq(const Tensor& other) const {
  return apply(Eq{}, *this, other);
}
const Tensor& Tensor::eq_(const Tensor& other) const {
  return apply_inplace(Eq{}, *this, other);
}
Tensor ne(const Tensor& input, const Tensor& other) {
  return apply(Ne{}, input, other);
}
const Tensor& ne_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(Ne{}, out, input, other);
}
Tensor Tensor::ne(const Tensor& other) const {
  return apply(Ne{}, *this, other);
}
const Tensor& Tensor::ne_(const Tensor& other) const {
  return apply_inplace(Ne{}, *this, other);
}
Tensor lt(const Tensor& input, const Tensor& other) {
  return apply(Lt{}, input, other);
}
const Tensor& lt_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(Lt{}, out, input, other);
}
Tensor Tensor::lt(const Tensor& other) const {
  return apply(Lt{}, *this, other);
}
const Tensor& Tensor::lt_(const Tensor& other) const {
  return apply_inplace(Lt{}, *this, other);
}
Tensor le(const Tensor& input, const Tensor& other) {
  return apply(Le{}, input, other);
}
const Tensor& le_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(Le{}, out, input, other);
}
Tensor Tensor::le(const Tensor& other) const {
  return apply(Le{}, *this, other);
}
const Tensor& Tensor::le_(const Tensor& other) const {
  return apply_inplace(Le{}, *this, other);
}
Tensor gt(const Tensor& input, const Tensor& other) {
  return apply(Gt{}, input, other);
}
const Tensor& gt_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(Gt{}, out, input, other);
}
Tensor Tensor::gt(const Tensor& other) const {
  return apply(Gt{}, *this, other);
}
const Tensor& Tensor::gt_(const Tensor& other) const {
  return apply_inplace(Gt{}, *this, other);
}
Tensor ge(const Tensor& input, const Tensor& other) {
  return apply(Ge{}, input, other);
}
const Tensor& ge_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(Ge{}, out, input, other);
}
Tensor Tensor::ge(const Tensor& other) const {
  return apply(Ge{}, *this, other);
}
const Tensor& Tensor::ge_(const Tensor& other) const {
  return apply_inplace(Ge{}, *this, other);
}
Tensor logical_and(const Tensor& input, const Tensor& other) {
  return apply(LogicalAnd{}, input, other);
}
const Tensor& logical_and_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(LogicalAnd{}, out, input, other);
}
Tensor Tensor::logical_and(const Tensor& other) const {
  return apply(LogicalAnd{}, *this, other);
}
const Tensor& Tensor::logical_and_(const Tensor& other) const {
  return apply_inplace(LogicalAnd{}, *this, other);
}
Tensor logical_or(const Tensor& input, const Tensor& other) {
  return apply(LogicalOr{}, input, other);
}
const Tensor& logical_or_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(LogicalOr{}, out, input, other);
}
Tensor Tensor::logical_or(const Tensor& other) const {
  return apply(LogicalOr{}, *this, other);
}
const Tensor& Tensor::logical_or_(const Tensor& other) const {
  return apply_inplace(LogicalOr{}, *this, other);
}
Tensor logical_xor(const Tensor& input, const Tensor& other) {
  return apply(LogicalXor{}, input, other);
}
const Tensor& logical_xor_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(LogicalXor{}, out, input, other);
}
Tensor Tensor::logical_xor(const Tensor& other) const {
  return apply(LogicalXor{}, *this, other);
}
const Tensor& Tensor::logical_xor_(const Tensor& other) const {
  return apply_inplace(LogicalXor{}, *this, other);
}
Tensor bitwise_and(const Tensor& input, const Tensor& other) {
  return apply(BitwiseAnd{}, input, other);
}
const Tensor& bitwise_and_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(BitwiseAnd{}, out, input, other);
}
Tensor Tensor::bitwise_and(const Tensor& other) const {
  return apply(BitwiseAnd{}, *this, other);
}
const Tensor& Tensor::bitwise_and_(const Tensor& other) const {
  return apply_inplace(BitwiseAnd{}, *this, other);
}
Tensor bitwise_or(const Tensor& input, const Tensor& other) {
  return apply(BitwiseOr{}, input, other);
}
const Tensor& bitwise_or_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(BitwiseOr{}, out, input, other);
}
Tensor Tensor::bitwise_or(const Tensor& other) const {
  return apply(BitwiseOr{}, *this, other);
}
const Tensor& Tensor::bitwise_or_(const Tensor& other) const {
  return apply_inplace(BitwiseOr{}, *this, other);
}
Tensor bitwise_xor(const Tensor& input, const Tensor& other) {
  return apply(BitwiseXor{}, input, other);
}
const Tensor& bitwise_xor_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(BitwiseXor{}, out, input, other);
}
Tensor Tensor::bitwise_xor(const Tensor& other) const {
  return apply(BitwiseXor{}, *this, other);
}
const Tensor& Tensor::bitwise_xor_(const Tensor& other) const {
  return apply_inplace(BitwiseXor{}, *this, other);
}
Tensor bitwise_left_shift(const Tensor& input, const Tensor& other) {
  return apply(BitwiseLeftShift{}, input, other);
}
const Tensor& bitwise_left_shift_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(BitwiseLeftShift{}, out, input, other);
}
Tensor Tensor::bitwise_left_shift(const Tensor& other) const {
  return apply(BitwiseLeftShift{}, *this, other);
}
const Tensor& Tensor::bitwise_left_shift_(const Tensor& other) const {
  return apply_inplace(BitwiseLeftShift{}, *this, other);
}
Tensor bitwise_right_shift(const Tensor& input, const Tensor& other) {
  return apply(BitwiseRightShift{}, input, other);
}
const Tensor& bitwise_right_shift_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(BitwiseRightShift{}, out, input, other);
}
Tensor Tensor::bitwise_right_shift(const Tensor& other) const {
  return apply(BitwiseRightShift{}, *this, other);
}
const Tensor& Tensor::bitwise_right_shift_(const Tensor& other) const {
  return apply_inplace(BitwiseRightShift{}, *this, other);
}
Tensor bitwise_not(const Tensor& input) {
  return apply(BitwiseNot{}, input);
}
const Tensor& bitwise_not_out(const Tensor& out, const Tensor& input) {
  return apply_out(BitwiseNot{}, out, input);
}
Tensor Tensor::bitwise_not() const {
  return apply(BitwiseNot{}, *this);
}
const Tensor& Tensor::bitwise_not_() const {
  return apply_inplace(BitwiseNot{}, *this);
}
Tensor neg(const Tensor& input) {
  return apply(Neg{}, input);
}
const Tensor& neg_out(const Tensor& out, const Tensor& input) {
  return apply_out(Neg{}, out, input);
}
Tensor Tensor::neg() const {
  return apply(Neg{}, *this);
}
const Tensor& Tensor::neg_() const {
  return apply_inplace(Neg{}, *this);
}
Tensor abs(const Tensor& input) {
  return apply(Abs{}, input);
}
const Tensor& abs_out(const Tensor& out, const Tensor& input) {
  return apply_out(Abs{}, out, input);
}
Tensor Tensor::abs() const {
  return apply(Abs{}, *this);
}
const Tensor& Tensor::abs_() const {
  return apply_inplace(Abs{}, *this);
}
Tensor sign(const Tensor& input) {
  return apply(Sign{}, input);
}
const Tensor& sign_out(const Tensor& out, const Tensor& input) {
  return apply_out(Sign{}, out, input);
}
Tensor Tensor::sign() const {
  return apply(Sign{}, *this);
}
const Tensor& Tensor::sign_() const {
  return apply_inplace(Sign{}, *this);
}
Tensor square(const Tensor& input) {
  return apply(Square{}, input);
}
const Tensor& square_out(const Tensor& out, const Tensor& input) {
  return apply_out(Square{}, out, input);
}
Tensor Tensor::square() const {
  return apply(Square{}, *this);
}
const Tensor& Tensor::square_() const {
  return apply_inplace(Square{}, *this);
}
Tensor relu(const Tensor& input) {
  return apply(Relu{}, input);
}
const Tensor& relu_out(const Tensor& out, const Tensor& input) {
  return apply_out(Relu{}, out, input);
}
Tensor Tensor::relu() const {
  return apply(Relu{}, *this);
}
const Tensor& Tensor::relu_() const {
  return apply_inplace(Relu{}, *this);
}
Tensor _relu_backward(const Tensor& input, const Tensor& other) {
  return apply(ReluBackward{}, input, other);
}
Tensor floor(const Tensor& input) {
  return apply(Floor{}, input);
}
const Tensor& floor_out(const Tensor& out, const Tensor& input) {
  return apply_out(Floor{}, out, input);
}
Tensor Tensor::floor() const {
  return apply(Floor{}, *this);
}
const Tensor& Tensor::floor_() const {
  return apply_inplace(Floor{}, *this);
}
Tensor ceil(const Tensor& input) {
  return apply(Ceil{}, input);
}
const Tensor& ceil_out(const Tensor& out, const Tensor& input) {
  return apply_out(Ceil{}, out, input);
}
Tensor Tensor::ceil() const {
  return apply(Ceil{}, *this);
}
const Tensor& Tensor::ceil_() const {
  return apply_inplace(Ceil{}, *this);
}
Tensor trunc(const Tensor& input) {
  return apply(Trunc{}, input);
}
const Tensor& trunc_out(const Tensor& out, const Tensor& input) {
  return apply_out(Trunc{}, out, input);
}
Tensor Tensor::trunc() const {
  return apply(Trunc{}, *this);
}
const Tensor& Tensor::trunc_() const {
  return apply_inplace(Trunc{}, *this);
}
Tensor frac(const Tensor& input) {
  return apply(Frac{}, input);
}
const Tensor& frac_out(const Tensor& out, const Tensor& input) {
  return apply_out(Frac{}, out, input);
}
Tensor Tensor::frac() const {
  return apply(Frac{}, *this);
}
const Tensor& Tensor::frac_() const {
  return apply_inplace(Frac{}, *this);
}
Tensor round(const Tensor& input, int64_t decimals) {
  Round r;
  r.decimals = decimals;
  return apply(r, input);
}
const Tensor& round_out(const Tensor& out, const Tensor& input, int64_t decimals) {
  Round r;
  r.decimals = decimals;
  return apply_out(r, out, input);
}
Tensor Tensor::round(int64_t decimals) const {
  Round r;
  r.decimals = decimals;
  return apply(r, *this);
}
const Tensor& Tensor::round_(int64_t decimals) const {
  Round r;
  r.decimals = decimals;
  return apply_inplace(r, *this);
}
Tensor positive(const Tensor& input) {
  return apply(Positive{}, input);
}
Tensor Tensor::positive() const {
  return apply(Positive{}, *this);
}
Tensor exp(const Tensor& input) {
  return apply(Exp{}, input);
}
const Tensor& exp_out(const Tensor& out, const Tensor& input) {
  return apply_out(Exp{}, out, input);
}
Tensor Tensor::exp() const {
  return apply(Exp{}, *this);
}
const Tensor& Tensor::exp_() const {
  return apply_inplace(Exp{}, *this);
}
Tensor exp2(const Tensor& input) {
  return apply(Exp2{}, input);
}
const Tensor& exp2_out(const Tensor& out, const Tensor& input) {
  return apply_out(Exp2{}, out, input);
}
Tensor Tensor::exp2() const {
  return apply(Exp2{}, *this);
}
const Tensor& Tensor::exp2_() const {
  return apply_inplace(Exp2{}, *this);
}
Tensor expm1(const Tensor& input) {
  return apply(Expm1{}, input);
}
const Tensor& expm1_out(const Tensor& out, const Tensor& input) {
  return apply_out(Expm1{}, out, input);
}
Tensor Tensor::expm1() const {
  return apply(Expm1{}, *this);
}
const Tensor& Tensor::expm1_() const {
  return apply_inplace(Expm1{}, *this);
}
Tensor log(const Tensor& input) {
  return apply(Log{}, input);
}
const Tensor& log_out(const Tensor& out, const Tensor& input) {
  return apply_out(Log{}, out, input);
}
Tensor Tensor::log() const {
  return apply(Log{}, *this);
}
const Tensor& Tensor::log_() const {
  return apply_inplace(Log{}, *this);
}
Tensor log1p(const Tensor& input) {
  return apply(Log1p{}, input);
}
const Tensor& log1p_out(const Tensor& out, const Tensor& input) {
  return apply_out(Log1p{}, out, input);
}
Tensor Tensor::log1p() const {
  return apply(Log1p{}, *this);
}
const Tensor& Tensor::log1p_() const {
  return apply_inplace(Log1p{}, *this);
}
Tensor log2(const Tensor& input) {
  return apply(Log2{}, input);
}
const Tensor& log2_out(const Tensor& out, const Tensor& input) {
  return apply_out(Log2{}, out, input);
}
Tensor Tensor::log2() const {
  return apply(Log2{}, *this);
}
const Tensor& Tensor::log2_() const {
  return apply_inplace(Log2{}, *this);
}
Tensor log10(const Tensor& input) {
  return apply(Log10{}, input);
}
const Tensor& log10_out(const Tensor& out, const Tensor& input) {
  return apply_out(Log10{}, out, input);
}
Tensor Tensor::log10() const {
  return apply(Log10{}, *this);
}
const Tensor& Tensor::log10_() const {
  return apply_inplace(Log10{}, *this);
}
Tensor sqrt(const Tensor& input) {
  return apply(Sqrt{}, input);
}
const Tensor& sqrt_out(const Tensor& out, const Tensor& input) {
  return apply_out(Sqrt{}, out, input);
}
Tensor Tensor::sqrt() const {
  return apply(Sqrt{}, *this);
}
const Tensor& Tensor::sqrt_() const {
  return apply_inplace(Sqrt{}, *this);
}
Tensor rsqrt(const Tensor& input) {
  return apply(Rsqrt{}, input);
}
const Tensor& rsqrt_out(const Tensor& out, const Tensor& input) {
  return apply_out(Rsqrt{}, out, input);
}
Tensor Tensor::rsqrt() const {
  return apply(Rsqrt{}, *this);
}
const Tensor& Tensor::rsqrt_() const {
  return apply_inplace(Rsqrt{}, *this);
}
Tensor reciprocal(const Tensor& input) {
  return apply(Reciprocal{}, input);
}
const Tensor& reciprocal_out(const Tensor& out, const Tensor& input) {
  return apply_out(Reciprocal{}, out, input);
}
Tensor Tensor::reciprocal() const {
  return apply(Reciprocal{}, *this);
}
const Tensor& Tensor::reciprocal_() const {
  return apply_inplace(Reciprocal{}, *this);
}
Tensor sin(const Tensor& input) {
  return apply(Sin{}, input);
}
const Tensor& sin_out(const Tensor& out, const Tensor& input) {
  return apply_out(Sin{}, out, input);
}
Tensor Tensor::sin() const {
  return apply(Sin{}, *this);
}
const Tensor& Tensor::sin_() const {
  return apply_inplace(Sin{}, *this);
}
Tensor cos(const Tensor& input) {
  return apply(Cos{}, input);
}
const Tensor& cos_out(const Tensor& out, const Tensor& input) {
  return apply_out(Cos{}, out, input);
}
Tensor Tensor::cos() const {
  return apply(Cos{}, *this);
}
const Tensor& Tensor::cos_() const {
  return apply_inplace(Cos{}, *this);
}
Tensor tan(const Tensor& input) {
  return apply(Tan{}, input);
}
const Tensor& tan_out(const Tensor& out, const Tensor& input) {
  return apply_out(Tan{}, out, input);
}
Tensor Tensor::tan() const {
  return apply(Tan{}, *this);
}
const Tensor& Tensor::tan_() const {
  return apply_inplace(Tan{}, *this);
}
Tensor asin(const Tensor& input) {
  return apply(Asin{}, input);
}
const Tensor& asin_out(const Tensor& out, const Tensor& input) {
  return apply_out(Asin{}, out, input);
}
Tensor Tensor::asin() const {
  return apply(Asin{}, *this);
}
const Tensor& Tensor::asin_() const {
  return apply_inplace(Asin{}, *this);
}
Tensor acos(const Tensor& input) {
  return apply(Acos{}, input);
}
const Tensor& acos_out(const Tensor& out, const Tensor& input) {
  return apply_out(Acos{}, out, input);
}
Tensor Tensor::acos() const {
  return apply(Acos{}, *this);
}
const Tensor& Tensor::acos_() const {
  return apply_inplace(Acos{}, *this);
}
Tensor atan(const Tensor& input) {
  return apply(Atan{}, input);
}
const Tensor& atan_out(const Tensor& out, const Tensor& input) {
  return apply_out(Atan{}, out, input);
}
Tensor Tensor::atan() const {
  return apply(Atan{}, *this);
}
const Tensor& Tensor::atan_() const {
  return apply_inplace(Atan{}, *this);
}
Tensor sinh(const Tensor& input) {
  return apply(Sinh{}, input);
}
const Tensor& sinh_out(const Tensor& out, const Tensor& input) {
  return apply_out(Sinh{}, out, input);
}
Tensor Tensor::sinh() const {
  return apply(Sinh{}, *this);
}
const Tensor& Tensor::sinh_() const {
  return apply_inplace(Sinh{}, *this);
}
Tensor cosh(const Tensor& input) {
  return apply(Cosh{}, input);
}
const Tensor& cosh_out(const Tensor& out, const Tensor& input) {
  return apply_out(Cosh{}, out, input);
}
Tensor Tensor::cosh() const {
  return apply(Cosh{}, *this);
}
const Tensor& Tensor::cosh_() const {
  return apply_inplace(Cosh{}, *this);
}
Tensor asinh(const Tensor& input) {
  return apply(Asinh{}, input);
}
const Tensor& asinh_out(const Tensor& out, const Tensor& input) {
  return apply_out(Asinh{}, out, input);
}
Tensor Tensor::asinh() const {
  return apply(Asinh{}, *this);
}
const Tensor& Tensor::asinh_() const {
  return apply_inplace(Asinh{}, *this);
}
Tensor acosh(const Tensor& input) {
  return apply(Acosh{}, input);
}
const Tensor& acosh_out(const Tensor& out, const Tensor& input) {
  return apply_out(Acosh{}, out, input);
}
Tensor Tensor::acosh() const {
  return apply(Acosh{}, *this);
}
const Tensor& Tensor::acosh_() const {
  return apply_inplace(Acosh{}, *this);
}
Tensor atanh(const Tensor& input) {
  return apply(Atanh{}, input);
}
const Tensor& atanh_out(const Tensor& out, const Tensor& input) {
  return apply_out(Atanh{}, out, input);
}
Tensor Tensor::atanh() const {
  return apply(Atanh{}, *this);
}
const Tensor& Tensor::atanh_() const {
  return apply_inplace(Atanh{}, *this);
}
Tensor tanh(const Tensor& input) {
  return apply(Tanh{}, input);
}
const Tensor& tanh_out(const Tensor& out, const Tensor& input) {
  return apply_out(Tanh{}, out, input);
}
Tensor Tensor::tanh() const {
  return apply(Tanh{}, *this);
}
const Tensor& Tensor::tanh_() const {
  return apply_inplace(Tanh{}, *this);
}
Tensor sigmoid(const Tensor& input) {
  return apply(Sigmoid{}, input);
}
const Tensor& sigmoid_out(const Tensor& out, const Tensor& input) {
  return apply_out(Sigmoid{}, out, input);
}
Tensor Tensor::sigmoid() const {
  return apply(Sigmoid{}, *this);
}
const Tensor& Tensor::sigmoid_() const {
  return apply_inplace(Sigmoid{}, *this);
}
Tensor silu(const Tensor& input) {
  return apply(Silu{}, input);
}
const Tensor& Tensor::silu_() const {
  return apply_inplace(Silu{}, *this);
}
Tensor erf(const Tensor& input) {
  return apply(Erf{}, input);
}
const Tensor& erf_out(const Tensor& out, const Tensor& input) {
  return apply_out(Erf{}, out, input);
}
Tensor Tensor::erf() const {
  return apply(Erf{}, *this);
}
const Tensor& Tensor::erf_() const {
  return apply_inplace(Erf{}, *this);
}
Tensor erfc(const Tensor& input) {
  return apply(Erfc{}, input);
}
const Tensor& erfc_out(const Tensor& out, const Tensor& input) {
  return apply_out(Erfc{}, out, input);
}
Tensor Tensor::erfc() const {
  return apply(Erfc{}, *this);
}
const Tensor& Tensor::erfc_() const {
  return apply_inplace(Erfc{}, *this);
}
Tensor erfinv(const Tensor& input) {
  return apply(Erfinv{}, input);
}
const Tensor& erfinv_out(const Tensor& out, const Tensor& input) {
  return apply_out(Erfinv{}, out, input);
}
Tensor Tensor::erfinv() const {
  return apply(Erfinv{}, *this);
}
const Tensor& Tensor::erfinv_() const {
  return apply_inplace(Erfinv{}, *this);
}
Tensor lgamma(const Tensor& input) {
  return apply(Lgamma{}, input);
}
const Tensor& lgamma_out(const Tensor& out, const Tensor& input) {
  return apply_out(Lgamma{}, out, input);
}
Tensor Tensor::lgamma() const {
  return apply(Lgamma{}, *this);
}
const Tensor& Tensor::lgamma_() const {
  return apply_inplace(Lgamma{}, *this);
}
Tensor digamma(const Tensor& input) {
  return apply(Digamma{}, input);
}
const Tensor& digamma_out(const Tensor& out, const Tensor& input) {
  return apply_out(Digamma{}, out, input);
}
Tensor Tensor::digamma() const {
  return apply(Digamma{}, *this);
}
const Tensor& Tensor::digamma_() const {
  return apply_inplace(Digamma{}, *this);
}
Tensor polygamma(int64_t n, const Tensor& input) {
  Polygamma r;
  r.n = n;
  return apply(r, input);
}
const Tensor& polygamma_out(const Tensor& out, int64_t n, const Tensor& input) {
  Polygamma r;
  r.n = n;
  return apply_out(r, out, input);
}
Tensor logit(const Tensor& input, std::optional<double> eps) {
  Logit r;
  r.eps = eps;
  return apply(r, input);
}
Tensor Tensor::logit(std::optional<double> eps) const {
  Logit r;
  r.eps = eps;
  return apply(r, *this);
}
Tensor gelu(const Tensor& input, const std::string& approximate) {
  Gelu r;
  r.approximate = approximate;
  return apply(r, input);
}
Tensor leaky_relu(const Tensor& input, double negative_slope) {
  LeakyRelu r;
  r.negative_slope = negative_slope;
  return apply(r, input);
}
const Tensor& Tensor::leaky_relu_(double negative_slope) const {
  LeakyRelu r;
  r.negative_slope = negative_slope;
  return apply_inplace(r, *this);
}
Tensor elu(const Tensor& input, double alpha) {
  Elu r;
  r.alpha = alpha;
  return apply(r, input);
}
const Tensor& Tensor::elu_(double alpha) const {
  Elu r;
  r.alpha = alpha;
  return apply_inplace(r, *this);
}
Tensor softplus(const Tensor& input, double beta, double threshold) {
  Softplus r;
  r.beta = beta;
  r.threshold = threshold;
  return apply(r, input);
}
Tensor isnan(const Tensor& input) {
  return apply(Isnan{}, input);
}
Tensor Tensor::isnan() const {
  return apply(Isnan{}, *this);
}
Tensor isinf(const Tensor& input) {
  return apply(Isinf{}, input);
}
Tensor Tensor::isinf() const {
  return apply(Isinf{}, *this);
}
Tensor isfinite(const Tensor& input) {
  return apply(Isfinite{}, input);
}
Tensor Tensor::isfinite() const {
  return apply(Isfinite{}, *this);
}
Tensor signbit(const Tensor& input) {
  return apply(Signbit{}, input);
}
Tensor Tensor::signbit() const {
  return apply(Signbit{}, *this);
}
Tensor logical_not(const Tensor& input) {
  return apply(LogicalNot{}, input);
}
const Tensor& logical_not_out(const Tensor& out, const Tensor& input) {
  return apply_out(LogicalNot{}, out, input);
}
Tensor Tensor::logical_not() const {
  return apply(LogicalNot{}, *this);
}
const Tensor& Tensor::logical_not_() const {
  return apply_inplace(LogicalNot{}, *this);
}
Tensor where(const Tensor& condition, const Tensor& input, const Tensor& other) {
  return apply(Where{}, condition, input, other);
}
const Tensor& where_out(const Tensor& out, const Tensor& condition, const Tensor& input, const Tensor& other) {
  return apply_out(Where{}, out, condition, input, other);
}
Tensor masked_fill(const Tensor& input, const Tensor& mask, const Tensor& value) {
  return apply(MaskedFill{}, input, mask, value);
}
Tensor Tensor::masked_fill(const Tensor& mask, const Tensor& value) const {
  return apply(MaskedFill{}, *this, mask, value);
}
const Tensor& Tensor::masked_fill_(const Tensor& mask, const Tensor& value) const {
  return apply_inplace(MaskedFill{}, *this, mask, value);
}
Tensor clamp(const Tensor& input, std::optional<Scalar> min, std::optional<Scalar> max) {
  Clamp r;
  r.min = min;
  r.max = max;
  return apply(r, input);
}
const Tensor& clamp_out(const Tensor& out, const Tensor& input, std::optional<Scalar> min, std::optional<Scalar> max) {
  Clamp r;
  r.min = min;
  r.max = max;
  return apply_out(r, out, input);
}
Tensor Tensor::clamp(std::optional<Scalar> min, std::optional<Scalar> max) const {
  Clamp r;
  r.min = min;
  r.max = max;
  return apply(r, *this);
}
const Tensor& Tensor::clamp_(std::optional<Scalar> min, std::optional<Scalar> max) const {
  Clamp r;
  r.min = min;
  r.max = max;
  return apply_inplace(r, *this);
}
Tensor clamp_min(const Tensor& input, const Tensor& min) {
  return apply(ClampMin{}, input, min);
}
const Tensor& clamp_min_out(const Tensor& out, const Tensor& input, const Tensor& min) {
  return apply_out(ClampMin{}, out, input, min);
}
Tensor Tensor::clamp_min(const Tensor& min) const {
  return apply(ClampMin{}, *this, min);
}
const Tensor& Tensor::clamp_min_(const Tensor& min) const {
  return apply_inplace(ClampMin{}, *this, min);
}
Tensor clamp_max(const Tensor& input, const Tensor& max) {
  return apply(ClampMax{}, input, max);
}
const Tensor& clamp_max_out(const Tensor& out, const Tensor& input, const Tensor& max) {
  return apply_out(ClampMax{}, out, input, max);
}
Tensor Tensor::clamp_max(const Tensor& max) const {
  return apply(ClampMax{}, *this, max);
}
const Tensor& Tensor::clamp_max_(const Tensor& max) const {
  return apply_inplace(ClampMax{}, *this, max);
}
Tensor lerp(const Tensor& input, const Tensor& end, const Tensor& weight) {
  return apply(Lerp{}, input, end, weight);
}
const Tensor& lerp_out(const Tensor& out, const Tensor& input, const Tensor& end, const Tensor& weight) {
  return apply_out(Lerp{}, out, input, end, weight);
}
Tensor Tensor::lerp(const Tensor& end, const Tensor& weight) const {
  return apply(Lerp{}, *this, end, weight);
}
const Tensor& Tensor::lerp_(const Tensor& end, const Tensor& weight) const {
  return apply_inplace(Lerp{}, *this, end, weight);
}
Tensor addcmul(const Tensor& input, const Tensor& tensor1, const Tensor& tensor2, Scalar value) {
  Addcmul r;
  r.value = value;
  return apply(r, input, tensor1, tensor2);
}
const Tensor& addcmul_out(const Tensor& out, const Tensor& input, const Tensor& tensor1, const Tensor& tensor2, Scalar value) {
  Addcmul r;
  r.value = value;
  return apply_out(r, out, input, tensor1, tensor2);
}
Tensor Tensor::addcmul(const Tensor& tensor1, const Tensor& tensor2, Scalar value) const {
  Addcmul r;
  r.value = value;
  return apply(r, *this, tensor1, tensor2);
}
const Tensor& Tensor::addcmul_(const Tensor& tensor1, const Tensor& tensor2, Scalar value) const {
  Addcmul r;
  r.value = value;
  return apply_inplace(r, *this, tensor1, tensor2);
}
Tensor addcdiv(const Tensor& input, const Tensor& tensor1, const Tensor& tensor2, Scalar value) {
  Addcdiv r;
  r.value = value;
  return apply(r, input, tensor1, tensor2);
}
const Tensor& addcdiv_out(const Tensor& out, const Tensor& input, const Tensor& tensor1, const Tensor& tensor2, Scalar value) {
  Addcdiv r;
  r.value = value;
  return apply_out(r, out, input, tensor1, tensor2);
}
Tensor Tensor::addcdiv(const Tensor& tensor1, const Tensor& tensor2, Scalar value) const {
  Addcdiv r;
  r.value = value;
  return apply(r, *this, tensor1, tensor2);
}
const Tensor& Tensor::addcdiv_(const Tensor& tensor1, const Tensor& tensor2, Scalar value) const {
  Addcdiv r;
  r.value = value;
  return apply_inplace(r, *this, tensor1, tensor2);
}
Tensor nan_to_num(const Tensor& input, std::optional<double> nan, std::optional<double> posinf, std::optional<double> neginf) {
  NanToNum r;
  r.nan = nan;
  r.posinf = posinf;
  r.neginf = neginf;
  return apply(r, input);
}
const Tensor& nan_to_num_out(const Tensor& out, const Tensor& input, std::optional<double> nan, std::optional<double> posinf, std::optional<double> neginf) {
  NanToNum r;
  r.nan = nan;
  r.posinf = posinf;
  r.neginf = neginf;
  return apply_out(r, out, input);
}
Tensor Tensor::nan_to_num(std::optional<double> nan, std::optional<double> posinf, std::optional<double> neginf) const {
  NanToNum r;
  r.nan = nan;
  r.posinf = posinf;
  r.neginf = neginf;
  return apply(r, *this);
}
const Tensor& Tensor::nan_to_num_(std::optional<double> nan, std::optional<double> posinf, std::optional<double> neginf) const {
  NanToNum r;
  r.nan = nan;
  r.posinf = posinf;
  r.neginf = neginf;
  return apply_inplace(r, *this);
}
Tensor copy(const Tensor& input, const Tensor& src, bool non_blocking) {
  Copy r;
  r.non_blocking = non_blocking;
  return apply(r, input, src);
}
Tensor Tensor::copy(const Tensor& src, bool non_blocking) const {
  Copy r;
  r.non_blocking = non_blocking;
  return apply(r, *this, src);
}
const Tensor& Tensor::copy_(const Tensor& src, bool non_blocking) const {
  Copy r;
  r.non_blocking = non_blocking;
  return apply_inplace(r, *this, src);
}
Tensor fill(const Tensor& input, const Tensor& value) {
  return apply(Fill{}, input, value);
}
Tensor Tensor::fill(const Tensor& value) const {
  return apply(Fill{}, *this, value);
}
const Tensor& Tensor::fill_(const Tensor& value) const {
  return apply_inplace(Fill{}, *this, value);
}
Tensor zero(const Tensor& input) {
  return apply(Zero{}, input);
}
const Tensor& Tensor::zero_() const {
  return apply_inplace(Zero{}, *this);
}
Tensor _to_copy(const Tensor& input, std::optional<DType> dtype, std::optional<Device> device) {
  ToCopy r;
  r.dtype = dtype;
  r.device = device;
  return apply(r, input);
}
Tensor clone(const Tensor& input, const std::optional<std::string>& memory_format) {
  Clone r;
  r.memory_format = memory_format;
  return apply(r, input);
}
Tensor Tensor::clone(const std::optional<std::string>& memory_format) const {
  Clone r;
  r.memory_format = memory_format;
  return apply(r, *this);
}
Tensor contiguous(const Tensor& input, const std::optional<std::string>& memory_format) {
  Contiguous r;
  r.memory_format = memory_format;
  return apply(r, input);
}
Tensor Tensor::contiguous(const std::optional<std::string>& memory_format) const {
  Contiguous r;
  r.memory_format = memory_format;
  return apply(r, *this);
}
Tensor to(const Tensor& input, DType dtype, bool non_blocking, bool copy, const std::optional<std::string>& memory_format) {
  ToDType r;
  r.dtype = dtype;
  r.non_blocking = non_blocking;
  r.copy = copy;
  r.memory_format = memory_format;
  return apply(r, input);
}
Tensor Tensor::to(DType dtype, bool non_blocking, bool copy, const std::optional<std::string>& memory_format) const {
  ToDType r;
  r.dtype = dtype;
  r.non_blocking = non_blocking;
  r.copy = copy;
  r.memory_format = memory_format;
  return apply(r, *this);
}
Tensor to(const Tensor& input, std::optional<Device> device, std::optional<DType> dtype, bool non_blocking, bool copy, const std::optional<std::string>& memory_format) {
  ToDevice r;
  r.device = device;
  r.dtype = dtype;
  r.non_blocking = non_blocking;
  r.copy = copy;
  r.memory_format = memory_format;
  return apply(r, input);
}
Tensor Tensor::to(std::optional<Device> device, std::optional<DType> dtype, bool non_blocking, bool copy, const std::optional<std::string>& memory_format) const {
  ToDevice r;
  r.device = device;
  r.dtype = dtype;
  r.non_blocking = non_blocking;
  r.copy = copy;
  r.memory_format = memory_format;
  return apply(r, *this);
}
Tensor to(const Tensor& input, const Tensor& other, bool non_blocking, bool copy) {
  ToOther r;
  r.non_blocking = non_blocking;
  r.copy = copy;
  return apply(r, input, other);
}
Tensor Tensor::to(const Tensor& other, bool non_blocking, bool copy) const {
  ToOther r;
  r.non_blocking = non_blocking;
  r.copy = copy;
  return apply(r, *this, other);
}
Tensor type_as(const Tensor& input, const Tensor& other) {
  return apply(TypeAs{}, input, other);
}
Tensor Tensor::type_as(const Tensor& other) const {
  return apply(TypeAs{}, *this, other);
}
Tensor bfloat16(const Tensor& input) {
  return apply(ToBFloat16{}, input);
}
Tensor Tensor::bfloat16() const {
  return apply(ToBFloat16{}, *this);
}
Tensor byte(const Tensor& input) {
  return apply(ToByte{}, input);
}
Tensor Tensor::byte() const {
  return apply(ToByte{}, *this);
}
Tensor multiply(const Tensor& input, const Tensor& other) {
  return apply(Multiply{}, input, other);
}
const Tensor& multiply_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(Multiply{}, out, input, other);
}
Tensor Tensor::multiply(const Tensor& other) const {
  return apply(Multiply{}, *this, other);
}
const Tensor& Tensor::multiply_(const Tensor& other) const {
  return apply_inplace(Multiply{}, *this, other);
}
Tensor divide(const Tensor& input, const Tensor& other, const std::optional<std::string>& rounding_mode) {
  Divide r;
  r.rounding_mode = rounding_mode;
  return apply(r, input, other);
}
const Tensor& divide_out(const Tensor& out, const Tensor& input, const Tensor& other, const std::optional<std::string>& rounding_mode) {
  Divide r;
  r.rounding_mode = rounding_mode;
  return apply_out(r, out, input, other);
}
Tensor Tensor::divide(const Tensor& other, const std::optional<std::string>& rounding_mode) const {
  Divide r;
  r.rounding_mode = rounding_mode;
  return apply(r, *this, other);
}
const Tensor& Tensor::divide_(const Tensor& other, const std::optional<std::string>& rounding_mode) const {
  Divide r;
  r.rounding_mode = rounding_mode;
  return apply_inplace(r, *this, other);
}
Tensor true_divide(const Tensor& input, const Tensor& other) {
  return apply(TrueDivide{}, input, other);
}
const Tensor& true_divide_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(TrueDivide{}, out, input, other);
}
Tensor Tensor::true_divide(const Tensor& other) const {
  return apply(TrueDivide{}, *this, other);
}
const Tensor& Tensor::true_divide_(const Tensor& other) const {
  return apply_inplace(TrueDivide{}, *this, other);
}
Tensor subtract(const Tensor& input, const Tensor& other, Scalar alpha) {
  Subtract r;
  r.alpha = alpha;
  return apply(r, input, other);
}
const Tensor& subtract_out(const Tensor& out, const Tensor& input, const Tensor& other, Scalar alpha) {
  Subtract r;
  r.alpha = alpha;
  return apply_out(r, out, input, other);
}
Tensor Tensor::subtract(const Tensor& other, Scalar alpha) const {
  Subtract r;
  r.alpha = alpha;
  return apply(r, *this, other);
}
const Tensor& Tensor::subtract_(const Tensor& other, Scalar alpha) const {
  Subtract r;
  r.alpha = alpha;
  return apply_inplace(r, *this, other);
}
Tensor arctan2(const Tensor& input, const Tensor& other) {
  return apply(Arctan2{}, input, other);
}
const Tensor& arctan2_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(Arctan2{}, out, input, other);
}
Tensor Tensor::arctan2(const Tensor& other) const {
  return apply(Arctan2{}, *this, other);
}
const Tensor& Tensor::arctan2_(const Tensor& other) const {
  return apply_inplace(Arctan2{}, *this, other);
}
Tensor not_equal(const Tensor& input, const Tensor& other) {
  return apply(NotEqual{}, input, other);
}
const Tensor& not_equal_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(NotEqual{}, out, input, other);
}
Tensor Tensor::not_equal(const Tensor& other) const {
  return apply(NotEqual{}, *this, other);
}
const Tensor& Tensor::not_equal_(const Tensor& other) const {
  return apply_inplace(NotEqual{}, *this, other);
}
Tensor less(const Tensor& input, const Tensor& other) {
  return apply(Less{}, input, other);
}
const Tensor& less_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(Less{}, out, input, other);
}
Tensor Tensor::less(const Tensor& other) const {
  return apply(Less{}, *this, other);
}
const Tensor& Tensor::less_(const Tensor& other) const {
  return apply_inplace(Less{}, *this, other);
}
Tensor less_equal(const Tensor& input, const Tensor& other) {
  return apply(LessEqual{}, input, other);
}
const Tensor& less_equal_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(LessEqual{}, out, input, other);
}
Tensor Tensor::less_equal(const Tensor& other) const {
  return apply(LessEqual{}, *this, other);
}
const Tensor& Tensor::less_equal_(const Tensor& other) const {
  return apply_inplace(LessEqual{}, *this, other);
}
Tensor greater(const Tensor& input, const Tensor& other) {
  return apply(Greater{}, input, other);
}
const Tensor& greater_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(Greater{}, out, input, other);
}
Tensor Tensor::greater(const Tensor& other) const {
  return apply(Greater{}, *this, other);
}
const Tensor& Tensor::greater_(const Tensor& other) const {
  return apply_inplace(Greater{}, *this, other);
}
Tensor greater_equal(const Tensor& input, const Tensor& other) {
  return apply(GreaterEqual{}, input, other);
}
const Tensor& greater_equal_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(GreaterEqual{}, out, input, other);
}
Tensor Tensor::greater_equal(const Tensor& other) const {
  return apply(GreaterEqual{}, *this, other);
}
const Tensor& Tensor::greater_equal_(const Tensor& other) const {
  return apply_inplace(GreaterEqual{}, *this, other);
}
Tensor absolute(const Tensor& input) {
  return apply(Absolute{}, input);
}
const Tensor& absolute_out(const Tensor& out, const Tensor& input) {
  return apply_out(Absolute{}, out, input);
}
Tensor Tensor::absolute() const {
  return apply(Absolute{}, *this);
}
const Tensor& Tensor::absolute_() const {
  return apply_inplace(Absolute{}, *this);
}
Tensor negative(const Tensor& input) {
  return apply(Negative{}, input);
}
const Tensor& negative_out(const Tensor& out, const Tensor& input) {
  return apply_out(Negative{}, out, input);
}
Tensor Tensor::negative() const {
  return apply(Negative{}, *this);
}
const Tensor& Tensor::negative_() const {
  return apply_inplace(Negative{}, *this);
}
Tensor fix(const Tensor& input) {
  return apply(Fix{}, input);
}
const Tensor& fix_out(const Tensor& out, const Tensor& input) {
  return apply_out(Fix{}, out, input);
}
Tensor Tensor::fix() const {
  return apply(Fix{}, *this);
}
const Tensor& Tensor::fix_() const {
  return apply_inplace(Fix{}, *this);
}
Tensor clip(const Tensor& input, std::optional<Scalar> min, std::optional<Scalar> max) {
  Clip r;
  r.min = min;
  r.max = max;
  return apply(r, input);
}
const Tensor& clip_out(const Tensor& out, const Tensor& input, std::optional<Scalar> min, std::optional<Scalar> max) {
  Clip r;
  r.min = min;
  r.max = max;
  return apply_out(r, out, input);
}
Tensor Tensor::clip(std::optional<Scalar> min, std::optional<Scalar> max) const {
  Clip r;
  r.min = min;
  r.max = max;
  return apply(r, *this);
}
const Tensor& Tensor::clip_(std::optional<Scalar> min, std::optional<Scalar> max) const {
  Clip r;
  r.min = min;
  r.max = max;
  return apply_inplace(r, *this);
}

}  // namespace tenon::inline v0
