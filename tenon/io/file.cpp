#include <tenon/io/file.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <tenon/core/error.h>

namespace tenon::inline v0::io {

namespace {

struct Descriptor {
  int fd;
  ~Descriptor() { ::close(fd); }
};

void read_all(const std::string& path, int fd, std::byte* to, size_t bytes) {
  while (bytes > 0) {
    const ssize_t n = ::read(fd, to, std::min(bytes, size_t{1} << 30));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail<FileError>(path, ": cannot be read: ", std::strerror(errno));
    check<FileError>(n != 0, path, ": became shorter while it was read");
    to += n;
    bytes -= static_cast<size_t>(n);
  }
}

}  // namespace

std::shared_ptr<FileBytes> FileBytes::open(const std::string& path, bool map) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.fd < 0) fail<FileError>(path, ": cannot be opened: ", std::strerror(errno));
  struct stat status;
  if (::fstat(file.fd, &status) != 0) fail<FileError>(path, ": ", std::strerror(errno));
  check<FileError>(S_ISREG(status.st_mode), path, ": cannot be read: not a regular file");
  std::shared_ptr<FileBytes> out(new FileBytes);
  out->size_ = static_cast<size_t>(status.st_size);
  if (out->size_ == 0) return out;
  if (map) {
    int flags = MAP_PRIVATE;
#ifdef MAP_NORESERVE
    flags |= MAP_NORESERVE;  // copies are made of the pages that are written, mostly none
#endif
    void* p = ::mmap(nullptr, out->size_, PROT_READ | PROT_WRITE, flags, file.fd, 0);
    out->mapped_ = p != MAP_FAILED;
    if (out->mapped_) out->data_ = static_cast<std::byte*>(p);
  }
  if (!out->mapped_) {  // also where the file system cannot map
    out->data_ = static_cast<std::byte*>(std::malloc(out->size_));
    check<MemoryError>(out->data_ != nullptr, path, ": not enough memory for its ", out->size_, " bytes");
    read_all(path, file.fd, out->data_, out->size_);
  }
  return out;
}

FileBytes::~FileBytes() {
  if (mapped_) {
    ::munmap(data_, size_);
  } else {
    std::free(data_);
  }
}

Tensor tensor_in(const std::shared_ptr<FileBytes>& file, size_t begin, const Shape& shape, DType dtype) {
  const size_t bytes = static_cast<size_t>(checked_numel(shape, dtype) * size_of(dtype));
  std::byte* data = file->data() + begin;
  const size_t alignment = std::min<size_t>(static_cast<size_t>(size_of(dtype)), 8);
  if (bytes == 0 || reinterpret_cast<uintptr_t>(data) % alignment != 0) {
    Tensor copy = Tensor::empty(shape, dtype);
    if (bytes != 0) std::memcpy(copy.data_ptr(), data, bytes);
    return copy;
  }
  using Owner = std::shared_ptr<FileBytes>;
  return Tensor::borrow(data, shape, contiguous_strides(shape), dtype, new Owner(file),
                        [](void* owner) { delete static_cast<Owner*>(owner); });
}

std::string shown(std::string_view name) {
  std::string out(name.substr(0, 100));
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  // A cut may have gone through a character of several bytes.
  if (name.size() > 100) {
    while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xc0) == 0x80) out.pop_back();
    if (!out.empty() && static_cast<unsigned char>(out.back()) >= 0xc0) out.pop_back();
    out += "...";
  }
  return out;
}

bool is_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    if (lead < 0x80) continue;
    const int more = lead >= 0xc2 && lead < 0xe0   ? 1
                     : lead >= 0xe0 && lead < 0xf0 ? 2
                     : lead >= 0xf0 && lead < 0xf5 ? 3
                                                   : 0;
    if (more == 0) return false;
    uint32_t point = lead & (0x3fu >> more);
    for (int k = 0; k < more; ++k, ++i) {
      if (i == text.size() || (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return false;
      point = point << 6 | (static_cast<unsigned char>(text[i]) & 0x3f);
    }
    static constexpr uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    if (point < least[more] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return false;
  }
  return true;
}

}  // namespace tenon::inline v0::io
