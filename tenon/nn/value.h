// What goes into a module and comes out of it when that is not one tensor: values of a few kinds that C++ and
// Python both have. Typed code seldom sees them: `Value` is made from, and read as, ordinary C++ types.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include <tenon/core/error.h>
#include <tenon/core/tensor.h>

namespace tenon::inline v0::nn {

class Value;
template <class T>
struct Convert;
template <class T>
concept IsValue = requires(T x) {
  Convert<std::remove_cvref_t<T>>::write(x);
};

struct Tuple {
  std::vector<Value> items;
};
struct List {
  std::vector<Value> items;
};
struct Dict {
  std::vector<std::pair<std::string, Value>> items;
};
// An object of the other language, passed through as it is.
struct Foreign {
  std::shared_ptr<void> object;
  std::string type;
};

class TENON_API Value {
 public:
  using Data = std::variant<std::monostate, Tensor, bool, int64_t, double, std::string, Tuple, List, Dict, Foreign>;

  Value() = default;  // None
  Value(Data data) : data_(std::move(data)) {}
  // A tensor, number, text, tuple, vector, optional...; an undefined tensor is None.
  template <class T>
  requires(!std::is_same_v<std::remove_cvref_t<T>, Value> && !std::is_same_v<std::remove_cvref_t<T>, Data> &&
           IsValue<T>) Value(T&& x)
      : data_(Convert<std::remove_cvref_t<T>>::write(std::forward<T>(x))) {}

  bool is_none() const { return std::holds_alternative<std::monostate>(data_); }
  bool is_tensor() const { return std::holds_alternative<Tensor>(data_); }
  // TypeError when it is none, here and below; `what` begins its text.
  const Tensor& tensor(std::string_view what = "value") const;
  Tensor take_tensor(std::string_view what = "value");  // leaves None
  // Of a tuple or list.
  const std::vector<Value>& items(std::string_view what = "value") const;
  const Value& operator[](size_t i) const;
  template <class T>
  T to(std::string_view what = "value") const {
    T out{};
    if (!Convert<T>::read(*this, out)) [[unlikely]]
      wrong(what, Convert<T>::wanted());
    return out;
  }

  const Data& data() const { return data_; }
  std::string type_name() const;  // as Python names it
  [[noreturn, gnu::cold]] void wrong(std::string_view what, const std::string& wanted) const;

 private:
  Data data_;
};

// ---- which C++ types a value is made from and read as ----------------------------------------------------
// Specialise it for a type of your own: `read` tells whether the value is of that type.

template <>
struct Convert<Value> {
  static std::string wanted() { return "any value"; }
  static bool read(const Value& v, Value& out) { return out = v, true; }
  static Value::Data write(Value v) { return v.data(); }
};
template <>
struct Convert<Tensor> {
  static std::string wanted() { return "Tensor"; }
  static bool read(const Value& v, Tensor& out) {
    if (v.is_tensor()) return out = std::get<Tensor>(v.data()), true;
    return v.is_none();
  }
  static Value::Data write(Tensor x) { return x.defined() ? Value::Data(std::move(x)) : Value::Data(); }
};
template <>
struct Convert<bool> {
  static std::string wanted() { return "bool"; }
  static bool read(const Value& v, bool& out) {
    const bool* found = std::get_if<bool>(&v.data());
    return found != nullptr && (out = *found, true);
  }
  static Value::Data write(bool x) { return x; }
};
template <class T>
requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) struct Convert<T> {
  static std::string wanted() { return sizeof(T) == 8 ? "int" : "int of " + std::to_string(8 * sizeof(T)) + " bits"; }
  static bool read(const Value& v, T& out) {
    const int64_t* found = std::get_if<int64_t>(&v.data());
    return found != nullptr && std::in_range<T>(*found) && (out = static_cast<T>(*found), true);
  }
  static Value::Data write(T x) {
    check<ValueError>(std::in_range<int64_t>(x), "value: ", x, " does not fit an int of 64 bits");
    return static_cast<int64_t>(x);
  }
};
template <class T>
requires std::is_floating_point_v<T>
struct Convert<T> {
  static std::string wanted() { return "float"; }
  static bool read(const Value& v, T& out) {
    if (const double* found = std::get_if<double>(&v.data())) return out = static_cast<T>(*found), true;
    const int64_t* found = std::get_if<int64_t>(&v.data());
    return found != nullptr && (out = static_cast<T>(*found), true);
  }
  static Value::Data write(T x) { return static_cast<double>(x); }
};
template <>
struct Convert<std::string> {
  static std::string wanted() { return "str"; }
  static bool read(const Value& v, std::string& out) {
    const std::string* found = std::get_if<std::string>(&v.data());
    return found != nullptr && (out = *found, true);
  }
  static Value::Data write(std::string x) { return x; }
};
template <>
struct Convert<const char*> {
  static Value::Data write(const char* x) { return std::string(x); }
};
template <size_t n>
struct Convert<char[n]> : Convert<const char*> {};
template <>
struct Convert<std::nullopt_t> {
  static Value::Data write(std::nullopt_t) { return {}; }
};
template <class T>
struct Convert<std::optional<T>> {
  static std::string wanted() { return Convert<T>::wanted() + " or None"; }
  static bool read(const Value& v, std::optional<T>& out) {
    if (v.is_none()) return out.reset(), true;
    return Convert<T>::read(v, out.emplace());
  }
  static Value::Data write(std::optional<T> x) { return x ? Convert<T>::write(std::move(*x)) : Value::Data(); }
};
template <class... T>
struct Convert<std::tuple<T...>> {
  static std::string wanted() {
    std::string out = "tuple (";
    ((out += Convert<T>::wanted() + ", "), ...);
    return out.substr(0, out.size() - (sizeof...(T) > 0 ? 2 : 0)) + ")";
  }
  static bool read(const Value& v, std::tuple<T...>& out) {
    const Tuple* tuple = std::get_if<Tuple>(&v.data());
    const List* list = std::get_if<List>(&v.data());
    if (tuple == nullptr && list == nullptr) return false;
    const std::vector<Value>& items = tuple != nullptr ? tuple->items : list->items;
    if (items.size() != sizeof...(T)) return false;
    size_t i = 0;
    return std::apply([&](T&... part) { return (Convert<T>::read(items[i++], part) && ...); }, out);
  }
  static Value::Data write(std::tuple<T...> x) {
    Tuple out;
    std::apply([&](T&... part) { (out.items.emplace_back(std::move(part)), ...); }, x);
    return out;
  }
};
template <class A, class B>
struct Convert<std::pair<A, B>> {
  static std::string wanted() { return Convert<std::tuple<A, B>>::wanted(); }
  static bool read(const Value& v, std::pair<A, B>& out) {
    std::tuple<A, B> both;
    if (!Convert<std::tuple<A, B>>::read(v, both)) return false;
    return out = {std::get<0>(std::move(both)), std::get<1>(std::move(both))}, true;
  }
  static Value::Data write(std::pair<A, B> x) {
    return Convert<std::tuple<A, B>>::write({std::move(x.first), std::move(x.second)});
  }
};
template <class T>
struct Convert<std::vector<T>> {
  static std::string wanted() { return "list of " + Convert<T>::wanted(); }
  static bool read(const Value& v, std::vector<T>& out) {
    const Tuple* tuple = std::get_if<Tuple>(&v.data());
    const List* list = std::get_if<List>(&v.data());
    if (tuple == nullptr && list == nullptr) return false;
    out.clear();
    for (const Value& item : tuple != nullptr ? tuple->items : list->items) {
      T part{};
      if (!Convert<T>::read(item, part)) return false;
      out.push_back(std::move(part));
    }
    return true;
  }
  static Value::Data write(std::vector<T> x) {
    List out;
    for (auto&& item : x) out.items.emplace_back(std::move(item));
    return out;
  }
};
template <class T>
struct Convert<std::map<std::string, T>> {
  static std::string wanted() { return "dict of " + Convert<T>::wanted(); }
  static bool read(const Value& v, std::map<std::string, T>& out) {
    const Dict* dict = std::get_if<Dict>(&v.data());
    if (dict == nullptr) return false;
    out.clear();
    for (const auto& [key, item] : dict->items) {
      if (!Convert<T>::read(item, out[key])) return false;
    }
    return true;
  }
  static Value::Data write(std::map<std::string, T> x) {
    Dict out;
    for (auto& [key, item] : x) out.items.emplace_back(key, std::move(item));
    return out;
  }
};

// ---- arguments -------------------------------------------------------------------------------------------

// One of a call's arguments by name: `named("mask", mask)`.
struct Named {
  std::string name;
  Value value;
};
template <class T>
Named named(std::string name, T&& value) {
  return {std::move(name), Value(std::forward<T>(value))};
}

// The arguments of a call, by position and by name: `Arguments(query, key, named("mask", mask))`.
struct TENON_API Arguments {
  std::vector<Value> positional;
  std::vector<Named> keywords;

  Arguments() = default;
  template <class First, class... Rest>
  requires(!std::is_same_v<std::remove_cvref_t<First>, Arguments>) explicit Arguments(First&& first, Rest&&... rest) {
    positional.reserve(1 + sizeof...(rest));
    add(std::forward<First>(first));
    (add(std::forward<Rest>(rest)), ...);
  }
  void add(Value value) { positional.push_back(std::move(value)); }
  void add(Named argument) { keywords.push_back(std::move(argument)); }
  const Value* find(std::string_view name) const;  // of a keyword
};

class Module;

// What error texts call a function; made only when there is an error.
struct TENON_API FunctionName {
  const Module* module;  // or null
  std::string_view name;
  std::string str() const;  // "Linear.forward"
  friend std::string to_text(const FunctionName& function) { return function.str(); }
};

// "query, key, mask=None, *, need_weights=True": parameters as Python writes them. Defaults are None, True, False,
// numbers and 'texts'; names after `*` are given by name only.
class TENON_API Signature {
 public:
  struct Parameter {
    std::string name;
    bool required = true;
    bool keyword_only = false;
    Value otherwise;
  };
  explicit Signature(std::string_view text);
  const std::string& text() const { return text_; }
  const std::vector<Parameter>& parameters() const { return parameters_; }
  // Points `out` at one value for each parameter. TypeError, worded as Python words it, unless the arguments fit.
  void bind(FunctionName function, const Arguments& arguments, const Value** out) const;

 private:
  std::string text_;
  std::vector<Parameter> parameters_;
};

// How a call with any arguments reaches a class's forward.
struct Forward {
  Signature signature;
  std::function<Value(Module& module, const Arguments& arguments)> run;
  bool one_tensor = false;  // it is Module's forward of one tensor
};

namespace detail {

// How many parameters a signature's text lists, and how many of them have no default.
struct Counts {
  int all = 0, required = 0;
};
constexpr Counts count_parameters(std::string_view text) {
  Counts out;
  bool quoted = false, name = false, star = false, equals = false;
  const auto end_of_one = [&] {
    if (name && !star) out.all += 1, out.required += equals ? 0 : 1;
    name = star = equals = false;
  };
  for (const char c : text) {
    if (c == '\'') quoted = !quoted;
    if (!quoted && c == ',') {
      end_of_one();
      continue;
    }
    name |= c != ' ';
    star |= !quoted && c == '*';
    equals |= c == '=';
  }
  end_of_one();
  return out;
}

// The i-th argument of a bound call as the type that its parameter has.
template <class P>
std::remove_cvref_t<P> argument(FunctionName function, const Signature& signature, size_t i, const Value& value) {
  using T = std::remove_cvref_t<P>;
  T out{};
  const Signature::Parameter& parameter = signature.parameters()[i];
  // A tensor may be left out where its default says so.
  const bool none =
      value.is_none() && std::is_same_v<T, Tensor> && !(!parameter.required && parameter.otherwise.is_none());
  if (none || !Convert<T>::read(value, out)) [[unlikely]]
    value.wrong(text(function.str(), "(): argument '", parameter.name, "'"), Convert<T>::wanted());
  return out;
}

}  // namespace detail
}  // namespace tenon::inline v0::nn
