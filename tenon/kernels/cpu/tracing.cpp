// Writes through views as new values, and sizes as values.
#include <tenon/ops/tracing.h>

#include <cstring>

#include <tenon/core/index.h>
#include <tenon/kernels/cpu/cast.h>
#include <tenon/kernels/cpu/strided.h>

namespace tenon::inline v0 {

namespace {

const Dim* as_dims(const int64_t* numbers) { return reinterpret_cast<const Dim*>(numbers); }
Dim* as_dims(int64_t* numbers) { return reinterpret_cast<Dim*>(numbers); }

// The output is row-major, so the input is walked in order and written through.
void copy_in_order(const View& x, const View& out) {
  const int64_t size = size_of(x.dtype);
  PairedStrides s;
  int64_t step[kMaxKernelDims], n = size;
  for (int i = x.ndim; i-- > 0;) {
    step[i] = n;
    n *= x.sizes[i];
  }
  for (int i = 0; i < x.ndim; ++i) s.push(x.sizes[i], x.strides[i] * size, step[i]);
  for_each_run(s, x.as<char>(), out.as<char>(), copy_loop(size));
}
// What is not written is the input's; the output may lie over it.
void basic_index_scatter(const BasicIndexScatter& r, ConstViews in, Views out, Context&) {
  const View &part = in[1], &whole = out[0];
  if (whole.data != in[0].data) copy_in_order(in[0], whole);
  const int64_t size = size_of(part.dtype);
  int64_t steps[kMaxKernelDims], sizes[kMaxKernelDims], strides[kMaxKernelDims];
  Dim offset;
  int64_t step = 1;
  for (int i = whole.ndim; i-- > 0; step *= whole.sizes[i]) steps[i] = step;
  const int n = basic_index_layout(r.pattern, r.values, whole.ndim, as_dims(whole.sizes), as_dims(steps),
                                   as_dims(sizes), as_dims(strides), &offset);
  PairedStrides s;
  for (int i = 0; i < n; ++i) s.push(sizes[i], part.strides[i] * size, strides[i] * size);
  for_each_run(s, part.as<char>(), whole.as<char>() + offset.raw() * size, copy_loop(size));
}
void as_strided_scatter(const AsStridedScatter& r, ConstViews in, Views out, Context&) {
  const View& part = in[1];
  if (out[0].data != in[0].data) copy_in_order(in[0], out[0]);
  const int64_t size = size_of(part.dtype);
  PairedStrides s;
  for (int i = 0; i < part.ndim; ++i)
    s.push(part.sizes[i], part.strides[i] * size, r.stride[static_cast<size_t>(i)].raw() * size);
  for_each_run(s, part.as<char>(), out[0].as<char>() + r.storage_offset.raw() * size, copy_loop(size), false);
}

void size_number(const SizeNumber& r, ConstViews, Views out, Context&) { *out[0].as<int64_t>() = r.size.raw(); }

void arange_size(const ArangeSize& r, ConstViews, Views out, Context&) {
  const CastLoop store = cast_loop(DType::Int64, out[0].dtype);
  for (int64_t i = 0; i < r.end.raw(); ++i)
    store(reinterpret_cast<const char*>(&i), 0, out[0].as<char>() + i * size_of(out[0].dtype), 0, 1);
}

}  // namespace

void register_tracing_kernels(Registry& registry) {
  registry.add_kernel<BasicIndexScatter, basic_index_scatter>();
  registry.add_kernel<AsStridedScatter, as_strided_scatter>();
  registry.add_kernel<SizeNumber, size_number>();
  registry.add_kernel<ArangeSize, arange_size>();
}

}  // namespace tenon::inline v0
