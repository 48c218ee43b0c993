#include <tenon/autograd/engine.h>

#include <algorithm>

#include <tenon/autograd/basic_ops.h>

namespace tenon::inline v0 {

namespace {

// From the address of a node or leaf to its place in the walk: open addressing, grows by doubling.
class PlaceMap {
 public:
  // The place of `key`, which becomes `fresh` when it is new.
  uint32_t find_or_add(const void* key, uint32_t fresh, bool& is_new) {
    if ((count_ + 1) * 2 > slots_.size()) [[unlikely]]
      grow();
    Slot& s = slot_of(slots_, key);
    is_new = s.key == nullptr;
    if (is_new) {
      s = {key, fresh};
      ++count_;
    }
    return s.place;
  }
  // -1 when it is not there.
  int64_t find(const void* key) {
    if (slots_.empty()) return -1;
    const Slot& s = slot_of(slots_, key);
    return s.key == nullptr ? -1 : static_cast<int64_t>(s.place);
  }

 private:
  struct Slot {
    const void* key = nullptr;
    uint32_t place = 0;
  };
  static Slot& slot_of(std::vector<Slot>& slots, const void* key) {
    const size_t mask = slots.size() - 1;
    size_t i = (reinterpret_cast<uintptr_t>(key) >> 6) * 0x9e3779b97f4a7c15u >> 20 & mask;
    while (slots[i].key != nullptr && slots[i].key != key) i = (i + 1) & mask;
    return slots[i];
  }
  void grow() {
    std::vector<Slot> bigger(std::max<size_t>(slots_.size() * 2, 64));
    for (const Slot& s : slots_) {
      if (s.key != nullptr) slot_of(bigger, s.key) = s;
    }
    slots_.swap(bigger);
  }

  std::vector<Slot> slots_;
  size_t count_ = 0;
};

constexpr uint32_t kNowhere = UINT32_MAX;
constexpr uint32_t kFewStops = 12;

// A node or a leaf, as one walk sees it. The graph itself is only read, so that walks may share it.
struct Stop {
  Node* node = nullptr;  // null for a leaf
  TensorImpl* leaf = nullptr;
  uint32_t waiting = 0;       // edges into it that have not delivered yet
  uint32_t first_target = 0;  // of its edges, in Walk::targets
  uint32_t first_grad = 0;    // of its outputs, in Walk::grads
  bool needed = true;         // its gradients have to travel on
  bool captured = false;

  const void* key() const { return node != nullptr ? static_cast<const void*>(node) : leaf; }
  uint32_t output_count() const { return node != nullptr ? node->output_count() : 1; }
  uint32_t edge_count() const { return node != nullptr ? node->edge_count() : 0; }
  // Leaves first, which frees their gradients' buffers early; then whatever was recorded last.
  uint64_t priority() const { return node != nullptr ? node->sequence() : UINT64_MAX; }
};

// What may be visited next; what was recorded last comes first.
struct Ready {
  uint64_t priority;
  uint32_t place;
  friend bool operator<(const Ready& a, const Ready& b) {
    return a.priority != b.priority ? a.priority < b.priority : a.place < b.place;
  }
};

// Nothing but values: no history, no base, no Python class.
bool is_plain(const TensorImpl* impl) {
  return (impl->flags & ~TensorImpl::kView) == 0 && !impl->base && impl->grad == nullptr;
}

// A sum that nobody else can see may be added to in place.
bool is_ours_alone(const Tensor& t) {
  const TensorImpl* impl = t.impl();
  return impl->use_count() == 1 && impl->storage && impl->storage->use_count() == 1 && impl->contiguous &&
         is_plain(impl) && impl->storage->deleter == nullptr;
}

class Walk {
 public:
  explicit Walk(BackwardRequest request) : request_(std::move(request)), mode_(request_.create_graph) {}

  std::vector<Tensor> run() {
    discover();
    captured_.resize(request_.targets.size());
    if (!request_.targets.empty()) mark_needed();
    deliver_roots();
    while (!ready_.empty()) {
      std::pop_heap(ready_.begin(), ready_.end());
      const uint32_t place = ready_.back().place;
      ready_.pop_back();
      visit(place);
    }
    return std::move(captured_);
  }

 private:
  // Small graphs are searched in the order of discovery, larger ones have a map.
  uint32_t place_of(const Edge& edge) {
    const auto fresh = static_cast<uint32_t>(stops_.size());
    if (fresh <= kFewStops) {
      if (const int64_t known = find_stop(edge); known >= 0) return static_cast<uint32_t>(known);
      if (fresh == kFewStops) {
        bool is_new;
        for (uint32_t i = 0; i < fresh; ++i) places_.find_or_add(stops_[i].key(), i, is_new);
      }
    }
    if (fresh >= kFewStops) {
      bool is_new;
      const uint32_t place = places_.find_or_add(edge.target(), fresh, is_new);
      if (!is_new) return place;
    }
    stops_.resize(fresh + 1);
    Stop& stop = stops_.back();
    stop.node = edge.node.get();
    stop.leaf = edge.leaf.get();
    stop.first_grad = grad_count_;
    grad_count_ += stop.output_count();
    return fresh;
  }
  // -1 when the walk does not come by.
  int64_t find_stop(const Edge& edge) {
    const void* key = edge.target();
    if (stops_.size() > kFewStops) return places_.find(key);
    for (size_t i = stops_.size(); i-- > 0;) {
      if (stops_[i].key() == key) return static_cast<int64_t>(i);
    }
    return -1;
  }

  // `stops_` is its own queue: each stop's edges are followed once, in the order in which they were found.
  void discover() {
    for (const Edge& root : request_.roots) place_of(root);
    for (size_t i = 0; i < stops_.size(); ++i) {
      stops_[i].first_target = static_cast<uint32_t>(targets_.size());
      const uint32_t edges = stops_[i].edge_count();
      for (uint32_t e = 0; e < edges; ++e) {
        const Edge& edge = stops_[i].node->edge(e);
        if (!edge) {
          targets_.push_back(kNowhere);
          continue;
        }
        const uint32_t target = place_of(edge);
        ++stops_[target].waiting;
        targets_.push_back(target);
      }
    }
    grads_.resize(grad_count_);
  }

  // Only what lies between the roots and the targets is computed.
  void mark_needed() {
    for (Stop& s : stops_) s.needed = false;
    for (const Edge& target : request_.targets) {
      const int64_t place = target ? find_stop(target) : -1;
      if (place >= 0) stops_[static_cast<size_t>(place)].captured = true;
    }
    std::vector<uint32_t> order, waiting;
    order.reserve(stops_.size());
    for (const Stop& s : stops_) waiting.push_back(s.waiting);
    for (uint32_t i = 0; i < stops_.size(); ++i) {
      if (waiting[i] == 0) order.push_back(i);
    }
    for (size_t k = 0; k < order.size(); ++k) {
      const Stop& s = stops_[order[k]];
      for (uint32_t e = 0; e < s.edge_count(); ++e) {
        const uint32_t t = targets_[s.first_target + e];
        if (t != kNowhere && --waiting[t] == 0) order.push_back(t);
      }
    }
    for (size_t k = order.size(); k-- > 0;) {
      Stop& s = stops_[order[k]];
      for (uint32_t e = 0; e < s.edge_count() && !s.needed; ++e) {
        const uint32_t t = targets_[s.first_target + e];
        s.needed = t != kNowhere && (stops_[t].needed || stops_[t].captured);
      }
    }
  }

  void add_gradient(uint32_t place, uint32_t output, Tensor gradient) {
    if (!gradient.defined()) return;
    Tensor& sum = grads_[stops_[place].first_grad + output];
    if (!sum.defined()) {
      sum = std::move(gradient);
    } else if (!request_.create_graph && is_ours_alone(sum) && sum.dtype() == gradient.dtype()) {
      basic::add_into(sum, gradient);
    } else {
      sum = basic::add(sum, gradient);
    }
  }

  void make_ready(uint32_t place) {
    ready_.push_back({stops_[place].priority(), place});
    std::push_heap(ready_.begin(), ready_.end());
  }

  void deliver_roots() {
    for (size_t i = 0; i < request_.roots.size(); ++i) {
      const Edge& root = request_.roots[i];
      add_gradient(place_of(root), root.output, std::move(request_.root_grads[i]));
    }
    for (uint32_t i = 0; i < stops_.size(); ++i) {
      if (stops_[i].waiting == 0) make_ready(i);
    }
  }

  static void run_hooks(HookList<TensorHook>& list, Tensor& gradient) {
    for (const TensorHook& hook : list.snapshot()) {
      Tensor replacement = hook(gradient);
      if (!replacement.defined()) continue;
      check<AutogradError>(replacement.shape() == gradient.shape(),
                           "backward: a hook has changed the size of the gradient: it was ", gradient.spec(),
                           " and is now ", replacement.spec());
      gradient = std::move(replacement);
    }
  }

  void capture(const Stop& stop, const Tensor* grads) {
    for (size_t i = 0; i < request_.targets.size(); ++i) {
      if (request_.targets[i].target() == stop.key()) captured_[i] = grads[request_.targets[i].output];
    }
  }

  void visit_leaf(const Stop& stop) {
    Tensor gradient = std::move(grads_[stop.first_grad]);
    const bool accumulate = request_.accumulate && (request_.targets.empty() || stop.captured);
    if (!gradient.defined() || (!accumulate && !stop.captured)) return;
    const AutogradState* s = autograd_state(stop.leaf);
    if (s != nullptr && s->hooks && s->hooks->tensor) run_hooks(*s->hooks->tensor, gradient);
    if (stop.captured) capture(stop, &gradient);
    if (!accumulate) return;
    accumulate_into_leaf(stop.leaf, std::move(gradient));
    s = autograd_state(stop.leaf);
    if (s != nullptr && s->hooks && s->hooks->accumulated) {
      const Tensor leaf(Ref<TensorImpl>::share(stop.leaf));
      for (const PostAccumulateHook& hook : s->hooks->accumulated->snapshot()) hook(leaf);
    }
  }

  // No op runs under the lock: recording one may ask for the same lock, and so may Python.
  static void keep_retained(GradSlot& slot, const Tensor& gradient) {
    for (;;) {
      Tensor known;
      {
        std::lock_guard lock(autograd_mutex(&slot));
        known = slot.grad;
      }
      Tensor sum = known.defined() ? basic::add(known, gradient) : gradient;
      std::lock_guard lock(autograd_mutex(&slot));
      if (!slot.grad.is_same(known)) continue;
      std::swap(slot.grad, sum);  // the old one is freed outside of the lock
      return;
    }
  }

  void run_tensor_hooks(const Stop& stop, Tensor* grads) {
    NodeHooks* hooks = stop.node->hooks();
    if (hooks == nullptr) return;
    for (size_t i = 0; i < hooks->tensor.size(); ++i) {
      const NodeHooks::OfOutput of = hooks->tensor[i];
      if (grads[of.output].defined()) run_hooks(*of.list, grads[of.output]);
    }
    for (const NodeHooks::Retained& r : hooks->retained) {
      if (!grads[r.output].defined()) continue;
      keep_retained(*r.slot, grads[r.output]);
    }
  }

  void visit(uint32_t place) {
    const Stop& stop = stops_[place];
    if (stop.node == nullptr) return visit_leaf(stop);
    Node& node = *stop.node;
    Tensor* grads = &grads_[stop.first_grad];
    const uint32_t outputs = stop.output_count(), edges = stop.edge_count();
    bool any = false;
    for (uint32_t o = 0; o < outputs; ++o) any |= grads[o].defined();
    results_.clear();
    results_.resize(edges);
    if (any) {
      run_tensor_hooks(stop, grads);
      if (stop.captured) capture(stop, grads);
      if (stop.needed) apply(node, stop, grads);
    }
    for (uint32_t o = 0; o < outputs; ++o) grads[o] = {};
    if (stop.needed && !request_.retain_graph) node.release_saved();
    for (uint32_t e = 0; e < edges; ++e) {
      const uint32_t target = targets_[stop.first_target + e];
      if (target == kNowhere) continue;
      add_gradient(target, node.edge(e).output, std::move(results_[e]));
      if (--stops_[target].waiting == 0) make_ready(target);
    }
  }

  void apply(Node& node, const Stop& stop, Tensor* grads) {
    const uint32_t outputs = stop.output_count(), edges = stop.edge_count();
    wanted_.resize(edges);
    for (uint32_t e = 0; e < edges; ++e) {
      const uint32_t t = targets_[stop.first_target + e];
      wanted_[e] = t != kNowhere && (request_.targets.empty() || stops_[t].needed || stops_[t].captured);
    }
    const auto* wanted = reinterpret_cast<const bool*>(wanted_.data());
    const NodeHooks* hooks = node.hooks();
    if (hooks == nullptr || (!hooks->before && !hooks->after)) {
      node.apply(grads, results_.data(), wanted);
      return;
    }
    std::vector<Tensor> given(grads, grads + outputs);
    if (hooks->before) {
      for (const NodePreHook& hook : hooks->before->snapshot()) hook(given);
      TENON_ASSERT(given.size() == outputs);
    }
    std::vector<Tensor> consumed = given;
    node.apply(consumed.data(), results_.data(), wanted);
    if (hooks->after) {
      for (const NodePostHook& hook : hooks->after->snapshot()) hook(results_, given);
      TENON_ASSERT(results_.size() == edges);
    }
  }

  BackwardRequest request_;
  GradMode mode_;
  PlaceMap places_;
  SmallVector<Stop, 16> stops_;
  SmallVector<uint32_t, 32> targets_;  // of the edges of all stops, as places
  std::vector<Tensor> grads_;          // of the outputs of all stops
  uint32_t grad_count_ = 0;
  SmallVector<Ready, 16> ready_;  // a heap
  std::vector<Tensor> results_, captured_;
  SmallVector<uint8_t, 16> wanted_;
};

bool is_dense(const Tensor& t) {
  if (t.is_contiguous()) return true;
  std::vector<std::pair<int64_t, int64_t>> steps;
  for (size_t i = 0; i < t.strides().size(); ++i) {
    const int64_t size = t.shape()[i].value();
    if (size != 1) steps.emplace_back(t.strides()[i].value(), size);
  }
  std::sort(steps.begin(), steps.end());
  int64_t expected = 1;
  for (const auto& [stride, size] : steps) {
    if (stride != expected) return false;
    expected *= size;
  }
  return true;
}

// An op that nobody watches: it takes no lock and calls no Python.
bool is_unwatched(const Tensor& a, const Tensor& b) {
  constexpr uint8_t kWatched = TensorImpl::kExtended | TensorImpl::kIntercepted;
  return modes.interceptors == 0 && modes.recorders == 0 && ((a.impl()->flags | b.impl()->flags) & kWatched) == 0;
}

// The gradient has its leaf's layout where that is dense, so that optimisers run over plain memory.
struct LeafLayout {
  explicit LeafLayout(const Tensor& leaf) : leaf(leaf), dense(is_dense(leaf)) {}

  // `gradient` may become the leaf's as it is, which nobody else then sees.
  bool takes(const Tensor& gradient) const {
    const TensorImpl* impl = gradient.impl();
    const bool fits = dense ? gradient.strides() == leaf.strides() : gradient.is_contiguous();
    return fits && !is_grad_enabled() && impl->use_count() == 1 && impl->storage->use_count() == 1 && is_plain(impl);
  }
  Tensor copy(const Tensor& gradient) const {
    if (is_grad_enabled() || (gradient.impl()->flags & (TensorImpl::kExtended | TensorImpl::kIntercepted)) != 0) {
      return basic::clone(gradient);
    }
    Tensor own = Tensor::empty_strided(gradient.shape(), dense ? leaf.strides() : contiguous_strides(gradient.shape()),
                                       gradient.dtype(), gradient.device());
    basic::copy_into(own, gradient);
    return own;
  }

  const Tensor& leaf;
  bool dense;
};

}  // namespace

// Under the lock run only ops that nobody watches: recording one may ask for the same lock, and so may Python.
void accumulate_into_leaf(TensorImpl* impl, Tensor gradient) {
  const Tensor& leaf = reinterpret_cast<const Tensor&>(impl);  // one pointer, borrowed: the graph holds the leaf
  if ((impl->flags & TensorImpl::kRequiresGrad) == 0) return;  // requires_grad_(false) since
  const LeafLayout layout(leaf);
  Tensor own = layout.takes(gradient) ? gradient : Tensor();
  for (;;) {
    Tensor known;
    {
      std::lock_guard lock(autograd_mutex(impl));
      Tensor& kept = need_autograd_state(impl).grad;
      if (!kept.defined() && own.defined()) {
        kept = std::move(own);
        return;
      }
      // Programs hold on to the tensor: it stays the same one.
      if (kept.defined() && is_unwatched(kept, gradient)) return basic::add_into(kept, gradient);
      known = kept;
    }
    if (!known.defined()) {
      own = layout.copy(gradient);
      continue;
    }
    if (!is_grad_enabled()) return basic::add_into(known, gradient);
    Tensor sum = basic::add(known, gradient);
    std::lock_guard lock(autograd_mutex(impl));
    Tensor& kept = need_autograd_state(impl).grad;
    if (!kept.is_same(known)) continue;  // another backward was faster
    std::swap(kept, sum);                // the old one is freed outside of the lock
    return;
  }
}

std::vector<Tensor> run_backward(BackwardRequest request) { return Walk(std::move(request)).run(); }

}  // namespace tenon::inline v0
