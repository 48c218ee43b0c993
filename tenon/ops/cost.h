// What calls cost: how many products they sum. One rule per record that is made of products, found by overload as
// shape rules are; the other ops move data more than they compute.
#pragma once

#include <tenon/ops/fused.h>

namespace tenon::inline v0 {

Dim multiply_adds(const Matmul&, Specs in, const Spec* out);
Dim multiply_adds(const Mm&, Specs in, const Spec* out);
Dim multiply_adds(const Bmm&, Specs in, const Spec* out);
Dim multiply_adds(const Mv&, Specs in, const Spec* out);
Dim multiply_adds(const Dot&, Specs in, const Spec* out);
Dim multiply_adds(const Addmm&, Specs in, const Spec* out);
Dim multiply_adds(const Baddbmm&, Specs in, const Spec* out);
Dim multiply_adds(const Addmv&, Specs in, const Spec* out);
Dim multiply_adds(const Linear&, Specs in, const Spec* out);
Dim multiply_adds(const LinearActivation&, Specs in, const Spec* out);
Dim multiply_adds(const Convolution&, Specs in, const Spec* out);
Dim multiply_adds(const ConvolutionActivation&, Specs in, const Spec* out);
Dim multiply_adds(const ConvolutionInputGradient&, Specs in, const Spec* out);
Dim multiply_adds(const ConvolutionWeightGradient&, Specs in, const Spec* out);

}  // namespace tenon::inline v0
