#include <tenon/kernels/cpu/elementwise_binary.h>

#include <cmath>
#include <limits>
#include <type_traits>

#include <tenon/kernels/cpu/simd.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tenon/kernels/cpu/elementwise_binary_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <tenon/kernels/cpu/loops-inl.h>

HWY_BEFORE_NAMESPACE();
namespace tenon::inline v0 {
namespace HWY_NAMESPACE {

struct AddF {
  template <class T>
  static HWY_INLINE T of(T a, T b) {
    return static_cast<T>(static_cast<Wrap<T>>(a) + static_cast<Wrap<T>>(b));
  }
};
struct SubF {
  template <class T>
  static HWY_INLINE T of(T a, T b) {
    return static_cast<T>(static_cast<Wrap<T>>(a) - static_cast<Wrap<T>>(b));
  }
};
struct MulF {
  template <class T>
  static HWY_INLINE T of(T a, T b) {
    return static_cast<T>(static_cast<Wrap<T>>(a) * static_cast<Wrap<T>>(b));
  }
};
struct AddScaledF {
  using Params = Alpha;
  template <class T>
  static HWY_INLINE T of(T a, T b, const Alpha& alpha) {
    if constexpr (std::is_floating_point_v<T>)
      return a + static_cast<T>(alpha.real) * b;
    else
      return static_cast<T>(static_cast<Wrap<T>>(a) + static_cast<Wrap<T>>(alpha.integer) * static_cast<Wrap<T>>(b));
  }
};
struct DivF {
  template <class T>
  static HWY_INLINE T of(T a, T b) {
    return a / b;
  }
};

// Integer division: by zero is reported, and the smallest number by -1 wraps.
template <class T>
HWY_INLINE bool odd_divisor(T b, const DivisionFlag& flag) {
  if (b == 0) {
    __atomic_store_n(flag.by_zero, true, __ATOMIC_RELAXED);
    return true;
  }
  return false;
}
struct IntTruncF {
  using Params = DivisionFlag;
  template <class T>
  static HWY_INLINE T of(T a, T b, const DivisionFlag& flag) {
    if (odd_divisor(b, flag)) return 0;
    if (b == static_cast<T>(-1) && std::is_signed_v<T>) return SubF::of(T(0), a);
    return static_cast<T>(a / b);
  }
};
struct IntFloorF {
  using Params = DivisionFlag;
  template <class T>
  static HWY_INLINE T of(T a, T b, const DivisionFlag& flag) {
    if (odd_divisor(b, flag)) return 0;
    if (b == static_cast<T>(-1) && std::is_signed_v<T>) return SubF::of(T(0), a);
    const T q = static_cast<T>(a / b);
    return static_cast<T>(q - ((a % b != 0 && (a < 0) != (b < 0)) ? 1 : 0));
  }
};
struct IntRemainderF {
  using Params = DivisionFlag;
  template <class T>
  static HWY_INLINE T of(T a, T b, const DivisionFlag& flag) {
    if (odd_divisor(b, flag) || (b == static_cast<T>(-1) && std::is_signed_v<T>)) return 0;
    const T r = static_cast<T>(a % b);
    return static_cast<T>(r != 0 && (r < 0) != (b < 0) ? r + b : r);
  }
};
struct IntFmodF {
  using Params = DivisionFlag;
  template <class T>
  static HWY_INLINE T of(T a, T b, const DivisionFlag& flag) {
    if (odd_divisor(b, flag) || (b == static_cast<T>(-1) && std::is_signed_v<T>)) return 0;
    return static_cast<T>(a % b);
  }
};
struct FloatTruncF {
  template <class T>
  static HWY_INLINE T of(T a, T b) {
    return std::trunc(a / b);
  }
};
struct FloatFloorF {
  // Python's: exact also where a / b rounds up to an integer.
  template <class T>
  static HWY_INLINE T of(T a, T b) {
    if (b == 0) return a / b;
    const T mod = std::fmod(a, b);
    T quotient = (a - mod) / b;
    if (mod != 0 && (b < 0) != (mod < 0)) quotient -= 1;
    if (quotient == 0) return std::copysign(T(0), a / b);
    T floored = std::floor(quotient);
    if (quotient - floored > T(0.5)) floored += 1;
    return floored;
  }
};
struct FloatRemainderF {
  template <class T>
  static HWY_INLINE T of(T a, T b) {
    const T mod = std::fmod(a, b);
    return mod != 0 && (b < 0) != (mod < 0) ? mod + b : mod;
  }
};
struct FloatFmodF {
  template <class T>
  static HWY_INLINE T of(T a, T b) {
    return std::fmod(a, b);
  }
};

// NaN wins.
// The gradient of relu from its result; NaN passes it on.
struct ReluBackwardF {
  template <class T>
  static HWY_INLINE T of(T grad, T result) {
    return result <= 0 ? T(0) : grad;
  }
};
struct MaximumF {
  template <class T>
  static HWY_INLINE T of(T a, T b) {
    if constexpr (std::is_floating_point_v<T>)
      return a != a ? a : (a > b ? a : b);
    else
      return a > b ? a : b;
  }
};
struct MinimumF {
  template <class T>
  static HWY_INLINE T of(T a, T b) {
    if constexpr (std::is_floating_point_v<T>)
      return a != a ? a : (a < b ? a : b);
    else
      return a < b ? a : b;
  }
};

struct EqF {
  template <class T>
  static HWY_INLINE bool of(T a, T b) {
    return a == b;
  }
};
struct NeF {
  template <class T>
  static HWY_INLINE bool of(T a, T b) {
    return a != b;
  }
};
struct LtF {
  template <class T>
  static HWY_INLINE bool of(T a, T b) {
    return a < b;
  }
};
struct LeF {
  template <class T>
  static HWY_INLINE bool of(T a, T b) {
    return a <= b;
  }
};
struct GtF {
  template <class T>
  static HWY_INLINE bool of(T a, T b) {
    return a > b;
  }
};
struct GeF {
  template <class T>
  static HWY_INLINE bool of(T a, T b) {
    return a >= b;
  }
};

struct AndF {
  template <class T>
  static HWY_INLINE T of(T a, T b) {
    return static_cast<T>(a & b);
  }
};
struct OrF {
  template <class T>
  static HWY_INLINE T of(T a, T b) {
    return static_cast<T>(a | b);
  }
};
struct XorF {
  template <class T>
  static HWY_INLINE T of(T a, T b) {
    return static_cast<T>(a ^ b);
  }
};
// Shifting everything out leaves 0, or the sign.
struct LeftShiftF {
  template <class T>
  static HWY_INLINE T of(T a, T b) {
    constexpr int bits = sizeof(T) * 8;
    const bool out = b < 0 || b >= static_cast<T>(bits);
    return out ? T(0) : static_cast<T>(static_cast<Wrap<T>>(a) << (static_cast<unsigned>(b) % bits));
  }
};
struct RightShiftF {
  template <class T>
  static HWY_INLINE T of(T a, T b) {
    constexpr int bits = sizeof(T) * 8;
    const bool out = b < 0 || b >= static_cast<T>(bits);
    return static_cast<T>(a >> (out ? bits - 1 : static_cast<int>(b) % bits)) &
           static_cast<T>(out && !std::is_signed_v<T> ? 0 : -1);
  }
};

template <class F>
constexpr LoopRow compare_row() {
  return numeric_row<2, F, bool>() | bool_row<2, F, bool>();
}

constexpr BinaryLoops kLoops = {
    .add = numeric_row<2, AddF>() | bool_row<2, OrF>(),
    .add_scaled = numeric_row<2, AddScaledF>(),
    .sub = numeric_row<2, SubF>(),
    .mul = numeric_row<2, MulF>() | bool_row<2, AndF>(),
    .div = float_row<2, DivF>(),
    .trunc_divide = integer_row<2, IntTruncF>() | float_row<2, FloatTruncF>(),
    .floor_divide = integer_row<2, IntFloorF>() | float_row<2, FloatFloorF>(),
    .remainder = integer_row<2, IntRemainderF>() | float_row<2, FloatRemainderF>(),
    .fmod = integer_row<2, IntFmodF>() | float_row<2, FloatFmodF>(),
    .maximum = numeric_row<2, MaximumF>() | bool_row<2, OrF>(),
    .minimum = numeric_row<2, MinimumF>() | bool_row<2, AndF>(),
    .relu_backward = float_row<2, ReluBackwardF>(),
    .eq = compare_row<EqF>() | complex_row<2, EqF, bool>(),
    .ne = compare_row<NeF>() | complex_row<2, NeF, bool>(),
    .lt = compare_row<LtF>(),
    .le = compare_row<LeF>(),
    .gt = compare_row<GtF>(),
    .ge = compare_row<GeF>(),
    .logical_and = bool_row<2, AndF>(),
    .logical_or = bool_row<2, OrF>(),
    .logical_xor = bool_row<2, XorF>(),
    .bitwise_and = integer_row<2, AndF>() | bool_row<2, AndF>(),
    .bitwise_or = integer_row<2, OrF>() | bool_row<2, OrF>(),
    .bitwise_xor = integer_row<2, XorF>() | bool_row<2, XorF>(),
    .left_shift = integer_row<2, LeftShiftF>(),
    .right_shift = integer_row<2, RightShiftF>(),
};
const BinaryLoops* binary_table() { return &kLoops; }

}  // namespace HWY_NAMESPACE
}  // namespace tenon::inline v0
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::inline v0 {
HWY_EXPORT(binary_table);
const BinaryLoops& binary_loops() {
  static const BinaryLoops* const loops = HWY_DYNAMIC_DISPATCH(binary_table)();
  return *loops;
}
}  // namespace tenon::inline v0
#endif
