// A typed `forward` of any signature.
//
//   struct Attend : nn::Module {
//     TENON_FORWARD("query, key, mask=None, need_weights=True")
//     std::tuple<Tensor, Tensor> forward(const Tensor& query, const Tensor& key, const Tensor& mask, bool
//     need_weights);
//   };
//   auto [out, weights] = attend(query, key);                // C++: hooks run, and Python's forward if there is one
//   out, weights = attend(query, key, need_weights=False)    # Python
#pragma once

#include <array>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <tenon/nn/module.h>

namespace tenon::inline v0::nn {

namespace detail {

// A pointer to a forward: called with typed arguments, or with values.
template <class Self, class Function, class R, class... P>
struct TypedForward {
  static constexpr size_t arity = sizeof...(P);
  static constexpr bool kIsPlain = std::is_same_v<Function, Tensor (Self::*)(Tensor)>;
  Function function;

  Value run(Module& module, const Signature& signature, const Arguments& arguments) const {
    return run(module, signature, arguments, std::index_sequence_for<P...>());
  }

  template <class... G>
  R call(Self& self, const Signature& signature, G&&... given) const {
    if (self.is_plain()) [[likely]] {
      if constexpr (sizeof...(G) == arity) {
        return (self.*function)(std::forward<G>(given)...);
      } else {
        return with_defaults(self, signature, std::forward_as_tuple(std::forward<G>(given)...),
                             std::make_index_sequence<sizeof...(G)>(),
                             std::make_index_sequence<arity - sizeof...(G)>());
      }
    }
    return call_any(self, signature, std::forward<G>(given)...);
  }
  // A module of any class, which is to take and give what this forward does.
  template <class... G>
  static R call_any(Module& module, const Signature& signature, G&&... given) {
    return slowly(module, signature, std::forward_as_tuple(std::forward<G>(given)...),
                  std::make_index_sequence<sizeof...(G)>());
  }

 private:
  template <size_t i>
  using Parameter = std::tuple_element_t<i, std::tuple<P...>>;

  template <size_t... i>
  Value run(Module& module, const Signature& signature, const Arguments& arguments, std::index_sequence<i...>) const {
    std::array<const Value*, arity + 1> values;
    const FunctionName name{&module, "forward"};
    signature.bind(name, arguments, values.data());
    Self& self = static_cast<Self&>(module);
    if constexpr (std::is_void_v<R>) {
      (self.*function)(argument<P>(name, signature, i, *values[i])...);
      return {};
    } else {
      return (self.*function)(argument<P>(name, signature, i, *values[i])...);
    }
  }
  template <class Given, size_t... i, size_t... rest>
  R with_defaults(Self& self, const Signature& signature, Given given, std::index_sequence<i...>,
                  std::index_sequence<rest...>) const {
    constexpr size_t n = sizeof...(i);
    const FunctionName name{&self, "forward"};
    return (self.*function)(
        std::get<i>(std::move(given))...,
        argument<Parameter<n + rest>>(name, signature, n + rest, signature.parameters()[n + rest].otherwise)...);
  }
  template <class Given, size_t... i>
  [[gnu::cold]] static R slowly(Module& module, const Signature& signature, Given given, std::index_sequence<i...>) {
    Arguments arguments;
    const auto add = [&](size_t at, Value value) {
      const Signature::Parameter& parameter = signature.parameters()[at];
      parameter.keyword_only ? arguments.add(named(parameter.name, std::move(value))) : arguments.add(std::move(value));
    };
    (add(i, std::remove_cvref_t<Parameter<i>>(std::get<i>(std::move(given)))), ...);
    const Value result = module.call(std::move(arguments));
    if constexpr (!std::is_void_v<R>) return result.template to<R>(module.name() + ": the result");
  }
};

// The forward that `Self` itself declares, among those that it inherits.
template <class Self>
struct ForwardOf {
  template <class R, class... P>
  static auto find(R (Self::*f)(P...)) {
    return TypedForward<Self, R (Self::*)(P...), R, P...>{f};
  }
  template <class R, class... P>
  static auto find(R (Self::*f)(P...) const) {
    return TypedForward<Self, R (Self::*)(P...) const, R, P...>{f};
  }
};

template <class Typed>
Forward make_forward(std::string_view signature, Typed typed) {
  Forward out{Signature(signature), nullptr, Typed::kIsPlain};
  out.run = [typed, text = out.signature](Module& module, const Arguments& arguments) {
    return typed.run(module, text, arguments);
  };
  return out;
}

}  // namespace detail

// In a class of modules, before or after its one `forward`: the parameters' names and defaults, as Python writes them.
// A default for a tensor is None: then the tensor is undefined.
#define TENON_FORWARD(parameters)                                                                                \
  using ::tenon::nn::Module::forward;                                                                            \
  static constexpr const char* forward_parameters() { return parameters; }                                       \
  auto typed_forward() const {                                                                                   \
    using Self = std::remove_cvref_t<decltype(*this)>;                                                           \
    return ::tenon::nn::detail::ForwardOf<Self>::find(&Self::forward);                                           \
  }                                                                                                              \
  const ::tenon::nn::Forward& forward_info() const override {                                                    \
    static_assert(::tenon::nn::detail::count_parameters(parameters).all == decltype(typed_forward())::arity,     \
                  "TENON_FORWARD lists another number of parameters than forward has");                          \
    static const ::tenon::nn::Forward info = ::tenon::nn::detail::make_forward(parameters, typed_forward());     \
    return info;                                                                                                 \
  }                                                                                                              \
  template <class... Given>                                                                                      \
  auto operator()(Given&&... given) {                                                                            \
    constexpr size_t required = ::tenon::nn::detail::count_parameters(parameters).required;                      \
    static_assert(sizeof...(Given) >= required, "an argument without a default is missing: (" parameters ")");   \
    static_assert(sizeof...(Given) <= decltype(typed_forward())::arity, "too many arguments: (" parameters ")"); \
    return typed_forward().call(*this, forward_info().signature, std::forward<Given>(given)...);                 \
  }

}  // namespace tenon::inline v0::nn
