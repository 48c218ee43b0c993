#include <tenon/io/safetensors_header.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <unordered_set>

#include <nlohmann/json.hpp>

#include <tenon/core/error.h>
#include <tenon/core/view.h>
#include <tenon/io/file.h>

namespace tenon::inline v0::io {

static_assert(std::endian::native == std::endian::little, "safetensors data is little-endian");

namespace {

constexpr uint64_t kMaxHeader = 100'000'000;  // the limit of the safetensors library

struct RawEntry {
  std::string name, dtype;
  std::vector<uint64_t> shape, offsets;
  int fields = 0;
};

// Takes the parser's events and accepts nothing but
//   {"__metadata__": {text: text}, name: {"dtype": text, "shape": [..], "data_offsets": [b, e]}}
// so that neither depth nor size of what is built exceeds what the header itself holds.
class HeaderReader {
 public:
  std::vector<RawEntry> entries;
  Metadata metadata;
  std::string problem;

  bool start_object(size_t) {
    switch (where_) {
      case Where::Start:
        return go(Where::Root);
      case Where::Root:
        return go(key_ == "__metadata__" ? Where::Metadata : Where::Entry);
      default:
        return unexpected("an object");
    }
  }
  bool key(std::string& key) {
    if (where_ == Where::Entry) return field(key);
    key_ = key;
    if (where_ == Where::Metadata) return true;
    if (!names_.insert(key).second) return no("tensor '", shown(key), "' is there twice");
    if (key != "__metadata__") {
      entries.emplace_back();
      entries.back().name = key;
    }
    return true;
  }
  bool end_object() {
    if (where_ == Where::Root) return go(Where::End);
    if (where_ == Where::Entry && entries.back().fields != 7) {
      return no(tensor(), "dtype, shape or data_offsets is missing");
    }
    return go(Where::Root);
  }
  bool start_array(size_t) {
    if (where_ != Where::Entry || numbers_ == nullptr) return unexpected("a list");
    return go(Where::Numbers);
  }
  bool end_array() {
    numbers_ = nullptr;
    return go(Where::Entry);
  }
  bool string(std::string& value) {
    if (where_ == Where::Metadata) {
      if (metadata.emplace(key_, value).second) return true;
      return no("metadata '", shown(key_), "' is there twice");
    }
    if (where_ != Where::Entry || numbers_ != nullptr) return unexpected("text");
    entries.back().dtype = value;
    return true;
  }
  bool number_unsigned(uint64_t value) {
    if (where_ != Where::Numbers) return unexpected("a number");
    numbers_->push_back(value);
    return true;
  }
  bool number_integer(int64_t value) {
    return where_ == Where::Numbers ? no(tensor(), "negative number ", value) : unexpected("a number");
  }
  bool number_float(double, const std::string& text) {
    return where_ == Where::Numbers ? no(tensor(), "not a whole number: ", shown(text)) : unexpected("a number");
  }
  bool null() { return unexpected("null"); }
  bool boolean(bool) { return unexpected("true or false"); }
  bool binary(std::vector<uint8_t>&) { return unexpected("binary data"); }
  template <class Exception>
  bool parse_error(size_t position, const std::string&, const Exception&) {
    return no("not JSON at byte ", position, " of the header");
  }

 private:
  enum class Where { Start, Root, Metadata, Entry, Numbers, End };

  bool go(Where where) {
    where_ = where;
    return true;
  }
  bool field(const std::string& key) {
    RawEntry& entry = entries.back();
    const int bit = key == "dtype" ? 1 : key == "shape" ? 2 : key == "data_offsets" ? 4 : 0;
    if (bit == 0) return no(tensor(), "unknown field '", shown(key), "'");
    if ((entry.fields & bit) != 0) return no(tensor(), key, " is there twice");
    entry.fields |= bit;
    numbers_ = bit == 2 ? &entry.shape : bit == 4 ? &entry.offsets : nullptr;
    return true;
  }
  std::string tensor() const { return entries.empty() ? "" : "tensor '" + shown(entries.back().name) + "': "; }
  template <class... Parts>
  bool no(const Parts&... parts) {
    problem = text(parts...);
    return false;
  }
  bool unexpected(const char* what) {
    switch (where_) {
      case Where::Start:
        return no("the header is ", what, ", not an object");
      case Where::Root:
        return no("'", shown(key_), "' is ", what, ", not an object");
      case Where::Metadata:
        return no("metadata '", shown(key_), "' is ", what, ", not text");
      case Where::Numbers:
        return no(tensor(), "holds ", what, " where a whole number belongs");
      default:
        return no(tensor(), "holds ", what, " where something else belongs");
    }
  }

  Where where_ = Where::Start;
  std::string key_;
  std::unordered_set<std::string> names_;
  std::vector<uint64_t>* numbers_ = nullptr;  // the list that comes next or is being read
};

std::optional<DType> dtype_named(const std::string& name) {
  for (int i = 0; i < kDTypeCount; ++i) {
    if (name == kDTypes[i].safetensors) return static_cast<DType>(i);
  }
  return std::nullopt;
}

// Bytes of the shape, when they are at most `limit`.
std::optional<uint64_t> bytes_of(const std::vector<uint64_t>& shape, DType dtype, uint64_t limit) {
  uint64_t bytes = static_cast<uint64_t>(size_of(dtype));
  // Also sizes beside a zero must multiply to something: strides are computed from them.
  bool empty = false;
  for (uint64_t size : shape) {
    empty |= size == 0;
    if (__builtin_mul_overflow(bytes, std::max<uint64_t>(size, 1), &bytes)) return std::nullopt;
  }
  if (bytes > INT64_MAX) return std::nullopt;
  if (empty) return 0;
  return bytes <= limit ? std::optional(bytes) : std::nullopt;
}

std::string list(const std::vector<uint64_t>& values) {
  std::string out = "[";
  for (size_t i = 0; i < values.size() && i < 8; ++i) out += text(i == 0 ? "" : ", ", values[i]);
  return out + (values.size() > 8 ? ", ...]" : "]");
}

SafetensorsHeader::Entry checked_entry(const std::string& file, const RawEntry& raw, uint64_t data_bytes) {
  const auto require = [&](bool ok, const auto&... parts) {
    check<FileError>(ok, file, ": tensor '", shown(raw.name), "': ", parts...);
  };
  const std::optional<DType> dtype = dtype_named(raw.dtype);
  require(dtype.has_value(), "unknown dtype '", shown(raw.dtype), "'");
  require(raw.shape.size() <= kMaxKernelDims, "has ", raw.shape.size(), " dimensions; the most is ", kMaxKernelDims);
  require(raw.offsets.size() == 2, "data_offsets has ", raw.offsets.size(), " numbers, not 2");
  const uint64_t begin = raw.offsets[0], end = raw.offsets[1];
  require(begin <= end && end <= data_bytes, "data_offsets ", list(raw.offsets), " lie outside the file, which holds ",
          data_bytes, " bytes of data");
  const std::optional<uint64_t> bytes = bytes_of(raw.shape, *dtype, data_bytes);
  require(bytes == end - begin, "shape ", list(raw.shape), " ", raw.dtype, " does not take the ", end - begin,
          " bytes of its data_offsets");
  SafetensorsHeader::Entry entry{raw.name, *dtype, {}, begin, end};
  for (uint64_t size : raw.shape) entry.shape.push_back(static_cast<int64_t>(size));
  return entry;
}

// The data is covered without holes and without overlap, so nothing can hide in a file.
void check_cover(const std::string& file, const std::vector<SafetensorsHeader::Entry>& entries, uint64_t data_bytes) {
  uint64_t at = 0;
  for (const auto& entry : entries) {
    check<FileError>(entry.begin >= at, file, ": tensor '", shown(entry.name), "' begins at ", entry.begin,
                     ", inside the tensor before it, which ends at ", at);
    check<FileError>(entry.begin == at, file, ": ", entry.begin - at,
                     " bytes that belong to no tensor lie before tensor '", shown(entry.name), "'");
    at = entry.end;
  }
  check<FileError>(at == data_bytes, file, ": ", data_bytes - at, " bytes that belong to no tensor lie at its end");
}

std::string_view header_text(const std::string& file, std::span<const std::byte> bytes) {
  check<FileError>(bytes.size() >= 8, file, ": not a safetensors file: has ", bytes.size(),
                   " bytes, less than the 8 of the header's length");
  uint64_t length;
  std::memcpy(&length, bytes.data(), 8);
  check<FileError>(length <= bytes.size() - 8, file, ": the header's length is ", length, ", but only ",
                   bytes.size() - 8, " bytes follow: the file is cut off, or not a safetensors file");
  check<FileError>(length <= kMaxHeader, file, ": the header's length is ", length, "; the most is ", kMaxHeader);
  const char* begin = reinterpret_cast<const char*>(bytes.data()) + 8;
  check<FileError>(length > 0 && *begin == '{', file, ": the header does not begin with '{'");
  return {begin, static_cast<size_t>(length)};
}

}  // namespace

SafetensorsHeader parse_safetensors_header(const std::string& file, std::span<const std::byte> bytes) {
  const std::string_view header = header_text(file, bytes);
  HeaderReader reader;
  if (!nlohmann::json::sax_parse(header.begin(), header.end(), &reader)) {
    fail<FileError>(file, ": ", reader.problem);
  }
  const size_t data_begin = 8 + header.size();
  const uint64_t data_bytes = bytes.size() - data_begin;
  SafetensorsHeader out;
  out.metadata = std::move(reader.metadata);
  out.entries.reserve(reader.entries.size());
  for (const RawEntry& raw : reader.entries) {
    out.entries.push_back(checked_entry(file, raw, data_bytes));
  }
  std::stable_sort(out.entries.begin(), out.entries.end(),
                   [](const auto& a, const auto& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
  check_cover(file, out.entries, data_bytes);
  for (auto& entry : out.entries) {
    entry.begin += data_begin;
    entry.end += data_begin;
  }
  return out;
}

std::string json_string(const std::string& text) {
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::exception&) {
    fail<ValueError>("save_safetensors: '", shown(text), "' is not UTF-8 text");
  }
}

}  // namespace tenon::inline v0::io
