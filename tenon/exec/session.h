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

// Where a session takes the memory of its tensors from; the default is Tenon's caching allocator.
struct Allocator {
  void* (*allocate)(void* user, size_t bytes, size_t alignment) = nullptr;
  void (*deallocate)(void* user, void* data, size_t bytes) = nullptr;
  void* user = nullptr;
};

// The caller's memory for an output, which is written row-major. Without data the session keeps the output.
struct Destination {
  void* data = nullptr;
  size_t bytes = 0;
};

class TENON_API Session {
 public:
  // Finds a kernel for every step. Unsupported names the op that `registry` has no kernel for, File what is
  // wrong with the plan. `plan` and the memory of its constants and slots outlive the session.
  static Status create(const Plan& plan, Registry& registry, const Allocator& allocator,
                       std::unique_ptr<Session>& session);
  ~Session();

  // Runs once. `inputs` has one view per input of the plan, of any strides. After an error the outputs are
  // undefined, and the session can run again. Sizes that are those of the last run cost nothing; others are
  // evaluated in one pass.
  Status run(const View* inputs, int input_count, const Destination* outputs = nullptr, int output_count = 0);
  // Row-major, valid until the next run: in the caller's memory, or in the session's.
  const View& output(int index) const;

  // State by the name of its slot: bytes as they lie in memory, of a generator Generator::get_state's.
  // Argument: no such slot, or another number of bytes.
  Status slot_bytes(std::string_view name, size_t& bytes) const;
  Status get_slot(std::string_view name, void* data, size_t bytes) const;
  Status set_slot(std::string_view name, const void* data, size_t bytes);
  // Every slot as the plan has it.
  Status reset();

  // Bytes of the arena for the sizes of the last run, and the most that live at once (no arena is smaller).
  size_t arena_bytes() const;
  size_t arena_lower_bound() const;

 private:
  struct State;
  friend class Preparer;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tenon::inline v0::exec
