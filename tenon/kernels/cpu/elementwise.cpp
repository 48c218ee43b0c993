// From the records of the elementwise family to their loops.
#include <cmath>
#include <limits>

#include <tenon/core/number.h>
#include <tenon/kernels/cpu/cast.h>
#include <tenon/kernels/cpu/elementwise_mixed.h>
#include <tenon/kernels/cpu/elementwise_unary.h>
#include <tenon/kernels/cpu/fused.h>
#include <tenon/kernels/cpu/register.h>
#include <tenon/ops/elementwise.h>

namespace tenon::inline v0 {

namespace {

// Found once; a call then costs one load.
const BinaryLoops* binary = nullptr;
const UnaryLoops* unary = nullptr;
const MathLoops* math = nullptr;
const MixedLoops* mixed = nullptr;

Number number_of(const Scalar& value) { return {value.to_double(), value.to_int()}; }

double read_double(const View& v) {
  double out;
  cast_loop(v.dtype, DType::Float64)(static_cast<const char*>(v.data), 0, reinterpret_cast<char*>(&out), 8, 1);
  return out;
}

// ---- two operands --------------------------------------------------------------------------------------

void run_two(const LoopRow& row, ConstViews in, const View& out, const void* params, Context& context) {
  const View* const operands[] = {&in[0], &in[1]};
  run_row(row, out.dtype, operands, 2, out, params, context);
}

void run_int_division(const LoopRow& row, ConstViews in, const View& out, Context& context) {
  bool by_zero = false;
  const DivisionFlag flag{&by_zero};
  run_two(row, in, out, &flag, context);
  if (by_zero) context.errors.report(ErrorSink::Code::Value, "ZeroDivisionError: integer division or modulo by zero");
}

template <class R, LoopRow BinaryLoops::*row>
void binary_kernel(const R&, ConstViews in, Views out, Context& context) {
  run_two(binary->*row, in, out[0], nullptr, context);
}
template <class R, LoopRow BinaryLoops::*row>
void division_kernel(const R&, ConstViews in, Views out, Context& context) {
  run_int_division(binary->*row, in, out[0], context);
}
template <class R, LoopRow MixedLoops::*row>
void library_kernel(const R&, ConstViews in, Views out, Context& context) {
  run_two(mixed->*row, in, out[0], nullptr, context);
}
// Operands meet in their common dtype, the result is bool.
template <class R, LoopRow BinaryLoops::*row>
void compare_kernel(const R&, ConstViews in, Views out, Context& context) {
  const View* const operands[] = {&in[0], &in[1]};
  DType dtype = common_dtype(operands, 2);
  // An integer beyond the narrower dtype is compared by its value, not by its lowest bits.
  for (const View* v : operands) {
    if (is_number(*v) && v->dtype != dtype && is_integral(dtype) && !fits(read_number(*v), dtype)) dtype = v->dtype;
  }
  run_row(binary->*row, dtype, DType::Bool, operands, 2, out[0], nullptr, context);
}
template <class R, LoopRow BinaryLoops::*row>
void logical_kernel(const R&, ConstViews in, Views out, Context& context) {
  const View* const operands[] = {&in[0], &in[1]};
  run_row(binary->*row, DType::Bool, operands, 2, out[0], nullptr, context);
}

void run_scaled(const LoopRow& plain, Scalar alpha, bool negate, ConstViews in, const View& out, Context& context) {
  if (alpha.to_double() == 1) [[likely]]
    return run_two(plain, in, out, nullptr, context);
  if (out.dtype == DType::Bool)
    return alpha.to_bool() ? run_two(plain, in, out, nullptr, context) : copy_view(in[0], out);
  const double sign = negate ? -1 : 1;
  const auto integer = static_cast<uint64_t>(alpha.to_int());
  const Alpha scale{sign * alpha.to_double(), static_cast<int64_t>(negate ? 0 - integer : integer)};
  run_two(binary->add_scaled, in, out, &scale, context);
}
void add_kernel(const Add& r, ConstViews in, Views out, Context& context) {
  run_scaled(binary->add, r.alpha, false, in, out[0], context);
}
void sub_kernel(const Sub& r, ConstViews in, Views out, Context& context) {
  run_scaled(binary->sub, r.alpha, true, in, out[0], context);
}

void div_kernel(const Div& r, ConstViews in, Views out, Context& context) {
  if (!r.rounding_mode) return run_two(binary->div, in, out[0], nullptr, context);
  run_int_division(*r.rounding_mode == "floor" ? binary->floor_divide : binary->trunc_divide, in, out[0], context);
}

// Powers by a number that have a shorter way.
const LoopRow* short_power(double exponent) {
  if (exponent == 2) return &unary->square;
  if (exponent == 1) return &unary->copy;
  if (exponent == 0.5) return &unary->sqrt;
  if (exponent == -1) return &unary->reciprocal;
  if (exponent == -0.5) return &unary->rsqrt;
  return nullptr;
}

void pow_kernel(const Pow&, ConstViews in, Views out, Context& context) {
  if (in[1].numel() == 1 && in[1].ndim == 0) {
    const double exponent = read_double(in[1]);
    const bool integral = is_integral(out[0].dtype);
    if (integral && !takes_number(in[1], out[0].dtype, context)) return;
    if (integral && exponent < 0) {
      context.errors.report(ErrorSink::Code::Value, "Integers to negative integer powers are not allowed.");
      return;
    }
    const LoopRow* row = short_power(exponent);
    if (row != nullptr) {
      const View* const operand[] = {&in[0]};
      return run_row(*row, out[0].dtype, operand, 1, out[0], nullptr, context);
    }
  }
  run_two(mixed->pow, in, out[0], nullptr, context);
}

// ---- one operand ---------------------------------------------------------------------------------------

void run_one(const LoopRow& row, const View& in, const View& out, const void* params, Context& context) {
  const View* const operand[] = {&in};
  run_row(row, out.dtype, operand, 1, out, params, context);
}
template <class R, LoopRow UnaryLoops::*row>
void unary_kernel(const R&, ConstViews in, Views out, Context& context) {
  run_one(unary->*row, in[0], out[0], nullptr, context);
}
void neg_kernel(const Neg&, ConstViews in, Views out, Context& context) {
  if (in[0].dtype == DType::Bool) {
    return context.errors.report(ErrorSink::Code::Unsupported,
                                 "the `-` operator is not supported on a bool tensor; invert a mask with `~` or "
                                 "logical_not()");
  }
  run_one(unary->neg, in[0], out[0], nullptr, context);
}
template <class R, LoopRow MathLoops::*row>
void math_kernel(const R&, ConstViews in, Views out, Context& context) {
  run_one(math->*row, in[0], out[0], nullptr, context);
}
template <class R, LoopRow UnaryLoops::*row>
void predicate_kernel(const R&, ConstViews in, Views out, Context& context) {
  const View* const operand[] = {&in[0]};
  run_row(unary->*row, in[0].dtype, DType::Bool, operand, 1, out[0], nullptr, context);
}

void round_kernel(const Round& r, ConstViews in, Views out, Context& context) {
  if (r.decimals == 0 || is_integral(in[0].dtype)) return run_one(unary->round, in[0], out[0], nullptr, context);
  const RoundScale scale{std::pow(10.0, static_cast<double>(std::llabs(r.decimals))), r.decimals < 0};
  run_one(unary->round_decimals, in[0], out[0], &scale, context);
}
void gelu_kernel(const Gelu& r, ConstViews in, Views out, Context& context) {
  run_one(r.approximate == "tanh" ? math->gelu_tanh : math->gelu, in[0], out[0], nullptr, context);
}
void polygamma_kernel(const Polygamma& r, ConstViews in, Views out, Context& context) {
  const UnaryParams params{static_cast<double>(r.n), 0};
  run_one(unary->polygamma, in[0], out[0], &params, context);
}
void leaky_relu_kernel(const LeakyRelu& r, ConstViews in, Views out, Context& context) {
  const UnaryParams params{r.negative_slope, 0};
  run_one(unary->leaky_relu, in[0], out[0], &params, context);
}
void elu_kernel(const Elu& r, ConstViews in, Views out, Context& context) {
  const UnaryParams params{r.alpha, 0};
  run_one(math->elu, in[0], out[0], &params, context);
}
void softplus_kernel(const Softplus& r, ConstViews in, Views out, Context& context) {
  const UnaryParams params{r.beta, r.threshold};
  run_one(math->softplus, in[0], out[0], &params, context);
}

// ---- selections and three operands -----------------------------------------------------------------------

void select(const View& condition, const View& a, const View& b, const View& out) {
  InnerLoop loop;
  loop.run = mixed->where[out.dtype];
  loop.in[0] = DType::Bool;
  loop.in[1] = loop.in[2] = loop.out = out.dtype;
  const View* const operands[] = {&condition, &a, &b};
  run_elementwise(loop, operands, 3, out);
}
void where_kernel(const Where&, ConstViews in, Views out, Context& context) {
  const DType dtype = out[0].dtype;
  for (int i = 1; i < 3; ++i) {
    // Floating results become infinite, as PyTorch's do.
    if (is_integral(dtype) && is_number(in[i]) && !takes_number(in[i], dtype, context)) return;
  }
  select(in[0], in[1], in[2], out[0]);
}
void masked_fill_kernel(const MaskedFill&, ConstViews in, Views out, Context& context) {
  if (takes_number(in[2], out[0].dtype, context)) select(in[1], in[2], in[0], out[0]);
}

void run_three(const LoopRow& row, ConstViews in, const View& out, const void* params, Context& context) {
  const View* const operands[] = {&in[0], &in[1], &in[2]};
  run_row(row, out.dtype, operands, 3, out, params, context);
}
void lerp_kernel(const Lerp&, ConstViews in, Views out, Context& context) {
  run_three(mixed->lerp, in, out[0], nullptr, context);
}
void addcmul_kernel(const Addcmul& r, ConstViews in, Views out, Context& context) {
  const Number value = number_of(r.value);
  run_three(mixed->addcmul, in, out[0], &value, context);
}
void addcdiv_kernel(const Addcdiv& r, ConstViews in, Views out, Context& context) {
  const Number value = number_of(r.value);
  run_three(mixed->addcdiv, in, out[0], &value, context);
}

void clamp_kernel(const Clamp& r, ConstViews in, Views out, Context& context) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Bounds bounds{{-kInfinity, INT64_MIN}, {kInfinity, INT64_MAX}};
  if (r.min) bounds.low = number_of(*r.min);
  if (r.max) bounds.high = number_of(*r.max);
  const bool nan = std::isnan(bounds.low.real) || std::isnan(bounds.high.real);
  if (nan && !is_integral(out[0].dtype)) {
    // Every value becomes NaN, as PyTorch has it.
    const double value = std::numeric_limits<double>::quiet_NaN();
    return copy_view(number_view(&value, DType::Float64), out[0]);
  }
  run_one(mixed->clamp, in[0], out[0], &bounds, context);
}
void clamp_tensor_kernel(const ClampTensor&, ConstViews in, Views out, Context& context) {
  if (in.has(1) && in.has(2)) return run_three(mixed->clamp_tensor, in, out[0], nullptr, context);
  const View* const operands[] = {&in[0], &in[in.has(1) ? 1 : 2]};
  run_row(in.has(1) ? binary->maximum : binary->minimum, out[0].dtype, operands, 2, out[0], nullptr, context);
}

double largest(DType dtype) {
  switch (dtype) {
    case DType::Float16:
      return 65504;
    case DType::BFloat16:
      return 0x1.fep127;
    case DType::Float32:
      return std::numeric_limits<float>::max();
    default:
      return std::numeric_limits<double>::max();
  }
}
void nan_to_num_kernel(const NanToNum& r, ConstViews in, Views out, Context& context) {
  if (is_integral(in[0].dtype)) return run_one(unary->copy, in[0], out[0], nullptr, context);
  const double top = largest(in[0].dtype);
  const Replacements values{r.nan.value_or(0), r.posinf.value_or(top), r.neginf.value_or(-top)};
  run_one(mixed->nan_to_num, in[0], out[0], &values, context);
}

// ---- copies --------------------------------------------------------------------------------------------

template <class R, int source>
void copy_kernel(const R&, ConstViews in, Views out, Context&) {
  copy_view(in[source], out[0]);
}
void fill_kernel(const Fill&, ConstViews in, Views out, Context& context) {
  if (takes_number(in[1], out[0].dtype, context)) copy_view(in[1], out[0]);
}
void zero_kernel(const Zero&, ConstViews, Views out, Context&) { fill_view(Scalar(0), out[0]); }

void register_two_operands(Registry& r) {
  r.add_kernel<Add, add_kernel>();
  r.add_kernel<Sub, sub_kernel>();
  r.add_kernel<Mul, binary_kernel<Mul, &BinaryLoops::mul>>();
  r.add_kernel<Div, div_kernel>();
  r.add_kernel<FloorDivide, division_kernel<FloorDivide, &BinaryLoops::floor_divide>>();
  r.add_kernel<Remainder, division_kernel<Remainder, &BinaryLoops::remainder>>();
  r.add_kernel<Fmod, division_kernel<Fmod, &BinaryLoops::fmod>>();
  r.add_kernel<Maximum, binary_kernel<Maximum, &BinaryLoops::maximum>>();
  r.add_kernel<Minimum, binary_kernel<Minimum, &BinaryLoops::minimum>>();
  r.add_kernel<ReluBackward, binary_kernel<ReluBackward, &BinaryLoops::relu_backward>>();
  r.add_kernel<Pow, pow_kernel>();
  r.add_kernel<Atan2, library_kernel<Atan2, &MixedLoops::atan2>>();
  r.add_kernel<Xlogy, library_kernel<Xlogy, &MixedLoops::xlogy>>();
  r.add_kernel<Hypot, library_kernel<Hypot, &MixedLoops::hypot>>();
  r.add_kernel<Copysign, library_kernel<Copysign, &MixedLoops::copysign>>();
  r.add_kernel<Logaddexp, library_kernel<Logaddexp, &MixedLoops::logaddexp>>();
  r.add_kernel<Eq, compare_kernel<Eq, &BinaryLoops::eq>>();
  r.add_kernel<Ne, compare_kernel<Ne, &BinaryLoops::ne>>();
  r.add_kernel<Lt, compare_kernel<Lt, &BinaryLoops::lt>>();
  r.add_kernel<Le, compare_kernel<Le, &BinaryLoops::le>>();
  r.add_kernel<Gt, compare_kernel<Gt, &BinaryLoops::gt>>();
  r.add_kernel<Ge, compare_kernel<Ge, &BinaryLoops::ge>>();
  r.add_kernel<LogicalAnd, logical_kernel<LogicalAnd, &BinaryLoops::logical_and>>();
  r.add_kernel<LogicalOr, logical_kernel<LogicalOr, &BinaryLoops::logical_or>>();
  r.add_kernel<LogicalXor, logical_kernel<LogicalXor, &BinaryLoops::logical_xor>>();
  r.add_kernel<BitwiseAnd, binary_kernel<BitwiseAnd, &BinaryLoops::bitwise_and>>();
  r.add_kernel<BitwiseOr, binary_kernel<BitwiseOr, &BinaryLoops::bitwise_or>>();
  r.add_kernel<BitwiseXor, binary_kernel<BitwiseXor, &BinaryLoops::bitwise_xor>>();
  r.add_kernel<BitwiseLeftShift, binary_kernel<BitwiseLeftShift, &BinaryLoops::left_shift>>();
  r.add_kernel<BitwiseRightShift, binary_kernel<BitwiseRightShift, &BinaryLoops::right_shift>>();
}

void register_one_operand(Registry& r) {
  r.add_kernel<BitwiseNot, unary_kernel<BitwiseNot, &UnaryLoops::bitwise_not>>();
  r.add_kernel<Neg, neg_kernel>();
  r.add_kernel<Abs, unary_kernel<Abs, &UnaryLoops::abs>>();
  r.add_kernel<Sign, unary_kernel<Sign, &UnaryLoops::sign>>();
  r.add_kernel<Square, unary_kernel<Square, &UnaryLoops::square>>();
  r.add_kernel<Relu, unary_kernel<Relu, &UnaryLoops::relu>>();
  r.add_kernel<Floor, unary_kernel<Floor, &UnaryLoops::floor>>();
  r.add_kernel<Ceil, unary_kernel<Ceil, &UnaryLoops::ceil>>();
  r.add_kernel<Trunc, unary_kernel<Trunc, &UnaryLoops::trunc>>();
  r.add_kernel<Frac, unary_kernel<Frac, &UnaryLoops::frac>>();
  r.add_kernel<Round, round_kernel>();
  r.add_kernel<Exp2, unary_kernel<Exp2, &UnaryLoops::exp2>>();
  r.add_kernel<Log2, unary_kernel<Log2, &UnaryLoops::log2>>();
  r.add_kernel<Log10, unary_kernel<Log10, &UnaryLoops::log10>>();
  r.add_kernel<Sqrt, unary_kernel<Sqrt, &UnaryLoops::sqrt>>();
  r.add_kernel<Rsqrt, unary_kernel<Rsqrt, &UnaryLoops::rsqrt>>();
  r.add_kernel<Reciprocal, unary_kernel<Reciprocal, &UnaryLoops::reciprocal>>();
  r.add_kernel<Tan, unary_kernel<Tan, &UnaryLoops::tan>>();
  r.add_kernel<Asin, unary_kernel<Asin, &UnaryLoops::asin>>();
  r.add_kernel<Acos, unary_kernel<Acos, &UnaryLoops::acos>>();
  r.add_kernel<Atan, unary_kernel<Atan, &UnaryLoops::atan>>();
  r.add_kernel<Sinh, unary_kernel<Sinh, &UnaryLoops::sinh>>();
  r.add_kernel<Cosh, unary_kernel<Cosh, &UnaryLoops::cosh>>();
  r.add_kernel<Asinh, unary_kernel<Asinh, &UnaryLoops::asinh>>();
  r.add_kernel<Acosh, unary_kernel<Acosh, &UnaryLoops::acosh>>();
  r.add_kernel<Atanh, unary_kernel<Atanh, &UnaryLoops::atanh>>();
  r.add_kernel<Erfc, unary_kernel<Erfc, &UnaryLoops::erfc>>();
  r.add_kernel<Erfinv, unary_kernel<Erfinv, &UnaryLoops::erfinv>>();
  r.add_kernel<Lgamma, unary_kernel<Lgamma, &UnaryLoops::lgamma>>();
  r.add_kernel<Digamma, unary_kernel<Digamma, &UnaryLoops::digamma>>();
  r.add_kernel<Polygamma, polygamma_kernel>();
  r.add_kernel<LeakyRelu, leaky_relu_kernel>();
  r.add_kernel<Isnan, predicate_kernel<Isnan, &UnaryLoops::isnan>>();
  r.add_kernel<Isinf, predicate_kernel<Isinf, &UnaryLoops::isinf>>();
  r.add_kernel<Isfinite, predicate_kernel<Isfinite, &UnaryLoops::isfinite>>();
  r.add_kernel<Signbit, predicate_kernel<Signbit, &UnaryLoops::signbit>>();
  r.add_kernel<LogicalNot, predicate_kernel<LogicalNot, &UnaryLoops::logical_not>>();
}

void register_vector_math(Registry& r) {
  r.add_kernel<Exp, math_kernel<Exp, &MathLoops::exp>>();
  r.add_kernel<Expm1, math_kernel<Expm1, &MathLoops::expm1>>();
  r.add_kernel<Log, math_kernel<Log, &MathLoops::log>>();
  r.add_kernel<Log1p, math_kernel<Log1p, &MathLoops::log1p>>();
  r.add_kernel<Sin, math_kernel<Sin, &MathLoops::sin>>();
  r.add_kernel<Cos, math_kernel<Cos, &MathLoops::cos>>();
  r.add_kernel<Tanh, math_kernel<Tanh, &MathLoops::tanh>>();
  r.add_kernel<Sigmoid, math_kernel<Sigmoid, &MathLoops::sigmoid>>();
  r.add_kernel<Silu, math_kernel<Silu, &MathLoops::silu>>();
  r.add_kernel<Erf, math_kernel<Erf, &MathLoops::erf>>();
  r.add_kernel<Gelu, gelu_kernel>();
  r.add_kernel<Elu, elu_kernel>();
  r.add_kernel<Softplus, softplus_kernel>();
}

void register_selections_and_copies(Registry& r) {
  r.add_kernel<Where, where_kernel>();
  r.add_kernel<MaskedFill, masked_fill_kernel>();
  r.add_kernel<Clamp, clamp_kernel>();
  r.add_kernel<ClampTensor, clamp_tensor_kernel>();
  r.add_kernel<Lerp, lerp_kernel>();
  r.add_kernel<Addcmul, addcmul_kernel>();
  r.add_kernel<Addcdiv, addcdiv_kernel>();
  r.add_kernel<NanToNum, nan_to_num_kernel>();
  r.add_kernel<Copy, copy_kernel<Copy, 1>>();
  r.add_kernel<Fill, fill_kernel>();
  r.add_kernel<Zero, zero_kernel>();
  r.add_kernel<ToCopy, copy_kernel<ToCopy, 0>>();
  r.add_kernel<Clone, copy_kernel<Clone, 0>>();
}

}  // namespace

ActivationLoop activation_loop(std::string_view name) {
  if (name == "relu") return {&unary->relu};
  if (name == "gelu") return {&math->gelu};
  if (name == "gelu_tanh") return {&math->gelu_tanh};
  if (name == "sigmoid") return {&math->sigmoid};
  if (name == "tanh") return {&math->tanh};
  if (name == "silu") return {&math->silu};
  return {};
}
void ActivationLoop::operator()(const View& x, Context& context) const { run_one(*row, x, x, nullptr, context); }

void register_elementwise_kernels(Registry& registry) {
  binary = &binary_loops();
  unary = &unary_loops();
  math = &math_loops();
  mixed = &mixed_loops();
  register_two_operands(registry);
  register_one_operand(registry);
  register_vector_math(registry);
  register_selections_and_copies(registry);
}

}  // namespace tenon::inline v0
