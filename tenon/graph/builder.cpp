#include <tenon/graph/builder.h>

#include <string_view>

#include <tenon/graph/verify.h>

namespace tenon::inline v0::graph {

std::string output_name(const OpInfo& op, size_t output) {
  std::string_view base = op.name;
  while (base.size() > 1 && base.front() == '_') base.remove_prefix(1);
  if (output == 0) return std::string(base);
  const char* named = output < op.output_count ? op.outputs[output].name : "";
  return *named ? text(base, "_", named) : text(base, "_", output);
}

Dim data_dependent_size(std::string_view name, size_t axis) { return Dim::symbol(text(name, ".", axis)); }

std::string Builder::unique_name(std::string_view wanted) {
  std::string name(wanted);
  for (int& n = next_[name]; !names_.insert(name).second;) name = text(wanted, "_", ++n);
  return name;
}

ValueId Builder::value(std::string_view name, Spec spec, NodeId producer) {
  graph_.values.push_back({unique_name(name), std::move(spec), producer});
  return static_cast<ValueId>(graph_.values.size() - 1);
}

ValueId Builder::input(std::string_view name, const Shape& shape, DType dtype) {
  graph_.inputs.push_back(value(name, {shape, dtype, {}, false}, kNone));
  return graph_.inputs.back();
}

static size_t hash_data(const Tensor& data) {
  const auto bytes = static_cast<size_t>(data.numel() * data.element_size());
  return std::hash<std::string_view>()({static_cast<const char*>(data.data_ptr()), bytes});
}

void Builder::remember_constant(size_t index) { constants_.emplace(hash_data(graph_.constants[index].data), index); }

ValueId Builder::constant(const Tensor& data, std::string_view name) {
  const Tensor kept = data.contiguous();
  const auto [first, last] = constants_.equal_range(hash_data(kept));
  for (auto it = first; it != last; ++it) {
    const Constant& known = graph_.constants[it->second];
    if (same_data(known.data, kept)) return known.value;
  }
  const std::string named = kept.spec().weak ? to_text(exact_number(kept)) : std::string(name);
  graph_.constants.push_back({value(named, kept.spec(), kNone), kept});
  remember_constant(graph_.constants.size() - 1);
  return graph_.constants.back().value;
}

ValueId Builder::slot(Slot::Kind kind, std::string_view name, const Tensor& initial) {
  Spec spec = initial.spec();
  spec.weak = false;
  graph_.slots.push_back({kind, std::string(name), value(name, spec, kNone), kNone, initial});
  return graph_.slots.back().value;
}

int32_t Builder::generator(std::string_view name, const Tensor& state) {
  graph_.slots.push_back({Slot::Kind::Generator, std::string(name), kNone, kNone, state});
  return static_cast<int32_t>(graph_.slots.size() - 1);
}

std::vector<ValueId> Builder::call(const OpInfo& op, const void* record, const std::vector<ValueId>& inputs) {
  check<InternalError>(op.infer != nullptr, "Builder: ", op.full_name(),
                       " is a composite without a shape rule; say the types of its outputs");
  std::vector<const Spec*> in;
  for (ValueId id : inputs) in.push_back(id == kNone ? nullptr : &graph_[id].spec);
  std::vector<Spec> specs(kMaxOutputs);
  DimConditions conditions;
  op.infer(record, Specs(in.data(), static_cast<int>(in.size())), specs.data());
  for (const auto& [left, right] : conditions.pairs()) {
    if (!has_condition(graph_, left, right)) graph_.conditions.emplace_back(left, right);
  }
  specs.resize(op.output_count);
  return call(op, record, inputs, specs);
}

std::vector<ValueId> Builder::call(const OpInfo& op, const void* record, const std::vector<ValueId>& inputs,
                                   const std::vector<Spec>& outputs) {
  const auto id = static_cast<NodeId>(graph_.nodes.size());
  Node node{&op, Record(op, record), inputs, {}, op.is(kRandom) || op.infer == nullptr ? generator_ : kNone, source_};
  if (const ParameterInfo* p = generator_parameter(op)) static_cast<GeneratorHandle*>(node.record.at(*p))->reset();
  for (size_t i = 0; i < outputs.size(); ++i) {
    const ValueId out = value(output_name(op, i), outputs[i], id);
    Shape& shape = graph_[out].spec.shape;
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      if (shape[axis] == Dim(-1)) shape[axis] = data_dependent_size(graph_[out].name, axis);
    }
    node.outputs.push_back(out);
  }
  for (size_t i = 0; i < inputs.size() && i < 32; ++i) {
    if ((op.writes >> i & 1) == 0) continue;
    const ValueId before = inputs[i];
    node.outputs.push_back(before == kNone ? kNone
                                           : value(std::string(graph_[before].name), Spec(graph_[before].spec), id));
  }
  graph_.nodes.push_back(std::move(node));
  return graph_.nodes.back().outputs;
}

void Builder::update(ValueId before, ValueId after) {
  for (Slot& slot : graph_.slots) {
    if (slot.value == before && before != kNone) return static_cast<void>(slot.updated = after);
  }
  fail<InternalError>("Builder: %", graph_[before].name, " is the value of no slot");
}

Graph Builder::build() {
  verify(graph_);
  return std::move(graph_);
}

}  // namespace tenon::inline v0::graph
