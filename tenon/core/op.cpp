#include <tenon/core/op.h>

#include <functional>

namespace tenon::inline v0 {

namespace {

// What every attribute type can do; one row per type serves all ops.
struct AttributeRow {
  bool (*equal)(const void*, const void*);
  size_t (*hash)(const void*);
  std::string (*print)(const void*);
};

size_t hash_value(bool v) { return v; }
size_t hash_value(int64_t v) { return std::hash<int64_t>()(v); }
size_t hash_value(double v) { return std::hash<double>()(v); }
size_t hash_value(const std::string& v) { return std::hash<std::string>()(v); }
size_t hash_value(DType v) { return static_cast<size_t>(v); }
size_t hash_value(Device v) { return static_cast<size_t>(v.kind) * 131 + static_cast<size_t>(v.index + 1); }
size_t hash_value(Dim v) { return std::hash<int64_t>()(v.raw()); }
size_t hash_value(const Scalar& v) { return std::hash<double>()(v.to_double()) * 7 + static_cast<size_t>(v.kind()); }
size_t hash_value(const Dims& v) {
  size_t h = v.size();
  for (Dim d : v) h = h * 1000003 + hash_value(d);
  return h;
}
size_t hash_value(const GeneratorHandle& v) { return std::hash<const void*>()(v.get()); }

std::string print_value(bool v) { return to_text(v); }
std::string print_value(int64_t v) { return to_text(static_cast<long>(v)); }
std::string print_value(double v) { return to_text(v); }
std::string print_value(const std::string& v) { return text("'", v, "'"); }
std::string print_value(DType v) { return to_text(v); }
std::string print_value(Device v) { return text("'", v, "'"); }
std::string print_value(Dim v) { return v.str(); }
std::string print_value(const Scalar& v) { return to_text(v); }
std::string print_value(const Dims& v) { return to_text(v); }
std::string print_value(const GeneratorHandle& v) { return v ? "<generator>" : "None"; }

template <class T>
size_t hash_value(const std::optional<T>& v) {
  return v ? hash_value(*v) * 2 + 1 : 0;
}
template <class T>
std::string print_value(const std::optional<T>& v) {
  return v ? print_value(*v) : "None";
}

template <class T>
constexpr AttributeRow row() {
  return {[](const void* a, const void* b) { return *static_cast<const T*>(a) == *static_cast<const T*>(b); },
          [](const void* a) { return hash_value(*static_cast<const T*>(a)); },
          [](const void* a) { return print_value(*static_cast<const T*>(a)); }};
}

// In the order of AttributeType.
constexpr AttributeRow kRows[] = {
    row<bool>(),
    row<int64_t>(),
    row<double>(),
    row<Scalar>(),
    row<std::string>(),
    row<DType>(),
    row<Device>(),
    row<Dim>(),
    row<Dims>(),
    row<std::optional<bool>>(),
    row<std::optional<int64_t>>(),
    row<std::optional<double>>(),
    row<std::optional<Scalar>>(),
    row<std::optional<std::string>>(),
    row<std::optional<DType>>(),
    row<std::optional<Device>>(),
    row<std::optional<Dims>>(),
    row<GeneratorHandle>(),
};

const AttributeRow& row_of(AttributeType type) { return kRows[static_cast<int>(type)]; }

const void* at(const void* record, const ParameterInfo& p) { return static_cast<const char*>(record) + p.offset; }

}  // namespace

bool equal_records(const OpInfo& op, const void* a, const void* b) {
  for (const ParameterInfo& p : op.parameters) {
    if (p.kind == ParameterKind::Attribute && !row_of(p.type).equal(at(a, p), at(b, p))) return false;
  }
  return true;
}

size_t hash_record(const OpInfo& op, const void* record) {
  size_t h = op.id;
  for (const ParameterInfo& p : op.parameters) {
    if (p.kind == ParameterKind::Attribute) h = h * 1000003 + row_of(p.type).hash(at(record, p));
  }
  return h;
}

std::string print_attribute(AttributeType type, const void* value) { return row_of(type).print(value); }

std::string print_record(const OpInfo& op, const void* record) {
  std::string out;
  for (const ParameterInfo& p : op.parameters) {
    if (p.kind != ParameterKind::Attribute) continue;
    if (!out.empty()) out += ", ";
    out += text(p.name, "=", print_attribute(p.type, at(record, p)));
  }
  return out;
}

std::string print_signature(const OpInfo& op) {
  std::string out = text(op.name, "(");
  bool first = true, star = false;
  for (const ParameterInfo& p : op.parameters) {
    if (!first) out += ", ";
    first = false;
    if (p.is_keyword && !star) {
      out += "*, ";
      star = true;
    }
    if (p.is_variadic) out += "*";
    out += p.name;
    if (p.kind == ParameterKind::OptionalInput)
      out += "=None";
    else if (p.kind == ParameterKind::Attribute && !p.is_required)
      out += text("=", print_attribute(p.type, at(op.defaults, p)));
  }
  return out + ")";
}

}  // namespace tenon::inline v0
