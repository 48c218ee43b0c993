#include <tenon/ops/reduction.h>

#include <cmath>
#include <limits>

#include <tenon/core/door.h>
#include <tenon/core/rules.h>
#include <tenon/ops/creation.h>
#include <tenon/ops/elementwise.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {

// ---- shape and dtype ---------------------------------------------------------------------------------

namespace {

Dims wrapped(const char* op, const std::optional<Dims>& dim, const Spec& in) {
  return normalize_dims(op, dim.value_or(Dims{}), in.dim());
}

Dims one_dim(const char* op, std::optional<int64_t> dim, const Spec& in) {
  Dims dims;
  if (dim) dims.push_back(*dim);
  return normalize_dims(op, dims, in.dim());
}

void reduce_shape(const Dims& dims, bool keepdim, Specs in, Spec* out) {
  out->shape = reduced_shape(in[0].shape, dims, keepdim);
}

// Extremes of nothing do not exist.
void check_not_empty(const char* op, const Dims& dims, bool all, const Spec& in) {
  for (Dim d : dims) {
    const Dim size = in.shape[static_cast<size_t>(d.value())];
    check<IndexError>(size.is_symbolic() || size.value() > 0 || all, op, "(): Expected reduction dim ", d,
                      " to have non-zero size; input is ", in);
    check<IndexError>(size.is_symbolic() || size.value() > 0, op,
                      "(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim "
                      "with the 'dim' argument; input is ",
                      in);
  }
}

void check_ordered(const char* op, DType dtype) {
  check<DTypeError>(!is_complex(dtype), op, ": complex numbers have no order, and input is ", dtype);
}

void check_float_result(const char* op, DType dtype, const Spec& in) {
  check<DTypeError>(
      info(dtype).kind >= Kind::Float, op,
      "(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: ", in,
      "; convert it with .float(), or give dtype=");
}

DType sum_dtype(std::optional<DType> wanted, DType in) {
  return wanted ? *wanted : is_integral(in) ? DType::Int64 : in;
}

}  // namespace

void infer(const Sum& r, Specs in, Spec* out) {
  out->dtype = sum_dtype(r.dtype, in[0].dtype);
  if (!r.dim && !r.keepdim) return;  // to a number, the common case: the shape is empty already
  reduce_shape(wrapped(Sum::name, r.dim, in[0]), r.keepdim, in, out);
}
void infer(const Nansum& r, Specs in, Spec* out) {
  out->dtype = sum_dtype(r.dtype, in[0].dtype);
  reduce_shape(wrapped(Nansum::name, r.dim, in[0]), r.keepdim, in, out);
}
void infer(const Mean& r, Specs in, Spec* out) {
  out->dtype = r.dtype.value_or(in[0].dtype);
  check_float_result(Mean::name, out->dtype, in[0]);
  reduce_shape(wrapped(Mean::name, r.dim, in[0]), r.keepdim, in, out);
}
void infer(const Prod& r, Specs in, Spec* out) {
  out->dtype = sum_dtype(r.dtype, in[0].dtype);
  reduce_shape(one_dim(Prod::name, r.dim, in[0]), r.keepdim, in, out);
}

static void infer_extreme(const char* op, Specs in, Spec* out) {
  check_ordered(op, in[0].dtype);
  check_not_empty(op, normalize_dims(op, {}, in[0].dim()), true, in[0]);
  out->shape.clear();
  out->dtype = in[0].dtype;
}
void infer(const Max&, Specs in, Spec* out) { infer_extreme(Max::name, in, out); }
void infer(const Min&, Specs in, Spec* out) { infer_extreme(Min::name, in, out); }

void infer_extreme_dim(const char* op, const ExtremeDimOp& r, Specs in, Spec* out) {
  check_ordered(op, in[0].dtype);
  const Dims dims = one_dim(op, r.dim, in[0]);
  check_not_empty(op, dims, false, in[0]);
  out[0].shape = out[1].shape = reduced_shape(in[0].shape, dims, r.keepdim);
  out[0].dtype = in[0].dtype;
  out[1].dtype = DType::Int64;
}
void infer_amax(const char* op, const AmaxOp& r, Specs in, Spec* out) {
  check_ordered(op, in[0].dtype);
  const Dims dims = normalize_dims(op, r.dim, in[0].dim());
  check_not_empty(op, dims, r.dim.empty(), in[0]);
  reduce_shape(dims, r.keepdim, in, out);
  out->dtype = in[0].dtype;
}
void infer_arg(const char* op, const ArgOp& r, Specs in, Spec* out) {
  check_ordered(op, in[0].dtype);
  const Dims dims = one_dim(op, r.dim, in[0]);
  check_not_empty(op, dims, !r.dim, in[0]);
  reduce_shape(dims, r.keepdim, in, out);
  out->dtype = DType::Int64;
}

void infer_logic(const char* op, const LogicReduction& r, Specs in, Spec* out) {
  // An explicit empty tuple reduces nothing here, in PyTorch too.
  reduce_shape(normalize_dims(op, r.dim.value_or(Dims{}), in[0].dim(), !r.dim), r.keepdim, in, out);
  out->dtype = in[0].dtype == DType::UInt8 ? DType::UInt8 : DType::Bool;
}
void infer(const CountNonzero& r, Specs in, Spec* out) {
  reduce_shape(wrapped(CountNonzero::name, r.dim, in[0]), false, in, out);
  out->dtype = DType::Int64;
}

void infer_var(const char* op, const VarOp& r, Specs in, Spec* out) {
  check<DTypeError>(is_floating(in[0].dtype), op, ": only support floating point dtypes, and input is ", in[0],
                    "; convert it with .float()");
  reduce_shape(wrapped(op, r.dim, in[0]), r.keepdim, in, out);
  out->dtype = in[0].dtype;
}
void infer(const VectorNorm& r, Specs in, Spec* out) {
  out->dtype = r.dtype.value_or(in[0].dtype);
  check<DTypeError>(is_floating(out->dtype), "linalg.vector_norm: Expected a floating point tensor as input. Got ",
                    in[0]);
  const Dims dims = wrapped("linalg.vector_norm", r.dim, in[0]);
  const double p = r.ord.to_double();
  if (p < 0 || std::isinf(p)) check_not_empty("linalg.vector_norm", dims, !r.dim, in[0]);
  reduce_shape(dims, r.keepdim, in, out);
}

void infer_scan(const char* op, const ScanOp& r, Specs in, Spec* out) {
  wrap_dim(op, r.dim, in[0].dim());
  out->shape = in[0].shape;
  out->dtype = sum_dtype(r.dtype, in[0].dtype);
}
void infer_cum_extreme(const char* op, const CumExtremeOp& r, Specs in, Spec* out) {
  check_ordered(op, in[0].dtype);
  wrap_dim(op, r.dim, in[0].dim());
  out[0].shape = out[1].shape = in[0].shape;
  out[0].dtype = in[0].dtype;
  out[1].dtype = DType::Int64;
}

// ---- composites --------------------------------------------------------------------------------------

Tensor decompose(const Nanmean& r, const Tensor& input) {
  Nansum total;
  static_cast<SumOp&>(total) = r;
  Sum count;
  count.dim = r.dim;
  count.keepdim = r.keepdim;
  return apply(Div{}, apply(total, input), apply(count, apply(LogicalNot{}, apply(Isnan{}, input))));
}
Tensor decompose(const MaxOther&, const Tensor& input, const Tensor& other) { return apply(Maximum{}, input, other); }
Tensor decompose(const MinOther&, const Tensor& input, const Tensor& other) { return apply(Minimum{}, input, other); }

std::tuple<Tensor, Tensor> decompose(const Aminmax& r, const Tensor& input) {
  Amin low;
  Amax high;
  if (r.dim) low.dim = high.dim = {*r.dim};
  low.keepdim = high.keepdim = r.keepdim;
  return {apply(low, input), apply(high, input)};
}

namespace {

template <class R>
R var_like(const std::optional<Dims>& dim, Scalar correction, bool keepdim) {
  R r;
  r.dim = dim;
  r.correction = correction;
  r.keepdim = keepdim;
  return r;
}
template <class R>
Tensor moment(const VarMeanOp& r, const Tensor& input) {
  return apply(var_like<R>(r.dim, r.correction.value_or(1), r.keepdim), input);
}
Tensor mean_of(const VarMeanOp& r, const Tensor& input) {
  Mean mean;
  mean.dim = r.dim;
  mean.keepdim = r.keepdim;
  return apply(mean, input);
}

}  // namespace

Tensor decompose(const VarUnbiasedDim& r, const Tensor& input) {
  return apply(var_like<Var>(r.dim, r.unbiased ? 1 : 0, r.keepdim), input);
}
Tensor decompose(const StdUnbiasedDim& r, const Tensor& input) {
  return apply(var_like<Std>(r.dim, r.unbiased ? 1 : 0, r.keepdim), input);
}
Tensor decompose(const VarUnbiased& r, const Tensor& input) {
  return apply(var_like<Var>({}, r.unbiased ? 1 : 0, false), input);
}
Tensor decompose(const StdUnbiased& r, const Tensor& input) {
  return apply(var_like<Std>({}, r.unbiased ? 1 : 0, false), input);
}
std::tuple<Tensor, Tensor> decompose(const VarMean& r, const Tensor& input) {
  return {moment<Var>(r, input), mean_of(r, input)};
}
std::tuple<Tensor, Tensor> decompose(const StdMean& r, const Tensor& input) {
  return {moment<Std>(r, input), mean_of(r, input)};
}

static Tensor vector_norm(const Tensor& input, Scalar p, const std::optional<Dims>& dim, bool keepdim,
                          std::optional<DType> dtype) {
  VectorNorm norm;
  norm.ord = p;
  norm.dim = dim;
  norm.keepdim = keepdim;
  norm.dtype = dtype;
  return apply(norm, input);
}
Tensor decompose(const Norm& r, const Tensor& input) {
  return vector_norm(input, r.p.value_or(2), r.dim, r.keepdim, r.dtype);
}
Tensor decompose(const NormNamed& r, const Tensor& input) {
  check<ValueError>(r.p == "fro" || r.p == "inf" || r.p == "-inf", "norm: p='", r.p,
                    "' is not supported; it is 'fro' or a number");
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  return vector_norm(input, r.p == "fro" ? Scalar(2) : Scalar(r.p == "inf" ? kInfinity : -kInfinity), r.dim, r.keepdim,
                     r.dtype);
}

Tensor decompose(const Logsumexp& r, const Tensor& input) {
  const Tensor x = is_integral(input.dtype()) ? cast_to(input, default_dtype()) : input;
  Sum total;
  total.dim = r.dim;
  if (x.numel() == 0) {
    total.keepdim = r.keepdim;
    return apply(Log{}, apply(total, apply(Exp{}, x)));
  }
  Amax top;
  top.dim = r.dim;
  top.keepdim = true;
  // Constant as far as the gradient goes: it cancels. An infinite maximum is not taken off.
  Tensor high = apply(top, x.detach());
  high = apply(Where{}, apply(Isfinite{}, high), high, Tensor(0.0));
  total.keepdim = true;
  const Tensor result = apply(Add{}, apply(Log{}, apply(total, apply(Exp{}, apply(Sub{}, x, high)))), high);
  if (r.keepdim) return result;
  Sum squeeze;  // over dims of size 1
  squeeze.dim = r.dim;
  return apply(squeeze, result);
}

void register_reduction(Registry& registry) {
  ReductionRecords::add_to(registry);
  registry.add_decomposition<Nanmean>();
  registry.add_decomposition<MaxOther>();
  registry.add_decomposition<MinOther>();
  registry.add_decomposition<Aminmax>();
  registry.add_decomposition<VarUnbiasedDim>();
  registry.add_decomposition<StdUnbiasedDim>();
  registry.add_decomposition<VarUnbiased>();
  registry.add_decomposition<StdUnbiased>();
  registry.add_decomposition<VarMean>();
  registry.add_decomposition<StdMean>();
  registry.add_decomposition<Norm>();
  registry.add_decomposition<NormNamed>();
  registry.add_decomposition<Logsumexp>();
}

}  // namespace tenon::inline v0
