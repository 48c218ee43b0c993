// Scalar special functions that the C++ library lacks.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace tenon::inline v0 {

// glibc's lgamma writes the global `signgam`; the reentrant form does not.
inline double log_gamma(double x) {
#if defined(__GLIBC__)
  int sign;
  return ::lgamma_r(x, &sign);
#else
  return std::lgamma(x);
#endif
}

// The logarithmic derivative of the gamma function: recurrence up to 10, then the asymptotic series.
inline double digamma(double x) {
  constexpr double kPi = 3.14159265358979323846;
  if (x == 0) return std::copysign(std::numeric_limits<double>::infinity(), -x);
  double result = 0;
  if (x < 0) {
    if (x == std::trunc(x)) return std::numeric_limits<double>::quiet_NaN();
    double whole;
    result = -kPi / std::tan(kPi * std::modf(x, &whole));
    x = 1 - x;
  }
  while (x < 10) {
    result -= 1 / x;
    x += 1;
  }
  if (x == 10) return result + 2.25175258906672110764;
  double series = 0;
  if (x < 1e17) {
    const double z = 1 / (x * x);
    static constexpr double kTerms[] = {
        8.33333333333333333333e-2, -2.10927960927960927961e-2, 7.57575757575757575758e-3, -4.16666666666666666667e-3,
        3.96825396825396825397e-3, -8.33333333333333333333e-3, 8.33333333333333333333e-2};
    double poly = 0;
    for (double term : kTerms) poly = poly * z + term;
    series = z * poly;
  }
  return result + std::log(x) - 0.5 / x - series;
}

// Hurwitz's zeta, the sum of (x + k)^-s over k >= 0, for whole s >= 2, by the Euler-Maclaurin formula.
inline double hurwitz_zeta(double s, double x) {
  if (x <= 0 && x == std::floor(x)) return std::numeric_limits<double>::infinity();
  double sum = 0;
  while (x < 12) {
    sum += std::pow(x, -s);
    x += 1;
  }
  const double power = std::pow(x, -s);
  sum += power * (x / (s - 1) + 0.5);
  // Bernoulli numbers B(2j) over (2j)!.
  static constexpr double kTerms[] = {
      1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1209600, 1.0 / 47900160, -691.0 / 1307674368000, 1.0 / 74724249600};
  double factor = s * power / x;
  for (int j = 0; j < 7; ++j) {
    sum += kTerms[j] * factor;
    factor *= (s + 2 * j + 1) * (s + 2 * j + 2) / (x * x);
  }
  return sum;
}

// The n-th derivative of digamma.
inline double polygamma(int64_t n, double x) {
  if (n == 0) return digamma(x);
  const double order = static_cast<double>(n);
  return (n % 2 == 0 ? -1 : 1) * std::tgamma(order + 1) * hurwitz_zeta(order + 1, x);
}

// Giles's approximation, then two Newton steps.
inline double erf_inverse(double y) {
  constexpr double kTwoOverRootPi = 1.12837916709551257390;
  if (!(std::fabs(y) <= 1)) return std::numeric_limits<double>::quiet_NaN();
  if (std::fabs(y) == 1) return std::copysign(std::numeric_limits<double>::infinity(), y);
  double w = -std::log((1 - y) * (1 + y)), x;
  if (w < 5) {
    static constexpr double kCentral[] = {2.81022636e-08,  3.43273939e-07, -3.5233877e-06,
                                          -4.39150654e-06, 0.00021858087,  -0.00125372503,
                                          -0.00417768164,  0.246640727,    1.50140941};
    w -= 2.5;
    x = 0;
    for (double c : kCentral) x = x * w + c;
  } else {
    static constexpr double kTail[] = {-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773,
                                       -0.0076224613,   0.00943887047,  1.00167406,    2.83297682};
    w = std::sqrt(w) - 3;
    x = 0;
    for (double c : kTail) x = x * w + c;
  }
  x *= y;
  for (int step = 0; step < 2; ++step) {
    // Near +-1 the complement keeps the digits.
    const double error =
        std::fabs(y) < 0.9 ? std::erf(x) - y : std::copysign(1.0, y) * ((1 - std::fabs(y)) - std::erfc(std::fabs(x)));
    x -= error / (kTwoOverRootPi * std::exp(-x * x));
  }
  return x;
}

}  // namespace tenon::inline v0
