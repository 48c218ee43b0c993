#include <tenon/data/dataloader.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <vector>

#include <tenon/core/error.h>
#include <tenon/data/worker_pool.h>

namespace tenon::inline v0::data {

namespace {

// What workers of a pass share.
struct Plan {
  std::shared_ptr<const Dataset> dataset;
  std::function<void(int worker)> worker_init_fn;
  std::vector<char> initialised;  // one entry per worker, which alone touches it
};

class BatchTask : public Task {
 public:
  BatchTask(std::shared_ptr<Plan> plan, std::vector<int64_t> indices)
      : plan_(std::move(plan)), indices_(std::move(indices)) {}

  void run() override {
    const int id = worker_info()->id;
    char& initialised = plan_->initialised[static_cast<size_t>(id)];
    if (!initialised) {
      initialised = true;
      if (plan_->worker_init_fn) plan_->worker_init_fn(id);
    }
    batch = plan_->dataset->get_batch(indices_);
  }

  Batch batch;

 private:
  std::shared_ptr<Plan> plan_;
  std::vector<int64_t> indices_;
};

void check_options(const DataLoaderOptions& o) {
  check<ValueError>(o.num_workers >= 0,
                    "DataLoader: num_workers option should be non-negative; use 0 for no workers, got ", o.num_workers);
  check<ValueError>(o.timeout >= 0, "DataLoader: timeout option should be non-negative, got ", o.timeout);
  check<ValueError>(o.batch_size > 0,
                    "DataLoader: batch_size should be a positive integer value, but got batch_size=", o.batch_size);
  check<ValueError>(!(o.shuffle && o.sampler), "DataLoader: sampler option is mutually exclusive with shuffle");
  check<ValueError>(o.prefetch_factor > 0, "DataLoader: prefetch_factor option should be positive, got ",
                    o.prefetch_factor);
}

}  // namespace

struct BatchStream::Impl {
  std::shared_ptr<Plan> plan;
  std::unique_ptr<Indices> indices;
  int64_t batch_size;
  bool drop_last;
  double timeout;
  size_t ahead = 0;
  int turn = 0;
  bool exhausted = false;
  std::optional<WorkerPool> pool;
  std::deque<std::shared_ptr<BatchTask>> tasks;  // in the order of their batches

  // False when there are no more.
  bool next_indices(std::vector<int64_t>& out) {
    if (exhausted) return false;
    out.resize(static_cast<size_t>(batch_size));
    out.resize(indices->next(out));
    const bool full = static_cast<int64_t>(out.size()) == batch_size;
    exhausted = out.empty() || (drop_last && !full);
    return !exhausted;
  }

  void fill() {
    std::vector<int64_t> batch;
    while (tasks.size() < ahead && next_indices(batch)) {
      tasks.push_back(std::make_shared<BatchTask>(plan, std::move(batch)));
      pool->submit(turn, tasks.back());
      turn = (turn + 1) % pool->num_workers();
      batch = {};
    }
  }

  void wait(const Task& task) const {
    using Seconds = std::chrono::duration<double>;
    // A day at a time where there is no limit: the clock of wait_for must not overflow.
    const auto time =
        std::chrono::duration_cast<std::chrono::nanoseconds>(Seconds(timeout > 0 ? std::min(timeout, 1e9) : 86400.0));
    while (!pool->wait(task, time)) {
      check<Error>(timeout <= 0, "DataLoader timed out after ", timeout, " seconds");
    }
  }
};

BatchStream::BatchStream(std::shared_ptr<const Dataset> dataset, std::unique_ptr<Indices> indices,
                         const DataLoaderOptions& options)
    : impl_(std::make_unique<Impl>()) {
  impl_->plan = std::make_shared<Plan>(
      Plan{std::move(dataset), options.worker_init_fn, std::vector<char>(static_cast<size_t>(options.num_workers))});
  impl_->indices = std::move(indices);
  impl_->batch_size = options.batch_size;
  impl_->drop_last = options.drop_last;
  impl_->timeout = options.timeout;
  // Drawn also without workers, as PyTorch does, so that what follows is the same with any number of them.
  const int64_t base_seed = draw_seed(options.generator);
  if (options.num_workers == 0) return;
  impl_->ahead = static_cast<size_t>(options.num_workers) * static_cast<size_t>(options.prefetch_factor);
  impl_->pool.emplace(options.num_workers);
  impl_->pool->set_seed(static_cast<uint64_t>(base_seed));
  impl_->pool->start();
  impl_->fill();
}

BatchStream::~BatchStream() = default;

bool BatchStream::next(Batch& out) {
  Impl& s = *impl_;
  if (!s.pool) {
    std::vector<int64_t> indices;
    if (!s.next_indices(indices)) return false;
    out = s.plan->dataset->get_batch(indices);
    return true;
  }
  if (s.tasks.empty()) return false;
  const std::shared_ptr<BatchTask> task = s.tasks.front();
  s.wait(*task);
  s.tasks.pop_front();
  s.fill();
  WorkerPool::finish(*task);
  out = std::move(task->batch);
  return true;
}

DataLoader::DataLoader(std::shared_ptr<const Dataset> dataset, DataLoaderOptions options)
    : dataset_(std::move(dataset)), options_(std::move(options)) {
  check<ValueError>(dataset_ != nullptr, "DataLoader: there is no dataset");
  check_options(options_);
  if (options_.sampler) return;
  if (options_.shuffle) {
    options_.sampler = std::make_shared<RandomSampler>(dataset_->size(), false, std::nullopt, options_.generator);
  } else {
    options_.sampler = std::make_shared<SequentialSampler>(dataset_->size());
  }
}

DataLoader::Iterator DataLoader::begin() const {
  return Iterator(std::make_unique<BatchStream>(dataset_, options_.sampler->begin(), options_));
}

int64_t DataLoader::size() const {
  const int64_t n = options_.sampler->size();
  return n / options_.batch_size + (!options_.drop_last && n % options_.batch_size != 0);
}

}  // namespace tenon::inline v0::data
