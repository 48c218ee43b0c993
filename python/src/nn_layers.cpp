// The layers written in C++ as Python classes: constructors with PyTorch's arguments.
#include <tenon/nn/container.h>
#include <tenon/nn/layers.h>

#include "nn_classes.h"

namespace tenon::python {
namespace {

// ---- linear.py, flatten.py, sparse.py ----------------------------------------------------------------------

int linear_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  return initialise(self, [&] {
    Reader r("Linear.__init__", args, kwargs, {"in_features", "out_features", "bias", "device", "dtype"}, 2);
    return new nn::LinearImpl(r.integer(0), r.integer(1), {r.boolean(2, true), r.device(3), r.dtype(4)});
  });
}

// Identity takes and forgets any arguments.
int identity_init(PyObject* self, PyObject*, PyObject*) {
  return initialise(self, [] { return new nn::IdentityImpl; });
}

int flatten_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  return initialise(self, [&] {
    Reader r("Flatten.__init__", args, kwargs, {"start_dim", "end_dim"});
    return new nn::FlattenImpl(r.integer(0, 1), r.integer(1, -1));
  });
}

bool make_linear(PyObject* m) {
  static PyGetSetDef linear[] = {field<&nn::LinearImpl::in_features>("in_features"),
                                 field<&nn::LinearImpl::out_features>("out_features"), TENON_END_FIELDS};
  static PyMethodDef linear_methods[] = {
      {"reset_parameters", &call_void<nn::LinearImpl, &nn::LinearImpl::reset_parameters>, METH_NOARGS, nullptr},
      {nullptr, nullptr, 0, nullptr}};
  static PyGetSetDef flatten[] = {field<&nn::FlattenImpl::start_dim>("start_dim"),
                                  field<&nn::FlattenImpl::end_dim>("end_dim"), TENON_END_FIELDS};
  return make_native_class(
             m,
             {"tenon.nn.modules.linear.Linear",
              "Linear(in_features, out_features, bias=True, device=None, dtype=None)\n--\n\ny = x @ weight.T + bias",
              nullptr, &linear_init, linear, linear_methods},
             native<nn::LinearImpl>({"in_features", "out_features"})) &&
         make_native_class(m, {"tenon.nn.modules.linear.Identity", "Returns its input.", nullptr, &identity_init},
                           native<nn::IdentityImpl>({})) &&
         make_native_class(m,
                           {"tenon.nn.modules.flatten.Flatten",
                            "Flatten(start_dim=1, end_dim=-1)\n--\n\nJoins the dimensions from start_dim to end_dim.",
                            nullptr, &flatten_init, flatten},
                           native<nn::FlattenImpl>({"start_dim", "end_dim"}));
}

int embedding_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  return initialise(self, [&]() -> nn::Module* {
    Reader r("Embedding.__init__", args, kwargs,
             {"num_embeddings", "embedding_dim", "padding_idx", "max_norm", "norm_type", "scale_grad_by_freq", "sparse",
              "_weight", "_freeze", "device", "dtype"},
             2);
    if (r.given(3)) raise(PyExc_NotImplementedError, "Embedding: max_norm is not supported yet");
    if (r.boolean(5)) raise(PyExc_NotImplementedError, "Embedding: scale_grad_by_freq is not supported yet");
    if (r.boolean(6)) raise(PyExc_NotImplementedError, "Embedding: sparse gradients are not supported yet");
    if (Tensor given = r.tensor(7); given.defined()) {
      auto* made = new nn::EmbeddingImpl;
      made->num_embeddings = r.integer(0);
      made->embedding_dim = r.integer(1);
      made->padding_idx = r.optional_integer(2);
      if (made->padding_idx && *made->padding_idx < 0) *made->padding_idx += made->num_embeddings;
      made->weight = nn::Parameter(given, !r.boolean(8));
      return made;
    }
    auto* made = new nn::EmbeddingImpl(r.integer(0), r.integer(1), {r.optional_integer(2), r.device(9), r.dtype(10)});
    if (r.boolean(8)) made->requires_grad_(false);
    return made;
  });
}

bool make_embedding(PyObject* m) {
  static PyGetSetDef fields[] = {field<&nn::EmbeddingImpl::num_embeddings>("num_embeddings"),
                                 field<&nn::EmbeddingImpl::embedding_dim>("embedding_dim"),
                                 field<&nn::EmbeddingImpl::padding_idx>("padding_idx"), TENON_END_FIELDS};
  return make_native_class(
      m,
      {"tenon.nn.modules.sparse.Embedding",
       "Embedding(num_embeddings, embedding_dim, padding_idx=None, max_norm=None, norm_type=2.0, "
       "scale_grad_by_freq=False, sparse=False, _weight=None, _freeze=False, device=None, dtype=None)\n--\n\n"
       "Rows of a table, by index.",
       nullptr, &embedding_init, fields},
      native<nn::EmbeddingImpl>({"num_embeddings", "embedding_dim", "padding_idx"}));
}

// ---- conv.py, pooling.py -------------------------------------------------------------------------------------

nn::Padding padding_of(const Reader& r, int i) {
  PyObject* object = r.object(i);
  if (object == nullptr) return 0;
  if (PyUnicode_Check(object)) return nn::Padding(r.string(i));
  return nn::Padding(DimsArg(r.dims(i, {}, 1)));
}

template <class T>
int conv_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  return initialise(self, [&] {
    Reader r("Conv.__init__", args, kwargs,
             {"in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias",
              "padding_mode", "device", "dtype"},
             3);
    nn::ConvOptions o;
    o.stride = r.dims(3, {1}, 1);
    o.padding = padding_of(r, 4);
    o.dilation = r.dims(5, {1}, 1);
    o.groups = r.integer(6, 1);
    o.bias = r.boolean(7, true);
    o.padding_mode = r.string(8, "zeros");
    o.device = r.device(9);
    o.dtype = r.dtype(10);
    return new T(r.integer(0), r.integer(1), DimsArg(r.dims(2, {}, 1)), o);
  });
}

template <class T>
bool make_conv(PyObject* m, const char* name) {
  static PyGetSetDef fields[] = {field<&nn::ConvImpl::in_channels>("in_channels"),
                                 field<&nn::ConvImpl::out_channels>("out_channels"),
                                 field<&nn::ConvImpl::kernel_size>("kernel_size"),
                                 field<&nn::ConvImpl::stride>("stride"),
                                 field<&nn::ConvImpl::padding>("padding"),
                                 field<&nn::ConvImpl::dilation>("dilation"),
                                 field<&nn::ConvImpl::groups>("groups"),
                                 field<&nn::ConvImpl::padding_mode>("padding_mode"),
                                 TENON_END_FIELDS};
  static PyMethodDef methods[] = {
      {"reset_parameters", &call_void<nn::ConvImpl, &nn::ConvImpl::reset_parameters>, METH_NOARGS, nullptr},
      {nullptr, nullptr, 0, nullptr}};
  return make_native_class(
      m,
      {name,
       "(in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True, "
       "padding_mode='zeros', device=None, dtype=None)",
       nullptr, &conv_init<T>, fields, methods},
      native<T>(
          {"in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "padding_mode"}));
}

std::optional<DimsArg> stride_of(const Reader& r, int i) {
  if (!r.given(i)) return std::nullopt;
  return DimsArg(r.dims(i, {}, 1));
}

int max_pool_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  return initialise(self, [&] {
    Reader r("MaxPool2d.__init__", args, kwargs,
             {"kernel_size", "stride", "padding", "dilation", "return_indices", "ceil_mode"}, 1);
    if (r.boolean(4))
      raise(PyExc_NotImplementedError,
            "MaxPool2d: return_indices is not supported yet; use nn.functional.max_pool2d_with_indices");
    return new nn::MaxPool2dImpl(DimsArg(r.dims(0, {}, 1)), {stride_of(r, 1), DimsArg(r.dims(2, {0}, 1)),
                                                             DimsArg(r.dims(3, {1}, 1)), r.boolean(5)});
  });
}
int avg_pool_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  return initialise(self, [&] {
    Reader r("AvgPool2d.__init__", args, kwargs,
             {"kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override"}, 1);
    return new nn::AvgPool2dImpl(DimsArg(r.dims(0, {}, 1)), {stride_of(r, 1), DimsArg(r.dims(2, {0}, 1)), r.boolean(3),
                                                             r.boolean(4, true), r.optional_integer(5)});
  });
}
int adaptive_pool_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  return initialise(self, [&] {
    Reader r("AdaptiveAvgPool2d.__init__", args, kwargs, {"output_size"}, 1);
    return new nn::AdaptiveAvgPool2dImpl(DimsArg(r.dims(0, {}, 1)));
  });
}

bool make_pooling(PyObject* m) {
  static PyGetSetDef max_pool[] = {
      field<&nn::MaxPool2dImpl::kernel_size>("kernel_size"), field<&nn::MaxPool2dImpl::stride>("stride"),
      field<&nn::MaxPool2dImpl::padding>("padding"),         field<&nn::MaxPool2dImpl::dilation>("dilation"),
      field<&nn::MaxPool2dImpl::ceil_mode>("ceil_mode"),     TENON_END_FIELDS};
  static PyGetSetDef avg_pool[] = {field<&nn::AvgPool2dImpl::kernel_size>("kernel_size"),
                                   field<&nn::AvgPool2dImpl::stride>("stride"),
                                   field<&nn::AvgPool2dImpl::padding>("padding"),
                                   field<&nn::AvgPool2dImpl::ceil_mode>("ceil_mode"),
                                   field<&nn::AvgPool2dImpl::count_include_pad>("count_include_pad"),
                                   field<&nn::AvgPool2dImpl::divisor_override>("divisor_override"),
                                   TENON_END_FIELDS};
  static PyGetSetDef adaptive[] = {field<&nn::AdaptiveAvgPool2dImpl::output_size>("output_size"), TENON_END_FIELDS};
  return make_native_class(
             m,
             {"tenon.nn.modules.pooling.MaxPool2d",
              "MaxPool2d(kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False)",
              nullptr, &max_pool_init, max_pool},
             native<nn::MaxPool2dImpl>({"kernel_size", "stride", "padding", "dilation", "ceil_mode"})) &&
         make_native_class(m,
                           {"tenon.nn.modules.pooling.AvgPool2d",
                            "AvgPool2d(kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, "
                            "divisor_override=None)",
                            nullptr, &avg_pool_init, avg_pool},
                           native<nn::AvgPool2dImpl>({"kernel_size", "stride", "padding", "ceil_mode",
                                                      "count_include_pad", "divisor_override"})) &&
         make_native_class(m,
                           {"tenon.nn.modules.pooling.AdaptiveAvgPool2d", "AdaptiveAvgPool2d(output_size)", nullptr,
                            &adaptive_pool_init, adaptive},
                           native<nn::AdaptiveAvgPool2dImpl>({"output_size"}));
}

// ---- activation.py --------------------------------------------------------------------------------------------

template <class T>
int inplace_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  return initialise(self, [&] {
    Reader r("__init__", args, kwargs, {"inplace"});
    return new T(r.boolean(0));
  });
}
template <class T>
int plain_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  return initialise(self, [&] {
    Reader r("__init__", args, kwargs, {});
    return new T();
  });
}
int gelu_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  return initialise(self, [&] {
    Reader r("GELU.__init__", args, kwargs, {"approximate"});
    return new nn::GELUImpl(r.string(0, "none"));
  });
}
int leaky_relu_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  return initialise(self, [&] {
    Reader r("LeakyReLU.__init__", args, kwargs, {"negative_slope", "inplace"});
    return new nn::LeakyReLUImpl(r.real(0, 0.01), r.boolean(1));
  });
}

bool make_activations(PyObject* m) {
  static PyGetSetDef relu[] = {field<&nn::ReLUImpl::inplace>("inplace"), TENON_END_FIELDS};
  static PyGetSetDef silu[] = {field<&nn::SiLUImpl::inplace>("inplace"), TENON_END_FIELDS};
  static PyGetSetDef leaky[] = {field<&nn::LeakyReLUImpl::negative_slope>("negative_slope"),
                                field<&nn::LeakyReLUImpl::inplace>("inplace"), TENON_END_FIELDS};
  static PyGetSetDef gelu[] = {field<&nn::GELUImpl::approximate>("approximate"), TENON_END_FIELDS};
  return make_native_class(
             m, {"tenon.nn.modules.activation.ReLU", "ReLU(inplace=False)", nullptr, &inplace_init<nn::ReLUImpl>, relu},
             native<nn::ReLUImpl>({"inplace"})) &&
         make_native_class(
             m, {"tenon.nn.modules.activation.SiLU", "SiLU(inplace=False)", nullptr, &inplace_init<nn::SiLUImpl>, silu},
             native<nn::SiLUImpl>({"inplace"})) &&
         make_native_class(m,
                           {"tenon.nn.modules.activation.LeakyReLU", "LeakyReLU(negative_slope=0.01, inplace=False)",
                            nullptr, &leaky_relu_init, leaky},
                           native<nn::LeakyReLUImpl>({"negative_slope", "inplace"})) &&
         make_native_class(m,
                           {"tenon.nn.modules.activation.GELU", "GELU(approximate='none')", nullptr, &gelu_init, gelu},
                           native<nn::GELUImpl>({"approximate"})) &&
         make_native_class(m,
                           {"tenon.nn.modules.activation.Sigmoid", "Sigmoid()", nullptr, &plain_init<nn::SigmoidImpl>},
                           native<nn::SigmoidImpl>({})) &&
         make_native_class(m, {"tenon.nn.modules.activation.Tanh", "Tanh()", nullptr, &plain_init<nn::TanhImpl>},
                           native<nn::TanhImpl>({}));
}

// ---- container.py: constructors and list methods are written in Python --------------------------------------------

// A tensor stays in C++ from one C++ layer to the next; what is no tensor passes through Python.
PyObject* sequential_forward(nn::Module& module, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  if (count != 1 || keywords != nullptr) raise(PyExc_TypeError, "Sequential.forward() takes one argument 'input'");
  Owned object = Owned::share(args[0]);
  Tensor value;  // stands for `object` where that is null
  const auto& entries = module.module_table().entries();
  for (size_t i = 0; i < entries.size(); ++i) {
    // Kept, because the call may take it out of the table.
    const auto child = Ref<nn::Module>::share(entries[i]->child);
    if (!child) raise(PyExc_TypeError, "Sequential: module %zu is None, which cannot be called", i);
    if ((!object || is_tensor(object.get())) && !child->has_hooks() && child->forward_info().one_tensor &&
        runs_cpp_forward(*child)) {
      if (object) value = unwrap(object.get());
      object = Owned();
      value = run_cpp_forward(*child, std::move(value));
      continue;
    }
    if (!object) object = Owned(checked(wrap(std::move(value))));
    Owned callee(checked(wrap_module(child.get())));
    PyObject* stack[] = {nullptr, object.get()};
    object = Owned(checked(PyObject_Vectorcall(callee.get(), stack + 1, 1 | PY_VECTORCALL_ARGUMENTS_OFFSET, nullptr)));
  }
  return object ? object.release() : wrap(std::move(value));
}

bool make_containers(PyObject* m) {
  NativeClass list = native<nn::ModuleListImpl>({}, nullptr);
  return make_native_class(m, {"tenon.nn.modules.container.Sequential", "Modules called one after the other.", nullptr},
                           native<nn::SequentialImpl>({}, &sequential_forward)) &&
         make_native_class(m, {"tenon.nn.modules.container.ModuleList", "Modules in a list.", nullptr}, list);
}

}  // namespace

bool make_layer_types(PyObject* m) {
  return make_linear(m) && make_embedding(m) && make_conv<nn::Conv1dImpl>(m, "tenon.nn.modules.conv.Conv1d") &&
         make_conv<nn::Conv2dImpl>(m, "tenon.nn.modules.conv.Conv2d") &&
         make_conv<nn::Conv3dImpl>(m, "tenon.nn.modules.conv.Conv3d") && make_pooling(m) && make_activations(m) &&
         make_containers(m);
}

}  // namespace tenon::python
