// The one table of ops. Libraries fill it by explicit functions: records and rules, gradients and kernels
// apart, so that a linker drops nothing in silence and a small build keeps only what it uses.
#pragma once

#include <string_view>

#include <tenon/core/op.h>

namespace tenon::inline v0 {

class TENON_API Registry {
 public:
  // Adds an op under name.overload, or finds the one already there. InternalError when a different op
  // (another record size or signature) has the name.
  OpInfo& add(const OpInfo& op);
  OpInfo* find(std::string_view name, std::string_view overload = "");
  // All ops of one Python name, in the order they were added: an overload set.
  std::vector<const OpInfo*> overloads(std::string_view name) const;
  std::vector<OpInfo*> all() const;

  template <class R>
  OpInfo& add() {
    return add(describe<R>());
  }
  // An op with `decompose(const R&, ...)` in sight: a composite, or a fused op's meaning.
  template <class R>
  OpInfo& add_decomposition() {
    OpInfo& op = add<R>();
    op.decompose = [](const void* record, Inputs in, Tensor* outputs, std::vector<Tensor>* list) {
      detail::store_outputs(detail::call_decompose(*static_cast<const R*>(record), in,
                                                   std::make_index_sequence<detail::fixed_inputs<R>()>()),
                            outputs, list);
    };
    return op;
  }
  // An op with `gradient(const R&, Gradients&)` in sight, and what it saves for it.
  template <class R>
  OpInfo& add_gradient(Saves saves) {
    OpInfo& op = add<R>();
    op.gradient = [](const void* record, Gradients& g) { gradient(*static_cast<const R*>(record), g); };
    op.saves = saves;
    return op;
  }
  template <class R, void (*kernel)(const R&, ConstViews, Views, Context&)>
  void add_kernel(DeviceKind device = DeviceKind::CPU) {
    // The listing alone: a small runtime links kernels without the shape rules.
    add(describe<R, false>()).kernels[static_cast<int>(device)] = typed_kernel<R, kernel>();
  }

  Registry();
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

 private:
  struct Table;
  Table* table_;
};

// The records of a family, listed once at the end of its header.
template <class... R>
struct Records {
  static void add_to(Registry& registry) { (registry.add<R>(), ...); }
  template <class F>
  static void for_each(F&& f) {
    (f.template operator()<R>(), ...);
  }
};

// The process's registry, with Tenon's own ops in it.
TENON_API Registry& registry();

// The registered info of a record: looked up by name once per library, so that records used in a user's
// library and in Tenon are the same op. By its listing alone: the rules of Tenon's ops are not exported.
template <class R>
const OpInfo& op() {
  static const OpInfo& found = registry().add(describe<R, false>());
  return found;
}

// ---- a user's own library ----------------------------------------------------------------------------
// The library exports `extern "C" const TenonLibrary* tenon_library()`; load_library() registers its ops.
struct TenonLibrary {
  uint32_t abi;  // kLibraryAbi it was built against
  const char* name;
  void (*register_ops)(Registry& registry);
};
inline constexpr uint32_t kLibraryAbi = 1;
// FileError: missing, not a Tenon library, or built against another ABI.
TENON_API void load_library(const std::string& path);

#define TENON_LIBRARY(library_name, register_function)                                                 \
  extern "C" __attribute__((visibility("default"))) const ::tenon::TenonLibrary* tenon_library() {     \
    static const ::tenon::TenonLibrary library{::tenon::kLibraryAbi, library_name, register_function}; \
    return &library;                                                                                   \
  }

}  // namespace tenon::inline v0
