// Plans of graphs: what runs, where values lie, and how small the arena is.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include <tenon/graph/builder.h>
#include <tenon/graph/plan.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/records.h>

namespace {

using namespace tenon;
using namespace tenon::graph;
using exec::Plan;

const Dim kBatch = Dim::symbol("batch");

// One line per step: "relu(linear@1) -> relu@1", with the storage after the @.
std::string steps(const Plan& plan) {
  const auto named = [&](exec::Index v) {
    if (v == exec::kNone) return std::string("-");
    const exec::Value& value = plan.values[static_cast<size_t>(v)];
    return text(value.name, "@", value.storage);
  };
  std::string out;
  for (const exec::Step& step : plan.steps) {
    static constexpr const char* kKinds[] = {"", "view ", "copy "};
    out += text(kKinds[static_cast<int>(step.kind)], plan.ops[static_cast<size_t>(step.op)].name, "(");
    for (size_t i = 0; i < step.inputs.size(); ++i) out += text(i ? ", " : "", named(step.inputs[i]));
    out += ") ->";
    for (exec::Index v : step.outputs) out += text(" ", named(v));
    out += "\n";
  }
  return out;
}
exec::Storage::Kind kind_of(const Plan& plan, exec::Index value) {
  const exec::Value& v = plan.values[static_cast<size_t>(value)];
  return plan.storages[static_cast<size_t>(v.storage)].kind;
}

TEST(Plan, ElementwiseOpsWriteOverWhatIsNotReadAgain) {
  Builder b;
  const ValueId x = b.input("x", {4, 3}), w = b.constant(ones({5, 3}), "w");
  const ValueId h = b.call(Linear{}, {x, w, kNone});
  const ValueId r = b.call(Relu{}, {h});
  const ValueId s = b.call(Mul{}, {b.call(Sigmoid{}, {r}), r});
  b.output(b.call(Add{}, {s, b.number(1.0)}));
  const Graph graph = b.build();
  const Plan p = plan(graph);
  EXPECT_EQ(steps(p),
            "linear(x@0, w@1, -) -> linear@2\n"
            "relu(linear@2) -> relu@2\n"
            "sigmoid(relu@2) -> sigmoid@3\n"
            "mul(sigmoid@3, relu@2) -> mul@3\n"
            "add(mul@3, 1.0@4) -> add@3\n");
  EXPECT_EQ(kind_of(p, p.outputs[0]), exec::Storage::Kind::Output);
  EXPECT_EQ(p.placement, std::vector<exec::Index>{2});
}

TEST(Plan, DoesNotWriteOverWhatAViewStillShows) {
  Builder b;
  const ValueId x = b.input("x", {3, 3});
  const ValueId y = b.call(Exp{}, {x});
  const ValueId t = b.call(Transpose{{}, 0, 1}, {y});
  b.output(b.call(Add{}, {y, t}));  // y dies here, but t shows other elements of it
  const ValueId z = b.call(Exp{}, {x});
  const ValueId row = b.call(Select{{}, 0, 1}, {z});
  b.output(b.call(Neg{}, {z}));
  b.output(row);
  const Graph graph = b.build();
  const Plan p = plan(graph);
  EXPECT_EQ(steps(p),
            "exp(x@0) -> exp@1\n"
            "view transpose(exp@1) -> transpose@1\n"
            "add(exp@1, transpose@1) -> add@2\n"
            "exp(x@0) -> exp_1@3\n"
            "view select(exp_1@3) -> select@3\n"
            "neg(exp_1@3) -> neg@4\n");
  const exec::Value& row_value = p.values[static_cast<size_t>(p.outputs[2])];
  EXPECT_EQ(p.sizes[static_cast<size_t>(row_value.offset)].value, 3);
}

TEST(Plan, AViewOfNoStridesGetsACopyFirst) {
  Builder b;
  const ValueId x = b.input("x", {2, 3});
  const ValueId t = b.call(Transpose{{}, 0, 1}, {x});
  b.output(b.call(ViewShape{{}, {6}}, {t}));
  const Graph graph = b.build();
  const Plan p = plan(graph);
  EXPECT_EQ(steps(p),
            "view transpose(x@0) -> transpose@0\n"
            "copy clone(transpose@0) -> transpose_copy@1\n"
            "view view(transpose_copy@1) -> view@1\n");
  EXPECT_EQ(kind_of(p, p.outputs[0]), exec::Storage::Kind::Output);
}

TEST(Plan, StateIsWrittenInPlaceWhereTheOldValueIsNotRead) {
  for (const bool read_later : {false, true}) {
    Builder b;
    const ValueId x = b.input("x", {4, 2}), mean = b.slot(Slot::Kind::Buffer, "mean", zeros({2})),
                  var = b.slot(Slot::Kind::Buffer, "var", ones({2}));
    const auto out = b.call_all(BatchNormTraining{}, {x, mean, var, kNone, kNone});
    b.update(mean, out[3]);
    b.update(var, out[4]);
    b.output(out[0]);
    if (read_later) b.output(b.call(Neg{}, {mean}));
    const Graph graph = b.build();
    const Plan p = plan(graph);
    if (!read_later) {
      EXPECT_EQ(steps(p),
                "_batch_norm_training(x@0, mean@1, var@2, -, -) -> batch_norm_training@3 batch_norm_training_mean@4 "
                "batch_norm_training_invstd@5 mean_1@1 var_1@2\n");
    } else {
      EXPECT_EQ(steps(p),
                "copy clone(mean@1) -> mean_copy@3\n"
                "_batch_norm_training(x@0, mean_copy@3, var@2, -, -) -> batch_norm_training@4 "
                "batch_norm_training_mean@5 batch_norm_training_invstd@6 mean_1@3 var_1@2\n"
                "neg(mean@1) -> neg@7\n");
    }
    EXPECT_EQ(p.slots[0].updated, p.steps[read_later ? 1 : 0].outputs[3]);
  }
}

TEST(Plan, StateThatAFunctionDoesNotChangeStays) {
  Builder b;
  const ValueId x = b.input("x", {4, 2}), mean = b.slot(Slot::Kind::Buffer, "mean", zeros({2})),
                var = b.slot(Slot::Kind::Buffer, "var", ones({2}));
  b.output(b.call(BatchNormTraining{}, {x, mean, var, kNone, kNone}));  // nobody takes the new statistics
  const Graph graph = b.build();
  const Plan p = plan(graph);
  EXPECT_EQ(std::count_if(p.steps.begin(), p.steps.end(),
                          [](const exec::Step& s) { return s.kind == exec::Step::Kind::Copy; }),
            2);
}

TEST(Plan, NumbersBesideDoublesKeepAllTheirDigits) {
  Builder b;
  const ValueId x = b.input("x", {2}, DType::Float64), y = b.input("y", {2});
  const ValueId tenth = b.number(0.1);
  b.output(b.call(Mul{}, {x, tenth}));
  b.output(b.call(Mul{}, {y, tenth}));
  const Graph graph = b.build();
  const Plan p = plan(graph);
  ASSERT_EQ(p.constants.size(), 1u);
  const exec::Value& wide = p.values[static_cast<size_t>(p.steps[0].inputs[1])];
  const exec::Value& narrow = p.values[static_cast<size_t>(p.steps[1].inputs[1])];
  EXPECT_EQ(wide.dtype, DType::Float64);
  EXPECT_EQ(narrow.dtype, DType::Float32);
  EXPECT_TRUE(wide.weak && narrow.weak);
  const auto offset = static_cast<size_t>(p.sizes[static_cast<size_t>(wide.offset)].value);
  EXPECT_EQ(static_cast<const double*>(p.constants[0].data)[offset], 0.1);
  EXPECT_EQ(static_cast<const float*>(p.constants[0].data)[p.sizes[static_cast<size_t>(narrow.offset)].value], 0.1f);
}

TEST(Plan, SizesAreExpressionsOfTheBatch) {
  Builder b;
  const ValueId x = b.input("x", {kBatch, 3}), w = b.constant(ones({5, 3}), "w");
  b.output(b.call(Linear{}, {x, w, kNone}));
  const Graph graph = b.build();
  const Plan p = plan(graph);
  ASSERT_EQ(p.symbols.size(), 1u);
  EXPECT_EQ(p.symbols[0].name, "batch");
  EXPECT_EQ(p.symbols[0].value, p.inputs[0]);
  EXPECT_EQ(p.symbols[0].axis, 0);
}

TEST(Plan, ViewsOfUnknownSizes) {
  Builder b;
  const ValueId x = b.input("x", {kBatch, 4, 3});
  const ValueId flat = b.call(ViewShape{{}, {kBatch, 12}}, {x});
  const ValueId last = b.call(Select{{}, 0, -1}, {flat});
  b.output(b.call(Exp{}, {b.call(Transpose{{}, 0, 1}, {flat})}));
  b.output(last);
  const Graph graph = b.build();
  const Plan p = plan(graph);
  EXPECT_EQ(steps(p),
            "view view(x@0) -> view@0\n"
            "view select(view@0) -> select@0\n"
            "view transpose(view@0) -> transpose@0\n"
            "exp(transpose@0) -> exp@1\n");
}

TEST(Plan, OpsThatAgreeShareTheirAttributes) {
  Builder b;
  ValueId x = b.input("x", {4, 3});
  for (int i = 0; i < 3; ++i) x = b.call(Softmax{1, {}}, {x});
  b.output(b.call(Softmax{0, {}}, {x}));
  const Graph graph = b.build();
  EXPECT_EQ(plan(graph).ops.size(), 2u);
}

TEST(Plan, RefusesWhatCannotRun) {
  Builder b;
  b.at({"model.py", "forward", 7});
  const ValueId x = b.input("x", {4, 3});
  const Flatten record;
  b.output(b.call(op<Flatten>(), &record, {x}, {Spec{{12}, DType::Float32, {}, false}})[0]);
  const Graph graph = b.build();
  try {
    plan(graph);
    FAIL();
  } catch (const ValueError& e) {
    EXPECT_STREQ(e.what(),
                 "plan: 'forward': %flatten = flatten, at model.py:7: it is a composite; expand() the graph before "
                 "planning");
  }
}

// ---- the arena ----

struct Arena {
  int64_t bytes = 0, live = 0;
};

// First-fit in the plan's order, by its definition.
Arena measure(const Plan& p, int64_t batch) {
  std::vector<int64_t> sizes;
  for (const exec::Size& s : p.sizes) {
    const auto a = [&] { return sizes[static_cast<size_t>(s.a)]; };
    const auto b = [&] { return sizes[static_cast<size_t>(s.b)]; };
    switch (s.kind) {
      case exec::Size::Kind::Constant:
        sizes.push_back(s.value);
        break;
      case exec::Size::Kind::Symbol:
        sizes.push_back(batch);
        break;
      case exec::Size::Kind::Add:
        sizes.push_back(a() + b());
        break;
      case exec::Size::Kind::Multiply:
        sizes.push_back(a() * b());
        break;
      default:
        ADD_FAILURE() << "unexpected size";
        sizes.push_back(0);
    }
  }
  struct Piece {
    exec::Index first, last;
    int64_t begin, end;
  };
  std::vector<Piece> placed;
  std::vector<int64_t> live(p.steps.size() + 1);
  Arena out;
  for (const exec::Index i : p.placement) {
    const exec::Storage& s = p.storages[static_cast<size_t>(i)];
    const int64_t bytes = (sizes[static_cast<size_t>(s.bytes)] + 63) / 64 * 64;
    int64_t begin = 0;
    for (bool moved = true; moved;) {
      moved = false;
      for (const Piece& other : placed) {
        const bool together = other.first <= s.last && s.first <= other.last;
        if (together && begin < other.end && other.begin < begin + bytes) begin = other.end, moved = true;
      }
    }
    placed.push_back({s.first, s.last, begin, begin + bytes});
    out.bytes = std::max(out.bytes, begin + bytes);
    for (exec::Index t = s.first; t <= s.last; ++t)
      out.live = std::max(out.live, live[static_cast<size_t>(t)] += bytes);
  }
  return out;
}
void expect_tight(const Graph& graph, const char* name) {
  const Plan p = plan(graph);
  for (const int64_t batch : {1, 16, 64}) {
    const Arena arena = measure(p, batch);
    EXPECT_LE(static_cast<double>(arena.bytes), 1.15 * static_cast<double>(arena.live))
        << name << " at batch " << batch;
  }
}

ValueId conv(Builder& b, ValueId x, int64_t out, int64_t stride = 1) {
  const int64_t in = b.spec(x).shape[1].value();
  Convolution record;
  record.stride = {stride, stride};
  record.padding = record.padding_end = {1, 1};
  record.dilation = {1, 1};
  return b.call(record, {x, b.constant(zeros({out, in, 3, 3}), "weight"), kNone});
}
ValueId conv_relu(Builder& b, ValueId x, int64_t out, int64_t stride = 1) {
  return b.call(Relu{}, {conv(b, x, out, stride)});
}
ValueId pooled(Builder& b, ValueId x) {
  MaxPool record;
  record.kernel_size = record.stride = {2, 2};
  record.padding = {0, 0};
  record.dilation = {1, 1};
  return b.call(record, {x});
}

TEST(Arena, IsSmallForAPerceptron) {
  Builder b;
  ValueId x = b.input("x", {kBatch, 784});
  int64_t width = 784;
  for (const int64_t next : {256, 128, 512, 64, 10}) {
    x = b.call(Relu{}, {b.call(Linear{}, {x, b.constant(zeros({next, width}), "w"), kNone})});
    width = next;
  }
  b.output(b.call(Softmax{1, {}}, {x}));
  expect_tight(b.build(), "perceptron");
}

TEST(Arena, IsSmallForTheDigits) {
  Builder b;
  ValueId x = pooled(b, conv_relu(b, b.input("x", {kBatch, 1, 28, 28}), 16));
  x = pooled(b, conv_relu(b, x, 32));
  b.output(x);
  expect_tight(b.build(), "digits");
}

TEST(Arena, IsSmallForResiduals) {
  Builder b;
  ValueId x = conv_relu(b, b.input("x", {kBatch, 3, 32, 32}), 16);
  for (const int64_t width : {16, 32, 64}) {
    const int64_t stride = width == 16 ? 1 : 2;
    const ValueId skip = stride == 1 ? x : conv(b, x, width, stride);
    const ValueId y = conv(b, conv_relu(b, x, width, stride), width);
    x = b.call(Relu{}, {b.call(Add{}, {y, skip})});
  }
  b.output(x);
  expect_tight(b.build(), "residuals");
}

TEST(Arena, IsSmallForAUNet) {
  Builder b;
  ValueId x = b.input("x", {kBatch, 3, 64, 64});
  std::vector<ValueId> skips;
  for (const int64_t width : {16, 32, 64}) {
    x = conv_relu(b, conv_relu(b, x, width), width);
    skips.push_back(x);
    x = pooled(b, x);
  }
  x = conv_relu(b, x, 128);
  for (const int64_t width : {64, 32, 16}) {
    const Shape shape = b.spec(x).shape;
    ConvolutionInputGradient up;
    up.sizes = {shape[2] * Dim(2), shape[3] * Dim(2)};
    up.stride = {2, 2};
    up.padding = up.padding_end = {0, 0};
    up.dilation = {1, 1};
    x = b.call(up, {x, b.constant(zeros({2 * width, width, 2, 2}), "up")});
    const Cat cat{1};
    x = b.call(op<Cat>(), &cat, {x, skips.back()})[0];
    skips.pop_back();
    x = conv_relu(b, conv_relu(b, x, width), width);
  }
  b.output(x);
  expect_tight(b.build(), "u-net");
}

TEST(Arena, IsSmallForGraphsAtRandom) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](size_t n) { return static_cast<size_t>(random() % n); };
    Builder b;
    std::vector<ValueId> made{b.input("x", {kBatch, 64})};
    for (int i = 0; i < 60; ++i) {
      const ValueId x = made[made.size() - 1 - below(std::min<size_t>(made.size(), 6))];
      const auto width = static_cast<int64_t>(32 << below(5));
      const ValueId w = b.constant(zeros({width, b.spec(x).shape[1]}), "w");
      made.push_back(b.call(Linear{}, {x, w, kNone}));
    }
    for (size_t i = 0; i < 3; ++i) b.output(made[made.size() - 1 - i]);
    expect_tight(b.build(), text("random ", seed).c_str());
  }
}

}  // namespace
