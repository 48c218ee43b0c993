// What passes are written with: a new graph is made node by node from an old one.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include <tenon/graph/builder.h>

namespace tenon::inline v0::graph {

// Who reads each value of a graph.
class Uses {
 public:
  explicit Uses(const Graph& graph);
  int count(ValueId id) const { return counts_[static_cast<size_t>(id)]; }
  // The node that alone reads the value; kNone when there is none, several, or the function returns it.
  NodeId only_reader(ValueId id) const { return count(id) == 1 ? readers_[static_cast<size_t>(id)] : kNone; }

 private:
  std::vector<int> counts_;
  std::vector<NodeId> readers_;
};

// The constants of a graph by their values.
class Constants {
 public:
  explicit Constants(const Graph& graph);
  // Null unless the value is a constant.
  const Tensor* find(ValueId id) const {
    const auto found = data_.find(id);
    return found == data_.end() ? nullptr : found->second;
  }

 private:
  std::unordered_map<ValueId, const Tensor*> data_;
};

// A builder that starts with the inputs, the state and the constants of `old`; the pass keeps, replaces or leaves
// out its nodes, one after another.
class Rewriter : public Builder {
 public:
  explicit Rewriter(const Graph& old);

  // The new graph's value for an old one.
  ValueId operator[](ValueId old) const { return old == kNone ? kNone : map_[static_cast<size_t>(old)]; }
  // The old value is `fresh` from here on.
  void replace(ValueId old, ValueId fresh) { map_[static_cast<size_t>(old)] = fresh; }
  // The old value is known: a constant of its name.
  void replace_by(const Tensor& data, ValueId old);
  // The node as it was, on what its inputs have become.
  void keep(const Node& node);
  // A new node whose first output takes the place and the name of the old value `old`.
  template <class R>
  ValueId emit(const R& record, const std::vector<ValueId>& inputs, ValueId old, const Node& like) {
    return emit(op<R>(), &record, inputs, old, like);
  }
  ValueId emit(const OpInfo& op, const void* record, const std::vector<ValueId>& inputs, ValueId old, const Node& like);
  // New nodes carry the source and the generator of this one.
  void stand_for(const Node& node);

  // Without nodes and constants that nothing needs.
  Graph finish();

 private:
  ValueId copy(const Value& value, NodeId producer);

  const Graph& old_;
  std::vector<ValueId> map_;
};

}  // namespace tenon::inline v0::graph
