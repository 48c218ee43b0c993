#include <tenon/core/door.h>

#include <algorithm>
#include <cstring>

#include <tenon/core/generator.h>
#include <tenon/core/rules.h>

namespace tenon::inline v0 {

thread_local constinit Modes modes __attribute__((tls_model("initial-exec")));
Recorder* default_tape = nullptr;
void (*note_write)(const OpInfo& op, const Storage& storage, uint32_t version) = nullptr;
Interceptor* python_interceptor = nullptr;

Interceptor::~Interceptor() = default;
Recorder::~Recorder() = default;
void Recorder::before_write(const Call&) {}
Backend::~Backend() = default;

InterceptorScope::InterceptorScope(Layer layer, Interceptor* interceptor)
    : layer_(layer),
      previous_(modes.interceptor[static_cast<int>(layer)]),
      previous_bits_(modes.interceptors),
      previous_disabled_(modes.disabled) {
  modes.interceptor[static_cast<int>(layer)] = interceptor;
  if (interceptor != nullptr) {
    modes.interceptors |= bit(layer);
    modes.disabled &= static_cast<uint8_t>(~bit(layer));
  } else {
    modes.interceptors &= static_cast<uint8_t>(~bit(layer));
    modes.disabled |= bit(layer);
  }
}
InterceptorScope::~InterceptorScope() {
  modes.interceptor[static_cast<int>(layer_)] = previous_;
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

static Backend* backends[kDeviceKinds] = {};
void set_backend(DeviceKind kind, Backend* backend) { backends[static_cast<int>(kind)] = backend; }
Backend* backend_of(DeviceKind kind) { return backends[static_cast<int>(kind)]; }

void raise_kernel_error(const OpInfo& op, const ErrorSink& errors) {
  switch (errors.code) {
    case ErrorSink::Code::None:
      return;
    case ErrorSink::Code::Index:
      fail<IndexError>(op.name, ": ", errors.text);
    case ErrorSink::Code::Value:
      fail<ValueError>(op.name, ": ", errors.text);
    case ErrorSink::Code::Memory:
      fail<MemoryError>(op.name, ": ", errors.text);
    case ErrorSink::Code::Unsupported:
      fail<DTypeError>(op.name, ": ", errors.text);
  }
}

namespace {

constexpr int kInlineInputs = 12;

// A call on its way through the door: what the steps share.
struct Passage {
  Call& call;
  const OpInfo& op;
  int count;
  uint8_t flags = 0;
  Device device;
  const Spec* inline_specs[kInlineInputs];
  std::vector<const Spec*> more_specs;
  const Spec** specs = inline_specs;

  explicit Passage(Call& c) : call(c), op(*c.op), count(c.inputs.size()) {
    if (count > kInlineInputs) [[unlikely]] {
      more_specs.resize(static_cast<size_t>(count));
      specs = more_specs.data();
    }
    bool placed = false;
    for (int i = 0; i < count; ++i) {
      const TensorImpl* impl = c.inputs.data()[i];
      if (impl == nullptr) {
        specs[i] = nullptr;
        continue;
      }
      flags |= impl->flags;
      specs[i] = &impl->spec;
      // Zero-dimensional tensors of the CPU go along with any device, as numbers do.
      if (!placed) {
        device = impl->spec.device;
        placed = !(device.kind == DeviceKind::CPU && impl->spec.shape.empty());
      } else if (!(impl->spec.device.kind == device.kind) &&
                 !(impl->spec.device.kind == DeviceKind::CPU && impl->spec.shape.empty())) [[unlikely]] {
        fail<DeviceError>(op.name, ": Expected all tensors to be on the same device, but ",
                          describe_input(op, Specs(specs, i + 1), 0), " on ",
                          c.inputs.data()[0] != nullptr ? c.inputs.data()[0]->spec.device : device, " and ",
                          describe_input(op, Specs(specs, i + 1), i), " on ", impl->spec.device,
                          "; move one with .to(device)");
      }
    }
  }
  Specs all() const { return Specs(specs, count); }
};

bool run_interceptors(Passage& p) {
  uint8_t active = modes.interceptors;
  if ((p.flags & TensorImpl::kIntercepted) && !(modes.disabled & bit(Layer::Python)) && python_interceptor != nullptr)
    active |= bit(Layer::Python);
  if (active == 0) return false;
  struct Restore {
    uint8_t interceptors = modes.interceptors, disabled = modes.disabled;
    ~Restore() {
      modes.interceptors = interceptors;
      modes.disabled = disabled;
    }
  } restore;
  for (int layer = 0; layer < kLayers; ++layer) {
    const auto mask = static_cast<uint8_t>(1u << layer);
    if ((active & mask) == 0) continue;
    Interceptor* interceptor = modes.interceptor[layer] != nullptr ? modes.interceptor[layer] : python_interceptor;
    // Calls that it makes reach only the layers below it.
    const auto seen = static_cast<uint8_t>((mask << 1) - 1);
    modes.interceptors = restore.interceptors & static_cast<uint8_t>(~seen);
    modes.disabled = restore.disabled | seen;
    if (interceptor->intercept(p.call)) return true;
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

void bump_version(const OpInfo& op, TensorImpl* impl) {
  if (!impl->storage || (impl->flags & TensorImpl::kUntracked) != 0) return;
  const uint32_t version = impl->storage->version.fetch_add(1, std::memory_order_relaxed) + 1;
  if (note_write != nullptr) note_write(op, *impl->storage, version);
}

// Row-major strides and memory for a freshly inferred output.
void materialize(TensorImpl* impl) {
  const Shape& shape = impl->spec.shape;
  const size_t n = shape.size();
  impl->strides.resize(n);
  const Dim* sizes = shape.data();
  int64_t* strides = impl->strides.data();
  int64_t numel = 1;
  bool odd = false;
  for (size_t i = n; i-- > 0;) {
    strides[i] = numel;
    const int64_t size = sizes[i].value();
    odd |= size <= 0 || __builtin_mul_overflow(numel, size, &numel);
  }
  int64_t bytes;
  odd |= __builtin_mul_overflow(numel, size_of(impl->spec.dtype), &bytes);
  if (odd) [[unlikely]] {
    bytes = checked_numel(shape, impl->spec.dtype) * size_of(impl->spec.dtype);
    impl->strides = contiguous_strides(shape);
  }
  impl->storage = Storage::allocate(static_cast<size_t>(bytes), impl->spec.device);
}

bool resize_output(void* state, Context& context, View* outputs, int index, const int64_t* sizes, int ndim) {
  Tensor& out = static_cast<Tensor*>(state)[index];
  TensorImpl* impl = out.impl();
  impl->spec.shape.clear();
  int64_t numel = 1;
  for (int i = 0; i < ndim; ++i) {
    impl->spec.shape.push_back(sizes[i]);
    numel *= sizes[i];
  }
  impl->strides = contiguous_strides(impl->spec.shape);
  impl->contiguous = true;
  const auto bytes = static_cast<size_t>(numel * size_of(impl->spec.dtype));
  try {  // the kernel that called us may be compiled without exceptions
    impl->storage = Storage::allocate(bytes, impl->spec.device);
  } catch (const MemoryError&) {
    context.errors.report(ErrorSink::Code::Memory, "not enough memory for %zu bytes of output", bytes);
    return false;
  }
  outputs[index] = impl->view();
  return true;
}

void lock_generator(const Passage& p, Context& context, GeneratorHandle& handle) {
  for (const ParameterInfo& parameter : p.op.parameters) {
    if (parameter.kind == ParameterKind::Attribute && parameter.type == AttributeType::Generator) {
      handle = *reinterpret_cast<const GeneratorHandle*>(static_cast<const char*>(p.call.record) + parameter.offset);
    }
  }
  context.generator = handle ? &handle->state() : &default_generator().state();
}

// A Python number has the default width for promotion; beside 64-bit operands the kernel sees all its digits.
void widen_number(const TensorImpl* impl, View& view) {
  constexpr size_t kBytes = TensorImpl::kExactOffset + 2 * sizeof(double);
  if (!impl->storage || impl->storage->bytes != kBytes || impl->offset != 0) return;
  if (view.dtype != DType::Float32 && view.dtype != DType::Complex64) return;
  view.dtype = view.dtype == DType::Float32 ? DType::Float64 : DType::Complex128;
  view.data = static_cast<char*>(impl->storage->data) + TensorImpl::kExactOffset;
}
void widen_numbers(const Passage& p, View* in, const View* out) {
  const auto is_wide = [](DType dtype) { return dtype == DType::Float64 || dtype == DType::Complex128; };
  bool wide = false;
  TensorImpl* const* inputs = p.call.inputs.data();
  for (int i = 0; i < p.count; ++i) wide |= inputs[i] != nullptr && !inputs[i]->spec.weak && is_wide(in[i].dtype);
  for (int i = 0; i < p.op.output_count; ++i) wide |= out[i].present && is_wide(out[i].dtype);
  for (int i = 0; wide && i < p.count; ++i) {
    if (inputs[i] != nullptr && inputs[i]->spec.weak) widen_number(inputs[i], in[i]);
  }
}

// Runs the kernel on `outputs`, which have their memory (save those of data-dependent size).
void run_kernel(const Passage& p, Kernel kernel, Tensor* outputs) {
  if (p.device.kind == DeviceKind::Meta) return;
  if (p.device.kind != DeviceKind::CPU) [[unlikely]] {
    std::vector<Tensor> ins, outs(outputs, outputs + p.op.output_count);
    for (int i = 0; i < p.count; ++i) ins.push_back(p.call.inputs[i]);
    backend_of(p.device.kind)->run(p.op, kernel, p.call.record, ins, outs);
    return;
  }
  // Raw memory: only the views that are there are written, which small calls feel.
  alignas(View) unsigned char inline_views[(kInlineInputs + kMaxOutputs) * sizeof(View)];
  auto* out = reinterpret_cast<View*>(inline_views);
  View* in = out + kMaxOutputs;
  std::vector<View> more;
  if (p.count > kInlineInputs) [[unlikely]] {
    more.resize(static_cast<size_t>(p.count));
    in = more.data();
  }
  TensorImpl* const* inputs = p.call.inputs.data();
  bool numbers = false;
  for (int i = 0; i < p.count; ++i) {
    new (&in[i]) View(inputs[i] != nullptr ? inputs[i]->view() : View{});
    numbers |= inputs[i] != nullptr && inputs[i]->spec.weak;
  }
  for (int i = 0; i < p.op.output_count; ++i) {
    new (&out[i]) View(outputs[i].defined() ? outputs[i].impl()->view() : View{});
  }
  if (numbers) widen_numbers(p, in, out);
  Context context;
  context.set_resize(&resize_output, outputs);
  if (p.op.is(kRandom)) [[unlikely]] {
    GeneratorHandle handle;
    lock_generator(p, context, handle);
    kernel(p.call.record, in, p.count, out, p.op.output_count, context);
  } else {
    kernel(p.call.record, in, p.count, out, p.op.output_count, context);
  }
  if (context.errors) [[unlikely]]
    raise_kernel_error(p.op, context.errors);
}

// A view never reaches outside of its storage, whatever its record asked for.
void check_inside(const OpInfo& op, const TensorImpl& view) {
  int64_t first = view.offset, last = view.offset;
  for (size_t i = 0; i < view.strides.size(); ++i) {
    const int64_t size = view.spec.shape[i].value();
    if (size == 0) return;
    int64_t reach;
    if (__builtin_mul_overflow(size - 1, view.strides[i], &reach) ||
        __builtin_add_overflow(reach < 0 ? first : last, reach, reach < 0 ? &first : &last)) {
      fail<ShapeError>(op.name, ": the view ", view.spec, " spans more elements than fit in 64 bits");
    }
  }
  const int64_t have = view.storage ? static_cast<int64_t>(view.storage->bytes) / size_of(view.spec.dtype) : 0;
  check<ShapeError>(first >= 0 && last < have, op.name, ": the view ", view.spec, " reaches from element ", first,
                    " to ", last, " of a storage of ", have, " elements");
}

void apply_alias(Passage& p) {
  const uint8_t source = p.op.outputs[0].input;
  TensorImpl* in = p.call.inputs.data()[source];
  Tensor out(Ref<TensorImpl>::adopt(TensorImpl::create()));
  TensorImpl* impl = out.impl();
  p.op.infer(p.call.record, p.all(), &impl->spec);
  impl->spec.device = in->spec.device;
  const Layout from{in->spec.shape, in->strides, in->offset};
  Layout to{impl->spec.shape, {}, in->offset};
  p.op.alias(p.call.record, from, to);
  impl->strides = std::move(to.strides);
  impl->offset = to.offset;
  impl->contiguous = is_contiguous(impl->spec.shape, impl->strides);
  impl->storage = in->storage;
  check_inside(p.op, *impl);
  impl->flags = in->flags & TensorImpl::kUntracked;
  // A view that gradients do not pass (made under no_grad, or detached) does not follow its base.
  if ((modes.recorders & bit(Observer::Tape)) && !p.op.is(kNotDifferentiable)) {
    impl->base = in->base ? in->base : Ref<TensorImpl>::share(in);
    impl->flags |= TensorImpl::kView;
  }
  // The flag without a base: where gradients are recorded again, a write through it would be missed.
  if (!impl->base && !p.call.op->is(kNotDifferentiable)) impl->flags |= TensorImpl::kView;
  p.call.outputs[0] = std::move(out);
}

// ---- destinations: in-place and out= ----

bool overlaps(const TensorImpl* a, const TensorImpl* b) {
  if (!a->storage || a->storage.get() != b->storage.get() || a->numel() == 0 || b->numel() == 0) return false;
  const auto range = [](const TensorImpl* t, int64_t& low, int64_t& high) {
    low = high = t->offset;
    for (size_t i = 0; i < t->strides.size(); ++i) {
      const int64_t reach = (t->spec.shape[i].value() - 1) * t->strides[i];
      (reach < 0 ? low : high) += reach;
    }
  };
  int64_t a_low, a_high, b_low, b_high;
  range(a, a_low, a_high);
  range(b, b_low, b_high);
  const int64_t sa = size_of(a->spec.dtype), sb = size_of(b->spec.dtype);
  return a_low * sa < (b_high + 1) * sb && b_low * sb < (a_high + 1) * sa;
}

bool same_elements(const TensorImpl* a, const TensorImpl* b) {
  return a->offset == b->offset && a->spec.dtype == b->spec.dtype && a->spec.shape == b->spec.shape &&
         a->strides == b->strides;
}

// Whether two elements share a place. Dimensions in order of their strides nest unless views were made to
// overlap (expand, unfold, as_strided); only then the places are counted.
bool places_collide(const TensorImpl* t) {
  const size_t n = t->strides.size();
  int64_t last = 0;
  for (size_t i = 0; i < n; ++i) last += (t->spec.shape[i].value() - 1) * t->strides[i];
  std::vector<bool> taken(static_cast<size_t>(last + 1));
  std::vector<int64_t> at(n, 0);
  for (int64_t left = t->numel(), place = 0; left > 0; --left) {
    if (taken[static_cast<size_t>(place)]) return true;
    taken[static_cast<size_t>(place)] = true;
    for (size_t i = n; i-- > 0;) {
      place += t->strides[i];
      if (++at[i] < t->spec.shape[i].value()) break;
      place -= at[i] * t->strides[i];
      at[i] = 0;
    }
  }
  return false;
}

bool overlaps_itself(const TensorImpl* t) {
  if (t->contiguous || t->numel() < 2) return false;
  std::vector<std::pair<int64_t, int64_t>> steps;  // stride, size - 1
  for (size_t i = 0; i < t->strides.size(); ++i) {
    const int64_t size = t->spec.shape[i].value();
    if (size == 1) continue;
    if (t->strides[i] == 0) return true;
    steps.emplace_back(t->strides[i], size - 1);
  }
  std::sort(steps.begin(), steps.end());
  int64_t reach = 0;
  for (const auto& [stride, rest] : steps) {
    if (stride <= reach) return places_collide(t);
    reach += stride * rest;
  }
  return false;
}

void check_destination(const Passage& p, const Tensor& destination, const Spec& spec) {
  const TensorImpl* impl = destination.impl();
  if (p.call.destination == Destination::Inplace && !(impl->spec.shape == spec.shape)) {
    fail<ShapeError>(p.op.name, "_: output with shape ", impl->spec.shape, " doesn't match the broadcast shape ",
                     spec.shape, "; a write in place cannot grow the tensor: use ", p.op.name,
                     "() and keep its result");
  }
  const Kind from = info(spec.dtype).kind, to = info(impl->spec.dtype).kind;
  check<DTypeError>(from <= to || p.op.is(kCreation), p.op.name, p.call.destination == Destination::Inplace ? "_" : "",
                    ": result type ", spec.dtype, " can't be cast to the desired output type ", impl->spec.dtype,
                    "; convert the tensor first, with .to(dtype)");
  check<ValueError>(!overlaps_itself(impl), p.op.name,
                    ": unsupported operation: more than one element of the written-to tensor refers to a single memory "
                    "location (shape ",
                    impl->spec.shape, ", stride ", impl->strides, "); clone() it before writing");
}

// PyTorch resizes an out= of the wrong shape when it is empty, and warns otherwise; we refuse the latter.
void fit_destination(const Passage& p, Tensor& destination, const Spec& spec) {
  TensorImpl* impl = destination.impl();
  if (impl->spec.shape == spec.shape) return;
  check<ShapeError>(impl->numel() == 0, p.op.name, ": out has shape ", impl->spec.shape, ", and the result has shape ",
                    spec.shape, "; pass an out of that shape, or an empty one to be resized");
  impl->spec.shape = spec.shape;
  materialize(impl);
  impl->offset = 0;
  impl->contiguous = true;
}

bool may_write_directly(const Passage& p, const Tensor& destination, const Spec& spec) {
  const TensorImpl* impl = destination.impl();
  if (impl->spec.dtype != spec.dtype) return false;
  for (int i = 0; i < p.count; ++i) {
    const TensorImpl* in = p.call.inputs.data()[i];
    if (in == nullptr || !overlaps(impl, in)) continue;
    if (!(p.op.is(kElementwise | kDestinationMayAlias) && same_elements(impl, in))) return false;
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

void apply_to_destination(Passage& p, Kernel kernel) {
  announce_write(p.call);
  Spec specs[kMaxOutputs];
  Tensor results[kMaxOutputs];
  for (Spec& s : specs) s.device = p.device;
  p.op.infer(p.call.record, p.all(), specs);
  for (int i = 0; i < p.op.output_count; ++i) {
    Tensor& destination = p.call.outputs[i];
    const bool dependent = p.op.outputs[i].effect == Effect::DataDependent;
    if (destination.defined() && !dependent) {
      if (p.call.destination == Destination::Out) fit_destination(p, destination, specs[i]);
      check_destination(p, destination, specs[i]);
      if (may_write_directly(p, destination, specs[i])) {
        results[i] = destination;
        continue;
      }
    }
    results[i] = Tensor(Ref<TensorImpl>::adopt(TensorImpl::create()));
    results[i].impl()->spec = specs[i];
    if (!dependent) materialize(results[i].impl());
  }
  run_kernel(p, kernel, results);
  for (int i = 0; i < p.op.output_count; ++i) {
    Tensor& destination = p.call.outputs[i];
    if (!destination.defined()) {
      destination = std::move(results[i]);
      continue;
    }
    if (!destination.is_same(results[i])) {
      if (p.op.outputs[i].effect == Effect::DataDependent) {
        fit_destination(p, destination, results[i].spec());
        check_destination(p, destination, results[i].spec());
      }
      copy_values(destination, results[i]);
    }
    bump_version(p.op, destination.impl());
  }
}

void apply_decomposed(Passage& p) {
  if (p.call.destination == Destination::None) {
    p.op.decompose(p.call.record, p.call.inputs, p.call.outputs, p.call.list);
    return;
  }
  Tensor results[kMaxOutputs];
  p.op.decompose(p.call.record, p.call.inputs, results, p.call.list);
  static const OpInfo* copy = registry().find("copy");
  for (int i = 0; i < p.op.output_count; ++i) {
    if (!p.call.outputs[i].defined()) {
      p.call.outputs[i] = std::move(results[i]);
      continue;
    }
    if (p.call.destination == Destination::Out) fit_destination(p, p.call.outputs[i], results[i].spec());
    check_destination(p, p.call.outputs[i], results[i].spec());
    TensorImpl* const in[] = {p.call.outputs[i].impl(), results[i].impl()};
    Call write{copy, copy->defaults, Inputs(in, 2), &p.call.outputs[i], nullptr, Destination::Inplace};
    apply(write);
  }
}

[[noreturn]] void no_kernel(const Passage& p) {
  fail<DeviceError>(p.op.name, ": there is no kernel for it on device ", p.device,
                    ", and it has no decomposition; move the tensors with .to('cpu')");
}

}  // namespace

void apply(Call& call) {
  Passage p(call);
  const OpInfo& op = p.op;
  if (modes.interceptors != 0 || (p.flags & (TensorImpl::kIntercepted | TensorImpl::kExtended)) != 0) [[unlikely]] {
    if (run_interceptors(p)) return;
    check<DTypeError>((p.flags & TensorImpl::kExtended) == 0, op.name,
                      ": an input is not a plain strided tensor, and nothing here knows how to compute with it");
  }
  if (op.alias != nullptr) {
    apply_alias(p);
  } else {
    Kernel kernel = op.kernels[static_cast<int>(p.device.kind)];
    if (kernel == nullptr) [[unlikely]] {
      // A queue runs the CPU's kernel when it has none of its own; a meta tensor needs none at all.
      if (op.decompose != nullptr) return apply_decomposed(p);
      if (p.device.kind == DeviceKind::CPU) no_kernel(p);
      kernel = op.kernels[0];
      if (kernel == nullptr || (p.device.kind != DeviceKind::Meta && backend_of(p.device.kind) == nullptr))
        no_kernel(p);
    }
    if (call.destination != Destination::None) [[unlikely]] {
      apply_to_destination(p, kernel);
    } else if (op.output_count == 1 && op.writes == 0) {
      Tensor out(Ref<TensorImpl>::adopt(TensorImpl::create()));
      TensorImpl* impl = out.impl();
      impl->spec.device = p.device;
      op.infer(call.record, p.all(), &impl->spec);
      if (op.is(kCreation)) p.device = impl->spec.device;
      if (op.outputs[0].effect != Effect::DataDependent) [[likely]]
        materialize(impl);
      run_kernel(p, kernel, &out);
      call.outputs[0] = std::move(out);
    } else {
      if (op.writes != 0) announce_write(call);
      Spec specs[kMaxOutputs];
      for (Spec& s : specs) s.device = p.device;
      op.infer(call.record, p.all(), specs);
      for (int i = 0; i < op.output_count; ++i) {
        call.outputs[i] = Tensor(Ref<TensorImpl>::adopt(TensorImpl::create()));
        TensorImpl* impl = call.outputs[i].impl();
        impl->spec = std::move(specs[i]);
        if (op.outputs[i].effect != Effect::DataDependent) materialize(impl);
      }
      run_kernel(p, kernel, call.outputs);
      for (int i = 0; i < p.count; ++i) {
        if (op.writes >> i & 1 && call.inputs.has(i)) bump_version(op, call.inputs.data()[i]);
      }
    }
  }
  if (wants_recording(p.flags, call.destination != Destination::None)) run_recorders(call);
}

}  // namespace tenon::inline v0
