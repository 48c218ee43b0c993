// A value kept for backward: storage, geometry and version, but not the tensor itself, whose history may
// later lead back to the node that keeps the value.
#pragma once

#include <tenon/autograd/node.h>
#include <tenon/core/op.h>

namespace tenon::inline v0 {

class TENON_API SavedTensor {
 public:
  SavedTensor() = default;
  // AutogradError for a tensor made under inference mode.
  SavedTensor(const OpInfo* op, TensorImpl* impl) { save(op, impl); }
  void save(const OpInfo* op, TensorImpl* impl);
  void reset() {
    storage_.reset();
    held_.reset();
  }
  bool is_stale() const { return storage_ && storage_->version.load(std::memory_order_relaxed) != version_; }
  const Spec& spec() const { return spec_; }
  Layout layout() const { return {spec_.shape, strides_, offset_}; }
  // The value, with `edge` as its history when gradients are being recorded.
  Tensor unpack(const Edge& edge) const;
  // "...has been modified by an inplace operation: <what> of <op>, ..., changed by add_ since"
  [[noreturn]] void raise_stale(const std::string& what, const std::string& op) const;

 private:
  Spec spec_;
  Strides strides_;
  Dim offset_;
  Ref<Storage> storage_;
  Ref<TensorImpl> held_;  // a tensor that is more than strided memory is kept whole
  uint32_t version_ = 0;
  uint8_t flags_ = 0;
  bool contiguous_ = true;
};

[[noreturn]] TENON_API void raise_already_freed(const std::string& op);

// The op that wrote `storage` when its version became `version`, if that is still known.
const OpInfo* writer_of(const Storage& storage, uint32_t version);
// Remembers it; installed as the door's note_write.
void remember_writer(const OpInfo& op, const Storage& storage, uint32_t version);

}  // namespace tenon::inline v0
