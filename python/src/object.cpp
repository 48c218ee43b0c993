#include "object.h"

#include <structmember.h>

#include <iterator>
#include <vector>

#include "autograd.h"
#include "errors.h"
#include "function_override.h"

namespace tenon::python {

PyTypeObject* tensor_type = nullptr;
PyTypeObject* parameter_type = nullptr;

void track_object(PyObject* object) {
  if (!PyObject_GC_IsTracked(object)) PyObject_GC_Track(object);
}

namespace {

constexpr int kFreeListSize = 64;
PyObject* free_list[kFreeListSize];
int free_count = 0;

inline TensorObject* cast(PyObject* object) { return reinterpret_cast<TensorObject*>(object); }

// Objects made by wrap() stay out of the garbage collector until they get a __dict__: before that they
// hold no Python object, and tracking would make every 700th op pay for a collection.
PyObject* allocate_object(PyTypeObject* type) {
  if (free_count > 0) [[likely]] {
    return PyObject_Init(free_list[--free_count], type);
  }
  PyObject* object = reinterpret_cast<PyObject*>(PyObject_GC_New(TensorObject, type));
  return object;
}

bool has_state(TensorObject* self) {
  if (self->weakrefs != nullptr) return true;
  if (self->dict != nullptr && PyDict_GET_SIZE(self->dict) > 0) return true;
  return !is_exact_tensor(reinterpret_cast<PyObject*>(self));
}

// CPython calls tp_finalize once in an object's life, but a tensor may be given up and met again often.
void clear_finalized(PyObject* object) {
#ifdef Py_GIL_DISABLED
#error "the tensor object needs the GIL"
#endif
  constexpr uintptr_t kFinalized = 1;  // _PyGC_PREV_MASK_FINALIZED, the same since Python 3.4
  (reinterpret_cast<uintptr_t*>(object) - 1)[0] &= ~kFinalized;
}

// As PyObject_GC_IsTracked, without the call that every tensor would pay for when it goes.
bool is_tracked(PyObject* object) { return (reinterpret_cast<uintptr_t*>(object) - 2)[0] != 0; }

// The impl lives on in C++ and may come back to Python: hands the object to it. The caller has made the
// object's count account for the reference that the impl now has.
void give_to_impl(TensorObject* self) {
  TensorImpl* impl = self->impl;
  impl->owns_python = true;
  Ref<TensorImpl>::adopt(impl).reset();
}

void tensor_finalize(PyObject* object) {
  TensorObject* self = cast(object);
  if (self->impl == nullptr || self->impl->owns_python || self->impl->use_count() <= 1) return;
  if (!has_state(self)) return;
  Py_INCREF(object);
  give_to_impl(self);
}

void tensor_dealloc(PyObject* object) {
  TensorObject* self = cast(object);
  PyTypeObject* type = Py_TYPE(object);
  const bool exact = type == tensor_type || type == parameter_type;
  // Most tensors have no attributes and nobody looks at them weakly.
  if (exact && self->dict == nullptr && self->weakrefs == nullptr && free_count < kFreeListSize && !is_tracked(object))
      [[likely]] {
    if (TensorImpl* impl = std::exchange(self->impl, nullptr)) {
      impl->python = nullptr;
      Ref<TensorImpl>::adopt(impl).reset();
    }
    free_list[free_count++] = object;
    Py_DECREF(type);
    return;
  }
  if (exact) {
    if (self->dict != nullptr || self->weakrefs != nullptr) [[unlikely]] {
      if (self->impl != nullptr && self->impl->use_count() > 1 && has_state(self)) {
        Py_SET_REFCNT(object, 1);
        give_to_impl(self);
        return;
      }
    }
  }
  const bool tracked = PyObject_GC_IsTracked(object) != 0;
  if (tracked) PyObject_GC_UnTrack(object);
  if (self->weakrefs != nullptr) PyObject_ClearWeakRefs(object);
  Py_CLEAR(self->dict);
  if (TensorImpl* impl = std::exchange(self->impl, nullptr)) {
    impl->python = nullptr;
    Ref<TensorImpl>::adopt(impl).reset();
  }
  if (exact && !tracked && free_count < kFreeListSize) {
    free_list[free_count++] = object;
  } else {
    type->tp_free(object);
  }
  Py_DECREF(type);
}

// Then what the impl holds is held by this object alone.
bool holds_impl_alone(const TensorObject* self) {
  return self->impl != nullptr && !self->impl->owns_python && self->impl->use_count() == 1;
}

int tensor_traverse(PyObject* object, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(object));
  Py_VISIT(cast(object)->dict);
  if (holds_impl_alone(cast(object))) return visit_leaf_hooks(cast(object)->impl, visit, arg);
  return 0;
}

int tensor_clear(PyObject* object) {
  Py_CLEAR(cast(object)->dict);
  if (holds_impl_alone(cast(object))) clear_leaf_hooks(cast(object)->impl);
  return 0;
}

void track_if_needed(PyObject* object) {
  if (cast(object)->dict != nullptr) track_object(object);
}

int tensor_setattro(PyObject* object, PyObject* name, PyObject* value) {
  const int status = PyObject_GenericSetAttr(object, name, value);
  track_if_needed(object);
  return status;
}

PyObject* get_dict(PyObject* object, void*) {
  PyObject* dict = PyObject_GenericGetDict(object, nullptr);
  track_if_needed(object);
  return dict;
}
int set_dict(PyObject* object, PyObject* value, void*) {
  const int status = PyObject_GenericSetDict(object, value, nullptr);
  track_if_needed(object);
  return status;
}

// Called from C++ when an impl that owns its object dies: nobody can meet the object again.
void release_object(void* pointer) {
  if (!Py_IsInitialized()) return;
  const PyGILState_STATE state = PyGILState_Ensure();
  TensorObject* self = static_cast<TensorObject*>(pointer);
  // __del__ of a subclass may still look at the tensor; it finds an empty one.
  self->impl = nullptr;
  try {
    self->impl = Tensor::empty({0}).detach_ref().detach();
    self->impl->python = self;
  } catch (const std::exception&) {
  }
  Py_DECREF(reinterpret_cast<PyObject*>(self));
  PyGILState_Release(state);
}

PyMemberDef tensor_members[] = {
    {"__dictoffset__", T_PYSSIZET, offsetof(TensorObject, dict), READONLY, nullptr},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(TensorObject, weakrefs), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr},
};

PyTypeObject* make_type(PyObject* module, const char* name, const char* doc, newfunc make, PyTypeObject* base) {
  static PyGetSetDef dict_getset{"__dict__", &get_dict, &set_dict, nullptr, nullptr};
  std::vector<PyType_Slot> slots{
      {Py_tp_dealloc, reinterpret_cast<void*>(&tensor_dealloc)},
      {Py_tp_finalize, reinterpret_cast<void*>(&tensor_finalize)},
      {Py_tp_traverse, reinterpret_cast<void*>(&tensor_traverse)},
      {Py_tp_clear, reinterpret_cast<void*>(&tensor_clear)},
      {Py_tp_setattro, reinterpret_cast<void*>(&tensor_setattro)},
      {Py_tp_new, reinterpret_cast<void*>(make)},
      {Py_tp_doc, const_cast<char*>(doc)},
      {Py_tp_members, tensor_members},
  };
  std::vector<PyGetSetDef>* getset = nullptr;
  std::vector<PyMethodDef>* methods = nullptr;
  if (base == nullptr) {
    getset = new std::vector<PyGetSetDef>{dict_getset};  // live as long as the type: for ever
    for (PyGetSetDef* g = tensor_getset; g->name != nullptr; ++g) getset->push_back(*g);
    getset->push_back({});
    methods = new std::vector<PyMethodDef>;
    for (PyMethodDef* m = tensor_methods; m->ml_name != nullptr; ++m) methods->push_back(*m);
    methods->push_back({});
    slots.push_back({Py_tp_getset, getset->data()});
    slots.push_back({Py_tp_methods, methods->data()});
    slots.push_back({Py_tp_repr, reinterpret_cast<void*>(&tensor_repr)});
    slots.push_back({Py_bf_getbuffer, reinterpret_cast<void*>(tensor_buffer.bf_getbuffer)});
    slots.push_back({Py_bf_releasebuffer, reinterpret_cast<void*>(tensor_buffer.bf_releasebuffer)});
    for (PyType_Slot* s = operator_slots; s->slot != 0; ++s) slots.push_back(*s);
  }
  slots.push_back({0, nullptr});
  PyType_Spec spec{name, sizeof(TensorObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
                   slots.data()};
  Owned bases;
  if (base != nullptr) {
    bases = Owned(PyTuple_Pack(1, base));
    if (!bases) return nullptr;
  }
  PyObject* type = PyType_FromSpecWithBases(&spec, bases.get());
  if (type == nullptr) return nullptr;
  const char* short_name = strrchr(name, '.') + 1;
  if (PyModule_AddObjectRef(module, short_name, type) < 0) return nullptr;
  return reinterpret_cast<PyTypeObject*>(type);
}

// The object already exists: Python holds it, or the impl kept it.
PyObject* wrap_known(Tensor&& tensor) {
  TensorImpl* impl = tensor.impl();
  PyObject* object = static_cast<PyObject*>(impl->python);
  if (impl->owns_python) {
    impl->owns_python = false;
    tensor.detach_ref().detach();  // the object holds the impl again
    clear_finalized(object);
    return object;  // and takes over the reference that the impl had
  }
  Py_INCREF(object);
  return object;
}

// isinstance(x, Parameter): a parameter may be of any subclass of Tensor.
PyObject* parameter_instance_check(PyObject* cls, PyObject* object) {
  if (reinterpret_cast<PyTypeObject*>(cls) == parameter_type && is_tensor(object) && impl_of(object) != nullptr &&
      (impl_of(object)->flags & TensorImpl::kParameter) != 0) {
    Py_RETURN_TRUE;
  }
  const int is = _PyObject_RealIsInstance(object, cls);
  return is < 0 ? nullptr : PyBool_FromLong(is);
}

bool set_parameter_metaclass() {
  static PyMethodDef methods[] = {{"__instancecheck__", &parameter_instance_check, METH_O, nullptr},
                                  {nullptr, nullptr, 0, nullptr}};
  PyType_Slot slots[] = {{Py_tp_methods, methods}, {0, nullptr}};
  PyType_Spec spec{"tenon.nn.ParameterType", 0, 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};
  PyObject* meta = PyType_FromSpecWithBases(&spec, reinterpret_cast<PyObject*>(&PyType_Type));
  if (meta == nullptr) return false;
  Py_SET_TYPE(parameter_type, reinterpret_cast<PyTypeObject*>(meta));  // which keeps the reference
  return true;
}

}  // namespace

PyObject* wrap(Tensor&& tensor) {
  TensorImpl* impl = tensor.impl();
  if (impl == nullptr) Py_RETURN_NONE;
  if (impl->python != nullptr) [[unlikely]]
    return wrap_known(std::move(tensor));
  PyTypeObject* type = tensor_type;
  if ((impl->flags & TensorImpl::kParameter) != 0) [[unlikely]]
    type = parameter_type;
  PyObject* object = allocate_object(type);
  if (object == nullptr) return nullptr;
  TensorObject* self = cast(object);
  self->impl = tensor.detach_ref().detach();
  self->dict = nullptr;
  self->weakrefs = nullptr;
  impl->python = object;
  return object;
}

PyObject* wrap_as(PyTypeObject* type, Tensor tensor) {
  TensorImpl* impl = tensor.impl();
  if (impl == nullptr) impl = (tensor = Tensor::empty({0})).impl();
  if (impl->python != nullptr) {
    const Tensor source = std::move(tensor);
    tensor = call_alias(source);
    impl = tensor.impl();
  }
  if (type == tensor_type) return wrap(std::move(tensor));
  if (type == parameter_type) {
    impl->flags |= TensorImpl::kParameter;
    return wrap(std::move(tensor));
  }
  PyObject* object = type->tp_alloc(type, 0);
  if (object == nullptr) return nullptr;
  if (PyType_IsSubtype(type, parameter_type)) impl->flags |= TensorImpl::kParameter;
  if (wants_function_override(type)) impl->flags |= TensorImpl::kIntercepted;
  cast(object)->impl = tensor.detach_ref().detach();
  impl->python = object;
  return object;
}

bool make_tensor_types(PyObject* module) {
  tensor_type =
      make_type(module, "tenon.Tensor", "A multi-dimensional array of one dtype, with automatic differentiation.",
                &tensor_new, nullptr);
  if (tensor_type == nullptr) return false;
  parameter_type = make_type(module, "tenon.nn.Parameter",
                             "Parameter(data=None, requires_grad=True)\n--\n\n"
                             "A tensor that a module lists among its parameters.",
                             &parameter_new, tensor_type);
  if (parameter_type == nullptr || !set_parameter_metaclass()) return false;
  release_python_object = &release_object;
  return true;
}

}  // namespace tenon::python
