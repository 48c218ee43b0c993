// Classes of modules by name, so that Python and programs that read names can make modules of a user's library:
//
//   static void register_ops(tn::Registry&) { tn::nn::add_class<Gate, int64_t, bool>("Gate", "features, bias=True"); }
//   TENON_LIBRARY("my_layers", register_ops)
//
// After `tn.ops.load_library(...)`, Python has `tn.classes.Gate(64, bias=False)`.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <vector>

#include <tenon/nn/module.h>

namespace tenon::inline v0::nn {

struct ClassInfo {
  std::string name;
  const std::type_info* type = nullptr;
  Signature constructor;
  std::string forward_parameters;
  std::function<Ref<Module>(const Arguments& arguments)> make;
};
// KeyError when another class has the name.
TENON_API void add_class(ClassInfo info);
// In the order in which they were added. They stay where they are.
TENON_API std::vector<const ClassInfo*> classes();

namespace detail {

template <class T, class... A, size_t... i>
Ref<Module> make_module(FunctionName name, const Signature& signature, const Arguments& arguments,
                        std::index_sequence<i...>) {
  const Value* values[sizeof...(A) + 1];
  signature.bind(name, arguments, values);
  return Ref<Module>::adopt(new T(argument<A>(name, signature, i, *values[i])...));
}

template <class T>
std::string forward_parameters() {
  if constexpr (requires { T::forward_parameters(); }) return T::forward_parameters();
  return "input";
}

}  // namespace detail

// `A`: the types of the constructor's parameters, whose names and defaults `parameters` lists.
template <class T, class... A>
void add_class(std::string name, std::string_view parameters = "") {
  ClassInfo info{name, &typeid(T), Signature(parameters), detail::forward_parameters<T>(), nullptr};
  check<ValueError>(info.constructor.parameters().size() == sizeof...(A), "add_class: ", name, " has ", sizeof...(A),
                    " types of parameters, and the names are (", parameters, ")");
  info.make = [name, signature = info.constructor](const Arguments& arguments) {
    const std::string function = name + ".__init__";
    return detail::make_module<T, A...>({nullptr, function}, signature, arguments, std::index_sequence_for<A...>());
  };
  add_class(std::move(info));
}

}  // namespace tenon::inline v0::nn
