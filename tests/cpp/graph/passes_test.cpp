// Each pass by what it makes of a graph, and by what the graph computes before and after.
#include <gtest/gtest.h>

#include <tenon/core/door.h>
#include <tenon/core/generator.h>
#include <tenon/graph/builder.h>
#include <tenon/graph/interpret.h>
#include <tenon/graph/passes.h>
#include <tenon/graph/text.h>
#include <tenon/graph/verify.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/fused.h>
#include <tenon/ops/records.h>

namespace {

using namespace tenon;
using namespace tenon::graph;

// The pass makes `after` of `before`.
void expect_pass(Graph (*pass)(Graph), const std::string& before, const std::string& after) {
  const Graph graph = parse(before);
  verify(graph);
  const Graph changed = pass(graph);
  verify(changed);
  EXPECT_EQ(print(changed), after);
}
Graph fold(Graph graph) { return fold_constants(std::move(graph)); }

Tensor random_tensor(const Shape& shape, uint64_t seed) {
  return randn(Dims(shape), std::make_shared<Generator>(seed));
}

// Both graphs compute the same of the same inputs: bit for bit, or within `tolerance` of the largest.
void expect_same(const Graph& a, const Graph& b, double tolerance = 0) {
  std::vector<Tensor> inputs;
  for (ValueId id : a.inputs) inputs.push_back(random_tensor(a[id].spec.shape, inputs.size() + 1));
  const Interpreted x = interpret(a, inputs), y = interpret(b, inputs);
  ASSERT_EQ(x.outputs.size(), y.outputs.size());
  for (size_t i = 0; i < x.outputs.size(); ++i) {
    const Tensor p = x.outputs[i].contiguous(), q = y.outputs[i].contiguous();
    if (tolerance == 0) {
      EXPECT_TRUE(same_data(p, q));
      continue;
    }
    ASSERT_EQ(p.shape(), q.shape());
    const double largest = p.abs().max().item<double>(), difference = sub(p, q).abs().max().item<double>();
    EXPECT_LE(difference, tolerance * largest);
  }
}

TEST(DeadCode, GoesWithItsConstants) {
  expect_pass(eliminate_dead_code,
              "graph f\n"
              "input %x : (2,) float32\n"
              "input %unused : (3,) float32\n"
              "buffer b %b : (2,) float32 -> %neg = [1.0, 2.0]\n"
              "constant %2.0 : () float32 weak = 2.0\n"
              "constant %3.0 : () float32 weak = 3.0\n"
              "%mul : (2,) float32 = mul(%x, %2.0)\n"
              "%dead : (2,) float32 = mul(%x, %3.0)\n"
              "%deader : (2,) float32 = exp(%dead)\n"
              "%neg : (2,) float32 = neg(%b)\n"
              "output %mul\n",
              "graph f\n"
              "input %x : (2,) float32\n"
              "input %unused : (3,) float32\n"
              "buffer b %b : (2,) float32 -> %neg = [1.0, 2.0]\n"
              "constant %2.0 : () float32 weak = 2.0\n"
              "%mul : (2,) float32 = mul(%x, %2.0)\n"
              "%neg : (2,) float32 = neg(%b)\n"
              "output %mul\n");
}

TEST(DeadCode, RandomOpsMoveTheirGeneratorOn) {
  const std::string text =
      "graph f\n"
      "generator g\n"
      "%rand : (2,) float32 = rand(size=(2,), generator=g)\n"
      "%rand_1 : (2,) float32 = rand(size=(2,), generator=g)\n"
      "output %rand_1\n";
  expect_pass(eliminate_dead_code, text, text);
  expect_pass(share_common_subexpressions, text, text);
  expect_pass(fold, text, text);
}

TEST(FoldConstants, RunsWhatDependsOnNoInput) {
  expect_pass(fold,
              "graph f\n"
              "input %x : (2,) float32\n"
              "constant %c : (2,) float32 = [1.0, 4.0]\n"
              "constant %0.5 : () float32 weak = 0.5\n"
              "%add : (2,) float32 = add(%c, %0.5, alpha=2)\n"
              "%sqrt : (2,) float32 = sqrt(%c)\n"
              "%mul : (2,) float32 = mul(%x, %sqrt)\n"
              "output %mul, %add\n",
              "graph f\n"
              "input %x : (2,) float32\n"
              "constant %add : (2,) float32 = [2.0, 5.0]\n"
              "constant %sqrt : (2,) float32 = [1.0, 2.0]\n"
              "%mul : (2,) float32 = mul(%x, %sqrt)\n"
              "output %mul, %add\n");
}

TEST(FoldConstants, AViewStaysAndWhatIsComputedOfItGoes) {
  expect_pass(fold,
              "graph f\n"
              "input %x : (2, 1) float32\n"
              "constant %c : (1, 2) float32 = [1.0, 4.0]\n"
              "%t : (2, 1) float32 = transpose(%c, dim0=0, dim1=1)\n"
              "%neg : (2, 1) float32 = neg(%t)\n"
              "%mul : (2, 1) float32 = mul(%x, %neg)\n"
              "%add : (2, 1) float32 = add(%mul, %t)\n"
              "output %add\n",
              "graph f\n"
              "input %x : (2, 1) float32\n"
              "constant %c : (1, 2) float32 = [1.0, 4.0]\n"
              "constant %neg : (2, 1) float32 = [-1.0, -4.0]\n"
              "%t : (2, 1) float32 = transpose(%c, dim0=0, dim1=1)\n"
              "%mul : (2, 1) float32 = mul(%x, %neg)\n"
              "%add : (2, 1) float32 = add(%mul, %t)\n"
              "output %add\n");
}

TEST(FoldConstants, AViewThatLiesInOrderIsAConstantToo) {
  const Graph graph = parse(
      "graph f\n"
      "constant %c : (2, 2) float32 = [1.0, 2.0, 3.0, 4.0]\n"
      "%view : (1, 4) float32 = view(%c, size=(1, 4))\n"
      "%column : (2,) float32 = select(%c, dim=1, index=0)\n"
      "output %view, %column\n");
  const Graph folded = fold(graph);
  ASSERT_EQ(folded.nodes.size(), 1u);
  EXPECT_STREQ(folded.nodes[0].op->name, "select");
  EXPECT_EQ(folded.constants[1].data.data_ptr(), graph.constants[0].data.data_ptr()) << "no copy";
  expect_same(graph, folded);
}

TEST(FoldConstants, LargeResultsAreNotStored) {
  const std::string text =
      "graph f\n"
      "%zeros : (1000, 1000) float32 = zeros(size=(1000, 1000))\n"
      "output %zeros\n";
  EXPECT_EQ(print(fold_constants(parse(text))), text);
  EXPECT_EQ(fold_constants(parse(text), 4000000).nodes.size(), 0u);
}

TEST(FoldConstants, ErrorsAreTheCallsToRaise) {
  const std::string text =
      "graph f\n"
      "constant %x : (2,) float32 = [1.0, 2.0]\n"
      "constant %i : (1,) int64 = [5]\n"
      "%picked : (1,) float32 = index_select(%x, dim=0, %i)\n"
      "output %picked\n";
  const Graph graph = [&] {
    Builder b("f");
    const ValueId x = b.constant(Tensor::of<float>({1, 2}), "x"), i = b.constant(Tensor::of<int64_t>({5}), "i");
    IndexSelect record;
    record.dim = 0;
    b.output(b.call(record, {x, i}));
    return b.build();
  }();
  EXPECT_EQ(fold_constants(graph).nodes.size(), 1u);
  EXPECT_THROW(interpret(graph, {}), IndexError);
}

TEST(CommonSubexpressions, AreComputedOnce) {
  expect_pass(share_common_subexpressions,
              "graph f\n"
              "input %x : (2, 2) float32\n"
              "%a : (2, 2) float32 = softmax(%x, dim=1)\n"
              "%b : (2, 2) float32 = softmax(%x, dim=1)\n"
              "%c : (2, 2) float32 = softmax(%x, dim=0)\n"
              "%d : (2, 2) float32 = exp(%a)\n"
              "%e : (2, 2) float32 = exp(%b)\n"
              "%f : (2, 2) float32 = add(%d, %e)\n"
              "output %f, %c\n",
              "graph f\n"
              "input %x : (2, 2) float32\n"
              "%a : (2, 2) float32 = softmax(%x, dim=1)\n"
              "%c : (2, 2) float32 = softmax(%x, dim=0)\n"
              "%d : (2, 2) float32 = exp(%a)\n"
              "%f : (2, 2) float32 = add(%d, %d)\n"
              "output %f, %c\n");
}

TEST(NeedlessCopies, GoWhereNothingLiesOtherwise) {
  expect_pass(remove_needless_copies,
              "graph f\n"
              "input %x : (2, 3) float32\n"
              "%same : (2, 3) float32 = _to_copy(%x, dtype=float32)\n"
              "%copy : (2, 3) float32 = clone(%same)\n"
              "%view : (2, 3) float32 = view(%copy, size=(2, 3))\n"
              "%alias : (2, 3) float32 = alias(%view)\n"
              "%t : (3, 2) float32 = transpose(%alias, dim0=0, dim1=1)\n"
              "%row_major : (3, 2) float32 = clone(%t)\n"
              "%wide : (3, 2) float64 = _to_copy(%row_major, dtype=float64)\n"
              "%twice : (3, 2) float32 = clone(%row_major)\n"
              "output %wide, %twice\n",
              "graph f\n"
              "input %x : (2, 3) float32\n"
              "%t : (3, 2) float32 = transpose(%x, dim0=0, dim1=1)\n"
              "%row_major : (3, 2) float32 = clone(%t)\n"
              "%wide : (3, 2) float64 = _to_copy(%row_major, dtype=float64)\n"
              "output %wide, %row_major\n");
}

TEST(Transposes, AreReadAsTheyLie) {
  expect_pass(fold_transposes,
              "graph f\n"
              "input %x : (2, 3) float32\n"
              "input %w : (4, 3) float32\n"
              "input %b : (4,) float32\n"
              "%t : (3, 4) float32 = transpose(%w, dim0=-1, dim1=0)\n"
              "%p : (3, 4) float32 = permute(%w, dims=(1, 0))\n"
              "%y : (2, 4) float32 = matmul(%x, %t)\n"
              "%z : (2, 4) float32 = addmm(%b, %x, %p)\n"
              "%scaled : (2, 4) float32 = addmm(%b, %x, %p, alpha=2)\n"
              "output %y, %z, %scaled\n",
              "graph f\n"
              "input %x : (2, 3) float32\n"
              "input %w : (4, 3) float32\n"
              "input %b : (4,) float32\n"
              "%p : (3, 4) float32 = permute(%w, dims=(1, 0))\n"
              "%y : (2, 4) float32 = linear(%x, %w, None)\n"
              "%z : (2, 4) float32 = linear(%x, %w, %b)\n"
              "%scaled : (2, 4) float32 = addmm(%b, %x, %p, alpha=2)\n"
              "output %y, %z, %scaled\n");
}

TEST(ChannelScales, MoveIntoTheWeight) {
  expect_pass(fold_channel_scales,
              "graph f\n"
              "input %x : (2, 1) float32\n"
              "constant %w : (2, 1) float32 = [1.0, 2.0]\n"
              "constant %s : (2,) float32 = [3.0, 5.0]\n"
              "constant %0.5 : () float32 weak = 0.5\n"
              "%linear : (2, 2) float32 = linear(%x, %w, None)\n"
              "%mul : (2, 2) float32 = mul(%s, %linear)\n"
              "%sub : (2, 2) float32 = sub(%mul, %0.5)\n"
              "output %sub\n",
              "graph f\n"
              "input %x : (2, 1) float32\n"
              "constant %sub_weight : (2, 1) float32 = [3.0, 10.0]\n"
              "constant %sub_bias : (2,) float32 = [-0.5, -0.5]\n"
              "%sub : (2, 2) float32 = linear(%x, %sub_weight, %sub_bias)\n"
              "output %sub\n");
}

TEST(ChannelScales, StayWhereTheyAreNotPerChannel) {
  const std::string text =
      "graph f\n"
      "input %x : (2, 1) float32\n"
      "constant %w : (2, 1) float32 = [1.0, 2.0]\n"
      "constant %rows : (2, 1) float32 = [3.0, 5.0]\n"
      "constant %s : (2,) float32 = [3.0, 5.0]\n"
      "%linear : (2, 2) float32 = linear(%x, %w, None)\n"
      "%by_row : (2, 2) float32 = mul(%linear, %rows)\n"
      "%linear_1 : (2, 2) float32 = linear(%x, %w, None)\n"
      "%read_twice : (2, 2) float32 = mul(%linear_1, %s)\n"
      "%linear_2 : (2, 2) float32 = linear(%x, %w, None)\n"
      "%turned : (2, 2) float32 = sub(%s, %linear_2)\n"
      "output %by_row, %linear_1, %read_twice, %turned\n";
  expect_pass(fold_channel_scales, text, text);
}

// conv -> batch_norm in evaluation mode, as its decomposition writes it, -> relu
Graph conv_norm_relu(int64_t groups, bool has_bias) {
  Builder b;
  const ValueId x = b.input("x", {2, 4, 6, 5});
  Convolution conv;
  conv.stride = conv.dilation = {1, 1};
  conv.padding = conv.padding_end = {1, 1};
  conv.groups = groups;
  const ValueId bias = has_bias ? b.constant(random_tensor({8}, 6), "bias") : kNone;
  ValueId y = b.call(conv, {x, b.constant(random_tensor({8, 4 / groups, 3, 3}, 5), "weight"), bias});
  const ValueId mean = b.constant(random_tensor({8}, 7), "mean"), var = b.constant(rand({8}).add(0.5), "var"),
                gamma = b.constant(random_tensor({8}, 9), "gamma"), beta = b.constant(random_tensor({8}, 10), "beta");
  const ValueId invstd = b.call(Rsqrt{}, {b.call(Add{}, {var, b.number(1e-5)})});
  const ValueId scale = b.call(Mul{}, {invstd, gamma});
  const ValueId shift = b.call(Sub{}, {beta, b.call(Mul{}, {mean, scale})});
  const auto per_channel = [&](ValueId v) { return b.call(ViewShape{{}, {1, 8, 1, 1}}, {v}); };
  y = b.call(Mul{}, {y, per_channel(scale)});
  y = b.call(Add{}, {y, per_channel(shift)});
  b.output(b.call(Relu{}, {y}));
  return b.build();
}

TEST(Optimize, ABatchNormLeavesOneConvolution) {
  for (const int64_t groups : {1, 2}) {
    for (const bool has_bias : {false, true}) {
      const Graph before = conv_norm_relu(groups, has_bias), after = optimize(before);
      ASSERT_EQ(after.nodes.size(), 1u) << print(after);
      EXPECT_STREQ(after.nodes[0].op->name, "_convolution_activation");
      expect_same(before, after, 1e-6);
      const Graph exact = optimize(before, {.fusion = false});
      EXPECT_EQ(exact.nodes.size(), 4u) << print(exact);
      expect_same(before, exact);
    }
  }
}

TEST(FuseActivations, FollowProducts) {
  expect_pass(fuse_activations,
              "graph f\n"
              "input %x : (2, 3) float32\n"
              "input %w : (3, 3) float32\n"
              "%linear : (2, 3) float32 = linear(%x, %w, None)  # m.py:1\n"
              "%gelu : (2, 3) float32 = gelu(%linear, approximate=\"tanh\")\n"
              "%linear_1 : (2, 3) float32 = linear(%gelu, %w, None)\n"
              "%relu : (2, 3) float32 = relu(%linear_1)\n"
              "output %relu, %linear_1\n",
              "graph f\n"
              "input %x : (2, 3) float32\n"
              "input %w : (3, 3) float32\n"
              "%gelu : (2, 3) float32 = _linear_activation(%x, %w, None, activation=\"gelu_tanh\")  # m.py:1\n"
              "%linear_1 : (2, 3) float32 = linear(%gelu, %w, None)\n"
              "%relu : (2, 3) float32 = relu(%linear_1)\n"
              "output %relu, %linear_1\n");
}

// The fused kernels against what they mean.
TEST(FusedOps, ComputeTheirDecomposition) {
  const auto expect_equal = [](const OpInfo& op, const void* record, const std::vector<Tensor>& in, double tolerance) {
    Node node{&op, Record(op, record), {}, {}, kNone, {}};
    const Tensor fused = run_node(node, in)[0];
    Tensor parts;
    op.decompose(record, Inputs(reinterpret_cast<TensorImpl* const*>(in.data()), static_cast<int>(in.size())), &parts,
                 nullptr);
    ASSERT_EQ(fused.shape(), parts.shape());
    if (parts.numel() == 0) return;
    const double largest = parts.abs().max().item<double>(), difference = sub(fused, parts).abs().max().item<double>();
    EXPECT_LE(difference, tolerance * largest) << print_record(op, record) << " of " << to_text(in[0].spec());
  };
  for (const char* activation : kActivations) {
    const LinearActivation linear{activation};
    for (const DType dtype : {DType::Float32, DType::Float64, DType::BFloat16}) {
      for (const Shape& shape : {Shape{5, 7}, Shape{7}, Shape{0, 7}, Shape{2, 3, 7}, Shape{1500, 7}}) {
        const Tensor x = random_tensor(shape, 1).to(dtype), w = random_tensor({200, 7}, 2).to(dtype),
                     b = random_tensor({200}, 3).to(dtype);
        expect_equal(op<LinearActivation>(), &linear, {x, w, b}, 1e-6);
        expect_equal(op<LinearActivation>(), &linear, {x, w, Tensor()}, 1e-6);
      }
      const Tensor strided = random_tensor({7, 900}, 4).to(dtype).transpose(0, 1);
      expect_equal(op<LinearActivation>(), &linear, {strided, random_tensor({300, 7}, 2).to(dtype), Tensor()}, 1e-6);
    }
    ConvolutionActivation conv;
    conv.activation = activation;
    conv.stride = conv.dilation = conv.padding = conv.padding_end = {1, 1};
    const Tensor w = random_tensor({16, 3, 3, 3}, 2), b = random_tensor({16}, 3);
    expect_equal(op<ConvolutionActivation>(), &conv, {random_tensor({3, 3, 80, 80}, 1), w, b}, 1e-6);
    expect_equal(op<ConvolutionActivation>(), &conv, {random_tensor({0, 3, 9, 8}, 1), w, Tensor()}, 1e-6);
  }
}

TEST(FusedOps, RefuseUnknownActivations) {
  EXPECT_THROW(apply(LinearActivation{"swish"}, ones({2, 3}), ones({2, 3}), Tensor()), ValueError);
  EXPECT_THROW(apply(LinearActivation{"relu"}, ones({2, 3}, DType::Int64), ones({2, 3}, DType::Int64), Tensor()),
               DTypeError);
}

}  // namespace
