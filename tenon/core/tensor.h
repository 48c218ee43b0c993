// Tensor: a one-pointer handle to a shape, a dtype and shared storage. Ops are free functions and methods
// generated from the op records (tenon/ops/functions.h, tensor_methods.inc).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <tenon/core/device.h>
#include <tenon/core/dim.h>
#include <tenon/core/dtype.h>
#include <tenon/core/export.h>
#include <tenon/core/ref.h>
#include <tenon/core/scalar.h>
#include <tenon/core/storage.h>
#include <tenon/core/view.h>

namespace tenon::inline v0 {

class Generator;
class Tensor;
struct TensorImpl;

// A random op's source; empty means the default generator.
using GeneratorHandle = std::shared_ptr<Generator>;

// What a shape and dtype rule reads and writes.
struct Spec {
  Shape shape;
  DType dtype = DType::Float32;
  Device device;
  bool weak = false;  // made of a Python number: its kind promotes, its width does not

  int64_t dim() const { return static_cast<int64_t>(shape.size()); }
};

// Autograd's part of a tensor. Core only owns it; what it holds is autograd's business.
struct TENON_API GradState {
  virtual ~GradState();
};

// Batching levels, placements, sparse and quantised data: a kind and its payload.
struct TENON_API Extension {
  explicit Extension(int kind) : kind(kind) {}
  virtual ~Extension();
  const int kind;
};

struct TENON_API TensorImpl : RefCounted {
  enum Flag : uint8_t {
    kRequiresGrad = 1,  // a leaf that wants a gradient, or the result of one
    kIntercepted = 2,   // the interceptors must see every call with this tensor
    kUntracked = 4,     // `.data`: writes do not bump the version
    kParameter = 8,     // nn.Parameter in Python
    kInference = 16,    // made under inference_mode
    kExtended = 32,     // has an extension: strided kernels refuse it
    kView = 64,         // follows its base in gradients; without a base it was made where nobody recorded
  };

  // Where the storage of a Python number has its value in full width (double, complex<double>).
  static constexpr size_t kExactOffset = 16;

  uint8_t flags = 0;
  bool contiguous = true;
  Spec spec;
  Strides strides;  // in elements
  Dim offset;       // in elements
  Ref<Storage> storage;
  Ref<TensorImpl> base;  // of a view: the tensor it looks into, never itself a view
  GradState* grad = nullptr;
  Extension* extension = nullptr;
  void* python = nullptr;    // the Python object of this tensor, if it has one
  bool owns_python = false;  // the object outlives its last Python reference, for its attributes

  void* data() const {
    return storage ? static_cast<char*>(storage->data) + offset.raw() * size_of(spec.dtype) : nullptr;
  }
  int64_t numel() const {
    uint64_t n = 1;  // wraps only on the way to zero: a shape that overflows is never made
    for (Dim d : spec.shape) n *= static_cast<uint64_t>(d.value());
    return static_cast<int64_t>(n);
  }
  View view() const {
    return {data(),
            reinterpret_cast<const int64_t*>(spec.shape.data()),
            reinterpret_cast<const int64_t*>(strides.data()),
            static_cast<int32_t>(spec.shape.size()),
            spec.dtype,
            true,
            contiguous};
  }

  static TensorImpl* create();
  static void destroy(TensorImpl* impl);
};

// Called when a tensor that owns its Python object dies. Set once by the bindings.
TENON_API extern void (*release_python_object)(void* object);

// Attributes of ops may default to "absent".
using OptionalDType = std::optional<DType>;
using OptionalDevice = std::optional<Device>;
using OptionalDims = std::optional<Dims>;
using OptionalInt = std::optional<int64_t>;
using OptionalDouble = std::optional<double>;
using OptionalScalar = std::optional<Scalar>;
using OptionalBool = std::optional<bool>;

class TENON_API Tensor {
 public:
  Tensor() = default;
  explicit Tensor(Ref<TensorImpl> impl) : impl_(std::move(impl)) {}
  // A number becomes a weak zero-dimensional tensor, so that `x * 2` and `add(x, 2.5)` just work.
  Tensor(Scalar value);
  template <class T>
  requires std::is_arithmetic_v<T> Tensor(T value) : Tensor(Scalar(value)) {}

  // Memory with unspecified content. MemoryError, ShapeError (negative or overflowing sizes).
  static Tensor empty(const Shape& shape, DType dtype = default_dtype(), Device device = {});
  static Tensor empty_strided(const Shape& shape, const Strides& strides, DType dtype, Device device = {});
  // Copies `values`: shape (n,).
  template <class T>
  static Tensor of(std::initializer_list<T> values);
  // Looks at memory that `owner` keeps alive until `deleter(owner)`.
  static Tensor borrow(void* data, const Shape& shape, const Strides& strides, DType dtype, void* owner,
                       void (*deleter)(void*));

  bool defined() const { return static_cast<bool>(impl_); }
  explicit operator bool() const { return defined(); }
  TensorImpl* impl() const { return impl_.get(); }
  Ref<TensorImpl> detach_ref() { return std::move(impl_); }

  const Spec& spec() const { return impl_->spec; }
  const Shape& shape() const { return impl_->spec.shape; }
  const Shape& sizes() const { return impl_->spec.shape; }
  const Strides& strides() const { return impl_->strides; }
  int64_t dim() const { return impl_->spec.dim(); }
  // Size of one dimension, negative counts from the end. IndexError.
  int64_t size(int64_t dim) const;
  int64_t numel() const { return impl_->numel(); }
  DType dtype() const { return impl_->spec.dtype; }
  Device device() const { return impl_->spec.device; }
  int64_t storage_offset() const { return impl_->offset.value(); }
  bool is_contiguous() const { return impl_->contiguous; }
  int64_t element_size() const { return size_of(dtype()); }
  void* data_ptr() const { return impl_->data(); }
  // Typed pointer to the first element. DTypeError when T is not the tensor's type.
  template <class T>
  T* data() const;
  uint32_t version() const { return impl_->storage ? impl_->storage->version.load() : 0; }
  // The value of a one-element tensor. ShapeError otherwise.
  Scalar scalar() const;
  template <class T>
  T item() const {
    if constexpr (std::is_same_v<T, bool>) return scalar().to_bool();
    if constexpr (std::is_integral_v<T>) return static_cast<T>(scalar().to_int());
    if constexpr (std::is_floating_point_v<T>) return static_cast<T>(scalar().to_double());
    if constexpr (!std::is_arithmetic_v<T>) return static_cast<T>(scalar().to_complex());
  }
  // As PyTorch prints it.
  std::string str() const;

  // A new handle on the same storage with other geometry; no gradient is recorded.
  Tensor alias(const Shape& shape, const Strides& strides, Dim offset) const;
  bool is_same(const Tensor& other) const { return impl_ == other.impl_; }

  // Autograd (tenon/autograd/autograd.h has the rest).
  bool requires_grad() const {
    return defined() && ((impl_->flags & TensorImpl::kRequiresGrad) != 0 ||
                         (impl_->base && (impl_->base->flags & TensorImpl::kRequiresGrad) != 0));
  }
  Tensor& requires_grad_(bool value = true);  // AutogradError: not a leaf, or not a floating dtype
  bool is_leaf() const;
  Tensor grad() const;  // undefined when there is none
  void set_grad(Tensor grad);
  Tensor detach() const;
  // Gradients of this tensor with respect to the leaves, accumulated into their grad().
  void backward(const Tensor& gradient = {}, bool retain_graph = false, bool create_graph = false) const;

#if __has_include(<tenon/ops/tensor_methods.inc>)
#include <tenon/ops/tensor_methods.inc>
#endif

 private:
  Ref<TensorImpl> impl_;
};
static_assert(sizeof(Tensor) == sizeof(void*));

template <class T>
inline constexpr DType dtype_of = [] {
  if constexpr (std::is_same_v<T, bool>)
    return DType::Bool;
  else if constexpr (std::is_same_v<T, uint8_t>)
    return DType::UInt8;
  else if constexpr (std::is_same_v<T, int8_t>)
    return DType::Int8;
  else if constexpr (std::is_same_v<T, int16_t>)
    return DType::Int16;
  else if constexpr (std::is_same_v<T, int32_t>)
    return DType::Int32;
  else if constexpr (std::is_same_v<T, int64_t> || std::is_same_v<T, long long>)
    return DType::Int64;
  else if constexpr (std::is_same_v<T, float>)
    return DType::Float32;
  else if constexpr (std::is_same_v<T, double>)
    return DType::Float64;
  else if constexpr (std::is_same_v<T, std::complex<float>>)
    return DType::Complex64;
  else {
    static_assert(std::is_same_v<T, std::complex<double>>, "no dtype for this type");
    return DType::Complex128;
  }
}();

TENON_API void check_data_type(const Tensor& tensor, DType wanted);

template <class T>
T* Tensor::data() const {
  check_data_type(*this, dtype_of<std::remove_const_t<T>>);
  return static_cast<T*>(data_ptr());
}

template <class T>
Tensor Tensor::of(std::initializer_list<T> values) {
  Tensor out = empty({values.size()}, dtype_of<T>);
  T* p = static_cast<T*>(out.data_ptr());
  for (T v : values) *p++ = v;
  return out;
}

// "(2, 3) float32": how error texts name a tensor.
TENON_API std::string to_text(const Spec& spec);
TENON_API std::string to_text(const Tensor& tensor);
std::string to_text(const Tensor& tensor);

// Row-major strides, as if sizes of 0 were 1. A symbolic size is taken to be neither.
TENON_API Strides contiguous_strides(const Shape& shape);
TENON_API bool is_contiguous(const Shape& shape, const Strides& strides);
// Element count. ShapeError on overflow or a negative size.
TENON_API int64_t checked_numel(const Shape& shape, DType dtype);
// Negative dims count from the end; zero-dimensional tensors accept 0 and -1. IndexError names `op`.
TENON_API int64_t wrap_dim(const char* op, int64_t dim, int64_t ndim);

}  // namespace tenon::inline v0
