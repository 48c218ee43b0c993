#include <tenon/kernels/cpu/norm_rows.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tenon/kernels/cpu/norm_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tenon::inline v0 {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr int64_t kBlock = 4096;  // summed in T by four vectors of lanes; blocks are summed in double

// Sum of f(i) over vectors of [0, n) and of `one(i)` over the rest.
template <class T, class F, class G>
HWY_INLINE double sum_blocks(int64_t n, F&& f, G&& one) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  double total = 0;
  int64_t i = 0;
  while (i + lanes <= n) {
    auto s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
    const int64_t end = i + kBlock < n ? i + kBlock : n;
    for (; i + 4 * lanes <= end; i += 4 * lanes) {
      s0 = hn::Add(s0, f(i)), s1 = hn::Add(s1, f(i + lanes));
      s2 = hn::Add(s2, f(i + 2 * lanes)), s3 = hn::Add(s3, f(i + 3 * lanes));
    }
    for (; i + lanes <= end; i += lanes) s0 = hn::Add(s0, f(i));
    total += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(s0, s1), hn::Add(s2, s3)))));
  }
  for (; i < n; ++i) total += static_cast<double>(one(i));
  return total;
}

template <class T>
double sum(const T* x, int64_t n) {
  const hn::ScalableTag<T> d;
  return sum_blocks<T>(
      n, [&](int64_t i) HWY_ATTR { return hn::LoadU(d, x + i); }, [&](int64_t i) { return x[i]; });
}

template <class T>
double squares(const T* x, int64_t n, T mean) {
  const hn::ScalableTag<T> d;
  const auto m = hn::Set(d, mean);
  const auto square = [&](int64_t i) HWY_ATTR {
    const auto v = hn::Sub(hn::LoadU(d, x + i), m);
    return hn::Mul(v, v);
  };
  return sum_blocks<T>(n, square, [&](int64_t i) { return (x[i] - mean) * (x[i] - mean); });
}

template <class T>
void sums(const T* g, const T* x, int64_t n, T mean, double* a, double* b) {
  const hn::ScalableTag<T> d;
  const auto m = hn::Set(d, mean);
  *a += sum(g, n);
  const auto product = [&](int64_t i)
                           HWY_ATTR { return hn::Mul(hn::LoadU(d, g + i), hn::Sub(hn::LoadU(d, x + i), m)); };
  *b += sum_blocks<T>(n, product, [&](int64_t i) { return g[i] * (x[i] - mean); });
}

// Plain loops, vectorised for the target by the compiler.
template <class T>
void affine(const T* x, T* y, int64_t n, T scale, T shift) {
  for (int64_t i = 0; i < n; ++i) y[i] = x[i] * scale + shift;
}
template <class T>
void weighted(const T* x, T* y, int64_t n, T mean, T scale, const T* w, const T* b) {
  if (w != nullptr && b != nullptr) {
    for (int64_t i = 0; i < n; ++i) y[i] = (x[i] - mean) * scale * w[i] + b[i];
  } else if (w != nullptr) {
    for (int64_t i = 0; i < n; ++i) y[i] = (x[i] - mean) * scale * w[i];
  } else {
    for (int64_t i = 0; i < n; ++i) y[i] = (x[i] - mean) * scale + (b ? b[i] : T(0));
  }
}
template <class T>
void combine(const T* g, const T* x, T* y, int64_t n, T mean, T a, T b, T c) {
  for (int64_t i = 0; i < n; ++i) y[i] = a * g[i] + b * (x[i] - mean) + c;
}
template <class T>
void accumulate(const T* g, const T* x, int64_t n, T mean, T scale, T* gw, T* gb) {
  if (gw != nullptr) {
    for (int64_t i = 0; i < n; ++i) gw[i] += g[i] * ((x[i] - mean) * scale);
  }
  if (gb != nullptr) {
    for (int64_t i = 0; i < n; ++i) gb[i] += g[i];
  }
}
template <class T>
void multiply(const T* x, const T* w, T* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = x[i] * w[i];
}

template <class T>
const NormRows<T>* table() {
  static const NormRows<T> rows = {sum<T>,      squares<T>, sums<T>,       affine<T>,
                                   weighted<T>, combine<T>, accumulate<T>, multiply<T>};
  return &rows;
}
const NormRows<float>* NormF32() { return table<float>(); }
const NormRows<double>* NormF64() { return table<double>(); }

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tenon::inline v0
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::inline v0 {

HWY_EXPORT(NormF32);
HWY_EXPORT(NormF64);

const NormRows<float>& norm_rows(float) { return *HWY_DYNAMIC_DISPATCH(NormF32)(); }
const NormRows<double>& norm_rows(double) { return *HWY_DYNAMIC_DISPATCH(NormF64)(); }

}  // namespace tenon::inline v0
#endif
