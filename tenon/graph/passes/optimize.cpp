#include <tenon/graph/passes.h>
#include <tenon/graph/verify.h>

namespace tenon::inline v0::graph {

Graph optimize(Graph graph, const OptimizeOptions& options) {
  const auto run = [&](Graph (*pass)(Graph)) {
    graph = pass(std::move(graph));
    verify(graph);
  };
  const auto fold = [&] {
    graph = fold_constants(std::move(graph), options.fold_bytes);
    verify(graph);
  };
  verify(graph);
  run(eliminate_dead_code);
  run(remove_needless_copies);
  fold();
  run(share_common_subexpressions);
  if (!options.fusion) return graph;
  run(fold_transposes);
  run(fold_channel_scales);
  run(fuse_activations);
  return graph;
}

}  // namespace tenon::inline v0::graph
