#include <tenon/core/context.h>

#include <cstdarg>
#include <cstdio>

#include <tenon/core/allocator.h>

namespace tenon::inline v0 {

void ErrorSink::report(Code what, const char* format, ...) {
  if (code != Code::None) return;
  code = what;
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
}

struct alignas(64) Context::Workspace {
  Workspace* next;
  size_t bytes;
};

void* Context::workspace(size_t bytes) {
  const size_t total = bytes + sizeof(Workspace);
  auto* block = total < bytes ? nullptr : static_cast<Workspace*>(allocate(total));
  if (block == nullptr) {
    errors.report(ErrorSink::Code::Memory, "not enough memory for %zu bytes of scratch space", bytes);
    return nullptr;
  }
  block->next = workspaces_;
  block->bytes = total;
  workspaces_ = block;
  return block + 1;
}

void Context::release() {
  while (workspaces_ != nullptr) {
    Workspace* next = workspaces_->next;
    deallocate(workspaces_, workspaces_->bytes);
    workspaces_ = next;
  }
}

}  // namespace tenon::inline v0
