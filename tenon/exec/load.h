// Reads .tenon files (docs/file-format.md), from hostile bytes: nothing is believed before it is checked, and
// no more is allocated than the file is long. No exceptions.
#pragma once

#include <cstddef>

#include <tenon/core/export.h>
#include <tenon/exec/plan.h>
#include <tenon/exec/status.h>

namespace tenon::inline v0::exec {

struct LoadOptions {
  bool verify_weights = false;  // compare the weights with their checksums too: reads all of them
};

// Maps the file and keeps it mapped as long as `program.file` lives.
TENON_API Status load(const char* path, const LoadOptions& options, Program& program);
// From memory that outlives the program. Constants look into it, which is best aligned to 64.
TENON_API Status load(const void* data, size_t bytes, const LoadOptions& options, Program& program);

}  // namespace tenon::inline v0::exec
