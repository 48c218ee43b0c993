// Kernels of the views' gradients and of reshape's copy; the views themselves need none.
#include <tenon/ops/views.h>

#include <cstring>

#include <tenon/core/index.h>
#include <tenon/core/thread_pool.h>
#include <tenon/kernels/cpu/register.h>
#include <tenon/kernels/cpu/strided.h>

namespace tenon::inline v0 {

namespace {

void row_major(const Dims& sizes, int64_t* out) {
  int64_t step = 1;
  for (size_t i = sizes.size(); i-- > 0;) {
    out[i] = step;
    step *= sizes[i].raw();
  }
}

void clear(const View& out) {
  char* p = out.as<char>();
  parallel_for(0, out.numel() * size_of(out.dtype), 1 << 20,
               [&](int64_t b, int64_t e) { std::memset(p + b, 0, static_cast<size_t>(e - b)); });
}

// The output is row-major and fresh, so the input is walked in order and written through.
void reshape_copy(const ReshapeCopy&, ConstViews in, Views out, Context&) {
  const View& x = in[0];
  const int64_t size = size_of(x.dtype);
  PairedStrides s;
  int64_t step[kMaxKernelDims], n = size;
  for (int i = x.ndim; i-- > 0;) {
    step[i] = n;
    n *= x.sizes[i];
  }
  for (int i = 0; i < x.ndim; ++i) s.push(x.sizes[i], x.strides[i] * size, step[i]);
  for_each_run(s, x.as<char>(), out[0].as<char>(), copy_loop(size));
}

// A Dim is its number here.
const Dim* as_dims(const int64_t* numbers) { return reinterpret_cast<const Dim*>(numbers); }
Dim* as_dims(int64_t* numbers) { return reinterpret_cast<Dim*>(numbers); }

void basic_index_backward(const BasicIndexBackward& r, ConstViews in, Views out, Context&) {
  const View& x = in[0];
  const int64_t size = size_of(x.dtype);
  clear(out[0]);
  int64_t whole[kMaxKernelDims], sizes[kMaxKernelDims], strides[kMaxKernelDims];
  Dim offset;
  row_major(r.sizes, whole);
  const int n = basic_index_layout(r.pattern, r.values, out[0].ndim, as_dims(out[0].sizes), as_dims(whole),
                                   as_dims(sizes), as_dims(strides), &offset);
  PairedStrides s;
  for (int i = 0; i < n; ++i) s.push(sizes[i], x.strides[i] * size, strides[i] * size);
  for_each_run(s, x.as<char>(), out[0].as<char>() + offset.raw() * size, copy_loop(size));
}

// Windows may overlap (unfold, expand): elements that meet are added, on one thread.
void as_strided_backward(const AsStridedBackward& r, ConstViews in, Views out, Context&) {
  const View& x = in[0];
  const int64_t size = size_of(x.dtype);
  clear(out[0]);
  PairedStrides s;
  for (int i = 0; i < x.ndim; ++i)
    s.push(x.sizes[i], x.strides[i] * size, r.stride[static_cast<size_t>(i)].raw() * size);
  for_each_run(s, x.as<char>(), out[0].as<char>() + r.storage_offset.raw() * size, add_loop(x.dtype), false);
}

}  // namespace

void register_views_kernels(Registry& registry) {
  registry.add_kernel<ReshapeCopy, reshape_copy>();
  registry.add_kernel<BasicIndexBackward, basic_index_backward>();
  registry.add_kernel<AsStridedBackward, as_strided_backward>();
}

}  // namespace tenon::inline v0
