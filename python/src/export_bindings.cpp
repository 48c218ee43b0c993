// Tracing and programs: what tenon/export is made of.
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <frameobject.h>

#include <nanobind/nanobind.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <string>

#include <tenon/graph/text.h>
#include <tenon/io/tenon_file.h>
#include <tenon/trace/export.h>
#include <tenon/trace/runner.h>

#include "caster.h"

namespace nb = nanobind;

namespace tenon::python {
void bind_export(nb::module_& m);

namespace {

std::string& package_folder() {
  static auto* folder = new std::string;
  return *folder;
}

// As people write it: below the working directory relative to it. Files that travel name no folder of this machine.
std::string short_path(std::string path) {
  static const std::string here = [] {
    const nb::object cwd = nb::module_::import_("os").attr("getcwd")();
    return nb::cast<std::string>(cwd) + "/";
  }();
  if (path.compare(0, here.size(), here) == 0) return path.substr(here.size());
  return path.substr(path.rfind('/') + 1);
}

// The innermost frame that is not Tenon's own.
graph::Source where() {
  const AcquireGil gil;
  Owned frame(reinterpret_cast<PyObject*>(PyThreadState_GetFrame(PyThreadState_Get())));
  while (frame) {
    auto* f = reinterpret_cast<PyFrameObject*>(frame.get());
    const Owned code(reinterpret_cast<PyObject*>(PyFrame_GetCode(f)));
    const auto* c = reinterpret_cast<PyCodeObject*>(code.get());
    const char* file = PyUnicode_AsUTF8(c->co_filename);
    const char* function = PyUnicode_AsUTF8(c->co_name);
    if (file != nullptr && std::string_view(file).substr(0, package_folder().size()) != package_folder())
      return {short_path(file), function == nullptr ? "" : function, PyFrame_GetLineNumber(f)};
    PyErr_Clear();
    frame = Owned(reinterpret_cast<PyObject*>(PyFrame_GetBack(f)));
  }
  return {};
}

using Dynamic = std::map<std::string, std::map<int64_t, std::string>>;
using NamedTensor = std::pair<std::string, Tensor>;

tracing::Runner export_function(const nb::callable& function, const std::vector<NamedTensor>& parameters,
                                const std::vector<NamedTensor>& buffers, const std::vector<Tensor>& examples,
                                const std::vector<std::string>& inputs, const nb::object& returned,
                                const Dynamic& dynamic, const std::string& batch,
                                const std::vector<Tensor>& second_example, bool check, bool fusion,
                                const std::string& name, const std::vector<std::string>& labels,
                                const std::map<std::string, std::string>& metadata) {
  const tracing::Function run = [&](const std::vector<Tensor>& in) {
    return nb::cast<std::vector<Tensor>>(function(nb::cast(in)));
  };
  std::vector<tracing::State> state;
  for (const auto& [path, tensor] : parameters) state.push_back({graph::Slot::Kind::Parameter, path, tensor});
  for (const auto& [path, tensor] : buffers) state.push_back({graph::Slot::Kind::Buffer, path, tensor});
  ExportOptions options;
  options.name = name;
  options.inputs = inputs;
  options.outputs = [&] { return nb::cast<std::vector<std::string>>(returned.attr("names")()); };
  options.dynamic = dynamic;
  options.batch = batch;
  options.second_example = second_example;
  options.check = check;
  options.fusion = fusion;
  options.labels = labels;
  options.metadata = metadata;
  options.locate = &where;
  graph::Program program = export_program(run, state, examples, options);
  if (nb::cast<std::string>(returned.attr("kind")) == "dict") program.metadata[name + ".returns"] = "dict";
  return tracing::Runner(std::move(program));
}

std::vector<std::string> names_of(const graph::Graph& g, const std::vector<graph::ValueId>& values) {
  std::vector<std::string> out;
  for (graph::ValueId id : values) out.push_back(g[id].name);
  return out;
}

}  // namespace

void bind_export(nb::module_& m) {
  const std::string file = nb::cast<std::string>(m.attr("__file__"));
  package_folder() = file.substr(0, file.rfind('/') + 1);
  using tracing::Runner;
  nb::class_<Runner>(m, "_Program")
      .def("run",
           [](Runner& self, const std::vector<Tensor>& inputs, const std::string& name) {
             const ReleaseGil release;
             return self.run(inputs, name);
           })
      .def("text", [](const Runner& self, const std::string& name) { return graph::print(self.function(name)); })
      .def("inputs", [](const Runner& self,
                        const std::string& name) { return names_of(self.function(name), self.function(name).inputs); })
      .def("outputs",
           [](const Runner& self, const std::string& name) {
             return names_of(self.function(name), self.function(name).outputs);
           })
      .def("input_dtypes",
           [](const Runner& self, const std::string& name) {
             const graph::Graph& g = self.function(name);
             std::vector<DType> out;
             for (graph::ValueId id : g.inputs) out.push_back(g[id].spec.dtype);
             return out;
           })
      .def("functions",
           [](const Runner& self) {
             std::vector<std::string> out;
             for (const graph::Graph& g : self.program().functions) out.push_back(g.name);
             return out;
           })
      .def("state",
           [](const Runner& self, const std::string& name) {
             std::vector<std::string> out;
             for (const graph::Slot& slot : self.function(name).slots) out.push_back(slot.name);
             return out;
           })
      .def("labels", [](const Runner& self) { return self.program().labels; })
      .def("metadata", [](const Runner& self) { return self.program().metadata; })
      .def("save", [](const Runner& self, const nb::bytes& path) {
        const std::string to(path.c_str(), path.size());
        const ReleaseGil release;
        io::save(self.program(), to);
      });
  m.def("_export_program", &export_function);
  m.def("_load_program", [](const nb::bytes& path, bool verify) {
    return Runner(io::load_program(std::string(path.c_str(), path.size()), {.verify_weights = verify}));
  });
  m.def("_is_tracing", &tracing::is_tracing);
}

}  // namespace tenon::python
