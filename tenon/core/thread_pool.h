// Work split over the cores. One pool for the process, started at first use.
#pragma once

#include <cstdint>
#include <type_traits>

#include <tenon/core/export.h>

namespace tenon::inline v0 {

// Threads that parallel_for uses, the caller included. At first the least of the cores, the cores that
// the process may run on, and TENON_NUM_THREADS or else OMP_NUM_THREADS where that is set.
TENON_API int num_threads();
// From the next parallel_for on; values below 1 mean 1, those above 1024 mean 1024.
TENON_API void set_num_threads(int count);

// True while the calling thread runs a piece of a parallel_for that was split.
TENON_API bool in_parallel_region();

// How tasks inherit the caller's thread-local modes. Called only when work really goes to other threads:
// `capture` and `release` once on the caller, `enter` and `leave` around what a worker runs. What capture
// returns must stay as it is until release, also if the caller's own modes change meanwhile.
struct TaskContextHooks {
  void* (*capture)();
  void (*enter)(void* captured);
  void (*leave)(void* captured);
  void (*release)(void* captured) = nullptr;  // may be null
};
// `hooks` must live as long as the process; null removes them. Returns those before: the door's, which pass on
// the modes.
TENON_API const TaskContextHooks* set_task_context_hooks(const TaskContextHooks* hooks);

namespace detail {

using RangeFunction = void (*)(void* body, int64_t begin, int64_t end);
TENON_API void run_parallel(int64_t begin, int64_t end, int64_t grain, RangeFunction call, void* body);

}  // namespace detail

// Calls body(b, e) for ranges that together make up [begin, end), each of `grain` or more elements where
// there are as many, on several threads at once. Runs as one call on the calling thread when the range
// is no longer than `grain`, when there is one thread, inside another parallel_for, and while another
// thread's parallel_for has the pool.
//
// Returns when every piece is done. If pieces throw, those not begun are dropped and the first exception
// is thrown again here. How the range is cut depends only on the arguments and num_threads(), except
// that a call may run whole; a reduction that must not depend on it cuts its range itself.
// After fork() the child starts a pool of its own; forking inside `body` is only good for exec.
template <class Body>
inline void parallel_for(int64_t begin, int64_t end, [[maybe_unused]] int64_t grain, Body&& body) {
  if (end <= begin) return;
#ifndef TENON_NO_THREADS
  if (end - begin > grain) {
    using Plain = std::remove_reference_t<Body>;
    detail::run_parallel(
        begin, end, grain, [](void* f, int64_t b, int64_t e) { (*static_cast<Plain*>(f))(b, e); },
        const_cast<void*>(static_cast<const void*>(&body)));
    return;
  }
#endif
  body(begin, end);
}

}  // namespace tenon::inline v0
