// Modules made of modules: Sequential and ModuleList.
#pragma once

#include <utility>

#include <tenon/nn/module.h>

namespace tenon::inline v0::nn {

// `Sequential{Conv2d(1, 16, 3), ReLU()}`: braces make the layers, and draw their weights, in the order written, which
// parentheses leave to the compiler. With names: `Sequential({{"conv", conv}, {"act", act}})`.
struct TENON_API SequentialImpl : Module {
  SequentialImpl() = default;
  template <class... T>
  requires(sizeof...(T) > 0 &&
           (std::is_convertible_v<const T&, Ref<Module>> && ...)) explicit SequentialImpl(const T&... modules) {
    (append(modules), ...);
  }
  explicit SequentialImpl(std::initializer_list<std::pair<const char*, AnyModule>> modules) {
    for (const auto& [name, module] : modules) register_module(name, module.ref());
  }
  Tensor forward(Tensor x) override;
  // Any one value: a layer may give a tuple to the next.
  const Forward& forward_info() const override;
  void append(Ref<Module> module) {
    register_module(std::to_string(module_table().entries().size()), std::move(module));
  }
  size_t size() const { return module_table().entries().size(); }
  Module& operator[](int64_t index) const;

 private:
  Module& child(size_t i) const;
  Value pass(Value x, size_t first);
};

class Sequential : public Handle<SequentialImpl> {
 public:
  Sequential() = default;
  template <class... T>
  requires(sizeof...(T) > 0 && (std::is_convertible_v<const T&, Ref<Module>> && ...) &&
           !(sizeof...(T) == 1 && (std::is_base_of_v<Sequential, T> && ...))) explicit Sequential(const T&... modules)
      : Handle<SequentialImpl>(modules...) {}
  Sequential(std::initializer_list<std::pair<const char*, AnyModule>> modules) : Handle<SequentialImpl>(modules) {}
};

// Modules in a list, without a forward of its own.
struct TENON_API ModuleListImpl : Module {
  ModuleListImpl() = default;
  template <class... T>
  requires(sizeof...(T) > 0 &&
           (std::is_convertible_v<const T&, Ref<Module>> && ...)) explicit ModuleListImpl(const T&... modules) {
    (append(modules), ...);
  }
  void append(Ref<Module> module) {
    register_module(std::to_string(module_table().entries().size()), std::move(module));
  }
  size_t size() const { return module_table().entries().size(); }
  Module& operator[](int64_t index) const;
  std::string repr(const std::string& name, const std::string& extra) override;
};
using ModuleList = Handle<ModuleListImpl>;

}  // namespace tenon::inline v0::nn
