// Tensors that are traced, for code that reads sizes and values.
#pragma once

#include <tenon/core/extended.h>

#include "object.h"

namespace tenon::python {

// How much work a tensor is, in elements; one that is traced is none.
inline int64_t work_of(const TensorImpl* impl) {
  return (impl->flags & TensorImpl::kExtended) != 0 ? 0 : impl->numel();
}
// For code that reads values: raises where there are none to read. `what` is how the user asks for them.
inline void need_values(const Tensor& tensor, const char* what) {
  if ((tensor.impl()->flags & TensorImpl::kExtended) != 0) [[unlikely]]
    refuse_values(tensor.impl(), what);
}

}  // namespace tenon::python
