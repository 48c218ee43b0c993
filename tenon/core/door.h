// The one door: every call of every op, from C++ and Python, goes through apply().
//
//   interceptors (only when one is set)  ->  check and infer  ->  allocate  ->  kernel  ->  recorders
//
// Interceptors may change or replace a call; recorders only observe it.
#pragma once

#include <tenon/core/op.h>
#include <tenon/core/registry.h>

namespace tenon::inline v0 {

enum class Destination : uint8_t { None, Inplace, Out };

struct Call {
  const OpInfo* op;
  const void* record;
  Inputs inputs;
  Tensor* outputs;                      // op->output_count of them; defined ones on entry are destinations
  std::vector<Tensor>* list = nullptr;  // for ops with kListOutput
  Destination destination = Destination::None;
};

// In the order in which they see a call.
enum class Layer : uint8_t { Python, User, Autocast, Vmap, Placement, Trace };
inline constexpr int kLayers = 6;

class TENON_API Interceptor {
 public:
  virtual ~Interceptor();
  // True: the outputs are filled, the call is done. False: the next one sees it. Those of one layer see a call
  // from the innermost scope outwards (levels of vmap), then comes the next layer. Calls that it makes itself
  // reach only those that come after it.
  virtual bool intercept(Call& call) = 0;
};

// One of a layer's interceptors, and those of the scopes around it.
struct InterceptorFrame {
  Interceptor* interceptor = nullptr;  // null: the layer is off inside of this scope
  const InterceptorFrame* outer = nullptr;
};

enum class Observer : uint8_t { Tape, Profiler, Trace, User };
inline constexpr int kObservers = 4;

class TENON_API Recorder {
 public:
  virtual ~Recorder();
  // Before a write into call.outputs or op->writes: may throw to forbid it.
  virtual void before_write(const Call& call);
  virtual void record(const Call& call) = 0;
};

// Thread-local switches, read once per call.
struct Modes {
  uint8_t interceptors = 0;  // bit per Layer
  uint8_t disabled = 0;      // layers that are off in this scope
  uint8_t recorders = 1;     // bit per Observer; the tape is on unless no_grad switched it off
  bool inference = false;
  const InterceptorFrame* interceptor[kLayers] = {};  // the innermost
  Recorder* recorder[kObservers] = {};
};
TENON_API extern thread_local constinit Modes modes __attribute__((tls_model("initial-exec")));

// The interceptor at Layer::Python for tensors with kIntercepted; set once by the bindings.
TENON_API extern Interceptor* python_interceptor;
// The recorder behind Observer::Tape in every thread; null until autograd installs it.
TENON_API extern Recorder* default_tape;
// Told of every write in place, also under no_grad, so that errors about stale values can name the op.
TENON_API extern void (*note_write)(const OpInfo& op, const Storage& storage, uint32_t version);
inline constexpr uint8_t bit(Layer layer) { return static_cast<uint8_t>(1u << static_cast<int>(layer)); }
inline constexpr uint8_t bit(Observer observer) { return static_cast<uint8_t>(1u << static_cast<int>(observer)); }

// Puts an interceptor or a recorder in place for a scope.
class TENON_API InterceptorScope {
 public:
  InterceptorScope(Layer layer, Interceptor* interceptor);  // null switches the layer off
  ~InterceptorScope();
  InterceptorScope(const InterceptorScope&) = delete;

 private:
  Layer layer_;
  InterceptorFrame frame_;
  uint8_t previous_bits_, previous_disabled_;
};
class TENON_API RecorderScope {
 public:
  RecorderScope(Observer observer, Recorder* recorder);
  ~RecorderScope();
  RecorderScope(const RecorderScope&) = delete;

 private:
  Observer observer_;
  Recorder* previous_;
  uint8_t previous_bits_;
};

// Errors as each op's record, rule and kernel say them.
TENON_API void apply(Call& call);

// Typed calls: `apply(Softmax{.dim = 1}, x)`.
template <class R, class... T>
Tensor apply(const R& record, const T&... inputs) {
  TensorImpl* const in[sizeof...(T) + 1] = {inputs.impl()..., nullptr};
  Tensor out[detail::output_count<R>()];
  Call call{&op<R>(), &record, Inputs(in, sizeof...(T)), out};
  apply(call);
  return std::move(out[0]);
}
template <class R, class... T>
std::array<Tensor, kMaxOutputs> apply_all(const R& record, const T&... inputs) {
  TensorImpl* const in[sizeof...(T) + 1] = {inputs.impl()..., nullptr};
  std::array<Tensor, kMaxOutputs> out;
  Call call{&op<R>(), &record, Inputs(in, sizeof...(T)), out.data()};
  apply(call);
  return out;
}
// For ops with an input list, or that return a list.
template <class R>
Tensor apply_list(const R& record, const std::vector<Tensor>& inputs) {
  Tensor out[detail::output_count<R>()];
  Call call{&op<R>(), &record,
            Inputs(reinterpret_cast<TensorImpl* const*>(inputs.data()), static_cast<int>(inputs.size())), out};
  apply(call);
  return std::move(out[0]);
}
template <class R, class... T>
std::vector<Tensor> apply_to_list(const R& record, const T&... inputs) {
  TensorImpl* const in[sizeof...(T) + 1] = {inputs.impl()..., nullptr};
  Tensor out[detail::output_count<R>()];
  std::vector<Tensor> list;
  Call call{&op<R>(), &record, Inputs(in, sizeof...(T)), out, &list};
  apply(call);
  return list;
}
template <class R>
std::vector<Tensor> apply_list_to_list(const R& record, const std::vector<Tensor>& inputs) {
  Tensor out[detail::output_count<R>()];
  std::vector<Tensor> list;
  Call call{&op<R>(), &record,
            Inputs(reinterpret_cast<TensorImpl* const*>(inputs.data()), static_cast<int>(inputs.size())), out, &list};
  apply(call);
  return list;
}
// Writes the result into `self`, which is the first input: `apply_inplace(Add{}, x, y)` is x += y.
template <class R, class... T>
const Tensor& apply_inplace(const R& record, const Tensor& self, const T&... others) {
  TensorImpl* const in[sizeof...(T) + 2] = {self.impl(), others.impl()..., nullptr};
  Tensor out[detail::output_count<R>()];
  out[0] = self;
  Call call{&op<R>(), &record, Inputs(in, sizeof...(T) + 1), out};
  call.destination = Destination::Inplace;
  apply(call);
  return self;
}

// Writes the result into `out`, which an empty one grows for: `apply_out(Add{}, z, x, y)`.
template <class R, class... T>
const Tensor& apply_out(const R& record, const Tensor& out, const T&... inputs) {
  TensorImpl* const in[sizeof...(T) + 1] = {inputs.impl()..., nullptr};
  Tensor outs[detail::output_count<R>()];
  outs[0] = out;
  Call call{&op<R>(), &record, Inputs(in, sizeof...(T)), outs};
  call.destination = Destination::Out;
  apply(call);
  return out;
}
template <class R>
const Tensor& apply_list_out(const R& record, const Tensor& out, const std::vector<Tensor>& inputs) {
  Tensor outs[detail::output_count<R>()];
  outs[0] = out;
  Call call{&op<R>(), &record,
            Inputs(reinterpret_cast<TensorImpl* const*>(inputs.data()), static_cast<int>(inputs.size())), outs};
  call.destination = Destination::Out;
  apply(call);
  return out;
}

template <class R, class... T>
const Tensor& apply_list_inplace(const R& record, const std::vector<Tensor>& list, const Tensor& self,
                                 const T&... others) {
  std::vector<Tensor> all{self, others...};
  all.insert(all.end(), list.begin(), list.end());
  Tensor out[detail::output_count<R>()];
  out[0] = self;
  Call call{&op<R>(), &record, Inputs(reinterpret_cast<TensorImpl* const*>(all.data()), static_cast<int>(all.size())),
            out};
  call.destination = Destination::Inplace;
  apply(call);
  return self;
}

// ---- backends ---------------------------------------------------------------------------------------------

// A second device: small, and possibly asynchronous. The CPU is built in.
class TENON_API Backend {
 public:
  virtual ~Backend();
  virtual void* allocate(size_t bytes) = 0;
  virtual void deallocate(void* data, size_t bytes) = 0;
  // Between this device and the CPU, or within it; done when it returns.
  virtual void copy(void* to, Device to_device, const void* from, Device from_device, size_t bytes) = 0;
  // Runs or enqueues. `keep_alive` are the call's tensors: hold them until the kernel has run.
  virtual void run(const OpInfo& op, Kernel kernel, const void* record, const std::vector<Tensor>& inputs,
                   const std::vector<Tensor>& outputs) = 0;
  // Waits, and throws the first error of a kernel that ran since, with the op's name.
  virtual void synchronize() = 0;
};
TENON_API void set_backend(DeviceKind kind, Backend* backend);
TENON_API Backend* backend_of(DeviceKind kind);  // null for the CPU and for devices nobody brought
// Turns a kernel's report into the op's error; nothing when there is none.
TENON_API void raise_kernel_error(const OpInfo& op, const ErrorSink& errors);

}  // namespace tenon::inline v0
