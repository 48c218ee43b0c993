#include <tenon/core/storage.h>

#include <new>

#include <tenon/core/allocator.h>
#include <tenon/core/door.h>
#include <tenon/core/error.h>

namespace tenon::inline v0 {

namespace {

// Small tensors keep their bytes behind the storage's own header: one block instead of two.
constexpr size_t kInlineBytes = 64;
constexpr size_t kHeader = (sizeof(Storage) + 63) / 64 * 64;

[[noreturn]] void out_of_memory(size_t bytes, Device device) {
  fail<MemoryError>("allocate: not enough memory for ", bytes, " bytes on ", device);
}

}  // namespace

Ref<Storage> Storage::allocate(size_t bytes, Device device) {
  const bool on_cpu = device.kind == DeviceKind::CPU;
  const size_t inline_bytes = on_cpu && bytes <= kInlineBytes ? kInlineBytes : 0;
  void* memory = tenon::allocate(kHeader + inline_bytes);
  if (memory == nullptr) out_of_memory(kHeader + inline_bytes, device);
  auto* storage = new (memory) Storage;
  storage->bytes = bytes;
  storage->device = device;
  Ref<Storage> result = Ref<Storage>::adopt(storage);
  if (inline_bytes != 0) {
    storage->data = static_cast<char*>(memory) + kHeader;
  } else if (on_cpu) {
    storage->data = tenon::allocate(bytes);
    if (storage->data == nullptr) out_of_memory(bytes, device);
  } else if (device.kind != DeviceKind::Meta) {
    Backend* backend = backend_of(device.kind);
    check<DeviceError>(backend != nullptr, "allocate: no backend is loaded for device ", device);
    storage->data = backend->allocate(bytes);
    if (storage->data == nullptr && bytes != 0) out_of_memory(bytes, device);
  }
  return result;
}

Ref<Storage> Storage::borrow(void* data, size_t bytes, void* owner, void (*deleter)(void*)) {
  void* memory = tenon::allocate(kHeader);
  if (memory == nullptr) out_of_memory(kHeader, {});
  auto* storage = new (memory) Storage;
  storage->data = data;
  storage->bytes = bytes;
  storage->owner = owner;
  storage->deleter = deleter;
  return Ref<Storage>::adopt(storage);
}

void Storage::destroy(Storage* storage) {
  size_t inline_bytes = 0;
  if (storage->data == reinterpret_cast<char*>(storage) + kHeader) {
    inline_bytes = kInlineBytes;
  } else if (storage->deleter != nullptr) {
    storage->deleter(storage->owner);
  } else if (storage->device.kind == DeviceKind::CPU) {
    if (storage->data != nullptr) tenon::deallocate(storage->data, storage->bytes);
  } else if (Backend* backend = backend_of(storage->device.kind); backend != nullptr && storage->data != nullptr) {
    backend->deallocate(storage->data, storage->bytes);
  }
  storage->~Storage();
  tenon::deallocate(storage, kHeader + inline_bytes);
}

}  // namespace tenon::inline v0
