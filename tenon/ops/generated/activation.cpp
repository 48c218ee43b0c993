// Generated from the op records by tools/generate_functions.cpp (`make generate`); do not edit.
// clang-format off
#include <tenon/core/door.h>
#include <tenon/ops/activation.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0 {

Tensor softmax(const Tensor& input, int64_t dim, std::optional<DType> dtype) {
  Softmax r;
  r.dim = dim;
  r.dtype = dtype;
  return apply(r, input);
}
const Tensor& softmax_out(const Tensor& out, const Tensor& input, int64_t dim, std::optional<DType> dtype) {
  Softmax r;
  r.dim = dim;
  r.dtype = dtype;
  return apply_out(r, out, input);
}
Tensor Tensor::softmax(int64_t dim, std::optional<DType> dtype) const {
  Softmax r;
  r.dim = dim;
  r.dtype = dtype;
  return apply(r, *this);
}
Tensor log_softmax(const Tensor& input, int64_t dim, std::optional<DType> dtype) {
  LogSoftmax r;
  r.dim = dim;
  r.dtype = dtype;
  return apply(r, input);
}
const Tensor& log_softmax_out(const Tensor& out, const Tensor& input, int64_t dim, std::optional<DType> dtype) {
  LogSoftmax r;
  r.dim = dim;
  r.dtype = dtype;
  return apply_out(r, out, input);
}
Tensor Tensor::log_softmax(int64_t dim, std::optional<DType> dtype) const {
  LogSoftmax r;
  r.dim = dim;
  r.dtype = dtype;
  return apply(r, *this);
}
Tensor _dropout(const Tensor& input, double p, const GeneratorHandle& generator) {
  DropoutMasked r;
  r.p = p;
  r.generator = generator;
  return apply(r, input);
}
Tensor dropout(const Tensor& input, double p, bool training, bool inplace) {
  Dropout r;
  r.p = p;
  r.training = training;
  r.inplace = inplace;
  return apply(r, input);
}
Tensor dropout1d(const Tensor& input, double p, bool training, bool inplace) {
  FeatureDropout<1> r;
  r.p = p;
  r.training = training;
  r.inplace = inplace;
  return apply(r, input);
}
Tensor dropout2d(const Tensor& input, double p, bool training, bool inplace) {
  FeatureDropout<2> r;
  r.p = p;
  r.training = training;
  r.inplace = inplace;
  return apply(r, input);
}
Tensor dropout3d(const Tensor& input, double p, bool training, bool inplace) {
  FeatureDropout<3> r;
  r.p = p;
  r.training = training;
  r.inplace = inplace;
  return apply(r, input);
}

}  // namespace tenon::inline v0
