// The few ops that backward itself is made of. They go through the door like any other call, so that
// higher orders, traces and subclasses see them.
#pragma once

#include <tenon/core/tensor.h>

namespace tenon::inline v0::basic {

Tensor add(const Tensor& a, const Tensor& b);
void add_into(const Tensor& a, const Tensor& b);
Tensor sum(const Tensor& x, const Dims& dims, bool keepdim);
Tensor cast(const Tensor& x, DType dtype);
Tensor real_part(const Tensor& x);
Tensor reshape(const Tensor& x, const Shape& shape);
Tensor clone(const Tensor& x);
void copy_into(const Tensor& to, const Tensor& from);
Tensor as_strided(const Tensor& x, const Shape& shape, const Strides& strides, Dim offset);
// Zeros of `sizes`, row-major, with `x` added at the places of the strided view.
Tensor as_strided_backward(const Tensor& x, const Shape& sizes, const Strides& strides, Dim offset);
Tensor zeros(const Spec& spec);
Tensor ones(const Spec& spec);

}  // namespace tenon::inline v0::basic
