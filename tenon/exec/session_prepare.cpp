// Session::create: kernels, records and views of every step, and when each size becomes known.
#include <algorithm>
#include <cstring>

#include <tenon/core/allocator.h>
#include <tenon/exec/rules.h>
#include <tenon/exec/session_state.h>
#include <tenon/exec/validate.h>

namespace tenon::inline v0::exec {

bool Block::reserve(int64_t bytes) {
  const size_t wanted = bytes > 0 ? static_cast<size_t>(bytes) : 1;
  if (wanted <= bytes_) return true;
  if (data_ != nullptr) allocator_->deallocate(allocator_->user, data_, bytes_);
  data_ = allocator_->allocate(allocator_->user, wanted, static_cast<size_t>(kAlignment));
  bytes_ = data_ != nullptr ? wanted : 0;
  return data_ != nullptr;
}

void Staged::group(const std::vector<Index>& stage_of, size_t stages) {
  begins_.assign(stages + 1, 0);
  for (Index stage : stage_of) {
    if (stage != kNone) ++begins_[exec::at(stage) + 1];
  }
  for (size_t i = 0; i < stages; ++i) begins_[i + 1] += begins_[i];
  items_.resize(exec::at(begins_[stages]));
  std::vector<Index> next(begins_.begin(), begins_.end() - 1);
  for (size_t i = 0; i < stage_of.size(); ++i) {
    if (stage_of[i] != kNone) items_[exec::at(next[exec::at(stage_of[i])]++)] = static_cast<Index>(i);
  }
}

class Preparer {
 public:
  Preparer(const Plan& plan, Registry& registry, const Allocator& allocator)
      : plan_(plan),
        registry_(registry),
        session_(new Session(std::make_unique<Session::State>(plan, allocator))),
        s_(*session_->state_) {}

  Status run(std::unique_ptr<Session>& session) {
    if (Status status = validate(plan_); !status.ok()) return status;
    for (auto part : {&Preparer::find_ops, &Preparer::make_tables, &Preparer::order, &Preparer::make_calls,
                      &Preparer::make_slots}) {
      if (Status status = (this->*part)(); !status.ok()) return status;
    }
    session = std::move(session_);
    return {};
  }

 private:
  template <class... Parts>
  Status bad(const Parts&... parts) const {
    return bad_plan("'", plan_.name, "': ", parts...);
  }
  static bool runs(const Step& step) { return step.kind != Step::Kind::View; }
  static bool holds_sizes(const Op& op) {
    for (const Attribute& a : op.attributes) {
      if (!a.sizes.empty()) return true;
    }
    return false;
  }

  Status find_ops() {
    s_.infos.assign(plan_.ops.size(), nullptr);
    s_.records.resize(plan_.ops.size());
    for (const Step& step : plan_.steps) {
      if (!runs(step)) continue;
      const Op& op = plan_.ops[at(step.op)];
      const OpInfo*& info = s_.infos[at(step.op)];
      if (info == nullptr) {
        info = registry_.find(op.name, op.overload);
        if (info == nullptr || info->kernels[0] == nullptr) return no_kernel(op);
        s_.records[at(step.op)] = Record(*info);
        if (Status status = fill_record(*info, op.attributes, nullptr, s_.records[at(step.op)].get()); !status.ok())
          return status;
      }
      if (Status status = check_signature(*info, plan_, step); !status.ok()) return status;
      if (info->is(kRandom) && step.generator == kNone) return bad(info->full_name(), " has no generator to draw from");
    }
    return {};
  }
  static Status no_kernel(const Op& op) {
    const std::string name = op.overload.empty() ? op.name : text(op.name, ".", op.overload);
#if defined(TENON_LITE)
    return error(Status::Code::Unsupported, "this build has no kernel for '", name, "'; build the runtime with ",
                 op.name, " in TENON_RUNTIME_KERNELS");
#else
    return error(Status::Code::Unsupported, "there is no kernel for '", name,
                 "'; if a library of your own defines it, load that first, with load_library()");
#endif
  }

  Status make_tables() {
    s_.symbols.assign(plan_.symbols.size(), -1);
    s_.size_values.assign(plan_.sizes.size(), 0);
    s_.storage_bytes.assign(plan_.storages.size(), 0);
    s_.bases.assign(plan_.storages.size(), nullptr);
    s_.pieces.resize(plan_.placement.size());
    for (size_t i = 0; i < s_.pieces.size(); ++i) {
      const Storage& storage = plan_.storages[at(plan_.placement[i])];
      s_.pieces[i].first = storage.first, s_.pieces[i].last = storage.last;
    }
    size_t dims = 0;
    for (const Value& value : plan_.values) dims += 2 * value.shape.size();
    s_.dims.assign(dims, 0);
    s_.layouts.resize(plan_.values.size());
    s_.alignments.assign(plan_.storages.size(), 1);
    int64_t* next = s_.dims.data();
    for (size_t i = 0; i < plan_.values.size(); ++i) {
      const Value& value = plan_.values[i];
      s_.layouts[i].sizes = next;
      s_.layouts[i].strides = next + value.shape.size();
      next += 2 * value.shape.size();
      // No element is aligned to more than 8 bytes, the parts of complex numbers.
      const auto alignment = static_cast<uint8_t>(std::min<int64_t>(size_of(value.dtype), 8));
      uint8_t& needed = s_.alignments[at(value.storage)];
      needed = std::max(needed, alignment);
    }
    const auto blocks = [&](std::vector<Block>& list, size_t count) {
      list.reserve(count);
      for (size_t i = 0; i < count; ++i) list.emplace_back(s_.allocator);
    };
    blocks(s_.blocks, plan_.storages.size());
    blocks(s_.staging, plan_.inputs.size());
    blocks(s_.copies, plan_.outputs.size());
    blocks(s_.slot_blocks, plan_.slots.size());
    return take_constants();
  }
  Status take_constants() {
    for (size_t i = 0; i < plan_.storages.size(); ++i) {
      if (plan_.storages[i].kind != Storage::Kind::Constant) continue;
      const Constant& constant = plan_.constants[at(plan_.storages[i].index)];
      if (constant.bytes > INT64_MAX || (constant.bytes > 0 && constant.data == nullptr))
        return bad("constant ", plan_.storages[i].index, " has no data");
      if (reinterpret_cast<uintptr_t>(constant.data) % s_.alignments[i] != 0)
        return bad("the data of constant ", plan_.storages[i].index, " are not aligned to their elements");
      // Kernels only read it: validate() refuses a step that writes a constant.
      s_.bases[i] = static_cast<char*>(const_cast<void*>(constant.data));
      s_.storage_bytes[i] = static_cast<int64_t>(constant.bytes);
    }
    return {};
  }

  // ---- when things become known ----

  Status order() {
    find_sized();
    for (const Value& value : plan_.values) {
      if (plan_.storages[at(value.storage)].kind == Storage::Kind::Dynamic &&
          s_.sized_values[at(value.storage)] == kNone)
        return bad("storage ", value.storage, " is never sized");
    }
    symbol_stages();
    if (Status status = size_stages(); !status.ok()) return status;
    value_stages();
    storage_stages();
    op_stages();
    s_.symbol_groups.group(symbol_stage_, s_.stages);
    s_.sizes.group(size_stage_, s_.stages);
    s_.values.group(value_stage_, s_.stages);
    s_.storages.group(storage_stage_, s_.stages);
    std::vector<Index> conditions;
    for (const Condition& c : plan_.conditions) {
      conditions.push_back(std::max(size_stage_[at(c.left)], size_stage_[at(c.right)]));
    }
    s_.conditions.group(conditions, s_.stages);
    std::vector<Index> sized_ops(plan_.ops.size(), kNone);
    for (size_t i = 0; i < plan_.ops.size(); ++i) {
      if (s_.infos[i] != nullptr && holds_sizes(plan_.ops[i])) sized_ops[i] = op_stage_[i];
    }
    s_.ops.group(sized_ops, s_.stages);
    return {};
  }
  // Steps whose kernel tells a size: each ends a stage.
  void find_sized() {
    s_.sized_values.assign(plan_.storages.size(), kNone);
    step_stage_.resize(plan_.steps.size());
    for (size_t t = 0; t < plan_.steps.size(); ++t) {
      step_stage_[t] = static_cast<Index>(s_.stages) - 1;
      bool sizes = false;
      for (Index value : plan_.steps[t].outputs) {
        if (!runs(plan_.steps[t]) || value == kNone || s_.storage_of(value).kind != Storage::Kind::Dynamic) continue;
        Index& first = s_.sized_values[at(plan_.values[at(value)].storage)];
        if (first != kNone) continue;
        first = value;
        sizes = true;
      }
      if (sizes) ++s_.stages;
    }
    made_at_.assign(plan_.storages.size(), 0);
    for (size_t t = 0; t < plan_.steps.size(); ++t) {
      for (Index value : plan_.steps[t].outputs) {
        if (value != kNone && is_sized(value)) made_at_[at(plan_.values[at(value)].storage)] = step_stage_[t] + 1;
      }
    }
  }
  bool is_sized(Index value) const { return s_.sized_values[at(plan_.values[at(value)].storage)] == value; }
  // A dynamic storage that no step makes: validate() sees to it that nothing reads it.
  Index made_at(Index value) const { return made_at_[at(plan_.values[at(value)].storage)]; }

  void symbol_stages() {
    for (const Symbol& symbol : plan_.symbols) symbol_stage_.push_back(made_at(symbol.value));
  }
  Status size_stages() {
    for (const Symbol& symbol : plan_.symbols) {
      if (s_.storage_of(symbol.value).kind == Storage::Kind::Dynamic ? !is_sized(symbol.value)
                                                                     : !is_input(symbol.value))
        return bad("the symbol '", symbol.name, "' is no dimension that a call tells");
    }
    for (const Size& size : plan_.sizes) {
      Index stage = 0;
      if (size.kind == Size::Kind::Symbol) {
        stage = symbol_stage_[static_cast<size_t>(size.value)];
      } else if (size.kind != Size::Kind::Constant) {
        stage = std::max(size_stage_[at(size.a)], size_stage_[at(size.b)]);
      }
      size_stage_.push_back(stage);
    }
    return {};
  }
  bool is_input(Index value) const { return plan_.inputs[at(s_.storage_of(value).index)] == value; }
  void value_stages() {
    for (size_t i = 0; i < plan_.values.size(); ++i) {
      const Value& value = plan_.values[i];
      Index stage = std::max(made_at(static_cast<Index>(i)), size_stage_[at(value.offset)]);
      for (Index size : value.shape) stage = std::max(stage, size_stage_[at(size)]);
      for (Index size : value.strides) stage = std::max(stage, size_stage_[at(size)]);
      value_stage_.push_back(stage);
    }
  }
  void storage_stages() {
    s_.late.assign(plan_.storages.size(), false);
    for (size_t i = 0; i < plan_.storages.size(); ++i) {
      const Storage& storage = plan_.storages[i];
      const bool is_planned = storage.kind == Storage::Kind::Arena || storage.kind == Storage::Kind::Output;
      storage_stage_.push_back(is_planned ? size_stage_[at(storage.bytes)] : kNone);
      s_.late[i] = storage_stage_[i] > 0;
      if (storage.kind == Storage::Kind::Output || storage.kind == Storage::Kind::Dynamic || s_.late[i])
        s_.own_blocks.push_back(static_cast<Index>(i));
    }
  }
  void op_stages() {
    for (const Op& op : plan_.ops) {
      Index stage = 0;
      for (const Attribute& a : op.attributes) {
        for (Index size : a.sizes) stage = std::max(stage, size_stage_[at(size)]);
      }
      op_stage_.push_back(stage);
    }
  }
  bool is_known(Index value, Index stage) const {
    const Index storage = storage_stage_[at(plan_.values[at(value)].storage)];
    return value_stage_[at(value)] <= stage && (storage == kNone || storage <= stage);
  }

  // ---- calls ----

  Status make_calls() {
    size_t count = plan_.outputs.size();
    for (const Step& step : plan_.steps) count += runs(step) ? step.inputs.size() + step.outputs.size() : 0;
    s_.views.reserve(count);
    s_.stage_ends.assign(s_.stages, 0);
    std::vector<Index> checked;
    for (size_t t = 0; t < plan_.steps.size(); ++t) {
      if (!runs(plan_.steps[t])) continue;
      Index stage = 0;
      if (Status status = make_call(plan_.steps[t], static_cast<Index>(t), stage); !status.ok()) return status;
      checked.push_back(stage);
      s_.stage_ends[at(step_stage_[t])] = s_.calls.size();
    }
    for (size_t i = 1; i < s_.stages; ++i) s_.stage_ends[i] = std::max(s_.stage_ends[i], s_.stage_ends[i - 1]);
    s_.checked.group(checked, s_.stages);
    make_outputs();
    std::vector<Index> view_stages, view_storages;
    for (Index value : s_.view_values) {
      view_stages.push_back(value == kNone ? kNone : value_stage_[at(value)]);
      view_storages.push_back(value == kNone ? kNone : plan_.values[at(value)].storage);
    }
    s_.operands.group(view_stages, s_.stages);
    s_.users.group(view_storages, plan_.storages.size());
    return {};
  }
  void add_view(Index value) {
    View& view = s_.views.emplace_back();
    s_.view_values.push_back(value);
    if (value == kNone) return;
    view.sizes = s_.layouts[at(value)].sizes;
    view.strides = s_.layouts[at(value)].strides;
    view.ndim = static_cast<int32_t>(plan_.values[at(value)].shape.size());
    view.dtype = plan_.values[at(value)].dtype;
    view.present = true;
  }
  // `stage` becomes the one at which the call can be checked.
  Status make_call(const Step& step, Index t, Index& stage) {
    const OpInfo& op = *s_.infos[at(step.op)];
    Call& call = s_.calls.emplace_back();
    call.step = t;
    call.kernel = op.kernels[0];
    call.record = s_.records[at(step.op)].get();
    call.input_count = static_cast<int32_t>(step.inputs.size());
    call.output_count = op.output_count;
    call.inputs = s_.views.data() + s_.views.size();
    const Index now = step_stage_[at(t)];
    bool known = op_stage_[at(step.op)] <= now;
    stage = op_stage_[at(step.op)];
    const auto use = [&](Index value) {
      add_view(value);
      if (value == kNone) return;
      known &= is_known(value, now);
      stage = std::max(stage, value_stage_[at(value)]);
    };
    for (Index value : step.inputs) use(value);
    call.outputs = s_.views.data() + s_.views.size();
    for (int i = 0; i < op.output_count; ++i) {
      const Index value = step.outputs[static_cast<size_t>(i)];
      if (value == kNone) return bad(op.full_name(), " lacks its output ", i);
      const bool by_kernel = op.outputs[static_cast<size_t>(i)].effect == Effect::DataDependent;
      if (by_kernel != (is_sized(value) && made_at(value) == now + 1))
        return bad(op.full_name(), ": output ", i,
                   by_kernel ? " is sized by the kernel, and the plan sizes it"
                             : " is sized by the plan, which leaves it to the kernel");
      if (by_kernel)
        add_view(value);
      else
        use(value);
    }
    if (!known) return bad(op.full_name(), " needs a size before it is known");
    for (size_t i = 0; i < step.inputs.size() && i < 32; ++i) {
      if ((op.writes >> i & 1) == 0 || step.inputs[i] == kNone) continue;
      const Storage::Kind kind = s_.storage_of(step.inputs[i]).kind;
      if (kind == Storage::Kind::Input || kind == Storage::Kind::Constant)
        return bad(op.full_name(), " writes its input ", i, ", which is an input of the function or a constant");
    }
    return {};
  }
  void make_outputs() {
    s_.handed_out.assign(plan_.storages.size(), false);
    for (size_t i = 0; i < plan_.outputs.size(); ++i) {
      OutputState& out = s_.outputs.emplace_back();
      const Index value = plan_.outputs[i];
      const Index storage = plan_.values[at(value)].storage;
      const Storage& s = plan_.storages[at(storage)];
      out.view = s_.views.size();
      out.strides.resize(plan_.values[at(value)].shape.size());
      out.in_session =
          s.kind == Storage::Kind::Output || s.kind == Storage::Kind::Arena || s.kind == Storage::Kind::Dynamic;
      out.known_at_start = value_stage_[at(value)] == 0;
      if (s.kind == Storage::Kind::Output && s.index == static_cast<Index>(i) && storage_stage_[at(storage)] == 0 &&
          out.known_at_start)
        out.storage = storage, s_.handed_out[at(storage)] = true;
      add_view(value);
    }
  }

  // ---- slots ----

  Status make_slots() {
    s_.slots.resize(plan_.slots.size());
    for (size_t i = 0; i < plan_.slots.size(); ++i) {
      const Slot& slot = plan_.slots[i];
      SlotState& state = s_.slots[i];
      if (slot.initial.bytes > INT64_MAX || (slot.initial.bytes > 0 && slot.initial.data == nullptr))
        return bad("slot '", slot.name, "' has no initial value");
      state.bytes = static_cast<size_t>(slot.initial.bytes);
      if (slot.kind == Slot::Kind::Generator) {
        state.generator = static_cast<Index>(s_.generators.size());
        state.bytes = Generator::kStateBytes;
        s_.generators.emplace_back();
      } else if (Status status = size_slot(slot, state); !status.ok()) {
        return status;
      }
    }
    mark_written();
    for (Call& call : s_.calls) {
      const Index slot = plan_.steps[at(call.step)].generator;
      if (slot != kNone) call.generator = &s_.generators[at(s_.slots[at(slot)].generator)].state();
    }
    return session_->reset();
  }
  // A slot without an initial value starts as zeros, of a size that the plan knows.
  Status size_slot(const Slot& slot, SlotState& state) {
    const Size& bytes = plan_.sizes[at(plan_.storages[at(slot.storage)].bytes)];
    if (state.bytes == 0) {
      if (bytes.kind != Size::Kind::Constant || bytes.value < 0)
        return bad("the size of slot '", slot.name, "' is not a number");
      state.bytes = static_cast<size_t>(bytes.value);
    }
    s_.storage_bytes[at(slot.storage)] = static_cast<int64_t>(state.bytes);
    return {};
  }
  // Memory that a step writes is the session's own; the rest is read where the plan has it.
  void mark_written() {
    s_.slot_written.assign(plan_.slots.size(), false);
    const auto mark = [&](Index value) {
      if (value != kNone && s_.storage_of(value).kind == Storage::Kind::Slot)
        s_.slot_written[at(s_.storage_of(value).index)] = true;
    };
    for (const Step& step : plan_.steps) {
      for (Index value : step.outputs) {
        if (runs(step)) mark(value);
      }
    }
    for (size_t i = 0; i < plan_.slots.size(); ++i) {
      const Slot& slot = plan_.slots[i];
      if (slot.kind != Slot::Kind::Generator && slot.updated != kNone) s_.slot_written[i] = true;
    }
  }

  const Plan& plan_;
  Registry& registry_;
  std::unique_ptr<Session> session_;
  Session::State& s_;
  std::vector<Index> step_stage_, symbol_stage_, size_stage_, value_stage_, storage_stage_, op_stage_, made_at_;
};

Status Session::create(const Plan& plan, Registry& registry, const Allocator& allocator,
                       std::unique_ptr<Session>& session) {
  Allocator chosen = allocator;
  if (chosen.allocate == nullptr || chosen.deallocate == nullptr) {
    chosen.allocate = [](void*, size_t bytes, size_t) { return tenon::allocate(bytes); };
    chosen.deallocate = [](void*, void* data, size_t bytes) { tenon::deallocate(data, bytes); };
    chosen.user = nullptr;
  }
  return Preparer(plan, registry, chosen).run(session);
}

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;

}  // namespace tenon::inline v0::exec
