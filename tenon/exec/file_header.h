// The first 64 bytes of a .tenon file (docs/file-format.md).
#pragma once

#include <cstdint>

namespace tenon::inline v0::exec {

struct FileHeader {
  char magic[8];
  uint32_t version;         // of the format
  uint32_t reserved;        // zero
  uint64_t metadata_bytes;  // the metadata follow the header
  uint64_t metadata_checksum;
  uint64_t file_bytes;  // of the whole file
  uint64_t unused[2];   // zero
  uint64_t checksum;    // of what is above
};
static_assert(sizeof(FileHeader) == 64);

// As in PNG: a first byte that is no text, and line ends that a transfer as text would change.
inline constexpr char kMagic[8] = {'\x89', 'T', 'E', 'N', 'O', 'N', '\r', '\n'};
inline constexpr uint32_t kFormatVersion = 0;
inline constexpr uint64_t kWeightAlignment = 64;
// FlatBuffers reach no further.
inline constexpr uint64_t kMaxMetadataBytes = (uint64_t{1} << 31) - 64;

}  // namespace tenon::inline v0::exec
