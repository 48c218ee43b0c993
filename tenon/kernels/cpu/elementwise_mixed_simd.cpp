#include <tenon/kernels/cpu/elementwise_mixed.h>

#include <cmath>
#include <limits>
#include <type_traits>

#include <tenon/kernels/cpu/simd.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tenon/kernels/cpu/elementwise_mixed_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <tenon/kernels/cpu/loops-inl.h>

HWY_BEFORE_NAMESPACE();
namespace tenon::inline v0 {
namespace HWY_NAMESPACE {

template <class T>
void where_loop(const void* const* in, void* out, int64_t n, const void*) {
  const uint8_t* c = static_cast<const uint8_t*>(in[0]);
  const T* a = static_cast<const T*>(in[1]);
  const T* b = static_cast<const T*>(in[2]);
  T* o = static_cast<T*>(out);
  TENON_SIMD_LOOP
  for (int64_t i = 0; i < n; ++i) o[i] = c[i] ? a[i] : b[i];
}
struct Wide {
  uint64_t low, high;
};
constexpr LoopRow where_row() {
  LoopRow row;
  for (int i = 0; i < kDTypeCount; ++i) {
    const int64_t size = size_of(static_cast<DType>(i));
    row.at[i] = size == 1   ? where_loop<uint8_t>
                : size == 2 ? where_loop<uint16_t>
                : size == 4 ? where_loop<uint32_t>
                : size == 8 ? where_loop<uint64_t>
                            : where_loop<Wide>;
  }
  return row;
}

template <class T>
HWY_INLINE T number(const Number& v) {
  if constexpr (std::is_floating_point_v<T>)
    return static_cast<T>(v.real);
  else
    return static_cast<T>(v.integer);
}
// Of a bound: the nearest value that T has.
template <class T>
HWY_INLINE T saturated(const Number& v) {
  if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(v.real);
  } else {
    constexpr int64_t low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
    return static_cast<T>(v.integer < low ? low : v.integer > high ? high : v.integer);
  }
}

struct LerpF {
  // Exact at both ends.
  template <class T>
  static HWY_INLINE T of(T a, T b, T w) {
    return std::fabs(w) < T(0.5) ? a + w * (b - a) : b - (b - a) * (T(1) - w);
  }
};
struct AddcmulF {
  using Params = Number;
  template <class T>
  static HWY_INLINE T of(T a, T b, T c, const Number& v) {
    return static_cast<T>(a + number<Wrap<T>>(v) * static_cast<Wrap<T>>(b) * static_cast<Wrap<T>>(c));
  }
};
struct AddcdivF {
  using Params = Number;
  template <class T>
  static HWY_INLINE T of(T a, T b, T c, const Number& v) {
    return a + number<T>(v) * b / c;
  }
};
// NaN stays; where low > high, high wins.
struct ClampF {
  using Params = Bounds;
  template <class T>
  static HWY_INLINE T of(T a, const Bounds& bounds) {
    const T low = saturated<T>(bounds.low), high = saturated<T>(bounds.high);
    a = a < low ? low : a;
    return a > high ? high : a;
  }
};
struct ClampTensorF {
  template <class T>
  static HWY_INLINE T of(T a, T low, T high) {
    T r = a < low || low != low ? low : a;
    return r > high || high != high ? high : r;
  }
};
struct NanToNumF {
  using Params = Replacements;
  template <class T>
  static HWY_INLINE T of(T a, const Replacements& r) {
    const T top = std::numeric_limits<T>::max();
    a = a > top ? static_cast<T>(r.posinf) : a < -top ? static_cast<T>(r.neginf) : a;
    return a != a ? static_cast<T>(r.nan) : a;
  }
};

struct PowF {
  template <class T>
  static HWY_INLINE T of(T a, T b) {
    if constexpr (std::is_floating_point_v<T>) {
      return std::pow(a, b);
    } else {
      if constexpr (std::is_signed_v<T>) {
        if (b < 0) return a == 1 ? 1 : a == -1 ? (b % 2 == 0 ? 1 : -1) : 0;
      }
      Wrap<T> base = static_cast<Wrap<T>>(a), result = 1;
      for (T e = b; e > 0; e = static_cast<T>(e / 2)) {
        if (e % 2 != 0) result *= base;
        base *= base;
      }
      return static_cast<T>(result);
    }
  }
};
struct Atan2F {
  template <class T>
  static HWY_INLINE T of(T a, T b) {
    return std::atan2(a, b);
  }
};
struct HypotF {
  template <class T>
  static HWY_INLINE T of(T a, T b) {
    return std::hypot(a, b);
  }
};
struct CopysignF {
  template <class T>
  static HWY_INLINE T of(T a, T b) {
    return std::copysign(a, b);
  }
};
struct XlogyF {
  template <class T>
  static HWY_INLINE T of(T a, T b) {
    return b != b ? b : a == 0 ? T(0) : a * std::log(b);
  }
};
struct LogaddexpF {
  template <class T>
  static HWY_INLINE T of(T a, T b) {
    if (a == b && std::fabs(a) > std::numeric_limits<T>::max()) return a;
    const T top = a > b ? a : b;
    return top + std::log1p(std::exp(-std::fabs(a - b)));
  }
};

constexpr MixedLoops kLoops = {
    .where = where_row(),
    .lerp = float_row<3, LerpF>(),
    .addcmul = numeric_row<3, AddcmulF>(),
    .addcdiv = float_row<3, AddcdivF>(),
    .clamp = numeric_row<1, ClampF>(),
    .clamp_tensor = numeric_row<3, ClampTensorF>(),
    .nan_to_num = float_row<1, NanToNumF>(),
    .pow = numeric_row<2, PowF>(),
    .atan2 = float_row<2, Atan2F>(),
    .hypot = float_row<2, HypotF>(),
    .copysign = float_row<2, CopysignF>(),
    .xlogy = float_row<2, XlogyF>(),
    .logaddexp = float_row<2, LogaddexpF>(),
};
const MixedLoops* mixed_table() { return &kLoops; }

}  // namespace HWY_NAMESPACE
}  // namespace tenon::inline v0
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::inline v0 {
HWY_EXPORT(mixed_table);
const MixedLoops& mixed_loops() {
  static const MixedLoops* const loops = HWY_DYNAMIC_DISPATCH(mixed_table)();
  return *loops;
}
}  // namespace tenon::inline v0
#endif
