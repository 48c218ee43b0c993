// Generated from the op records by tools/generate_functions.cpp (`make generate`); do not edit.
// clang-format off
#include <tenon/core/door.h>
#include <tenon/ops/reduction.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0 {

Tensor sum(const Tensor& input, const std::optional<DimsArg>& dim, bool keepdim, std::optional<DType> dtype) {
  Sum r;
  if (dim) r.dim = dim->broadcast(1);
  r.keepdim = keepdim;
  r.dtype = dtype;
  return apply(r, input);
}
const Tensor& sum_out(const Tensor& out, const Tensor& input, const std::optional<DimsArg>& dim, bool keepdim, std::optional<DType> dtype) {
  Sum r;
  if (dim) r.dim = dim->broadcast(1);
  r.keepdim = keepdim;
  r.dtype = dtype;
  return apply_out(r, out, input);
}
Tensor Tensor::sum(const std::optional<DimsArg>& dim, bool keepdim, std::optional<DType> dtype) const {
  Sum r;
  if (dim) r.dim = dim->broadcast(1);
  r.keepdim = keepdim;
  r.dtype = dtype;
  return apply(r, *this);
}
Tensor nansum(const Tensor& input, const std::optional<DimsArg>& dim, bool keepdim, std::optional<DType> dtype) {
  Nansum r;
  if (dim) r.dim = dim->broadcast(1);
  r.keepdim = keepdim;
  r.dtype = dtype;
  return apply(r, input);
}
const Tensor& nansum_out(const Tensor& out, const Tensor& input, const std::optional<DimsArg>& dim, bool keepdim, std::optional<DType> dtype) {
  Nansum r;
  if (dim) r.dim = dim->broadcast(1);
  r.keepdim = keepdim;
  r.dtype = dtype;
  return apply_out(r, out, input);
}
Tensor Tensor::nansum(const std::optional<DimsArg>& dim, bool keepdim, std::optional<DType> dtype) const {
  Nansum r;
  if (dim) r.dim = dim->broadcast(1);
  r.keepdim = keepdim;
  r.dtype = dtype;
  return apply(r, *this);
}
Tensor mean(const Tensor& input, const std::optional<DimsArg>& dim, bool keepdim, std::optional<DType> dtype) {
  Mean r;
  if (dim) r.dim = dim->broadcast(1);
  r.keepdim = keepdim;
  r.dtype = dtype;
  return apply(r, input);
}
const Tensor& mean_out(const Tensor& out, const Tensor& input, const std::optional<DimsArg>& dim, bool keepdim, std::optional<DType> dtype) {
  Mean r;
  if (dim) r.dim = dim->broadcast(1);
  r.keepdim = keepdim;
  r.dtype = dtype;
  return apply_out(r, out, input);
}
Tensor Tensor::mean(const std::optional<DimsArg>& dim, bool keepdim, std::optional<DType> dtype) const {
  Mean r;
  if (dim) r.dim = dim->broadcast(1);
  r.keepdim = keepdim;
  r.dtype = dtype;
  return apply(r, *this);
}
Tensor nanmean(const Tensor& input, const std::optional<DimsArg>& dim, bool keepdim, std::optional<DType> dtype) {
  Nanmean r;
  if (dim) r.dim = dim->broadcast(1);
  r.keepdim = keepdim;
  r.dtype = dtype;
  return apply(r, input);
}
const Tensor& nanmean_out(const Tensor& out, const Tensor& input, const std::optional<DimsArg>& dim, bool keepdim, std::optional<DType> dtype) {
  Nanmean r;
  if (dim) r.dim = dim->broadcast(1);
  r.keepdim = keepdim;
  r.dtype = dtype;
  return apply_out(r, out, input);
}
Tensor Tensor::nanmean(const std::optional<DimsArg>& dim, bool keepdim, std::optional<DType> dtype) const {
  Nanmean r;
  if (dim) r.dim = dim->broadcast(1);
  r.keepdim = keepdim;
  r.dtype = dtype;
  return apply(r, *this);
}
Tensor prod(const Tensor& input, std::optional<int64_t> dim, bool keepdim, std::optional<DType> dtype) {
  Prod r;
  r.dim = dim;
  r.keepdim = keepdim;
  r.dtype = dtype;
  return apply(r, input);
}
const Tensor& prod_out(const Tensor& out, const Tensor& input, std::optional<int64_t> dim, bool keepdim, std::optional<DType> dtype) {
  Prod r;
  r.dim = dim;
  r.keepdim = keepdim;
  r.dtype = dtype;
  return apply_out(r, out, input);
}
Tensor Tensor::prod(std::optional<int64_t> dim, bool keepdim, std::optional<DType> dtype) const {
  Prod r;
  r.dim = dim;
  r.keepdim = keepdim;
  r.dtype = dtype;
  return apply(r, *this);
}
Tensor max(const Tensor& input) {
  return apply(Max{}, input);
}
Tensor Tensor::max() const {
  return apply(Max{}, *this);
}
std::tuple<Tensor, Tensor> max(const Tensor& input, int64_t dim, bool keepdim) {
  MaxDim r;
  r.dim = dim;
  r.keepdim = keepdim;
  auto results = apply_all(r, input);
  return {std::move(results[0]), std::move(results[1])};
}
std::tuple<Tensor, Tensor> Tensor::max(int64_t dim, bool keepdim) const {
  MaxDim r;
  r.dim = dim;
  r.keepdim = keepdim;
  auto results = apply_all(r, *this);
  return {std::move(results[0]), std::move(results[1])};
}
Tensor max(const Tensor& input, const Tensor& other) {
  return apply(MaxOther{}, input, other);
}
const Tensor& max_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(MaxOther{}, out, input, other);
}
Tensor Tensor::max(const Tensor& other) const {
  return apply(MaxOther{}, *this, other);
}
Tensor min(const Tensor& input) {
  return apply(Min{}, input);
}
Tensor Tensor::min() const {
  return apply(Min{}, *this);
}
std::tuple<Tensor, Tensor> min(const Tensor& input, int64_t dim, bool keepdim) {
  MinDim r;
  r.dim = dim;
  r.keepdim = keepdim;
  auto results = apply_all(r, input);
  return {std::move(results[0]), std::move(results[1])};
}
std::tuple<Tensor, Tensor> Tensor::min(int64_t dim, bool keepdim) const {
  MinDim r;
  r.dim = dim;
  r.keepdim = keepdim;
  auto results = apply_all(r, *this);
  return {std::move(results[0]), std::move(results[1])};
}
Tensor min(const Tensor& input, const Tensor& other) {
  return apply(MinOther{}, input, other);
}
const Tensor& min_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(MinOther{}, out, input, other);
}
Tensor Tensor::min(const Tensor& other) const {
  return apply(MinOther{}, *this, other);
}
Tensor amax(const Tensor& input, const DimsArg& dim, bool keepdim) {
  Amax r;
  r.dim = dim.broadcast(1);
  r.keepdim = keepdim;
  return apply(r, input);
}
const Tensor& amax_out(const Tensor& out, const Tensor& input, const DimsArg& dim, bool keepdim) {
  Amax r;
  r.dim = dim.broadcast(1);
  r.keepdim = keepdim;
  return apply_out(r, out, input);
}
Tensor Tensor::amax(const DimsArg& dim, bool keepdim) const {
  Amax r;
  r.dim = dim.broadcast(1);
  r.keepdim = keepdim;
  return apply(r, *this);
}
Tensor amin(const Tensor& input, const DimsArg& dim, bool keepdim) {
  Amin r;
  r.dim = dim.broadcast(1);
  r.keepdim = keepdim;
  return apply(r, input);
}
const Tensor& amin_out(const Tensor& out, const Tensor& input, const DimsArg& dim, bool keepdim) {
  Amin r;
  r.dim = dim.broadcast(1);
  r.keepdim = keepdim;
  return apply_out(r, out, input);
}
Tensor Tensor::amin(const DimsArg& dim, bool keepdim) const {
  Amin r;
  r.dim = dim.broadcast(1);
  r.keepdim = keepdim;
  return apply(r, *this);
}
Tensor argmax(const Tensor& input, std::optional<int64_t> dim, bool keepdim) {
  Argmax r;
  r.dim = dim;
  r.keepdim = keepdim;
  return apply(r, input);
}
const Tensor& argmax_out(const Tensor& out, const Tensor& input, std::optional<int64_t> dim, bool keepdim) {
  Argmax r;
  r.dim = dim;
  r.keepdim = keepdim;
  return apply_out(r, out, input);
}
Tensor Tensor::argmax(std::optional<int64_t> dim, bool keepdim) const {
  Argmax r;
  r.dim = dim;
  r.keepdim = keepdim;
  return apply(r, *this);
}
Tensor argmin(const Tensor& input, std::optional<int64_t> dim, bool keepdim) {
  Argmin r;
  r.dim = dim;
  r.keepdim = keepdim;
  return apply(r, input);
}
const Tensor& argmin_out(const Tensor& out, const Tensor& input, std::optional<int64_t> dim, bool keepdim) {
  Argmin r;
  r.dim = dim;
  r.keepdim = keepdim;
  return apply_out(r, out, input);
}
Tensor Tensor::argmin(std::optional<int64_t> dim, bool keepdim) const {
  Argmin r;
  r.dim = dim;
  r.keepdim = keepdim;
  return apply(r, *this);
}
std::tuple<Tensor, Tensor> aminmax(const Tensor& input, std::optional<int64_t> dim, bool keepdim) {
  Aminmax r;
  r.dim = dim;
  r.keepdim = keepdim;
  auto results = apply_all(r, input);
  return {std::move(results[0]), std::move(results[1])};
}
std::tuple<Tensor, Tensor> Tensor::aminmax(std::optional<int64_t> dim, bool keepdim) const {
  Aminmax r;
  r.dim = dim;
  r.keepdim = keepdim;
  auto results = apply_all(r, *this);
  return {std::move(results[0]), std::move(results[1])};
}
Tensor all(const Tensor& input, const std::optional<DimsArg>& dim, bool keepdim) {
  All r;
  if (dim) r.dim = dim->broadcast(1);
  r.keepdim = keepdim;
  return apply(r, input);
}
const Tensor& all_out(const Tensor& out, const Tensor& input, const std::optional<DimsArg>& dim, bool keepdim) {
  All r;
  if (dim) r.dim = dim->broadcast(1);
  r.keepdim = keepdim;
  return apply_out(r, out, input);
}
Tensor Tensor::all(const std::optional<DimsArg>& dim, bool keepdim) const {
  All r;
  if (dim) r.dim = dim->broadcast(1);
  r.keepdim = keepdim;
  return apply(r, *this);
}
Tensor any(const Tensor& input, const std::optional<DimsArg>& dim, bool keepdim) {
  Any r;
  if (dim) r.dim = dim->broadcast(1);
  r.keepdim = keepdim;
  return apply(r, input);
}
const Tensor& any_out(const Tensor& out, const Tensor& input, const std::optional<DimsArg>& dim, bool keepdim) {
  Any r;
  if (dim) r.dim = dim->broadcast(1);
  r.keepdim = keepdim;
  return apply_out(r, out, input);
}
Tensor Tensor::any(const std::optional<DimsArg>& dim, bool keepdim) const {
  Any r;
  if (dim) r.dim = dim->broadcast(1);
  r.keepdim = keepdim;
  return apply(r, *this);
}
Tensor count_nonzero(const Tensor& input, const std::optional<DimsArg>& dim) {
  CountNonzero r;
  if (dim) r.dim = dim->broadcast(1);
  return apply(r, input);
}
Tensor Tensor::count_nonzero(const std::optional<DimsArg>& dim) const {
  CountNonzero r;
  if (dim) r.dim = dim->broadcast(1);
  return apply(r, *this);
}
Tensor var(const Tensor& input, const std::optional<DimsArg>& dim, std::optional<Scalar> correction, bool keepdim) {
  Var r;
  if (dim) r.dim = dim->broadcast(1);
  r.correction = correction;
  r.keepdim = keepdim;
  return apply(r, input);
}
const Tensor& var_out(const Tensor& out, const Tensor& input, const std::optional<DimsArg>& dim, std::optional<Scalar> correction, bool keepdim) {
  Var r;
  if (dim) r.dim = dim->broadcast(1);
  r.correction = correction;
  r.keepdim = keepdim;
  return apply_out(r, out, input);
}
Tensor Tensor::var(const std::optional<DimsArg>& dim, std::optional<Scalar> correction, bool keepdim) const {
  Var r;
  if (dim) r.dim = dim->broadcast(1);
  r.correction = correction;
  r.keepdim = keepdim;
  return apply(r, *this);
}
Tensor std(const Tensor& input, const std::optional<DimsArg>& dim, std::optional<Scalar> correction, bool keepdim) {
  Std r;
  if (dim) r.dim = dim->broadcast(1);
  r.correction = correction;
  r.keepdim = keepdim;
  return apply(r, input);
}
const Tensor& std_out(const Tensor& out, const Tensor& input, const std::optional<DimsArg>& dim, std::optional<Scalar> correction, bool keepdim) {
  Std r;
  if (dim) r.dim = dim->broadcast(1);
  r.correction = correction;
  r.keepdim = keepdim;
  return apply_out(r, out, input);
}
Tensor Tensor::std(const std::optional<DimsArg>& dim, std::optional<Scalar> correction, bool keepdim) const {
  Std r;
  if (dim) r.dim = dim->broadcast(1);
  r.correction = correction;
  r.keepdim = keepdim;
  return apply(r, *this);
}
std::tuple<Tensor, Tensor> var_mean(const Tensor& input, const std::optional<DimsArg>& dim, std::optional<Scalar> correction, bool keepdim) {
  VarMean r;
  if (dim) r.dim = dim->broadcast(1);
  r.correction = correction;
  r.keepdim = keepdim;
  auto results = apply_all(r, input);
  return {std::move(results[0]), std::move(results[1])};
}
std::tuple<Tensor, Tensor> std_mean(const Tensor& input, const std::optional<DimsArg>& dim, std::optional<Scalar> correction, bool keepdim) {
  StdMean r;
  if (dim) r.dim = dim->broadcast(1);
  r.correction = correction;
  r.keepdim = keepdim;
  auto results = apply_all(r, input);
  return {std::move(results[0]), std::move(results[1])};
}
Tensor linalg_vector_norm(const Tensor& x, Scalar ord, const std::optional<DimsArg>& dim, bool keepdim, std::optional<DType> dtype) {
  VectorNorm r;
  r.ord = ord;
  if (dim) r.dim = dim->broadcast(1);
  r.keepdim = keepdim;
  r.dtype = dtype;
  return apply(r, x);
}
const Tensor& linalg_vector_norm_out(const Tensor& out, const Tensor& x, Scalar ord, const std::optional<DimsArg>& dim, bool keepdim, std::optional<DType> dtype) {
  VectorNorm r;
  r.ord = ord;
  if (dim) r.dim = dim->broadcast(1);
  r.keepdim = keepdim;
  r.dtype = dtype;
  return apply_out(r, out, x);
}
Tensor norm(const Tensor& input, std::optional<Scalar> p, const std::optional<DimsArg>& dim, bool keepdim, std::optional<DType> dtype) {
  Norm r;
  r.p = p;
  if (dim) r.dim = dim->broadcast(1);
  r.keepdim = keepdim;
  r.dtype = dtype;
  return apply(r, input);
}
Tensor Tensor::norm(std::optional<Scalar> p, const std::optional<DimsArg>& dim, bool keepdim, std::optional<DType> dtype) const {
  Norm r;
  r.p = p;
  if (dim) r.dim = dim->broadcast(1);
  r.keepdim = keepdim;
  r.dtype = dtype;
  return apply(r, *this);
}
Tensor norm(const Tensor& input, const std::string& p, const std::optional<DimsArg>& dim, bool keepdim, std::optional<DType> dtype) {
  NormNamed r;
  r.p = p;
  if (dim) r.dim = dim->broadcast(1);
  r.keepdim = keepdim;
  r.dtype = dtype;
  return apply(r, input);
}
Tensor Tensor::norm(const std::string& p, const std::optional<DimsArg>& dim, bool keepdim, std::optional<DType> dtype) const {
  NormNamed r;
  r.p = p;
  if (dim) r.dim = dim->broadcast(1);
  r.keepdim = keepdim;
  r.dtype = dtype;
  return apply(r, *this);
}
Tensor logsumexp(const Tensor& input, const DimsArg& dim, bool keepdim) {
  Logsumexp r;
  r.dim = dim.broadcast(1);
  r.keepdim = keepdim;
  return apply(r, input);
}
const Tensor& logsumexp_out(const Tensor& out, const Tensor& input, const DimsArg& dim, bool keepdim) {
  Logsumexp r;
  r.dim = dim.broadcast(1);
  r.keepdim = keepdim;
  return apply_out(r, out, input);
}
Tensor Tensor::logsumexp(const DimsArg& dim, bool keepdim) const {
  Logsumexp r;
  r.dim = dim.broadcast(1);
  r.keepdim = keepdim;
  return apply(r, *this);
}
Tensor cumsum(const Tensor& input, int64_t dim, std::optional<DType> dtype) {
  Cumsum r;
  r.dim = dim;
  r.dtype = dtype;
  return apply(r, input);
}
const Tensor& cumsum_out(const Tensor& out, const Tensor& input, int64_t dim, std::optional<DType> dtype) {
  Cumsum r;
  r.dim = dim;
  r.dtype = dtype;
  return apply_out(r, out, input);
}
Tensor Tensor::cumsum(int64_t dim, std::optional<DType> dtype) const {
  Cumsum r;
  r.dim = dim;
  r.dtype = dtype;
  return apply(r, *this);
}
const Tensor& Tensor::cumsum_(int64_t dim, std::optional<DType> dtype) const {
  Cumsum r;
  r.dim = dim;
  r.dtype = dtype;
  return apply_inplace(r, *this);
}
Tensor cumprod(const Tensor& input, int64_t dim, std::optional<DType> dtype) {
  Cumprod r;
  r.dim = dim;
  r.dtype = dtype;
  return apply(r, input);
}
const Tensor& cumprod_out(const Tensor& out, const Tensor& input, int64_t dim, std::optional<DType> dtype) {
  Cumprod r;
  r.dim = dim;
  r.dtype = dtype;
  return apply_out(r, out, input);
}
Tensor Tensor::cumprod(int64_t dim, std::optional<DType> dtype) const {
  Cumprod r;
  r.dim = dim;
  r.dtype = dtype;
  return apply(r, *this);
}
const Tensor& Tensor::cumprod_(int64_t dim, std::optional<DType> dtype) const {
  Cumprod r;
  r.dim = dim;
  r.dtype = dtype;
  return apply_inplace(r, *this);
}
Tensor logcumsumexp(const Tensor& input, int64_t dim) {
  Logcumsumexp r;
  r.dim = dim;
  return apply(r, input);
}
const Tensor& logcumsumexp_out(const Tensor& out, const Tensor& input, int64_t dim) {
  Logcumsumexp r;
  r.dim = dim;
  return apply_out(r, out, input);
}
Tensor Tensor::logcumsumexp(int64_t dim) const {
  Logcumsumexp r;
  r.dim = dim;
  return apply(r, *this);
}
std::tuple<Tensor, Tensor> cummax(const Tensor& input, int64_t dim) {
  Cummax r;
  r.dim = dim;
  auto results = apply_all(r, input);
  return {std::move(results[0]), std::move(results[1])};
}
std::tuple<Tensor, Tensor> Tensor::cummax(int64_t dim) const {
  Cummax r;
  r.dim = dim;
  auto results = apply_all(r, *this);
  return {std::move(results[0]), std::move(results[1])};
}
std::tuple<Tensor, Tensor> cummin(const Tensor& input, int64_t dim) {
  Cummin r;
  r.dim = dim;
  auto results = apply_all(r, input);
  return {std::move(results[0]), std::move(results[1])};
}
std::tuple<Tensor, Tensor> Tensor::cummin(int64_t dim) const {
  Cummin r;
  r.dim = dim;
  auto results = apply_all(r, *this);
  return {std::move(results[0]), std::move(results[1])};
}

}  // namespace tenon::inline v0
