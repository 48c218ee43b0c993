// From a plan back to the graph that it was made of.
#pragma once

#include <functional>

#include <tenon/exec/plan.h>
#include <tenon/graph/graph.h>

namespace tenon::inline v0::graph {

// Gives the bytes of a constant as a contiguous tensor.
using TensorOfConstant = std::function<Tensor(const exec::Constant&, const Shape&, DType)>;

// ValueError: an op or an attribute that this build does not know. The result is not verified.
TENON_API Graph from_plan(const exec::Plan& plan, const TensorOfConstant& tensor_of);

}  // namespace tenon::inline v0::graph
