// .tenon files: programs with their weights (docs/file-format.md).
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include <tenon/core/export.h>
#include <tenon/exec/load.h>
#include <tenon/exec/plan.h>
#include <tenon/graph/graph.h>

namespace tenon::inline v0::io {

// Composites are expanded and each function is planned. A file is replaced in one step or not at all. FileError.
TENON_API void save(const graph::Program& program, const std::string& path);
// The functions as graphs again. Their tensors look into the mapped file. FileError: cannot be read, damaged, or
// of an op that is not registered.
TENON_API graph::Program load_program(const std::string& path, const exec::LoadOptions& options = {});
// From memory; `name` is what errors call it. The tensors are copies.
TENON_API graph::Program load_program(std::span<const std::byte> bytes, const std::string& name,
                                      const exec::LoadOptions& options = {});

// Plans as they are.
TENON_API void save_plans(const exec::Program& program, const std::string& path);
TENON_API std::string plan_bytes(const exec::Program& program);  // what the file would hold

}  // namespace tenon::inline v0::io
