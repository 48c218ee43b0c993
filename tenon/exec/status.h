// How exec reports: a code and a text, never an exception.
#pragma once

#include <cstdint>
#include <string>

#include <tenon/core/error.h>

namespace tenon::inline v0::exec {

struct [[nodiscard]] Status {
  enum class Code : uint8_t { Ok, Argument, Shape, DType, Index, Memory, File, Version, Unsupported, Internal };
  Code code = Code::Ok;
  std::string text;
  bool ok() const { return code == Code::Ok; }
};

template <class... Parts>
[[gnu::cold, gnu::noinline]] Status error(Status::Code code, const Parts&... parts) {
  return {code, text(parts...)};
}
// What is wrong with a plan: it was damaged, or written by a program with a bug.
template <class... Parts>
[[gnu::cold, gnu::noinline]] Status bad_plan(const Parts&... parts) {
  return {Status::Code::File, text("plan: ", parts...)};
}

}  // namespace tenon::inline v0::exec
