// In which order a DataLoader reads its dataset.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <tenon/core/export.h>
#include <tenon/core/tensor.h>

namespace tenon::inline v0::data {

// One pass over indices.
class TENON_API Indices {
 public:
  virtual ~Indices();
  // Writes the next indices and returns how many; fewer than fit only at the end of the pass.
  virtual size_t next(std::span<int64_t> out) = 0;
};

// Makes passes. Nothing is drawn before a pass's first `next`.
class TENON_API Sampler {
 public:
  virtual ~Sampler();
  virtual std::unique_ptr<Indices> begin() const = 0;
  // Indices in one pass.
  virtual int64_t size() const = 0;
};

// 0, 1, ... n - 1
class TENON_API SequentialSampler : public Sampler {
 public:
  explicit SequentialSampler(int64_t n) : n_(n) {}
  std::unique_ptr<Indices> begin() const override;
  int64_t size() const override { return n_; }

 private:
  int64_t n_;
};

// Random indices below n, with PyTorch's numbers for the same seed. Without `generator`, each pass has one
// of its own, whose seed is drawn from the default generator. Without replacement, more samples than n are
// made of several permutations. With replacement, memory does not depend on `num_samples`.
class TENON_API RandomSampler : public Sampler {
 public:
  // ValueError unless num_samples (by default n) is positive.
  explicit RandomSampler(int64_t n, bool replacement = false, std::optional<int64_t> num_samples = {},
                         GeneratorHandle generator = {});
  std::unique_ptr<Indices> begin() const override;
  int64_t size() const override { return num_samples_; }

 private:
  int64_t n_;
  bool replacement_;
  int64_t num_samples_;
  GeneratorHandle generator_;
};

// A permutation of `indices` per pass.
class TENON_API SubsetRandomSampler : public Sampler {
 public:
  explicit SubsetRandomSampler(std::vector<int64_t> indices, GeneratorHandle generator = {});
  std::unique_ptr<Indices> begin() const override;
  int64_t size() const override { return static_cast<int64_t>(indices_.size()); }

 private:
  std::vector<int64_t> indices_;
  GeneratorHandle generator_;
};

// `num_samples` indices with probabilities in proportion to `weights` (n,).
class TENON_API WeightedRandomSampler : public Sampler {
 public:
  // ShapeError: weights not one-dimensional. ValueError: num_samples not positive.
  WeightedRandomSampler(Tensor weights, int64_t num_samples, bool replacement = true, GeneratorHandle generator = {});
  std::unique_ptr<Indices> begin() const override;
  int64_t size() const override { return num_samples_; }

 private:
  Tensor weights_;
  int64_t num_samples_;
  bool replacement_;
  GeneratorHandle generator_;
};

// A number below 2^63 from the generator (empty: the default one): PyTorch's `empty((), dtype=int64).random_()`.
TENON_API int64_t draw_seed(const GeneratorHandle& generator = {});

}  // namespace tenon::inline v0::data
