#include <tenon/ops/reduction.h>

#include <cmath>
#include <limits>

#include <tenon/kernels/cpu/reduction_loops.h>
#include <tenon/kernels/cpu/reduction_parts.h>
#include <tenon/kernels/cpu/reduction_runs.h>
#include <tenon/kernels/cpu/register.h>

namespace tenon::inline v0 {

namespace {

// ---- sums and products -----------------------------------------------------------------------------------

template <class T, Term term, bool mean>
struct SumF {
  using In = T;
  using Acc = SumOf<T>;
  using Out = T;
  static Acc start() { return Acc(); }
  static void take(Acc& a, T x, int64_t, const void*) {
    if constexpr (term == Term::NotNan && !std::is_integral_v<T>) {
      if (x != x) return;
    }
    a += static_cast<Acc>(x);
  }
  static void join(Acc& a, const Acc& later) { a += later; }
  static T result(const Acc& a, int64_t reduced, const void*) {
    if constexpr (mean && !std::is_integral_v<T>) return static_cast<T>(a / static_cast<double>(reduced));
    return static_cast<T>(a);
  }
  static void run(Acc& a, const T* x, int64_t n, int64_t at, const void* params) {
    constexpr int64_t kShort = 32;  // where starting vectors costs more than they win
    if constexpr (std::is_floating_point_v<T>) {
      if (n > kShort) {
        a += sum_runs(T()).sum[static_cast<int>(term)](x, n);
        return;
      }
      Acc part[4] = {};
      int64_t i = 0;
      for (; i + 4 <= n; i += 4) {
        for (int k = 0; k < 4; ++k) take(part[k], x[i + k], at, params);
      }
      for (; i < n; ++i) take(part[0], x[i], at, params);
      a += (part[0] + part[1]) + (part[2] + part[3]);
    } else {
      Acc local = a;
      for (int64_t i = 0; i < n; ++i) take(local, x[i], at, params);
      a = local;
    }
  }
  static void block(Acc* a, const T* x, int64_t stride, int64_t rows, int64_t n, int64_t at, const void* params) {
    if constexpr (std::is_floating_point_v<T>) {
      sum_runs(T()).columns[static_cast<int>(term)](x, stride, rows, n, a);
    } else {
      for (int64_t r = 0; r < rows; ++r, x += stride) {
        for (int64_t j = 0; j < n; ++j) take(a[j], x[j], at, params);
      }
    }
  }
};

template <class T>
struct ProdF {
  using In = T;
  using Acc = SumOf<T>;
  using Out = T;
  static Acc start() { return Acc(1); }
  static void take(Acc& a, T x, int64_t, const void*) { a *= static_cast<Acc>(x); }
  static void join(Acc& a, const Acc& later) { a *= later; }
  static T result(const Acc& a, int64_t, const void*) { return static_cast<T>(a); }
};

template <Term term, bool mean, class R>
void sum_kernel(const R& r, ConstViews in, Views out, Context& context) {
  const DimMask mask = dims_mask(r.dim, in[0]);
  // The commonest case first.
  if (out[0].dtype == DType::Float32)
    return run_reduction(reduce_loops<SumF<float, term, mean>>, in[0], mask, false, {&out[0]}, nullptr, context);
  with_sum_type(out[0].dtype, [&]<class T>() {
    run_reduction(reduce_loops<SumF<T, term, mean>>, in[0], mask, false, {&out[0]}, nullptr, context);
  });
}
void sum(const Sum& r, ConstViews in, Views out, Context& context) {
  sum_kernel<Term::Value, false>(r, in, out, context);
}
void nansum(const Nansum& r, ConstViews in, Views out, Context& context) {
  sum_kernel<Term::NotNan, false>(r, in, out, context);
}
void mean(const Mean& r, ConstViews in, Views out, Context& context) {
  sum_kernel<Term::Value, true>(r, in, out, context);
}
void prod(const Prod& r, ConstViews in, Views out, Context& context) {
  const DimMask mask = r.dim ? one_dim_mask(*r.dim, in[0]) : all_dims(in[0]);
  with_sum_type(out[0].dtype, [&]<class T>() {
    run_reduction(reduce_loops<ProdF<T>>, in[0], mask, false, {&out[0]}, nullptr, context);
  });
}

// ---- extremes --------------------------------------------------------------------------------------------

template <class T>
constexpr bool is_nan(T x) {
  if constexpr (std::is_floating_point_v<T>) return x != x;
  return false;
}
// Also when it is the first NaN.
template <bool is_max, class T>
bool beats(T x, T best) {
  return (is_max ? x > best : x < best) || (is_nan(x) && !is_nan(best));
}
template <bool is_max, class T>
T run_extreme(const T* x, int64_t n) {
  if constexpr (std::is_same_v<T, bool>) {
    return run_extreme<is_max>(reinterpret_cast<const uint8_t*>(x), n) != 0;
  } else {
    constexpr int64_t kShort = 16;
    if (n > kShort) return is_max ? extreme_runs<T>().max(x, n) : extreme_runs<T>().min(x, n);
    T best = x[0];
    for (int64_t i = 1; i < n; ++i) {
      if (beats<is_max>(x[i], best)) best = x[i];
    }
    return best;
  }
}

template <class T, bool is_max>
struct ExtremeF {
  using In = T;
  using Acc = T;
  using Out = T;
  static T start() {
    using Limits = std::numeric_limits<T>;
    if constexpr (Limits::has_infinity) return is_max ? -Limits::infinity() : Limits::infinity();
    return is_max ? Limits::lowest() : Limits::max();
  }
  static void take(T& a, T x, int64_t, const void*) {
    if (beats<is_max>(x, a)) a = x;
  }
  static void join(T& a, const T& later) { take(a, later, 0, nullptr); }
  static T result(const T& a, int64_t, const void*) { return a; }
  static void run(T& a, const T* x, int64_t n, int64_t, const void*) { take(a, run_extreme<is_max>(x, n), 0, nullptr); }
  static void block(T* a, const T* x, int64_t stride, int64_t rows, int64_t n, int64_t, const void*) {
    using Plain = std::conditional_t<std::is_same_v<T, bool>, uint8_t, T>;
    const ExtremeRuns<Plain>& runs = extreme_runs<Plain>();
    (is_max ? runs.max_columns : runs.min_columns)(reinterpret_cast<const Plain*>(x), stride, rows, n,
                                                   reinterpret_cast<Plain*>(a));
  }
};

// The first place of the extreme, or of the first NaN.
template <class T>
struct Place {
  T value;
  int64_t index;
};
template <class T, bool is_max>
struct PlaceF {
  using In = T;
  using Acc = Place<T>;
  static Acc start() { return {T(), -1}; }
  static void take(Acc& a, T x, int64_t at, const void*) {
    if (a.index < 0 || beats<is_max>(x, a.value)) a = {x, at};
  }
  static void join(Acc& a, const Acc& later) {
    if (later.index >= 0) take(a, later.value, later.index, nullptr);
  }
  // The first element equal to `best`, or NaN as it is: blocks without branches, then within the one.
  static int64_t find(const T* x, int64_t n, T best) {
    constexpr int64_t kBlock = 64;
    const bool nan = is_nan(best);
    int64_t i = 0;
    for (; i + kBlock < n; i += kBlock) {
      unsigned found = 0;
      for (int64_t k = 0; k < kBlock; ++k) found |= nan ? is_nan(x[i + k]) : x[i + k] == best;
      if (found != 0) break;
    }
    while (i < n - 1 && !(nan ? is_nan(x[i]) : x[i] == best)) ++i;
    return i;
  }
  // The value by vectors, then where it is.
  static void run(Acc& a, const T* x, int64_t n, int64_t at, const void* params) {
    const T best = run_extreme<is_max>(x, n);
    if (a.index >= 0 && !beats<is_max>(best, a.value)) return;
    take(a, best, at + find(x, n, best), params);
  }
  // Values and rows in arrays of their own, so that the compiler makes vectors of both.
  static void block(Acc* a, const T* x, int64_t stride, int64_t rows, int64_t n, int64_t at, const void* params) {
    constexpr int64_t kWidth = 256, kRows = 1 << 20;
    T best[kWidth];
    int32_t row[kWidth];
    for (int64_t r = 0; r < rows; r += kRows) {
      const auto count = static_cast<int32_t>(rows - r < kRows ? rows - r : kRows);
      for (int64_t j = 0; j < n; j += kWidth) {
        const int64_t width = n - j < kWidth ? n - j : kWidth;
        const T* from = x + r * stride + j;
        for (int64_t k = 0; k < width; ++k) {
          best[k] = from[k];
          row[k] = 0;
        }
        for (int32_t i = 1; i < count; ++i) {
          from += stride;
          for (int64_t k = 0; k < width; ++k) {
            const T v = from[k], b = best[k];
            const bool new_nan = is_nan(v), old_nan = is_nan(b);
            const bool better = (is_max ? v > b : v < b) | (new_nan & !old_nan);
            best[k] = better ? v : b;
            row[k] = better ? i : row[k];
          }
        }
        for (int64_t k = 0; k < width; ++k) take(a[j + k], best[k], at + r + row[k], params);
      }
    }
  }
};
template <class T, bool is_max>
struct ValueAndPlaceF : PlaceF<T, is_max> {
  using Out = T;
  static T result(const Place<T>& a, int64_t, const void*) { return a.value; }
  static int64_t second(const Place<T>& a) { return a.index; }
};
template <class T, bool is_max>
struct PlaceOnlyF : PlaceF<T, is_max> {
  using Out = int64_t;
  static int64_t result(const Place<T>& a, int64_t, const void*) { return a.index; }
};

template <bool is_max>
void extreme(DimMask mask, ConstViews in, Views out, Context& context) {
  with_real_type(in[0].dtype, [&]<class T>() {
    run_reduction(reduce_loops<ExtremeF<Wide<T>, is_max>>, in[0], mask, false, {&out[0]}, nullptr, context);
  });
}
void max_of_all(const Max&, ConstViews in, Views out, Context& context) {
  extreme<true>(all_dims(in[0]), in, out, context);
}
void min_of_all(const Min&, ConstViews in, Views out, Context& context) {
  extreme<false>(all_dims(in[0]), in, out, context);
}
void amax(const Amax& r, ConstViews in, Views out, Context& context) {
  extreme<true>(dims_mask(r.dim, in[0]), in, out, context);
}
void amin(const Amin& r, ConstViews in, Views out, Context& context) {
  extreme<false>(dims_mask(r.dim, in[0]), in, out, context);
}
template <class R, bool is_max>
void extreme_dim(const R& r, ConstViews in, Views out, Context& context) {
  with_real_type(in[0].dtype, [&]<class T>() {
    run_reduction(reduce_loops<ValueAndPlaceF<Wide<T>, is_max>>, in[0], one_dim_mask(r.dim, in[0]), true,
                  {&out[0], &out[1]}, nullptr, context);
  });
}
template <class R, bool is_max>
void place(const R& r, ConstViews in, Views out, Context& context) {
  const DimMask mask = r.dim ? one_dim_mask(*r.dim, in[0]) : all_dims(in[0]);
  with_real_type(in[0].dtype, [&]<class T>() {
    run_reduction(reduce_loops<PlaceOnlyF<Wide<T>, is_max>>, in[0], mask, true, {&out[0]}, nullptr, context);
  });
}

// ---- logic and counts ------------------------------------------------------------------------------------

template <bool is_all>
struct LogicF {
  using In = bool;
  using Acc = bool;
  using Out = bool;
  static bool start() { return is_all; }
  static void take(bool& a, bool x, int64_t, const void*) { a = is_all ? a & x : a | x; }
  static void join(bool& a, const bool& later) { take(a, later, 0, nullptr); }
  static bool result(const bool& a, int64_t, const void*) { return a; }
};
struct CountF {
  using In = bool;
  using Acc = int64_t;
  using Out = int64_t;
  static int64_t start() { return 0; }
  static void take(int64_t& a, bool x, int64_t, const void*) { a += x ? 1 : 0; }
  static void join(int64_t& a, const int64_t& later) { a += later; }
  static int64_t result(const int64_t& a, int64_t, const void*) { return a; }
};

template <class R, bool is_all>
void logic(const R& r, ConstViews in, Views out, Context& context) {
  // An explicit empty tuple reduces nothing.
  const DimMask mask = r.dim && r.dim->empty() ? 0 : dims_mask(r.dim, in[0]);
  run_reduction(reduce_loops<LogicF<is_all>>, in[0], mask, false, {&out[0]}, nullptr, context);
}
void count_nonzero(const CountNonzero& r, ConstViews in, Views out, Context& context) {
  run_reduction(reduce_loops<CountF>, in[0], dims_mask(r.dim, in[0]), false, {&out[0]}, nullptr, context);
}

}  // namespace

void register_reduction_kernels(Registry& registry) {
  registry.add_kernel<Sum, sum>();
  registry.add_kernel<Nansum, nansum>();
  registry.add_kernel<Mean, mean>();
  registry.add_kernel<Prod, prod>();
  registry.add_kernel<Max, max_of_all>();
  registry.add_kernel<Min, min_of_all>();
  registry.add_kernel<MaxDim, extreme_dim<MaxDim, true>>();
  registry.add_kernel<MinDim, extreme_dim<MinDim, false>>();
  registry.add_kernel<Amax, amax>();
  registry.add_kernel<Amin, amin>();
  registry.add_kernel<Argmax, place<Argmax, true>>();
  registry.add_kernel<Argmin, place<Argmin, false>>();
  registry.add_kernel<All, logic<All, true>>();
  registry.add_kernel<Any, logic<Any, false>>();
  registry.add_kernel<CountNonzero, count_nonzero>();
  register_moment_kernels(registry);
  register_scan_kernels(registry);
}

}  // namespace tenon::inline v0
