#include <tenon/graph/plan.h>

#include <tuple>
#include <unordered_map>

#include <tenon/core/registry.h>
#include <tenon/exec/record.h>
#include <tenon/graph/layouts.h>
#include <tenon/graph/placement.h>
#include <tenon/graph/size_table.h>
#include <tenon/graph/sizes.h>
#include <tenon/graph/verify.h>

namespace tenon::inline v0::graph {
namespace {

using exec::Index;

size_t at(int32_t index) { return static_cast<size_t>(index); }

class Planner {
 public:
  Planner(const Graph& graph, const PlanOptions& options)
      : graph_(graph), options_(options), layouts_(graph), sizes_(plan_), planned_(graph.values.size(), exec::kNone) {}

  exec::Plan run() {
    plan_.name = graph_.name;
    add_inputs();
    add_slots();
    for (size_t i = 0; i < graph_.nodes.size(); ++i) add_node(static_cast<NodeId>(i));
    add_outputs();
    for (const auto& [left, right] : graph_.conditions)
      plan_.conditions.push_back({sizes_.index_of(left), sizes_.index_of(right)});
    sizes_.check_bound();
    place_arena();
    return std::move(plan_);
  }

 private:
  // ---- tables ----

  Index add_storage(exec::Storage::Kind kind, Index index, Dim bytes) {
    plan_.storages.push_back({kind, index, sizes_.index_of(bytes), exec::kNone, exec::kNone});
    storage_bytes_.push_back(bytes);
    return static_cast<Index>(plan_.storages.size() - 1);
  }
  Index add_value(const std::string& name, const Spec& spec, const Placement& layout, Index storage) {
    exec::Value value;
    value.name = name;
    value.dtype = spec.dtype;
    value.storage = storage;
    for (Dim d : spec.shape) value.shape.push_back(sizes_.index_of(d));
    for (Dim d : layout.strides) value.strides.push_back(sizes_.index_of(d));
    value.offset = sizes_.index_of(layout.offset);
    value.weak = spec.weak;
    plan_.values.push_back(std::move(value));
    return static_cast<Index>(plan_.values.size() - 1);
  }
  // The value `id` of the graph, row-major in memory of its own.
  Index add_fresh(ValueId id, exec::Storage::Kind kind, Index index) {
    const Spec& spec = graph_[id].spec;
    return planned_[at(id)] =
               add_value(graph_[id].name, spec, row_major(spec), add_storage(kind, index, bytes_of(spec)));
  }
  Index storage_of(Index value) const { return plan_.values[at(value)].storage; }
  // Numbers have their value in full width behind the element.
  static bool has_all_digits(const Tensor& data) {
    return data.spec().weak && (data.dtype() == DType::Float32 || data.dtype() == DType::Complex64) &&
           data.impl()->storage->bytes == TensorImpl::kExactOffset + sizeof(std::complex<double>);
  }
  exec::Constant constant_of(const Tensor& data) const {
    if (!data.defined()) return {};
    if (has_all_digits(data)) return {0, data.impl()->storage->bytes, data.impl()->storage->data};
    check<ValueError>(data.is_contiguous(), "plan: '", graph_.name, "': a constant or a state is not contiguous");
    return {0, static_cast<uint64_t>(data.numel() * data.element_size()), data.data_ptr()};
  }
  Index op_of(const OpInfo& op, const Record& record) {
    const size_t hash = hash_record(op, record.get());
    const auto [first, last] = ops_.equal_range(hash);
    for (auto it = first; it != last; ++it) {
      if (*it->second.second == record) return it->second.first;
    }
    const auto size = [](void* table, Dim dim) { return static_cast<SizeTable*>(table)->index_of(dim); };
    plan_.ops.push_back({op.name, op.overload, exec::attributes_of(op, record.get(), size, &sizes_)});
    const auto index = static_cast<Index>(plan_.ops.size() - 1);
    ops_.emplace(hash, std::pair(index, &record));
    return index;
  }
  Index source_of(const Source& source) {
    if (source == Source{}) return exec::kNone;
    const auto [it, fresh] =
        sources_.try_emplace({source.file, source.function, source.line}, static_cast<Index>(plan_.sources.size()));
    if (fresh) plan_.sources.push_back({source.file, source.function, source.line});
    return it->second;
  }

  // ---- the ends ----

  void add_inputs() {
    for (size_t i = 0; i < graph_.inputs.size(); ++i) {
      const ValueId id = graph_.inputs[i];
      plan_.inputs.push_back(add_fresh(id, exec::Storage::Kind::Input, static_cast<Index>(i)));
      sizes_.bind(graph_[id].spec.shape, plan_.inputs.back());
    }
  }
  void add_slots() {
    for (size_t i = 0; i < graph_.slots.size(); ++i) {
      const Slot& slot = graph_.slots[i];
      exec::Slot& out = plan_.slots.emplace_back();
      out.kind = static_cast<exec::Slot::Kind>(slot.kind);
      out.name = slot.name;
      out.initial = constant_of(slot.initial);
      if (slot.value == kNone) continue;
      out.value = add_fresh(slot.value, exec::Storage::Kind::Slot, static_cast<Index>(i));
      out.storage = storage_of(out.value);
    }
    for (size_t i = 0; i < graph_.constants.size(); ++i) constants_.emplace(graph_.constants[i].value, i);
  }
  // Fresh results that fill their memory are made where they leave; the session copies the others out.
  void add_outputs() {
    for (size_t i = 0; i < graph_.outputs.size(); ++i) {
      const ValueId id = graph_.outputs[i];
      const Index value = use(id);
      plan_.outputs.push_back(value);
      keep(value);
      exec::Storage& storage = plan_.storages[at(storage_of(value))];
      if (storage.kind != exec::Storage::Kind::Arena || !layouts_.fills(id)) continue;
      storage.kind = exec::Storage::Kind::Output;
      storage.index = static_cast<Index>(i);
    }
    for (size_t i = 0; i < graph_.slots.size(); ++i) {
      if (graph_.slots[i].updated == kNone) continue;
      plan_.slots[i].updated = use(graph_.slots[i].updated);
      keep(plan_.slots[i].updated);
    }
  }
  // To the end of the call.
  void keep(Index value) {
    if (!plan_.steps.empty()) touch(value, static_cast<Index>(plan_.steps.size() - 1));
  }
  void touch(Index value, Index step) {
    exec::Storage& storage = plan_.storages[at(storage_of(value))];
    if (storage.first == exec::kNone) storage.first = step;
    storage.last = step;
  }

  // ---- values as nodes use them ----

  Index use(ValueId id) {
    Index& planned = planned_[at(id)];
    if (planned != exec::kNone) return planned;
    plan_.constants.push_back(constant_of(graph_.constants[constants_.at(id)].data));
    const Index storage = add_storage(exec::Storage::Kind::Constant, static_cast<Index>(plan_.constants.size() - 1),
                                      static_cast<int64_t>(plan_.constants.back().bytes));
    const Spec& spec = graph_[id].spec;
    return planned = add_value(graph_[id].name, spec, row_major(spec), storage);
  }
  // A number beside 64-bit operands, with all its digits: what the door shows to kernels.
  Index use_widened(ValueId id) {
    const auto [it, fresh] = widened_.try_emplace(id, exec::kNone);
    if (!fresh) return it->second;
    const Tensor& number = graph_.constants[constants_.at(id)].data;
    const Index narrow = use(id);
    if (!has_all_digits(number)) return it->second = narrow;
    Spec spec = number.spec();
    spec.dtype = spec.dtype == DType::Float32 ? DType::Float64 : DType::Complex128;
    Placement layout = row_major(spec);
    layout.offset = static_cast<int64_t>(TensorImpl::kExactOffset) / size_of(spec.dtype);
    return it->second = add_value(unique(graph_[id].name + "_wide"), spec, layout, storage_of(narrow));
  }
  bool widens(const Node& node) const {
    const auto is_wide = [](const Spec& s) {
      return !s.weak && (s.dtype == DType::Float64 || s.dtype == DType::Complex128);
    };
    for (const auto& list : {node.inputs, node.outputs}) {
      for (ValueId id : list) {
        if (id != kNone && is_wide(graph_[id].spec)) return true;
      }
    }
    return false;
  }
  std::string unique(std::string name) {
    if (names_.empty()) {
      for (const Value& value : graph_.values) names_.emplace(value.name, 0);
    }
    while (!names_.emplace(name, 0).second) name += "_";
    return name;
  }

  // ---- nodes ----

  [[noreturn]] void refuse(const Node& node, const std::string& why) const {
    const std::string where = node.source.file.empty() ? "" : text(", at ", node.source.file, ":", node.source.line);
    fail<ValueError>("plan: '", graph_.name, "': %", graph_[node.outputs.at(0)].name, " = ", node.op->full_name(),
                     where, ": ", why);
  }

  void add_node(NodeId id) {
    const Node& node = graph_.nodes[at(id)];
    const bool is_view = node.op->alias != nullptr;
    if (!is_view && node.op->kernels[0] == nullptr) {
      refuse(node, node.op->decompose != nullptr ? "it is a composite; expand() the graph before planning"
                                                 : "it has neither a kernel nor a decomposition");
    }
    exec::Step step{is_view ? exec::Step::Kind::View : exec::Step::Kind::Kernel,
                    exec::kNone,
                    {},
                    {},
                    node.generator,
                    source_of(node.source)};
    const bool wide = !is_view && widens(node);
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const ValueId in = node.inputs[i];
      const bool written = i < 32 && (node.op->writes >> i & 1) != 0;
      const bool copied = in != kNone && (written ? !may_write_over(node, id, i) : is_view && layouts_.copies(id));
      if (in == kNone)
        step.inputs.push_back(exec::kNone);
      else if (copied)
        step.inputs.push_back(add_copy(node, in));
      else
        step.inputs.push_back(wide && graph_[in].spec.weak ? use_widened(in) : use(in));
    }
    step.op = op_of(*node.op, node.record);
    const auto now = static_cast<Index>(plan_.steps.size());
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i] == kNone)
        step.outputs.push_back(exec::kNone);
      else
        step.outputs.push_back(is_view ? add_view(node, step) : add_output(node, id, i, step));
    }
    for (Index value : step.inputs) {
      if (value != exec::kNone) touch(value, now);
    }
    for (Index value : step.outputs) {
      if (value != exec::kNone) touch(value, now);
    }
    plan_.steps.push_back(std::move(step));
  }

  Index add_view(const Node& node, const exec::Step& step) {
    const ValueId out = node.outputs[0];
    const Index base = step.inputs[node.op->outputs[0].input];
    return planned_[at(out)] = add_value(graph_[out].name, graph_[out].spec, layouts_[out], storage_of(base));
  }
  Index add_output(const Node& node, NodeId id, size_t i, const exec::Step& step) {
    const ValueId out = node.outputs[i];
    const Spec& spec = graph_[out].spec;
    if (i >= node.op->output_count) {  // the new value of a written input
      const Index written = step.inputs[written_input(*node.op, i)];
      return planned_[at(out)] = add_value(graph_[out].name, spec, row_major(spec), storage_of(written));
    }
    if (node.op->outputs[i].effect == Effect::DataDependent) {
      const Index value = add_fresh(out, exec::Storage::Kind::Dynamic, exec::kNone);
      plan_.storages[at(storage_of(value))].bytes = exec::kNone;
      sizes_.bind(spec.shape, value);
      return value;
    }
    const Index reused = reusable(node, id, out, step);
    if (reused == exec::kNone) return add_fresh(out, exec::Storage::Kind::Arena, exec::kNone);
    return planned_[at(out)] = add_value(graph_[out].name, spec, row_major(spec), reused);
  }
  static size_t written_input(const OpInfo& op, size_t output) {
    for (int i = 0; i < 32; ++i) {
      if ((op.writes >> i & 1) != 0 && written_output(op, i) == output) return static_cast<size_t>(i);
    }
    fail<InternalError>("plan: ", op.name, " has no output ", output);
  }

  // A copy for the planner's own ends: of what a node writes and others still read, or of what no view of the
  // wanted shape can look into.
  Index add_copy(const Node& node, ValueId id) {
    static const OpInfo& clone = *registry().find("clone");
    static const Record record(clone);
    const Index from = use(id);
    const Spec spec{graph_[id].spec.shape, graph_[id].spec.dtype, {}, false};
    const Index storage = add_storage(exec::Storage::Kind::Arena, exec::kNone, bytes_of(spec));
    const Index to = add_value(unique(graph_[id].name + "_copy"), spec, row_major(spec), storage);
    const auto now = static_cast<Index>(plan_.steps.size());
    touch(from, now);
    touch(to, now);
    plan_.steps.push_back(
        {exec::Step::Kind::Copy, op_of(clone, record), {from}, {to}, exec::kNone, source_of(node.source)});
    return to;
  }

  // ---- writing over what is not needed any more ----

  // Whether memory of the arena, or with `slots` of a slot, has nothing that is read after node `id`.
  bool is_last_use(ValueId value, NodeId id, bool slots) const {
    const Index planned = planned_[at(value)];
    if (planned == exec::kNone || layouts_.last_use(value) > id || !layouts_.fills(value)) return false;
    const exec::Storage::Kind kind = plan_.storages[at(storage_of(planned))].kind;
    return kind == exec::Storage::Kind::Arena || (slots && kind == exec::Storage::Kind::Slot);
  }
  bool may_write_over(const Node& node, NodeId id, size_t input) const {
    const ValueId value = node.inputs[input];
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (i != input && node.inputs[i] != kNone && layouts_.root(node.inputs[i]) == layouts_.root(value)) return false;
    }
    return is_last_use(value, id, true);
  }
  // The memory of an input that the kernel may write its output over.
  Index reusable(const Node& node, NodeId id, ValueId out, const exec::Step& step) const {
    if (node.op->output_count != 1 || node.op->writes != 0) return exec::kNone;
    const size_t candidates = node.op->is(kElementwise)           ? node.inputs.size()
                              : node.op->is(kDestinationMayAlias) ? 1
                                                                  : 0;
    for (size_t i = 0; i < candidates; ++i) {
      const ValueId in = node.inputs[i];
      if (in == kNone || !same_place(in, out) || !is_last_use(in, id, false)) continue;
      const auto looks_elsewhere = [&](size_t j) {
        const ValueId other = node.inputs[j];
        return j != i && other != kNone && layouts_.root(other) == layouts_.root(in) &&
               !(j < candidates && same_place(other, out));
      };
      bool alone = true;
      for (size_t j = 0; j < node.inputs.size(); ++j) alone &= !looks_elsewhere(j);
      if (alone) return storage_of(step.inputs[i]);
    }
    return exec::kNone;
  }
  // Element for element: row-major from the beginning, of one shape and dtype.
  bool same_place(ValueId in, ValueId out) const {
    const Spec &x = graph_[in].spec, &y = graph_[out].spec;
    return x.dtype == y.dtype && x.shape == y.shape && layouts_.fills(in);
  }

  // ---- the arena ----

  void place_arena() {
    Sizes example;
    for (const exec::Symbol& symbol : plan_.symbols) {
      const auto known = options_.example.find(symbol.name);
      example.bind({Dim::symbol(symbol.name)}, {Dim(known == options_.example.end() ? 16 : known->second)});
    }
    std::vector<exec::Piece> pieces;
    std::vector<Index> arena;
    for (size_t i = 0; i < plan_.storages.size(); ++i) {
      const exec::Storage& storage = plan_.storages[i];
      if (storage.kind != exec::Storage::Kind::Arena) continue;
      const int64_t bytes = example.evaluate(storage_bytes_[i]);
      pieces.push_back(
          {storage.first, storage.last, (bytes + exec::kAlignment - 1) / exec::kAlignment * exec::kAlignment, 0});
      arena.push_back(static_cast<Index>(i));
    }
    for (Index i : placement_order(pieces)) plan_.placement.push_back(arena[at(i)]);
  }

  const Graph& graph_;
  const PlanOptions& options_;
  const Layouts layouts_;
  exec::Plan plan_;
  SizeTable sizes_;
  std::vector<Index> planned_;      // of each value of the graph, once a step or an end made it
  std::vector<Dim> storage_bytes_;  // of each storage
  std::unordered_map<ValueId, size_t> constants_;
  std::unordered_map<ValueId, Index> widened_;
  std::unordered_multimap<size_t, std::pair<Index, const Record*>> ops_;
  std::map<std::tuple<std::string, std::string, int>, Index> sources_;
  std::unordered_map<std::string, int> names_;
};

}  // namespace

exec::Plan plan(const Graph& graph, const PlanOptions& options) {
  verify(graph);
  const DimConditions conditions;  // the graph's, which every call checks
  return Planner(graph, options).run();
}

}  // namespace tenon::inline v0::graph
