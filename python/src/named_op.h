// Calls of registered ops by name, for slots and methods that are written by hand.
#pragma once

#include <cstring>
#include <initializer_list>

#include <tenon/core/door.h>
#include <tenon/core/error.h>

#include "errors.h"

namespace tenon::python {

// An op and some of its attributes, looked up once. Missing until somebody registers it.
class NamedOp {
 public:
  NamedOp(const char* name, std::initializer_list<const char*> attributes = {}, const char* overload = nullptr)
      : name_(name), overload_(overload) {
    for (const char* a : attributes) names_[count_++] = a;
  }

  bool exists() const { return op_ != nullptr || find(); }
  const OpInfo& op() const {
    if (op_ == nullptr && !find()) [[unlikely]]
      raise(PyExc_NotImplementedError, "%s: this build of Tenon has no op of that name", name_);
    return *op_;
  }

  // A call with some attributes set: `NamedOp::Record r(select); r.set(0, dim); r.call(x)`.
  class Record {
   public:
    explicit Record(const NamedOp& named) : named_(named), op_(named.op()) {
      TENON_ASSERT(op_.record_size <= sizeof buffer_);
      op_.copy(buffer_, op_.defaults);
    }
    ~Record() { op_.destroy(buffer_); }
    Record(const Record&) = delete;

    template <class T>
    void set(int attribute, T value) {
      const ParameterInfo* p = named_.parameters_[attribute];
      void* at = buffer_ + p->offset;
      if constexpr (std::is_same_v<T, bool>) {
        if (p->type == AttributeType::Bool)
          *static_cast<bool*>(at) = value;
        else if (p->type == AttributeType::OptionalBool)
          *static_cast<OptionalBool*>(at) = value;
        else
          wrong_type(*p);
      } else if constexpr (std::is_integral_v<T>) {
        if (p->type == AttributeType::Int)
          *static_cast<int64_t*>(at) = value;
        else if (p->type == AttributeType::Dim)
          *static_cast<Dim*>(at) = Dim(static_cast<int64_t>(value));
        else if (p->type == AttributeType::OptionalInt)
          *static_cast<OptionalInt*>(at) = value;
        else if (p->type == AttributeType::Dims)
          *static_cast<Dims*>(at) = Dims{Dim(static_cast<int64_t>(value))};
        else if (p->type == AttributeType::OptionalDims)
          *static_cast<OptionalDims*>(at) = Dims{Dim(static_cast<int64_t>(value))};
        else
          wrong_type(*p);
      } else if constexpr (std::is_same_v<T, Dim>) {
        if (p->type == AttributeType::Dim)
          *static_cast<Dim*>(at) = value;
        else
          wrong_type(*p);
      } else if constexpr (std::is_same_v<T, Dims>) {
        if (p->type == AttributeType::Dims)
          *static_cast<Dims*>(at) = std::move(value);
        else if (p->type == AttributeType::OptionalDims)
          *static_cast<OptionalDims*>(at) = std::move(value);
        else
          wrong_type(*p);
      } else if constexpr (std::is_same_v<T, DType>) {
        if (p->type == AttributeType::DType)
          *static_cast<DType*>(at) = value;
        else if (p->type == AttributeType::OptionalDType)
          *static_cast<OptionalDType*>(at) = value;
        else
          wrong_type(*p);
      } else if constexpr (std::is_same_v<T, Device>) {
        if (p->type == AttributeType::Device)
          *static_cast<Device*>(at) = value;
        else if (p->type == AttributeType::OptionalDevice)
          *static_cast<OptionalDevice*>(at) = value;
        else
          wrong_type(*p);
      } else {
        static_assert(std::is_same_v<T, Scalar>);
        if (p->type == AttributeType::Scalar)
          *static_cast<Scalar*>(at) = value;
        else if (p->type == AttributeType::OptionalScalar)
          *static_cast<OptionalScalar*>(at) = value;
        else
          wrong_type(*p);
      }
    }
    Tensor call(std::initializer_list<TensorImpl*> inputs) { return named_.call(inputs, buffer_); }
    Tensor call(const Tensor& input) { return call({input.impl()}); }
    void call_inplace(Inputs inputs) { named_.call_inplace(inputs, buffer_); }

   private:
    [[noreturn]] void wrong_type(const ParameterInfo& p) const {
      fail<InternalError>(op_.name, ": the bindings do not know the type of attribute '", p.name, "'");
    }
    const NamedOp& named_;
    const OpInfo& op_;
    alignas(16) char buffer_[320];
  };

  Tensor call(std::initializer_list<TensorImpl*> inputs, const void* record = nullptr) const {
    return call(Inputs(inputs.begin(), static_cast<int>(inputs.size())), record);
  }
  Tensor call(Inputs inputs, const void* record = nullptr) const {
    const OpInfo& info = op();
    if (record == nullptr) record = info.defaults;
    if (info.output_count != 1) [[unlikely]]
      return call_many(info, inputs, record);
    Tensor out;
    Call c{&info, record, inputs, &out};
    tenon::apply(c);
    return out;
  }
  // The first input takes the result.
  void call_inplace(Inputs inputs, const void* record = nullptr) const {
    const OpInfo& info = op();
    Tensor out[kMaxOutputs];
    out[0] = inputs[0];
    Call c{&info, record == nullptr ? info.defaults : record, inputs, out};
    c.destination = Destination::Inplace;
    tenon::apply(c);
  }

 private:
  // The first of several outputs.
  [[gnu::noinline]] static Tensor call_many(const OpInfo& info, Inputs inputs, const void* record) {
    Tensor out[kMaxOutputs];
    Call c{&info, record, inputs, out};
    tenon::apply(c);
    return std::move(out[0]);
  }
  bool find() const {
    const OpInfo* found = nullptr;
    if (overload_ != nullptr) {
      found = registry().find(name_, overload_);
    } else if (const auto all = registry().overloads(name_); !all.empty()) {
      found = all.front();
    }
    if (found == nullptr) return false;
    for (int i = 0; i < count_; ++i) {
      parameters_[i] = nullptr;
      for (const ParameterInfo& p : found->parameters) {
        if (strcmp(p.name, names_[i]) == 0) parameters_[i] = &p;
      }
      if (parameters_[i] == nullptr) {
        fail<InternalError>(name_, ": the bindings expect an attribute '", names_[i], "'");
      }
    }
    op_ = found;
    return true;
  }

  static constexpr int kMaxAttributes = 6;
  const char* name_;
  const char* overload_;
  const char* names_[kMaxAttributes] = {};
  int count_ = 0;
  mutable const OpInfo* op_ = nullptr;
  mutable const ParameterInfo* parameters_[kMaxAttributes] = {};
};

}  // namespace tenon::python
