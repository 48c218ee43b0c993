#include <tenon/exec/load.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>

#include <tenon/exec/checksum.h>
#include <tenon/exec/file_header.h>
#include <tenon/exec/validate.h>

// In hostile bytes an assertion would be a crash; the verifier comes first.
#define FLATBUFFERS_ASSERT(condition) ((void)0)
#include <format_generated.h>

namespace tenon::inline v0::exec {
namespace {

template <class... Parts>
Status refuse(const Parts&... parts) {
  return error(Status::Code::File, parts...);
}

// ---- the header ----

// What people hand over instead of a .tenon file, by how it begins.
const char* looks_like(std::string_view bytes) {
  struct Other {
    std::string_view magic;
    const char* what;
  };
  static constexpr Other others[] = {
      {std::string_view("PK\x03\x04", 4), "it begins like a zip archive (a PyTorch checkpoint or .npz?)"},
      {"\x89TENON\n", "its line ends were changed; copy it as a binary file"},
      {"\x89HDF", "it begins like HDF5 (a Keras model?)"},
      {"\x89PNG", "it is a PNG image"},
      {"\x1f\x8b", "it is compressed with gzip; unpack it first"},
      {"GGUF", "it is a GGUF file"},
      {"\x93NUMPY", "it is a NumPy array"},
      {"\x7f"
       "ELF",
       "it is a program or a library"},
      {"version https://git-lfs", "it is a pointer of git-lfs; fetch the file with `git lfs pull`"},
      {"\x08", "it begins like protobuf (an ONNX model?)"},
  };
  for (const Other& other : others) {
    if (bytes.starts_with(other.magic)) return other.what;
  }
  const auto at = [&](size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0; };
  if (at(0) == 0x80 && at(1) >= 2 && at(1) <= 5) return "it begins like a pickle (a checkpoint of an older PyTorch?)";
  if (at(8) == '{' && at(5) == 0 && at(6) == 0 && at(7) == 0)
    return "it begins like safetensors, which holds weights only";
  return "it does not begin with the bytes 89 54 45 4E 4F 4E 0D 0A";
}

Status read_header(const unsigned char* data, uint64_t size, FileHeader& header) {
  if (size == 0) return refuse("not a .tenon file: it is empty");
  const std::string_view bytes(reinterpret_cast<const char*>(data), static_cast<size_t>(size < 64 ? size : 64));
  const std::string_view magic(kMagic, sizeof kMagic);
  if (!bytes.starts_with(magic)) {
    if (size < magic.size() && magic.starts_with(bytes)) return refuse("truncated: it has ", size, " bytes");
    return refuse("not a .tenon file: ", looks_like(bytes));
  }
  if (size < sizeof header) return refuse("truncated: it has ", size, " bytes, and the header alone has 64");
  std::memcpy(&header, data, sizeof header);
  // The version comes before the checksum: a newer format may have another header.
  if (header.version > kFormatVersion) {
    return error(Status::Code::Version, "format ", header.version, " is newer than this reader's ", kFormatVersion,
                 ": update Tenon, or export the model for format ", kFormatVersion);
  }
  if (header.checksum != xxh64(data, offsetof(FileHeader, checksum))) {
    return refuse("damaged: the checksum of the header is wrong");
  }
  if (header.reserved != 0 || header.unused[0] != 0 || header.unused[1] != 0) {
    return refuse("bytes of the header that are kept for later formats are not zero");
  }
  if (header.file_bytes > size) {
    return refuse("truncated: ", header.file_bytes - size, " of its ", header.file_bytes, " bytes are missing");
  }
  if (header.file_bytes < size) return refuse("has ", size - header.file_bytes, " bytes more than its header says");
  if (header.metadata_bytes > size - sizeof header || header.metadata_bytes > kMaxMetadataBytes) {
    return refuse("damaged: metadata of ", header.metadata_bytes, " bytes do not fit");
  }
  if (header.metadata_checksum != xxh64(data + sizeof header, static_cast<size_t>(header.metadata_bytes))) {
    return refuse("damaged: the checksum of the metadata is wrong");
  }
  return {};
}

// ---- the metadata ----

template <class T>
using Tables = flatbuffers::Vector<flatbuffers::Offset<T>>;

// Copies the verified tables into a Program. Each byte of the metadata may be referred to once, so that what is
// allocated stays in proportion: `budget_` counts down, and nothing is copied that it does not cover.
class Reader {
 public:
  Reader(const unsigned char* data, uint64_t size, uint64_t metadata_bytes, bool verify_weights)
      : data_(data),
        size_(size),
        end_of_metadata_(sizeof(FileHeader) + metadata_bytes),
        verify_(verify_weights),
        budget_(metadata_bytes) {}

  Status read(const format::Program& from, Program& to) {
    features(from) && weights(from.weights()) && words(from, to) &&
        copy(from.functions(), to.functions,
             [&](const format::Function& f, Plan& plan) { return function(f, plan); }) &&
        named_apart(to);
    return std::move(status_);
  }

 private:
  template <class... Parts>
  [[gnu::cold]] bool bad(const Parts&... parts) {
    const TextPart all[] = {"damaged: ", TextPart(parts)...};
    if (status_.ok()) status_ = join(Status::Code::File, all, sizeof...(parts) + 1);
    return false;
  }
  bool spend(uint64_t bytes) {
    if (bytes > budget_) return bad("parts of the metadata are used twice");
    budget_ -= bytes;
    return true;
  }
  template <class T>
  bool spend(const flatbuffers::Vector<T>* v) {
    if (v == nullptr) return true;
    // The verifier sees to the alignment of the count alone.
    using Element = std::remove_cv_t<std::remove_pointer_t<T>>;
    if (v->size() > 0 && reinterpret_cast<uintptr_t>(v->Data()) % alignof(Element) != 0)
      return bad("a vector is not aligned");
    return spend(4 + uint64_t{v->size()} * sizeof(Element));
  }
  template <class T>
  static size_t size_of(const flatbuffers::Vector<T>* v) {
    return v == nullptr ? 0 : v->size();
  }

  bool copy(const flatbuffers::String* from, std::string& to) {
    if (from == nullptr) return true;
    if (!spend(uint64_t{from->size()} + 5)) return false;
    to.assign(from->c_str(), from->size());
    return true;
  }
  template <class T>
  bool copy(const flatbuffers::Vector<T>* from, std::vector<T>& to) {
    if (from == nullptr) return true;
    if (!spend(from)) return false;
    to.assign(from->begin(), from->end());
    return true;
  }
  // Calls `f(table, element)` for each. A table has 4 bytes at least, and 4 where it is referred to.
  template <class T, class Element, class F>
  bool copy(const Tables<T>* from, std::vector<Element>& to, F&& f) {
    if (from == nullptr) return true;
    if (!spend(4 + uint64_t{8} * from->size())) return false;
    to.resize(from->size());
    for (unsigned i = 0; i < from->size(); ++i) {
      if (!f(*from->Get(i), to[i])) return false;
    }
    return true;
  }
  template <class E, class F>
  bool kind(F from, E last, E& to, const char* what) {
    to = static_cast<E>(from);
    return to <= last || bad("there is no ", what, " ", static_cast<unsigned>(from));
  }

  bool features(const format::Program& from) {
    if (size_of(from.features()) == 0) return true;
    std::string first;
    copy(from.features()->Get(0), first);
    if (status_.ok()) {
      status_ = error(Status::Code::Version, "needs the feature '", std::string_view(first).substr(0, 100),
                      "', which this reader does not know: update Tenon");
    }
    return false;
  }

  bool weights(const Tables<format::Weight>* from) {
    uint64_t end = end_of_metadata_;
    return copy(from, weights_, [&](const format::Weight& w, Constant& to) {
      const auto index = &to - weights_.data();
      to.offset = w.offset(), to.bytes = w.bytes();
      if (to.offset % kWeightAlignment != 0)
        return bad("weight ", index, ": its offset ", to.offset, " is no multiple of 64");
      if (to.offset < end) return bad("weight ", index, ": overlaps what lies before it");
      if (to.offset > size_ || to.bytes > size_ - to.offset) return bad("weight ", index, ": leaves the file");
      end = to.offset + to.bytes;
      to.data = data_ + to.offset;
      if (!verify_ || xxh64(to.data, static_cast<size_t>(to.bytes)) == w.checksum()) return true;
      return bad("weight ", index, ": its checksum is wrong");
    });
  }
  bool weight(int32_t index, Constant& to) {
    if (index < 0 || static_cast<size_t>(index) >= weights_.size()) return bad("weight ", index, " does not exist");
    to = weights_[static_cast<size_t>(index)];
    return true;
  }

  bool words(const format::Program& from, Program& to) {
    if (!copy(from.producer(), to.producer) || !spend(from.labels())) return false;
    to.labels.resize(size_of(from.labels()));
    for (size_t i = 0; i < to.labels.size(); ++i) {
      if (!copy(from.labels()->Get(static_cast<unsigned>(i)), to.labels[i])) return false;
    }
    std::vector<char> entries;
    return copy(from.metadata(), entries, [&](const format::Entry& entry, char&) {
      std::string key, words;
      if (!copy(entry.key(), key) || !copy(entry.text(), words)) return false;
      return to.metadata.emplace(std::move(key), std::move(words)).second || bad("metadata have a key twice");
    });
  }

  bool named_apart(const Program& program) {
    if (program.functions.empty()) return bad("holds no function");
    if (program.functions.size() > 1000) return bad("holds ", program.functions.size(), " functions, at most 1000 go");
    for (const Plan& a : program.functions) {
      for (const Plan& b : program.functions) {
        if (&a != &b && a.name == b.name) return bad("two functions are named '", a.name, "'");
      }
    }
    return true;
  }

  bool function(const format::Function& from, Plan& to) {
    return copy(from.name(), to.name) && sizes(from, to) && memory(from, to) && calls(from, to) &&
           copy(from.inputs(), to.inputs) && copy(from.outputs(), to.outputs) && copy(from.placement(), to.placement) &&
           state(from, to) && checked(to);
  }

  bool sizes(const format::Function& from, Plan& to) {
    if (!spend(from.sizes()) || !spend(from.conditions())) return false;
    to.sizes.resize(size_of(from.sizes()));
    for (size_t i = 0; i < to.sizes.size(); ++i) {
      const format::Size& s = *from.sizes()->Get(static_cast<unsigned>(i));
      to.sizes[i] = {.value = s.value(), .a = s.a(), .b = s.b()};
      if (!kind(s.kind(), Size::Kind::Max, to.sizes[i].kind, "kind of size")) return false;
    }
    to.conditions.resize(size_of(from.conditions()));
    for (size_t i = 0; i < to.conditions.size(); ++i) {
      const format::Condition& c = *from.conditions()->Get(static_cast<unsigned>(i));
      to.conditions[i] = {c.left(), c.right()};
    }
    return copy(from.symbols(), to.symbols, [&](const format::Symbol& s, Symbol& symbol) {
      symbol.value = s.value(), symbol.axis = s.axis();
      return copy(s.name(), symbol.name);
    });
  }

  bool memory(const format::Function& from, Plan& to) {
    return copy(from.storages(), to.storages,
                [&](const format::Storage& s, Storage& storage) {
                  storage.index = s.index(), storage.bytes = s.bytes(), storage.first = s.first();
                  storage.last = s.last();
                  return kind(s.kind(), Storage::Kind::Dynamic, storage.kind, "kind of memory");
                }) &&
           copy(from.values(), to.values, [&](const format::Value& v, Value& value) {
             value.storage = v.storage(), value.offset = v.offset(), value.weak = v.weak();
             return kind(v.dtype(), DType::Complex128, value.dtype, "dtype") && copy(v.name(), value.name) &&
                    copy(v.shape(), value.shape) && copy(v.strides(), value.strides);
           });
  }

  bool calls(const format::Function& from, Plan& to) {
    return copy(from.ops(), to.ops,
                [&](const format::Op& o, Op& op) {
                  return copy(o.name(), op.name) && copy(o.overload(), op.overload) &&
                         copy(o.attributes(), op.attributes, [&](const format::Attribute& a, Attribute& attribute) {
                           attribute.present = !a.absent();
                           return kind(a.type(), Attribute::Type::Dims, attribute.type, "type of attribute") &&
                                  copy(a.name(), attribute.name) && copy(a.text(), attribute.text) &&
                                  copy(a.numbers(), attribute.numbers) && copy(a.sizes(), attribute.sizes);
                         });
                }) &&
           copy(from.steps(), to.steps,
                [&](const format::Step& s, Step& step) {
                  step.op = s.op(), step.generator = s.generator(), step.source = s.source();
                  return kind(s.kind(), Step::Kind::Copy, step.kind, "kind of step") && copy(s.inputs(), step.inputs) &&
                         copy(s.outputs(), step.outputs);
                }) &&
           copy(from.sources(), to.sources, [&](const format::Source& s, Source& source) {
             source.line = s.line();
             return copy(s.file(), source.file) && copy(s.function(), source.function);
           });
  }

  bool state(const format::Function& from, Plan& to) {
    if (!spend(from.constants())) return false;
    to.constants.resize(size_of(from.constants()));
    for (size_t i = 0; i < to.constants.size(); ++i) {
      if (!weight(from.constants()->Get(static_cast<unsigned>(i)), to.constants[i])) return false;
    }
    return copy(from.slots(), to.slots, [&](const format::Slot& s, Slot& slot) {
      slot.storage = s.storage(), slot.value = s.value(), slot.updated = s.updated();
      return kind(s.kind(), Slot::Kind::Optimizer, slot.kind, "kind of slot") && copy(s.name(), slot.name) &&
             (s.initial() == kNone || weight(s.initial(), slot.initial));
    });
  }

  bool checked(const Plan& plan) {
    Status status = validate(plan);
    if (!status.ok()) return bad(status.text);
    for (const Value& value : plan.values) {
      if (value.dtype != DType::Bool) continue;
      const Storage& storage = plan.storages[static_cast<size_t>(value.storage)];
      const auto index = static_cast<size_t>(storage.index);
      if (storage.kind == Storage::Kind::Constant && !bools(plan.constants[index])) return false;
      if (storage.kind == Storage::Kind::Slot && !bools(plan.slots[index].initial)) return false;
    }
    return true;
  }
  // A bool in memory is 0 or 1; anything else would make C++ code go astray.
  bool bools(const Constant& constant) {
    const auto* p = static_cast<const unsigned char*>(constant.data);
    for (uint64_t i = 0; i < constant.bytes; ++i) {
      if (p[i] > 1) return bad("a constant of bools holds a byte that is neither 0 nor 1");
    }
    return true;
  }

  const unsigned char* data_;
  const uint64_t size_, end_of_metadata_;
  const bool verify_;
  uint64_t budget_;
  std::vector<Constant> weights_;
  Status status_;
};

Status parse(const unsigned char* data, uint64_t size, const LoadOptions& options, Program& program) {
  FileHeader header;
  Status status = read_header(data, size, header);
  if (!status.ok()) return status;
  const unsigned char* metadata = data + sizeof header;
  flatbuffers::Verifier::Options limits;
  limits.max_depth = 8;
  limits.max_tables = static_cast<flatbuffers::uoffset_t>(header.metadata_bytes / 8 + 1);
  flatbuffers::Verifier verifier(metadata, static_cast<size_t>(header.metadata_bytes), limits);
  if (!format::VerifyProgramBuffer(verifier))
    return refuse("damaged or hostile: the metadata are no FlatBuffer of the format");
  Program read;
  status = Reader(data, size, header.metadata_bytes, options.verify_weights).read(*format::GetProgram(metadata), read);
  if (status.ok()) program = std::move(read);
  return status;
}

// ---- files ----

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

Status named(const char* path, Status status) {
  return status.ok() ? std::move(status) : error(status.code, path, ": ", status.text);
}

}  // namespace

Status load(const char* path, const LoadOptions& options, Program& program) {
  const Descriptor file{::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.fd < 0) return refuse(path, ": cannot be opened: ", std::strerror(errno));
  struct stat stat;
  if (::fstat(file.fd, &stat) != 0) return refuse(path, ": ", std::strerror(errno));
  if (!S_ISREG(stat.st_mode)) return refuse(path, ": cannot be read: not a regular file");
  const auto size = static_cast<size_t>(stat.st_size);
  if (size == 0) return named(path, parse(nullptr, 0, options, program));
  void* map = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (map == MAP_FAILED) return refuse(path, ": cannot be mapped: ", std::strerror(errno));
  const std::shared_ptr<const void> kept(map, [size](void* p) { ::munmap(p, size); });
  Status status = named(path, parse(static_cast<const unsigned char*>(map), size, options, program));
  if (status.ok()) program.file = kept;
  return status;
}

Status load(const void* data, size_t bytes, const LoadOptions& options, Program& program) {
  if (data == nullptr) bytes = 0;
  constexpr size_t kNeeded = 16;  // the alignment of the widest element
  if (reinterpret_cast<uintptr_t>(data) % kNeeded == 0) {
    return parse(static_cast<const unsigned char*>(data), bytes, options, program);
  }
  void* copy =
      std::aligned_alloc(kWeightAlignment, (bytes + kWeightAlignment - 1) / kWeightAlignment * kWeightAlignment);
  if (copy == nullptr)
    return error(Status::Code::Memory, "no memory for a copy of ", bytes, " bytes that are not aligned to 16");
  const std::shared_ptr<const void> kept(copy, [](void* p) { std::free(p); });
  std::memcpy(copy, data, bytes);
  Status status = parse(static_cast<const unsigned char*>(copy), bytes, options, program);
  if (status.ok()) program.file = kept;
  return status;
}

}  // namespace tenon::inline v0::exec
