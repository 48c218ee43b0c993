#include <tenon/graph/layouts.h>
#include <tenon/graph/passes.h>
#include <tenon/graph/rewriter.h>
#include <tenon/ops/elementwise.h>

namespace tenon::inline v0::graph {
namespace {

bool same_type(const Spec& a, const Spec& b) { return a.shape == b.shape && a.dtype == b.dtype && a.weak == b.weak; }

bool is_copy(const Node& node) { return node.op == &op<Clone>() || node.op == &op<ToCopy>(); }

}  // namespace

Graph remove_needless_copies(Graph graph) {
  const Layouts layouts(graph);
  Rewriter out(graph);
  for (const Node& node : graph.nodes) {
    const bool is_view = node.op->alias != nullptr;
    const ValueId from = is_view || is_copy(node) ? node.inputs[is_view ? node.op->outputs[0].input : 0] : kNone;
    const bool same = from != kNone && same_type(graph[from].spec, graph[node.outputs[0]].spec) &&
                      layouts.same_place(from, node.outputs[0]);
    if (same)
      out.replace(node.outputs[0], out[from]);
    else
      out.keep(node);
  }
  return out.finish();
}

}  // namespace tenon::inline v0::graph
