#include "arguments.h"

#include <cstring>
#include <new>

#include <tenon/core/error.h>

#include "convert.h"
#include "errors.h"
#include "function_override.h"
#include "symbolic_dim.h"
#include "values.h"

namespace tenon::python {

namespace {

bool same_name(PyObject* a, PyObject* b) { return a == b || PyUnicode_Compare(a, b) == 0; }

bool is_name(PyObject* a, const char* b) { return PyUnicode_CompareWithASCIIString(a, b) == 0; }

bool matches(const Parameter& p, PyObject* name) {
  if (same_name(p.name, name)) return true;
  for (PyObject* alias : p.aliases) {
    if (same_name(alias, name)) return true;
  }
  return false;
}

}  // namespace

void Arguments::copy_record() {
  const OpInfo& op = *overload_.op;
  void* copy = op.record_size <= kRecordBytes ? buffer_ : ::operator new(op.record_size);
  if (op.trivial_record) {
    std::memcpy(copy, op.defaults, op.record_size);
  } else {
    op.copy(copy, op.defaults);
  }
  record_ = copy;
}

void Arguments::destroy_record() {
  void* record = const_cast<void*>(record_);
  if (!overload_.op->trivial_record) overload_.op->destroy(record);
  if (record != buffer_) ::operator delete(record);
}

// Where to write an attribute. Calls that give none share the op's own record of defaults.
void* Arguments::attribute(const ParameterInfo& p) {
  if (record_ == overload_.op->defaults) copy_record();
  return static_cast<char*>(const_cast<void*>(record_)) + p.offset;
}

TensorImpl* Arguments::keep(Tensor tensor) {
  TensorImpl* impl = tensor.impl();
  if (temporary_count_ < kTemporaries) {
    temporaries_[temporary_count_++] = tensor.detach_ref().detach();
  } else {
    need_more().temporaries.push_back(std::move(tensor));
  }
  return impl;
}

void Arguments::note_override(PyObject* object) {
  if (override_state.subclasses_enabled && wants_function_override(Py_TYPE(object))) overridden_ = true;
}

bool Arguments::set_input_slow(const ParameterInfo& p, PyObject* object) {
  TensorImpl*& slot = inputs_[p.input_index];
  if (object == Py_None) return p.kind == ParameterKind::OptionalInput;
  if (is_tensor(object)) {
    note_override(object);
    slot = impl_of(object);
    return true;
  }
  if (p.takes_number) {
    if (is_symbolic_dim(object)) [[unlikely]] {
      slot = keep(number_of(object));
      return true;
    }
    Scalar value;
    if (to_scalar(object, value)) {
      slot = keep(Tensor(value));
      return true;
    }
  }
  if (!override_state.subclasses_enabled || !has_function_override(object)) return false;
  return overridden_ = true;
}

inline bool Arguments::set_input(const ParameterInfo& p, PyObject* object) {
  if (is_exact_tensor(object)) [[likely]] {
    inputs_[p.input_index] = impl_of(object);
    return true;
  }
  return set_input_slow(p, object);
}

bool Arguments::set_list_item(const ParameterInfo& p, PyObject* object, TensorImpl*& slot) {
  if (is_exact_tensor(object)) {
    slot = impl_of(object);
    return true;
  }
  if (is_tensor(object)) {
    note_override(object);
    slot = impl_of(object);
    return true;
  }
  slot = nullptr;
  if (object == Py_None) return p.takes_none;
  if (p.takes_number) {
    if (is_symbolic_dim(object)) [[unlikely]] {
      slot = keep(number_of(object));
      return true;
    }
    Scalar value;
    if (to_scalar(object, value)) {
      slot = keep(Tensor(value));
      return true;
    }
  }
  if (!override_state.subclasses_enabled || !has_function_override(object)) return false;
  return overridden_ = true;
}

bool Arguments::set_list(const ParameterInfo& p, PyObject* const* items, Py_ssize_t count) {
  const int total = overload_.op->input_count + static_cast<int>(count);
  if (total > kInlineInputs) {
    std::vector<TensorImpl*> all(inputs_, inputs_ + overload_.op->input_count);
    all.resize(static_cast<size_t>(total));
    need_more().inputs = std::move(all);
    inputs_ = more_->inputs.data();
  }
  input_count_ = total;
  TensorImpl** slots = inputs_ + overload_.op->input_count;
  for (Py_ssize_t i = 0; i < count; ++i) {
    if (!set_list_item(p, items[i], slots[i])) return false;
  }
  return true;
}

bool Arguments::set(int index, PyObject* object) {
  const ParameterInfo& p = overload_.parameters[static_cast<size_t>(index)].info;
  switch (p.kind) {
    case ParameterKind::Input:
    case ParameterKind::OptionalInput:
      return set_input(p, object);
    case ParameterKind::InputList:
      if (PyList_Check(object)) {
        return set_list(p, reinterpret_cast<PyListObject*>(object)->ob_item, PyList_GET_SIZE(object));
      }
      if (PyTuple_Check(object)) return set_list(p, &PyTuple_GET_ITEM(object, 0), PyTuple_GET_SIZE(object));
      return false;
    case ParameterKind::Attribute:
      // None stands for the default, as in `sum(x, None)` where the record has no optional.
      return to_attribute(p, object, attribute(p));
  }
  return false;
}

bool Arguments::mark(int index, Py_ssize_t position, PyObject* object) {
  const uint64_t bit = uint64_t{1} << index;
  if ((given_ & bit) != 0) {
    mismatch = {Mismatch::Twice, index, position, object};
    return false;
  }
  given_ |= bit;
  return true;
}

// `view(2, 3)`, `view((2, 3))`, `einsum("ij,jk", a, b)`.
bool Arguments::set_variadic(int index, PyObject* const* args, Py_ssize_t count) {
  const ParameterInfo& p = overload_.parameters[static_cast<size_t>(index)].info;
  if (count == 1 && (PyTuple_Check(args[0]) || PyList_Check(args[0]))) return set(index, args[0]);
  if (p.kind == ParameterKind::InputList) return set_list(p, args, count);
  if (p.type == AttributeType::Dims) return to_dims(args, count, *static_cast<Dims*>(attribute(p)));
  if (p.type == AttributeType::OptionalDims) {
    Dims dims;
    if (!to_dims(args, count, dims)) return false;
    *static_cast<OptionalDims*>(attribute(p)) = std::move(dims);
    return true;
  }
  return count == 1 && set(index, args[0]);
}

// Keywords that every op or every creation op takes and that are no part of its record.
bool Arguments::set_common_keyword(PyObject* name, PyObject* object) {
  const OpInfo& op = *overload_.op;
  if (is_name(name, "out") && (op.forms & kOut) != 0) {
    out = object == Py_None ? nullptr : object;
    return true;
  }
  if (is_name(name, "memory_format")) return object == Py_None || Py_TYPE(object) == memory_format_type;
  const bool creates = op.is(kCreation) || strstr(op.name, "_like") != nullptr || strncmp(op.name, "new_", 4) == 0;
  if (!creates) return false;
  if (is_name(name, "requires_grad")) return to_bool(object, requires_grad);
  if (is_name(name, "layout")) {
    return object == Py_None || (Py_TYPE(object) == layout_type);
  }
  return is_name(name, "pin_memory") || (is_name(name, "names") && object == Py_None);
}

bool Arguments::set_keyword(PyObject* name, PyObject* object) {
  const auto& parameters = overload_.parameters;
  int index = -1;
  for (size_t i = 0; i < parameters.size() && index < 0; ++i) {
    if (parameters[i].name == name) index = static_cast<int>(i);
  }
  for (size_t i = 0; i < parameters.size() && index < 0; ++i) {
    if (matches(parameters[i], name)) index = static_cast<int>(i);
  }
  if (index < 0) {
    if (set_common_keyword(name, object)) return true;
    mismatch = {Mismatch::Unknown, -1, -1, name};
    return false;
  }
  if (!mark(index, -1, object)) return false;
  const ParameterInfo& p = parameters[static_cast<size_t>(index)].info;
  const bool plain_int = p.is_variadic && PyLong_Check(object);  // zeros(size=3)
  if (plain_int ? set_variadic(index, &object, 1) : set(index, object)) return true;
  mismatch = {Mismatch::Type, index, -1, object};
  return false;
}

bool Arguments::parse_rest(Py_ssize_t i, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  const auto& order = overload_.order;
  for (; i < count; ++i) {
    if (i >= static_cast<Py_ssize_t>(order.size())) [[unlikely]] {
      mismatch = {Mismatch::TooMany, static_cast<int>(order.size()), i, args[i]};
      return false;
    }
    const int index = order[static_cast<size_t>(i)];
    const ParameterInfo& p = overload_.parameters[static_cast<size_t>(index)].info;
    given_ |= uint64_t{1} << index;
    const bool takes_rest = p.is_variadic || (p.kind == ParameterKind::InputList && is_tensor(args[i]) &&
                                              i + 1 >= static_cast<Py_ssize_t>(order.size()));
    if (takes_rest) {
      if (!set_variadic(index, args + i, count - i)) {
        mismatch = {Mismatch::Type, index, i, args[i]};
        return false;
      }
      break;
    }
    if (!set(index, args[i])) [[unlikely]] {
      mismatch = {Mismatch::Type, index, i, args[i]};
      return false;
    }
  }
  if (keywords != nullptr) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(keywords); ++i) {
      if (!set_keyword(PyTuple_GET_ITEM(keywords, i), args[count + i])) return false;
    }
  }
  if (const uint64_t missing = overload_.required & ~given_; missing != 0) [[unlikely]] {
    mismatch = {Mismatch::Missing, __builtin_ctzll(missing), -1, nullptr};
    return false;
  }
  if (overload_.device >= 0) {
    if (const Device device = default_device(); device.kind != DeviceKind::CPU) [[unlikely]] {
      const ParameterInfo& p = overload_.parameters[static_cast<size_t>(overload_.device)].info;
      const bool given = (given_ >> overload_.device & 1) != 0;
      void* slot = attribute(p);
      if (p.type == AttributeType::OptionalDevice) {  // device=None is none
        auto& chosen = *static_cast<OptionalDevice*>(slot);
        if (!chosen) chosen = device;
      } else if (!given) {
        *static_cast<Device*>(slot) = device;
      }
    }
  }
  return true;
}

namespace {

std::string keyword_text(PyObject* name) {
  const char* text = PyUnicode_AsUTF8(name);
  return text == nullptr ? "?" : text;
}

std::string describe(const Mismatch& m, const Overload& overload) {
  const ParameterInfo* p = m.parameter >= 0 && m.parameter < static_cast<int>(overload.parameters.size())
                               ? &overload.parameters[static_cast<size_t>(m.parameter)].info
                               : nullptr;
  switch (m.reason) {
    case Mismatch::None:
      break;
    case Mismatch::Type: {
      std::string where = m.position >= 0 ? text(" (position ", m.position + 1, ")") : "";
      return text("argument '", p->name, "'", where, " must be ", describe_wanted(*p), ", not ",
                  describe_type(m.object));
    }
    case Mismatch::Missing:
      return text("missing required argument: '", p->name, "'");
    case Mismatch::TooMany:
      return text("takes ", m.parameter, " positional argument", m.parameter == 1 ? "" : "s", " but got more");
    case Mismatch::Unknown:
      return text("got an unexpected keyword argument '", keyword_text(m.object), "'");
    case Mismatch::Twice:
      return text("got multiple values for argument '", p->name, "'");
  }
  return "";
}

std::string describe_arguments(PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  std::string got;
  for (Py_ssize_t i = 0; i < count; ++i) {
    if (i > 0) got += ", ";
    got += describe_type(args[i]);
  }
  const Py_ssize_t n = keywords == nullptr ? 0 : PyTuple_GET_SIZE(keywords);
  for (Py_ssize_t i = 0; i < n; ++i) {
    if (!got.empty()) got += ", ";
    got += keyword_text(PyTuple_GET_ITEM(keywords, i)) + "=" + describe_type(args[count + i]);
  }
  return got;
}

}  // namespace

void raise_mismatch(const OpSet& set, const std::vector<Mismatch>& mismatches, PyObject* const* args, Py_ssize_t count,
                    PyObject* keywords) {
  if (set.overloads.size() == 1) {
    fail<TypeError>(set.name, "(): ", describe(mismatches[0], *set.overloads[0]),
                    "; signature: ", print_signature(*set.overloads[0]->op));
  }
  std::string message = text(set.name, "() received an invalid combination of arguments - got (",
                             describe_arguments(args, count, keywords), "), but expected one of:");
  for (size_t i = 0; i < set.overloads.size(); ++i) {
    message +=
        text("\n * ", print_signature(*set.overloads[i]->op), "\n      ", describe(mismatches[i], *set.overloads[i]));
  }
  throw TypeError(message);
}

}  // namespace tenon::python
