// Moving elements between a tensor and the places in it that indices name.
#pragma once

#include <cstdint>

#include <tenon/core/context.h>
#include <tenon/core/view.h>
#include <tenon/kernels/cpu/strided.h>

namespace tenon::inline v0 {

// The indexed tensor as (outer, places, inner): dims kept before the indexed ones, the broadcast indices,
// dims kept behind. Strides in elements.
struct Places {
  int outer_ndim = 0, place_ndim = 0, inner_ndim = 0;
  int64_t outer_sizes[kMaxKernelDims], outer_strides[kMaxKernelDims];
  int64_t inner_sizes[kMaxKernelDims], inner_strides[kMaxKernelDims];
  int64_t place_sizes[kMaxKernelDims];
  int64_t count = 1;           // of places
  int64_t* offsets = nullptr;  // one per place

  void keep(const View& x, int dim, bool outer) {
    (outer ? outer_sizes[outer_ndim] : inner_sizes[inner_ndim]) = x.sizes[dim];
    (outer ? outer_strides[outer_ndim] : inner_strides[inner_ndim]) = x.strides[dim];
    ++(outer ? outer_ndim : inner_ndim);
  }
};

// The other side of a move: row-major values of shape (outer, places, inner), or ones broadcast to it.
struct OtherSide {
  char* data;
  int64_t outer[kMaxKernelDims], place[kMaxKernelDims], inner[kMaxKernelDims];  // strides in elements
};

int64_t product(const int64_t* sizes, int n);
// A negative index counts from the end. False, with a report, when it is out of range.
bool wrap_index(int64_t& index, int64_t size, int dim, Context& context);
// The out-of-place form of a write starts as a copy.
void copy_unless_same(const View& from, const View& to);

// Places of whole slices of `x` along `dim`; the offsets are still to be filled in.
bool slice_places(const View& x, int dim, int64_t count, Context& context, Places& p);

// Moves a block of inner elements for every outer position and place. Reading writes `other`.
void move_places(const Places& p, char* x, const OtherSide& other, int64_t size, bool reading, CastLoop loop,
                 bool parallel);
// Row-major strides for (outer, places, inner).
void row_major_side(const Places& p, OtherSide& side);
// `values` stretched over (outer, places, inner); false, with a report, when it does not broadcast.
bool broadcast_side(const Places& p, const View& values, OtherSide& side, Context& context);
// `values` in another dtype: itself, or a row-major copy in the workspace, whose strides go to `strides`.
bool cast_values(const View& values, DType dtype, Context& context, View* out, int64_t* strides);

}  // namespace tenon::inline v0
