// Ops that draw from a generator: the same numbers as PyTorch for the same seed.
#pragma once

#include <tenon/ops/creation.h>

namespace tenon::inline v0 {

inline constexpr uint32_t kRandomCreation = kCreation | kRandom | kNotDifferentiable;

// ---- of a given size -----------------------------------------------------------------------------------

struct SizedRandom : CreationOptions {
  Dims size;
  GeneratorHandle generator;
  static constexpr auto parameters = std::tuple(
      attribute("size", &SizedRandom::size).variadic(), attribute("generator", &SizedRandom::generator).keyword(),
      attribute("dtype", &CreationOptions::dtype).keyword(), attribute("device", &CreationOptions::device).keyword());
  static constexpr uint32_t traits = kRandomCreation;
  static constexpr uint8_t forms = kFunction | kOut;
};
void infer_random(const char* op, const SizedRandom&, Spec* out);
template <class R>
requires std::is_base_of_v<SizedRandom, R>
void infer(const R& r, Specs, Spec* out) { infer_random(R::name, r, out); }
struct Rand : SizedRandom {
  static constexpr auto name = "rand";
};
struct Randn : SizedRandom {
  static constexpr auto name = "randn";
};

// Integers in [low, high).
struct Randint : CreationOptions {
  int64_t high = 0;
  Dims size;
  GeneratorHandle generator;
  static constexpr auto name = "randint";
  static constexpr auto parameters = std::tuple(
      attribute("high", &Randint::high).required(), attribute("size", &Randint::size).required(),
      attribute("generator", &Randint::generator).keyword(), attribute("dtype", &CreationOptions::dtype).keyword(),
      attribute("device", &CreationOptions::device).keyword());
  static constexpr uint32_t traits = kRandomCreation;
  static constexpr uint8_t forms = kFunction | kOut;
};
void infer(const Randint&, Specs in, Spec* out);
struct RandintLow : CreationOptions {
  int64_t low = 0, high = 0;
  Dims size;
  GeneratorHandle generator;
  static constexpr auto name = "randint";
  static constexpr auto overload = "low";
  static constexpr auto parameters = std::tuple(
      attribute("low", &RandintLow::low).required(), attribute("high", &RandintLow::high).required(),
      attribute("size", &RandintLow::size).required(), attribute("generator", &RandintLow::generator).keyword(),
      attribute("dtype", &CreationOptions::dtype).keyword(), attribute("device", &CreationOptions::device).keyword());
  static constexpr uint32_t traits = kRandomCreation;
  static constexpr uint8_t forms = kFunction | kOut;
};
void infer(const RandintLow&, Specs in, Spec* out);
struct Randperm : CreationOptions {
  Dim n;
  GeneratorHandle generator;
  static constexpr auto name = "randperm";
  static constexpr auto parameters = std::tuple(
      attribute("n", &Randperm::n).required(), attribute("generator", &Randperm::generator).keyword(),
      attribute("dtype", &CreationOptions::dtype).keyword(), attribute("device", &CreationOptions::device).keyword());
  static constexpr uint32_t traits = kRandomCreation;
  static constexpr uint8_t forms = kFunction | kOut;
};
void infer(const Randperm&, Specs in, Spec* out);

// ---- of another tensor's size --------------------------------------------------------------------------

struct LikeRandom : CreationOptions {
  GeneratorHandle generator;
  std::optional<std::string> memory_format;
  static constexpr auto parameters = std::tuple(
      input("input"), attribute("generator", &LikeRandom::generator).keyword(),
      attribute("dtype", &CreationOptions::dtype).keyword(), attribute("device", &CreationOptions::device).keyword(),
      attribute("memory_format", &LikeRandom::memory_format).keyword());
  static constexpr uint32_t traits = kRandomCreation;
  static constexpr uint8_t forms = kFunction;
};
void infer_random_like(const char* op, const LikeRandom&, Specs in, Spec* out);
template <class R>
requires std::is_base_of_v<LikeRandom, R>
void infer(const R& r, Specs in, Spec* out) { infer_random_like(R::name, r, in, out); }
struct RandLike : LikeRandom {
  static constexpr auto name = "rand_like";
};
struct RandnLike : LikeRandom {
  static constexpr auto name = "randn_like";
};
struct RandintLike : CreationOptions {
  int64_t high = 0;
  GeneratorHandle generator;
  static constexpr auto name = "randint_like";
  static constexpr auto parameters = std::tuple(input("input"), attribute("high", &RandintLike::high).required(),
                                                attribute("generator", &RandintLike::generator).keyword(),
                                                attribute("dtype", &CreationOptions::dtype).keyword(),
                                                attribute("device", &CreationOptions::device).keyword());
  static constexpr uint32_t traits = kRandomCreation;
  static constexpr uint8_t forms = kFunction;
};
void infer(const RandintLike&, Specs in, Spec* out);
struct RandintLikeLow : CreationOptions {
  int64_t low = 0, high = 0;
  GeneratorHandle generator;
  static constexpr auto name = "randint_like";
  static constexpr auto overload = "low";
  static constexpr auto parameters = std::tuple(
      input("input"), attribute("low", &RandintLikeLow::low).required(),
      attribute("high", &RandintLikeLow::high).required(), attribute("generator", &RandintLikeLow::generator).keyword(),
      attribute("dtype", &CreationOptions::dtype).keyword(), attribute("device", &CreationOptions::device).keyword());
  static constexpr uint32_t traits = kRandomCreation;
  static constexpr uint8_t forms = kFunction;
};
void infer(const RandintLikeLow&, Specs in, Spec* out);

// ---- in place: `x.uniform_()` --------------------------------------------------------------------------

struct RandomFill {
  static constexpr uint32_t traits = kRandom | kNotDifferentiable | kDestinationMayAlias;
  static constexpr uint8_t forms = kInplace;
};
void infer_random_fill(const char* op, bool floating, Specs in, Spec* out);

struct Uniform : RandomFill {
  double from = 0, to = 1;
  GeneratorHandle generator;
  static constexpr auto name = "uniform";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("from", &Uniform::from), attribute("to", &Uniform::to),
                 attribute("generator", &Uniform::generator).keyword());
};
void infer(const Uniform&, Specs in, Spec* out);
struct NormalFill : RandomFill {
  double mean = 0, std = 1;
  GeneratorHandle generator;
  static constexpr auto name = "normal";
  static constexpr auto overload = "fill";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("mean", &NormalFill::mean), attribute("std", &NormalFill::std),
                 attribute("generator", &NormalFill::generator).keyword());
};
void infer(const NormalFill&, Specs in, Spec* out);
struct Exponential : RandomFill {
  double lambd = 1;
  GeneratorHandle generator;
  static constexpr auto name = "exponential";
  static constexpr auto parameters = std::tuple(input("input"), attribute("lambd", &Exponential::lambd),
                                                attribute("generator", &Exponential::generator).keyword());
};
void infer(const Exponential&, Specs in, Spec* out);
struct BernoulliFill : RandomFill {
  double p = 0.5;
  GeneratorHandle generator;
  static constexpr auto name = "bernoulli";
  static constexpr auto overload = "fill";
  static constexpr auto parameters = std::tuple(input("input"), attribute("p", &BernoulliFill::p),
                                                attribute("generator", &BernoulliFill::generator).keyword());
};
void infer(const BernoulliFill&, Specs in, Spec* out);
// random_(), random_(to), random_(from, to)
struct RandomTo : RandomFill {
  std::optional<int64_t> to;
  GeneratorHandle generator;
  static constexpr auto name = "random";
  static constexpr auto parameters = std::tuple(input("input"), attribute("to", &RandomTo::to),
                                                attribute("generator", &RandomTo::generator).keyword());
};
void infer(const RandomTo&, Specs in, Spec* out);
struct RandomFrom : RandomFill {
  int64_t from = 0;
  std::optional<int64_t> to;
  GeneratorHandle generator;
  static constexpr auto name = "random";
  static constexpr auto overload = "from";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("from", &RandomFrom::from).required(),
                 attribute("to", &RandomFrom::to).required(), attribute("generator", &RandomFrom::generator).keyword());
};
void infer(const RandomFrom&, Specs in, Spec* out);

// ---- with parameters from tensors ----------------------------------------------------------------------

struct Bernoulli {
  GeneratorHandle generator;
  static constexpr auto name = "bernoulli";
  static constexpr auto doc = "1 with the probability that input holds, else 0";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("generator", &Bernoulli::generator).keyword());
  static constexpr uint32_t traits = kRandom | kDestinationMayAlias;
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
void infer(const Bernoulli&, Specs in, Spec* out);
struct BernoulliP {
  double p = 0.5;
  GeneratorHandle generator;
  static constexpr auto name = "bernoulli";
  static constexpr auto overload = "p";
  static constexpr auto parameters = std::tuple(input("input"), attribute("p", &BernoulliP::p).required(),
                                                attribute("generator", &BernoulliP::generator).keyword());
  static constexpr uint32_t traits = kRandom | kNotDifferentiable;
  static constexpr uint8_t forms = kFunction | kMethod;
};
void infer(const BernoulliP&, Specs in, Spec* out);

struct Normal : CreationOptions {
  double mean = 0, std = 1;
  Dims size;
  GeneratorHandle generator;
  static constexpr auto name = "normal";
  static constexpr auto overload = "size";
  static constexpr auto parameters = std::tuple(
      attribute("mean", &Normal::mean).required(), attribute("std", &Normal::std).required(),
      attribute("size", &Normal::size).required(), attribute("generator", &Normal::generator).keyword(),
      attribute("dtype", &CreationOptions::dtype).keyword(), attribute("device", &CreationOptions::device).keyword());
  static constexpr uint32_t traits = kRandomCreation;
  static constexpr uint8_t forms = kFunction | kOut;
};
void infer(const Normal&, Specs in, Spec* out);
struct NormalTensors {
  GeneratorHandle generator;
  static constexpr auto name = "normal";
  static constexpr auto overload = "tensors";
  static constexpr auto parameters =
      std::tuple(operand("mean"), operand("std"), attribute("generator", &NormalTensors::generator).keyword());
  static constexpr uint8_t forms = kFunction;
};
Tensor decompose(const NormalTensors&, const Tensor& mean, const Tensor& std);

struct Multinomial {
  int64_t num_samples = 1;
  bool replacement = false;
  GeneratorHandle generator;
  static constexpr auto name = "multinomial";
  static constexpr auto doc = "Indices drawn by the weights in the rows of input";
  static constexpr auto parameters = std::tuple(
      input("input"), attribute("num_samples", &Multinomial::num_samples).required(),
      attribute("replacement", &Multinomial::replacement), attribute("generator", &Multinomial::generator).keyword());
  static constexpr uint32_t traits = kRandom | kNotDifferentiable;
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
void infer(const Multinomial&, Specs in, Spec* out);

using RandomRecords = Records<Rand, Randn, Randint, RandintLow, Randperm, RandLike, RandnLike, RandintLike,
                              RandintLikeLow, Uniform, NormalFill, Exponential, BernoulliFill, RandomTo, RandomFrom,
                              Bernoulli, BernoulliP, Normal, NormalTensors, Multinomial>;

}  // namespace tenon::inline v0
