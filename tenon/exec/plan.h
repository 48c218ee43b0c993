// A plan: one function as flat data, ready to run. Ops in order, the memory of every value, and sizes as
// expressions of the symbols that a call binds. No Tensor, no shape rule, no exception: graph/plan.cpp makes
// it from a graph, exec/load.cpp reads it from a .tenon file, and Session runs it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <tenon/core/dtype.h>

namespace tenon::inline v0::exec {

// An index into one of the plan's tables; kNone where there is nothing.
using Index = int32_t;
inline constexpr Index kNone = -1;

// One node of a size expression. Operands come earlier in Plan::sizes, so one pass evaluates them all.
struct Size {
  enum class Kind : uint8_t { Constant, Symbol, Add, Multiply, FloorDivide, Modulo, Min, Max };
  Kind kind = Kind::Constant;
  int64_t value = 0;           // of a constant; of a symbol its index in Plan::symbols
  Index a = kNone, b = kNone;  // operands
  friend bool operator==(const Size&, const Size&) = default;
};

// A size that only a call knows: dimension `axis` of an input, or of what a step of data-dependent size made.
struct Symbol {
  std::string name;
  Index value = kNone;
  int32_t axis = 0;
  friend bool operator==(const Symbol&, const Symbol&) = default;
};

// Memory that values look into.
struct Storage {
  enum class Kind : uint8_t {
    Input,     // the caller's, read only
    Output,    // the caller's, or the session's
    Constant,  // weights in the file
    Slot,      // state: lives in the session from call to call
    Arena,     // between `first` and `last`; shares bytes with others that live at other times
    Dynamic,   // allocated by the kernel, since the size depends on data
  };
  Kind kind = Kind::Arena;
  Index index = kNone;                // which input, output, constant or slot
  Index bytes = kNone;                // a size
  Index first = kNone, last = kNone;  // the steps that write it first and read it last
  friend bool operator==(const Storage&, const Storage&) = default;
};

// Element (i0, i1, ...) of a value is `offset + i0 * strides[0] + ...` elements into its storage.
struct Value {
  std::string name;
  DType dtype = DType::Float32;
  Index storage = kNone;
  std::vector<Index> shape, strides;  // sizes
  Index offset = kNone;               // a size
  bool weak = false;                  // made of a number: shape rules promote by its kind only
  friend bool operator==(const Value&, const Value&) = default;
};

// Steps are the nodes of the graph in its order, so that a graph can be made of the plan again.
struct Step {
  enum class Kind : uint8_t {
    Kernel,  // runs the op's kernel
    View,    // runs nothing: its outputs are layouts of an input's storage
    Copy,    // runs a kernel for the planner's own ends: no node of the graph stands for it
  };
  Kind kind = Kind::Kernel;
  Index op = kNone;           // in Plan::ops
  std::vector<Index> inputs;  // values; kNone for an optional input that was left out
  // Values: the op's outputs, then one for each input that the op writes (OpInfo::writes), whose memory and
  // layout are that input's. Every value is made once: by the caller, a constant, a slot or a step.
  std::vector<Index> outputs;
  Index generator = kNone;  // the slot that a random op draws from
  Index source = kNone;     // in Plan::sources
  friend bool operator==(const Step&, const Step&) = default;
};

// An attribute of an op, as the record's listing names it. Sizes are expressions, everything else bytes.
struct Attribute {
  enum class Type : uint8_t { Bool, Int, Double, Scalar, String, DType, Device, Dim, Dims };
  Type type = Type::Int;
  std::string name;
  std::string text;  // of a string, dtype or device
  // Of bools and ints the value, of doubles the bits; of a Scalar its Kind, then the integer or the bits of the
  // real part, then for a complex one those of the imaginary part.
  std::vector<int64_t> numbers;
  std::vector<Index> sizes;  // of dims
  bool present = true;       // false: an optional one without a value
  friend bool operator==(const Attribute&, const Attribute&) = default;
};

// An op with its attributes; steps that agree share one.
struct Op {
  std::string name, overload;
  std::vector<Attribute> attributes;
  friend bool operator==(const Op&, const Op&) = default;
};

// Weights: `bytes` at `offset` of the file, or at `data` when the plan was made in memory.
struct Constant {
  uint64_t offset = 0, bytes = 0;
  const void* data = nullptr;
};

struct Slot {
  enum class Kind : uint8_t { Parameter, Buffer, Generator, Optimizer };
  Kind kind = Kind::Buffer;
  std::string name;
  Index storage = kNone;
  Index value = kNone;    // at the start of a call; kNone for a generator
  Index updated = kNone;  // at its end; kNone when the function does not change it
  Constant initial;
};

struct Condition {
  Index left = kNone, right = kNone;  // sizes that must be equal, or the call is refused
  friend bool operator==(const Condition&, const Condition&) = default;
};

struct Source {
  std::string file, function;
  int32_t line = 0;
  friend bool operator==(const Source&, const Source&) = default;
};

struct Plan {
  std::string name;  // of the function: "forward"
  std::vector<Symbol> symbols;
  std::vector<Size> sizes;
  std::vector<Storage> storages;
  std::vector<Value> values;
  std::vector<Index> inputs, outputs;  // values
  std::vector<Op> ops;
  std::vector<Step> steps;
  std::vector<Constant> constants;
  std::vector<Slot> slots;
  std::vector<Condition> conditions;
  std::vector<Source> sources;
  std::vector<Index> placement;  // storages of the arena, in the order in which they are placed
};

// What a .tenon file holds. Functions share state by the names of their slots.
struct Program {
  std::vector<Plan> functions;
  std::map<std::string, std::string> metadata;  // "license", "description", and whatever the author adds
  std::vector<std::string> labels;              // names of the classes
  std::string producer;                         // "tenon 0.1.0"
  std::shared_ptr<const void> file;             // keeps the memory of the constants
};

}  // namespace tenon::inline v0::exec
