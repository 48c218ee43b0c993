// What a DataLoader reads from.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <span>
#include <tuple>
#include <vector>

#include <tenon/core/export.h>
#include <tenon/core/tensor.h>

namespace tenon::inline v0::data {

// The tensors of one sample or of one batch. `auto [x, y] = batch` takes two apart; for other numbers of
// tensors use batch[i].
class TENON_API Batch : public std::vector<Tensor> {
 public:
  using std::vector<Tensor>::vector;
  Batch(std::vector<Tensor> tensors) : std::vector<Tensor>(std::move(tensors)) {}

  // Tensor `I` of two. ValueError when the batch does not hold two.
  template <size_t I>
  Tensor get() const {
    check_pair();
    return (*this)[I];
  }

 private:
  void check_pair() const;
};

// A dataset of the user's: `size` and `get`. Both are called from several threads at once when the loader
// has workers, so what they change must be guarded.
class TENON_API Dataset {
 public:
  virtual ~Dataset();
  virtual int64_t size() const = 0;
  // The tensors of one sample; `index` is what the sampler gave.
  virtual Batch get(int64_t index) const = 0;
  // The tensors of several samples, each with a new first dimension. By default stacks what `get` returns.
  virtual Batch get_batch(std::span<const int64_t> indices) const;

 protected:
  Dataset() = default;
  Dataset(const Dataset&) = default;
  Dataset& operator=(const Dataset&) = default;
};

// Tensors with the same first size n: sample i is row i of each. Shares their memory.
class TENON_API TensorDataset : public Dataset {
 public:
  // ValueError without tensors; ShapeError for a zero-dimensional one and for different first sizes.
  explicit TensorDataset(std::vector<Tensor> tensors);
  template <std::same_as<Tensor>... More>
  explicit TensorDataset(const Tensor& first, const More&... more)
      : TensorDataset(std::vector<Tensor>{first, more...}) {}

  const std::vector<Tensor>& tensors() const { return tensors_; }
  int64_t size() const override { return size_; }
  // Negative indices count from the end. IndexError.
  Batch get(int64_t index) const override;
  // One index_select per tensor.
  Batch get_batch(std::span<const int64_t> indices) const override;

 private:
  std::vector<Tensor> tensors_;
  int64_t size_;
};

// The samples of `dataset` at `indices`.
class TENON_API Subset : public Dataset {
 public:
  Subset(std::shared_ptr<const Dataset> dataset, std::vector<int64_t> indices);
  int64_t size() const override { return static_cast<int64_t>(indices_.size()); }
  Batch get(int64_t index) const override;
  Batch get_batch(std::span<const int64_t> indices) const override;

 private:
  int64_t inner(int64_t index) const;

  std::shared_ptr<const Dataset> dataset_;
  std::vector<int64_t> indices_;
};

}  // namespace tenon::inline v0::data

template <>
struct std::tuple_size<tenon::data::Batch> : std::integral_constant<size_t, 2> {};
template <size_t I>
struct std::tuple_element<I, tenon::data::Batch> {
  using type = tenon::Tensor;
};
