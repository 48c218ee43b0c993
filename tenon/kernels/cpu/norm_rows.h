// Loops over contiguous elements that the normalisations are made of. T: float and double.
#pragma once

#include <cstdint>

namespace tenon::inline v0 {

template <class T>
struct NormRows {
  double (*sum)(const T* x, int64_t n);
  // Sum of (x - mean)^2.
  double (*squares)(const T* x, int64_t n, T mean);
  // *a += sum of g, *b += sum of g * (x - mean).
  void (*sums)(const T* g, const T* x, int64_t n, T mean, double* a, double* b);
  // y = x * scale + shift.
  void (*affine)(const T* x, T* y, int64_t n, T scale, T shift);
  // y = (x - mean) * scale * w + b; w and b may be null.
  void (*weighted)(const T* x, T* y, int64_t n, T mean, T scale, const T* w, const T* b);
  // y = a * g + b * (x - mean) + c.
  void (*combine)(const T* g, const T* x, T* y, int64_t n, T mean, T a, T b, T c);
  // gw += g * (x - mean) * scale and gb += g; either may be null.
  void (*accumulate)(const T* g, const T* x, int64_t n, T mean, T scale, T* gw, T* gb);
  // y = x * w.
  void (*multiply)(const T* x, const T* w, T* y, int64_t n);
};

const NormRows<float>& norm_rows(float);
const NormRows<double>& norm_rows(double);

}  // namespace tenon::inline v0
