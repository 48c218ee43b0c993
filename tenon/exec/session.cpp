#include <tenon/exec/session.h>

#include <algorithm>
#include <cstring>

#include <tenon/exec/session_state.h>
#include <tenon/exec/sizes.h>

namespace tenon::inline v0::exec {

std::string Session::State::where(Index step) const {
  const Index source = plan.steps[at(step)].source;
  if (source == kNone) return {};
  const Source& s = plan.sources[at(source)];
  return s.function.empty() ? text(" (", s.file, ":", s.line, ")")
                            : text(" (", s.file, ":", s.line, ", in ", s.function, ")");
}

std::string view_text(const View& view) {
  std::string out = "(";
  for (int i = 0; i < view.ndim; ++i) out += text(i > 0 ? ", " : "", static_cast<long>(view.sizes[i]));
  return text(out, view.ndim == 1 ? ",) " : ") ", view.dtype);
}

// ---- copies between layouts ----

static void copy_run(int64_t n, int64_t element, const char* from, int64_t from_step, char* to, int64_t to_step) {
  if (from_step == element && to_step == element) {
    std::memcpy(to, from, static_cast<size_t>(n * element));
    return;
  }
  for (int64_t i = 0; i < n; ++i, from += from_step, to += to_step) {
    std::memcpy(to, from, static_cast<size_t>(element));
  }
}

void copy_elements(const int64_t* sizes, int ndim, int64_t element, const char* from, const int64_t* from_strides,
                   char* to, const int64_t* to_strides) {
  for (int i = 0; i < ndim; ++i) {
    if (sizes[i] == 0) return;
  }
  if (ndim == 0) return copy_run(1, element, from, element, to, element);
  int64_t at[kMaxKernelDims] = {};
  const int inner = ndim - 1;
  while (true) {
    copy_run(sizes[inner], element, from, from_strides[inner] * element, to, to_strides[inner] * element);
    int i = inner - 1;
    for (; i >= 0; --i) {
      from += from_strides[i] * element;
      to += to_strides[i] * element;
      if (++at[i] < sizes[i]) break;
      from -= sizes[i] * from_strides[i] * element;
      to -= sizes[i] * to_strides[i] * element;
      at[i] = 0;
    }
    if (i < 0) return;
  }
}

// ---- inputs ----

Status Session::State::check_inputs(const View* given, int count) {
  if (static_cast<size_t>(count) != plan.inputs.size() || (given == nullptr && count > 0)) {
    std::string names;
    for (Index input : plan.inputs) names += (names.empty() ? "" : ", ") + plan.values[at(input)].name;
    return error(Status::Code::Argument, plan.name, " takes ", plan.inputs.size(), " inputs (", names, "), and ", count,
                 " came");
  }
  for (size_t i = 0; i < plan.inputs.size(); ++i) {
    const Index index = plan.inputs[i];
    const Value& value = plan.values[at(index)];
    const View& view = given[i];
    if (view.dtype != value.dtype)
      return error(Status::Code::DType, plan.name, ": the input '", value.name, "' is ", view.dtype, ", and must be ",
                   value.dtype, "; convert it first");
    bool same = view.present && static_cast<size_t>(view.ndim) == value.shape.size();
    if (!same || (view.ndim > 0 && (view.sizes == nullptr || view.strides == nullptr)))
      return error(Status::Code::Shape, plan.name, ": the input '", value.name, "' has ", view.ndim,
                   " dimensions, and must be ", shape_text(plan, value.shape));
    for (int d = 0; d < view.ndim; ++d) {
      if (view.sizes[d] < 0)
        return error(Status::Code::Shape, plan.name, ": the input '", value.name, "' has the size ",
                     static_cast<long>(view.sizes[d]));
      same &= view.sizes[d] == layouts[at(index)].sizes[d];
    }
    if (!same) bound = 0;
  }
  return {};
}

Status Session::State::bind_inputs(const View* given) {
  const auto wrong = [&](size_t i) {
    const Value& value = plan.values[at(plan.inputs[i])];
    return error(Status::Code::Shape, plan.name, ": the input '", value.name, "' is ", view_text(given[i]),
                 ", and must be ", shape_text(plan, value.shape));
  };
  for (size_t i = 0; i < plan.inputs.size(); ++i) {
    const Value& value = plan.values[at(plan.inputs[i])];
    for (size_t d = 0; d < value.shape.size(); ++d) {
      const Size& size = plan.sizes[at(value.shape[d])];
      if (size.kind == Size::Kind::Constant && size.value != given[i].sizes[d]) return wrong(i);
    }
  }
  for (Index i : symbol_groups.at(0)) {
    const Symbol& symbol = plan.symbols[at(i)];
    symbols[at(i)] = given[at(storage_of(symbol.value).index)].sizes[symbol.axis];
  }
  if (Status status = evaluate(0); !status.ok()) return status;
  for (size_t i = 0; i < plan.inputs.size(); ++i) {
    for (int d = 0; d < given[i].ndim; ++d) {
      if (layouts[at(plan.inputs[i])].sizes[d] != given[i].sizes[d]) return wrong(i);
    }
  }
  return {};
}

// Whether the caller's memory can be read as the plan reads it.
bool Session::State::lies_as_planned(size_t index, const View& given) const {
  const Index value = plan.inputs[index];
  const Layout& layout = layouts[at(value)];
  if (reinterpret_cast<uintptr_t>(given.data) % alignments[at(plan.values[at(value)].storage)] != 0) return false;
  if (!(given.contiguous && layout.contiguous)) {
    for (int i = 0; i < given.ndim; ++i) {
      if (given.sizes[i] > 1 && given.strides[i] != layout.strides[i]) return false;
    }
  }
  const auto* first = static_cast<const char*>(given.data);
  return !is_own_memory(first, first + layout.last);
}

bool Session::State::is_own_memory(const char* first, const char* last) const {
  if (arena.meets(first, last)) return true;
  for (Index storage : own_blocks) {
    if (blocks[at(storage)].meets(first, last)) return true;
  }
  for (const Block& block : copies) {
    if (block.meets(first, last)) return true;
  }
  return false;
}

Status Session::State::take_input(size_t index, const View& given) {
  const Index value = plan.inputs[index], storage = plan.values[at(value)].storage;
  const Layout& layout = layouts[at(value)];
  char* base = static_cast<char*>(given.data);
  if (bound > 0 && base == bases[at(storage)] && given.contiguous && layout.contiguous) return {};
  if (layout.last == 0) {  // no element
    move(storage, nullptr);
    return {};
  }
  if (base == nullptr)
    return error(Status::Code::Argument, plan.name, ": the input '", plan.values[at(value)].name, "' has no data");
  if (!lies_as_planned(index, given)) {
    if (!staging[index].reserve(layout.last))
      return error(Status::Code::Memory, plan.name, ": there is no memory for a copy of the input '",
                   plan.values[at(value)].name, "'");
    copy_elements(layout.sizes, given.ndim, size_of(given.dtype), base, given.strides, staging[index].data(),
                  layout.strides);
    base = staging[index].data();
  }
  if (base != bases[at(storage)]) move(storage, base);
  return {};
}

// ---- outputs ----

Status Session::State::place_outputs(const View* given, const Destination* destinations, int count) {
  if (destinations != nullptr && static_cast<size_t>(count) != outputs.size())
    return error(Status::Code::Argument, plan.name, " gives ", outputs.size(), " outputs, and there are ", count,
                 " places for them");
  for (size_t i = 0; i < outputs.size(); ++i) {
    const OutputState& out = outputs[i];
    const Layout& layout = layouts[at(plan.outputs[i])];
    char* base = nullptr;
    if (destinations != nullptr && destinations[i].data != nullptr) {
      if (Status status = check_destination(i, given, destinations); !status.ok()) return status;
      base = static_cast<char*>(destinations[i].data);
    }
    if (out.storage == kNone) continue;
    const bool fills = layout.contiguous && layout.offset == 0 && layout.last == storage_bytes[at(out.storage)];
    const bool aligned = reinterpret_cast<uintptr_t>(base) % alignments[at(out.storage)] == 0;
    if (base == nullptr || !fills || !aligned || destinations[i].bytes < static_cast<size_t>(layout.last)) {
      if (!blocks[at(out.storage)].reserve(storage_bytes[at(out.storage)]))
        return error(Status::Code::Memory, plan.name, ": there is no memory for output ", i);
      base = blocks[at(out.storage)].data();
    }
    if (base != bases[at(out.storage)]) move(out.storage, base);
  }
  return {};
}

// Bytes that output `index` has row-major.
int64_t Session::State::output_bytes(size_t index) const {
  const Value& value = plan.values[at(plan.outputs[index])];
  int64_t bytes = size_of(value.dtype);
  for (size_t i = 0; i < value.shape.size(); ++i) bytes *= layouts[at(plan.outputs[index])].sizes[i];
  return bytes;
}

Status Session::State::check_room(size_t index, const Destination& destination) const {
  const int64_t needed = output_bytes(index);
  if (destination.bytes >= static_cast<size_t>(needed)) return {};
  return error(Status::Code::Argument, plan.name, ": output ", index, ", ", view_text(views[outputs[index].view]),
               ", needs ", static_cast<long>(needed), " bytes, and the memory for it has ", destination.bytes);
}

// Memory for an output must not be an input's, another output's or the session's.
Status Session::State::check_destination(size_t index, const View* given, const Destination* destinations) const {
  const auto bad = [&](const char* what) {
    return error(Status::Code::Argument, plan.name, ": the memory for output ", index, " ", what,
                 "; pass memory of its own");
  };
  const auto* first = static_cast<const char*>(destinations[index].data);
  const char* last = first + destinations[index].bytes;
  const OutputState& out = outputs[index];
  if (out.known_at_start) {
    if (Status status = check_room(index, destinations[index]); !status.ok()) return status;
  }
  for (size_t i = 0; i < plan.inputs.size(); ++i) {
    const View& view = given[i];
    int64_t low = 0, high = size_of(view.dtype);
    for (int d = 0; d < view.ndim; ++d) {
      if (view.sizes[d] == 0) high = low;
    }
    for (int d = 0; d < view.ndim && high > 0; ++d) {
      (view.strides[d] < 0 ? low : high) += (view.sizes[d] - 1) * view.strides[d] * size_of(view.dtype);
    }
    const auto* data = static_cast<const char*>(view.data);
    if (high > 0 && data + low < last && first < data + high) return bad("is also an input's");
  }
  for (int i = 0; i < static_cast<int>(index); ++i) {
    const auto* other = static_cast<const char*>(destinations[i].data);
    if (other != nullptr && other < last && first < other + destinations[i].bytes)
      return bad("is also another output's");
  }
  return is_own_memory(first, last) ? bad("is the session's") : Status{};
}

Status Session::State::finish(const Destination* destinations, int count) {
  for (size_t i = 0; i < outputs.size(); ++i) {
    OutputState& out = outputs[i];
    out.handed = views[out.view];
    const bool has_place = i < static_cast<size_t>(count) && destinations[i].data != nullptr;
    if (has_place ? out.handed.data == destinations[i].data && out.handed.contiguous && out.storage != kNone
                  : out.handed.contiguous && out.in_session)
      continue;
    char* to;
    if (has_place) {
      if (Status status = check_room(i, destinations[i]); !status.ok()) return status;
      to = static_cast<char*>(destinations[i].data);
    } else {
      if (!copies[i].reserve(output_bytes(i)))
        return error(Status::Code::Memory, plan.name, ": there is no memory for a copy of output ", i);
      to = copies[i].data();
    }
    View& view = out.handed;
    int64_t stride = 1;
    for (int d = view.ndim; d-- > 0;) {
      out.strides[at(d)] = stride;
      stride *= std::max<int64_t>(view.sizes[d], 1);
    }
    copy_elements(view.sizes, view.ndim, size_of(view.dtype), static_cast<const char*>(view.data), view.strides, to,
                  out.strides.data());
    view.data = to;
    view.strides = out.strides.data();
    view.contiguous = true;
  }
  return {};
}

// ---- a run ----

Status Session::State::fail(const Call& call, const ErrorSink& errors) const {
  static constexpr Status::Code codes[] = {Status::Code::Internal, Status::Code::Index, Status::Code::Argument,
                                           Status::Code::Memory, Status::Code::Unsupported};
  const Op& op = plan.ops[at(plan.steps[at(call.step)].op)];
  return error(codes[static_cast<int>(errors.code)], op.name, ": ", errors.text, where(call.step));
}

Status Session::State::run_stage(size_t stage) {
  const Call* call = calls.data() + (stage == 0 ? 0 : stage_ends[stage - 1]);
  const Call* const end = calls.data() + stage_ends[stage] - (stage + 1 < stages ? 1 : 0);  // run_sizing runs that
  for (; call != end; ++call) {
    Context context;
    context.generator = call->generator;
    call->kernel(call->record, call->inputs, call->input_count, call->outputs, call->output_count, context);
    if (context.errors) [[unlikely]]
      return fail(*call, context.errors);
  }
  return {};
}

// The last call of a stage that another one follows: its kernel tells the sizes of outputs.
Status Session::State::run_sizing(size_t stage) {
  const Call& call = calls[stage_ends[stage] - 1];
  running = &call;
  Context context;
  context.generator = call.generator;
  context.set_resize([](void* state, Context& c, View* views_of_call, int index, const int64_t* told,
                        int ndim) { return static_cast<State*>(state)->resize(c, views_of_call, index, told, ndim); },
                     this);
  const std::vector<Index>& made = plan.steps[at(call.step)].outputs;
  for (int i = 0; i < call.output_count; ++i)
    call.outputs[i].data = is_sized(made[at(i)]) ? nullptr : call.outputs[i].data;
  call.kernel(call.record, call.inputs, call.input_count, call.outputs, call.output_count, context);
  if (context.errors) return fail(call, context.errors);
  for (int i = 0; i < call.output_count; ++i) {
    if (call.outputs[i].data == nullptr && is_sized(made[at(i)]))
      return error(Status::Code::Internal, infos[at(plan.steps[at(call.step)].op)]->full_name(), ": output ", i,
                   " got no size from the kernel");
  }
  return {};
}

Status Session::State::run_calls() {
  for (size_t stage = 0; stage + 1 < stages; ++stage) {
    if (Status status = run_stage(stage); !status.ok()) return status;
    if (Status status = run_sizing(stage); !status.ok()) return status;
    const size_t next = stage + 1;
    take_symbols(next);
    if (bound > next) {
      if (Status status = check_told(next); !status.ok()) return status;
      continue;
    }
    if (Status status = evaluate(next); !status.ok()) return status;
    if (Status status = settle(next); !status.ok()) return status;
    bound = next + 1;
  }
  return run_stage(stages - 1);
}

Status Session::run(const View* inputs, int input_count, const Destination* destinations, int destination_count) {
  State& s = *state_;
  if (Status status = s.check_inputs(inputs, input_count); !status.ok()) return status;
  if (s.bound == 0) {
    if (Status status = s.bind_inputs(inputs); !status.ok()) return status;
  }
  // Before memory moves: an input may be what the last run gave out.
  for (size_t i = 0; i < s.plan.inputs.size(); ++i) {
    if (Status status = s.take_input(i, inputs[i]); !status.ok()) return status;
  }
  if (destinations == nullptr) destination_count = 0;
  if (Status status = s.place_outputs(inputs, destinations, destination_count); !status.ok()) return status;
  if (s.bound == 0) {
    if (Status status = s.settle(0); !status.ok()) return status;
    s.bound = 1;
  }
  if (Status status = s.run_calls(); !status.ok()) return status;
  if (Status status = s.finish(destinations, destination_count); !status.ok()) return status;
  return s.commit_slots();
}

const View& Session::output(int index) const {
  static const View absent;
  return index >= 0 && at(index) < state_->outputs.size() ? state_->outputs[at(index)].handed : absent;
}

size_t Session::arena_bytes() const { return static_cast<size_t>(state_->arena_size); }
size_t Session::arena_lower_bound() const { return static_cast<size_t>(live_bytes(state_->pieces)); }

}  // namespace tenon::inline v0::exec
