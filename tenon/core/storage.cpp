#include <tenon/core/storage.h>

#include <new>

#include <tenon/core/allocator.h>
#include <tenon/core/door.h>
#include <tenon/core/error.h>

namespace tenon::inline v0 {

namespace {

// Small tensors keep their bytes behind the storage's own header: one block instead of two.
constexpr size_t kHeader = (sizeof(Storage) + 63) / 64 * 64;
constexpr size_t kInlineBytes = 512 - kHeader;
// The least block, of most results of small programs, has a size that the compiler knows.
constexpr size_t kLeastBytes = 64;

[[noreturn]] void out_of_memory(size_t bytes, Device device) {
  fail<MemoryError>("allocate: not enough memory for ", bytes, " bytes on ", device);
}

inline Storage* make_header(size_t block, size_t bytes, Device device) {
  void* memory = tenon::allocate(block);
  if (memory == nullptr) [[unlikely]]
    out_of_memory(block, device);
  auto* storage = new (memory) Storage;
  storage->bytes = bytes;
  storage->device = device;
  return storage;
}

}  // namespace

Ref<Storage> Storage::allocate(size_t bytes, Device device) {
  if (bytes <= kInlineBytes && device == Device{}) [[likely]] {
    Storage* storage = bytes <= kLeastBytes ? make_header(kHeader + kLeastBytes, bytes, device)
                                            : make_header(kHeader + bytes, bytes, device);
    storage->data = reinterpret_cast<char*>(storage) + kHeader;
    return Ref<Storage>::adopt(storage);
  }
  Ref<Storage> result = Ref<Storage>::adopt(make_header(kHeader, bytes, device));
  Storage* storage = result.get();
  if (device.kind == DeviceKind::CPU) {
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
  Storage* storage = make_header(kHeader, bytes, {});
  storage->data = data;
  storage->owner = owner;
  storage->deleter = deleter;
  return Ref<Storage>::adopt(storage);
}

void Storage::destroy(Storage* storage) {
  // Not by the address alone: a block of larger data may begin where the header's block ends.
  const bool is_inline = storage->data == reinterpret_cast<char*>(storage) + kHeader &&
                         storage->bytes <= kInlineBytes && storage->device == Device{} && storage->deleter == nullptr;
  if (is_inline) [[likely]] {
    const size_t bytes = storage->bytes;
    storage->~Storage();
    if (bytes <= kLeastBytes) return tenon::deallocate(storage, kHeader + kLeastBytes);
    return tenon::deallocate(storage, kHeader + bytes);
  }
  if (storage->deleter != nullptr) {
    storage->deleter(storage->owner);
  } else if (storage->device.kind == DeviceKind::CPU) {
    if (storage->data != nullptr) tenon::deallocate(storage->data, storage->bytes);
  } else if (Backend* backend = backend_of(storage->device.kind); backend != nullptr && storage->data != nullptr) {
    backend->deallocate(storage->data, storage->bytes);
  }
  storage->~Storage();
  tenon::deallocate(storage, kHeader);
}

}  // namespace tenon::inline v0
