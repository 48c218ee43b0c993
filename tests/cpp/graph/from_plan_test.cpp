// A graph, planned and made of the plan again, is the same graph.
#include <tenon/graph/from_plan.h>

#include <gtest/gtest.h>

#include <cstring>

#include <tenon/graph/builder.h>
#include <tenon/graph/plan.h>
#include <tenon/graph/text.h>
#include <tenon/graph/verify.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/records.h>

namespace {

using namespace tenon;
using namespace tenon::graph;

Tensor tensor_of(const exec::Constant& constant, const Shape& shape, DType dtype) {
  Tensor out = Tensor::empty(shape, dtype);
  std::memcpy(out.data_ptr(), constant.data, static_cast<size_t>(out.numel() * out.element_size()));
  return out;
}

void expect_back(const Graph& graph) {
  const Graph back = from_plan(plan(graph), &tensor_of);
  verify(back);
  EXPECT_EQ(print(back), print(graph));
  EXPECT_TRUE(back == graph);
}

TEST(FromPlan, ViewsAndCopiesAndNumbers) {
  Builder b;
  const ValueId x = b.input("x", {4, 3}), w = b.constant(rand({5, 3}), "w");
  const ValueId t = b.call(Transpose{{}, 0, 1}, {x});
  b.at({"model.py", "forward", 7});
  const ValueId flat = b.call(Unsqueeze{{}, 0}, {b.call(Linear{}, {x, w, kNone})});
  b.output(b.call(Add{.alpha = 0.1}, {t, b.number(0.1)}));
  b.output(flat);
  expect_back(b.build());
}

TEST(FromPlan, NumbersBesideDoublesKeepAllTheirDigits) {
  Builder b;
  const ValueId x = b.input("x", {4}, DType::Float64), y = b.input("y", {4});
  const ValueId tenth = b.number(0.1);
  b.output(b.call(Add{}, {x, tenth}));
  b.output(b.call(Add{}, {y, tenth}));
  b.output(b.call(Mul{}, {x, b.number(std::complex<double>(0.1, 0.2))}));
  b.output(b.call(Mul{}, {y, b.number(3)}));
  expect_back(b.build());
}

TEST(FromPlan, SymbolicSizes) {
  Builder b;
  const Dim n = Dim::symbol("n");
  const ValueId x = b.input("x", {n, 4}), y = b.input("y", {n, 4});
  const ValueId twice = b.call(Cat{.dim = 0}, {x, y});
  b.output(b.call(Transpose{{}, 0, 1}, {twice}));
  b.output(b.call(Narrow{.dim = 0, .start = 0, .length = n}, {twice}));
  b.require_equal(n % 2, 0);
  expect_back(b.build());
}

TEST(FromPlan, State) {
  Builder b;
  const ValueId x = b.input("x", {2, 3, 4, 4});
  const ValueId mean = b.slot(Slot::Kind::Buffer, "bn.running_mean", zeros({3}));
  const ValueId var = b.slot(Slot::Kind::Buffer, "bn.running_var", ones({3}));
  const auto out = b.call_all(BatchNormTraining{}, {x, mean, var, kNone, kNone});
  b.update(mean, out[3]);
  b.update(var, out[4]);
  b.output(out[0]);
  b.output(b.call(Neg{}, {mean}));  // read after it is written, so the planner makes a copy
  expect_back(b.build());
}

}  // namespace
