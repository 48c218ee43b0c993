// Bytes of files, as tensors may borrow them.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include <tenon/core/export.h>
#include <tenon/core/tensor.h>

namespace tenon::inline v0::io {

// A whole file: mapped (private, so writing to it never reaches the file), or read into memory.
class TENON_API FileBytes {
 public:
  // FileError when it cannot be opened or is no regular file.
  static std::shared_ptr<FileBytes> open(const std::string& path, bool map);
  ~FileBytes();
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  std::byte* data() const { return data_; }
  size_t size() const { return size_; }
  std::span<const std::byte> span() const { return {data_, size_}; }

 private:
  FileBytes() = default;
  std::byte* data_ = nullptr;
  size_t size_ = 0;
  bool mapped_ = false;
};

// A contiguous tensor that looks at `file` from `begin` on and keeps it alive. The caller has
// checked that it fits; bytes that lie unaligned for the dtype are copied.
Tensor tensor_in(const std::shared_ptr<FileBytes>& file, size_t begin, const Shape& shape, DType dtype);

// At most 100 characters of a name that comes from a file, without control characters.
std::string shown(std::string_view name);
bool is_utf8(std::string_view text);

}  // namespace tenon::inline v0::io
