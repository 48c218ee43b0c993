#include <tenon/core/number.h>

namespace tenon::inline v0 {

void check_number_fits(const char* op, const char* name, const Tensor& number, DType dtype) {
  constexpr size_t kBytes = TensorImpl::kExactOffset + sizeof(std::complex<double>);
  const TensorImpl* impl = number.impl();
  if (!impl->spec.weak || !impl->storage || impl->storage->bytes != kBytes || !(impl->offset == Dim(0))) return;
  const char* data = static_cast<const char*>(impl->storage->data);
  const void* exact = data + TensorImpl::kExactOffset;
  switch (info(impl->spec.dtype).kind) {
    case Kind::Bool:
      return;
    case Kind::Integer:
      return check_fits(op, name, *reinterpret_cast<const int64_t*>(data), dtype);
    case Kind::Float:
      return check_fits(op, name, *static_cast<const double*>(exact), dtype);
    case Kind::Complex:
      return check_fits(op, name, *static_cast<const std::complex<double>*>(exact), dtype);
  }
}

}  // namespace tenon::inline v0
