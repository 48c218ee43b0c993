// Bytes that tensors share, with the version that tells a stale saved value from a fresh one.
#pragma once

#include <cstddef>
#include <cstdint>

#include <tenon/core/device.h>
#include <tenon/core/export.h>
#include <tenon/core/ref.h>

namespace tenon::inline v0 {

struct Queue;

struct TENON_API Storage : RefCounted {
  void* data = nullptr;
  size_t bytes = 0;
  std::atomic<uint32_t> version{0};  // counts the writes in place
  Device device;
  Queue* queue = nullptr;  // the last queue that used the bytes; null on the CPU
  // Memory that someone else owns (a NumPy array, a mapped file) comes with how to give it back.
  void (*deleter)(void* owner) = nullptr;
  void* owner = nullptr;

  // MemoryError when there is not enough.
  static Ref<Storage> allocate(size_t bytes, Device device);
  static Ref<Storage> borrow(void* data, size_t bytes, void* owner, void (*deleter)(void* owner));
  static void destroy(Storage* storage);
};

}  // namespace tenon::inline v0
