#include <tenon/graph/rewriter.h>

#include <tenon/graph/passes.h>

namespace tenon::inline v0::graph {

namespace {

size_t place(int32_t id) { return static_cast<size_t>(id); }

}  // namespace

Uses::Uses(const Graph& graph) : counts_(graph.values.size()), readers_(graph.values.size(), kNone) {
  const auto use = [&](ValueId id, NodeId by) {
    if (id == kNone) return;
    ++counts_[place(id)];
    readers_[place(id)] = by;
  };
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    for (ValueId id : graph.nodes[i].inputs) use(id, static_cast<NodeId>(i));
  }
  for (ValueId id : graph.outputs) use(id, kNone);
  for (const Slot& slot : graph.slots) use(slot.updated, kNone);
}

Constants::Constants(const Graph& graph) {
  for (const Constant& c : graph.constants) data_.emplace(c.value, &c.data);
}

Rewriter::Rewriter(const Graph& old) : Builder(old.name), old_(old), map_(old.values.size(), kNone) {
  for (const Value& value : old.values) names_.insert(value.name);
  graph_.conditions = old.conditions;
  const auto take = [&](ValueId id) { return map_[place(id)] = copy(old[id], kNone); };
  for (ValueId id : old.inputs) graph_.inputs.push_back(take(id));
  for (const Slot& slot : old.slots) {
    graph_.slots.push_back(slot);
    if (slot.value != kNone) graph_.slots.back().value = take(slot.value);
  }
  for (const Constant& constant : old.constants) {
    graph_.constants.push_back({take(constant.value), constant.data});
    if (constant.data.spec().weak) remember_constant(graph_.constants.size() - 1);
  }
}

ValueId Rewriter::copy(const Value& value, NodeId producer) {
  graph_.values.push_back({value.name, value.spec, producer});
  return static_cast<ValueId>(graph_.values.size() - 1);
}

void Rewriter::keep(const Node& node) {
  Node kept = node;
  const auto id = static_cast<NodeId>(graph_.nodes.size());
  for (ValueId& in : kept.inputs) in = (*this)[in];
  for (ValueId& out : kept.outputs) {
    if (out != kNone) out = map_[place(out)] = copy(old_[out], id);
  }
  graph_.nodes.push_back(std::move(kept));
}

void Rewriter::stand_for(const Node& node) {
  at(node.source);
  draw_from(node.generator);
}

ValueId Rewriter::emit(const OpInfo& op, const void* record, const std::vector<ValueId>& inputs, ValueId old,
                       const Node& like) {
  stand_for(like);
  const ValueId made = call(op, record, inputs).front();
  graph_[made].name = old_[old].name;
  replace(old, made);
  return made;
}

void Rewriter::replace_by(const Tensor& data, ValueId old) {
  const ValueId id = copy({old_[old].name, data.spec(), kNone}, kNone);
  graph_.constants.push_back({id, data});
  replace(old, id);
}

Graph Rewriter::finish() {
  for (ValueId id : old_.outputs) graph_.outputs.push_back((*this)[id]);
  for (Slot& slot : graph_.slots) slot.updated = (*this)[slot.updated];
  return eliminate_dead_code(std::move(graph_));
}

}  // namespace tenon::inline v0::graph
