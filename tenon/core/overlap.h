// Whether tensors share memory: what decides if a write needs a temporary, or is refused.
#pragma once

#include <tenon/core/export.h>
#include <tenon/core/tensor.h>

namespace tenon::inline v0 {

// Whether the ranges of bytes that two tensors span meet. Cheap; true for interleaved tensors also.
TENON_API bool ranges_meet(const TensorImpl* a, const TensorImpl* b);
// Whether some byte belongs to an element of both. Counts the places of interleaved tensors.
TENON_API bool overlaps(const TensorImpl* a, const TensorImpl* b);
// Whether two tensors of one storage are the same elements in the same order.
TENON_API bool same_elements(const TensorImpl* a, const TensorImpl* b);
// Whether two elements share a place (expand, unfold, as_strided).
TENON_API bool overlaps_itself(const TensorImpl* t);
// ValueError that names `op` when a write into `t` would write a place twice.
TENON_API void check_writable(const char* op, const TensorImpl* t);

}  // namespace tenon::inline v0
