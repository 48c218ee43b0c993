#include <tenon/core/thread_pool.h>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <vector>

#if defined(__unix__)
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace {

using namespace tenon;

// Restores the number of threads, and makes sure that there is something to test on one core.
class ThreadPoolTest : public ::testing::Test {
 protected:
  void SetUp() override { set_num_threads(4); }
  void TearDown() override { set_num_threads(before_); }
  int before_ = num_threads();
};

void expect_each_once(int64_t begin, int64_t end, int64_t grain) {
  std::vector<std::atomic<int>> hits(static_cast<size_t>(end - begin));
  parallel_for(begin, end, grain, [&](int64_t b, int64_t e) {
    EXPECT_LT(b, e);
    for (int64_t i = b; i < e; ++i) hits[static_cast<size_t>(i - begin)].fetch_add(1);
  });
  for (size_t i = 0; i < hits.size(); ++i) ASSERT_EQ(hits[i].load(), 1) << i << " of " << hits.size();
}

TEST_F(ThreadPoolTest, VisitsEachElementOnce) {
  for (int64_t length : {1, 2, 3, 7, 8, 63, 64, 65, 1000, 1024, 4097, 100003}) {
    for (int64_t grain : {0, 1, 2, 5, 64, 1000, 200000}) {
      expect_each_once(0, length, grain);
      expect_each_once(-length / 2, length, grain);
    }
  }
}

TEST_F(ThreadPoolTest, EmptyRangesDoNotCall) {
  const auto fail = [](int64_t, int64_t) { FAIL(); };
  parallel_for(0, 0, 1, fail);
  parallel_for(5, 3, 1, fail);
}

TEST_F(ThreadPoolTest, SmallWorkRunsInlineInOneCall) {
  int calls = 0;
  const auto self = std::this_thread::get_id();
  parallel_for(0, 100, 100, [&](int64_t b, int64_t e) {
    ++calls;
    EXPECT_EQ(b, 0);
    EXPECT_EQ(e, 100);
    EXPECT_EQ(std::this_thread::get_id(), self);
    EXPECT_FALSE(in_parallel_region());
  });
  EXPECT_EQ(calls, 1);
}

TEST_F(ThreadPoolTest, PiecesAreNotSmallerThanTheGrainBeforeTheLast) {
  parallel_for(0, 1000, 300, [&](int64_t b, int64_t e) { EXPECT_TRUE(e - b >= 300 || e == 1000); });
}

TEST_F(ThreadPoolTest, SeveralThreadsTakePart) {
  std::atomic<int> arrived{0};
  // Each of two pieces waits for the other: only two threads can finish this.
  parallel_for(0, 2, 1, [&](int64_t, int64_t) {
    arrived.fetch_add(1);
    while (arrived.load() < 2) std::this_thread::yield();
  });
  EXPECT_EQ(arrived.load(), 2);
}

TEST_F(ThreadPoolTest, NestedRunsInline) {
  std::atomic<int64_t> sum{0};
  parallel_for(0, 16, 1, [&](int64_t b, int64_t e) {
    EXPECT_TRUE(in_parallel_region());
    const auto self = std::this_thread::get_id();
    for (int64_t i = b; i < e; ++i) {
      parallel_for(0, 1000, 1, [&](int64_t c, int64_t d) {
        EXPECT_EQ(std::this_thread::get_id(), self);
        sum.fetch_add(d - c);
      });
    }
  });
  EXPECT_EQ(sum.load(), 16000);
  EXPECT_FALSE(in_parallel_region());
}

TEST_F(ThreadPoolTest, AnExceptionReachesTheCaller) {
  for (int64_t bad : {0, 77, 999}) {
    std::atomic<int> running{0};
    try {
      parallel_for(0, 1000, 1, [&](int64_t b, int64_t e) {
        running.fetch_add(1);
        struct Leave {
          std::atomic<int>& n;
          ~Leave() { n.fetch_sub(1); }
        } leave{running};
        if (b <= bad && bad < e) throw std::runtime_error("piece " + std::to_string(bad));
      });
      FAIL() << "nothing thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_EQ(error.what(), "piece " + std::to_string(bad));
    }
    EXPECT_EQ(running.load(), 0);  // nothing of it runs on
  }
  expect_each_once(0, 1000, 1);  // the pool still works
}

TEST_F(ThreadPoolTest, ThrowingEverywhereGivesOneException) {
  for (int i = 0; i < 200; ++i) {
    EXPECT_THROW(parallel_for(0, 64, 1, [](int64_t, int64_t) { throw 1; }), int);
  }
}

TEST_F(ThreadPoolTest, ManySmallJobsInARow) {
  int64_t total = 0;
  for (int i = 0; i < 20000; ++i) {
    std::atomic<int64_t> sum{0};
    parallel_for(0, 8, 1, [&](int64_t b, int64_t e) { sum.fetch_add(e - b); });
    total += sum.load();
    if (i % 5000 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));  // lets workers park
  }
  EXPECT_EQ(total, 160000);
}

TEST_F(ThreadPoolTest, SeveralCallersAtOnce) {
  std::vector<std::thread> callers;
  std::atomic<int64_t> sum{0};
  for (int t = 0; t < 6; ++t) {
    callers.emplace_back([&] {
      for (int i = 0; i < 300; ++i) {
        parallel_for(0, 1000, 10, [&](int64_t b, int64_t e) { sum.fetch_add(e - b); });
      }
    });
  }
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(sum.load(), 6 * 300 * 1000);
}

TEST_F(ThreadPoolTest, TheNumberOfThreadsCanChange) {
  for (int count : {1, 3, 2, 8, 1, 4}) {
    set_num_threads(count);
    EXPECT_EQ(num_threads(), count);
    expect_each_once(0, 5000, 7);
  }
  set_num_threads(0);
  EXPECT_EQ(num_threads(), 1);
  set_num_threads(-5);
  EXPECT_EQ(num_threads(), 1);
  // From inside a task, for the next time.
  set_num_threads(2);
  parallel_for(0, 4, 1, [](int64_t, int64_t) { set_num_threads(3); });
  EXPECT_EQ(num_threads(), 3);
  expect_each_once(0, 5000, 7);
}

thread_local int mode = 0;
std::atomic<int> captures{0}, enters{0}, leaves{0}, releases{0};

TEST_F(ThreadPoolTest, TasksInheritTheCallersModes) {
  captures = enters = leaves = releases = 0;
  static const TaskContextHooks hooks{
      [] {
        captures.fetch_add(1);
        return static_cast<void*>(new int(mode));
      },
      [](void* captured) {
        enters.fetch_add(1);
        mode = *static_cast<int*>(captured);
      },
      [](void*) {
        leaves.fetch_add(1);
        mode = 0;
      },
      [](void* captured) {
        releases.fetch_add(1);
        delete static_cast<int*>(captured);
      },
  };
  const TaskContextHooks* before = set_task_context_hooks(&hooks);
  for (int round = 1; round <= 50; ++round) {
    mode = round;
    std::atomic<int> arrived{0};
    parallel_for(0, 2, 1, [&](int64_t, int64_t) {
      EXPECT_EQ(mode, round);
      arrived.fetch_add(1);
      while (arrived.load() < 2) std::this_thread::yield();
    });
  }
  parallel_for(0, 10, 10, [](int64_t, int64_t) {});  // inline: no hooks
  set_task_context_hooks(before);
  mode = 0;
  EXPECT_EQ(captures.load(), 50);
  EXPECT_EQ(releases.load(), 50);
  EXPECT_GE(enters.load(), 50);
  EXPECT_EQ(enters.load(), leaves.load());
}

TEST_F(ThreadPoolTest, BodiesMayBeConstOrMoveOnly) {
  std::atomic<int64_t> sum{0};
  const auto body = [&sum](int64_t b, int64_t e) { sum.fetch_add(e - b); };
  parallel_for(0, 100, 1, body);
  struct MoveOnly {
    std::atomic<int64_t>* sum;
    MoveOnly(std::atomic<int64_t>* s) : sum(s) {}
    MoveOnly(MoveOnly&&) = default;
    void operator()(int64_t b, int64_t e) { sum->fetch_add(e - b); }
  };
  parallel_for(0, 100, 1, MoveOnly(&sum));
  EXPECT_EQ(sum.load(), 200);
}

#if defined(__unix__) && !defined(__SANITIZE_THREAD__)
// 0: the child got the right sum.
int sum_in_child() {
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);  // a hang is a failure
    std::atomic<int64_t> sum{0};
    for (int i = 0; i < 100; ++i) {
      parallel_for(0, 1000, 1, [&](int64_t b, int64_t e) { sum.fetch_add(e - b); });
    }
    std::atomic<int> arrived{0};
    parallel_for(0, 2, 1, [&](int64_t, int64_t) {
      arrived.fetch_add(1);
      while (arrived.load() < 2) std::this_thread::yield();
    });
    _exit(sum.load() == 100000 ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

TEST_F(ThreadPoolTest, AForkedChildHasItsOwnPool) {
  expect_each_once(0, 1000, 1);
  EXPECT_EQ(sum_in_child(), 0);
  expect_each_once(0, 1000, 1);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));  // parked workers
  EXPECT_EQ(sum_in_child(), 0);
}

TEST_F(ThreadPoolTest, ForkWhileAnotherThreadHasThePool) {
  std::atomic<bool> stop{false};
  std::thread other([&] {
    while (!stop.load()) parallel_for(0, 1000, 1, [](int64_t, int64_t) {});
  });
  for (int i = 0; i < 20; ++i) EXPECT_EQ(sum_in_child(), 0);
  stop.store(true);
  other.join();
}
#endif

}  // namespace
