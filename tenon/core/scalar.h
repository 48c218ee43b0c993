// A Python number: bool, int, float or complex, whose kind takes part in promotion but whose width does not.
#pragma once

#include <complex>
#include <cstdint>
#include <string>
#include <type_traits>

#include <tenon/core/dtype.h>
#include <tenon/core/export.h>

namespace tenon::inline v0 {

class Scalar {
 public:
  constexpr Scalar() : Scalar(int64_t{0}) {}
  template <class T>
  requires std::is_arithmetic_v<T>
  constexpr Scalar(T value)
      : kind_(std::is_same_v<T, bool> ? Kind::Bool
              : std::is_integral_v<T> ? Kind::Integer
                                      : Kind::Float),
        integer_(0),
        imag_(0) {
    if constexpr (std::is_integral_v<T>) {
      integer_ = static_cast<int64_t>(value);
    } else {
      real_ = static_cast<double>(value);
    }
  }
  constexpr Scalar(std::complex<double> value) : kind_(Kind::Complex), real_(value.real()), imag_(value.imag()) {}

  constexpr Kind kind() const { return kind_; }
  constexpr double to_double() const { return kind_ >= Kind::Float ? real_ : static_cast<double>(integer_); }
  // Towards zero; what no int64 holds becomes the nearest one, NaN 0.
  constexpr int64_t to_int() const {
    if (kind_ < Kind::Float) return integer_;
    if (real_ >= 0x1p63) return INT64_MAX;
    return real_ >= -0x1p63 ? static_cast<int64_t>(real_) : real_ < 0 ? INT64_MIN : 0;
  }
  constexpr bool to_bool() const { return kind_ >= Kind::Float ? (real_ != 0 || imag_ != 0) : integer_ != 0; }
  constexpr std::complex<double> to_complex() const { return {to_double(), imag_}; }
  // The dtype a tensor made of it has: bool, int64, the default float, or its complex.
  DType dtype() const {
    switch (kind_) {
      case Kind::Bool:
        return DType::Bool;
      case Kind::Integer:
        return DType::Int64;
      case Kind::Float:
        return default_dtype();
      case Kind::Complex:
        return default_dtype() == DType::Float64 ? DType::Complex128 : DType::Complex64;
    }
    return DType::Float32;
  }
  // Same kind and same value: `1`, `1.0` and `True` differ, as records they are different attributes.
  friend constexpr bool operator==(const Scalar& a, const Scalar& b) {
    if (a.kind_ != b.kind_) return false;
    return a.kind_ >= Kind::Float ? (a.real_ == b.real_ && a.imag_ == b.imag_) : a.integer_ == b.integer_;
  }

 private:
  Kind kind_;
  union {
    int64_t integer_;
    double real_;
  };
  double imag_;
};

TENON_API std::string to_text(const Scalar& value);  // as Python prints it

}  // namespace tenon::inline v0
