// Element types. A DType is an index into a table of descriptors, so adding one adds a row.
#pragma once

#include <cstdint>

#include <tenon/core/export.h>

namespace tenon::inline v0 {

enum class DType : uint8_t {
  Bool,
  UInt8,
  Int8,
  Int16,
  Int32,
  Int64,
  Float16,
  BFloat16,
  Float32,
  Float64,
  Complex64,
  Complex128,
};
inline constexpr int kDTypeCount = 12;

// Ordered: promotion moves up this ladder.
enum class Kind : uint8_t { Bool, Integer, Float, Complex };

struct DTypeInfo {
  const char* name;         // "float32"
  const char* safetensors;  // "F32"
  uint8_t size;             // bytes
  Kind kind;
  bool is_signed;
  DType real;  // the dtype of a real part; itself unless complex
};

inline constexpr DTypeInfo kDTypes[kDTypeCount] = {
    {"bool", "BOOL", 1, Kind::Bool, false, DType::Bool},
    {"uint8", "U8", 1, Kind::Integer, false, DType::UInt8},
    {"int8", "I8", 1, Kind::Integer, true, DType::Int8},
    {"int16", "I16", 2, Kind::Integer, true, DType::Int16},
    {"int32", "I32", 4, Kind::Integer, true, DType::Int32},
    {"int64", "I64", 8, Kind::Integer, true, DType::Int64},
    {"float16", "F16", 2, Kind::Float, true, DType::Float16},
    {"bfloat16", "BF16", 2, Kind::Float, true, DType::BFloat16},
    {"float32", "F32", 4, Kind::Float, true, DType::Float32},
    {"float64", "F64", 8, Kind::Float, true, DType::Float64},
    {"complex64", "C64", 8, Kind::Complex, true, DType::Float32},
    {"complex128", "C128", 16, Kind::Complex, true, DType::Float64},
};

constexpr const DTypeInfo& info(DType dtype) { return kDTypes[static_cast<int>(dtype)]; }
constexpr int64_t size_of(DType dtype) { return info(dtype).size; }
constexpr const char* name_of(DType dtype) { return info(dtype).name; }
constexpr bool is_floating(DType dtype) { return info(dtype).kind == Kind::Float; }
constexpr bool is_complex(DType dtype) { return info(dtype).kind == Kind::Complex; }
constexpr bool is_integral(DType dtype) { return info(dtype).kind <= Kind::Integer; }
// Gradients exist for floating and complex values only.
constexpr bool is_differentiable(DType dtype) { return info(dtype).kind >= Kind::Float; }

// The smallest dtype that holds both, by PyTorch's promotion table.
TENON_API DType promote(DType a, DType b);

// The dtype that float results and float literals take (float32 unless changed).
TENON_API DType default_dtype();
TENON_API void set_default_dtype(DType dtype);  // ValueError unless floating

}  // namespace tenon::inline v0
