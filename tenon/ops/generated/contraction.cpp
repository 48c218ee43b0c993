// Generated from the op records by tools/generate_functions.cpp (`make generate`); do not edit.
// clang-format off
#include <tenon/core/door.h>
#include <tenon/ops/contraction.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0 {

Tensor einsum(const std::string& equation, const std::vector<Tensor>& operands) {
  Einsum r;
  r.equation = equation;
  return apply_list(r, operands);
}
Tensor tensordot(const Tensor& a, const Tensor& b, int64_t dims) {
  Tensordot r;
  r.dims = dims;
  return apply(r, a, b);
}
const Tensor& tensordot_out(const Tensor& out, const Tensor& a, const Tensor& b, int64_t dims) {
  Tensordot r;
  r.dims = dims;
  return apply_out(r, out, a, b);
}
Tensor tensordot(const Tensor& a, const Tensor& b, const DimsArg& dims_a, const DimsArg& dims_b) {
  TensordotOver r;
  r.dims_a = dims_a;
  r.dims_b = dims_b;
  return apply(r, a, b);
}
const Tensor& tensordot_out(const Tensor& out, const Tensor& a, const Tensor& b, const DimsArg& dims_a, const DimsArg& dims_b) {
  TensordotOver r;
  r.dims_a = dims_a;
  r.dims_b = dims_b;
  return apply_out(r, out, a, b);
}
Tensor kron(const Tensor& input, const Tensor& other) {
  return apply(Kron{}, input, other);
}
const Tensor& kron_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(Kron{}, out, input, other);
}
Tensor Tensor::kron(const Tensor& other) const {
  return apply(Kron{}, *this, other);
}
Tensor trace(const Tensor& input) {
  return apply(Trace{}, input);
}
Tensor Tensor::trace() const {
  return apply(Trace{}, *this);
}
Tensor vdot(const Tensor& input, const Tensor& other) {
  return apply(Vdot{}, input, other);
}
const Tensor& vdot_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(Vdot{}, out, input, other);
}
Tensor Tensor::vdot(const Tensor& other) const {
  return apply(Vdot{}, *this, other);
}
Tensor cross(const Tensor& input, const Tensor& other, std::optional<int64_t> dim) {
  Cross r;
  r.dim = dim;
  return apply(r, input, other);
}
const Tensor& cross_out(const Tensor& out, const Tensor& input, const Tensor& other, std::optional<int64_t> dim) {
  Cross r;
  r.dim = dim;
  return apply_out(r, out, input, other);
}
Tensor Tensor::cross(const Tensor& other, std::optional<int64_t> dim) const {
  Cross r;
  r.dim = dim;
  return apply(r, *this, other);
}
Tensor addbmm(const Tensor& input, const Tensor& batch1, const Tensor& batch2, Scalar beta, Scalar alpha) {
  Addbmm r;
  r.beta = beta;
  r.alpha = alpha;
  return apply(r, input, batch1, batch2);
}
const Tensor& addbmm_out(const Tensor& out, const Tensor& input, const Tensor& batch1, const Tensor& batch2, Scalar beta, Scalar alpha) {
  Addbmm r;
  r.beta = beta;
  r.alpha = alpha;
  return apply_out(r, out, input, batch1, batch2);
}
Tensor Tensor::addbmm(const Tensor& batch1, const Tensor& batch2, Scalar beta, Scalar alpha) const {
  Addbmm r;
  r.beta = beta;
  r.alpha = alpha;
  return apply(r, *this, batch1, batch2);
}
const Tensor& Tensor::addbmm_(const Tensor& batch1, const Tensor& batch2, Scalar beta, Scalar alpha) const {
  Addbmm r;
  r.beta = beta;
  r.alpha = alpha;
  return apply_inplace(r, *this, batch1, batch2);
}
Tensor chain_matmul(const std::vector<Tensor>& matrices) {
  return apply_list(ChainMatmul{}, matrices);
}
Tensor cdist(const Tensor& x1, const Tensor& x2, double p, const std::string& compute_mode) {
  Cdist r;
  r.p = p;
  r.compute_mode = compute_mode;
  return apply(r, x1, x2);
}

}  // namespace tenon::inline v0
