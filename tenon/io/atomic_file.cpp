#include <tenon/io/atomic_file.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <random>
#include <utility>

#include <tenon/core/error.h>

namespace tenon::inline v0::io {

namespace {

// A name that nobody else uses, in the same folder: a rename does not cross file systems.
std::string temporary_name(const std::string& path) {
  std::random_device random;
  const std::filesystem::path p(path);
  const std::string hidden =
      "." + p.filename().string() + "." + std::to_string(getpid()) + "-" + std::to_string(random()) + ".tmp";
  return (p.parent_path() / hidden).string();
}

// The file behind a symbolic link is the one to replace, not the link.
std::string resolve(const std::string& path) {
  char* real = ::realpath(path.c_str(), nullptr);
  if (real == nullptr) return path;
  std::string out(real);
  std::free(real);
  return out;
}

// A rename lasts only once its folder is on the disk; some file systems cannot say, which is fine.
void sync_folder(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

AtomicFile::AtomicFile(const std::string& path) : path_(resolve(path)) {
  struct stat old;
  const bool exists = ::stat(path_.c_str(), &old) == 0;
  check<FileError>(!exists || S_ISREG(old.st_mode), path, ": cannot be written: not a regular file");
  for (int attempt = 0; file_ < 0 && attempt < 100; ++attempt) {
    temporary_ = temporary_name(path_);
    file_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file_ < 0 && errno != EEXIST) break;
  }
  if (file_ < 0) {
    temporary_.clear();
    fail_with_errno("cannot be written");
  }
  if (exists) (void)!::fchmod(file_, old.st_mode & 07777);
}

AtomicFile::~AtomicFile() {
  if (file_ >= 0) ::close(file_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(const void* data, size_t bytes) {
  const char* p = static_cast<const char*>(data);
  if (bytes > 0) ends_in_hole_ = false;
  while (bytes > 0) {
    const ssize_t written = ::write(file_, p, std::min(bytes, size_t{1} << 30));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_with_errno("writing failed");
    p += written;
    bytes -= static_cast<size_t>(written);
  }
}

void AtomicFile::write_sparse(const void* data, size_t bytes) {
  constexpr size_t kBlock = size_t{1} << 20;
  const char* p = static_cast<const char*>(data);
  while (bytes > 0) {
    const size_t block = std::min(bytes, kBlock);
    const bool is_zero = block == kBlock && p[0] == 0 && std::memcmp(p, p + 1, block - 1) == 0;
    if (!is_zero) {
      write(p, block);
    } else if (::lseek(file_, static_cast<off_t>(block), SEEK_CUR) >= 0) {
      ends_in_hole_ = true;
    } else {
      fail_with_errno("writing failed");
    }
    p += block;
    bytes -= block;
  }
}

void AtomicFile::commit() {
  if (ends_in_hole_ && ::ftruncate(file_, ::lseek(file_, 0, SEEK_CUR)) != 0) fail_with_errno("writing failed");
  if (::fsync(file_) != 0 && errno != EINVAL) fail_with_errno("flushing to the disk failed");
  if (::close(std::exchange(file_, -1)) != 0) fail_with_errno("closing failed");
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail_with_errno("renaming failed");
  temporary_.clear();
  sync_folder(path_);
}

void AtomicFile::fail_with_errno(const char* what) const {
  const int code = errno;
  fail<FileError>(path_, ": ", what, ": ", std::strerror(code), "; what was there before is unchanged");
}

}  // namespace tenon::inline v0::io
