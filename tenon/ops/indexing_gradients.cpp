// Gradients of indexing: reading at some places and adding at those places are each other's gradient.
#include <tenon/core/door.h>
#include <tenon/core/gradients.h>
#include <tenon/core/rules.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/indexing.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {

static Tensor zeros_of(const Gradients& g, int i) {
  const Spec& s = g.input_spec(i);
  return zeros(s.shape, g.grad().dtype(), s.device);
}

static std::vector<Tensor> indices_from(const Gradients& g, int first) {
  std::vector<Tensor> out;
  for (int i = first; i < g.input_count(); ++i) out.push_back(g.has_input(i) ? g.input(i) : Tensor());
  return out;
}

static void gradient(const IndexInteger&, Gradients& g) {
  if (g.needs(0)) g.set(0, index_put(zeros_of(g, 0), indices_from(g, 1), g.grad(), true));
}
static void gradient(const IndexPut& r, Gradients& g) {
  const std::vector<Tensor> indices = indices_from(g, 2);
  if (g.needs(0)) g.set(0, r.accumulate ? g.grad() : index_put(g.grad(), indices, 0));
  if (g.needs(1)) g.set(1, index(g.grad(), indices));
}

// What reached an element of src: src may be larger than the index, and is one number when it fills.
static Tensor gradient_of_src(const Gradients& g, int64_t dim, const Tensor& index, const Tensor& grad) {
  const Tensor read = gather(grad, dim, index);
  const Shape &src = g.input_spec(2).shape, &used = index.shape();
  if (src == used || src.empty()) return read;
  Dims values;
  for (Dim d : used) {
    values.push_back(0);
    values.push_back(d);
  }
  return _basic_index_backward(read, src, std::string(used.size(), 's'), values);
}

static void gradient(const Gather& r, Gradients& g) {
  if (g.needs(0)) g.set(0, scatter_add(zeros_of(g, 0), r.dim, g.input(1), g.grad()));
}
static void gradient(const Scatter& r, Gradients& g) {
  const Tensor index = g.input(1);
  if (g.needs(0)) g.set(0, scatter(g.grad(), r.dim, index, Tensor(0)));
  if (g.needs(2)) g.set(2, gradient_of_src(g, r.dim, index, g.grad()));
}
static void gradient(const ScatterAdd& r, Gradients& g) {
  if (g.needs(0)) g.set(0, g.grad());
  if (g.needs(2)) g.set(2, gradient_of_src(g, r.dim, g.input(1), g.grad()));
}

// The gradients of self and of what `index` reads, before elements that src overwrote are cleared.
static void reduce_gradients(const ScatterReduce& r, const Gradients& g, const Tensor& index, Tensor& self,
                             Tensor& each) {
  const Tensor x = g.input(0), src = g.input(2), result = g.output();
  if (r.reduce == "mean") {
    const Tensor ones = add(zeros(src.shape(), g.grad().dtype(), src.device()), 1);
    const Tensor start = add(zeros_of(g, 0), r.include_self ? 1 : 0);
    self = each = div(g.grad(), clamp_min(scatter_add(start, r.dim, index, ones), 1));
  } else if (r.reduce == "prod") {
    const Tensor plain = masked_fill(x, eq(x, 0), 1);
    self = div(mul(g.grad(), scatter_reduce(plain, r.dim, index, src, r.reduce, r.include_self)), plain);
    each = mul(g.grad(), result);  // divided by src where it is read
  } else {
    self = each = g.grad();
  }
}

static void gradient(const ScatterReduce& r, Gradients& g) {
  const Tensor index = g.input(1);
  Tensor self, each, read;
  reduce_gradients(r, g, index, self, each);
  if (r.reduce == "amax" || r.reduce == "amin") {
    // The extreme value's gradient is shared by all elements that hold it.
    const Tensor result = g.output(), src = g.input(2);
    const Tensor mine = to(eq(g.input(0), result), g.grad().dtype()),
                 theirs = to(eq(src, gather(result, r.dim, index)), g.grad().dtype());
    const Tensor held = r.include_self ? mine : scatter(mine, r.dim, index, Tensor(0));
    const Tensor shared = div(g.grad(), clamp_min(scatter_add(held, r.dim, index, theirs), 1));
    self = mul(held, shared);
    read = mul(theirs, gather(shared, r.dim, index));
  } else {
    read = gradient_of_src(g, r.dim, index, each);
    if (r.reduce == "prod") read = div(read, g.input(2));
  }
  if (g.needs(0)) g.set(0, r.include_self ? self : scatter(self, r.dim, index, Tensor(0)));
  if (g.needs(2)) g.set(2, read);
}

static void gradient(const IndexSelect& r, Gradients& g) {
  if (g.needs(0)) g.set(0, _index_write(zeros_of(g, 0), g.input(1), g.grad(), r.dim, true));
}
static void gradient(const IndexWrite& r, Gradients& g) {
  const Tensor index = g.input(1);
  if (g.needs(0)) g.set(0, r.accumulate ? g.grad() : _index_write(g.grad(), index, 0, r.dim, false));
  if (!g.needs(2)) return;
  if (g.input_spec(2).dim() == 0 && !r.accumulate) {
    // One value for all: a place that the index names twice is written once.
    return g.set(2, sub(g.grad(), _index_write(g.grad(), index, 0, r.dim, false)));
  }
  g.set(2, index_select(g.grad(), r.dim, index));
}

static void gradient(const Embedding& r, Gradients& g) {
  if (g.needs(1)) g.set(1, _embedding_backward(g.grad(), g.input(0), g.input_spec(1).shape[0], r.padding_idx));
}
static void gradient(const EmbeddingBackward& r, Gradients& g) {
  const Tensor indices = g.input(1), rows = embedding(indices, g.grad());
  if (!r.padding_idx) return g.set(0, rows);
  const int64_t padding = *r.padding_idx < 0 ? *r.padding_idx + r.rows.value() : *r.padding_idx;
  g.set(0, masked_fill(rows, unsqueeze(eq(indices, padding), -1), 0));
}

void register_indexing_gradients(Registry& registry) {
  registry.add_gradient<IndexInteger>(kSaveAllInputs & ~save_input(0));
  registry.add_gradient<IndexPut>(kSaveAllInputs & ~(save_input(0) | save_input(1)));
  registry.add_gradient<Gather>(save_input(1));
  registry.add_gradient<Scatter>(save_input(1));
  registry.add_gradient<ScatterAdd>(save_input(1));
  registry.add_gradient<ScatterReduce>(kSaveAllInputs | save_output());
  registry.add_gradient<IndexSelect>(save_input(1));
  registry.add_gradient<IndexWrite>(save_input(1));
  registry.add_gradient<Embedding>(save_input(0));
  registry.add_gradient<EmbeddingBackward>(save_input(1));
}

}  // namespace tenon::inline v0
