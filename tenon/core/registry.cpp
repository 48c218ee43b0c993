#include <tenon/core/registry.h>

#include <deque>
#include <map>
#include <mutex>

#if !defined(TENON_LITE)
#include <dlfcn.h>
#endif

namespace tenon::inline v0 {

struct Registry::Table {
  mutable std::mutex mutex;
  std::deque<OpInfo> ops;  // a deque never moves its elements: references stay good
  std::map<std::pair<std::string, std::string>, OpInfo*, std::less<>> by_name;
};

Registry::Registry() : table_(new Table) {}
Registry::~Registry() { delete table_; }

OpInfo& Registry::add(const OpInfo& op) {
  std::lock_guard lock(table_->mutex);
  auto [it, fresh] = table_->by_name.try_emplace({op.name, op.overload}, nullptr);
  if (!fresh) {
    OpInfo& known = *it->second;
    check<InternalError>(known.record_size == op.record_size && known.parameters.size() == op.parameters.size(),
                         "registry: two different ops are named '", op.full_name(),
                         "'; give one another name or overload");
    if (known.infer == nullptr) known.infer = op.infer;
    if (known.alias == nullptr) known.alias = op.alias;
    return known;
  }
  table_->ops.push_back(op);
  it->second = &table_->ops.back();
  it->second->id = static_cast<uint32_t>(table_->ops.size() - 1);
  return *it->second;
}

OpInfo* Registry::find(std::string_view name, std::string_view overload) {
  std::lock_guard lock(table_->mutex);
  const auto it = table_->by_name.find({std::string(name), std::string(overload)});
  return it == table_->by_name.end() ? nullptr : it->second;
}

std::vector<const OpInfo*> Registry::overloads(std::string_view name) const {
  std::lock_guard lock(table_->mutex);
  std::vector<const OpInfo*> found;
  for (const OpInfo& op : table_->ops) {
    if (name == op.name) found.push_back(&op);
  }
  return found;
}

std::vector<OpInfo*> Registry::all() const {
  std::lock_guard lock(table_->mutex);
  std::vector<OpInfo*> found;
  for (OpInfo& op : table_->ops) found.push_back(&op);
  return found;
}

#if !defined(TENON_LITE)
void load_library(const std::string& path) {
  // The library stays loaded for the life of the process: its records live in it.
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  check<FileError>(handle != nullptr, "load_library: '", path,
                   "' cannot be loaded: ", handle == nullptr ? dlerror() : "");
  auto entry = reinterpret_cast<const TenonLibrary* (*)()>(dlsym(handle, "tenon_library"));
  check<FileError>(entry != nullptr, "load_library: '", path,
                   "' exports no tenon_library(); add TENON_LIBRARY(name, register_function) to it");
  const TenonLibrary* library = entry();
  check<FileError>(library->abi == kLibraryAbi, "load_library: '", path, "' was built for library ABI ", library->abi,
                   ", and this Tenon has ", kLibraryAbi, "; build it again against the installed headers");
  library->register_ops(registry());
}
#endif

}  // namespace tenon::inline v0
