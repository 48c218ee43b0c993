// Builds a graph call by call:
//
//   Builder b;
//   const ValueId x = b.input("x", {Dim::symbol("batch"), 784});
//   const ValueId y = b.call(Linear{}, {x, b.constant(weight, "weight"), kNone});
//   b.output(b.call(Softmax{.dim = 1}, {y}));
//   Graph graph = b.build();
//
// Types come from the ops' own rules, names from the ops.
#pragma once

#include <unordered_map>
#include <unordered_set>

#include <tenon/core/registry.h>
#include <tenon/graph/graph.h>

namespace tenon::inline v0::graph {

class TENON_API Builder {
 public:
  explicit Builder(std::string name = "forward") { graph_.name = std::move(name); }

  ValueId input(std::string_view name, const Shape& shape, DType dtype = DType::Float32);
  // The same data twice is one constant; a number is named as it prints: %2.0.
  ValueId constant(const Tensor& data, std::string_view name = "constant");
  ValueId number(const Scalar& value) { return constant(Tensor(value)); }
  // State: its value at the start of a call. The index of the slot is slots - 1.
  ValueId slot(Slot::Kind kind, std::string_view name, const Tensor& initial);
  // The slot of a generator, for `draw_from`.
  int32_t generator(std::string_view name, const Tensor& state);

  // Set what the nodes from here on carry.
  void at(Source source) { source_ = std::move(source); }
  void draw_from(int32_t generator_slot) { generator_ = generator_slot; }

  // One node and its outputs, hidden ones and the new values of written inputs too.
  std::vector<ValueId> call(const OpInfo& op, const void* record, const std::vector<ValueId>& inputs);
  // Of an op without a shape rule (a composite): the types of its outputs.
  std::vector<ValueId> call(const OpInfo& op, const void* record, const std::vector<ValueId>& inputs,
                            const std::vector<Spec>& outputs);
  template <class R>
  ValueId call(const R& record, const std::vector<ValueId>& inputs) {
    return call_all(record, inputs).front();
  }
  template <class R>
  std::vector<ValueId> call_all(const R& record, const std::vector<ValueId>& inputs) {
    return call(op<R>(), &record, inputs);
  }

  // The slot whose value at the start is `before` has `after` at the end.
  void update(ValueId before, ValueId after);
  void output(ValueId id) { graph_.outputs.push_back(id); }
  void require_equal(Dim a, Dim b) { graph_.conditions.emplace_back(a, b); }

  const Graph& graph() const { return graph_; }
  const Spec& spec(ValueId id) const { return graph_[id].spec; }
  // Verified.
  Graph build();

 protected:
  ValueId value(std::string_view name, Spec spec, NodeId producer);
  std::string unique_name(std::string_view wanted);
  // The constant `index` of the graph is found when its data comes again.
  void remember_constant(size_t index);

  Graph graph_;
  std::unordered_set<std::string> names_;

 private:
  Source source_;
  int32_t generator_ = kNone;
  std::unordered_map<std::string, int> next_;          // for a name that is taken: the number to try
  std::unordered_multimap<size_t, size_t> constants_;  // by the hash of their bytes
};

// A name for the value `output` of a node: "conv2d", "max_pool_indices".
TENON_API std::string output_name(const OpInfo& op, size_t output);
// The size of a dimension that depends on data, of the value `name`: a symbol of its own.
TENON_API Dim data_dependent_size(std::string_view name, size_t axis);

}  // namespace tenon::inline v0::graph
