// The graph: a function as data. Nodes are calls of op records; values have types with symbolic sizes. It is
// functional: no node writes what another reads. A write in place is a new value; state enters and leaves
// through slots.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <tenon/core/op.h>

namespace tenon::inline v0::graph {

using ValueId = int32_t;  // an index into Graph::values
using NodeId = int32_t;   // an index into Graph::nodes
inline constexpr int32_t kNone = -1;

// The attributes of a node: a record of any op, owned.
class TENON_API Record {
 public:
  Record() = default;
  explicit Record(const OpInfo& op) : Record(op, op.defaults) {}
  Record(const OpInfo& op, const void* record);  // copies
  Record(const Record& other);
  Record(Record&& other) noexcept;
  Record& operator=(Record other) noexcept;
  ~Record();
  const void* get() const { return data_; }
  void* get() { return data_; }
  // `record.as<Softmax>().dim`; the caller knows the op.
  template <class R>
  const R& as() const {
    return *static_cast<const R*>(data_);
  }
  template <class R>
  R& as() {
    return *static_cast<R*>(data_);
  }
  const OpInfo* op() const { return op_; }
  // The attribute that the listing describes as `p`.
  const void* at(const ParameterInfo& p) const { return static_cast<const char*>(data_) + p.offset; }
  void* at(const ParameterInfo& p) { return static_cast<char*>(data_) + p.offset; }
  friend TENON_API bool operator==(const Record& a, const Record& b);

 private:
  const OpInfo* op_ = nullptr;
  void* data_ = nullptr;
};

struct Source {  // where in the user's program
  std::string file, function;
  int line = 0;
  friend bool operator==(const Source&, const Source&) = default;
};

struct Value {
  std::string name;  // unique in the graph
  Spec spec;         // sizes may be symbolic
  NodeId producer = kNone;
};

struct Node {
  const OpInfo* op = nullptr;
  Record record;
  std::vector<ValueId> inputs;  // kNone for an optional input that was left out
  // The op's outputs, then one for each input that the op writes (OpInfo::writes): its new value; kNone when
  // that input was left out.
  std::vector<ValueId> outputs;
  int32_t generator = kNone;  // the slot that a random op draws from
  Source source;

  template <class R>
  const R& as() const {
    return record.as<R>();
  }
};

// A tensor that the function was written with: a weight that no node changes, or a number.
struct Constant {
  ValueId value = kNone;
  Tensor data;
};

// State that lives from call to call.
struct Slot {
  enum class Kind : uint8_t { Parameter, Buffer, Generator, Optimizer };
  Kind kind = Kind::Buffer;
  std::string name;         // as in the state dict: "bn.running_mean"
  ValueId value = kNone;    // at the start of a call; kNone for a generator
  ValueId updated = kNone;  // at its end; kNone when the function does not change it
  Tensor initial;           // of a generator: the bytes of its state
};

struct Graph {
  std::string name = "forward";
  std::vector<Value> values;
  std::vector<Node> nodes;  // in an order in which they can run
  std::vector<ValueId> inputs, outputs;
  std::vector<Constant> constants;
  std::vector<Slot> slots;
  std::vector<std::pair<Dim, Dim>> conditions;  // sizes that must be equal in every call

  const Value& operator[](ValueId id) const { return values[static_cast<size_t>(id)]; }
  Value& operator[](ValueId id) { return values[static_cast<size_t>(id)]; }
};

// The same function under the same names; how its values are numbered does not count.
TENON_API bool operator==(const Graph& a, const Graph& b);

// Whether the graph requires that two sizes be equal.
TENON_API bool has_condition(const Graph& graph, Dim left, Dim right);
// Whether two tensors are the same constant: type and bytes.
TENON_API bool same_data(const Tensor& a, const Tensor& b);
// The number that a weak constant was made of, all digits of it.
TENON_API Scalar exact_number(const Tensor& weak);
// Where a node's input `input`, which its op writes, has its new value among the node's outputs.
TENON_API size_t written_output(const OpInfo& op, int input);
// How many outputs a node of `op` has: the op's and one for each that it writes.
TENON_API size_t output_count(const OpInfo& op);
// The parameter through which a random op's record names its generator; null when there is none.
TENON_API const ParameterInfo* generator_parameter(const OpInfo& op);

// What a file holds: named functions that share weights and state by name, and words about them.
struct Program {
  std::vector<Graph> functions;
  std::map<std::string, std::string> metadata;  // "license", "description", and whatever the author adds
  std::vector<std::string> labels;              // names of the classes
};

}  // namespace tenon::inline v0::graph
