#include "errors.h"

#include <nanobind/nanobind.h>

#include <cstdarg>
#include <new>

#include <tenon/core/error.h>
#include <tenon/nn/module.h>
#include <tenon/trace/trace.h>

#include "object.h"

namespace nb = nanobind;

namespace tenon::python {

namespace {

struct ErrorTypes {
  PyObject* base;
  PyObject* shape;
  PyObject* dtype;
  PyObject* type;
  PyObject* index;
  PyObject* value;
  PyObject* device;
  PyObject* autograd;
  PyObject* file;
  PyObject* key;
  PyObject* memory;
  PyObject* trace;
  PyObject* internal;
} types;

PyObject* make_error(PyObject* module, const char* name, const char* doc, std::initializer_list<PyObject*> bases) {
  Owned tuple(PyTuple_New(static_cast<Py_ssize_t>(bases.size())));
  if (!tuple) return nullptr;
  Py_ssize_t i = 0;
  for (PyObject* base : bases) PyTuple_SET_ITEM(tuple.get(), i++, Py_NewRef(base));
  const std::string full = std::string("tenon.") + name;
  PyObject* type = PyErr_NewExceptionWithDoc(full.c_str(), doc, tuple.get(), nullptr);
  if (type == nullptr || PyModule_AddObjectRef(module, name, type) < 0) return nullptr;
  return type;
}

}  // namespace

bool make_errors(PyObject* module) {
  // Every one also is what users of PyTorch catch, and all are tenon.Error.
  types.base = make_error(module, "Error", "What Tenon raises.", {PyExc_Exception});
  if (types.base == nullptr) return false;
  PyObject* runtime = PyExc_RuntimeError;
  auto make = [&](const char* name, const char* doc, std::initializer_list<PyObject*> bases) {
    return make_error(module, name, doc, bases);
  };
  types.shape = make("ShapeError", "Shapes do not fit.", {types.base, runtime, PyExc_ValueError});
  types.dtype = make("DTypeError", "Dtypes do not fit.", {types.base, runtime, PyExc_TypeError});
  types.type = make("TypeError", "An argument has the wrong type.", {types.base, PyExc_TypeError});
  types.index = make("IndexError", "An index or a dimension is out of range.", {types.base, PyExc_IndexError, runtime});
  types.value =
      make("ValueError", "An argument has a value that is not allowed.", {types.base, PyExc_ValueError, runtime});
  types.device =
      make("DeviceError", "Tensors lie on different or unknown devices.", {types.base, runtime, PyExc_ValueError});
  types.autograd = make("AutogradError", "A gradient cannot be computed.", {types.base, runtime});
  types.file =
      make("FileError", "A file cannot be read or written.", {types.base, PyExc_OSError, runtime, PyExc_ValueError});
  types.key = make("KeyError", "A name is not there.", {types.base, PyExc_KeyError, runtime});
  types.memory = make("MemoryError", "There is not enough memory.", {types.base, PyExc_MemoryError, runtime});
  types.trace = make("TraceError", "Code that cannot be traced into a program.", {types.base, runtime});
  types.internal = make("InternalError", "A mistake in Tenon itself; please report it.", {types.base, runtime});
  return !PyErr_Occurred();
}

void throw_python_error() { throw nb::python_error(); }

void raise(PyObject* type, const char* format, ...) {
  va_list args;
  va_start(args, format);
  PyErr_FormatV(type, format, args);
  va_end(args);
  throw_python_error();
}

namespace {

// Unknown exceptions fly on.
void translate(const std::exception_ptr& error) {
  auto set = [](PyObject* type, const std::exception& e) { PyErr_SetString(type, e.what()); };
  try {
    std::rethrow_exception(error);
  } catch (nb::python_error& e) {
    e.restore();
  } catch (const nn::MissingForward& e) {
    set(PyExc_NotImplementedError, e);
  } catch (const ShapeError& e) {
    set(types.shape, e);
  } catch (const DTypeError& e) {
    set(types.dtype, e);
  } catch (const TypeError& e) {
    set(types.type, e);
  } catch (const IndexError& e) {
    set(types.index, e);
  } catch (const ValueError& e) {
    set(types.value, e);
  } catch (const DeviceError& e) {
    set(types.device, e);
  } catch (const AutogradError& e) {
    set(types.autograd, e);
  } catch (const FileError& e) {
    set(types.file, e);
  } catch (const KeyError& e) {
    set(types.key, e);
  } catch (const MemoryError& e) {
    set(types.memory, e);
  } catch (const TraceError& e) {
    set(types.trace, e);
  } catch (const InternalError& e) {
    set(types.internal, e);
  } catch (const Error& e) {
    set(PyExc_RuntimeError, e);
  } catch (const std::bad_alloc& e) {
    set(PyExc_MemoryError, e);
  }
}

}  // namespace

void set_python_error(const std::exception_ptr& error) {
  try {
    translate(error);
  } catch (const std::exception& e) {
    PyErr_SetString(PyExc_RuntimeError, e.what());
  } catch (...) {
    PyErr_SetString(PyExc_RuntimeError, "an exception of an unknown type was thrown");
  }
}

void register_error_translator() {
  nb::register_exception_translator([](const std::exception_ptr& error, void*) { translate(error); });
}

}  // namespace tenon::python
