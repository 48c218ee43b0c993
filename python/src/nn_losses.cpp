// Normalisation, dropout, softmax and losses as Python classes.
#include <tenon/nn/layers.h>
#include <tenon/nn/loss.h>

#include "nn_classes.h"

namespace tenon::python {
namespace {

// ---- batchnorm.py, normalization.py, dropout.py ------------------------------------------------------------

template <class T>
int batch_norm_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  return initialise(self, [&] {
    Reader r("BatchNorm.__init__", args, kwargs,
             {"num_features", "eps", "momentum", "affine", "track_running_stats", "device", "dtype"}, 1);
    nn::BatchNormOptions o;
    o.eps = r.real(1, 1e-5);
    if (r.object(2) != nullptr) o.momentum = r.optional_real(2);
    o.affine = r.boolean(3, true);
    o.track_running_stats = r.boolean(4, true);
    o.device = r.device(5);
    o.dtype = r.dtype(6);
    return new T(r.integer(0), o);
  });
}

bool make_batch_norm_base(PyObject* m) {
  static PyGetSetDef fields[] = {field<&nn::BatchNormImpl::num_features>("num_features"),
                                 field<&nn::BatchNormImpl::eps>("eps"),
                                 field<&nn::BatchNormImpl::momentum>("momentum"),
                                 field<&nn::BatchNormImpl::affine>("affine"),
                                 field<&nn::BatchNormImpl::track_running_stats>("track_running_stats"),
                                 TENON_END_FIELDS};
  static PyMethodDef methods[] = {
      {"reset_running_stats", &call_void<nn::BatchNormImpl, &nn::BatchNormImpl::reset_running_stats>, METH_NOARGS,
       nullptr},
      {"reset_parameters", &call_void<nn::BatchNormImpl, &nn::BatchNormImpl::reset_parameters>, METH_NOARGS, nullptr},
      {nullptr, nullptr, 0, nullptr}};
  NativeClass base;
  base.blank = []() -> nn::Module* { return new nn::BatchNormImpl(2); };
  base.forward = &forward_one<nn::BatchNormImpl>;
  base.fields = {"num_features", "eps", "momentum", "affine", "track_running_stats"};
  return make_native_class(
      m,
      {"tenon.nn.modules.batchnorm._BatchNorm", "What batch normalisations share.", nullptr, nullptr, fields, methods},
      base);
}

template <class T>
bool make_batch_norm(PyObject* m, const char* name) {
  return make_native_class(
      m,
      {name, "(num_features, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True, device=None, dtype=None)",
       find_type(m, "_BatchNorm"), &batch_norm_init<T>},
      native<T>({}));
}

int layer_norm_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  return initialise(self, [&] {
    Reader r("LayerNorm.__init__", args, kwargs,
             {"normalized_shape", "eps", "elementwise_affine", "bias", "device", "dtype"}, 1);
    nn::LayerNormOptions o{r.real(1, 1e-5), r.boolean(2, true), r.boolean(3, true), r.device(4), r.dtype(5)};
    return new nn::LayerNormImpl(DimsArg(r.dims(0, {}, 1)), o);
  });
}

int dropout_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  return initialise(self, [&] {
    Reader r("Dropout.__init__", args, kwargs, {"p", "inplace"});
    return new nn::DropoutImpl(r.real(0, 0.5), r.boolean(1));
  });
}

template <class T>
int softmax_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  return initialise(self, [&] {
    Reader r("Softmax.__init__", args, kwargs, {"dim"});
    return new T(r.optional_integer(0));
  });
}

bool make_norms(PyObject* m) {
  static PyGetSetDef layer_norm[] = {
      field<&nn::LayerNormImpl::normalized_shape>("normalized_shape"), field<&nn::LayerNormImpl::eps>("eps"),
      field<&nn::LayerNormImpl::elementwise_affine>("elementwise_affine"), TENON_END_FIELDS};
  static PyMethodDef layer_norm_methods[] = {
      {"reset_parameters", &call_void<nn::LayerNormImpl, &nn::LayerNormImpl::reset_parameters>, METH_NOARGS, nullptr},
      {nullptr, nullptr, 0, nullptr}};
  static PyGetSetDef dropout[] = {field<&nn::DropoutImpl::p>("p"), field<&nn::DropoutImpl::inplace>("inplace"),
                                  TENON_END_FIELDS};
  static PyGetSetDef softmax[] = {field<&nn::SoftmaxImpl::dim>("dim"), TENON_END_FIELDS};
  static PyGetSetDef log_softmax[] = {field<&nn::LogSoftmaxImpl::dim>("dim"), TENON_END_FIELDS};
  return make_native_class(
             m,
             {"tenon.nn.modules.normalization.LayerNorm",
              "LayerNorm(normalized_shape, eps=1e-05, elementwise_affine=True, bias=True, device=None, dtype=None)",
              nullptr, &layer_norm_init, layer_norm, layer_norm_methods},
             native<nn::LayerNormImpl>({"normalized_shape", "eps", "elementwise_affine"})) &&
         make_native_class(
             m, {"tenon.nn.modules.dropout.Dropout", "Dropout(p=0.5, inplace=False)", nullptr, &dropout_init, dropout},
             native<nn::DropoutImpl>({"p", "inplace"})) &&
         make_native_class(m,
                           {"tenon.nn.modules.activation.Softmax", "Softmax(dim=None)", nullptr,
                            &softmax_init<nn::SoftmaxImpl>, softmax},
                           native<nn::SoftmaxImpl>({"dim"})) &&
         make_native_class(m,
                           {"tenon.nn.modules.activation.LogSoftmax", "LogSoftmax(dim=None)", nullptr,
                            &softmax_init<nn::LogSoftmaxImpl>, log_softmax},
                           native<nn::LogSoftmaxImpl>({"dim"}));
}

// ---- loss.py -----------------------------------------------------------------------------------------------------

// `size_average` and `reduce` are PyTorch's older spelling.
std::string reduction_of(const Reader& r, int size_average, int reduce, int reduction) {
  if (!r.given(size_average) && !r.given(reduce)) return r.string(reduction, "mean");
  if (r.given(reduce) && !r.boolean(reduce)) return "none";
  return !r.given(size_average) || r.boolean(size_average) ? "mean" : "sum";
}

// These losses broadcast, which is seldom meant.
void warn_of_sizes(const Tensor& input, const Tensor& target) {
  if (input.shape() == target.shape()) return;
  const std::string message =
      text("Using a target size (", target.shape(), ") that is different to the input size (", input.shape(),
           "): they are broadcast, which is seldom what a loss should compare; give them the same size");
  if (PyErr_WarnEx(PyExc_UserWarning, message.c_str(), 1) < 0) throw_python_error();
}

template <class T>
PyObject* forward_warning(nn::Module& module, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  Reader r("forward", args, count, keywords, {"input", "target"}, 2);
  if (!r.given(0)) r.wrong(0, "Tensor");
  if (!r.given(1)) r.wrong(1, "Tensor");
  warn_of_sizes(r.tensor(0), r.tensor(1));
  return wrap(native_cast<T>(module).forward(r.tensor(0), r.tensor(1)));
}

template <class T>
int reduction_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  return initialise(self, [&] {
    Reader r("__init__", args, kwargs, {"size_average", "reduce", "reduction"});
    return new T({reduction_of(r, 0, 1, 2)});
  });
}
int smooth_l1_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  return initialise(self, [&] {
    Reader r("SmoothL1Loss.__init__", args, kwargs, {"size_average", "reduce", "reduction", "beta"});
    return new nn::SmoothL1LossImpl({reduction_of(r, 0, 1, 2), r.real(3, 1)});
  });
}
int cross_entropy_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  return initialise(self, [&] {
    Reader r("CrossEntropyLoss.__init__", args, kwargs,
             {"weight", "size_average", "ignore_index", "reduce", "reduction", "label_smoothing"});
    return new nn::CrossEntropyLossImpl({r.tensor(0), r.integer(2, -100), reduction_of(r, 1, 3, 4), r.real(5)});
  });
}
int nll_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  return initialise(self, [&] {
    Reader r("NLLLoss.__init__", args, kwargs, {"weight", "size_average", "ignore_index", "reduce", "reduction"});
    return new nn::NLLLossImpl({r.tensor(0), r.integer(2, -100), reduction_of(r, 1, 3, 4)});
  });
}
int bce_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  return initialise(self, [&] {
    Reader r("BCELoss.__init__", args, kwargs, {"weight", "size_average", "reduce", "reduction"});
    return new nn::BCELossImpl({r.tensor(0), reduction_of(r, 1, 2, 3), {}});
  });
}
int bce_logits_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  return initialise(self, [&] {
    Reader r("BCEWithLogitsLoss.__init__", args, kwargs,
             {"weight", "size_average", "reduce", "reduction", "pos_weight"});
    return new nn::BCEWithLogitsLossImpl({r.tensor(0), reduction_of(r, 1, 2, 3), r.tensor(4)});
  });
}

bool make_losses(PyObject* m) {
  static PyGetSetDef base_fields[] = {field<&nn::LossImpl::reduction>("reduction"), TENON_END_FIELDS};
  NativeClass base;
  base.blank = []() -> nn::Module* { return new nn::MSELossImpl; };
  base.fields = {"reduction"};
  if (!make_native_class(m, {"tenon.nn.modules.loss._Loss", "What losses share.", nullptr, nullptr, base_fields}, base))
    return false;
  PyTypeObject* loss = find_type(m, "_Loss");
  static PyGetSetDef cross_entropy[] = {field<&nn::CrossEntropyLossImpl::ignore_index>("ignore_index"),
                                        field<&nn::CrossEntropyLossImpl::label_smoothing>("label_smoothing"),
                                        TENON_END_FIELDS};
  static PyGetSetDef nll[] = {field<&nn::NLLLossImpl::ignore_index>("ignore_index"), TENON_END_FIELDS};
  static PyGetSetDef smooth[] = {field<&nn::SmoothL1LossImpl::beta>("beta"), TENON_END_FIELDS};
  return make_native_class(m,
                           {"tenon.nn.modules.loss.CrossEntropyLoss",
                            "CrossEntropyLoss(weight=None, size_average=None, ignore_index=-100, reduce=None, "
                            "reduction='mean', label_smoothing=0.0)",
                            loss, &cross_entropy_init, cross_entropy},
                           native<nn::CrossEntropyLossImpl>({"ignore_index", "label_smoothing"})) &&
         make_native_class(m,
                           {"tenon.nn.modules.loss.NLLLoss",
                            "NLLLoss(weight=None, size_average=None, ignore_index=-100, reduce=None, reduction='mean')",
                            loss, &nll_init, nll},
                           native<nn::NLLLossImpl>({"ignore_index"})) &&
         make_native_class(
             m,
             {"tenon.nn.modules.loss.MSELoss", "MSELoss(size_average=None, reduce=None, reduction='mean')", loss,
              &reduction_init<nn::MSELossImpl>},
             native<nn::MSELossImpl>({}, &forward_warning<nn::MSELossImpl>)) &&
         make_native_class(m,
                           {"tenon.nn.modules.loss.L1Loss", "L1Loss(size_average=None, reduce=None, reduction='mean')",
                            loss, &reduction_init<nn::L1LossImpl>},
                           native<nn::L1LossImpl>({}, &forward_warning<nn::L1LossImpl>)) &&
         make_native_class(m,
                           {"tenon.nn.modules.loss.SmoothL1Loss",
                            "SmoothL1Loss(size_average=None, reduce=None, reduction='mean', beta=1.0)", loss,
                            &smooth_l1_init, smooth},
                           native<nn::SmoothL1LossImpl>({"beta"}, &forward_warning<nn::SmoothL1LossImpl>)) &&
         make_native_class(m,
                           {"tenon.nn.modules.loss.BCELoss",
                            "BCELoss(weight=None, size_average=None, reduce=None, reduction='mean')", loss, &bce_init},
                           native<nn::BCELossImpl>({})) &&
         make_native_class(
             m,
             {"tenon.nn.modules.loss.BCEWithLogitsLoss",
              "BCEWithLogitsLoss(weight=None, size_average=None, reduce=None, reduction='mean', pos_weight=None)", loss,
              &bce_logits_init},
             native<nn::BCEWithLogitsLossImpl>({}));
}

}  // namespace

bool make_loss_types(PyObject* m) {
  return make_batch_norm_base(m) && make_batch_norm<nn::BatchNorm1dImpl>(m, "tenon.nn.modules.batchnorm.BatchNorm1d") &&
         make_batch_norm<nn::BatchNorm2dImpl>(m, "tenon.nn.modules.batchnorm.BatchNorm2d") &&
         make_batch_norm<nn::BatchNorm3dImpl>(m, "tenon.nn.modules.batchnorm.BatchNorm3d") && make_norms(m) &&
         make_losses(m);
}

}  // namespace tenon::python
