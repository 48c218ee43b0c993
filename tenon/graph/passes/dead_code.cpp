#include <vector>

#include <tenon/graph/passes.h>

namespace tenon::inline v0::graph {
namespace {

size_t at(int32_t id) { return static_cast<size_t>(id); }

std::vector<char> needed_values(const Graph& graph, std::vector<char>& needed_nodes) {
  std::vector<char> needed(graph.values.size(), false);
  const auto need = [&](ValueId id) {
    if (id != kNone) needed[at(id)] = true;
  };
  for (ValueId id : graph.inputs) need(id);
  for (ValueId id : graph.outputs) need(id);
  for (const Slot& slot : graph.slots) need(slot.value), need(slot.updated);
  needed_nodes.assign(graph.nodes.size(), false);
  for (size_t i = graph.nodes.size(); i-- > 0;) {
    const Node& node = graph.nodes[i];
    bool live = node.op->is(kRandom) || node.outputs.empty();
    for (ValueId id : node.outputs) live |= id != kNone && needed[at(id)];
    if (!live) continue;
    needed_nodes[i] = true;
    for (ValueId id : node.inputs) need(id);
    for (ValueId id : node.outputs) need(id);
  }
  return needed;
}

}  // namespace

Graph eliminate_dead_code(Graph graph) {
  std::vector<char> nodes;
  const std::vector<char> needed = needed_values(graph, nodes);
  std::vector<ValueId> ids(graph.values.size(), kNone);
  Graph out;
  out.name = std::move(graph.name);
  out.conditions = std::move(graph.conditions);
  for (size_t i = 0; i < needed.size(); ++i) {
    if (!needed[i]) continue;
    ids[i] = static_cast<ValueId>(out.values.size());
    out.values.push_back(std::move(graph.values[i]));
  }
  const auto renumber = [&](ValueId& id) {
    if (id != kNone) id = ids[at(id)];
  };
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (!nodes[i]) continue;
    Node& node = out.nodes.emplace_back(std::move(graph.nodes[i]));
    for (ValueId& id : node.inputs) renumber(id);
    for (ValueId& id : node.outputs) {
      renumber(id);
      if (id != kNone) out[id].producer = static_cast<NodeId>(out.nodes.size() - 1);
    }
  }
  for (Constant& constant : graph.constants) {
    if (!needed[at(constant.value)]) continue;
    renumber(constant.value);
    out.constants.push_back(std::move(constant));
  }
  out.inputs = std::move(graph.inputs);
  out.outputs = std::move(graph.outputs);
  out.slots = std::move(graph.slots);
  for (ValueId& id : out.inputs) renumber(id);
  for (ValueId& id : out.outputs) renumber(id);
  for (Slot& slot : out.slots) renumber(slot.value), renumber(slot.updated);
  return out;
}

}  // namespace tenon::inline v0::graph
