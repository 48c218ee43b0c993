#include <tenon/nn/value.h>

#include <algorithm>
#include <charconv>

#include <tenon/nn/module.h>

namespace tenon::inline v0::nn {

// ---- values ------------------------------------------------------------------------------------------------

std::string Value::type_name() const {
  static constexpr const char* names[] = {"None", "Tensor", "bool", "int", "float", "str", "tuple", "list", "dict"};
  if (const Foreign* foreign = std::get_if<Foreign>(&data_)) return foreign->type;
  if (const Tuple* tuple = std::get_if<Tuple>(&data_)) return text("tuple of ", tuple->items.size());
  return names[data_.index()];
}

void Value::wrong(std::string_view what, const std::string& wanted) const {
  fail<TypeError>(what, " must be ", wanted, ", not ", type_name());
}

const Tensor& Value::tensor(std::string_view what) const {
  if (!is_tensor()) wrong(what, "Tensor");
  return std::get<Tensor>(data_);
}

Tensor Value::take_tensor(std::string_view what) {
  if (!is_tensor()) wrong(what, "Tensor");
  Tensor out = std::move(std::get<Tensor>(data_));
  data_ = {};
  return out;
}

const std::vector<Value>& Value::items(std::string_view what) const {
  if (const Tuple* tuple = std::get_if<Tuple>(&data_)) return tuple->items;
  if (const List* list = std::get_if<List>(&data_)) return list->items;
  wrong(what, "tuple or list");
}

const Value& Value::operator[](size_t i) const {
  const std::vector<Value>& all = items();
  check<IndexError>(i < all.size(), "value: index ", i, " is out of range for a ", type_name());
  return all[i];
}

const Value* Arguments::find(std::string_view name) const {
  for (const Named& argument : keywords) {
    if (argument.name == name) return &argument.value;
  }
  return nullptr;
}

// ---- signatures --------------------------------------------------------------------------------------------

std::string FunctionName::str() const {
  return module != nullptr ? text(module->name(), ".", name) : std::string(name);
}

namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

Value parse_default(std::string_view literal, std::string_view signature) {
  if (literal == "None") return {};
  if (literal == "True") return true;
  if (literal == "False") return false;
  if (literal.size() >= 2 && literal.front() == '\'' && literal.back() == '\'')
    return std::string(literal.substr(1, literal.size() - 2));
  const char *begin = literal.data(), *end = begin + literal.size();
  int64_t whole = 0;
  if (auto [at, error] = std::from_chars(begin, end, whole); error == std::errc() && at == end) return whole;
  double real = 0;
  if (auto [at, error] = std::from_chars(begin, end, real); error == std::errc() && at == end) return real;
  fail<ValueError>("signature \"", signature, "\": the default ", literal,
                   " is none of None, True, False, a number or a 'text'");
}

// Up to the next comma outside of quotes, which is taken off `rest`.
std::string_view next_part(std::string_view& rest) {
  size_t end = 0;
  for (bool quoted = false; end < rest.size() && (quoted || rest[end] != ','); ++end) quoted ^= rest[end] == '\'';
  const std::string_view part = trim(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

}  // namespace

Signature::Signature(std::string_view text) : text_(text) {
  bool keyword_only = false;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view part = next_part(rest);
    if (part == "*") {
      keyword_only = true;
      continue;
    }
    const size_t equals = part.find('=');
    Parameter parameter;
    parameter.name = trim(part.substr(0, equals));
    parameter.keyword_only = keyword_only;
    parameter.required = equals == part.npos;
    check<ValueError>(!parameter.name.empty(), "signature \"", text, "\": a parameter has no name");
    check<ValueError>(!parameter.required || keyword_only || parameters_.empty() || parameters_.back().required,
                      "signature \"", text, "\": ", parameter.name, " has no default and follows one that has");
    if (!parameter.required) parameter.otherwise = parse_default(trim(part.substr(equals + 1)), text);
    parameters_.push_back(std::move(parameter));
  }
}

void Signature::bind(FunctionName function, const Arguments& arguments, const Value** out) const {
  size_t by_position = 0;
  for (const Parameter& p : parameters_) by_position += p.keyword_only ? 0 : 1;
  const size_t given = arguments.positional.size();
  check<TypeError>(given <= by_position, function, "() takes ", by_position, " positional argument",
                   by_position == 1 ? "" : "s", " (", text_, ") but ", given, given == 1 ? " was" : " were", " given");
  for (size_t i = 0; i < parameters_.size(); ++i) out[i] = i < given ? &arguments.positional[i] : nullptr;
  for (const Named& argument : arguments.keywords) {
    size_t i = 0;
    while (i < parameters_.size() && parameters_[i].name != argument.name) ++i;
    check<TypeError>(i < parameters_.size(), function, "() got an unexpected keyword argument '", argument.name,
                     "'; its parameters are (", text_, ")");
    check<TypeError>(out[i] == nullptr, function, "() got multiple values for argument '", argument.name, "'");
    out[i] = &argument.value;
  }
  for (size_t i = 0; i < parameters_.size(); ++i) {
    if (out[i] != nullptr) continue;
    check<TypeError>(!parameters_[i].required, function, "() missing required argument '", parameters_[i].name,
                     "'; its parameters are (", text_, ")");
    out[i] = &parameters_[i].otherwise;
  }
}

}  // namespace tenon::inline v0::nn
