// Writes become new values: what tensors that share memory see of each other.
#include <string_view>

#include <tenon/autograd/autograd.h>
#include <tenon/core/generator.h>
#include <tenon/core/index.h>
#include <tenon/ops/elementwise.h>
#include <tenon/ops/tracing.h>
#include <tenon/ops/views.h>
#include <tenon/trace/tracer.h>

namespace tenon::inline v0::tracing {
namespace {

Traced* traced(const TensorImpl* impl) {
  if (impl->extension == nullptr || impl->extension->kind != Traced::kKind) return nullptr;
  return static_cast<Traced*>(impl->extension);
}

bool same_place(const TensorImpl* impl, const Memory& memory) {
  return impl->spec.shape == memory.spec.shape && impl->spec.dtype == memory.spec.dtype &&
         impl->offset == memory.offset && impl->strides == memory.strides;
}

std::string pattern_at(int64_t dim, const Spec& spec, char kind) {
  return std::string(static_cast<size_t>(wrap_dim("trace", dim, spec.dim())), ':') + kind;
}

}  // namespace

// ---- memory -----------------------------------------------------------------------------------------------

// A tensor that the function did not make.
std::shared_ptr<Memory> Tracer::memory_of(TensorImpl* impl) {
  auto& memory = memories_[impl->storage.get()];
  if (memory) return memory;
  const auto named = named_.find(impl->storage.get());
  const State* state = named == named_.end() ? nullptr : named->second;
  const Tensor whole(state != nullptr ? Ref<TensorImpl>::share(state->tensor.impl())
                     : impl->base     ? impl->base
                                      : Ref<TensorImpl>::share(impl));
  const InterceptorScope off(Layer::Trace, nullptr);
  const NoGrad no_grad;
  const Tensor data =
      whole.is_contiguous() ? whole.alias(whole.shape(), whole.strides(), whole.storage_offset()) : whole.contiguous();
  const std::string name = state != nullptr ? state->name : text("constant.", memories_.size());
  const ValueId value = builder_.slot(state != nullptr ? state->kind : graph::Slot::Kind::Buffer, name, data);
  memory = std::make_shared<Memory>(
      Memory{impl->storage, whole.spec(), whole.strides(), whole.storage_offset(), value, value, 0});
  return memory;
}

Look Tracer::look(TensorImpl* impl) {
  if (Traced* t = traced(impl)) {
    if (t->trace != id_) fail_trace("a tensor of another trace is used here: " + to_text(impl->spec));
    return t->look;
  }
  const std::shared_ptr<Memory> memory = memory_of(impl);
  if (same_place(impl, *memory)) return {memory, {}};
  const bool fits = is_contiguous(memory->spec.shape, memory->strides) && impl->spec.dtype == memory->spec.dtype &&
                    (impl->offset - memory->offset).value() >= 0;
  if (!fits)
    fail_trace(text("tensors share memory in a way that cannot be traced: ", impl->spec, " and ", memory->spec));
  AsStridedUnchecked record;
  record.size = impl->spec.shape;
  record.stride = Dims(impl->strides.begin(), impl->strides.end());
  record.storage_offset = impl->offset - memory->offset;
  const OpInfo& strided = op<AsStridedUnchecked>();
  return {memory, {Step{&strided, graph::Record(strided, &record), memory->spec}}};
}

// Strides in an op's attributes speak of row-major memory.
ValueId Tracer::plain(ValueId value) {
  const graph::NodeId producer = builder_.graph()[value].producer;
  if (producer == kNone) return value;
  const OpInfo& made_by = *builder_.graph().nodes[static_cast<size_t>(producer)].op;
  return made_by.alias == nullptr ? value : builder_.call(Clone{}, {value});
}

std::vector<ValueId> Tracer::replay(const Look& look) {
  std::vector<ValueId> values{look.memory->value};
  for (const Step& step : look.path) {
    const bool strided = step.op == &op<AsStridedUnchecked>();
    values.push_back(builder_.call(*step.op, step.record.get(), {strided ? plain(values.back()) : values.back()})[0]);
  }
  return values;
}

ValueId Tracer::value_of(TensorImpl* impl) {
  if (impl->spec.weak) return builder_.constant(Tensor(Ref<TensorImpl>::share(impl)));
  Traced* t = traced(impl);
  if (t == nullptr) {
    check<TraceError>(impl->extension == nullptr, "trace: an input is not a plain strided tensor: ", impl->spec);
    check<TraceError>(impl->spec.device.kind == DeviceKind::CPU, "trace: a tensor on ", impl->spec.device,
                      " has no values to keep; move it with .to('cpu')");
    return replay(look(impl)).back();
  }
  const Look& seen = t->trace == id_ ? t->look : look(impl);
  if (t->writes != seen.memory->writes) {
    t->value = replay(seen).back();
    t->writes = seen.memory->writes;
  }
  return t->value;
}

// ---- writes -----------------------------------------------------------------------------------------------

void Tracer::write(TensorImpl* impl, ValueId value) {
  const Look seen = look(impl);
  std::vector<ValueId> before;
  if (!seen.path.empty()) before = replay(seen);
  ValueId after = value;
  for (size_t i = seen.path.size(); i-- > 0;) after = write_back(seen.path[i], before[i], after);
  seen.memory->value = after;
  ++seen.memory->writes;
  if (Traced* t = traced(impl)) {
    t->value = value;
    t->writes = seen.memory->writes;
  }
  if ((impl->flags & TensorImpl::kUntracked) == 0) impl->storage->version.fetch_add(1);
}

// The value `before` of which the view `step` shows a part, when that part has become `after`.
ValueId Tracer::write_back(const Step& step, ValueId before, ValueId after) {
  const std::string_view name = step.op->name;
  const auto part = [&](std::string pattern, Dims values) {
    BasicIndexScatter record;
    record.pattern = std::move(pattern);
    record.values = std::move(values);
    return builder_.call(record, {before, after});
  };
  if (name == "alias" || name == "detach") return after;
  if (name == "view" && *step.op->overload == 0) return builder_.call(ViewShape{{}, step.from.shape}, {after});
  if (name == "squeeze" || name == "unsqueeze") return builder_.call(ViewShape{{}, step.from.shape}, {after});
  if (name == "view") return builder_.call(ViewDType{{}, step.from.dtype}, {after});
  if (name == "view_as_real") return builder_.call(ViewAsComplex{}, {after});
  if (name == "view_as_complex") return builder_.call(ViewAsReal{}, {after});
  if (name == "transpose") return builder_.call(*step.op, step.record.get(), {after})[0];
  if (name == "permute") {
    const Dims& dims = step.record.as<Permute>().dims;
    Permute back;
    back.dims = Dims(dims.size());
    for (size_t i = 0; i < dims.size(); ++i)
      back.dims[static_cast<size_t>(wrap_dim("permute", dims[i].value(), step.from.dim()))] = Dim(i);
    return builder_.call(back, {after});
  }
  if (name == "_basic_index") return part(step.record.as<BasicIndex>().pattern, step.record.as<BasicIndex>().values);
  if (name == "select") {
    const Select& r = step.record.as<Select>();
    return part(pattern_at(r.dim, step.from, 'i'), {r.index});
  }
  if (name == "slice") {
    const SliceAlong& r = step.record.as<SliceAlong>();
    return part(pattern_at(r.dim, step.from, 'S'), {r.start, r.end, r.step});
  }
  if (name == "narrow") {
    const Narrow& r = step.record.as<Narrow>();
    const Dim size = step.from.shape[static_cast<size_t>(wrap_dim("narrow", r.dim, step.from.dim()))];
    const Dim start = !r.start.is_symbolic() && r.start.raw() < 0 ? size + r.start : r.start;
    return part(pattern_at(r.dim, step.from, 's'), {start, start + r.length});
  }
  // As strides on row-major memory say it.
  Layout out{builder_.spec(after).shape, {}, 0};
  try {
    step.op->alias(step.record.get(), Layout{step.from.shape, contiguous_strides(step.from.shape), 0}, out);
  } catch (const ShapeError&) {
    fail_trace(text("a write through ", step.op->name, " of sizes that are not known: ", step.from,
                    "; write with index_put_ or where instead"));
  }
  AsStridedScatter record;
  record.stride = Dims(out.strides.begin(), out.strides.end());
  record.storage_offset = out.offset;
  return builder_.call(record, {before, after});
}

// What a write of `value` into a tensor of type `spec`, of the same shape, leaves there.
ValueId Tracer::fit(ValueId value, const Spec& spec) {
  if (builder_.spec(value).dtype == spec.dtype) return value;
  ToCopy cast;
  cast.dtype = spec.dtype;
  return builder_.call(cast, {value});
}

// ---- generators -------------------------------------------------------------------------------------------

int32_t Tracer::generator_slot(const GeneratorHandle& handle) {
  const Generator& generator = handle ? *handle : default_generator();
  const auto [it, fresh] = generators_.try_emplace(&generator.state(), 0);
  if (!fresh) return it->second;
  Tensor state = Tensor::empty({Dim(Generator::kStateBytes)}, DType::UInt8);
  generator.get_state(state.data<uint8_t>());
  const std::string name = generators_.size() == 1 ? "generator" : text("generator_", generators_.size() - 1);
  return it->second = builder_.generator(name, state);
}

}  // namespace tenon::inline v0::tracing
