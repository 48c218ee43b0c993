// From a dtype at run time to a C++ type.
#pragma once

#include <complex>
#include <cstdint>
#include <type_traits>

#include <tenon/core/dtype.h>
#include <tenon/core/half.h>

namespace tenon::inline v0 {

// Calls f.operator()<T>() for the element type of `dtype`.
template <class F>
void with_real_type(DType dtype, F&& f) {
  switch (dtype) {
    case DType::Bool:
      return f.template operator()<bool>();
    case DType::UInt8:
      return f.template operator()<uint8_t>();
    case DType::Int8:
      return f.template operator()<int8_t>();
    case DType::Int16:
      return f.template operator()<int16_t>();
    case DType::Int32:
      return f.template operator()<int32_t>();
    case DType::Int64:
      return f.template operator()<int64_t>();
    case DType::Float16:
      return f.template operator()<Half>();
    case DType::BFloat16:
      return f.template operator()<BFloat16>();
    case DType::Float32:
      return f.template operator()<float>();
    case DType::Float64:
      return f.template operator()<double>();
    default:
      return;
  }
}
template <class F>
void with_type(DType dtype, F&& f) {
  if (dtype == DType::Complex64) return f.template operator()<std::complex<float>>();
  if (dtype == DType::Complex128) return f.template operator()<std::complex<double>>();
  with_real_type(dtype, f);
}

template <class T>
inline constexpr bool is_half_type = std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>;
// What arithmetic and comparisons of T happen in.
template <class T>
using Wide = std::conditional_t<is_half_type<T>, float, T>;

}  // namespace tenon::inline v0
