#include <tenon/io/idx.h>

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include <tenon/core/error.h>

namespace tenon::inline v0::io {

namespace {

class GzFile {
 public:
  explicit GzFile(const std::string& path) : path_(path) {
    std::error_code error;
    size_ = std::filesystem::file_size(path, error);
    if (error) fail<FileError>(path, ": cannot be opened: ", error.message());
    errno = 0;
    file_ = gzopen(path.c_str(), "rbe");
    if (file_ == nullptr) fail<FileError>(path, ": cannot be opened: ", std::strerror(errno));
  }
  ~GzFile() { gzclose_r(file_); }
  GzFile(const GzFile&) = delete;

  uint64_t size() const { return size_; }
  void read(void* to, uint64_t bytes) {
    for (auto* p = static_cast<char*>(to); bytes > 0;) {
      const int n = gzread(file_, p, static_cast<unsigned>(std::min<uint64_t>(bytes, 1 << 28)));
      if (n <= 0) damaged(n);
      p += n;
      bytes -= static_cast<uint64_t>(n);
    }
  }
  // Also makes zlib compare the checksum at the end.
  void expect_end() {
    char more;
    const int n = gzread(file_, &more, 1);
    check<FileError>(n <= 0, path_, ": holds more than its header says");
    int code;
    gzerror(file_, &code);
    if (n < 0 || code != Z_OK) damaged(n);
  }

 private:
  [[noreturn]] void damaged(int n) {
    int code;
    const char* why = gzerror(file_, &code);
    const bool cut = n == 0 || code == Z_BUF_ERROR;
    fail<FileError>(path_, cut ? ": is cut off" : ": is damaged: ", cut ? "" : why);
  }
  std::string path_;
  uint64_t size_ = 0;
  gzFile file_ = nullptr;
};

std::optional<DType> dtype_of_code(uint8_t code) {
  switch (code) {
    case 0x08:
      return DType::UInt8;
    case 0x09:
      return DType::Int8;
    case 0x0b:
      return DType::Int16;
    case 0x0c:
      return DType::Int32;
    case 0x0d:
      return DType::Float32;
    case 0x0e:
      return DType::Float64;
    default:
      return std::nullopt;
  }
}

// IDX is big-endian.
void swap_bytes(Tensor& tensor) {
  const int64_t width = tensor.element_size();
  if (width == 1) return;
  auto* p = static_cast<char*>(tensor.data_ptr());
  for (int64_t i = 0; i < tensor.numel(); ++i, p += width) std::reverse(p, p + width);
}

}  // namespace

Tensor read_idx(const std::string& path) {
  GzFile file(path);
  uint8_t magic[4];
  file.read(magic, 4);
  const std::optional<DType> dtype = dtype_of_code(magic[2]);
  check<FileError>(magic[0] == 0 && magic[1] == 0 && dtype, path, ": not an IDX file");
  check<FileError>(magic[3] <= 64, path, ": has ", int{magic[3]}, " dimensions; the most is 64");
  // Deflate packs at most 1032 to 1: more than that is a trap, not to be allocated.
  const uint64_t most = 1032 * file.size() + 1024;
  uint64_t bytes = static_cast<uint64_t>(size_of(*dtype));
  Shape shape;
  for (int i = 0; i < magic[3]; ++i) {
    uint8_t b[4];
    file.read(b, 4);
    const uint32_t size = uint32_t{b[0]} << 24 | uint32_t{b[1]} << 16 | uint32_t{b[2]} << 8 | b[3];
    shape.push_back(int64_t{size});
    check<FileError>(!__builtin_mul_overflow(bytes, std::max(size, 1u), &bytes) && bytes <= most, path,
                     ": its header asks for ", shape, " ", *dtype, ", more than the ", file.size(),
                     " bytes of the file can hold");
  }
  Tensor out = Tensor::empty(shape, *dtype);
  if (out.numel() != 0) file.read(out.data_ptr(), bytes);
  file.expect_end();
  swap_bytes(out);
  return out;
}

}  // namespace tenon::inline v0::io
