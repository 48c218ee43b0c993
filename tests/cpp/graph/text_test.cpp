// Graphs as text that parses back, for every op of the registry and every type of attribute.
#include <gtest/gtest.h>

#include <cmath>

#include <tenon/core/attributes.h>
#include <tenon/graph/builder.h>
#include <tenon/graph/text.h>
#include <tenon/graph/verify.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/records.h>

namespace {

using namespace tenon;
using namespace tenon::graph;

TEST(GraphText, ReadsLikeTheProgram) {
  Builder b;
  const Dim batch = Dim::symbol("batch");
  const ValueId x = b.input("x", {batch, 784});
  const ValueId w = b.constant(ones({10, 784}), "fc.weight");
  const ValueId bias = b.constant(Tensor::of<float>({0, 1, 2, 3, 4, -0.5f, 0.1f, 7}).slice(0, 0, 2), "fc.bias");
  const ValueId steps = b.slot(Slot::Kind::Buffer, "steps", zeros({1}, DType::Int64));
  b.at({"model.py", "forward", 12});
  const ValueId h = b.call(Linear{}, {x, w, kNone});
  b.at({"model.py", "", 13});
  const ValueId y = b.call(Softmax{1, {}}, {b.call(Mul{}, {h, b.number(0.1)})});
  b.at({});
  b.update(steps, b.call(Add{}, {steps, b.number(1)}));
  b.output(y);
  b.output(b.call(Relu{}, {bias}));
  const Graph graph = b.build();
  TensorTable table;
  const std::string said = print(graph, &table);
  EXPECT_EQ(said,
            "graph forward\n"
            "input %x : (batch, 784) float32\n"
            "buffer steps %steps : (1,) int64 -> %add = [0]\n"
            "constant %fc.weight : (10, 784) float32 = @fc.weight\n"
            "constant %fc.bias : (2,) float32 = [0.0, 1.0]\n"
            "constant %0.1 : () float32 weak = 0.1\n"
            "constant %1 : () int64 weak = 1\n"
            "%linear : (batch, 10) float32 = linear(%x, %fc.weight, None)  # model.py:12 in forward\n"
            "%mul : (batch, 10) float32 = mul(%linear, %0.1)  # model.py:13\n"
            "%softmax : (batch, 10) float32 = softmax(%mul, dim=1)  # model.py:13\n"
            "%add : (1,) int64 = add(%steps, %1)\n"
            "%relu : (2,) float32 = relu(%fc.bias)\n"
            "output %softmax, %relu\n");
  EXPECT_EQ(table.size(), 1u);
  EXPECT_TRUE(parse(said, table) == graph);
  EXPECT_EQ(print(graph, graph.nodes[0]),
            "%linear : (batch, 10) float32 = linear(%x, %fc.weight, None)  # model.py:12 in forward");
}

// Values that no op has as its default, one after another.
struct Strange {
  int n = 0;
  void operator()(bool& v) { v = !v; }
  void operator()(int64_t& v) { v = INT64_MAX - ++n; }
  void operator()(double& v) { v = n++ % 3 == 0 ? INFINITY : n % 3 == 0 ? -0.0 : 0.1 + n; }
  void operator()(Scalar& v) {
    const Scalar all[] = {Scalar(true), Scalar(INT64_MIN), Scalar(1e300), Scalar(std::complex<double>(-1, INFINITY))};
    v = all[n++ % 4];
  }
  void operator()(std::string& v) { v = "quote \" slash \\ line\n and \x01, (1, 2) # %x é"; }
  void operator()(DType& v) { v = DType::Complex128; }
  void operator()(Device& v) { v = Device{DeviceKind::Meta, -1}; }
  void operator()(Dim& v) { v = (Dim::symbol("height") * 3 + 1) / 2; }
  void operator()(Dims& v) {
    v = n++ % 2 == 0 ? Dims{} : Dims{-4, Dim::symbol("batch") * Dim::symbol("width") - 7, Dim::symbol("nonzero.0")};
  }
  void operator()(GeneratorHandle&) {}
  template <class T>
  void operator()(std::optional<T>& v) {
    if (n++ % 4 == 3) return v.reset();
    T value{};
    (*this)(value);
    v = value;
  }
};

TEST(GraphText, EveryOpOfTheRegistryParsesBack) {
  Strange strange;
  for (const OpInfo* op : registry().all()) {
    for (int round = 0; round < 4; ++round) {
      Builder b("every op");
      b.draw_from(b.generator("a generator", ones({100}, DType::UInt8)));
      const ValueId x = b.input("odd name, %x", {Dim::symbol("batch"), 0, 1}, DType::BFloat16);
      Record record(*op);
      for (const ParameterInfo& p : op->parameters) {
        if (p.kind == ParameterKind::Attribute) with_attribute(p.type, record.at(p), strange);
      }
      std::vector<ValueId> inputs(static_cast<size_t>(op->input_count), x);
      for (const ParameterInfo& p : op->parameters) {
        if (p.kind == ParameterKind::OptionalInput && round % 2 == 0) inputs[p.input_index] = kNone;
      }
      if (op->has_list) inputs.insert(inputs.end(), static_cast<size_t>(round), x);
      b.at(round % 2 == 0 ? Source{"a file: 3 in 4.py", "", 7} : Source{"m.cpp", "A::operator()(int) const", 12});
      const std::vector<Spec> specs(op->output_count, Spec{{Dim::symbol("batch"), 5}, DType::Int16, {}, false});
      for (ValueId out : b.call(*op, record.get(), inputs, specs)) {
        if (out != kNone) b.output(out);
      }
      TensorTable table;
      const std::string said = print(b.graph(), &table);
      ASSERT_TRUE(parse(said, table) == b.graph()) << said << print(parse(said, table));
    }
  }
}

TEST(GraphText, NumbersKeepAllTheirDigits) {
  Builder b;
  for (const Scalar& number : {Scalar(0.1), Scalar(INT64_MIN), Scalar(false), Scalar(-INFINITY), Scalar(1e-320),
                               Scalar(std::complex<double>(0.1, -0.0))})
    b.output(b.number(number));
  const Tensor nan = full({2}, NAN), many = arange(9);
  b.output(b.constant(nan, "nan"));
  b.output(b.constant(many, "many"));
  b.output(b.constant(full({2}, 0.1, DType::Float16), "halves"));
  b.output(b.constant(full({1, 2}, std::complex<double>(1, 2), DType::Complex64), "pairs"));
  b.output(b.constant(zeros({3, 0}), "nothing"));
  TensorTable table;
  const std::string said = print(b.graph(), &table);
  EXPECT_EQ(table.size(), 3u) << "what the text cannot hold bit for bit: NaN, complex numbers, long lists\n" << said;
  EXPECT_TRUE(parse(said, table) == b.graph()) << said;
}

std::string refusal(const std::string& text) {
  try {
    parse(text);
  } catch (const ValueError& e) {
    return e.what();
  }
  return "";
}

TEST(GraphText, ErrorsSayWhereAndWhatWasExpected) {
  const std::string begin = "graph f\ninput %x : (2, 3) float32\n";
  const std::pair<std::string, const char*> cases[] = {
      {"", "line 1, column 1: expected 'graph' and its name, but found the end of the line"},
      {"graf f", "expected 'graph' and its name, but found 'graf f'"},
      {begin + "inptu %y : (1,) float32\n", "line 3, column 1: expected input, parameter"},
      {begin + "input %y : (1,) flaot32\n", "line 3, column 17: expected a dtype, but found 'flaot32'"},
      {begin + "input %y : (1, float32\n", "line 3, column 23: expected ',', but found the end of the line"},
      {begin + "input %x : (1,) float32\n", "line 3, column 7: expected a name that no other value has"},
      {begin + "%y : (2, 3) float32 = rleu(%x)\n", "line 3, column 23: expected an op of the registry"},
      {begin + "%y : (2, 3) float32 = relu(%z)\n", "line 3, column 28: expected a value that is made above"},
      {begin + "%y : (2, 3) float32 = relu(%y)\n", "line 3, column 28: expected a value that is made above"},
      {begin + "%y : (2, 3) float32 = relu(%x, dim=1)\n", "expected a value, or an attribute of relu(input)"},
      {begin + "%y : (2, 3) float32 = softmax(%x)\n", "expected the attribute dim"},
      {begin + "%y : (2, 3) float32 = softmax(%x, dim=one)\n", "column 39: expected a whole number, but found 'one)'"},
      {begin + "%y : (2, 3) float32 = softmax(%x, dim=1) %z\n", "column 42: expected the end of the line"},
      {begin + "%y : (2, 3) float32 = rand(size=(2, 3), generator=g)\n", "the name of a generator's slot"},
      {begin + "output %z\n", "line 3, column 8: expected a value that is made above"},
      {begin + "buffer b %b : (1,) float32 -> %c\n", "line 3, column 31: expected a value that is made above"},
      {begin + "constant %c : (3,) int8 = [1, 2]\n", "column 27: expected a list of 3 elements"},
      {begin + "constant %c : (1,) int8 = [500]\n", "expected elements that int8 can hold"},
      {begin + "constant %c : () int64 weak = 2.5\n", "expected a number of int64"},
      {begin + "constant %c : (3,) int8 = @c\n", "expected the name of a tensor in the table"},
      {begin + "constant %c : (n,) int8 = [1]\n", "expected a type without symbols for data"},
      {begin + "condition n // 0 == 3\n", "column 16: expected a divisor above zero"},
      {begin + "condition " + std::string(300, '('), "expected fewer parentheses"},
      {begin + "input %\"y : (1,)\n", "expected '\"'"},
  };
  for (const auto& [text, expected] : cases) {
    const std::string said = refusal(text);
    EXPECT_NE(said.find(expected), std::string::npos) << text << "\nexpected: " << expected << "\nsaid: " << said;
  }
}

TEST(GraphText, DamagedTextNeverCrashes) {
  Builder b;
  const ValueId x = b.input("x", {Dim::symbol("batch"), 3});
  b.update(b.slot(Slot::Kind::Buffer, "b", ones({2})), b.constant(zeros({2}), "zero"));
  b.output(b.call(Softmax{1, {}}, {b.call(Mul{}, {x, b.number(2.5)})}));
  const std::string text = print(b.graph());
  ASSERT_TRUE(parse(text) == b.graph());
  int refused = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    for (const char c : {'(', '%', '0', '-', '"', '\n', '\0'}) {
      std::string damaged = text;
      damaged[i] = c;
      try {
        parse(damaged);
      } catch (const Error&) {
        ++refused;
      }
      try {
        parse(text.substr(0, i));
      } catch (const Error&) {
      }
    }
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
