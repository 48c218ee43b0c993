// How code without exceptions says what went wrong.
#pragma once

#include <cstdint>
#include <string>

namespace tenon::inline v0::exec {

struct Status {
  enum class Code : uint8_t { Ok, Argument, Shape, DType, Index, Memory, File, Version, Unsupported, Internal };
  Code code = Code::Ok;
  std::string text;
  bool ok() const { return code == Code::Ok; }
};

}  // namespace tenon::inline v0::exec
