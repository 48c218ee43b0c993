// The interceptor behind trace(), and what a traced tensor carries.
#pragma once

#include <memory>
#include <unordered_map>

#include <tenon/core/door.h>
#include <tenon/graph/builder.h>
#include <tenon/trace/trace.h>

namespace tenon::inline v0::tracing {

using graph::kNone;
using graph::ValueId;

// What tensors that share memory have in common: the value of the tensor that none of them is larger than. A write
// through any of them makes a new one.
struct Memory {
  Ref<Storage> storage;
  Spec spec;
  Strides strides;
  Dim offset = 0;
  ValueId first = kNone, value = kNone;  // as the trace met it, and now
  uint32_t writes = 0;
};

// One view, as its op makes it from the view before.
struct Step {
  const OpInfo* op;
  graph::Record record;
  Spec from;
};

// How a tensor looks at memory: the views from the memory's value to its own.
struct Look {
  std::shared_ptr<Memory> memory;
  std::vector<Step> path;
};

struct Traced : Extension {
  static constexpr int kKind = 2;
  Traced() : Extension(kKind) {}
  Look look;
  ValueId value = kNone;  // when the memory had `writes`
  uint32_t writes = 0;
  uint64_t trace = 0;  // which it belongs to
};

class Tracer final : public Interceptor {
 public:
  explicit Tracer(const Options& options);
  ~Tracer() override;
  bool intercept(Call& call) override;

  Tensor input(const Input& input);
  void output(const Tensor& tensor);
  void require_equal(Dim a, Dim b) { builder_.require_equal(a, b); }
  graph::Graph finish();
  graph::Source here() const { return options_.locate ? options_.locate() : graph::Source{}; }

 private:
  // tracer.cpp: calls
  void add_view(Call& call);
  void add_strided_view(Call& call);
  void add_node(Call& call);
  void run_parts(Call& call);
  void store_results(Call& call, const std::vector<ValueId>& results);
  Tensor view_tensor(const Call& call, TensorImpl* in, const Spec& spec, Look look, ValueId value);
  Tensor fresh(ValueId value);
  void release_tensors();

  // memory.cpp: values of tensors and writes
  Look look(TensorImpl* impl);
  std::shared_ptr<Memory> memory_of(TensorImpl* impl);
  ValueId value_of(TensorImpl* impl);
  std::vector<ValueId> replay(const Look& look);  // the value of the memory and of each view on the path
  ValueId plain(ValueId value);                   // row-major, from the beginning
  void write(TensorImpl* impl, ValueId value);
  ValueId write_back(const Step& step, ValueId before, ValueId after);
  ValueId fit(ValueId value, const Spec& spec);
  int32_t generator_slot(const GeneratorHandle& generator);

  const Options& options_;
  const uint64_t id_;
  graph::Builder builder_;
  std::unordered_map<const Storage*, std::shared_ptr<Memory>> memories_;  // of captured tensors
  std::unordered_map<const Storage*, const State*> named_;
  std::unordered_map<GeneratorState*, int32_t> generators_;
  std::vector<Ref<TensorImpl>> made_;                 // every traced tensor
  std::vector<std::pair<Tensor, Tensor>> gradients_;  // of the state, as they were
  Tracer* outer_;
};

}  // namespace tenon::inline v0::tracing
