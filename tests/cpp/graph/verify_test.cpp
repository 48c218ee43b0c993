// What the builder makes is a graph, and what is broken is refused by name.
#include <gtest/gtest.h>

#include <functional>

#include <tenon/core/generator.h>
#include <tenon/graph/builder.h>
#include <tenon/graph/interpret.h>
#include <tenon/graph/verify.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/records.h>

namespace {

using namespace tenon;
using namespace tenon::graph;

Graph perceptron() {
  Builder b;
  const ValueId x = b.input("x", {2, 3});
  const ValueId w = b.constant(ones({4, 3}), "weight");
  b.at({"model.py", "forward", 12});
  const ValueId h = b.call(Linear{}, {x, w, kNone});
  b.output(b.call(Relu{}, {b.call(Mul{}, {h, b.number(2.0)})}));
  return b.build();
}

std::string refusal(const Graph& graph) {
  try {
    verify(graph);
  } catch (const ValueError& e) {
    return e.what();
  }
  return "";
}

std::string broken(const std::function<void(Graph&)>& damage) {
  Graph graph = perceptron();
  damage(graph);
  return refusal(graph);
}

TEST(Builder, NamesValuesByTheirOps) {
  Builder b;
  const ValueId x = b.input("x", {2, 2});
  const ValueId y = b.call(Relu{}, {b.call(Relu{}, {x})});
  EXPECT_EQ(b.graph()[y].name, "relu_1");
  EXPECT_EQ(b.graph()[b.number(2.0)].name, "2.0");
  EXPECT_EQ(b.graph()[b.number(true)].name, "True");
}

TEST(Builder, KeepsAConstantOnce) {
  Builder b;
  const ValueId a = b.constant(ones({3}), "a");
  EXPECT_EQ(b.constant(ones({3}), "b"), a);
  EXPECT_NE(b.constant(zeros({3}), "c"), a);
  EXPECT_NE(b.constant(ones({1, 3}), "d"), a);
  EXPECT_EQ(b.number(2), b.number(2));
  EXPECT_NE(b.number(2), b.number(2.0));
}

TEST(Interpreter, RunsNodeByNode) {
  const Graph graph = perceptron();
  const Tensor y = interpret(graph, {ones({2, 3})}).outputs.at(0);
  EXPECT_EQ(y.str(), full({2, 4}, 6.0).str());
}

TEST(Interpreter, StateGoesInAndComesOut) {
  Builder b;
  const ValueId x = b.input("x", {4, 2}), mean = b.slot(Slot::Kind::Buffer, "bn.running_mean", zeros({2})),
                var = b.slot(Slot::Kind::Buffer, "bn.running_var", ones({2}));
  const auto out = b.call_all(BatchNormTraining{}, {x, mean, var, kNone, kNone});
  ASSERT_EQ(out.size(), 5u);
  b.update(mean, out[3]);
  b.update(var, out[4]);
  b.output(out[0]);
  const Graph graph = b.build();
  const Tensor in = arange(8.0).reshape({4, 2});
  const Interpreted result = interpret(graph, {in});
  Tensor running_mean = zeros({2}), running_var = ones({2});
  const Tensor expected = batch_norm(in, running_mean, running_var, {}, {}, true);
  EXPECT_TRUE(same_data(result.outputs[0], expected));
  EXPECT_TRUE(same_data(result.state[0], running_mean));
  EXPECT_TRUE(same_data(result.state[1], running_var));
  EXPECT_TRUE(same_data(graph.slots[0].initial, zeros({2}))) << "the initial state is not written";
}

TEST(Interpreter, RandomOpsDrawFromTheirSlot) {
  Generator generator(7);
  Tensor state = Tensor::empty({Dim(Generator::kStateBytes)}, DType::UInt8);
  generator.get_state(static_cast<uint8_t*>(state.data_ptr()));
  Builder b;
  b.draw_from(b.generator("generator", state));
  Rand record;
  record.size = {3};
  b.output(b.call(record, {}));
  const Graph graph = b.build();
  const Interpreted first = interpret(graph, {});
  const Interpreted second = interpret(graph, {}, first.state);
  const auto handle = std::make_shared<Generator>(7);
  EXPECT_TRUE(same_data(first.outputs[0], rand({3}, handle)));
  EXPECT_TRUE(same_data(second.outputs[0], rand({3}, handle)));
}

TEST(Interpreter, BindsTheSizesOfACall) {
  Builder b;
  const ValueId x = b.input("x", {Dim::symbol("batch"), 2});
  b.output(b.call(ViewShape{{}, {Dim::symbol("batch"), 2, 1}}, {x}));
  const Graph graph = b.build();
  EXPECT_EQ(interpret(graph, {ones({5, 2})}).outputs[0].shape(), (Shape{5, 2, 1}));
  EXPECT_THROW(interpret(graph, {ones({5, 3})}), ShapeError);
  EXPECT_THROW(interpret(graph, {}), ValueError);
}

TEST(Graph, EqualityIsByNames) {
  EXPECT_TRUE(perceptron() == perceptron());
  Graph other = perceptron();
  other.values.back().name = "result";
  EXPECT_FALSE(perceptron() == other);
  other = perceptron();
  other.constants[0].data = zeros({4, 3});
  EXPECT_FALSE(perceptron() == other);
}

TEST(Verify, SizesComeFromInputsAndFromData) {
  const Dim n = Dim::symbol("n");
  Builder b;
  b.input("pairs", {n * Dim(2)});
  b.output(b.call(Nonzero{}, {b.input("x", {n})}));
  EXPECT_NO_THROW(b.build());
  Builder unknown;
  unknown.output(unknown.call(Relu{}, {unknown.input("x", {n * Dim(2)})}));
  EXPECT_THROW(unknown.build(), ValueError);
}

TEST(Verify, SaysWhatIsBroken) {
  EXPECT_EQ(refusal(perceptron()), "");
  struct Case {
    const char* expected;
    std::function<void(Graph&)> damage;
  };
  const Case cases[] = {
      {"two values are named %linear", [](Graph& g) { g.values.back().name = "linear"; }},
      {"value 0 has no name", [](Graph& g) { g.values[0].name = ""; }},
      {"there is no value 99", [](Graph& g) { g.outputs[0] = 99; }},
      {"there is no value -7", [](Graph& g) { g.nodes[0].inputs[0] = -7; }},
      {"uses value %relu before it is made", [](Graph& g) { g.nodes[0].inputs[0] = g.nodes[2].outputs[0]; }},
      {"is made twice", [](Graph& g) { g.inputs.push_back(g.inputs[0]); }},
      {"uses value %linear before it is made", [](Graph& g) { std::swap(g.nodes[0], g.nodes[1]); }},
      {"whose producer is said to be node 7", [](Graph& g) { g[g.nodes[0].outputs[0]].producer = 7; }},
      {"value %loose is made by nothing",
       [](Graph& g) {
         g.values.push_back({"loose", {}, kNone});
       }},
      {"has 2 inputs, but linear(input, weight, bias=None) takes 3", [](Graph& g) { g.nodes[0].inputs.pop_back(); }},
      {"input weight is required", [](Graph& g) { g.nodes[0].inputs[1] = kNone; }},
      {"node 0 (linear, which makes %linear) at model.py:12: linear: inner dimensions differ",
       [](Graph& g) {
         std::swap(g.nodes[0].inputs[0], g.nodes[0].inputs[1]), g[g.inputs[0]].spec.shape = {2, 5};
       }},
      {"value %linear is (2, 4) float64, but the op makes (2, 4) float32",
       [](Graph& g) { g[g.nodes[0].outputs[0]].spec.dtype = DType::Float64; }},
      {"has 0 outputs instead of 1", [](Graph& g) { g.nodes[2].outputs.clear(); }},
      {"its attributes are of another op", [](Graph& g) { g.nodes[0].record = Record(op<Relu>()); }},
      {"only random ops draw from a slot",
       [](Graph& g) {
         g.slots.push_back({Slot::Kind::Generator, "generator", kNone, kNone, {}});
         g.nodes[0].generator = 0;
       }},
      {"there is no slot 3", [](Graph& g) { g.nodes[0].generator = 3; }},
      {"but its data is (4, 2) float32",
       [](Graph& g) {
         g.constants[0].data = ones({4, 2});
       }},
      {"constant %weight has no data", [](Graph& g) { g.constants[0].data = {}; }},
      {"the size rows is no dimension of an input",
       [](Graph& g) { g.conditions.emplace_back(Dim::symbol("rows"), 3); }},
      {"slot 'state': has the size rows",
       [](Graph& g) {
         g.values.push_back({"state", {{Dim::symbol("rows")}, DType::Float32, {}, false}, kNone});
         g.slots.push_back({Slot::Kind::Buffer, "state", static_cast<ValueId>(g.values.size() - 1), kNone, {}});
       }},
      {"node 0 has no op", [](Graph& g) { g.nodes[0].op = nullptr; }},
  };
  for (const Case& c : cases) {
    const std::string said = broken(c.damage);
    EXPECT_NE(said.find(c.expected), std::string::npos) << "expected: " << c.expected << "\nsaid: " << said;
  }
}

}  // namespace
