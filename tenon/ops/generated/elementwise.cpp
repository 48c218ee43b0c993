// Generated from the op records by tools/generate_functions.cpp (`make generate`); do not edit.
#include <tenon/core/door.h>
#include <tenon/ops/elementwise.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0 {

Tensor add(const Tensor& input, const Tensor& other, Scalar alpha) {
  Add r;
  r.alpha = alpha;
  return apply(r, input, other);
}
Tensor Tensor::add(const Tensor& other, Scalar alpha) const { return tenon::add(*this, other, alpha); }
const Tensor& Tensor::add_(const Tensor& other, Scalar alpha) const {
  Add r;
  r.alpha = alpha;
  return apply_inplace(r, *this, other);
}
Tensor mul(const Tensor& input, const Tensor& other) {
  return apply(Mul{}, input, other);
}
Tensor Tensor::mul(const Tensor& other) const { return tenon::mul(*this, other); }
const Tensor& Tensor::mul_(const Tensor& other) const {
  return apply_inplace(Mul{}, *this, other);
}
Tensor copy(const Tensor& input, const Tensor& src) {
  return apply(Copy{}, input, src);
}
Tensor Tensor::copy(const Tensor& src) const { return tenon::copy(*this, src); }
const Tensor& Tensor::copy_(const Tensor& src) const {
  return apply_inplace(Copy{}, *this, src);
}

}  // namespace tenon::inline v0
