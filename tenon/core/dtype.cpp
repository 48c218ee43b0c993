#include <tenon/core/dtype.h>

#include <atomic>

#include <tenon/core/error.h>

namespace tenon::inline v0 {

namespace {

std::atomic<DType> default_float{DType::Float32};

DType promote_integers(DType a, DType b) {
  if (a == b) return a;
  if (a == DType::Bool) return b;
  if (b == DType::Bool) return a;
  // uint8 with a signed type of the same width needs the next wider one.
  if ((a == DType::UInt8 && b == DType::Int8) || (a == DType::Int8 && b == DType::UInt8)) return DType::Int16;
  return size_of(a) >= size_of(b) ? a : b;
}

DType promote_floats(DType a, DType b) {
  if (a == b) return a;
  if (size_of(a) == 2 && size_of(b) == 2) return DType::Float32;  // float16 with bfloat16
  return size_of(a) >= size_of(b) ? a : b;
}

}  // namespace

DType promote(DType a, DType b) {
  if (a == b) return a;
  const Kind ka = info(a).kind, kb = info(b).kind;
  if (ka <= Kind::Integer && kb <= Kind::Integer) return promote_integers(a, b);
  if (ka == Kind::Complex || kb == Kind::Complex) {
    const bool wide = a == DType::Complex128 || b == DType::Complex128 || a == DType::Float64 || b == DType::Float64;
    return wide ? DType::Complex128 : DType::Complex64;
  }
  if (ka != Kind::Float) return b;
  if (kb != Kind::Float) return a;
  return promote_floats(a, b);
}

DType default_dtype() { return default_float.load(std::memory_order_relaxed); }

void set_default_dtype(DType dtype) {
  check<DTypeError>(is_floating(dtype), "set_default_dtype: only floating dtypes can be the default, not ", dtype);
  default_float.store(dtype, std::memory_order_relaxed);
}

}  // namespace tenon::inline v0
