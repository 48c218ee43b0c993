#include <tenon/graph/from_plan.h>

#include <cstring>
#include <unordered_map>

#include <tenon/core/registry.h>
#include <tenon/exec/record.h>

namespace tenon::inline v0::graph {
namespace {

// A file may say s1 = s0 * s0, s2 = s1 * s1 and so on, and a Dim keeps every product of a sum.
constexpr uint64_t kMostTerms = 1000;

class Rebuilder {
 public:
  Rebuilder(const exec::Plan& plan, const TensorOfConstant& tensor_of) : plan_(plan), tensor_of_(tensor_of) {}

  Graph run() {
    graph_.name = plan_.name;
    sizes();
    ids_.assign(plan_.values.size(), kNone);
    for (exec::Index v : plan_.inputs) graph_.inputs.push_back(value(v, kNone));
    for (const exec::Slot& slot : plan_.slots) slot_at_the_start(slot);
    constants();
    for (const exec::Step& step : plan_.steps) node(step);
    for (exec::Index v : plan_.outputs) graph_.outputs.push_back(id(v));
    for (size_t i = 0; i < plan_.slots.size(); ++i) {
      if (plan_.slots[i].updated != exec::kNone) graph_.slots[i].updated = id(plan_.slots[i].updated);
    }
    for (const exec::Condition& c : plan_.conditions) graph_.conditions.emplace_back(dim(c.left), dim(c.right));
    return std::move(graph_);
  }

 private:
  template <class... Parts>
  [[noreturn]] void error(const Parts&... parts) const {
    fail<ValueError>("plan '", plan_.name, "': ", parts...);
  }
  static size_t at(exec::Index i) { return static_cast<size_t>(i); }
  Dim dim(exec::Index size) const { return dims_[at(size)]; }

  void sizes() {
    using Kind = exec::Size::Kind;
    std::vector<uint64_t> terms;  // of the expressions written out, at most
    for (const exec::Size& s : plan_.sizes) {
      const bool is_leaf = s.kind <= Kind::Symbol;
      const uint64_t left = is_leaf ? 0 : terms[at(s.a)], right = is_leaf ? 0 : terms[at(s.b)];
      terms.push_back(is_leaf ? 1 : s.kind == Kind::Multiply ? left * right : left + right);
      if (terms.back() > kMostTerms) error("size ", dims_.size(), " has more than ", kMostTerms, " terms");
      dims_.push_back(size(s));
    }
    for (Dim d : dims_) raw_dims_.push_back(d.raw());
  }
  Dim size(const exec::Size& s) const {
    using Kind = exec::Size::Kind;
    switch (s.kind) {
      case Kind::Constant:
        if (Dim(s.value).is_symbolic()) error("size ", dims_.size(), " is ", s.value);
        return s.value;
      case Kind::Symbol:
        return Dim::symbol(plan_.symbols[static_cast<size_t>(s.value)].name);
      case Kind::Add:
        return dim(s.a) + dim(s.b);
      case Kind::Multiply:
        return dim(s.a) * dim(s.b);
      case Kind::FloorDivide:
        return dim(s.a) / dim(s.b);
      case Kind::Modulo:
        return dim(s.a) % dim(s.b);
      case Kind::Min:
        return min(dim(s.a), dim(s.b));
      case Kind::Max:
        return max(dim(s.a), dim(s.b));
    }
    error("size ", dims_.size(), " is of an unknown kind");
  }
  Shape shape(const exec::Value& v) const {
    Shape out;
    for (exec::Index size : v.shape) out.push_back(dim(size));
    return out;
  }

  ValueId id(exec::Index v) const {
    if (v == exec::kNone) return kNone;
    if (ids_[at(v)] == kNone) error("value ", v, " is used before it is made");
    return ids_[at(v)];
  }
  ValueId value(exec::Index v, NodeId producer) {
    const exec::Value& from = plan_.values[at(v)];
    graph_.values.push_back({from.name, Spec{shape(from), from.dtype, {}, from.weak}, producer});
    return ids_[at(v)] = static_cast<ValueId>(graph_.values.size() - 1);
  }

  void slot_at_the_start(const exec::Slot& slot) {
    Slot made{static_cast<Slot::Kind>(slot.kind), slot.name, kNone, kNone, {}};
    if (slot.kind == exec::Slot::Kind::Generator) {
      made.initial = tensor_of_(slot.initial, {static_cast<int64_t>(slot.initial.bytes)}, DType::UInt8);
    } else {
      if (slot.value == exec::kNone) error("the slot '", slot.name, "' has no value");
      made.value = value(slot.value, kNone);
      const Spec& spec = graph_[made.value].spec;
      if (slot.initial.bytes > 0) made.initial = tensor_of_(slot.initial, spec.shape, spec.dtype);
    }
    graph_.slots.push_back(std::move(made));
  }

  // A value in the memory of a constant that no step makes is the constant.
  void constants() {
    std::vector<bool> of_step(plan_.values.size(), false);
    for (const exec::Step& step : plan_.steps) {
      for (exec::Index v : step.outputs) {
        if (v != exec::kNone) of_step[at(v)] = true;
      }
    }
    for (size_t i = 0; i < plan_.values.size(); ++i) {
      const exec::Storage& storage = plan_.storages[at(plan_.values[i].storage)];
      if (of_step[i] || storage.kind != exec::Storage::Kind::Constant) continue;
      const auto v = static_cast<exec::Index>(i);
      const exec::Constant& constant = plan_.constants[at(storage.index)];
      if (!plan_.values[i].weak) {
        const ValueId made = value(v, kNone);
        graph_.constants.push_back({made, tensor_of_(constant, graph_[made].spec.shape, graph_[made].spec.dtype)});
      } else if (numbers_.count(plan_.values[i].storage) != 0) {
        ids_[i] = numbers_.at(plan_.values[i].storage);  // the same number in full width
      } else {
        const ValueId made = value(v, kNone);
        graph_.constants.push_back({made, number(constant, made)});
        numbers_.emplace(plan_.values[i].storage, made);
      }
    }
  }
  // A number keeps all its digits behind the element of the default width.
  Tensor number(const exec::Constant& constant, ValueId id) {
    Spec& spec = graph_[id].spec;
    if (!spec.shape.empty()) error("%", graph_[id].name, " is a number, and has dimensions");
    Scalar value = tensor_of_(constant, {}, spec.dtype).scalar();
    if (constant.bytes == TensorImpl::kExactOffset + sizeof(std::complex<double>)) {
      double exact[2];
      std::memcpy(exact, static_cast<const char*>(constant.data) + TensorImpl::kExactOffset, sizeof exact);
      if (value.kind() == Kind::Float) value = Scalar(exact[0]);
      if (value.kind() == Kind::Complex) value = Scalar(std::complex<double>(exact[0], exact[1]));
    }
    Tensor out(value);
    spec.dtype = out.dtype();
    return out;
  }

  void node(const exec::Step& step) {
    if (step.kind == exec::Step::Kind::Copy) {  // the planner's own: the same value in other memory
      const bool is_copy = step.inputs.size() == 1 && step.outputs.size() == 1 && step.outputs[0] != exec::kNone;
      if (!is_copy) error("a step is a copy, and does not make one value of another");
      ids_[at(step.outputs[0])] = id(step.inputs[0]);
      return;
    }
    const exec::Op& from = plan_.ops[at(step.op)];
    const OpInfo* op = registry().find(from.name, from.overload);
    if (op == nullptr) {
      error("the op '", from.name, from.overload.empty() ? "" : ".", from.overload,
            "' is not registered; load the library that it comes from");
    }
    Node made{op, Record(*op, op->defaults), {}, {}, step.generator, {}};
    const exec::Status status = exec::fill_record(*op, from.attributes, raw_dims_.data(), made.record.get());
    if (!status.ok()) error(status.text);
    for (exec::Index v : step.inputs) made.inputs.push_back(id(v));
    const auto producer = static_cast<NodeId>(graph_.nodes.size());
    for (exec::Index v : step.outputs) made.outputs.push_back(v == exec::kNone ? kNone : value(v, producer));
    if (step.source != exec::kNone) {
      const exec::Source& source = plan_.sources[at(step.source)];
      made.source = {source.file, source.function, source.line};
    }
    graph_.nodes.push_back(std::move(made));
  }

  const exec::Plan& plan_;
  const TensorOfConstant& tensor_of_;
  Graph graph_;
  std::vector<Dim> dims_;                             // of plan_.sizes
  std::vector<int64_t> raw_dims_;                     // the same as records take them
  std::vector<ValueId> ids_;                          // of plan_.values
  std::unordered_map<exec::Index, ValueId> numbers_;  // by the storage of a weak constant
};

}  // namespace

Graph from_plan(const exec::Plan& plan, const TensorOfConstant& tensor_of) { return Rebuilder(plan, tensor_of).run(); }

}  // namespace tenon::inline v0::graph
