#include <tenon/autograd/op_node.h>

#include <bit>

#include <tenon/autograd/autograd.h>
#include <tenon/autograd/basic_ops.h>
#include <tenon/core/allocator.h>

namespace tenon::inline v0 {

// A saved value is copied or dropped under it. Whoever comes second waits in the kernel, and one byte of the
// node is all that it takes.
class OpNode::Lock {
 public:
  explicit Lock(OpNode& node) : node_(node) {
    while (node_.busy_.test_and_set(std::memory_order_acquire)) node_.busy_.wait(true);
  }
  ~Lock() {
    node_.busy_.clear(std::memory_order_release);
    node_.busy_.notify_one();
  }

 private:
  OpNode& node_;
};

namespace {

constexpr int kOutputSlot = 1 << 24;  // slot index of output 0

size_t aligned(size_t offset, size_t alignment) { return (offset + alignment - 1) & ~(alignment - 1); }

}  // namespace

Saves OpNode::saves_of(const OpInfo& op, Rule rule, uint64_t wanted) {
  if (rule == Rule::Missing) return 0;
  if (rule == Rule::Decomposition) return kSaveAllInputs;
  Saves saves = op.saves & ~kSaveForOthers;
  if ((op.saves & kSaveForOthers) != 0 && std::has_single_bit(wanted) && wanted <= 0x8000) {
    saves &= ~static_cast<Saves>(wanted);
  }
  return saves;
}

Ref<OpNode> OpNode::make(const Call& call, Rule rule, const Tensor* clones) {
  const OpInfo& op = *call.op;
  const int n = call.inputs.size();
  TensorImpl* const* in = call.inputs.data();
  uint64_t wanted = 0;
  for (int i = 0; i < n; ++i) {
    if (in[i] != nullptr && wants_grad(in[i])) wanted |= uint64_t{1} << (i < 64 ? i : 63);
  }
  const Saves saves = saves_of(op, rule, wanted);
  const auto saved = [&](int i) { return in[i] != nullptr && saves_input(saves, i); };
  uint32_t slots = 0;
  if (saves != 0) {
    for (int i = 0; i < n; ++i) slots += saved(i);
    for (int o = 0; o < op.output_count; ++o) slots += (saves & save_output(o)) != 0;
  }

  const auto count = static_cast<size_t>(n);
  const size_t edges_at = aligned(sizeof(OpNode), alignof(Edge));
  const size_t specs_at = aligned(edges_at + count * sizeof(Edge), alignof(Spec));
  const size_t slots_at = aligned(specs_at + count * sizeof(Spec), alignof(Slot));
  const size_t record_at = aligned(slots_at + slots * sizeof(Slot), std::max(op.record_align, alignof(void*)));
  const size_t present_at = record_at + op.record_size;
  const size_t bytes = present_at + count;
  auto* block = static_cast<char*>(allocate(bytes));
  if (block == nullptr) fail<MemoryError>(op.name, ": not enough memory to record it for backward");

  auto* node = new (block) OpNode(&op, rule);
  Ref<OpNode> result = Ref<OpNode>::adopt(node);
  node->bytes_ = static_cast<uint32_t>(bytes);
  node->output_count_ = op.output_count;
  node->edges_ = reinterpret_cast<Edge*>(block + edges_at);
  node->specs_ = reinterpret_cast<Spec*>(block + specs_at);
  node->slots_ = reinterpret_cast<Slot*>(block + slots_at);
  node->present_ = reinterpret_cast<bool*>(block + present_at);
  node->record_ = block + record_at;
  if (op.trivial_record) {
    std::memcpy(node->record_, call.record, op.record_size);
  } else {
    op.copy(node->record_, call.record);
  }
  // From here on dispose() may run at any point: the counts say how much is there.
  for (int i = 0; i < n; ++i) {
    node->present_[i] = in[i] != nullptr;
    Edge* edge = new (&node->edges_[i]) Edge;
    if (in[i] != nullptr) {
      new (&node->specs_[i]) Spec(in[i]->spec);
      ++node->edge_count_;
      fill_edge(*edge, in[i]);
    } else {
      new (&node->specs_[i]) Spec;
      ++node->edge_count_;
    }
  }
  if (slots != 0) {
    const auto keep = [&](int index, TensorImpl* impl) {
      Slot* slot = new (&node->slots_[node->slot_count_++]) Slot;
      slot->index = index;
      slot->value.save(&op, impl);
    };
    for (int i = 0; i < n; ++i) {
      if (saved(i)) keep(i, clones != nullptr && clones[i].defined() ? clones[i].impl() : in[i]);
    }
    for (int o = 0; o < op.output_count; ++o) {
      if ((saves & save_output(o)) != 0 && call.outputs[o].defined()) {
        keep(kOutputSlot + o, call.outputs[o].impl());
      }
    }
  }
  return result;
}

void OpNode::dispose() {
  for (uint32_t i = 0; i < edge_count_; ++i) {
    edges_[i].~Edge();
    specs_[i].~Spec();
  }
  for (uint32_t i = 0; i < slot_count_; ++i) slots_[i].~Slot();
  if (!op_->trivial_record) op_->destroy(record_);
  const size_t bytes = bytes_;
  this->~OpNode();
  deallocate(this, bytes);
}

std::string OpNode::name() const { return backward_name(op_->name); }

void OpNode::release_saved() {
  if (slot_count_ == 0) return;
  Lock lock(*this);
  released_ = true;
  for (uint32_t i = 0; i < slot_count_; ++i) slots_[i].value.reset();
}

const OpNode::Slot* OpNode::find(int index) const {
  for (uint32_t i = 0; i < slot_count_; ++i) {
    if (slots_[i].index == index) return &slots_[i];
  }
  return nullptr;
}

std::string OpNode::describe(int index) const {
  if (index >= kOutputSlot) return text("output ", index - kOutputSlot, " of ", op_->name);
  for (const ParameterInfo& p : op_->parameters) {
    const bool single = p.kind == ParameterKind::Input || p.kind == ParameterKind::OptionalInput;
    if (single && p.input_index == index) return text("argument '", p.name, "' of ", op_->name);
  }
  return text("input ", index, " of ", op_->name);
}

Tensor OpNode::unpack(int index) {
  const Slot* slot = find(index);
  if (slot == nullptr) {
    if (index < kOutputSlot && index < static_cast<int>(edge_count_) && !present_[index]) return {};
    fail<InternalError>("the gradient rule of ", op_->name, " asks for ", describe(index),
                        ", which its registration does not declare as saved");
  }
  SavedTensor value;
  {
    Lock lock(*this);
    if (released_) raise_already_freed(op_->name);
    value = slot->value;
  }
  if (value.is_stale()) value.raise_stale(describe(index), op_->name);
  if (index < kOutputSlot) return value.unpack(edges_[index]);
  return value.unpack(Edge{Ref<Node>::share(this), nullptr, static_cast<uint32_t>(index - kOutputSlot)});
}

// ---- the rule's side ---------------------------------------------------------------------------------------

struct GradientCall {
  OpNode* node;
  Tensor* grads;
  Tensor* results;
  const bool* wanted;
  uint64_t given = 0;  // inputs that the rule has spoken of

  static void run(OpNode* node, Tensor* grads, Tensor* results, const bool* wanted) {
    GradientCall call{node, grads, results, wanted};
    Gradients g;
    g.input_count_ = static_cast<int>(node->edge_count());
    g.call_ = &call;
    for (int i = 0; i < g.input_count_ && i < 64; ++i) {
      if (wanted[i]) g.needed_ |= uint64_t{1} << i;
    }
    node->op_->gradient(node->record_, g);
    // Never a silent zero. A rule is free to stop when nothing depends on the first output.
    if ((g.needed_ & ~call.given) != 0 && grads[0].defined()) [[unlikely]]
      call.fail_forgotten(std::countr_zero(g.needed_ & ~call.given));
  }
  [[noreturn]] void fail_forgotten(int input) const {
    fail<AutogradError>(node->op_->name, ": the derivative for ", node->describe(input),
                        " is not implemented, and it requires grad; give its detach()");
  }
  static GradientCall& of(void* call) { return *static_cast<GradientCall*>(call); }
};

bool Gradients::needs_more(int i) const { return i < input_count_ && GradientCall::of(call_).wanted[i]; }
Tensor Gradients::input(int i) const { return GradientCall::of(call_).node->unpack(i); }
Tensor Gradients::output(int i) const { return GradientCall::of(call_).node->unpack(kOutputSlot + i); }
bool Gradients::has_input(int i) const { return i < input_count_ && GradientCall::of(call_).node->present_[i]; }
const Spec& Gradients::input_spec(int i) const {
  TENON_ASSERT(i < input_count_);
  return GradientCall::of(call_).node->specs_[i];
}
Layout Gradients::input_layout(int i) const {
  const OpNode* node = GradientCall::of(call_).node;
  const OpNode::Slot* slot = node->find(i);
  if (slot == nullptr) {
    fail<InternalError>("the gradient rule of ", node->op_->name, " asks for the layout of ", node->describe(i),
                        ", which its registration does not declare as saved");
  }
  return slot->value.layout();
}
const Tensor& Gradients::grad(int i) const {
  TENON_ASSERT(static_cast<uint32_t>(i) < GradientCall::of(call_).node->output_count());
  return GradientCall::of(call_).grads[i];
}
void Gradients::set(int i, Tensor gradient) {
  TENON_ASSERT(i < input_count_);
  GradientCall& call = GradientCall::of(call_);
  if (i < 64) call.given |= uint64_t{1} << i;
  if (!gradient.defined() || !call.wanted[i]) return;
  const Spec& spec = call.node->specs_[i];
  if (gradient.dtype() != spec.dtype || !(gradient.shape() == spec.shape)) [[unlikely]]
    gradient = fit_gradient(call.node->op_->name, i, std::move(gradient), spec);
  call.results[i] = std::move(gradient);
}

void OpNode::apply(Tensor* grads, Tensor* results, const bool* wanted) {
  switch (rule_) {
    case Rule::Gradient:
      return GradientCall::run(this, grads, results, wanted);
    case Rule::Decomposition:
      return apply_decomposition(grads, results, wanted);
    case Rule::Missing:
      fail<AutogradError>(op_->name, ": the derivative of '", op_->full_name(),
                          "' is not implemented; call it under no_grad() or detach() its input if no "
                          "gradient should flow through it");
  }
}

void OpNode::apply_decomposition(Tensor* grads, Tensor* results, const bool* wanted) {
  const bool create_graph = is_grad_enabled();
  const int n = static_cast<int>(edge_count_);
  std::vector<Tensor> values(static_cast<size_t>(n)), wanted_values;
  std::vector<int> wanted_index;
  for (int i = 0; i < n; ++i) {
    if (!present_[i]) continue;
    Tensor value = unpack(i);
    if (!wanted[i]) {
      values[i] = create_graph ? value : alias_of(value);
      continue;
    }
    // Its own place in the graph, so that one tensor given as two inputs gets two gradients.
    if (create_graph) {
      value = alias_with_edge(
          value, Edge{Ref<Node>::adopt(new IdentityNode(edge_of(value.impl()), "AliasBackward0")), nullptr, 0});
    } else {
      value = alias_of(value);
      value.requires_grad_();
    }
    values[i] = value;
    wanted_values.push_back(value);
    wanted_index.push_back(i);
  }
  Tensor outputs[kMaxOutputs];
  std::vector<Tensor> list;
  {
    EnableGrad enable;
    op_->decompose(record_, Inputs(reinterpret_cast<TensorImpl* const*>(values.data()), n), outputs, &list);
  }
  std::vector<Tensor> roots, root_grads;
  for (uint32_t o = 0; o < output_count_; ++o) {
    if (!grads[o].defined() || !outputs[o].requires_grad()) continue;
    roots.push_back(outputs[o]);
    root_grads.push_back(grads[o]);
  }
  if (roots.empty()) return;
  GradOptions options;
  options.create_graph = create_graph;
  options.allow_unused = true;
  std::vector<Tensor> found = grad(roots, wanted_values, root_grads, options);
  for (size_t k = 0; k < found.size(); ++k) {
    if (!found[k].defined()) continue;
    const int i = wanted_index[k];
    results[i] = fit_gradient(op_->name, i, std::move(found[k]), specs_[i]);
  }
}

std::string backward_name(std::string_view op) {
  std::string out;
  bool upper = true;
  for (char c : op) {
    if (c == '_') {
      upper = true;
    } else {
      out += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
      upper = false;
    }
  }
  return out + "Backward0";
}

Tensor fit_gradient(std::string_view op, int index, Tensor gradient, const Spec& spec) {
  if (!(gradient.shape() == spec.shape)) [[unlikely]] {
    const Shape& from = gradient.shape();
    const size_t lead = from.size() - spec.shape.size();
    bool fits = from.size() >= spec.shape.size();
    Dims dims;
    for (size_t d = 0; fits && d < from.size(); ++d) {
      if (d < lead) {
        dims.push_back(static_cast<int64_t>(d));
      } else if (!(from[d] == spec.shape[d - lead])) {
        fits = spec.shape[d - lead] == Dim(1);
        dims.push_back(static_cast<int64_t>(d));
      }
    }
    if (!fits) {
      fail<AutogradError>(op, ": returned an invalid gradient at index ", index, " - got shape ", from,
                          " but expected a shape that sums down to ", spec.shape);
    }
    if (!dims.empty()) gradient = basic::sum(gradient, dims, true);
    if (lead != 0) gradient = basic::reshape(gradient, spec.shape);
  }
  if (gradient.dtype() != spec.dtype) [[unlikely]] {
    if (is_complex(gradient.dtype()) && !is_complex(spec.dtype)) gradient = basic::real_part(gradient);
    if (gradient.dtype() != spec.dtype) gradient = basic::cast(gradient, spec.dtype);
  }
  return gradient;
}

}  // namespace tenon::inline v0
