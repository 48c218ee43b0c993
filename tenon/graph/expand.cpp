#include <tenon/graph/expand.h>

#include <unordered_map>

#include <tenon/core/door.h>
#include <tenon/graph/rewriter.h>

namespace tenon::inline v0::graph {

bool is_primitive(const OpInfo& op) { return op.alias != nullptr || op.kernels[0] != nullptr; }

namespace {

// A tensor with a type and no data.
Tensor shadow(const Spec& spec) {
  Tensor out(Ref<TensorImpl>::adopt(TensorImpl::create()));
  TensorImpl* impl = out.impl();
  impl->spec = spec;
  impl->strides.resize(spec.shape.size());
  bool known = true;
  for (Dim d : spec.shape) known &= !d.is_symbolic();
  if (known) impl->strides = contiguous_strides(spec.shape);
  return out;
}

// The calls that a decomposition makes, as nodes.
class Expander : public Interceptor {
 public:
  explicit Expander(const Graph& graph) : graph_(graph), constants_(graph), out_(graph) {}

  Graph run() {
    for (const Node& node : graph_.nodes) {
      if (is_primitive(*node.op))
        out_.keep(node);
      else
        decompose(node);
    }
    return out_.finish();
  }

  bool intercept(Call& call) override {
    if (!is_primitive(*call.op)) return false;  // its parts come by
    std::vector<ValueId> inputs;
    for (int i = 0; i < call.inputs.size(); ++i) inputs.push_back(call.inputs.has(i) ? id_of(call.inputs[i]) : kNone);
    if (call.op->is(kRandom) && node_->generator == kNone)
      refuse("it draws random numbers and has no generator's slot");
    const std::vector<ValueId> made = out_.call(*call.op, call.record, inputs);
    for (int i = 0; i < call.op->output_count; ++i) give(call, i, made[static_cast<size_t>(i)]);
    for (int i = 0; i < call.inputs.size() && i < 32; ++i) {
      if ((call.op->writes >> i & 1) != 0 && call.inputs.has(i))
        ids_[call.inputs[i].impl()] = made[written_output(*call.op, i)];
    }
    return true;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    const std::string where =
        node_->source.file.empty() ? "" : text(", at ", node_->source.file, ":", node_->source.line);
    fail<ValueError>("expand: '", graph_.name, "': %", graph_[node_->outputs.at(0)].name, " = ", node_->op->full_name(),
                     where, ": ", why);
  }

  void decompose(const Node& node) {
    node_ = &node;
    out_.stand_for(node);
    if (node.op->decompose == nullptr) refuse("it has neither a kernel nor a decomposition");
    std::vector<Tensor> inputs;
    for (ValueId id : node.inputs) {
      const Tensor* known = id == kNone ? nullptr : constants_.find(id);
      inputs.push_back(id == kNone ? Tensor() : known != nullptr ? *known : shadow(graph_[id].spec));
      if (id != kNone) remember(inputs.back(), out_[id]);
    }
    Tensor outputs[kMaxOutputs];
    std::vector<Tensor> results;
    {
      const InterceptorScope scope(Layer::Trace, this);
      const RecorderScope no_tape(Observer::Tape, nullptr);
      const Inputs in(reinterpret_cast<TensorImpl* const*>(inputs.data()), static_cast<int>(inputs.size()));
      node.op->decompose(node.record.get(), in, outputs, &results);
    }
    if (!node.op->is(kListOutput)) results.assign(outputs, outputs + node.op->output_count);
    if (results.size() != node.outputs.size()) refuse(text("it has ", results.size(), " parts"));
    for (size_t i = 0; i < results.size(); ++i) out_.replace(node.outputs[i], id_of(results[i]));
    ids_.clear();
    kept_.clear();
  }

  void remember(const Tensor& tensor, ValueId id) {
    ids_[tensor.impl()] = id;
    kept_.push_back(tensor);
  }
  // A tensor that no node made is a constant of the decomposition: a number, mostly.
  ValueId id_of(const Tensor& tensor) {
    const auto found = ids_.find(tensor.impl());
    if (found != ids_.end()) return found->second;
    const ValueId id = out_.constant(tensor);
    remember(tensor, id);
    return id;
  }
  // The result of a call; a destination becomes it, as long as nothing else looks at its memory.
  void give(Call& call, int index, ValueId id) {
    Tensor& to = call.outputs[index];
    if (call.destination == Destination::None || !to.defined()) {
      to = shadow(out_.spec(id));
      return remember(to, id);
    }
    const Spec& spec = out_.spec(id);
    if (to.impl()->base || !(to.shape() == spec.shape) || to.dtype() != spec.dtype)
      refuse(text("its decomposition writes in place, with ", call.op->name));
    ids_[to.impl()] = id;
  }

  const Graph& graph_;
  const Constants constants_;
  Rewriter out_;
  const Node* node_ = nullptr;  // that is decomposed
  std::unordered_map<const TensorImpl*, ValueId> ids_;
  std::vector<Tensor> kept_;  // so that no other tensor gets the place of one in ids_
};

}  // namespace

Graph expand(Graph graph) { return Expander(graph).run(); }

}  // namespace tenon::inline v0::graph
