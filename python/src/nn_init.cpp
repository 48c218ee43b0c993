// nn.init's functions.
#include <tenon/core/generator.h>
#include <tenon/nn/init.h>

#include <nanobind/nanobind.h>
#include <nanobind/stl/shared_ptr.h>

#include "nn_module.h"
#include "nn_reader.h"

namespace tenon::python {
namespace {

GeneratorHandle generator_of(const Reader& r, int i) {
  if (!r.given(i)) return {};
  GeneratorHandle generator;
  if (!nanobind::try_cast<GeneratorHandle>(nanobind::handle(r.object(i)), generator, false)) r.wrong(i, "Generator");
  return generator;
}

Tensor tensor_of(const Reader& r) {
  if (!r.given(0)) r.wrong(0, "Tensor");
  return r.tensor(0);
}

// The same object comes back, subclass and all.
template <class F>
PyObject* fill(const char* name, PyObject* args, PyObject* kwargs, std::initializer_list<const char*> names,
               int required, F&& f) {
  return guarded([&]() -> PyObject* {
    Reader r(name, args, kwargs, names, required);
    f(r, tensor_of(r));
    return Py_NewRef(r.object(0));
  });
}

PyObject* uniform_(PyObject*, PyObject* args, PyObject* kwargs) {
  return fill("uniform_", args, kwargs, {"tensor", "a", "b", "generator"}, 1,
              [](const Reader& r, Tensor t) { nn::init::uniform_(t, r.real(1, 0), r.real(2, 1), generator_of(r, 3)); });
}
PyObject* normal_(PyObject*, PyObject* args, PyObject* kwargs) {
  return fill("normal_", args, kwargs, {"tensor", "mean", "std", "generator"}, 1,
              [](const Reader& r, Tensor t) { nn::init::normal_(t, r.real(1, 0), r.real(2, 1), generator_of(r, 3)); });
}
PyObject* constant_(PyObject*, PyObject* args, PyObject* kwargs) {
  return fill("constant_", args, kwargs, {"tensor", "val"}, 2,
              [](const Reader& r, Tensor t) { nn::init::constant_(t, r.real(1)); });
}
PyObject* ones_(PyObject*, PyObject* args, PyObject* kwargs) {
  return fill("ones_", args, kwargs, {"tensor"}, 1, [](const Reader&, Tensor t) { nn::init::ones_(t); });
}
PyObject* zeros_(PyObject*, PyObject* args, PyObject* kwargs) {
  return fill("zeros_", args, kwargs, {"tensor"}, 1, [](const Reader&, Tensor t) { nn::init::zeros_(t); });
}
PyObject* xavier_uniform_(PyObject*, PyObject* args, PyObject* kwargs) {
  return fill("xavier_uniform_", args, kwargs, {"tensor", "gain", "generator"}, 1,
              [](const Reader& r, Tensor t) { nn::init::xavier_uniform_(t, r.real(1, 1), generator_of(r, 2)); });
}
PyObject* xavier_normal_(PyObject*, PyObject* args, PyObject* kwargs) {
  return fill("xavier_normal_", args, kwargs, {"tensor", "gain", "generator"}, 1,
              [](const Reader& r, Tensor t) { nn::init::xavier_normal_(t, r.real(1, 1), generator_of(r, 2)); });
}
PyObject* kaiming_uniform_(PyObject*, PyObject* args, PyObject* kwargs) {
  return fill("kaiming_uniform_", args, kwargs, {"tensor", "a", "mode", "nonlinearity", "generator"}, 1,
              [](const Reader& r, Tensor t) {
                nn::init::kaiming_uniform_(t, r.real(1, 0), r.string(2, "fan_in"), r.string(3, "leaky_relu"),
                                           generator_of(r, 4));
              });
}
PyObject* kaiming_normal_(PyObject*, PyObject* args, PyObject* kwargs) {
  return fill("kaiming_normal_", args, kwargs, {"tensor", "a", "mode", "nonlinearity", "generator"}, 1,
              [](const Reader& r, Tensor t) {
                nn::init::kaiming_normal_(t, r.real(1, 0), r.string(2, "fan_in"), r.string(3, "leaky_relu"),
                                          generator_of(r, 4));
              });
}
PyObject* trunc_normal_(PyObject*, PyObject* args, PyObject* kwargs) {
  return fill("trunc_normal_", args, kwargs, {"tensor", "mean", "std", "a", "b", "generator"}, 1,
              [](const Reader& r, Tensor t) {
                nn::init::trunc_normal_(t, r.real(1, 0), r.real(2, 1), r.real(3, -2), r.real(4, 2), generator_of(r, 5));
              });
}
PyObject* orthogonal_(PyObject*, PyObject* args, PyObject* kwargs) {
  return fill("orthogonal_", args, kwargs, {"tensor", "gain", "generator"}, 1,
              [](const Reader& r, Tensor t) { nn::init::orthogonal_(t, r.real(1, 1), generator_of(r, 2)); });
}
PyObject* eye_(PyObject*, PyObject* args, PyObject* kwargs) {
  return fill("eye_", args, kwargs, {"tensor"}, 1, [](const Reader&, Tensor t) { nn::init::eye_(t); });
}
PyObject* dirac_(PyObject*, PyObject* args, PyObject* kwargs) {
  return fill("dirac_", args, kwargs, {"tensor", "groups"}, 1,
              [](const Reader& r, Tensor t) { nn::init::dirac_(t, r.integer(1, 1)); });
}
PyObject* sparse_(PyObject*, PyObject* args, PyObject* kwargs) {
  return fill("sparse_", args, kwargs, {"tensor", "sparsity", "std", "generator"}, 2,
              [](const Reader& r, Tensor t) { nn::init::sparse_(t, r.real(1), r.real(2, 0.01), generator_of(r, 3)); });
}
PyObject* calculate_gain(PyObject*, PyObject* args, PyObject* kwargs) {
  return guarded([&] {
    Reader r("calculate_gain", args, kwargs, {"nonlinearity", "param"}, 1);
    return PyFloat_FromDouble(nn::init::calculate_gain(r.string(0), r.optional_real(1)));
  });
}
PyObject* fans(PyObject*, PyObject* args, PyObject* kwargs) {
  return guarded([&] {
    Reader r("_calculate_fan_in_and_fan_out", args, kwargs, {"tensor"}, 1);
    const auto [in, out] = nn::init::fan_in_and_fan_out(tensor_of(r));
    return Py_BuildValue("LL", static_cast<long long>(in), static_cast<long long>(out));
  });
}

PyMethodDef function(const char* name, PyCFunctionWithKeywords f) {
  return {name, reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(f)), METH_VARARGS | METH_KEYWORDS, nullptr};
}

}  // namespace

bool make_init_functions(PyObject* module) {
  static PyMethodDef functions[] = {function("uniform_", &uniform_),
                                    function("normal_", &normal_),
                                    function("constant_", &constant_),
                                    function("ones_", &ones_),
                                    function("zeros_", &zeros_),
                                    function("xavier_uniform_", &xavier_uniform_),
                                    function("xavier_normal_", &xavier_normal_),
                                    function("kaiming_uniform_", &kaiming_uniform_),
                                    function("kaiming_normal_", &kaiming_normal_),
                                    function("trunc_normal_", &trunc_normal_),
                                    function("orthogonal_", &orthogonal_),
                                    function("eye_", &eye_),
                                    function("dirac_", &dirac_),
                                    function("sparse_", &sparse_),
                                    function("calculate_gain", &calculate_gain),
                                    function("calculate_fan_in_and_fan_out", &fans),
                                    {nullptr, nullptr, 0, nullptr}};
  return PyModule_AddFunctions(module, functions) == 0;
}

}  // namespace tenon::python
