#include <tenon/core/allocator.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <iterator>
#include <new>

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#include <unistd.h>
#endif
#if defined(__linux__)
#include <sys/mman.h>
#endif

#if defined(__SANITIZE_ADDRESS__)
#define TENON_NO_CACHE 1  // a sanitizer has to see every block come and go
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define TENON_NO_CACHE 1
#endif
#endif

namespace tenon::inline v0 {
namespace detail {

thread_local constinit AllocatorThread allocator_thread TENON_TLS_MODEL = {};

}  // namespace detail

namespace {

using detail::AllocatorBin;
using detail::AllocatorThread;

#ifdef TENON_NO_CACHE
constexpr bool kCaching = false;
#else
constexpr bool kCaching = true;
#endif

constexpr size_t kAlignment = 64;
constexpr size_t kSmallest = 64;
constexpr size_t kSmallMax = 4096;
[[maybe_unused]] constexpr size_t kMediumMax = size_t{1} << 20;
constexpr size_t kSlab = size_t{64} << 10;
constexpr size_t kHuge = size_t{2} << 20;                        // of a huge page
constexpr size_t kMapFrom = size_t{8} << 20;                     // blocks from here are mapped on huge pages
constexpr size_t kTooLarge = size_t{1} << (kCaching ? 52 : 38);  // sanitizers abort on much more
constexpr int64_t kThreadBytes = 16 << 10;                       // what a thread keeps of one small size

constexpr uint32_t kSmallSizes[detail::kAllocatorBins] = {64,  128,  192,  256,  384,  512,
                                                          768, 1024, 1536, 2048, 3072, 4096};
static_assert(std::equal(std::begin(detail::kInlineSizes), std::end(detail::kInlineSizes), kSmallSizes));

// Which bin takes a request of up to 64 * i bytes.
struct SmallIndex {
  uint8_t of[kSmallMax / 64 + 1];
  constexpr SmallIndex() : of{} {
    int bin = 0;
    for (size_t i = 0; i <= kSmallMax / 64; ++i) {
      if (i * 64 > kSmallSizes[bin]) ++bin;
      of[i] = static_cast<uint8_t>(bin);
    }
  }
};
constexpr SmallIndex kSmallIndex;

constexpr uint32_t thread_capacity(int bin) {
  const uint32_t count = static_cast<uint32_t>(kThreadBytes) / kSmallSizes[bin];
  return count < 8 ? 8 : count;
}

// Sizes above kSmallMax grow by an eighth of a power of two.
constexpr int kFirstShift = 12;
constexpr int kSteps = 8;
constexpr int kMediumBins = kSteps * 8;  // up to 1 MiB
constexpr int kBigBins = kSteps * 42;    // up to 2^54

int step_of(size_t bytes) {                         // the first step that holds `bytes`
  const int shift = std::bit_width(bytes - 1) - 1;  // 2^shift < bytes <= 2^(shift + 1), about
  const size_t step = size_t{1} << (shift - 3);
  return (shift - kFirstShift) * kSteps + static_cast<int>((bytes - 1 - (size_t{1} << shift)) / step);
}
size_t size_of_step(int index) {
  const int shift = kFirstShift + index / kSteps;
  return (size_t{1} << shift) + (static_cast<size_t>(index % kSteps) + 1) * (size_t{1} << (shift - 3));
}

struct FreeBlock {
  FreeBlock* next;
};

// In front of every block of more than 1 MiB.
struct alignas(kAlignment) BigHeader {
  void* base;
  size_t mapped;               // 0: from aligned_alloc
  size_t size;                 // of the block, without this header
  BigHeader *next, *previous;  // in its bin, while free
  BigHeader *newer, *older;    // in order of being freed, while free
};
static_assert(sizeof(BigHeader) == kAlignment);

// Trivially constructed and never destroyed, so usable before main and while statics go away.
class Lock {
 public:
  void lock() {
    uint32_t expected = 0;
    if (word_.compare_exchange_strong(expected, 1, std::memory_order_acquire)) return;
    for (int i = 0; i < 100; ++i) {
      expected = 0;
      if (word_.load(std::memory_order_relaxed) == 0 &&
          word_.compare_exchange_weak(expected, 1, std::memory_order_acquire)) {
        return;
      }
    }
    while (word_.exchange(2, std::memory_order_acquire) != 0) word_.wait(2);
  }
  void unlock() {
    if (word_.exchange(0, std::memory_order_release) == 2) word_.notify_one();
  }

 private:
  std::atomic<uint32_t> word_{0};  // 0 free, 1 held, 2 held and somebody waits
};

struct Pool {
  Lock lock;
  bool started;
  int64_t limit;

  FreeBlock* small[detail::kAllocatorBins];
  char* slab;  // what is left of the slab that small blocks are cut from
  size_t slab_left;

  FreeBlock* medium[kMediumBins];
  BigHeader* big[kBigBins];
  BigHeader *newest, *oldest;

  int64_t small_cached;  // in `small`
  int64_t medium_cached;
  int64_t big_cached;

  int64_t live;  // published by the threads
  int64_t peak;
  int64_t allocations, deallocations;  // of threads that have gone
  AllocatorThread* threads;
};
constinit Pool pool{};

struct Hold {
  Hold() { pool.lock.lock(); }
  ~Hold() { pool.lock.unlock(); }
};

#if defined(__unix__) || defined(__APPLE__)
void before_fork() { pool.lock.lock(); }
void after_fork_in_parent() { pool.lock.unlock(); }
// The other threads are gone, with the blocks in their lists; forget their counters' addresses.
void after_fork_in_child() {
  for (AllocatorThread* t = pool.threads; t != nullptr; t = t->next) {
    if (t == &detail::allocator_thread) continue;
    pool.live += t->live.load(std::memory_order_relaxed);
    pool.allocations += t->allocations.load(std::memory_order_relaxed);
    pool.deallocations += t->deallocations.load(std::memory_order_relaxed);
  }
  AllocatorThread& self = detail::allocator_thread;
  pool.threads = nullptr;
  if (self.state == 1) {
    self.next = nullptr;
    self.link = &pool.threads;
    pool.threads = &self;
  }
  pool.lock.unlock();
}
#endif

// The functions below run with the lock held.

void start() {
  pool.started = true;
  if (pool.limit == 0) {
#if defined(_SC_PHYS_PAGES)
    pool.limit = static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE) / 2;
#else
    pool.limit = int64_t{1} << 30;
#endif
  }
#if defined(__unix__) || defined(__APPLE__)
  pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
#endif
}

void publish(AllocatorThread& thread) {
  const int64_t top = pool.live + thread.high.load(std::memory_order_relaxed);
  if (top > pool.peak) pool.peak = top;
  pool.live += thread.live.load(std::memory_order_relaxed);
  thread.live.store(0, std::memory_order_relaxed);
  thread.high.store(0, std::memory_order_relaxed);
}

void* system_allocate(size_t bytes) {
  return std::aligned_alloc(kAlignment, (bytes + kAlignment - 1) / kAlignment * kAlignment);
}

[[maybe_unused]] bool carve(int bin, int count, FreeBlock*& list) {
  const size_t size = kSmallSizes[bin];
  for (int i = 0; i < count; ++i) {
    if (pool.slab_left < size) {
      // The rest of the old slab becomes smallest blocks.
      for (; pool.slab_left >= kSmallest; pool.slab += kSmallest, pool.slab_left -= kSmallest) {
        pool.small[0] = ::new (static_cast<void*>(pool.slab)) FreeBlock{pool.small[0]};
        pool.small_cached += static_cast<int64_t>(kSmallest);
      }
      pool.slab = static_cast<char*>(system_allocate(kSlab));
      if (pool.slab == nullptr) return i > 0;
      pool.slab_left = kSlab;
    }
    list = ::new (static_cast<void*>(pool.slab)) FreeBlock{list};
    pool.slab += size;
    pool.slab_left -= size;
  }
  return true;
}

void unlink(BigHeader* block) {
  (block->previous != nullptr ? block->previous->next : pool.big[step_of(block->size)]) = block->next;
  if (block->next != nullptr) block->next->previous = block->previous;
  (block->newer != nullptr ? block->newer->older : pool.newest) = block->older;
  (block->older != nullptr ? block->older->newer : pool.oldest) = block->newer;
  pool.big_cached -= static_cast<int64_t>(block->size);
}

void system_free(BigHeader* block) {
#if defined(__linux__)
  if (block->mapped != 0) {
    munmap(block->base, block->mapped);
    return;
  }
#endif
  std::free(block->base);
}

// Removes cached blocks until at most `target` bytes are left, the oldest big ones first. Freeing a
// long list under the lock is rare, so it is not split.
void trim(int64_t target) {
  while (pool.oldest != nullptr && pool.medium_cached + pool.big_cached > target) {
    BigHeader* block = pool.oldest;
    unlink(block);
    system_free(block);
  }
  for (int i = kMediumBins - 1; i >= 0 && pool.medium_cached + pool.big_cached > target; --i) {
    while (pool.medium[i] != nullptr && pool.medium_cached + pool.big_cached > target) {
      FreeBlock* block = pool.medium[i];
      pool.medium[i] = block->next;
      pool.medium_cached -= static_cast<int64_t>(size_of_step(i));
      std::free(block);
    }
  }
}

[[maybe_unused]] BigHeader* find_big(size_t bytes) {
  BigHeader* best = nullptr;
  const size_t most = bytes + bytes / 4;
  for (int i = step_of(bytes), last = step_of(most); i <= last && best == nullptr; ++i) {
    for (BigHeader* block = pool.big[i]; block != nullptr; block = block->next) {
      if (block->size >= bytes && block->size <= most && (best == nullptr || block->size < best->size)) {
        best = block;
        if (block->size == bytes) break;
      }
    }
  }
  if (best != nullptr) unlink(best);
  return best;
}

// Without the lock. `bytes` is a multiple of 4096. Data starts at a varying offset within a page:
// operands that all start at the same offset would compete for the same lines of the first-level cache.
[[maybe_unused]] BigHeader* new_big(size_t bytes) {
  static std::atomic<uint32_t> turn{0};
  const size_t offset = kAlignment * (turn.fetch_add(1, std::memory_order_relaxed) % 32);
  const size_t whole = bytes + 4096;
  char* base = nullptr;
  size_t mapped = 0;
#if defined(__linux__)
  if (bytes >= kMapFrom) {
    mapped = whole;
    char* raw =
        static_cast<char*>(mmap(nullptr, mapped + kHuge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (raw == MAP_FAILED) return nullptr;
    const size_t skip = (kHuge - reinterpret_cast<uintptr_t>(raw) % kHuge) % kHuge;
    if (skip != 0) munmap(raw, skip);
    base = raw + skip;
    if (kHuge != skip) munmap(base + mapped, kHuge - skip);
    // Not the tail: a power of two and our header would cost one huge page more.
    madvise(base, mapped / kHuge * kHuge, MADV_HUGEPAGE);
  }
#endif
  if (base == nullptr) base = static_cast<char*>(system_allocate(whole));
  if (base == nullptr) return nullptr;
  auto* header = ::new (static_cast<void*>(base + offset)) BigHeader{};
  header->base = base;
  header->mapped = mapped;
  header->size = bytes;
  return header;
}

[[maybe_unused]] BigHeader* header_of(void* p) { return static_cast<BigHeader*>(p) - 1; }

[[maybe_unused]] size_t round_big(size_t bytes) { return (bytes + 4095) / 4096 * 4096; }

[[maybe_unused]] int bin_of(size_t bytes) { return kSmallIndex.of[(bytes + 63) / 64]; }

void give_to_pool(int bin, FreeBlock* first, FreeBlock* last, int64_t count) {
  last->next = pool.small[bin];
  pool.small[bin] = first;
  pool.small_cached += count * kSmallSizes[bin];
}

void retire(AllocatorThread& thread) {
  Hold hold;
  for (int i = 0; i < detail::kAllocatorBins; ++i) {
    AllocatorBin& bin = thread.bins[i];
    auto* block = static_cast<FreeBlock*>(bin.head);
    bin.head = nullptr;
    bin.room = 0;
    while (block != nullptr) {
      FreeBlock* next = block->next;
      give_to_pool(i, block, block, 1);
      block = next;
    }
  }
  publish(thread);
  pool.allocations += thread.allocations.load(std::memory_order_relaxed);
  pool.deallocations += thread.deallocations.load(std::memory_order_relaxed);
  thread.allocations.store(0, std::memory_order_relaxed);
  thread.deallocations.store(0, std::memory_order_relaxed);
  *thread.link = thread.next;
  if (thread.next != nullptr) thread.next->link = thread.link;
  thread.state = 2;
}

// Its destructor is what runs when the thread exits; calls that come later in the exit go to the pool.
struct Retirement {
  bool armed = false;
  ~Retirement() {
    if (armed) retire(detail::allocator_thread);
  }
};
thread_local Retirement retirement;

void enter(AllocatorThread& thread) {
  if (thread.state != 0) return;
  thread.state = 1;
  retirement.armed = true;
  Hold hold;
  if (!pool.started) start();
  thread.next = pool.threads;
  thread.link = &pool.threads;
  if (pool.threads != nullptr) pool.threads->link = &thread.next;
  pool.threads = &thread;
  for (int i = 0; i < detail::kAllocatorBins; ++i) {
    thread.bins[i].room = kCaching ? thread_capacity(i) : 0;
  }
}

// With the lock held: one block of `bytes` was handed out, or taken back.
void note_allocation(AllocatorThread& thread, int64_t bytes) {
  if (thread.state == 1) publish(thread);
  ++pool.allocations;
  pool.live += bytes;
  if (pool.live > pool.peak) pool.peak = pool.live;
}
void note_deallocation(AllocatorThread& thread, int64_t bytes) {
  if (thread.state == 1) publish(thread);
  ++pool.deallocations;
  pool.live -= bytes;
}

#ifdef TENON_NO_CACHE

// Exactly what was asked for, so that a sanitizer sees each byte too far and each use after the end.
void* allocate_once(AllocatorThread& thread, size_t bytes) {
  void* p = nullptr;
  if (posix_memalign(&p, kAlignment, bytes == 0 ? 1 : bytes) != 0) return nullptr;
  Hold hold;
  note_allocation(thread, static_cast<int64_t>((bytes + kSmallest - 1) / kSmallest * kSmallest));
  return p;
}

void deallocate_once(AllocatorThread& thread, void* p, size_t bytes) {
  std::free(p);
  Hold hold;
  note_deallocation(thread, static_cast<int64_t>((bytes + kSmallest - 1) / kSmallest * kSmallest));
}

#else

void* allocate_small(AllocatorThread& thread, int index) {
  AllocatorBin& bin = thread.bins[index];
  if (bin.head == nullptr) {
    const int wanted = thread.state == 1 ? static_cast<int>(thread_capacity(index) / 2) : 1;
    FreeBlock* list = nullptr;
    Hold hold;
    if (thread.state == 1) publish(thread);
    int taken = 0;
    for (; taken < wanted && pool.small[index] != nullptr; ++taken) {
      FreeBlock* block = pool.small[index];
      pool.small[index] = block->next;
      block->next = list;
      list = block;
    }
    pool.small_cached -= int64_t{taken} * kSmallSizes[index];
    if (taken == 0) {
      // Half a page at a time, so that a program with few tensors stays small.
      int fresh = static_cast<int>(2048 / kSmallSizes[index]);
      if (fresh < 1) fresh = 1;
      if (fresh > wanted) fresh = wanted;
      if (!carve(index, fresh, list)) {
        trim(0);
        if (!carve(index, 1, list)) return nullptr;
      }
    }
    if (thread.state != 1) {
      note_allocation(thread, kSmallSizes[index]);
      return list;
    }
    for (FreeBlock* block = list; block != nullptr; block = block->next) --bin.room;
    bin.head = list;
  }
  auto* block = static_cast<FreeBlock*>(bin.head);
  bin.head = block->next;
  ++bin.room;
  thread.count_allocation(kSmallSizes[index]);
  return block;
}

void deallocate_small(AllocatorThread& thread, int index, void* p) {
  auto* block = ::new (p) FreeBlock{nullptr};
  AllocatorBin& bin = thread.bins[index];
  if (bin.room == 0) {
    if (thread.state != 1) {
      Hold hold;
      note_deallocation(thread, kSmallSizes[index]);
      give_to_pool(index, block, block, 1);
      return;
    }
    const uint32_t away = thread_capacity(index) / 2;
    auto* first = static_cast<FreeBlock*>(bin.head);
    FreeBlock* last = first;
    for (uint32_t i = 1; i < away; ++i) last = last->next;
    bin.head = last->next;
    bin.room += away;
    Hold hold;
    publish(thread);
    give_to_pool(index, first, last, away);
  }
  block->next = static_cast<FreeBlock*>(bin.head);
  bin.head = block;
  --bin.room;
  thread.count_deallocation(kSmallSizes[index]);
}

void* allocate_medium(AllocatorThread& thread, size_t bytes) {
  const int step = step_of(bytes);
  const auto size = static_cast<int64_t>(size_of_step(step));
  {
    Hold hold;
    if (FreeBlock* block = pool.medium[step]; block != nullptr) {
      pool.medium[step] = block->next;
      pool.medium_cached -= size;
      note_allocation(thread, size);
      return block;
    }
  }
  void* p = system_allocate(static_cast<size_t>(size));
  if (p == nullptr) return nullptr;
  Hold hold;
  note_allocation(thread, size);
  return p;
}

void deallocate_medium(AllocatorThread& thread, void* p, size_t bytes) {
  const int step = step_of(bytes);
  const auto size = static_cast<int64_t>(size_of_step(step));
  Hold hold;
  note_deallocation(thread, size);
  pool.medium[step] = ::new (p) FreeBlock{pool.medium[step]};
  pool.medium_cached += size;
  if (pool.medium_cached + pool.big_cached > pool.limit) trim(pool.limit);
}

void* allocate_big(AllocatorThread& thread, size_t bytes) {
  const size_t size = round_big(bytes);
  {
    Hold hold;
    if (BigHeader* block = find_big(size); block != nullptr) {
      note_allocation(thread, static_cast<int64_t>(block->size));
      return block + 1;
    }
  }
  BigHeader* block = new_big(size);
  if (block == nullptr) return nullptr;
  Hold hold;
  note_allocation(thread, static_cast<int64_t>(size));
  return block + 1;
}

void deallocate_big(AllocatorThread& thread, void* p) {
  BigHeader* block = header_of(p);
  Hold hold;
  note_deallocation(thread, static_cast<int64_t>(block->size));
  const int index = step_of(block->size);
  block->previous = nullptr;
  block->next = pool.big[index];
  if (block->next != nullptr) block->next->previous = block;
  pool.big[index] = block;
  block->newer = nullptr;
  block->older = pool.newest;
  (block->older != nullptr ? block->older->newer : pool.oldest) = block;
  pool.newest = block;
  pool.big_cached += static_cast<int64_t>(block->size);
  if (pool.medium_cached + pool.big_cached > pool.limit) trim(pool.limit);
}

void* allocate_once(AllocatorThread& thread, size_t bytes) {
  if (bytes <= kSmallMax) return allocate_small(thread, bin_of(bytes));
  return bytes <= kMediumMax ? allocate_medium(thread, bytes) : allocate_big(thread, bytes);
}

void deallocate_once(AllocatorThread& thread, void* p, size_t bytes) {
  if (bytes <= kSmallMax) return deallocate_small(thread, bin_of(bytes), p);
  bytes <= kMediumMax ? deallocate_medium(thread, p, bytes) : deallocate_big(thread, p);
}

#endif

}  // namespace

namespace detail {

void* allocate_slow(size_t bytes) {
  AllocatorThread& thread = allocator_thread;
  enter(thread);
  if (bytes > kTooLarge) return nullptr;
  void* p = allocate_once(thread, bytes);
  if (p != nullptr) return p;
  empty_cache();
  return allocate_once(thread, bytes);
}

void deallocate_slow(void* p, size_t bytes) {
  if (p == nullptr) return;
  AllocatorThread& thread = allocator_thread;
  enter(thread);
  deallocate_once(thread, p, bytes);
}

}  // namespace detail

AllocatorStats memory_stats() {
  Hold hold;
  AllocatorStats stats{};
  int64_t top = 0;
  stats.current_bytes = pool.live;
  stats.allocation_count = pool.allocations;
  int64_t deallocations = pool.deallocations;
  stats.cached_bytes = pool.small_cached + pool.medium_cached + pool.big_cached;
  for (const AllocatorThread* t = pool.threads; t != nullptr; t = t->next) {
    const int64_t live = t->live.load(std::memory_order_relaxed);
    const int64_t high = t->high.load(std::memory_order_relaxed);
    stats.current_bytes += live;
    if (high > top) top = high;
    stats.allocation_count += t->allocations.load(std::memory_order_relaxed);
    deallocations += t->deallocations.load(std::memory_order_relaxed);
  }
  stats.current_count = stats.allocation_count - deallocations;
  // What the calling thread keeps; the other threads' lists change as we look.
  const AllocatorThread& self = detail::allocator_thread;
  for (int i = 0; i < detail::kAllocatorBins && self.state == 1; ++i) {
    for (auto* b = static_cast<FreeBlock*>(self.bins[i].head); b != nullptr; b = b->next) {
      stats.cached_bytes += kSmallSizes[i];
    }
  }
  stats.peak_bytes = pool.peak;
  if (pool.live + top > stats.peak_bytes) stats.peak_bytes = pool.live + top;
  if (stats.current_bytes > stats.peak_bytes) stats.peak_bytes = stats.current_bytes;
  return stats;
}

void reset_peak_memory_stats() {
  AllocatorThread& thread = detail::allocator_thread;
  enter(thread);
  Hold hold;
  if (thread.state == 1) publish(thread);
  pool.peak = pool.live;
  for (const AllocatorThread* t = pool.threads; t != nullptr; t = t->next) {
    pool.peak += t->live.load(std::memory_order_relaxed);
  }
}

void empty_cache() {
  Hold hold;
  trim(0);
}

void set_cache_limit(int64_t bytes) {
  Hold hold;
  pool.limit = bytes < 0 ? 0 : bytes;
  if (pool.limit == 0) pool.limit = 1;  // 0 means that nobody set it
  trim(pool.limit);
}

}  // namespace tenon::inline v0
