#include <tenon/io/tenon_file.h>

#include <cstring>
#include <unordered_map>
#include <vector>

#include <format_generated.h>
#include <tenon/core/error.h>
#include <tenon/exec/checksum.h>
#include <tenon/exec/file_header.h>
#include <tenon/graph/expand.h>
#include <tenon/graph/from_plan.h>
#include <tenon/graph/plan.h>
#include <tenon/graph/verify.h>
#include <tenon/io/atomic_file.h>
#include <tenon/io/file.h>

namespace tenon::inline v0::io {

namespace {

using flatbuffers::Offset;

// The weights of a program: equal bytes once, in the order in which functions mention them.
class Weights {
 public:
  struct Weight {
    const void* data;
    uint64_t bytes, checksum, offset;  // the offset is counted from the first weight
  };
  int32_t add(const exec::Constant& constant) {
    const auto bytes = static_cast<size_t>(constant.bytes);
    const uint64_t checksum = exec::xxh64(constant.data, bytes);
    const auto [first, last] = places_.equal_range(checksum);
    for (auto it = first; it != last; ++it) {
      const Weight& other = weights_[static_cast<size_t>(it->second)];
      const bool equal = other.bytes == bytes && (other.data == constant.data || bytes == 0 ||
                                                  std::memcmp(other.data, constant.data, bytes) == 0);
      if (equal) return it->second;
    }
    const auto index = static_cast<int32_t>(weights_.size());
    weights_.push_back({constant.data, bytes, checksum, end_});
    places_.emplace(checksum, index);
    end_ += aligned(bytes);
    return index;
  }
  static uint64_t aligned(uint64_t bytes) {
    return (bytes + exec::kWeightAlignment - 1) / exec::kWeightAlignment * exec::kWeightAlignment;
  }
  const std::vector<Weight>& all() const { return weights_; }
  // Where the last weight ends; nothing follows it.
  uint64_t end() const { return weights_.empty() ? 0 : weights_.back().offset + weights_.back().bytes; }

 private:
  std::vector<Weight> weights_;
  std::unordered_multimap<uint64_t, int32_t> places_;
  uint64_t end_ = 0;
};

class Writer {
 public:
  explicit Writer(const exec::Program& program) {
    for (const exec::Plan& plan : program.functions) functions_.push_back(function(plan));
    finish(program);
  }
  const std::string& front() const { return front_; }
  const Weights& weights() const { return weights_; }

 private:
  using Strings = Offset<flatbuffers::String>;

  Strings string(const std::string& text) { return builder_.CreateString(text); }
  template <class T>
  auto numbers(const std::vector<T>& values) {
    return builder_.CreateVector(values);
  }
  // A vector of tables: `f` makes each.
  template <class Table, class T, class F>
  auto tables(const std::vector<T>& from, F&& f) {
    std::vector<Offset<Table>> made;
    made.reserve(from.size());
    for (const T& each : from) made.push_back(f(each));
    return builder_.CreateVector(made);
  }

  Offset<format::Op> op(const exec::Op& op) {
    const auto attributes = tables<format::Attribute>(op.attributes, [&](const exec::Attribute& a) {
      const auto name = string(a.name), text = a.text.empty() ? Strings() : string(a.text);
      const auto values = a.numbers.empty() ? 0 : numbers(a.numbers);
      const auto sizes = a.sizes.empty() ? 0 : numbers(a.sizes);
      return format::CreateAttribute(builder_, name, static_cast<format::AttributeType>(a.type), text, values, sizes,
                                     !a.present);
    });
    const auto name = string(op.name), overload = op.overload.empty() ? Strings() : string(op.overload);
    return format::CreateOp(builder_, name, overload, attributes);
  }

  Offset<format::Function> function(const exec::Plan& plan) {
    std::vector<format::Size> sizes;
    for (const exec::Size& s : plan.sizes) {
      sizes.emplace_back(s.value, s.a, s.b, static_cast<format::SizeKind>(s.kind));
    }
    std::vector<format::Condition> conditions;
    for (const exec::Condition& c : plan.conditions) conditions.emplace_back(c.left, c.right);
    std::vector<int32_t> constants;
    for (const exec::Constant& c : plan.constants) constants.push_back(weights_.add(c));

    const auto name = string(plan.name);
    const auto symbols = tables<format::Symbol>(plan.symbols, [&](const exec::Symbol& s) {
      return format::CreateSymbol(builder_, string(s.name), s.value, s.axis);
    });
    const auto size_structs = builder_.CreateVectorOfStructs(sizes);
    const auto storages = tables<format::Storage>(plan.storages, [&](const exec::Storage& s) {
      return format::CreateStorage(builder_, static_cast<format::StorageKind>(s.kind), s.index, s.bytes, s.first,
                                   s.last);
    });
    const auto values = tables<format::Value>(plan.values, [&](const exec::Value& v) {
      const auto value_name = string(v.name);
      const auto shape = numbers(v.shape), strides = numbers(v.strides);
      return format::CreateValue(builder_, value_name, static_cast<format::DType>(v.dtype), v.storage, shape, strides,
                                 v.offset, v.weak);
    });
    const auto inputs = numbers(plan.inputs), outputs = numbers(plan.outputs);
    const auto ops = tables<format::Op>(plan.ops, [&](const exec::Op& o) { return op(o); });
    const auto steps = tables<format::Step>(plan.steps, [&](const exec::Step& s) {
      const auto in = numbers(s.inputs), out = numbers(s.outputs);
      return format::CreateStep(builder_, static_cast<format::StepKind>(s.kind), s.op, in, out, s.generator, s.source);
    });
    const auto weights = numbers(constants);
    const auto slots = tables<format::Slot>(plan.slots, [&](const exec::Slot& s) {
      const int32_t initial = s.initial.bytes == 0 ? exec::kNone : weights_.add(s.initial);
      return format::CreateSlot(builder_, static_cast<format::SlotKind>(s.kind), string(s.name), s.storage, s.value,
                                s.updated, initial);
    });
    const auto condition_structs = builder_.CreateVectorOfStructs(conditions);
    const auto sources = tables<format::Source>(plan.sources, [&](const exec::Source& s) {
      const auto file = string(s.file), in_function = string(s.function);
      return format::CreateSource(builder_, file, in_function, s.line);
    });
    const auto placement = numbers(plan.placement);
    return format::CreateFunction(builder_, name, symbols, size_structs, storages, values, inputs, outputs, ops, steps,
                                  weights, slots, condition_structs, sources, placement);
  }

  void finish(const exec::Program& program) {
    const auto functions = builder_.CreateVector(functions_);
    builder_.ForceDefaults(true);  // the first weight has its place for an offset, too
    const auto weights = tables<format::Weight>(weights_.all(), [&](const Weights::Weight& w) {
      return format::CreateWeight(builder_, w.offset, w.bytes, w.checksum);
    });
    builder_.ForceDefaults(false);
    const auto labels = builder_.CreateVectorOfStrings(program.labels);
    std::vector<Offset<format::Entry>> entries;
    for (const auto& [key, words] : program.metadata) {
      const auto entry_key = string(key), entry_words = string(words);
      entries.push_back(format::CreateEntry(builder_, entry_key, entry_words));
    }
    const auto metadata = builder_.CreateVector(entries);
    const auto producer = string(program.producer);
    builder_.Finish(format::CreateProgram(builder_, producer, 0, functions, weights, labels, metadata));

    const uint64_t bytes = builder_.GetSize(), begin = Weights::aligned(sizeof(exec::FileHeader) + bytes);
    check<FileError>(bytes <= exec::kMaxMetadataBytes, "save: the graph takes ", bytes,
                     " bytes without its weights, and at most 2 GiB go into a .tenon file");
    // Where weights lie depends on how long the metadata are, so that is filled in last.
    auto* root = flatbuffers::GetMutableRoot<format::Program>(builder_.GetBufferPointer());
    for (size_t i = 0; i < weights_.all().size(); ++i) {
      auto* weight = const_cast<format::Weight*>(root->weights()->Get(static_cast<unsigned>(i)));
      reinterpret_cast<flatbuffers::Table*>(weight)->SetField<uint64_t>(format::Weight::VT_OFFSET,
                                                                        begin + weights_.all()[i].offset, 0);
    }
    front_of_file(begin);
  }

  // Header and metadata, up to the first weight.
  void front_of_file(uint64_t begin) {
    const uint64_t bytes = builder_.GetSize();
    exec::FileHeader header{};
    std::memcpy(header.magic, exec::kMagic, sizeof header.magic);
    header.version = exec::kFormatVersion;
    header.metadata_bytes = bytes;
    header.metadata_checksum = exec::xxh64(builder_.GetBufferPointer(), bytes);
    const bool has_weights = !weights_.all().empty();
    header.file_bytes = has_weights ? begin + weights_.end() : sizeof header + bytes;
    header.checksum = exec::xxh64(&header, offsetof(exec::FileHeader, checksum));
    front_.assign(reinterpret_cast<const char*>(&header), sizeof header);
    front_.append(reinterpret_cast<const char*>(builder_.GetBufferPointer()), bytes);
    if (has_weights) front_.resize(begin);
  }

  flatbuffers::FlatBufferBuilder builder_{4096};
  std::vector<Offset<format::Function>> functions_;
  Weights weights_;
  std::string front_;
};

// Calls `write(data, bytes)` for the file's parts in order.
template <class Write>
void write_parts(const exec::Program& program, Write&& write) {
  const Writer writer(program);
  write(writer.front().data(), writer.front().size());
  uint64_t at = 0;
  static constexpr char zeros[exec::kWeightAlignment] = {};
  for (const Weights::Weight& w : writer.weights().all()) {
    write(zeros, static_cast<size_t>(w.offset - at));
    write(w.data, static_cast<size_t>(w.bytes));
    at = w.offset + w.bytes;
  }
}

}  // namespace

void save_plans(const exec::Program& program, const std::string& path) {
  AtomicFile file(path);
  write_parts(program, [&](const void* data, size_t bytes) { file.write_sparse(data, bytes); });
  file.commit();
}

std::string plan_bytes(const exec::Program& program) {
  std::string out;
  write_parts(program, [&](const void* data, size_t bytes) {
    if (bytes > 0) out.append(static_cast<const char*>(data), bytes);
  });
  return out;
}

void save(const graph::Program& program, const std::string& path) {
  exec::Program plans;
  std::vector<graph::Graph> expanded;  // plans look into their constants
  expanded.reserve(program.functions.size());
  for (const graph::Graph& function : program.functions) {
    expanded.push_back(graph::expand(function));
    plans.functions.push_back(graph::plan(expanded.back()));
  }
  plans.metadata = program.metadata;
  plans.labels = program.labels;
  plans.producer = "tenon " TENON_VERSION;
  save_plans(plans, path);
}

namespace {

// `tensor_at(offset, shape, dtype)` makes a tensor of bytes that lie in the file.
template <class TensorAt>
graph::Program load(std::span<const std::byte> bytes, const std::string& name, const exec::LoadOptions& options,
                    TensorAt&& tensor_at) {
  exec::Program plans;
  const exec::Status status = exec::load(bytes.data(), bytes.size(), options, plans);
  if (!status.ok()) fail<FileError>(name, ": ", status.text);
  graph::Program out;
  out.metadata = std::move(plans.metadata);
  out.labels = std::move(plans.labels);
  const auto tensor_of = [&](const exec::Constant& constant, const Shape& shape, DType dtype) {
    check<ValueError>(static_cast<uint64_t>(checked_numel(shape, dtype) * size_of(dtype)) <= constant.bytes,
                      "a constant of shape ", shape, " does not fit into its ", constant.bytes, " bytes");
    return tensor_at(static_cast<size_t>(constant.offset), shape, dtype);
  };
  try {
    for (const exec::Plan& plan : plans.functions) {
      out.functions.push_back(graph::from_plan(plan, tensor_of));
      graph::verify(out.functions.back());
    }
  } catch (const Error& e) {
    fail<FileError>(name, ": ", e.what());
  }
  return out;
}

}  // namespace

graph::Program load_program(const std::string& path, const exec::LoadOptions& options) {
  const auto file = FileBytes::open(path, true);
  return load(file->span(), path, options,
              [&](size_t offset, const Shape& shape, DType dtype) { return tensor_in(file, offset, shape, dtype); });
}

graph::Program load_program(std::span<const std::byte> bytes, const std::string& name,
                            const exec::LoadOptions& options) {
  return load(bytes, name, options, [&](size_t offset, const Shape& shape, DType dtype) {
    Tensor out = Tensor::empty(shape, dtype);
    const auto size = static_cast<size_t>(out.numel() * out.element_size());
    if (size != 0) std::memcpy(out.data_ptr(), bytes.data() + offset, size);
    return out;
  });
}

}  // namespace tenon::inline v0::io
