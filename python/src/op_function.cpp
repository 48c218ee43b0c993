#include "op_function.h"

#include <structmember.h>

#include <cctype>
#include <cstring>
#include <map>

#include <tenon/core/door.h>
#include <tenon/core/error.h>

#include "arguments.h"
#include "errors.h"
#include "function_override.h"
#include "object.h"
#include "traced.h"
#include "values.h"

namespace tenon::python {

namespace {

PyTypeObject* function_type = nullptr;  // in modules: stays itself when looked up on an instance
PyTypeObject* method_type = nullptr;    // on Tensor: binds, and the interpreter calls it without binding

std::map<std::string, OpFunction*, std::less<>>& functions() {
  static auto* map = new std::map<std::string, OpFunction*, std::less<>>;
  return *map;
}
std::map<std::string, OpFunction*, std::less<>>& methods() {
  static auto* map = new std::map<std::string, OpFunction*, std::less<>>;
  return *map;
}

// ---- results ----

PyObject* result_types = nullptr;  // tenon.return_types

// return_types.max(
// values=tensor(...),
// indices=tensor(...))
PyObject* named_repr(PyObject* self) {
  const char* name = Py_TYPE(self)->tp_name;
  std::string s = text(name + strlen("tenon."), "(\n");
  s = std::string("tenon.") + s;
  const PyMemberDef* members = Py_TYPE(self)->tp_members;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(self); ++i) {
    Owned item(PyObject_Repr(PyTuple_GET_ITEM(self, i)));
    if (!item) return nullptr;
    s += text(i > 0 ? ",\n" : "", members[i].name, "=", PyUnicode_AsUTF8(item.get()));
  }
  return PyUnicode_FromString((s + ")").c_str());
}

PyTypeObject* make_result_type(const OpInfo& op) {
  if (op.visible_outputs < 2 || *op.outputs[0].name == 0) return nullptr;
  std::vector<PyStructSequence_Field> fields;
  for (int i = 0; i < op.output_count; ++i) {
    if (!op.outputs[i].hidden) fields.push_back({op.outputs[i].name, nullptr});
  }
  fields.push_back({nullptr, nullptr});
  auto* name = new std::string(text("tenon.return_types.", op.name));  // the type keeps the pointer
  Owned known(PyObject_GetAttrString(result_types, op.name));
  if (known) return reinterpret_cast<PyTypeObject*>(known.release());
  PyErr_Clear();
  PyStructSequence_Desc desc{name->c_str(), nullptr, fields.data(), static_cast<int>(fields.size()) - 1};
  PyTypeObject* type = PyStructSequence_NewType(&desc);
  if (type == nullptr) throw_python_error();
  type->tp_repr = &named_repr;
  if (PyModule_AddObjectRef(result_types, op.name, reinterpret_cast<PyObject*>(type)) < 0) throw_python_error();
  return type;
}

PyObject* wrap_results(const Overload& overload, Tensor* out) {
  const OpInfo& op = *overload.op;
  if (op.visible_outputs == 1) [[likely]] {
    if (op.output_count == 1) [[likely]]
      return wrap(std::move(out[0]));
    for (int i = 0; i < op.output_count; ++i) {
      if (!op.outputs[i].hidden) return wrap(std::move(out[i]));
    }
  }
  PyObject* tuple =
      overload.result != nullptr ? PyStructSequence_New(overload.result) : PyTuple_New(op.visible_outputs);
  if (tuple == nullptr) return nullptr;
  Py_ssize_t n = 0;
  for (int i = 0; i < op.output_count; ++i) {
    if (op.outputs[i].hidden) continue;
    PyObject* item = wrap(std::move(out[i]));
    if (item == nullptr) {
      Py_DECREF(tuple);
      return nullptr;
    }
    PyTuple_SET_ITEM(tuple, n++, item);
  }
  return tuple;
}

PyObject* wrap_list(std::vector<Tensor>& list) {
  PyObject* tuple = PyTuple_New(static_cast<Py_ssize_t>(list.size()));
  if (tuple == nullptr) return nullptr;
  for (size_t i = 0; i < list.size(); ++i) {
    PyObject* item = wrap(std::move(list[i]));
    if (item == nullptr) {
      Py_DECREF(tuple);
      return nullptr;
    }
    PyTuple_SET_ITEM(tuple, static_cast<Py_ssize_t>(i), item);
  }
  return tuple;
}

// ---- running ----

bool is_long(const Overload& overload, const Arguments& arguments) {
  int64_t work = 0;
  const Inputs in = arguments.inputs();
  for (int i = 0; i < in.size(); ++i) {
    const TensorImpl* impl = in.data()[i];
    if (impl != nullptr && !is_small(impl)) work += work_of(impl);
  }
  if (work > kLongWork) return true;
  if (overload.size < 0) return false;
  const auto* size = reinterpret_cast<const Dims*>(static_cast<const char*>(arguments.record()) + overload.size);
  double n = 1;
  for (Dim d : *size) n *= static_cast<double>(d.raw());
  return n > static_cast<double>(kLongWork);
}

void set_destinations(const Overload& overload, PyObject* given, Tensor* out) {
  const OpInfo& op = *overload.op;
  auto take = [&](PyObject* object, int slot) {
    if (!is_tensor(object)) {
      fail<TypeError>(op.name, "(): argument 'out' must be Tensor, not ", Py_TYPE(object)->tp_name);
    }
    out[slot] = unwrap(object);
  };
  if (op.visible_outputs == 1) {
    if (PyTuple_Check(given) && PyTuple_GET_SIZE(given) == 1) given = PyTuple_GET_ITEM(given, 0);
    for (int i = 0; i < op.output_count; ++i) {
      if (!op.outputs[i].hidden) return take(given, i);
    }
  }
  const bool sequence = PyTuple_Check(given) || PyList_Check(given);
  if (!sequence || PySequence_Fast_GET_SIZE(given) != op.visible_outputs) {
    fail<TypeError>(op.name, "(): argument 'out' must be a tuple of ", static_cast<int>(op.visible_outputs),
                    " Tensors");
  }
  Py_ssize_t n = 0;
  for (int i = 0; i < op.output_count; ++i) {
    if (!op.outputs[i].hidden) take(PySequence_Fast_GET_ITEM(given, n++), i);
  }
}

void go(const Overload& overload, const Arguments& arguments, Call& call) {
  if (is_long(overload, arguments)) [[unlikely]] {
    ReleaseGil release;
    apply(call);
  } else {
    apply(call);
  }
}

// In place, into `out=`, several outputs or a list of them.
PyObject* run_other(const OpSet& set, const Overload& overload, Arguments& arguments) {
  const OpInfo& op = *overload.op;
  Tensor out[kMaxOutputs];
  Call call{&op, arguments.record(), arguments.inputs(), out};
  if (op.is(kListOutput)) {
    std::vector<Tensor> list;
    call.list = &list;
    go(overload, arguments, call);
    return wrap_list(list);
  }
  if (set.inplace) {
    TensorImpl* self = call.inputs.data()[0];
    out[0] = Tensor(Ref<TensorImpl>::share(self));
    call.destination = Destination::Inplace;
    go(overload, arguments, call);
    return wrap(Tensor(Ref<TensorImpl>::share(self)));
  }
  if (arguments.out != nullptr) {
    set_destinations(overload, arguments.out, out);
    call.destination = Destination::Out;
    go(overload, arguments, call);
    if (op.visible_outputs == 1 || overload.result == nullptr) return Py_NewRef(arguments.out);
    return wrap_results(overload, out);
  }
  go(overload, arguments, call);
  return wrap_results(overload, out);
}

inline PyObject* run(const OpSet& set, const Overload& overload, Arguments& arguments) {
  const OpInfo& op = *overload.op;
  const bool plain = op.output_count == 1 && !op.is(kListOutput) && !set.inplace && arguments.out == nullptr;
  if (!plain) return run_other(set, overload, arguments);
  Tensor out;
  Call call{&op, arguments.record(), arguments.inputs(), &out};
  go(overload, arguments, call);
  if (arguments.requires_grad) [[unlikely]]
    out.requires_grad_(true);
  return wrap(std::move(out));
}

PyObject* call_function(PyObject* callable, PyObject* const* args, size_t flags, PyObject* keywords) {
  const OpSet& set = *reinterpret_cast<OpFunction*>(callable)->set;
  const Overload& first = *set.first;
  const Py_ssize_t count = PyVectorcall_NARGS(flags);
  try {
    {
      Arguments arguments(first);
      const bool matched = arguments.parse(args, count, keywords);
      if (arguments.overridden()) [[unlikely]]
        return call_override(callable, args, count, keywords);
      if (matched) [[likely]]
        return run(set, first, arguments);
      if (set.overloads.size() == 1) raise_mismatch(set, {arguments.mismatch}, args, count, keywords);
    }
    std::vector<Mismatch> mismatches(1);
    for (size_t i = 1; i < set.overloads.size(); ++i) {
      Arguments arguments(*set.overloads[i]);
      const bool matched = arguments.parse(args, count, keywords);
      if (arguments.overridden()) return call_override(callable, args, count, keywords);
      if (matched) return run(set, *set.overloads[i], arguments);
      mismatches.push_back(arguments.mismatch);
    }
    Arguments again(first);
    again.parse(args, count, keywords);
    mismatches[0] = again.mismatch;
    raise_mismatch(set, mismatches, args, count, keywords);
  } catch (...) {
    set_python_error(std::current_exception());
    return nullptr;
  }
}

// ---- the callable types ----

PyObject* function_repr(PyObject* self) {
  const OpFunction* f = reinterpret_cast<OpFunction*>(self);
  const bool method = Py_TYPE(self) == method_type;
  return PyUnicode_FromFormat(method ? "<method '%U' of 'Tensor' objects>" : "<built-in function %U>", f->name);
}
PyObject* method_get(PyObject* self, PyObject* object, PyObject*) {
  if (object == nullptr || object == Py_None) return Py_NewRef(self);
  return PyMethod_New(self, object);
}
PyObject* function_reduce(PyObject* self, PyObject*) {
  OpFunction* f = reinterpret_cast<OpFunction*>(self);
  if (Py_TYPE(self) == function_type) return Py_NewRef(f->name);
  Owned builtins(PyImport_ImportModule("builtins"));
  Owned getter(builtins ? PyObject_GetAttrString(builtins.get(), "getattr") : nullptr);
  return getter ? Py_BuildValue("O(OO)", getter.get(), tensor_type, f->name) : nullptr;
}

// "(input, other, *, alpha=1)", for inspect.signature; only one overload has one.
PyObject* function_signature(PyObject* self, void*) {
  const OpSet& set = *reinterpret_cast<OpFunction*>(self)->set;
  if (set.overloads.size() != 1) Py_RETURN_NONE;
  return guarded([&] {
    const OpInfo& op = *set.overloads[0]->op;
    std::string s = print_signature(op);
    s.erase(0, s.find('('));
    if ((op.forms & kOut) != 0 && !set.inplace && Py_TYPE(self) == function_type) {
      s.pop_back();
      s += s.find(", *") == std::string::npos && s.find("(*") == std::string::npos ? ", *, out=None)" : ", out=None)";
    }
    return PyUnicode_FromString(s.c_str());
  });
}
PyObject* function_qualname(PyObject* self, void*) {
  const OpFunction* f = reinterpret_cast<OpFunction*>(self);
  return Py_TYPE(self) == method_type ? PyUnicode_FromFormat("Tensor.%U", f->name) : Py_NewRef(f->name);
}

PyMemberDef function_members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(OpFunction, call), READONLY, nullptr},
    {"__name__", T_OBJECT, offsetof(OpFunction, name), READONLY, nullptr},
    {"__module__", T_OBJECT, offsetof(OpFunction, module), READONLY, nullptr},
    {"__doc__", T_OBJECT, offsetof(OpFunction, doc), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr},
};
PyGetSetDef function_getset[] = {
    {"__text_signature__", &function_signature, nullptr, nullptr, nullptr},
    {"__qualname__", &function_qualname, nullptr, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};
PyMethodDef function_methods[] = {
    {"__reduce__", &function_reduce, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

PyTypeObject* make_callable_type(const char* name, bool method) {
  std::vector<PyType_Slot> slots{
      {Py_tp_call, reinterpret_cast<void*>(&PyVectorcall_Call)},
      {Py_tp_repr, reinterpret_cast<void*>(&function_repr)},
      {Py_tp_members, function_members},
      {Py_tp_getset, function_getset},
      {Py_tp_methods, function_methods},
  };
  if (method) slots.push_back({Py_tp_descr_get, reinterpret_cast<void*>(&method_get)});
  slots.push_back({0, nullptr});
  unsigned long flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_DISALLOW_INSTANTIATION;
  if (method) flags |= Py_TPFLAGS_METHOD_DESCRIPTOR;
  PyType_Spec spec{name, sizeof(OpFunction), 0, static_cast<unsigned>(flags), slots.data()};
  return reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
}

std::string make_doc(const OpSet& set) {
  std::string doc;
  for (const Overload* o : set.overloads) {
    std::string line = print_signature(*o->op);
    if (set.inplace) line.insert(line.find('('), 1, '_');
    if ((o->op->forms & kOut) != 0 && !set.inplace) {
      line.pop_back();
      line += line.find(", *") == std::string::npos ? ", *, out=None)" : ", out=None)";
    }
    doc +=
        line + " -> " + (o->op->is(kListOutput) || o->op->visible_outputs > 1 ? "tuple of Tensors" : "Tensor") + "\n";
  }
  for (const Overload* o : set.overloads) {
    if (*o->op->doc != 0) doc += std::string("\n") + o->op->doc + "\n";
  }
  return doc;
}

OpFunction* make_function(PyTypeObject* type, OpSet* set) {
  OpFunction* f = reinterpret_cast<OpFunction*>(type->tp_alloc(type, 0));
  if (f == nullptr) throw_python_error();
  f->call = &call_function;
  f->set = set;
  f->name = PyUnicode_InternFromString(set->name.c_str());
  f->module = PyUnicode_InternFromString("tenon");
  const std::string doc = make_doc(*set);
  f->doc = PyUnicode_FromStringAndSize(doc.data(), static_cast<Py_ssize_t>(doc.size()));
  if (f->name == nullptr || f->doc == nullptr) throw_python_error();
  return f;
}

// ---- registration ----

Overload* overload_of(const OpInfo& op) {
  static auto* known = new std::map<const OpInfo*, Overload*>;
  Overload*& o = (*known)[&op];
  if (o == nullptr) o = new Overload(op);
  return o;
}

// Adds the overload to the callable `name`, which is made when it is new.
void add_to(std::map<std::string, OpFunction*, std::less<>>& table, PyTypeObject* type, const std::string& name,
            bool inplace, const OpInfo& op, std::vector<std::string>& fresh) {
  OpFunction*& f = table[name];
  Overload* overload = overload_of(op);
  if (f == nullptr) {
    f = make_function(type, new OpSet{overload, inplace, name, {overload}});
    fresh.push_back(name);
    return;
  }
  auto& overloads = f->set->overloads;
  for (const Overload* o : overloads) {
    if (o == overload) return;
  }
  overloads.push_back(overload);
  const std::string doc = make_doc(*f->set);
  Py_XSETREF(f->doc, PyUnicode_FromStringAndSize(doc.data(), static_cast<Py_ssize_t>(doc.size())));
}

void set_method(const std::string& name) {
  PyObject* dict = tensor_type->tp_dict;
  Owned key(PyUnicode_InternFromString(name.c_str()));
  if (PyDict_Contains(dict, key.get()) != 0) return;  // written by hand
  PyObject* value = reinterpret_cast<PyObject*>(methods()[name]);
  if (PyObject_SetAttr(reinterpret_cast<PyObject*>(tensor_type), key.get(), value) < 0) throw_python_error();
}

}  // namespace

Overload::Overload(const OpInfo& info) : op(&info) {
  static constexpr std::pair<const char*, const char*> kAliases[] = {
      {"dim", "axis"}, {"dims", "axis"}, {"keepdim", "keepdims"}, {"input", "self"},
      {"input", "x"},  {"input", "a"},   {"other", "x2"},         {"self", "input"},
  };
  for (const ParameterInfo& p : info.parameters) {
    Parameter parameter{p, PyUnicode_InternFromString(p.name), {}};
    for (const auto& [name, alias] : kAliases) {
      if (strcmp(name, p.name) == 0) parameter.aliases.push_back(PyUnicode_InternFromString(alias));
    }
    const auto index = static_cast<uint8_t>(parameters.size());
    if (!p.is_keyword) order.push_back(index);
    const bool required =
        p.kind == ParameterKind::Attribute ? p.is_required : p.kind != ParameterKind::OptionalInput && p.is_required;
    if (required) this->required |= uint64_t{1} << index;
    if (p.kind == ParameterKind::Attribute && info.is(kCreation) &&
        (p.type == AttributeType::Device || p.type == AttributeType::OptionalDevice)) {
      device = index;
    }
    if (p.kind == ParameterKind::Attribute && p.type == AttributeType::Dims && info.is(kCreation)) size = p.offset;
    const bool is_input = p.kind == ParameterKind::Input || p.kind == ParameterKind::OptionalInput;
    if (is_input && !p.is_keyword && leading_inputs == index) ++leading_inputs;
    parameters.push_back(std::move(parameter));
  }
  TENON_ASSERT(parameters.size() <= 64);
  result = make_result_type(info);
}

PyObject* find_function(const char* name) {
  const auto it = functions().find(name);
  return it == functions().end() ? nullptr : reinterpret_cast<PyObject*>(it->second);
}
PyObject* find_method(const char* name) {
  const auto it = methods().find(name);
  return it == methods().end() ? nullptr : reinterpret_cast<PyObject*>(it->second);
}

bool make_op_types(PyObject* module) {
  function_type = make_callable_type("tenon.builtin_function", false);
  method_type = make_callable_type("tenon.method", true);
  if (function_type == nullptr || method_type == nullptr) return false;
  result_types = PyModule_New("tenon.return_types");
  return result_types != nullptr && PyModule_AddObjectRef(module, "return_types", result_types) == 0;
}

PyObject* add_ops(PyObject* module) {
  std::vector<std::string> fresh, fresh_methods;
  for (const OpInfo* op : registry().all()) {
    const std::string name = op->name;
    if ((op->forms & kFunction) != 0) add_to(functions(), function_type, name, false, *op, fresh);
    if ((op->forms & kMethod) != 0) add_to(methods(), method_type, name, false, *op, fresh_methods);
    if ((op->forms & kInplace) != 0) {
      add_to(methods(), method_type, name + "_", true, *op, fresh_methods);
      // relu_(x) exists as a function, add_(x, y) only as a method.
      const bool unary = op->input_count == 1 && !op->has_list;
      if (unary && (op->forms & kFunction) != 0) add_to(functions(), function_type, name + "_", true, *op, fresh);
    }
  }
  for (const std::string& name : fresh) {
    PyObject* f = reinterpret_cast<PyObject*>(functions()[name]);
    if (PyModule_AddObjectRef(module, name.c_str(), f) < 0) throw_python_error();
  }
  for (const std::string& name : fresh_methods) set_method(name);
  Owned names(checked(PyList_New(0)));
  for (const std::string& name : fresh) {
    Owned item(checked(PyUnicode_FromString(name.c_str())));
    if (PyList_Append(names.get(), item.get()) < 0) throw_python_error();
  }
  return names.release();
}

PyObject* call_decomposition(const OpInfo& op, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  Overload* overload = overload_of(op);
  OpSet set{overload, false, op.name, {overload}};
  return guarded([&] {
    Arguments arguments(*set.overloads[0]);
    if (!arguments.parse(args, count, keywords)) raise_mismatch(set, {arguments.mismatch}, args, count, keywords);
    Tensor out[kMaxOutputs];
    std::vector<Tensor> list;
    op.decompose(arguments.record(), arguments.inputs(), out, &list);
    return op.is(kListOutput) ? wrap_list(list) : wrap_results(*set.overloads[0], out);
  });
}

Tensor call_op(const OpInfo& op, std::initializer_list<TensorImpl*> inputs, const void* record) {
  Tensor out[kMaxOutputs];
  Call call{&op, record == nullptr ? op.defaults : record, Inputs(inputs.begin(), static_cast<int>(inputs.size())),
            out};
  apply(call);
  return std::move(out[0]);
}

}  // namespace tenon::python
