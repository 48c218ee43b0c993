// How layers make their parameters, for the layers' own sources.
#pragma once

#include <tenon/autograd/autograd.h>
#include <tenon/core/tensor.h>
#include <tenon/nn/module.h>

namespace tenon::inline v0::nn {

template <class Options>
Tensor new_tensor(const Shape& shape, const Options& o) {
  return Tensor::empty(shape, o.dtype.value_or(default_dtype()), o.device.value_or(Device{}));
}

template <class Options>
Tensor new_parameter(const Shape& shape, const Options& o) {
  Tensor out = new_tensor(shape, o);
  out.impl()->flags |= TensorImpl::kParameter | TensorImpl::kRequiresGrad;
  return out;
}

// "2" when all are equal, else "(2, 3)": how PyTorch prints what was given as a number.
inline std::string one_or_all(const DimsArg& dims) {
  return dims.size() == 1 ? dims[0].str() : to_text(static_cast<const Dims&>(dims));
}

}  // namespace tenon::inline v0::nn
