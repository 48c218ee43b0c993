#include <tenon/nn/module.h>

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <typeinfo>
#include <unordered_map>
#include <unordered_set>

#include <tenon/autograd/autograd.h>
#include <tenon/autograd/function.h>
#include <tenon/nn/detail.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0::nn {

const Bridge* bridge = nullptr;

const Name* intern(std::string_view text) {
  // Never freed: entries of modules that outlive main() point here.
  static auto* table = new std::unordered_map<std::string_view, const Name*>();
  static std::mutex mutex;
  std::lock_guard lock(mutex);
  if (auto found = table->find(text); found != table->end()) return found->second;
  const Name* name = new Name{std::string(text)};
  table->emplace(name->text, name);
  return name;
}

// ---- slots and tables ----------------------------------------------------------------------------

const Tensor& TensorSlot::missing() const {
  if (owner_->object() != nullptr && bridge->attribute(*owner_, *name, computed_)) return computed_;
  fail<KeyError>(owner_->name(), ": '", name->text, "' was never set or was deleted");
}

ParameterSlot::ParameterSlot(Module& owner, const char* name) : TensorSlot(owner, name) {
  owner.parameter_table().declare(this);
}
ParameterSlot& ParameterSlot::operator=(Tensor parameter) {
  owner_->register_parameter(name->text, std::move(parameter));
  return *this;
}
BufferSlot::BufferSlot(Module& owner, const char* name) : TensorSlot(owner, name) {
  owner.buffer_table().declare(this);
}
BufferSlot& BufferSlot::operator=(Tensor buffer) {
  owner_->register_buffer(name->text, std::move(buffer), persistent);
  return *this;
}

// Slots of a derived class are gone when this runs: only the table's own entries may be touched, and
// which those are is known from the slots' addresses.
TensorTable::~TensorTable() {
  for (TensorEntry* e : entries_) {
    bool declared = false;
    for (TensorSlot* slot : slots_) declared |= static_cast<TensorEntry*>(slot) == e;
    if (!declared) delete e;
  }
}

TensorEntry* TensorTable::find(std::string_view name) const {
  for (TensorEntry* e : entries_) {
    if (e->name->text == name) return e;
  }
  return nullptr;
}

TensorEntry& TensorTable::set(std::string_view name, Tensor value) {
  TensorEntry* entry = find(name);
  if (entry == nullptr) {
    for (TensorSlot* slot : slots_) {
      if (slot->name->text == name) entry = slot;
    }
    if (entry == nullptr) {
      entry = new TensorEntry;
      entry->name = intern(name);
    }
    entries_.push_back(entry);
  }
  entry->present = true;
  entry->value = std::move(value);
  return *entry;
}

bool TensorTable::erase(std::string_view name) {
  for (size_t i = 0; i < entries_.size(); ++i) {
    TensorEntry* e = entries_[i];
    if (e->name->text != name) continue;
    entries_.erase(entries_.begin() + static_cast<int64_t>(i));
    // The value dies last: its end may run code that looks at this table.
    Tensor value = std::move(e->value);
    e->present = false;
    if (!e->declared) delete e;
    return true;
  }
  return false;
}

void TensorTable::clear() {
  while (!entries_.empty()) erase(entries_.back()->name->text);
}

void ModuleEntry::hold(Module* module, bool borrow) {
  if (module != nullptr && !borrow) module->retain();
  Module* old = std::exchange(child, module);
  const bool counted = !std::exchange(embedded, borrow);
  if (old != nullptr && counted && old->release()) Module::destroy(old);
}

ModuleTable::~ModuleTable() { clear(); }

ModuleEntry* ModuleTable::find(std::string_view name) const {
  for (const auto& e : entries_) {
    if (e->name->text == name) return e.get();
  }
  return nullptr;
}

ModuleEntry& ModuleTable::set(std::string_view name, Ref<Module> value) {
  ModuleEntry* entry = find(name);
  if (entry == nullptr) {
    entries_.push_back(std::make_unique<ModuleEntry>());
    entry = entries_.back().get();
    entry->name = intern(name);
    entry->present = true;
  }
  if (entry->assign != nullptr) entry->assign(entry->member, value.get());
  entry->hold(value.get());
  return *entry;
}

void ModuleTable::reorder(const std::vector<std::string>& names) {
  std::vector<std::unique_ptr<ModuleEntry>> ordered;
  for (const std::string& name : names) {
    for (auto& e : entries_) {
      if (e && e->name->text == name) {
        ordered.push_back(std::move(e));
        break;
      }
    }
  }
  TENON_ASSERT(ordered.size() == entries_.size());
  entries_ = std::move(ordered);
}

bool ModuleTable::erase(std::string_view name) {
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i]->name->text != name) continue;
    auto gone = std::move(entries_[i]);
    entries_.erase(entries_.begin() + static_cast<int64_t>(i));
    if (gone->assign != nullptr) gone->assign(gone->member, nullptr);
    return true;
  }
  return false;
}

void ModuleTable::clear() {
  while (!entries_.empty()) {
    auto gone = std::move(entries_.back());
    entries_.pop_back();
  }
}

Parameter::Parameter(const Tensor& data, bool requires_grad)
    : Tensor(data.alias(data.shape(), data.strides(), data.storage_offset())) {
  check<DTypeError>(!requires_grad || is_differentiable(data.dtype()),
                    "Parameter: only floating and complex tensors can require gradients, data is ", data,
                    "; pass requires_grad=false");
  TensorImpl* impl = this->impl();
  impl->base.reset();
  impl->flags |= TensorImpl::kParameter;
  if (requires_grad) impl->flags |= TensorImpl::kRequiresGrad;
}

// ---- Module ---------------------------------------------------------------------------------------

struct Module::Hooks {
  struct After {
    ForwardHook hook;
    bool always_call = false;
  };
  std::shared_ptr<HookList<ForwardPreHook>> before = std::make_shared<HookList<ForwardPreHook>>();
  std::shared_ptr<HookList<After>> after = std::make_shared<HookList<After>>();
};

Module::Module() = default;

Module::~Module() {
  if (object_ != nullptr) {
    bridge->orphan(std::exchange(object_, nullptr));
  } else if (use_count() > 1) {
    // Going on would leave the others with a pointer to nothing.
    std::fprintf(stderr,
                 "tenon: a module on the stack, or a plain member, was destroyed while it was still in "
                 "use elsewhere; make it with nn::Handle<T> instead\n");
    std::abort();
  }
}

const Forward& Module::forward_info() const {
  static const Forward info = [] {
    Forward out{Signature("input"), nullptr, true};
    out.run = [text = out.signature](Module& module, const Arguments& arguments) -> Value {
      if (typeid(module) == typeid(Module)) return module.forward({});  // has none, whatever the arguments
      const Value* input = nullptr;
      const FunctionName name{&module, "forward"};
      text.bind(name, arguments, &input);
      return module.forward(detail::argument<Tensor>(name, text, 0, *input));
    };
    return out;
  }();
  return info;
}

// A module that was called with one tensor and defines another forward.
Tensor Module::forward(Tensor x) {
  const Forward& info = forward_info();
  check<MissingForward>(!info.one_tensor, "Module [", name(), "] is missing the required \"forward\" function");
  Value result = info.run(*this, Arguments(std::move(x)));
  if (!result.is_tensor()) {
    fail<TypeError>(name(), ": the result is a ", result.type_name(),
                    ", and this call gives one Tensor; call it by its own type, or by call(Arguments(x))");
  }
  return result.take_tensor();
}

Tensor Module::call_slowly(Tensor x) {
  if (hooks_ == nullptr && !(object_ != nullptr && bridge->wants_call(*this))) return forward(std::move(x));
  Value result = call(Arguments(std::move(x)));
  if (result.is_none()) return {};
  check<TypeError>(result.is_tensor(), name(),
                   ".forward() was called for one Tensor and must return a Tensor, it returned ", result.type_name());
  return result.take_tensor();
}

Value Module::call(Arguments arguments) {
  if (object_ != nullptr && bridge->wants_call(*this)) return bridge->call(*this, arguments);
  const Forward& info = forward_info();
  if (hooks_ == nullptr) return info.run(*this, arguments);
  return call_hooked(std::move(arguments), [&](const Arguments& changed) { return info.run(*this, changed); });
}

Value Module::call_hooked(Arguments arguments, const std::function<Value(const Arguments&)>& inner) {
  if (hooks_ == nullptr) return inner(arguments);
  // The lists live on while they are walked, whatever a hook does to the module.
  const auto before = hooks_->before;
  const auto after = hooks_->after;
  Value output;
  std::vector<Hooks::After> rest;
  size_t done = 0;
  try {
    for (const ForwardPreHook& hook : before->snapshot()) hook(*this, arguments);
    rest = after->snapshot();
    output = inner(arguments);
    while (done < rest.size()) rest[done++].hook(*this, arguments, output);
  } catch (...) {
    if (rest.empty()) rest = after->snapshot();
    for (; done < rest.size(); ++done) {
      if (!rest[done].always_call) continue;
      try {
        rest[done].hook(*this, arguments, output);
      } catch (const std::exception&) {
        // The first error is the one that the caller has to see.
      }
    }
    throw;
  }
  return output;
}

HookHandle Module::add_forward_pre_hook(ForwardPreHook hook, HookOptions options) {
  if (hooks_ == nullptr) hooks_ = std::make_unique<Hooks>();
  return HookHandle(hooks_->before, hooks_->before->add(std::move(hook), options.prepend));
}

HookHandle Module::add_forward_hook(ForwardHook hook, HookOptions options) {
  if (hooks_ == nullptr) hooks_ = std::make_unique<Hooks>();
  return HookHandle(hooks_->after, hooks_->after->add({std::move(hook), options.always_call}, options.prepend));
}

void Module::train(bool mode) {
  training = mode;
  for (Module* child : children()) {
    if (child->object_ != nullptr && bridge->train(*child, mode)) continue;
    child->train(mode);
  }
}

namespace {

std::string join(const std::string& prefix, const std::string& name) {
  return prefix.empty() ? name : prefix + "." + name;
}

void collect_modules(Module& module, const std::string& prefix, std::unordered_set<Module*>* seen, NamedModules& out) {
  if (seen != nullptr && !seen->insert(&module).second) return;
  out.emplace_back(prefix, &module);
  for (const auto& e : module.module_table().entries()) {
    if (e->child != nullptr) collect_modules(*e->child, join(prefix, e->name->text), seen, out);
  }
}

NamedTensors collect_tensors(const Module& root, const std::string& prefix, bool recurse, bool remove_duplicate,
                             const TensorTable& (*table)(const Module&)) {
  NamedModules modules;
  std::unordered_set<Module*> seen_modules;
  Module& module = const_cast<Module&>(root);
  if (recurse) {
    collect_modules(module, prefix, remove_duplicate ? &seen_modules : nullptr, modules);
  } else {
    modules.emplace_back(prefix, &module);
  }
  NamedTensors out;
  std::unordered_set<const TensorImpl*> seen;
  for (const auto& [path, m] : modules) {
    for (const TensorEntry* e : table(*m).entries()) {
      if (!e->value.defined()) continue;
      if (remove_duplicate && !seen.insert(e->value.impl()).second) continue;
      out.emplace_back(join(path, e->name->text), e->value);
    }
  }
  return out;
}

const TensorTable& parameters_of(const Module& m) { return m.parameter_table(); }
const TensorTable& buffers_of(const Module& m) { return m.buffer_table(); }

std::vector<Tensor> values(NamedTensors named) {
  std::vector<Tensor> out;
  out.reserve(named.size());
  for (auto& [name, value] : named) out.push_back(std::move(value));
  return out;
}

void check_name(const Module& module, std::string_view name, const char* kind) {
  check<KeyError>(name.find('.') == std::string_view::npos, kind, " name can't contain \".\", got '", name, "'");
  check<KeyError>(!name.empty(), kind, " name can't be empty string \"\"");
  (void)module;
}

}  // namespace

NamedTensors Module::named_parameters(const std::string& prefix, bool recurse, bool remove_duplicate) const {
  return collect_tensors(*this, prefix, recurse, remove_duplicate, parameters_of);
}
NamedTensors Module::named_buffers(const std::string& prefix, bool recurse, bool remove_duplicate) const {
  return collect_tensors(*this, prefix, recurse, remove_duplicate, buffers_of);
}
std::vector<Tensor> Module::parameters(bool recurse) const { return values(named_parameters("", recurse)); }
std::vector<Tensor> Module::buffers(bool recurse) const { return values(named_buffers("", recurse)); }

NamedModules Module::named_children() const {
  NamedModules out;
  std::unordered_set<Module*> seen;
  for (const auto& e : modules_.entries()) {
    if (e->child != nullptr && seen.insert(e->child).second) out.emplace_back(e->name->text, e->child);
  }
  return out;
}
std::vector<Module*> Module::children() const {
  std::vector<Module*> out;
  for (const auto& [name, child] : named_children()) out.push_back(child);
  return out;
}
NamedModules Module::named_modules(const std::string& prefix, bool remove_duplicate) {
  NamedModules out;
  std::unordered_set<Module*> seen;
  collect_modules(*this, prefix, remove_duplicate ? &seen : nullptr, out);
  return out;
}
std::vector<Module*> Module::modules() const {
  std::vector<Module*> out;
  for (const auto& [name, m] : const_cast<Module*>(this)->named_modules()) out.push_back(m);
  return out;
}

Module& Module::get_submodule(std::string_view path) {
  Module* at = this;
  std::string_view rest = path;
  while (!rest.empty()) {
    const size_t dot = rest.find('.');
    const std::string_view part = rest.substr(0, dot);
    ModuleEntry* entry = at->modules_.find(part);
    check<KeyError>(entry != nullptr && entry->child != nullptr, at->name(), " has no submodule '", part,
                    "', asked for '", path, "'");
    at = entry->child;
    rest = dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
  }
  return *at;
}

namespace {

Tensor get_tensor(Module& root, std::string_view path, const TensorTable& (*table)(const Module&), const char* kind) {
  const size_t dot = path.rfind('.');
  const std::string_view name = dot == std::string_view::npos ? path : path.substr(dot + 1);
  Module& m = dot == std::string_view::npos ? root : root.get_submodule(path.substr(0, dot));
  TensorEntry* entry = table(m).find(name);
  check<KeyError>(entry != nullptr, m.name(), " has no ", kind, " '", name, "'");
  return entry->value;
}

}  // namespace

Tensor Module::get_parameter(std::string_view path) { return get_tensor(*this, path, parameters_of, "parameter"); }
Tensor Module::get_buffer(std::string_view path) { return get_tensor(*this, path, buffers_of, "buffer"); }

Tensor Module::register_parameter(std::string_view name, Tensor parameter) {
  check_name(*this, name, "parameter");
  if (parameter.defined()) {
    check<ValueError>(parameter.is_leaf(), "Cannot assign non-leaf Tensor to parameter '", name,
                      "'. Model parameters must be created explicitly. To express '", name,
                      "' as a function of another Tensor, compute the value in the forward() method.");
    parameter.impl()->flags |= TensorImpl::kParameter;
  }
  buffers_.erase(name);
  modules_.erase(name);
  return parameters_.set(name, std::move(parameter)).value;
}

Tensor Module::register_buffer(std::string_view name, Tensor buffer, bool persistent) {
  check_name(*this, name, "buffer");
  parameters_.erase(name);
  modules_.erase(name);
  TensorEntry& entry = buffers_.set(name, std::move(buffer));
  entry.persistent = persistent;
  return entry.value;
}

void Module::register_module(std::string_view name, Ref<Module> module) {
  check_name(*this, name, "module");
  parameters_.erase(name);
  buffers_.erase(name);
  modules_.set(name, std::move(module));
}

void Module::register_module(std::string_view name, Module& member) {
  check_name(*this, name, "module");
  modules_.set(name, nullptr).hold(&member, true);
}

void Module::register_modules(std::initializer_list<Named> children) {
  for (const Named& child : children) child.add(*this, child.name, child.member);
}

StateDict Module::state_dict(const std::string& prefix) {
  StateDict out;
  if (object_ != nullptr && bridge->state_dict(*this, prefix, out)) return out;
  auto save = [&](const TensorEntry& e) {
    if (e.value.defined() && e.persistent) out.set(prefix + e.name->text, detail::plain(e.value));
  };
  parameters_.each(save);
  buffers_.each(save);
  for (const auto& e : modules_.entries()) {
    if (e->child == nullptr) continue;
    for (const auto& [name, value] : e->child->state_dict(prefix + e->name->text + ".")) out.set(name, value);
  }
  return out;
}

IncompatibleKeys Module::load_state_dict(const StateDict& state, bool strict) {
  IncompatibleKeys keys;
  std::vector<std::pair<Tensor, Tensor>> copies;
  std::unordered_set<std::string> known;
  std::string sizes;
  for (const auto& [path, m] : named_modules("", false)) {
    auto load = [&, &path = path](const TensorEntry& e) {
      if (!e.value.defined() || !e.persistent) return;
      std::string name = join(path, e.name->text);
      const Tensor* from = state.find(name);
      known.insert(name);
      if (from == nullptr) {
        keys.missing_keys.push_back(std::move(name));
      } else if (!(from->shape() == e.value.shape())) {
        sizes += text("\n\tsize mismatch for ", name, ": copying a param with shape ", from->shape(),
                      " from checkpoint, the shape in current model is ", e.value.shape(), ".");
      } else {
        copies.emplace_back(e.value, *from);
      }
    };
    m->parameter_table().each(load);
    m->buffer_table().each(load);
  }
  for (const auto& [name, value] : state) {
    if (!known.contains(name)) keys.unexpected_keys.push_back(name);
  }
  std::string problems;
  auto list = [&](const char* kind, const std::vector<std::string>& names) {
    if (!strict || names.empty()) return;
    problems += text("\n\t", kind, " key(s) in state_dict: ");
    for (size_t i = 0; i < names.size(); ++i) problems += text(i == 0 ? "\"" : ", \"", names[i], "\"");
    problems += ". ";
  };
  list("Missing", keys.missing_keys);
  list("Unexpected", keys.unexpected_keys);
  problems += sizes;
  if (!problems.empty()) {
    const std::string text_of = text("Error(s) in loading state_dict for ", name(), ":", problems);
    if (sizes.empty()) fail<KeyError>(text_of);
    fail<ShapeError>(text_of);
  }
  NoGrad no_grad;
  for (auto& [to, from] : copies) detail::copy_values(to, from);
  return keys;
}

void Module::zero_grad(bool set_to_none) {
  for (Tensor& p : parameters()) {
    if (!p.grad().defined()) continue;
    if (set_to_none) {
      p.set_grad({});
    } else {
      detail::fill_zero(p.grad());
    }
  }
}

void Module::requires_grad_(bool value) {
  for (Tensor& p : parameters()) p.requires_grad_(value);
}

void Module::apply(const std::function<void(Module&)>& f) {
  for (Module* child : children()) child->apply(f);
  f(*this);
}

void Module::to(Device device) {
  map_tensors([&](const Tensor& t) { return t.to(device); });
}
void Module::to(DType dtype) {
  check<DTypeError>(is_differentiable(dtype),
                    "nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=", dtype);
  map_tensors([&](const Tensor& t) { return is_differentiable(t.dtype()) ? t.to(dtype) : t; });
}
void Module::to(Device device, DType dtype) {
  to(dtype);
  to(device);
}

void Module::map_tensors(const std::function<Tensor(const Tensor&)>& f) {
  NoGrad no_grad;
  std::unordered_set<TensorImpl*> seen;
  for (Module* m : modules()) {
    m->parameters_.each([&](TensorEntry& e) {
      // The tensor stays the same object, so that optimisers and ties keep theirs.
      if (!e.value.defined() || !seen.insert(e.value.impl()).second) return;
      detail::set_data(e.value, f(e.value));
      if (Tensor grad = e.value.grad(); grad.defined()) e.value.set_grad(f(grad));
    });
    m->buffers_.each([&](TensorEntry& e) {
      if (e.value.defined()) e.value = f(e.value);
    });
  }
}

// ---- names ----------------------------------------------------------------------------------------

std::string Module::name() const {
  std::string out;
  if (object_ != nullptr && bridge->name(*this, out)) return out;
  out = readable_type_name(typeid(*this).name());
  if (out.size() > 4 && out.ends_with("Impl")) out.resize(out.size() - 4);
  return out;
}

std::string Module::str() {
  std::string out;
  if (object_ != nullptr && bridge->repr(*this, out)) return out;
  return repr(name(), extra_repr());
}
std::string Module::repr(const std::string& name, const std::string& extra) { return detail::repr(*this, name, extra); }

namespace detail {

const Tensor& only_tensor(const Module& module, const Arguments& arguments) {
  const size_t count = arguments.positional.size() + arguments.keywords.size();
  const Value* value = count != 1                     ? nullptr
                       : arguments.positional.empty() ? &arguments.keywords[0].value
                                                      : &arguments.positional[0];
  if (value == nullptr || !value->is_tensor()) {
    fail<TypeError>(module.name(), ": a hook of one tensor was called with ", count,
                    count == 1 ? " argument that is none" : " arguments",
                    "; write it as (Module&, Arguments&), or after forward as (Module&, const Arguments&, Value&)");
  }
  return value->tensor();
}

std::string indent(const std::string& lines) {
  std::string out;
  for (char c : lines) {
    out += c;
    if (c == '\n') out += "  ";
  }
  return out;
}

std::string repr(Module& module, const std::string& name, const std::string& extra) {
  const auto& children = module.module_table().entries();
  if (children.empty()) {
    return extra.find('\n') == std::string::npos ? name + "(" + extra + ")" : name + "(\n  " + indent(extra) + "\n)";
  }
  std::string out = name + "(\n";
  if (!extra.empty()) out += "  " + indent(extra) + "\n";
  for (const auto& e : children) {
    out += "  (" + e->name->text + "): " + (e->child ? indent(e->child->str()) : "None") + "\n";
  }
  return out + ")";
}

Tensor plain(const Tensor& parameter) {
  Tensor out = parameter.alias(parameter.shape(), parameter.strides(), parameter.storage_offset());
  out.impl()->base.reset();
  return out;
}

void copy_values(const Tensor& to, const Tensor& from) { to.copy_(from); }
void fill_zero(const Tensor& tensor) { tensor.zero_(); }

void set_data(Tensor& tensor, const Tensor& data) {
  TensorImpl* to = tensor.impl();
  const TensorImpl* from = data.impl();
  if (to == from) return;
  to->spec = from->spec;
  to->strides = from->strides;
  to->offset = from->offset;
  to->contiguous = from->contiguous;
  to->storage = from->storage;
  to->base = {};
  to->flags &= static_cast<uint8_t>(~TensorImpl::kView);
}

}  // namespace detail
}  // namespace tenon::inline v0::nn
