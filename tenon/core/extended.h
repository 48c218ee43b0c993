// Tensors with an extension and no memory of their own (traced, batched), where code asks for more than the door.
#pragma once

#include <tenon/core/tensor.h>

namespace tenon::inline v0 {

// Raises for a tensor whose values cannot be read; `what` asks for them.
[[noreturn]] TENON_API void refuse_values(const TensorImpl* impl, const char* what);

// Set by the floor that makes such tensors.
struct ExtensionHooks {
  void (*explain)(const TensorImpl* impl, const char* what);  // a better error than the plain one
  Extension* (*copy)(const Extension& extension);             // for another handle on the same values, or null
};
TENON_API extern const ExtensionHooks* extension_hooks;

}  // namespace tenon::inline v0
