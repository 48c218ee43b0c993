// What the records say, for stubs and the generic tests.
#include <nanobind/nanobind.h>

#include <vector>

#include <tenon/core/error.h>
#include <tenon/core/registry.h>

#include "errors.h"
#include "op_function.h"

namespace nb = nanobind;

namespace tenon::python {

namespace {

struct Named {
  uint32_t bit;
  const char* name;
};
constexpr Named kTraitNames[] = {
    {kElementwise, "elementwise"},
    {kReduction, "reduction"},
    {kRandom, "random"},
    {kNotDifferentiable, "not_differentiable"},
    {kDestinationMayAlias, "destination_may_alias"},
    {kListOutput, "list_output"},
    {kCreation, "creation"},
    {kAutocastLow, "autocast_low"},
    {kAutocastHigh, "autocast_high"},
};
constexpr Named kFormNames[] = {{kFunction, "function"}, {kMethod, "method"}, {kInplace, "inplace"}, {kOut, "out"}};
constexpr const char* kKindNames[] = {"input", "optional_input", "input_list", "attribute"};
constexpr const char* kEffectNames[] = {"fresh", "view", "data_dependent", "maybe_view"};
// By AttributeType. A trailing "?" says that None is a value of its own.
constexpr const char* kTypeNames[] = {"bool",    "int",  "float",  "scalar",  "str",   "dtype",
                                      "device",  "dim",  "dims",   "bool?",   "int?",  "float?",
                                      "scalar?", "str?", "dtype?", "device?", "dims?", "generator"};
static_assert(std::size(kTypeNames) == static_cast<size_t>(AttributeType::Generator) + 1);

template <size_t n>
nb::list names_of(const Named (&names)[n], uint32_t bits) {
  nb::list out;
  for (const Named& each : names) {
    if ((bits & each.bit) != 0) out.append(each.name);
  }
  return out;
}

nb::dict describe(const OpInfo& op, const ParameterInfo& p) {
  const bool is_attribute = p.kind == ParameterKind::Attribute;
  nb::dict d;
  d["name"] = p.name;
  d["kind"] = kKindNames[static_cast<int>(p.kind)];
  d["type"] = is_attribute ? kTypeNames[static_cast<int>(p.type)] : "tensor";
  d["required"] = is_attribute ? p.is_required : p.kind != ParameterKind::OptionalInput;
  d["keyword"] = p.is_keyword;
  d["variadic"] = p.is_variadic;
  d["takes_number"] = p.takes_number;
  d["takes_none"] = p.takes_none;
  d["length"] = p.is_broadcast ? static_cast<int>(p.length) : 0;  // one int stands for so many
  const void* value = static_cast<const char*>(op.defaults) + p.offset;
  d["default"] = is_attribute && !p.is_required ? nb::cast(print_attribute(p.type, value).c_str()) : nb::none();
  return d;
}

// Its name, its effect, and the input that it is a view of: its number, or "each" for the one at its place.
nb::tuple describe(const OutputInfo& o) {
  nb::object input = nb::none();
  if (o.effect == Effect::ViewOf || o.effect == Effect::MaybeViewOf)
    input = o.input == kEachInput ? nb::cast("each") : nb::cast(static_cast<int>(o.input));
  return nb::make_tuple(o.name, kEffectNames[static_cast<int>(o.effect)], input);
}

nb::dict describe(const OpInfo& op) {
  nb::dict d;
  d["name"] = op.name;
  d["overload"] = op.overload;
  d["signature"] = print_signature(op).c_str();
  d["doc"] = op.doc;
  nb::list parameters, outputs;
  for (const ParameterInfo& p : op.parameters) parameters.append(describe(op, p));
  for (int i = 0; i < op.output_count; ++i) {
    const OutputInfo& o = op.outputs[i];
    if (!o.hidden) outputs.append(describe(o));
  }
  d["parameters"] = parameters;
  d["outputs"] = outputs;
  d["traits"] = names_of(kTraitNames, op.traits);
  d["forms"] = names_of(kFormNames, op.forms);
  d["differentiable"] = !op.is(kNotDifferentiable) && (op.gradient != nullptr || op.decompose != nullptr);
  d["has_gradient"] = op.gradient != nullptr;
  d["has_decomposition"] = op.decompose != nullptr;
  d["has_kernel"] = op.kernels[static_cast<int>(DeviceKind::CPU)] != nullptr;
  return d;
}

nb::list signatures() {
  nb::list out;
  for (const OpInfo* op : registry().all()) out.append(describe(*op));
  return out;
}

nb::object decompose(const char* name, const char* overload, nb::args args, nb::kwargs kwargs) {
  const OpInfo* op = registry().find(name, overload);
  check<KeyError>(op != nullptr && op->decompose != nullptr, "_decompose: no op '", name, "' with overload '", overload,
                  "' has a decomposition");
  std::vector<PyObject*> all;
  for (nb::handle a : args) all.push_back(a.ptr());
  nb::list names;
  for (auto [key, value] : kwargs) {
    names.append(key);
    all.push_back(value.ptr());
  }
  nb::tuple keywords(names);
  PyObject* result = call_decomposition(*op, all.data(), static_cast<Py_ssize_t>(args.size()), keywords.ptr());
  return nb::steal(checked(result));
}

}  // namespace

void bind_signatures(nb::module_& m) {
  m.def("_signatures", &signatures, "Every op's record: name, overload, parameters, outputs, traits, forms.");
  m.def("_decompose", &decompose, "Calls an op's meaning in simpler ops instead of its kernel.");
}

}  // namespace tenon::python
