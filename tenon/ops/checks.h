// Checks that several families of ops share.
#pragma once

#include <tenon/core/error.h>
#include <tenon/core/number.h>

namespace tenon::inline v0 {

// DTypeError unless `dtype` is floating.
inline void check_floating(const char* op, DType dtype) {
  check<DTypeError>(is_floating(dtype), "\"", op, "\" not implemented for '", dtype,
                    "'; convert the input with .to(dtype) first, or give a floating dtype");
}

}  // namespace tenon::inline v0
