// Indexing as users write it: `index(x, {Slice(1, 3), None, mask})`. Integers, slices, None and Ellipsis make
// one view; tensors and masks then pick from it. Python's brackets come here as well.
#pragma once

#include <initializer_list>
#include <span>
#include <vector>

#include <tenon/core/index.h>
#include <tenon/ops/views.h>

namespace tenon::inline v0 {

// An index sorted into its view and the tensors that pick from the view's dimensions (undefined: all of it).
struct PreparedIndex {
  BasicIndex basic;
  std::vector<Tensor> tensors;  // empty when the index is basic
};
TENON_API PreparedIndex prepare_index(const Tensor& x, std::span<const TensorIndex> components);

TENON_API Tensor index(const Tensor& x, std::initializer_list<TensorIndex> components);
TENON_API Tensor index(const Tensor& x, std::span<const TensorIndex> components);
// x[components] = value, cast to the dtype of x and broadcast; leading dimensions of size 1 may be too many.
TENON_API const Tensor& index_put_(const Tensor& x, std::initializer_list<TensorIndex> components, const Tensor& value);
TENON_API const Tensor& index_put_(const Tensor& x, std::span<const TensorIndex> components, const Tensor& value);
TENON_API void assign_index(const Tensor& x, const PreparedIndex& index, const Tensor& value);
TENON_API Tensor apply_index(const Tensor& x, const PreparedIndex& index);

}  // namespace tenon::inline v0
