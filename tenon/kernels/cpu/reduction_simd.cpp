#include <tenon/kernels/cpu/reduction_runs.h>

#include <cmath>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tenon/kernels/cpu/reduction_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <tenon/kernels/cpu/simd.h>

HWY_BEFORE_NAMESPACE();
namespace tenon::inline v0 {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Doubles = hn::ScalableTag<double>;
using DoubleVec = hn::Vec<Doubles>;

// As many elements as there are doubles in a vector, as doubles.
HWY_INLINE DoubleVec load(const double* x) { return hn::LoadU(Doubles(), x); }
HWY_INLINE DoubleVec load(const float* x) {
  return hn::PromoteTo(Doubles(), hn::LoadU(hn::Rebind<float, Doubles>(), x));
}

template <Term term>
HWY_INLINE DoubleVec term_of(DoubleVec v) {
  if constexpr (term == Term::Square) return hn::Mul(v, v);
  if constexpr (term == Term::Absolute) return hn::Abs(v);
  if constexpr (term == Term::NotNan) return hn::IfThenElseZero(hn::Eq(v, v), v);
  return v;
}
template <Term term>
HWY_INLINE double term_of(double v) {
  if constexpr (term == Term::Square) return v * v;
  if constexpr (term == Term::Absolute) return std::fabs(v);
  if constexpr (term == Term::NotNan) return v == v ? v : 0;
  return v;
}

constexpr int64_t kBlock = 4096;  // elements between compensated additions

// f gives the term of a vector, g that of one number.
template <class T, class F, class G>
HWY_INLINE double block_sum(const T* x, int64_t n, F&& f, G&& g) {
  const Doubles d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  DoubleVec a = hn::Zero(d), b = a, c = a, e = a;
  int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    a = hn::Add(a, f(load(x + i)));
    b = hn::Add(b, f(load(x + i + lanes)));
    c = hn::Add(c, f(load(x + i + 2 * lanes)));
    e = hn::Add(e, f(load(x + i + 3 * lanes)));
  }
  for (; i + lanes <= n; i += lanes) a = hn::Add(a, f(load(x + i)));
  double rest = 0;
  for (; i < n; ++i) rest += g(static_cast<double>(x[i]));
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(a, b), hn::Add(c, e)))) + rest;
}
template <class T, class F, class G>
HWY_INLINE double run_sum(const T* x, int64_t n, F&& f, G&& g) {
  if (n <= kBlock) return block_sum(x, n, f, g);
  double total = 0, lost = 0;
  for (int64_t i = 0; i < n; i += kBlock) {
    const double part = block_sum(x + i, n - i < kBlock ? n - i : kBlock, f, g), sum = total + part;
    lost += std::fabs(total) >= std::fabs(part) ? (total - sum) + part : (part - sum) + total;
    total = sum;
  }
  // Infinite sums have no compensation.
  return lost == lost ? total + lost : total;
}

template <class T, Term term>
double sum_of(const T* x, int64_t n) {
  return run_sum(
      x, n, [](DoubleVec v) HWY_ATTR { return term_of<term>(v); }, [](double v) HWY_ATTR { return term_of<term>(v); });
}
template <class T>
double squares_of(const T* x, int64_t n, double shift) {
  const DoubleVec by = hn::Set(Doubles(), shift);
  return run_sum(
      x, n,
      [by](DoubleVec v) HWY_ATTR {
        const DoubleVec away = hn::Sub(v, by);
        return hn::Mul(away, away);
      },
      [shift](double v) HWY_ATTR { return (v - shift) * (v - shift); });
}

// Four rows at a time, so that the accumulators are loaded and stored a quarter as often.
template <class T, Term term>
void columns_of(const T* x, int64_t stride, int64_t rows, int64_t n, double* acc) {
  const Doubles d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t r = 0;
  for (; r + 4 <= rows; r += 4, x += 4 * stride) {
    int64_t j = 0;
    for (; j + lanes <= n; j += lanes) {
      const DoubleVec p = hn::Add(term_of<term>(load(x + j)), term_of<term>(load(x + stride + j)));
      const DoubleVec q = hn::Add(term_of<term>(load(x + 2 * stride + j)), term_of<term>(load(x + 3 * stride + j)));
      hn::StoreU(hn::Add(hn::LoadU(d, acc + j), hn::Add(p, q)), d, acc + j);
    }
    for (; j < n; ++j) {
      const auto at = [&](int64_t k) { return term_of<term>(static_cast<double>(x[k * stride + j])); };
      acc[j] += (at(0) + at(1)) + (at(2) + at(3));
    }
  }
  for (; r < rows; ++r, x += stride) {
    int64_t j = 0;
    for (; j + lanes <= n; j += lanes)
      hn::StoreU(hn::Add(hn::LoadU(d, acc + j), term_of<term>(load(x + j))), d, acc + j);
    for (; j < n; ++j) acc[j] += term_of<term>(static_cast<double>(x[j]));
  }
}
template <class T>
void square_columns_of(const T* x, int64_t stride, int64_t rows, int64_t n, const double* shift, double* acc) {
  const Doubles d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t r = 0; r < rows; ++r, x += stride) {
    int64_t j = 0;
    for (; j + lanes <= n; j += lanes) {
      const DoubleVec away = hn::Sub(load(x + j), hn::LoadU(d, shift + j));
      hn::StoreU(hn::Add(hn::LoadU(d, acc + j), hn::Mul(away, away)), d, acc + j);
    }
    for (; j < n; ++j) {
      const double away = static_cast<double>(x[j]) - shift[j];
      acc[j] += away * away;
    }
  }
}

// ---- extremes ----------------------------------------------------------------------------------------------

template <bool is_max, class T>
HWY_INLINE T pick(T best, T v) {
  if constexpr (std::is_floating_point_v<T>) {
    if (v != v) return v;
  }
  return (is_max ? v > best : v < best) ? v : best;
}
template <bool is_max, class V>
HWY_INLINE V pick_vector(V best, V v) {
  const auto better = is_max ? hn::Gt(v, best) : hn::Lt(v, best);
  // Not Ne: on AVX-512 it is false for NaN.
  return hn::IfThenElse(hn::Or(better, hn::Not(hn::Eq(v, v))), v, best);
}

template <class T, bool is_max>
T extreme_of(const T* x, int64_t n) {
  T best = x[0];
  int64_t i = 1;
  if constexpr (std::is_floating_point_v<T>) {
    const hn::ScalableTag<T> d;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
    if (n >= 4 * lanes) {
      // A NaN stays: nothing is greater or less.
      auto a = hn::LoadU(d, x), b = hn::LoadU(d, x + lanes), c = hn::LoadU(d, x + 2 * lanes),
           e = hn::LoadU(d, x + 3 * lanes);
      for (i = 4 * lanes; i + 4 * lanes <= n; i += 4 * lanes) {
        a = pick_vector<is_max>(a, hn::LoadU(d, x + i));
        b = pick_vector<is_max>(b, hn::LoadU(d, x + i + lanes));
        c = pick_vector<is_max>(c, hn::LoadU(d, x + i + 2 * lanes));
        e = pick_vector<is_max>(e, hn::LoadU(d, x + i + 3 * lanes));
      }
      a = pick_vector<is_max>(pick_vector<is_max>(a, b), pick_vector<is_max>(c, e));
      alignas(64) T lane[HWY_MAX_BYTES / sizeof(T)];
      hn::Store(a, d, lane);
      for (int64_t k = 0; k < lanes; ++k) best = pick<is_max>(best, lane[k]);
    }
  }
  for (; i < n; ++i) best = pick<is_max>(best, x[i]);
  return best;
}
template <class T, bool is_max>
void extreme_columns(const T* x, int64_t stride, int64_t rows, int64_t n, T* acc) {
  for (int64_t r = 0; r < rows; ++r, x += stride) {
    int64_t j = 0;
    if constexpr (std::is_floating_point_v<T>) {
      const hn::ScalableTag<T> d;
      const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
      for (; j + lanes <= n; j += lanes)
        hn::StoreU(pick_vector<is_max>(hn::LoadU(d, acc + j), hn::LoadU(d, x + j)), d, acc + j);
    }
    TENON_SIMD_LOOP
    for (; j < n; ++j) acc[j] = pick<is_max>(acc[j], x[j]);
  }
}

template <class T>
constexpr SumRuns<T> kSums = {
    {sum_of<T, Term::Value>, sum_of<T, Term::Square>, sum_of<T, Term::Absolute>, sum_of<T, Term::NotNan>},
    squares_of<T>,
    {columns_of<T, Term::Value>, columns_of<T, Term::Square>, columns_of<T, Term::Absolute>,
     columns_of<T, Term::NotNan>},
    square_columns_of<T>};
template <class T>
constexpr ExtremeRuns<T> kExtremes = {extreme_of<T, true>, extreme_of<T, false>, extreme_columns<T, true>,
                                      extreme_columns<T, false>};

const SumRuns<float>* SumRunsF32() { return &kSums<float>; }
const SumRuns<double>* SumRunsF64() { return &kSums<double>; }
const ExtremeRuns<float>* ExtremeRunsF32() { return &kExtremes<float>; }
const ExtremeRuns<double>* ExtremeRunsF64() { return &kExtremes<double>; }
const ExtremeRuns<uint8_t>* ExtremeRunsU8() { return &kExtremes<uint8_t>; }
const ExtremeRuns<int8_t>* ExtremeRunsI8() { return &kExtremes<int8_t>; }
const ExtremeRuns<int16_t>* ExtremeRunsI16() { return &kExtremes<int16_t>; }
const ExtremeRuns<int32_t>* ExtremeRunsI32() { return &kExtremes<int32_t>; }
const ExtremeRuns<int64_t>* ExtremeRunsI64() { return &kExtremes<int64_t>; }

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tenon::inline v0
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::inline v0 {

HWY_EXPORT(SumRunsF32);
HWY_EXPORT(SumRunsF64);
HWY_EXPORT(ExtremeRunsF32);
HWY_EXPORT(ExtremeRunsF64);
HWY_EXPORT(ExtremeRunsU8);
HWY_EXPORT(ExtremeRunsI8);
HWY_EXPORT(ExtremeRunsI16);
HWY_EXPORT(ExtremeRunsI32);
HWY_EXPORT(ExtremeRunsI64);

const SumRuns<float>& sum_runs(float) {
  static const auto* runs = HWY_DYNAMIC_DISPATCH(SumRunsF32)();
  return *runs;
}
const SumRuns<double>& sum_runs(double) {
  static const auto* runs = HWY_DYNAMIC_DISPATCH(SumRunsF64)();
  return *runs;
}
template <>
const ExtremeRuns<float>& extreme_runs<float>() {
  static const auto* runs = HWY_DYNAMIC_DISPATCH(ExtremeRunsF32)();
  return *runs;
}
template <>
const ExtremeRuns<double>& extreme_runs<double>() {
  static const auto* runs = HWY_DYNAMIC_DISPATCH(ExtremeRunsF64)();
  return *runs;
}
template <>
const ExtremeRuns<uint8_t>& extreme_runs<uint8_t>() {
  static const auto* runs = HWY_DYNAMIC_DISPATCH(ExtremeRunsU8)();
  return *runs;
}
template <>
const ExtremeRuns<int8_t>& extreme_runs<int8_t>() {
  static const auto* runs = HWY_DYNAMIC_DISPATCH(ExtremeRunsI8)();
  return *runs;
}
template <>
const ExtremeRuns<int16_t>& extreme_runs<int16_t>() {
  static const auto* runs = HWY_DYNAMIC_DISPATCH(ExtremeRunsI16)();
  return *runs;
}
template <>
const ExtremeRuns<int32_t>& extreme_runs<int32_t>() {
  static const auto* runs = HWY_DYNAMIC_DISPATCH(ExtremeRunsI32)();
  return *runs;
}
template <>
const ExtremeRuns<int64_t>& extreme_runs<int64_t>() {
  static const auto* runs = HWY_DYNAMIC_DISPATCH(ExtremeRunsI64)();
  return *runs;
}

}  // namespace tenon::inline v0
#endif
