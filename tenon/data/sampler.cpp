#include <tenon/data/sampler.h>

#include <algorithm>
#include <functional>

#include <tenon/core/error.h>
#include <tenon/core/generator.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0::data {

namespace {

class Counter : public Indices {
 public:
  explicit Counter(int64_t n) : n_(n) {}
  size_t next(std::span<int64_t> out) override {
    const size_t count = std::min(out.size(), static_cast<size_t>(n_ - position_));
    for (size_t i = 0; i < count; ++i) out[i] = position_++;
    return count;
  }

 private:
  int64_t position_ = 0;
  int64_t n_;
};

// Indices that are drawn by the tensor when the last ones are used up.
class Drawn : public Indices {
 public:
  size_t next(std::span<int64_t> out) override {
    size_t count = 0;
    while (count < out.size()) {
      if (position_ == end_) {
        if (done_) break;
        done_ = !refill();
        continue;
      }
      const auto n = std::min(out.size() - count, static_cast<size_t>(end_ - position_));
      std::copy_n(drawn_.data<int64_t>() + position_, n, out.begin() + static_cast<std::ptrdiff_t>(count));
      count += n;
      position_ += static_cast<int64_t>(n);
    }
    return count;
  }

 protected:
  // Calls `take`; false: these were the last.
  virtual bool refill() = 0;
  void take(const Tensor& indices, int64_t count) {
    drawn_ = indices.contiguous();
    position_ = 0;
    end_ = count;
  }

 private:
  Tensor drawn_;
  int64_t position_ = 0, end_ = 0;
  bool done_ = false;
};

class Once : public Drawn {
 public:
  explicit Once(std::function<Tensor()> draw) : draw_(std::move(draw)) {}

 private:
  bool refill() override {
    const Tensor indices = draw_();
    take(indices, indices.numel());
    return false;
  }

  std::function<Tensor()> draw_;
};

// Draws as PyTorch's RandomSampler does: whole rounds, then one for the rest, even when none is left.
class Shuffle : public Drawn {
 public:
  Shuffle(int64_t n, bool replacement, int64_t num_samples, GeneratorHandle generator)
      : n_(n), replacement_(replacement), left_(num_samples), generator_(std::move(generator)) {}

 private:
  bool refill() override {
    if (!generator_) generator_ = std::make_shared<Generator>(static_cast<uint64_t>(draw_seed()));
    const int64_t round = replacement_ ? 32 : n_;
    const int64_t count = std::min(left_, round);
    take(replacement_ ? randint(n_, DimsArg(count), generator_, DType::Int64) : randperm(n_, generator_), count);
    left_ -= count;
    return count == round;
  }

  int64_t n_;
  bool replacement_;
  int64_t left_;
  GeneratorHandle generator_;
};

}  // namespace

Indices::~Indices() = default;
Sampler::~Sampler() = default;

int64_t draw_seed(const GeneratorHandle& generator) {
  const Tensor seed = Tensor::empty({}, DType::Int64);
  seed.random_(std::nullopt, generator);
  return *seed.data<int64_t>();
}

std::unique_ptr<Indices> SequentialSampler::begin() const { return std::make_unique<Counter>(n_); }

RandomSampler::RandomSampler(int64_t n, bool replacement, std::optional<int64_t> num_samples, GeneratorHandle generator)
    : n_(n), replacement_(replacement), num_samples_(num_samples.value_or(n)), generator_(std::move(generator)) {
  check<ValueError>(
      num_samples_ > 0,
      "RandomSampler: num_samples should be a positive integer value, but got num_samples=", num_samples_);
  check<ValueError>(n_ > 0, "RandomSampler: there is nothing to sample from");
}

std::unique_ptr<Indices> RandomSampler::begin() const {
  return std::make_unique<Shuffle>(n_, replacement_, num_samples_, generator_);
}

SubsetRandomSampler::SubsetRandomSampler(std::vector<int64_t> indices, GeneratorHandle generator)
    : indices_(std::move(indices)), generator_(std::move(generator)) {}

std::unique_ptr<Indices> SubsetRandomSampler::begin() const {
  return std::make_unique<Once>([indices = indices_, generator = generator_] {
    Tensor order = randperm(indices.size(), generator);
    auto* p = order.data<int64_t>();
    for (int64_t i = 0; i < order.numel(); ++i) p[i] = indices[static_cast<size_t>(p[i])];
    return order;
  });
}

WeightedRandomSampler::WeightedRandomSampler(Tensor weights, int64_t num_samples, bool replacement,
                                             GeneratorHandle generator)
    : weights_(std::move(weights)),
      num_samples_(num_samples),
      replacement_(replacement),
      generator_(std::move(generator)) {
  check<ValueError>(
      num_samples_ > 0,
      "WeightedRandomSampler: num_samples should be a positive integer value, but got num_samples=", num_samples_);
  check<ShapeError>(weights_.defined() && weights_.dim() == 1,
                    "WeightedRandomSampler: weights should be a 1d sequence but given weights have shape ",
                    weights_.defined() ? weights_.shape() : Shape());
}

std::unique_ptr<Indices> WeightedRandomSampler::begin() const {
  return std::make_unique<Once>([*this] { return multinomial(weights_, num_samples_, replacement_, generator_); });
}

}  // namespace tenon::inline v0::data
