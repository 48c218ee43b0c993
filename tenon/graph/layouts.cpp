#include <tenon/graph/layouts.h>

#include <algorithm>
#include <numeric>

namespace tenon::inline v0::graph {

Placement row_major(const Spec& spec) {
  Placement out{Dims(spec.shape.size()), 0};
  Dim step = 1;
  for (size_t i = spec.shape.size(); i-- > 0;) {
    out.strides[i] = step;
    if (!(spec.shape[i] == Dim(0))) step = step * spec.shape[i];
  }
  return out;
}

Dim bytes_of(const Spec& spec) {
  Dim bytes = size_of(spec.dtype);
  for (Dim d : spec.shape) bytes = bytes * d;
  return bytes;
}

namespace {

// The op's alias rule.
Placement view_of(const Node& node, const Spec& in, const Placement& from, const Spec& out) {
  const Layout source{in.shape, from.strides, from.offset};
  Layout view{out.shape, {}, source.offset};
  node.op->alias(node.record.get(), source, view);
  return {view.strides, view.offset};
}

// Strides of dimensions of size 1 say nothing.
bool is_row_major(const Spec& spec, const Placement& placement) {
  if (!(placement.offset == Dim(0))) return false;
  const Placement expected = row_major(spec);
  for (size_t i = 0; i < spec.shape.size(); ++i) {
    if (!(spec.shape[i] == Dim(1)) && !(placement.strides[i] == expected.strides[i])) return false;
  }
  return true;
}

}  // namespace

Layouts::Layouts(const Graph& graph)
    : placements_(graph.values.size()),
      roots_(graph.values.size()),
      last_use_(graph.values.size(), kNone),
      fills_(graph.values.size(), true),
      copies_(graph.nodes.size(), false) {
  std::iota(roots_.begin(), roots_.end(), 0);
  for (size_t i = 0; i < graph.values.size(); ++i) placements_[i] = row_major(graph.values[i].spec);
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (graph.nodes[i].op->alias != nullptr) look(graph, static_cast<NodeId>(i));
  }
  measure_lives(graph);
}

void Layouts::look(const Graph& graph, NodeId id) {
  const Node& node = graph.nodes[static_cast<size_t>(id)];
  const ValueId in = node.inputs[node.op->outputs[0].input], out = node.outputs[0];
  const Spec &from = graph[in].spec, &to = graph[out].spec;
  const auto place = static_cast<size_t>(out);
  try {
    placements_[place] = view_of(node, from, (*this)[in], to);
    roots_[place] = root(in);
  } catch (const ShapeError&) {
    // As reshape does: of a contiguous copy, every shape is a view.
    if (is_row_major(from, (*this)[in])) throw;
    placements_[place] = view_of(node, from, row_major(from), to);
    copies_[static_cast<size_t>(id)] = true;
  }
  fills_[place] = is_row_major(to, placements_[place]) && bytes_of(to) == bytes_of(graph[root(out)].spec);
}

void Layouts::measure_lives(const Graph& graph) {
  const auto use = [&](ValueId value, NodeId by) {
    if (value == kNone) return;
    NodeId& last = last_use_[static_cast<size_t>(root(value))];
    last = std::max(last, by);
  };
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    for (ValueId in : graph.nodes[i].inputs) use(in, static_cast<NodeId>(i));
  }
  for (ValueId out : graph.outputs) use(out, kToTheEnd);
  for (const Slot& slot : graph.slots) {
    // What a function does not change stays.
    use(slot.updated == kNone ? slot.value : slot.updated, kToTheEnd);
  }
}

}  // namespace tenon::inline v0::graph
