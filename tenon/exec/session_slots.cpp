// State that lives from call to call.
#include <cstring>

#include <tenon/exec/session_state.h>

namespace tenon::inline v0::exec {

Status Session::State::own_slot(size_t slot) {
  Block& block = slot_blocks[slot];
  if (block.data() != nullptr) return {};
  SlotState& state = slots[slot];
  if (!block.reserve(static_cast<int64_t>(state.bytes)))
    return error(Status::Code::Memory, plan.name, ": there is no memory for the slot '", plan.slots[slot].name, "'");
  if (state.data != nullptr) std::memcpy(block.data(), state.data, state.bytes);
  state.data = block.data();
  move(plan.slots[slot].storage, state.data);
  return {};
}

Status Session::State::reset_slot(size_t index) {
  const Slot& slot = plan.slots[index];
  SlotState& state = slots[index];
  if (state.generator != kNone) {
    Generator& generator = generators[at(state.generator)];
    if (slot.initial.bytes == 0) {
      generator.manual_seed(GeneratorState::kDefaultSeed);
    } else if (!generator.set_state(static_cast<const uint8_t*>(slot.initial.data), slot.initial.bytes)) {
      return bad_plan("'", plan.name, "': the slot '", slot.name, "' holds no state of a generator");
    }
    return {};
  }
  // Read where the plan has it, unless something writes it or it does not lie as its elements need.
  const bool aligned = reinterpret_cast<uintptr_t>(slot.initial.data) % alignments[at(slot.storage)] == 0;
  if (!slot_written[index] && slot.initial.bytes > 0 && aligned) {
    state.data = static_cast<char*>(const_cast<void*>(slot.initial.data));
    move(slot.storage, state.data);
    return {};
  }
  if (Status status = own_slot(index); !status.ok()) return status;
  if (slot.initial.bytes > 0) {
    std::memcpy(slot_blocks[index].data(), slot.initial.data, state.bytes);
  } else {
    std::memset(slot_blocks[index].data(), 0, state.bytes);
  }
  state.data = slot_blocks[index].data();
  move(slot.storage, state.data);
  return {};
}

Index Session::State::find_slot(std::string_view name) const {
  for (size_t i = 0; i < plan.slots.size(); ++i) {
    if (plan.slots[i].name == name) return static_cast<Index>(i);
  }
  return kNone;
}

Status Session::State::commit_slots() {
  for (const Slot& slot : plan.slots) {
    if (slot.kind == Slot::Kind::Generator || slot.updated == kNone) continue;
    const Index storage = plan.values[at(slot.updated)].storage;
    if (storage == slot.storage) continue;  // written in place
    const Value& value = plan.values[at(slot.value)];
    const Layout &from = layouts[at(slot.updated)], &to = layouts[at(slot.value)];
    for (size_t i = 0; i < value.shape.size(); ++i) {
      if (from.sizes[i] != to.sizes[i])
        return bad_plan("'", plan.name, "': the slot '", slot.name, "' changes its shape");
    }
    copy_elements(to.sizes, static_cast<int>(value.shape.size()), size_of(value.dtype),
                  bases[at(storage)] + from.offset, from.strides, bases[at(slot.storage)] + to.offset, to.strides);
  }
  return {};
}

static Status no_slot(const Plan& plan, std::string_view name) {
  std::string names;
  for (const Slot& slot : plan.slots) names += (names.empty() ? "'" : ", '") + slot.name + "'";
  return error(Status::Code::Argument, plan.name, ": there is no slot '", name, "'; ",
               names.empty() ? "it has none" : "there are " + names);
}
static Status wrong_bytes(const Plan& plan, std::string_view name, size_t bytes, size_t given) {
  return error(Status::Code::Argument, plan.name, ": the slot '", name, "' has ", bytes, " bytes, and ", given,
               " came");
}

Status Session::slot_bytes(std::string_view name, size_t& bytes) const {
  const Index slot = state_->find_slot(name);
  if (slot == kNone) return no_slot(state_->plan, name);
  bytes = state_->slots[at(slot)].bytes;
  return {};
}

Status Session::get_slot(std::string_view name, void* data, size_t bytes) const {
  const Index slot = state_->find_slot(name);
  if (slot == kNone) return no_slot(state_->plan, name);
  const SlotState& state = state_->slots[at(slot)];
  if (bytes != state.bytes || (data == nullptr && bytes > 0))
    return wrong_bytes(state_->plan, name, state.bytes, bytes);
  if (state.generator != kNone) {
    state_->generators[at(state.generator)].get_state(static_cast<uint8_t*>(data));
  } else if (bytes > 0) {
    std::memcpy(data, state.data, bytes);
  }
  return {};
}

Status Session::set_slot(std::string_view name, const void* data, size_t bytes) {
  const Index slot = state_->find_slot(name);
  if (slot == kNone) return no_slot(state_->plan, name);
  SlotState& state = state_->slots[at(slot)];
  if (bytes != state.bytes || (data == nullptr && bytes > 0))
    return wrong_bytes(state_->plan, name, state.bytes, bytes);
  if (state.generator != kNone) {
    if (state_->generators[at(state.generator)].set_state(static_cast<const uint8_t*>(data), bytes)) return {};
    return error(Status::Code::Argument, state_->plan.name, ": the bytes for '", name, "' are no state of a generator");
  }
  if (Status status = state_->own_slot(at(slot)); !status.ok()) return status;
  // After a reset the slot may look at the plan's value again.
  state.data = state_->slot_blocks[at(slot)].data();
  state_->move(state_->plan.slots[at(slot)].storage, state.data);
  if (bytes > 0) std::memcpy(state.data, data, bytes);
  return {};
}

Status Session::reset() {
  for (size_t i = 0; i < state_->slots.size(); ++i) {
    if (Status status = state_->reset_slot(i); !status.ok()) return status;
  }
  return {};
}

}  // namespace tenon::inline v0::exec
