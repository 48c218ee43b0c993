#include <tenon/trace/tracer.h>

#include <atomic>
#include <utility>

#include <tenon/core/extended.h>
#include <tenon/core/written.h>
#include <tenon/graph/verify.h>
#include <tenon/ops/views.h>

namespace tenon::inline v0::tracing {
namespace {

std::atomic<uint64_t> traces{0};
thread_local Tracer* current = nullptr;

void announce_write(const Call& call) {
  for (int i = 0; i < kObservers; ++i) {
    if ((modes.recorders >> i & 1) == 0) continue;
    Recorder* r = modes.recorder[i];
    if (r == nullptr && i == static_cast<int>(Observer::Tape)) r = default_tape;
    if (r != nullptr) r->before_write(call);
  }
}

void record(const Call& call) {
  for (int i = 0; i < kObservers; ++i) {
    if ((modes.recorders >> i & 1) == 0) continue;
    Recorder* r = modes.recorder[i];
    if (r == nullptr && i == static_cast<int>(Observer::Tape)) r = default_tape;
    if (r != nullptr) r->record(call);
  }
}

// A write that was announced and then failed.
struct WriteScope {
  const Call& call;
  bool done = false;
  ~WriteScope() {
    if (!done && abandon_write != nullptr) abandon_write(call);
  }
};

bool is_static(const Shape& shape) {
  for (Dim d : shape) {
    if (d.is_symbolic()) return false;
  }
  return true;
}

}  // namespace

void fail_trace(const std::string& what) {
  const graph::Source at = current != nullptr ? current->here() : graph::Source{};
  if (at.file.empty()) fail<TraceError>(what);
  fail<TraceError>(at.file, ":", at.line, ": ", what);
}
bool is_tracing() { return current != nullptr; }
bool is_traced(const Tensor& tensor) {
  return tensor.defined() && tensor.impl()->extension != nullptr && tensor.impl()->extension->kind == Traced::kKind;
}

// Code that looks at values, and other handles on a traced tensor.
static void explain(const TensorImpl* impl, const char* what) {
  if (impl->extension == nullptr || impl->extension->kind != Traced::kKind) return;
  fail_trace(text(what, " asks for the values of ", impl->spec,
                  ", which are not known while the function is traced: they differ from call to call. Compute with the "
                  "tensor instead (where() in place of if), or take the decision outside of what is exported"));
}

static const ExtensionHooks hooks{&explain, [](const Extension& extension) -> Extension* {
                                    if (extension.kind != Traced::kKind) return nullptr;
                                    return new Traced(static_cast<const Traced&>(extension));
                                  }};

Tracer::Tracer(const Options& options)
    : options_(options), id_(++traces), builder_(options.name), outer_(std::exchange(current, this)) {
  extension_hooks = &hooks;
  for (const State& state : options.state) {
    if (!state.tensor.defined()) continue;
    named_.emplace(state.tensor.impl()->storage.get(), &state);
    if (state.tensor.requires_grad()) gradients_.emplace_back(state.tensor, state.tensor.grad());
  }
}

// A recorded op that saved its own traced output holds itself: let go of what the tape knows of them.
void Tracer::release_tensors() {
  for (const Ref<TensorImpl>& impl : made_) {
    delete std::exchange(impl->grad, nullptr);
    impl->flags &= static_cast<uint8_t>(~TensorImpl::kRequiresGrad);
  }
  made_.clear();
}

// A backward that was traced leaves nothing behind on the parameters.
Tracer::~Tracer() {
  current = outer_;
  release_tensors();
  for (auto& [tensor, gradient] : gradients_) Tensor(tensor).set_grad(gradient);
}

bool Tracer::intercept(Call& call) {
  const OpInfo& op = *call.op;
  builder_.at(here());
  if (op.alias != nullptr)
    std::string_view(op.name) == "_as_strided" ? add_strided_view(call) : add_view(call);
  else if (op.kernels[0] != nullptr && op.infer != nullptr)
    add_node(call);
  else
    run_parts(call);
  return true;
}

// ---- composites ----

void Tracer::run_parts(Call& call) {
  const OpInfo& op = *call.op;
  check<TraceError>(op.decompose != nullptr, op.name, ": has neither a kernel nor a decomposition to trace");
  const InterceptorScope on(Layer::Trace, this);
  Tensor results[kMaxOutputs];
  op.decompose(call.record, call.inputs, results, call.list);
  static const OpInfo* copy = registry().find("copy");
  for (int i = 0; i < op.output_count; ++i) {
    if (call.destination == Destination::None || !call.outputs[i].defined()) {
      call.outputs[i] = std::move(results[i]);
      continue;
    }
    TensorImpl* const in[] = {call.outputs[i].impl(), results[i].impl()};
    Call write{copy, copy->defaults, Inputs(in, 2), &call.outputs[i], nullptr, Destination::Inplace};
    apply(write);
  }
}

// ---- views ----

Tensor Tracer::view_tensor(const Call& call, TensorImpl* in, const Spec& spec, Look look, ValueId value) {
  const OpInfo& op = *call.op;
  Tensor out(Ref<TensorImpl>::adopt(TensorImpl::create()));
  TensorImpl* impl = out.impl();
  impl->spec = spec;
  impl->spec.device = in->spec.device;
  impl->storage = in->storage;
  Layout to{spec.shape, {}, in->offset};
  op.alias(call.record, Layout{in->spec.shape, in->strides, in->offset}, to);
  impl->strides = std::move(to.strides);
  impl->offset = to.offset;
  impl->contiguous = is_contiguous(spec.shape, impl->strides);
  impl->flags = in->flags & (TensorImpl::kUntracked | TensorImpl::kInference);
  impl->flags |= TensorImpl::kExtended;
  if ((modes.recorders & bit(Observer::Tape)) && !op.is(kNotDifferentiable)) {
    impl->base = in->base ? in->base : Ref<TensorImpl>::share(in);
    impl->flags |= TensorImpl::kView;
  }
  made_.push_back(Ref<TensorImpl>::share(impl));
  auto* traced = new Traced;
  impl->extension = traced;
  traced->writes = look.memory->writes;
  traced->look = std::move(look);
  traced->value = value;
  traced->trace = id_;
  return out;
}

void Tracer::add_view(Call& call) {
  const OpInfo& op = *call.op;
  TensorImpl* in = call.inputs.data()[op.outputs[0].input];
  Look path = look(in);
  const ValueId value = builder_.call(op, call.record, {value_of(in)})[0];
  path.path.push_back({&op, graph::Record(op, call.record), in->spec});
  call.outputs[0] = view_tensor(call, in, builder_.spec(value), std::move(path), value);
  record(call);
}

// It names places in the memory, whatever the view that it is called on.
void Tracer::add_strided_view(Call& call) {
  const OpInfo& op = *call.op;
  TensorImpl* in = call.inputs.data()[0];
  Look from = look(in);
  AsStridedUnchecked relative = *static_cast<const AsStridedUnchecked*>(call.record);
  relative.storage_offset = relative.storage_offset - from.memory->offset;
  const ValueId base = plain(from.memory->value);
  const ValueId value = builder_.call(op, &relative, {base})[0];
  Look path{from.memory, {Step{&op, graph::Record(op, &relative), from.memory->spec}}};
  call.outputs[0] = view_tensor(call, in, builder_.spec(value), std::move(path), value);
  record(call);
}

// ---- nodes ----

Tensor Tracer::fresh(ValueId value) {
  const Spec& spec = builder_.spec(value);
  Tensor out(Ref<TensorImpl>::adopt(TensorImpl::create()));
  TensorImpl* impl = out.impl();
  impl->spec = spec;
  impl->strides = contiguous_strides(spec.shape);
  const size_t bytes =
      is_static(spec.shape) ? static_cast<size_t>(checked_numel(spec.shape, spec.dtype) * size_of(spec.dtype)) : 0;
  impl->storage = Storage::borrow(nullptr, bytes, nullptr, nullptr);
  impl->flags |= TensorImpl::kExtended;
  made_.push_back(Ref<TensorImpl>::share(impl));
  auto* traced = new Traced;
  impl->extension = traced;
  traced->look.memory = std::make_shared<Memory>(Memory{impl->storage, spec, impl->strides, 0, value, value, 0});
  traced->value = value;
  traced->trace = id_;
  return out;
}

void Tracer::add_node(Call& call) {
  const OpInfo& op = *call.op;
  const bool writes = call.destination != Destination::None || op.writes != 0;
  WriteScope scope{call, !writes};
  if (writes) announce_write(call);
  std::vector<ValueId> inputs;
  for (int i = 0; i < call.inputs.size(); ++i)
    inputs.push_back(call.inputs.has(i) ? value_of(call.inputs.data()[i]) : kNone);
  if (op.is(kRandom)) {
    const ParameterInfo* p = graph::generator_parameter(op);
    const void* handle = p == nullptr ? nullptr : static_cast<const char*>(call.record) + p->offset;
    builder_.draw_from(
        generator_slot(handle == nullptr ? GeneratorHandle() : *static_cast<const GeneratorHandle*>(handle)));
  }
  store_results(call, builder_.call(op, call.record, inputs));
  scope.done = true;
  record(call);
}

void Tracer::store_results(Call& call, const std::vector<ValueId>& results) {
  const OpInfo& op = *call.op;
  for (int i = 0; i < op.output_count; ++i) {
    const ValueId result = results[static_cast<size_t>(i)];
    Tensor& out = call.outputs[i];
    if (call.destination == Destination::None || !out.defined()) {
      out = fresh(result);
      continue;
    }
    const Spec &spec = builder_.spec(result), &target = out.spec();
    const bool inplace = call.destination == Destination::Inplace;
    check<ShapeError>(target.shape == spec.shape, op.name, inplace ? "_" : "", ": output with shape ", target.shape,
                      " doesn't match the shape of the result, ", spec.shape);
    check<DTypeError>(info(spec.dtype).kind <= info(target.dtype).kind || op.is(kCreation), op.name, inplace ? "_" : "",
                      ": result type ", spec.dtype, " can't be cast to the desired output type ", target.dtype,
                      "; convert the tensor first, with .to(dtype)");
    write(out.impl(), fit(result, target));
  }
  for (int i = 0; i < call.inputs.size() && i < 32; ++i) {
    if ((op.writes >> i & 1) != 0 && call.inputs.has(i))
      write(call.inputs.data()[i], results[graph::written_output(op, i)]);
  }
}

// ---- the ends ----

Tensor Tracer::input(const Input& input) {
  return fresh(builder_.input(input.name, input.spec.shape, input.spec.dtype));
}

void Tracer::output(const Tensor& tensor) {
  check<TraceError>(tensor.defined(), "trace: output ", builder_.graph().outputs.size(), " is None");
  builder_.output(value_of(tensor.impl()));
}

// Every tensor that the function did not make came in as a slot. Those that it only reads are constants.
graph::Graph Tracer::finish() {
  release_tensors();
  for (const auto& [storage, memory] : memories_) {
    // Scratch memory that the function made and let go is no state: the trace alone holds it, twice.
    const bool scratch = named_.count(storage) == 0 && storage->use_count() <= 2;
    if (memory->value != memory->first && !scratch) builder_.update(memory->first, memory->value);
  }
  graph::Graph graph = builder_.build();
  std::vector<graph::Slot> slots;
  std::vector<int32_t> places(graph.slots.size(), kNone);
  for (size_t i = 0; i < graph.slots.size(); ++i) {
    graph::Slot& slot = graph.slots[i];
    if (slot.value != kNone && slot.updated == kNone) {
      graph.constants.push_back({slot.value, slot.initial});
      continue;
    }
    places[i] = static_cast<int32_t>(slots.size());
    slots.push_back(std::move(slot));
  }
  graph.slots = std::move(slots);
  for (graph::Node& node : graph.nodes) {
    if (node.generator != kNone) node.generator = places[static_cast<size_t>(node.generator)];
  }
  graph::verify(graph);
  return graph;
}

graph::Graph trace(const Function& function, const std::vector<Input>& inputs, const Options& options) {
  Tracer tracer(options);
  const DimConditions conditions;
  std::vector<Tensor> results;
  {
    std::vector<Tensor> symbols;
    for (const Input& input : inputs) symbols.push_back(tracer.input(input));
    const InterceptorScope scope(Layer::Trace, &tracer);
    results = function(symbols);
  }
  check<TraceError>(!results.empty(), "trace: the function returns no tensor");
  for (const Tensor& result : results) tracer.output(result);
  results.clear();
  for (const auto& [a, b] : conditions.pairs()) tracer.require_equal(a, b);
  return tracer.finish();
}

}  // namespace tenon::inline v0::tracing
