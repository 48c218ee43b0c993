// What traces need beyond what programs call: writes through views as new values, and sizes as values.
#pragma once

#include <tenon/ops/creation.h>

namespace tenon::inline v0 {

// ---- what a write through a view leaves ------------------------------------------------------------------

// `input` in which the part that the index names is `source`: what a write through such a view leaves.
struct BasicIndexScatter {
  std::string pattern;
  Dims values;
  static constexpr auto name = "_basic_index_scatter";
  static constexpr auto parameters =
      std::tuple(input("input"), input("source"), attribute("pattern", &BasicIndexScatter::pattern).required(),
                 attribute("values", &BasicIndexScatter::values).required());
  static constexpr uint32_t traits = kDestinationMayAlias;
  static constexpr uint8_t forms = kFunction;
};
void infer(const BasicIndexScatter&, Specs in, Spec* out);

// `input`, row-major, in which the elements that the strides name are those of `source`; no two of them meet.
struct AsStridedScatter {
  Dims stride;
  Dim storage_offset;
  static constexpr auto name = "_as_strided_scatter";
  static constexpr auto parameters =
      std::tuple(input("input"), input("source"), attribute("stride", &AsStridedScatter::stride).required(),
                 attribute("storage_offset", &AsStridedScatter::storage_offset).required());
  static constexpr uint32_t traits = kDestinationMayAlias;
  static constexpr uint8_t forms = kFunction;
};
void infer(const AsStridedScatter&, Specs in, Spec* out);

// ---- sizes as values: what a trace makes of `x / x.shape[0]` and `arange(x.shape[0])` ---------------------

struct SizeNumber {
  Dim size;
  static constexpr auto name = "_size_number";
  static constexpr auto parameters = std::tuple(attribute("size", &SizeNumber::size).required());
  static constexpr uint32_t traits = kCreation | kNotDifferentiable;
  static constexpr uint8_t forms = kFunction;
};
void infer(const SizeNumber&, Specs in, Spec* out);
// For Python, which has sizes that are no ints; C++ has it as `arange` of the op's record.
struct ArangeSize : CreationOptions {
  Dim end;
  static constexpr auto name = "arange";
  static constexpr auto overload = "size";
  static constexpr auto parameters =
      std::tuple(attribute("end", &ArangeSize::end).required(), attribute("dtype", &CreationOptions::dtype).keyword(),
                 attribute("device", &CreationOptions::device).keyword());
  static constexpr uint32_t traits = kCreation | kNotDifferentiable;
  static constexpr uint8_t forms = kFunction | kPythonOnly;
};
void infer(const ArangeSize&, Specs in, Spec* out);

using TracingRecords = Records<BasicIndexScatter, AsStridedScatter, SizeNumber, ArangeSize>;

void register_tracing(Registry& registry);            // records and rules
void register_tracing_gradients(Registry& registry);  // tracing.cpp
void register_tracing_kernels(Registry& registry);    // kernels/cpu/tracing.cpp

}  // namespace tenon::inline v0
