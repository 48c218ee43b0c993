// Writes the C++ functions and methods of the ops from their records:
//   generate_functions OUTPUT_FOLDER      -> functions.h, tensor_methods.inc, generated/<family>.cpp
// The output is checked in; CI checks that it is fresh (`make generate`).
#include <cctype>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>

#include <tenon/ops/records.h>

using namespace tenon;

namespace {

const std::set<std::string> kKeywords = {"float", "double", "int", "bool",    "long", "short",  "char", "and",
                                         "or",    "not",    "xor", "default", "new",  "delete", "half"};
// Members that tensor.h writes itself.
const std::set<std::string> kOwnMembers = {"alias", "size", "dim",   "empty",    "detach",  "scalar", "data", "item",
                                           "str",   "grad", "numel", "backward", "strides", "spec",   "of",   "borrow"};

struct Emitted {
  OpInfo op;
  std::string record;  // C++ type
  std::string family;
};

template <class R>
std::string type_name() {
  const std::string pretty = __PRETTY_FUNCTION__;  // "... [with R = tenon::v0::Add; ...]"
  size_t start = pretty.find("R = ") + 4;
  std::string name = pretty.substr(start, pretty.find_first_of(";]", start) - start);
  return name.substr(name.rfind("::") == std::string::npos ? 0 : name.rfind("::") + 2);
}

std::string cpp_type(const ParameterInfo& p) {
  switch (p.kind) {
    case ParameterKind::Input:
    case ParameterKind::OptionalInput:
      return "const Tensor&";
    case ParameterKind::InputList:
      return "const std::vector<Tensor>&";
    case ParameterKind::Attribute:
      break;
  }
  switch (p.type) {
    case AttributeType::Bool:
      return "bool";
    case AttributeType::Int:
      return "int64_t";
    case AttributeType::Double:
      return "double";
    case AttributeType::Scalar:
      return "Scalar";
    case AttributeType::String:
      return "const std::string&";
    case AttributeType::DType:
      return "DType";
    case AttributeType::Device:
      return "Device";
    case AttributeType::Dim:
      return "Dim";
    case AttributeType::Dims:
      return "const DimsArg&";
    case AttributeType::OptionalBool:
      return "std::optional<bool>";
    case AttributeType::OptionalInt:
      return "std::optional<int64_t>";
    case AttributeType::OptionalDouble:
      return "std::optional<double>";
    case AttributeType::OptionalScalar:
      return "std::optional<Scalar>";
    case AttributeType::OptionalString:
      return "const std::optional<std::string>&";
    case AttributeType::OptionalDType:
      return "std::optional<DType>";
    case AttributeType::OptionalDevice:
      return "std::optional<Device>";
    case AttributeType::OptionalDims:
      return "const std::optional<DimsArg>&";
    case AttributeType::Generator:
      return "const GeneratorHandle&";
  }
  return "";
}

std::string cpp_default(const OpInfo& op, const ParameterInfo& p) {
  if (p.kind == ParameterKind::OptionalInput) return "{}";
  const void* value = static_cast<const char*>(op.defaults) + p.offset;
  const std::string printed = print_attribute(p.type, value);
  if (printed == "None") return "{}";
  switch (p.type) {
    case AttributeType::Bool:
    case AttributeType::OptionalBool:
      return printed == "True" ? "true" : "false";
    case AttributeType::String:
    case AttributeType::OptionalString:
      return "\"" + printed.substr(1, printed.size() - 2) + "\"";
    case AttributeType::DType: {
      for (int i = 0; i < kDTypeCount; ++i) {
        if (printed == kDTypes[i].name) return "static_cast<DType>(" + std::to_string(i) + ")";
      }
      return "{}";
    }
    case AttributeType::Dims:
    case AttributeType::OptionalDims: {
      const Dims& dims = *static_cast<const Dims*>(value);
      std::string out = "DimsArg{";
      for (size_t i = 0; i < dims.size(); ++i) out += (i ? ", " : "") + dims[i].str();
      return dims.empty() ? "{}" : out + "}";
    }
    case AttributeType::Scalar:
    case AttributeType::OptionalScalar:
      if (printed == "True" || printed == "False") return printed == "True" ? "true" : "false";
      [[fallthrough]];
    default:
      break;
  }
  if (printed == "inf") return "__builtin_inf()";
  if (printed == "-inf") return "-__builtin_inf()";
  if (printed == "nan") return "__builtin_nan(\"\")";
  return printed;
}

bool has_default(const ParameterInfo& p) {
  return p.kind == ParameterKind::OptionalInput || (p.kind == ParameterKind::Attribute && !p.is_required);
}

// "const Tensor& input, Scalar alpha = 1"; `skip_self` leaves out the first input.
std::string parameter_list(const OpInfo& op, bool defaults, bool skip_self) {
  size_t last_required = 0;
  for (size_t i = 0; i < op.parameters.size(); ++i) {
    if (!has_default(op.parameters[i])) last_required = i;
  }
  std::string out;
  bool skipped = !skip_self;
  for (size_t i = 0; i < op.parameters.size(); ++i) {
    const ParameterInfo& p = op.parameters[i];
    if (!skipped && p.kind == ParameterKind::Input) {
      skipped = true;
      continue;
    }
    if (!out.empty()) out += ", ";
    out += cpp_type(p) + " " + p.name;
    if (defaults && has_default(p) && i > last_required) out += " = " + cpp_default(op, p);
  }
  return out;
}

std::string return_type(const OpInfo& op) {
  if (op.is(kListOutput)) return "std::vector<Tensor>";
  if (op.visible_outputs == 1) return "Tensor";
  std::string out = "std::tuple<Tensor";
  for (int i = 1; i < op.visible_outputs; ++i) out += ", Tensor";
  return out + ">";
}

const ParameterInfo* self_parameter(const OpInfo& op) {
  for (const ParameterInfo& p : op.parameters) {
    if (p.kind == ParameterKind::Input) return &p;
  }
  return nullptr;
}

// The statements that fill a record and list the inputs.
std::string fill_record(const Emitted& e) {
  std::string out;
  bool declared = false;
  for (const ParameterInfo& p : e.op.parameters) {
    if (p.kind != ParameterKind::Attribute) continue;
    if (!declared) out += "  " + e.record + " r;\n";
    declared = true;
    std::string value = p.name;
    if (p.is_broadcast && p.type == AttributeType::Dims) value += ".broadcast(" + std::to_string(p.length) + ")";
    if (p.is_broadcast && p.type == AttributeType::OptionalDims) {
      out += std::string("  if (") + p.name + ") r." + p.name + " = " + p.name + "->broadcast(" +
             std::to_string(p.length) + ");\n";
      continue;
    }
    out += std::string("  r.") + p.name + " = " + value + ";\n";
  }
  return out;
}
std::string record_value(const Emitted& e) {
  for (const ParameterInfo& p : e.op.parameters) {
    if (p.kind == ParameterKind::Attribute) return "r";
  }
  return e.record + "{}";
}

std::string input_arguments(const OpInfo& op, const std::string& self_name) {
  std::string out;
  bool first = true;
  for (const ParameterInfo& p : op.parameters) {
    if (p.kind == ParameterKind::Attribute || p.kind == ParameterKind::InputList) continue;
    out += ", " + (first && p.kind == ParameterKind::Input ? self_name : std::string(p.name));
    if (p.kind == ParameterKind::Input) first = false;
  }
  return out;
}
std::string list_name(const OpInfo& op) {
  for (const ParameterInfo& p : op.parameters) {
    if (p.kind == ParameterKind::InputList) return p.name;
  }
  return "";
}

std::string function_body(const Emitted& e, const std::string& self_name) {
  const OpInfo& op = e.op;
  const std::string inputs = input_arguments(op, self_name);
  std::string out = fill_record(e);
  if (op.has_list) {
    std::string all = list_name(op);
    if (op.input_count > 0) {
      out += "  std::vector<Tensor> all{" + inputs.substr(2) + "};\n  all.insert(all.end(), " + all + ".begin(), " +
             all + ".end());\n";
      all = "all";
    }
    return out + (op.is(kListOutput) ? "  return apply_list_to_list(" : "  return apply_list(") + record_value(e) +
           ", " + all + ");\n";
  }
  if (op.is(kListOutput)) return out + "  return apply_to_list(" + record_value(e) + inputs + ");\n";
  if (op.visible_outputs == 1) return out + "  return apply(" + record_value(e) + inputs + ");\n";
  out += "  auto results = apply_all(" + record_value(e) + inputs + ");\n  return {";
  for (int i = 0; i < op.visible_outputs; ++i)
    out += std::string(i ? ", " : "") + "std::move(results[" + std::to_string(i) + "])";
  return out + "};\n";
}

// The types alone: two overloads that C++ cannot tell apart share one function.
std::string type_list(const OpInfo& op, bool skip_self) {
  std::string out = op.name;
  for (const ParameterInfo& p : op.parameters) {
    if (skip_self && p.kind == ParameterKind::Input && p.input_index == 0) continue;
    out += "," + cpp_type(p);
  }
  return out;
}

// `add_out(z, x, y)`, for ops with one result.
bool has_out_function(const OpInfo& op) {
  return (op.forms & kOut) != 0 && op.output_count == 1 && !op.is(kListOutput) && !(op.has_list && op.input_count > 0);
}

void write_if_changed(const std::string& path, const std::string& content) {
  std::ifstream in(path);
  std::stringstream old;
  old << in.rdbuf();
  if (in && old.str() == content) return;
  std::ofstream(path) << content;
  std::cout << "wrote " << path << "\n";
}

const char* kBanner =
    "// Generated from the op records by tools/generate_functions.cpp (`make generate`); do not edit.\n"
    "// clang-format off\n";

}  // namespace

int main(int argc, char** argv) {
  const std::string folder = argc > 1 ? argv[1] : "tenon/ops";
  std::vector<Emitted> all;
  std::vector<std::string> families;
  for_each_family([&](const char* family, auto records) {
    families.push_back(family);
    decltype(records)::for_each([&]<class R>() { all.push_back({describe<R, false>(), type_name<R>(), family}); });
  });
  std::string header = std::string(kBanner) +
                       "#pragma once\n\n#include <tuple>\n#include <vector>\n\n#include "
                       "<tenon/core/tensor.h>\n\nnamespace tenon::inline v0 {\n\n";
  std::string methods = kBanner;
  std::set<std::string> functions, method_signatures;
  for (const std::string& family : families) {
    std::string source = std::string(kBanner) + "#include <tenon/core/door.h>\n#include <tenon/ops/" + family +
                         ".h>\n#include <tenon/ops/functions.h>\n\nnamespace tenon::inline v0 {\n\n";
    header += "// " + family + "\n";
    for (const Emitted& e : all) {
      const OpInfo& op = e.op;
      if (e.family != family || kKeywords.count(op.name) || (op.forms & kPythonOnly)) continue;
      const std::string name = op.name, type = return_type(op);
      const ParameterInfo* self = self_parameter(op);
      if (functions.insert(type_list(op, false)).second) {
        header += "TENON_API " + type + " " + name + "(" + parameter_list(op, true, false) + ");\n";
        source += type + " " + name + "(" + parameter_list(op, false, false) + ") {\n" +
                  function_body(e, self ? self->name : "") + "}\n";
        if (has_out_function(op)) {
          const std::string rest = parameter_list(op, true, false), comma = rest.empty() ? "" : ", ";
          header += "TENON_API const Tensor& " + name + "_out(const Tensor& out" + comma + rest + ");\n";
          source +=
              "const Tensor& " + name + "_out(const Tensor& out" + comma + parameter_list(op, false, false) + ") {\n" +
              fill_record(e) + "  return " +
              (op.has_list ? "apply_list_out(" + record_value(e) + ", out, " + list_name(op)
                           : "apply_out(" + record_value(e) + ", out" + input_arguments(op, self ? self->name : "")) +
              ");\n}\n";
        }
      }
      if (self == nullptr || !method_signatures.insert(type_list(op, true)).second) continue;
      if ((op.forms & kMethod) && !kOwnMembers.count(name)) {
        methods += type + " " + name + "(" + parameter_list(op, true, true) + ") const;\n";
        source += type + " Tensor::" + name + "(" + parameter_list(op, false, true) + ") const {\n" +
                  function_body(e, "*this") + "}\n";
      }
      if (op.forms & kInplace) {
        methods += "const Tensor& " + name + "_(" + parameter_list(op, true, true) + ") const;\n";
        source +=
            "const Tensor& Tensor::" + name + "_(" + parameter_list(op, false, true) + ") const {\n" + fill_record(e);
        const std::string call = op.has_list ? "apply_list_inplace(" + record_value(e) + ", " + list_name(op)
                                             : "apply_inplace(" + record_value(e);
        source += "  return " + call + input_arguments(op, "*this") + ");\n}\n";
      }
    }
    header += "\n";
    write_if_changed(folder + "/generated/" + family + ".cpp", source + "\n}  // namespace tenon::inline v0\n");
  }
  write_if_changed(folder + "/functions.h", header + "}  // namespace tenon::inline v0\n");
  write_if_changed(folder + "/tensor_methods.inc", methods);
}
