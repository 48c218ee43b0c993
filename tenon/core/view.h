// What a kernel sees: plain data. No Tensor, no reference counts, no exceptions.
#pragma once

#include <cstdint>

#include <tenon/core/dtype.h>

namespace tenon::inline v0 {

inline constexpr int kMaxKernelDims = 64;

// Element (i0, i1, ...) is at data + (i0 * strides[0] + i1 * strides[1] + ...) * size_of(dtype).
// Strides count elements and may be zero or negative. `data` is null only when there is no element.
struct View {
  void* data = nullptr;
  const int64_t* sizes = nullptr;
  const int64_t* strides = nullptr;
  int32_t ndim = 0;
  DType dtype = DType::Float32;
  bool present = false;     // false for an optional input that was left out
  bool contiguous = false;  // row-major without gaps

  int64_t numel() const {
    uint64_t n = 1;
    for (int i = 0; i < ndim; ++i) n *= static_cast<uint64_t>(sizes[i]);
    return static_cast<int64_t>(n);
  }
  template <class T>
  T* as() const {
    return static_cast<T*>(data);
  }
};

}  // namespace tenon::inline v0
