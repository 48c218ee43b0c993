// Composites become what they are made of, so that every node has a kernel or is a view.
#pragma once

#include <tenon/graph/graph.h>

namespace tenon::inline v0::graph {

// Whether a plan can run the op as it is.
TENON_API bool is_primitive(const OpInfo& op);

// Runs the decompositions of nodes that are not primitive on tensors without data. ValueError names the node that
// has neither a kernel nor a decomposition, or whose decomposition asks for values.
TENON_API Graph expand(Graph graph);

}  // namespace tenon::inline v0::graph
