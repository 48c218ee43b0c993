// Runs a graph on tensors, node by node through the door: the meaning of a graph, against which passes, plans
// and compiled code are tested.
#pragma once

#include <tenon/graph/graph.h>

namespace tenon::inline v0::graph {

struct Interpreted {
  std::vector<Tensor> outputs;
  std::vector<Tensor> state;  // one per slot: its value after the call; of a generator the bytes of its state
};

// `state` has one tensor per slot, and is not written; empty: the slots' initial ones.
// ValueError and ShapeError say which input does not fit the graph.
TENON_API Interpreted interpret(const Graph& graph, const std::vector<Tensor>& inputs,
                                const std::vector<Tensor>& state = {});

// The outputs of one node. `draw` is what a random op draws from.
TENON_API std::vector<Tensor> run_node(const Node& node, const std::vector<Tensor>& inputs,
                                       const GeneratorHandle& draw = {});

}  // namespace tenon::inline v0::graph
