// What the tape makes of unusual ops: no rule, a decomposition instead, many inputs, written inputs.
#include <tests/cpp/autograd/helpers.h>

#include <tenon/core/allocator.h>
#include <tenon/core/door.h>
#include <tenon/core/gradients.h>

namespace autograd_test {

using namespace tenon;

// A kernel, and nothing that says how to differentiate it.
struct NoRule {
  static constexpr auto name = "autograd_test_no_rule";
  static constexpr auto parameters = std::tuple(input("input"));
};
void infer(const NoRule&, Specs in, Spec* out) { *out = in[0]; }
void kernel(const NoRule&, ConstViews in, Views out, Context&) {
  for (int64_t i = 0; i < out[0].numel(); ++i) out[0].as<double>()[i] = in[0].as<double>()[i];
}

// x^2 * y * factor, fused: the gradient comes from what it means.
struct Fused {
  double factor = 1;
  static constexpr auto name = "autograd_test_fused";
  static constexpr auto parameters = std::tuple(input("x"), input("y"), attribute("factor", &Fused::factor));
};
void infer(const Fused&, Specs in, Spec* out) { *out = in[0]; }
void kernel(const Fused& r, ConstViews in, Views out, Context&) {
  for (int64_t i = 0; i < out[0].numel(); ++i) {
    const double x = in[0].as<double>()[i], y = in[1].as<double>()[i];
    out[0].as<double>()[i] = x * x * y * r.factor;
  }
}
Tensor decompose(const Fused& r, const Tensor& x, const Tensor& y) { return mul(mul(mul(x, x), y), r.factor); }

struct AddMany {
  static constexpr auto name = "autograd_test_add_many";
  static constexpr auto parameters = std::tuple(input_list("tensors"));
};
void infer(const AddMany&, Specs in, Spec* out) { *out = in[0]; }
void kernel(const AddMany&, ConstViews in, Views out, Context&) {
  for (int64_t i = 0; i < out[0].numel(); ++i) {
    double sum = 0;
    for (int k = 0; k < in.size(); ++k) sum += in[k].as<double>()[i];
    out[0].as<double>()[i] = sum;
  }
}
void gradient(const AddMany&, Gradients& g) {
  for (int i = 0; i < g.input_count(); ++i) {
    if (g.needs(i)) g.set(i, mul(g.grad(), g.input(i)));  // not its derivative: it reads what was saved
  }
}

struct Counted {  // counts its calls in its second input
  static constexpr auto name = "autograd_test_counted";
  static constexpr auto parameters = std::tuple(input("x"), input("count").optional());
  static constexpr uint32_t writes = 2;
};
void infer(const Counted&, Specs in, Spec* out) { *out = in[0]; }
void kernel(const Counted&, ConstViews in, Views out, Context&) {
  for (int64_t i = 0; i < out[0].numel(); ++i) out[0].as<double>()[i] = in[0].as<double>()[i];
  if (in.has(1)) ++in[1].as<double>()[0];
}
void gradient(const Counted&, Gradients& g) {
  EXPECT_EQ(g.has_input(1), g.has_input(1) && g.input_spec(1).shape == Shape{1});
  g.set(0, g.grad());
}

template <class R>
void add_op() {
  static const bool once = [] {
    registry().add<R>().kernels[0] = typed_kernel<R, &kernel>();
    return true;
  }();
  (void)once;
}

}  // namespace autograd_test

namespace {

using namespace tenon;
using namespace tenon::testing;
using namespace autograd_test;

TEST(Record, AnOpWithoutARuleRaises) {
  add_op<NoRule>();
  Tensor x = leaf({1, 2});
  Tensor y = apply(NoRule{}, x);
  EXPECT_TRUE(y.requires_grad());
  const std::string e = error_of([&] { total(y).backward(); });
  EXPECT_TRUE(contains(e, "autograd_test_no_rule"));
  EXPECT_TRUE(contains(e, "not implemented"));
}

TEST(Record, ADecompositionIsTheGradient) {
  add_op<Fused>();
  registry().add_decomposition<Fused>();
  Tensor x = leaf({1, 2}), y = leaf({3, 4});
  Tensor z = apply(Fused{2}, x, y);
  EXPECT_EQ(grad_fn(z)->name(), "AutogradTestFusedBackward0");
  total(z).backward();
  expect_values(x.grad(), {12, 32});
  expect_values(y.grad(), {2, 8});
  // One tensor as both inputs: x^3.
  Tensor g = grad({total(apply(Fused{1}, x, x))}, {x}, {}, {.create_graph = true})[0];
  expect_values(g, {3, 12});
  expect_values(grad({total(g)}, {x})[0], {6, 12});
  Tensor w = mul(x, x);
  g = grad({total(apply(Fused{1}, w, y))}, {x, y}, {}, {.create_graph = true})[0];  // x^4 y
  expect_values(g, {12, 128});
  expect_values(grad({total(g)}, {y})[0], {4, 32});
}

TEST(Record, ManyInputs) {
  add_op<AddMany>();
  registry().add_gradient<AddMany>(kSaveAllInputs);
  std::vector<Tensor> inputs;
  for (int i = 0; i < 100; ++i) inputs.push_back(i % 2 != 0 ? leaf({1.0 * i}) : values({1}));
  apply_list(AddMany{}, inputs).backward();
  for (int i = 0; i < 100; ++i)
    expect_values(inputs[i].grad(), i % 2 != 0 ? std::vector<double>{1.0 * i} : std::vector<double>{});
}

TEST(Record, WrittenInputsNeedNoGradient) {
  add_op<Counted>();
  registry().add_gradient<Counted>(0);
  Tensor x = leaf({1, 2}), count = values({0});
  apply(Counted{}, x, count).backward(values({3, 4}));
  expect_values(x.grad(), {3, 4});
  expect_values(count, {1});
  EXPECT_FALSE(count.requires_grad());
  apply(Counted{}, x, Tensor()).backward(values({3, 4}));
  expect_values(x.grad(), {6, 8});
  EXPECT_TRUE(contains(error_of([&] { apply(Counted{}, x, leaf({0})); }), "requires grad"));
}

TEST(Record, OutRefusesGradients) {
  Tensor x = leaf({1, 2}), out = values({0, 0});
  TensorImpl* const in[] = {x.impl(), x.impl()};
  const auto write = [&] {
    Tensor outputs[kMaxOutputs] = {out};
    const OpInfo* op = registry().find("mul");
    Call call{op, op->defaults, Inputs(in, 2), outputs, nullptr, Destination::Out};
    apply(call);
  };
  EXPECT_TRUE(contains(error_of(write), "out=... arguments don't support automatic differentiation"));
  NoGrad off;
  write();
  expect_values(out, {1, 4});
}

TEST(Record, AProductWithAConstantKeepsOnlyTheConstant) {
  const Saves saves = registry().find("mul")->saves;
  EXPECT_NE(saves & kSaveForOthers, 0u);
  Tensor x = Tensor::empty({1 << 16}, DType::Float64).zero_();
  x.requires_grad_();
  Tensor y = mul(x, 1.0);
  const int64_t before = memory_stats().current_bytes;
  y = mul(y, 2.0);
  EXPECT_LT(memory_stats().current_bytes, before + (1 << 12));
  y.mul_(3.0);  // and needs no copy of itself
  EXPECT_LT(memory_stats().current_bytes, before + (1 << 12));
}

TEST(Record, InferenceTensorsAreNotSaved) {
  Tensor x = leaf({1, 2}), made;
  {
    InferenceMode inference;
    EXPECT_FALSE(is_grad_enabled());
    made = mul(x, 2.0);
  }
  EXPECT_FALSE(made.requires_grad());
  made.impl()->flags |= TensorImpl::kInference;
  EXPECT_TRUE(contains(error_of([&] { mul(x, made); }), "Inference tensors cannot be saved for backward"));
}

TEST(Record, ViewsMadeUnderNoGradOrDetachedStayConstant) {
  Tensor x = leaf({1, 2});
  Tensor base = values({3, 4}), quiet;
  Tensor detached = base.detach();
  {
    NoGrad off;
    quiet = base.narrow(0, 0, 1);
  }
  base.mul_(x);
  EXPECT_TRUE(base.requires_grad());
  EXPECT_FALSE(quiet.requires_grad());
  EXPECT_FALSE(detached.requires_grad());
}

}  // namespace
