// Walking two strided arrays of one shape together, run by run: what copies, views and indexing share.
#pragma once

#include <cstdint>

#include <tenon/core/view.h>
#include <tenon/kernels/cpu/cast.h>

namespace tenon::inline v0 {

// Copies elements of that many bytes (1, 2, 4, 8 or 16).
CastLoop copy_loop(int64_t element_size);
// to += from. Booleans: or.
CastLoop add_loop(DType dtype);

// A shape with the steps, in bytes, of both sides.
struct PairedStrides {
  int ndim = 0;
  int64_t sizes[kMaxKernelDims], from[kMaxKernelDims], to[kMaxKernelDims];

  void push(int64_t size, int64_t from_step, int64_t to_step) {
    sizes[ndim] = size;
    from[ndim] = from_step;
    to[ndim++] = to_step;
  }
  // Drops dimensions of size 1 and joins neighbours that are one run on both sides.
  void coalesce();
};

// Calls `loop` for every innermost run. With `parallel`, on several threads where there is much to do:
// only when no two elements of `to` are one.
void for_each_run(PairedStrides strides, const char* from, char* to, CastLoop loop, bool parallel = true);

// The elements of one view become those of another of the same shape, cast where the dtypes differ.
void copy_elements(const View& from, const View& to);

// Element `i` of an index tensor of any integer dtype.
inline int64_t read_index(const void* p, DType dtype) {
  switch (dtype) {
    case DType::Int64:
      return *static_cast<const int64_t*>(p);
    case DType::Int32:
      return *static_cast<const int32_t*>(p);
    case DType::Int16:
      return *static_cast<const int16_t*>(p);
    case DType::Int8:
      return *static_cast<const int8_t*>(p);
    default:
      return *static_cast<const uint8_t*>(p);
  }
}

// A position in a shape that is stepped in row-major order, with up to two strided offsets.
class Odometer {
 public:
  Odometer(int ndim, const int64_t* sizes) : ndim_(ndim), sizes_(sizes) {
    for (int i = 0; i < ndim; ++i) at_[i] = 0;
  }
  void seek(int64_t linear) {
    for (int i = ndim_; i-- > 0;) {
      at_[i] = linear % sizes_[i];
      linear /= sizes_[i];
    }
  }
  int64_t offset(const int64_t* strides) const {
    int64_t sum = 0;
    for (int i = 0; i < ndim_; ++i) sum += at_[i] * strides[i];
    return sum;
  }
  // The next position; `a` and `b` move along their strides.
  void step(const int64_t* a_strides, int64_t& a, const int64_t* b_strides, int64_t& b) {
    for (int i = ndim_; i-- > 0;) {
      a += a_strides[i];
      b += b_strides[i];
      if (++at_[i] < sizes_[i]) return;
      a -= a_strides[i] * sizes_[i];
      b -= b_strides[i] * sizes_[i];
      at_[i] = 0;
    }
  }
  int64_t operator[](int i) const { return at_[i]; }

 private:
  int ndim_;
  const int64_t* sizes_;
  int64_t at_[kMaxKernelDims];
};

}  // namespace tenon::inline v0
