// From an attribute's tag to its C++ type: for code that reads and writes records by their listing.
#pragma once

#include <tenon/core/op.h>

namespace tenon::inline v0 {

// Calls f with the attribute behind `member` as its own type.
template <class F>
auto with_attribute(AttributeType type, void* member, F&& f) {
  switch (type) {
    case AttributeType::Bool:
      return f(*static_cast<bool*>(member));
    case AttributeType::Int:
      return f(*static_cast<int64_t*>(member));
    case AttributeType::Double:
      return f(*static_cast<double*>(member));
    case AttributeType::Scalar:
      return f(*static_cast<Scalar*>(member));
    case AttributeType::String:
      return f(*static_cast<std::string*>(member));
    case AttributeType::DType:
      return f(*static_cast<DType*>(member));
    case AttributeType::Device:
      return f(*static_cast<Device*>(member));
    case AttributeType::Dim:
      return f(*static_cast<Dim*>(member));
    case AttributeType::Dims:
      return f(*static_cast<Dims*>(member));
    case AttributeType::OptionalBool:
      return f(*static_cast<std::optional<bool>*>(member));
    case AttributeType::OptionalInt:
      return f(*static_cast<std::optional<int64_t>*>(member));
    case AttributeType::OptionalDouble:
      return f(*static_cast<std::optional<double>*>(member));
    case AttributeType::OptionalScalar:
      return f(*static_cast<std::optional<Scalar>*>(member));
    case AttributeType::OptionalString:
      return f(*static_cast<std::optional<std::string>*>(member));
    case AttributeType::OptionalDType:
      return f(*static_cast<std::optional<DType>*>(member));
    case AttributeType::OptionalDevice:
      return f(*static_cast<std::optional<Device>*>(member));
    case AttributeType::OptionalDims:
      return f(*static_cast<std::optional<Dims>*>(member));
    case AttributeType::Generator:
      break;
  }
  return f(*static_cast<GeneratorHandle*>(member));
}

}  // namespace tenon::inline v0
