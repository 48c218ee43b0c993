// Passes: functions from graph to graph. Each leaves a graph that verify() accepts and that computes the same.
// Where one changes results by rounding, it says so.
#pragma once

#include <cstdint>

#include <tenon/graph/graph.h>

namespace tenon::inline v0::graph {

struct OptimizeOptions {
  bool fusion = true;            // passes that change results by rounding
  int64_t fold_bytes = 1 << 20;  // a folded constant is at most this large, or as large as what it is made of
};

// All of them, in a good order. With `fusion` off the results are bit for bit the same.
TENON_API Graph optimize(Graph graph, const OptimizeOptions& options = {});

// Without nodes and constants that no output and no state needs. Random ops stay: they move their generator on.
TENON_API Graph eliminate_dead_code(Graph graph);
// Nodes that read constants only are run, and their results kept.
TENON_API Graph fold_constants(Graph graph, int64_t fold_bytes = OptimizeOptions().fold_bytes);
// The same op with the same attributes and inputs is computed once.
TENON_API Graph share_common_subexpressions(Graph graph);
// Without copies of what nothing else writes, casts to the same dtype, and views that change nothing.
TENON_API Graph remove_needless_copies(Graph graph);
// A product and a sum per channel after a convolution or a linear (what batch_norm is in evaluation) move into its
// weight and bias. Rounds differently.
TENON_API Graph fold_channel_scales(Graph graph);
// A product with a constant that is transposed becomes a linear, which reads it as it lies. Rounds differently.
TENON_API Graph fold_transposes(Graph graph);
// An activation after a convolution or a linear is computed while its input is in the cache.
TENON_API Graph fuse_activations(Graph graph);

}  // namespace tenon::inline v0::graph
