#include <unordered_map>

#include <tenon/graph/passes.h>
#include <tenon/graph/rewriter.h>

namespace tenon::inline v0::graph {

Graph share_common_subexpressions(Graph graph) {
  Rewriter out(graph);
  std::unordered_multimap<size_t, const Node*> seen;
  const auto inputs_of = [&](const Node& node) {
    std::vector<ValueId> inputs;
    for (ValueId id : node.inputs) inputs.push_back(out[id]);
    return inputs;
  };
  for (const Node& node : graph.nodes) {
    if (node.op->is(kRandom) || node.op->writes != 0) {
      out.keep(node);
      continue;
    }
    const std::vector<ValueId> inputs = inputs_of(node);
    size_t hash = hash_record(*node.op, node.record.get());
    for (ValueId id : inputs) hash = hash * 1000003 + static_cast<size_t>(id);
    const auto [first, last] = seen.equal_range(hash);
    const Node* twin = nullptr;
    for (auto it = first; it != last && twin == nullptr; ++it) {
      if (it->second->record == node.record && inputs_of(*it->second) == inputs) twin = it->second;
    }
    if (twin == nullptr) {
      out.keep(node);
      seen.emplace(hash, &node);
      continue;
    }
    for (size_t i = 0; i < node.outputs.size(); ++i) out.replace(node.outputs[i], out[twin->outputs[i]]);
  }
  return out.finish();
}

}  // namespace tenon::inline v0::graph
