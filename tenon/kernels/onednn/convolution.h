// oneDNN's float32 convolutions and their gradients, loaded at first use.
#pragma once

#include <tenon/kernels/cpu/convolution_shape.h>

namespace tenon::inline v0::onednn {

// All operands are row-major. True when it is done; false when oneDNN is absent, does not know the
// geometry or fails, or when our own kernels are faster. The batch is cut by sizes
// alone and each piece runs on one thread, so results do not depend on the number of threads.
// `bias` may be null.
bool convolution(const ConvolutionShape&, const float* x, const float* w, const float* bias, float* out, Context&);
bool convolution_input_gradient(const ConvolutionShape&, const float* grad, const float* w, float* out, Context&);
bool convolution_weight_gradient(const ConvolutionShape&, const float* grad, const float* x, float* out, Context&);

}  // namespace tenon::inline v0::onednn
