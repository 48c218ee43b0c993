// Products and sums per channel move into the weight and the bias of what they follow.
#include <optional>

#include <tenon/core/door.h>
#include <tenon/graph/passes.h>
#include <tenon/graph/rewriter.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/records.h>

namespace tenon::inline v0::graph {
namespace {

// channels * scale + shift; undefined ones do nothing.
struct Affine {
  Tensor scale, shift;
};

class ScaleFolder {
 public:
  explicit ScaleFolder(const Graph& graph) : graph_(graph), uses_(graph), constants_(graph), out_(graph) {}

  Graph run() {
    const RecorderScope no_tape(Observer::Tape, nullptr);
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (!gone_[static_cast<NodeId>(i)] && !fold(graph_.nodes[i])) out_.keep(graph_.nodes[i]);
    }
    return out_.finish();
  }

 private:
  bool is_product(const Node& node) const { return node.op == &op<Linear>() || node.op == &op<Convolution>(); }

  bool fold(const Node& node) {
    if (!is_product(node) || !is_floating(graph_[node.outputs[0]].spec.dtype)) return false;
    const Tensor* weight = constants_.find(node.inputs[1]);
    const Tensor* bias = node.inputs[2] == kNone ? nullptr : constants_.find(node.inputs[2]);
    const bool known = weight != nullptr && (bias != nullptr || node.inputs[2] == kNone);
    const bool is_conv = node.op == &op<Convolution>();
    if (!known || (!is_conv && weight->dim() != 2)) return false;
    const int64_t channels = weight->size(0);
    Affine affine;
    const ValueId last = follow(node.outputs[0], channels, weight->dim() - (is_conv ? 2 : 2), is_conv, affine);
    if (last == node.outputs[0]) return false;
    emit(node, *weight, bias, affine, last);
    return true;
  }

  // The end of the chain of products and sums with constants that follows `value`.
  ValueId follow(ValueId value, int64_t channels, int64_t spatial, bool is_conv, Affine& affine) {
    for (NodeId reader = uses_.only_reader(value); reader != kNone; reader = uses_.only_reader(value)) {
      const Node& node = graph_.nodes[static_cast<size_t>(reader)];
      const ValueId out = node.outputs.empty() ? kNone : node.outputs[0];
      const bool is_mul = node.op == &op<Mul>(), is_add = node.op == &op<Add>() && plain(node.as<Add>().alpha),
                 is_sub = node.op == &op<Sub>() && plain(node.as<Sub>().alpha) && node.inputs[0] == value;
      if (!is_mul && !is_add && !is_sub) break;
      const Tensor* other = constants_.find(node.inputs[node.inputs[0] == value ? 1 : 0]);
      if (other == nullptr || !same_type(value, out)) break;
      const std::optional<Tensor> factor = per_channel(*other, channels, is_conv ? spatial : 0);
      if (!factor) break;
      if (is_mul) {
        affine.scale = affine.scale.defined() ? mul(affine.scale, *factor) : *factor;
        if (affine.shift.defined()) affine.shift = mul(affine.shift, *factor);
      } else {
        const Tensor shift = is_sub ? neg(*factor) : *factor;
        affine.shift = affine.shift.defined() ? add(affine.shift, shift) : shift;
      }
      gone_[reader] = true;
      value = out;
    }
    return value;
  }
  static bool plain(const Scalar& alpha) { return alpha.to_complex() == 1.0; }
  bool same_type(ValueId a, ValueId b) const {
    return graph_[a].spec.shape == graph_[b].spec.shape && graph_[a].spec.dtype == graph_[b].spec.dtype;
  }
  // One double per channel, when the constant is that: of size 1 but where the channels are, before `after` others.
  static std::optional<Tensor> per_channel(const Tensor& constant, int64_t channels, int64_t after) {
    const int64_t place = constant.dim() - 1 - after;
    for (int64_t i = 0; i < constant.dim(); ++i) {
      if (constant.size(i) != 1 && (i != place || constant.size(i) != channels)) return std::nullopt;
    }
    if (is_complex(constant.dtype())) return std::nullopt;
    const Tensor numbers =
        constant.spec().weak ? full(Shape{}, exact_number(constant), DType::Float64) : constant.to(DType::Float64);
    return numbers.reshape({-1}).expand({channels}).contiguous();
  }

  void emit(const Node& node, const Tensor& weight, const Tensor* bias, const Affine& affine, ValueId last) {
    const DType dtype = weight.dtype();
    Tensor w = weight, b;
    if (bias != nullptr) b = bias->to(DType::Float64).expand({weight.size(0)});
    if (affine.scale.defined()) {
      Dims rows(static_cast<size_t>(weight.dim()), 1);
      rows[0] = -1;
      w = mul(weight.to(DType::Float64), affine.scale.reshape(rows)).to(dtype);
      if (b.defined()) b = mul(b, affine.scale);
    }
    if (affine.shift.defined()) b = b.defined() ? add(b, affine.shift) : affine.shift;
    const std::string& name = graph_[last].name;
    const ValueId folded = affine.scale.defined() ? out_.constant(w, name + "_weight") : out_[node.inputs[1]];
    const ValueId shifted = b.defined() ? out_.constant(b.to(dtype).contiguous(), name + "_bias") : kNone;
    out_.emit(*node.op, node.record.get(), {out_[node.inputs[0]], folded, shifted}, last, node);
  }

  const Graph& graph_;
  const Uses uses_;
  const Constants constants_;
  Rewriter out_;
  std::unordered_map<NodeId, bool> gone_;
};

}  // namespace

Graph fold_channel_scales(Graph graph) { return ScaleFolder(graph).run(); }

}  // namespace tenon::inline v0::graph
