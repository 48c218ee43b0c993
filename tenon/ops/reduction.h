// Reductions over all or some dims, and running sums along one.
#pragma once

#include <tenon/core/registry.h>

namespace tenon::inline v0 {

// ---- sums ------------------------------------------------------------------------------------------------

// dim=None or () means all dims.
struct SumOp {
  std::optional<Dims> dim;
  bool keepdim = false;
  std::optional<DType> dtype;
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("dim", &SumOp::dim).broadcast(1), attribute("keepdim", &SumOp::keepdim),
                 attribute("dtype", &SumOp::dtype).keyword());
  static constexpr uint32_t traits = kReduction;
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
struct Sum : SumOp {
  static constexpr auto name = "sum";
};
struct Nansum : SumOp {
  static constexpr auto name = "nansum";
};
struct Mean : SumOp {
  static constexpr auto name = "mean";
};
struct Nanmean : SumOp {
  static constexpr auto name = "nanmean";
};
void infer(const Sum&, Specs in, Spec* out);
void infer(const Nansum&, Specs in, Spec* out);
void infer(const Mean&, Specs in, Spec* out);
Tensor decompose(const Nanmean&, const Tensor& input);

struct Prod {
  std::optional<int64_t> dim;
  bool keepdim = false;
  std::optional<DType> dtype;
  static constexpr auto name = "prod";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("dim", &Prod::dim), attribute("keepdim", &Prod::keepdim),
                 attribute("dtype", &Prod::dtype).keyword());
  static constexpr uint32_t traits = kReduction;
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
void infer(const Prod&, Specs in, Spec* out);

// ---- extremes --------------------------------------------------------------------------------------------

struct ExtremeOp {
  static constexpr auto parameters = std::tuple(input("input"));
  static constexpr uint32_t traits = kReduction;
};
struct Max : ExtremeOp {
  static constexpr auto name = "max";
};
struct Min : ExtremeOp {
  static constexpr auto name = "min";
};
void infer(const Max&, Specs in, Spec* out);
void infer(const Min&, Specs in, Spec* out);

struct ExtremeDimOp {
  int64_t dim = 0;
  bool keepdim = false;
  static constexpr auto overload = "dim";
  static constexpr auto parameters = std::tuple(input("input"), attribute("dim", &ExtremeDimOp::dim).required(),
                                                attribute("keepdim", &ExtremeDimOp::keepdim));
  static constexpr auto outputs = std::array{fresh("values"), fresh("indices")};
  static constexpr uint32_t traits = kReduction;
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
void infer_extreme_dim(const char* op, const ExtremeDimOp&, Specs in, Spec* out);
template <class R>
requires std::is_base_of_v<ExtremeDimOp, R>
void infer(const R& r, Specs in, Spec* out) { infer_extreme_dim(R::name, r, in, out); }
struct MaxDim : ExtremeDimOp {
  static constexpr auto name = "max";
};
struct MinDim : ExtremeDimOp {
  static constexpr auto name = "min";
};

struct ExtremeOtherOp {
  static constexpr auto overload = "other";
  static constexpr auto parameters = std::tuple(input("input"), input("other"));
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
struct MaxOther : ExtremeOtherOp {
  static constexpr auto name = "max";
};
struct MinOther : ExtremeOtherOp {
  static constexpr auto name = "min";
};
Tensor decompose(const MaxOther&, const Tensor& input, const Tensor& other);
Tensor decompose(const MinOther&, const Tensor& input, const Tensor& other);

struct AmaxOp {
  Dims dim;
  bool keepdim = false;
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("dim", &AmaxOp::dim).broadcast(1), attribute("keepdim", &AmaxOp::keepdim));
  static constexpr uint32_t traits = kReduction;
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
void infer_amax(const char* op, const AmaxOp&, Specs in, Spec* out);
template <class R>
requires std::is_base_of_v<AmaxOp, R>
void infer(const R& r, Specs in, Spec* out) { infer_amax(R::name, r, in, out); }
struct Amax : AmaxOp {
  static constexpr auto name = "amax";
};
struct Amin : AmaxOp {
  static constexpr auto name = "amin";
};

struct ArgOp {
  std::optional<int64_t> dim;
  bool keepdim = false;
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("dim", &ArgOp::dim), attribute("keepdim", &ArgOp::keepdim));
  static constexpr uint32_t traits = kReduction | kNotDifferentiable;
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
void infer_arg(const char* op, const ArgOp&, Specs in, Spec* out);
template <class R>
requires std::is_base_of_v<ArgOp, R>
void infer(const R& r, Specs in, Spec* out) { infer_arg(R::name, r, in, out); }
struct Argmax : ArgOp {
  static constexpr auto name = "argmax";
};
struct Argmin : ArgOp {
  static constexpr auto name = "argmin";
};

struct Aminmax {
  std::optional<int64_t> dim;
  bool keepdim = false;
  static constexpr auto name = "aminmax";
  static constexpr auto parameters = std::tuple(input("input"), attribute("dim", &Aminmax::dim).keyword(),
                                                attribute("keepdim", &Aminmax::keepdim).keyword());
  static constexpr auto outputs = std::array{fresh("min"), fresh("max")};
};
std::tuple<Tensor, Tensor> decompose(const Aminmax&, const Tensor& input);

// ---- logic and counts ------------------------------------------------------------------------------------

struct LogicReduction {
  std::optional<Dims> dim;
  bool keepdim = false;
  static constexpr auto parameters = std::tuple(input("input"), attribute("dim", &LogicReduction::dim).broadcast(1),
                                                attribute("keepdim", &LogicReduction::keepdim));
  static constexpr uint32_t traits = kReduction | kNotDifferentiable;
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
void infer_logic(const char* op, const LogicReduction&, Specs in, Spec* out);
template <class R>
requires std::is_base_of_v<LogicReduction, R>
void infer(const R& r, Specs in, Spec* out) { infer_logic(R::name, r, in, out); }
struct All : LogicReduction {
  static constexpr auto name = "all";
};
struct Any : LogicReduction {
  static constexpr auto name = "any";
};
struct CountNonzero {
  std::optional<Dims> dim;
  static constexpr auto name = "count_nonzero";
  static constexpr auto parameters = std::tuple(input("input"), attribute("dim", &CountNonzero::dim).broadcast(1));
  static constexpr uint32_t traits = kReduction | kNotDifferentiable;
};
void infer(const CountNonzero&, Specs in, Spec* out);

// ---- moments and norms -----------------------------------------------------------------------------------

// correction=None means 1: the unbiased estimate.
struct VarOp {
  std::optional<Dims> dim;
  std::optional<Scalar> correction;
  bool keepdim = false;
  static constexpr auto parameters = std::tuple(input("input"), attribute("dim", &VarOp::dim).broadcast(1),
                                                attribute("correction", &VarOp::correction).keyword(),
                                                attribute("keepdim", &VarOp::keepdim).keyword());
  static constexpr uint32_t traits = kReduction;
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
void infer_var(const char* op, const VarOp&, Specs in, Spec* out);
template <class R>
requires std::is_base_of_v<VarOp, R>
void infer(const R& r, Specs in, Spec* out) { infer_var(R::name, r, in, out); }
struct Var : VarOp {
  static constexpr auto name = "var";
};
struct Std : VarOp {
  static constexpr auto name = "std";
};

struct VarUnbiasedDimOp {
  std::optional<Dims> dim;
  bool unbiased = true, keepdim = false;
  static constexpr auto overload = "unbiased_dim";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("dim", &VarUnbiasedDimOp::dim).broadcast(1).required(),
                 attribute("unbiased", &VarUnbiasedDimOp::unbiased), attribute("keepdim", &VarUnbiasedDimOp::keepdim));
  static constexpr uint8_t forms = kFunction | kMethod | kPythonOnly;
};
struct VarUnbiasedDim : VarUnbiasedDimOp {
  static constexpr auto name = "var";
};
struct StdUnbiasedDim : VarUnbiasedDimOp {
  static constexpr auto name = "std";
};
Tensor decompose(const VarUnbiasedDim&, const Tensor& input);
Tensor decompose(const StdUnbiasedDim&, const Tensor& input);
struct VarUnbiasedOp {
  bool unbiased = true;
  static constexpr auto overload = "unbiased";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("unbiased", &VarUnbiasedOp::unbiased).required());
  static constexpr uint8_t forms = kFunction | kMethod | kPythonOnly;
};
struct VarUnbiased : VarUnbiasedOp {
  static constexpr auto name = "var";
};
struct StdUnbiased : VarUnbiasedOp {
  static constexpr auto name = "std";
};
Tensor decompose(const VarUnbiased&, const Tensor& input);
Tensor decompose(const StdUnbiased&, const Tensor& input);

struct VarMeanOp : VarOp {
  static constexpr uint8_t forms = kFunction;
  static constexpr auto outputs = std::array{fresh(), fresh()};
};
struct VarMean : VarMeanOp {
  static constexpr auto name = "var_mean";
};
struct StdMean : VarMeanOp {
  static constexpr auto name = "std_mean";
};
std::tuple<Tensor, Tensor> decompose(const VarMean&, const Tensor& input);
std::tuple<Tensor, Tensor> decompose(const StdMean&, const Tensor& input);

struct VectorNorm {
  Scalar ord = 2;
  std::optional<Dims> dim;
  bool keepdim = false;
  std::optional<DType> dtype;
  static constexpr auto name = "linalg_vector_norm";
  static constexpr auto parameters =
      std::tuple(input("x"), attribute("ord", &VectorNorm::ord), attribute("dim", &VectorNorm::dim).broadcast(1),
                 attribute("keepdim", &VectorNorm::keepdim), attribute("dtype", &VectorNorm::dtype).keyword());
  static constexpr uint32_t traits = kReduction;
  static constexpr uint8_t forms = kFunction | kOut;
};
void infer(const VectorNorm&, Specs in, Spec* out);
struct Norm {
  std::optional<Scalar> p;
  std::optional<Dims> dim;
  bool keepdim = false;
  std::optional<DType> dtype;
  static constexpr auto name = "norm";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("p", &Norm::p), attribute("dim", &Norm::dim).broadcast(1),
                 attribute("keepdim", &Norm::keepdim), attribute("dtype", &Norm::dtype));
};
Tensor decompose(const Norm&, const Tensor& input);
struct NormNamed {
  std::string p = "fro";
  std::optional<Dims> dim;
  bool keepdim = false;
  std::optional<DType> dtype;
  static constexpr auto name = "norm";
  static constexpr auto overload = "named";
  static constexpr auto parameters = std::tuple(
      input("input"), attribute("p", &NormNamed::p).required(), attribute("dim", &NormNamed::dim).broadcast(1),
      attribute("keepdim", &NormNamed::keepdim), attribute("dtype", &NormNamed::dtype));
};
Tensor decompose(const NormNamed&, const Tensor& input);

struct Logsumexp {
  Dims dim;
  bool keepdim = false;
  static constexpr auto name = "logsumexp";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("dim", &Logsumexp::dim).broadcast(1).required(),
                 attribute("keepdim", &Logsumexp::keepdim));
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
Tensor decompose(const Logsumexp&, const Tensor& input);

// ---- along a dim ---------------------------------------------------------------------------------------

struct ScanOp {
  int64_t dim = 0;
  std::optional<DType> dtype;
  static constexpr auto parameters = std::tuple(input("input"), attribute("dim", &ScanOp::dim).required(),
                                                attribute("dtype", &ScanOp::dtype).keyword());
  static constexpr uint32_t traits = kDestinationMayAlias;
  static constexpr uint8_t forms = kFunction | kMethod | kInplace | kOut;
};
void infer_scan(const char* op, const ScanOp&, Specs in, Spec* out);
template <class R>
requires std::is_base_of_v<ScanOp, R>
void infer(const R& r, Specs in, Spec* out) { infer_scan(R::name, r, in, out); }
struct Cumsum : ScanOp {
  static constexpr auto name = "cumsum";
};
struct Cumprod : ScanOp {
  static constexpr auto name = "cumprod";
};
struct Logcumsumexp : ScanOp {
  static constexpr auto name = "logcumsumexp";
  static constexpr auto parameters = std::tuple(input("input"), attribute("dim", &ScanOp::dim).required());
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};

struct CumExtremeOp {
  int64_t dim = 0;
  static constexpr auto parameters = std::tuple(input("input"), attribute("dim", &CumExtremeOp::dim).required());
  static constexpr auto outputs = std::array{fresh("values"), fresh("indices")};
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
void infer_cum_extreme(const char* op, const CumExtremeOp&, Specs in, Spec* out);
template <class R>
requires std::is_base_of_v<CumExtremeOp, R>
void infer(const R& r, Specs in, Spec* out) { infer_cum_extreme(R::name, r, in, out); }
struct Cummax : CumExtremeOp {
  static constexpr auto name = "cummax";
};
struct Cummin : CumExtremeOp {
  static constexpr auto name = "cummin";
};

using ReductionRecords =
    Records<Sum, Nansum, Mean, Nanmean, Prod, Max, MaxDim, MaxOther, Min, MinDim, MinOther, Amax, Amin, Argmax, Argmin,
            Aminmax, All, Any, CountNonzero, Var, VarUnbiasedDim, VarUnbiased, Std, StdUnbiasedDim, StdUnbiased,
            VarMean, StdMean, VectorNorm, Norm, NormNamed, Logsumexp, Cumsum, Cumprod, Logcumsumexp, Cummax, Cummin>;

}  // namespace tenon::inline v0
