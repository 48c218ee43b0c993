// The threads of a DataLoader: tasks are dealt to workers, and whoever waits for a task gets its error too.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>

#include <tenon/core/export.h>
#include <tenon/data/worker_info.h>

namespace tenon::inline v0::data {

class TENON_API Task {
 public:
  virtual ~Task();
  virtual void run() = 0;  // in the worker; what it throws, `WorkerPool::finish` does again

 private:
  friend class WorkerPool;
  bool done_ = false;
  std::exception_ptr error_;
  int worker_ = -1;
};

// Nothing here is called with a lock held, so that tasks and their destructors may take any of their own
// (Python's, say). Whoever must not hold a lock while waiting lets it go before `wait` and `join`.
class TENON_API WorkerPool {
 public:
  explicit WorkerPool(int num_workers);
  // Closes; joins the threads of `start`.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Starts threads that `serve`.
  void start();
  // Runs worker `id`'s tasks on the calling thread until the pool is closed.
  void serve(int id);

  void submit(int id, std::shared_ptr<Task> task);
  // False when the time is up first, and when the pool is closed before the task is done.
  bool wait(const Task& task, std::chrono::nanoseconds time) const;
  // Throws what the done task threw, if it did.
  static void finish(Task& task);

  // Drops what no worker has begun, and sends the workers home. Does not wait.
  void close();
  bool closed() const;
  // Waits for the threads of `start`; a worker that calls it does not wait for itself.
  void join();

  int num_workers() const;
  // For worker_info(), and of each worker's default generator; before the worker's first task of a pass.
  void set_seed(uint64_t base_seed);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace tenon::inline v0::data
