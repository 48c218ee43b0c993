// Conversions between all pairs of dtypes, of runs of elements with any stride.
#pragma once

#include <cstdint>

#include <tenon/core/view.h>

namespace tenon::inline v0 {

// Strides are in bytes. A source stride of 0 repeats one element.
using CastLoop = void (*)(const char* from, int64_t from_stride, char* to, int64_t to_stride, int64_t n);
CastLoop cast_loop(DType from, DType to);

}  // namespace tenon::inline v0
