#include <tenon/exec/shapes.h>

#include <cstring>
#include <string_view>

#include <tenon/ops/conv.h>

namespace tenon::inline v0::exec {
namespace {

// Inputs and output as letters, one a dimension: equal letters are equal sizes, and 1 is 1. `*` stands for any
// dimensions, the same wherever it is; `&` for some that broadcast to the output's `&`; `~` for an operand that
// broadcasts to the output; `?` follows an optional one. Operands have the output's dtype, but for those after `#`,
// which hold indices.
struct Pattern {
  std::string_view op, shapes;
};
constexpr Pattern kPatterns[] = {
    {"linear", "*k nk n? = *n|*k nk 1 = *n|*k nk ? = *n|*k k ? = *"},
    {"mm", "mk kn = mn"},
    {"bmm", "bmk bkn = bmn"},
    {"mv", "mk k = m"},
    {"dot", "k k ="},
    {"matmul", "k k =|*mk k = *m|k *kn = *n|&mk &kn = &mn"},
    {"addmm", "~ mk kn = mn"},
    {"baddbmm", "~ bmk bkn = bmn"},
    {"addmv", "~ mk k = m"},
    {"softmax", "* = *"},
    {"log_softmax", "* = *"},
    {"embedding", "#* vd = *d"},
};

struct Sizes {
  const int64_t* first = nullptr;
  int count = 0;
  friend bool operator==(const Sizes& a, const Sizes& b) {
    if (a.count != b.count) return false;
    for (int i = 0; i < a.count; ++i) {
      if (a.first[i] != b.first[i]) return false;
    }
    return true;
  }
};

// Aligned from the right, each size is the other's or 1.
bool broadcasts(const Sizes& from, const Sizes& to) {
  if (from.count > to.count) return false;
  for (int i = 1; i <= from.count; ++i) {
    const int64_t size = from.first[from.count - i];
    if (size != 1 && size != to.first[to.count - i]) return false;
  }
  return true;
}
Sizes all_of(const View& view) { return {view.sizes, view.ndim}; }

class Match {
 public:
  explicit Match(const View& output) : output_(output) {}

  // The output comes first, so that the others can broadcast to its `&`.
  bool fits(std::string_view shapes, ConstViews inputs) {
    const size_t equals = shapes.find('=');
    if (!operand(trimmed(shapes.substr(equals + 1)), output_)) return false;
    shapes = shapes.substr(0, equals);
    int i = 0;
    while (!(shapes = trimmed(shapes)).empty()) {
      std::string_view word = shapes.substr(0, shapes.find(' '));
      shapes.remove_prefix(word.size());
      const bool is_optional = word.back() == '?';
      if (is_optional) word.remove_suffix(1);
      const bool has = inputs.has(i);
      if (!has && !is_optional) return false;
      if (has && !input(word, inputs[i])) return false;
      ++i;
    }
    return i >= inputs.size() && covered_ == (uint64_t{1} << wide_.count) - 1;
  }

 private:
  static std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
  }
  bool input(std::string_view word, const View& view) {
    const bool is_index = !word.empty() && word.front() == '#';
    if (is_index) word.remove_prefix(1);
    if (is_index ? view.dtype != DType::Int64 && view.dtype != DType::Int32 : view.dtype != output_.dtype) return false;
    return word == "~" ? broadcasts(all_of(view), all_of(output_)) : operand(word, view);
  }
  bool operand(std::string_view word, const View& view) {
    const char rest = word.empty() ? 0 : word.front();
    int lead = 0;
    if (rest == '*' || rest == '&') {
      word.remove_prefix(1);
      lead = view.ndim - static_cast<int>(word.size());
      if (lead < 0 || lead > 62) return false;
      const Sizes here{view.sizes, lead};
      Sizes& known = rest == '*' ? same_ : wide_;
      bool& bound = rest == '*' ? has_same_ : has_wide_;
      if (bound && !(rest == '*' ? here == known : broadcasts(here, known))) return false;
      for (int i = 0; bound && rest == '&' && i < lead; ++i) {
        const bool same = here.first[lead - 1 - i] == known.first[known.count - 1 - i];
        covered_ |= uint64_t{same} << i;
      }
      if (!bound) known = here;
      bound = true;
    }
    if (view.ndim - lead != static_cast<int>(word.size())) return false;
    for (size_t i = 0; i < word.size(); ++i) {
      const int64_t here = view.sizes[static_cast<size_t>(lead) + i];
      if (word[i] == '1') {
        if (here != 1) return false;
        continue;
      }
      int64_t& size = letters_[word[i] - 'a'];
      if (size >= 0 && size != here) return false;
      size = here;
    }
    return true;
  }

  const View& output_;
  Sizes same_, wide_;
  bool has_same_ = false, has_wide_ = false;
  uint64_t covered_ = 0;  // dimensions of the output's `&`, from the right, that an operand has too
  int64_t letters_[26] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                          -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
};

// ---- windows over space ----

bool is_small(const Dims& dims, size_t count, int64_t least) {
  if (dims.size() != count) return false;
  for (Dim d : dims) {
    if (d.raw() < least || d.raw() > INT32_MAX) return false;
  }
  return true;
}
// The size of an output, rounded down or up.
bool is_windows(int64_t in, int64_t kernel, int64_t stride, int64_t padding, int64_t dilation, bool up, int64_t out) {
  const int64_t span = in + padding - dilation * (kernel - 1) - 1;
  if (in > INT32_MAX || kernel < 1 || kernel > INT32_MAX || span < 0) return false;
  return out == span / stride + 1 || (up && out == (span + stride - 1) / stride + 1);
}

bool fits_convolution(const Convolution& r, ConstViews in, const View& out) {
  const View &x = in[0], &w = in[1];
  const int n = x.ndim - 2;
  if (n < 1 || n > 3 || w.ndim != x.ndim || out.ndim != x.ndim || r.groups < 1) return false;
  const auto spatial = static_cast<size_t>(n);
  if (!is_small(r.stride, spatial, 1) || !is_small(r.padding, spatial, 0) || !is_small(r.padding_end, spatial, 0) ||
      !is_small(r.dilation, spatial, 1)) {
    return false;
  }
  if (x.dtype != out.dtype || w.dtype != out.dtype || x.sizes[0] != out.sizes[0] || w.sizes[0] != out.sizes[1] ||
      w.sizes[0] % r.groups != 0 || x.sizes[1] % r.groups != 0 || x.sizes[1] / r.groups != w.sizes[1]) {
    return false;
  }
  if (in.has(2) && (in[2].dtype != out.dtype || in[2].ndim != 1 || in[2].sizes[0] != out.sizes[1])) return false;
  for (size_t i = 0; i < spatial; ++i) {
    if (!is_windows(x.sizes[i + 2], w.sizes[i + 2], r.stride[i].raw(), r.padding[i].raw() + r.padding_end[i].raw(),
                    r.dilation[i].raw(), false, out.sizes[i + 2])) {
      return false;
    }
  }
  return true;
}

bool fits_max_pool(const MaxPool& r, ConstViews in, ConstViews outs) {
  const View &x = in[0], &out = outs[0];
  const size_t spatial = r.kernel_size.size();
  if (spatial < 1 || spatial > 3 || x.ndim < static_cast<int>(spatial) || out.ndim != x.ndim) return false;
  if (x.dtype != out.dtype || outs[1].dtype != DType::Int64 || !(all_of(outs[1]) == all_of(out))) return false;
  if (!is_small(r.kernel_size, spatial, 1) || !is_small(r.stride, spatial, 1) || !is_small(r.padding, spatial, 0) ||
      !is_small(r.dilation, spatial, 1)) {
    return false;
  }
  const auto lead = static_cast<size_t>(x.ndim) - spatial;
  for (size_t i = 0; i < static_cast<size_t>(x.ndim); ++i) {
    const size_t at = i - lead;
    const bool fits = i < lead
                          ? x.sizes[i] == out.sizes[i]
                          : r.padding[at].raw() <= r.kernel_size[at].raw() / 2 &&
                                is_windows(x.sizes[i], r.kernel_size[at].raw(), r.stride[at].raw(),
                                           2 * r.padding[at].raw(), r.dilation[at].raw(), r.ceil_mode, out.sizes[i]);
    if (!fits) return false;
  }
  return true;
}

// ---- attributes that name dimensions ----

bool is_dim(int64_t dim, int ndim) {
  const int64_t most = ndim > 0 ? ndim : 1;
  return dim >= -most && dim < most;
}
bool names_dims(const OpInfo& op, const void* record, int ndim) {
  for (const ParameterInfo& p : op.parameters) {
    if (p.kind != ParameterKind::Attribute || std::strcmp(p.name, "dim") != 0) continue;
    const void* value = static_cast<const char*>(record) + p.offset;
    if (p.type == AttributeType::Int && !is_dim(*static_cast<const int64_t*>(value), ndim)) return false;
    if (p.type == AttributeType::OptionalInt) {
      const auto& dim = *static_cast<const std::optional<int64_t>*>(value);
      if (dim && !is_dim(*dim, ndim)) return false;
    }
    if (p.type == AttributeType::Dims || p.type == AttributeType::OptionalDims) {
      const auto* optional = static_cast<const std::optional<Dims>*>(value);
      const Dims* dims = p.type == AttributeType::Dims ? static_cast<const Dims*>(value)
                         : *optional                   ? &**optional
                                                       : nullptr;
      for (size_t i = 0; dims != nullptr && i < dims->size(); ++i) {
        if (!is_dim((*dims)[i].raw(), ndim)) return false;
      }
    }
  }
  return true;
}

}  // namespace

const char* wrong_shapes(const OpInfo& op, const void* record, ConstViews inputs, ConstViews outputs) {
  const std::string_view name = op.name;
  if (inputs.has(0) && !names_dims(op, record, inputs[0].ndim))
    return "an attribute names a dimension that is not there";
  if (op.is(kElementwise)) {
    for (int i = 0; i < inputs.size(); ++i) {
      if (inputs.has(i) && !broadcasts(all_of(inputs[i]), all_of(outputs[0])))
        return "an input does not broadcast to the output";
    }
    return nullptr;
  }
  constexpr const char* kWrong = "shapes or dtypes do not fit together";
  if (name == Convolution::name) {
    return fits_convolution(*static_cast<const Convolution*>(record), inputs, outputs[0]) ? nullptr : kWrong;
  }
  if (name == MaxPool::name)
    return fits_max_pool(*static_cast<const MaxPool*>(record), inputs, outputs) ? nullptr : kWrong;
  for (const Pattern& pattern : kPatterns) {
    if (pattern.op != name || *op.overload != 0) continue;
    for (std::string_view rest = pattern.shapes; !rest.empty();) {
      const std::string_view one = rest.substr(0, rest.find('|'));
      rest.remove_prefix(one.size() < rest.size() ? one.size() + 1 : rest.size());
      if (Match(outputs[0]).fits(one, inputs)) return nullptr;
    }
    return kWrong;
  }
  return nullptr;
}

}  // namespace tenon::inline v0::exec
