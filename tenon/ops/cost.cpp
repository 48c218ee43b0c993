#include <tenon/ops/cost.h>

namespace tenon::inline v0 {

// ---- products: each element of the result is a sum over the inner dimension, the last of the left operand ----

static Dim sum_over_inner(const Spec& left, const Spec& out) {
  Dim count = left.shape.back();
  for (Dim d : out.shape) count *= d;
  return count;
}
Dim multiply_adds(const Matmul&, Specs in, const Spec* out) { return sum_over_inner(in[0], *out); }
Dim multiply_adds(const Mm&, Specs in, const Spec* out) { return sum_over_inner(in[0], *out); }
Dim multiply_adds(const Bmm&, Specs in, const Spec* out) { return sum_over_inner(in[0], *out); }
Dim multiply_adds(const Mv&, Specs in, const Spec* out) { return sum_over_inner(in[0], *out); }
Dim multiply_adds(const Dot&, Specs in, const Spec* out) { return sum_over_inner(in[0], *out); }
Dim multiply_adds(const Addmm&, Specs in, const Spec* out) { return sum_over_inner(in[1], *out); }
Dim multiply_adds(const Baddbmm&, Specs in, const Spec* out) { return sum_over_inner(in[1], *out); }
Dim multiply_adds(const Addmv&, Specs in, const Spec* out) { return sum_over_inner(in[1], *out); }
Dim multiply_adds(const Linear&, Specs in, const Spec* out) { return sum_over_inner(in[0], *out); }
Dim multiply_adds(const LinearActivation&, Specs in, const Spec* out) { return sum_over_inner(in[0], *out); }

// ---- convolutions: each element on the side of the result meets one filter, the weight but for its first dim ----

static Dim sum_over_filter(const Shape& result, const Shape& weight) {
  Dim count = 1;
  for (Dim d : result) count *= d;
  for (size_t i = 1; i < weight.size(); ++i) count *= weight[i];
  return count;
}
Dim multiply_adds(const Convolution&, Specs in, const Spec* out) { return sum_over_filter(out->shape, in[1].shape); }
Dim multiply_adds(const ConvolutionActivation&, Specs in, const Spec* out) {
  return sum_over_filter(out->shape, in[1].shape);
}
Dim multiply_adds(const ConvolutionInputGradient&, Specs in, const Spec*) {
  return sum_over_filter(in[0].shape, in[1].shape);
}
Dim multiply_adds(const ConvolutionWeightGradient&, Specs in, const Spec* out) {
  return sum_over_filter(in[0].shape, out->shape);
}

}  // namespace tenon::inline v0
