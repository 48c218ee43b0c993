// Generated from the op records by tools/generate_functions.cpp (`make generate`); do not edit.
#pragma once

#include <tuple>
#include <vector>

#include <tenon/core/tensor.h>

namespace tenon::inline v0 {

// elementwise
TENON_API Tensor add(const Tensor& input, const Tensor& other, Scalar alpha = 1);
TENON_API Tensor mul(const Tensor& input, const Tensor& other);
TENON_API Tensor copy(const Tensor& input, const Tensor& src);

}  // namespace tenon::inline v0
