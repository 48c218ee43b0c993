// Optimisers against the formulas written out for one number, their states, schedules and errors.
#include <tests/cpp/autograd/helpers.h>

#include <tenon/optim/optim.h>

namespace {

using namespace tenon;
using namespace tenon::testing;
using optim::Adam;
using optim::AdamOptions;
using optim::AdamW;
using optim::AdamWOptions;
using optim::SGD;
using optim::SGDOptions;

// Gradients that both languages' tests can write down: exact in every float type.
double gradient(int i, int t) { return ((i * 7 + t * 3) % 11 - 5) / 8.0; }

void set_gradient(Tensor& p, int t) {
  Tensor g = Tensor::empty(p.shape(), DType::Float64);
  for (int i = 0; i < p.numel(); ++i) g.data<double>()[i] = gradient(i, t);
  p.set_grad(g);
}

template <class O>
std::vector<double> train(O& optimizer, Tensor& p, int steps) {
  for (int t = 0; t < steps; ++t) {
    set_gradient(p, t);
    optimizer.step();
  }
  return read(p);
}

struct Number {
  double p = 0, buffer = 0, m = 0, v = 0, most = 0;
  int t = 0;

  void sgd(const SGDOptions& o, double g) {
    if (o.maximize) g = -g;
    g += o.weight_decay * p;
    if (o.momentum != 0) {
      buffer = t++ == 0 ? g : o.momentum * buffer + (1 - o.dampening) * g;
      g = o.nesterov ? g + o.momentum * buffer : buffer;
    }
    p -= o.lr * g;
  }
  void adam(const AdamOptions& o, bool decoupled, double g) {
    if (o.maximize) g = -g;
    if (decoupled)
      p *= 1 - o.lr * o.weight_decay;
    else
      g += o.weight_decay * p;
    ++t;
    m = o.betas[0] * m + (1 - o.betas[0]) * g;
    v = o.betas[1] * v + (1 - o.betas[1]) * g * g;
    most = std::max(most, v);
    const double used = (o.amsgrad ? most : v) / (1 - std::pow(o.betas[1], t));
    p -= o.lr * m / (1 - std::pow(o.betas[0], t)) / (std::sqrt(used) + o.eps);
  }
};

TEST(Optim, SgdIsTheFormula) {
  for (const SGDOptions& o : {SGDOptions{.lr = 0.1}, SGDOptions{.lr = 0.1, .weight_decay = 0.1},
                              SGDOptions{.lr = 0.1, .momentum = 0.9, .dampening = 0.3, .weight_decay = 0.01},
                              SGDOptions{.lr = 0.1, .momentum = 0.9, .nesterov = true},
                              SGDOptions{.lr = 0.1, .momentum = 0.9, .weight_decay = 0.1, .maximize = true}}) {
    Tensor p = leaf({0.5, -1, 2});
    std::vector<Number> numbers(3);
    for (size_t i = 0; i < 3; ++i) {
      numbers[i].p = read(p)[i];
      for (int t = 0; t < 200; ++t) numbers[i].sgd(o, gradient(static_cast<int>(i), t));
    }
    SGD optimizer({p}, o);
    train(optimizer, p, 200);
    expect_values(p, {numbers[0].p, numbers[1].p, numbers[2].p}, 1e-11);
  }
}

TEST(Optim, AdamIsTheFormula) {
  for (const AdamOptions& o : {AdamOptions{.lr = 0.01}, AdamOptions{.lr = 0.01, .weight_decay = 0.1},
                               AdamOptions{.lr = 0.01, .betas = {0.5, 0.9}, .eps = 1e-4, .amsgrad = true},
                               AdamOptions{.lr = 0.01, .weight_decay = 0.1, .amsgrad = true, .maximize = true}}) {
    for (const bool decoupled : {false, true}) {
      Tensor p = leaf({0.5, -1, 2});
      std::vector<Number> numbers(3);
      for (size_t i = 0; i < 3; ++i) {
        numbers[i].p = read(p)[i];
        for (int t = 0; t < 200; ++t) numbers[i].adam(o, decoupled, gradient(static_cast<int>(i), t));
      }
      if (decoupled) {
        AdamW optimizer({p}, {o.lr, o.betas, o.eps, o.weight_decay, o.amsgrad, o.maximize});
        train(optimizer, p, 200);
      } else {
        Adam optimizer({p}, o);
        train(optimizer, p, 200);
      }
      expect_values(p, {numbers[0].p, numbers[1].p, numbers[2].p}, 1e-11);
    }
  }
}

// The same numbers stand in tests/python/test_optim.py. All of the arithmetic is exact.
TEST(Optim, BothLanguagesGiveTheseBits) {
  Tensor p = leaf({0.25, -0.5, 1});
  SGD optimizer({p}, {.lr = 0.5, .momentum = 0.5, .dampening = 0.5, .weight_decay = 0.25});
  train(optimizer, p, 4);
  expect_values(p, {0.5465621948242188, -0.5806732177734375, 0.6461181640625}, 0);
}

TEST(Optim, GroupsHaveOptionsOfTheirOwn) {
  Tensor a = leaf({0}), b = leaf({0}), c = leaf({0});
  SGD optimizer({a}, {.lr = 1});
  optimizer.add_param_group({b}, {.lr = 0.5});
  optimizer.add_param_group({c});
  for (Tensor* p : {&a, &b, &c}) p->set_grad(values({1}));
  optimizer.step();
  for (auto& group : optimizer.param_groups) group.lr = 0.25;
  optimizer.param_groups[1].maximize = true;
  optimizer.step();
  expect_values(a, {-1.25}, 0);
  expect_values(b, {-0.25}, 0);
  expect_values(c, {-1.25}, 0);
}

TEST(Optim, ParametersWithoutGradientsArePassedOver) {
  Tensor a = leaf({0}), b = leaf({0});
  SGD optimizer({a, b}, {.lr = 1, .momentum = 0.5, .dampening = 0.5});
  a.set_grad(values({1}));
  optimizer.step();
  b.set_grad(values({1}));
  optimizer.step();
  // The first buffer of b is its gradient, whenever it comes.
  expect_values(a, {-2}, 0);
  expect_values(b, {-1}, 0);
  optimizer.zero_grad(false);
  expect_values(a.grad(), {0}, 0);
  optimizer.zero_grad();
  EXPECT_FALSE(a.grad().defined());
}

TEST(Optim, ClosureRunsWithGradients) {
  Tensor a = leaf({1, 2});
  SGD optimizer({a}, {.lr = 0.5});
  NoGrad no_grad;
  const Tensor loss = optimizer.step([&] {
    optimizer.zero_grad();
    Tensor y = mul(a, a);
    y.backward(values({1, 1}));
    return y;
  });
  expect_values(loss, {1, 4}, 0);
  expect_values(a, {0, 0}, 0);
}

TEST(Optim, StateDictGoesOnWhereItWas) {
  Tensor a = leaf({0.5, -1, 2}), b = leaf({0, 0, 0});
  AdamW first({a}, {.lr = 0.1, .amsgrad = true}), second({b}, {.lr = 7});
  train(first, a, 5);
  {
    NoGrad no_grad;
    b.copy_(a);
  }
  const StateDict saved = first.state_dict();
  EXPECT_TRUE(saved.contains("state.0.max_exp_avg_sq"));
  second.load_state_dict(saved);
  EXPECT_EQ(second.param_groups[0].lr, 0.1);
  EXPECT_EQ(train(first, a, 5), train(second, b, 5));
  StateDict less;
  EXPECT_TRUE(contains(error_of<ValueError>([&] { second.load_state_dict(less); }), "number of parameter groups"));
}

TEST(Optim, Errors) {
  Tensor a = leaf({1, 2});
  const auto error = [](auto&& f) { return error_of<ValueError>(f); };
  EXPECT_EQ(error([&] { SGD({a}, {.lr = -1}); }), "Invalid learning rate: -1.0");
  EXPECT_EQ(error([&] { Adam({a}, {.betas = {0.9, 1}}); }), "Invalid beta parameter at index 1: 1.0");
  EXPECT_TRUE(contains(error([&] { SGD({a}, {.nesterov = true}); }), "Nesterov momentum requires"));
  EXPECT_TRUE(contains(error([&] { SGD({}, {}); }), "empty parameter list"));
  EXPECT_TRUE(contains(error([&] { SGD({mul(a, 2.0)}, {}); }), "non-leaf"));
  EXPECT_TRUE(contains(error([&] { SGD({a, a}, {}); }), "more than one parameter group"));
  EXPECT_TRUE(contains(error([&] { SGD({Tensor()}, {}); }), "undefined"));
  Tensor wide = expand(values({0}), {4});
  wide.set_grad(values({1, 1, 1, 1}));
  SGD overlapping({wide}, {});
  EXPECT_TRUE(contains(error([&] { overlapping.step(); }), "single memory location"));
}

TEST(LRScheduler, ClosedForms) {
  Tensor a = leaf({0});
  SGD one({a}, {.lr = 0.5}), two({a}, {.lr = 0.5});
  optim::StepLR steps(one, 3, 0.5);
  optim::CosineAnnealingLR cosine(two, 5, 0.1);
  for (int epoch = 1; epoch <= 25; ++epoch) {
    steps.step();
    cosine.step();
    EXPECT_NEAR(one.param_groups[0].lr, 0.5 * std::pow(0.5, epoch / 3), 1e-15);
    EXPECT_NEAR(two.param_groups[0].lr, 0.1 + 0.4 * (1 + std::cos(std::acos(-1.0) * epoch / 5)) / 2, 1e-12);
    EXPECT_EQ(cosine.get_last_lr()[0], two.param_groups[0].lr);
  }
  EXPECT_EQ(steps.last_epoch(), 25);
  EXPECT_TRUE(contains(error_of<ValueError>([&] { optim::StepLR(one, 0); }), "step_size"));
}

}  // namespace
