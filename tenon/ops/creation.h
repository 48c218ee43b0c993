// Tensors made of attributes: constants, ranges, identity; and the triangles of a matrix.
#pragma once

#include <tenon/core/registry.h>

namespace tenon::inline v0 {

// ---- of a given size ---------------------------------------------------------------------------------

// What the creation ops share: their dtype and device, by default the default float on the CPU.
struct CreationOptions {
  std::optional<DType> dtype;
  std::optional<Device> device;
};
struct SizedCreation : CreationOptions {
  Dims size;
  static constexpr auto parameters = std::tuple(attribute("size", &SizedCreation::size).variadic(),
                                                attribute("dtype", &CreationOptions::dtype).keyword(),
                                                attribute("device", &CreationOptions::device).keyword());
  static constexpr uint32_t traits = kCreation | kNotDifferentiable;
  static constexpr uint8_t forms = kFunction | kOut;
};
void infer(const SizedCreation&, Specs in, Spec* out);
struct Empty : SizedCreation {
  static constexpr auto name = "empty";
};
struct Zeros : SizedCreation {
  static constexpr auto name = "zeros";
};
struct Ones : SizedCreation {
  static constexpr auto name = "ones";
};

struct Full : CreationOptions {
  Dims size;
  Scalar fill_value;
  static constexpr auto name = "full";
  static constexpr auto parameters = std::tuple(
      attribute("size", &Full::size).required(), attribute("fill_value", &Full::fill_value).required(),
      attribute("dtype", &CreationOptions::dtype).keyword(), attribute("device", &CreationOptions::device).keyword());
  static constexpr uint32_t traits = kCreation | kNotDifferentiable;
  static constexpr uint8_t forms = kFunction | kOut;
};
void infer(const Full&, Specs in, Spec* out);

// ---- as another tensor: its size, and by default its dtype and device ----------------------------------

struct LikeCreation : CreationOptions {
  std::optional<std::string> memory_format;
  static constexpr auto parameters = std::tuple(input("input"), attribute("dtype", &CreationOptions::dtype).keyword(),
                                                attribute("device", &CreationOptions::device).keyword(),
                                                attribute("memory_format", &LikeCreation::memory_format).keyword());
  static constexpr uint32_t traits = kCreation | kNotDifferentiable;
  static constexpr uint8_t forms = kFunction;
};
void infer(const LikeCreation&, Specs in, Spec* out);
struct EmptyLike : LikeCreation {
  static constexpr auto name = "empty_like";
};
struct ZerosLike : LikeCreation {
  static constexpr auto name = "zeros_like";
};
struct OnesLike : LikeCreation {
  static constexpr auto name = "ones_like";
};
struct FullLike : CreationOptions {
  Scalar fill_value;
  std::optional<std::string> memory_format;
  static constexpr auto name = "full_like";
  static constexpr auto parameters = std::tuple(
      input("input"), attribute("fill_value", &FullLike::fill_value).required(),
      attribute("dtype", &CreationOptions::dtype).keyword(), attribute("device", &CreationOptions::device).keyword(),
      attribute("memory_format", &FullLike::memory_format).keyword());
  static constexpr uint32_t traits = kCreation | kNotDifferentiable;
  static constexpr uint8_t forms = kFunction;
};
void infer(const FullLike&, Specs in, Spec* out);

// `x.new_zeros(2, 3)`
struct NewCreation : CreationOptions {
  Dims size;
  static constexpr auto parameters = std::tuple(input("input"), attribute("size", &NewCreation::size).variadic(),
                                                attribute("dtype", &CreationOptions::dtype).keyword(),
                                                attribute("device", &CreationOptions::device).keyword());
  static constexpr uint32_t traits = kCreation | kNotDifferentiable;
  static constexpr uint8_t forms = kMethod;
};
void infer(const NewCreation&, Specs in, Spec* out);
struct NewEmpty : NewCreation {
  static constexpr auto name = "new_empty";
};
struct NewZeros : NewCreation {
  static constexpr auto name = "new_zeros";
};
struct NewOnes : NewCreation {
  static constexpr auto name = "new_ones";
};
struct NewFull : CreationOptions {
  Dims size;
  Scalar fill_value;
  static constexpr auto name = "new_full";
  static constexpr auto parameters = std::tuple(input("input"), attribute("size", &NewFull::size).required(),
                                                attribute("fill_value", &NewFull::fill_value).required(),
                                                attribute("dtype", &CreationOptions::dtype).keyword(),
                                                attribute("device", &CreationOptions::device).keyword());
  static constexpr uint32_t traits = kCreation | kNotDifferentiable;
  static constexpr uint8_t forms = kMethod;
};
void infer(const NewFull&, Specs in, Spec* out);

// ---- ranges ------------------------------------------------------------------------------------------------

struct Arange : CreationOptions {
  Scalar end;
  static constexpr auto name = "arange";
  static constexpr auto parameters =
      std::tuple(attribute("end", &Arange::end).required(), attribute("dtype", &CreationOptions::dtype).keyword(),
                 attribute("device", &CreationOptions::device).keyword());
  static constexpr uint32_t traits = kCreation | kNotDifferentiable;
  static constexpr uint8_t forms = kFunction | kOut;
};
void infer(const Arange&, Specs in, Spec* out);
struct ArangeStart : CreationOptions {
  Scalar start, end, step = 1;
  static constexpr auto name = "arange";
  static constexpr auto overload = "start";
  static constexpr auto parameters =
      std::tuple(attribute("start", &ArangeStart::start).required(), attribute("end", &ArangeStart::end).required(),
                 attribute("step", &ArangeStart::step), attribute("dtype", &CreationOptions::dtype).keyword(),
                 attribute("device", &CreationOptions::device).keyword());
  static constexpr uint32_t traits = kCreation | kNotDifferentiable;
  static constexpr uint8_t forms = kFunction | kOut;
};
void infer(const ArangeStart&, Specs in, Spec* out);
struct Linspace : CreationOptions {
  Scalar start, end;
  int64_t steps = 100;
  static constexpr auto name = "linspace";
  static constexpr auto parameters =
      std::tuple(attribute("start", &Linspace::start).required(), attribute("end", &Linspace::end).required(),
                 attribute("steps", &Linspace::steps).required(), attribute("dtype", &CreationOptions::dtype).keyword(),
                 attribute("device", &CreationOptions::device).keyword());
  static constexpr uint32_t traits = kCreation | kNotDifferentiable;
  static constexpr uint8_t forms = kFunction | kOut;
};
void infer(const Linspace&, Specs in, Spec* out);
struct Logspace : CreationOptions {
  Scalar start, end;
  int64_t steps = 100;
  double base = 10;
  static constexpr auto name = "logspace";
  static constexpr auto parameters = std::tuple(
      attribute("start", &Logspace::start).required(), attribute("end", &Logspace::end).required(),
      attribute("steps", &Logspace::steps).required(), attribute("base", &Logspace::base),
      attribute("dtype", &CreationOptions::dtype).keyword(), attribute("device", &CreationOptions::device).keyword());
  static constexpr uint32_t traits = kCreation | kNotDifferentiable;
  static constexpr uint8_t forms = kFunction | kOut;
};
void infer(const Logspace&, Specs in, Spec* out);
struct Eye : CreationOptions {
  Dim n;
  std::optional<int64_t> m;
  static constexpr auto name = "eye";
  static constexpr auto parameters = std::tuple(attribute("n", &Eye::n).required(), attribute("m", &Eye::m),
                                                attribute("dtype", &CreationOptions::dtype).keyword(),
                                                attribute("device", &CreationOptions::device).keyword());
  static constexpr uint32_t traits = kCreation | kNotDifferentiable;
  static constexpr uint8_t forms = kFunction | kOut;
};
void infer(const Eye&, Specs in, Spec* out);

using CreationRecords = Records<Empty, Zeros, Ones, Full, EmptyLike, ZerosLike, OnesLike, FullLike, NewEmpty, NewZeros,
                                NewOnes, NewFull, Arange, ArangeStart, Linspace, Logspace, Eye>;

}  // namespace tenon::inline v0
