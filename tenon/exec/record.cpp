#include <tenon/exec/record.h>

#include <bit>
#include <cstring>
#include <new>

#include <tenon/core/attributes.h>

namespace tenon::inline v0::exec {
namespace {

// ---- from an attribute to a member of a record; false when it holds something else ----

struct Reader {
  const Attribute& from;
  const int64_t* sizes;

  bool has_numbers(size_t count) const { return from.numbers.size() == count; }
  bool read(bool& to) const {
    if (!has_numbers(1)) return false;
    to = from.numbers[0] != 0;
    return true;
  }
  bool read(int64_t& to) const {
    if (!has_numbers(1)) return false;
    to = from.numbers[0];
    return true;
  }
  bool read(double& to) const {
    if (!has_numbers(1)) return false;
    to = std::bit_cast<double>(from.numbers[0]);
    return true;
  }
  bool read(Scalar& to) const {
    const bool is_complex = !from.numbers.empty() && from.numbers[0] == static_cast<int64_t>(Kind::Complex);
    if (!has_numbers(is_complex ? 3 : 2)) return false;
    const int64_t value = from.numbers[1];
    switch (from.numbers[0]) {
      case static_cast<int64_t>(Kind::Bool):
        to = Scalar(value != 0);
        return true;
      case static_cast<int64_t>(Kind::Integer):
        to = Scalar(value);
        return true;
      case static_cast<int64_t>(Kind::Float):
        to = Scalar(std::bit_cast<double>(value));
        return true;
      case static_cast<int64_t>(Kind::Complex):
        to = Scalar(std::complex<double>(std::bit_cast<double>(value), std::bit_cast<double>(from.numbers[2])));
        return true;
    }
    return false;
  }
  bool read(std::string& to) const {
    to = from.text;
    return true;
  }
  bool read(DType& to) const {
    for (int i = 0; i < kDTypeCount; ++i) {
      if (from.text == kDTypes[i].name) {
        to = static_cast<DType>(i);
        return true;
      }
    }
    return false;
  }
  // A plan names no backend: its tensors are on the CPU.
  bool read(Device& to) const {
    to = Device{};
    return from.text == "cpu" || from.text == "cpu:0";
  }
  bool read(Dim& to) const {
    if (from.sizes.size() != 1) return false;
    if (sizes != nullptr) to = sizes[from.sizes[0]];
    return true;
  }
  bool read(Dims& to) const {
    if (sizes == nullptr) return true;
    to.resize(from.sizes.size());
    for (size_t i = 0; i < from.sizes.size(); ++i) to[i] = sizes[from.sizes[i]];
    return true;
  }
  template <class T>
  bool read(std::optional<T>& to) const {
    T value{};
    if (!from.present) {
      to.reset();
    } else if (!read(value)) {
      return false;
    } else {
      to = std::move(value);
    }
    return true;
  }
  bool read(GeneratorHandle&) const { return false; }  // a step names the slot that it draws from
};

// ---- from a member of a record to an attribute ----

struct Writer {
  Attribute& to;
  Index (*size_of)(void* user, Dim dim);
  void* user;

  void write(bool v) const { to.numbers = {v}; }
  void write(int64_t v) const { to.numbers = {v}; }
  void write(double v) const { to.numbers = {std::bit_cast<int64_t>(v)}; }
  void write(const Scalar& v) const {
    const std::complex<double> c = v.to_complex();
    const int64_t value = v.kind() < Kind::Float ? v.to_int() : std::bit_cast<int64_t>(c.real());
    to.numbers = {static_cast<int64_t>(v.kind()), value};
    if (v.kind() == Kind::Complex) to.numbers.push_back(std::bit_cast<int64_t>(c.imag()));
  }
  void write(const std::string& v) const { to.text = v; }
  void write(DType v) const { to.text = name_of(v); }
  void write(Device) const { to.text = "cpu"; }
  void write(Dim v) const { to.sizes = {size_of(user, v)}; }
  void write(const Dims& v) const {
    for (Dim d : v) to.sizes.push_back(size_of(user, d));
  }
  template <class T>
  void write(const std::optional<T>& v) const {
    to.present = v.has_value();
    if (v) write(*v);
  }
  void write(const GeneratorHandle&) const {}
};

// The type in a plan: an optional attribute is one that may be absent.
Attribute::Type attribute_type(AttributeType type) {
  using Type = Attribute::Type;
  static constexpr Type types[] = {Type::Bool,   Type::Int,    Type::Double, Type::Scalar, Type::String, Type::DType,
                                   Type::Device, Type::Dim,    Type::Dims,   Type::Bool,   Type::Int,    Type::Double,
                                   Type::Scalar, Type::String, Type::DType,  Type::Device, Type::Dims};
  return types[static_cast<int>(type)];
}

const ParameterInfo* find_parameter(const OpInfo& op, const std::string& name) {
  for (const ParameterInfo& p : op.parameters) {
    if (p.kind == ParameterKind::Attribute && name == p.name) return &p;
  }
  return nullptr;
}

bool names(const std::vector<Attribute>& attributes, const char* name) {
  for (const Attribute& a : attributes) {
    if (a.name == name) return true;
  }
  return false;
}

}  // namespace

Record::Record(const OpInfo& op) : op_(&op), data_(::operator new(op.record_size, std::align_val_t(op.record_align))) {
  op.copy(data_, op.defaults);
}

Record::~Record() {
  if (data_ == nullptr) return;
  op_->destroy(data_);
  ::operator delete(data_, std::align_val_t(op_->record_align));
}

Status fill_record(const OpInfo& op, const std::vector<Attribute>& attributes, const int64_t* sizes, void* record) {
  for (const Attribute& a : attributes) {
    const ParameterInfo* p = find_parameter(op, a.name);
    if (p == nullptr) return bad_plan(op.full_name(), " has no attribute '", a.name, "'");
    const bool read = p->type != AttributeType::Generator && a.type == attribute_type(p->type) &&
                      with_attribute(p->type, static_cast<char*>(record) + p->offset, [&](auto& member) {
                        return Reader{a, sizes}.read(member);
                      });
    if (!read) return bad_plan(op.full_name(), ": the value of '", a.name, "' is not of the attribute's type");
  }
  for (const ParameterInfo& p : op.parameters) {
    if (p.kind == ParameterKind::Attribute && p.is_required && !names(attributes, p.name)) {
      return bad_plan(op.full_name(), ": the attribute '", p.name, "' is missing");
    }
  }
  return {};
}

std::vector<Attribute> attributes_of(const OpInfo& op, const void* record, Index (*size_of)(void* user, Dim dim),
                                     void* user) {
  std::vector<Attribute> out;
  for (const ParameterInfo& p : op.parameters) {
    if (p.kind != ParameterKind::Attribute || p.type == AttributeType::Generator) continue;
    Attribute& a = out.emplace_back();
    a.name = p.name;
    a.type = attribute_type(p.type);
    auto* member = const_cast<char*>(static_cast<const char*>(record)) + p.offset;
    with_attribute(p.type, member, [&](const auto& value) { Writer{a, size_of, user}.write(value); });
  }
  return out;
}

}  // namespace tenon::inline v0::exec
