// Writes in place: history, views, and the errors that keep stale values out of gradients.
#include <tests/cpp/autograd/helpers.h>

namespace {

using namespace tenon;
using namespace tenon::testing;

TEST(Inplace, RebasesTheHistory) {
  check_gradient(
      [](const Tensor& x) {
        Tensor y = mul(x, 2.0);
        y.mul_(x);
        y.add_(x);
        y.mul_(3.0);
        return y;
      },
      values({1, 2, 3}));
}

TEST(Inplace, KeepsWhatItsOwnGradientNeeds) {
  check_gradient(
      [](const Tensor& x) {
        Tensor y = mul(x, 1.0);
        y.sin_();
        y.mul_(y);
        y.exp_();
        return y;
      },
      values({0.3, 0.7}));
}

TEST(Inplace, ThroughAView) {
  check_gradient(
      [](const Tensor& x) {
        Tensor y = mul(x, 2.0);
        y.narrow(0, 1, 2).mul_(x.narrow(0, 0, 2));
        return mul(y, y);
      },
      values({1, 2, 3}));
}

TEST(Inplace, ThroughAViewOfAView) {
  check_gradient(
      [](const Tensor& x) {
        Tensor y = mul(x, 2.0).reshape({2, 3});
        Tensor v = y.transpose(0, 1).narrow(0, 1, 2).select(1, 1);
        v.mul_(v);
        v.mul_(x.narrow(0, 2, 2));
        return mul(y, y);
      },
      values({1, 2, 3, 4, 5, 6}));
}

TEST(Inplace, TheViewItselfFollows) {
  check_gradient(
      [](const Tensor& x) {
        Tensor y = mul(x, 2.0);
        Tensor v = y.narrow(0, 0, 2);
        v.mul_(x.narrow(0, 1, 2));
        return add(v, total(y));
      },
      values({1, 2, 3}));
}

TEST(Inplace, TheBaseIsWrittenAfterTheViewWasMade) {
  check_gradient(
      [](const Tensor& x) {
        Tensor y = mul(x, 2.0);
        Tensor v = y.narrow(0, 1, 2);
        Tensor e = y.reshape({3, 1}).expand({3, 2});
        y.mul_(x);
        return add(total(mul(v, v)), e);
      },
      values({1, 2, 3}));
}

TEST(Inplace, OneViewIsWrittenAnotherRead) {
  check_gradient(
      [](const Tensor& x) {
        Tensor y = mul(x, 2.0);
        Tensor a = y.narrow(0, 0, 2), b = y.narrow(0, 1, 2);
        a.mul_(x.narrow(0, 0, 2));
        a.add_(b);
        return mul(b, b);
      },
      values({1, 2, 3}));
}

TEST(Inplace, AConstantBaseBecomesDifferentiable) {
  Tensor x = leaf({2, 3});
  Tensor buffer = Tensor::empty({4}, DType::Float64).zero_();
  Tensor early = buffer.narrow(0, 0, 2);
  EXPECT_FALSE(early.requires_grad());
  buffer.narrow(0, 1, 2).copy_(x);
  EXPECT_TRUE(buffer.requires_grad());
  EXPECT_TRUE(early.requires_grad());
  EXPECT_FALSE(early.is_leaf());
  total(mul(early, 5.0)).backward();
  expect_values(x.grad(), {5, 0});
}

TEST(Inplace, ConstantsCutTheGradient) {
  check_gradient(
      [](const Tensor& x) {
        Tensor y = mul(x, x);
        y.narrow(0, 0, 1).zero_();
        return y;
      },
      values({1, 2, 3}));
}

TEST(Inplace, SecondOrderThroughAView) {
  Tensor x = leaf({1, 2, 3});
  Tensor y = mul(x, x);
  y.narrow(0, 1, 2).mul_(x.narrow(0, 0, 2));  // x0^2, x1^2 x0, x2^2 x1
  Tensor g = grad({total(y)}, {x}, {}, {.create_graph = true})[0];
  expect_values(g, {2 + 4, 4 + 9, 12});
  // g = (2 x0 + x1^2, 2 x1 x0 + x2^2, 2 x2 x1)
  expect_values(grad({total(g)}, {x})[0], {2 + 4, 4 + 2 + 6, 6 + 4});
}

TEST(Inplace, LeavesRefuse) {
  Tensor x = leaf({1, 2});
  EXPECT_TRUE(contains(error_of([&] { x.mul_(2.0); }),
                       "a leaf Variable that requires grad is being used in an in-place operation"));
  EXPECT_TRUE(contains(error_of([&] { x.mul_(2.0); }), "no_grad()"));
  EXPECT_TRUE(contains(error_of([&] { x.narrow(0, 0, 1).mul_(2.0); }), "a view of a leaf Variable that requires grad"));
  expect_values(x, {1, 2});
  NoGrad off;
  x.mul_(2.0);
  expect_values(x, {2, 4});
  EXPECT_TRUE(x.is_leaf());
}

TEST(Inplace, AStaleSavedValueNamesBothOps) {
  Tensor x = leaf({1, 2});
  Tensor y = mul(x, 2.0);
  Tensor z = mul(y, y);
  y.add_(1.0);
  const std::string e = error_of([&] { total(z).backward(); });
  EXPECT_TRUE(contains(e, "modified by an inplace operation"));
  EXPECT_TRUE(contains(e, "of mul"));
  EXPECT_TRUE(contains(e, "by add_"));
  EXPECT_TRUE(contains(e, "(2,) float64"));
  EXPECT_TRUE(contains(e, "version 1"));
  EXPECT_TRUE(contains(e, "clone()"));
}

TEST(Inplace, AStaleOutputWrittenUnderNoGrad) {
  Tensor x = leaf({1, 2});
  Tensor y = exp(x);
  {
    NoGrad off;
    y.mul_(2.0);
  }
  const std::string e = error_of([&] { total(y).backward(); });
  EXPECT_TRUE(contains(e, "output 0 of exp"));
  EXPECT_TRUE(contains(e, "by mul_"));
}

TEST(Inplace, AWriteThroughAViewMakesSavedValuesStale) {
  Tensor x = leaf({1, 2});
  Tensor y = mul(x, 2.0);
  Tensor z = mul(y, y);
  y.narrow(0, 0, 1).zero_();
  EXPECT_TRUE(contains(error_of([&] { total(z).backward(); }), "by zero_"));
}

TEST(Inplace, DetachInPlace) {
  Tensor x = leaf({1, 2});
  Tensor y = mul(x, 2.0);
  Tensor z = mul(y, y);
  detach_(y);
  EXPECT_TRUE(y.is_leaf());
  total(z).backward();  // the graph recorded before is untouched
  expect_values(x.grad(), {8, 16});
  EXPECT_TRUE(contains(error_of([&] { detach_(mul(x, x).narrow(0, 0, 1)); }), "views"));
}

TEST(Inplace, ThroughAViewThatFollowsNothingRaises) {
  const Tensor a = leaf({1, 2, 3, 4});
  const Tensor x = mul(a, 1.0);
  Tensor view;
  {
    NoGrad off;
    view = x.narrow(0, 0, 2);
  }
  EXPECT_TRUE(contains(error_of([&] { view.mul_(a.narrow(0, 0, 2)); }), "created in no_grad mode"));
  {
    NoGrad off;
    view.mul_(2.0);
  }
  total(x).backward();
  expect_values(a.grad(), {1, 1, 1, 1});
}

TEST(Inplace, ThroughAViewThatLeavesItsBase) {
  const Tensor base = zeros({100}, DType::Float64).narrow(0, 90, 10).detach(), p = leaf({1, 2, 3});
  as_strided(base, {3}, {1}, 89).add_(p);
  total(base).backward();
  expect_values(p.grad(), {0, 1, 1});
}

}  // namespace
