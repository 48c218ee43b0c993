#include <tenon/ops/random.h>

#include <tenon/core/door.h>
#include <tenon/core/rules.h>
#include <tenon/ops/checks.h>
#include <tenon/ops/elementwise.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {

namespace {

void infer_created(const CreationOptions& r, const Dims& size, DType dtype, Device device, Spec* out) {
  out->shape = size;
  out->dtype = r.dtype.value_or(dtype);
  out->device = r.device.value_or(device);
}

void check_range(const char* op, int64_t low, int64_t high) {
  check<ValueError>(low < high, op, ": random_ expects 'from' to be less than 'to', but got from=", low,
                    " >= to=", high);
}

void check_not_complex(const char* op, DType dtype) {
  check<DTypeError>(!is_complex(dtype), op, ": is not implemented for ", dtype);
}

}  // namespace

void infer_random(const char* op, const SizedRandom& r, Spec* out) {
  infer_created(r, r.size, default_dtype(), {}, out);
  check_floating(op, out->dtype);
}
void infer_random_like(const char* op, const LikeRandom& r, Specs in, Spec* out) {
  infer_created(r, in[0].shape, in[0].dtype, in[0].device, out);
  check_floating(op, out->dtype);
}

void infer(const Randint& r, Specs, Spec* out) {
  check_range(Randint::name, 0, r.high);
  infer_created(r, r.size, DType::Int64, {}, out);
  check_not_complex(Randint::name, out->dtype);
}
void infer(const RandintLow& r, Specs, Spec* out) {
  check_range(RandintLow::name, r.low, r.high);
  infer_created(r, r.size, DType::Int64, {}, out);
  check_not_complex(RandintLow::name, out->dtype);
}
void infer(const RandintLike& r, Specs in, Spec* out) {
  check_range(RandintLike::name, 0, r.high);
  infer_created(r, in[0].shape, in[0].dtype, in[0].device, out);
  check_not_complex(RandintLike::name, out->dtype);
}
void infer(const RandintLikeLow& r, Specs in, Spec* out) {
  check_range(RandintLikeLow::name, r.low, r.high);
  infer_created(r, in[0].shape, in[0].dtype, in[0].device, out);
  check_not_complex(RandintLikeLow::name, out->dtype);
}
void infer(const Randperm& r, Specs, Spec* out) {
  check<ValueError>(r.n.is_symbolic() || r.n.value() >= 0, "randperm: n must be non-negative, got ", r.n);
  infer_created(r, {r.n}, DType::Int64, {}, out);
  check_not_complex(Randperm::name, out->dtype);
}

void infer_random_fill(const char* op, bool floating, Specs in, Spec* out) {
  out->shape = in[0].shape;
  out->dtype = in[0].dtype;
  if (floating)
    check_floating(op, out->dtype);
  else
    check_not_complex(op, out->dtype);
}
void infer(const Uniform& r, Specs in, Spec* out) {
  check<ValueError>(r.from <= r.to, "uniform_: expects to return a [from, to) range, but found from=", r.from,
                    " > to=", r.to);
  infer_random_fill(Uniform::name, true, in, out);
}
void infer(const NormalFill& r, Specs in, Spec* out) {
  check<ValueError>(r.std >= 0, "normal_: expects std >= 0.0, but found std ", r.std);
  infer_random_fill(NormalFill::name, true, in, out);
}
void infer(const Exponential& r, Specs in, Spec* out) {
  check<ValueError>(r.lambd > 0, "exponential_: expects lambda > 0.0, but found lambda=", r.lambd);
  infer_random_fill(Exponential::name, true, in, out);
}
static void check_probability(const char* op, double p) {
  check<ValueError>(p >= 0 && p <= 1, op, ": expects p to be in [0, 1], but got p=", p);
}
void infer(const BernoulliFill& r, Specs in, Spec* out) {
  check_probability("bernoulli_", r.p);
  infer_random_fill(BernoulliFill::name, false, in, out);
}
void infer(const RandomTo& r, Specs in, Spec* out) {
  if (r.to) check_range("random_", 0, *r.to);
  infer_random_fill(RandomTo::name, false, in, out);
}
void infer(const RandomFrom& r, Specs in, Spec* out) {
  if (r.to) check_range("random_", r.from, *r.to);
  infer_random_fill(RandomFrom::name, false, in, out);
}

void infer(const Bernoulli&, Specs in, Spec* out) { infer_random_fill(Bernoulli::name, true, in, out); }
void infer(const BernoulliP& r, Specs in, Spec* out) {
  check_probability(BernoulliP::name, r.p);
  infer_random_fill(BernoulliP::name, false, in, out);
}
void infer(const Normal& r, Specs, Spec* out) {
  check<ValueError>(r.std >= 0, "normal: expects std >= 0.0, but found std ", r.std);
  infer_created(r, r.size, default_dtype(), {}, out);
  check_floating(Normal::name, out->dtype);
}

void infer(const Multinomial& r, Specs in, Spec* out) {
  const int64_t ndim = in[0].dim();
  check<ShapeError>(ndim == 1 || ndim == 2, "multinomial: prob_dist must be 1 or 2 dim, and input is ", in[0]);
  check_floating(Multinomial::name, in[0].dtype);
  check<ValueError>(r.num_samples > 0,
                    "multinomial: cannot sample n_sample <= 0 samples, got num_samples=", r.num_samples);
  const Dim categories = in[0].shape.back();
  check<ValueError>(r.replacement || categories.is_symbolic() || r.num_samples <= categories.value(),
                    "multinomial: cannot sample n_sample > prob_dist.size(-1) samples without replacement: input is ",
                    in[0], ", num_samples=", r.num_samples);
  out->shape = in[0].shape;
  out->shape.back() = r.num_samples;
  out->dtype = DType::Int64;
}

Tensor decompose(const NormalTensors& r, const Tensor& mean, const Tensor& std) {
  const Tensor shift = apply(Add{}, apply(Mul{}, mean, Tensor(0.0)), apply(Mul{}, std, Tensor(0.0)));
  RandnLike noise;
  noise.generator = r.generator;
  return apply(Add{}, apply(Mul{}, apply(noise, shift), std), mean);
}

void register_random(Registry& registry) {
  RandomRecords::add_to(registry);
  registry.add_decomposition<NormalTensors>();
}

}  // namespace tenon::inline v0
