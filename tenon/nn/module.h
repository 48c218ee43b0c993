// Module: parameters, buffers and children under names, written once for C++ and Python.
//
//   struct Net : nn::Module {
//     nn::Conv2d conv{1, 16, 3};
//     nn::Linear fc{2704, 10};
//     Net() { register_modules({{"conv", conv}, {"fc", fc}}); }
//     Tensor forward(Tensor x) override { return fc(flatten(relu(conv(x)), 1)); }
//   };
//   Net model;
//   Tensor y = model(x);
//
// A Module is an object with a count; a layer such as `nn::Linear` is a Handle, a value that shares one.
#pragma once

#include <atomic>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tenon/core/hooks.h>
#include <tenon/core/ref.h>
#include <tenon/core/state_dict.h>
#include <tenon/core/tensor.h>
#include <tenon/nn/slot.h>
#include <tenon/nn/value.h>

namespace tenon::inline v0::nn {

template <class T>
class Handle;

// A tensor that is a parameter: a leaf that wants a gradient. Shares the data it is made from.
class TENON_API Parameter : public Tensor {
 public:
  explicit Parameter(const Tensor& data, bool requires_grad = true);
};

struct IncompatibleKeys {
  std::vector<std::string> missing_keys, unexpected_keys;
};

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;
using NamedModules = std::vector<std::pair<std::string, Module*>>;

// A child, and the C++ member that shows it, so that replacing one replaces the other.
struct TENON_API ModuleEntry : Entry {
  Module* child = nullptr;
  bool embedded = false;  // part of the parent object, which is why it is not counted
  void* member = nullptr;
  void (*assign)(void* member, Module* module) = nullptr;

  ModuleEntry() = default;
  ModuleEntry(const ModuleEntry&) = delete;
  ~ModuleEntry() { hold(nullptr, true); }
  void hold(Module* module, bool borrow = false);
};

class TENON_API ModuleTable {
 public:
  ~ModuleTable();
  const std::vector<std::unique_ptr<ModuleEntry>>& entries() const { return entries_; }
  ModuleEntry* find(std::string_view name) const;
  ModuleEntry& set(std::string_view name, Ref<Module> value);
  // Takes this order of names, which must be those present.
  void reorder(const std::vector<std::string>& names);
  bool erase(std::string_view name);
  void clear();

 private:
  std::vector<std::unique_ptr<ModuleEntry>> entries_;
};

// The class of the module that was called defines no forward. [NotImplementedError]
struct TENON_API MissingForward : TypeError {
  using TypeError::TypeError;
};

// Hooks change the arguments, or the output, in place.
using ForwardPreHook = std::function<void(Module&, Arguments& arguments)>;
using ForwardHook = std::function<void(Module&, const Arguments& arguments, Value& output)>;
struct HookOptions {
  bool prepend = false;
  bool always_call = false;  // of forward hooks: also when forward throws, then with an output of None
};

// The other language's side of modules. One set of functions per process, installed by the bindings.
struct Bridge {
  void (*retain)(void* object);
  void (*release)(void* object);
  // The C++ object goes while its Python object may live on.
  void (*orphan)(void* object);
  // Whether the object's class, or the object, has a `forward` or hooks of its own: then `call` runs them.
  bool (*wants_call)(Module& module);
  Value (*call)(Module& module, const Arguments& arguments);
  bool (*train)(Module& module, bool mode);
  // An attribute that stands in for an erased slot.
  bool (*attribute)(Module& module, const Name& name, Tensor& output);
  bool (*state_dict)(Module& module, const std::string& prefix, StateDict& out);
  bool (*name)(const Module& module, std::string& output);
  bool (*repr)(Module& module, std::string& output);
};
TENON_API extern const Bridge* bridge;

class TENON_API Module {
 public:
  Module();
  virtual ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  // Hooks, then Python's `forward` if the object has one, else C++'s.
  Tensor operator()(Tensor x) {
    if (is_plain()) [[likely]]
      return forward(std::move(x));
    return call_slowly(std::move(x));
  }
  // The same with any arguments and result: `module.call(Arguments(query, key, named("mask", mask)))`.
  Value call(Arguments arguments);
  // What most modules define. One of another signature defines it as it likes and says TENON_FORWARD (forward.h).
  virtual Tensor forward(Tensor x);
  virtual const Forward& forward_info() const;
  // Neither a Python object nor a hook.
  bool is_plain() const { return object_ == nullptr && hooks_ == nullptr; }

  bool training = true;
  // Also of every child. `eval()` is `train(false)`.
  virtual void train(bool mode = true);
  void eval() { train(false); }

  // Every parameter once, in definition order, depth first.
  std::vector<Tensor> parameters(bool recurse = true) const;
  NamedTensors named_parameters(const std::string& prefix = "", bool recurse = true,
                                bool remove_duplicate = true) const;
  std::vector<Tensor> buffers(bool recurse = true) const;
  NamedTensors named_buffers(const std::string& prefix = "", bool recurse = true, bool remove_duplicate = true) const;
  std::vector<Module*> children() const;
  NamedModules named_children() const;
  std::vector<Module*> modules() const;
  NamedModules named_modules(const std::string& prefix = "", bool remove_duplicate = true);
  // "encoder.layers.0". KeyError names the part that is missing.
  Module& get_submodule(std::string_view path);
  Tensor get_parameter(std::string_view path);
  Tensor get_buffer(std::string_view path);

  // The returned tensors share their data with the module's.
  StateDict state_dict(const std::string& prefix = "");
  // Copies values into this module's tensors. strict: missing or unexpected names are an error that
  // lists them all. ShapeError when sizes differ. Nothing is written unless everything fits.
  IncompatibleKeys load_state_dict(const StateDict& state, bool strict = true);

  void zero_grad(bool set_to_none = true);
  void requires_grad_(bool value = true);
  void apply(const std::function<void(Module&)>& f);
  // Replaces the data of every parameter and buffer by what `f` makes of it.
  void map_tensors(const std::function<Tensor(const Tensor&)>& f);
  void to(Device device);
  void to(DType dtype);  // floating tensors only
  void to(Device device, DType dtype);

  // An undefined tensor or an empty reference keeps the name and holds nothing.
  Tensor register_parameter(std::string_view name, Tensor parameter);
  Tensor register_buffer(std::string_view name, Tensor buffer, bool persistent = true);
  void register_module(std::string_view name, Ref<Module> module);
  template <class T>
  Handle<T>& register_module(std::string_view name, Handle<T>& member);
  // A module that is itself a member of this one.
  void register_module(std::string_view name, Module& member);

  struct Named;
  void register_modules(std::initializer_list<Named> children);

  // Hooks of any call, or of calls with one tensor, which may return another:
  //   (Module&, Arguments&)                 (Module&, const Tensor& input) -> void, Tensor or std::optional<Tensor>
  //   (Module&, const Arguments&, Value&)   (Module&, const Tensor& input, const Tensor& output) -> the same
  template <class F>
  HookHandle register_forward_pre_hook(F hook, HookOptions options = {});
  template <class F>
  HookHandle register_forward_hook(F hook, HookOptions options = {});

  // "Linear": the class's name in both languages.
  std::string name() const;
  virtual std::string extra_repr() const { return ""; }
  std::string str();  // as PyTorch prints it
  virtual std::string repr(const std::string& name, const std::string& extra);

  TensorTable& parameter_table() { return parameters_; }
  TensorTable& buffer_table() { return buffers_; }
  ModuleTable& module_table() { return modules_; }
  const TensorTable& parameter_table() const { return parameters_; }
  const TensorTable& buffer_table() const { return buffers_; }
  const ModuleTable& module_table() const { return modules_; }

  // Reference counting, for Ref<Module>. Once Python has an object of this module its count is the one.
  void retain() const {
    if (object_ != nullptr) return bridge->retain(object_);
    count_.fetch_add(1, std::memory_order_relaxed);
  }
  bool release() const {
    if (object_ != nullptr) {
      bridge->release(object_);
      return false;
    }
    return count_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }
  static void destroy(Module* module) { delete module; }
  uint32_t use_count() const { return count_.load(std::memory_order_relaxed); }

  // For the bindings.
  void* object() const { return object_; }
  void set_object(void* object) { object_ = object; }
  void set_count(uint32_t count) { count_.store(count); }
  bool has_hooks() const { return hooks_ != nullptr; }
  // C++ hooks around `inner`, which runs the forward.
  Value call_hooked(Arguments arguments, const std::function<Value(const Arguments&)>& inner);
  uint8_t python_flags = 0;

 private:
  struct Hooks;
  [[gnu::cold]] Tensor call_slowly(Tensor x);
  HookHandle add_forward_pre_hook(ForwardPreHook hook, HookOptions options);
  HookHandle add_forward_hook(ForwardHook hook, HookOptions options);
  void set_training(bool mode);

  mutable std::atomic<uint32_t> count_{1};
  void* object_ = nullptr;
  std::unique_ptr<Hooks> hooks_;
  TensorTable parameters_, buffers_;
  ModuleTable modules_;
};

namespace detail {

template <class T>
inline constexpr bool kHasTypedForward = requires(const T& t) {
  t.typed_forward();
};

// "the hook of Linear takes one tensor": checked values of a hook of one tensor.
TENON_API const Tensor& only_tensor(const Module& module, const Arguments& arguments);

// What a hook of one tensor returned, put in the place of `value`.
inline void replace(Value& value, Tensor changed) { value = Value(std::move(changed)); }
inline void replace(Value& value, std::optional<Tensor> changed) {
  if (changed) value = Value(std::move(*changed));
}
template <class F, class... A>
void run_hook(Value& value, F& hook, A&&... arguments) {
  if constexpr (std::is_void_v<std::invoke_result_t<F&, A...>>) {
    hook(std::forward<A>(arguments)...);
  } else {
    replace(value, hook(std::forward<A>(arguments)...));
  }
}

}  // namespace detail

template <class F>
HookHandle Module::register_forward_pre_hook(F hook, HookOptions options) {
  if constexpr (std::is_invocable_v<F&, Module&, Arguments&>) {
    return add_forward_pre_hook(std::move(hook), options);
  } else {
    return add_forward_pre_hook(
        [hook = std::move(hook)](Module& module, Arguments& arguments) mutable {
          const Tensor input = detail::only_tensor(module, arguments);
          Value& place = arguments.positional.empty() ? arguments.keywords[0].value : arguments.positional[0];
          detail::run_hook(place, hook, module, input);
        },
        options);
  }
}
template <class F>
HookHandle Module::register_forward_hook(F hook, HookOptions options) {
  if constexpr (std::is_invocable_v<F&, Module&, const Arguments&, Value&>) {
    return add_forward_hook(std::move(hook), options);
  } else {
    return add_forward_hook(
        [hook = std::move(hook)](Module& module, const Arguments& arguments, Value& output) mutable {
          const Tensor y =
              output.is_none() ? Tensor() : output.tensor(module.name() + ": the output, for a hook of one tensor,");
          detail::run_hook(output, hook, module, detail::only_tensor(module, arguments), y);
        },
        options);
  }
}

// A value that shares a module: copies are the same module. `conv->weight` reaches the layer itself.
template <class T>
class Handle {
 public:
  using Impl = T;
  template <class... A>
  requires(std::is_constructible_v<T, A...> &&
           !(sizeof...(A) == 1 && (std::is_base_of_v<Handle, std::decay_t<A>> && ...))) Handle(A&&... arguments) {
    T* made = new T(std::forward<A>(arguments)...);
    module_ = Ref<Module>::adopt(made);
    typed_ = made;
  }
  // Options in braces, which no deduced parameter takes: `Linear(4, 2, {.bias = false})`.
  template <class U = T>
  explicit Handle(typename U::Options options) : Handle(new U(std::move(options)), Made{}) {}
  template <class A, class U = T>
  Handle(A a, typename U::Options options) : Handle(new U(a, std::move(options)), Made{}) {}
  template <class A, class B, class U = T>
  Handle(A a, B b, typename U::Options options) : Handle(new U(a, b, std::move(options)), Made{}) {}
  template <class A, class B, class C, class U = T>
  Handle(A a, B b, C c, typename U::Options options) : Handle(new U(a, b, c, std::move(options)), Made{}) {}
  Handle(std::nullptr_t) {}
  static Handle share(T* module) {
    Handle h(nullptr);
    h.assign(module);
    return h;
  }

  Tensor operator()(Tensor x) const requires(!detail::kHasTypedForward<T>) { return (*module_)(std::move(x)); }
  template <class... A>
  requires(detail::kHasTypedForward<T>) auto operator()(A&&... inputs) const {
    if (typed_ == nullptr && module_) [[unlikely]]
      return decltype(std::declval<T&>().typed_forward())::call_any(*module_, Signature(T::forward_parameters()),
                                                                    std::forward<A>(inputs)...);
    return typed()(std::forward<A>(inputs)...);
  }
  Value call(Arguments arguments) const { return module_->call(std::move(arguments)); }
  T* operator->() const { return &typed(); }
  T& operator*() const { return typed(); }
  explicit operator bool() const { return static_cast<bool>(module_); }
  operator Module&() const { return *module_; }
  operator Ref<Module>() const { return module_; }
  const Ref<Module>& ref() const { return module_; }

  // What every module can do, without the arrow.
  auto parameters(bool recurse = true) const { return module_->parameters(recurse); }
  auto named_parameters() const { return module_->named_parameters(); }
  auto buffers(bool recurse = true) const { return module_->buffers(recurse); }
  auto named_buffers() const { return module_->named_buffers(); }
  auto children() const { return module_->children(); }
  auto modules() const { return module_->modules(); }
  auto named_modules() const { return module_->named_modules(); }
  void train(bool mode = true) const { module_->train(mode); }
  void eval() const { module_->eval(); }
  bool is_training() const { return module_->training; }
  void zero_grad(bool set_to_none = true) const { module_->zero_grad(set_to_none); }
  void requires_grad_(bool value = true) const { module_->requires_grad_(value); }
  StateDict state_dict() const { return module_->state_dict(); }
  IncompatibleKeys load_state_dict(const StateDict& state, bool strict = true) const {
    return module_->load_state_dict(state, strict);
  }
  template <class... A>
  void to(A... where) const {
    module_->to(where...);
  }
  void apply(const std::function<void(Module&)>& f) const { module_->apply(f); }
  template <class F>
  HookHandle register_forward_hook(F hook, HookOptions options = {}) const {
    return module_->register_forward_hook(std::move(hook), options);
  }
  template <class F>
  HookHandle register_forward_pre_hook(F hook, HookOptions options = {}) const {
    return module_->register_forward_pre_hook(std::move(hook), options);
  }
  std::string str() const { return module_->str(); }

  // Another module may take the place, also of another class; only `->` then has nothing to show.
  void assign(Module* module) {
    module_ = Ref<Module>::share(module);
    typed_ = dynamic_cast<T*>(module);
  }

 private:
  T& typed() const {
    if (typed_ == nullptr) [[unlikely]]
      fail<TypeError>(module_ ? "this handle now holds a " + module_->name() +
                                    ", which has other members than the declared class"
                              : std::string("this handle is empty"));
    return *typed_;
  }
  struct Made {};
  Handle(T* made, Made) : module_(Ref<Module>::adopt(made)), typed_(made) {}

  Ref<Module> module_;
  T* typed_ = nullptr;
};

using AnyModule = Handle<Module>;

template <class T>
Handle<T>& Module::register_module(std::string_view name, Handle<T>& member) {
  register_module(name, member.ref());
  ModuleEntry* entry = modules_.find(name);
  entry->member = &member;
  entry->assign = [](void* handle, Module* module) { static_cast<Handle<T>*>(handle)->assign(module); };
  return member;
}

// A name and a child, for register_modules.
struct Module::Named {
  template <class T>
  Named(std::string_view name, Handle<T>& member)
      : name(name),
        add([](Module& parent, std::string_view n, void* m) {
          parent.register_module(n, *static_cast<Handle<T>*>(m));
        }),
        member(&member) {}
  Named(std::string_view name, Module& member)
      : name(name),
        add([](Module& parent, std::string_view n, void* m) { parent.register_module(n, *static_cast<Module*>(m)); }),
        member(&member) {}
  std::string_view name;
  void (*add)(Module& parent, std::string_view name, void* member);
  void* member;
};

}  // namespace tenon::inline v0::nn
