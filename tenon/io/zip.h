// Zip archives: what is in them, from hostile bytes, and how to write one. Stored and deflated entries, zip64.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tenon/io/atomic_file.h>

namespace tenon::inline v0::io {

struct ZipEntry {
  std::string name;
  bool deflated = false;
  uint32_t checksum = 0;                 // CRC-32
  uint64_t begin = 0, packed_bytes = 0;  // in the archive
  uint64_t bytes = 0;
};

// FileError names `file`: no archive, damaged, encrypted, packed in another way, entries that overlap or claim more
// than deflate can pack.
std::vector<ZipEntry> read_zip(const std::string& file, std::span<const std::byte> archive);

// Unpacks one entry piece by piece.
class ZipReader {
 public:
  ZipReader(const std::string& file, std::span<const std::byte> archive, const ZipEntry& entry);
  ~ZipReader();
  uint64_t left() const { return left_; }
  void read(void* to, uint64_t bytes);  // FileError when less is left
  void expect_end();                    // FileError when something is left, or the checksum is wrong

 private:
  [[noreturn]] void damaged(const char* why) const;
  struct Inflater;
  const std::string& file_;
  const ZipEntry& entry_;
  const std::byte* next_;
  uint64_t left_;
  uint64_t packed_left_;
  uint32_t checksum_ = 0;
  std::unique_ptr<Inflater> inflater_;
};

// Appends entries to a new archive, whose files are of 1980 so that equal data make equal bytes.
class ZipWriter {
 public:
  explicit ZipWriter(AtomicFile& file) : file_(file) {}
  // An entry of the pieces one after the other.
  void add(const std::string& name, const std::vector<std::string_view>& pieces, bool deflate);
  void finish();  // the directory

 private:
  struct Written {
    std::string name;
    bool deflated;
    uint32_t checksum;
    uint64_t begin, packed_bytes, bytes;
  };
  void write(std::string_view bytes);
  AtomicFile& file_;
  std::vector<Written> entries_;
  uint64_t at_ = 0;
};

}  // namespace tenon::inline v0::io
