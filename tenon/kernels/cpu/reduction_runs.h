// Runs of memory and blocks of columns, summed or searched for their extremes by vectors.
#pragma once

#include <cstdint>

namespace tenon::inline v0 {

// What a sum adds up for every element.
enum class Term : uint8_t { Value, Square, Absolute, NotNan };

// Sums happen in double whatever T is; blocks are joined with compensation, so that an error does not grow
// with the length.
template <class T>
struct SumRuns {
  // Sum of the terms of x[0, n).
  double (*sum[4])(const T* x, int64_t n);
  // Sum of (x[i] - shift)^2.
  double (*squares)(const T* x, int64_t n, double shift);
  // acc[j] += term(x[r * stride + j]) for r < rows, j < n.
  void (*columns[4])(const T* x, int64_t stride, int64_t rows, int64_t n, double* acc);
  // acc[j] += (x[r * stride + j] - shift[j])^2.
  void (*square_columns)(const T* x, int64_t stride, int64_t rows, int64_t n, const double* shift, double* acc);
};
const SumRuns<float>& sum_runs(float);
const SumRuns<double>& sum_runs(double);

// The extreme of x[0, n), n > 0. NaN when one is among them.
template <class T>
struct ExtremeRuns {
  T (*max)(const T* x, int64_t n);
  T (*min)(const T* x, int64_t n);
  // acc[j] becomes the extreme of acc[j] and x[r * stride + j] for r < rows, j < n.
  void (*max_columns)(const T* x, int64_t stride, int64_t rows, int64_t n, T* acc);
  void (*min_columns)(const T* x, int64_t stride, int64_t rows, int64_t n, T* acc);
};
template <class T>
const ExtremeRuns<T>& extreme_runs();

}  // namespace tenon::inline v0
