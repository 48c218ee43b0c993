#include <tenon/io/safetensors.h>

#include <algorithm>
#include <cstring>

#include <tenon/core/error.h>
#include <tenon/io/atomic_file.h>
#include <tenon/io/file.h>
#include <tenon/io/safetensors_header.h>

namespace tenon::inline v0::io {

namespace {

// The place of a dtype in the safetensors library, which writes the highest first: wide before
// narrow, so that everything lies aligned.
int rank_of(DType dtype) {
  constexpr DType kOrder[] = {DType::Bool,      DType::UInt8,    DType::Int8,  DType::Int16,
                              DType::Float16,   DType::BFloat16, DType::Int32, DType::Float32,
                              DType::Complex64, DType::Float64,  DType::Int64, DType::Complex128};
  return static_cast<int>(std::find(std::begin(kOrder), std::end(kOrder), dtype) - kOrder);
}

std::vector<const StateDict::value_type*> in_file_order(const StateDict& tensors) {
  std::vector<const StateDict::value_type*> order;
  for (const auto& named : tensors) {
    const auto& [name, tensor] = named;
    check<ValueError>(name != "__metadata__", "save_safetensors: no tensor can be named '", name,
                      "'; the format keeps that name for itself");
    check<ValueError>(tensor.defined(), "save_safetensors: '", shown(name), "' holds no tensor");
    check<DeviceError>(tensor.device().kind == DeviceKind::CPU, "save_safetensors: '", shown(name), "' is on ",
                       tensor.device(), "; copy it to the cpu first");
    order.push_back(&named);
  }
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    const int ra = rank_of(a->second.dtype()), rb = rank_of(b->second.dtype());
    return ra != rb ? ra > rb : a->first < b->first;
  });
  return order;
}

std::string metadata_json(const Metadata& metadata) {
  std::string out = "\"__metadata__\":{";
  for (const auto& [key, value] : metadata) {
    if (out.back() != '{') out += ',';
    out += json_string(key) + ':' + json_string(value);
  }
  return out + '}';
}

std::string entry_json(const std::string& name, const Tensor& tensor, uint64_t begin, uint64_t end) {
  std::string shape;
  for (Dim d : tensor.shape()) shape += (shape.empty() ? "" : ",") + d.str();
  return text(json_string(name), ":{\"dtype\":\"", info(tensor.dtype()).safetensors, "\",\"shape\":[", shape,
              "],\"data_offsets\":[", begin, ",", end, "]}");
}

uint64_t bytes_of(const Tensor& tensor) { return static_cast<uint64_t>(tensor.numel() * tensor.element_size()); }

// The eight bytes of the length and the header, padded so that the data begins at a multiple of 8.
std::string header_of(const std::vector<const StateDict::value_type*>& order, Metadata metadata) {
  metadata.emplace("format", "pt");
  std::string json = "{" + metadata_json(metadata);
  uint64_t at = 0;
  for (const auto* named : order) {
    const uint64_t end = at + bytes_of(named->second);
    json += "," + entry_json(named->first, named->second, at, end);
    at = end;
  }
  json += '}';
  json.resize((json.size() + 7) / 8 * 8, ' ');
  const uint64_t length = json.size();
  std::string out(8, '\0');
  std::memcpy(out.data(), &length, 8);
  return out + json;
}

// Calls `write` with runs of bytes that are the tensor's elements in row-major order.
template <class Write>
void each_run(const Tensor& tensor, int dim, const char* data, Write& write) {
  const size_t element = static_cast<size_t>(tensor.element_size());
  const int last = static_cast<int>(tensor.dim()) - 1;
  if (dim > last) return write(data, element);
  const int64_t size = tensor.shape()[dim].value(), stride = tensor.strides()[dim].value();
  if (dim == last && stride == 1) return write(data, element * static_cast<size_t>(size));
  for (int64_t i = 0; i < size; ++i) {
    each_run(tensor, dim + 1, data + i * stride * static_cast<int64_t>(element), write);
  }
}

template <class Write>
void write_data(const Tensor& tensor, Write&& write) {
  if (tensor.numel() == 0) return;
  const char* data = static_cast<const char*>(tensor.data_ptr());
  if (tensor.is_contiguous()) return write(data, bytes_of(tensor));
  std::string block;  // small runs, gathered
  const auto gather = [&](const char* run, size_t bytes) {
    block.append(run, bytes);
    if (block.size() < (1 << 20)) return;
    write(block.data(), block.size());
    block.clear();
  };
  each_run(tensor, 0, data, gather);
  write(block.data(), block.size());
}

// A bool in memory is 0 or 1; anything else would make C++ code go astray.
void check_bools(const std::string& file, const SafetensorsHeader::Entry& entry, const std::byte* data) {
  const auto* end = data + (entry.end - entry.begin);
  const auto* bad = std::find_if(data, end, [](std::byte b) { return b > std::byte{1}; });
  check<FileError>(bad == end, file, ": tensor '", shown(entry.name), "': holds a BOOL that is neither 0 nor 1");
}

template <class Make>
StateDict load(const std::string& file, std::span<const std::byte> bytes, const Make& make) {
  StateDict out;
  for (auto& entry : parse_safetensors_header(file, bytes).entries) {
    if (entry.dtype == DType::Bool) check_bools(file, entry, bytes.data() + entry.begin);
    Tensor tensor = make(entry);
    out.add(std::move(entry.name), std::move(tensor));
  }
  return out;
}

}  // namespace

SafetensorsHeader read_safetensors_header(const std::string& path) {
  return parse_safetensors_header(path, FileBytes::open(path, true)->span());
}

StateDict load_safetensors(const std::string& path, bool map) {
  const auto file = FileBytes::open(path, map);
  return load(path, file->span(), [&](const SafetensorsHeader::Entry& entry) {
    return tensor_in(file, entry.begin, entry.shape, entry.dtype);
  });
}

StateDict load_safetensors(std::span<const std::byte> bytes, const std::string& name) {
  return load(name, bytes, [&](const SafetensorsHeader::Entry& entry) {
    Tensor tensor = Tensor::empty(entry.shape, entry.dtype);
    const size_t size = entry.end - entry.begin;
    if (size != 0) std::memcpy(tensor.data_ptr(), bytes.data() + entry.begin, size);
    return tensor;
  });
}

void save_safetensors(const StateDict& tensors, const std::string& path, Metadata metadata) {
  const auto order = in_file_order(tensors);
  const std::string header = header_of(order, std::move(metadata));
  AtomicFile file(path);
  file.write(header);
  for (const auto* named : order) {
    write_data(named->second, [&](const char* p, size_t bytes) { file.write(p, bytes); });
  }
  file.commit();
}

std::string safetensors_bytes(const StateDict& tensors, Metadata metadata) {
  const auto order = in_file_order(tensors);
  std::string out = header_of(order, std::move(metadata));
  for (const auto* named : order) {
    write_data(named->second, [&](const char* p, size_t bytes) { out.append(p, bytes); });
  }
  return out;
}

}  // namespace tenon::inline v0::io
