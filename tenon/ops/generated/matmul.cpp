// Generated from the op records by tools/generate_functions.cpp (`make generate`); do not edit.
// clang-format off
#include <tenon/core/door.h>
#include <tenon/ops/matmul.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0 {

Tensor matmul(const Tensor& input, const Tensor& other) {
  return apply(Matmul{}, input, other);
}
const Tensor& matmul_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(Matmul{}, out, input, other);
}
Tensor Tensor::matmul(const Tensor& other) const {
  return apply(Matmul{}, *this, other);
}
Tensor mm(const Tensor& input, const Tensor& mat2) {
  return apply(Mm{}, input, mat2);
}
const Tensor& mm_out(const Tensor& out, const Tensor& input, const Tensor& mat2) {
  return apply_out(Mm{}, out, input, mat2);
}
Tensor Tensor::mm(const Tensor& mat2) const {
  return apply(Mm{}, *this, mat2);
}
Tensor bmm(const Tensor& input, const Tensor& mat2) {
  return apply(Bmm{}, input, mat2);
}
const Tensor& bmm_out(const Tensor& out, const Tensor& input, const Tensor& mat2) {
  return apply_out(Bmm{}, out, input, mat2);
}
Tensor Tensor::bmm(const Tensor& mat2) const {
  return apply(Bmm{}, *this, mat2);
}
Tensor mv(const Tensor& input, const Tensor& vec) {
  return apply(Mv{}, input, vec);
}
const Tensor& mv_out(const Tensor& out, const Tensor& input, const Tensor& vec) {
  return apply_out(Mv{}, out, input, vec);
}
Tensor Tensor::mv(const Tensor& vec) const {
  return apply(Mv{}, *this, vec);
}
Tensor dot(const Tensor& input, const Tensor& tensor) {
  return apply(Dot{}, input, tensor);
}
const Tensor& dot_out(const Tensor& out, const Tensor& input, const Tensor& tensor) {
  return apply_out(Dot{}, out, input, tensor);
}
Tensor Tensor::dot(const Tensor& tensor) const {
  return apply(Dot{}, *this, tensor);
}
Tensor outer(const Tensor& input, const Tensor& vec2) {
  return apply(Outer{}, input, vec2);
}
const Tensor& outer_out(const Tensor& out, const Tensor& input, const Tensor& vec2) {
  return apply_out(Outer{}, out, input, vec2);
}
Tensor Tensor::outer(const Tensor& vec2) const {
  return apply(Outer{}, *this, vec2);
}
Tensor inner(const Tensor& input, const Tensor& other) {
  return apply(Inner{}, input, other);
}
const Tensor& inner_out(const Tensor& out, const Tensor& input, const Tensor& other) {
  return apply_out(Inner{}, out, input, other);
}
Tensor Tensor::inner(const Tensor& other) const {
  return apply(Inner{}, *this, other);
}
Tensor addmm(const Tensor& input, const Tensor& mat1, const Tensor& mat2, Scalar beta, Scalar alpha) {
  Addmm r;
  r.beta = beta;
  r.alpha = alpha;
  return apply(r, input, mat1, mat2);
}
const Tensor& addmm_out(const Tensor& out, const Tensor& input, const Tensor& mat1, const Tensor& mat2, Scalar beta, Scalar alpha) {
  Addmm r;
  r.beta = beta;
  r.alpha = alpha;
  return apply_out(r, out, input, mat1, mat2);
}
Tensor Tensor::addmm(const Tensor& mat1, const Tensor& mat2, Scalar beta, Scalar alpha) const {
  Addmm r;
  r.beta = beta;
  r.alpha = alpha;
  return apply(r, *this, mat1, mat2);
}
const Tensor& Tensor::addmm_(const Tensor& mat1, const Tensor& mat2, Scalar beta, Scalar alpha) const {
  Addmm r;
  r.beta = beta;
  r.alpha = alpha;
  return apply_inplace(r, *this, mat1, mat2);
}
Tensor baddbmm(const Tensor& input, const Tensor& batch1, const Tensor& batch2, Scalar beta, Scalar alpha) {
  Baddbmm r;
  r.beta = beta;
  r.alpha = alpha;
  return apply(r, input, batch1, batch2);
}
const Tensor& baddbmm_out(const Tensor& out, const Tensor& input, const Tensor& batch1, const Tensor& batch2, Scalar beta, Scalar alpha) {
  Baddbmm r;
  r.beta = beta;
  r.alpha = alpha;
  return apply_out(r, out, input, batch1, batch2);
}
Tensor Tensor::baddbmm(const Tensor& batch1, const Tensor& batch2, Scalar beta, Scalar alpha) const {
  Baddbmm r;
  r.beta = beta;
  r.alpha = alpha;
  return apply(r, *this, batch1, batch2);
}
const Tensor& Tensor::baddbmm_(const Tensor& batch1, const Tensor& batch2, Scalar beta, Scalar alpha) const {
  Baddbmm r;
  r.beta = beta;
  r.alpha = alpha;
  return apply_inplace(r, *this, batch1, batch2);
}
Tensor addmv(const Tensor& input, const Tensor& mat, const Tensor& vec, Scalar beta, Scalar alpha) {
  Addmv r;
  r.beta = beta;
  r.alpha = alpha;
  return apply(r, input, mat, vec);
}
const Tensor& addmv_out(const Tensor& out, const Tensor& input, const Tensor& mat, const Tensor& vec, Scalar beta, Scalar alpha) {
  Addmv r;
  r.beta = beta;
  r.alpha = alpha;
  return apply_out(r, out, input, mat, vec);
}
Tensor Tensor::addmv(const Tensor& mat, const Tensor& vec, Scalar beta, Scalar alpha) const {
  Addmv r;
  r.beta = beta;
  r.alpha = alpha;
  return apply(r, *this, mat, vec);
}
const Tensor& Tensor::addmv_(const Tensor& mat, const Tensor& vec, Scalar beta, Scalar alpha) const {
  Addmv r;
  r.beta = beta;
  r.alpha = alpha;
  return apply_inplace(r, *this, mat, vec);
}
Tensor addr(const Tensor& input, const Tensor& vec1, const Tensor& vec2, Scalar beta, Scalar alpha) {
  Addr r;
  r.beta = beta;
  r.alpha = alpha;
  return apply(r, input, vec1, vec2);
}
const Tensor& addr_out(const Tensor& out, const Tensor& input, const Tensor& vec1, const Tensor& vec2, Scalar beta, Scalar alpha) {
  Addr r;
  r.beta = beta;
  r.alpha = alpha;
  return apply_out(r, out, input, vec1, vec2);
}
Tensor Tensor::addr(const Tensor& vec1, const Tensor& vec2, Scalar beta, Scalar alpha) const {
  Addr r;
  r.beta = beta;
  r.alpha = alpha;
  return apply(r, *this, vec1, vec2);
}
const Tensor& Tensor::addr_(const Tensor& vec1, const Tensor& vec2, Scalar beta, Scalar alpha) const {
  Addr r;
  r.beta = beta;
  r.alpha = alpha;
  return apply_inplace(r, *this, vec1, vec2);
}
Tensor linear(const Tensor& input, const Tensor& weight, const Tensor& bias) {
  return apply(Linear{}, input, weight, bias);
}

}  // namespace tenon::inline v0
