// Reductions: results do not depend on the threads, nor on how the input lies in memory.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <vector>

#include <tenon/core/error.h>
#include <tenon/core/thread_pool.h>
#include <tenon/ops/functions.h>

namespace tenon {
namespace {

using Reduction = std::function<Tensor(const Tensor&)>;

std::vector<Reduction> reductions() {
  std::vector<Reduction> all;
  for (int64_t dim : {0, 1}) {
    all.push_back([=](const Tensor& x) { return sum(x, dim); });
    all.push_back([=](const Tensor& x) { return mean(x, dim, true); });
    all.push_back([=](const Tensor& x) { return nansum(x, dim); });
    all.push_back([=](const Tensor& x) { return amax(x, dim); });
    all.push_back([=](const Tensor& x) { return argmin(x, dim); });
    all.push_back([=](const Tensor& x) { return var(x, dim); });
    all.push_back([=](const Tensor& x) { return linalg_vector_norm(x, 3, dim); });
    all.push_back([=](const Tensor& x) { return cumsum(x, dim); });
    all.push_back([=](const Tensor& x) { return logcumsumexp(x, dim); });
    all.push_back([=](const Tensor& x) { return std::get<1>(sort(x, dim)); });
  }
  all.push_back([](const Tensor& x) { return sum(x); });
  all.push_back([](const Tensor& x) { return std(x); });
  all.push_back([](const Tensor& x) { return linalg_vector_norm(x); });
  all.push_back([](const Tensor& x) { return argmax(x); });
  return all;
}

Tensor values(int64_t rows, int64_t columns) {
  Tensor x = Tensor::empty({rows, columns});
  float* p = x.data<float>();
  for (int64_t i = 0; i < rows * columns; ++i) p[i] = std::sin(static_cast<float>(i)) * static_cast<float>(i % 97);
  return x;
}

bool same_bits(const Tensor& a, const Tensor& b) {
  const Tensor x = contiguous(a), y = contiguous(b);
  return x.shape() == y.shape() && x.dtype() == y.dtype() &&
         (x.numel() == 0 ||
          std::memcmp(x.data_ptr(), y.data_ptr(), static_cast<size_t>(x.numel() * x.element_size())) == 0);
}

TEST(Reduction, ThreadsDoNotChangeBits) {
  const int before = num_threads();
  for (const Tensor& x : {values(700, 500), values(3, 150000), values(150000, 3), values(1, 400000)}) {
    for (const Reduction& f : reductions()) {
      set_num_threads(1);
      const Tensor one = f(x);
      set_num_threads(2);
      EXPECT_TRUE(same_bits(one, f(x)));
      set_num_threads(4);
      EXPECT_TRUE(same_bits(one, f(x)));
    }
  }
  set_num_threads(before);
}

TEST(Reduction, LayoutsAgree) {
  const Tensor x = values(37, 1000);
  // The same values in other places: transposed, with gaps, and read backwards by negative strides.
  const Tensor turned = transpose(contiguous(transpose(x, 0, 1)), 0, 1);
  const Tensor wide = cat({reshape(x, Dims{37, 1000, 1}), reshape(x, Dims{37, 1000, 1})}, 2);
  const Tensor gaps = select(wide, 2, 0);
  ASSERT_FALSE(turned.is_contiguous());
  ASSERT_FALSE(gaps.is_contiguous());
  for (const Reduction& f : reductions()) {
    const Tensor want = to(f(x), DType::Float64);
    for (const Tensor& other : {turned, gaps}) {
      const Tensor got = to(f(other), DType::Float64);
      const double away = amax(abs(sub(got, want))).item<double>(), size = amax(abs(want)).item<double>();
      EXPECT_LE(away, 1e-6 * size);
    }
  }
}

TEST(Reduction, EmptyAndScalar) {
  const Tensor none = Tensor::empty({0, 3});
  EXPECT_EQ(sum(none).item<double>(), 0);
  EXPECT_EQ(prod(none).item<double>(), 1);
  EXPECT_TRUE(std::isnan(mean(none).item<double>()));
  EXPECT_EQ(sum(none, 0).numel(), 3);
  EXPECT_EQ(amax(none, 1).numel(), 0);
  EXPECT_THROW(amax(none, 0), IndexError);
  EXPECT_THROW(argmax(none), IndexError);
  const Tensor one = Tensor(2.5);
  EXPECT_EQ(sum(one).item<double>(), 2.5);
  EXPECT_EQ(amax(one, -1).item<double>(), 2.5);
  EXPECT_EQ(cumsum(one, 0).item<double>(), 2.5);
  EXPECT_EQ(argmax(one).item<double>(), 0);
}

TEST(Reduction, LongSumsAreAccurate) {
  const int64_t n = 10'000'000;
  Tensor x = Tensor::empty({n});
  for (int64_t i = 0; i < n; ++i) x.data<float>()[i] = 0.1f;
  EXPECT_EQ(sum(x).item<float>(), static_cast<float>(static_cast<double>(0.1f) * static_cast<double>(n)));
}

TEST(Reduction, NanWins) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (int64_t n : {3, 70, 5000}) {
    for (int64_t place : {int64_t{0}, n / 2, n - 1}) {
      Tensor x = Tensor::empty({n});
      for (int64_t i = 0; i < n; ++i) x.data<float>()[i] = static_cast<float>(i);
      x.data<float>()[place] = nan;
      EXPECT_TRUE(std::isnan(amax(x).item<float>()));
      EXPECT_TRUE(std::isnan(amin(x).item<float>()));
      EXPECT_EQ(argmax(x).item<int64_t>(), place);
      EXPECT_EQ(argmin(x).item<int64_t>(), place);
    }
  }
}

}  // namespace
}  // namespace tenon
