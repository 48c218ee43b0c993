#include <tenon/exec/status.h>

namespace tenon::inline v0::exec {

Status join(Status::Code code, const TextPart* parts, size_t count) {
  Status status{code, {}};
  for (size_t i = 0; i < count; ++i) {
    if (parts[i].is_number_) {
      status.text += std::to_string(parts[i].number_);
    } else {
      status.text += parts[i].text_;
    }
  }
  return status;
}

}  // namespace tenon::inline v0::exec
