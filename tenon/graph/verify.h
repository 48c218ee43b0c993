// Checks that a graph is one: what every pass and the planner rely on.
#pragma once

#include <tenon/graph/graph.h>

namespace tenon::inline v0::graph {

// ValueError that names the function, the node and the value: names that are not unique, ids out of range, values
// with no producer, several, or one that comes after their use; inputs and outputs that do not fit the op's
// signature; types that differ from what the op's rule says; constants and state that differ from their type.
TENON_API void verify(const Graph& graph);

}  // namespace tenon::inline v0::graph
