// The ten awkward ops with which the door was reviewed: each puts another demand on the record.
#include <gtest/gtest.h>

#include <cmath>

#include <tenon/autograd/autograd.h>
#include <tenon/core/door.h>
#include <tenon/core/generator.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/index.h>
#include <tenon/ops/operators.h>
#include <tenon/ops/records.h>

namespace {

using namespace tenon;

template <class T = float>
std::vector<T> read(const Tensor& x) {
  const Tensor y = x.detach().contiguous();
  return std::vector<T>(y.data<T>(), y.data<T>() + y.numel());
}
using Floats = std::vector<float>;
using Longs = std::vector<int64_t>;

// What `add(a, b, out=out)` is in Python.
void add_out(const Tensor& a, const Tensor& b, Tensor& out, Scalar alpha = 1) {
  const Add record{.alpha = alpha};
  TensorImpl* const in[] = {a.impl(), b.impl()};
  Call call{&op<Add>(), &record, Inputs(in, 2), &out, nullptr, Destination::Out};
  apply(call);
}

// ---- add: promotion, Python's numbers, alpha, in place, out= ------------------------------------------------

TEST(Add, Promotes) {
  const Tensor i = Tensor::of<int32_t>({1, 2}), f = Tensor::of<float>({0.5f, 1}), d = Tensor::of<double>({1, 1});
  EXPECT_EQ(add(i, f).dtype(), DType::Float32);
  EXPECT_EQ(add(f, d).dtype(), DType::Float64);
  EXPECT_EQ(add(i, 1).dtype(), DType::Int32) << "a number's width does not count";
  EXPECT_EQ(add(i, 1.5).dtype(), DType::Float32) << "its kind does";
  EXPECT_EQ(add(f, 1.5).dtype(), DType::Float32);
  EXPECT_EQ(add(Tensor::of<int8_t>({1}), full({}, 1, DType::Int64)).dtype(), DType::Int8) << "no dims: kind only";
  EXPECT_EQ(read(add(i, f)), (Floats{1.5f, 3}));
}

TEST(Add, AlphaAndNumbersOnEitherSide) {
  const Tensor a = Tensor::of<float>({1, 2}), b = Tensor::of<float>({10, 20});
  EXPECT_EQ(read(add(a, b, 2)), (Floats{21, 42}));
  EXPECT_EQ(read(2.0 + a), (Floats{3, 4}));
  EXPECT_EQ(read(a - 1), (Floats{0, 1}));
  EXPECT_THROW(add(Tensor::of<int64_t>({1}), Tensor::of<int64_t>({1}), 0.5), Error);
}

TEST(Add, InPlaceAndOut) {
  const Tensor a = Tensor::of<float>({1, 2, 3, 4}).view({2, 2});
  const void* memory = a.data_ptr();
  a += a.transpose(0, 1);  // reads what it writes
  EXPECT_EQ(read(a), (Floats{2, 5, 5, 8}));
  EXPECT_EQ(a.data_ptr(), memory);
  EXPECT_THROW(Tensor::of<int64_t>({1}).add_(1.5), DTypeError);
  EXPECT_THROW(a.add_(zeros({3, 2, 2})), ShapeError);
  Tensor out = Tensor::empty({0});
  add_out(a, a, out);
  EXPECT_EQ(read(out), (Floats{4, 10, 10, 16}));
  Tensor wide = Tensor::empty({2, 2}, DType::Float64);
  add_out(a, a, wide);
  EXPECT_EQ(read<double>(wide), (std::vector<double>{4, 10, 10, 16}));
  Tensor whole = Tensor::empty({2, 2}, DType::Int64);
  EXPECT_THROW(add_out(a, a, whole), DTypeError);
  Tensor wrong = Tensor::empty({3});
  EXPECT_THROW(add_out(a, a, wrong), ShapeError);
  EXPECT_THROW(Tensor::empty({1}).expand({3}).add_(1.0), ValueError) << "many elements in one place";
}

TEST(Add, BroadcastErrorsNameBothShapes) {
  try {
    add(Tensor::empty({2, 3}), Tensor::empty({4}));
    FAIL();
  } catch (const ShapeError& e) {
    EXPECT_NE(std::string(e.what()).find("(2, 3)"), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("(4,)"), std::string::npos) << e.what();
  }
}

// ---- view: variadic, alias ------------------------------------------------------------------------------------

TEST(View, SharesMemoryAndInfersOneSize) {
  const Tensor x = arange(6);
  const Tensor y = x.view({2, -1});
  EXPECT_EQ(y.shape(), (Shape{2, 3}));
  EXPECT_EQ(x.view(6).shape(), (Shape{6}));
  y.select(0, 1).fill_(9);
  EXPECT_EQ(read<int64_t>(x), (Longs{0, 1, 2, 9, 9, 9}));
  EXPECT_THROW(x.view({4, -1}), ShapeError);
  EXPECT_THROW(x.view({-1, -1}), Error);
  EXPECT_THROW(y.transpose(0, 1).view(6), ShapeError) << "needs a copy: reshape does it";
  EXPECT_EQ(read<int64_t>(y.transpose(0, 1).reshape(6)), (Longs{0, 9, 1, 9, 2, 9}));
}

// ---- x[mask]: a size that depends on data -----------------------------------------------------------------------

TEST(Mask, PicksAndWrites) {
  Tensor x = Tensor::of<float>({1, -2, 3, -4});
  x.requires_grad_();
  const Tensor picked = index(x, {x > 0.0});
  EXPECT_EQ(read(picked), (Floats{1, 3}));
  (picked * picked).sum().backward();
  EXPECT_EQ(read(x.grad()), (Floats{2, 0, 6, 0}));
  const Tensor y = x.detach().clone();
  index_put_(y, {y < 0.0}, 0.0);
  EXPECT_EQ(read(y), (Floats{1, 0, 3, 0}));
  EXPECT_EQ(index(y, {y > 100.0}).shape(), (Shape{0}));
  EXPECT_THROW(index(y, {Tensor::of<bool>({true, false})}), IndexError);
}

// ---- max: overloads, two outputs ---------------------------------------------------------------------------------

TEST(Max, ThreeOverloads) {
  Tensor x = Tensor::of<float>({1, 7, 3, 9, 2, 9}).reshape({2, 3});
  x.requires_grad_();
  EXPECT_EQ(max(x).item<float>(), 9);
  const auto [values, indices] = max(x, 1);
  EXPECT_EQ(read(values), (Floats{7, 9}));
  EXPECT_EQ(read<int64_t>(indices), (Longs{1, 0})) << "the first of equals";
  EXPECT_FALSE(indices.requires_grad());
  values.sum().backward();
  EXPECT_EQ(read(x.grad()), (Floats{0, 1, 0, 1, 0, 0}));
  EXPECT_EQ(std::get<0>(max(x, -1, true)).shape(), (Shape{2, 1}));
  EXPECT_EQ(read(max(x, full({3}, 5.0))), (Floats{5, 7, 5, 9, 5, 9}));
  EXPECT_THROW(max(x, 2), IndexError);
  EXPECT_THROW(max(Tensor::empty({0})), Error);
  EXPECT_EQ(registry().overloads("max").size(), 3u);
}

// ---- where: a condition that takes no part in promotion
// --------------------------------------------------------------

TEST(Where, TakesNumbersAndBroadcasts) {
  Tensor x = Tensor::of<float>({1, 2, 3});
  x.requires_grad_();
  const Tensor c = Tensor::of<bool>({true, false, true});
  const Tensor y = where(c, x, 0.0);
  EXPECT_EQ(read(y), (Floats{1, 0, 3}));
  EXPECT_EQ(where(c, Tensor::of<int64_t>({1, 2, 3}), 0.5).dtype(), DType::Float32);
  y.sum().backward();
  EXPECT_EQ(read(x.grad()), (Floats{1, 0, 1}));
  EXPECT_EQ(where(c.view({3, 1}), x, -x).shape(), (Shape{3, 3}));
}

// ---- cat: a list --------------------------------------------------------------------------------------------------

TEST(Cat, ListsOfAnyLength) {
  Tensor a = Tensor::of<float>({1, 2}).view({1, 2}), b = Tensor::of<float>({3, 4, 5, 6}).view({2, 2});
  b.requires_grad_();
  const Tensor y = cat({a, b, a}, 0);
  EXPECT_EQ(y.shape(), (Shape{4, 2}));
  (y * y).sum().backward();
  EXPECT_EQ(read(b.grad()), (Floats{6, 8, 10, 12}));
  EXPECT_EQ(cat({a, a.to(DType::Float64)}, -1).dtype(), DType::Float64);
  EXPECT_EQ(cat(std::vector<Tensor>(40, a), 0).shape(), (Shape{40, 2}));
  EXPECT_EQ(cat({a, Tensor::empty({0})}, 0).shape(), (Shape{1, 2})) << "an old habit: 1-d empties count for nothing";
  EXPECT_THROW(cat({a, Tensor::empty({1, 3})}, 0), ShapeError);
  EXPECT_THROW(cat({}, 0), Error);
}

// ---- batch_norm: state that the call writes -----------------------------------------------------------------------

TEST(BatchNorm, MovesItsStatistics) {
  const Tensor x = Tensor::of<float>({1, 2, 3, 4, 5, 12}).view({3, 2});
  const Tensor mean = zeros({2}), var = ones({2});
  const uint32_t version = mean.version();
  const Tensor y = batch_norm(x, mean, var, {}, {}, true, 0.5, 0.0);
  EXPECT_EQ(read(mean), (Floats{1.5f, 3}));
  EXPECT_FLOAT_EQ(read(var)[0], 0.5f + 0.5f * 4);  // the unbiased variance moves it
  EXPECT_EQ(mean.version(), version + 1);
  EXPECT_NEAR(read(y)[0], -2 / std::sqrt(8.0 / 3), 1e-6);  // the biased one normalises
  const Tensor still = batch_norm(x, mean, var, {}, {}, false, 0.5, 0.0);
  EXPECT_EQ(mean.version(), version + 1);
  EXPECT_NEAR(read(still)[0], (1 - 1.5) / std::sqrt(2.5), 1e-6);
  Tensor w = ones({2});
  w.requires_grad_();
  batch_norm(x, {}, {}, w, {}, true).sum().backward();
  EXPECT_NEAR(read(w.grad())[0], 0, 1e-5);
  EXPECT_THROW(batch_norm(x, {}, {}, {}, {}, false), Error) << "no statistics to go by";
}

// ---- dropout: random ------------------------------------------------------------------------------------------------

TEST(Dropout, DrawsFromItsGenerator) {
  Tensor x = ones({1000});
  x.requires_grad_();
  manual_seed(7);
  const Tensor first = dropout(x, 0.25), second = dropout(x, 0.25);
  manual_seed(7);
  EXPECT_EQ(read(dropout(x, 0.25)), read(first));
  EXPECT_NE(read(first), read(second));
  const float kept = first.sum().item<float>() * 0.75f;
  EXPECT_NEAR(kept, 750, 60);
  first.sum().backward();
  EXPECT_EQ(read(x.grad()), read(first)) << "the same mask both ways";
  EXPECT_TRUE(dropout(x, 0.5, false).data_ptr() == x.data_ptr());
  EXPECT_EQ(read(dropout(x, 1.0)), Floats(1000, 0.0f));
  EXPECT_THROW(dropout(x, 1.5), ValueError);
}

// ---- softmax: a fused kernel and the composite that says what it means
// -----------------------------------------------

TEST(Softmax, TheKernelAgreesWithTheComposite) {
  const OpInfo& info = op<Softmax>();
  ASSERT_NE(info.kernels[0], nullptr);
  manual_seed(3);
  const Tensor x = randn({5, 33}) * 10.0;
  for (const int64_t dim : {int64_t{0}, int64_t{1}, int64_t{-1}}) {
    const Softmax record{.dim = dim};
    Tensor composite[kMaxOutputs];
    ASSERT_NE(info.decompose, nullptr);
    TensorImpl* const in[] = {x.impl()};
    info.decompose(&record, Inputs(in, 1), composite, nullptr);
    const Floats got = read(softmax(x, dim)), wanted = read(composite[0]);
    for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], wanted[i], 2e-7) << i;
  }
  EXPECT_EQ(softmax(x, 1, DType::Float64).dtype(), DType::Float64);
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_EQ(read(softmax(Tensor::of<float>({1000, 1000, -inf}), 0)), (Floats{0.5f, 0.5f, 0}));
}

// ---- matmul: a library behind a kernel, and shapes of every rank ----------------------------------------------------

TEST(Matmul, RanksAndTransposes) {
  const Tensor v = Tensor::of<float>({1, 2, 3}), m = arange(6, DType::Float32).view({2, 3});
  EXPECT_EQ(matmul(v, v).item<float>(), 14);
  EXPECT_EQ(read(matmul(m, v)), (Floats{8, 26}));
  EXPECT_EQ(read(matmul(Tensor::of<float>({1, 1}), m)), (Floats{3, 5, 7}));
  EXPECT_EQ(read(matmul(m, m.transpose(0, 1))), (Floats{5, 14, 14, 50}));
  EXPECT_EQ(matmul(ones({4, 1, 2, 3}), ones({5, 3, 6})).shape(), (Shape{4, 5, 2, 6}));
  EXPECT_EQ(matmul(Tensor::of<int64_t>({1, 2}), Tensor::of<int64_t>({3, 4})).item<int64_t>(), 11);
  const Tensor large = randn({70, 130}), other = randn({130, 90});
  const Tensor product = matmul(large, other), exact = matmul(large.to(DType::Float64), other.to(DType::Float64));
  EXPECT_LT((product.to(DType::Float64) - exact).abs().max().item<double>(), 1e-4);
  try {
    matmul(Tensor::empty({2, 3}), Tensor::empty({4, 5}));
    FAIL();
  } catch (const ShapeError& e) {
    EXPECT_NE(std::string(e.what()).find("(2, 3)"), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("(4, 5)"), std::string::npos) << e.what();
  }
  EXPECT_THROW(matmul(v, full({}, 1.0)), Error);
  EXPECT_THROW(matmul(m, m.transpose(0, 1).to(DType::Float64)), DTypeError);
}

// ---- numbers of C++, which convert to much
// ---------------------------------------------------------------------------

TEST(Overloads, NumbersMeanWhatTheySay) {
  const Tensor x = arange(6, DType::Float32).view({2, 3});
  EXPECT_EQ(read(x.clamp(1, 4)), (Floats{1, 1, 2, 3, 4, 4}));
  EXPECT_EQ(read(x.clamp(0.5, 1.5)), (Floats{0.5f, 1, 1.5f, 1.5f, 1.5f, 1.5f}));
  EXPECT_EQ(var(x, 0).shape(), (Shape{3}));  // a dim, not `unbiased`
  EXPECT_EQ(x.sum(1).shape(), (Shape{2}));
  Tensor out = Tensor::empty({0});
  EXPECT_TRUE(add_out(out, x, 1).is_same(out));
  EXPECT_EQ(read(out), (Floats{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(read(cat_out(Tensor::empty({4, 3}), {x, x}).narrow(0, 2, 1)), (Floats{0, 1, 2}));
}

}  // namespace
