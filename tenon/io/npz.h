// NumPy's .npz: a zip archive of .npy arrays, as numpy.savez, numpy.savez_compressed and numpy.load have it.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include <tenon/core/export.h>
#include <tenon/core/state_dict.h>

namespace tenon::inline v0::io {

// The tensors are copies. FileError: no archive, damaged, or an array of a dtype that Tenon does not have.
TENON_API StateDict load_npz(const std::string& path);
// From memory; `name` is what errors call it.
TENON_API StateDict load_npz(std::span<const std::byte> bytes, const std::string& name = "npz");
// One array, as numpy.save writes it.
TENON_API Tensor load_npy(const std::string& path);
// A file is replaced in one step or not at all. ValueError: bfloat16, which NumPy does not have.
TENON_API void save_npz(const StateDict& tensors, const std::string& path, bool compress = false);

}  // namespace tenon::inline v0::io
