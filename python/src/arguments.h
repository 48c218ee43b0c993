// One call's arguments, matched against a signature.
#pragma once

#include <Python.h>

#include <memory>
#include <string>
#include <vector>

#include <tenon/core/op.h>

#include "object.h"
#include "op_function.h"

namespace tenon::python {

// Why an overload does not take the arguments; only turned into text when none does.
struct Mismatch {
  enum Reason : uint8_t { None, Type, Missing, TooMany, Unknown, Twice };
  Reason reason = None;
  int parameter = -1;
  Py_ssize_t position = -1;    // of the argument; -1 when given by keyword
  PyObject* object = nullptr;  // borrowed: the argument, or the unknown keyword
};

class Arguments {
 public:
  explicit Arguments(const Overload& overload)
      : overload_(overload), record_(overload.op->defaults), input_count_(overload.op->input_count) {
    if (input_count_ > kInlineInputs) [[unlikely]] {
      need_more().inputs.resize(static_cast<size_t>(input_count_));
      inputs_ = more_->inputs.data();
    }
  }
  ~Arguments() {
    if (record_ != overload_.op->defaults) destroy_record();
    for (int i = 0; i < temporary_count_; ++i) Ref<TensorImpl>::adopt(temporaries_[i]);
  }
  Arguments(const Arguments&) = delete;

  // False with `mismatch` set. Throws what a conversion throws.
  bool parse(PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
    // Tensors by position, which most calls begin with and many have nothing else.
    const Py_ssize_t leading = count < overload_.leading_inputs ? count : overload_.leading_inputs;
    Py_ssize_t i = 0;
    for (; i < leading && is_exact_tensor(args[i]); ++i) inputs_[i] = impl_of(args[i]);
    given_ = (uint64_t{1} << i) - 1;
    const bool all = i == count && keywords == nullptr && (overload_.required & ~given_) == 0 && overload_.device < 0;
    return all || parse_rest(i, args, count, keywords);
  }

  const Overload& overload() const { return overload_; }
  const void* record() const { return record_; }
  Inputs inputs() const { return Inputs(inputs_, input_count_); }
  // Whether an argument has a __torch_function__ that wants the call.
  bool overridden() const { return overridden_; }

  Mismatch mismatch;
  PyObject* out = nullptr;  // `out=`, borrowed
  bool requires_grad = false;

 private:
  static constexpr int kInlineInputs = 8;
  static constexpr int kTemporaries = 4;
  static constexpr size_t kRecordBytes = 448;

  bool parse_rest(Py_ssize_t i, PyObject* const* args, Py_ssize_t count, PyObject* keywords);
  bool set(int parameter, PyObject* object);
  bool set_input(const ParameterInfo& p, PyObject* object);
  bool set_input_slow(const ParameterInfo& p, PyObject* object);
  bool set_list(const ParameterInfo& p, PyObject* const* items, Py_ssize_t count);
  bool set_list_item(const ParameterInfo& p, PyObject* object, TensorImpl*& slot);
  bool set_variadic(int parameter, PyObject* const* args, Py_ssize_t count);
  bool set_keyword(PyObject* name, PyObject* object);
  bool set_common_keyword(PyObject* name, PyObject* object);
  bool mark(int parameter, Py_ssize_t position, PyObject* object);
  void note_override(PyObject* object);
  void* attribute(const ParameterInfo& p);
  TensorImpl* keep(Tensor tensor);
  void copy_record();
  void destroy_record();

  // What only unusual calls need.
  struct More {
    std::vector<TensorImpl*> inputs;
    std::vector<Tensor> temporaries;
  };
  More& need_more() {
    if (more_ == nullptr) more_ = std::make_unique<More>();
    return *more_;
  }

  const Overload& overload_;
  const void* record_;
  TensorImpl** inputs_ = inline_inputs_;
  int input_count_;
  int temporary_count_ = 0;
  bool overridden_ = false;
  uint64_t given_ = 0;
  TensorImpl* inline_inputs_[kInlineInputs] = {};  // all: quicker than a loop over those that there are
  TensorImpl* temporaries_[kTemporaries];
  std::unique_ptr<More> more_;
  alignas(16) char buffer_[kRecordBytes];
};

// The error when no overload of the set takes the arguments.
[[noreturn]] void raise_mismatch(const OpSet& set, const std::vector<Mismatch>& mismatches, PyObject* const* args,
                                 Py_ssize_t count, PyObject* keywords);

}  // namespace tenon::python
