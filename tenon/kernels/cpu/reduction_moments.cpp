// Variances and norms.
#include <cmath>
#include <limits>

#include <tenon/kernels/cpu/reduction_loops.h>
#include <tenon/kernels/cpu/reduction_parts.h>
#include <tenon/kernels/cpu/reduction_runs.h>
#include <tenon/ops/reduction.h>

namespace tenon::inline v0 {

namespace {

// ---- variance --------------------------------------------------------------------------------------------

struct Moments {
  double mean = 0, squares = 0;  // squares of the distances from the mean
  int64_t n = 0;

  // Chan, Golub, LeVeque: "Updating formulae and a pairwise algorithm for computing sample variances", 1979.
  void join(double other_mean, double other_squares, int64_t count) {
    if (count == 0) return;
    const double all = static_cast<double>(n + count), away = other_mean - mean;
    squares += other_squares + away * away * (static_cast<double>(n) * static_cast<double>(count) / all);
    mean += away * (static_cast<double>(count) / all);
    n += count;
  }
};
struct VarParams {
  double correction;
  bool root;
};

template <class T>
struct VarF {
  using In = T;
  using Acc = Moments;
  using Out = T;
  static Moments start() { return {}; }
  static void join(Moments& a, const Moments& later) { a.join(later.mean, later.squares, later.n); }
  // Two passes over a run that fits the cache.
  static void run(Moments& a, const T* x, int64_t n, int64_t, const void*) {
    const SumRuns<T>& runs = sum_runs(T());
    const double mean = runs.sum[0](x, n) / static_cast<double>(n);
    a.join(mean, runs.squares(x, n, mean), n);
  }
  static void block(Moments* a, const T* x, int64_t stride, int64_t rows, int64_t n, int64_t, const void*) {
    constexpr int64_t kWidth = 256, kRows = 128;
    double mean[kWidth], squares[kWidth];
    const SumRuns<T>& runs = sum_runs(T());
    for (int64_t r = 0; r < rows; r += kRows) {
      const int64_t count = rows - r < kRows ? rows - r : kRows;
      for (int64_t j = 0; j < n; j += kWidth) {
        const int64_t width = n - j < kWidth ? n - j : kWidth;
        const T* from = x + r * stride + j;
        for (int64_t k = 0; k < width; ++k) mean[k] = squares[k] = 0;
        runs.columns[0](from, stride, count, width, mean);
        for (int64_t k = 0; k < width; ++k) mean[k] /= static_cast<double>(count);
        runs.square_columns(from, stride, count, width, mean, squares);
        for (int64_t k = 0; k < width; ++k) a[j + k].join(mean[k], squares[k], count);
      }
    }
  }
  static T result(const Moments& a, int64_t reduced, const void* params) {
    const auto* p = static_cast<const VarParams*>(params);
    // 0 / 0 for a single element, as in PyTorch.
    const double free = static_cast<double>(reduced) - p->correction, var = a.squares / (free > 0 ? free : 0);
    return static_cast<T>(p->root ? std::sqrt(var) : var);
  }
};

template <class F>
void with_float(DType dtype, F&& f) {
  if (dtype == DType::Float64) return f.template operator()<double>();
  f.template operator()<float>();
}

template <class R, bool root>
void var(const R& r, ConstViews in, Views out, Context& context) {
  const VarParams params{r.correction ? r.correction->to_double() : 1, root};
  with_float(in[0].dtype, [&]<class T>() {
    run_reduction(reduce_loops<VarF<T>>, in[0], dims_mask(r.dim, in[0]), false, {&out[0]}, &params, context);
  });
}

// ---- norms -----------------------------------------------------------------------------------------------

// (sum of |x|^p)^(1/p), for the sums that vectors do.
template <class T, Term term>
struct SimpleNormF {
  using In = T;
  using Acc = double;
  using Out = T;
  static double start() { return 0; }
  static void join(double& a, const double& later) { a += later; }
  static void run(double& a, const T* x, int64_t n, int64_t, const void*) {
    a += sum_runs(T()).sum[static_cast<int>(term)](x, n);
  }
  static void block(double* a, const T* x, int64_t stride, int64_t rows, int64_t n, int64_t, const void*) {
    sum_runs(T()).columns[static_cast<int>(term)](x, stride, rows, n, a);
  }
  static T result(const double& a, int64_t, const void*) {
    return static_cast<T>(term == Term::Square ? std::sqrt(a) : a);
  }
};
template <class T>
struct PowerNormF {
  using In = T;
  using Acc = double;
  using Out = T;
  static double start() { return 0; }
  static void join(double& a, const double& later) { a += later; }
  static void take(double& a, T x, int64_t, const void* params) {
    a += std::pow(std::fabs(static_cast<double>(x)), *static_cast<const double*>(params));
  }
  static T result(const double& a, int64_t, const void* params) {
    return static_cast<T>(std::pow(a, 1 / *static_cast<const double*>(params)));
  }
};
template <class T>
struct NonzeroNormF {
  using In = T;
  using Acc = int64_t;
  using Out = T;
  static int64_t start() { return 0; }
  static void join(int64_t& a, const int64_t& later) { a += later; }
  static void take(int64_t& a, T x, int64_t, const void*) { a += x != 0 ? 1 : 0; }
  static T result(const int64_t& a, int64_t, const void*) { return static_cast<T>(a); }
};
template <class T, bool largest>
struct ExtremeNormF {
  using In = T;
  using Acc = T;
  using Out = T;
  static T start() { return largest ? 0 : std::numeric_limits<T>::infinity(); }
  static void join(T& a, const T& later) {
    if ((largest ? later > a : later < a) || later != later) a = later;
  }
  static void take(T& a, T x, int64_t, const void*) { join(a, std::fabs(x)); }
  static T result(const T& a, int64_t, const void*) { return a; }
};

template <class T>
const ReduceLoops& norm_loops(double p) {
  if (p == 2) return reduce_loops<SimpleNormF<T, Term::Square>>;
  if (p == 1) return reduce_loops<SimpleNormF<T, Term::Absolute>>;
  if (p == 0) return reduce_loops<NonzeroNormF<T>>;
  if (std::isinf(p)) return p > 0 ? reduce_loops<ExtremeNormF<T, true>> : reduce_loops<ExtremeNormF<T, false>>;
  return reduce_loops<PowerNormF<T>>;
}

void vector_norm(const VectorNorm& r, ConstViews in, Views out, Context& context) {
  const double p = r.ord.to_double();
  with_float(out[0].dtype, [&]<class T>() {
    run_reduction(norm_loops<T>(p), in[0], dims_mask(r.dim, in[0]), false, {&out[0]}, &p, context);
  });
}

}  // namespace

void register_moment_kernels(Registry& registry) {
  registry.add_kernel<Var, var<Var, false>>();
  registry.add_kernel<Std, var<Std, true>>();
  registry.add_kernel<VectorNorm, vector_norm>();
}

}  // namespace tenon::inline v0
