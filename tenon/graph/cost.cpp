#include <tenon/graph/cost.h>

#include <unordered_map>
#include <unordered_set>

#include <tenon/ops/cost.h>
#include <tenon/ops/records.h>

namespace tenon::inline v0::graph {
namespace {

using Rule = Dim (*)(const void* record, Specs in, const Spec* out);

template <class R>
concept HasCost = requires(const R& r, Specs in, const Spec* out) {
  multiply_adds(r, in, out);
};

// The rules that stand beside the records' shape rules.
class Rules {
 public:
  Rules() {
    const auto add = [&]<class R>() {
      if constexpr (HasCost<R>)
        rules_[&op<R>()] = [](const void* record, Specs in, const Spec* out) {
          return multiply_adds(*static_cast<const R*>(record), in, out);
        };
    };
    for_each_family([&](const char*, auto records) { records.for_each(add); });
    FusedRecords::for_each(add);
  }
  Rule find(const OpInfo& op) const {
    const auto found = rules_.find(&op);
    return found == rules_.end() ? nullptr : found->second;
  }

 private:
  std::unordered_map<const OpInfo*, Rule> rules_;
};

Dim products_of(const Graph& graph, const Node& node) {
  static const Rules rules;
  const Rule rule = rules.find(*node.op);
  if (rule == nullptr) return 0;
  std::vector<const Spec*> in;
  for (ValueId id : node.inputs) in.push_back(id == kNone ? nullptr : &graph[id].spec);
  std::vector<Spec> out;
  for (ValueId id : node.outputs) out.push_back(id == kNone ? Spec{} : graph[id].spec);
  return rule(node.record.get(), Specs(in.data(), static_cast<int>(in.size())), out.data());
}

// The values that are weights; their sizes are numbers.
std::unordered_set<ValueId> parameters_of(const Graph& graph) {
  std::unordered_set<ValueId> out;
  for (const Constant& constant : graph.constants) {
    if (!graph[constant.value].spec.weak) out.insert(constant.value);
  }
  for (const Slot& slot : graph.slots) {
    if (slot.kind == Slot::Kind::Parameter) out.insert(slot.value);
  }
  return out;
}

void add_parameter(const Spec& spec, Cost& cost) {
  const int64_t count = checked_numel(spec.shape, spec.dtype);
  cost.parameters += count;
  cost.parameter_bytes += count * size_of(spec.dtype);
}

}  // namespace

Cost cost_of(const Graph& graph, const Node& node) {
  Cost cost{products_of(graph, node)};
  const std::unordered_set<ValueId> parameters = parameters_of(graph), read(node.inputs.begin(), node.inputs.end());
  for (ValueId id : read) {
    if (parameters.count(id) != 0) add_parameter(graph[id].spec, cost);
  }
  return cost;
}

Cost cost_of(const Graph& graph) {
  Cost cost;
  for (const Node& node : graph.nodes) cost.multiply_adds = cost.multiply_adds + products_of(graph, node);
  for (ValueId id : parameters_of(graph)) add_parameter(graph[id].spec, cost);
  return cost;
}

}  // namespace tenon::inline v0::graph
