// Chooses how a product is computed: by size, layout and dtype.
#include <tenon/kernels/cpu/gemm.h>

#include <algorithm>
#include <atomic>
#include <complex>
#include <cstring>

#include <tenon/core/half.h>
#include <tenon/core/thread_pool.h>
#ifdef TENON_WITH_ONEDNN
#include <tenon/kernels/onednn/sgemm.h>
#endif

namespace tenon::inline v0 {
namespace {

constexpr int64_t kSmall = 32 * 32 * 32;    // multiply-adds that a panel is not worth
constexpr int64_t kTask = 128 * 128 * 64;   // what a thread should get at least
constexpr int64_t kVectorTask = 64 * 1024;  // the same for products with a vector, bound by memory

template <class T>
bool run_whole(const Gemm<T>& g) {
#ifdef TENON_WITH_ONEDNN
  if constexpr (std::is_same_v<T, float>) {
    if (onednn::sgemm(g)) return true;
  }
#endif
  return gemm_packed(g);
}

// Calls run(piece) for bands of c's longer side, on several threads when that pays.
template <class T, class Run>
bool split(const Gemm<T>& g, int64_t task, const Run& run) {
  const bool by_rows = g.m >= g.n;
  constexpr int64_t kUnit = 48;
  const int64_t size = by_rows ? g.m : g.n, units = (size + kUnit - 1) / kUnit;
  const int64_t cost = std::max<int64_t>(1, kUnit * (by_rows ? g.n : g.m) * g.k);
  std::atomic<bool> done{true};
  parallel_for(0, units, std::max<int64_t>(1, task / cost), [&](int64_t begin, int64_t end) {
    const int64_t from = begin * kUnit, to = std::min(size, end * kUnit);
    if (!run(by_rows ? g.rows(from, to) : g.columns(from, to))) done = false;
  });
  return done;
}

template <class T>
bool gemm_float(const Gemm<T>& g) {
  const int64_t work = g.m * g.n * g.k;
  if (work <= kSmall && gemm_small(g)) return true;
  if (std::min(g.m, g.n) == 1 && split(g, kVectorTask, [](const Gemm<T>& piece) { return gemm_small(piece); }))
    return true;
  // c by columns: the transposed product has it by rows.
  if (g.c.col != 1 && g.n != 1) {
    if (g.c.row == 1 || g.m == 1) return gemm_float(g.transposed());
    return false;
  }
  if (work <= kTask) return run_whole(g);
  return split(g, kTask, [](const Gemm<T>& piece) { return run_whole(piece); });
}

// Integers wrap; complex numbers multiply without the standard library's special cases.
template <class T>
inline T multiply_add(T x, T y, T sum) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(static_cast<uint64_t>(sum) + static_cast<uint64_t>(x) * static_cast<uint64_t>(y));
  } else {
    return T(sum.real() + x.real() * y.real() - x.imag() * y.imag(),
             sum.imag() + x.real() * y.imag() + x.imag() * y.real());
  }
}

template <class T>
void gemm_plain(const Gemm<T>& g) {
  for (int64_t i = 0; i < g.m; ++i) {
    T* c = g.c.data + i * g.c.row;
    if (!g.accumulate) {
      for (int64_t j = 0; j < g.n; ++j) c[j * g.c.col] = T(0);
    }
    for (int64_t p = 0; p < g.k; ++p) {
      const T x = g.a.data[i * g.a.row + p * g.a.col];
      const T* b = g.b.data + p * g.b.row;
      if (g.b.col == 1 && g.c.col == 1) {
        for (int64_t j = 0; j < g.n; ++j) c[j] = multiply_add(x, b[j], c[j]);
      } else {
        for (int64_t j = 0; j < g.n; ++j) c[j * g.c.col] = multiply_add(x, b[j * g.b.col], c[j * g.c.col]);
      }
    }
  }
}

template <class From, class To>
void copy_matrix(const Matrix<From>& from, const Matrix<To>& to, int64_t rows, int64_t columns) {
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) {
      to.data[i * to.row + j * to.col] = static_cast<To>(from.data[i * from.row + j * from.col]);
    }
  }
}

// c by neither rows nor columns: computed aside.
template <class T>
bool gemm_aside(const Gemm<T>& g, Context& context) {
  T* result = static_cast<T*>(context.workspace(static_cast<size_t>(g.m * g.n) * sizeof(T)));
  if (result == nullptr) return false;
  Gemm<T> inner = g;
  inner.c = {result, g.n, 1};
  if (g.accumulate) copy_matrix<T, T>(g.c, inner.c, g.m, g.n);
  if (!gemm_float(inner)) return false;
  copy_matrix<T, T>(inner.c, g.c, g.m, g.n);
  return true;
}

// 16-bit floats are widened, so that sums are in float.
template <class T>
bool gemm_widened(const Gemm<T>& g, Context& context) {
  float* memory =
      static_cast<float*>(context.workspace(static_cast<size_t>(g.m * g.k + g.k * g.n + g.m * g.n) * sizeof(float)));
  if (memory == nullptr) return false;
  const Matrix<float> a{memory, g.k, 1}, b{memory + g.m * g.k, g.n, 1}, c{b.data + g.k * g.n, g.n, 1};
  copy_matrix<const T, float>(g.a, a, g.m, g.k);
  copy_matrix<const T, float>(g.b, b, g.k, g.n);
  if (g.accumulate) copy_matrix<T, float>(g.c, c, g.m, g.n);
  if (!gemm_float(Gemm<float>{g.m, g.n, g.k, a, b, c, g.accumulate})) return false;
  copy_matrix<float, T>(c, g.c, g.m, g.n);
  return true;
}

template <class T>
void clear(const Gemm<T>& g) {
  for (int64_t i = 0; i < g.m; ++i) {
    for (int64_t j = 0; j < g.n; ++j) g.c.data[i * g.c.row + j * g.c.col] = T(0);
  }
}

}  // namespace

template <class T>
bool gemm(const Gemm<T>& g, Context& context) {
  if (g.m == 0 || g.n == 0) return true;
  if (g.k == 0) {
    if (!g.accumulate) clear(g);
    return true;
  }
  if constexpr (std::is_floating_point_v<T>) {
    if (gemm_float(g) || gemm_aside(g, context)) return true;
    context.errors.report(ErrorSink::Code::Memory, "not enough memory for the panels of a matrix product");
    return false;
  } else if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>) {
    return gemm_widened(g, context);
  } else {
    split(g, kTask / 16, [](const Gemm<T>& piece) {
      gemm_plain(piece);
      return true;
    });
    return true;
  }
}

template bool gemm(const Gemm<float>&, Context&);
template bool gemm(const Gemm<double>&, Context&);
template bool gemm(const Gemm<uint8_t>&, Context&);
template bool gemm(const Gemm<int8_t>&, Context&);
template bool gemm(const Gemm<int16_t>&, Context&);
template bool gemm(const Gemm<int32_t>&, Context&);
template bool gemm(const Gemm<int64_t>&, Context&);
template bool gemm(const Gemm<Half>&, Context&);
template bool gemm(const Gemm<BFloat16>&, Context&);
template bool gemm(const Gemm<std::complex<float>>&, Context&);
template bool gemm(const Gemm<std::complex<double>>&, Context&);

}  // namespace tenon::inline v0
