// Multiply-adds and parameters, counted by the ops' own rules.
#include <gtest/gtest.h>

#include <tenon/graph/cost.h>
#include <tenon/graph/passes.h>
#include <tenon/graph/text.h>

namespace {

using namespace tenon;
using namespace tenon::graph;

TEST(Cost, ProductsAreCountedByTheirOps) {
  const std::pair<const char*, int64_t> cases[] = {
      {"%y : (2, 4) float32 = linear(%x, %w, None)", 2 * 4 * 3},
      {"%y : (2, 4) float32 = _linear_activation(%x, %w, None, activation=\"relu\")", 2 * 4 * 3},
      {"%y : (2, 2) float32 = matmul(%x, %u)", 2 * 2 * 3},
      {"%y : (2,) float32 = matmul(%x, %v)", 2 * 3},
      {"%y : () float32 = dot(%v, %v)", 3},
      {"%y : (2, 2) float32 = addmm(%b, %x, %u)", 2 * 2 * 3},
      {"%y : (2, 6, 5, 4) float32 = _convolution(%i, %k, None, stride=(1, 1), padding=(1, 1), padding_end=(1, 1), "
       "dilation=(1, 1), groups=2)",
       2 * 6 * 5 * 4 * (2 * 9)},
      {"%y : (2, 6, 3, 2) float32 = _convolution(%i, %k, None, stride=(2, 2), padding=(1, 1), padding_end=(1, 1), "
       "dilation=(1, 1), groups=2)",
       2 * 6 * 3 * 2 * (2 * 9)},
      {"%y : (2, 3) float32 = relu(%x)", 0},
  };
  for (const auto& [node, expected] : cases) {
    const Graph graph =
        parse(text("graph f\n"
                   "input %x : (2, 3) float32\n"
                   "input %u : (3, 2) float32\n"
                   "input %v : (3,) float32\n"
                   "input %b : (2,) float32\n"
                   "input %i : (2, 4, 5, 4) float32\n"
                   "parameter w %w : (4, 3) float32\n"
                   "parameter k %k : (6, 2, 3, 3) float32\n",
                   node, "\noutput %y\n"));
    EXPECT_EQ(cost_of(graph, graph.nodes[0]).multiply_adds, Dim(expected)) << node;
    EXPECT_EQ(cost_of(graph).multiply_adds, Dim(expected)) << node;
  }
}

TEST(Cost, ParametersCountOnce) {
  const Graph graph = parse(
      "graph f\n"
      "input %x : (2, 2) float32\n"
      "parameter w %w : (2, 2) float32\n"
      "buffer b %b : (7,) float32\n"
      "constant %c : (2,) float64 = [1.0, 2.0]\n"
      "constant %2.0 : () float32 weak = 2.0\n"
      "%h : (2, 2) float32 = linear(%x, %w, None)\n"
      "%y : (2, 2) float32 = linear(%h, %w, None)\n"
      "%z : (2, 2) float32 = mul(%y, %2.0)\n"
      "output %z, %c\n");
  const Cost cost = cost_of(graph);
  EXPECT_EQ(cost.parameters, 4 + 2);
  EXPECT_EQ(cost.parameter_bytes, 4 * 4 + 2 * 8);
  EXPECT_EQ(cost_of(graph, graph.nodes[1]).parameters, 4);
  EXPECT_EQ(cost.multiply_adds, Dim(16));
}

}  // namespace
