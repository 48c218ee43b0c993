#include <tenon/kernels/cpu/softmax.h>

#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tenon/kernels/cpu/softmax_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <tenon/kernels/cpu/vector_math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace tenon::inline v0 {
namespace HWY_NAMESPACE {
namespace {

// Runs f(i, vector, count) over [0, n) by vectors; the last one holds `filler` behind the end.
template <class T, class F>
HWY_INLINE void for_each_vector(const T* x, int64_t n, T filler, F&& f) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) f(i, hn::LoadU(d, x + i), lanes);
  if (i == n) return;
  const auto inside = hn::FirstN(d, static_cast<size_t>(n - i));
  f(i, hn::IfThenElse(inside, hn::MaskedLoad(inside, d, x + i), hn::Set(d, filler)), n - i);
}

template <class D, class T = hn::TFromD<D>>
HWY_INLINE void store_some(D d, hn::Vec<D> v, T* p, int64_t count) {
  if (count == static_cast<int64_t>(hn::Lanes(d))) return hn::StoreU(v, d, p);
  hn::BlendedStore(v, hn::FirstN(d, static_cast<size_t>(count)), d, p);
}

// Exponent of x - max, where -inf less -inf would be NaN: rows of -inf alone are NaN, as PyTorch's.
template <class T>
HWY_INLINE void softmax_row(const T* x, T* y, int64_t n, bool logarithm) {
  const hn::ScalableTag<T> d;
  constexpr T kLowest = -std::numeric_limits<T>::infinity();
  auto largest = hn::Set(d, kLowest);
  bool has_nan = false;
  for_each_vector(x, n, kLowest, [&](int64_t, auto v, int64_t) HWY_ATTR {
    has_nan |= !hn::AllTrue(d, hn::Eq(v, v));
    largest = hn::Max(largest, v);
  });
  const auto max = has_nan ? hn::Set(d, std::numeric_limits<T>::quiet_NaN()) : hn::MaxOfLanes(d, largest);
  auto total = hn::Zero(d);
  for_each_vector(x, n, kLowest, [&](int64_t i, auto v, int64_t count) HWY_ATTR {
    const auto shifted = hn::Sub(v, max);
    const auto e = vexp(d, shifted);
    total = hn::Add(total, count == static_cast<int64_t>(hn::Lanes(d))
                               ? e
                               : hn::IfThenElseZero(hn::FirstN(d, static_cast<size_t>(count)), e));
    store_some(d, logarithm ? shifted : e, y + i, count);
  });
  const T sum = hn::GetLane(hn::SumOfLanes(d, total));
  if (logarithm) {
    const auto shift = hn::Set(d, std::log(sum));
    for_each_vector(y, n, T(0),
                    [&](int64_t i, auto v, int64_t count) HWY_ATTR { store_some(d, hn::Sub(v, shift), y + i, count); });
  } else {
    const auto scale = hn::Set(d, T(1) / sum);
    for_each_vector(y, n, T(0),
                    [&](int64_t i, auto v, int64_t count) HWY_ATTR { store_some(d, hn::Mul(v, scale), y + i, count); });
  }
}

// A row that fits into one vector stays in it.
template <class T>
HWY_INLINE void softmax_short_row(const T* x, T* y, int64_t n, bool logarithm) {
  const hn::ScalableTag<T> d;
  const auto inside = hn::FirstN(d, static_cast<size_t>(n));
  const auto v = hn::IfThenElse(inside, hn::MaskedLoad(inside, d, x), hn::Set(d, -std::numeric_limits<T>::infinity()));
  const auto max =
      hn::AllTrue(d, hn::Eq(v, v)) ? hn::MaxOfLanes(d, v) : hn::Set(d, std::numeric_limits<T>::quiet_NaN());
  const auto shifted = hn::Sub(v, max), e = hn::IfThenElseZero(inside, vexp(d, shifted));
  const auto total = hn::SumOfLanes(d, e);
  hn::BlendedStore(logarithm ? hn::Sub(shifted, vlog(d, total)) : hn::Div(e, total), inside, d, y);
}

// Every `n` neighbouring lanes, combined by f, in each of them.
template <int n, class V, class F>
HWY_INLINE V fold_neighbours(V v, F&& f) {
  const hn::DFromV<V> d;
  v = f(v, hn::Reverse2(d, v));
  if constexpr (n == 4) v = f(v, hn::Reverse4(d, v));
  return v;
}

// Rows of 2 or 4 elements: as many at a time as a vector holds.
template <int n, class T>
HWY_INLINE void softmax_packed_rows(const T* x, T* y, int64_t rows, bool logarithm) {
  const hn::ScalableTag<T> d;
  for_each_vector(x, rows * n, T(0), [&](int64_t i, auto v, int64_t count) HWY_ATTR {
    // A NaN may get lost in the maximum, and does not in the sum.
    const auto max = fold_neighbours<n>(v, [](auto a, auto b) HWY_ATTR { return hn::Max(a, b); });
    const auto shifted = hn::Sub(v, max), e = vexp(d, shifted);
    const auto total = fold_neighbours<n>(e, [](auto a, auto b) HWY_ATTR { return hn::Add(a, b); });
    store_some(d, logarithm ? hn::Sub(shifted, vlog(d, total)) : hn::Div(e, total), y + i, count);
  });
}

// A vector's worth of columns.
template <class T>
HWY_INLINE void softmax_columns_at(const T* x, T* y, int64_t n, int64_t inner, int64_t count, bool logarithm) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto load = [&](const T* p) HWY_ATTR -> V {
    return count == lanes ? hn::LoadU(d, p) : hn::MaskedLoad(hn::FirstN(d, static_cast<size_t>(count)), d, p);
  };
  V max = load(x);
  for (int64_t i = 1; i < n; ++i) {
    const V v = load(x + i * inner);
    max = hn::IfThenElse(hn::Eq(v, v), hn::Max(max, v), v);
  }
  V total = hn::Zero(d);
  for (int64_t i = 0; i < n; ++i) {
    const V shifted = hn::Sub(load(x + i * inner), max), e = vexp(d, shifted);
    total = hn::Add(total, e);
    store_some(d, logarithm ? shifted : e, y + i * inner, count);
  }
  const V shift = logarithm ? vlog(d, total) : hn::Div(hn::Set(d, T(1)), total);
  for (int64_t i = 0; i < n; ++i) {
    const V v = load(y + i * inner);
    store_some(d, logarithm ? hn::Sub(v, shift) : hn::Mul(v, shift), y + i * inner, count);
  }
}

template <class T>
HWY_INLINE void rows_of(const T* x, T* y, int64_t rows, int64_t n, bool logarithm) {
  constexpr size_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
  if constexpr (kLanes >= 2) {
    if (n == 2) return softmax_packed_rows<2>(x, y, rows, logarithm);
  }
  if constexpr (kLanes >= 4) {
    if (n == 4) return softmax_packed_rows<4>(x, y, rows, logarithm);
  }
  const bool is_short = n <= static_cast<int64_t>(hn::Lanes(hn::ScalableTag<T>()));
  for (int64_t i = 0; i < rows; ++i) {
    if (is_short)
      softmax_short_row(x + i * n, y + i * n, n, logarithm);
    else
      softmax_row(x + i * n, y + i * n, n, logarithm);
  }
}
template <class T>
HWY_INLINE void columns_of(const T* x, T* y, int64_t n, int64_t inner, bool logarithm) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(hn::ScalableTag<T>()));
  for (int64_t j = 0; j < inner; j += lanes)
    softmax_columns_at(x + j, y + j, n, inner, inner - j < lanes ? inner - j : lanes, logarithm);
}
template <class T>
HWY_INLINE void exp_of(const T* x, T* y, int64_t n, T scale) {
  const hn::ScalableTag<T> d;
  const auto by = hn::Set(d, scale);
  for_each_vector(x, n, T(0), [&](int64_t i, auto v, int64_t count) HWY_ATTR {
    store_some(d, hn::Mul(by, vexp(d, v)), y + i, count);
  });
}

void SoftmaxRowsF32(const float* x, float* y, int64_t rows, int64_t n, bool logarithm) {
  rows_of(x, y, rows, n, logarithm);
}
void SoftmaxRowsF64(const double* x, double* y, int64_t rows, int64_t n, bool logarithm) {
  rows_of(x, y, rows, n, logarithm);
}
void SoftmaxColumnsF32(const float* x, float* y, int64_t n, int64_t inner, bool logarithm) {
  columns_of(x, y, n, inner, logarithm);
}
void SoftmaxColumnsF64(const double* x, double* y, int64_t n, int64_t inner, bool logarithm) {
  columns_of(x, y, n, inner, logarithm);
}
void ScaledExpF32(const float* x, float* y, int64_t n, float scale) { exp_of(x, y, n, scale); }
void ScaledExpF64(const double* x, double* y, int64_t n, double scale) { exp_of(x, y, n, scale); }

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tenon::inline v0
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::inline v0 {

HWY_EXPORT(SoftmaxRowsF32);
HWY_EXPORT(SoftmaxRowsF64);
HWY_EXPORT(SoftmaxColumnsF32);
HWY_EXPORT(SoftmaxColumnsF64);
HWY_EXPORT(ScaledExpF32);
HWY_EXPORT(ScaledExpF64);

void softmax_rows(const float* x, float* y, int64_t rows, int64_t n, bool logarithm) {
  HWY_DYNAMIC_DISPATCH(SoftmaxRowsF32)(x, y, rows, n, logarithm);
}
void softmax_rows(const double* x, double* y, int64_t rows, int64_t n, bool logarithm) {
  HWY_DYNAMIC_DISPATCH(SoftmaxRowsF64)(x, y, rows, n, logarithm);
}
void softmax_columns(const float* x, float* y, int64_t n, int64_t inner, bool logarithm) {
  HWY_DYNAMIC_DISPATCH(SoftmaxColumnsF32)(x, y, n, inner, logarithm);
}
void softmax_columns(const double* x, double* y, int64_t n, int64_t inner, bool logarithm) {
  HWY_DYNAMIC_DISPATCH(SoftmaxColumnsF64)(x, y, n, inner, logarithm);
}
void scaled_exp(const float* x, float* y, int64_t n, float scale) {
  HWY_DYNAMIC_DISPATCH(ScaledExpF32)(x, y, n, scale);
}
void scaled_exp(const double* x, double* y, int64_t n, double scale) {
  HWY_DYNAMIC_DISPATCH(ScaledExpF64)(x, y, n, scale);
}

}  // namespace tenon::inline v0
#endif
