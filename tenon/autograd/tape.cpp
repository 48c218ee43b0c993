#include <tenon/autograd/tape.h>

#include <tenon/autograd/autograd.h>
#include <tenon/autograd/basic_ops.h>
#include <tenon/core/written.h>

namespace tenon::inline v0 {

namespace {

// Inputs that a write in place is about to change although its gradient needs them: copied before.
struct Preserved {
  const Call* call;
  std::vector<Tensor> clones;
};
thread_local std::vector<Preserved> preserved;

std::vector<Tensor> take_preserved(const Call& call) {
  for (size_t i = preserved.size(); i-- > 0;) {
    if (preserved[i].call != &call) continue;
    std::vector<Tensor> out = std::move(preserved[i].clones);
    preserved.erase(preserved.begin() + static_cast<std::ptrdiff_t>(i));
    return out;
  }
  return {};
}

void forget_preserved(const Call& call) {
  std::erase_if(preserved, [&](const Preserved& p) { return p.call == &call; });
}

bool any_wants_grad(const Call& call) {
  for (int i = 0; i < call.inputs.size(); ++i) {
    if (const TensorImpl* impl = call.inputs.data()[i]; impl != nullptr && wants_grad(impl)) return true;
  }
  return false;
}

void check_not_leaf(const char* op, const TensorImpl* impl) {
  const auto is_wanting_leaf = [](const TensorImpl* t) {
    const AutogradState* s = autograd_state(t);
    if (t->base && (t->base->flags & TensorImpl::kRequiresGrad) != 0) return false;
    return (t->flags & TensorImpl::kRequiresGrad) != 0 && (s == nullptr || !s->grad_fn);
  };
  if (impl->base && is_wanting_leaf(impl->base.get())) {
    fail<AutogradError>(op,
                        ": a view of a leaf Variable that requires grad is being used in an in-place "
                        "operation: it is ",
                        impl->spec, ", its base ", impl->base->spec,
                        "; write under no_grad(), or work on a copy: clone() first");
  }
  if (is_wanting_leaf(impl)) {
    fail<AutogradError>(op,
                        ": a leaf Variable that requires grad is being used in an in-place operation: "
                        "it is ",
                        impl->spec, "; write under no_grad(), or use ", op, "() and keep its result");
  }
}

}  // namespace

void Tape::before_write(const Call& call) {
  const OpInfo& op = *call.op;
  const bool wants = any_wants_grad(call);
  if (call.destination == Destination::Out) {
    for (int o = 0; o < op.output_count; ++o) {
      check<AutogradError>(!(wants || (call.outputs[o].defined() && call.outputs[o].requires_grad())), op.name,
                           "(): functions with out=... arguments don't support automatic differentiation, "
                           "but one of the arguments requires grad; leave out= away, or write under "
                           "no_grad()");
    }
    return;
  }
  for (int i = 0; op.writes != 0 && i < call.inputs.size(); ++i) {
    if (i >= 32 || (op.writes >> i & 1) == 0 || !call.inputs.has(i)) continue;
    check<AutogradError>(!wants_grad(call.inputs.data()[i]), op.name, ": input ", i,
                         " is written in place and requires grad; run it under no_grad()");
  }
  if (call.destination != Destination::Inplace) return;

  TensorImpl* target = call.outputs[0].impl();
  if (!wants) return;
  check_not_leaf(op.name, target);
  if (op.is(kNotDifferentiable)) return;
  if (is_differentiable(target->spec.dtype)) check_view_is_followed(op.name, target);
  const OpNode::Rule rule = OpNode::rule_of(op);
  uint64_t wanted = 0;
  for (int i = 0; i < call.inputs.size(); ++i) {
    if (call.inputs.has(i) && wants_grad(call.inputs.data()[i])) wanted |= uint64_t{1} << (i < 64 ? i : 63);
  }
  const Saves saves = OpNode::saves_of(op, rule, wanted);
  std::vector<Tensor> clones;
  for (int i = 0; saves != 0 && i < call.inputs.size(); ++i) {
    const TensorImpl* in = call.inputs.data()[i];
    if (in == nullptr || !saves_input(saves, i)) continue;
    if (!in->storage || in->storage != target->storage) continue;
    if (clones.empty()) clones.resize(static_cast<size_t>(call.inputs.size()));
    NoGrad off;
    for (int j = 0; j < i; ++j) {
      if (call.inputs.data()[j] == in) clones[i] = clones[j];
    }
    if (!clones[i].defined()) clones[i] = basic::clone(call.inputs[i]);
  }
  if (!clones.empty()) preserved.push_back({&call, std::move(clones)});
}

void Tape::record(const Call& call) {
  if (call.destination != Destination::None) [[unlikely]] {
    if (call.destination == Destination::Inplace) record_inplace(call);
    return;
  }
  if (!any_wants_grad(call)) return;
  const OpInfo& op = *call.op;
  if (op.is(kNotDifferentiable)) return;
  bool differentiable = false;
  for (int o = 0; o < op.output_count; ++o) {
    if (!call.outputs[o].defined()) continue;
    const TensorImpl* out = call.outputs[o].impl();
    if ((out->flags & TensorImpl::kRequiresGrad) != 0) return;  // its decomposition was recorded
    differentiable |= is_differentiable(out->spec.dtype);
  }
  if (!differentiable) return;
  Ref<OpNode> node = OpNode::make(call, OpNode::rule_of(op), nullptr);
  for (int o = op.output_count - 1; o > 0; --o) {
    if (!call.outputs[o].defined()) continue;
    TensorImpl* out = call.outputs[o].impl();
    if (is_differentiable(out->spec.dtype)) set_history(out, node, static_cast<uint32_t>(o));
  }
  TensorImpl* first = call.outputs[0].impl();
  if (first != nullptr && is_differentiable(first->spec.dtype)) set_history(first, std::move(node), 0);
}

void Tape::record_inplace(const Call& call) {
  std::vector<Tensor> clones;
  if (!preserved.empty()) clones = take_preserved(call);
  if (!any_wants_grad(call)) return;
  TensorImpl* target = call.outputs[0].impl();
  const OpInfo& op = *call.op;
  if (op.is(kNotDifferentiable) || !is_differentiable(target->spec.dtype)) {
    rebase_after_write(target, nullptr);
    return;
  }
  Ref<OpNode> node = OpNode::make(call, OpNode::rule_of(op), clones.empty() ? nullptr : clones.data());
  // Views among the inputs were brought up to date with the history before this write: they are stale now.
  for (int i = 0; i < call.inputs.size(); ++i) {
    const TensorImpl* in = call.inputs.data()[i];
    if (in == nullptr || !in->base || in->storage != target->storage || in->grad == nullptr) continue;
    autograd_state(in)->view_version = version_of(in) - 1;
  }
  rebase_after_write(target, std::move(node));
  for (int o = 1; o < op.output_count; ++o) {
    // Further outputs of a write in place are fresh; nothing in Tenon differentiates them.
    if (call.outputs[o].defined()) call.outputs[o].impl()->flags &= static_cast<uint8_t>(~TensorImpl::kRequiresGrad);
  }
}

void install_tape() {
  static Tape tape;
  default_tape = &tape;
  note_write = &remember_writer;
  abandon_write = &forget_preserved;
}

}  // namespace tenon::inline v0
