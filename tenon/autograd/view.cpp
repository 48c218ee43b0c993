// Views and writes through them. A base is never itself a view, so a write through any view is a write
// into a strided part of the base.
#include <tenon/autograd/autograd.h>
#include <tenon/autograd/basic_ops.h>
#include <tenon/autograd/tape.h>

namespace tenon::inline v0 {

namespace {

// True when two places of the geometry may be the same element (expand, unfold).
bool overlaps(const Geometry& g) {
  std::vector<std::pair<int64_t, int64_t>> steps;  // stride, size
  for (size_t i = 0; i < g.strides.size(); ++i) {
    const int64_t size = g.spec.shape[i].value();
    if (size == 0) return false;
    if (size > 1) steps.emplace_back(std::abs(g.strides[i]), size);
  }
  std::sort(steps.begin(), steps.end());
  int64_t reach = 0;
  for (const auto& [stride, size] : steps) {
    if (stride <= reach) return true;
    reach += stride * (size - 1);
  }
  return false;
}

// A tensor laid out like `g` but from the start of its own memory, and the offset of `g` in it.
Strides packed_strides(const Geometry& g) { return overlaps(g) ? contiguous_strides(g.spec.shape) : g.strides; }

// The history of a view whose base was written after the view was made: it looks at a part of the base.
class ViewNode final : public Node {
 public:
  ViewNode(const TensorImpl* base, const TensorImpl* view, Edge edge) : base_(base), view_(view), edge_(std::move(edge)) {
    edges_ = &edge_;
    edge_count_ = 1;
  }
  std::string name() const override { return "AsStridedBackward0"; }

  void apply(Tensor* grads, Tensor* results, const bool*) override {
    const int64_t offset = view_.offset - base_.offset;
    Tensor result = basic::zeros_strided(base_.spec, base_.strides);
    Tensor grad = std::move(grads[0]);
    Geometry at = view_;
    // Expanded dimensions add up; what overlaps in other ways is added element by element.
    Dims dims;
    for (size_t d = 0; d < at.strides.size(); ++d) {
      if (at.strides[d] == 0 && at.spec.shape[d].value() > 1) {
        dims.push_back(static_cast<int64_t>(d));
        at.spec.shape[d] = 1;
      }
    }
    if (!dims.empty()) grad = basic::sum(grad, dims, true);
    if (overlaps(at)) {
      result = add_elements(at, offset, grad);
    } else {
      basic::copy_into(basic::as_strided(result, at.spec.shape, at.strides, offset), grad);
    }
    results[0] = std::move(result);
  }

 private:
  Tensor add_elements(const Geometry& at, int64_t offset, const Tensor& grad) {
    const Tensor flat = Tensor::empty_strided(base_.spec.shape, base_.strides, base_.spec.dtype);
    const auto extent = static_cast<int64_t>(flat.impl()->storage->bytes) / flat.element_size();
    Tensor places = Tensor::empty({extent}, DType::Int64);
    for (int64_t i = 0; i < extent; ++i) places.data<int64_t>()[i] = i;
    NoGrad off;
    Tensor index = basic::reshape(basic::clone(basic::as_strided(places, at.spec.shape, at.strides, offset)), {at.spec.shape.empty() ? int64_t{1} : Tensor(grad).numel()});
    EnableGrad on;
    Spec memory = base_.spec;
    memory.shape = {extent};
    Tensor sum = basic::index_add(basic::zeros(memory), index, basic::reshape(grad, {grad.numel()}));
    return basic::as_strided(sum, base_.spec.shape, base_.strides, 0);
  }

  Geometry base_, view_;
  Edge edge_;
};

}  // namespace

void refresh_view(TensorImpl* view) {
  std::lock_guard lock(autograd_mutex(view));
  TensorImpl* base = view->base.get();
  AutogradState& s = need_autograd_state(view);
  if (s.grad_fn && s.view_version == version_of(view)) return;
  check<AutogradError>(view->spec.dtype == base->spec.dtype, "a view of dtype ", view->spec.dtype, " into a tensor of dtype ",
                       base->spec.dtype, " cannot be differentiated after its base was written in place; make the view again after the write");
  set_history(view, Ref<Node>::adopt(new ViewNode(base, view, edge_of(base))), 0);
}

void rebase_after_write(TensorImpl* impl, Ref<Node> node) {
  if (!impl->base) {
    if (node) {
      rebase_history(impl, std::move(node), 0);
    } else {
      clear_history(impl);
    }
    return;
  }
  TensorImpl* base = impl->base.get();
  check<AutogradError>(impl->spec.dtype == base->spec.dtype, "a write in place through a view of dtype ", impl->spec.dtype,
                       " into a tensor of dtype ", base->spec.dtype, " cannot be differentiated; write into a copy: clone() it first");
  const bool untouched = !node && (base->flags & TensorImpl::kRequiresGrad) == 0;
  if (untouched) return;
  rebase_history(base, Ref<Node>::adopt(new CopySlices(base, impl, edge_of(base), std::move(node))), 0);
  // Made anew, from the base, when somebody asks.
  AutogradState& s = need_autograd_state(impl);
  s.grad_fn.reset();
  impl->flags |= TensorImpl::kRequiresGrad;
}

CopySlices::CopySlices(const TensorImpl* base, const TensorImpl* view, Edge base_edge, Ref<Node> written)
    : base_(base), view_(view), written_(std::move(written)) {
  all_edges_.push_back(std::move(base_edge));
  for (uint32_t i = 1; written_ && i < written_->edge_count(); ++i) all_edges_.push_back(written_->edge(i));
  edges_ = all_edges_.data();
  edge_count_ = static_cast<uint32_t>(all_edges_.size());
}

void CopySlices::apply(Tensor* grads, Tensor* results, const bool* wanted) {
  const int64_t offset = view_.offset - base_.offset;
  Tensor result = Tensor::empty_strided(base_.spec.shape, packed_strides(base_), base_.spec.dtype, base_.spec.device);
  basic::copy_into(result, grads[0]);
  grads[0] = {};
  Tensor slice = basic::as_strided(result, view_.spec.shape, view_.strides, offset);
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
