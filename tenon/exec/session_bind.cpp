// From the sizes of a call to layouts, memory and views. Everything that a kernel will touch is checked here.
#include <algorithm>

#include <tenon/exec/rules.h>
#include <tenon/exec/session_state.h>
#include <tenon/exec/sizes.h>

namespace tenon::inline v0::exec {
namespace {

constexpr int64_t kMostBytes = int64_t{1} << 46;  // of one storage; no machine has more

}  // namespace

// ---- sizes and layouts ----

Status Session::State::evaluate(size_t stage) {
  for (Index i : sizes.at(stage)) {
    if (Status status = evaluate_size(plan, i, symbols.data(), size_values.data()); !status.ok()) return status;
  }
  for (Index i : conditions.at(stage)) {
    const Condition& c = plan.conditions[at(i)];
    const int64_t left = size_values[at(c.left)], right = size_values[at(c.right)];
    if (left != right)
      return error(Status::Code::Shape, plan.name, ": ", size_text(plan, c.left), " must be equal to ",
                   size_text(plan, c.right), ", and they are ", static_cast<long>(left), " and ",
                   static_cast<long>(right));
  }
  if (Status status = evaluate_storages(stage); !status.ok()) return status;
  if (stage > 0) {
    if (Status status = check_told(stage); !status.ok()) return status;
  }
  if (stage == 0) {  // an input's own layout tells how much memory there is
    for (Index value : plan.inputs) {
      int64_t& bytes = storage_bytes[at(plan.values[at(value)].storage)];
      bytes = kMostBytes;
      if (Status status = evaluate_layout(value); !status.ok()) return status;
      const Layout& layout = layouts[at(value)];
      if (layout.offset != 0 || layout.first != 0)
        return bad_plan("'", plan.name, "': an input does not begin at its first element");
      bytes = layout.last;
    }
  }
  for (Index value : values.at(stage)) {
    if (Status status = evaluate_layout(value); !status.ok()) return status;
  }
  for (Index op : ops.at(stage)) {
    Status status = fill_record(*infos[at(op)], plan.ops[at(op)].attributes, size_values.data(), records[at(op)].get());
    if (!status.ok()) return status;
  }
  return {};
}

Status Session::State::evaluate_storages(size_t stage) {
  for (Index i : storages.at(stage)) {
    const int64_t bytes = size_values[at(plan.storages[at(i)].bytes)];
    if (bytes < 0 || bytes > kMostBytes)
      return error(Status::Code::Memory, plan.name, ": a value needs ", static_cast<long>(bytes), " bytes");
    storage_bytes[at(i)] = bytes;
  }
  return {};
}

Status Session::State::evaluate_layout(Index index) {
  const Value& value = plan.values[at(index)];
  Layout& layout = layouts[at(index)];
  const int64_t element = size_of(value.dtype);
  int64_t count = element, expected = 1, low = 0, high = 0;
  bool empty = false, fits = true;
  layout.contiguous = true;
  for (size_t i = value.shape.size(); i-- > 0;) {
    const int64_t size = layout.sizes[i] = size_values[at(value.shape[i])];
    const int64_t stride = layout.strides[i] = size_values[at(value.strides[i])];
    if (size < 0)
      return error(Status::Code::Shape, plan.name, ": dimension ", i, " of ", value.name, ", ",
                   size_text(plan, value.shape[i]), ", is ", static_cast<long>(size));
    empty |= size == 0;
    fits &= !__builtin_mul_overflow(count, std::max<int64_t>(size, 1), &count);
    if (!fits || size <= 1) continue;
    layout.contiguous &= stride == expected;
    int64_t reach;
    int64_t& end = stride < 0 ? low : high;
    fits = !__builtin_mul_overflow(size - 1, stride, &reach) && !__builtin_add_overflow(end, reach, &end);
    expected *= size;
  }
  int64_t offset = size_values[at(value.offset)];
  if (empty) {
    layout.contiguous = true;
    layout.offset = layout.first = layout.last = 0;
    if (fits) return {};
  }
  fits = fits && !__builtin_mul_overflow(offset, element, &offset) && !__builtin_mul_overflow(low, element, &low) &&
         !__builtin_mul_overflow(high, element, &high) && !__builtin_add_overflow(low, offset, &low) &&
         !__builtin_add_overflow(high, offset, &high) && !__builtin_add_overflow(high, element, &high);
  if (!fits) return error(Status::Code::Shape, plan.name, ": ", value.name, " has more elements than fit in 64 bits");
  if (low < 0 || high > storage_bytes[at(value.storage)])
    return bad_plan("'", plan.name, "': ", value.name, " reaches outside of its memory");
  layout.offset = offset, layout.first = low, layout.last = high;
  return {};
}

// ---- memory, and the checks of calls ----

Status Session::State::settle(size_t stage) {
  const auto short_of = [&](int64_t bytes) {
    return error(Status::Code::Memory, plan.name, ": there is no memory for ", static_cast<long>(bytes), " bytes");
  };
  if (stage == 0) {
    if (Status status = place_arena(); !status.ok()) return status;
  }
  for (Index i : storages.at(stage)) {
    if (handed_out[at(i)] || (stage == 0 && plan.storages[at(i)].kind == Storage::Kind::Arena)) continue;
    if (!blocks[at(i)].reserve(storage_bytes[at(i)])) return short_of(storage_bytes[at(i)]);
    bases[at(i)] = blocks[at(i)].data();
  }
  for (Index i : operands.at(stage)) {
    const Index value = view_values[at(i)];
    const Layout& layout = layouts[at(value)];
    char* base = bases[at(plan.values[at(value)].storage)];
    views[at(i)].data = base == nullptr ? nullptr : base + layout.offset;
    views[at(i)].contiguous = layout.contiguous;
  }
  for (Index i : checked.at(stage)) {
    if (Status status = check_call(calls[at(i)]); !status.ok()) return status;
  }
  return {};
}

Status Session::State::place_arena() {
  for (size_t i = 0; i < pieces.size(); ++i) {
    const size_t storage = at(plan.placement[i]);
    const int64_t bytes = late[storage] ? 0 : storage_bytes[storage];
    pieces[i].bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  }
  arena_size = place_first_fit(pieces);
  if (arena_size < 0 || !arena.reserve(arena_size))
    return error(Status::Code::Memory, plan.name, ": there is no memory for an arena of ",
                 static_cast<long>(arena_size), " bytes");
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (!late[at(plan.placement[i])]) bases[at(plan.placement[i])] = arena.data() + pieces[i].offset;
  }
  return {};
}

// A kernel may write over its input only where its op says so, and then element by element.
bool Session::State::may_share(const OpInfo& op, int input, Index a, Index b) const {
  const Layout &x = layouts[at(a)], &y = layouts[at(b)];
  if (!op.is(kElementwise) && !(input == 0 && op.is(kDestinationMayAlias))) return false;
  const size_t ndim = plan.values[at(a)].shape.size();
  if (ndim != plan.values[at(b)].shape.size() || plan.values[at(a)].dtype != plan.values[at(b)].dtype ||
      x.offset != y.offset)
    return false;
  for (size_t i = 0; i < ndim; ++i) {
    if (x.sizes[i] != y.sizes[i] || (x.sizes[i] > 1 && x.strides[i] != y.strides[i])) return false;
  }
  return true;
}

// Each element of a destination is in a place of its own when the strides nest.
static bool is_writable(const Layout& layout, int ndim) {
  if (layout.contiguous) return true;
  std::pair<int64_t, int64_t> dims[kMaxKernelDims];
  int n = 0;
  for (int i = 0; i < ndim; ++i) {
    if (layout.sizes[i] > 1) dims[n++] = {std::abs(layout.strides[i]), layout.sizes[i]};
  }
  std::sort(dims, dims + n);
  int64_t span = 1;
  for (int i = 0; i < n; ++i) {
    if (dims[i].first < span) return false;
    span += (dims[i].second - 1) * dims[i].first;  // evaluate_layout has seen that the sum fits
  }
  return true;
}

Status Session::State::check_call(const Call& call) const {
  const Step& step = plan.steps[at(call.step)];
  const OpInfo& op = *infos[at(step.op)];
  const auto meet = [&](Index a, Index b) {
    const Layout &x = layouts[at(a)], &y = layouts[at(b)];
    return plan.values[at(a)].storage == plan.values[at(b)].storage && x.first < y.last && y.first < x.last;
  };
  const auto bad = [&](const char* what) {
    return bad_plan("'", plan.name, "': ", op.full_name(), ": ", what, where(call.step));
  };
  for (size_t j = 0; j < static_cast<size_t>(op.output_count); ++j) {
    const Index out = step.outputs[j];
    if (is_sized(out)) continue;  // the kernel allocates it
    if (!is_writable(layouts[at(out)], call.outputs[j].ndim)) return bad("an output has elements that share memory");
    for (size_t i = 0; i < step.inputs.size(); ++i) {
      const Index in = step.inputs[i];
      if (in != kNone && meet(in, out) && !may_share(op, static_cast<int>(i), in, out))
        return bad("an output lies over an input");
    }
    for (size_t k = 0; k < j; ++k) {
      if (meet(out, step.outputs[k])) return bad("two outputs share memory");
    }
  }
  for (size_t i = 0; i < step.inputs.size() && i < 32; ++i) {
    if ((op.writes >> i & 1) == 0 || step.inputs[i] == kNone) continue;
    if (!is_writable(layouts[at(step.inputs[i])], call.inputs[i].ndim))
      return bad("a written input has elements that share memory");
    for (size_t k = 0; k < step.inputs.size(); ++k) {
      if (k != i && step.inputs[k] != kNone && meet(step.inputs[i], step.inputs[k]))
        return bad("a written input shares memory with another");
    }
  }
  return check_rule(op, plan, step, call.record, call.inputs, call.outputs);
}

void Session::State::move(Index storage, char* base) {
  bases[at(storage)] = base;
  for (Index i : users.at(at(storage)))
    views[at(i)].data = base == nullptr ? nullptr : base + layouts[at(view_values[at(i)])].offset;
}

// ---- sizes that kernels tell ----

bool Session::State::resize(Context& context, View* outputs_of_call, int index, const int64_t* told, int ndim) {
  const Call& call = *running;
  const Index value = plan.steps[at(call.step)].outputs[static_cast<size_t>(index)];
  const Index storage = plan.values[at(value)].storage;
  if (!is_sized(value) || ndim != call.outputs[index].ndim) {
    context.errors.report(ErrorSink::Code::Value, "the result has %d dimensions, and the plan has %d", ndim,
                          static_cast<int>(call.outputs[index].ndim));
    return false;
  }
  Layout& layout = layouts[at(value)];
  int64_t stride = 1;
  bool empty = false, fits = true;
  for (int i = ndim; i-- > 0;) {
    layout.sizes[i] = told[i];
    layout.strides[i] = stride;
    empty |= told[i] == 0;
    fits = fits && told[i] >= 0 && !__builtin_mul_overflow(stride, std::max<int64_t>(told[i], 1), &stride);
  }
  int64_t bytes;
  fits = fits && !__builtin_mul_overflow(stride, size_of(plan.values[at(value)].dtype), &bytes);
  if (fits && empty) bytes = 0;
  if (!fits || !blocks[at(storage)].reserve(bytes)) {
    context.errors.report(ErrorSink::Code::Memory, "not enough memory for the output");
    return false;
  }
  storage_bytes[at(storage)] = bytes;
  layout.offset = layout.first = 0;
  layout.last = bytes;
  layout.contiguous = true;
  move(storage, blocks[at(storage)].data());
  outputs_of_call[index].data = bases[at(storage)];
  outputs_of_call[index].contiguous = true;
  return true;
}

void Session::State::take_symbols(size_t stage) {
  for (Index i : symbol_groups.at(stage)) {
    const Symbol& symbol = plan.symbols[at(i)];
    const int64_t size = layouts[at(symbol.value)].sizes[symbol.axis];
    if (symbols[at(i)] != size) bound = std::min(bound, stage);
    symbols[at(i)] = size;
  }
}

Status Session::State::check_told(size_t stage) const {
  for (Index index : values.at(stage)) {
    const Value& value = plan.values[at(index)];
    if (!is_sized(index)) continue;
    int64_t stride = 1;
    for (size_t i = value.shape.size(); i-- > 0;) {
      const int64_t told = layouts[at(index)].sizes[i];
      if (told != size_values[at(value.shape[i])] || (told > 1 && size_values[at(value.strides[i])] != stride))
        return bad_plan("'", plan.name, "': dimension ", i, " of ", value.name, " is ", size_text(plan, value.shape[i]),
                        " in the plan, and the kernel made ", static_cast<long>(told));
      stride *= std::max<int64_t>(told, 1);
    }
    if (size_values[at(value.offset)] != 0)
      return bad_plan("'", plan.name, "': ", value.name, " does not begin its memory");
  }
  return {};
}

}  // namespace tenon::inline v0::exec
