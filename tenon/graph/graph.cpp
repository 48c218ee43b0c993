#include <tenon/graph/graph.h>

#include <bit>
#include <cstring>

namespace tenon::inline v0::graph {

// ---- Record ---------------------------------------------------------------------------------------------

Record::Record(const OpInfo& op, const void* record) : op_(&op) {
  data_ = ::operator new(op.record_size, std::align_val_t(op.record_align));
  op.copy(data_, record);
}
Record::Record(const Record& other) {
  if (other.data_ != nullptr) *this = Record(*other.op_, other.data_);
}
Record::Record(Record&& other) noexcept
    : op_(std::exchange(other.op_, nullptr)), data_(std::exchange(other.data_, nullptr)) {}
Record& Record::operator=(Record other) noexcept {
  std::swap(op_, other.op_);
  std::swap(data_, other.data_);
  return *this;
}
Record::~Record() {
  if (data_ == nullptr) return;
  op_->destroy(data_);
  ::operator delete(data_, std::align_val_t(op_->record_align));
}
bool operator==(const Record& a, const Record& b) {
  if (a.op_ != b.op_) return false;
  return a.op_ == nullptr || equal_records(*a.op_, a.data_, b.data_);
}

// ---- constants ------------------------------------------------------------------------------------------

Scalar exact_number(const Tensor& weak) {
  const TensorImpl* impl = weak.impl();
  const Kind kind = info(impl->spec.dtype).kind;
  constexpr size_t kBytes = TensorImpl::kExactOffset + 2 * sizeof(double);
  if (kind < Kind::Float || impl->storage->bytes != kBytes || !(impl->offset == Dim(0))) return weak.scalar();
  const void* exact = static_cast<const char*>(impl->storage->data) + TensorImpl::kExactOffset;
  if (kind == Kind::Complex) return *static_cast<const std::complex<double>*>(exact);
  return *static_cast<const double*>(exact);
}

// ---- equality -------------------------------------------------------------------------------------------

bool has_condition(const Graph& graph, Dim left, Dim right) {
  for (const auto& [a, b] : graph.conditions) {
    if ((a == left && b == right) || (a == right && b == left)) return true;
  }
  return false;
}

bool same_data(const Tensor& a, const Tensor& b) {
  if (a.defined() != b.defined()) return false;
  if (!a.defined() || a.is_same(b)) return true;
  const Spec &x = a.spec(), &y = b.spec();
  if (!(x.shape == y.shape) || x.dtype != y.dtype || x.weak != y.weak) return false;
  if (!a.is_contiguous() || !b.is_contiguous()) return false;
  if (x.weak) return exact_number(a) == exact_number(b);
  const size_t bytes = static_cast<size_t>(a.numel() * a.element_size());
  return bytes == 0 || std::memcmp(a.data_ptr(), b.data_ptr(), bytes) == 0;
}

namespace {

bool same_spec(const Spec& a, const Spec& b) {
  return a.shape == b.shape && a.dtype == b.dtype && a.device == b.device && a.weak == b.weak;
}

// Two graphs, whose values are told by their names.
struct Comparison {
  const Graph &a, &b;

  bool value(ValueId x, ValueId y) const {
    if ((x == kNone) != (y == kNone)) return false;
    return x == kNone || (a[x].name == b[y].name && same_spec(a[x].spec, b[y].spec));
  }
  bool values(const std::vector<ValueId>& x, const std::vector<ValueId>& y) const {
    if (x.size() != y.size()) return false;
    for (size_t i = 0; i < x.size(); ++i) {
      if (!value(x[i], y[i])) return false;
    }
    return true;
  }
  bool node(const Node& x, const Node& y) const {
    return x.record == y.record && values(x.inputs, y.inputs) && values(x.outputs, y.outputs) &&
           x.generator == y.generator && x.source == y.source;
  }
  bool constant(const Constant& x, const Constant& y) const {
    return value(x.value, y.value) && same_data(x.data, y.data);
  }
  bool slot(const Slot& x, const Slot& y) const {
    return x.kind == y.kind && x.name == y.name && value(x.value, y.value) && value(x.updated, y.updated) &&
           same_data(x.initial, y.initial);
  }
  template <class T>
  bool all(const std::vector<T>& x, const std::vector<T>& y, bool (Comparison::*same)(const T&, const T&) const) const {
    if (x.size() != y.size()) return false;
    for (size_t i = 0; i < x.size(); ++i) {
      if (!(this->*same)(x[i], y[i])) return false;
    }
    return true;
  }
};

}  // namespace

bool operator==(const Graph& a, const Graph& b) {
  const Comparison c{a, b};
  return a.name == b.name && c.values(a.inputs, b.inputs) && c.values(a.outputs, b.outputs) &&
         c.all(a.constants, b.constants, &Comparison::constant) && c.all(a.slots, b.slots, &Comparison::slot) &&
         c.all(a.nodes, b.nodes, &Comparison::node) && a.conditions == b.conditions;
}

// ---- ops ------------------------------------------------------------------------------------------------

size_t output_count(const OpInfo& op) { return op.output_count + static_cast<size_t>(std::popcount(op.writes)); }

size_t written_output(const OpInfo& op, int input) {
  return op.output_count + static_cast<size_t>(std::popcount(op.writes & ((1u << input) - 1)));
}

const ParameterInfo* generator_parameter(const OpInfo& op) {
  for (const ParameterInfo& p : op.parameters) {
    if (p.kind == ParameterKind::Attribute && p.type == AttributeType::Generator) return &p;
  }
  return nullptr;
}

}  // namespace tenon::inline v0::graph
