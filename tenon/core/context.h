// What a kernel may use besides its operands. The same kernel serves eager calls, the executor, the
// small runtime and a device queue, so everything it needs from its surroundings comes through here.
#pragma once

#include <cstddef>
#include <cstdint>

#include <tenon/core/device.h>
#include <tenon/core/export.h>
#include <tenon/core/view.h>

namespace tenon::inline v0 {

struct GeneratorState;

// A kernel reports bad data (an index out of range) here; the caller turns it into an error of the op.
struct ErrorSink {
  enum class Code : uint8_t { None, Index, Value, Memory, Unsupported };
  Code code = Code::None;
  char text[232];

  ErrorSink() { text[0] = 0; }
  // The first report wins.
  TENON_API void report(Code code, const char* format, ...) __attribute__((format(printf, 3, 4)));
  explicit operator bool() const { return code != Code::None; }
};

// An asynchronous backend's queue; null for the CPU, which runs in place.
struct Queue;

class TENON_API Context {
 public:
  Device device;
  Queue* queue = nullptr;
  GeneratorState* generator = nullptr;  // for ops with the Random trait
  ErrorSink errors;

  // Scratch memory, 64-byte aligned, valid until the kernel returns. Null (and a report) when none is left.
  void* workspace(size_t bytes);
  // For outputs whose size depends on data: the kernel calls this once with the final sizes, then fills
  // output `index`, whose view is updated in place. False (and a report) when memory is short.
  bool resize_output(View* outputs, int index, const int64_t* sizes, int ndim) {
    return resize_ != nullptr && resize_(resize_state_, *this, outputs, index, sizes, ndim);
  }

  using Resize = bool (*)(void* state, Context&, View* outputs, int index, const int64_t* sizes, int ndim);
  void set_resize(Resize resize, void* state) {
    resize_ = resize;
    resize_state_ = state;
  }

  Context() = default;
  ~Context() {
    if (workspaces_ != nullptr) release();
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

 private:
  void release();

  struct Workspace;
  Workspace* workspaces_ = nullptr;
  Resize resize_ = nullptr;
  void* resize_state_ = nullptr;
};

// Type-erased kernel: `record` points to the op's attributes.
using Kernel = void (*)(const void* record, const View* inputs, int input_count, View* outputs, int output_count,
                        Context& context);

}  // namespace tenon::inline v0
