// A session runs a plan: it binds inputs, evaluates sizes, places the arena and calls the kernels in order.
// Several sessions of one plan may run at once, each in its own thread. Nothing here throws.
#pragma once

#include <cstddef>
#include <memory>

#include <tenon/core/registry.h>
#include <tenon/core/view.h>
#include <tenon/exec/plan.h>
#include <tenon/exec/status.h>

namespace tenon::inline v0::exec {

// Where sessions take their memory from; the default is the C library's.
struct Allocator {
  void* (*allocate)(void* user, size_t bytes, size_t alignment) = nullptr;
  void (*deallocate)(void* user, void* data, size_t bytes) = nullptr;
  void* user = nullptr;
};

class TENON_API Session {
 public:
  // Finds a kernel for every step. Unsupported names the op that `registry` has no kernel for.
  // `plan` and the memory of its constants outlive the session.
  static Status create(const Plan& plan, const Registry& registry, const Allocator& allocator,
                       std::unique_ptr<Session>& session);
  ~Session();

  // Runs once. `inputs` has one view per input of the plan. The outputs are the session's own memory, valid
  // until the next run. After an error the session is as before the call.
  Status run(const View* inputs, int input_count);
  const View& output(int index) const;

  // Bytes of the arena for the sizes of the last run, and the most that live at once (no arena is smaller).
  size_t arena_bytes() const;
  size_t arena_lower_bound() const;

 private:
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tenon::inline v0::exec
