// Matrix products of strided matrices on the CPU: c = a b, or c += a b.
#pragma once

#include <cstdint>
#include <type_traits>

#include <tenon/core/context.h>

namespace tenon::inline v0 {

// Element (i, j) is at data[i * row + j * col]. Any strides will do; unit ones are fast.
template <class T>
struct Matrix {
  T* data = nullptr;
  int64_t row = 0, col = 0;

  Matrix transposed() const { return {data, col, row}; }
  Matrix at(int64_t i, int64_t j) const { return {data + i * row + j * col, row, col}; }
  operator Matrix<const T>() const requires(!std::is_const_v<T>) { return {data, row, col}; }
};

template <class T>
struct Gemm {
  int64_t m = 0, n = 0, k = 0;  // a is m x k, b is k x n, c is m x n
  Matrix<const T> a, b;
  Matrix<T> c;
  bool accumulate = false;  // c += a b; c is not read otherwise

  Gemm transposed() const { return {n, m, k, b.transposed(), a.transposed(), c.transposed(), accumulate}; }
  Gemm rows(int64_t begin, int64_t end) const {
    return {end - begin, n, k, a.at(begin, 0), b, c.at(begin, 0), accumulate};
  }
  Gemm columns(int64_t begin, int64_t end) const {
    return {m, end - begin, k, a, b.at(0, begin), c.at(0, begin), accumulate};
  }
};

// Splits large products over the pool. T: float, double, the integers, Half, BFloat16, std::complex of
// float and double. False, and a report, when memory is short.
template <class T>
bool gemm(const Gemm<T>& g, Context& context);

// The pieces of it, on the calling thread; `gemm` chooses among them. They return false when the layout
// is not theirs (small) or memory is short (packed).
bool gemm_small(const Gemm<float>& g);
bool gemm_small(const Gemm<double>& g);
bool gemm_packed(const Gemm<float>& g);
bool gemm_packed(const Gemm<double>& g);

}  // namespace tenon::inline v0
