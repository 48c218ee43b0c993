#include <tenon/graph/verify.h>

#include <unordered_set>

namespace tenon::inline v0::graph {
namespace {

class Verifier {
 public:
  explicit Verifier(const Graph& graph) : graph_(graph), made_(graph.values.size(), false) {}

  void run() {
    check_names();
    for (ValueId id : graph_.inputs) {
      define(id, kNone, "input");
      for (Dim d : graph_[id].spec.shape) know(d);
    }
    for (ValueId id : graph_.inputs) check_known(graph_[id].spec.shape, text("input ", quoted(id)));
    for (const Slot& slot : graph_.slots) check_slot(slot);
    for (const Constant& constant : graph_.constants) check_constant(constant);
    for (size_t i = 0; i < graph_.nodes.size(); ++i) check_node(static_cast<NodeId>(i));
    for (ValueId id : graph_.outputs) use(id, "output");
    for (const auto& [left, right] : graph_.conditions) check_known({left, right}, "condition");
    for (const Slot& slot : graph_.slots) check_updated(slot);
    for (size_t i = 0; i < made_.size(); ++i) {
      if (!made_[i]) error("value ", quoted(static_cast<ValueId>(i)), " is made by nothing");
    }
  }

 private:
  template <class... Parts>
  [[noreturn]] void error(const Parts&... parts) const {
    fail<ValueError>("graph '", graph_.name, "': ", parts...);
  }
  std::string quoted(ValueId id) const { return text("%", graph_[id].name); }
  std::string where(NodeId id) const {
    const Node& node = graph_.nodes[static_cast<size_t>(id)];
    std::string out = text("node ", id, " (", node.op->full_name());
    if (!node.outputs.empty() && is_id(node.outputs[0])) out += text(", which makes ", quoted(node.outputs[0]));
    out += ")";
    if (!node.source.file.empty()) out += text(" at ", node.source.file, ":", node.source.line);
    return out;
  }
  bool is_id(ValueId id) const { return id >= 0 && static_cast<size_t>(id) < graph_.values.size(); }

  void check_names() const {
    std::unordered_set<std::string> seen;
    for (const Value& value : graph_.values) {
      if (value.name.empty()) error("value ", &value - graph_.values.data(), " has no name");
      if (!seen.insert(value.name).second) error("two values are named %", value.name);
    }
    seen.clear();
    for (const Slot& slot : graph_.slots) {
      if (slot.name.empty()) error("slot ", &slot - graph_.slots.data(), " has no name");
      if (!seen.insert(slot.name).second) error("two slots are named '", slot.name, "'");
    }
  }

  // ---- sizes: a symbol is a dimension of an input, or of what an op sizes by its data ----

  void know(Dim dim) {
    if (dim.kind() == Dim::Kind::Symbol) known_.insert(dim.raw());
  }
  void check_known(const Dims& dims, const std::string& by) const {
    for (Dim dim : dims) {
      if (dim.kind() == Dim::Kind::Constant) continue;
      if (dim.kind() != Dim::Kind::Symbol)
        check_known(Dims(dim.operands().begin(), dim.operands().end()), by);
      else if (known_.count(dim.raw()) == 0)
        error(by, ": the size ", dim, " is no dimension of an input, nor of what an op above sizes by its data");
    }
  }
  void check_sizes(const Node& node, const std::string& by) {
    for (const ParameterInfo& p : node.op->parameters) {
      if (p.kind != ParameterKind::Attribute) continue;
      const void* member = node.record.at(p);
      if (p.type == AttributeType::Dim) check_known({*static_cast<const Dim*>(member)}, by);
      if (p.type == AttributeType::Dims) check_known(*static_cast<const Dims*>(member), by);
      const auto* dims = p.type == AttributeType::OptionalDims ? static_cast<const OptionalDims*>(member) : nullptr;
      if (dims != nullptr && dims->has_value()) check_known(**dims, by);
    }
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i] == kNone) continue;
      const Shape& shape = graph_[node.outputs[i]].spec.shape;
      if (i < node.op->output_count && node.op->outputs[i].effect == Effect::DataDependent) {
        for (Dim d : shape) know(d);
      }
      check_known(shape, by);
    }
  }

  // `id` gets its value here, from node `producer` or from outside.
  void define(ValueId id, NodeId producer, const std::string& by) {
    if (!is_id(id)) error(by, ": there is no value ", id, "; the graph has ", graph_.values.size());
    const auto at = static_cast<size_t>(id);
    if (made_[at]) error(by, ": value ", quoted(id), " is made twice");
    if (graph_[id].producer != producer) {
      error(by, ": makes value ", quoted(id), ", whose producer is said to be ",
            graph_[id].producer == kNone ? "none" : text("node ", graph_[id].producer));
    }
    made_[at] = true;
  }
  void use(ValueId id, const std::string& by) const {
    if (!is_id(id)) error(by, ": there is no value ", id, "; the graph has ", graph_.values.size());
    if (!made_[static_cast<size_t>(id)]) error(by, ": uses value ", quoted(id), " before it is made");
  }

  void check_data(const Tensor& data, ValueId id, const std::string& by) const {
    const Spec& spec = graph_[id].spec;
    if (!(data.shape() == spec.shape) || data.dtype() != spec.dtype || data.spec().weak != spec.weak)
      error(by, ": value ", quoted(id), " is ", spec, ", but its data is ", data.spec());
  }
  void check_constant(const Constant& constant) {
    define(constant.value, kNone, "constant");
    if (!constant.data.defined()) error("constant ", quoted(constant.value), " has no data");
    check_data(constant.data, constant.value, "constant");
  }
  void check_slot(const Slot& slot) {
    const std::string by = text("slot '", slot.name, "'");
    if (slot.kind == Slot::Kind::Generator) {
      if (slot.value != kNone || slot.updated != kNone) error(by, ": a generator has no value");
      return;
    }
    define(slot.value, kNone, by);
    for (Dim d : graph_[slot.value].spec.shape) {
      if (d.is_symbolic()) error(by, ": has the size ", d, ", and state has sizes that do not change");
    }
    if (slot.initial.defined()) check_data(slot.initial, slot.value, by);
  }
  void check_updated(const Slot& slot) const {
    if (slot.updated == kNone) return;
    const std::string by = text("slot '", slot.name, "'");
    use(slot.updated, by);
    const Spec &before = graph_[slot.value].spec, &after = graph_[slot.updated].spec;
    if (!(before.shape == after.shape) || before.dtype != after.dtype)
      error(by, ": its value ", quoted(slot.value), " is ", before, ", and becomes ", quoted(slot.updated),
            ", which is ", after);
  }

  void check_node(NodeId id) {
    const Node& node = graph_.nodes[static_cast<size_t>(id)];
    if (node.op == nullptr) error("node ", id, " has no op");
    const std::string by = where(id);
    if (node.record.op() != node.op) error(by, ": its attributes are of another op");
    check_inputs(node, by);
    check_generator(node, by);
    check_types(node, by);
    check_sizes(node, by);
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i] == kNone && i >= node.op->output_count) continue;  // of an input that was left out
      define(node.outputs[i], id, by);
    }
  }
  void check_inputs(const Node& node, const std::string& by) const {
    const auto fixed = static_cast<size_t>(node.op->input_count);
    if (node.inputs.size() < fixed || (node.inputs.size() > fixed && !node.op->has_list)) {
      error(by, ": has ", node.inputs.size(), " inputs, but ", print_signature(*node.op), " takes ", fixed,
            node.op->has_list ? " and a list" : "");
    }
    for (const ParameterInfo& p : node.op->parameters) {
      if (p.kind == ParameterKind::Input && node.inputs[p.input_index] == kNone)
        error(by, ": input ", p.name, " is required");
      if (p.kind != ParameterKind::InputList || p.takes_none) continue;
      for (size_t i = fixed; i < node.inputs.size(); ++i) {
        if (node.inputs[i] == kNone) error(by, ": ", p.name, " must not hold None");
      }
    }
    for (ValueId id : node.inputs) {
      if (id != kNone) use(id, by);
    }
  }
  void check_generator(const Node& node, const std::string& by) const {
    if (node.generator != kNone) {
      const bool in_range = node.generator >= 0 && static_cast<size_t>(node.generator) < graph_.slots.size();
      if (!in_range) error(by, ": there is no slot ", node.generator);
      if (graph_.slots[static_cast<size_t>(node.generator)].kind != Slot::Kind::Generator)
        error(by, ": slot ", node.generator, " is no generator");
    }
    if (node.op->is(kRandom) && node.generator == kNone) error(by, ": a random op needs a generator's slot");
    const bool is_composite = node.op->infer == nullptr;  // what it is made of may draw
    if (!node.op->is(kRandom) && !is_composite && node.generator != kNone)
      error(by, ": only random ops draw from a slot");
    const ParameterInfo* p = generator_parameter(*node.op);
    if (p != nullptr && *static_cast<const GeneratorHandle*>(node.record.at(*p)))
      error(by, ": its record holds a generator; graphs name a slot instead");
  }

  void check_types(const Node& node, const std::string& by) const {
    const size_t count = output_count(*node.op);
    const bool is_list = node.op->is(kListOutput);
    if (is_list ? node.outputs.empty() : node.outputs.size() != count)
      error(by, ": has ", node.outputs.size(), " outputs instead of ", is_list ? "at least one" : text(count));
    for (ValueId id : node.outputs) {
      if (id != kNone && !is_id(id)) error(by, ": there is no value ", id, "; the graph has ", graph_.values.size());
    }
    check_written(node, by);
    if (node.op->infer == nullptr || is_list) return;  // a composite: what it is made of says its type
    std::vector<const Spec*> in;
    for (ValueId id : node.inputs) in.push_back(id == kNone ? nullptr : &graph_[id].spec);
    Spec inferred[kMaxOutputs];
    DimConditions conditions;
    try {
      node.op->infer(node.record.get(), Specs(in.data(), static_cast<int>(in.size())), inferred);
    } catch (const Error& e) {
      error(by, ": ", e.what());
    }
    for (const auto& [left, right] : conditions.pairs()) {
      if (!has_condition(graph_, left, right))
        error(by, ": works only when ", left, " == ", right, ", which is no condition of the graph");
    }
    for (int i = 0; i < node.op->output_count; ++i) {
      const ValueId output = node.outputs[static_cast<size_t>(i)];
      if (output == kNone) error(by, ": output ", i, " has no value");
      check_type(output, inferred[i], node.op->outputs[static_cast<size_t>(i)].effect, by);
    }
  }
  void check_type(ValueId id, const Spec& inferred, Effect effect, const std::string& by) const {
    const Spec& spec = graph_[id].spec;
    bool same = spec.dtype == inferred.dtype && spec.shape.size() == inferred.shape.size() && !spec.weak;
    for (size_t i = 0; same && i < spec.shape.size(); ++i) {
      const bool unknown = effect == Effect::DataDependent && inferred.shape[i] == Dim(-1);
      same = unknown || spec.shape[i] == inferred.shape[i];
    }
    if (!same) error(by, ": value ", quoted(id), " is ", spec, ", but the op makes ", inferred);
  }
  void check_written(const Node& node, const std::string& by) const {
    for (int i = 0; i < static_cast<int>(node.inputs.size()) && i < 32; ++i) {
      if ((node.op->writes >> i & 1) == 0) continue;
      const ValueId before = node.inputs[static_cast<size_t>(i)], after = node.outputs[written_output(*node.op, i)];
      if ((before == kNone) != (after == kNone)) error(by, ": input ", i, " and its new value must both be there");
      if (before == kNone) continue;
      const Spec &x = graph_[before].spec, &y = graph_[after].spec;
      if (!(x.shape == y.shape) || x.dtype != y.dtype)
        error(by, ": writes ", quoted(before), ", which is ", x, ", but its new value ", quoted(after), " is ", y);
    }
  }

  const Graph& graph_;
  std::vector<char> made_;
  std::unordered_set<int64_t> known_;  // symbols, by Dim::raw
};

}  // namespace

void verify(const Graph& graph) { Verifier(graph).run(); }

}  // namespace tenon::inline v0::graph
