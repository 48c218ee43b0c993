// How exec reports: a code and a text, never an exception.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include <tenon/core/error.h>

namespace tenon::inline v0::exec {

struct [[nodiscard]] Status {
  enum class Code : uint8_t { Ok, Argument, Shape, DType, Index, Memory, File, Version, Unsupported, Internal };
  Code code = Code::Ok;
  std::string text;
  bool ok() const { return code == Code::Ok; }
};

// What an error text is made of. One function joins the parts: a small runtime has many texts and little room.
class TextPart {
 public:
  TextPart(const char* text) : text_(text) {}
  TextPart(std::string_view text) : text_(text) {}
  TextPart(const std::string& text) : text_(text) {}
  TextPart(DType dtype) : text_(name_of(dtype)) {}
  TextPart(std::integral auto number) : number_(static_cast<int64_t>(number)), is_number_(true) {}

 private:
  friend TENON_API Status join(Status::Code, const TextPart*, size_t);
  std::string_view text_;
  int64_t number_ = 0;
  bool is_number_ = false;
};
TENON_API Status join(Status::Code code, const TextPart* parts, size_t count);

template <class... Parts>
[[gnu::cold]] Status error(Status::Code code, const Parts&... parts) {
  const TextPart all[] = {TextPart(parts)...};
  return join(code, all, sizeof...(parts));
}
// What is wrong with a plan: it was damaged, or written by a program with a bug.
template <class... Parts>
[[gnu::cold]] Status bad_plan(const Parts&... parts) {
  return error(Status::Code::File, "plan: ", parts...);
}

}  // namespace tenon::inline v0::exec
