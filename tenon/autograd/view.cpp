// Views and writes through them. A base is never itself a view, so a write through any view is a write
// into a strided part of the base.
#include <algorithm>

#include <tenon/autograd/autograd.h>
#include <tenon/autograd/basic_ops.h>
#include <tenon/autograd/tape.h>

namespace tenon::inline v0 {

namespace {

// The history of a view whose base was written after the view was made: it looks at a part of the base.
class ViewNode final : public Node {
 public:
  ViewNode(const TensorImpl* base, const TensorImpl* view, Edge edge)
      : base_(base), view_(view), edge_(std::move(edge)) {
    edges_ = &edge_;
    edge_count_ = 1;
  }
  std::string name() const override { return "AsStridedBackward0"; }

  void apply(Tensor* grads, Tensor* results, const bool*) override {
    // Added up in a buffer laid out like the memory of both, whatever overlaps within the view; as_strided
    // may have led it out of the base.
    const Stretch both = enclosing(base_.layout(), view_.layout());
    const Tensor memory =
        basic::as_strided_backward(grads[0], {both.extent}, view_.strides, view_.offset - both.offset);
    results[0] = basic::as_strided(memory, base_.spec.shape, base_.strides, base_.offset - both.offset);
  }

 private:
  Geometry base_, view_;
  Edge edge_;
};

// Written in place by an op whose result no gradient passes.
class ConstantNode final : public Node {
 public:
  std::string name() const override { return "ConstantBackward0"; }
  void apply(Tensor*, Tensor*, const bool*) override {}
};

}  // namespace

void refresh_view(TensorImpl* view) {
  Ref<Node> old;  // freed outside of the lock, since that may run Python
  std::lock_guard lock(autograd_mutex(view));
  TensorImpl* base = view->base.get();
  AutogradState& s = need_autograd_state(view);
  if (s.grad_fn && s.view_version == version_of(view)) return;
  check<AutogradError>(
      view->spec.dtype == base->spec.dtype, "a view of dtype ", view->spec.dtype, " into a tensor of dtype ",
      base->spec.dtype,
      " cannot be differentiated after its base was written in place; make the view again after the write");
  old = s.grad_fn;
  rebase_history(view, Ref<Node>::adopt(new ViewNode(base, view, edge_of(base))), 0);
}

void check_view_is_followed(const std::string& op, const TensorImpl* impl) {
  const TensorImpl* root = impl->base ? impl->base.get() : impl;
  if ((root->flags & TensorImpl::kView) == 0) return;
  // When nobody else looks at the memory, nobody misses the write.
  const uint32_t own_handles = root == impl ? 1 : 2;
  if (root->storage->use_count() <= own_handles) return;
  fail<AutogradError>(op,
                      ": a view was created in no_grad mode, or inside a custom Function, and is being modified "
                      "inplace with grad mode enabled: it is ",
                      impl->spec,
                      "; the tensor that it looks into would not learn of the write. Make the view where gradients are "
                      "recorded, write under no_grad() as well, or clone() it before the write");
}

void rebase_after_write(TensorImpl* impl, Ref<Node> node) {
  if (!impl->base) {
    // Views follow a tensor that wants a gradient, so it goes on wanting one, of a constant if need be.
    if (!node && (impl->flags & TensorImpl::kRequiresGrad) == 0) return;
    rebase_history(impl, node ? std::move(node) : Ref<Node>::adopt(new ConstantNode), 0);
    return;
  }
  TensorImpl* base = impl->base.get();
  check<AutogradError>(impl->spec.dtype == base->spec.dtype, "a write in place through a view of dtype ",
                       impl->spec.dtype, " into a tensor of dtype ", base->spec.dtype,
                       " cannot be differentiated; write into a copy: clone() it first");
  const bool untouched = !node && (base->flags & TensorImpl::kRequiresGrad) == 0;
  if (untouched) return;
  rebase_history(base, Ref<Node>::adopt(new CopySlices(base, impl, edge_of(base), std::move(node))), 0);
  // Made anew, from the base, when somebody asks.
  if (AutogradState* s = autograd_state(impl)) s->grad_fn.reset();
}

CopySlices::CopySlices(const TensorImpl* base, const TensorImpl* view, Edge base_edge, Ref<Node> written)
    : base_(base), view_(view), written_(std::move(written)) {
  all_edges_.push_back(std::move(base_edge));
  for (uint32_t i = 1; written_ && i < written_->edge_count(); ++i) all_edges_.push_back(written_->edge(i));
  edges_ = all_edges_.data();
  edge_count_ = static_cast<uint32_t>(all_edges_.size());
}

static Dim numel(const Shape& shape) {
  Dim n = 1;
  for (Dim d : shape) n *= d;
  return n;
}

// The base's place in memory that begins where `both` does; what of that is outside of the base is zero.
Tensor CopySlices::memory_of_base(const Stretch& both) const {
  const Spec& spec = base_.spec;
  if (is_contiguous(spec.shape, base_.strides) && both.extent == numel(spec.shape)) {
    return Tensor::empty(spec.shape, spec.dtype, spec.device);
  }
  const Tensor memory = basic::zeros({{both.extent}, spec.dtype, spec.device});
  return basic::as_strided(memory, spec.shape, base_.strides, base_.offset - both.offset);
}

void CopySlices::apply(Tensor* grads, Tensor* results, const bool* wanted) {
  const Stretch both = enclosing(base_.layout(), view_.layout());
  Tensor result = memory_of_base(both);
  basic::copy_into(result, grads[0]);
  grads[0] = {};
  Tensor slice = basic::as_strided(result, view_.spec.shape, view_.strides, view_.offset - both.offset);
  Tensor inner;
  if (written_) {
    Tensor gradient[kMaxOutputs];
    gradient[0] = basic::clone(slice);
    // The write may have several inputs; its own first result goes into the slice.
    std::vector<Tensor> found(edge_count_);
    written_->apply(gradient, found.data(), wanted);
    inner = std::move(found[0]);
    for (uint32_t i = 1; i < edge_count_; ++i) results[i] = std::move(found[i]);
  }
  if (!wanted[0]) return;
  basic::copy_into(slice, inner.defined() ? inner : Tensor(Scalar(0)));
  results[0] = std::move(result);
}

void CopySlices::release_saved() {
  if (written_) written_->release_saved();
}

}  // namespace tenon::inline v0
