#include <tenon/core/door.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include <tenon/core/generator.h>
#include <tenon/core/number.h>
#include <tenon/core/overlap.h>
#include <tenon/core/rules.h>
#include <tenon/core/thread_pool.h>
#include <tenon/core/written.h>

namespace tenon::inline v0 {

thread_local constinit Modes modes __attribute__((tls_model("initial-exec")));
Recorder* default_tape = nullptr;
void (*note_write)(const OpInfo& op, const Storage& storage, uint32_t version) = nullptr;
void (*abandon_write)(const Call& call) = nullptr;
Interceptor* python_interceptor = nullptr;

Interceptor::~Interceptor() = default;
Recorder::~Recorder() = default;
void Recorder::before_write(const Call&) {}
Backend::~Backend() = default;

// Puts a layer's frame in place: no frame, or one without an interceptor, switches the layer off.
static void set_frame(int layer, const InterceptorFrame* frame) {
  const auto mask = static_cast<uint8_t>(1u << layer);
  modes.interceptor[layer] = frame;
  if (frame != nullptr && frame->interceptor != nullptr) {
    modes.interceptors |= mask;
    modes.disabled &= static_cast<uint8_t>(~mask);
  } else {
    modes.interceptors &= static_cast<uint8_t>(~mask);
    modes.disabled |= mask;
  }
}

InterceptorScope::InterceptorScope(Layer layer, Interceptor* interceptor)
    : layer_(layer),
      frame_{interceptor, modes.interceptor[static_cast<int>(layer)]},
      previous_bits_(modes.interceptors),
      previous_disabled_(modes.disabled) {
  set_frame(static_cast<int>(layer), &frame_);
}
InterceptorScope::~InterceptorScope() {
  modes.interceptor[static_cast<int>(layer_)] = frame_.outer;
  modes.interceptors = previous_bits_;
  modes.disabled = previous_disabled_;
}

RecorderScope::RecorderScope(Observer observer, Recorder* recorder)
    : observer_(observer), previous_(modes.recorder[static_cast<int>(observer)]), previous_bits_(modes.recorders) {
  modes.recorder[static_cast<int>(observer)] = recorder;
  if (recorder != nullptr)
    modes.recorders |= bit(observer);
  else
    modes.recorders &= static_cast<uint8_t>(~bit(observer));
}
RecorderScope::~RecorderScope() {
  modes.recorder[static_cast<int>(observer_)] = previous_;
  modes.recorders = previous_bits_;
}

// What runs on the pool's threads runs under the modes of the thread that asked for it. A thread's jobs do
// not nest, so one copy is enough.
static thread_local constinit Modes captured_modes;
static const TaskContextHooks task_modes = {
    []() -> void* {
      captured_modes = modes;
      return &captured_modes;
    },
    [](void* captured) { modes = *static_cast<const Modes*>(captured); },
    [](void*) { modes = Modes{}; },
};
[[maybe_unused]] static const bool task_modes_installed = (set_task_context_hooks(&task_modes), true);

static Backend* backends[kDeviceKinds] = {};
void set_backend(DeviceKind kind, Backend* backend) { backends[static_cast<int>(kind)] = backend; }
Backend* backend_of(DeviceKind kind) { return backends[static_cast<int>(kind)]; }

// Primitives with a hidden name report for the function that the caller knows: their kernels name it
// ("nll_loss: ..."), or it is the name without the underscore.
static std::string worded(const OpInfo& op, const char* text) {
  if (op.name[0] != '_') return std::string(op.name) + ": " + text;
  const char* end = text;
  while (*end == '_' || (*end >= 'a' && *end <= 'z') || (*end >= '0' && *end <= '9')) ++end;
  if (end != text && end[0] == ':' && end[1] == ' ') return text;
  return std::string(op.name + 1) + ": " + text;
}

void raise_kernel_error(const OpInfo& op, const ErrorSink& errors) {
  switch (errors.code) {
    case ErrorSink::Code::None:
      return;
    case ErrorSink::Code::Index:
      fail<IndexError>(worded(op, errors.text));
    case ErrorSink::Code::Value:
      fail<ValueError>(worded(op, errors.text));
    case ErrorSink::Code::Memory:
      fail<MemoryError>(worded(op, errors.text));
    case ErrorSink::Code::Unsupported:
      fail<DTypeError>(worded(op, errors.text));
  }
}

namespace {

constexpr int kInlineInputs = 12;

// Devices that work together: a missing index means the first one; the CPU and Meta have no others.
bool same_device(Device a, Device b) {
  if (a.kind != b.kind) return false;
  return a.kind == DeviceKind::CPU || a.kind == DeviceKind::Meta ||
         std::max<int>(a.index, 0) == std::max<int>(b.index, 0);
}

// A call on its way through the door: what the steps share.
struct Passage {
  static constexpr uint8_t kMixedDevices = 128;  // beside the flags of the inputs

  Call& call;
  const OpInfo* op;
  int count;
  uint8_t flags;
  Device device;
  const Spec* inline_specs[kInlineInputs];
  std::unique_ptr<const Spec*[]> more_specs;
  const Spec** specs = inline_specs;

  explicit Passage(Call& c) : call(c) { collect(); }
  // Reads the call; again after interceptors, which may have changed it.
  [[gnu::always_inline]] void collect() {
    op = call.op;
    count = call.inputs.size();
    flags = 0;
    device = {};
    if (count > kInlineInputs) [[unlikely]] {
      more_specs.reset(new const Spec*[static_cast<size_t>(count)]);
      specs = more_specs.get();
    }
    TensorImpl* const* inputs = call.inputs.data();
    uint8_t all_flags = 0;
    uint16_t elsewhere = 0;  // not 0 when one is not on the CPU
    for (int i = 0; i < count; ++i) {
      const TensorImpl* impl = inputs[i];
      if (impl == nullptr) {
        specs[i] = nullptr;
        continue;
      }
      all_flags |= impl->flags;
      specs[i] = &impl->spec;
      elsewhere |= std::bit_cast<uint16_t>(impl->spec.device) ^ std::bit_cast<uint16_t>(Device{});
    }
    flags = all_flags;
    if (elsewhere != 0) [[unlikely]]
      find_device();
  }
  // Zero-dimensional tensors of the CPU go along with any device, as numbers do.
  [[gnu::noinline]] void find_device() {
    bool placed = false;
    for (int i = 0; i < count; ++i) {
      const TensorImpl* impl = call.inputs.data()[i];
      if (impl == nullptr) continue;
      if (!placed) {
        device = impl->spec.device;
        placed = !is_number_like(impl);
      } else if (!is_number_like(impl) && !same_device(impl->spec.device, device)) {
        flags |= kMixedDevices;
      }
    }
  }
  Specs all() const { return Specs(specs, count); }

  static bool is_number_like(const TensorImpl* impl) {
    return impl->spec.device.kind == DeviceKind::CPU && impl->spec.shape.empty();
  }
  [[noreturn]] void fail_mixed_devices() const {
    int first = -1, other = -1;
    for (int i = 0; i < count && other < 0; ++i) {
      const TensorImpl* impl = call.inputs.data()[i];
      if (impl == nullptr || is_number_like(impl)) continue;
      if (first < 0)
        first = i;
      else if (!same_device(impl->spec.device, specs[first]->device))
        other = i;
    }
    fail<DeviceError>(op->name, ": Expected all tensors to be on the same device, but ",
                      describe_input(*op, all(), first), " on ", specs[first]->device, " and ",
                      describe_input(*op, all(), other), " on ", specs[other]->device, "; move one with .to(device)");
  }
};

bool run_interceptors(Passage& p) {
  uint8_t active = modes.interceptors;
  if ((p.flags & TensorImpl::kIntercepted) && !(modes.disabled & bit(Layer::Python)) && python_interceptor != nullptr)
    active |= bit(Layer::Python);
  if (active == 0) return false;
  struct Restore {
    uint8_t interceptors = modes.interceptors, disabled = modes.disabled;
    const InterceptorFrame* frames[kLayers];
    Restore() { std::copy_n(modes.interceptor, kLayers, frames); }
    ~Restore() {
      modes.interceptors = interceptors;
      modes.disabled = disabled;
      std::copy_n(frames, kLayers, modes.interceptor);
    }
  } restore;
  static constexpr InterceptorFrame kNoFrame;
  for (int layer = 0; layer < kLayers; ++layer) {
    if ((active & (1u << layer)) == 0) continue;
    const InterceptorFrame* frame = restore.frames[layer];
    const InterceptorFrame python{python_interceptor, nullptr};
    if (frame == nullptr || frame->interceptor == nullptr) frame = &python;
    // Inside of a scope that switches the layer off, those around it are off as well.
    for (; frame != nullptr && frame->interceptor != nullptr; frame = frame->outer) {
      set_frame(layer, frame->outer);
      if (frame->interceptor->intercept(p.call)) return true;
    }
    set_frame(layer, &kNoFrame);
  }
  return false;
}

Recorder* recorder_at(int observer) {
  Recorder* r = modes.recorder[observer];
  return r == nullptr && observer == static_cast<int>(Observer::Tape) ? default_tape : r;
}

void run_recorders(const Call& call) {
  for (int i = 0; i < kObservers; ++i) {
    if ((modes.recorders & (1u << i)) == 0) continue;
    if (Recorder* r = recorder_at(i)) r->record(call);
  }
}

void announce_write(const Call& call) {
  for (int i = 0; i < kObservers; ++i) {
    if ((modes.recorders & (1u << i)) == 0) continue;
    if (Recorder* r = recorder_at(i)) r->before_write(call);
  }
}

// The tape has nothing to do when no input wants a gradient.
inline bool wants_recording(uint8_t flags, bool writes) {
  return (modes.recorders & ~bit(Observer::Tape)) != 0 ||
         (modes.recorders != 0 && ((flags & (TensorImpl::kRequiresGrad | TensorImpl::kView)) != 0 || writes));
}

void fail_dims(const OpInfo& op, size_t ndim) {
  fail<ShapeError>(op.name, ": the result has ", ndim, " dimensions, and a tensor has at most ", kMaxKernelDims,
                   "; flatten() some of them");
}

void bump_version(const OpInfo& op, TensorImpl* impl) {
  if (!impl->storage || (impl->flags & TensorImpl::kUntracked) != 0) return;
  const uint32_t version = impl->storage->version.fetch_add(1, std::memory_order_relaxed) + 1;
  if (note_write != nullptr) note_write(op, *impl->storage, version);
}

// Of a size that is zero, negative, symbolic or too large: strides, and the bytes or what is wrong.
[[gnu::noinline]] int64_t materialize_odd(const OpInfo& op, TensorImpl* impl) {
  const Shape& shape = impl->spec.shape;
  for (Dim d : shape)
    check<ShapeError>(d.value() >= 0, op.name, ": Trying to create tensor with negative dimension ", d, ": ", shape);
  impl->strides = contiguous_strides(shape);
  return checked_numel(shape, impl->spec.dtype) * size_of(impl->spec.dtype);
}

// Row-major strides and memory for a freshly inferred output.
void materialize(const OpInfo& op, TensorImpl* impl) {
  const Shape& shape = impl->spec.shape;
  const size_t n = shape.size();
  if (n > kMaxKernelDims) [[unlikely]]
    fail_dims(op, n);
  impl->strides.resize(n, 1);
  const Dim* sizes = shape.data();
  Dim* strides = impl->strides.data();
  int64_t numel = 1;
  bool odd = false;
  for (size_t i = n; i-- > 0;) {
    strides[i] = numel;
    const int64_t size = sizes[i].raw();  // of a symbol negative
    odd |= size <= 0 || __builtin_mul_overflow(numel, size, &numel);
  }
  int64_t bytes;
  odd |= __builtin_mul_overflow(numel, size_of(impl->spec.dtype), &bytes);
  if (odd) [[unlikely]]
    bytes = materialize_odd(op, impl);
  impl->storage = Storage::allocate(static_cast<size_t>(bytes), impl->spec.device);
}

bool resize_output(void* state, Context& context, View* outputs, int index, const int64_t* sizes, int ndim) {
  Tensor& out = static_cast<Tensor*>(state)[index];
  TensorImpl* impl = out.impl();
  if (ndim > kMaxKernelDims) {
    context.errors.report(ErrorSink::Code::Value, "the result has %d dimensions, and a tensor has at most %d", ndim,
                          kMaxKernelDims);
    return false;
  }
  impl->spec.shape.clear();
  int64_t bytes = size_of(impl->spec.dtype);
  bool too_large = false;
  for (int i = 0; i < ndim; ++i) {
    impl->spec.shape.push_back(sizes[i]);
    too_large |= sizes[i] < 0 || __builtin_mul_overflow(bytes, std::max<int64_t>(sizes[i], 1), &bytes);
  }
  if (too_large) {
    context.errors.report(ErrorSink::Code::Memory, "the result has more bytes than fit in 64 bits");
    return false;
  }
  if (impl->numel() == 0) bytes = 0;
  impl->strides = contiguous_strides(impl->spec.shape);
  impl->contiguous = true;
  try {  // the kernel that called us may be compiled without exceptions
    impl->storage = Storage::allocate(static_cast<size_t>(bytes), impl->spec.device);
  } catch (const MemoryError&) {
    context.errors.report(ErrorSink::Code::Memory, "not enough memory for %lld bytes of output",
                          static_cast<long long>(bytes));
    return false;
  }
  outputs[index] = impl->view();
  return true;
}

void lock_generator(const Passage& p, Context& context, GeneratorHandle& handle) {
  for (const ParameterInfo& parameter : p.op->parameters) {
    if (parameter.kind == ParameterKind::Attribute && parameter.type == AttributeType::Generator) {
      handle = *reinterpret_cast<const GeneratorHandle*>(static_cast<const char*>(p.call.record) + parameter.offset);
    }
  }
  context.generator = handle ? &handle->state() : &default_generator().state();
}

// A Python number has the default width for promotion; beside 64-bit operands the kernel sees all its digits.
void widen_number(const TensorImpl* impl, View& view) {
  constexpr size_t kBytes = TensorImpl::kExactOffset + 2 * sizeof(double);
  if (!impl->storage || impl->storage->bytes != kBytes || !(impl->offset == Dim(0))) return;
  if (view.dtype != DType::Float32 && view.dtype != DType::Complex64) return;
  view.dtype = view.dtype == DType::Float32 ? DType::Float64 : DType::Complex128;
  view.data = static_cast<char*>(impl->storage->data) + TensorImpl::kExactOffset;
}
void widen_numbers(const Passage& p, View* in, const View* out) {
  const auto is_wide = [](DType dtype) { return dtype == DType::Float64 || dtype == DType::Complex128; };
  bool wide = false;
  TensorImpl* const* inputs = p.call.inputs.data();
  for (int i = 0; i < p.count; ++i) wide |= inputs[i] != nullptr && !inputs[i]->spec.weak && is_wide(in[i].dtype);
  for (int i = 0; i < p.op->output_count; ++i) wide |= out[i].present && is_wide(out[i].dtype);
  for (int i = 0; wide && i < p.count; ++i) {
    if (inputs[i] != nullptr && inputs[i]->spec.weak) widen_number(inputs[i], in[i]);
  }
}

// A meta tensor has no values, so a size that depends on them (the rule says -1) cannot be found.
void fix_sizes(const OpInfo& op, Tensor* outputs) {
  for (int i = 0; i < op.output_count; ++i) {
    if (op.outputs[i].effect != Effect::DataDependent) continue;
    TensorImpl* impl = outputs[i].impl();
    for (Dim d : impl->spec.shape) {
      check<DeviceError>(d.raw() != -1, op.name,
                         ": the size of the result depends on values, which a tensor on meta does not have; compute "
                         "it from real data, on another device");
    }
    materialize(op, impl);
  }
}

// Runs the kernel on `outputs`, which have their memory (save those of data-dependent size).
void run_kernel(const Passage& p, Kernel kernel, Tensor* outputs) {
  if (p.device.kind != DeviceKind::CPU) [[unlikely]] {
    if (p.device.kind == DeviceKind::Meta) return fix_sizes(*p.op, outputs);
    std::vector<Tensor> ins, outs(outputs, outputs + p.op->output_count);
    for (int i = 0; i < p.count; ++i) ins.push_back(p.call.inputs[i]);
    backend_of(p.device.kind)->run(*p.op, kernel, p.call.record, ins, outs);
    return;
  }
  // Raw memory: only the views that are there are written, which small calls feel.
  alignas(View) unsigned char inline_views[(kInlineInputs + kMaxOutputs) * sizeof(View)];
  auto* out = reinterpret_cast<View*>(inline_views);
  View* in = out + kMaxOutputs;
  std::unique_ptr<View[]> more;
  if (p.count > kInlineInputs) [[unlikely]] {
    more.reset(new View[static_cast<size_t>(p.count)]);
    in = more.get();
  }
  TensorImpl* const* inputs = p.call.inputs.data();
  bool numbers = false;
  for (int i = 0; i < p.count; ++i) {
    if (const TensorImpl* impl = inputs[i]; impl != nullptr) [[likely]] {
      new (&in[i]) View(impl->view());
      numbers |= impl->spec.weak;
    } else {
      new (&in[i]) View;
    }
  }
  for (int i = 0; i < p.op->output_count; ++i) {
    if (const TensorImpl* impl = outputs[i].impl(); impl != nullptr) [[likely]]
      new (&out[i]) View(impl->view());
    else
      new (&out[i]) View;
  }
  if (numbers) widen_numbers(p, in, out);
  Context context;
  context.set_resize(&resize_output, outputs);
  if (p.op->is(kRandom)) [[unlikely]] {
    GeneratorHandle handle;
    lock_generator(p, context, handle);
    kernel(p.call.record, in, p.count, out, p.op->output_count, context);
  } else {
    kernel(p.call.record, in, p.count, out, p.op->output_count, context);
  }
  if (context.errors) [[unlikely]]
    raise_kernel_error(*p.op, context.errors);
}

// A view never reaches outside of its storage, whatever its record asked for.
void check_inside(const OpInfo& op, const TensorImpl& view) {
  int64_t first = view.offset.value(), last = first;
  for (size_t i = 0; i < view.strides.size(); ++i) {
    const int64_t size = view.spec.shape[i].value();
    if (size == 0) return static_cast<void>(checked_numel(view.spec.shape, view.spec.dtype));
    int64_t reach;
    if (__builtin_mul_overflow(size - 1, view.strides[i].value(), &reach) ||
        __builtin_add_overflow(reach < 0 ? first : last, reach, reach < 0 ? &first : &last)) {
      fail<ShapeError>(op.name, ": the view ", view.spec, " spans more elements than fit in 64 bits");
    }
  }
  const int64_t bytes = view.storage ? static_cast<int64_t>(view.storage->bytes) : 0;
  int64_t end;
  const bool outside = first < 0 || __builtin_add_overflow(last, 1, &end) ||
                       __builtin_mul_overflow(end, size_of(view.spec.dtype), &end) || end > bytes;
  check<ShapeError>(!outside, op.name, ": the view ", view.spec, " reaches from element ", first, " to ", last,
                    " of a storage of ", bytes, " bytes");
}

[[gnu::noinline]] void apply_alias(Passage& p) {
  const uint8_t source = p.op->outputs[0].input;
  TensorImpl* in = p.call.inputs.data()[source];
  Tensor out(Ref<TensorImpl>::adopt(TensorImpl::create()));
  TensorImpl* impl = out.impl();
  p.op->infer(p.call.record, p.all(), &impl->spec);
  impl->spec.device = in->spec.device;
  if (impl->spec.shape.size() > kMaxKernelDims) [[unlikely]]
    fail_dims(*p.op, impl->spec.shape.size());
  const Layout from{in->spec.shape, in->strides, in->offset};
  Layout to{impl->spec.shape, {}, in->offset};
  p.op->alias(p.call.record, from, to);
  impl->strides = std::move(to.strides);
  impl->offset = to.offset;
  impl->contiguous = is_contiguous(impl->spec.shape, impl->strides);
  impl->storage = in->storage;
  check_inside(*p.op, *impl);
  impl->flags = in->flags & (TensorImpl::kUntracked | TensorImpl::kInference);
  // A view that gradients do not pass (made under no_grad, or detached) does not follow its base.
  if ((modes.recorders & bit(Observer::Tape)) && !p.op->is(kNotDifferentiable)) {
    impl->base = in->base ? in->base : Ref<TensorImpl>::share(in);
    impl->flags |= TensorImpl::kView;
  }
  // The flag without a base: where gradients are recorded again, a write through it would be missed.
  if (!impl->base && !p.call.op->is(kNotDifferentiable)) impl->flags |= TensorImpl::kView;
  p.call.outputs[0] = std::move(out);
}

// Python numbers that the op writes as they are: also on meta, where no kernel sees them.
void check_numbers(const Passage& p, DType dtype) {
  for (const ParameterInfo& parameter : p.op->parameters) {
    if (!parameter.takes_number || !p.call.inputs.has(parameter.input_index)) continue;
    check_number_fits(p.op->name, parameter.name, p.call.inputs[parameter.input_index], dtype);
  }
}

// ---- destinations: in-place and out= ----

// What was made under inference mode has no versions, so that nobody would notice the write.
void check_inference(const Passage& p) {
  if (modes.inference) return;
  for (int i = 0; i < p.op->output_count; ++i) {
    if (!p.call.outputs[i].defined()) continue;
    const uint8_t flags = p.call.outputs[i].impl()->flags;
    check<AutogradError>((flags & (TensorImpl::kInference | TensorImpl::kUntracked)) != TensorImpl::kInference,
                         p.op->name, ": Inplace update to inference tensor outside InferenceMode is not allowed: ",
                         p.call.outputs[i], "; clone() it to get a normal tensor, or write under inference_mode()");
  }
}

void check_destination(const Passage& p, const Tensor& destination, const Spec& spec) {
  const TensorImpl* impl = destination.impl();
  const bool inplace = p.call.destination == Destination::Inplace;
  if (inplace && !(impl->spec.shape == spec.shape)) {
    fail<ShapeError>(p.op->name, "_: output with shape ", impl->spec.shape, " doesn't match the broadcast shape ",
                     spec.shape, "; a write in place cannot grow the tensor: use ", p.op->name,
                     "() and keep its result");
  }
  // PyTorch resizes an out= of the wrong shape when it is empty, and warns otherwise; we refuse the latter.
  check<ShapeError>(impl->spec.shape == spec.shape || impl->numel() == 0, p.op->name, ": out has shape ",
                    impl->spec.shape, ", and the result has shape ", spec.shape,
                    "; pass an out of that shape, or an empty one to be resized");
  check<DeviceError>(same_device(impl->spec.device, spec.device), p.op->name, inplace ? "_" : "", ": the result is on ",
                     spec.device, ", and the tensor to be written on ", impl->spec.device,
                     "; move one with .to(device)");
  const Kind from = info(spec.dtype).kind, to = info(impl->spec.dtype).kind;
  check<DTypeError>(from <= to || p.op->is(kCreation), p.op->name, inplace ? "_" : "", ": result type ", spec.dtype,
                    " can't be cast to the desired output type ", impl->spec.dtype,
                    "; convert the tensor first, with .to(dtype)");
  if (!impl->contiguous) check_writable(p.op->name, impl);
}

// Two destinations of one call must not share memory.
void check_distinct(const Passage& p) {
  for (int i = 1; i < p.op->output_count; ++i) {
    for (int j = 0; j < i; ++j) {
      const Tensor &a = p.call.outputs[j], &b = p.call.outputs[i];
      if (!a.defined() || !b.defined()) continue;
      check<ValueError>(!a.is_same(b) && !overlaps(a.impl(), b.impl()), p.op->name, ": unsupported operation: outputs ",
                        j, " and ", i, " of out= share memory; pass tensors of their own");
    }
  }
}

// An empty out= takes the shape of the result, in memory of its own: it is no longer a view.
void fit_destination(const Passage& p, Tensor& destination, const Spec& spec) {
  TensorImpl* impl = destination.impl();
  if (impl->spec.shape == spec.shape) return;
  impl->spec.shape = spec.shape;
  materialize(*p.op, impl);
  impl->offset = 0;
  impl->contiguous = true;
  impl->base = {};
  impl->flags &= static_cast<uint8_t>(~TensorImpl::kView);
}

// An elementwise kernel may write over any input at its place; the others that may, only over their first.
bool may_write_directly(const Passage& p, const Tensor& destination, const Spec& spec) {
  const TensorImpl* impl = destination.impl();
  if (impl->spec.dtype != spec.dtype) return false;
  for (int i = 0; i < p.count; ++i) {
    const TensorImpl* in = p.call.inputs.data()[i];
    if (in == nullptr || !ranges_meet(impl, in)) continue;
    const bool may_alias = p.op->is(kElementwise) || (i == 0 && p.op->is(kDestinationMayAlias));
    if (!(may_alias && same_elements(impl, in))) return false;
  }
  return true;
}

// `to` takes the values of `from`, cast: the copy kernel itself, below the recorders.
void copy_values(const Tensor& to, const Tensor& from) {
  static const OpInfo* copy = registry().find("copy");
  TensorImpl* const in[] = {to.impl(), from.impl()};
  Call inner{copy, copy->defaults, Inputs(in, 2), nullptr};
  Passage p(inner);
  Tensor out = to;
  run_kernel(p, copy->kernels[static_cast<int>(p.device.kind)], &out);
}

// Tells the tape when an announced write does not happen, so that it keeps nothing for it.
struct WriteScope {
  const Call& call;
  bool done = false;
  ~WriteScope() {
    if (!done && abandon_write != nullptr) abandon_write(call);
  }
};

Kernel choose_kernel(const Passage& p);

[[gnu::noinline]] void apply_to_destination(Passage& p, Kernel kernel) {
  check_inference(p);
  WriteScope scope{p.call};
  announce_write(p.call);
  Spec specs[kMaxOutputs];
  Tensor results[kMaxOutputs];
  for (Spec& s : specs) s.device = p.device;
  p.op->infer(p.call.record, p.all(), specs);
  if (p.op->is(kNumbersFit)) check_numbers(p, specs[0].dtype);
  if (p.op->is(kCreation) && !(specs[0].device == p.device)) {
    p.device = specs[0].device;
    kernel = choose_kernel(p);
  }
  // All checks come before the first change.
  const auto is_dependent = [&](int i) { return p.op->outputs[i].effect == Effect::DataDependent; };
  for (int i = 0; i < p.op->output_count; ++i) {
    if (p.call.outputs[i].defined() && !is_dependent(i)) check_destination(p, p.call.outputs[i], specs[i]);
  }
  if (p.op->output_count > 1) check_distinct(p);
  for (int i = 0; i < p.op->output_count; ++i) {
    Tensor& destination = p.call.outputs[i];
    if (destination.defined() && !is_dependent(i)) {
      fit_destination(p, destination, specs[i]);
      if (may_write_directly(p, destination, specs[i])) {
        results[i] = destination;
        continue;
      }
    }
    results[i] = Tensor(Ref<TensorImpl>::adopt(TensorImpl::create()));
    results[i].impl()->spec = specs[i];
    if (!is_dependent(i)) materialize(*p.op, results[i].impl());
  }
  run_kernel(p, kernel, results);
  for (int i = 0; i < p.op->output_count; ++i) {
    Tensor& destination = p.call.outputs[i];
    if (!destination.defined()) {
      destination = std::move(results[i]);
      continue;
    }
    if (!destination.is_same(results[i])) {
      if (p.op->outputs[i].effect == Effect::DataDependent) {
        check_destination(p, destination, results[i].spec());
        fit_destination(p, destination, results[i].spec());
      }
      copy_values(destination, results[i]);
    }
    bump_version(*p.op, destination.impl());
  }
  scope.done = true;
}

void apply_decomposed(Passage& p) {
  if (p.call.destination == Destination::None) {
    p.op->decompose(p.call.record, p.call.inputs, p.call.outputs, p.call.list);
    return;
  }
  Tensor results[kMaxOutputs];
  p.op->decompose(p.call.record, p.call.inputs, results, p.call.list);
  static const OpInfo* copy = registry().find("copy");
  for (int i = 0; i < p.op->output_count; ++i) {
    if (p.call.outputs[i].defined()) check_destination(p, p.call.outputs[i], results[i].spec());
  }
  if (p.op->output_count > 1) check_distinct(p);
  for (int i = 0; i < p.op->output_count; ++i) {
    if (!p.call.outputs[i].defined()) {
      p.call.outputs[i] = std::move(results[i]);
      continue;
    }
    fit_destination(p, p.call.outputs[i], results[i].spec());
    TensorImpl* const in[] = {p.call.outputs[i].impl(), results[i].impl()};
    Call write{copy, copy->defaults, Inputs(in, 2), &p.call.outputs[i], nullptr, Destination::Inplace};
    apply(write);
  }
}

[[noreturn]] void no_kernel(const Passage& p) {
  fail<DeviceError>(p.op->name, ": there is no kernel for it on device ", p.device,
                    ", and it has no decomposition; move the tensors with .to('cpu')");
}

// A queue runs the CPU's kernel when it has none of its own; a meta tensor needs none at all.
Kernel choose_kernel(const Passage& p) {
  if (const Kernel own = p.op->kernels[static_cast<int>(p.device.kind)]; own != nullptr) return own;
  const bool can_lend = p.device.kind == DeviceKind::Meta || backend_of(p.device.kind) != nullptr;
  if (p.device.kind == DeviceKind::CPU || p.op->kernels[0] == nullptr || !can_lend) no_kernel(p);
  return p.op->kernels[0];
}

void check_writes(const Passage& p) {
  for (int i = 0; i < p.count && i < 32; ++i) {
    if ((p.op->writes >> i & 1) == 0 || !p.call.inputs.has(i)) continue;
    const TensorImpl* written = p.call.inputs.data()[i];
    if (!written->contiguous) check_writable(p.op->name, written);
    for (int j = 0; j < p.count; ++j) {
      const TensorImpl* other = p.call.inputs.data()[j];
      if (j == i || other == nullptr || other->storage.get() != written->storage.get()) continue;
      check<ValueError>(!overlaps(written, other), p.op->name,
                        ": unsupported operation: ", describe_input(*p.op, p.all(), i),
                        " is written, and shares memory with another input, ", describe_input(*p.op, p.all(), j),
                        "; clone() one of them");
    }
  }
}

// The common case: one new output.
inline void apply_fresh(Passage& p, Kernel kernel) {
  const OpInfo& op = *p.op;
  Tensor out(Ref<TensorImpl>::adopt(TensorImpl::create()));
  TensorImpl* impl = out.impl();
  impl->spec.device = p.device;
  op.infer(p.call.record, p.all(), &impl->spec);
  if (op.is(kNumbersFit)) [[unlikely]]
    check_numbers(p, impl->spec.dtype);
  if (op.is(kCreation) && !(impl->spec.device == p.device)) {
    p.device = impl->spec.device;
    kernel = choose_kernel(p);
  }
  if (op.outputs[0].effect != Effect::DataDependent) [[likely]]
    materialize(op, impl);
  run_kernel(p, kernel, &out);
  p.call.outputs[0] = std::move(out);
}

[[gnu::noinline]] void apply_several(Passage& p, Kernel kernel) {
  const OpInfo& op = *p.op;
  const Call& call = p.call;
  if (op.writes != 0) {
    announce_write(call);
    check_writes(p);
  }
  Spec specs[kMaxOutputs];
  for (Spec& s : specs) s.device = p.device;
  op.infer(call.record, p.all(), specs);
  for (int i = 0; i < op.output_count; ++i) {
    call.outputs[i] = Tensor(Ref<TensorImpl>::adopt(TensorImpl::create()));
    TensorImpl* impl = call.outputs[i].impl();
    impl->spec = std::move(specs[i]);
    if (op.outputs[i].effect != Effect::DataDependent) materialize(op, impl);
  }
  run_kernel(p, kernel, call.outputs);
  for (int i = 0; i < p.count && i < 32; ++i) {
    if (op.writes >> i & 1 && call.inputs.has(i)) bump_version(op, call.inputs.data()[i]);
  }
}

void mark_inference(const Call& call) {
  for (int i = 0; i < call.op->output_count; ++i) {
    if (call.outputs[i].defined()) call.outputs[i].impl()->flags |= TensorImpl::kInference;
  }
}

}  // namespace

void apply(Call& call) {
  Passage p(call);
  constexpr uint8_t kUnusual = TensorImpl::kIntercepted | TensorImpl::kExtended | Passage::kMixedDevices;
  if (modes.interceptors != 0 || (p.flags & kUnusual) != 0) [[unlikely]] {
    if (run_interceptors(p)) return;
    p.collect();
    check<DTypeError>((p.flags & TensorImpl::kExtended) == 0, p.op->name,
                      ": an input is not a plain strided tensor, and nothing here knows how to compute with it");
    if ((p.flags & Passage::kMixedDevices) != 0) p.fail_mixed_devices();
  }
  const OpInfo& op = *p.op;
  if (op.alias != nullptr) {
    apply_alias(p);
  } else {
    Kernel kernel = op.kernels[static_cast<int>(p.device.kind)];
    if (kernel == nullptr) [[unlikely]] {
      if (op.decompose != nullptr) return apply_decomposed(p);
      kernel = choose_kernel(p);
    }
    if (call.destination != Destination::None) [[unlikely]] {
      apply_to_destination(p, kernel);
    } else if (op.output_count == 1 && op.writes == 0) {
      apply_fresh(p, kernel);
    } else {
      apply_several(p, kernel);
    }
    if (modes.inference && call.destination == Destination::None) [[unlikely]]
      mark_inference(call);
  }
  if (wants_recording(p.flags, call.destination != Destination::None)) run_recorders(call);
}

}  // namespace tenon::inline v0
