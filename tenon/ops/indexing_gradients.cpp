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

// `read`, in the shape of the index, as the gradient of src: src may be larger, and is one number when it fills.
static Tensor spread_over_src(const Gradients& g, const Tensor& read) {
  const Shape &src = g.input_spec(2).shape, &used = read.shape();
  if (src == used || src.empty()) return read;
  Dims values;
  for (Dim d : used) {
    values.push_back(0);
    values.push_back(d);
  }
  return _basic_index_backward(read, src, std::string(used.size(), 's'), values);
}

// What reached an element of src.
static Tensor gradient_of_src(const Gradients& g, int64_t dim, const Tensor& index, const Tensor& grad) {
  return spread_over_src(g, gather(grad, dim, index));
}
// The part of src that the index uses.
static Tensor used_of_src(Tensor src, const Shape& used) {
  for (size_t d = 0; d < used.size(); ++d) {
    if (!(src.shape()[d] == used[d])) src = narrow(src, static_cast<int64_t>(d), 0, used[d].value());
  }
  return src;
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

// The gradients of self, before elements that src overwrote are cleared, and of the used part of src.
struct ScatterGradients {
  Tensor self, src;
};

static ScatterGradients mean_gradients(const ScatterReduce& r, const Gradients& g, const Tensor& index) {
  const Tensor ones = add(zeros(index.shape(), g.grad().dtype(), index.device()), 1);
  const Tensor start = add(zeros_of(g, 0), r.include_self ? 1 : 0);
  const Tensor each = div(g.grad(), clamp_min(scatter_add(start, r.dim, index, ones), 1));
  return {each, gather(each, r.dim, index)};
}

// A product divided by one of its factors; by none when that factor is its only zero.
static ScatterGradients prod_gradients(const ScatterReduce& r, const Gradients& g, const Tensor& index,
                                       const Tensor& src) {
  const Tensor x = g.input(0), plain = masked_fill(x, eq(x, 0), 1);
  const auto product = [&](const Tensor& self, const Tensor& factors) {
    return mul(g.grad(), scatter_reduce(self, r.dim, index, factors, r.reduce, r.include_self));
  };
  const Tensor zero = eq(src, 0);
  const Tensor zeros_there = scatter_add(zeros_of(g, 0), r.dim, index, to(zero, g.grad().dtype()));
  const Tensor single = logical_and(zero, eq(gather(zeros_there, r.dim, index), 1));
  const Tensor of_single = gather(product(x, masked_fill(src, single, 1)), r.dim, index);
  const Tensor of_others = div(gather(mul(g.grad(), g.output()), r.dim, index), masked_fill(src, zero, 1));
  return {div(product(plain, src), plain), where(single, of_single, of_others)};
}

// The extreme value's gradient is shared by all elements that hold it.
static ScatterGradients extreme_gradients(const ScatterReduce& r, const Gradients& g, const Tensor& index,
                                          const Tensor& src) {
  const Tensor result = g.output();
  const Tensor mine = to(eq(g.input(0), result), g.grad().dtype()),
               theirs = to(eq(src, gather(result, r.dim, index)), g.grad().dtype());
  const Tensor held = r.include_self ? mine : scatter(mine, r.dim, index, Tensor(0));
  const Tensor shared = div(g.grad(), clamp_min(scatter_add(held, r.dim, index, theirs), 1));
  return {mul(held, shared), mul(theirs, gather(shared, r.dim, index))};
}

static void gradient(const ScatterReduce& r, Gradients& g) {
  const Tensor index = g.input(1), src = used_of_src(g.input(2), index.shape());
  ScatterGradients found;
  if (r.reduce == "mean") {
    found = mean_gradients(r, g, index);
  } else if (r.reduce == "prod") {
    found = prod_gradients(r, g, index, src);
  } else if (r.reduce == "amax" || r.reduce == "amin") {
    found = extreme_gradients(r, g, index, src);
  } else {
    found = {g.grad(), gather(g.grad(), r.dim, index)};
  }
  if (g.needs(0)) g.set(0, r.include_self ? found.self : scatter(found.self, r.dim, index, Tensor(0)));
  if (g.needs(2)) g.set(2, spread_over_src(g, found.src));
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
