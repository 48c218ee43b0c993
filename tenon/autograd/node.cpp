#include <tenon/autograd/node.h>

#include <tenon/core/allocator.h>

namespace tenon::inline v0 {

namespace {

// Plain data: nothing to destroy when a thread ends, so the order of that does not matter.
struct NodeThread {
  uint64_t next_sequence = 0;
  int64_t live_nodes = 0;
  Node* dying = nullptr;
  bool draining = false;
};
#if defined(__ELF__)
__attribute__((tls_model("initial-exec")))
#endif
thread_local constinit NodeThread node_thread;

}  // namespace

Node::Node() {
  NodeThread& thread = node_thread;
  sequence_ = thread.next_sequence++;
  ++thread.live_nodes;
}

Node::~Node() {
  --node_thread.live_nodes;
  if (hooks_ != nullptr) delete hooks_;
}

int64_t Node::live_on_this_thread() { return node_thread.live_nodes; }

void Node::destroy(Node* node) {
  NodeThread& thread = node_thread;
  node->next_dying_ = thread.dying;
  thread.dying = node;
  if (thread.draining) return;  // the loop below, further up the stack, takes it
  thread.draining = true;
  while (thread.dying != nullptr) {
    Node* next = thread.dying;
    thread.dying = next->next_dying_;
    next->dispose();
  }
  thread.draining = false;
}

NodeHooks& Node::need_hooks() {
  if (hooks_ == nullptr) hooks_ = new NodeHooks;
  return *hooks_;
}

void* AutogradState::operator new(size_t bytes) {
  void* p = allocate(bytes);
  if (p == nullptr) fail<MemoryError>("autograd: not enough memory for a tensor's gradient state");
  return p;
}
void AutogradState::operator delete(void* p, size_t bytes) { deallocate(p, bytes); }

void rebase_history(TensorImpl* impl, Ref<Node> node, uint32_t output) {
  AutogradState& s = need_autograd_state(impl);
  if (s.slot && s.grad_fn && s.grad_fn->hooks() != nullptr) {
    std::erase_if(s.grad_fn->hooks()->retained, [&](const auto& r) { return r.slot == s.slot; });
    node->need_hooks().retained.push_back({output, s.slot});
  }
  set_history(impl, std::move(node), output);
}

void clear_history(TensorImpl* impl) {
  impl->flags &= static_cast<uint8_t>(~TensorImpl::kRequiresGrad);
  if (AutogradState* s = autograd_state(impl)) {
    s->grad_fn.reset();
    s->output = 0;
  }
}

std::mutex& autograd_mutex(const void* address) {
  static std::mutex mutexes[64];
  const auto a = reinterpret_cast<uintptr_t>(address);
  return mutexes[(a >> 6 ^ a >> 12) & 63];
}

Tensor alias_of(const Tensor& tensor) {
  return tensor.alias(tensor.shape(), tensor.strides(), tensor.storage_offset());
}

Tensor alias_with_edge(const Tensor& tensor, const Edge& edge) {
  Tensor out = alias_of(tensor);
  if (!edge) return out;
  if (edge.node) {
    set_history(out.impl(), edge.node, edge.output);
  } else {
    set_history(out.impl(), Ref<Node>::adopt(new IdentityNode(edge, "AliasBackward0")), 0);
  }
  return out;
}

IdentityNode::IdentityNode(Edge edge, std::string name) : edge_(std::move(edge)), name_(std::move(name)) {
  edges_ = &edge_;
  edge_count_ = 1;
}

void IdentityNode::apply(Tensor* grads, Tensor* results, const bool*) { results[0] = std::move(grads[0]); }

}  // namespace tenon::inline v0
