// Backward: walks the graph once, from the roots down, on the calling thread, without recursion.
#pragma once

#include <tenon/autograd/autograd.h>

namespace tenon::inline v0 {

// Adds a gradient to grad() of a leaf, under the leaf's lock.
void accumulate_into_leaf(TensorImpl* leaf, Tensor gradient);

struct BackwardRequest {
  std::vector<Edge> roots;
  std::vector<Tensor> root_grads;  // one per root, undefined ones are skipped
  bool retain_graph = false;
  bool create_graph = false;
  // Where to stop. Empty: every leaf, with accumulation.
  std::vector<Edge> targets;
  bool accumulate = true;  // into the leaves among the targets, or all leaves
};

// Gradients of the targets, in their order; undefined where nothing arrived.
std::vector<Tensor> run_backward(BackwardRequest request);

}  // namespace tenon::inline v0
