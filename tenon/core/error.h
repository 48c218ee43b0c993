// One type per kind of error. A user's mistake is an Error; a broken invariant of ours an InternalError.
// Texts read "op: what is wrong: argument is (shape) dtype, ...; how to mend it".
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include <tenon/core/device.h>
#include <tenon/core/dim.h>
#include <tenon/core/dtype.h>

namespace tenon::inline v0 {

struct TENON_API Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};
// In Python each is also the exception that users of PyTorch catch: the names in brackets.
struct TENON_API ShapeError : Error {
  using Error::Error;
};  // [RuntimeError, ValueError]
struct TENON_API DTypeError : Error {
  using Error::Error;
};  // [RuntimeError, TypeError]
struct TENON_API TypeError : Error {
  using Error::Error;
};  // [TypeError]
struct TENON_API IndexError : Error {
  using Error::Error;
};  // [IndexError, RuntimeError]
struct TENON_API ValueError : Error {
  using Error::Error;
};  // [ValueError, RuntimeError]
struct TENON_API DeviceError : Error {
  using Error::Error;
};  // [RuntimeError, ValueError]
struct TENON_API AutogradError : Error {
  using Error::Error;
};  // [RuntimeError]
struct TENON_API FileError : Error {
  using Error::Error;
};  // [OSError, RuntimeError, ValueError]
struct TENON_API KeyError : Error {
  using Error::Error;
};  // [KeyError, RuntimeError]
struct TENON_API MemoryError : Error {
  using Error::Error;
};  // [MemoryError, RuntimeError]
struct TENON_API InternalError : std::logic_error {
  using std::logic_error::logic_error;
};

// What an error text is made of. `text(a, b, c)` joins the pieces.
TENON_API std::string to_text(double value);
TENON_API std::string to_text(const Dims& dims);  // "(2, 3)", "(4,)"
inline std::string to_text(std::string_view s) { return std::string(s); }
inline std::string to_text(const std::string& s) { return s; }
inline std::string to_text(const char* s) { return s; }
inline std::string to_text(char c) { return std::string(1, c); }
inline std::string to_text(bool b) { return b ? "True" : "False"; }
inline std::string to_text(int v) { return std::to_string(v); }
inline std::string to_text(unsigned v) { return std::to_string(v); }
inline std::string to_text(long v) { return std::to_string(v); }
inline std::string to_text(unsigned long v) { return std::to_string(v); }
inline std::string to_text(long long v) { return std::to_string(v); }
inline std::string to_text(unsigned long long v) { return std::to_string(v); }
inline std::string to_text(Dim d) { return d.str(); }
inline std::string to_text(DType d) { return name_of(d); }
inline std::string to_text(Device d) { return d.str(); }

template <class... Parts>
std::string text(const Parts&... parts) {
  std::string out;
  ((out += to_text(parts)), ...);
  return out;
}

template <class E, class... Parts>
[[noreturn, gnu::cold, gnu::noinline]] void fail(const Parts&... parts) {
#if defined(__cpp_exceptions)
  throw E(text(parts...));
#else
  // The small runtime has no exceptions: only a broken invariant gets here, and it ends the program.
  (void)sizeof...(parts);
  __builtin_trap();
#endif
}

// check<ShapeError>(a == b, "op: ...", ...): the pieces are only joined when the check fails.
template <class E, class... Parts>
inline void check(bool ok, const Parts&... parts) {
  if (!ok) [[unlikely]]
    fail<E>(parts...);
}

#define TENON_ASSERT(condition)                                                                              \
  do {                                                                                                       \
    if (!(condition)) [[unlikely]]                                                                           \
      ::tenon::fail<::tenon::InternalError>("internal error: ", #condition, " at ", __FILE__, ":", __LINE__, \
                                            "; please report this");                                         \
  } while (0)

}  // namespace tenon::inline v0
