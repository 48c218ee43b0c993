// The graph that backward walks: nodes, the edges between them, and what autograd keeps per tensor.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <tenon/core/error.h>
#include <tenon/core/hooks.h>
#include <tenon/core/tensor.h>

namespace tenon::inline v0 {

class Node;
struct NodeHooks;

// Where the gradient of a tensor goes: to output `output` of a node, to a leaf, or nowhere. A leaf is
// its own end point, so recording one needs no accumulator object and the leaf lives as long as its graph.
struct Edge {
  Ref<Node> node;
  Ref<TensorImpl> leaf;
  uint32_t output = 0;

  explicit operator bool() const { return node || leaf; }
  const void* target() const {
    return node ? static_cast<const void*>(node.get()) : static_cast<const void*>(leaf.get());
  }
};

class TENON_API Node : public RefCounted {
 public:
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  virtual std::string name() const = 0;
  // From the gradients of the outputs (undefined: zero) to those of the edges. `results` comes in
  // undefined; entries whose `wanted` is false are ignored. The node may take `grads` apart.
  virtual void apply(Tensor* grads, Tensor* results, const bool* wanted) = 0;
  // Lets go of what the gradient needs: backward calls it as soon as the node is done.
  virtual void release_saved() {}

  uint32_t output_count() const { return output_count_; }
  uint32_t edge_count() const { return edge_count_; }
  const Edge& edge(uint32_t i) const { return edges_[i]; }
  // Later nodes have higher numbers (per thread); backward prefers them.
  uint64_t sequence() const { return sequence_; }
  NodeHooks* hooks() const { return hooks_; }
  NodeHooks& need_hooks();

  // Frees without recursion, however long the chain behind this node is.
  static void destroy(Node* node);
  // Nodes made minus nodes freed by this thread: for leak tests.
  static int64_t live_on_this_thread();

 protected:
  Node();
  virtual ~Node();
  virtual void dispose() { delete this; }

  Edge* edges_ = nullptr;
  uint32_t edge_count_ = 0;
  uint32_t output_count_ = 1;

 private:
  uint64_t sequence_;
  NodeHooks* hooks_ = nullptr;
  Node* next_dying_ = nullptr;
};

// ---- hooks ----------------------------------------------------------------------------------------------

// Takes the gradient; returns another one to use instead, or an undefined tensor.
using TensorHook = std::function<Tensor(const Tensor& grad)>;
using PostAccumulateHook = std::function<void(const Tensor& leaf)>;
// May change the gradients in place in the vector.
using NodePreHook = std::function<void(std::vector<Tensor>& grad_outputs)>;
using NodePostHook = std::function<void(std::vector<Tensor>& grad_inputs, const std::vector<Tensor>& grad_outputs)>;

// The gradient that retain_grad() asked for: shared by the tensor and its node, so that neither needs
// to keep the other alive.
struct GradSlot : RefCounted {
  Tensor grad;
  static void destroy(GradSlot* slot) { delete slot; }
};

struct NodeHooks {
  struct OfOutput {
    uint32_t output;
    std::shared_ptr<HookList<TensorHook>> list;
  };
  struct Retained {
    uint32_t output;
    Ref<GradSlot> slot;
  };
  std::vector<OfOutput> tensor;
  std::vector<Retained> retained;
  std::shared_ptr<HookList<NodePreHook>> before;
  std::shared_ptr<HookList<NodePostHook>> after;
};

// ---- per tensor -------------------------------------------------------------------------------------------

struct LeafHooks {
  std::shared_ptr<HookList<TensorHook>> tensor;
  std::shared_ptr<HookList<PostAccumulateHook>> accumulated;
};

struct AutogradState final : GradState {
  Ref<Node> grad_fn;  // null for a leaf
  uint32_t output = 0;
  uint32_t view_version = 0;  // of a view: its storage's version when grad_fn was made
  Tensor grad;
  Ref<GradSlot> slot;  // after retain_grad() on a tensor that is not a leaf
  std::unique_ptr<LeafHooks> hooks;

  static void* operator new(size_t bytes);
  static void operator delete(void* p, size_t bytes);
};

inline AutogradState* autograd_state(const TensorImpl* impl) { return static_cast<AutogradState*>(impl->grad); }
inline AutogradState& need_autograd_state(TensorImpl* impl) {
  if (impl->grad == nullptr) impl->grad = new AutogradState;
  return *static_cast<AutogradState*>(impl->grad);
}
// A view follows its base: a write into the base may give both a gradient.
inline bool wants_grad(const TensorImpl* impl) {
  return (impl->flags & TensorImpl::kRequiresGrad) != 0 ||
         (impl->base && (impl->base->flags & TensorImpl::kRequiresGrad) != 0);
}
inline uint32_t version_of(const TensorImpl* impl) {
  return impl->storage ? impl->storage->version.load(std::memory_order_relaxed) : 0;
}

// Makes the grad_fn of a view anew when its base was written since (view.cpp).
TENON_API void refresh_view(TensorImpl* view);

// Where the gradient of `impl` goes. Only the tensor's own thread may change its history meanwhile.
inline void fill_edge(Edge& edge, TensorImpl* impl) {
  if (impl->base && (impl->base->flags & TensorImpl::kRequiresGrad) != 0) [[unlikely]]
    refresh_view(impl);
  if ((impl->flags & TensorImpl::kRequiresGrad) == 0) return;
  if (const AutogradState* s = autograd_state(impl); s != nullptr && s->grad_fn) {
    edge.node = s->grad_fn;
    edge.output = s->output;
  } else {
    edge.leaf = Ref<TensorImpl>::share(impl);
  }
}
inline Edge edge_of(TensorImpl* impl) {
  Edge edge;
  fill_edge(edge, impl);
  return edge;
}

// Makes `impl` output `output` of `node`, in place of whatever history it had.
inline void set_history(TensorImpl* impl, Ref<Node> node, uint32_t output) {
  AutogradState& s = need_autograd_state(impl);
  s.grad_fn = std::move(node);
  s.output = output;
  s.view_version = version_of(impl);
  impl->flags |= TensorImpl::kRequiresGrad;
}
// The same after a write in place: a retained gradient moves to the new node.
TENON_API void rebase_history(TensorImpl* impl, Ref<Node> node, uint32_t output);
// Forgets the history: the tensor is a constant from now on.
TENON_API void clear_history(TensorImpl* impl);

// Locks by address: leaves' gradients and views' histories.
TENON_API std::mutex& autograd_mutex(const void* address);

// A handle on the same values without history or base, or with `edge` as its history.
TENON_API Tensor alias_of(const Tensor& tensor);
TENON_API Tensor alias_with_edge(const Tensor& tensor, const Edge& edge);

// Passes its gradient on: a place in the graph of its own for a tensor that is used as it is.
class TENON_API IdentityNode final : public Node {
 public:
  IdentityNode(Edge edge, std::string name);
  std::string name() const override { return name_; }
  void apply(Tensor* grads, Tensor* results, const bool* wanted) override;

 private:
  Edge edge_;
  std::string name_;
};

}  // namespace tenon::inline v0
