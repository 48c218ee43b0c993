#include <tenon/data/worker_pool.h>

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <tenon/core/error.h>
#include <tenon/core/thread_generator.h>

namespace tenon::inline v0::data {

namespace {

thread_local const WorkerInfo* current = nullptr;

template <class E>
bool add_worker(const std::exception_ptr& error, const char* type, int worker) {
  try {
    std::rethrow_exception(error);
  } catch (const E& e) {
    throw E(text("Caught ", type, " in DataLoader worker thread ", worker, ".\n", e.what()));
  } catch (...) {
    return false;
  }
}

// The same type with the worker in front of the text; types that are not ours stay as they are.
[[noreturn]] void rethrow(const std::exception_ptr& error, int worker) {
  add_worker<ShapeError>(error, "ShapeError", worker) || add_worker<DTypeError>(error, "DTypeError", worker) ||
      add_worker<TypeError>(error, "TypeError", worker) || add_worker<IndexError>(error, "IndexError", worker) ||
      add_worker<ValueError>(error, "ValueError", worker) || add_worker<DeviceError>(error, "DeviceError", worker) ||
      add_worker<AutogradError>(error, "AutogradError", worker) || add_worker<FileError>(error, "FileError", worker) ||
      add_worker<KeyError>(error, "KeyError", worker) || add_worker<MemoryError>(error, "MemoryError", worker) ||
      add_worker<InternalError>(error, "InternalError", worker);
  std::rethrow_exception(error);
}

}  // namespace

const WorkerInfo* worker_info() { return current; }

Task::~Task() = default;

struct WorkerPool::State {
  struct Worker {
    std::deque<std::shared_ptr<Task>> tasks;
    std::condition_variable has_task;
  };

  mutable std::mutex lock;
  std::vector<Worker> workers;
  mutable std::condition_variable task_done;
  std::vector<std::thread> threads;
  uint64_t seed = 0;
  bool closed = false;

  explicit State(int count) : workers(static_cast<size_t>(count)) {}

  // Null when the pool is closed.
  std::shared_ptr<Task> next_task(int id, WorkerInfo& info) {
    std::unique_lock held(lock);
    Worker& worker = workers[static_cast<size_t>(id)];
    worker.has_task.wait(held, [&] { return closed || !worker.tasks.empty(); });
    if (closed) return nullptr;
    std::shared_ptr<Task> task = std::move(worker.tasks.front());
    worker.tasks.pop_front();
    info.seed = seed + static_cast<uint64_t>(id);
    return task;
  }

  void serve(int id) {
    WorkerInfo info{id, static_cast<int>(workers.size()), 0};
    const ThreadGenerator generator;
    std::optional<uint64_t> seeded;
    while (std::shared_ptr<Task> task = next_task(id, info)) {
      // Once for a pass: what a worker draws depends on the seed and on its own tasks alone.
      if (seeded != info.seed) manual_seed(*(seeded = info.seed));
      current = &info;
      std::exception_ptr error;
      try {
        task->run();
      } catch (...) {
        error = std::current_exception();
      }
      current = nullptr;
      {
        const std::lock_guard held(lock);
        task->error_ = std::move(error);
        task->worker_ = id;
        task->done_ = true;
      }
      task_done.notify_all();
    }
  }
};

WorkerPool::WorkerPool(int num_workers) {
  check<ValueError>(num_workers > 0, "WorkerPool: at least one worker is needed, got ", num_workers);
  state_ = std::make_shared<State>(num_workers);
}

WorkerPool::~WorkerPool() {
  close();
  join();
}

// Each thread holds the state, so that a pool may go while a worker is in a long task.
void WorkerPool::start() {
  try {
    for (int id = 0; id < num_workers(); ++id) {
      state_->threads.emplace_back([state = state_, id] { state->serve(id); });
    }
  } catch (...) {  // no more threads to be had
    close();
    join();
    throw;
  }
}

void WorkerPool::serve(int id) {
  check<IndexError>(id >= 0 && id < num_workers(), "WorkerPool: there is no worker ", id);
  const std::shared_ptr<State> state = state_;
  state->serve(id);
}

void WorkerPool::submit(int id, std::shared_ptr<Task> task) {
  check<IndexError>(id >= 0 && id < num_workers(), "WorkerPool: there is no worker ", id);
  State::Worker& worker = state_->workers[static_cast<size_t>(id)];
  {
    const std::lock_guard held(state_->lock);
    if (state_->closed) return;
    worker.tasks.push_back(std::move(task));
  }
  worker.has_task.notify_one();
}

bool WorkerPool::wait(const Task& task, std::chrono::nanoseconds time) const {
  std::unique_lock held(state_->lock);
  state_->task_done.wait_for(held, time, [&] { return task.done_ || state_->closed; });
  return task.done_;
}

void WorkerPool::finish(Task& task) {
  if (task.error_) rethrow(std::exchange(task.error_, nullptr), task.worker_);
}

void WorkerPool::close() {
  std::vector<std::deque<std::shared_ptr<Task>>> dropped;
  {
    const std::lock_guard held(state_->lock);
    state_->closed = true;
    for (auto& worker : state_->workers) dropped.push_back(std::move(worker.tasks));
    for (auto& worker : state_->workers) worker.tasks.clear();
  }
  for (auto& worker : state_->workers) worker.has_task.notify_all();
  state_->task_done.notify_all();
}

bool WorkerPool::closed() const {
  const std::lock_guard held(state_->lock);
  return state_->closed;
}

void WorkerPool::join() {
  for (std::thread& thread : state_->threads) {
    if (!thread.joinable()) continue;
    if (thread.get_id() == std::this_thread::get_id()) {
      thread.detach();
    } else {
      thread.join();
    }
  }
}

int WorkerPool::num_workers() const { return static_cast<int>(state_->workers.size()); }

void WorkerPool::set_seed(uint64_t base_seed) {
  const std::lock_guard held(state_->lock);
  state_->seed = base_seed;
}

}  // namespace tenon::inline v0::data
