// C++ errors as Python exceptions and back; used by the raw C code and by nanobind alike.
#pragma once

#include <Python.h>

#include <exception>
#include <utility>

namespace tenon::python {

// Thrown through C++ when a Python error is set: the error itself, taken out of the interpreter, so that
// it may cross code that runs without the GIL. Ends as the same exception in Python.
[[noreturn]] void throw_python_error();
// Throws when `object` is null.
inline PyObject* checked(PyObject* object) {
  if (object == nullptr) throw_python_error();
  return object;
}

// The truth value of an object; throws what its `__bool__` raises.
inline bool truth(PyObject* object) {
  const int value = PyObject_IsTrue(object);
  if (value < 0) throw_python_error();
  return value != 0;
}

// Sets the Python error for what was thrown.
void set_python_error(const std::exception_ptr& error);

// Runs `body`, which returns a PyObject*; an exception becomes a Python error and null.
template <class Body>
PyObject* guarded(Body&& body) {
  try {
    return std::forward<Body>(body)();
  } catch (...) {
    set_python_error(std::current_exception());
    return nullptr;
  }
}
template <class Body>
int guarded_int(Body&& body) {
  try {
    return std::forward<Body>(body)();
  } catch (...) {
    set_python_error(std::current_exception());
    return -1;
  }
}

// Throws a Python exception of `type` with a printf-like text.
[[noreturn]] void raise(PyObject* type, const char* format, ...);

void register_error_translator();  // nanobind's functions answer in the same way

// tenon.ShapeError and the others; false with a Python error.
bool make_errors(PyObject* module);

// Lets other threads of Python run for a scope, when `wanted`.
class ReleaseGil {
 public:
  explicit ReleaseGil(bool wanted = true) : state_(wanted ? PyEval_SaveThread() : nullptr) {}
  ~ReleaseGil() {
    if (state_ != nullptr) PyEval_RestoreThread(state_);
  }
  ReleaseGil(const ReleaseGil&) = delete;

 private:
  PyThreadState* state_;
};

class AcquireGil {
 public:
  AcquireGil() : state_(PyGILState_Ensure()) {}
  ~AcquireGil() { PyGILState_Release(state_); }
  AcquireGil(const AcquireGil&) = delete;

 private:
  PyGILState_STATE state_;
};

}  // namespace tenon::python
