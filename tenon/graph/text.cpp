#include <tenon/graph/text.h>

#include <algorithm>

#include <tenon/core/attributes.h>
#include <tenon/core/print.h>

namespace tenon::inline v0::graph {
namespace {

constexpr int64_t kInlineElements = 8;

std::string quoted(std::string_view s) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : s) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (c == '\n')
      out += "\\n";
    else if (byte < 32 || byte == 127)
      out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    else
      out += c;
  }
  return out + "\"";
}

bool is_plain(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-' || c == '+';
  });
}
std::string plain_or_quoted(std::string_view name) { return is_plain(name) ? std::string(name) : quoted(name); }

// ---- attributes ----

std::string spelled(bool v) { return to_text(v); }
std::string spelled(int64_t v) { return std::to_string(v); }
std::string spelled(double v) { return to_text(v); }
std::string spelled(const Scalar& v) {
  if (v.kind() != Kind::Complex) return to_text(v);
  return text("complex(", v.to_complex().real(), ", ", v.to_complex().imag(), ")");
}
std::string spelled(const std::string& v) { return quoted(v); }
std::string spelled(DType v) { return name_of(v); }
std::string spelled(Device v) { return quoted(v.str()); }
std::string spelled(Dim v) { return v.str(); }
std::string spelled(const Dims& v) { return to_text(v); }
std::string spelled(const GeneratorHandle&) { return "None"; }
template <class T>
std::string spelled(const std::optional<T>& v) {
  return v ? spelled(*v) : "None";
}
std::string spelled(AttributeType type, const void* member) {
  return with_attribute(type, const_cast<void*>(member), [](const auto& value) { return spelled(value); });
}

class Printer {
 public:
  Printer(const Graph& graph, TensorTable& table) : graph_(graph), table_(table) {}

  std::string run() {
    std::string out = text("graph ", plain_or_quoted(graph_.name), "\n");
    for (ValueId id : graph_.inputs) out += text("input ", typed(id), "\n");
    for (const Slot& slot : graph_.slots) out += text(line(slot), "\n");
    for (const Constant& c : graph_.constants)
      out += text("constant ", typed(c.value), data(c.data, graph_[c.value].name), "\n");
    for (const auto& [left, right] : graph_.conditions) out += text("condition ", left, " == ", right, "\n");
    for (const Node& node : graph_.nodes) out += text(line(node), "\n");
    if (!graph_.outputs.empty()) out += text("output ", names(graph_.outputs), "\n");
    return out;
  }

  std::string line(const Node& node) const {
    std::string out = node.outputs.empty() ? "()" : "";
    for (ValueId id : node.outputs) {
      if (!out.empty()) out += ", ";
      out += id == kNone ? "None" : typed(id);
    }
    out += text(" = ", node.op->full_name(), "(", names(node.inputs));
    bool first = node.inputs.empty();
    const auto add = [&](const char* name, const std::string& value) {
      out += text(first ? "" : ", ", name, "=", value);
      first = false;
    };
    for (const ParameterInfo& p : node.op->parameters) {
      if (p.kind != ParameterKind::Attribute || p.type == AttributeType::Generator) continue;
      const std::string value = spelled(p.type, node.record.at(p));
      const void* ordinary = static_cast<const char*>(node.op->defaults) + p.offset;
      if (p.is_required || value != spelled(p.type, ordinary)) add(p.name, value);
    }
    if (node.generator != kNone)
      add("generator", plain_or_quoted(graph_.slots[static_cast<size_t>(node.generator)].name));
    return out + ")" + source(node.source);
  }

 private:
  std::string name(ValueId id) const { return id == kNone ? "None" : text("%", plain_or_quoted(graph_[id].name)); }
  std::string names(const std::vector<ValueId>& ids) const {
    std::string out;
    for (ValueId id : ids) out += text(out.empty() ? "" : ", ", name(id));
    return out;
  }
  std::string typed(ValueId id) const {
    const Spec& spec = graph_[id].spec;
    std::string out = text(name(id), " : ", spec.shape, " ", spec.dtype);
    if (!(spec.device == Device{})) out += text(" on ", quoted(spec.device.str()));
    return out + (spec.weak ? " weak" : "");
  }
  static std::string source(const Source& source) {
    if (source == Source{}) return "";
    std::string out = text("  # ", source.file, ":", source.line);
    return source.function.empty() ? out : text(out, " in ", source.function);
  }
  std::string line(const Slot& slot) {
    static constexpr const char* kKinds[] = {"parameter", "buffer", "generator", "optimizer"};
    std::string out = text(kKinds[static_cast<int>(slot.kind)], " ", plain_or_quoted(slot.name));
    if (slot.value != kNone) out += text(" ", typed(slot.value));
    if (slot.updated != kNone) out += text(" -> ", name(slot.updated));
    return out + data(slot.initial, slot.name);
  }

  // Small data as a list, other data by a name in the table.
  std::string data(const Tensor& tensor, const std::string& wanted) {
    if (!tensor.defined()) return "";
    if (tensor.spec().weak) return text(" = ", spelled(exact_number(tensor)));
    std::string list = inline_list(tensor);
    if (!list.empty()) return text(" = ", list);
    std::string key = wanted;
    for (int n = 1; table_.count(key) != 0 && !table_[key].is_same(tensor); ++n) key = text(wanted, "_", n);
    table_[key] = tensor;
    return text(" = @", plain_or_quoted(key));
  }
  static std::string inline_list(const Tensor& tensor) {
    if (is_complex(tensor.dtype()) || tensor.numel() > kInlineElements || !tensor.is_contiguous()) return "";
    std::string out = "[";
    for (int64_t i = 0; i < tensor.numel(); ++i) {
      const auto* element = static_cast<const char*>(tensor.data_ptr()) + i * tensor.element_size();
      const Scalar value = read_element(element, tensor.dtype());
      if (value.to_double() != value.to_double()) return "";  // a NaN's bits are not in its text
      out += text(i == 0 ? "" : ", ", value);
    }
    return out + "]";
  }

  const Graph& graph_;
  TensorTable& table_;
};

}  // namespace

std::string print(const Graph& graph, TensorTable* table) {
  TensorTable own;
  return Printer(graph, table == nullptr ? own : *table).run();
}
std::string print(const Graph& graph, const Node& node) {
  TensorTable own;
  return Printer(graph, own).line(node);
}

}  // namespace tenon::inline v0::graph
