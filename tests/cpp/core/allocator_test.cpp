#include <tenon/core/allocator.h>

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include <tenon/core/storage.h>

#if defined(__unix__)
#include <sys/wait.h>
#include <unistd.h>
#endif

#if defined(__SANITIZE_ADDRESS__)
#define CACHING 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CACHING 0
#endif
#endif
#ifndef CACHING
#define CACHING 1
#endif

namespace {

using namespace tenon;

struct Block {
  unsigned char* p;
  size_t bytes;
  unsigned char mark;
};

Block make(size_t bytes, unsigned char mark) {
  auto* p = static_cast<unsigned char*>(allocate(bytes));
  EXPECT_NE(p, nullptr);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(p) % 64, 0u);
  std::memset(p, mark, bytes);
  return {p, bytes, mark};
}

void check_and_free(const Block& block) {
  for (size_t i : {size_t{0}, block.bytes / 2, block.bytes - 1}) {
    if (i < block.bytes) {
      ASSERT_EQ(block.p[i], block.mark) << block.bytes << " bytes, at " << i;
    }
  }
  deallocate(block.p, block.bytes);
}

TEST(Allocator, EverySizeUpTo64KiBIsAlignedAndSeparate) {
  std::vector<Block> blocks;
  for (size_t bytes = 0; bytes <= 65536; bytes += bytes < 5000 ? 1 : 97) {
    blocks.push_back(make(bytes, static_cast<unsigned char>(bytes * 31)));
  }
  for (const Block& block : blocks) {
    for (size_t i = 0; i < block.bytes; ++i) ASSERT_EQ(block.p[i], block.mark);
  }
  for (const Block& block : blocks) check_and_free(block);
}

TEST(Allocator, ZeroBytesAreBlocksOfTheirOwnAndNullIsIgnored) {
  void* a = allocate(0);
  void* b = allocate(0);
  EXPECT_NE(a, nullptr);
  EXPECT_NE(b, nullptr);
  EXPECT_NE(a, b);
  deallocate(a, 0);
  deallocate(b, 0);
  deallocate(nullptr, 0);
  deallocate(nullptr, 100);
  deallocate(nullptr, size_t{1} << 30);
}

TEST(Allocator, TooMuchIsNullAndHarmless) {
  const AllocatorStats before = memory_stats();
  EXPECT_EQ(allocate(SIZE_MAX), nullptr);
  EXPECT_EQ(allocate(SIZE_MAX - 63), nullptr);
  EXPECT_EQ(allocate(size_t{1} << 62), nullptr);
  EXPECT_EQ(allocate(size_t{1} << 50), nullptr);
  const AllocatorStats after = memory_stats();
  EXPECT_EQ(after.current_bytes, before.current_bytes);
  EXPECT_EQ(after.peak_bytes, before.peak_bytes);
  EXPECT_EQ(after.current_count, before.current_count);
}

TEST(Allocator, StatisticsAreExactOnOneThread) {
  const AllocatorStats before = memory_stats();
  reset_peak_memory_stats();
  EXPECT_EQ(memory_stats().peak_bytes, before.current_bytes);
  std::vector<void*> small;
  for (int i = 0; i < 5000; ++i) small.push_back(allocate(i % 64 + 1));
  EXPECT_EQ(memory_stats().current_bytes, before.current_bytes + 5000 * 64);
  EXPECT_EQ(memory_stats().allocation_count, before.allocation_count + 5000);
  EXPECT_EQ(memory_stats().current_count, before.current_count + 5000);
  for (int i = 0; i < 4999; ++i) deallocate(small[static_cast<size_t>(i)], static_cast<size_t>(i % 64 + 1));
  EXPECT_EQ(memory_stats().current_bytes, before.current_bytes + 64);
  EXPECT_EQ(memory_stats().peak_bytes, before.current_bytes + 5000 * 64);
  reset_peak_memory_stats();
  EXPECT_EQ(memory_stats().peak_bytes, before.current_bytes + 64);
  void* big = allocate(10 << 20);
  deallocate(big, 10 << 20);
  EXPECT_GE(memory_stats().peak_bytes, before.current_bytes + 64 + (10 << 20));
  EXPECT_LE(memory_stats().peak_bytes, before.current_bytes + 64 + (10 << 20) * 5 / 4);
  deallocate(small[4999], 4999 % 64 + 1);
  EXPECT_EQ(memory_stats().current_bytes, before.current_bytes);
  EXPECT_EQ(memory_stats().current_count, before.current_count);
}

TEST(Allocator, WasteIsBounded) {
  for (size_t bytes = 1; bytes < (size_t{40} << 20); bytes = bytes + bytes / 7 + 1) {
    empty_cache();
    const int64_t before = memory_stats().current_bytes;
    void* p = allocate(bytes);
    const int64_t size = memory_stats().current_bytes - before;
    EXPECT_GE(size, static_cast<int64_t>(bytes));
    const double most = bytes <= 64 ? 64 : bytes <= 4096 ? bytes * 1.5 + 63 : bytes * 1.125 + 1;
    EXPECT_LE(static_cast<double>(size), most) << bytes;
    deallocate(p, bytes);
    EXPECT_EQ(memory_stats().current_bytes, before);
  }
}

#if CACHING
TEST(Allocator, FreedBlocksComeBack) {
  for (size_t bytes : {1, 64, 65, 4096, 4097, 100000, 1 << 20, (1 << 20) + 1, 5 << 20, 64 << 20}) {
    void* a = allocate(bytes);
    deallocate(a, bytes);
    void* b = allocate(bytes);
    EXPECT_EQ(a, b) << bytes;
    deallocate(b, bytes);
  }
}

TEST(Allocator, BigBlocksServeRequestsAQuarterSmaller) {
  empty_cache();
  void* a = allocate(10 << 20);
  deallocate(a, 10 << 20);
  void* b = allocate(size_t{17} << 19);  // 8.5 MiB
  EXPECT_EQ(a, b);
  void* c = allocate(10 << 20);
  EXPECT_NE(a, c);
  deallocate(b, size_t{17} << 19);
  void* d = allocate(7 << 20);  // would waste more than a quarter
  EXPECT_NE(d, a);
  deallocate(c, 10 << 20);
  deallocate(d, 7 << 20);
}

TEST(Allocator, TheBestFitIsTaken) {
  empty_cache();
  const size_t sizes[] = {size_t{12} << 20, size_t{10} << 20, size_t{11} << 20};
  void* blocks[3];
  for (int i = 0; i < 3; ++i) blocks[i] = allocate(sizes[i]);
  for (int i = 0; i < 3; ++i) deallocate(blocks[i], sizes[i]);
  void* p = allocate(size_t{10} << 20);
  EXPECT_EQ(p, blocks[1]);
  void* q = allocate((size_t{10} << 20) + 1);
  EXPECT_EQ(q, blocks[2]);
  deallocate(p, size_t{10} << 20);
  deallocate(q, (size_t{10} << 20) + 1);
  empty_cache();
}

TEST(Allocator, TheCacheEmptiesAndKeepsItsLimit) {
  empty_cache();
  const int64_t small = memory_stats().cached_bytes;
  std::vector<void*> blocks;
  for (int i = 0; i < 20; ++i) blocks.push_back(allocate(3 << 20));
  for (int i = 0; i < 20; ++i) blocks.push_back(allocate(50000));
  for (size_t i = 0; i < 20; ++i) deallocate(blocks[i], 3 << 20);
  for (size_t i = 20; i < 40; ++i) deallocate(blocks[i], 50000);
  EXPECT_GE(memory_stats().cached_bytes, small + 20 * (3 << 20) + 20 * 50000);
  set_cache_limit(10 << 20);
  EXPECT_LE(memory_stats().cached_bytes, small + (10 << 20));
  for (size_t i = 0; i < 20; ++i) blocks[i] = allocate(3 << 20);
  for (size_t i = 0; i < 20; ++i) {
    deallocate(blocks[i], 3 << 20);
    EXPECT_LE(memory_stats().cached_bytes, small + (10 << 20));
  }
  empty_cache();
  EXPECT_EQ(memory_stats().cached_bytes, small);
  set_cache_limit(int64_t{4} << 30);
}

TEST(Allocator, AnotherThreadsBlocksAreReusedAfterItExits) {
  std::vector<void*> first;
  std::thread([&] {
    for (int i = 0; i < 3000; ++i) first.push_back(allocate(64));
    for (void* p : first) deallocate(p, 64);
  }).join();
  const std::set<void*> known(first.begin(), first.end());
  int again = 0;
  std::vector<void*> second;
  for (int i = 0; i < 4000; ++i) {
    second.push_back(allocate(64));
    again += known.count(second.back()) != 0;
  }
  EXPECT_EQ(again, 3000);
  for (void* p : second) deallocate(p, 64);
}
#endif

TEST(Allocator, RandomTorture) {
  std::mt19937 random(7);
  std::vector<Block> live;
  const AllocatorStats before = memory_stats();
  for (int i = 0; i < 60000; ++i) {
    if (live.size() < 300 && random() % 5 < 3) {
      const int scale = static_cast<int>(random() % 100);
      const size_t top = scale < 60 ? 200 : scale < 90 ? 5000 : scale < 99 ? 300000 : 12 << 20;
      live.push_back(make(random() % top, static_cast<unsigned char>(random())));
    } else if (!live.empty()) {
      const size_t k = random() % live.size();
      check_and_free(live[k]);
      live[k] = live.back();
      live.pop_back();
    }
    if (i % 10000 == 9999) empty_cache();
  }
  for (const Block& block : live) check_and_free(block);
  EXPECT_EQ(memory_stats().current_bytes, before.current_bytes);
  EXPECT_EQ(memory_stats().current_count, before.current_count);
}

TEST(Allocator, BlocksFreedByAnotherThread) {
  const AllocatorStats before = memory_stats();
  constexpr int kRounds = 200, kBatch = 200;
  std::vector<std::thread> pairs;
  for (int pair = 0; pair < 2; ++pair) {
    pairs.emplace_back([pair] {
      std::atomic<std::vector<Block>*> box{nullptr};
      std::thread consumer([&] {
        for (int round = 0; round < kRounds; ++round) {
          std::vector<Block>* batch;
          while ((batch = box.exchange(nullptr)) == nullptr) std::this_thread::yield();
          for (const Block& block : *batch) check_and_free(block);
          delete batch;
        }
      });
      std::mt19937 random(static_cast<unsigned>(pair));
      for (int round = 0; round < kRounds; ++round) {
        auto* batch = new std::vector<Block>;
        for (int i = 0; i < kBatch; ++i) {
          const size_t top = i % 20 == 0 ? 100000 : i % 4 == 0 ? 4000 : 64;
          batch->push_back(make(random() % top, static_cast<unsigned char>(i)));
        }
        std::vector<Block>* expected = nullptr;
        while (!box.compare_exchange_weak(expected, batch)) {
          expected = nullptr;
          std::this_thread::yield();
        }
      }
      consumer.join();
    });
  }
  std::thread watcher([] {
    for (int i = 0; i < 200; ++i) {
      (void)memory_stats();
      if (i % 20 == 0) empty_cache();
    }
  });
  for (auto& pair : pairs) pair.join();
  watcher.join();
  const AllocatorStats after = memory_stats();
  EXPECT_EQ(after.current_bytes, before.current_bytes);
  EXPECT_EQ(after.current_count, before.current_count);
  EXPECT_EQ(after.allocation_count, before.allocation_count + 2 * kRounds * kBatch);
}

// Frees while the thread's other thread-local objects go away.
struct Late {
  void* p = nullptr;
  ~Late() {
    deallocate(p, 40);
    void* q = allocate(50);
    deallocate(q, 50);
    deallocate(allocate(100000), 100000);
  }
};
thread_local Late late;

TEST(Allocator, UseWhileAThreadExits) {
  const AllocatorStats before = memory_stats();
  for (int i = 0; i < 20; ++i) std::thread([] { late.p = allocate(40); }).join();
  EXPECT_EQ(memory_stats().current_bytes, before.current_bytes);
  EXPECT_EQ(memory_stats().current_count, before.current_count);
}

// The same for statics: freed after main returned; a crash would fail the test program.
struct Static {
  void* p = allocate(40);
  void* big = allocate(3 << 20);
  ~Static() {
    deallocate(p, 40);
    deallocate(big, 3 << 20);
    deallocate(allocate(10), 10);
  }
} before_and_after_main;

// The address sanitizer's own allocator may stay locked in a forked child.
#if defined(__unix__) && !defined(__SANITIZE_THREAD__) && CACHING
TEST(Allocator, ForkWhileOtherThreadsAllocate) {
  std::atomic<bool> stop{false};
  std::thread other([&] {
    while (!stop.load()) {
      deallocate(allocate(5000), 5000);
      void* p[300];
      for (auto& q : p) q = allocate(64);
      for (auto& q : p) deallocate(q, 64);
    }
  });
  for (int i = 0; i < 20; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(20);
      for (size_t k = 1; k < 3000; ++k) deallocate(allocate(k * 7), k * 7);
      (void)memory_stats();
      std::thread([] { deallocate(allocate(64), 64); }).join();
      _exit(0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  stop.store(true);
  other.join();
}
#endif

// A block of data may begin where the block of its storage's header ends: they are two blocks all the same.
TEST(Storage, GivesBackTheBlocksThatItTook) {
  const int64_t before = memory_stats().current_bytes;
  {
    std::mt19937 random(0);
    std::vector<Ref<Storage>> all(64);
    for (int i = 0; i < 20000; ++i) {
      Ref<Storage>& storage = all[random() % all.size()];
      storage = {};
      storage = Storage::allocate(random() % 4000 + (random() % 8 == 0 ? 5000 : 0), Device{});
    }
  }
  EXPECT_EQ(memory_stats().current_bytes, before);
}

}  // namespace
