// What shape and dtype rules are built from.
#pragma once

#include <tenon/core/op.h>

namespace tenon::inline v0 {

// PyTorch's promotion: tensors with dimensions decide among themselves, zero-dimensional ones and then
// Python numbers only when they are of a higher kind.
TENON_API DType result_type(Specs in);
// Like result_type, but an integer result becomes the default float (`div`, `sin`, `mean`).
TENON_API DType float_result_type(Specs in);
// NumPy's broadcasting of all present inputs. ShapeError names `op` and both shapes.
TENON_API Shape broadcast_shapes(const char* op, const Shape& a, const Shape& b);
TENON_API Shape broadcast_shapes(const char* op, Specs in);
// "a is (2, 3) float32": an input as error texts say it.
TENON_API std::string describe_input(const OpInfo& op, Specs in, int index);

// Wraps and sorts reduction dims; empty means all. IndexError, and ValueError for a dim named twice.
TENON_API Dims normalize_dims(const char* op, const Dims& dims, int64_t ndim, bool empty_is_all = true);
// The shape after reducing `dims` (wrapped).
TENON_API Shape reduced_shape(const Shape& in, const Dims& dims, bool keepdim);
// Whether `dim` is at least `least`, or has to be by a condition that is recorded.
TENON_API bool require_at_least(const char* op, Dim dim, Dim least);
// The one -1 of a `view` or `reshape` filled in. ShapeError with both element counts.
TENON_API Shape resolve_shape(const char* op, const Shape& from, const Dims& wanted);

}  // namespace tenon::inline v0
