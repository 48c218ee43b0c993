#include <tenon/core/tensor.h>

#include <new>

#include <tenon/core/allocator.h>
#include <tenon/core/error.h>
#include <tenon/core/extended.h>
#include <tenon/core/half.h>
#include <tenon/core/print.h>

namespace tenon::inline v0 {

GradState::~GradState() = default;
Extension::~Extension() = default;
void (*release_python_object)(void* object) = nullptr;

TensorImpl* TensorImpl::create() {
  void* memory = allocate(sizeof(TensorImpl));
  if (memory == nullptr) fail<MemoryError>("allocate: not enough memory for a tensor");
  return new (memory) TensorImpl;
}

void TensorImpl::destroy(TensorImpl* impl) {
  if (impl->owns_python && impl->python != nullptr) release_python_object(impl->python);
  delete impl->grad;
  delete impl->extension;
  impl->~TensorImpl();
  deallocate(impl, sizeof(TensorImpl));
}

int64_t checked_numel(const Shape& shape, DType dtype) {
  int64_t numel = 1, bytes;
  bool zero = false;
  check<ShapeError>(shape.size() <= kMaxKernelDims, "empty: shape ", shape, " has ", shape.size(),
                    " dimensions, and a tensor has at most ", kMaxKernelDims);
  for (Dim d : shape) {
    check<ShapeError>(d.value() >= 0, "empty: Trying to create tensor with negative dimension ", d, ": ", shape);
    zero |= d.value() == 0;
  }
  for (Dim d : shape) {
    // A size of zero counts as one: also strides must fit.
    if (__builtin_mul_overflow(numel, std::max<int64_t>(d.value(), 1), &numel)) {
      fail<ShapeError>("empty: shape ", shape, " has more elements than fit in 64 bits");
    }
  }
  if (__builtin_mul_overflow(numel, size_of(dtype), &bytes)) {
    fail<ShapeError>("empty: shape ", shape, " ", dtype, " has more bytes than fit in 64 bits");
  }
  return zero ? 0 : numel;
}

Strides contiguous_strides(const Shape& shape) {
  const size_t n = shape.size();
  Strides strides(n);
  const Dim* size = shape.data();
  Dim* to = strides.data();
  Dim step = 1;
  for (size_t i = n; i-- > 0;) {
    to[i] = step;
    if (i > 0 && !(size[i] == Dim(0))) step *= size[i];
  }
  return strides;
}

static bool is_contiguous_symbolic(const Shape& shape, const Strides& strides) {
  Dim expected = 1;
  bool contiguous = true;
  for (size_t i = shape.size(); i-- > 0;) {
    if (shape[i] == Dim(0)) return true;
    contiguous &= shape[i] == Dim(1) || strides[i] == expected;
    if (contiguous) expected *= shape[i];
  }
  return contiguous;
}

bool is_contiguous(const Shape& shape, const Strides& strides) {
  const Dim *size = shape.data(), *step = strides.data();
  uint64_t expected = 1;
  bool contiguous = true;
  for (size_t i = shape.size(); i-- > 0;) {
    if (size[i].is_symbolic() || step[i].is_symbolic()) [[unlikely]]
      return is_contiguous_symbolic(shape, strides);
    const int64_t n = size[i].raw();
    if (n == 0) return true;
    contiguous &= n == 1 || step[i].raw() == static_cast<int64_t>(expected);
    expected *= static_cast<uint64_t>(n);
  }
  return contiguous;
}

int64_t wrap_dim(const char* op, int64_t dim, int64_t ndim) {
  const int64_t range = ndim == 0 ? 1 : ndim;
  if (dim < -range || dim >= range) [[unlikely]] {
    fail<IndexError>(op, ": Dimension out of range (expected to be in range of [", -range, ", ", range - 1,
                     "], but got ", dim, ")");
  }
  return dim < 0 ? dim + range : dim;
}

Tensor::Tensor(Scalar value) {
  const DType dtype = value.dtype();
  *this = Tensor(Ref<TensorImpl>::adopt(TensorImpl::create()));
  impl_->spec.dtype = dtype;
  impl_->spec.weak = true;
  impl_->storage = Storage::allocate(TensorImpl::kExactOffset + sizeof(std::complex<double>), {});
  void* p = impl_->storage->data;
  void* exact = static_cast<char*>(p) + TensorImpl::kExactOffset;
  if (value.kind() == Kind::Complex)
    *static_cast<std::complex<double>*>(exact) = value.to_complex();
  else
    *static_cast<double*>(exact) = value.to_double();
  switch (dtype) {
    case DType::Bool:
      *static_cast<bool*>(p) = value.to_bool();
      break;
    case DType::Int64:
      *static_cast<int64_t*>(p) = value.to_int();
      break;
    case DType::Float32:
      *static_cast<float*>(p) = static_cast<float>(value.to_double());
      break;
    case DType::Float64:
      *static_cast<double*>(p) = value.to_double();
      break;
    case DType::Float16:
      *static_cast<Half*>(p) = Half(static_cast<float>(value.to_double()));
      break;
    case DType::BFloat16:
      *static_cast<BFloat16*>(p) = BFloat16(static_cast<float>(value.to_double()));
      break;
    case DType::Complex64:
      *static_cast<std::complex<float>*>(p) = std::complex<float>(value.to_complex());
      break;
    case DType::Complex128:
      *static_cast<std::complex<double>*>(p) = value.to_complex();
      break;
    default:
      TENON_ASSERT(false);
  }
}

Tensor Tensor::empty(const Shape& shape, DType dtype, Device device) {
  const int64_t numel = checked_numel(shape, dtype);
  Tensor out(Ref<TensorImpl>::adopt(TensorImpl::create()));
  out.impl_->spec.shape = shape;
  out.impl_->spec.dtype = dtype;
  out.impl_->spec.device = device;
  out.impl_->strides = contiguous_strides(shape);
  out.impl_->storage = Storage::allocate(static_cast<size_t>(numel * size_of(dtype)), device);
  return out;
}

Tensor Tensor::empty_strided(const Shape& shape, const Strides& strides, DType dtype, Device device) {
  check<ShapeError>(shape.size() == strides.size(), "empty_strided: shape ", shape, " and stride ", strides,
                    " differ in length");
  int64_t extent = checked_numel(shape, dtype) == 0 ? 0 : 1;
  for (size_t i = 0; extent != 0 && i < shape.size(); ++i) {
    check<ValueError>(strides[i].value() >= 0, "empty_strided: negative stride in ", strides);
    int64_t reach;
    if (__builtin_mul_overflow(shape[i].value() - 1, strides[i].raw(), &reach) ||
        __builtin_add_overflow(extent, reach, &extent)) {
      fail<ShapeError>("empty_strided: shape ", shape, " with stride ", strides,
                       " spans more elements than fit in 64 bits");
    }
  }
  Tensor out = empty({extent}, dtype, device);
  out.impl_->spec.shape = shape;
  out.impl_->strides = strides;
  out.impl_->contiguous = tenon::is_contiguous(shape, strides);
  return out;
}

Tensor Tensor::borrow(void* data, const Shape& shape, const Strides& strides, DType dtype, void* owner,
                      void (*deleter)(void*)) {
  int64_t extent = checked_numel(shape, dtype) == 0 ? 0 : 1;
  for (size_t i = 0; extent != 0 && i < shape.size(); ++i) extent += (shape[i].value() - 1) * strides[i].value();
  Tensor out(Ref<TensorImpl>::adopt(TensorImpl::create()));
  out.impl_->storage = Storage::borrow(data, static_cast<size_t>(extent * size_of(dtype)), owner, deleter);
  out.impl_->spec.shape = shape;
  out.impl_->spec.dtype = dtype;
  out.impl_->strides = strides;
  out.impl_->contiguous = tenon::is_contiguous(shape, strides);
  return out;
}

const ExtensionHooks* extension_hooks = nullptr;

void refuse_values(const TensorImpl* impl, const char* what) {
  if (extension_hooks != nullptr) extension_hooks->explain(impl, what);
  fail<DTypeError>(what, ": the tensor ", impl->spec, " is not a plain strided tensor, and has no values to read");
}

// The same look at the same values; another one is a view, which goes through the door.
static Tensor alias_extended(const TensorImpl* impl, const Shape& shape, const Strides& strides, Dim offset) {
  const bool same = impl->spec.shape == shape && impl->strides == strides && impl->offset == offset;
  Extension* extension = same && impl->extension != nullptr && extension_hooks != nullptr
                             ? extension_hooks->copy(*impl->extension)
                             : nullptr;
  if (extension == nullptr) refuse_values(impl, "alias()");
  Tensor out(Ref<TensorImpl>::adopt(TensorImpl::create()));
  out.impl()->spec = impl->spec;
  out.impl()->strides = strides;
  out.impl()->offset = offset;
  out.impl()->contiguous = impl->contiguous;
  out.impl()->storage = impl->storage;
  out.impl()->extension = extension;
  out.impl()->flags = impl->flags & (TensorImpl::kUntracked | TensorImpl::kInference | TensorImpl::kExtended);
  return out;
}

Tensor Tensor::alias(const Shape& shape, const Strides& strides, Dim offset) const {
  if ((impl_->flags & TensorImpl::kExtended) != 0) [[unlikely]]
    return alias_extended(impl_.get(), shape, strides, offset);
  check<ShapeError>(shape.size() <= kMaxKernelDims, "alias: shape ", shape, " has ", shape.size(),
                    " dimensions, and a tensor has at most ", kMaxKernelDims);
  Tensor out(Ref<TensorImpl>::adopt(TensorImpl::create()));
  out.impl_->spec.shape = shape;
  out.impl_->spec.dtype = dtype();
  out.impl_->spec.device = device();
  out.impl_->strides = strides;
  out.impl_->offset = offset;
  out.impl_->contiguous = tenon::is_contiguous(shape, strides);
  out.impl_->storage = impl_->storage;
  out.impl_->flags = impl_->flags & (TensorImpl::kUntracked | TensorImpl::kInference);
  return out;
}

int64_t Tensor::size(int64_t d) const {
  check<IndexError>(dim() > 0, "size: Dimension specified as ", d, " but tensor has no dimensions");
  return shape()[static_cast<size_t>(wrap_dim("size", d, dim()))].value();
}

Scalar Tensor::scalar() const {
  if ((impl_->flags & TensorImpl::kExtended) != 0) [[unlikely]]
    refuse_values(impl_.get(), ".item()");
  check<ShapeError>(numel() == 1, "item: a Tensor with ", numel(),
                    " elements cannot be converted to Scalar; its shape is ", shape());
  check<DeviceError>(device().kind == DeviceKind::CPU, "item: a tensor on ", device(),
                     " has no value to read; copy it to the cpu first");
  return read_element(data_ptr(), dtype());
}

void check_data_type(const Tensor& tensor, DType wanted) {
  if ((tensor.impl()->flags & TensorImpl::kExtended) != 0) refuse_values(tensor.impl(), "data()");
  check<DTypeError>(tensor.dtype() == wanted, "data: the tensor is ", tensor.dtype(), ", and a pointer to ", wanted,
                    " was asked for");
}

std::string to_text(const Spec& spec) { return text(spec.shape, " ", spec.dtype); }
std::string to_text(const Tensor& tensor) { return tensor.defined() ? to_text(tensor.spec()) : std::string("None"); }

}  // namespace tenon::inline v0
