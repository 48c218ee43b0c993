#include <tenon/kernels/cpu/elementwise_unary.h>

#include <cmath>
#include <limits>
#include <type_traits>

#include <tenon/kernels/cpu/simd.h>
#include <tenon/kernels/cpu/special_functions.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tenon/kernels/cpu/elementwise_unary_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <tenon/kernels/cpu/loops-inl.h>

HWY_BEFORE_NAMESPACE();
namespace tenon::inline v0 {
namespace HWY_NAMESPACE {

struct CopyF {
  template <class T>
  static HWY_INLINE T of(T a) {
    return a;
  }
};
struct NegF {
  template <class T>
  static HWY_INLINE T of(T a) {
    if constexpr (std::is_floating_point_v<T>)
      return -a;
    else
      return static_cast<T>(Wrap<T>(0) - static_cast<Wrap<T>>(a));
  }
};
struct AbsF {
  template <class T>
  static HWY_INLINE T of(T a) {
    if constexpr (std::is_floating_point_v<T>)
      return std::fabs(a);
    else if constexpr (std::is_unsigned_v<T>)
      return a;
    else
      return a < 0 ? NegF::of(a) : a;
  }
};
struct SignF {
  template <class T>
  static HWY_INLINE T of(T a) {
    // NaN has sign 0, as in PyTorch.
    return static_cast<T>((a > T(0)) - (a < T(0)));
  }
};
struct SquareF {
  template <class T>
  static HWY_INLINE T of(T a) {
    return static_cast<T>(static_cast<Wrap<T>>(a) * static_cast<Wrap<T>>(a));
  }
};
struct ReluF {
  template <class T>
  static HWY_INLINE T of(T a) {
    // Written so that NaN stays.
    return a < T(0) ? T(0) : a;
  }
};
struct FloorF {
  template <class T>
  static HWY_INLINE T of(T a) {
    return std::floor(a);
  }
};
struct CeilF {
  template <class T>
  static HWY_INLINE T of(T a) {
    return std::ceil(a);
  }
};
struct TruncF {
  template <class T>
  static HWY_INLINE T of(T a) {
    return std::trunc(a);
  }
};
struct FracF {
  template <class T>
  static HWY_INLINE T of(T a) {
    return a - std::trunc(a);
  }
};
struct RoundF {
  template <class T>
  static HWY_INLINE T of(T a) {
    return std::nearbyint(a);
  }
};
struct RoundDecimalsF {
  using Params = RoundScale;
  template <class T>
  static HWY_INLINE T of(T a, const RoundScale& r) {
    const T scale = static_cast<T>(r.scale);
    return r.inverse ? std::nearbyint(a / scale) * scale : std::nearbyint(a * scale) / scale;
  }
};
struct SqrtF {
  template <class T>
  static HWY_INLINE T of(T a) {
    return std::sqrt(a);
  }
};
struct RsqrtF {
  template <class T>
  static HWY_INLINE T of(T a) {
    return T(1) / std::sqrt(a);
  }
};
struct ReciprocalF {
  template <class T>
  static HWY_INLINE T of(T a) {
    return T(1) / a;
  }
};
struct LeakyReluF {
  using Params = UnaryParams;
  template <class T>
  static HWY_INLINE T of(T a, const UnaryParams& p) {
    return a > T(0) ? a : a * static_cast<T>(p.a);
  }
};

struct TanF {
  template <class T>
  static HWY_INLINE T of(T a) {
    return std::tan(a);
  }
};
struct AsinF {
  template <class T>
  static HWY_INLINE T of(T a) {
    return std::asin(a);
  }
};
struct AcosF {
  template <class T>
  static HWY_INLINE T of(T a) {
    return std::acos(a);
  }
};
struct AtanF {
  template <class T>
  static HWY_INLINE T of(T a) {
    return std::atan(a);
  }
};
struct SinhF {
  template <class T>
  static HWY_INLINE T of(T a) {
    return std::sinh(a);
  }
};
struct CoshF {
  template <class T>
  static HWY_INLINE T of(T a) {
    return std::cosh(a);
  }
};
struct AsinhF {
  template <class T>
  static HWY_INLINE T of(T a) {
    return std::asinh(a);
  }
};
struct AcoshF {
  template <class T>
  static HWY_INLINE T of(T a) {
    return std::acosh(a);
  }
};
struct AtanhF {
  template <class T>
  static HWY_INLINE T of(T a) {
    return std::atanh(a);
  }
};
struct Exp2F {
  template <class T>
  static HWY_INLINE T of(T a) {
    return std::exp2(a);
  }
};
struct Log2F {
  template <class T>
  static HWY_INLINE T of(T a) {
    return std::log2(a);
  }
};
struct Log10F {
  template <class T>
  static HWY_INLINE T of(T a) {
    return std::log10(a);
  }
};
struct ErfcF {
  template <class T>
  static HWY_INLINE T of(T a) {
    return std::erfc(a);
  }
};
struct ErfinvF {
  template <class T>
  static HWY_INLINE T of(T a) {
    return static_cast<T>(erf_inverse(static_cast<double>(a)));
  }
};
struct LgammaF {
  template <class T>
  static HWY_INLINE T of(T a) {
    return static_cast<T>(log_gamma(static_cast<double>(a)));
  }
};
struct DigammaF {
  template <class T>
  static HWY_INLINE T of(T a) {
    return static_cast<T>(digamma(static_cast<double>(a)));
  }
};

struct PolygammaF {
  using Params = UnaryParams;
  template <class T>
  static HWY_INLINE T of(T a, const UnaryParams& p) {
    return static_cast<T>(polygamma(static_cast<int64_t>(p.a), static_cast<double>(a)));
  }
};

// By magnitude, which vectorises.
struct IsnanF {
  template <class T>
  static HWY_INLINE bool of(T a) {
    return a != a;
  }
};
struct IsinfF {
  template <class T>
  static HWY_INLINE bool of(T a) {
    return std::fabs(a) > std::numeric_limits<T>::max();
  }
};
struct IsfiniteF {
  template <class T>
  static HWY_INLINE bool of(T a) {
    return std::fabs(a) <= std::numeric_limits<T>::max();
  }
};
struct SignbitF {
  template <class T>
  static HWY_INLINE bool of(T a) {
    if constexpr (std::is_floating_point_v<T>)
      return std::signbit(a);
    else
      return a < T(0);
  }
};
struct FalseF {
  template <class T>
  static HWY_INLINE bool of(T) {
    return false;
  }
};
struct TrueF {
  template <class T>
  static HWY_INLINE bool of(T) {
    return true;
  }
};
struct LogicalNotF {
  template <class T>
  static HWY_INLINE bool of(T a) {
    return a == T(0);
  }
};
struct BitwiseNotF {
  template <class T>
  static HWY_INLINE T of(T a) {
    return static_cast<T>(~a);
  }
};

struct Wide {
  uint64_t low, high;
};
constexpr LoopRow copy_row() {
  LoopRow row = numeric_row<1, CopyF>() | bool_row<1, CopyF>();
  row.at[static_cast<int>(DType::Float16)] = row.at[static_cast<int>(DType::BFloat16)] =
      unary_loop<CopyF, uint16_t, uint16_t>;
  row.at[static_cast<int>(DType::Complex64)] = unary_loop<CopyF, uint64_t, uint64_t>;
  row.at[static_cast<int>(DType::Complex128)] = unary_loop<CopyF, Wide, Wide>;
  return row;
}

constexpr UnaryLoops kLoops = {
    .copy = copy_row(),
    .neg = numeric_row<1, NegF>(),
    .abs = numeric_row<1, AbsF>() | bool_row<1, CopyF>(),
    .sign = numeric_row<1, SignF>() | bool_row<1, CopyF>(),
    .square = numeric_row<1, SquareF>() | bool_row<1, CopyF>(),
    .relu = numeric_row<1, ReluF>(),
    .floor = float_row<1, FloorF>() | integer_row<1, CopyF>(),
    .ceil = float_row<1, CeilF>() | integer_row<1, CopyF>(),
    .trunc = float_row<1, TruncF>() | integer_row<1, CopyF>(),
    .frac = float_row<1, FracF>(),
    .round = float_row<1, RoundF>() | integer_row<1, CopyF>(),
    .round_decimals = float_row<1, RoundDecimalsF>(),
    .sqrt = float_row<1, SqrtF>(),
    .rsqrt = float_row<1, RsqrtF>(),
    .reciprocal = float_row<1, ReciprocalF>(),
    .tan = float_row<1, TanF>(),
    .asin = float_row<1, AsinF>(),
    .acos = float_row<1, AcosF>(),
    .atan = float_row<1, AtanF>(),
    .sinh = float_row<1, SinhF>(),
    .cosh = float_row<1, CoshF>(),
    .asinh = float_row<1, AsinhF>(),
    .acosh = float_row<1, AcoshF>(),
    .atanh = float_row<1, AtanhF>(),
    .exp2 = float_row<1, Exp2F>(),
    .log2 = float_row<1, Log2F>(),
    .log10 = float_row<1, Log10F>(),
    .erfc = float_row<1, ErfcF>(),
    .erfinv = float_row<1, ErfinvF>(),
    .lgamma = float_row<1, LgammaF>(),
    .digamma = float_row<1, DigammaF>(),
    .polygamma = float_row<1, PolygammaF>(),
    .leaky_relu = float_row<1, LeakyReluF>(),
    .isnan = float_row<1, IsnanF, bool>() | integer_row<1, FalseF, bool>() | bool_row<1, FalseF, bool>(),
    .isinf = float_row<1, IsinfF, bool>() | integer_row<1, FalseF, bool>() | bool_row<1, FalseF, bool>(),
    .isfinite = float_row<1, IsfiniteF, bool>() | integer_row<1, TrueF, bool>() | bool_row<1, TrueF, bool>(),
    .signbit = numeric_row<1, SignbitF, bool>() | bool_row<1, FalseF, bool>(),
    .logical_not = numeric_row<1, LogicalNotF, bool>() | bool_row<1, LogicalNotF, bool>(),
    .bitwise_not = integer_row<1, BitwiseNotF>() | bool_row<1, LogicalNotF, bool>(),
};
const UnaryLoops* unary_table() { return &kLoops; }

}  // namespace HWY_NAMESPACE
}  // namespace tenon::inline v0
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::inline v0 {
HWY_EXPORT(unary_table);
const UnaryLoops& unary_loops() {
  static const UnaryLoops* const loops = HWY_DYNAMIC_DISPATCH(unary_table)();
  return *loops;
}
}  // namespace tenon::inline v0
#endif
