#include <tenon/core/thread_pool.h>

#ifdef TENON_NO_THREADS

namespace tenon::inline v0 {

int num_threads() { return 1; }
void set_num_threads(int) {}
bool in_parallel_region() { return false; }
const TaskContextHooks* set_task_context_hooks(const TaskContextHooks*) { return nullptr; }

namespace detail {
void run_parallel(int64_t begin, int64_t end, int64_t, RangeFunction call, void* body) { call(body, begin, end); }
}  // namespace detail

}  // namespace tenon::inline v0

#else

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <new>
#include <thread>
#ifdef __cpp_exceptions
#include <exception>
#include <system_error>
#endif

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#include <signal.h>
#endif
#if defined(__linux__)
#include <sched.h>
#endif

namespace tenon::inline v0 {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kMaxThreads = 1024;
// A parked worker takes some 50 us to come back, so it waits about as long for the next job first.
constexpr auto kSpin = std::chrono::microseconds(40);
// More pieces than threads, so that one that the system interrupts does not hold up all.
constexpr int kPiecesPerThread = 4;

inline void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// True as soon as done() is, false after kSpin.
template <class Done>
bool spin_until(const Done& done) {
  const auto stop = Clock::now() + kSpin;
  for (;;) {
    for (int i = 0; i < 32; ++i) {
      if (done()) return true;
      pause();
    }
    if (Clock::now() >= stop) return false;
  }
}

int usable_cores() {
  int cores = static_cast<int>(std::thread::hardware_concurrency());
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    const int allowed = CPU_COUNT(&set);
    if (cores < 1 || allowed < cores) cores = allowed;
  }
#endif
  return cores < 1 ? 1 : cores;
}

int clamp_threads(long count) { return count < 1 ? 1 : count > kMaxThreads ? kMaxThreads : static_cast<int>(count); }

int default_threads() {
  int count = usable_cores();
  for (const char* name : {"TENON_NUM_THREADS", "OMP_NUM_THREADS"}) {
    const char* text = std::getenv(name);
    if (text == nullptr) continue;
    char* end = nullptr;
    const long asked = std::strtol(text, &end, 10);  // OMP's may be a list: its first number counts
    if (end == text || asked < 1) continue;
    return clamp_threads(asked < count ? asked : count);
  }
  return clamp_threads(count);
}

struct Job {
  detail::RangeFunction call;
  void* body;
  int64_t begin, end, piece, pieces;
  std::atomic<int64_t> next{0};  // piece to take
  const TaskContextHooks* hooks = nullptr;
  void* captured = nullptr;
#ifdef __cpp_exceptions
  std::atomic<bool> failed{false};
  std::exception_ptr error{};
#endif

  void run_pieces() {
    for (;;) {
      const int64_t i = next.fetch_add(1, std::memory_order_relaxed);
      if (i >= pieces) return;
      const int64_t from = begin + i * piece;
      const int64_t to = i == pieces - 1 ? end : from + piece;
#ifdef __cpp_exceptions
      try {
        call(body, from, to);
      } catch (...) {
        // The first wins; the others find nothing left to take.
        if (!failed.exchange(true)) error = std::current_exception();
        next.store(pieces, std::memory_order_relaxed);
      }
#else
      call(body, from, to);
#endif
    }
  }
};

// `state` says at once which job it is, whether it may be joined and how many workers have: a worker
// joins by a compare-and-swap, so one that wakes late never touches a job that is over, and the caller
// waits for those that joined, not for those that were asleep.
constexpr uint32_t kJoined = 0x7fff;  // mask of the count of workers inside
constexpr uint32_t kOpen = 0x8000;
constexpr uint32_t kEpoch = 0x10000;  // the number of the job, in the upper half

struct Pool {
  std::atomic<uint32_t> busy{0};  // a caller has it
  std::atomic<uint32_t> state{0};
  std::atomic<uint32_t> sleepers{0};
  std::atomic<uint32_t> left{0};  // bumped when the last worker leaves a closed job
  std::atomic<uint32_t> stop{0};
  Job* job = nullptr;
  std::thread* workers = nullptr;
  int worker_count = 0;
  bool may_spin = false;  // no more threads than cores
};

// Never destroyed, as parked workers outlive main. Replaced in a forked child.
std::atomic<Pool*> current_pool{nullptr};
std::atomic<int> wanted_threads{0};  // 0: not asked yet
std::atomic<const TaskContextHooks*> context_hooks{nullptr};
thread_local constinit bool inside = false;

struct InsideScope {
  bool before = inside;
  InsideScope() { inside = true; }
  ~InsideScope() { inside = before; }
};

void worker_main(Pool* pool) {
  inside = true;
  uint32_t seen = pool->state.load() & ~(kJoined | kOpen);
  const auto news = [&] {
    const uint32_t s = pool->state.load(std::memory_order_acquire);
    return ((s & kOpen) != 0 && (s & ~(kJoined | kOpen)) != seen) || pool->stop.load(std::memory_order_relaxed) != 0;
  };
  // Started for a job that is open already, perhaps.
  seen -= kEpoch;
  for (;;) {
    if (!(pool->may_spin && spin_until(news))) {
      pool->sleepers.fetch_add(1);
      for (uint32_t s = pool->state.load(); !news(); s = pool->state.load()) pool->state.wait(s);
      pool->sleepers.fetch_sub(1);
    }
    if (pool->stop.load() != 0) return;
    uint32_t s = pool->state.load(std::memory_order_acquire);
    if ((s & kOpen) == 0) continue;
    seen = s & ~(kJoined | kOpen);
    if (!pool->state.compare_exchange_strong(s, s + 1)) {
      // Somebody else joined or left, or it was closed: look again.
      seen -= kEpoch;
      continue;
    }
    Job* job = pool->job;
    if (job->hooks != nullptr) job->hooks->enter(job->captured);
    job->run_pieces();
    if (job->hooks != nullptr) job->hooks->leave(job->captured);
    const uint32_t before = pool->state.fetch_sub(1);
    if ((before & kJoined) == 1 && (before & kOpen) == 0) {
      pool->left.fetch_add(1);
      pool->left.notify_all();
    }
  }
}

// The next four run while `busy` is held.

void stop_workers(Pool* pool) {
  pool->stop.store(1);
  pool->state.fetch_add(kEpoch);
  pool->state.notify_all();
  for (int i = 0; i < pool->worker_count; ++i) pool->workers[i].join();
  delete[] pool->workers;
  pool->workers = nullptr;
  pool->worker_count = 0;
  pool->stop.store(0);
}

void start_workers(Pool* pool, int count) {
  pool->workers = new std::thread[static_cast<size_t>(count)];
  pool->may_spin = count + 1 <= usable_cores();
#if defined(__unix__) || defined(__APPLE__)
  // Signals are for the program's own threads (Python's handler runs on the main one).
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
#endif
  for (int i = 0; i < count; ++i) {
#ifdef __cpp_exceptions
    // With no more threads to be had, go on with those there are.
    try {
      pool->workers[i] = std::thread(worker_main, pool);
    } catch (const std::system_error&) {
      break;
    }
#else
    pool->workers[i] = std::thread(worker_main, pool);
#endif
    ++pool->worker_count;
  }
#if defined(__unix__) || defined(__APPLE__)
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
#endif
}

void open_job(Pool* pool, Job* job) {
  pool->job = job;
  const uint32_t s = pool->state.load(std::memory_order_relaxed);
  pool->state.store(((s + kEpoch) & ~(kJoined | kOpen)) | kOpen);
  const auto sleepers = static_cast<int64_t>(pool->sleepers.load());
  const int64_t wanted = job->pieces - 1;
  if (wanted >= sleepers) {
    if (sleepers > 0) pool->state.notify_all();
  } else {
    for (int64_t i = 0; i < wanted; ++i) pool->state.notify_one();
  }
}

void close_job(Pool* pool) {
  uint32_t s = pool->state.fetch_and(~kOpen) & ~kOpen;
  const auto empty = [&] { return (pool->state.load(std::memory_order_acquire) & kJoined) == 0; };
  if ((s & kJoined) == 0 || (pool->may_spin && spin_until(empty))) return;
  for (;;) {
    const uint32_t seen = pool->left.load();
    if (empty()) return;
    pool->left.wait(seen);
  }
}

void forget_pool() { current_pool.store(nullptr); }

Pool* get_pool() {
  Pool* pool = current_pool.load(std::memory_order_acquire);
  if (pool != nullptr) return pool;
  static std::atomic<bool> registered{false};
#if defined(__unix__) || defined(__APPLE__)
  if (!registered.exchange(true)) pthread_atfork(nullptr, nullptr, forget_pool);
#endif
  auto* made = new Pool;
  if (current_pool.compare_exchange_strong(pool, made)) return made;
  delete made;
  return pool;
}

}  // namespace

int num_threads() {
  int count = wanted_threads.load(std::memory_order_relaxed);
  if (count == 0) {
    const int made = default_threads();
    if (wanted_threads.compare_exchange_strong(count, made)) count = made;
  }
  return count;
}

void set_num_threads(int count) { wanted_threads.store(clamp_threads(count)); }

bool in_parallel_region() { return inside; }

const TaskContextHooks* set_task_context_hooks(const TaskContextHooks* hooks) { return context_hooks.exchange(hooks); }

namespace detail {

void run_parallel(int64_t begin, int64_t end, int64_t grain, RangeFunction call, void* body) {
  const int threads = inside ? 1 : num_threads();
  if (threads == 1) return call(body, begin, end);
  Pool* pool = get_pool();
  uint32_t expected = 0;
  // Another thread's work keeps the cores busy already, so do not queue behind it.
  if (!pool->busy.compare_exchange_strong(expected, 1)) return call(body, begin, end);
  struct Release {
    Pool* pool;
    ~Release() { pool->busy.store(0); }
  } release{pool};

  if (pool->worker_count != threads - 1) {
    if (pool->workers != nullptr) stop_workers(pool);
    start_workers(pool, threads - 1);
  }

  const int64_t length = end - begin;
  if (grain < 1) grain = 1;
  const int64_t most = int64_t{threads} * kPiecesPerThread;
  int64_t pieces = length / grain < most ? length / grain : most;
  if (pieces < 2) pieces = 2;
  int64_t piece = (length + pieces - 1) / pieces;
  // Keeps the pieces of long arrays on whole cache lines.
  if (piece >= 1024) piece = (piece + 63) / 64 * 64;
  pieces = (length + piece - 1) / piece;

  Job job{call, body, begin, end, piece, pieces};
  job.hooks = context_hooks.load(std::memory_order_acquire);
  if (job.hooks != nullptr) job.captured = job.hooks->capture();
  {
    InsideScope scope;
    open_job(pool, &job);
    job.run_pieces();
    close_job(pool);
  }
  if (job.hooks != nullptr && job.hooks->release != nullptr) job.hooks->release(job.captured);
#ifdef __cpp_exceptions
  if (job.error != nullptr) std::rethrow_exception(job.error);
#endif
}

}  // namespace detail

}  // namespace tenon::inline v0

#endif
