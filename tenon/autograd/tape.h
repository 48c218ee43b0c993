// The recorder behind the door that builds the graph.
#pragma once

#include <tenon/autograd/op_node.h>

namespace tenon::inline v0 {

class Tape final : public Recorder {
 public:
  void before_write(const Call& call) override;
  void record(const Call& call) override;

 private:
  void record_inplace(const Call& call);
};

// ---- views (view.cpp) ----------------------------------------------------------------------------------------

// Where a tensor looks within its storage.
struct Geometry {
  Spec spec;
  Strides strides;
  Dim offset;

  Geometry() = default;
  explicit Geometry(const TensorImpl* impl) : spec(impl->spec), strides(impl->strides), offset(impl->offset) {}
  Layout layout() const { return {spec.shape, strides, offset}; }
};

// The history of a base after a write through a view of it: the rest of the base keeps its old history.
class CopySlices final : public Node {
 public:
  // `written` is the node of the op that wrote the view; null when what it wrote is a constant.
  CopySlices(const TensorImpl* base, const TensorImpl* view, Edge base_edge, Ref<Node> written);
  std::string name() const override { return "CopySlices"; }
  void apply(Tensor* grads, Tensor* results, const bool* wanted) override;
  void release_saved() override;

 private:
  Tensor memory_of_base(const Stretch& both) const;

  Geometry base_, view_;
  Ref<Node> written_;
  std::vector<Edge> all_edges_;
};

// A recorded write through a view that follows no base (made under no_grad or by a custom function) would
// leave the gradients of the tensors behind it wrong: AutogradError naming `op`.
void check_view_is_followed(const std::string& op, const TensorImpl* impl);

// Makes `node` (null: a constant) the history of `impl` after a write in place, through its base if it is
// a view.
void rebase_after_write(TensorImpl* impl, Ref<Node> node);

}  // namespace tenon::inline v0
