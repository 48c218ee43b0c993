#include <tenon/graph/interpret.h>

#include <tenon/core/door.h>
#include <tenon/core/generator.h>
#include <tenon/graph/sizes.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0::graph {
namespace {

GeneratorHandle generator_of(const Slot& slot, const Tensor& state) {
  auto generator = std::make_shared<Generator>();
  const bool ok = state.defined() && state.is_contiguous() &&
                  generator->set_state(static_cast<const uint8_t*>(state.data_ptr()),
                                       static_cast<size_t>(state.numel() * state.element_size()));
  check<ValueError>(ok, "interpret: slot '", slot.name, "' holds no generator's state");
  return generator;
}

Tensor state_of(const Generator& generator) {
  Tensor state = Tensor::empty({Dim(Generator::kStateBytes)}, DType::UInt8);
  generator.get_state(static_cast<uint8_t*>(state.data_ptr()));
  return state;
}

class Interpreter {
 public:
  Interpreter(const Graph& graph, const std::vector<Tensor>& state)
      : graph_(graph), values_(graph.values.size()), generators_(graph.slots.size()) {
    check<ValueError>(state.empty() || state.size() == graph.slots.size(), "interpret: the graph has ",
                      graph.slots.size(), " slots, not ", state.size());
    for (size_t i = 0; i < graph.slots.size(); ++i) {
      const Slot& slot = graph.slots[i];
      const Tensor& before = state.empty() ? slot.initial : state[i];
      check<ValueError>(before.defined(), "interpret: slot '", slot.name, "' has no value");
      if (slot.kind == Slot::Kind::Generator)
        generators_[i] = generator_of(slot, before);
      else
        at(slot.value) = before;
    }
    for (const Constant& constant : graph.constants) at(constant.value) = constant.data;
  }

  Interpreted run(const std::vector<Tensor>& inputs) {
    bind(inputs);
    for (const Node& node : graph_.nodes) run(node);
    for (const auto& [left, right] : graph_.conditions) {
      const int64_t a = sizes_.evaluate(left), b = sizes_.evaluate(right);
      check<ShapeError>(a == b, "interpret: ", left, " is ", a, " and ", right, " is ", b, "; they must be equal");
    }
    Interpreted result;
    for (ValueId id : graph_.outputs) result.outputs.push_back(at(id));
    for (size_t i = 0; i < graph_.slots.size(); ++i) {
      const Slot& slot = graph_.slots[i];
      if (slot.kind == Slot::Kind::Generator)
        result.state.push_back(state_of(*generators_[i]));
      else
        result.state.push_back(at(slot.updated == kNone ? slot.value : slot.updated));
    }
    return result;
  }

 private:
  Tensor& at(ValueId id) { return values_[static_cast<size_t>(id)]; }

  void bind(const std::vector<Tensor>& inputs) {
    check<ValueError>(inputs.size() == graph_.inputs.size(), "interpret: '", graph_.name, "' takes ",
                      graph_.inputs.size(), " inputs, not ", inputs.size());
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i].defined()) sizes_.bind(graph_[graph_.inputs[i]].spec.shape, inputs[i].shape());
    }
    for (size_t i = 0; i < inputs.size(); ++i) {  // now that every symbol has its number
      const Value& value = graph_[graph_.inputs[i]];
      const Tensor& x = inputs[i];
      const bool fits = x.defined() && x.dtype() == value.spec.dtype && sizes_.bind(value.spec.shape, x.shape());
      check<ShapeError>(fits, "interpret: input ", value.name, " is ", x.defined() ? to_text(x.spec()) : "missing",
                        ", and must be ", value.spec);
      at(graph_.inputs[i]) = x;
    }
  }

  void run(const Node& node) {
    std::vector<Tensor> inputs;
    for (ValueId id : node.inputs) inputs.push_back(id == kNone ? Tensor() : at(id));
    Node concrete = node;
    sizes_.substitute(concrete.record);
    const auto outputs = run_node(concrete, inputs,
                                  node.generator == kNone ? nullptr : generators_[static_cast<size_t>(node.generator)]);
    TENON_ASSERT(outputs.size() == node.outputs.size());
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (node.outputs[i] == kNone) continue;
      at(node.outputs[i]) = outputs[i];
      const Value& value = graph_[node.outputs[i]];
      check<ShapeError>(sizes_.bind(value.spec.shape, outputs[i].shape()), "interpret: ", node.op->name, " made %",
                        value.name, " ", outputs[i].spec(), ", and the graph says ", value.spec);
    }
  }

  const Graph& graph_;
  std::vector<Tensor> values_;
  std::vector<GeneratorHandle> generators_;
  Sizes sizes_;
};

}  // namespace

std::vector<Tensor> run_node(const Node& node, const std::vector<Tensor>& inputs, const GeneratorHandle& draw) {
  const OpInfo& op = *node.op;
  // What the op writes is copied first: the old value stays what it was.
  std::vector<Tensor> in = inputs, written;
  for (size_t i = 0; i < in.size() && i < 32; ++i) {
    if ((op.writes >> i & 1) == 0) continue;
    if (in[i].defined()) in[i] = clone(in[i]);
    written.push_back(in[i]);
  }
  Record record = node.record;
  if (const ParameterInfo* p = generator_parameter(op)) *static_cast<GeneratorHandle*>(record.at(*p)) = draw;
  Tensor outputs[kMaxOutputs];
  std::vector<Tensor> all;
  const auto run = [&] {
    Call call{&op, record.get(), Inputs(reinterpret_cast<TensorImpl* const*>(in.data()), static_cast<int>(in.size())),
              outputs, &all};
    apply(call);
  };
  try {
    run();
  } catch (const ShapeError&) {
    // No strides of this input do what a view asks; in a graph it is then of a copy, as reshape's is.
    const bool is_view = op.alias != nullptr && !in[op.outputs[0].input].is_contiguous();
    if (!is_view) throw;
    in[op.outputs[0].input] = in[op.outputs[0].input].contiguous();
    run();
  }
  if (!op.is(kListOutput)) all.assign(outputs, outputs + op.output_count);
  all.insert(all.end(), written.begin(), written.end());
  return all;
}

Interpreted interpret(const Graph& graph, const std::vector<Tensor>& inputs, const std::vector<Tensor>& state) {
  const RecorderScope no_tape(Observer::Tape, nullptr);
  return Interpreter(graph, state).run(inputs);
}

}  // namespace tenon::inline v0::graph
