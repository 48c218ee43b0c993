#include <tenon/core/error.h>
#include <tenon/core/generator.h>
#include <tenon/data/data.h>
#include <tenon/data/worker_pool.h>
#include <tenon/ops/functions.h>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "data/numbers.h"

namespace {

using namespace tenon;
using data::Batch;
using data::DataLoader;
using data::TensorDataset;

using Rows = std::vector<std::vector<int64_t>>;

TensorDataset pairs(int64_t n) { return TensorDataset(arange(n * 2).view({n, 2}), arange(n)); }

Rows labels(const DataLoader& loader) {
  Rows out;
  for (auto [x, y] : loader) out.push_back(numbers_of(y));
  return out;
}

// What a user writes.
class Squares : public data::Dataset {
 public:
  explicit Squares(int64_t n) : n_(n) {}
  int64_t size() const override { return n_; }
  Batch get(int64_t i) const override {
    ++calls;
    if (slow) std::this_thread::sleep_for(std::chrono::microseconds(200 * (i % 5)));
    if (i == bad) fail<KeyError>("Squares: no sample ", i);
    if (i == odd) throw std::logic_error("odd");
    return {Tensor::of({i * i}), Tensor::of({i})};
  }

  int64_t bad = -1, odd = -1;
  bool slow = false;
  static inline std::atomic<int> calls{0};

 private:
  int64_t n_;
};

class Loader : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Workers, Loader, ::testing::Values(0, 1, 3));

TEST_P(Loader, KeepsTheOrder) {
  const int workers = GetParam();
  const Rows whole = {{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9}};
  EXPECT_EQ(labels(DataLoader(pairs(10), {.batch_size = 4, .num_workers = workers})), whole);
  DataLoader dropping(pairs(10), {.batch_size = 4, .num_workers = workers, .drop_last = true});
  EXPECT_EQ(labels(dropping), (Rows{{0, 1, 2, 3}, {4, 5, 6, 7}}));
  EXPECT_EQ(dropping.size(), 2);
  EXPECT_EQ(DataLoader(pairs(10), {.batch_size = 4}).size(), 3);
  Squares slow(50);
  slow.slow = true;
  int64_t next = 0;
  for (auto [x, y] : DataLoader(slow, {.batch_size = 3, .num_workers = workers})) {
    for (const int64_t i : numbers_of(y)) EXPECT_EQ(i, next++);
    EXPECT_EQ(y.dim(), 2);
  }
  EXPECT_EQ(next, 50);
}

TEST_P(Loader, SameSeedSameBatches) {
  const DataLoader loader(pairs(11), {.batch_size = 3, .shuffle = true, .num_workers = GetParam()});
  tenon::manual_seed(7);
  // PyTorch 2.15's; the same numbers stand in tests/python/test_data.py.
  const Rows golden = {{1, 6, 0}, {10, 3, 4}, {5, 7, 9}, {2, 8}};
  EXPECT_EQ(labels(loader), golden);
  EXPECT_NE(labels(loader), golden);
  const auto generator = std::make_shared<Generator>(3);
  const DataLoader own(pairs(11), {.shuffle = true, .num_workers = GetParam(), .generator = generator});
  const Rows first = labels(own);
  generator->manual_seed(3);
  EXPECT_EQ(labels(own), first);
}

TEST_P(Loader, LeavesEarly) {
  for (int i = 0; i < 20; ++i) {
    DataLoader loader(Squares(1000), {.batch_size = 2, .num_workers = GetParam()});
    auto it = loader.begin();
    if (i % 2 == 0) ++it;
    EXPECT_EQ(numbers_of((*it)[1])[0], i % 2 == 0 ? 2 : 0);
  }
  Squares::calls = 0;
  for (auto [x, y] : DataLoader(Squares(100000), {.num_workers = GetParam()})) break;
  EXPECT_LT(Squares::calls, 100);
}

TEST_P(Loader, ThrowsWhatTheDatasetThrows) {
  Squares broken(10);
  broken.bad = 4;
  DataLoader loader(broken, {.batch_size = 2, .num_workers = GetParam()});
  auto it = loader.begin();
  ++it;
  try {
    ++it;
    FAIL();
  } catch (const KeyError& e) {
    const std::string text = e.what();
    EXPECT_NE(text.find("Squares: no sample 4"), std::string::npos);
    EXPECT_EQ(text.find("Caught KeyError in DataLoader worker thread ") == 0, GetParam() > 0) << text;
  }
  ++it;  // the pass goes on after the broken batch
  EXPECT_EQ(numbers_of((*it)[1]), (std::vector<int64_t>{6, 7}));
  broken.odd = 1;
  EXPECT_THROW(labels(DataLoader(broken, {.num_workers = GetParam()})), std::logic_error);
  EXPECT_THROW(labels(DataLoader(pairs(3),
                                 {.sampler = std::make_shared<data::SequentialSampler>(5), .num_workers = GetParam()})),
               IndexError);
}

TEST_P(Loader, PassesDoNotDisturbOneAnother) {
  const DataLoader loader(pairs(6), {.batch_size = 2, .num_workers = GetParam()});
  auto a = loader.begin(), b = loader.begin();
  ++a;
  EXPECT_EQ(numbers_of((*a)[1])[0], 2);
  EXPECT_EQ(numbers_of((*b)[1])[0], 0);
}

TEST_P(Loader, EmptyAndSingle) {
  EXPECT_TRUE(labels(DataLoader(pairs(0), {.num_workers = GetParam()})).empty());
  EXPECT_EQ(labels(DataLoader(pairs(1), {.batch_size = 1 << 20, .num_workers = GetParam()})), (Rows{{0}}));
}

TEST(DataLoader, WorkersKnowThemselves) {
  std::mutex lock;
  std::set<int> ids;
  std::set<uint64_t> seeds;
  const auto init = [&](int id) {
    const std::lock_guard held(lock);
    EXPECT_EQ(data::worker_info()->id, id);
    EXPECT_EQ(data::worker_info()->num_workers, 3);
    ids.insert(id);
    seeds.insert(data::worker_info()->seed);
  };
  labels(DataLoader(pairs(30), {.num_workers = 3, .worker_init_fn = init}));
  EXPECT_EQ(ids, (std::set<int>{0, 1, 2}));
  EXPECT_EQ(seeds.size(), 3u);
  EXPECT_EQ(data::worker_info(), nullptr);
}

// Random samples do not depend on which worker is late.
TEST(DataLoader, WorkersDrawFromGeneratorsOfTheirOwn) {
  class Noise : public data::Dataset {
   public:
    int64_t size() const override { return 24; }
    Batch get(int64_t) const override {
      std::this_thread::sleep_for(std::chrono::microseconds(std::random_device()() % 1500));
      Batch out{randint(1 << 30, {2}, {}, DType::Int64)};
      std::this_thread::sleep_for(std::chrono::microseconds(std::random_device()() % 1500));
      return out;
    }
  };
  const auto pass = [](uint64_t seed) {
    Rows out;
    for (auto& batch :
         DataLoader(Noise(), {.batch_size = 2, .num_workers = 3, .generator = std::make_shared<Generator>(seed)})) {
      out.push_back(numbers_of(batch[0]));
    }
    return out;
  };
  manual_seed(1);
  const int64_t before = default_generator().clone().state().random();
  const Rows first = pass(7);
  EXPECT_EQ(pass(7), first);
  EXPECT_NE(pass(8), first);
  std::set<std::vector<int64_t>> different(first.begin(), first.end());
  EXPECT_EQ(different.size(), first.size());                // workers do not repeat one another
  EXPECT_EQ(default_generator().state().random(), before);  // nothing came from this thread's
}

TEST(DataLoader, TimesOut) {
  class Stuck : public Squares {
   public:
    using Squares::Squares;
    Batch get(int64_t i) const override {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      return Squares::get(i);
    }
  };
  const DataLoader loader(Stuck(1), {.num_workers = 1, .timeout = 0.02});
  EXPECT_THROW(loader.begin(), Error);
}

TEST(DataLoader, WrongOptions) {
  const auto sampler = std::make_shared<data::SequentialSampler>(3);
  EXPECT_THROW(DataLoader(pairs(3), {.batch_size = 0}), ValueError);
  EXPECT_THROW(DataLoader(pairs(3), {.num_workers = -1}), ValueError);
  EXPECT_THROW(DataLoader(pairs(3), {.timeout = -1}), ValueError);
  EXPECT_THROW(DataLoader(pairs(3), {.prefetch_factor = 0}), ValueError);
  EXPECT_THROW(DataLoader(pairs(3), {.shuffle = true, .sampler = sampler}), ValueError);
  EXPECT_THROW(DataLoader(std::shared_ptr<const data::Dataset>()), ValueError);
}

TEST(DataLoader, SamplesMustHaveAsManyTensors) {
  class Uneven : public data::Dataset {
   public:
    int64_t size() const override { return 2; }
    Batch get(int64_t i) const override { return Batch(static_cast<size_t>(i + 1), arange(2)); }
  };
  EXPECT_THROW(DataLoader(Uneven(), {.batch_size = 2}).begin(), ValueError);
}

TEST(WorkerPool, ClosesWhileSomebodyWaits) {
  class Quick : public data::Task {
    void run() override {}
  };
  data::WorkerPool pool(1);
  const Quick never;
  std::thread closer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    pool.close();
  });
  EXPECT_FALSE(pool.wait(never, std::chrono::seconds(60)));
  closer.join();
  pool.submit(0, std::make_shared<Quick>());  // is dropped
  EXPECT_TRUE(pool.closed());
  EXPECT_THROW(pool.submit(1, nullptr), IndexError);
}

}  // namespace
