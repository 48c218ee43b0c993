// What copying and pickling of tensors need: the storage behind a tensor, and tensors on a storage.
#include <nanobind/nanobind.h>

#include <tenon/core/door.h>
#include <tenon/core/error.h>

#include "caster.h"
#include "convert.h"
#include "errors.h"
#include "object.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace tenon::python {

namespace {

const Tensor& defined(const Tensor& tensor) {
  check<TypeError>(tensor.defined(), "expected a Tensor, not None");
  return tensor;
}

// Tells storages apart while they live.
uintptr_t storage_key(const Tensor& tensor) {
  return reinterpret_cast<uintptr_t>(defined(tensor).impl()->storage.get());
}

// A view of another dtype on the storage; the caller has checked that it lies inside.
Tensor on_storage(const Tensor& tensor, DType dtype, const Shape& shape, const Strides& strides, int64_t offset) {
  Tensor out = tensor.alias(shape, strides, offset);
  out.impl()->spec.dtype = dtype;
  return out;
}

// All bytes of the storage, shape (nbytes,).
Tensor storage_bytes(const Tensor& tensor) {
  const auto& storage = defined(tensor).impl()->storage;
  const auto bytes = storage ? static_cast<int64_t>(storage->bytes) : 0;
  return on_storage(tensor, DType::UInt8, {Dim(bytes)}, {1}, 0);
}

// Reads ints that may come from a damaged pickle.
Dims read_dims(nb::handle object, const char* what) {
  Dims out;
  if (!to_dims(object.ptr(), out)) fail<ValueError>("tensor on a storage: ", what, " must be a tuple of ints");
  return out;
}

Tensor tensor_on(const Tensor& bytes, DType dtype, int64_t offset, nb::handle size, nb::handle stride) {
  const Dims sizes = read_dims(size, "size"), steps = read_dims(stride, "stride");
  Shape shape;
  Strides strides;
  check<ValueError>(sizes.size() == steps.size(), "tensor on a storage: ", sizes.size(), " sizes and ", steps.size(),
                    " strides");
  for (size_t i = 0; i < sizes.size(); ++i) {
    shape.push_back(sizes[i]);
    strides.push_back(steps[i].value());
  }
  const int64_t numel = checked_numel(shape, dtype);
  const int64_t available = defined(bytes).numel() / size_of(dtype);
  // The last element must lie inside; sums are checked, for the numbers are not ours.
  bool inside = offset >= 0 && offset <= available;
  int64_t last = offset;
  for (size_t i = 0; i < shape.size() && inside && numel > 0; ++i) {
    int64_t step;
    inside = strides[i].value() >= 0 && !__builtin_mul_overflow(shape[i].value() - 1, strides[i].value(), &step) &&
             !__builtin_add_overflow(last, step, &last);
  }
  inside = inside && (numel == 0 || last < available);
  check<ValueError>(inside, "tensor on a storage: size ", shape, " with stride ", Dims(steps), " and offset ", offset,
                    " of ", dtype, " reaches outside of its ", bytes.numel(), " bytes");
  return on_storage(bytes, dtype, shape, strides, offset);
}

// A tensor without data: on the meta device.
Tensor meta_strided(DType dtype, nb::handle size, nb::handle stride) {
  Strides strides;
  for (Dim d : read_dims(stride, "stride")) strides.push_back(d.value());
  const Dims sizes = read_dims(size, "size");
  check<ValueError>(sizes.size() == strides.size(), "tensor on the meta device: ", sizes.size(), " sizes and ",
                    strides.size(), " strides");
  return Tensor::empty_strided(Shape(sizes), strides, dtype, Device::parse("meta"));
}

// Without history, and of exactly the class Tensor whatever class the object has.
Tensor plain(const Tensor& tensor) {
  return defined(tensor).alias(tensor.shape(), tensor.strides(), tensor.storage_offset());
}

}  // namespace

void add_storage_functions(nb::module_& module) {
  module.def("_storage_key", &storage_key);
  module.def("_storage_bytes", &storage_bytes);
  module.def("_tensor_on", &tensor_on, "bytes"_a, "dtype"_a, "offset"_a, "size"_a, "stride"_a);
  module.def("_meta_strided", &meta_strided, "dtype"_a, "size"_a, "stride"_a);
  module.def("_plain", &plain);
}

}  // namespace tenon::python
