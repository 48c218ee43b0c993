#include <tenon/io/tenon_file.h>

#include <format_generated.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>
#include <functional>

#include <tenon/core/error.h>
#include <tenon/exec/checksum.h>
#include <tenon/exec/file_header.h>
#include <tenon/exec/record.h>
#include <tenon/graph/builder.h>
#include <tenon/graph/text.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/records.h>

#include "../../fuzz/run_program.h"
#include "io/files.h"
#include "io/sample_plan.h"

namespace tenon {
namespace {

using exec::FileHeader;
using hostile::sealed;
using testing_io::error_of;
using testing_io::Folder;
using testing_io::sample_program;

// Bytes where a file would be mapped: aligned, and with nothing readable around them under the sanitizers.
class Bytes {
 public:
  explicit Bytes(const std::string& bytes) : size_(bytes.size()) {
    data_ = std::aligned_alloc(64, (size_ + 64) / 64 * 64);
    std::memcpy(data_, bytes.data(), size_);
  }
  ~Bytes() { std::free(data_); }
  exec::Status load(exec::Program& program, bool verify_weights = false) const {
    return exec::load(data_, size_, {verify_weights}, program);
  }

 private:
  size_t size_;
  void* data_;
};

std::string refusal(const std::string& bytes, bool verify_weights = false) {
  exec::Program program;
  return Bytes(bytes).load(program, verify_weights).text;
}

FileHeader header_of(const std::string& bytes) {
  FileHeader header;
  std::memcpy(&header, bytes.data(), sizeof header);
  return header;
}

template <class T>
void expect_same(const std::vector<T>& a, const std::vector<T>& b, const char* what) {
  EXPECT_TRUE(a == b) << what;
}
void expect_same(const exec::Constant& a, const exec::Constant& b) {
  ASSERT_EQ(a.bytes, b.bytes);
  EXPECT_EQ(std::memcmp(a.data, b.data, a.bytes), 0);
}
void expect_same(const exec::Plan& a, const exec::Plan& b) {
  EXPECT_EQ(a.name, b.name);
  expect_same(a.symbols, b.symbols, "symbols");
  expect_same(a.sizes, b.sizes, "sizes");
  expect_same(a.storages, b.storages, "storages");
  expect_same(a.values, b.values, "values");
  expect_same(a.inputs, b.inputs, "inputs");
  expect_same(a.outputs, b.outputs, "outputs");
  expect_same(a.ops, b.ops, "ops");
  expect_same(a.steps, b.steps, "steps");
  expect_same(a.conditions, b.conditions, "conditions");
  expect_same(a.sources, b.sources, "sources");
  expect_same(a.placement, b.placement, "placement");
  ASSERT_EQ(a.constants.size(), b.constants.size());
  for (size_t i = 0; i < a.constants.size(); ++i) expect_same(a.constants[i], b.constants[i]);
  ASSERT_EQ(a.slots.size(), b.slots.size());
  for (size_t i = 0; i < a.slots.size(); ++i) {
    EXPECT_EQ(a.slots[i].kind, b.slots[i].kind);
    EXPECT_EQ(a.slots[i].name, b.slots[i].name);
    EXPECT_EQ(a.slots[i].storage, b.slots[i].storage);
    EXPECT_EQ(a.slots[i].value, b.slots[i].value);
    EXPECT_EQ(a.slots[i].updated, b.slots[i].updated);
    expect_same(a.slots[i].initial, b.slots[i].initial);
  }
}

// ---- what is right ----

TEST(TenonFile, PlansComeBackFieldByField) {
  const Folder folder;
  const exec::Program saved = sample_program();
  io::save_plans(saved, folder / "m.tenon");
  exec::Program loaded;
  const exec::Status status = exec::load((folder / "m.tenon").c_str(), {true}, loaded);
  ASSERT_TRUE(status.ok()) << status.text;
  ASSERT_EQ(loaded.functions.size(), 1u);
  expect_same(saved.functions[0], loaded.functions[0]);
  EXPECT_EQ(loaded.metadata, saved.metadata);
  EXPECT_EQ(loaded.labels, saved.labels);
  EXPECT_EQ(loaded.producer, saved.producer);
  EXPECT_EQ(testing_io::read(folder / "m.tenon"), io::plan_bytes(saved));
}

TEST(TenonFile, AttributesOfEveryOpComeBack) {
  exec::Program program = sample_program();
  exec::Plan& plan = program.functions[0];
  const size_t first = plan.ops.size();
  const auto size_of = [](void* to, Dim dim) {
    auto& sizes = static_cast<exec::Plan*>(to)->sizes;
    sizes.push_back({exec::Size::Kind::Constant, dim.value()});
    return static_cast<exec::Index>(sizes.size() - 1);
  };
  for (const OpInfo* op : registry().all()) {
    plan.ops.push_back({op->name, op->overload, exec::attributes_of(*op, op->defaults, size_of, &plan)});
  }
  exec::Program loaded;
  const Bytes file(io::plan_bytes(program));
  const exec::Status status = file.load(loaded);
  ASSERT_TRUE(status.ok()) << status.text;
  expect_same(plan, loaded.functions[0]);
  std::vector<int64_t> sizes;
  for (const exec::Size& s : loaded.functions[0].sizes) sizes.push_back(s.value);
  size_t at = first;
  for (const OpInfo* op : registry().all()) {
    exec::Record record(*op);
    const exec::Op& back = loaded.functions[0].ops[at++];
    EXPECT_TRUE(exec::fill_record(*op, back.attributes, sizes.data(), record.get()).ok()) << back.name;
    EXPECT_TRUE(equal_records(*op, record.get(), op->defaults)) << back.name;
  }
}

// Written when format 0 was new: it is read for ever.
TEST(TenonFile, FilesOfTheFirstDay) {
  exec::Program program;
  const exec::Status status = exec::load(TENON_GOLDENS "/sample.tenon", {true}, program);
  ASSERT_TRUE(status.ok()) << status.text;
  expect_same(program.functions[0], sample_program().functions[0]);
  EXPECT_EQ(program.labels, sample_program().labels);
}

TEST(TenonFile, AGraphCanBeMadeOfAPlan) {
  const Folder folder;
  io::save_plans(sample_program(), folder / "m.tenon");
  const graph::Program program = io::load_program(folder / "m.tenon");
  ASSERT_EQ(program.functions.size(), 1u);
  const graph::Graph& g = program.functions[0];
  ASSERT_EQ(g.nodes.size(), 5u);
  EXPECT_STREQ(g.nodes[0].op->name, "transpose");
  EXPECT_EQ(g[g.inputs[0]].spec.shape, (Shape{Dim::symbol("batch"), 4}));
  EXPECT_EQ(g[g.outputs[0]].spec.shape, (Shape{Dim::symbol("batch"), 3}));
  EXPECT_EQ(g.nodes[2].source, (graph::Source{"model.py", "forward", 12}));
  EXPECT_EQ(g.slots[0].initial.data<int64_t>()[0], 41);
  EXPECT_EQ(g[g.slots[0].updated].name, "count_1");
  EXPECT_EQ(program.labels[2], "två");
}

TEST(TenonFile, GraphsComeBack) {
  graph::Builder b;
  const auto x = b.input("x", {4, 3});
  const auto count = b.slot(graph::Slot::Kind::Buffer, "count", zeros({1}));
  const auto h = b.call(Linear{}, {x, b.constant(rand({5, 3}), "w"), graph::kNone});
  b.at({"model.py", "forward", 7});
  b.output(b.call(Mul{}, {b.call(Transpose{{}, 0, 1}, {h}), b.number(0.1)}));
  b.update(count, b.call(Add{}, {count, b.number(1)}));
  graph::Program program;
  program.functions.push_back(b.build());
  program.metadata = {{"license", "MIT"}};
  program.labels = {"a", "b"};
  const Folder folder;
  io::save(program, folder / "m.tenon");
  const graph::Program back = io::load_program(folder / "m.tenon", {true});
  EXPECT_EQ(graph::print(back.functions[0]), graph::print(program.functions[0]));
  EXPECT_TRUE(back.functions[0] == program.functions[0]);
  EXPECT_EQ(back.metadata, program.metadata);
  EXPECT_EQ(back.labels, program.labels);
}

TEST(TenonFile, WeightsLieAlignedAndOnce) {
  exec::Program program = sample_program();
  program.functions.push_back(program.functions[0]);
  program.functions[1].name = "again";
  const std::string once = io::plan_bytes(sample_program()), twice = io::plan_bytes(program);
  const auto weights_of = [](const std::string& bytes) {
    const FileHeader header = header_of(bytes);
    return bytes.size() - (sizeof header + header.metadata_bytes + 63) / 64 * 64;
  };
  EXPECT_EQ(weights_of(once), weights_of(twice));
  exec::Program loaded;
  const Bytes bytes(twice);
  ASSERT_TRUE(bytes.load(loaded, true).ok());
  for (size_t i = 0; i < loaded.functions[0].constants.size(); ++i) {
    EXPECT_EQ(loaded.functions[0].constants[i].offset % 64, 0u);
    EXPECT_EQ(loaded.functions[0].constants[i].data, loaded.functions[1].constants[i].data);
  }
}

TEST(TenonFile, FromMemoryThatIsNotAligned) {
  const std::string bytes = io::plan_bytes(sample_program());
  const auto shifted = std::make_unique<char[]>(bytes.size() + 1);
  std::memcpy(shifted.get() + 1, bytes.data(), bytes.size());
  exec::Program program;
  const exec::Status status = exec::load(shifted.get() + 1, bytes.size(), {true}, program);
  ASSERT_TRUE(status.ok()) << status.text;
  expect_same(program.functions[0], sample_program().functions[0]);
}

// Five gigabytes of zeros and a few numbers behind them, in a file that has holes.
TEST(TenonFile, MoreThan32BitsOfWeights) {
  constexpr size_t kBytes = size_t{5} << 30;
  void* zeros = ::mmap(nullptr, kBytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (zeros == MAP_FAILED) GTEST_SKIP() << "5 GB of address space are not to be had";
  testing_io::PlanMaker m;
  m.plan.name = "forward";
  const float numbers[] = {1, 2, 3};
  const auto in_zeros = m.constant(zeros, kBytes), in_numbers = m.constant(numbers, sizeof numbers);
  m.plan.outputs.push_back(m.value("zeros", DType::Float32, in_zeros, {m.size(static_cast<int64_t>(kBytes / 4))}, {1}));
  m.plan.outputs.push_back(m.value("numbers", DType::Float32, in_numbers, {m.size(3)}, {1}));
  exec::Program program;
  program.functions.push_back(std::move(m.plan));
  const Folder folder;
  io::save_plans(program, folder / "large.tenon");
  ::munmap(zeros, kBytes);
  EXPECT_GT(std::filesystem::file_size(folder / "large.tenon"), kBytes);
  exec::Program loaded;
  const exec::Status status = exec::load((folder / "large.tenon").c_str(), {}, loaded);
  ASSERT_TRUE(status.ok()) << status.text;
  const exec::Constant& last = loaded.functions[0].constants[1];
  EXPECT_GT(last.offset, kBytes);
  EXPECT_EQ(static_cast<const float*>(last.data)[2], 3.0f);
}

// ---- what is no .tenon file, or a damaged one ----

TEST(TenonFile, SaysWhatIsThereInstead) {
  EXPECT_NE(refusal("").find("it is empty"), std::string::npos);
  EXPECT_NE(refusal(std::string("PK\x03\x04....", 8)).find("zip archive (a PyTorch checkpoint"), std::string::npos);
  EXPECT_NE(refusal(std::string("\x80\x02}q\x00X", 6)).find("pickle"), std::string::npos);
  EXPECT_NE(refusal(std::string("\x40\0\0\0\0\0\0\0{\"a\"", 12)).find("safetensors"), std::string::npos);
  EXPECT_NE(refusal("\x89PNG\r\n\x1a\n").find("PNG"), std::string::npos);
  EXPECT_NE(refusal("\x89TENON\n....").find("line ends were changed"), std::string::npos);
  EXPECT_NE(refusal("hello").find("does not begin with"), std::string::npos);
  EXPECT_NE(refusal("\x89TEN").find("truncated"), std::string::npos);
  const Folder folder;
  exec::Program program;
  const std::string missing = exec::load((folder / "none.tenon").c_str(), {}, program).text;
  EXPECT_NE(missing.find("none.tenon: cannot be opened: No such file"), std::string::npos) << missing;
  EXPECT_NE(exec::load(folder.path().c_str(), {}, program).text.find("not a regular file"), std::string::npos);
  testing_io::write(folder / "empty.tenon", "");
  EXPECT_NE(error_of<FileError>([&] { io::load_program(folder / "empty.tenon"); }).find("empty.tenon: not a .tenon"),
            std::string::npos);
}

TEST(TenonFile, Truncated) {
  const std::string bytes = io::plan_bytes(sample_program());
  const FileHeader header = header_of(bytes);
  for (size_t size = 0; size < bytes.size(); size += size < 2 * sizeof header ? 1 : 64) {
    const std::string text = refusal(bytes.substr(0, size));
    ASSERT_FALSE(text.empty()) << size;
    if (size >= sizeof header) {
      EXPECT_NE(text.find("truncated: " + std::to_string(bytes.size() - size) + " of its"), std::string::npos) << text;
    }
  }
  EXPECT_NE(refusal(bytes + "x").find("1 bytes more"), std::string::npos);
}

TEST(TenonFile, EveryByteFlipped) {
  const std::string good = io::plan_bytes(sample_program());
  const FileHeader header = header_of(good);
  const size_t end = sizeof header + header.metadata_bytes;
  for (size_t i = 0; i < end; ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x41);
    EXPECT_FALSE(refusal(bad).empty()) << "byte " << i << " is not covered by a checksum";
  }
  EXPECT_NE(refusal([&] {
              std::string bad = good;
              bad[sizeof header + 9] ^= 1;
              return bad;
            }())
                .find("the checksum of the metadata is wrong"),
            std::string::npos);
  std::string weight = good;
  weight.back() ^= 1;
  EXPECT_EQ(refusal(weight), "");
  EXPECT_NE(refusal(weight, true).find("its checksum is wrong"), std::string::npos);
}

TEST(TenonFile, NewerVersionsAndUnknownFeatures) {
  std::string bytes = io::plan_bytes(sample_program());
  bytes[8] = 3;
  exec::Program program;
  const exec::Status status = Bytes(bytes).load(program);
  EXPECT_EQ(status.code, exec::Status::Code::Version);
  EXPECT_NE(status.text.find("format 3 is newer than this reader's 0: update Tenon"), std::string::npos);
  bytes = io::plan_bytes(sample_program());
  FileHeader header = header_of(bytes);
  header.reserved = 1;
  header.checksum = exec::xxh64(&header, offsetof(FileHeader, checksum));
  std::memcpy(bytes.data(), &header, sizeof header);
  EXPECT_NE(refusal(bytes).find("later formats"), std::string::npos);
}

// A file of metadata alone.
std::string file_of(flatbuffers::FlatBufferBuilder& builder) {
  FileHeader header{};
  std::memcpy(header.magic, exec::kMagic, sizeof header.magic);
  header.metadata_bytes = builder.GetSize();
  header.file_bytes = sizeof header + builder.GetSize();
  std::string out(reinterpret_cast<const char*>(&header), sizeof header);
  out.append(reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize());
  return sealed(std::move(out));
}

TEST(TenonFile, NeedsTheFeaturesThatItNames) {
  flatbuffers::FlatBufferBuilder builder;
  const auto features = builder.CreateVectorOfStrings({"four-bit weights"});
  builder.Finish(format::CreateProgram(builder, 0, features));
  const std::string text = refusal(file_of(builder));
  EXPECT_NE(text.find("needs the feature 'four-bit weights'"), std::string::npos) << text;
}

// A string of a megabyte that is the name of a hundred thousand things would take 100 GB.
TEST(TenonFile, PartsThatAreUsedTwiceTakeNoMemory) {
  flatbuffers::FlatBufferBuilder builder;
  const std::vector<flatbuffers::Offset<flatbuffers::String>> names(100'000,
                                                                    builder.CreateString(std::string(1 << 20, 'x')));
  const auto labels = builder.CreateVector(names);
  builder.Finish(format::CreateProgram(builder, 0, 0, 0, 0, labels));
  EXPECT_NE(refusal(file_of(builder)).find("used twice"), std::string::npos);

  builder.Clear();
  const auto function = format::CreateFunction(builder, builder.CreateString("f"));
  const std::vector<flatbuffers::Offset<format::Function>> functions(100'000, function);
  const auto all = builder.CreateVector(functions);
  builder.Finish(format::CreateProgram(builder, 0, 0, all));
  EXPECT_FALSE(refusal(file_of(builder)).empty());
}

TEST(TenonFile, WeightsThatOverlapOrLeaveTheFile) {
  const auto file = [](uint64_t offset, uint64_t bytes, uint64_t second) {
    flatbuffers::FlatBufferBuilder builder;
    const std::vector<flatbuffers::Offset<format::Weight>> weights = {format::CreateWeight(builder, offset, bytes),
                                                                      format::CreateWeight(builder, second, 4)};
    const auto all = builder.CreateVector(weights);
    builder.Finish(format::CreateProgram(builder, 0, 0, 0, all));
    std::string out = file_of(builder);
    FileHeader header = header_of(out);
    header.file_bytes = 1024;
    out.resize(1024);
    std::memcpy(out.data(), &header, sizeof header);
    return refusal(sealed(out));
  };
  EXPECT_NE(file(512, 64, 576).find("holds no function"), std::string::npos);  // the weights are right
  EXPECT_NE(file(512, 65, 576).find("weight 1: overlaps"), std::string::npos);
  EXPECT_NE(file(576, 4, 512).find("weight 1: overlaps"), std::string::npos);
  EXPECT_NE(file(64, 4, 512).find("weight 0: overlaps"), std::string::npos);  // the metadata
  EXPECT_NE(file(520, 4, 640).find("no multiple of 64"), std::string::npos);
  EXPECT_NE(file(512, 4, 1024).find("weight 1: leaves the file"), std::string::npos);
  EXPECT_NE(file(512, UINT64_MAX - 63, 640).find("weight 0: leaves the file"), std::string::npos);
  EXPECT_NE(file(UINT64_MAX - 63, 128, 640).find("weight 0: leaves the file"), std::string::npos);
}

// ---- metadata that are well-formed and wrong ----

// Loads what may be refused or not; what is not must run without leaving its memory, and make a graph or be
// refused there.
void load_hostile(const std::string& bytes) {
  hostile::load_and_run(bytes);
  try {
    io::load_program(std::as_bytes(std::span(bytes)), "hostile");
  } catch (const FileError&) {
  }
}

TEST(TenonFile, EveryByteOfTheMetadataFlippedPastTheChecksum) {
  const std::string good = io::plan_bytes(sample_program());
  const FileHeader header = header_of(good);
  for (size_t i = 0; i < header.metadata_bytes; ++i) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      std::string bad = good;
      bad[sizeof header + i] = static_cast<char>(bad[sizeof header + i] ^ flip);
      load_hostile(sealed(bad));
    }
  }
}

// Calls `f` with every number of the program that a file holds.
template <class F>
void each_number(exec::Program& program, F&& f) {
  const auto list = [&](auto& numbers) {
    for (auto& n : numbers) f(n);
  };
  const auto kind = [&](auto& k) {
    auto n = static_cast<int32_t>(k);
    const int32_t old = n;
    f(n);
    // The writer takes kinds as they are; a byte is all that goes into the file.
    if (n != old) k = static_cast<std::remove_reference_t<decltype(k)>>(n);
  };
  for (exec::Plan& p : program.functions) {
    for (auto& s : p.symbols) f(s.value), f(s.axis);
    for (auto& s : p.sizes) kind(s.kind), f(s.value), f(s.a), f(s.b);
    for (auto& s : p.storages) kind(s.kind), f(s.index), f(s.bytes), f(s.first), f(s.last);
    for (auto& v : p.values) kind(v.dtype), f(v.storage), f(v.offset), list(v.shape), list(v.strides);
    for (auto& s : p.steps) kind(s.kind), f(s.op), f(s.generator), f(s.source), list(s.inputs), list(s.outputs);
    for (auto& o : p.ops) {
      for (auto& a : o.attributes) kind(a.type), list(a.numbers), list(a.sizes);
    }
    for (auto& s : p.slots) kind(s.kind), f(s.storage), f(s.value), f(s.updated);
    for (auto& c : p.conditions) f(c.left), f(c.right);
    list(p.inputs), list(p.outputs), list(p.placement);
  }
}

// Calls `visit(damaged)` for the program with each of its numbers replaced by each of several others.
template <class F>
void each_damage(F&& visit) {
  exec::Program program = sample_program();
  size_t count = 0;
  each_number(program, [&](auto&) { ++count; });
  for (size_t target = 0; target < count; ++target) {
    for (const int64_t other : {int64_t{-1}, int64_t{-2}, int64_t{0}, int64_t{1}, int64_t{5}, int64_t{7}, int64_t{255},
                                int64_t{INT32_MAX}, int64_t{INT32_MIN}, INT64_MAX, INT64_MIN}) {
      exec::Program damaged = program;
      size_t at = 0;
      each_number(damaged, [&](auto& number) {
        if (at++ == target) number = static_cast<std::remove_reference_t<decltype(number)>>(other);
      });
      visit(damaged);
    }
  }
}

TEST(TenonFile, EveryNumberReplaced) {
  size_t refused = 0, all = 0;
  each_damage([&](const exec::Program& damaged) {
    const std::string bytes = io::plan_bytes(damaged);
    ++all;
    refused += refusal(bytes).empty() ? 0 : 1;
    load_hostile(bytes);
  });
  EXPECT_GT(all, 2000u);
  EXPECT_GT(refused, all / 2);  // the rest are plans, if strange ones
}

// A change to the sample, and what the refusal must say.
struct Case {
  std::function<void(exec::Plan&)> change;
  const char* words;
};

TEST(TenonFile, PlansThatMakeNoSense) {
  const Case cases[] = {
      {[](exec::Plan& p) { std::swap(p.steps[1], p.steps[2]); }, "before it is made"},
      {[](exec::Plan& p) { p.steps[2].inputs[0] = p.steps[3].outputs[0]; }, "before it is made"},  // a cycle
      {[](exec::Plan& p) { p.steps[2].outputs = p.steps[1].outputs; }, "a second time"},
      {[](exec::Plan& p) { p.steps[2].outputs[0] = 99; }, "does not exist"},
      {[](exec::Plan& p) { p.values[1].shape.pop_back(); }, "strides"},
      {[](exec::Plan& p) { p.constants.clear(); }, "storage"},
      {[](exec::Plan& p) { p.outputs = {99}; }, "output"},
      {[](exec::Plan& p) { p.inputs = {1}; }, "input 0"},
      {[](exec::Plan& p) { p.sizes[5].a = 5; }, "size 5"},
  };
  for (const Case& each : cases) {
    exec::Program program = sample_program();
    each.change(program.functions[0]);
    const std::string text = refusal(io::plan_bytes(program));
    EXPECT_NE(text.find(each.words), std::string::npos) << "wanted '" << each.words << "' in '" << text << "'";
  }
}

TEST(TenonFile, GraphsThatMakeNoSense) {
  const Case cases[] = {
      {[](exec::Plan& p) { p.ops[1].name = "mn"; }, "the op 'mn' is not registered"},
      {[](exec::Plan& p) { p.ops[0].attributes[0].name = "dim2"; }, "no attribute 'dim2'"},
      {[](exec::Plan& p) { p.ops[0].attributes[0].type = exec::Attribute::Type::Bool; }, "dim0"},
      {[](exec::Plan& p) { p.ops[0].attributes[0].numbers.clear(); }, "dim0"},
      {[](exec::Plan& p) { p.ops[0].attributes[0].numbers = {7}; }, "transpose"},
      {[](exec::Plan& p) { p.values[1].dtype = DType::Int32; }, "w"},
      {[](exec::Plan& p) { std::swap(p.values[9].shape[0], p.values[9].shape[1]); }, "add"},
      {[](exec::Plan& p) { p.values[0].name = "w"; }, "two values are named %w"},
  };
  const Folder folder;
  for (const Case& each : cases) {
    exec::Program program = sample_program();
    each.change(program.functions[0]);
    io::save_plans(program, folder / "m.tenon");
    const std::string text = error_of<FileError>([&] { io::load_program(folder / "m.tenon"); });
    EXPECT_NE(text.find(each.words), std::string::npos) << "wanted '" << each.words << "' in '" << text << "'";
  }
}

// What a session never looks at, and a graph would be made of.
TEST(TenonFile, PlansThatAreNoGraph) {
  const Case cases[] = {
      {[](exec::Plan& p) { p.steps[4].kind = exec::Step::Kind::Copy; }, "copy"},
      {[](exec::Plan& p) { p.steps[4].inputs.clear(), p.steps[4].kind = exec::Step::Kind::Copy; }, "copy"},
      {[](exec::Plan& p) { p.slots[0].value = p.slots[0].updated = exec::kNone; }, "the slot 'count' has no value"},
      {[](exec::Plan& p) { p.slots[0].kind = exec::Slot::Kind::Generator; }, "is a generator and has a value"},
      {[](exec::Plan& p) {
         p.sizes.push_back({exec::Size::Kind::FloorDivide, 0, 1, p.values[0].offset});
       },
       "// 0"},
      {[](exec::Plan& p) {
         p.sizes.push_back({exec::Size::Kind::Constant, INT64_MIN + (int64_t{0x5EED} << 32)});
       },
       "size"},
      {[](exec::Plan& p) {
         for (exec::Index i = 0; i < 60; ++i) {  // 2^60 letters when written out
           const auto last = i == 0 ? 0 : static_cast<exec::Index>(p.sizes.size()) - 1;
           p.sizes.push_back({exec::Size::Kind::Add, 0, last, last});
         }
       },
       "more than 1000 terms"},
  };
  for (const Case& each : cases) {
    exec::Program program = sample_program();
    each.change(program.functions[0]);
    const std::string bytes = io::plan_bytes(program);
    const std::string text = error_of<FileError>([&] { io::load_program(std::as_bytes(std::span(bytes)), "hostile"); });
    EXPECT_NE(text.find(each.words), std::string::npos) << "wanted '" << each.words << "' in '" << text << "'";
  }
}

TEST(TenonFile, RunsAndItsSizesAreHeldToItsMemory) {
  EXPECT_EQ(hostile::load_and_run(io::plan_bytes(sample_program())), "");
  const Case cases[] = {
      {[](exec::Plan& p) { p.values[8].shape[1] = p.values[8].strides[1]; }, "its rule"},
      {[](exec::Plan& p) { p.values[9].dtype = DType::Float64; }, "reaches outside of its memory"},
      {[](exec::Plan& p) { p.storages[static_cast<size_t>(p.values[8].storage)].bytes = 1; },
       "reaches outside of its memory"},
  };
  for (const Case& each : cases) {
    exec::Program program = sample_program();
    each.change(program.functions[0]);
    const std::string text = hostile::load_and_run(io::plan_bytes(program));
    EXPECT_NE(text.find(each.words), std::string::npos) << "wanted '" << each.words << "' in '" << text << "'";
  }
}

TEST(TenonFile, BoolsAreZeroOrOne) {
  std::string bytes = io::plan_bytes(sample_program());
  exec::Program program;
  const Bytes good(bytes);
  ASSERT_TRUE(good.load(program).ok());
  bytes[program.functions[0].constants[2].offset] = 2;
  EXPECT_NE(refusal(bytes).find("neither 0 nor 1"), std::string::npos);
}

// ---- writing ----

TEST(TenonFile, AFailedSaveLeavesWhatWasThere) {
  const Folder folder;
  io::save_plans(sample_program(), folder / "m.tenon");
  const std::string before = testing_io::read(folder / "m.tenon");
  EXPECT_THROW(io::save_plans(sample_program(), folder / "none/m.tenon"), FileError);
  EXPECT_EQ(testing_io::read(folder / "m.tenon"), before);
}

}  // namespace
}  // namespace tenon
