#include <tenon/graph/text.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <unordered_map>

#include <tenon/core/attributes.h>
#include <tenon/core/registry.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0::graph {
namespace {

constexpr bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == '-' || c == '+';
}
constexpr bool is_word_char(char c) { return is_name_char(c) && c != '-' && c != '+'; }

// Characters with a place, and the tokens that they make.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  template <class... Parts>
  [[noreturn]] void expected(const Parts&... parts) const {
    size_t line = 1, start = 0;
    for (size_t i = 0; i < at_; ++i) {
      if (text_[i] == '\n') ++line, start = i + 1;
    }
    size_t end = at_;
    while (end < text_.size() && text_[end] != '\n' && end < at_ + 24) ++end;
    const std::string_view found = text_.substr(at_, end - at_);
    fail<ValueError>("graph text, line ", line, ", column ", at_ - start + 1, ": expected ", parts..., ", but found ",
                     found.empty() ? "the end of the line" : tenon::text("'", found, "'"));
  }

  bool done() const { return at_ == text_.size(); }
  char peek() const { return done() ? '\n' : text_[at_]; }
  std::string_view source() const { return text_; }
  size_t place() const { return at_; }
  void go_to(size_t place) { at_ = place; }
  void skip_spaces() {
    while (!done() && (peek() == ' ' || peek() == '\t' || peek() == '\r')) ++at_;
  }
  bool accept(std::string_view token) {
    skip_spaces();
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }
  void expect(std::string_view token) {
    if (!accept(token)) expected("'", token, "'");
  }
  // To the end of the line, which has nothing more but a comment: its text.
  std::string_view end_line() {
    skip_spaces();
    std::string_view comment;
    if (peek() == '#') comment = rest_of_line().substr(1);
    if (peek() != '\n') expected("the end of the line");
    if (!done()) ++at_;
    return comment;
  }
  // The next line that has something on it; false at the end of the text.
  bool next_line() {
    for (skip_spaces(); !done() && (peek() == '\n' || peek() == '#'); skip_spaces()) end_line();
    return !done();
  }

  std::string_view word() {
    skip_spaces();
    const size_t begin = at_;
    while (!done() && is_word_char(peek())) ++at_;
    return text_.substr(begin, at_ - begin);
  }
  std::string name(const char* what) {
    skip_spaces();
    if (peek() == '"') return quoted();
    const size_t begin = at_;
    while (!done() && is_name_char(peek())) ++at_;
    if (at_ == begin) expected(what);
    return std::string(text_.substr(begin, at_ - begin));
  }
  std::string quoted() {
    skip_spaces();
    if (peek() != '"') expected("a text in quotes");
    std::string out;
    for (++at_; peek() != '"'; ++at_) {
      if (peek() == '\n') expected("'\"'");
      out += peek() == '\\' ? escape() : peek();
    }
    ++at_;
    return out;
  }
  int64_t integer() {
    skip_spaces();
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc()) expected("a whole number");
    at_ = static_cast<size_t>(end - text_.data());
    return value;
  }
  double real() {
    skip_spaces();
    double value = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc()) expected("a number");
    at_ = static_cast<size_t>(end - text_.data());
    return value;
  }
  // 2, 2.0, True, complex(1.0, 2.0)
  Scalar scalar() {
    if (accept("True")) return true;
    if (accept("False")) return false;
    if (accept("complex(")) {
      const double re = real();
      expect(",");
      const double im = real();
      expect(")");
      return std::complex<double>(re, im);
    }
    const size_t begin = at_;
    const double value = real();
    if (text_.substr(begin, at_ - begin).find_first_of(".einf") != std::string_view::npos) return value;
    at_ = begin;
    return integer();
  }

 private:
  std::string_view rest_of_line() {
    const size_t begin = at_;
    while (!done() && peek() != '\n') ++at_;
    return text_.substr(begin, at_ - begin);
  }
  char escape() {
    ++at_;
    switch (peek()) {
      case 'n':
        return '\n';
      case '"':
      case '\\':
        return peek();
      case 'x': {
        int byte = 0;
        const char* digits = text_.data() + at_ + 1;
        if (at_ + 3 > text_.size() || std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2)
          expected("two hexadecimal digits");
        at_ += 2;
        return static_cast<char>(byte);
      }
      default:
        expected("one of \\n, \\\", \\\\ and \\x");
    }
  }

  std::string_view text_;
  size_t at_ = 0;
};

// Sizes and attributes.
class ValueParser : public Scanner {
 public:
  using Scanner::Scanner;

  Dim dim() {
    const Dim::Parsed parsed = Dim::parse_prefix(source(), place());
    go_to(parsed.end);
    if (parsed.expected != nullptr) expected(parsed.expected);
    return parsed.value;
  }
  Dims dims() {
    Dims out;
    expect("(");
    while (!accept(")")) {
      out.push_back(dim());
      if (accept(")")) break;
      expect(",");
    }
    return out;
  }
  DType dtype() {
    skip_spaces();
    const size_t begin = place();
    const std::string_view name = word();
    for (int i = 0; i < kDTypeCount; ++i) {
      if (name == name_of(static_cast<DType>(i))) return static_cast<DType>(i);
    }
    go_to(begin);
    expected("a dtype");
  }
  Device device() {
    const size_t begin = place();
    try {
      return Device::parse(quoted());
    } catch (const DeviceError&) {
      go_to(begin);
      expected("a device in quotes");
    }
  }

  void read(bool& to) {
    to = accept("True");
    if (!to && !accept("False")) expected("True or False");
  }
  void read(int64_t& to) { to = integer(); }
  void read(double& to) { to = real(); }
  void read(Scalar& to) { to = scalar(); }
  void read(std::string& to) { to = quoted(); }
  void read(DType& to) { to = dtype(); }
  void read(Device& to) { to = device(); }
  void read(Dim& to) { to = dim(); }
  void read(Dims& to) { to = dims(); }
  void read(GeneratorHandle&) { expect("None"); }
  template <class T>
  void read(std::optional<T>& to) {
    to.reset();
    if (accept("None")) return;
    T value{};
    read(value);
    to = std::move(value);
  }
};

class Parser {
 public:
  Parser(std::string_view text, const TensorTable& table) : in_(text), table_(table) {}

  Graph run() {
    if (!in_.next_line() || !in_.accept("graph ")) in_.expected("'graph' and its name");
    graph_.name = in_.name("the graph's name");
    in_.end_line();
    while (in_.next_line()) statement();
    for (const auto& [slot, place] : updated_) {
      in_.go_to(place);
      graph_.slots[slot].updated = use();
    }
    return std::move(graph_);
  }

 private:
  void statement() {
    if (in_.peek() == '%' || in_.peek() == '(') return node();
    const size_t begin = in_.place();
    const std::string_view word = in_.word();
    static constexpr std::pair<const char*, Slot::Kind> kSlots[] = {{"parameter", Slot::Kind::Parameter},
                                                                    {"buffer", Slot::Kind::Buffer},
                                                                    {"generator", Slot::Kind::Generator},
                                                                    {"optimizer", Slot::Kind::Optimizer}};
    for (const auto& [name, kind] : kSlots) {
      if (word == name) return slot(kind);
    }
    if (word == "input") {
      graph_.inputs.push_back(typed(kNone));
    } else if (word == "constant") {
      const ValueId id = typed(kNone);
      graph_.constants.push_back({id, data(graph_[id].spec)});
    } else if (word == "condition") {
      const Dim left = in_.dim();
      in_.expect("==");
      graph_.conditions.emplace_back(left, in_.dim());
    } else if (word == "output") {
      do graph_.outputs.push_back(use());
      while (in_.accept(","));
    } else {
      in_.go_to(begin);
      in_.expected("input, parameter, buffer, generator, optimizer, constant, condition, output or a value");
    }
    in_.end_line();
  }

  void slot(Slot::Kind kind) {
    Slot slot{kind, in_.name("the slot's name"), kNone, kNone, {}};
    Spec spec{{Dim(-1)}, DType::UInt8, {}, false};
    if (kind != Slot::Kind::Generator) {
      slot.value = typed(kNone);
      spec = graph_[slot.value].spec;
    }
    // The new value is made further down.
    if (in_.accept("->")) {
      updated_.emplace_back(graph_.slots.size(), in_.place());
      value_name();
    }
    slot.initial = data(spec);
    graph_.slots.push_back(std::move(slot));
    in_.end_line();
  }

  // ---- values ----

  std::string value_name() {
    in_.expect("%");
    return in_.name("a value's name");
  }
  ValueId use() {
    in_.skip_spaces();
    const size_t begin = in_.place();
    const auto found = values_.find(value_name());
    if (found != values_.end()) return found->second;
    in_.go_to(begin);
    in_.expected("a value that is made above");
  }
  ValueId use_or_none() { return in_.accept("None") ? kNone : use(); }
  // %x : (batch, 3) float32
  ValueId typed(NodeId producer) {
    in_.skip_spaces();
    const size_t begin = in_.place();
    Value value;
    value.name = value_name();
    value.producer = producer;
    if (!values_.emplace(value.name, static_cast<ValueId>(graph_.values.size())).second) {
      in_.go_to(begin);
      in_.expected("a name that no other value has");
    }
    in_.expect(":");
    value.spec.shape = in_.dims();
    value.spec.dtype = in_.dtype();
    if (in_.accept("on ")) value.spec.device = in_.device();
    value.spec.weak = in_.accept("weak");
    graph_.values.push_back(std::move(value));
    return static_cast<ValueId>(graph_.values.size() - 1);
  }
  Tensor data(const Spec& spec) {
    if (!in_.accept("=")) return {};
    if (in_.accept("@")) return from_table();
    if (spec.weak) return number(spec.dtype);
    const size_t begin = in_.place();
    std::vector<Scalar> elements;
    in_.expect("[");
    while (!in_.accept("]")) {
      elements.push_back(in_.scalar());
      if (in_.accept("]")) break;
      in_.expect(",");
    }
    const bool is_list = spec.shape == Shape{Dim(-1)};
    Shape shape = is_list ? Shape{Dim(elements.size())} : spec.shape;
    for (Dim d : shape) {
      if (!d.is_symbolic()) continue;
      in_.go_to(begin);
      in_.expected("a type without symbols for data");
    }
    if (checked_numel(shape, spec.dtype) != static_cast<int64_t>(elements.size())) {
      in_.go_to(begin);
      in_.expected("a list of ", checked_numel(shape, spec.dtype), " elements");
    }
    Tensor out = Tensor::empty(shape, spec.dtype);
    const auto bytes = static_cast<size_t>(size_of(spec.dtype));
    auto* to = static_cast<char*>(out.data_ptr());
    for (const Scalar& element : elements) {
      const Tensor value = element_of(element, spec.dtype, begin);
      std::memcpy(to, value.data_ptr(), bytes);
      to += bytes;
    }
    return out;
  }
  Tensor element_of(const Scalar& value, DType dtype, size_t begin) {
    try {
      return full(Shape{}, value, dtype);
    } catch (const Error&) {
      in_.go_to(begin);
      in_.expected("elements that ", dtype, " can hold");
    }
  }
  Tensor number(DType dtype) {
    const size_t begin = in_.place();
    Tensor out(in_.scalar());
    if (out.dtype() == dtype) return out;
    in_.go_to(begin);
    in_.expected("a number of ", dtype);
  }
  Tensor from_table() {
    const size_t begin = in_.place();
    const auto found = table_.find(in_.name("the name of a tensor in the table"));
    if (found != table_.end()) return found->second;
    in_.go_to(begin);
    in_.expected("the name of a tensor in the table");
  }

  // ---- nodes ----

  void node() {
    const auto id = static_cast<NodeId>(graph_.nodes.size());
    Node node;
    if (!in_.accept("()")) {
      do node.outputs.push_back(in_.accept("None") ? kNone : typed(id));
      while (in_.accept(","));
    }
    // A value is made by its own line: not before it.
    std::vector<std::pair<std::string, ValueId>> fresh;
    for (ValueId out : node.outputs) {
      if (out != kNone) fresh.emplace_back(graph_[out].name, out);
    }
    for (const auto& [name, value] : fresh) values_.erase(name);
    in_.expect("=");
    node.op = find_op();
    node.record = Record(*node.op);
    in_.expect("(");
    arguments(node);
    source(in_.end_line(), node.source);
    for (const auto& [name, value] : fresh) values_[name] = value;
    graph_.nodes.push_back(std::move(node));
  }
  const OpInfo* find_op() {
    in_.skip_spaces();
    const size_t begin = in_.place();
    const std::string_view full = in_.word();
    const size_t dot = full.find('.');
    const OpInfo* op = registry().find(full.substr(0, dot), dot == full.npos ? "" : full.substr(dot + 1));
    if (op != nullptr) return op;
    in_.go_to(begin);
    in_.expected("an op of the registry");
  }
  // Inputs first, then attributes by name.
  void arguments(Node& node) {
    std::vector<std::string> given;
    while (!in_.accept(")")) {
      in_.skip_spaces();
      if (in_.peek() == '%' || in_.accept("None")) {
        node.inputs.push_back(in_.peek() == '%' ? use() : kNone);
      } else {
        attribute(node, given);
      }
      if (in_.accept(")")) break;
      in_.expect(",");
    }
    for (const ParameterInfo& p : node.op->parameters) {
      if (p.kind != ParameterKind::Attribute || !p.is_required || p.type == AttributeType::Generator) continue;
      if (std::find(given.begin(), given.end(), p.name) == given.end()) in_.expected("the attribute ", p.name);
    }
  }
  void attribute(Node& node, std::vector<std::string>& given) {
    const size_t begin = in_.place();
    given.emplace_back(in_.word());
    const auto wanted = [&](const ParameterInfo& p) {
      return p.kind == ParameterKind::Attribute && given.back() == p.name;
    };
    const auto& all = node.op->parameters;
    const auto p = std::find_if(all.begin(), all.end(), wanted);
    const bool is_generator = given.back() == "generator" && (p == all.end() || p->type == AttributeType::Generator);
    if (p == all.end() && !is_generator) {
      in_.go_to(begin);
      in_.expected("a value, or an attribute of ", print_signature(*node.op));
    }
    in_.expect("=");
    if (is_generator) return draw_from(node);
    with_attribute(p->type, node.record.at(*p), [&](auto& member) { in_.read(member); });
  }
  void draw_from(Node& node) {
    in_.skip_spaces();
    const size_t begin = in_.place();
    const std::string name = in_.name("the name of a generator's slot");
    for (size_t i = 0; i < graph_.slots.size(); ++i) {
      if (graph_.slots[i].name == name && graph_.slots[i].kind == Slot::Kind::Generator)
        return static_cast<void>(node.generator = static_cast<int32_t>(i));
    }
    in_.go_to(begin);
    in_.expected("the name of a generator's slot");
  }
  // " model.py:12 in forward"; any other comment says nothing.
  static void source(std::string_view comment, Source& to) {
    if (comment.empty() || comment.front() != ' ') return;
    const char* const end = comment.data() + comment.size();
    for (size_t colon = comment.rfind(':'); colon != comment.npos && colon > 0; colon = comment.rfind(':', colon - 1)) {
      int line = 0;
      const auto [rest, error] = std::from_chars(comment.data() + colon + 1, end, line);
      const std::string_view after(rest, static_cast<size_t>(end - rest));
      if (error != std::errc() || (!after.empty() && after.substr(0, 4) != " in ")) continue;
      to = {std::string(comment.substr(1, colon - 1)), std::string(after.substr(after.empty() ? 0 : 4)), line};
      return;
    }
  }

  ValueParser in_;
  const TensorTable& table_;
  Graph graph_;
  std::unordered_map<std::string, ValueId> values_;
  std::vector<std::pair<size_t, size_t>> updated_;  // slots, and where their new values are named
};

}  // namespace

Graph parse(std::string_view text, const TensorTable& table) { return Parser(text, table).run(); }

}  // namespace tenon::inline v0::graph
