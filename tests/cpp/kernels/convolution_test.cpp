// Convolutions of float32, which oneDNN computes where it is faster, against our own kernels on float64.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include <tenon/core/generator.h>
#include <tenon/core/thread_pool.h>
#include <tenon/ops/functions.h>

#if defined(__unix__)
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace {

using namespace tenon;

struct Geometry {
  const char* name;
  Shape x, w;
  Dims stride, padding, padding_end, dilation;
  int64_t groups = 1;
};

Dims all(size_t n, int64_t value) { return Dims(n, value); }
Geometry geometry(const char* name, Shape x, Shape w, int64_t stride = 1, int64_t padding = 0, int64_t dilation = 1,
                  int64_t groups = 1) {
  const size_t n = x.size() - 2;
  return {name, std::move(x), std::move(w), all(n, stride), all(n, padding), all(n, padding), all(n, dilation), groups};
}

std::vector<Geometry> geometries() {
  std::vector<Geometry> all_of = {
      geometry("digits, first", {64, 1, 28, 28}, {16, 1, 5, 5}),
      geometry("digits, second", {64, 16, 12, 12}, {32, 16, 5, 5}),
      geometry("batch with a rest", {37, 16, 12, 12}, {32, 16, 5, 5}),
      geometry("a residual block", {3, 64, 20, 20}, {64, 64, 3, 3}, 1, 1),
      geometry("large weights", {6, 512, 7, 7}, {256, 512, 3, 3}, 1, 1),
      geometry("odd sizes", {5, 10, 33, 31}, {21, 10, 3, 5}, 1, 1),
      geometry("three channels, stride", {2, 3, 65, 65}, {24, 3, 7, 7}, 2, 3),
      geometry("five channels", {8, 5, 30, 30}, {32, 5, 3, 3}, 1, 1),
      geometry("stride leaves a rest", {4, 32, 30, 29}, {16, 32, 3, 3}, 2, 0),
      geometry("stride larger than the kernel", {4, 32, 31, 30}, {32, 32, 1, 1}, 3),
      geometry("pointwise", {4, 96, 14, 14}, {64, 96, 1, 1}),
      geometry("dilation", {4, 32, 28, 28}, {32, 32, 3, 3}, 1, 2, 2),
      geometry("dilation and stride", {4, 32, 28, 28}, {16, 32, 3, 3}, 2, 3, 3),
      geometry("groups", {4, 64, 14, 14}, {64, 16, 3, 3}, 1, 1, 1, 4),
      geometry("small groups", {4, 24, 28, 28}, {48, 3, 3, 3}, 1, 1, 1, 8),
      geometry("depthwise", {4, 48, 28, 28}, {48, 1, 3, 3}, 1, 1, 1, 48),
      geometry("depthwise, odd channels", {4, 19, 29, 28}, {19, 1, 5, 3}, 2, 1, 1, 19),
      geometry("depthwise, two of each", {4, 32, 28, 28}, {64, 1, 3, 3}, 1, 1, 1, 32),
      geometry("one dimension", {8, 32, 200}, {32, 32, 5}, 1, 2),
      geometry("one dimension, dilated", {8, 32, 200}, {48, 32, 3}, 1, 4, 4),
      geometry("one dimension, depthwise", {8, 64, 200}, {64, 1, 7}, 1, 3, 1, 64),
      geometry("waveform", {2, 1, 4000}, {32, 1, 80}, 4),
      geometry("three dimensions", {2, 16, 8, 12, 13}, {32, 16, 3, 3, 3}, 1, 1),
      geometry("volume of one channel", {2, 1, 8, 24, 24}, {16, 1, 3, 3, 3}, 2, 1),
      geometry("three dimensions, groups", {2, 32, 6, 12, 12}, {32, 16, 2, 3, 3}, 1, 1, 1, 2),
      geometry("tiny", {1, 3, 8, 8}, {8, 3, 3, 3}, 1, 1),
  };
  Geometry uneven = geometry("uneven padding", {4, 32, 20, 21}, {32, 32, 4, 2});
  uneven.padding = {1, 0}, uneven.padding_end = {2, 1};
  all_of.push_back(uneven);
  Geometry mixed = geometry("stride and dilation differ", {4, 32, 24, 21}, {32, 32, 3, 2});
  mixed.stride = {1, 2}, mixed.dilation = {2, 1}, mixed.padding = mixed.padding_end = {0, 1};
  all_of.push_back(mixed);
  return all_of;
}

Tensor convolve(const Geometry& g, const Tensor& x, const Tensor& w, const Tensor& bias) {
  return _convolution(x, w, bias, g.stride, g.padding, g.padding_end, g.dilation, g.groups);
}
Tensor input_gradient(const Geometry& g, const Tensor& grad, const Tensor& w) {
  return _convolution_input_gradient(grad, w, Dims(g.x.begin() + 2, g.x.end()), g.stride, g.padding, g.padding_end,
                                     g.dilation, g.groups);
}
Tensor weight_gradient(const Geometry& g, const Tensor& grad, const Tensor& x) {
  return _convolution_weight_gradient(grad, x, Dims(g.w.begin() + 2, g.w.end()), g.stride, g.padding, g.padding_end,
                                      g.dilation, g.groups);
}

// Float sums of n products of normal numbers err by about sqrt(n) units in the last place of sqrt(n).
void expect_near(const Tensor& got, const Tensor& expected, const char* what) {
  ASSERT_EQ(got.shape(), expected.shape()) << what;
  const Tensor a = got.contiguous(), b = expected.contiguous();
  double largest = 1, worst = 0;
  for (int64_t i = 0; i < b.numel(); ++i) {
    largest = std::max(largest, std::abs(b.data<double>()[i]));
    const double difference = std::abs(a.data<float>()[i] - b.data<double>()[i]);
    worst = std::isnan(difference) ? std::numeric_limits<double>::infinity() : std::max(worst, difference);
  }
  EXPECT_LE(worst, 1e-5 * largest) << what;
}

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.numel() == b.numel() &&
         std::memcmp(a.data_ptr(), b.data_ptr(), static_cast<size_t>(a.numel()) * sizeof(float)) == 0;
}

struct Threads {
  explicit Threads(int count) : before(num_threads()) { set_num_threads(count); }
  ~Threads() { set_num_threads(before); }
  int before;
};

struct Operands {
  Tensor x, w, bias, grad;
  explicit Operands(const Geometry& g) {
    manual_seed(7);
    x = randn(g.x), w = randn(g.w), bias = randn({g.w[0]});
    grad = randn(convolve(g, x, w, bias).shape());
  }
};

TEST(Convolution, MatchesOurOwnKernels) {
  for (const Geometry& g : geometries()) {
    SCOPED_TRACE(g.name);
    const Operands o(g);
    const Tensor x = o.x.to(DType::Float64), w = o.w.to(DType::Float64), grad = o.grad.to(DType::Float64);
    expect_near(convolve(g, o.x, o.w, o.bias), convolve(g, x, w, o.bias.to(DType::Float64)), "forward with a bias");
    expect_near(convolve(g, o.x, o.w, Tensor()), convolve(g, x, w, Tensor()), "forward");
    expect_near(input_gradient(g, o.grad, o.w), input_gradient(g, grad, w), "input gradient");
    expect_near(weight_gradient(g, o.grad, o.x), weight_gradient(g, grad, x), "weight gradient");
  }
}

TEST(Convolution, ThreadsDoNotChangeABit) {
  for (const Geometry& g : geometries()) {
    SCOPED_TRACE(g.name);
    const Operands o(g);
    const auto run = [&](int count) {
      const Threads threads(count);
      return std::array{convolve(g, o.x, o.w, o.bias), input_gradient(g, o.grad, o.w), weight_gradient(g, o.grad, o.x)};
    };
    const auto one = run(1);
    for (int count : {2, 3}) {
      const auto several = run(count);
      for (size_t i = 0; i < one.size(); ++i) EXPECT_TRUE(same_bits(one[i], several[i])) << "part " << i;
    }
  }
}

TEST(Convolution, TakesViews) {
  const Geometry g = geometry("a residual block", {4, 32, 20, 18}, {32, 32, 3, 3}, 1, 1);
  const Operands o(g);
  // The same numbers in another order of memory.
  const Tensor x = o.x.transpose(1, 3).contiguous().transpose(1, 3),
               w = o.w.transpose(0, 1).contiguous().transpose(0, 1),
               grad = o.grad.transpose(2, 3).contiguous().transpose(2, 3);
  ASSERT_FALSE(x.is_contiguous());
  EXPECT_TRUE(same_bits(convolve(g, x, w, o.bias), convolve(g, o.x, o.w, o.bias)));
  EXPECT_TRUE(same_bits(input_gradient(g, grad, w), input_gradient(g, o.grad, o.w)));
  EXPECT_TRUE(same_bits(weight_gradient(g, grad, x), weight_gradient(g, o.grad, o.x)));
  // A gradient that is one number for all.
  const Tensor one = ones({1}).expand(o.grad.shape());
  EXPECT_TRUE(same_bits(input_gradient(g, one, w), input_gradient(g, one.contiguous(), w)));
}

TEST(Convolution, EmptyBatch) {
  const Geometry g = geometry("none", {0, 32, 20, 20}, {32, 32, 3, 3}, 1, 1);
  const Tensor x = zeros(g.x), w = randn(g.w);
  const Tensor y = convolve(g, x, w, Tensor());
  EXPECT_EQ(y.shape(), (Shape{0, 32, 20, 20}));
  EXPECT_EQ(input_gradient(g, y, w).shape(), (Shape{0, 32, 20, 20}));
  EXPECT_EQ(weight_gradient(g, y, x).abs().sum().item<float>(), 0);
}

// More geometries than are kept: the first ones are prepared again and still right.
TEST(Convolution, ForgetsAndPreparesAgain) {
  const auto run = [](int64_t width) {
    const Geometry g = geometry("width", {1, 16, 17, width}, {16, 16, 3, 3});
    const Tensor x = ones(g.x), w = ones(g.w);
    return convolve(g, x, w, Tensor()).sum().item<float>() ==
           static_cast<float>(16 * 15 * (width - 2)) * static_cast<float>(16 * 9);
  };
  for (int64_t width = 10; width < 610; ++width) ASSERT_TRUE(run(width)) << width;
  for (int64_t width = 10; width < 20; ++width) ASSERT_TRUE(run(width)) << width;
}

#if defined(__unix__)
TEST(Convolution, WorksInAForkedChild) {
  const Geometry g = geometry("digits, second", {64, 16, 12, 12}, {32, 16, 5, 5});
  const Threads threads(2);
  const Operands o(g);
  const Tensor before = weight_gradient(g, o.grad, o.x);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    alarm(60);  // a child that hangs fails
    const Geometry fresh = geometry("new to the child", {16, 16, 13, 13}, {32, 16, 5, 5});
    const Operands p(fresh);
    const bool good = same_bits(weight_gradient(g, o.grad, o.x), before);
    _exit(good ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}
#endif

TEST(MaxPool, LastNanAndFirstOfEquals) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor x = Tensor::of<float>({1, nan, 3, nan, 5, 5, 2, 2}).view({1, 1, 1, 8});
  const auto [values, indices] = max_pool2d_with_indices(x, DimsArg{1, 4}, DimsArg{1, 4});
  EXPECT_TRUE(std::isnan(values.data<float>()[0]));
  EXPECT_EQ(values.data<float>()[1], 5);
  EXPECT_EQ(indices.data<int64_t>()[0], 3);
  EXPECT_EQ(indices.data<int64_t>()[1], 4);
}

// Rows of windows at a time for floating point, window by window for integers: the same.
TEST(MaxPool, FloatsAsIntegers) {
  manual_seed(3);
  for (int64_t width : {5, 24, 40, 71}) {
    for (int64_t kernel : {1, 2, 3}) {
      for (int64_t stride : {1, 2, 3}) {
        for (int64_t dilation : {1, 2}) {
          const Tensor x = randint(-20, 20, {3, 2, 7, width}, {}, DType::Int32);
          const DimsArg k{kernel, kernel}, s{stride, stride}, p{kernel / 2, kernel / 2}, d{dilation, dilation};
          const auto [values, indices] = max_pool2d_with_indices(x, k, s, p, d);
          for (DType dtype : {DType::Float32, DType::Float64}) {
            const auto [v, i] = max_pool2d_with_indices(x.to(dtype), k, s, p, d);
            EXPECT_TRUE(v.to(DType::Int32).eq(values).all().item<bool>()) << width << kernel << stride << dilation;
            EXPECT_TRUE(i.eq(indices).all().item<bool>()) << width << kernel << stride << dilation;
          }
        }
      }
    }
  }
}

}  // namespace
