// Where a module keeps its parameters, buffers and children: named entries in definition order. A C++
// layer declares its entries as members ("slots"), so reading one is a load and a predictable branch;
// the same entries are what Python's `layer.weight` finds by name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tenon/core/error.h>
#include <tenon/core/tensor.h>

namespace tenon::inline v0::nn {

class Module;

// An attribute's name, kept once per process, so that names compare by pointer.
struct Name {
  std::string text;
  mutable void* python = nullptr;  // the interned str; filled by the bindings when first needed
};
TENON_API const Name* intern(std::string_view text);

// What to do about a value that is read while its slot is empty (a parametrisation, `del`).
struct TENON_API Entry {
  const Name* name = nullptr;
  bool present = false;   // listed by the module; a present entry may still hold nothing (bias=None)
  bool declared = false;  // a member of a C++ layer: never freed by the table
};

struct TENON_API TensorEntry : Entry {
  Tensor value;
  bool persistent = true;  // buffers: part of the state dict
};

// A parameter or buffer of a C++ layer: `ParameterSlot weight{*this, "weight"};`.
class TENON_API TensorSlot : public TensorEntry {
 public:
  TensorSlot(const TensorSlot&) = delete;
  TensorSlot& operator=(const TensorSlot&) = delete;

  // The tensor to compute with: undefined for an optional one that was left out.
  const Tensor& get() const {
    if (!present) [[unlikely]]
      return missing();
    return value;
  }
  operator const Tensor&() const { return get(); }
  const Tensor* operator->() const { return &get(); }
  const Tensor& operator*() const { return get(); }
  bool defined() const { return get().defined(); }

 protected:
  TensorSlot(Module& owner, const char* name) : owner_(&owner) {
    this->name = intern(name);
    declared = true;
  }
  // Somebody took the entry away: a computed attribute of that name stands in, or it is an error.
  [[gnu::cold]] const Tensor& missing() const;
  Module* owner_;
  mutable Tensor computed_;
};

class TENON_API ParameterSlot : public TensorSlot {
 public:
  ParameterSlot(Module& owner, const char* name);
  ParameterSlot& operator=(Tensor parameter);
};

class TENON_API BufferSlot : public TensorSlot {
 public:
  BufferSlot(Module& owner, const char* name);
  BufferSlot& operator=(Tensor buffer);
};

// The tensors of one kind, in definition order. Few entries: a scan beats a map.
class TENON_API TensorTable {
 public:
  TensorTable() = default;
  ~TensorTable();
  TensorTable(const TensorTable&) = delete;
  TensorTable& operator=(const TensorTable&) = delete;

  const std::vector<TensorEntry*>& entries() const { return entries_; }
  TensorEntry* find(std::string_view name) const;
  void declare(TensorSlot* slot) { slots_.push_back(slot); }
  // Adds at the end, or replaces in place. An undefined value keeps the name without a tensor.
  TensorEntry& set(std::string_view name, Tensor value);
  bool erase(std::string_view name);
  void clear();
  // Python's collector: calls `f` once for every tensor held.
  template <class F>
  void each(F&& f) const {
    for (TensorEntry* e : entries_) f(*e);
  }

 private:
  std::vector<TensorEntry*> entries_;
  std::vector<TensorSlot*> slots_;
};

}  // namespace tenon::inline v0::nn
