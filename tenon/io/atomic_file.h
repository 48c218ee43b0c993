// Files that are there whole or not at all.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <tenon/core/export.h>

namespace tenon::inline v0::io {

// Writes beside `path` under a temporary name; commit() flushes it to the disk and renames it.
// Until then, and whenever writing fails or the process dies, what was at `path` stays as it was.
class TENON_API AtomicFile {
 public:
  explicit AtomicFile(const std::string& path);  // FileError
  ~AtomicFile();                                 // without commit(): takes the temporary away
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const void* data, size_t bytes);  // FileError
  void write(std::string_view text) { write(text.data(), text.size()); }
  // As write(), but long runs of zeros become holes where the file system has them.
  void write_sparse(const void* data, size_t bytes);
  void commit();  // FileError

 private:
  [[noreturn]] void fail_with_errno(const char* what) const;
  std::string path_, temporary_;
  int file_ = -1;
  bool ends_in_hole_ = false;
};

}  // namespace tenon::inline v0::io
