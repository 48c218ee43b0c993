// What a gradient rule sees: the saved values, the gradients of the outputs, and which inputs want one.
#pragma once

#include <tenon/core/op.h>

namespace tenon::inline v0 {

// The stretch of a storage that holds both of two layouts, in elements.
struct Stretch {
  Dim offset, extent;
};
inline Stretch enclosing(const Layout& a, const Layout& b) {
  const auto end = [](const Layout& l) {
    Dim last = l.offset + 1;
    for (size_t d = 0; d < l.strides.size(); ++d) {
      if (!(l.shape[d] == Dim(0))) last += (l.shape[d] - 1) * l.strides[d];
    }
    return last;
  };
  const Dim offset = min(a.offset, b.offset);
  return {offset, max(end(a), end(b)) - offset};
}

class TENON_API Gradients {
 public:
  // True when input `i` needs a gradient. Rules may compute the others anyway, but should not.
  bool needs(int i) const { return i < 64 ? (needed_ >> i & 1) != 0 : needs_more(i); }
  int input_count() const { return input_count_; }
  // Saved values; AutogradError when one was changed in place since. InternalError when not declared.
  Tensor input(int i) const;
  Tensor output(int i = 0) const;
  bool has_input(int i) const;  // an optional input was given
  // Shape and dtype of input `i`, which needs no saving.
  const Spec& input_spec(int i) const;
  // Where saved input `i` lies in its storage. Unlike input(), it may have been written since.
  Layout input_layout(int i) const;
  // Gradient of output `i`; undefined when nothing depends on it.
  const Tensor& grad(int i = 0) const;
  // The gradient of input `i`: summed down to the input's shape where it was broadcast, cast to its dtype.
  void set(int i, Tensor gradient);

 private:
  friend struct GradientCall;
  Gradients() = default;
  bool needs_more(int i) const;

  uint64_t needed_ = 0;
  int input_count_ = 0;
  void* call_ = nullptr;  // the tape's side of it
};

}  // namespace tenon::inline v0
