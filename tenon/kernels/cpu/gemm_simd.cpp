// Products by Highway: short ones straight from memory, large ones through packed panels.
#include <tenon/kernels/cpu/gemm.h>

#include <algorithm>
#include <cstring>

#include <tenon/core/allocator.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tenon/kernels/cpu/gemm_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <tenon/kernels/cpu/gemm_tile-inl.h>

HWY_BEFORE_NAMESPACE();
namespace tenon::inline v0 {
namespace HWY_NAMESPACE {
namespace {

// ---- b row-major: rows of c are sums of rows of b ----

// R rows times V vectors of c; with `tail` the last vector has that many lanes.
template <int R, int V, bool has_tail, class T>
HWY_INLINE void rows_block(const Gemm<T>& g, int64_t i, int64_t j, size_t tail) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  hn::Vec<decltype(d)> sum[R][V];
  const auto load = [&](const T* p, int v)
                        HWY_ATTR { return has_tail && v == V - 1 ? load_first(d, p, tail) : hn::LoadU(d, p); };
  for (int r = 0; r < R; ++r) {
    for (int v = 0; v < V; ++v) {
      sum[r][v] = g.accumulate ? load(g.c.data + (i + r) * g.c.row + j + v * lanes, v) : hn::Zero(d);
    }
  }
  const T* a = g.a.data + i * g.a.row;
  const T* b = g.b.data + j;
  for (int64_t p = 0; p < g.k; ++p, a += g.a.col, b += g.b.row) {
    hn::Vec<decltype(d)> row[V];
    for (int v = 0; v < V; ++v) row[v] = load(b + v * lanes, v);
    for (int r = 0; r < R; ++r) {
      const auto x = hn::Set(d, a[r * g.a.row]);
      for (int v = 0; v < V; ++v) sum[r][v] = hn::MulAdd(x, row[v], sum[r][v]);
    }
  }
  for (int r = 0; r < R; ++r) {
    T* c = g.c.data + (i + r) * g.c.row + j;
    for (int v = 0; v < V; ++v) {
      if (has_tail && v == V - 1)
        store_first(d, sum[r][v], c + v * lanes, tail);
      else
        hn::StoreU(sum[r][v], d, c + v * lanes);
    }
  }
}

template <int R, class T>
HWY_INLINE void rows_strip(const Gemm<T>& g, int64_t i) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t j = 0;
  if constexpr (R == 1) {
    for (; j + 8 * lanes <= g.n; j += 8 * lanes) rows_block<1, 8, false>(g, i, j, 0);
  }
  for (; j + 2 * lanes <= g.n; j += 2 * lanes) rows_block<R, 2, false>(g, i, j, 0);
  if (j + lanes < g.n) return rows_block<R, 2, true>(g, i, j, static_cast<size_t>(g.n - j - lanes));
  if (j + lanes == g.n) return rows_block<R, 1, false>(g, i, j, 0);
  if (j < g.n) rows_block<R, 1, true>(g, i, j, static_cast<size_t>(g.n - j));
}

template <class T>
HWY_INLINE void multiply_rows(const Gemm<T>& g) {
  int64_t i = 0;
  for (; i + 4 <= g.m; i += 4) rows_strip<4>(g, i);
  switch (g.m - i) {
    case 3:
      return rows_strip<3>(g, i);
    case 2:
      return rows_strip<2>(g, i);
    case 1:
      return rows_strip<1>(g, i);
    default:
      return;
  }
}

// ---- a row-major, b column-major: elements of c are dot products ----

template <int R, int N, class T>
HWY_INLINE void dots_block(const Gemm<T>& g, int64_t i, int64_t j) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  hn::Vec<decltype(d)> sum[R][N];
  for (int r = 0; r < R; ++r) {
    for (int n = 0; n < N; ++n) sum[r][n] = hn::Zero(d);
  }
  const T* a = g.a.data + i * g.a.row;
  const T* b = g.b.data + j * g.b.col;
  int64_t p = 0;
  for (; p + lanes <= g.k; p += lanes) {
    hn::Vec<decltype(d)> x[R];
    for (int r = 0; r < R; ++r) x[r] = hn::LoadU(d, a + r * g.a.row + p);
    for (int n = 0; n < N; ++n) {
      const auto y = hn::LoadU(d, b + n * g.b.col + p);
      for (int r = 0; r < R; ++r) sum[r][n] = hn::MulAdd(x[r], y, sum[r][n]);
    }
  }
  if (p < g.k) {
    const size_t rest = static_cast<size_t>(g.k - p);
    hn::Vec<decltype(d)> x[R];
    for (int r = 0; r < R; ++r) x[r] = load_first(d, a + r * g.a.row + p, rest);
    for (int n = 0; n < N; ++n) {
      const auto y = load_first(d, b + n * g.b.col + p, rest);
      for (int r = 0; r < R; ++r) sum[r][n] = hn::MulAdd(x[r], y, sum[r][n]);
    }
  }
  for (int r = 0; r < R; ++r) {
    T* c = g.c.data + (i + r) * g.c.row + j * g.c.col;
    for (int n = 0; n < N; ++n, c += g.c.col) {
      const T total = hn::GetLane(hn::SumOfLanes(d, sum[r][n]));
      *c = g.accumulate ? *c + total : total;
    }
  }
}

template <int R, class T>
HWY_INLINE void dots_strip(const Gemm<T>& g, int64_t i) {
  int64_t j = 0;
  constexpr int N = R == 1 ? 8 : 4;
  for (; j + N <= g.n; j += N) dots_block<R, N>(g, i, j);
  if constexpr (R == 1) {
    for (; j + 4 <= g.n; j += 4) dots_block<R, 4>(g, i, j);
  }
  for (; j < g.n; ++j) dots_block<R, 1>(g, i, j);
}

template <class T>
HWY_INLINE void multiply_dots(const Gemm<T>& g) {
  int64_t i = 0;
  for (; i + 2 <= g.m; i += 2) dots_strip<2>(g, i);
  for (; i < g.m; ++i) dots_strip<1>(g, i);
}

// One row times a large b: whole rows of b in order, several at a time, so that memory streams.
template <class T>
HWY_INLINE void multiply_vector(const Gemm<T>& g) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  constexpr int64_t kStreams = 8;
  int64_t p = 0;
  for (; p + kStreams <= g.k; p += kStreams) {
    const bool fresh = p == 0 && !g.accumulate;
    hn::Vec<decltype(d)> x[kStreams];
    const T* b[kStreams];
    for (int64_t q = 0; q < kStreams; ++q) {
      x[q] = hn::Set(d, g.a.data[(p + q) * g.a.col]);
      b[q] = g.b.data + (p + q) * g.b.row;
    }
    int64_t j = 0;
    for (; j + lanes <= g.n; j += lanes) {
      auto sum = fresh ? hn::Zero(d) : hn::LoadU(d, g.c.data + j);
      for (int64_t q = 0; q < kStreams; ++q) sum = hn::MulAdd(x[q], hn::LoadU(d, b[q] + j), sum);
      hn::StoreU(sum, d, g.c.data + j);
    }
    for (; j < g.n; ++j) {
      T sum = fresh ? T(0) : g.c.data[j];
      for (int64_t q = 0; q < kStreams; ++q) sum += hn::GetLane(x[q]) * b[q][j];
      g.c.data[j] = sum;
    }
  }
  if (p < g.k) rows_strip<1>(Gemm<T>{1, g.n, g.k - p, g.a.at(0, p), g.b.at(p, 0), g.c, p > 0 || g.accumulate}, 0);
}

// b by columns, for several rows of a: turned around first, which is cheaper than a sum of lanes an element.
constexpr int64_t kTurned = 4096;
template <class T>
HWY_INLINE void multiply_turned(const Gemm<T>& g) {
  alignas(64) T turned[kTurned];
  for (int64_t p = 0; p < g.k; ++p) {
    for (int64_t j = 0; j < g.n; ++j) turned[p * g.n + j] = g.b.data[p + j * g.b.col];
  }
  Gemm<T> inner = g;
  inner.b = {turned, g.n, 1};
  multiply_rows(inner);
}

template <class T>
HWY_INLINE bool small(const Gemm<T>& g) {
  const bool c_rows = g.c.col == 1 || g.n == 1;
  if ((g.b.col == 1 || g.n == 1) && c_rows && g.n > 1) {
    if (g.m == 1 && g.k * g.n > 32768) return multiply_vector(g), true;
    return multiply_rows(g), true;
  }
  if (g.b.row == 1 && g.m >= 4 && g.n >= 4 && c_rows && g.k * g.n <= kTurned) return multiply_turned(g), true;
  if ((g.a.col == 1 || g.k == 1) && (g.b.row == 1 || g.k == 1)) return multiply_dots(g), true;
  // The same product, transposed: columns of c are sums of columns of a.
  if (g.a.row == 1 && g.c.row == 1 && g.m > 1) return multiply_rows(g.transposed()), true;
  return false;
}

// ---- packed panels ----
// a is cut into strips of kRows rows, b into strips of two vectors of columns, both padded with zeros; a
// tile of c stays in registers while it runs over kDepth of k.

constexpr int64_t kDepth = 256;
constexpr int64_t kPanelRows = 144;      // a panel of a: a part of the second cache
constexpr int64_t kPanelColumns = 2048;  // a panel of b: a part of the third

template <class T>
HWY_INLINE bool packed(const Gemm<T>& g) {
  const int64_t width = tile_columns<T>();
  const int64_t depth = std::min(g.k, kDepth), panel_rows = std::min(round_up(g.m, kRows), kPanelRows);
  const int64_t a_size = panel_rows * depth, b_size = round_up(std::min(g.n, kPanelColumns), width) * depth;
  const size_t bytes = static_cast<size_t>(round_up(a_size, 16) + b_size) * sizeof(T);
  T* a = static_cast<T*>(allocate(bytes));
  if (a == nullptr) return false;
  T* b = a + round_up(a_size, 16);
  for (int64_t j0 = 0; j0 < g.n; j0 += kPanelColumns) {
    const int64_t columns = std::min(kPanelColumns, g.n - j0);
    for (int64_t p0 = 0; p0 < g.k; p0 += kDepth) {
      const int64_t steps = std::min(kDepth, g.k - p0);
      const bool accumulate = g.accumulate || p0 > 0;
      pack(g.b.at(p0, j0).transposed(), columns, steps, width, b);
      for (int64_t i0 = 0; i0 < g.m; i0 += kPanelRows) {
        const int64_t rows = std::min(kPanelRows, g.m - i0);
        pack(g.a.at(i0, p0), rows, steps, kRows, a);
        for (int64_t j = 0; j < columns; j += width) {
          for (int64_t i = 0; i < rows; i += kRows) {
            multiply_tile<kRows>(a + i * steps, b + j * steps, steps, g.c.at(i0 + i, j0 + j),
                                 std::min<int64_t>(kRows, rows - i), std::min(width, columns - j), accumulate);
          }
        }
      }
    }
  }
  deallocate(a, bytes);
  return true;
}

bool SmallF32(const Gemm<float>& g) { return small(g); }
bool SmallF64(const Gemm<double>& g) { return small(g); }
bool PackedF32(const Gemm<float>& g) { return packed(g); }
bool PackedF64(const Gemm<double>& g) { return packed(g); }

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tenon::inline v0
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::inline v0 {

HWY_EXPORT(SmallF32);
HWY_EXPORT(SmallF64);
HWY_EXPORT(PackedF32);
HWY_EXPORT(PackedF64);

bool gemm_small(const Gemm<float>& g) { return HWY_DYNAMIC_DISPATCH(SmallF32)(g); }
bool gemm_small(const Gemm<double>& g) { return HWY_DYNAMIC_DISPATCH(SmallF64)(g); }
bool gemm_packed(const Gemm<float>& g) { return HWY_DYNAMIC_DISPATCH(PackedF32)(g); }
bool gemm_packed(const Gemm<double>& g) { return HWY_DYNAMIC_DISPATCH(PackedF64)(g); }

}  // namespace tenon::inline v0
#endif
