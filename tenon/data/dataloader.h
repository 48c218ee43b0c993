// DataLoader: batches of a dataset, in order or shuffled, made here or ahead of time by worker threads.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <tenon/core/export.h>
#include <tenon/data/dataset.h>
#include <tenon/data/sampler.h>
#include <tenon/data/worker_info.h>

namespace tenon::inline v0::data {

struct DataLoaderOptions {
  int64_t batch_size = 1;
  bool shuffle = false;
  std::shared_ptr<const Sampler> sampler{};          // instead of shuffle
  int num_workers = 0;                               // threads; 0: batches are made by the thread that asks for them
  bool drop_last = false;                            // leaves out a last batch that is not full
  double timeout = 0;                                // seconds to wait for a worker's batch; 0: for ever
  int prefetch_factor = 2;                           // batches per worker that are made ahead
  GeneratorHandle generator{};                       // of the shuffling and the workers' seeds
  std::function<void(int worker)> worker_init_fn{};  // called in each worker, before its first batch of a pass
};

// One pass over the batches. Ends its workers when it goes; a sample that is being made is waited for.
class TENON_API BatchStream {
 public:
  BatchStream(std::shared_ptr<const Dataset> dataset, std::unique_ptr<Indices> indices,
              const DataLoaderOptions& options);
  ~BatchStream();
  BatchStream(const BatchStream&) = delete;
  BatchStream& operator=(const BatchStream&) = delete;

  // False after the last batch. What the dataset threw is thrown here: the same type of error, with the
  // worker's number in front of its text. Error when `timeout` is over.
  bool next(Batch& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The same seed gives the same batches as PyTorch. A pass over TensorDataset takes one index_select per
// tensor and batch.
//
//   DataLoader loader(dataset, {.batch_size = 64, .shuffle = true});
//   for (auto [x, y] : loader) ...
class TENON_API DataLoader {
 public:
  // Keeps the dataset, a copy where it is an lvalue. ValueError for options that exclude one another.
  template <class D>
  requires std::derived_from<std::remove_cvref_t<D>, Dataset>
  explicit DataLoader(D&& dataset, DataLoaderOptions options = {})
      : DataLoader(
            std::shared_ptr<const Dataset>(std::make_shared<const std::remove_cvref_t<D>>(std::forward<D>(dataset))),
            std::move(options)) {}
  explicit DataLoader(std::shared_ptr<const Dataset> dataset, DataLoaderOptions options = {});

  class Iterator {
   public:
    using value_type = Batch;
    using difference_type = std::ptrdiff_t;

    explicit Iterator(std::unique_ptr<BatchStream> stream) : stream_(std::move(stream)) { ++*this; }
    Batch& operator*() const { return batch_; }
    Iterator& operator++() {
      if (!stream_->next(batch_)) stream_.reset();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& it, std::default_sentinel_t) { return it.stream_ == nullptr; }

   private:
    std::unique_ptr<BatchStream> stream_;
    mutable Batch batch_;
  };

  // Starts a pass; passes do not disturb one another.
  Iterator begin() const;
  std::default_sentinel_t end() const { return {}; }
  // Batches in a pass.
  int64_t size() const;
  const Dataset& dataset() const { return *dataset_; }

 private:
  std::shared_ptr<const Dataset> dataset_;
  DataLoaderOptions options_;
};

}  // namespace tenon::inline v0::data
