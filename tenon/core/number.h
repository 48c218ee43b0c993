// Which numbers a dtype can hold.
#pragma once

#include <cmath>
#include <limits>

#include <tenon/core/error.h>
#include <tenon/core/scalar.h>
#include <tenon/core/tensor.h>

namespace tenon::inline v0 {

// A trait of a record, beside those of op.h: a Python number among the inputs must fit the result's dtype.
inline constexpr uint32_t kNumbersFit = 1u << 31;

namespace detail {

// The least magnitude that rounds to infinity.
constexpr double overflow_of(DType real) {
  switch (real) {
    case DType::Float16:
      return 65520;
    case DType::BFloat16:
      return 0x1.ffp127;
    case DType::Float32:
      return 0x1.ffffffp127;
    default:
      return std::numeric_limits<double>::infinity();
  }
}
inline bool fits_real(double value, DType real) { return !std::isfinite(value) || std::abs(value) < overflow_of(real); }

}  // namespace detail

// Whether `dtype` holds the number, fractions cut off or rounded. Bool holds every truth value; infinity and NaN
// are numbers of every floating dtype and of no integer one.
inline bool fits(const Scalar& value, DType dtype) {
  const DTypeInfo& to = info(dtype);
  if (to.kind == Kind::Bool) return true;
  const std::complex<double> z = value.to_complex();
  if (to.kind == Kind::Complex) return detail::fits_real(z.real(), to.real) && detail::fits_real(z.imag(), to.real);
  if (value.kind() == Kind::Complex && z.imag() != 0) return false;
  if (to.kind == Kind::Float) return detail::fits_real(z.real(), dtype);
  const int bits = 8 * to.size - (to.is_signed ? 1 : 0);
  const double end = std::ldexp(1.0, bits), least = to.is_signed ? -end : 0;  // exact powers of two
  if (value.kind() >= Kind::Float) return z.real() >= least && z.real() < end;
  return bits >= 63 || (value.to_int() >= static_cast<int64_t>(least) && value.to_int() < static_cast<int64_t>(end));
}
// What a fill may take: PyTorch lets negative integers wrap in an unsigned dtype, down to minus its largest.
inline bool fits_or_wraps(const Scalar& value, DType dtype) {
  const bool wraps = dtype == DType::UInt8 && value.kind() <= Kind::Integer && value.to_int() < 0;
  return fits(value, dtype) || (wraps && value.to_int() >= -255);
}

// The C++ type of a dtype, by which PyTorch's text names it.
constexpr const char* c_name_of(DType dtype) {
  constexpr const char* kNames[kDTypeCount] = {"bool",
                                               "uint8_t",
                                               "int8_t",
                                               "int16_t",
                                               "int",
                                               "int64_t",
                                               "c10::Half",
                                               "c10::BFloat16",
                                               "float",
                                               "double",
                                               "c10::complex<float>",
                                               "c10::complex<double>"};
  return kNames[static_cast<int>(dtype)];
}

// ValueError when a number given for `name` would change its value in `dtype`.
inline void check_fits(const char* op, const char* name, const Scalar& value, DType dtype) {
  if (fits_or_wraps(value, dtype)) [[likely]]
    return;
  fail<ValueError>(op, ": ", name, "=", value, " is out of the range of ", dtype,
                   ": value cannot be converted to type ", c_name_of(dtype), " without overflow; use a wider dtype");
}
// The same for a Python number that became a tensor: by the value it had, whatever its tensor's dtype keeps of it.
// Any other tensor passes.
TENON_API void check_number_fits(const char* op, const char* name, const Tensor& number, DType dtype);

}  // namespace tenon::inline v0
