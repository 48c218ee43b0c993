#include <algorithm>
#include <unordered_map>

#include <tenon/core/door.h>
#include <tenon/graph/interpret.h>
#include <tenon/graph/passes.h>
#include <tenon/graph/rewriter.h>
#include <tenon/graph/sizes.h>

namespace tenon::inline v0::graph {
namespace {

int64_t bytes_of(const Tensor& tensor) { return tensor.defined() ? tensor.numel() * tensor.element_size() : 0; }

// The values that are known without a call.
class Known {
 public:
  explicit Known(const Graph& graph) : graph_(graph) {
    for (const Constant& c : graph.constants) known_[c.value] = c.data;
  }
  const Tensor* find(ValueId id) const {
    const auto found = known_.find(id);
    return found == known_.end() ? nullptr : &found->second;
  }
  // Runs the node when that is possible and its results are small enough to be kept.
  bool run(const Node& node, int64_t limit) {
    if (node.op->infer == nullptr || node.op->is(kRandom) || node.op->writes != 0 || !Sizes().knows(node.record))
      return false;
    std::vector<Tensor> inputs;
    int64_t from = 0, to = 0;
    for (ValueId id : node.inputs) {
      const Tensor* data = id == kNone ? nullptr : find(id);
      if (id != kNone && data == nullptr) return false;
      inputs.push_back(data == nullptr ? Tensor() : *data);
      from += bytes_of(inputs.back());
    }
    for (ValueId id : node.outputs) {
      const Spec& spec = graph_[id].spec;
      for (Dim d : spec.shape) {
        if (d.is_symbolic()) return false;  // also a size that depends on data: its symbol would be lost
      }
      to += checked_numel(spec.shape, spec.dtype) * size_of(spec.dtype);
    }
    if (node.op->alias == nullptr && to > std::max(limit, from)) return false;
    try {
      const std::vector<Tensor> results = run_node(node, inputs);
      for (size_t i = 0; i < results.size(); ++i) known_[node.outputs[i]] = results[i];
    } catch (const Error&) {
      return false;  // an error is the call's to raise
    }
    return true;
  }

 private:
  const Graph& graph_;
  std::unordered_map<ValueId, Tensor> known_;
};

// A view that does not lie in order stays a view: a copy would be read otherwise. What is computed of it is folded.
bool may_keep(const Node& node, const Tensor& result, int64_t limit) {
  return node.op->alias == nullptr ||
         (result.strides() == contiguous_strides(result.shape()) && bytes_of(result) <= limit);
}

}  // namespace

Graph fold_constants(Graph graph, int64_t fold_bytes) {
  const RecorderScope no_tape(Observer::Tape, nullptr);
  Known known(graph);
  Rewriter out(graph);
  for (const Node& node : graph.nodes) {
    if (!known.run(node, fold_bytes) || !may_keep(node, *known.find(node.outputs[0]), fold_bytes)) {
      out.keep(node);
      continue;
    }
    for (ValueId id : node.outputs) out.replace_by(*known.find(id), id);
  }
  return out.finish();
}

}  // namespace tenon::inline v0::graph
