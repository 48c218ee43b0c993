#include <tenon/ops/index.h>

#include <tenon/core/door.h>
#include <tenon/core/error.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0 {

namespace {

bool is_mask(const Tensor& t) { return t.dtype() == DType::Bool || t.dtype() == DType::UInt8; }

// Collects the components in order; `place` is the dimension of the view that comes next.
struct Builder {
  PreparedIndex out;
  size_t place = 0;
  bool picks = false;

  void pick(const Tensor& t, size_t dims) {
    out.tensors.resize(place);
    out.tensors.push_back(t);
    place += dims;
    picks = true;
  }
  void add(Dim index) {
    out.basic.pattern += 'i';
    out.basic.values.push_back(index);
  }
  void add(const Slice& s) {
    check<ValueError>(s.step > 0, "index: slice step must be positive, but is ", s.step, "; flip() reverses");
    ++place;
    if (!s.start && !s.stop && s.step == 1) {
      out.basic.pattern += ':';
      return;
    }
    out.basic.pattern += s.step == 1 ? 's' : 'S';
    out.basic.values.push_back(s.start.value_or(0));
    out.basic.values.push_back(s.stop.value_or(kEnd));
    if (s.step != 1) out.basic.values.push_back(s.step);
  }
  void add_none() {
    out.basic.pattern += 'n';
    ++place;
  }
  // True keeps everything and False nothing, along a new dimension.
  void add(bool all) {
    out.basic.pattern += 'n';
    Tensor picked = Tensor::empty({all ? 1 : 0}, DType::Int64);
    if (all) picked.data<int64_t>()[0] = 0;
    pick(picked, 1);
  }
  void add(const Tensor& t) {
    // A zero-dimensional integer is that integer, except where its value is not to be looked at.
    if (t.dim() == 0 && !is_mask(t) && is_integral(t.dtype()) && t.device().kind == DeviceKind::CPU &&
        modes.interceptors == 0)
      return add(Dim(t.scalar().to_int()));
    const size_t dims = is_mask(t) ? t.shape().size() : 1;
    out.basic.pattern.append(dims, ':');
    if (is_mask(t) && dims == 0) out.basic.pattern += 'n';
    if (is_mask(t) && dims == 0) return pick(reshape(t, Dims{1}), 1);
    pick(t, dims);
  }
};

// How many dimensions of x a component takes.
int64_t dims_of(const TensorIndex& item) {
  const IndexComponent& c = item.component();
  if (const Tensor* t = std::get_if<Tensor>(&c)) return is_mask(*t) ? t->dim() : 1;
  return std::holds_alternative<Dim>(c) || std::holds_alternative<Slice>(c) ? 1 : 0;
}

}  // namespace

PreparedIndex prepare_index(const Tensor& x, std::span<const TensorIndex> components) {
  Builder b;
  int64_t taken = 0;
  for (const TensorIndex& item : components) taken += dims_of(item);
  check<IndexError>(taken <= x.dim(), "index: too many indices for tensor of dimension ", x.dim(), " (got ", taken,
                    ")");
  bool seen = false;
  for (const TensorIndex& item : components) {
    const IndexComponent& c = item.component();
    if (std::holds_alternative<EllipsisType>(c)) {
      check<IndexError>(!seen, "index: an index can only have a single ellipsis ('...')");
      seen = true;
      b.out.basic.pattern += '.';
      b.place += static_cast<size_t>(x.dim() - taken);
    } else if (std::holds_alternative<NoneType>(c)) {
      b.add_none();
    } else if (const Dim* index = std::get_if<Dim>(&c)) {
      b.add(*index);
    } else if (const Slice* slice = std::get_if<Slice>(&c)) {
      b.add(*slice);
    } else if (const bool* all = std::get_if<bool>(&c)) {
      b.add(*all);
    } else {
      b.add(std::get<Tensor>(c));
    }
  }
  if (!b.picks) b.out.tensors.clear();
  return std::move(b.out);
}

// The list of `index` counts a mask once, whatever its dimensions.
static std::vector<Tensor> index_list(const std::vector<Tensor>& by_dim) {
  std::vector<Tensor> out;
  for (size_t i = 0; i < by_dim.size(); ++i) {
    out.push_back(by_dim[i]);
    if (by_dim[i].defined() && is_mask(by_dim[i])) i += by_dim[i].shape().size() - 1;
  }
  return out;
}

static bool is_whole(const std::string& pattern) { return pattern.find_first_not_of(":.") == std::string::npos; }

Tensor apply_index(const Tensor& x, const PreparedIndex& prepared) {
  if (prepared.tensors.empty()) return apply(prepared.basic, x);
  const Tensor view = is_whole(prepared.basic.pattern) ? x : apply(prepared.basic, x);
  return index(view, index_list(prepared.tensors));
}

void assign_index(const Tensor& x, const PreparedIndex& prepared, const Tensor& value) {
  const Tensor view = apply(prepared.basic, x);
  Tensor v = value;
  int64_t ones = 0;
  while (ones < v.dim() - view.dim() && v.shape()[static_cast<size_t>(ones)] == Dim(1)) ++ones;
  if (ones > 0 && prepared.tensors.empty()) v = reshape(v, Dims(v.shape().begin() + ones, v.shape().end()));
  if (prepared.tensors.empty()) {
    view.copy_(v);
    return;
  }
  if (v.dtype() != view.dtype() && v.dim() > 0) v = to(v, view.dtype());
  view.index_put_(index_list(prepared.tensors), v);
}

Tensor index(const Tensor& x, std::span<const TensorIndex> components) {
  return apply_index(x, prepare_index(x, components));
}
Tensor index(const Tensor& x, std::initializer_list<TensorIndex> components) {
  return index(x, std::span(components.begin(), components.size()));
}
const Tensor& index_put_(const Tensor& x, std::span<const TensorIndex> components, const Tensor& value) {
  assign_index(x, prepare_index(x, components), value);
  return x;
}
const Tensor& index_put_(const Tensor& x, std::initializer_list<TensorIndex> components, const Tensor& value) {
  return index_put_(x, std::span(components.begin(), components.size()), value);
}

}  // namespace tenon::inline v0
