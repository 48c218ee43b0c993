// The op record. An op is a plain struct of attributes plus named rules found by overload:
//
//   struct Softmax {
//     int64_t dim = -1;
//     static constexpr auto name = "softmax";
//     static constexpr auto parameters = std::tuple(input("input"), attribute("dim", &Softmax::dim).required());
//   };
//   void infer(const Softmax&, Specs in, Spec* out);                       shape and dtype
//   void gradient(const Softmax&, Gradients& g);                           registered with autograd's rules
//   Tensor decompose(const Softmax&, const Tensor& input);                 its meaning in simpler ops
//
// Everything else (equality, hash, printing, Python and C++ signatures, stubs) reads the listing.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <tenon/core/context.h>
#include <tenon/core/error.h>
#include <tenon/core/tensor.h>

namespace tenon::inline v0 {

// ---- attributes -------------------------------------------------------------------------------------

enum class AttributeType : uint8_t {
  Bool,
  Int,
  Double,
  Scalar,
  String,
  DType,
  Device,
  Dim,
  Dims,
  OptionalBool,
  OptionalInt,
  OptionalDouble,
  OptionalScalar,
  OptionalString,
  OptionalDType,
  OptionalDevice,
  OptionalDims,
  Generator,
};

template <class T>
struct AttributeTypeOf;
#define TENON_ATTRIBUTE(type, tag)                             \
  template <>                                                  \
  struct AttributeTypeOf<type> {                               \
    static constexpr AttributeType value = AttributeType::tag; \
  };
TENON_ATTRIBUTE(bool, Bool)
TENON_ATTRIBUTE(int64_t, Int)
TENON_ATTRIBUTE(double, Double)
TENON_ATTRIBUTE(tenon::Scalar, Scalar)
TENON_ATTRIBUTE(std::string, String)
TENON_ATTRIBUTE(tenon::DType, DType)
TENON_ATTRIBUTE(tenon::Device, Device)
TENON_ATTRIBUTE(tenon::Dim, Dim)
TENON_ATTRIBUTE(tenon::Dims, Dims)
TENON_ATTRIBUTE(std::optional<bool>, OptionalBool)
TENON_ATTRIBUTE(std::optional<int64_t>, OptionalInt)
TENON_ATTRIBUTE(std::optional<double>, OptionalDouble)
TENON_ATTRIBUTE(std::optional<tenon::Scalar>, OptionalScalar)
TENON_ATTRIBUTE(std::optional<std::string>, OptionalString)
TENON_ATTRIBUTE(std::optional<tenon::DType>, OptionalDType)
TENON_ATTRIBUTE(std::optional<tenon::Device>, OptionalDevice)
TENON_ATTRIBUTE(std::optional<tenon::Dims>, OptionalDims)
TENON_ATTRIBUTE(GeneratorHandle, Generator)
#undef TENON_ATTRIBUTE

enum class ParameterKind : uint8_t { Input, OptionalInput, InputList, Attribute };

// One entry of a signature, in the order of PyTorch's. Inputs and attributes may interleave.
struct ParameterInfo {
  const char* name = "";
  ParameterKind kind = ParameterKind::Input;
  AttributeType type = AttributeType::Bool;
  bool is_required = true;
  bool is_keyword = false;
  bool is_variadic = false;   // view(2, 3) and view((2, 3))
  bool is_broadcast = false;  // an int stands for all: kernel_size=3 means (3, 3); see `length`
  bool takes_number = false;  // an input that may be a Python number
  bool takes_none = false;    // an input list that may hold None
  uint8_t length = 0;         // with is_broadcast: how many
  uint16_t offset = 0;        // of the attribute inside the record
  uint8_t input_index = 0;    // of an input among the call's inputs
};

template <class Member = void>
struct Parameter : ParameterInfo {
  Member member{};
  constexpr Parameter required() const {
    auto p = *this;
    p.is_required = true;
    return p;
  }
  constexpr Parameter keyword() const {
    auto p = *this;
    p.is_keyword = true;
    return p;
  }
  constexpr Parameter variadic() const {
    auto p = *this;
    p.is_variadic = true;
    p.is_required = true;
    return p;
  }
  constexpr Parameter broadcast(int n) const {
    auto p = *this;
    p.is_broadcast = true;
    p.length = static_cast<uint8_t>(n);
    return p;
  }
};
template <>
struct Parameter<void> : ParameterInfo {
  constexpr Parameter optional() const {
    auto p = *this;
    p.kind = ParameterKind::OptionalInput;
    p.is_required = false;
    return p;
  }
  constexpr Parameter number() const {
    auto p = *this;
    p.takes_number = true;
    return p;
  }
  constexpr Parameter keyword() const {
    auto p = *this;
    p.is_keyword = true;
    return p;
  }
  constexpr Parameter with_none() const {
    auto p = *this;
    p.takes_none = true;
    return p;
  }
};

constexpr Parameter<> input(const char* name) {
  Parameter<> p;
  p.name = name;
  return p;
}
// An input that may be a Python number, which promotes by its kind only.
constexpr Parameter<> operand(const char* name) { return input(name).number(); }
constexpr Parameter<> input_list(const char* name) {
  Parameter<> p;
  p.name = name;
  p.kind = ParameterKind::InputList;
  return p;
}
// Defaults to what the member is initialised with, unless `.required()`.
template <class R, class T>
constexpr Parameter<T R::*> attribute(const char* name, T R::*member) {
  Parameter<T R::*> p;
  p.name = name;
  p.kind = ParameterKind::Attribute;
  p.type = AttributeTypeOf<T>::value;
  p.is_required = false;
  p.member = member;
  return p;
}

// ---- outputs and effects ------------------------------------------------------------------------------

enum class Effect : uint8_t {
  Fresh,          // new memory
  ViewOf,         // shares the storage of input `input`
  DataDependent,  // size known only after the kernel ran
  MaybeViewOf,    // shares the storage of input `input`, or has new memory: layouts or attributes decide
};
// As `OutputInfo::input`: each tensor of the list is a view of the input at its place.
inline constexpr uint8_t kEachInput = 255;

struct OutputInfo {
  const char* name = "";  // named outputs come back as a named tuple
  Effect effect = Effect::Fresh;
  uint8_t input = 0;
  bool hidden = false;  // for the gradient only; not returned
};
constexpr OutputInfo fresh(const char* name = "") { return {name}; }
constexpr OutputInfo view_of(int input) { return {"", Effect::ViewOf, static_cast<uint8_t>(input)}; }
constexpr OutputInfo maybe_view_of(int input) { return {"", Effect::MaybeViewOf, static_cast<uint8_t>(input)}; }
// Of an op with kListOutput: every tensor of the list is a view of the input.
constexpr OutputInfo views_of(int input) { return view_of(input); }
constexpr OutputInfo data_dependent(const char* name = "") { return {name, Effect::DataDependent}; }
constexpr OutputInfo hidden(const char* name) { return {name, Effect::Fresh, 0, true}; }
inline constexpr int kMaxOutputs = 6;

enum Trait : uint32_t {
  kElementwise = 1,  // every output element depends on the broadcast elements at its place
  kReduction = 2,
  kRandom = 4,                // reads a generator
  kNotDifferentiable = 8,     // integer, boolean or index results: backward stops here
  kDestinationMayAlias = 16,  // the kernel may write over its own input (in-place without a copy)
  kListOutput = 32,           // returns a list of tensors
  kCreation = 64,             // no tensor input: dtype and device come from attributes
  kAutocastLow = 128,         // fast and safe in low precision
  kAutocastHigh = 256,        // wants float32
};

// Which spellings exist. `x.add_(y)` and `add(x, y, out=z)` are derived.
// kPythonOnly: C++ has no function of it, since its conversions could not tell it from another overload.
enum Form : uint8_t { kFunction = 1, kMethod = 2, kInplace = 4, kOut = 8, kPythonOnly = 16 };

// ---- rules -----------------------------------------------------------------------------------------------

// The inputs of a call as Tensors, absent ones undefined. Borrowed: valid during the call.
class Inputs {
 public:
  Inputs(TensorImpl* const* data, int count) : data_(data), count_(count) {}
  int size() const { return count_; }
  bool has(int i) const { return i < count_ && data_[i] != nullptr; }
  // A Tensor is one pointer, so a borrowed pointer can be looked at as one.
  const Tensor& operator[](int i) const { return reinterpret_cast<const Tensor&>(data_[i]); }
  TensorImpl* const* data() const { return data_; }

 private:
  TensorImpl* const* data_;
  int count_;
};

class Specs {
 public:
  Specs(const Spec* const* data, int count) : data_(data), count_(count) {}
  int size() const { return count_; }
  bool has(int i) const { return i < count_ && data_[i] != nullptr; }
  const Spec& operator[](int i) const { return *data_[i]; }

 private:
  const Spec* const* data_;
  int count_;
};

// Where a view looks: strides and offset in elements of the shared storage. All may be symbolic.
struct Layout {
  Shape shape;
  Strides strides;
  Dim offset;
};

class Gradients;  // tenon/core/gradients.h

// What a gradient needs, as bits: input i is bit i (15 also stands for all after it), output i is bit 16 + i.
using Saves = uint32_t;
constexpr Saves save_input(int i) { return 1u << i; }
constexpr Saves save_output(int i = 0) { return 1u << (16 + i); }
inline constexpr Saves kSaveAllInputs = 0xffff;
// Input i is for the gradients of the other inputs only (a product): not saved when it alone wants one.
inline constexpr Saves kSaveForOthers = 1u << 31;

using InferRule = void (*)(const void* record, Specs in, Spec* out);
using AliasRule = void (*)(const void* record, const Layout& in, Layout& out);
using DecomposeRule = void (*)(const void* record, Inputs in, Tensor* outputs, std::vector<Tensor>* list);
using GradientRule = void (*)(const void* record, Gradients& g);
// Batching and forward derivatives have their slots from the first day; their signatures belong to the
// floors that call them.
using BatchRule = void (*)(const void* record, void* batching);
using ForwardRule = void (*)(const void* record, void* tangents);

struct OpInfo {
  const char* name = "";      // "max"
  const char* overload = "";  // "dim"; distinguishes ops of one name
  const char* doc = "";
  uint32_t id = 0;
  uint32_t traits = 0;
  uint8_t forms = kFunction | kMethod;
  uint8_t output_count = 1;
  uint8_t visible_outputs = 1;
  uint32_t writes = 0;  // bit i: input i is written (running statistics, optimiser state)
  std::array<OutputInfo, kMaxOutputs> outputs{};
  std::vector<ParameterInfo> parameters;
  int input_count = 0;  // fixed inputs; those of a list come after them
  bool has_list = false;

  size_t record_size = 0, record_align = 1;
  bool trivial_record = false;
  const void* defaults = nullptr;  // a record as its struct initialises it
  void (*copy)(void* to, const void* from) = nullptr;
  void (*destroy)(void* record) = nullptr;

  InferRule infer = nullptr;
  AliasRule alias = nullptr;
  DecomposeRule decompose = nullptr;
  GradientRule gradient = nullptr;
  Saves saves = 0;
  ForwardRule forward = nullptr;
  BatchRule batch = nullptr;
  Kernel kernels[kDeviceKinds] = {};

  bool is(uint32_t trait) const { return (traits & trait) != 0; }
  std::string full_name() const { return *overload ? text(name, ".", overload) : std::string(name); }
};

// Derived from the listing, for every op alike.
TENON_API bool equal_records(const OpInfo& op, const void* a, const void* b);
TENON_API size_t hash_record(const OpInfo& op, const void* record);
TENON_API std::string print_record(const OpInfo& op, const void* record);  // "dim=1, keepdim=True"
TENON_API std::string print_attribute(AttributeType type, const void* value);
// "add(input, other, *, alpha=1)": for error texts and docs.
TENON_API std::string print_signature(const OpInfo& op);

// ---- from a record to its OpInfo ---------------------------------------------------------------------------

namespace detail {

template <class R>
concept HasInfer = requires(const R& r, Specs in, Spec* out) {
  infer(r, in, out);
};
template <class R>
concept HasAlias = requires(const R& r, const Layout& in, Layout& out) {
  alias(r, in, out);
};
template <class R>
concept HasOutputs = requires {
  R::outputs;
};
template <class R>
concept HasTraits = requires {
  R::traits;
};
template <class R>
concept HasForms = requires {
  R::forms;
};
template <class R>
concept HasOverload = requires {
  R::overload;
};
template <class R>
concept HasWrites = requires {
  R::writes;
};
template <class R>
concept HasDoc = requires {
  R::doc;
};

template <class Result>
void store_outputs(Result&& result, Tensor* outputs, std::vector<Tensor>* list) {
  using T = std::decay_t<Result>;
  if constexpr (std::is_same_v<T, Tensor>) {
    outputs[0] = std::forward<Result>(result);
  } else if constexpr (std::is_same_v<T, std::vector<Tensor>>) {
    *list = std::forward<Result>(result);
  } else {
    std::apply(
        [&](auto&&... each) {
          int i = 0;
          ((outputs[i++] = std::move(each)), ...);
        },
        std::forward<Result>(result));
  }
}

template <class R, size_t... I>
auto call_decompose(const R& r, Inputs in, std::index_sequence<I...>) {
  if constexpr (requires { decompose(r, in); }) {
    return decompose(r, in);
  } else {
    return decompose(r, in[static_cast<int>(I)]...);
  }
}

template <class R>
constexpr int fixed_inputs() {
  return std::apply(
      [](const auto&... p) {
        return ((p.kind == ParameterKind::Input || p.kind == ParameterKind::OptionalInput ? 1 : 0) + ... + 0);
      },
      R::parameters);
}

template <class R>
constexpr int output_count() {
  if constexpr (HasOutputs<R>)
    return static_cast<int>(R::outputs.size());
  else
    return 1;
}

template <class P, class R>
ParameterInfo describe_parameter(const P& p, const R& probe, int& inputs) {
  ParameterInfo out = p;
  if constexpr (requires { p.member; }) {
    out.offset = static_cast<uint16_t>(reinterpret_cast<const char*>(&(probe.*(p.member))) -
                                       reinterpret_cast<const char*>(&probe));
  } else if (p.kind != ParameterKind::InputList) {
    out.input_index = static_cast<uint8_t>(inputs++);
  }
  return out;
}

}  // namespace detail

// The description of a record, without its registered parts (decomposition, gradient, kernels). The
// generator of C++ functions asks for the listing alone, which needs no rule to be linked.
template <class R, bool with_rules = true>
OpInfo describe() {
  static const R defaults{};
  OpInfo op;
  op.name = R::name;
  if constexpr (detail::HasOverload<R>) op.overload = R::overload;
  if constexpr (detail::HasDoc<R>) op.doc = R::doc;
  if constexpr (detail::HasTraits<R>) op.traits = R::traits;
  if constexpr (detail::HasForms<R>) op.forms = R::forms;
  if constexpr (detail::HasWrites<R>) op.writes = R::writes;
  if constexpr (detail::HasOutputs<R>) {
    op.output_count = static_cast<uint8_t>(R::outputs.size());
    op.visible_outputs = 0;
    for (size_t i = 0; i < R::outputs.size(); ++i) {
      op.outputs[i] = R::outputs[i];
      op.visible_outputs += R::outputs[i].hidden ? 0 : 1;
    }
  }
  int inputs = 0;
  std::apply([&](const auto&... p) { (op.parameters.push_back(detail::describe_parameter(p, defaults, inputs)), ...); },
             R::parameters);
  op.input_count = inputs;
  for (const ParameterInfo& p : op.parameters) op.has_list |= p.kind == ParameterKind::InputList;
  op.record_size = sizeof(R);
  op.record_align = alignof(R);
  op.trivial_record = std::is_trivially_copyable_v<R>;
  op.defaults = &defaults;
  op.copy = [](void* to, const void* from) { new (to) R(*static_cast<const R*>(from)); };
  op.destroy = [](void* record) { static_cast<R*>(record)->~R(); };
  if constexpr (with_rules && detail::HasInfer<R>) {
    op.infer = [](const void* record, Specs in, Spec* out) { infer(*static_cast<const R*>(record), in, out); };
  }
  if constexpr (with_rules && detail::HasAlias<R>) {
    op.alias = [](const void* record, const Layout& in, Layout& out) {
      alias(*static_cast<const R*>(record), in, out);
    };
  }
  return op;
}

// Views of a call's operands for a typed kernel.
struct Views {
  View* data;
  int count;
  int size() const { return count; }
  View& operator[](int i) const { return data[i]; }
};
struct ConstViews {
  const View* data;
  int count;
  int size() const { return count; }
  bool has(int i) const { return i < count && data[i].present; }
  const View& operator[](int i) const { return data[i]; }
};

// Wraps `void kernel(const R&, ConstViews in, Views out, Context&)`.
template <class R, void (*kernel)(const R&, ConstViews, Views, Context&)>
constexpr Kernel typed_kernel() {
  return [](const void* record, const View* in, int n, View* out, int m, Context& context) {
    kernel(*static_cast<const R*>(record), ConstViews{in, n}, Views{out, m}, context);
  };
}

}  // namespace tenon::inline v0
