// Where data lives: a kind of device and its index.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tenon/core/export.h>

namespace tenon::inline v0 {

// `Fake` is the second backend of the tests: a queue on a thread. `Meta` has shapes and no data.
enum class DeviceKind : uint8_t { CPU, Meta, Fake };
inline constexpr int kDeviceKinds = 3;

struct Device {
  DeviceKind kind = DeviceKind::CPU;
  int8_t index = -1;  // -1: the kind's only or current device

  friend constexpr bool operator==(Device, Device) = default;
  TENON_API std::string str() const;
  // "cpu", "cpu:0", "meta". ValueError-like DeviceError for an unknown name.
  TENON_API static Device parse(std::string_view text);
};

}  // namespace tenon::inline v0
