#include <tenon/io/npz.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include <tenon/core/error.h>
#include <tenon/io/file.h>
#include <tenon/io/zip.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0::io {

namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

// NumPy's letters; '|' stands for the byte order of what has none.
constexpr struct {
  DType dtype;
  std::string_view code;
} kCodes[] = {{DType::Bool, "b1"},    {DType::UInt8, "u1"},     {DType::Int8, "i1"},       {DType::Int16, "i2"},
              {DType::Int32, "i4"},   {DType::Int64, "i8"},     {DType::Float16, "f2"},    {DType::Float32, "f4"},
              {DType::Float64, "f8"}, {DType::Complex64, "c8"}, {DType::Complex128, "c16"}};

struct Header {
  DType dtype = DType::Float32;
  bool is_big_endian = false, is_fortran = false;
  Shape shape;
};

// {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }: a Python dict with these three keys.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, std::string where) : text_(text), where_(std::move(where)) {}

  Header parse() {
    Header out;
    int seen = 0;
    expect('{');
    while (!accept('}')) {
      const std::string_view key = string();
      expect(':');
      if (key == "descr") {
        seen |= 1;
        dtype(out);
      } else if (key == "fortran_order") {
        seen |= 2;
        out.is_fortran = boolean();
      } else if (key == "shape") {
        seen |= 4;
        shape(out.shape);
      } else {
        damaged();
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_spaces();
    if (seen != 7 || !text_.empty()) damaged();
    return out;
  }

 private:
  [[noreturn]] void damaged() const { fail<FileError>(where_, ": the header of the array is damaged"); }
  void skip_spaces() {
    while (!text_.empty() && (text_[0] == ' ' || text_[0] == '\n')) text_.remove_prefix(1);
  }
  bool accept(char c) {
    skip_spaces();
    if (text_.empty() || text_[0] != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!accept(c)) damaged();
  }
  std::string_view string() {
    skip_spaces();
    if (text_.empty() || (text_[0] != '\'' && text_[0] != '"')) damaged();
    const size_t end = text_.find(text_[0], 1);
    if (end == std::string_view::npos) damaged();
    const std::string_view out = text_.substr(1, end - 1);
    text_.remove_prefix(end + 1);
    return out;
  }
  bool boolean() {
    skip_spaces();
    for (const bool value : {false, true}) {
      const std::string_view word = value ? "True" : "False";
      if (!text_.starts_with(word)) continue;
      text_.remove_prefix(word.size());
      return value;
    }
    damaged();
  }
  void dtype(Header& out) {
    skip_spaces();
    if (!text_.empty() && text_[0] == '[') fail<FileError>(where_, ": an array of records; Tenon has numbers only");
    const std::string_view code = string();
    const bool known_order = !code.empty() && (code[0] == '<' || code[0] == '>' || code[0] == '|' || code[0] == '=');
    out.is_big_endian = known_order && code[0] == '>';
    for (const auto& known : kCodes) {
      if (known_order && code.substr(1) == known.code) return static_cast<void>(out.dtype = known.dtype);
    }
    const bool is_object = code == "|O" || code == "O";
    fail<FileError>(where_, ": an array of ", is_object ? "Python objects" : text("dtype '", shown(code), "'"),
                    ", which Tenon does not have", is_object ? "" : "; convert it in NumPy with astype");
  }
  void shape(Shape& out) {
    expect('(');
    while (!accept(')')) {
      skip_spaces();
      int64_t size = -1;
      const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), size);
      if (error != std::errc() || size < 0) damaged();
      text_.remove_prefix(static_cast<size_t>(end - text_.data()));
      out.push_back(size);
      if (out.size() > 64) fail<FileError>(where_, ": the array has more than 64 dimensions");
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
  }

  std::string_view text_;
  const std::string where_;
};

// A .npy file by itself, read as an entry of an archive is.
class FileReader {
 public:
  FileReader(const std::string& file, std::span<const std::byte> bytes) : file_(file), rest_(bytes) {}
  uint64_t left() const { return rest_.size(); }
  void read(void* to, uint64_t bytes) {
    check<FileError>(bytes <= rest_.size(), file_, ": the file is cut off");
    std::memcpy(to, rest_.data(), bytes);
    rest_ = rest_.subspan(bytes);
  }
  void expect_end() const { check<FileError>(rest_.empty(), file_, ": goes on behind the array"); }

 private:
  const std::string& file_;
  std::span<const std::byte> rest_;
};

template <class Reader>
Header read_npy_header(Reader& entry, const std::string& where) {
  char start[8];
  check<FileError>(entry.left() >= 10, where, ": no NumPy array");
  entry.read(start, 8);
  check<FileError>(std::string_view(start, 6) == kMagic, where, ": no NumPy array");
  const int version = start[6];
  check<FileError>(version >= 1 && version <= 3, where, ": an array of format ", version, "; 1 to 3 can be read");
  uint32_t length = 0;
  entry.read(&length, version == 1 ? 2 : 4);
  check<FileError>(length <= entry.left() && length <= 1 << 20, where, ": the header of the array is damaged");
  std::string text(length, '\0');
  entry.read(text.data(), length);
  return HeaderParser(text, where).parse();
}

void to_little_endian(const Header& header, char* data, uint64_t bytes) {
  const auto width = static_cast<size_t>(size_of(info(header.dtype).real));
  if (!header.is_big_endian || width == 1) return;
  for (char* p = data; p < data + bytes; p += width) std::reverse(p, p + width);
}

template <class Reader>
Tensor read_npy(Reader& entry, const std::string& where) {
  const Header header = read_npy_header(entry, where);
  uint64_t bytes = static_cast<uint64_t>(size_of(header.dtype));
  for (Dim d : header.shape) {
    const auto size = static_cast<uint64_t>(d.value());
    if (size == 0) bytes = 0;
    if (__builtin_mul_overflow(bytes, size, &bytes)) bytes = UINT64_MAX;
  }
  check<FileError>(bytes == entry.left(), where, ": the array claims ", header.shape, " ", header.dtype, ", and ",
                   entry.left(), " bytes are there");
  // Fortran's order is the row-major order of the transposed array.
  Shape stored = header.shape;
  if (header.is_fortran) std::reverse(stored.begin(), stored.end());
  Tensor out = Tensor::empty(stored, header.dtype);
  auto* data = static_cast<char*>(out.data_ptr());
  if (bytes > 0) entry.read(data, bytes);
  entry.expect_end();
  to_little_endian(header, data, bytes);
  if (header.dtype == DType::Bool) {
    const bool all = std::all_of(data, data + bytes, [](char c) { return c == 0 || c == 1; });
    check<FileError>(all, where, ": holds a bool that is neither 0 nor 1");
  }
  if (!header.is_fortran || header.shape.size() < 2) return out;
  Dims order;
  for (size_t i = header.shape.size(); i-- > 0;) order.push_back(static_cast<int64_t>(i));
  return permute(out, order).contiguous();
}

std::string npy_header(const std::string& name, const Tensor& tensor) {
  std::string_view code;
  for (const auto& known : kCodes) {
    if (known.dtype == tensor.dtype()) code = known.code;
  }
  check<ValueError>(!code.empty(), "save_npz: '", shown(name), "' is ", tensor.dtype(),
                    ", which NumPy does not have; convert it with .to(float32)");
  std::string shape = "(";
  for (Dim d : tensor.shape()) shape += d.str() + (tensor.dim() == 1 ? "," : ", ");
  if (tensor.dim() > 1) shape.resize(shape.size() - 2);
  std::string dict = text("{'descr': '", size_of(tensor.dtype()) == 1 ? "|" : "<", code,
                          "', 'fortran_order': False, 'shape': ", shape, "), }");
  // The data begin at a multiple of 64; a line ends the header.
  const size_t before = kMagic.size() + 4;
  dict.resize((before + dict.size() + 1 + 63) / 64 * 64 - before - 1, ' ');
  dict += '\n';
  const auto length = static_cast<uint16_t>(dict.size());
  std::string out(kMagic);
  out += std::string("\1\0", 2);
  out.append(reinterpret_cast<const char*>(&length), 2);
  return out + dict;
}

}  // namespace

StateDict load_npz(std::span<const std::byte> bytes, const std::string& name) {
  StateDict out;
  for (const ZipEntry& entry : read_zip(name, bytes)) {
    std::string key = entry.name;
    const std::string where = text(name, ": '", shown(key), "'");
    check<FileError>(key.ends_with(".npy"), where, " is no NumPy array (.npy)");
    key.resize(key.size() - 4);
    check<FileError>(is_utf8(key), where, ": the name is not UTF-8");
    check<FileError>(!out.contains(key), where, " is there twice");
    ZipReader reader(name, bytes, entry);
    out.add(key, read_npy(reader, where));
  }
  return out;
}

StateDict load_npz(const std::string& path) { return load_npz(FileBytes::open(path, true)->span(), path); }

Tensor load_npy(const std::string& path) {
  const auto file = FileBytes::open(path, true);
  FileReader reader(path, file->span());
  return read_npy(reader, path);
}

void save_npz(const StateDict& tensors, const std::string& path, bool compress) {
  for (const auto& [name, tensor] : tensors) {
    check<ValueError>(tensor.defined(), "save_npz: '", shown(name), "' holds no tensor");
    check<DeviceError>(tensor.device().kind == DeviceKind::CPU, "save_npz: '", shown(name), "' is on ", tensor.device(),
                       "; copy it to the cpu first");
    check<ValueError>(is_utf8(name), "save_npz: the name '", shown(name), "' is not UTF-8 text");
    npy_header(name, tensor);
  }
  AtomicFile file(path);
  ZipWriter zip(file);
  for (const auto& [name, tensor] : tensors) {
    const Tensor data = tensor.contiguous();
    const auto bytes = static_cast<size_t>(data.numel() * data.element_size());
    const std::string header = npy_header(name, data);
    zip.add(name + ".npy", {header, std::string_view(static_cast<const char*>(data.data_ptr()), bytes)}, compress);
  }
  zip.finish();
  file.commit();
}

}  // namespace tenon::inline v0::io
