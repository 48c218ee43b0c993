// XXH64, the checksum of .tenon files: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
#pragma once

#include <cstddef>
#include <cstdint>

#include <tenon/core/export.h>

namespace tenon::inline v0::exec {

// With seed 0.
TENON_API uint64_t xxh64(const void* data, size_t bytes);

}  // namespace tenon::inline v0::exec
