#include <tenon/exec/validate.h>

#include <tenon/core/view.h>

namespace tenon::inline v0::exec {
namespace {

template <class T>
bool within(Index index, const std::vector<T>& table) {
  return index >= 0 && static_cast<size_t>(index) < table.size();
}
template <class T>
bool within_or_none(Index index, const std::vector<T>& table) {
  return index == kNone || within(index, table);
}

class Validator {
 public:
  explicit Validator(const Plan& plan) : plan_(plan) {}

  Status run() {
    for (auto check :
         {&Validator::check_lengths, &Validator::check_sizes, &Validator::check_storages, &Validator::check_values,
          &Validator::check_symbols, &Validator::check_ends, &Validator::check_slots, &Validator::check_ops,
          &Validator::check_steps, &Validator::check_results}) {
      if (Status status = (this->*check)(); !status.ok()) return status;
    }
    return {};
  }

 private:
  template <class... Parts>
  Status bad(const Parts&... parts) const {
    return bad_plan("'", plan_.name, "': ", parts...);
  }
  const Storage& storage_of(Index value) const { return plan_.storages[at(plan_.values[at(value)].storage)]; }
  static size_t at(Index index) { return static_cast<size_t>(index); }

  Status check_lengths() {
    for (size_t length : {plan_.symbols.size(), plan_.sizes.size(), plan_.storages.size(), plan_.values.size(),
                          plan_.steps.size(), plan_.ops.size(), plan_.constants.size(), plan_.slots.size()}) {
      if (length >= INT32_MAX / 2) return bad("a table has ", length, " entries");
    }
    return {};
  }

  Status check_sizes() {
    for (size_t i = 0; i < plan_.sizes.size(); ++i) {
      const Size& size = plan_.sizes[i];
      const auto before = [&](Index operand) { return operand >= 0 && at(operand) < i; };
      const bool is_leaf = size.kind <= Size::Kind::Symbol;
      if (size.kind > Size::Kind::Max) return bad("size ", i, " is of an unknown kind");
      if (size.kind == Size::Kind::Symbol &&
          (size.value < 0 || size.value >= static_cast<int64_t>(plan_.symbols.size())))
        return bad("size ", i, " is of a symbol that does not exist");
      if (!is_leaf && !(before(size.a) && before(size.b)))
        return bad("size ", i, " has an operand that does not precede it");
    }
    for (const Condition& c : plan_.conditions) {
      if (!within(c.left, plan_.sizes) || !within(c.right, plan_.sizes)) return bad("a condition is of no size");
    }
    return {};
  }

  Status check_storages() {
    placed_.assign(plan_.storages.size(), false);
    for (Index s : plan_.placement) {
      if (!within(s, plan_.storages) || plan_.storages[at(s)].kind != Storage::Kind::Arena || placed_[at(s)])
        return bad("the placement names storage ", s, ", which is not of the arena, or twice");
      placed_[at(s)] = true;
    }
    for (size_t i = 0; i < plan_.storages.size(); ++i) {
      if (!check_storage(plan_.storages[i], i)) return bad("storage ", i, " is malformed");
    }
    return {};
  }
  bool check_storage(const Storage& s, size_t i) const {
    if (!(s.kind == Storage::Kind::Dynamic ? within_or_none(s.bytes, plan_.sizes) : within(s.bytes, plan_.sizes)))
      return false;
    switch (s.kind) {
      case Storage::Kind::Input:
        return within(s.index, plan_.inputs);
      case Storage::Kind::Output:
        return within(s.index, plan_.outputs);
      case Storage::Kind::Constant:
        return within(s.index, plan_.constants);
      case Storage::Kind::Slot:
        return within(s.index, plan_.slots) && plan_.slots[at(s.index)].storage == static_cast<Index>(i);
      case Storage::Kind::Arena:
        return placed_[i] && within(s.first, plan_.steps) && within(s.last, plan_.steps) && s.first <= s.last;
      case Storage::Kind::Dynamic:
        return true;
    }
    return false;
  }

  Status check_values() {
    for (size_t i = 0; i < plan_.values.size(); ++i) {
      const Value& value = plan_.values[i];
      if (static_cast<int>(value.dtype) >= kDTypeCount) return bad("value ", i, " is of an unknown dtype");
      if (!within(value.storage, plan_.storages)) return bad("value ", i, " has no storage");
      if (value.shape.size() > kMaxKernelDims || value.strides.size() != value.shape.size())
        return bad("value ", i, " has ", value.shape.size(), " sizes and ", value.strides.size(), " strides");
      bool known = within(value.offset, plan_.sizes);
      for (Index size : value.shape) known &= within(size, plan_.sizes);
      for (Index size : value.strides) known &= within(size, plan_.sizes);
      if (!known) return bad("value ", i, " has a size that does not exist");
    }
    return {};
  }

  Status check_symbols() {
    for (const Symbol& symbol : plan_.symbols) {
      const bool found = within(symbol.value, plan_.values) && symbol.axis >= 0 &&
                         at(symbol.axis) < plan_.values[at(symbol.value)].shape.size();
      if (!found) return bad("the symbol '", symbol.name, "' is no dimension of a value");
      const Storage::Kind kind = storage_of(symbol.value).kind;
      if (kind != Storage::Kind::Input && kind != Storage::Kind::Dynamic)
        return bad("the symbol '", symbol.name, "' is neither of an input nor of what a step sizes");
    }
    return {};
  }

  Status check_ends() {
    for (size_t i = 0; i < plan_.inputs.size(); ++i) {
      if (!within(plan_.inputs[i], plan_.values)) return bad("input ", i, " is no value");
      const Storage& s = storage_of(plan_.inputs[i]);
      if (s.kind != Storage::Kind::Input || s.index != static_cast<Index>(i))
        return bad("input ", i, " is not in memory of its own");
    }
    for (size_t i = 0; i < plan_.outputs.size(); ++i) {
      if (!within(plan_.outputs[i], plan_.values)) return bad("output ", i, " is no value");
    }
    // One storage for each input, or a write to one of them would be missed.
    std::vector<bool> seen(plan_.inputs.size());
    for (const Storage& s : plan_.storages) {
      if (s.kind != Storage::Kind::Input) continue;
      if (seen[at(s.index)]) return bad("input ", s.index, " has two storages");
      seen[at(s.index)] = true;
    }
    return {};
  }

  Status check_slots() {
    for (size_t i = 0; i < plan_.slots.size(); ++i) {
      const Slot& slot = plan_.slots[i];
      if (slot.kind > Slot::Kind::Optimizer) return bad("slot '", slot.name, "' is of an unknown kind");
      if (slot.kind == Slot::Kind::Generator) {
        if (slot.storage != kNone || slot.value != kNone || slot.updated != kNone)
          return bad("slot '", slot.name, "' is a generator and has a value");
        continue;
      }
      const bool stored = within(slot.storage, plan_.storages) &&
                          plan_.storages[at(slot.storage)].kind == Storage::Kind::Slot &&
                          plan_.storages[at(slot.storage)].index == static_cast<Index>(i);
      if (!stored) return bad("slot '", slot.name, "' has no storage");
      if (!within_or_none(slot.value, plan_.values) || !within_or_none(slot.updated, plan_.values))
        return bad("slot '", slot.name, "' is of a value that does not exist");
      if (slot.value != kNone && plan_.values[at(slot.value)].storage != slot.storage)
        return bad("the value of slot '", slot.name, "' is in other memory");
      if (slot.updated != kNone && !fits(slot, plan_.values[at(slot.updated)]))
        return bad("the new value of slot '", slot.name, "' is not like its value");
    }
    return {};
  }

  // What a call leaves in a slot is of the slot's type, and not in another slot, which may change first.
  bool fits(const Slot& slot, const Value& updated) const {
    if (slot.value == kNone) return false;
    const Value& value = plan_.values[at(slot.value)];
    return value.dtype == updated.dtype && value.shape.size() == updated.shape.size() &&
           (updated.storage == slot.storage || plan_.storages[at(updated.storage)].kind != Storage::Kind::Slot);
  }

  Status check_ops() {
    for (const Op& op : plan_.ops) {
      for (const Attribute& a : op.attributes) {
        if (a.type > Attribute::Type::Dims) return bad(op.name, ": the attribute '", a.name, "' is of an unknown type");
        for (Index size : a.sizes) {
          if (!within(size, plan_.sizes)) return bad(op.name, ": the attribute '", a.name, "' is of no size");
        }
      }
    }
    return {};
  }

  // ---- steps, in order ----

  Status check_steps() {
    made_.assign(plan_.values.size(), false);
    for (size_t i = 0; i < plan_.values.size(); ++i) made_[i] = holds_at_start(static_cast<Index>(i));
    for (size_t t = 0; t < plan_.steps.size(); ++t) {
      if (Status status = check_step(plan_.steps[t], t); !status.ok()) return status;
    }
    return {};
  }
  bool holds_at_start(Index value) const {
    const Storage::Kind kind = storage_of(value).kind;
    return kind == Storage::Kind::Input || kind == Storage::Kind::Constant || kind == Storage::Kind::Slot;
  }
  bool lives_at(const Storage& s, size_t step) const {
    return s.kind != Storage::Kind::Arena ||
           (s.first <= static_cast<Index>(step) && static_cast<Index>(step) <= s.last);
  }
  Status check_step(const Step& step, size_t t) {
    if (step.kind > Step::Kind::Copy) return bad("step ", t, " is of an unknown kind");
    if (!within(step.op, plan_.ops)) return bad("step ", t, " is of no op");
    if (!within_or_none(step.source, plan_.sources)) return bad("step ", t, " has a source that does not exist");
    if (step.generator != kNone &&
        !(within(step.generator, plan_.slots) && plan_.slots[at(step.generator)].kind == Slot::Kind::Generator))
      return bad("step ", t, " draws from what is no generator");
    for (Index value : step.inputs) {
      if (value == kNone) continue;
      if (!within(value, plan_.values)) return bad("step ", t, " reads a value that does not exist");
      if (!made_[at(value)]) return bad("step ", t, " reads value ", value, " before it is made");
      if (!lives_at(storage_of(value), t)) return bad("step ", t, " reads value ", value, " outside of its life");
    }
    for (Index value : step.outputs) {
      if (value == kNone) continue;  // the new value of an input that was left out
      if (!within(value, plan_.values)) return bad("step ", t, " makes a value that does not exist");
      if (Status status = check_output(step, t, value); !status.ok()) return status;
    }
    return {};
  }
  Status check_output(const Step& step, size_t t, Index value) {
    const Index storage = plan_.values[at(value)].storage;
    const Storage& s = plan_.storages[at(storage)];
    if (!lives_at(s, t)) return bad("step ", t, " makes value ", value, " outside of its life");
    if (step.kind == Step::Kind::View) {
      bool shared = false;
      for (Index input : step.inputs) shared |= input != kNone && plan_.values[at(input)].storage == storage;
      if (!shared) return bad("step ", t, " is a view of memory that it does not read");
    } else if (s.kind == Storage::Kind::Input || s.kind == Storage::Kind::Constant) {
      return bad("step ", t, " writes an input or a constant");
    }
    if (made_[at(value)] && !holds_at_start(value)) return bad("step ", t, " makes value ", value, " a second time");
    made_[at(value)] = true;
    return {};
  }

  Status check_results() {
    for (Index value : plan_.outputs) {
      if (!made_[at(value)]) return bad("an output is never made");
      if (!lives_to_end(storage_of(value))) return bad("an output does not live to the end");
    }
    for (const Slot& slot : plan_.slots) {
      if (slot.kind == Slot::Kind::Generator || slot.updated == kNone) continue;
      if (!made_[at(slot.updated)]) return bad("the new value of slot '", slot.name, "' is never made");
      if (!lives_to_end(storage_of(slot.updated))) return bad("slot '", slot.name, "' does not live to the end");
    }
    return {};
  }
  bool lives_to_end(const Storage& s) const {
    return s.kind != Storage::Kind::Arena || at(s.last) + 1 == plan_.steps.size();
  }

  const Plan& plan_;
  std::vector<bool> placed_, made_;
};

}  // namespace

Status validate(const Plan& plan) { return Validator(plan).run(); }

}  // namespace tenon::inline v0::exec
