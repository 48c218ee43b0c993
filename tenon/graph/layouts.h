// How the values of a graph lie in memory, and how long they are needed: what the planner knows before it begins.
#pragma once

#include <limits>

#include <tenon/graph/graph.h>

namespace tenon::inline v0::graph {

// Element (i0, i1, ...) is `offset + i0 * strides[0] + ...` elements into the memory of the value's root.
struct Placement {
  Dims strides;
  Dim offset = 0;
};
Placement row_major(const Spec& spec);
Dim bytes_of(const Spec& spec);

class Layouts {
 public:
  static constexpr NodeId kToTheEnd = std::numeric_limits<NodeId>::max();

  explicit Layouts(const Graph& graph);

  const Placement& operator[](ValueId id) const { return placements_[static_cast<size_t>(id)]; }
  // The value whose memory this one looks into; itself unless it is a view.
  ValueId root(ValueId id) const { return roots_[static_cast<size_t>(id)]; }
  // The last node that reads the memory of the value, through whatever view.
  NodeId last_use(ValueId id) const { return last_use_[static_cast<size_t>(root(id))]; }
  // Whether it is all of its root's memory, in order.
  bool fills(ValueId id) const { return fills_[static_cast<size_t>(id)]; }
  // Whether two values of one shape lie alike in their memories.
  bool same_place(ValueId a, ValueId b) const {
    return (*this)[a].strides == (*this)[b].strides && (*this)[a].offset == (*this)[b].offset;
  }
  // Whether a node that makes a view needs a contiguous copy of its input, since no strides do what it asks.
  bool copies(NodeId id) const { return copies_[static_cast<size_t>(id)]; }

 private:
  void look(const Graph& graph, NodeId id);
  void measure_lives(const Graph& graph);

  std::vector<Placement> placements_;
  std::vector<ValueId> roots_;
  std::vector<NodeId> last_use_;  // of roots
  std::vector<char> fills_, copies_;
};

}  // namespace tenon::inline v0::graph
