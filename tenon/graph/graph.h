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
  Record(const OpInfo& op, const void* record);  // copies
  Record(const Record& other);
  Record(Record&& other) noexcept;
  Record& operator=(Record other) noexcept;
  ~Record();
  const void* get() const { return data_; }
  void* get() { return data_; }
  const OpInfo* op() const { return op_; }
  friend bool operator==(const Record& a, const Record& b);

 private:
  const OpInfo* op_ = nullptr;
  void* data_ = nullptr;
};

struct Source {  // where in the user's program
  std::string file, function;
  int line = 0;
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
  // The op's outputs, then one for each input that the op writes (OpInfo::writes): its new value.
  std::vector<ValueId> outputs;
  int32_t generator = kNone;  // the slot that a random op draws from
  Source source;
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
};

// What a file holds: named functions that share weights and state by name, and words about them.
struct Program {
  std::vector<Graph> functions;
  std::map<std::string, std::string> metadata;  // "license", "description", and whatever the author adds
  std::vector<std::string> labels;              // names of the classes
};

}  // namespace tenon::inline v0::graph
