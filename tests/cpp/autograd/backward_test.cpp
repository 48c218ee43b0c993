// Walking the graph: chains, broadcasting, higher orders, freeing, errors.
#include <tests/cpp/autograd/helpers.h>

#include <thread>

#include <tenon/core/allocator.h>

namespace {

using namespace tenon;
using namespace tenon::testing;

TEST(Backward, Chain) {
  Tensor x = leaf({1, 2, 3});
  Tensor y = total(mul(mul(x, x), 2.0));
  EXPECT_TRUE(y.requires_grad());
  EXPECT_FALSE(y.is_leaf());
  EXPECT_EQ(grad_fn(mul(x, x))->name(), "MulBackward0");
  y.backward();
  expect_values(x.grad(), {4, 8, 12});
}

TEST(Backward, AccumulatesIntoLeavesAndKeepsTheTensor) {
  Tensor x = leaf({1, 2});
  total(mul(x, 3.0)).backward();
  const Tensor first = x.grad();
  total(mul(x, x)).backward();
  expect_values(x.grad(), {5, 7});
  EXPECT_TRUE(first.is_same(x.grad()));
}

TEST(Backward, OneTensorUsedTwice) {
  Tensor x = leaf({2});
  Tensor y = mul(x, x);
  total(add(mul(y, y), y)).backward();
  expect_values(x.grad(), {4 * 8 + 2 * 2});
}

TEST(Backward, SumsOverBroadcastDimensions) {
  Tensor a = leaf({1, 2, 3});
  Tensor b = Tensor::of<double>({10, 20}).reshape({2, 1});
  b.requires_grad_();
  total(mul(a, b)).backward();
  expect_values(a.grad(), {30, 30, 30});
  EXPECT_EQ(b.grad().shape(), (Shape{2, 1}));
  expect_values(b.grad(), {6, 6});
}

TEST(Backward, CastsToTheDtypeOfTheInput) {
  Tensor a = Tensor::of<float>({1, 2}).requires_grad_();
  total(mul(a, values({3, 4}))).backward();
  EXPECT_EQ(a.grad().dtype(), DType::Float32);
}

TEST(Backward, SecondOrder) {
  Tensor x = leaf({1, 2});
  Tensor y = total(mul(mul(x, x), x));
  Tensor g = grad({y}, {x}, {}, {.create_graph = true})[0];
  expect_values(g, {3, 12});
  EXPECT_TRUE(g.requires_grad());
  Tensor h = grad({total(g)}, {x}, {}, {.create_graph = true})[0];
  expect_values(h, {6, 12});
  expect_values(grad({total(h)}, {x})[0], {6, 6});
}

TEST(Backward, SecondOrderThroughSavedOutputs) {
  Tensor x = leaf({0.5});
  Tensor g = grad({total(exp(x))}, {x}, {}, {.create_graph = true})[0];
  expect_values(grad({total(mul(g, g))}, {x})[0], {2 * std::exp(1.0)}, 1e-7);
}

TEST(Backward, ASecondTimeNeedsRetainGraph) {
  Tensor x = leaf({1, 2});
  Tensor y = total(mul(x, x));
  y.backward({}, true);
  y.backward();
  expect_values(x.grad(), {4, 8});
  const std::string e = error_of([&] { y.backward(); });
  EXPECT_TRUE(contains(e, "backward through the graph a second time"));
  EXPECT_TRUE(contains(e, "retain_graph=True"));
  EXPECT_TRUE(contains(e, "mul"));
}

TEST(Backward, RootsNeedAGradientUnlessTheyHaveOneElement) {
  Tensor x = leaf({1, 2});
  EXPECT_TRUE(contains(error_of([&] { mul(x, x).backward(); }), "implicitly created only for scalar outputs"));
  mul(x, x).backward(values({1, 10}));
  expect_values(x.grad(), {2, 40});
  EXPECT_TRUE(contains(error_of([&] { mul(x, x).backward(values({1})); }), "Mismatch in shape"));
  EXPECT_TRUE(contains(error_of([&] { values({1}).backward(); }), "does not require grad"));
}

TEST(Backward, GradNamesUnusedInputs) {
  Tensor x = leaf({1}), z = leaf({1});
  EXPECT_TRUE(contains(error_of([&] { grad({mul(x, x)}, {z}); }), "not have been used in the graph"));
  const auto found = grad({mul(x, x)}, {z, x}, {}, {.allow_unused = true});
  EXPECT_FALSE(found[0].defined());
  expect_values(found[1], {2});
  EXPECT_FALSE(x.grad().defined());
}

TEST(Backward, GradOfIntermediateTensors) {
  Tensor x = leaf({3});
  Tensor y = mul(x, x);
  Tensor z = mul(y, 2.0);
  const auto found = grad({z}, {y, x, z});
  expect_values(found[0], {2});
  expect_values(found[1], {12});
  expect_values(found[2], {1});
}

TEST(Backward, InputsLimitWhatAccumulates) {
  Tensor x = leaf({3}), w = leaf({4});
  backward({mul(x, w)}, {}, false, false, {w});
  EXPECT_FALSE(x.grad().defined());
  expect_values(w.grad(), {3});
}

TEST(Backward, SeveralRoots) {
  Tensor x = leaf({3});
  Tensor y = mul(x, x);
  backward({y, mul(y, 2.0)});
  expect_values(x.grad(), {18});
}

TEST(Backward, NoGradAndDetach) {
  Tensor x = leaf({1, 2});
  {
    NoGrad off;
    EXPECT_FALSE(is_grad_enabled());
    EXPECT_FALSE(mul(x, x).requires_grad());
    {
      EnableGrad on;
      EXPECT_TRUE(mul(x, x).requires_grad());
    }
  }
  EXPECT_TRUE(is_grad_enabled());
  Tensor d = mul(x, x).detach();
  EXPECT_FALSE(d.requires_grad());
  total(mul(d, x)).backward();
  expect_values(x.grad(), {1, 4});
  EXPECT_EQ(x.detach().data_ptr(), x.data_ptr());
}

TEST(Backward, NotDifferentiableResultsStopIt) {
  Tensor x = leaf({1, -2});
  EXPECT_FALSE(gt(x, 0.0).requires_grad());
}

TEST(Backward, RequiresGradErrors) {
  Tensor i = Tensor::of<int64_t>({1});
  EXPECT_TRUE(contains(error_of([&] { i.requires_grad_(); }), "floating point"));
  Tensor x = leaf({1});
  Tensor y = mul(x, x);
  EXPECT_TRUE(contains(error_of([&] { y.requires_grad_(false); }), "leaf"));
}

TEST(Backward, AChainOf100000NeitherOverflowsNorLeaks) {
  const int64_t nodes = Node::live_on_this_thread();
  {
    Tensor x = leaf({1});
    Tensor y = x;
    for (int i = 0; i < 100000; ++i) y = add(y, x);
    EXPECT_EQ(Node::live_on_this_thread() - nodes, 100000);
    y.backward();
    expect_values(x.grad(), {100001});
  }
  {
    Tensor x = leaf({1});
    Tensor y = x;
    for (int i = 0; i < 100000; ++i) y = mul(y, 1.0);  // freed without a backward
  }
  EXPECT_EQ(Node::live_on_this_thread(), nodes);
}

TEST(Backward, FreesEverything) {
  const auto run = [] {
    Tensor x = leaf({1, 2, 3});
    Tensor y = mul(x, x);
    Tensor z = exp(y);
    y.mul_(z);  // saved values and in-place history must not hold on to each other
    Tensor unused = exp(mul(z, x));
    total(unused).backward();
    Tensor v = z.narrow(0, 0, 2);
    v.mul_(x.narrow(0, 0, 2));
  };
  run();
  const int64_t nodes = Node::live_on_this_thread();
  const int64_t bytes = memory_stats().current_bytes;
  for (int i = 0; i < 10; ++i) run();
  EXPECT_EQ(Node::live_on_this_thread(), nodes);
  EXPECT_EQ(memory_stats().current_bytes, bytes);
}

TEST(Backward, ReleasesSavedValuesAsItGoes) {
  Tensor x = Tensor::empty({1 << 16}, DType::Float64).zero_();
  x.requires_grad_();
  Tensor y = x;
  for (int i = 0; i < 20; ++i) y = exp(mul(y, 0.5));
  Tensor s = total(y);
  const int64_t before = memory_stats().current_bytes;
  s.backward();
  EXPECT_LT(memory_stats().current_bytes, before - 15 * (1 << 16) * 8);
}

TEST(Backward, GradHasTheLayoutOfItsLeaf) {
  Tensor x = leaf({1, 2, 3});
  total(x).backward();  // the gradient is an expanded scalar
  EXPECT_TRUE(x.grad().is_contiguous());
  Tensor t = Tensor::of<double>({1, 2, 3, 4, 5, 6}).reshape({2, 3}).transpose(0, 1).detach();
  t.requires_grad_();
  total(mul(t, t)).backward();
  EXPECT_EQ(t.grad().strides(), t.strides());
}

TEST(Backward, ThreadsShareLeaves) {
  Tensor w = leaf({1, 2, 3});
  Tensor shared = mul(w, 2.0);
  const auto work = [&] {
    for (int i = 0; i < 200; ++i) {
      Tensor x = values({1, 1, 1});
      total(mul(mul(x, w), w)).backward();
      total(mul(shared, x)).backward({}, true);
    }
  };
  std::thread a(work), b(work);
  a.join();
  b.join();
  expect_values(w.grad(), {400 * 4, 400 * 6, 400 * 8});
}

TEST(Backward, ModesBelongToTheThread) {
  NoGrad off;
  bool enabled = false;
  std::thread([&] { enabled = is_grad_enabled(); }).join();
  EXPECT_TRUE(enabled);
}

TEST(Backward, RecordedSumsTakeNoLockOfAView) {
  std::vector<Tensor> kept;  // other addresses, until a leaf shares its lock with a view
  for (int i = 0; i < 300; ++i) {
    const Tensor x = leaf({1, 2});
    for (int k = 0; k < 2; ++k) total(pow(x.narrow(0, 0, 2), 3)).backward({}, false, true);
    expect_values(x.grad(), {6, 24});
    kept.push_back(x);
  }
  for (Tensor& x : kept) x.set_grad({});  // a recorded gradient and its leaf hold each other
}

}  // namespace
