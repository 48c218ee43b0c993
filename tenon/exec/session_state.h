// What a session holds. session_prepare.cpp builds it once, session_bind.cpp fills it in for the sizes of a
// call, session.cpp runs it.
#pragma once

#include <tenon/core/generator.h>
#include <tenon/exec/arena.h>
#include <tenon/exec/record.h>
#include <tenon/exec/session.h>

namespace tenon::inline v0::exec {

inline size_t at(Index index) { return static_cast<size_t>(index); }

// Memory of the session's allocator that grows and is never shrunk.
class Block {
 public:
  explicit Block(const Allocator& allocator) : allocator_(&allocator) {}
  Block(Block&& other) noexcept : allocator_(other.allocator_), data_(other.data_), bytes_(other.bytes_) {
    other.data_ = nullptr, other.bytes_ = 0;
  }
  Block& operator=(Block&&) = delete;
  ~Block() {
    if (data_ != nullptr) allocator_->deallocate(allocator_->user, data_, bytes_);
  }
  // At least so many bytes, whose content is lost when they move. False when memory is short.
  bool reserve(int64_t bytes);
  char* data() const { return static_cast<char*>(data_); }
  bool meets(const char* first, const char* last) const {
    return data_ != nullptr && first < data() + bytes_ && data() < last;
  }

 private:
  const Allocator* allocator_;
  void* data_ = nullptr;
  size_t bytes_ = 0;
};

// Indices of things, by the stage at which they are known.
class Staged {
 public:
  struct Range {
    const Index *first, *last;
    const Index* begin() const { return first; }
    const Index* end() const { return last; }
  };
  void group(const std::vector<Index>& stage_of, size_t stages);  // kNone: in no stage
  Range at(size_t stage) const { return {items_.data() + begins_[stage], items_.data() + begins_[stage + 1]}; }

 private:
  std::vector<Index> items_, begins_;
};

// A kernel's call, ready to be made. Its views are `views` of the session.
struct Call {
  Kernel kernel = nullptr;
  const void* record = nullptr;
  const View* inputs = nullptr;
  View* outputs = nullptr;
  int32_t input_count = 0, output_count = 0;
  GeneratorState* generator = nullptr;
  Index step = kNone;
};

// Where a value lies for the sizes of this call.
struct Layout {
  int64_t* sizes = nullptr;
  int64_t* strides = nullptr;
  int64_t offset = 0;           // of its first element in its storage, in bytes
  int64_t first = 0, last = 0;  // the bytes that it touches: [first, last)
  bool contiguous = false;
};

struct OutputState {
  size_t view = 0;              // in `views`
  Index storage = kNone;        // may be the caller's memory: it is the output's, and its size is known at the start
  bool in_session = false;      // its memory is the session's, not an input's, a constant's or a slot's
  bool known_at_start = false;  // its sizes
  View handed;                  // what the caller gets
  std::vector<int64_t> strides;
};

struct SlotState {
  char* data = nullptr;
  size_t bytes = 0;
  Index generator = kNone;
};

struct Session::State {
  const Plan& plan;
  const Allocator allocator;

  // ---- fixed at creation ----
  // The first stage is the start of a call; each other one follows a step that sized its own output.
  size_t stages = 1;
  Staged symbol_groups, sizes, values, conditions, storages;  // of the plan's tables
  Staged ops, checked, operands;                              // records with sizes, calls to check, views
  Staged users;                                               // of each storage: the views that look into it
  std::vector<size_t> stage_ends;                             // where in `calls` a stage ends
  std::vector<const OpInfo*> infos;                           // of plan.ops; null when nothing runs it
  std::vector<Record> records;                                // of plan.ops
  std::vector<Call> calls;
  std::vector<View> views;  // of the calls, then of the outputs
  std::vector<Index> view_values;
  std::vector<int64_t> dims;        // sizes and strides of all values
  std::vector<char> late;           // of storages: planned memory whose size is known only during a run
  std::vector<char> handed_out;     // of storages: those of OutputState::storage
  std::vector<Index> own_blocks;    // storages whose memory is in `blocks`
  std::vector<Index> sized_values;  // of storages: the value whose sizes a kernel tells
  std::vector<uint8_t> alignments;  // of storages: what the elements in it need
  std::vector<Generator> generators;
  std::vector<char> slot_written;  // of plan.slots: by a step or at the end of a call

  // ---- for the sizes of the last call ----
  size_t bound = 0;                    // stages that hold
  std::vector<int64_t> symbols;        // of plan.symbols
  std::vector<int64_t> size_values;    // of plan.sizes
  std::vector<int64_t> storage_bytes;  // of plan.storages
  std::vector<char*> bases;            // of plan.storages
  std::vector<Layout> layouts;         // of plan.values
  std::vector<Piece> pieces;           // of plan.placement
  int64_t arena_size = 0;

  Block arena;
  std::vector<Block> blocks;       // of plan.storages: outputs, and what is sized during a run
  std::vector<Block> staging;      // of plan.inputs: copies of those that do not lie as the plan wants
  std::vector<Block> copies;       // of plan.outputs: copies of those that are not in place
  std::vector<Block> slot_blocks;  // of plan.slots: those that were written
  std::vector<OutputState> outputs;
  std::vector<SlotState> slots;
  const Call* running = nullptr;  // whose kernel tells sizes

  State(const Plan& p, const Allocator& a) : plan(p), allocator(a), arena(allocator) {}

  const Storage& storage_of(Index value) const { return plan.storages[at(plan.values[at(value)].storage)]; }
  std::string where(Index step) const;  // " (digits.py:12, forward)"

  // session_bind.cpp: a stage's sizes and layouts, then its memory and the checks of its calls.
  Status evaluate(size_t stage);
  Status settle(size_t stage);
  void move(Index storage, char* base);
  // What kernels told about the sizes of their outputs, at the stage that follows; sets `bound`.
  void take_symbols(size_t stage);
  Status check_told(size_t stage) const;
  bool resize(Context& context, View* outputs, int index, const int64_t* sizes, int ndim);

  // session_slots.cpp
  Status own_slot(size_t slot);  // memory of the session's own, with the value as it is
  Status reset_slot(size_t slot);
  Index find_slot(std::string_view name) const;
  Status commit_slots();  // the new values of a call that went well

  // session.cpp
  bool is_sized(Index value) const {
    return value != kNone && sized_values[at(plan.values[at(value)].storage)] == value;
  }
  Status check_inputs(const View* given, int count);
  Status bind_inputs(const View* given);
  bool lies_as_planned(size_t index, const View& given) const;
  bool is_own_memory(const char* first, const char* last) const;
  Status take_input(size_t index, const View& given);
  Status place_outputs(const View* given, const Destination* destinations, int count);
  Status check_destination(size_t index, const View* given, const Destination* destinations) const;
  Status check_room(size_t index, const Destination& destination) const;
  int64_t output_bytes(size_t index) const;
  Status run_stage(size_t stage);
  Status run_sizing(size_t stage);
  Status run_calls();
  Status finish(const Destination* destinations, int count);
  Status fail(const Call& call, const ErrorSink& errors) const;

 private:
  Status evaluate_storages(size_t stage);
  Status evaluate_layout(Index value);
  Status place_arena();
  Status check_call(const Call& call) const;
  bool may_share(const OpInfo& op, int input, Index a, Index b) const;
};

// Copies elements between two layouts of the same sizes; strides count elements.
void copy_elements(const int64_t* sizes, int ndim, int64_t element, const char* from, const int64_t* from_strides,
                   char* to, const int64_t* to_strides);
// "(2, 3) float32"
std::string view_text(const View& view);

}  // namespace tenon::inline v0::exec
