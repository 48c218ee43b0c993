// oneDNN's float32 matrix product, loaded at first use.
#pragma once

#include <tenon/kernels/cpu/gemm.h>

namespace tenon::inline v0::onednn {

// False when oneDNN is absent or a layout is not one of its. Runs on the calling thread alone: oneDNN is
// built on OpenMP, whose threads are not ours and do not survive a fork.
bool sgemm(const Gemm<float>& g);
// The library's handle for other oneDNN kernels: null when it is absent or TENON_ONEDNN=0.
void* library();
// Sets OpenMP's thread count of this thread to one for a scope.
class OneThread {
 public:
  OneThread();
  ~OneThread();
  OneThread(const OneThread&) = delete;

 private:
  int previous_;
};

}  // namespace tenon::inline v0::onednn
