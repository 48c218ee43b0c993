// Safetensors: named tensors in one file that is mapped, not parsed. The format of Hugging Face,
// byte for byte: https://github.com/huggingface/safetensors
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tenon/core/export.h>
#include <tenon/core/state_dict.h>

namespace tenon::inline v0::io {

using Metadata = std::map<std::string, std::string>;

// What the header says about a file, checked against its size.
struct SafetensorsHeader {
  struct Entry {
    std::string name;
    DType dtype = DType::Float32;
    Shape shape;
    size_t begin = 0, end = 0;  // bytes, from the start of the file
  };
  std::vector<Entry> entries;  // as they lie in the file
  Metadata metadata;
};

// Any damage to a file is a FileError that names file, tensor and reason.
TENON_API SafetensorsHeader read_safetensors_header(const std::string& path);
// `model.load_state_dict(io::load_safetensors("digits.safetensors"))`; the names are in the order of the file.
// map: the tensors look into the mapped file, which costs no time and no memory until they are
// used. Writing to them never changes the file; someone else overwriting it in place does change
// them (save_safetensors and other careful programs replace files instead). Otherwise the file is
// read.
TENON_API StateDict load_safetensors(const std::string& path, bool map = true);
// From memory; `name` is what errors call it. The tensors are copies.
TENON_API StateDict load_safetensors(std::span<const std::byte> bytes, const std::string& name = "safetensors");

// Non-contiguous tensors are written contiguous, shared data once for each name. The metadata gets
// format=pt, without which programs that use PyTorch refuse a file, unless it has a format already.
// ValueError: a name twice, or text that is not UTF-8. A file is replaced in one step or not at
// all.
TENON_API void save_safetensors(const StateDict& tensors, const std::string& path, Metadata metadata = {});
TENON_API std::string safetensors_bytes(const StateDict& tensors, Metadata metadata = {});
template <class Named>
requires(!std::is_same_v<Named, StateDict>) void save_safetensors(const Named& tensors, const std::string& path,
                                                                  Metadata metadata = {}) {
  save_safetensors(StateDict::of(tensors), path, std::move(metadata));
}

}  // namespace tenon::inline v0::io
