// Generated from the op records by tools/generate_functions.cpp (`make generate`); do not edit.
// clang-format off
#include <tenon/core/door.h>
#include <tenon/ops/creation.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0 {

Tensor empty(const DimsArg& size, std::optional<DType> dtype, std::optional<Device> device) {
  Empty r;
  r.size = size;
  r.dtype = dtype;
  r.device = device;
  return apply(r);
}
const Tensor& empty_out(const Tensor& out, const DimsArg& size, std::optional<DType> dtype, std::optional<Device> device) {
  Empty r;
  r.size = size;
  r.dtype = dtype;
  r.device = device;
  return apply_out(r, out);
}
Tensor zeros(const DimsArg& size, std::optional<DType> dtype, std::optional<Device> device) {
  Zeros r;
  r.size = size;
  r.dtype = dtype;
  r.device = device;
  return apply(r);
}
const Tensor& zeros_out(const Tensor& out, const DimsArg& size, std::optional<DType> dtype, std::optional<Device> device) {
  Zeros r;
  r.size = size;
  r.dtype = dtype;
  r.device = device;
  return apply_out(r, out);
}
Tensor ones(const DimsArg& size, std::optional<DType> dtype, std::optional<Device> device) {
  Ones r;
  r.size = size;
  r.dtype = dtype;
  r.device = device;
  return apply(r);
}
const Tensor& ones_out(const Tensor& out, const DimsArg& size, std::optional<DType> dtype, std::optional<Device> device) {
  Ones r;
  r.size = size;
  r.dtype = dtype;
  r.device = device;
  return apply_out(r, out);
}
Tensor full(const DimsArg& size, Scalar fill_value, std::optional<DType> dtype, std::optional<Device> device) {
  Full r;
  r.size = size;
  r.fill_value = fill_value;
  r.dtype = dtype;
  r.device = device;
  return apply(r);
}
const Tensor& full_out(const Tensor& out, const DimsArg& size, Scalar fill_value, std::optional<DType> dtype, std::optional<Device> device) {
  Full r;
  r.size = size;
  r.fill_value = fill_value;
  r.dtype = dtype;
  r.device = device;
  return apply_out(r, out);
}
Tensor empty_like(const Tensor& input, std::optional<DType> dtype, std::optional<Device> device, const std::optional<std::string>& memory_format) {
  EmptyLike r;
  r.dtype = dtype;
  r.device = device;
  r.memory_format = memory_format;
  return apply(r, input);
}
Tensor zeros_like(const Tensor& input, std::optional<DType> dtype, std::optional<Device> device, const std::optional<std::string>& memory_format) {
  ZerosLike r;
  r.dtype = dtype;
  r.device = device;
  r.memory_format = memory_format;
  return apply(r, input);
}
Tensor ones_like(const Tensor& input, std::optional<DType> dtype, std::optional<Device> device, const std::optional<std::string>& memory_format) {
  OnesLike r;
  r.dtype = dtype;
  r.device = device;
  r.memory_format = memory_format;
  return apply(r, input);
}
Tensor full_like(const Tensor& input, Scalar fill_value, std::optional<DType> dtype, std::optional<Device> device, const std::optional<std::string>& memory_format) {
  FullLike r;
  r.fill_value = fill_value;
  r.dtype = dtype;
  r.device = device;
  r.memory_format = memory_format;
  return apply(r, input);
}
Tensor new_empty(const Tensor& input, const DimsArg& size, std::optional<DType> dtype, std::optional<Device> device) {
  NewEmpty r;
  r.size = size;
  r.dtype = dtype;
  r.device = device;
  return apply(r, input);
}
Tensor Tensor::new_empty(const DimsArg& size, std::optional<DType> dtype, std::optional<Device> device) const {
  NewEmpty r;
  r.size = size;
  r.dtype = dtype;
  r.device = device;
  return apply(r, *this);
}
Tensor new_zeros(const Tensor& input, const DimsArg& size, std::optional<DType> dtype, std::optional<Device> device) {
  NewZeros r;
  r.size = size;
  r.dtype = dtype;
  r.device = device;
  return apply(r, input);
}
Tensor Tensor::new_zeros(const DimsArg& size, std::optional<DType> dtype, std::optional<Device> device) const {
  NewZeros r;
  r.size = size;
  r.dtype = dtype;
  r.device = device;
  return apply(r, *this);
}
Tensor new_ones(const Tensor& input, const DimsArg& size, std::optional<DType> dtype, std::optional<Device> device) {
  NewOnes r;
  r.size = size;
  r.dtype = dtype;
  r.device = device;
  return apply(r, input);
}
Tensor Tensor::new_ones(const DimsArg& size, std::optional<DType> dtype, std::optional<Device> device) const {
  NewOnes r;
  r.size = size;
  r.dtype = dtype;
  r.device = device;
  return apply(r, *this);
}
Tensor new_full(const Tensor& input, const DimsArg& size, Scalar fill_value, std::optional<DType> dtype, std::optional<Device> device) {
  NewFull r;
  r.size = size;
  r.fill_value = fill_value;
  r.dtype = dtype;
  r.device = device;
  return apply(r, input);
}
Tensor Tensor::new_full(const DimsArg& size, Scalar fill_value, std::optional<DType> dtype, std::optional<Device> device) const {
  NewFull r;
  r.size = size;
  r.fill_value = fill_value;
  r.dtype = dtype;
  r.device = device;
  return apply(r, *this);
}
Tensor arange(Scalar end, std::optional<DType> dtype, std::optional<Device> device) {
  Arange r;
  r.end = end;
  r.dtype = dtype;
  r.device = device;
  return apply(r);
}
const Tensor& arange_out(const Tensor& out, Scalar end, std::optional<DType> dtype, std::optional<Device> device) {
  Arange r;
  r.end = end;
  r.dtype = dtype;
  r.device = device;
  return apply_out(r, out);
}
Tensor arange(Scalar start, Scalar end, Scalar step, std::optional<DType> dtype, std::optional<Device> device) {
  ArangeStart r;
  r.start = start;
  r.end = end;
  r.step = step;
  r.dtype = dtype;
  r.device = device;
  return apply(r);
}
const Tensor& arange_out(const Tensor& out, Scalar start, Scalar end, Scalar step, std::optional<DType> dtype, std::optional<Device> device) {
  ArangeStart r;
  r.start = start;
  r.end = end;
  r.step = step;
  r.dtype = dtype;
  r.device = device;
  return apply_out(r, out);
}
Tensor linspace(Scalar start, Scalar end, int64_t steps, std::optional<DType> dtype, std::optional<Device> device) {
  Linspace r;
  r.start = start;
  r.end = end;
  r.steps = steps;
  r.dtype = dtype;
  r.device = device;
  return apply(r);
}
const Tensor& linspace_out(const Tensor& out, Scalar start, Scalar end, int64_t steps, std::optional<DType> dtype, std::optional<Device> device) {
  Linspace r;
  r.start = start;
  r.end = end;
  r.steps = steps;
  r.dtype = dtype;
  r.device = device;
  return apply_out(r, out);
}
Tensor logspace(Scalar start, Scalar end, int64_t steps, double base, std::optional<DType> dtype, std::optional<Device> device) {
  Logspace r;
  r.start = start;
  r.end = end;
  r.steps = steps;
  r.base = base;
  r.dtype = dtype;
  r.device = device;
  return apply(r);
}
const Tensor& logspace_out(const Tensor& out, Scalar start, Scalar end, int64_t steps, double base, std::optional<DType> dtype, std::optional<Device> device) {
  Logspace r;
  r.start = start;
  r.end = end;
  r.steps = steps;
  r.base = base;
  r.dtype = dtype;
  r.device = device;
  return apply_out(r, out);
}
Tensor eye(Dim n, std::optional<int64_t> m, std::optional<DType> dtype, std::optional<Device> device) {
  Eye r;
  r.n = n;
  r.m = m;
  r.dtype = dtype;
  r.device = device;
  return apply(r);
}
const Tensor& eye_out(const Tensor& out, Dim n, std::optional<int64_t> m, std::optional<DType> dtype, std::optional<Device> device) {
  Eye r;
  r.n = n;
  r.m = m;
  r.dtype = dtype;
  r.device = device;
  return apply_out(r, out);
}

}  // namespace tenon::inline v0
