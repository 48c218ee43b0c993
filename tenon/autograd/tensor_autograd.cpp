// The members of Tensor that belong to autograd.
#include <tenon/autograd/autograd.h>
#include <tenon/core/registry.h>

namespace tenon::inline v0 {

Tensor& Tensor::requires_grad_(bool value) {
  if (value) {
    check<AutogradError>(
        is_differentiable(dtype()),
        "requires_grad_: only Tensors of floating point and complex dtype can require gradients: this one is ", spec(),
        "; convert it first, with .to(float32)");
    check<AutogradError>((impl_->flags & TensorImpl::kInference) == 0 || modes.inference,
                         "requires_grad_: Setting requires_grad=True on inference tensor outside InferenceMode is not "
                         "allowed: this one is ",
                         spec(), "; clone() it to get a normal tensor");
    if (!requires_grad()) {
      need_autograd_state(impl_.get());
      impl_->flags |= TensorImpl::kRequiresGrad;
    }
  } else {
    check<AutogradError>(
        is_leaf(),
        "requires_grad_: you can only change requires_grad flags of leaf variables; this one was computed, it is ",
        spec(), "; use detach() for a tensor that no gradient flows through");
    impl_->flags &= static_cast<uint8_t>(~TensorImpl::kRequiresGrad);
  }
  return *this;
}

bool Tensor::is_leaf() const {
  if ((impl_->flags & TensorImpl::kRequiresGrad) == 0 && !requires_grad()) return true;
  return !edge_of(impl_.get()).node;
}

Tensor Tensor::grad() const {
  const AutogradState* s = autograd_state(impl_.get());
  if (s == nullptr) return {};
  if (s->slot && s->grad_fn) {
    std::lock_guard lock(autograd_mutex(s->slot.get()));
    return s->slot->grad;
  }
  std::lock_guard lock(autograd_mutex(impl_.get()));
  return s->grad;
}

void Tensor::set_grad(Tensor grad) {
  if (grad.defined()) {
    check<AutogradError>(!grad.is_same(*this), "set_grad: can't assign Variable as its own grad");
    check<AutogradError>(grad.shape() == shape(), "set_grad: assigned grad has shape ", grad.shape(), ", its tensor ",
                         shape());
    check<AutogradError>(grad.dtype() == dtype(), "set_grad: assigned grad has dtype ", grad.dtype(), ", its tensor ",
                         dtype());
    check<AutogradError>(grad.device().kind == device().kind, "set_grad: assigned grad is on ", grad.device(),
                         ", its tensor on ", device());
  }
  AutogradState& s = need_autograd_state(impl_.get());
  if (s.slot && s.grad_fn) {
    std::lock_guard lock(autograd_mutex(s.slot.get()));
    std::swap(s.slot->grad, grad);  // the old one is freed outside of the lock
    return;
  }
  std::lock_guard lock(autograd_mutex(impl_.get()));
  std::swap(s.grad, grad);
}

Tensor Tensor::detach() const {
  // Through the door where something may intercept it; otherwise there is nothing for it to do.
  static const OpInfo* op = registry().find("detach");
  const bool plain = modes.interceptors == 0 &&
                     (impl_->flags & (TensorImpl::kIntercepted | TensorImpl::kExtended)) == 0 &&
                     (modes.recorders & ~bit(Observer::Tape)) == 0;
  if (plain || op == nullptr) return alias_of(*this);
  TensorImpl* const in[] = {impl_.get()};
  Tensor out[kMaxOutputs];
  Call call{op, op->defaults, Inputs(in, 1), out};
  apply(call);
  return std::move(out[0]);
}

void Tensor::backward(const Tensor& gradient, bool retain_graph, bool create_graph) const {
  tenon::backward({*this}, gradient.defined() ? std::vector<Tensor>{gradient} : std::vector<Tensor>{}, retain_graph,
                  create_graph);
}

}  // namespace tenon::inline v0
