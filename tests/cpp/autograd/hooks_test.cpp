// Hooks, retained gradients, and functions with a gradient of their own.
#include <tests/cpp/autograd/helpers.h>

#include <tenon/autograd/function.h>

namespace {

using namespace tenon;
using namespace tenon::testing;

TEST(Hooks, MayReplaceAGradient) {
  Tensor x = leaf({1, 2});
  Tensor y = mul(x, 3.0);
  int calls = 0;
  HookHandle handle = register_hook(y, [&](const Tensor& g) {
    ++calls;
    return mul(g, 10.0);
  });
  total(y).backward({}, true);
  expect_values(x.grad(), {30, 30});
  handle.remove();
  total(y).backward();
  expect_values(x.grad(), {33, 33});
  EXPECT_EQ(calls, 1);
}

TEST(Hooks, OnLeaves) {
  Tensor x = leaf({1, 2});
  int after = 0;
  register_hook(x, [](const Tensor& g) { return mul(g, 2.0); });
  register_hook(x, [](const Tensor&) { return Tensor(); });
  register_post_accumulate_grad_hook(x, [&](const Tensor& leaf) {
    ++after;
    EXPECT_TRUE(leaf.grad().defined());
  });
  total(add(mul(x, 3.0), x)).backward();
  expect_values(x.grad(), {8, 8});
  EXPECT_EQ(after, 1);
}

TEST(Hooks, RetainGrad) {
  Tensor x = leaf({1, 2});
  Tensor y = mul(x, 3.0);
  EXPECT_FALSE(retains_grad(y));
  retain_grad(y);
  EXPECT_TRUE(retains_grad(y));
  total(mul(y, y)).backward();
  expect_values(y.grad(), {6, 12});
  Tensor z = mul(x, 3.0);
  retain_grad(z);
  z.mul_(z);  // the retained gradient moves along
  total(mul(z, 2.0)).backward();
  expect_values(z.grad(), {2, 2});
}

TEST(Hooks, OnNodes) {
  Tensor x = leaf({1, 2});
  Tensor y = mul(x, 3.0);
  register_prehook(*grad_fn(y), [](std::vector<Tensor>& g) { g[0] = mul(g[0], 2.0); });
  size_t inputs = 0;
  register_hook(*grad_fn(y), [&](std::vector<Tensor>& in, const std::vector<Tensor>& out) {
    inputs = in.size();
    expect_values(out[0], {2, 2});
  });
  total(y).backward();
  expect_values(x.grad(), {6, 6});
  EXPECT_EQ(inputs, 2u);
}

TEST(Graph, CanBeInspected) {
  Tensor x = leaf({1});
  Tensor y = add(mul(x, x), x);
  Ref<Node> node = grad_fn(y);
  EXPECT_EQ(node->name(), "AddBackward0");
  EXPECT_EQ(node->edge_count(), 2u);
  EXPECT_EQ(node->edge(0).node->name(), "MulBackward0");
  EXPECT_TRUE(node->edge(1).leaf.get() == x.impl());
  EXPECT_FALSE(grad_fn(x));
}

struct MyExp : Function<MyExp> {
  static Tensor forward(FunctionContext& ctx, const Tensor& x) {
    Tensor y = exp(x);
    EXPECT_FALSE(y.requires_grad());
    ctx.save_for_backward({y});
    return y;
  }
  static std::vector<Tensor> backward(FunctionContext& ctx, std::vector<Tensor> grads) {
    return {mul(grads[0], ctx.saved_tensors()[0])};
  }
};

TEST(CustomFunction, GradientAndSecondOrder) {
  Tensor x = leaf({0.5});
  Tensor y = MyExp::apply(x);
  EXPECT_EQ(grad_fn(y)->name(), "MyExpBackward");
  Tensor g = grad({y}, {x}, {}, {.create_graph = true})[0];
  expect_values(g, {std::exp(0.5)});
  expect_values(grad({g}, {x})[0], {std::exp(0.5)});
  y = MyExp::apply(x);
  y.backward();
  EXPECT_TRUE(contains(error_of([&] { y.backward(); }), "a second time"));
  NoGrad off;
  EXPECT_FALSE(MyExp::apply(x).requires_grad());
}

struct TwoOutputs : Function<TwoOutputs> {
  static std::vector<Tensor> forward(FunctionContext& ctx, const Tensor& x, double factor, const Tensor& unused) {
    ctx.saved_data["factor"] = factor;
    EXPECT_TRUE(ctx.needs_input_grad(0));
    EXPECT_FALSE(ctx.needs_input_grad(1));
    Tensor mask = gt(x, unused);
    return {mul(x, factor), mul(x, 1.0), mask};
  }
  static std::vector<Tensor> backward(FunctionContext& ctx, std::vector<Tensor> grads) {
    EXPECT_TRUE(grads[1].defined());  // as zeros
    EXPECT_FALSE(grads[2].defined());
    return {add(mul(grads[0], std::any_cast<double>(ctx.saved_data["factor"])), grads[1])};
  }
};

TEST(CustomFunction, SeveralOutputs) {
  Tensor x = leaf({1, 2});
  const auto out = TwoOutputs::apply(x, 4.0, values({0, 0}));
  EXPECT_FALSE(out[2].requires_grad());
  total(out[0]).backward();
  expect_values(x.grad(), {4, 4});
}

struct Doubled : Function<Doubled> {
  static Tensor forward(FunctionContext& ctx, const Tensor& x) {
    x.mul_(2.0);
    ctx.mark_dirty({x});
    return x;
  }
  static std::vector<Tensor> backward(FunctionContext&, std::vector<Tensor> grads) { return {mul(grads[0], 2.0)}; }
};

TEST(CustomFunction, WritesInPlace) {
  Tensor x = leaf({1, 2, 3});
  Tensor y = mul(x, x);
  Tensor z = Doubled::apply(y);
  EXPECT_TRUE(z.is_same(y));
  total(z).backward();
  expect_values(x.grad(), {4, 8, 12});
  Tensor w = mul(x, x);
  Doubled::apply(w.narrow(0, 0, 1));
  x.set_grad({});
  total(w).backward();
  expect_values(x.grad(), {4, 4, 6});
  EXPECT_TRUE(contains(error_of([&] { Doubled::apply(x); }), "leaf"));
}

struct Wrong : Function<Wrong> {
  static Tensor forward(FunctionContext&, const Tensor& x) { return mul(x, 1.0); }
  static std::vector<Tensor> backward(FunctionContext&, std::vector<Tensor>) { return {values({1, 2, 3})}; }
};

TEST(CustomFunction, WrongShapesAreNamed) {
  Tensor x = leaf({1, 2});
  EXPECT_TRUE(contains(error_of([&] { total(Wrong::apply(x)).backward(); }), "Wrong"));
}

}  // namespace
