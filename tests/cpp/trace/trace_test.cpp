// Functions run, traced, and interpreted: the same bits.
#include <gtest/gtest.h>

#include <cstring>

#include <tenon/autograd/autograd.h>
#include <tenon/core/generator.h>
#include <tenon/graph/interpret.h>
#include <tenon/graph/passes.h>
#include <tenon/graph/text.h>
#include <tenon/nn/nn.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/index.h>
#include <tenon/ops/operators.h>
#include <tenon/trace/trace.h>

namespace {

using namespace tenon;
using tracing::Input;
using tracing::trace;
using Tensors = std::vector<Tensor>;
using Body = std::function<Tensors(const Tensors&)>;

std::vector<Input> types_of(const Tensors& inputs) {
  std::vector<Input> out;
  for (const Tensor& x : inputs) out.push_back({text("x", out.size()), {x.shape(), x.dtype(), {}, false}});
  return out;
}
Tensor random(const Shape& shape, uint64_t seed = 1) { return randn(Dims(shape), std::make_shared<Generator>(seed)); }

void expect_equal(const Tensor& found, const Tensor& expected, const graph::Graph& g) {
  ASSERT_EQ(found.shape(), expected.shape());
  ASSERT_EQ(found.dtype(), expected.dtype());
  const Tensor a = found.detach().contiguous(), b = expected.detach().contiguous();
  const auto bytes = static_cast<size_t>(a.numel() * a.element_size());
  EXPECT_TRUE(bytes == 0 || std::memcmp(a.data_ptr(), b.data_ptr(), bytes) == 0) << graph::print(g);
}

// Traced first, so that what the function does to its inputs eagerly cannot help.
graph::Graph expect_same(const Body& run, const Tensors& inputs) {
  const graph::Graph g = trace(run, types_of(inputs));
  const Tensors found = graph::interpret(g, inputs).outputs;
  Tensors own;
  for (const Tensor& x : inputs) own.push_back(clone(x));
  const Tensors expected = run(own);
  EXPECT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) expect_equal(found[i], expected[i], g);
  return g;
}

TEST(TraceFunction, NodesAreTheCallsThatReachAKernel) {
  const Dim batch = Dim::symbol("batch");
  nn::Linear layer(8, 40);
  const Body run = [&](const Tensors& in) -> Tensors { return {softmax(layer(in[0]) * 2.0, 1)}; };
  tracing::Options options;
  options.name = "classify";
  for (const auto& [name, tensor] : layer.named_parameters())
    options.state.push_back({graph::Slot::Kind::Parameter, name, tensor});
  const graph::Graph g = trace(run, {{"x", {{batch, 8}, DType::Float32}}}, options);
  EXPECT_EQ(graph::print(g),
            "graph classify\n"
            "input %x : (batch, 8) float32\n"
            "constant %2.0 : () float32 weak = 2.0\n"
            "constant %weight : (40, 8) float32 = @weight\n"
            "constant %bias : (40,) float32 = @bias\n"
            "%linear : (batch, 40) float32 = linear(%x, %weight, %bias)\n"
            "%mul : (batch, 40) float32 = mul(%linear, %2.0)\n"
            "%softmax : (batch, 40) float32 = softmax(%mul, dim=1)\n"
            "output %softmax\n");
  const Tensor x = random({3, 8});
  expect_equal(graph::interpret(g, {x}).outputs[0], run({x})[0], g);
}

TEST(TraceFunction, WritesInPlaceAreNewValues) {
  expect_same(
      [](const Tensors& in) -> Tensors {
        const Tensor x = in[0];
        const Tensor before = x + 1;
        x.add_(1).relu_();
        const Tensor after = x * 2;
        x.mul_(x);
        return {before, after, x};
      },
      {random({3, 4})});
}

TEST(TraceFunction, WritesThroughViewsReachEveryAlias) {
  expect_same(
      [](const Tensors& in) -> Tensors {
        const Tensor x = in[0], flat = x.view({24}), turned = x.transpose(0, 1), row = x.select(0, 1);
        index_put_(x, {Slice(1), None}, Tensor(7.0));
        return {flat + 0, turned * 1, row * 1};
      },
      {random({2, 3, 4})});
  expect_same(
      [](const Tensors& in) -> Tensors {
        const Tensor x = in[0], y = in[1];
        const Tensor corner = x.transpose(0, 1).slice(0, 1, 4, 2).narrow(1, 0, 2);
        corner.add_(1.5);
        x.diagonal().zero_();
        x.unsqueeze(0).squeeze().permute({1, 0}).select(1, 1).copy_(y);
        x.unfold(0, 1, 2).mul_(3.0);
        x.slice(0, 0, 1).fill_(2.5);
        return {x, corner, x.sum()};
      },
      {random({4, 4}), random({4}, 2)});
}

TEST(TraceFunction, WritesCastToTheirDestination) {
  expect_same(
      [](const Tensors& in) -> Tensors {
        const Tensor x = in[0];
        x.add_(in[1]);
        x.select(0, 0).copy_(in[1].select(0, 1));
        return {x};
      },
      {random({2, 3}).to(DType::Float64), random({2, 3}, 2)});
}

TEST(TraceFunction, ScratchMemoryIsNoState) {
  const graph::Graph g = expect_same(
      [](const Tensors& in) -> Tensors {
        const Tensor sums = Tensor::empty({3}).fill_(0.0);
        sums.add_(in[0].sum(0));
        sums.slice(0, 1).mul_(2.0);
        return {sums};
      },
      {random({2, 3})});
  EXPECT_TRUE(g.slots.empty());
}

TEST(TraceFunction, WrittenStateIsASlotAndTheTensorStaysAsItIs) {
  nn::BatchNorm2d norm(3);
  const Tensor calls = zeros({}, DType::Int64);
  const Body run = [&](const Tensors& in) -> Tensors {
    calls.add_(1);
    return {norm(in[0]) * calls};
  };
  tracing::Options options;
  for (const auto& [name, tensor] : norm.named_parameters())
    options.state.push_back({graph::Slot::Kind::Parameter, name, tensor});
  for (const auto& [name, tensor] : norm.named_buffers())
    options.state.push_back({graph::Slot::Kind::Buffer, name, tensor});
  const Tensor x = random({4, 3, 2, 2});
  const graph::Graph g = trace(run, types_of({x}), options);
  EXPECT_EQ(calls.item<int64_t>(), 0);
  EXPECT_EQ(norm->num_batches_tracked.get().item<int64_t>(), 0);
  EXPECT_EQ(norm->running_mean.get().abs().sum().item<float>(), 0.0f);
  std::vector<std::string> slots;
  for (const graph::Slot& slot : g.slots) slots.push_back(slot.name);
  EXPECT_EQ(slots.size(), 4u) << graph::print(g);
  Tensors state;
  for (int call = 0; call < 2; ++call) {
    const graph::Interpreted found = graph::interpret(g, {x}, state);
    expect_equal(found.outputs[0], run({x})[0], g);
    state = found.state;
  }
  for (size_t i = 0; i < slots.size(); ++i) {
    if (slots[i] == "running_mean") expect_equal(state[i], norm->running_mean.get(), g);
    if (slots[i] == "num_batches_tracked") expect_equal(state[i], norm->num_batches_tracked.get(), g);
  }
}

TEST(TraceFunction, RandomOpsDrawFromASlot) {
  manual_seed(3);
  const Body run = [](const Tensors& in) -> Tensors { return {dropout(in[0], 0.5, true) + rand({4})}; };
  const Tensor x = random({3, 4});
  const graph::Graph g = trace(run, types_of({x}));
  ASSERT_EQ(g.slots.size(), 1u);
  EXPECT_EQ(g.slots[0].kind, graph::Slot::Kind::Generator);
  const graph::Interpreted found = graph::interpret(g, {x});
  expect_equal(found.outputs[0], run({x})[0], g);  // the default generator stood where the trace found it
}

TEST(TraceFunction, GradientsInsideAreTraced) {
  const Tensor w = random({4, 2}, 5).requires_grad_();
  expect_same(
      [&](const Tensors& in) -> Tensors {
        const Tensor x = in[0].detach().requires_grad_();
        const Tensor loss = cross_entropy(matmul(tanh(x), w), in[1]);
        const Tensors first = grad({loss}, {x, w}, {}, {.create_graph = true});
        return {loss, first[0], first[1], grad({first[1].pow(2).sum()}, {x})[0]};
      },
      {random({3, 4}), Tensor::of<int64_t>({0, 1, 1})});
}

TEST(TraceFunction, ATrainingStepUpdatesItsParameters) {
  nn::Linear layer(3, 2);
  tracing::Options options;
  for (const auto& [name, tensor] : layer.named_parameters())
    options.state.push_back({graph::Slot::Kind::Parameter, name, tensor});
  const Body step = [&](const Tensors& in) -> Tensors {
    const Tensor loss = layer(in[0]).pow(2).mean();
    const Tensors parameters = layer.parameters(), gradients = grad({loss}, parameters);
    NoGrad off;
    for (size_t i = 0; i < parameters.size(); ++i) parameters[i].sub_(gradients[i] * 0.1);
    return {loss};
  };
  const Tensor x = random({5, 3});
  const Tensor before = clone(layer->weight.get().detach());
  const graph::Graph g = trace(step, types_of({x}), options);
  expect_equal(layer->weight.get(), before, g);
  Tensors state;
  for (int i = 0; i < 3; ++i) {
    const graph::Interpreted found = graph::interpret(g, {x}, state);
    expect_equal(found.outputs[0], step({x})[0], g);
    state = found.state;
  }
  ASSERT_EQ(g.slots.size(), 2u);
  EXPECT_EQ(g.slots[0].name, "weight");
  expect_equal(state[0], layer->weight.get(), g);
  expect_equal(state[1], layer->bias.get(), g);
}

TEST(TraceFunction, BackwardLeavesNoTracedGradientBehind) {
  nn::Linear layer(3, 2);
  tracing::Options options;
  for (const auto& [name, tensor] : layer.named_parameters())
    options.state.push_back({graph::Slot::Kind::Parameter, name, tensor});
  const graph::Graph g = trace(
      [&](const Tensors& in) -> Tensors {
        layer(in[0]).sum().backward();
        return {layer->weight.get().grad()};
      },
      types_of({random({2, 3})}), options);
  EXPECT_FALSE(layer->weight.get().grad().defined());
}

TEST(TraceFunction, SizesThatDependOnDataAreUnknown) {
  const Tensor x = random({4, 4});
  const graph::Graph g = expect_same(
      [](const Tensors& in) -> Tensors {
        return {in[0].masked_select(in[0] > 0.0) * 2, nonzero(in[0] > 0.0)};
      },
      {x});
  EXPECT_TRUE(g[g.outputs[0]].spec.shape[0].is_symbolic());
}

TEST(TraceFunction, CodeThatLooksAtValuesIsAnError) {
  const auto traced = [](const Body& run) { return trace(run, {{"x", {{3}, DType::Float32}}}); };
  EXPECT_THROW(traced([](const Tensors& in) -> Tensors { return {in[0] * in[0].sum().item<float>()}; }), TraceError);
  EXPECT_THROW(traced([](const Tensors& in) -> Tensors {
                 in[0].data<float>()[0] = 1;
                 return in;
               }),
               TraceError);
  EXPECT_THROW(traced([](const Tensors&) -> Tensors { return {}; }), TraceError);
  Tensor escaped;
  traced([&](const Tensors& in) -> Tensors { return {escaped = in[0] + 1}; });
  EXPECT_THROW(traced([&](const Tensors& in) -> Tensors { return {in[0] + escaped}; }), TraceError);
  EXPECT_THROW(escaped + 1, DTypeError);
  EXPECT_NE(escaped.str().find("(3,) float32"), std::string::npos);
}

}  // namespace
