#include <tenon/kernels/cpu/cast.h>

#include <complex>
#include <limits>
#include <type_traits>

#include <tenon/core/half.h>
#include <tenon/kernels/cpu/simd.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tenon/kernels/cpu/cast.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef TENON_CAST_ONCE
#define TENON_CAST_ONCE
namespace tenon::inline v0 {
struct CastTable {
  CastLoop loops[kDTypeCount][kDTypeCount];
};
}  // namespace tenon::inline v0
#endif

HWY_BEFORE_NAMESPACE();
namespace tenon::inline v0 {
namespace HWY_NAMESPACE {

template <class T>
inline constexpr bool is_half = std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>;
template <class T>
inline constexpr bool is_complex_type =
    std::is_same_v<T, std::complex<float>> || std::is_same_v<T, std::complex<double>>;

// Towards zero. NaN and what lies beyond the wide type become its lowest value, on every machine what x86 gives;
// narrow types then wrap, as PyTorch's do, unsigned ones through a signed type.
template <class To, class From>
HWY_INLINE To to_integer(From v) {
  using Wide = std::conditional_t<std::is_signed_v<To> && sizeof(To) <= 4, int32_t, int64_t>;
  constexpr From kLimit = sizeof(Wide) == 4 ? From(0x1p31) : From(0x1p63);
  const bool inside = v >= -kLimit && v < kLimit;
  const Wide wide = static_cast<Wide>(inside ? v : From(0));
  return static_cast<To>(inside ? wide : std::numeric_limits<Wide>::min());
}

template <class To, class From>
HWY_INLINE To convert(From v) {
  if constexpr (std::is_same_v<To, From>) {
    return v;
  } else if constexpr (is_complex_type<From>) {
    if constexpr (is_complex_type<To>)
      return To(static_cast<typename To::value_type>(v.real()), static_cast<typename To::value_type>(v.imag()));
    else if constexpr (std::is_same_v<To, bool>)
      return v.real() != 0 || v.imag() != 0;
    else
      return convert<To>(v.real());
  } else if constexpr (is_complex_type<To>) {
    return To(convert<typename To::value_type>(v), 0);
  } else if constexpr (is_half<From>) {
    return convert<To>(static_cast<float>(v));
  } else if constexpr (is_half<To>) {
    return To(static_cast<float>(v));
  } else if constexpr (std::is_same_v<To, bool>) {
    return v != From(0);
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    return to_integer<To>(v);
  } else {
    return static_cast<To>(v);
  }
}

// Memory that nobody wrote may hold any byte, which a bool of C++ may not.
template <class T>
HWY_INLINE T load(const void* from) {
  if constexpr (std::is_same_v<T, bool>)
    return *static_cast<const uint8_t*>(from) != 0;
  else
    return *static_cast<const T*>(from);
}

template <class From, class To>
void cast(const char* from, int64_t from_stride, char* to, int64_t to_stride, int64_t n) {
  if (from_stride == sizeof(From) && to_stride == sizeof(To)) {
    const From* a = reinterpret_cast<const From*>(from);
    To* b = reinterpret_cast<To*>(to);
    TENON_SIMD_LOOP
    for (int64_t i = 0; i < n; ++i) b[i] = convert<To>(load<From>(a + i));
  } else if (from_stride == 0) {
    const To v = convert<To>(load<From>(from));
    if (to_stride == sizeof(To)) {
      To* b = reinterpret_cast<To*>(to);
      for (int64_t i = 0; i < n; ++i) b[i] = v;
    } else {
      for (int64_t i = 0; i < n; ++i) *reinterpret_cast<To*>(to + i * to_stride) = v;
    }
  } else {
    for (int64_t i = 0; i < n; ++i) {
      *reinterpret_cast<To*>(to + i * to_stride) = convert<To>(load<From>(from + i * from_stride));
    }
  }
}

template <class From, class... To>
constexpr void fill_row(CastLoop* row) {
  int i = 0;
  ((row[i++] = cast<From, To>), ...);
}
template <class... T>
constexpr CastTable make_table() {
  CastTable table{};
  int i = 0;
  (fill_row<T, T...>(table.loops[i++]), ...);
  return table;
}
// In the order of DType.
constexpr CastTable kTable = make_table<bool, uint8_t, int8_t, int16_t, int32_t, int64_t, Half, BFloat16, float, double,
                                        std::complex<float>, std::complex<double>>();
const CastTable* cast_table() { return &kTable; }

}  // namespace HWY_NAMESPACE
}  // namespace tenon::inline v0
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::inline v0 {
HWY_EXPORT(cast_table);
CastLoop cast_loop(DType from, DType to) {
  static const CastTable* const table = HWY_DYNAMIC_DISPATCH(cast_table)();
  return table->loops[static_cast<int>(from)][static_cast<int>(to)];
}
}  // namespace tenon::inline v0
#endif
