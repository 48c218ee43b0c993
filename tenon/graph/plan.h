// From a graph to a plan that a session runs.
#pragma once

#include <map>
#include <string>

#include <tenon/exec/plan.h>
#include <tenon/graph/graph.h>

namespace tenon::inline v0::graph {

struct PlanOptions {
  // Sizes at which the arena is made small, by the names of symbols; what is not named is taken as 16.
  std::map<std::string, int64_t> example;
};

// Every op needs a kernel or an alias rule: expand() composites first. Views become layouts; elementwise ops write
// over inputs that nothing reads any more; outputs that are fresh are written where they leave; slots are written
// in place where the old value is not needed, and else by the session at the end.
// Constants of the plan look into the tensors of the graph, which outlive it.
// ValueError names the node that cannot be planned.
TENON_API exec::Plan plan(const Graph& graph, const PlanOptions& options = {});

}  // namespace tenon::inline v0::graph
