// Large graphs, what they cost and give back, and what an error in the middle leaves.
#include <tests/cpp/autograd/helpers.h>

#include <atomic>
#include <thread>

#include <tenon/autograd/function.h>
#include <tenon/core/allocator.h>

namespace {

using namespace tenon;
using namespace tenon::testing;

constexpr int kMany = 100'000;

// Runs `body` and checks that neither nodes nor bytes are left behind. Once before, for what is made at first use.
template <class F>
void leaves_nothing(F&& body, int many = kMany) {
  body(3);
  const int64_t nodes = Node::live_on_this_thread();
  const int64_t bytes = memory_stats().current_bytes;
  body(many);
  EXPECT_EQ(Node::live_on_this_thread(), nodes);
  EXPECT_EQ(memory_stats().current_bytes, bytes);
}

TEST(Graph, AWideOneOf100000) {
  leaves_nothing([](int n) {
    Tensor x = leaf({1, 2});
    std::vector<Tensor> terms;
    for (int i = 0; i < n; ++i) terms.push_back(mul(x, 2.0));
    backward(terms, std::vector<Tensor>(terms.size(), values({1, 1})));
    expect_values(x.grad(), {2.0 * n, 2.0 * n});
  });
}

TEST(Graph, AWideOneThatMeetsInOneOp) {
  leaves_nothing(
      [](int n) {
        Tensor x = leaf({1});
        std::vector<Tensor> terms;
        for (int i = 0; i < n; ++i) terms.push_back(mul(x, 2.0));
        total(cat(terms)).backward();
        expect_values(x.grad(), {2.0 * n});
      },
      10'000);
}

TEST(Graph, ADeepOneWithASecondOrder) {
  leaves_nothing([](int n) {
    Tensor x = leaf({1});
    Tensor y = mul(x, x);
    for (int i = 0; i < n; ++i) y = add(y, 1.0);
    Tensor g = grad({y}, {x}, {}, {.create_graph = true})[0];
    expect_values(g, {2});
    expect_values(grad({g}, {x})[0], {2});
  });
}

TEST(Graph, ADeepOneOfWritesInPlace) {
  leaves_nothing([](int n) {
    Tensor x = leaf({1, 2});
    Tensor y = mul(x, 1.0);
    for (int i = 0; i < n; ++i) y.add_(x);
    y.backward(values({1, 1}));
    expect_values(x.grad(), {n + 1.0, n + 1.0});
  });
}

TEST(Graph, ADeepOneOfWritesThroughViews) {
  leaves_nothing(
      [](int n) {
        Tensor x = leaf({1, 2});
        Tensor y = mul(x, 1.0);
        for (int i = 0; i < n; ++i) y.narrow(0, i % 2, 1).add_(x.narrow(0, 0, 1));
        y.backward(values({1, 1}));
        expect_values(x.grad(), {n + 1.0, 1});
      },
      20'000);
}

struct Through : Function<Through> {
  static Tensor forward(FunctionContext& ctx, const Tensor& x) {
    ctx.save_for_backward({x});
    return x.clone();
  }
  static std::vector<Tensor> backward(FunctionContext& ctx, std::vector<Tensor> grads) {
    (void)ctx.saved_tensors();
    return {grads[0]};
  }
};

TEST(Graph, ADeepOneOfCustomFunctions) {
  leaves_nothing(
      [](int n) {
        Tensor x = leaf({1});
        Tensor y = x;
        for (int i = 0; i < n; ++i) y = Through::apply(y);
        y.backward();
        expect_values(x.grad(), {1});
        y = x;
        for (int i = 0; i < n; ++i) y = Through::apply(y);  // dropped without a backward
      },
      20'000);
}

TEST(Graph, RetainedOnesKeepTheirMemoryOthersDoNot) {
  Tensor x = Tensor::empty({1 << 14}, DType::Float64).fill_(0.5);
  x.requires_grad_();
  Tensor y = x;
  for (int i = 0; i < 10; ++i) y = exp(mul(y, 0.1));
  Tensor s = total(y);
  y = {};
  const int64_t before = memory_stats().current_bytes;
  s.backward({}, true);
  EXPECT_GE(memory_stats().current_bytes, before);
  const Tensor first = x.grad().clone();
  s.backward();
  EXPECT_LT(memory_stats().current_bytes, before - 8 * (1 << 14) * 8);
  EXPECT_NEAR(x.grad().data<double>()[0], 2 * first.data<double>()[0], 1e-12);
}

// ---- errors in the middle -----------------------------------------------------------------------------------

struct Failing : Function<Failing> {
  static inline bool fails = true;
  static Tensor forward(FunctionContext&, const Tensor& x) { return x.clone(); }
  static std::vector<Tensor> backward(FunctionContext&, std::vector<Tensor> grads) {
    if (fails) throw ValueError("no gradient today");
    return {grads[0]};
  }
};

TEST(Graph, AnErrorInARuleLeavesAUsableState) {
  const auto run = [](int) {
    Failing::fails = true;
    Tensor x = leaf({1, 2}), w = leaf({3, 4});
    Tensor y = total(add(Failing::apply(mul(x, w)), mul(w, w)));
    EXPECT_TRUE(contains(error_of<ValueError>([&] { y.backward({}, true); }), "no gradient today"));
    EXPECT_TRUE(is_grad_enabled());
    EXPECT_TRUE(contains(error_of<ValueError>([&] { grad({y}, {x}, {}, {.create_graph = true}); }), "no gradient"));
    EXPECT_TRUE(is_grad_enabled());
    Failing::fails = false;
    x.set_grad({});
    w.set_grad({});
    y.backward();
    expect_values(x.grad(), {3, 4});
    expect_values(w.grad(), {1 + 6, 2 + 8});
  };
  leaves_nothing(run);
}

TEST(Graph, AnErrorInAHookLeavesAUsableState) {
  Tensor x = leaf({1, 2});
  Tensor y = mul(x, x);
  HookHandle hook = register_hook(y, [](const Tensor&) -> Tensor { throw IndexError("hook"); });
  Tensor z = total(y);
  EXPECT_TRUE(contains(error_of<IndexError>([&] { z.backward({}, true); }), "hook"));
  EXPECT_FALSE(x.grad().defined());
  hook.remove();
  z.backward();
  expect_values(x.grad(), {2, 4});
}

// ---- threads ---------------------------------------------------------------------------------------------------

TEST(Graph, ThreadsAccumulateIntoSharedLeavesOfAnyLayout) {
  Tensor w = Tensor::empty({2, 3}, DType::Float64).fill_(1.0).transpose(0, 1).detach();
  w.requires_grad_();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&w] {
      for (int i = 0; i < 100; ++i) {
        Tensor x = Tensor::empty({3, 2}, DType::Float64).fill_(2.0);
        total(mul(mul(w, x), w)).backward();
      }
    });
  }
  for (std::thread& t : threads) t.join();
  expect_values(w.grad(), std::vector<double>(6, 400 * 4));
}

TEST(Graph, ThreadsWalkOneGraph) {
  Tensor x = leaf({1, 2, 3});
  Tensor y = total(exp(mul(x, x)));
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        const Tensor g = grad({y}, {x}, {}, {.retain_graph = true})[0];
        if (std::abs(g.data<double>()[0] - 2 * std::exp(1.0)) > 1e-9) ++wrong;
      }
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Graph, IsFreedByAnotherThread) {
  Tensor x = leaf({1});
  Tensor y = x;
  for (int i = 0; i < kMany; ++i) y = mul(y, 1.0);
  std::thread([last = std::move(y)]() mutable { last = {}; }).join();
  y = mul(x, 2.0);
  y.backward();
  expect_values(x.grad(), {2});
}

}  // namespace
