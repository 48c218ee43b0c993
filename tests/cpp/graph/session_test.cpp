// Plans in sessions compute what the graph means, bit for bit.
#include <gtest/gtest.h>

#include <random>

#include <tenon/core/generator.h>
#include <tenon/exec/session.h>
#include <tenon/graph/builder.h>
#include <tenon/graph/interpret.h>
#include <tenon/graph/passes.h>
#include <tenon/graph/plan.h>
#include <tenon/graph/text.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/records.h>

namespace {

using namespace tenon;
using namespace tenon::graph;

class Runner {
 public:
  explicit Runner(const Graph& graph) : graph_(graph), plan_(plan(graph)) {
    const exec::Status status = exec::Session::create(plan_, registry(), {}, session_);
    EXPECT_TRUE(status.ok()) << status.text << "\n" << print(graph);
  }
  exec::Session& session() { return *session_; }

  // One call in the session, and in the interpreter, which goes on with its own state.
  void expect_same(const std::vector<Tensor>& inputs) {
    std::vector<View> views;
    for (const Tensor& x : inputs) views.push_back(x.impl()->view());
    const exec::Status status = session_->run(views.data(), static_cast<int>(views.size()));
    ASSERT_TRUE(status.ok()) << status.text << "\n" << print(graph_);
    const Interpreted expected = interpret(graph_, inputs, state_);
    state_ = expected.state;
    for (size_t i = 0; i < expected.outputs.size(); ++i) {
      const View& out = session_->output(static_cast<int>(i));
      expect_bytes(out.data, expected.outputs[i].contiguous(), text("output ", i));
      EXPECT_EQ(Shape(out.sizes, out.sizes + out.ndim), expected.outputs[i].shape());
    }
    for (size_t i = 0; i < graph_.slots.size(); ++i) {
      const std::string& name = graph_.slots[i].name;
      size_t size = 0;
      ASSERT_TRUE(session_->slot_bytes(name, size).ok());
      std::vector<char> bytes(size);
      ASSERT_TRUE(session_->get_slot(name, bytes.data(), bytes.size()).ok());
      expect_bytes(bytes.data(), expected.state[i].contiguous(), name);
    }
  }

 private:
  void expect_bytes(const void* data, const Tensor& expected, const std::string& what) {
    const auto bytes = static_cast<size_t>(expected.numel() * expected.element_size());
    EXPECT_TRUE(bytes == 0 || std::memcmp(data, expected.data_ptr(), bytes) == 0) << what << "\n" << print(graph_);
  }

  const Graph& graph_;
  const exec::Plan plan_;
  std::unique_ptr<exec::Session> session_;
  std::vector<Tensor> state_;
};

Tensor random_tensor(const Shape& shape, uint64_t seed) {
  return randn(Dims(shape), std::make_shared<Generator>(seed));
}

void expect_session(const Graph& graph, int calls = 2) {
  Runner runner(graph);
  for (int call = 0; call < calls; ++call) {
    std::vector<Tensor> inputs;
    for (ValueId id : graph.inputs)
      inputs.push_back(random_tensor(graph[id].spec.shape, static_cast<uint64_t>(call) * 10 + inputs.size())
                           .to(graph[id].spec.dtype));
    runner.expect_same(inputs);
  }
}
void expect_session(const std::string& text) { expect_session(parse(text)); }

TEST(PlanInSession, ViewsAndCopies) {
  expect_session(
      "graph f\n"
      "input %x : (4, 6) float32\n"
      "%t : (6, 4) float32 = transpose(%x, dim0=0, dim1=1)\n"
      "%flat : (24,) float32 = view(%t, size=(24,))\n"
      "%exp : (6, 4) float32 = exp(%t)\n"
      "%row : (4,) float32 = select(%exp, dim=0, index=2)\n"
      "%rows : (3, 4) float32 = slice(%exp, start=1, end=6, step=2)\n"
      "%wide : (5, 4) float32 = expand(%row, size=(5, 4))\n"
      "%sum : (3, 4) float32 = add(%rows, %row)\n"
      "output %flat, %row, %rows, %wide, %sum, %x, %x, %exp\n");
}

TEST(PlanInSession, OutputsOfEveryKind) {
  expect_session(
      "graph f\n"
      "input %x : (2, 2) float32\n"
      "buffer b %b : (2,) float32 -> %new = [1.0, 2.0]\n"
      "buffer kept %kept : (2,) float32 = [3.0, 4.0]\n"
      "constant %c : (2,) float32 = [5.0, 6.0]\n"
      "constant %0.1 : () float32 weak = 0.1\n"
      "%new : (2,) float32 = add(%b, %kept)\n"
      "%y : (2, 2) float32 = mul(%x, %0.1)\n"
      "%z : (4,) float32 = view(%y, size=(4,))\n"
      "output %x, %b, %kept, %c, %0.1, %new, %y, %z, %y\n");
}

TEST(PlanInSession, StateIsWrittenInPlaceAndByCopies) {
  for (const bool read_later : {false, true}) {
    for (const bool updated : {false, true}) {
      Builder b;
      const ValueId x = b.input("x", {4, 2}), mean = b.slot(Slot::Kind::Buffer, "mean", zeros({2})),
                    var = b.slot(Slot::Kind::Buffer, "var", ones({2}));
      const auto first = b.call_all(BatchNormTraining{}, {x, mean, var, kNone, kNone});
      const auto second = b.call_all(BatchNormTraining{}, {first[0], first[3], first[4], kNone, kNone});
      if (updated) b.update(mean, second[3]), b.update(var, second[4]);
      b.output(second[0]);
      if (read_later) b.output(b.call(Add{}, {mean, first[3]}));
      expect_session(b.build(), 3);
    }
  }
}

TEST(PlanInSession, RandomOpsGoOnWhereTheyStopped) {
  Tensor state = Tensor::empty({Dim(Generator::kStateBytes)}, DType::UInt8);
  Generator(7).get_state(static_cast<uint8_t*>(state.data_ptr()));
  Builder b;
  const ValueId x = b.input("x", {3, 4});
  b.draw_from(b.generator("g", state));
  RandLike record;
  b.output(b.call(DropoutMasked{0.5, {}}, {x}));
  b.output(b.call(record, {x}));
  expect_session(b.build(), 3);
}

TEST(PlanInSession, NumbersAreWhatTheKernelsSeeInEagerCalls) {
  for (const char* dtype : {"float64", "float32", "float16", "int64"}) {
    expect_session(text("graph f\ninput %x : (3,) ", dtype,
                        "\nconstant %2 : () int64 weak = 2\n"
                        "constant %3 : () int64 weak = 3\n"
                        "%y : (3,) ",
                        dtype, " = mul(%x, %2)\n%z : (3,) ", dtype, " = add(%y, %3)\noutput %z\n"));
  }
  for (const char* dtype : {"float64", "float32", "float16"}) {
    expect_session(text("graph f\ninput %x : (3,) ", dtype,
                        "\nconstant %0.1 : () float32 weak = 0.1\n"
                        "%y : (3,) ",
                        dtype, " = mul(%x, %0.1)\n%z : (3,) ", dtype, " = div(%0.1, %y)\noutput %z\n"));
  }
}

TEST(PlanInSession, SizesThatDependOnData) {
  Builder b;
  const ValueId x = b.input("x", {5, 4});
  const ValueId mask = b.call(Gt{}, {x, b.number(0.0)});
  const ValueId places = b.call(Nonzero{}, {mask});
  b.output(places);
  b.output(b.call(Add{}, {places, b.number(1)}));
  b.output(b.call(Transpose{{}, 0, 1}, {places}));
  expect_session(b.build(), 4);
}

// One plan at several sizes.
TEST(PlanInSession, SizesOfEachCall) {
  const Dim batch = Dim::symbol("batch"), length = Dim::symbol("length");
  Builder b;
  const ValueId x = b.input("x", {batch, 4, length}), y = b.input("y", {length, 2});
  const ValueId rows = b.call(ViewShape{{}, {batch * Dim(4), length}}, {x});
  const ValueId product = b.call(Matmul{}, {rows, y});
  const ValueId linear = b.call(Linear{}, {product, b.constant(random_tensor({2, 2}, 3), "w"), kNone});
  const ValueId turned = b.call(Transpose{{}, 0, 1}, {linear});
  const ValueId flat = b.call(ViewShape{{}, {batch * Dim(8)}}, {turned});  // of a copy
  b.output(flat);
  b.output(b.call(SliceAlong{{}, 0, {}, {}, 2}, {flat}));
  b.output(b.call(Add{}, {product, linear}));
  const Graph graph = b.build();
  EXPECT_TRUE(parse(print(graph), [&] {
                TensorTable table;
                print(graph, &table);
                return table;
              }()) == graph);
  Runner runner(graph);
  for (const auto& [n, k] : {std::pair(1, 3), {5, 7}, {5, 7}, {2, 1}, {0, 3}, {9, 2}})
    runner.expect_same({random_tensor({n, 4, k}, 1), random_tensor({k, 2}, 2)});
}

// A network of all that a plan shares memory between, grown at random.
TEST(PlanInSession, GraphsAtRandom) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](size_t n) { return static_cast<size_t>(random() % n); };
    Builder b;
    std::vector<ValueId> made{b.input("x", {4, 4}), b.input("y", {4, 4}), b.constant(random_tensor({4, 4}, seed), "c"),
                              b.slot(Slot::Kind::Buffer, "s", random_tensor({4, 4}, seed + 1))};
    const ValueId state = made.back();
    const auto any = [&] { return made[made.size() - 1 - below(std::min<size_t>(made.size(), 7))]; };
    for (int i = 0; i < 40; ++i) {
      switch (below(12)) {
        case 0:
          made.push_back(b.call(Transpose{{}, 0, 1}, {any()}));
          break;
        case 1:
          made.push_back(b.call(ViewShape{{}, {4, 4}}, {b.call(ViewShape{{}, {2, 8}}, {any()})}));
          break;
        case 2:
          made.push_back(b.call(Expand{{}, {4, 4}}, {b.call(Select{{}, 0, 1}, {any()})}));
          break;
        case 3:
          made.push_back(b.call(Matmul{}, {any(), any()}));
          break;
        case 4:
          made.push_back(b.call(Softmax{1, {}}, {any()}));
          break;
        case 5:
          made.push_back(b.call(Mul{}, {any(), b.number(0.5)}));
          break;
        case 6: {
          const Cat record{0};
          const auto all = b.call(op<Cat>(), &record, {any(), any()});
          made.push_back(b.call(Narrow{{}, 0, 2, 4}, {all[0]}));
          break;
        }
        case 7:
          made.push_back(b.call(Clone{}, {any()}));
          break;
        case 8:
          made.push_back(b.call(Tanh{}, {any()}));
          break;
        default:
          made.push_back(b.call(Add{}, {any(), any()}));
      }
    }
    if (seed % 3 != 0) b.update(state, any());
    for (size_t i = 0; i < 3; ++i) b.output(any());
    const Graph graph = b.build();
    expect_session(graph);
    expect_session(optimize(graph, {.fusion = false}));
    const Interpreted before = interpret(graph, {random_tensor({4, 4}, 1), random_tensor({4, 4}, 2)});
    const Interpreted after =
        interpret(optimize(graph, {.fusion = false}), {random_tensor({4, 4}, 1), random_tensor({4, 4}, 2)});
    for (size_t i = 0; i < 3; ++i)
      EXPECT_TRUE(same_data(before.outputs[i].contiguous(), after.outputs[i].contiguous())) << print(graph);
  }
}

}  // namespace
