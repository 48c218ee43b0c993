#include <unordered_set>

#include <tenon/graph/passes.h>
#include <tenon/graph/rewriter.h>
#include <tenon/ops/fused.h>
#include <tenon/ops/records.h>

namespace tenon::inline v0::graph {

// ---- transposes ----

namespace {

// The matrix of which the node is the transpose; kNone when it is something else.
ValueId transposed_matrix(const Graph& graph, ValueId id) {
  const NodeId producer = graph[id].producer;
  if (producer == kNone) return kNone;
  const Node& node = graph.nodes[static_cast<size_t>(producer)];
  if (graph[id].spec.dim() != 2) return kNone;
  const auto wrapped = [](int64_t dim) { return dim < 0 ? dim + 2 : dim; };
  if (node.op == &op<Transpose>()) {
    const auto& r = node.as<Transpose>();
    return wrapped(r.dim0) != wrapped(r.dim1) ? node.inputs[0] : kNone;
  }
  if (node.op == &op<Permute>()) return wrapped(node.as<Permute>().dims[0].value()) == 1 ? node.inputs[0] : kNone;
  return kNone;
}

}  // namespace

Graph fold_transposes(Graph graph) {
  Rewriter out(graph);
  const auto is_one = [](const Scalar& s) { return s.to_complex() == 1.0; };
  for (const Node& node : graph.nodes) {
    const bool is_sum = node.op == &op<Addmm>() && is_one(node.as<Addmm>().alpha) && is_one(node.as<Addmm>().beta) &&
                        graph[node.inputs[0]].spec.dim() == 1;
    const bool is_product = node.op == &op<Matmul>() || node.op == &op<Mm>();
    const size_t left = is_sum ? 1 : 0;
    const ValueId matrix = is_sum || is_product ? transposed_matrix(graph, node.inputs[left + 1]) : kNone;
    if (matrix == kNone) {
      out.keep(node);
      continue;
    }
    out.emit(Linear{}, {out[node.inputs[left]], out[matrix], is_sum ? out[node.inputs[0]] : kNone}, node.outputs[0],
             node);
  }
  return out.finish();
}

// ---- activations ----

namespace {

// The name of the activation that a node computes; null when it is none that can be fused.
const char* activation_of(const Node& node) {
  if (node.op == &op<Relu>()) return "relu";
  if (node.op == &op<Sigmoid>()) return "sigmoid";
  if (node.op == &op<Tanh>()) return "tanh";
  if (node.op == &op<Silu>()) return "silu";
  if (node.op == &op<Gelu>()) return node.as<Gelu>().approximate == "tanh" ? "gelu_tanh" : "gelu";
  return nullptr;
}

}  // namespace

Graph fuse_activations(Graph graph) {
  const Uses uses(graph);
  Rewriter out(graph);
  std::unordered_set<NodeId> fused;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (fused.count(static_cast<NodeId>(i)) != 0) continue;
    const bool is_linear = node.op == &op<Linear>(), is_conv = node.op == &op<Convolution>();
    const NodeId reader = is_linear || is_conv ? uses.only_reader(node.outputs[0]) : kNone;
    const Node* next = reader == kNone ? nullptr : &graph.nodes[static_cast<size_t>(reader)];
    const char* activation = next == nullptr ? nullptr : activation_of(*next);
    if (activation == nullptr || !is_floating(graph[node.outputs[0]].spec.dtype)) {
      out.keep(node);
      continue;
    }
    fused.insert(reader);
    std::vector<ValueId> inputs;
    for (ValueId id : node.inputs) inputs.push_back(out[id]);
    if (is_linear)
      out.emit(LinearActivation{activation}, inputs, next->outputs[0], node);
    else
      out.emit(ConvolutionActivation{node.as<Convolution>(), activation}, inputs, next->outputs[0], node);
  }
  return out.finish();
}

}  // namespace tenon::inline v0::graph
