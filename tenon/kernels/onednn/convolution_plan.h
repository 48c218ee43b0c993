// Convolutions prepared by oneDNN, kept because preparing one compiles code for it.
#pragma once

#include <dnnl.h>

#include <cstddef>

#include <tenon/kernels/cpu/convolution_shape.h>

namespace tenon::inline v0::onednn {

#define TENON_ONEDNN_FUNCTIONS(X)                \
  X(engine_create)                               \
  X(stream_create)                               \
  X(stream_destroy)                              \
  X(memory_create)                               \
  X(memory_destroy)                              \
  X(memory_desc_init_by_tag)                     \
  X(memory_desc_equal)                           \
  X(memory_desc_get_size)                        \
  X(primitive_attr_create)                       \
  X(primitive_attr_destroy)                      \
  X(primitive_attr_set_scratchpad_mode)          \
  X(primitive_desc_create)                       \
  X(primitive_desc_destroy)                      \
  X(primitive_desc_query)                        \
  X(primitive_desc_query_md)                     \
  X(primitive_create)                            \
  X(primitive_destroy)                           \
  X(primitive_execute)                           \
  X(reorder_primitive_desc_create)               \
  X(dilated_convolution_forward_desc_init)       \
  X(dilated_convolution_backward_data_desc_init) \
  X(dilated_convolution_backward_weights_desc_init)

// The functions that convolutions need, found in the loaded library.
struct Api {
#define TENON_ONEDNN_DECLARE(name) decltype(&::dnnl_##name) name = nullptr;
  TENON_ONEDNN_FUNCTIONS(TENON_ONEDNN_DECLARE)
#undef TENON_ONEDNN_DECLARE
  dnnl_engine_t engine = nullptr;
  bool complete = false;

  Api();
};
const Api& api();

enum class Part : int64_t { Forward, InputGradient, WeightGradient };

// One operand of a piece: in memory, and as the primitive wants it.
struct Operand {
  dnnl_memory_desc_t plain, wanted;
  dnnl_primitive_t reorder = nullptr;  // null when the two are the same
  size_t bytes = 0;                    // of the wanted form
};

// A convolution of some images by one thread.
struct Piece {
  int64_t images = 0;
  dnnl_primitive_t primitive = nullptr;
  Operand x, w, out;
  dnnl_memory_desc_t bias, scratchpad;
  size_t scratchpad_bytes = 0;

  Piece() = default;
  Piece(const Piece&) = delete;
  ~Piece();
};

// The batch is `whole` pieces and perhaps a shorter one.
struct Plan {
  Piece piece, rest;
  bool usable = false;  // false: oneDNN has nothing good for it
};

// A reference to a plan in the cache, which keeps it alive.
class PlanRef {
 public:
  PlanRef() = default;
  explicit PlanRef(struct CachedPlan* plan) : plan_(plan) {}
  ~PlanRef();
  PlanRef(const PlanRef&) = delete;
  PlanRef& operator=(const PlanRef&) = delete;
  const Plan* get() const;

 private:
  struct CachedPlan* plan_ = nullptr;
};

// For pieces of `images` images and one of `rest` (may be 0). Thread-safe.
PlanRef find_plan(Part part, const ConvolutionShape& s, bool bias, int64_t images, int64_t rest);

}  // namespace tenon::inline v0::onednn
