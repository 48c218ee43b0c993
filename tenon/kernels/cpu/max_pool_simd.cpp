// One vector of windows at a time; the window's elements are compared without branches, which random data
// would mispredict half of the time.
#include <tenon/kernels/cpu/max_pool.h>

#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tenon/kernels/cpu/max_pool_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tenon::inline v0 {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// Elements at plane[base + columns], where `valid`; `first` is the first column.
template <class D, class DI, class T = hn::TFromD<D>>
HWY_INLINE hn::Vec<D> load_columns(D d, DI, const MaxPoolRow& r, const T* plane, int64_t base, int64_t first,
                                   hn::Vec<DI> columns, hn::Mask<DI> valid) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d)), at = base + first;
  if (r.stride == 1 && at >= 0 && at + lanes <= r.readable) return hn::LoadU(d, plane + at);
  if (r.stride == 2 && at >= 0 && at + 2 * lanes <= r.readable) {
    hn::Vec<D> even, odd;
    hn::LoadInterleaved2(d, plane + at, even, odd);
    return even;
  }
  return hn::GatherIndex(d, plane + base, hn::IfThenElseZero(valid, columns));
}

template <class DI>
HWY_INLINE void store_indices(DI di, hn::Vec<DI> at, int64_t count, int64_t* to) {
  using TI = hn::TFromD<DI>;
  alignas(64) TI lanes[HWY_MAX_BYTES / sizeof(TI)];
  hn::Store(at, di, lanes);
  for (int64_t i = 0; i < count; ++i) to[i] = lanes[i];
}

template <class T>
HWY_INLINE void max_row(const MaxPoolRow& r, const T* HWY_RESTRICT plane, T* HWY_RESTRICT values,
                        int64_t* HWY_RESTRICT indices) {
  const hn::ScalableTag<T> d;
  const hn::RebindToSigned<decltype(d)> di;
  using TI = hn::TFromD<decltype(di)>;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto width = hn::Set(di, static_cast<TI>(r.width)), before = hn::Set(di, TI(-1));
  const auto steps = hn::Mul(hn::Iota(di, 0), hn::Set(di, static_cast<TI>(r.stride)));
  for (int64_t o = 0; o < r.windows; o += lanes) {
    const int64_t count = r.windows - o < lanes ? r.windows - o : lanes, start = o * r.stride - r.padding;
    const auto active = hn::FirstN(di, static_cast<size_t>(count));
    const auto columns_of = [&](int64_t k) HWY_ATTR {
      return hn::Add(steps, hn::Set(di, static_cast<TI>(start + k * r.dilation)));
    };
    const auto valid_of = [&](hn::Vec<decltype(di)> columns) HWY_ATTR {
      return hn::And(active, hn::And(hn::Gt(columns, before), hn::Lt(columns, width)));
    };
    const int64_t origin = (r.depth_begin * r.height + r.row_begin) * r.width;
    auto at = hn::Set(di, TI(-1));
    for (int64_t k = r.kernel - 1; k >= 0; --k) {
      const auto columns = columns_of(k);
      at = hn::IfThenElse(valid_of(columns), hn::Add(columns, hn::Set(di, static_cast<TI>(origin))), at);
    }
    auto best = hn::Set(d, -std::numeric_limits<T>::infinity());
    for (int64_t z = r.depth_begin; z < r.depth_end; z += r.depth_step) {
      for (int64_t y = r.row_begin; y < r.row_end; y += r.row_step) {
        const int64_t base = (z * r.height + y) * r.width;
        for (int64_t k = 0; k < r.kernel; ++k) {
          const auto columns = columns_of(k);
          const auto valid = valid_of(columns);
          const auto v = load_columns(d, di, r, plane, base, start + k * r.dilation, columns, valid);
          const auto better = hn::And(hn::Or(hn::Gt(v, best), hn::IsNaN(v)), hn::RebindMask(d, valid));
          best = hn::IfThenElse(better, v, best);
          at = hn::IfThenElse(hn::RebindMask(di, better), hn::Add(columns, hn::Set(di, static_cast<TI>(base))), at);
        }
      }
    }
    if (count == lanes) {
      hn::StoreU(best, d, values + o);
    } else {
      alignas(64) T rest[HWY_MAX_BYTES / sizeof(T)];
      hn::Store(best, d, rest);
      for (int64_t i = 0; i < count; ++i) values[o + i] = rest[i];
    }
    store_indices(di, at, count, indices + o);
  }
}

void MaxRowF32(const MaxPoolRow& r, const float* plane, float* values, int64_t* indices) {
  max_row(r, plane, values, indices);
}
void MaxRowF64(const MaxPoolRow& r, const double* plane, double* values, int64_t* indices) {
  max_row(r, plane, values, indices);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tenon::inline v0
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::inline v0 {

HWY_EXPORT(MaxRowF32);
HWY_EXPORT(MaxRowF64);

void max_pool_row(const MaxPoolRow& r, const float* plane, float* values, int64_t* indices) {
  HWY_DYNAMIC_DISPATCH(MaxRowF32)(r, plane, values, indices);
}
void max_pool_row(const MaxPoolRow& r, const double* plane, double* values, int64_t* indices) {
  HWY_DYNAMIC_DISPATCH(MaxRowF64)(r, plane, values, indices);
}

}  // namespace tenon::inline v0
#endif
