// What a function costs: for `tenon info` and summaries.
#pragma once

#include <vector>

#include <tenon/graph/graph.h>

namespace tenon::inline v0::graph {

struct Cost {
  Dim multiply_adds = 0;   // an expression of the sizes that calls bind
  int64_t parameters = 0;  // elements of constants and of slots of parameters, numbers not counted
  int64_t parameter_bytes = 0;
};

// Of one node: the parameters are those that it reads itself.
TENON_API Cost cost_of(const Graph& graph, const Node& node);
// Of all nodes. A parameter that several nodes read counts once.
TENON_API Cost cost_of(const Graph& graph);

}  // namespace tenon::inline v0::graph
