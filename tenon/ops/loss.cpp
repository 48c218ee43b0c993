#include <tenon/ops/loss.h>

#include <algorithm>

#include <tenon/core/door.h>
#include <tenon/core/rules.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {
namespace {

enum Reduction : int64_t { kNone, kMean, kSum };

Reduction parse_reduction(const std::string& name) {
  if (name == "mean") return kMean;
  if (name == "sum") return kSum;
  check<ValueError>(name == "none", name, " is not a valid value for reduction; it is 'none', 'mean' or 'sum'");
  return kNone;
}
Reduction reduction_of(const LegacyReduction& r) {
  if (!r.size_average && !r.reduce) return parse_reduction(r.reduction);
  if (!r.reduce.value_or(true)) return kNone;
  return r.size_average.value_or(true) ? kMean : kSum;
}
Tensor reduced(const Tensor& loss, Reduction reduction) {
  return reduction == kMean ? mean(loss) : reduction == kSum ? sum(loss) : loss;
}
Tensor weighted(const Tensor& loss, const Tensor& weight) { return weight.defined() ? mul(loss, weight) : loss; }
// A weighted mean divides by the weights' sum.
Tensor reduced(const Tensor& loss, const Tensor& weight, Reduction reduction) {
  if (!weight.defined() || reduction != kMean) return reduced(weighted(loss, weight), reduction);
  return div(sum(mul(loss, weight)), sum(expand(weight, loss.shape())));
}

int64_t class_dim(int64_t rank) { return rank > 1 ? 1 : 0; }

// A vector of classes as it broadcasts to an input of that rank.
Tensor per_class(const Tensor& weight, int64_t rank) {
  Shape shape(static_cast<size_t>(rank), 1);
  shape[static_cast<size_t>(class_dim(rank))] = weight.shape()[0];
  return reshape(weight, shape);
}

}  // namespace

// ---- class indices ----

void infer(const ClassLoss& r, Specs in, Spec* out) {
  const Shape &x = in[0].shape, &t = in[1].shape;
  check<ShapeError>(!x.empty(), "nll_loss: input is ", in[0], "; it must have a dimension of classes");
  check<DTypeError>(is_floating(in[0].dtype), "\"nll_loss\" not implemented for '", in[0].dtype,
                    "'; input must be floating");
  check<DTypeError>(in[1].dtype == DType::Int64 || in[1].dtype == DType::UInt8,
                    "nll_loss: expected scalar type Long but found ", in[1].dtype, ": target is ", in[1],
                    "; class indices must be int64: convert them with .long()");
  check<ValueError>(x.size() == 1 || t.size() + 1 == x.size(), "nll_loss: target has ", t.size(),
                    " dimensions and input ", x.size(), ": ",
                    x.size() == 2 ? "0D or 1D target tensor expected, multi-target not supported"
                                  : "target must be (batch, ...) and input (batch, classes, ...)",
                    "; input is ", in[0], ", target is ", in[1]);
  if (x.size() == 1) {
    check<ShapeError>(t.empty() || t == Shape{1}, "nll_loss: input is ", in[0], ", target is ", in[1],
                      "; one sample has one target");
  } else {
    check<ValueError>(x[0] == t[0], "Expected input batch_size (", x[0], ") to match target batch_size (", t[0],
                      "); input is ", in[0], ", target is ", in[1]);
    for (size_t i = 2; i < x.size(); ++i) {
      check<ShapeError>(x[i] == t[i - 1], "nll_loss: size mismatch at dimension ", i, ": input is ", in[0],
                        ", target is ", in[1]);
    }
  }
  const Dim classes = x[static_cast<size_t>(class_dim(in[0].dim()))];
  if (in.has(2)) {
    check<ShapeError>(in[2].shape == Shape{classes}, "weight tensor should be defined either for all ", classes,
                      " classes or no classes but got weight tensor of shape: ", in[2].shape);
    check<DTypeError>(in[2].dtype == in[0].dtype, "nll_loss: expected scalar type ", in[0].dtype, " but found ",
                      in[2].dtype, ": weight must have input's dtype");
  }
  out[0].dtype = out[2].dtype = in[0].dtype;
  out[0].shape = r.reduction == kNone ? t : Shape{};
  out[1].dtype = in[0].dtype;
  out[1].shape = r.is_log ? Shape{0} : x;
  out[2].shape = Shape{};
}

void infer(const ClassLossGradient& r, Specs in, Spec* out) {
  Spec forward[3];
  const Spec* const inputs[] = {&in[1], &in[2], in.has(3) ? &in[3] : nullptr};
  infer(ClassLoss{r.is_log, r.ignore_index, r.reduction, r.label_smoothing}, Specs(inputs, 3), forward);
  check<ShapeError>(in[0].shape == forward[0].shape && in[4].shape == forward[1].shape && in[5].shape.empty(),
                    "_class_loss_gradient: grad is ", in[0], ", log_probabilities are ", in[4], ", total_weight is ",
                    in[5], "; they must have the shapes of the loss's results for input ", in[1]);
  out->shape = in[1].shape;
  out->dtype = in[1].dtype;
}

namespace {

// The pieces of the loss that do not depend on the input, for decompositions.
struct ClassTargets {
  Tensor safe;     // indices, 0 where ignored, with a dimension for the classes
  Tensor kept;     // 1 where not ignored, else 0
  Tensor weights;  // of the targets' classes, 0 where ignored
  ClassTargets(const Tensor& x, const Tensor& target, const Tensor& weight, int64_t ignore_index) {
    const int64_t dim = class_dim(x.dim());
    Tensor t = to(target, DType::Int64);
    if (x.dim() == 1 && t.dim() == 0)
      t = unsqueeze(t, 0);
    else if (x.dim() > 1)
      t = unsqueeze(t, dim);
    const Tensor is_kept = ne(t, Tensor(ignore_index));
    safe = where(is_kept, t, Tensor(0));
    kept = to(is_kept, x.dtype());
    weights = weight.defined() ? mul(gather(expand(per_class(weight, x.dim()), x.shape()), dim, safe), kept) : kept;
  }
};

// d loss / d log-probabilities, before the incoming gradient.
template <class R>
Tensor class_coefficients(const R& r, const Tensor& x, const Tensor& weight, const ClassTargets& t) {
  const int64_t dim = class_dim(x.dim());
  const Tensor zeros = mul(x.detach(), Tensor(0.0));
  Tensor out = scatter(zeros, dim, t.safe, mul(t.weights, Tensor(r.label_smoothing - 1)));
  if (r.label_smoothing > 0) {
    const double each = r.label_smoothing / static_cast<double>(x.size(dim));
    const Tensor every = weight.defined() ? mul(per_class(weight, x.dim()), t.kept) : t.kept;
    out = sub(out, mul(expand(every, x.shape()), Tensor(each)));
  }
  return out;
}

}  // namespace

static std::tuple<Tensor, Tensor, Tensor> decompose(const ClassLoss& r, const Tensor& x, const Tensor& target,
                                                    const Tensor& weight) {
  const int64_t dim = class_dim(x.dim());
  const Tensor log_p = r.is_log ? x : log_softmax(x, dim);
  const ClassTargets t(x, target, weight, r.ignore_index);
  const Tensor total = sum(t.weights);
  Tensor loss = reshape(sum(mul(log_p, class_coefficients(r, x, weight, t)), dim), target.shape());
  if (r.reduction != kNone) loss = sum(loss);
  if (r.reduction == kMean) loss = div(loss, total);
  return {loss, log_p, total};
}

static Tensor decompose(const ClassLossGradient& r, const Tensor& grad, const Tensor& x, const Tensor& target,
                        const Tensor& weight, const Tensor&, const Tensor&) {
  const int64_t dim = class_dim(x.dim());
  const ClassTargets t(x, target, weight, r.ignore_index);
  Tensor g = r.reduction == kNone ? reshape(grad, t.safe.shape()) : grad;
  if (r.reduction == kMean) g = div(g, sum(t.weights));
  const Tensor coefficients = class_coefficients(r, x, weight, t);
  if (r.is_log) return mul(coefficients, g);
  return mul(sub(coefficients, mul(softmax(x, dim), sum(coefficients, dim, true))), g);
}

static Tensor decompose(const NllLoss& r, const Tensor& input, const Tensor& target, const Tensor& weight) {
  return apply(ClassLoss{true, r.ignore_index, reduction_of(r), 0}, input, target, weight);
}

// Targets are probabilities: every class counts.
static Tensor probability_loss(const CrossEntropy& r, const Tensor& input, const Tensor& target, const Tensor& weight) {
  check<DTypeError>(is_floating(target.dtype()),
                    "Expected floating point type for target with class probabilities, got ", target.dtype());
  check<ValueError>(r.ignore_index < 0, "ignore_index is not supported for floating point target");
  const int64_t dim = class_dim(input.dim());
  Tensor t = target;
  if (r.label_smoothing > 0)
    t = add(mul(t, Tensor(1 - r.label_smoothing)), Tensor(r.label_smoothing / static_cast<double>(input.size(dim))));
  if (weight.defined()) t = mul(t, per_class(weight, input.dim()));
  const Tensor loss = neg(sum(mul(log_softmax(input, dim), t), dim));
  const Reduction reduction = reduction_of(r);
  if (reduction != kMean) return reduced(loss, reduction);
  return div(sum(loss), Tensor(static_cast<double>(input.numel() / std::max<int64_t>(1, input.size(dim)))));
}

static Tensor decompose(const CrossEntropy& r, const Tensor& input, const Tensor& target, const Tensor& weight) {
  check<ValueError>(r.label_smoothing >= 0 && r.label_smoothing <= 1,
                    "label_smoothing must be between 0.0 and 1.0. Got: ", r.label_smoothing);
  if (input.shape() == target.shape() && input.dim() > 0 && is_floating(target.dtype()))
    return probability_loss(r, input, target, weight);
  return apply(ClassLoss{false, r.ignore_index, reduction_of(r), r.label_smoothing}, input, target, weight);
}

// ---- two classes ----

static void check_same_size(const char* op, const Tensor& input, const Tensor& target) {
  if (input.shape() == target.shape()) return;
  fail<ValueError>(op, ": Target size (", target.shape(), ") must be the same as input size (", input.shape(),
                   "); input is ", input, ", target is ", target, "; use unsqueeze or reshape");
}

void infer(const BinaryLoss&, Specs in, Spec* out) {
  check<DTypeError>(is_floating(in[0].dtype), "\"binary_cross_entropy\" not implemented for '", in[0].dtype,
                    "'; input must be floating");
  check<DTypeError>(in[0].dtype == in[1].dtype, "binary_cross_entropy: Found dtype ", in[1].dtype, " but expected ",
                    in[0].dtype, ": target must have input's dtype");
  check<ShapeError>(in[0].shape == in[1].shape, "binary_cross_entropy: input is ", in[0], ", target is ", in[1],
                    "; they must have one shape");
  out->shape = in[0].shape;
  out->dtype = in[0].dtype;
}
static Tensor decompose(const BinaryLoss&, const Tensor& x, const Tensor& t) {
  const auto clamped_log = [](const Tensor& p) { return clamp_min(log(p), Tensor(-100.0)); };
  const Tensor other = sub(Tensor(1.0), x);
  return sub(mul(sub(t, Tensor(1.0)), clamped_log(other)), mul(t, clamped_log(x)));
}

static Tensor decompose(const BinaryCrossEntropy& r, const Tensor& input, const Tensor& target, const Tensor& weight) {
  check_same_size("binary_cross_entropy", input, target);
  return reduced(weighted(apply(BinaryLoss{}, input, target), weight), reduction_of(r));
}

static Tensor decompose(const BinaryCrossEntropyWithLogits& r, const Tensor& x, const Tensor& t, const Tensor& weight,
                        const Tensor& pos_weight) {
  check_same_size("binary_cross_entropy_with_logits", x, t);
  check<DTypeError>(is_floating(x.dtype()), "binary_cross_entropy_with_logits: needs floating logits, and input is ", x,
                    "; convert it with .float()");
  // (1 - t) x + (1 + (w - 1) t) log(1 + exp(-x)), where the exponent is never positive.
  const Tensor softplus = add(log1p(exp(neg(abs(x)))), clamp_min(neg(x), Tensor(0.0)));
  Tensor loss = mul(sub(Tensor(1.0), t), x);
  if (pos_weight.defined())
    loss = add(loss, mul(add(mul(sub(pos_weight, Tensor(1.0)), t), Tensor(1.0)), softplus));
  else
    loss = add(loss, softplus);
  return reduced(weighted(loss, weight), reduction_of(r));
}

// ---- regression ----

// PyTorch warns where sizes differ and broadcasts; so do we, without the warning.
static Tensor difference(const Tensor& a, const Tensor& b) { return sub(a, b); }

static Tensor decompose(const MseLoss& r, const Tensor& x, const Tensor& t, const Tensor& weight) {
  const Tensor d = difference(x, t);
  return reduced(mul(d, d), weight, reduction_of(r));
}
static Tensor decompose(const L1Loss& r, const Tensor& x, const Tensor& t, const Tensor& weight) {
  return reduced(abs(difference(x, t)), weight, reduction_of(r));
}
static Tensor decompose(const SmoothL1Loss& r, const Tensor& x, const Tensor& t) {
  check<ValueError>(r.beta >= 0, "smooth_l1_loss does not support negative values for beta, but got ", r.beta);
  const Tensor d = difference(x, t), size = abs(d);
  if (r.beta == 0) return reduced(size, reduction_of(r));
  const Tensor near = mul(mul(d, d), Tensor(0.5 / r.beta)), far = sub(size, Tensor(0.5 * r.beta));
  return reduced(where(lt(size, Tensor(r.beta)), near, far), reduction_of(r));
}
static Tensor decompose(const HuberLoss& r, const Tensor& x, const Tensor& t, const Tensor& weight) {
  check<ValueError>(r.delta > 0, "huber_loss does not support non-positive values for delta, but got ", r.delta);
  const Tensor d = difference(x, t), size = abs(d);
  const Tensor near = mul(mul(d, d), Tensor(0.5)), far = mul(sub(size, Tensor(0.5 * r.delta)), Tensor(r.delta));
  return reduced(where(le(size, Tensor(r.delta)), near, far), weight, parse_reduction(r.reduction));
}
static Tensor decompose(const KlDiv& r, const Tensor& x, const Tensor& t) {
  const bool batch_mean = r.reduction == "batchmean" && !r.size_average && !r.reduce;
  // xlogy: a target of zero adds nothing.
  const Tensor loss = r.log_target ? mul(exp(t), sub(t, x)) : sub(xlogy(t, t), mul(t, x));
  if (!batch_mean) return reduced(loss, reduction_of(r));
  return x.dim() == 0 ? sum(loss) : div(sum(loss), Tensor(static_cast<double>(x.size(0))));
}

void register_loss(Registry& registry) {
  LossRecords::add_to(registry);
  registry.add_decomposition<CrossEntropy>();
  registry.add_decomposition<ClassLoss>();
  registry.add_decomposition<ClassLossGradient>();
  registry.add_decomposition<NllLoss>();
  registry.add_decomposition<BinaryLoss>();
  registry.add_decomposition<BinaryCrossEntropy>();
  registry.add_decomposition<BinaryCrossEntropyWithLogits>();
  registry.add_decomposition<MseLoss>();
  registry.add_decomposition<L1Loss>();
  registry.add_decomposition<SmoothL1Loss>();
  registry.add_decomposition<HuberLoss>();
  registry.add_decomposition<KlDiv>();
}

}  // namespace tenon::inline v0
