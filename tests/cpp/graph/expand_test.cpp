// Composites in a graph become primitives, which plans can run.
#include <gtest/gtest.h>

#include <tenon/core/generator.h>
#include <tenon/graph/builder.h>
#include <tenon/graph/expand.h>
#include <tenon/graph/interpret.h>
#include <tenon/graph/text.h>
#include <tenon/graph/verify.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/records.h>

namespace {

using namespace tenon;
using namespace tenon::graph;

Tensor random_tensor(const Shape& shape, uint64_t seed) {
  return randn(Dims(shape), std::make_shared<Generator>(seed));
}
Spec typed(const Shape& shape, DType dtype = DType::Float32) { return {shape, dtype, {}, false}; }

void expect_same(const Graph& graph, const std::vector<Tensor>& inputs) {
  const Graph expanded = expand(graph);
  verify(expanded);
  for (const Node& node : expanded.nodes) EXPECT_TRUE(is_primitive(*node.op)) << print(expanded, node);
  const Interpreted before = interpret(graph, inputs), after = interpret(expanded, inputs);
  for (size_t i = 0; i < before.outputs.size(); ++i)
    EXPECT_TRUE(same_data(before.outputs[i].contiguous(), after.outputs[i].contiguous())) << print(expanded);
  for (size_t i = 0; i < before.state.size(); ++i) EXPECT_TRUE(same_data(before.state[i], after.state[i]));
}

TEST(Expand, AConvolutionalNetwork) {
  Builder b;
  const ValueId x = b.input("x", {2, 3, 8, 8});
  Conv2d conv;
  conv.padding = {1, 1};
  ValueId y = b.call(op<Conv2d>(), &conv, {x, b.constant(random_tensor({4, 3, 3, 3}, 1), "w"), kNone},
                     {typed({2, 4, 8, 8})})[0];
  const BatchNorm norm;
  y = b.call(op<BatchNorm>(), &norm, {y, b.constant(zeros({4}), "mean"), b.constant(ones({4}), "var"), kNone, kNone},
             {typed({2, 4, 8, 8})})[0];
  MaxPoolNd<2> pool;
  pool.kernel_size = {2, 2};
  y = b.call(op<MaxPoolNd<2>>(), &pool, {y}, {typed({2, 4, 4, 4})})[0];
  const Dropout dropout{0.5, false, false};
  y = b.call(op<Dropout>(), &dropout, {y}, {typed({2, 4, 4, 4})})[0];
  const Flatten flatten{1, -1};
  b.output(b.call(op<Flatten>(), &flatten, {y}, {typed({2, 64})})[0]);
  expect_same(b.build(), {random_tensor({2, 3, 8, 8}, 2)});
}

TEST(Expand, ListsAndRandomParts) {
  Tensor state = Tensor::empty({Dim(Generator::kStateBytes)}, DType::UInt8);
  Generator(7).get_state(static_cast<uint8_t*>(state.data_ptr()));
  Builder b;
  const ValueId x = b.input("x", {4, 3});
  const SplitSize split{2, 0};
  const auto parts = b.call(op<SplitSize>(), &split, {x}, {typed({2, 3}), typed({2, 3})});
  b.draw_from(b.generator("g", state));
  const Dropout dropout{0.5, true, false};
  b.output(b.call(op<Dropout>(), &dropout, {parts[1]}, {typed({2, 3})})[0]);
  b.output(parts[0]);
  const Graph expanded = expand(b.graph());
  verify(expanded);
  const Tensor in = random_tensor({4, 3}, 1);
  const Interpreted result = interpret(expanded, {in});
  EXPECT_TRUE(same_data(result.outputs[1].contiguous(), in.narrow(0, 0, 2).contiguous()));
  const auto generator = std::make_shared<Generator>(7);
  EXPECT_TRUE(same_data(result.outputs[0], _dropout(in.narrow(0, 2, 2), 0.5, generator)));
}

TEST(Expand, StateIsWrittenByParts) {
  Builder b;
  const ValueId x = b.input("x", {4, 2}), mean = b.constant(zeros({2}), "mean"), var = b.constant(ones({2}), "var");
  BatchNorm norm;
  norm.training = true;
  b.output(b.call(op<BatchNorm>(), &norm, {x, mean, var, kNone, kNone}, {typed({4, 2})})[0]);
  const Graph expanded = expand(b.graph());
  verify(expanded);
  EXPECT_STREQ(expanded.nodes.at(0).op->name, "_batch_norm_training");
}

TEST(Expand, SaysWhatItCannotTakeApart) {
  Builder b;
  b.at({"model.py", "forward", 3});
  const ValueId x = b.input("x", {4, 2});
  const Dropout dropout{0.5, true, false};
  b.output(b.call(op<Dropout>(), &dropout, {x}, {typed({4, 2})})[0]);
  try {
    expand(b.graph());
    FAIL();
  } catch (const ValueError& e) {
    EXPECT_STREQ(e.what(),
                 "expand: 'forward': %dropout = dropout, at model.py:3: it draws random numbers and has no "
                 "generator's slot");
  }
}

}  // namespace
