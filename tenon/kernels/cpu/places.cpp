#include <tenon/kernels/cpu/places.h>

#include <cstdio>
#include <initializer_list>
#include <utility>

#include <tenon/core/thread_pool.h>
#include <tenon/kernels/cpu/elementwise_loop.h>

namespace tenon::inline v0 {

int64_t product(const int64_t* sizes, int n) {
  int64_t out = 1;
  for (int i = 0; i < n; ++i) out *= sizes[i];
  return out;
}

bool wrap_index(int64_t& index, int64_t size, int dim, Context& context) {
  if (index < -size || index >= size) [[unlikely]] {
    context.errors.report(ErrorSink::Code::Index, "index %lld is out of bounds for dimension %d with size %lld",
                          static_cast<long long>(index), dim, static_cast<long long>(size));
    return false;
  }
  if (index < 0) index += size;
  return true;
}

void copy_unless_same(const View& from, const View& to) {
  if (from.data != to.data) copy_elements(from, to);
}

bool slice_places(const View& x, int dim, int64_t count, Context& context, Places& p) {
  for (int d = 0; d < x.ndim; ++d) {
    if (d != dim) p.keep(x, d, d < dim);
  }
  p.place_ndim = 1;
  p.place_sizes[0] = p.count = count;
  p.offsets = static_cast<int64_t*>(context.workspace(static_cast<size_t>(count + 1) * sizeof(int64_t)));
  return p.offsets != nullptr;
}

void move_places(const Places& p, char* x, const OtherSide& other, int64_t size, bool reading, CastLoop loop,
                 bool parallel) {
  PairedStrides block;
  for (int i = 0; i < p.inner_ndim; ++i) {
    const int64_t a = p.inner_strides[i] * size, b = other.inner[i] * size;
    block.push(p.inner_sizes[i], reading ? a : b, reading ? b : a);
  }
  block.coalesce();
  const bool one_run = block.ndim <= 1;
  const int64_t run = block.ndim == 0 ? 1 : block.sizes[0], from_step = block.ndim == 0 ? 0 : block.from[0],
                to_step = block.ndim == 0 ? 0 : block.to[0];
  const int64_t outer = product(p.outer_sizes, p.outer_ndim), inner = product(p.inner_sizes, p.inner_ndim);
  if (outer * p.count * inner == 0) return;
  const auto piece = [&](int64_t begin, int64_t end) {
    Odometer outer_at(p.outer_ndim, p.outer_sizes), place_at(p.place_ndim, p.place_sizes);
    outer_at.seek(begin / p.count);
    place_at.seek(begin % p.count);
    int64_t x_outer = outer_at.offset(p.outer_strides), o_outer = outer_at.offset(other.outer),
            o_place = place_at.offset(other.place), unused = 0;
    int64_t place = begin % p.count;
    for (int64_t i = begin; i < end; ++i) {
      char* mine = x + (x_outer + p.offsets[place]) * size;
      char* theirs = other.data + (o_outer + o_place) * size;
      const char* from = reading ? mine : theirs;
      char* to = reading ? theirs : mine;
      if (one_run)
        loop(from, from_step, to, to_step, run);
      else
        for_each_run(block, from, to, loop, false);
      place_at.step(other.place, o_place, other.place, unused);
      if (++place == p.count) {
        place = 0;
        outer_at.step(p.outer_strides, x_outer, other.outer, o_outer);
      }
    }
  };
  if (parallel)
    parallel_for(0, outer * p.count, (1 << 14) / inner + 1, piece);
  else
    piece(0, outer * p.count);
}

void row_major_side(const Places& p, OtherSide& side) {
  int64_t step = 1;
  for (int i = p.inner_ndim; i-- > 0; step *= p.inner_sizes[i]) side.inner[i] = step;
  for (int i = p.place_ndim; i-- > 0; step *= p.place_sizes[i]) side.place[i] = step;
  for (int i = p.outer_ndim; i-- > 0; step *= p.outer_sizes[i]) side.outer[i] = step;
}

bool broadcast_side(const Places& p, const View& values, OtherSide& side, Context& context) {
  int at = values.ndim;
  const auto fit = [&](int n, const int64_t* sizes, int64_t* strides) {
    for (int i = n; i-- > 0;) {
      if (--at < 0) {
        strides[i] = 0;
        continue;
      }
      if (values.sizes[at] != sizes[i] && values.sizes[at] != 1) return false;
      strides[i] = values.sizes[at] == 1 ? 0 : values.strides[at];
    }
    return true;
  };
  bool ok = fit(p.inner_ndim, p.inner_sizes, side.inner) && fit(p.place_ndim, p.place_sizes, side.place) &&
            fit(p.outer_ndim, p.outer_sizes, side.outer);
  for (int i = 0; i < at; ++i) ok &= values.sizes[i] == 1;
  if (!ok) {
    // As Python writes a tuple.
    const auto write = [](char* text, size_t size, std::initializer_list<std::pair<int, const int64_t*>> parts) {
      size_t n = 0;
      int dims = 0;
      for (const auto& [count, sizes] : parts) {
        for (int i = 0; i < count && n + 24 < size; ++i, ++dims)
          n += static_cast<size_t>(
              std::snprintf(text + n, size - n, dims == 0 ? "%lld" : ", %lld", static_cast<long long>(sizes[i])));
      }
      if (dims == 1) std::snprintf(text + n, size - n, ",");
    };
    char shape[80] = "", target[80] = "";
    write(shape, sizeof shape, {{values.ndim, values.sizes}});
    write(target, sizeof target,
          {{p.outer_ndim, p.outer_sizes}, {p.place_ndim, p.place_sizes}, {p.inner_ndim, p.inner_sizes}});
    context.errors.report(
        ErrorSink::Code::Value,
        "shape mismatch: value tensor of shape (%s) cannot be broadcast to the indexing result of shape "
        "(%s)",
        shape, target);
  }
  return ok;
}

bool cast_values(const View& values, DType dtype, Context& context, View* out, int64_t* strides) {
  *out = values;
  if (values.dtype == dtype) return true;
  if (is_number(values) && !takes_number(values, dtype, context)) return false;
  out->dtype = dtype;
  out->data = context.workspace(static_cast<size_t>(values.numel() * size_of(dtype) + 1));
  if (out->data == nullptr) return false;
  int64_t step = 1;
  for (int i = values.ndim; i-- > 0; step *= values.sizes[i]) strides[i] = step;
  out->strides = strides;
  copy_elements(values, *out);
  return true;
}

}  // namespace tenon::inline v0
