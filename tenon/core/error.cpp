#include <tenon/core/error.h>

#include <charconv>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include <tenon/core/context.h>
#include <tenon/core/scalar.h>

namespace tenon::inline v0 {

std::string to_text(double value) {
  if (value != value) return "nan";
  if (value > 1.7976931348623157e308) return "inf";
  if (value < -1.7976931348623157e308) return "-inf";
  char buffer[40];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, value);
  std::string out(buffer, result.ptr);
  if (out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

template <class List>
static std::string tuple_text(const List& values) {
  std::string out = "(";
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ", ";
    out += to_text(values[i]);
  }
  if (values.size() == 1) out += ",";
  return out + ")";
}
std::string to_text(const Dims& dims) { return tuple_text(dims); }

std::string to_text(const Scalar& value) {
  switch (value.kind()) {
    case Kind::Bool:
      return to_text(value.to_bool());
    case Kind::Integer:
      return to_text(value.to_int());
    case Kind::Float:
      return to_text(value.to_double());
    case Kind::Complex:
      break;
  }
  const auto c = value.to_complex();
  return text("(", to_text(c.real()), c.imag() < 0 ? "" : "+", to_text(c.imag()), "j)");
}

std::string Device::str() const {
  static constexpr const char* names[] = {"cpu", "meta", "fake"};
  const std::string name = names[static_cast<int>(kind)];
  return index < 0 ? name : text(name, ":", static_cast<int>(index));
}

Device Device::parse(std::string_view spelled) {
  const size_t colon = spelled.find(':');
  const std::string_view name = spelled.substr(0, colon);
  Device device;
  if (name == "cpu")
    device.kind = DeviceKind::CPU;
  else if (name == "meta")
    device.kind = DeviceKind::Meta;
  else if (name == "fake")
    device.kind = DeviceKind::Fake;
  else
    fail<DeviceError>("device: '", spelled, "' is not a device of this build; it has 'cpu' and 'meta'");
  if (colon != std::string_view::npos) {
    const std::string_view number = spelled.substr(colon + 1);
    int index = -1;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), index);
    check<DeviceError>(error == std::errc() && end == number.data() + number.size() && index == 0, "device: '", spelled,
                       "' names no device of this machine; the index, where given, is 0");
    device.index = static_cast<int8_t>(index);
  }
  return device;
}

}  // namespace tenon::inline v0
