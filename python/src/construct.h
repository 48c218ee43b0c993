// Tensors from Python data, and back.
#pragma once

#include <Python.h>

#include <optional>

#include <tenon/core/tensor.h>

namespace tenon::python {

// torch.tensor(data): nested sequences, numbers, arrays, tensors; always new memory.
Tensor tensor_from_data(PyObject* data, std::optional<DType> dtype = {}, std::optional<Device> device = {});
// torch.as_tensor(data): shares memory where it can.
Tensor as_tensor(PyObject* data, std::optional<DType> dtype = {}, std::optional<Device> device = {});
// A tensor on the memory of a NumPy array.
Tensor from_array(PyObject* array, bool warn_read_only = true);
bool is_numpy_array(PyObject* object);

// The same values with another dtype or device; the tensor itself when it has both.
Tensor convert_tensor(const Tensor& tensor, std::optional<DType> dtype, std::optional<Device> device,
                      bool copy = false);

PyObject* to_list(const Tensor& tensor);
PyObject* to_numpy(PyObject* self, bool force);

// Python functions: tensor, as_tensor, from_numpy, frombuffer, DLPack.
bool add_construction(PyObject* module);

}  // namespace tenon::python
