// Shared by autograd's tests: short ways to make, read and check tensors.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include <tenon/autograd/autograd.h>
#include <tenon/ops/functions.h>

namespace tenon::testing {

inline Tensor values(std::initializer_list<double> v) { return Tensor::of<double>(v); }
inline Tensor leaf(std::initializer_list<double> v) {
  Tensor x = values(v);
  x.requires_grad_();
  return x;
}
inline Tensor total(const Tensor& x) { return sum(x); }

inline std::vector<double> read(const Tensor& x) {
  if (!x.defined()) return {};
  const Tensor y = x.detach().contiguous();
  const double* p = y.data<double>();
  return std::vector<double>(p, p + y.numel());
}

inline void expect_values(const Tensor& x, const std::vector<double>& expected, double tolerance = 1e-9) {
  const std::vector<double> got = read(x);
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], tolerance) << "at " << i;
}

template <class E = AutogradError, class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const E& e) {
    return e.what();
  }
  return "(no error)";
}
inline ::testing::AssertionResult contains(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "'" << part << "' is not in: " << text;
}

// The gradient of sum(f(x)) against central differences in float64.
inline void check_gradient(const std::function<Tensor(const Tensor&)>& f, const Tensor& at, double tolerance = 1e-6) {
  Tensor x = at.detach().clone();
  x.requires_grad_();
  const Tensor found = grad({total(f(x))}, {x})[0];
  const std::vector<double> got = read(found);
  const double h = 1e-5;
  for (int64_t i = 0; i < x.numel(); ++i) {
    const auto value = [&](double step) {
      Tensor y = at.detach().clone();
      y.data<double>()[i] += step;
      return total(f(y)).item<double>();
    };
    const double expected = (value(h) - value(-h)) / (2 * h);
    EXPECT_NEAR(got[static_cast<size_t>(i)], expected, tolerance * std::max(1.0, std::abs(expected))) << "at " << i;
  }
}

}  // namespace tenon::testing
