// The caching CPU allocator behind every storage. Blocks of up to 4 KiB come from lists of the calling
// thread, larger ones from a pool that all threads share; freed memory is kept for the next request,
// since returning it to the system costs more than most ops (see docs/architecture.md).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include <tenon/core/export.h>

namespace tenon::inline v0 {

// Sizes are bytes of blocks, which are requests rounded up: to 64 bytes at least, by at most 1/3 up to
// 4 KiB, by at most 1/8 above, and a reused block of more than 1 MiB may be up to 1/4 larger.
struct AllocatorStats {
  int64_t current_bytes;     // in blocks handed out
  int64_t peak_bytes;        // largest current_bytes since the start or the last reset
  int64_t allocation_count;  // calls of allocate so far
  int64_t current_count;     // blocks handed out
  int64_t cached_bytes;      // freed, kept for reuse, in the shared pool and in the threads' lists
};

namespace detail {

// A thread's free lists. Trivially constructed and destroyed, so that access needs no guard; a fresh
// thread has `room == 0` and no blocks, which sends its first calls down the slow path.
struct AllocatorBin {
  void* head;     // linked through the first word of each block
  uint32_t room;  // blocks that the list still takes
};

inline constexpr int kAllocatorBins = 12;

struct AllocatorThread {
  AllocatorBin bins[kAllocatorBins];
  // Written by the owner alone (plain load, plain store), read by memory_stats.
  std::atomic<int64_t> live;  // bytes handed out less bytes taken back, since last published
  std::atomic<int64_t> high;  // largest `live` since last published
  std::atomic<int64_t> allocations;
  std::atomic<int64_t> deallocations;
  AllocatorThread* next;
  AllocatorThread** link;
  int state;  // 0 fresh, 1 registered, 2 the thread is exiting

  void count_allocation(int64_t bytes) {
    const int64_t now = live.load(std::memory_order_relaxed) + bytes;
    live.store(now, std::memory_order_relaxed);
    if (now > high.load(std::memory_order_relaxed)) high.store(now, std::memory_order_relaxed);
    allocations.store(allocations.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  void count_deallocation(int64_t bytes) {
    live.store(live.load(std::memory_order_relaxed) - bytes, std::memory_order_relaxed);
    deallocations.store(deallocations.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
};

#if defined(__ELF__)
#define TENON_TLS_MODEL __attribute__((tls_model("initial-exec")))
#else
#define TENON_TLS_MODEL
#endif
extern TENON_API thread_local constinit AllocatorThread allocator_thread TENON_TLS_MODEL;

// The sizes that calls inline: tensors, their storages and the nodes of most ops live in them.
inline constexpr uint32_t kInlineSizes[] = {64, 128, 192, 256, 384, 512};
inline constexpr size_t kInlineMax = 512;
constexpr size_t inline_bin(size_t bytes) { return bytes <= 256 ? (bytes - 1) / 64 : bytes <= 384 ? 4 : 5; }

TENON_API void* allocate_slow(size_t bytes);
TENON_API void deallocate_slow(void* p, size_t bytes);

}  // namespace detail

// Memory for `bytes` bytes, aligned to 64, not cleared. Null when the system has none left, also after
// the cache was emptied. Zero bytes give a block of their own too, so null always means failure.
inline void* allocate(size_t bytes) {
  if (bytes - 1 < detail::kInlineMax) [[likely]] {
    detail::AllocatorThread& thread = detail::allocator_thread;
    const size_t index = detail::inline_bin(bytes);
    detail::AllocatorBin& bin = thread.bins[index];
    if (void* block = bin.head; block != nullptr) [[likely]] {
      bin.head = *static_cast<void**>(block);
      ++bin.room;
      thread.count_allocation(detail::kInlineSizes[index]);
      return block;
    }
  }
  return detail::allocate_slow(bytes);
}

// Takes back what allocate(bytes) returned, with the same `bytes`, on any thread. Null is ignored.
inline void deallocate(void* p, size_t bytes) {
  if (bytes - 1 < detail::kInlineMax && p != nullptr) [[likely]] {
    detail::AllocatorThread& thread = detail::allocator_thread;
    const size_t index = detail::inline_bin(bytes);
    detail::AllocatorBin& bin = thread.bins[index];
    if (bin.room != 0) [[likely]] {
      *static_cast<void**>(p) = bin.head;
      bin.head = p;
      --bin.room;
      thread.count_deallocation(detail::kInlineSizes[index]);
      return;
    }
  }
  detail::deallocate_slow(p, bytes);
}

// Exact when one thread allocates. With several, each other thread may have up to some 100 KiB of small
// blocks that enter the peak only at its next visit to the shared pool.
TENON_API AllocatorStats memory_stats();
// Sets the peak to what is in use now.
TENON_API void reset_peak_memory_stats();

// Gives cached blocks of more than 4 KiB back to the system. Smaller ones stay for their size.
TENON_API void empty_cache();
// Keeps at most `bytes` in cached blocks of more than 4 KiB; what was freed longest ago goes first.
// Half of the machine's memory unless set.
TENON_API void set_cache_limit(int64_t bytes);

}  // namespace tenon::inline v0
