#include <tenon/ops/activation.h>

#include <tenon/core/door.h>
#include <tenon/core/rules.h>
#include <tenon/ops/elementwise.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {
namespace {

template <class R>
void infer_softmax(const R& r, Specs in, Spec* out) {
  wrap_dim(R::name, r.dim, in[0].dim());
  out->shape = in[0].shape;
  out->dtype = r.dtype.value_or(in[0].dtype);
  check<DTypeError>(is_floating(out->dtype), R::name, ": is not implemented for '", out->dtype,
                    "'; pass dtype=float32");
}

void check_probability(double p) {
  check<ValueError>(p >= 0 && p <= 1, "dropout probability has to be between 0 and 1, but got ", p);
}

Tensor finished(const Tensor& input, const Tensor& result, bool inplace) {
  return inplace ? apply_inplace(Copy{}, input, result) : result;
}

}  // namespace

void infer(const Softmax& r, Specs in, Spec* out) { infer_softmax(r, in, out); }
void infer(const LogSoftmax& r, Specs in, Spec* out) { infer_softmax(r, in, out); }

static Tensor decompose(const Softmax& r, const Tensor& input) {
  const Tensor x = r.dtype ? to(input, *r.dtype) : input;
  if (x.numel() == 0) return clone(x);  // no row has a largest element
  const Tensor e = exp(sub(x, amax(x, r.dim, true)));
  return div(e, sum(e, r.dim, true));
}
static Tensor decompose(const LogSoftmax& r, const Tensor& input) {
  const Tensor x = r.dtype ? to(input, *r.dtype) : input;
  if (x.numel() == 0) return clone(x);
  const Tensor shifted = sub(x, amax(x, r.dim, true));
  return sub(shifted, log(sum(exp(shifted), r.dim, true)));
}

void infer(const DropoutMasked&, Specs in, Spec* out) {
  check<DTypeError>(is_floating(in[0].dtype), "dropout: result type Float can't be cast to ", in[0].dtype,
                    "; convert the input with .to(dtype) first");
  out[0].shape = out[1].shape = in[0].shape;
  out[0].dtype = in[0].dtype;
  out[1].dtype = DType::Bool;
}

static Tensor decompose(const Dropout& r, const Tensor& input) {
  check_probability(r.p);
  if (!r.training || r.p == 0) return input;
  if (r.p == 1) return finished(input, mul(input, Tensor(0)), r.inplace);
  return finished(input, apply(DropoutMasked{r.p, {}}, input), r.inplace);
}

template <int n>
Tensor decompose(const FeatureDropout<n>& r, const Tensor& input) {
  check_probability(r.p);
  if (!r.training || r.p == 0) return input;
  const bool batched = input.dim() != n + 1;
  check<ShapeError>(input.dim() >= 2, FeatureDropout<n>::name,
                    ": Feature dropout requires at least 2 dimensions in the input, which is ", input);
  Shape shape(input.shape().size(), 1);
  shape[0] = input.shape()[0];
  if (batched) shape[1] = input.shape()[1];
  Tensor noise = Tensor::empty(shape, input.dtype(), input.device());
  apply_inplace(Copy{}, noise, Tensor(1.0));
  noise = r.p == 1 ? mul(noise, Tensor(0)) : apply(DropoutMasked{r.p, {}}, noise);
  return finished(input, mul(input, noise), r.inplace);
}

void register_activation(Registry& registry) {
  ActivationRecords::add_to(registry);
  registry.add_decomposition<Softmax>();
  registry.add_decomposition<LogSoftmax>();
  registry.add_decomposition<Dropout>();
  registry.add_decomposition<FeatureDropout<1>>();
  registry.add_decomposition<FeatureDropout<2>>();
  registry.add_decomposition<FeatureDropout<3>>();
}

}  // namespace tenon::inline v0
