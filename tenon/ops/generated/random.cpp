// Generated from the op records by tools/generate_functions.cpp (`make generate`); do not edit.
// clang-format off
#include <tenon/core/door.h>
#include <tenon/ops/random.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0 {

Tensor rand(const DimsArg& size, const GeneratorHandle& generator, std::optional<DType> dtype, std::optional<Device> device) {
  Rand r;
  r.size = size;
  r.generator = generator;
  r.dtype = dtype;
  r.device = device;
  return apply(r);
}
const Tensor& rand_out(const Tensor& out, const DimsArg& size, const GeneratorHandle& generator, std::optional<DType> dtype, std::optional<Device> device) {
  Rand r;
  r.size = size;
  r.generator = generator;
  r.dtype = dtype;
  r.device = device;
  return apply_out(r, out);
}
Tensor randn(const DimsArg& size, const GeneratorHandle& generator, std::optional<DType> dtype, std::optional<Device> device) {
  Randn r;
  r.size = size;
  r.generator = generator;
  r.dtype = dtype;
  r.device = device;
  return apply(r);
}
const Tensor& randn_out(const Tensor& out, const DimsArg& size, const GeneratorHandle& generator, std::optional<DType> dtype, std::optional<Device> device) {
  Randn r;
  r.size = size;
  r.generator = generator;
  r.dtype = dtype;
  r.device = device;
  return apply_out(r, out);
}
Tensor randint(int64_t high, const DimsArg& size, const GeneratorHandle& generator, std::optional<DType> dtype, std::optional<Device> device) {
  Randint r;
  r.high = high;
  r.size = size;
  r.generator = generator;
  r.dtype = dtype;
  r.device = device;
  return apply(r);
}
const Tensor& randint_out(const Tensor& out, int64_t high, const DimsArg& size, const GeneratorHandle& generator, std::optional<DType> dtype, std::optional<Device> device) {
  Randint r;
  r.high = high;
  r.size = size;
  r.generator = generator;
  r.dtype = dtype;
  r.device = device;
  return apply_out(r, out);
}
Tensor randint(int64_t low, int64_t high, const DimsArg& size, const GeneratorHandle& generator, std::optional<DType> dtype, std::optional<Device> device) {
  RandintLow r;
  r.low = low;
  r.high = high;
  r.size = size;
  r.generator = generator;
  r.dtype = dtype;
  r.device = device;
  return apply(r);
}
const Tensor& randint_out(const Tensor& out, int64_t low, int64_t high, const DimsArg& size, const GeneratorHandle& generator, std::optional<DType> dtype, std::optional<Device> device) {
  RandintLow r;
  r.low = low;
  r.high = high;
  r.size = size;
  r.generator = generator;
  r.dtype = dtype;
  r.device = device;
  return apply_out(r, out);
}
Tensor randperm(Dim n, const GeneratorHandle& generator, std::optional<DType> dtype, std::optional<Device> device) {
  Randperm r;
  r.n = n;
  r.generator = generator;
  r.dtype = dtype;
  r.device = device;
  return apply(r);
}
const Tensor& randperm_out(const Tensor& out, Dim n, const GeneratorHandle& generator, std::optional<DType> dtype, std::optional<Device> device) {
  Randperm r;
  r.n = n;
  r.generator = generator;
  r.dtype = dtype;
  r.device = device;
  return apply_out(r, out);
}
Tensor rand_like(const Tensor& input, const GeneratorHandle& generator, std::optional<DType> dtype, std::optional<Device> device, const std::optional<std::string>& memory_format) {
  RandLike r;
  r.generator = generator;
  r.dtype = dtype;
  r.device = device;
  r.memory_format = memory_format;
  return apply(r, input);
}
Tensor randn_like(const Tensor& input, const GeneratorHandle& generator, std::optional<DType> dtype, std::optional<Device> device, const std::optional<std::string>& memory_format) {
  RandnLike r;
  r.generator = generator;
  r.dtype = dtype;
  r.device = device;
  r.memory_format = memory_format;
  return apply(r, input);
}
Tensor randint_like(const Tensor& input, int64_t high, const GeneratorHandle& generator, std::optional<DType> dtype, std::optional<Device> device) {
  RandintLike r;
  r.high = high;
  r.generator = generator;
  r.dtype = dtype;
  r.device = device;
  return apply(r, input);
}
Tensor randint_like(const Tensor& input, int64_t low, int64_t high, const GeneratorHandle& generator, std::optional<DType> dtype, std::optional<Device> device) {
  RandintLikeLow r;
  r.low = low;
  r.high = high;
  r.generator = generator;
  r.dtype = dtype;
  r.device = device;
  return apply(r, input);
}
Tensor uniform(const Tensor& input, double from, double to, const GeneratorHandle& generator) {
  Uniform r;
  r.from = from;
  r.to = to;
  r.generator = generator;
  return apply(r, input);
}
const Tensor& Tensor::uniform_(double from, double to, const GeneratorHandle& generator) const {
  Uniform r;
  r.from = from;
  r.to = to;
  r.generator = generator;
  return apply_inplace(r, *this);
}
Tensor normal(const Tensor& input, double mean, double std, const GeneratorHandle& generator) {
  NormalFill r;
  r.mean = mean;
  r.std = std;
  r.generator = generator;
  return apply(r, input);
}
const Tensor& Tensor::normal_(double mean, double std, const GeneratorHandle& generator) const {
  NormalFill r;
  r.mean = mean;
  r.std = std;
  r.generator = generator;
  return apply_inplace(r, *this);
}
Tensor exponential(const Tensor& input, double lambd, const GeneratorHandle& generator) {
  Exponential r;
  r.lambd = lambd;
  r.generator = generator;
  return apply(r, input);
}
const Tensor& Tensor::exponential_(double lambd, const GeneratorHandle& generator) const {
  Exponential r;
  r.lambd = lambd;
  r.generator = generator;
  return apply_inplace(r, *this);
}
Tensor bernoulli(const Tensor& input, double p, const GeneratorHandle& generator) {
  BernoulliFill r;
  r.p = p;
  r.generator = generator;
  return apply(r, input);
}
const Tensor& Tensor::bernoulli_(double p, const GeneratorHandle& generator) const {
  BernoulliFill r;
  r.p = p;
  r.generator = generator;
  return apply_inplace(r, *this);
}
Tensor random(const Tensor& input, std::optional<int64_t> to, const GeneratorHandle& generator) {
  RandomTo r;
  r.to = to;
  r.generator = generator;
  return apply(r, input);
}
const Tensor& Tensor::random_(std::optional<int64_t> to, const GeneratorHandle& generator) const {
  RandomTo r;
  r.to = to;
  r.generator = generator;
  return apply_inplace(r, *this);
}
Tensor random(const Tensor& input, int64_t from, std::optional<int64_t> to, const GeneratorHandle& generator) {
  RandomFrom r;
  r.from = from;
  r.to = to;
  r.generator = generator;
  return apply(r, input);
}
const Tensor& Tensor::random_(int64_t from, std::optional<int64_t> to, const GeneratorHandle& generator) const {
  RandomFrom r;
  r.from = from;
  r.to = to;
  r.generator = generator;
  return apply_inplace(r, *this);
}
Tensor bernoulli(const Tensor& input, const GeneratorHandle& generator) {
  Bernoulli r;
  r.generator = generator;
  return apply(r, input);
}
const Tensor& bernoulli_out(const Tensor& out, const Tensor& input, const GeneratorHandle& generator) {
  Bernoulli r;
  r.generator = generator;
  return apply_out(r, out, input);
}
Tensor Tensor::bernoulli(const GeneratorHandle& generator) const {
  Bernoulli r;
  r.generator = generator;
  return apply(r, *this);
}
Tensor normal(double mean, double std, const DimsArg& size, const GeneratorHandle& generator, std::optional<DType> dtype, std::optional<Device> device) {
  Normal r;
  r.mean = mean;
  r.std = std;
  r.size = size;
  r.generator = generator;
  r.dtype = dtype;
  r.device = device;
  return apply(r);
}
const Tensor& normal_out(const Tensor& out, double mean, double std, const DimsArg& size, const GeneratorHandle& generator, std::optional<DType> dtype, std::optional<Device> device) {
  Normal r;
  r.mean = mean;
  r.std = std;
  r.size = size;
  r.generator = generator;
  r.dtype = dtype;
  r.device = device;
  return apply_out(r, out);
}
Tensor normal(const Tensor& mean, const Tensor& std, const GeneratorHandle& generator) {
  NormalTensors r;
  r.generator = generator;
  return apply(r, mean, std);
}
Tensor multinomial(const Tensor& input, int64_t num_samples, bool replacement, const GeneratorHandle& generator) {
  Multinomial r;
  r.num_samples = num_samples;
  r.replacement = replacement;
  r.generator = generator;
  return apply(r, input);
}
const Tensor& multinomial_out(const Tensor& out, const Tensor& input, int64_t num_samples, bool replacement, const GeneratorHandle& generator) {
  Multinomial r;
  r.num_samples = num_samples;
  r.replacement = replacement;
  r.generator = generator;
  return apply_out(r, out, input);
}
Tensor Tensor::multinomial(int64_t num_samples, bool replacement, const GeneratorHandle& generator) const {
  Multinomial r;
  r.num_samples = num_samples;
  r.replacement = replacement;
  r.generator = generator;
  return apply(r, *this);
}

}  // namespace tenon::inline v0
