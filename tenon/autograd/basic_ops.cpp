#include <tenon/autograd/basic_ops.h>

#include <cstring>

#include <tenon/core/door.h>

namespace tenon::inline v0::basic {

namespace {

// A call by name, with attributes by name: autograd needs no op's header, only the registry.
class OpCall {
 public:
  explicit OpCall(const OpInfo& op) : op_(op) {
    TENON_ASSERT(op.record_size <= sizeof(record_));
    op.copy(record_, op.defaults);
  }
  ~OpCall() { op_.destroy(record_); }
  OpCall(const OpCall&) = delete;

  template <class T>
  OpCall& set(const char* name, const T& value) {
    for (const ParameterInfo& p : op_.parameters) {
      if (p.kind != ParameterKind::Attribute || std::strcmp(p.name, name) != 0) continue;
      void* at = record_ + p.offset;
      if (p.type == AttributeTypeOf<T>::value) {
        *static_cast<T*>(at) = value;
        return *this;
      }
      if constexpr (!std::is_same_v<T, bool> && !std::is_same_v<T, Dim>) {
        if (p.type == AttributeTypeOf<std::optional<T>>::value) {
          *static_cast<std::optional<T>*>(at) = value;
          return *this;
        }
      }
      fail<InternalError>("autograd: attribute ", name, " of ", op_.name, " has another type");
    }
    fail<InternalError>("autograd: ", op_.name, " has no attribute ", name);
  }
  template <class... T>
  Tensor run(const T&... inputs) {
    TensorImpl* const in[] = {inputs.impl()..., nullptr};
    Tensor out[kMaxOutputs];
    Call call{&op_, record_, Inputs(in, sizeof...(T)), out};
    apply(call);
    return std::move(out[0]);
  }
  template <class... T>
  void run_inplace(const Tensor& self, const T&... inputs) {
    TensorImpl* const in[] = {self.impl(), inputs.impl()..., nullptr};
    Tensor out[kMaxOutputs];
    out[0] = self;
    Call call{&op_, record_, Inputs(in, sizeof...(T) + 1), out};
    call.destination = Destination::Inplace;
    apply(call);
  }

 private:
  const OpInfo& op_;
  alignas(16) char record_[256];
};

const OpInfo& named(const char* name, const char* overload = "") {
  const OpInfo* found = registry().find(name, overload);
  check<InternalError>(found != nullptr, "autograd: there is no op ", name);
  return *found;
}

// Looked up once each.
#define TENON_BASIC_OP(variable, ...) static const OpInfo& variable = named(__VA_ARGS__)

}  // namespace

Tensor add(const Tensor& a, const Tensor& b) {
  TENON_BASIC_OP(op, "add");
  return OpCall(op).run(a, b);
}
void add_into(const Tensor& a, const Tensor& b) {
  TENON_BASIC_OP(op, "add");
  OpCall(op).run_inplace(a, b);
}
Tensor sum(const Tensor& x, const Dims& dims, bool keepdim) {
  TENON_BASIC_OP(op, "sum");
  return OpCall(op).set("dim", dims).set("keepdim", keepdim).run(x);
}
Tensor cast(const Tensor& x, DType dtype) {
  TENON_BASIC_OP(op, "_to_copy");
  return OpCall(op).set("dtype", dtype).run(x);
}
Tensor real_part(const Tensor& x) {
  TENON_BASIC_OP(pairs, "view_as_real");
  TENON_BASIC_OP(select, "select");
  return OpCall(select).set("dim", int64_t{-1}).set("index", int64_t{0}).run(OpCall(pairs).run(x));
}
Tensor reshape(const Tensor& x, const Shape& shape) {
  TENON_BASIC_OP(op, "reshape");
  return OpCall(op).set("shape", shape).run(x);
}
Tensor clone(const Tensor& x) {
  TENON_BASIC_OP(op, "clone");
  return OpCall(op).run(x);
}
void copy_into(const Tensor& to, const Tensor& from) {
  TENON_BASIC_OP(op, "copy");
  OpCall(op).run_inplace(to, from);
}
Tensor as_strided(const Tensor& x, const Shape& shape, const Strides& strides, Dim offset) {
  TENON_BASIC_OP(op, "_as_strided");
  return OpCall(op).set("size", shape).set("stride", strides).set("storage_offset", offset).run(x);
}
Tensor as_strided_backward(const Tensor& x, const Shape& sizes, const Strides& strides, Dim offset) {
  TENON_BASIC_OP(op, "_as_strided_backward");
  return OpCall(op).set("sizes", sizes).set("stride", strides).set("storage_offset", offset).run(x);
}

Tensor zeros(const Spec& spec) {
  Tensor out = Tensor::empty(spec.shape, spec.dtype, spec.device);
  copy_into(out, Tensor(Scalar(0)));
  return out;
}
Tensor ones(const Spec& spec) {
  TENON_BASIC_OP(op, "ones");
  return OpCall(op).set("size", spec.shape).set("dtype", spec.dtype).set("device", spec.device).run();
}

}  // namespace tenon::inline v0::basic
