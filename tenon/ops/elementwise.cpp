#include <tenon/ops/elementwise.h>

#include <algorithm>

#include <tenon/core/door.h>
#include <tenon/core/rules.h>
#include <tenon/ops/checks.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {

// ---- shape and dtype ---------------------------------------------------------------------------------

namespace {

// Two or three operands, broadcast and promoted.
void infer_broadcast(const char* op, Specs in, Spec* out) {
  if (in.size() == 2 && in[0].dtype == in[1].dtype && in[0].shape == in[1].shape && !in[0].weak && !in[1].weak)
      [[likely]] {
    out->shape = in[0].shape;
    out->dtype = in[0].dtype;
    return;
  }
  out->shape = broadcast_shapes(op, in);
  out->dtype = result_type(in);
}

void check_scalar_fits(const char* op, const char* name, const Scalar& value, DType dtype) {
  check<DTypeError>(value.kind() <= std::max(info(dtype).kind, Kind::Integer), op, ": ", name, "=", value,
                    " does not fit the result's dtype ", dtype, "; For integral input tensors, argument ", name,
                    " must not be a floating point number.");
  check_fits(op, name, value, dtype);
}
void check_alpha(const char* op, const Scalar& alpha, DType dtype) {
  if (alpha == Scalar(1)) [[likely]]
    return;
  check<DTypeError>(alpha.kind() != Kind::Bool || dtype == DType::Bool, op,
                    ": Boolean alpha only supported for Boolean results.; alpha is ", alpha, ", the result is ", dtype);
  check_scalar_fits(op, "alpha", alpha, dtype);
}

DType promote_scalar(DType dtype, const Scalar& value) {
  return value.kind() > info(dtype).kind ? promote(dtype, value.dtype()) : dtype;
}

void check_not_bool(const char* op, Specs in, DType dtype, const char* advice) {
  check<DTypeError>(dtype != DType::Bool, op, ": is not defined for two bool tensors, and input is ", in[0], "; ",
                    advice);
}

void check_float(const char* op, const Spec& in) {
  check<DTypeError>(info(in.dtype).kind >= Kind::Float, op, ": needs a floating dtype, and input is ", in,
                    "; convert it with .float()");
}

}  // namespace

void infer_binary(const char* op, Specs in, Spec* out) { infer_broadcast(op, in, out); }

void infer(const Add& r, Specs in, Spec* out) {
  infer_broadcast(Add::name, in, out);
  check_alpha(Add::name, r.alpha, out->dtype);
}

void infer(const Sub& r, Specs in, Spec* out) {
  infer_broadcast(Sub::name, in, out);
  check_alpha(Sub::name, r.alpha, out->dtype);
  check_not_bool(Sub::name, in, out->dtype,
                 "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or "
                 "`logical_xor()` operator instead.");
}

void infer(const Div& r, Specs in, Spec* out) {
  infer_broadcast(Div::name, in, out);
  if (!r.rounding_mode) {
    if (is_integral(out->dtype)) out->dtype = default_dtype();
    return;
  }
  check<ValueError>(*r.rounding_mode == "trunc" || *r.rounding_mode == "floor",
                    "div: expected rounding_mode to be one of None, 'trunc', or 'floor' but found '", *r.rounding_mode,
                    "'");
}

void infer(const Pow&, Specs in, Spec* out) { infer_broadcast(Pow::name, in, out); }

void infer_float_binary(const char* op, Specs in, Spec* out) {
  infer_broadcast(op, in, out);
  if (is_integral(out->dtype)) out->dtype = default_dtype();
}

void infer_compare(const char* op, Specs in, Spec* out) {
  out->shape = broadcast_shapes(op, in);
  out->dtype = DType::Bool;
}

void infer_bitwise(const char* op, Specs in, Spec* out) {
  infer_broadcast(op, in, out);
  check<DTypeError>(is_integral(out->dtype), op, ": needs integers or booleans: input is ", in[0], ", other is ",
                    in[1]);
}

void infer(const BitwiseNot&, Specs in, Spec* out) {
  infer_unary(in, out);
  check<DTypeError>(is_integral(out->dtype), "bitwise_not: needs integers or booleans, and input is ", in[0]);
}

void infer_unary(Specs in, Spec* out) {
  out->shape = in[0].shape;
  out->dtype = in[0].dtype;
}

void infer_float_unary(Specs in, Spec* out) {
  out->shape = in[0].shape;
  out->dtype = is_integral(in[0].dtype) ? default_dtype() : in[0].dtype;
}

void infer(const Polygamma& r, Specs in, Spec* out) {
  check<ValueError>(r.n >= 0, "polygamma: n is ", r.n, ", and must not be negative");
  infer_float_unary(in, out);
}

void infer_predicate(Specs in, Spec* out) {
  out->shape = in[0].shape;
  out->dtype = DType::Bool;
}

void infer(const Round&, Specs in, Spec* out) { infer_unary(in, out); }

void infer(const Gelu& r, Specs in, Spec* out) {
  infer_unary(in, out);
  check<ValueError>(r.approximate == "none" || r.approximate == "tanh",
                    "gelu: approximate argument must be either none or tanh, not '", r.approximate, "'");
  check_float(Gelu::name, in[0]);
}

void infer(const LeakyRelu&, Specs in, Spec* out) {
  infer_unary(in, out);
  check_float(LeakyRelu::name, in[0]);
}

void infer(const Elu&, Specs in, Spec* out) {
  infer_unary(in, out);
  check_float(Elu::name, in[0]);
}

void infer(const Softplus&, Specs in, Spec* out) {
  infer_unary(in, out);
  check_float(Softplus::name, in[0]);
}

void infer(const Where&, Specs in, Spec* out) {
  check<DTypeError>(in[0].dtype == DType::Bool || in[0].dtype == DType::UInt8,
                    "where: expected condition to be a boolean tensor, but it is ", in[0],
                    "; compare it with something, or use .bool()");
  const Spec* pair[] = {&in[1], &in[2]};
  out->shape = broadcast_shapes(Where::name, in);
  out->dtype = result_type(Specs(pair, 2));
}

void infer(const MaskedFill&, Specs in, Spec* out) {
  check<DTypeError>(in[1].dtype == DType::Bool || in[1].dtype == DType::UInt8,
                    "masked_fill: only supports boolean masks, but mask is ", in[1]);
  check<ShapeError>(in[2].shape.empty(), "masked_fill: only supports a 0-dimensional value tensor, but value is ",
                    in[2]);
  out->shape = broadcast_shapes(MaskedFill::name, in[0].shape, in[1].shape);
  out->dtype = in[0].dtype;
}

void infer(const Clamp& r, Specs in, Spec* out) {
  check<ValueError>(r.min || r.max, "clamp: At least one of 'min' or 'max' must not be None");
  infer_unary(in, out);
  if (r.min) out->dtype = promote_scalar(out->dtype, *r.min);
  if (r.max) out->dtype = promote_scalar(out->dtype, *r.max);
  if (is_integral(out->dtype)) return;
  if (r.min) check_fits(Clamp::name, "min", *r.min, out->dtype);
  if (r.max) check_fits(Clamp::name, "max", *r.max, out->dtype);
}

void infer(const ClampTensor&, Specs in, Spec* out) {
  check<ValueError>(in.has(1) || in.has(2), "clamp: At least one of 'min' or 'max' must not be None");
  infer_broadcast(ClampTensor::name, in, out);
}

void infer(const Lerp&, Specs in, Spec* out) {
  infer_broadcast(Lerp::name, in, out);
  check_float(Lerp::name, in[0]);
  check<DTypeError>(in[0].dtype == in[1].dtype, "lerp: expected dtype ", in[0].dtype, " for `end` but got dtype ",
                    in[1].dtype);
  check<DTypeError>(in[2].weak || in[2].shape.empty() || in[2].dtype == in[0].dtype, "lerp: expected dtype ",
                    in[0].dtype, " for `weight` but got dtype ", in[2].dtype);
}

void infer(const Addcmul& r, Specs in, Spec* out) {
  infer_broadcast(Addcmul::name, in, out);
  check_scalar_fits(Addcmul::name, "value", r.value, out->dtype);
}

void infer(const Addcdiv& r, Specs in, Spec* out) {
  infer_broadcast(Addcdiv::name, in, out);
  check<DTypeError>(!is_integral(out->dtype),
                    "addcdiv: Integer division with addcdiv is no longer supported: input is ", in[0], ", tensor1 is ",
                    in[1], ", tensor2 is ", in[2],
                    "; use input + value * div(tensor1, tensor2, rounding_mode='trunc')");
  check_scalar_fits(Addcdiv::name, "value", r.value, out->dtype);
}

void infer(const NanToNum&, Specs in, Spec* out) { infer_unary(in, out); }

void infer(const Copy&, Specs in, Spec* out) {
  infer_unary(in, out);
  check<ShapeError>(broadcast_shapes(Copy::name, in) == in[0].shape, "copy_: src is ", in[1],
                    ", which does not broadcast to the shape of self, ", in[0].shape);
}

void infer(const Fill&, Specs in, Spec* out) {
  infer_unary(in, out);
  check<ShapeError>(in[1].shape.empty(), "fill_: only supports 0-dimension value tensor but got tensor with shape ",
                    in[1].shape);
}

void infer(const ToCopy& r, Specs in, Spec* out) {
  out->shape = in[0].shape;
  out->dtype = r.dtype.value_or(in[0].dtype);
}

void infer(const Clone&, Specs in, Spec* out) { infer_unary(in, out); }

// ---- composites --------------------------------------------------------------------------------------

Tensor apply_alias_target(const OpInfo& target, const void* record, Inputs in) {
  Tensor out[kMaxOutputs];
  Call call{&target, record, in, out};
  apply(call);
  return std::move(out[0]);
}

Tensor decompose(const Rsub& r, const Tensor& input, const Tensor& other) { return apply(Sub{r.alpha}, other, input); }
Tensor decompose(const Positive&, const Tensor& input) {
  check<DTypeError>(input.dtype() != DType::Bool, "positive: The `+` operator, on a bool tensor is not supported.");
  return input;
}
Tensor decompose(const Logit& r, const Tensor& input) {
  const Tensor x = r.eps ? apply(Clamp{Scalar(*r.eps), Scalar(1 - *r.eps)}, input) : input;
  return apply(Log{}, apply(Div{}, x, apply(Sub{}, Tensor(1), x)));
}
Tensor decompose(const WhereMethod&, const Tensor& input, const Tensor& condition, const Tensor& other) {
  return apply(Where{}, condition, input, other);
}
Tensor decompose(const ClampMin&, const Tensor& input, const Tensor& min) {
  return apply(ClampTensor{}, input, min, Tensor());
}
Tensor decompose(const ClampMax&, const Tensor& input, const Tensor& max) {
  return apply(ClampTensor{}, input, Tensor(), max);
}

Tensor decompose(const Contiguous&, const Tensor& input) {
  return input.is_contiguous() ? input : apply(Clone{}, input);
}

Tensor cast_to(const Tensor& input, DType dtype) {
  return input.dtype() == dtype ? input : apply(ToCopy{dtype, {}}, input);
}

namespace {

// To another device. The meta device has no values to receive or to give.
Tensor transfer(const Tensor& input, Device device) {
  const Tensor from = apply(Clone{}, input);
  Tensor out = Tensor::empty(from.shape(), from.dtype(), device);
  if (device.kind == DeviceKind::Meta) return out;
  check<DeviceError>(input.device().kind != DeviceKind::Meta, "to: Cannot copy out of meta tensor; no data! input is ",
                     input);
  Backend* backend = backend_of(device.kind) != nullptr ? backend_of(device.kind) : backend_of(input.device().kind);
  check<DeviceError>(backend != nullptr, "to: there is no backend for ", device);
  backend->copy(out.data_ptr(), device, from.data_ptr(), from.device(),
                static_cast<size_t>(from.numel() * from.element_size()));
  return out;
}

Tensor convert(const Tensor& input, DType dtype, Device device, bool copy) {
  const Tensor moved = device.kind == input.device().kind ? input : transfer(input, device);
  if (moved.dtype() == dtype && !(copy && moved.is_same(input))) return moved;
  return apply(ToCopy{dtype, {}}, moved);
}

}  // namespace

Tensor decompose(const ToDType& r, const Tensor& input) { return convert(input, r.dtype, input.device(), r.copy); }
Tensor decompose(const ToDevice& r, const Tensor& input) {
  return convert(input, r.dtype.value_or(input.dtype()), r.device.value_or(input.device()), r.copy);
}
Tensor decompose(const ToOther& r, const Tensor& input, const Tensor& other) {
  return convert(input, other.dtype(), other.device(), r.copy);
}
Tensor decompose(const TypeAs&, const Tensor& input, const Tensor& other) {
  return convert(input, other.dtype(), other.device(), false);
}

// ---- registration ------------------------------------------------------------------------------------

void register_elementwise(Registry& registry) {
  ElementwiseRecords::for_each([&]<class R>() {
    if constexpr (
        requires(const R& r, Inputs in) { decompose(r, in); } ||
        requires(const R& r, const Tensor& t) { decompose(r, t); } ||
        requires(const R& r, const Tensor& t) { decompose(r, t, t); } ||
        requires(const R& r, const Tensor& t) { decompose(r, t, t, t); }) {
      registry.add_decomposition<R>();
    } else {
      registry.add<R>();
    }
  });
}

}  // namespace tenon::inline v0
