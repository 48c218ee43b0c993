#include <tenon/graph/rewriter.h>

#include <tenon/graph/passes.h>

namespace tenon::inline v0::graph {

namespace {

size_t at(int32_t id) { return static_cast<size_t>(id); }

}  // namespace

Uses::Uses(const Graph& graph) : counts_(graph.values.size()), readers_(graph.values.size(), kNone) {
  const auto use = [&](ValueId id, NodeId by) {
    if (id == kNone) return;
    ++counts_[at(id)];
    readers_[at(id)] = by;
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

Rewriter::Rewriter(const Graph& old) : old_(old), map_(old.values.size(), kNone) {
  for (const Value& value : old.values) names_.emplace(value.name, 0);
  graph_.name = old.name;
  graph_.conditions = old.conditions;
  const auto copy = [&](ValueId id) {
    graph_.values.push_back({old[id].name, old[id].spec, kNone});
    return map_[at(id)] = static_cast<ValueId>(graph_.values.size() - 1);
  };
  for (ValueId id : old.inputs) graph_.inputs.push_back(copy(id));
  for (const Slot& slot : old.slots) {
    graph_.slots.push_back(slot);
    if (slot.value != kNone) graph_.slots.back().value = copy(slot.value);
  }
  for (const Constant& constant : old.constants) graph_.constants.push_back({copy(constant.value), constant.data});
}

ValueId Rewriter::add_value(const std::string& name, Spec spec, NodeId producer) {
  graph_.values.push_back({name, std::move(spec), producer});
  return static_cast<ValueId>(graph_.values.size() - 1);
}

void Rewriter::keep(const Node& node) {
  Node kept = node;
  const auto id = static_cast<NodeId>(graph_.nodes.size());
  for (ValueId& in : kept.inputs) in = (*this)[in];
  for (ValueId& out : kept.outputs) {
    if (out != kNone) out = map_[at(out)] = add_value(old_[out].name, old_[out].spec, id);
  }
  graph_.nodes.push_back(std::move(kept));
}

ValueId Rewriter::emit(const OpInfo& op, const void* record, const std::vector<ValueId>& inputs, ValueId old,
                       const Node& like) {
  std::vector<const Spec*> in;
  for (ValueId id : inputs) in.push_back(id == kNone ? nullptr : &graph_[id].spec);
  Spec specs[kMaxOutputs];
  op.infer(record, Specs(in.data(), static_cast<int>(in.size())), specs);
  const auto id = static_cast<NodeId>(graph_.nodes.size());
  Node node{&op, Record(op, record), inputs, {}, kNone, like.source};
  for (int i = 0; i < op.output_count; ++i) {
    std::string name = old_[old].name;
    if (i > 0) {
      int& n = names_[name];
      do name = text(old_[old].name, "_", ++n);
      while (!names_.emplace(name, 0).second);
    }
    node.outputs.push_back(add_value(name, specs[i], id));
  }
  graph_.nodes.push_back(std::move(node));
  return map_[at(old)] = graph_.nodes.back().outputs[0];
}

ValueId Rewriter::constant(const Tensor& data, const std::string& wanted) {
  std::string name = wanted;
  for (int n = 0; !names_.emplace(name, 0).second;) name = text(wanted, "_", ++n);
  graph_.constants.push_back({add_value(name, data.spec(), kNone), data});
  return graph_.constants.back().value;
}

void Rewriter::replace_by(const Tensor& data, ValueId old) {
  const ValueId id = map_[at(old)] = add_value(old_[old].name, data.spec(), kNone);
  graph_.constants.push_back({id, data});
}

Graph Rewriter::finish() {
  for (ValueId id : old_.outputs) graph_.outputs.push_back((*this)[id]);
  for (Slot& slot : graph_.slots) slot.updated = (*this)[slot.updated];
  return eliminate_dead_code(std::move(graph_));
}

}  // namespace tenon::inline v0::graph
