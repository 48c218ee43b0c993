// The register tile of large products, and the strips that it reads: include after hwy/highway.h.
#if defined(TENON_KERNELS_CPU_GEMM_TILE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef TENON_KERNELS_CPU_GEMM_TILE_INL_H
#undef TENON_KERNELS_CPU_GEMM_TILE_INL_H
#else
#define TENON_KERNELS_CPU_GEMM_TILE_INL_H
#endif

#include <algorithm>
#include <cstring>

#include <hwy/highway.h>

#include <tenon/kernels/cpu/gemm.h>

HWY_BEFORE_NAMESPACE();
namespace tenon::inline v0 {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Rows of a tile: with two vectors of columns they fill the registers.
#if HWY_TARGET <= HWY_AVX3
inline constexpr int kRows = 12, kFewRows = 8;
#elif HWY_TARGET <= HWY_AVX2
inline constexpr int kRows = 6, kFewRows = 4;
#else
inline constexpr int kRows = 4, kFewRows = 4;
#endif

template <class T>
HWY_INLINE int64_t tile_columns() {
  return 2 * static_cast<int64_t>(hn::Lanes(hn::ScalableTag<T>()));
}
inline int64_t round_up(int64_t x, int64_t unit) { return (x + unit - 1) / unit * unit; }

// The first `count` lanes, without touching memory behind them.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE hn::Vec<D> load_first(D d, const T* p, size_t count) {
#if HWY_MEM_OPS_MIGHT_FAULT
  alignas(64) T lanes[HWY_MAX_BYTES / sizeof(T)] = {};
  for (size_t i = 0; i < count; ++i) lanes[i] = p[i];
  return hn::Load(d, lanes);
#else
  return hn::MaskedLoad(hn::FirstN(d, count), d, p);
#endif
}
template <class D, class T = hn::TFromD<D>>
HWY_INLINE void store_first(D d, hn::Vec<D> v, T* p, size_t count) {
#if HWY_MEM_OPS_MIGHT_FAULT
  alignas(64) T lanes[HWY_MAX_BYTES / sizeof(T)];
  hn::Store(v, d, lanes);
  for (size_t i = 0; i < count; ++i) p[i] = lanes[i];
#else
  hn::BlendedStore(v, hn::FirstN(d, count), d, p);
#endif
}

// `size` rows of a matrix as a strip of `width`, padded with zeros: `row` steps along the width, `col` along k.
template <class T>
HWY_INLINE void pack_strip(const Matrix<const T>& from, int64_t size, int64_t depth, int64_t width,
                           T* HWY_RESTRICT to) {
  if (size < width) std::memset(to, 0, static_cast<size_t>(width * depth) * sizeof(T));
  if (from.row == 1) {
    for (int64_t p = 0; p < depth; ++p)
      std::memcpy(to + p * width, from.data + p * from.col, static_cast<size_t>(size) * sizeof(T));
    return;
  }
  // Eight steps of k at a time keep both the reads and the writes within few cache lines.
  for (int64_t p0 = 0; p0 < depth; p0 += 8) {
    const int64_t p1 = std::min(depth, p0 + 8);
    for (int64_t i = 0; i < size; ++i) {
      const T* source = from.data + i * from.row;
      for (int64_t p = p0; p < p1; ++p) to[p * width + i] = source[p * from.col];
    }
  }
}

template <class T>
HWY_INLINE void pack(const Matrix<const T>& from, int64_t size, int64_t depth, int64_t width, T* to) {
  for (int64_t i = 0; i < size; i += width) {
    pack_strip(from.at(i, 0), std::min(width, size - i), depth, width, to + i * depth);
  }
}

// c's tile at (rows, columns) gets the product of a strip of R rows and one of two vectors, plus what c holds
// with `accumulate`, else plus `start`, one number a row, unless it is null.
template <int R, class T>
HWY_INLINE void multiply_tile(const T* HWY_RESTRICT a, const T* HWY_RESTRICT b, int64_t depth, Matrix<T> c,
                              int64_t rows, int64_t columns, bool accumulate, const T* start = nullptr) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  V left[R], right[R];
  for (int r = 0; r < R; ++r) left[r] = right[r] = start != nullptr && r < rows ? hn::Set(d, start[r]) : hn::Zero(d);
  for (int64_t p = 0; p < depth; ++p) {
    const V b0 = hn::LoadU(d, b), b1 = hn::LoadU(d, b + lanes);
    for (int r = 0; r < R; ++r) {
      const V x = hn::Set(d, a[r]);
      left[r] = hn::MulAdd(x, b0, left[r]);
      right[r] = hn::MulAdd(x, b1, right[r]);
    }
    a += R;
    b += 2 * lanes;
  }
  if (rows == R && columns == 2 * lanes) {
    for (int r = 0; r < R; ++r) {
      T* out = c.data + r * c.row;
      hn::StoreU(accumulate ? hn::Add(left[r], hn::LoadU(d, out)) : left[r], d, out);
      hn::StoreU(accumulate ? hn::Add(right[r], hn::LoadU(d, out + lanes)) : right[r], d, out + lanes);
    }
    return;
  }
  alignas(64) T tile[R * 2 * (HWY_MAX_BYTES / sizeof(T))];
  for (int r = 0; r < R; ++r) {
    hn::StoreU(left[r], d, tile + r * 2 * lanes);
    hn::StoreU(right[r], d, tile + r * 2 * lanes + lanes);
  }
  for (int64_t r = 0; r < rows; ++r) {
    T* out = c.data + r * c.row;
    const T* from = tile + r * 2 * lanes;
    for (int64_t j = 0; j < columns; ++j) out[j] = accumulate ? out[j] + from[j] : from[j];
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace tenon::inline v0
HWY_AFTER_NAMESPACE();

#endif
