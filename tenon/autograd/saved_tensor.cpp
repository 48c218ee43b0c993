#include <tenon/autograd/saved_tensor.h>

#include <tenon/core/door.h>

namespace tenon::inline v0 {

namespace {

// A small table that later writes overwrite: enough to name the culprit in nearly every error.
struct Writer {
  std::atomic<uint64_t> key{0};
  std::atomic<const OpInfo*> op{nullptr};
};
constinit Writer writers[1024];

uint64_t writer_key(const Storage& storage, uint32_t version) {
  return (reinterpret_cast<uintptr_t>(&storage) << 20 ^ version) * 0x9e3779b97f4a7c15u;
}

}  // namespace

void remember_writer(const OpInfo& op, const Storage& storage, uint32_t version) {
  const uint64_t key = writer_key(storage, version);
  Writer& w = writers[key >> 54];
  w.op.store(&op, std::memory_order_relaxed);
  w.key.store(key, std::memory_order_release);
}

const OpInfo* writer_of(const Storage& storage, uint32_t version) {
  const uint64_t key = writer_key(storage, version);
  const Writer& w = writers[key >> 54];
  if (w.key.load(std::memory_order_acquire) != key) return nullptr;
  return w.op.load(std::memory_order_relaxed);
}

void SavedTensor::save(const OpInfo* op, TensorImpl* impl) {
  check<AutogradError>((impl->flags & TensorImpl::kInference) == 0, op != nullptr ? op->name : "autograd",
                       ": Inference tensors cannot be saved for backward; clone() it outside of "
                       "inference mode to get a normal tensor: ",
                       impl->spec);
  spec_ = impl->spec;
  strides_ = impl->strides;
  offset_ = impl->offset;
  storage_ = impl->storage;
  version_ = version_of(impl);
  contiguous_ = impl->contiguous;
  flags_ = impl->flags & TensorImpl::kUntracked;
  if (impl->flags & (TensorImpl::kIntercepted | TensorImpl::kExtended)) [[unlikely]]
    held_ = Ref<TensorImpl>::share(impl);
}

Tensor SavedTensor::unpack(const Edge& edge) const {
  if (held_) return Tensor(held_);
  const bool recording = (modes.recorders & bit(Observer::Tape)) != 0 && edge && is_differentiable(spec_.dtype);
  if (TensorImpl* leaf = recording ? edge.leaf.get() : nullptr;
      leaf != nullptr && leaf->storage == storage_ && leaf->offset == offset_ && leaf->spec.shape == spec_.shape &&
      leaf->strides == strides_) {
    return Tensor(edge.leaf);
  }
  TensorImpl* impl = TensorImpl::create();
  Tensor out(Ref<TensorImpl>::adopt(impl));
  impl->spec = spec_;
  impl->strides = strides_;
  impl->offset = offset_;
  impl->storage = storage_;
  impl->contiguous = contiguous_;
  impl->flags = flags_;
  return recording ? alias_with_edge(out, edge) : out;
}

void SavedTensor::raise_stale(const std::string& what, const std::string& op) const {
  const uint32_t now = storage_->version.load();
  std::string by;
  for (uint32_t v = version_ + 1; v <= now && v - version_ < 1000; ++v) {
    const OpInfo* writer = writer_of(*storage_, v);
    if (writer == nullptr) continue;
    by = text(" by ", writer->name, "_");
    break;
  }
  fail<AutogradError>(
      "one of the variables needed for gradient computation has been modified by an inplace operation: ", what, ", ",
      spec_, ", was saved by ", op, " for its gradient and has since been changed", by, ": it is at version ", now,
      "; expected version ", version_,
      " instead; clone() it before the write, or write out of place (y = x + 1, not x += 1)");
}

void raise_already_freed(const std::string& op) {
  fail<AutogradError>(op,
                      ": Trying to backward through the graph a second time (or directly access saved tensors after "
                      "they have already been freed); saved intermediate values of the graph are freed when you call "
                      ".backward() or autograd.grad(): specify retain_graph=True the first time if you need to go "
                      "through it again");
}

}  // namespace tenon::inline v0
