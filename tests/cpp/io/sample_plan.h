// A small program with one of everything that a file may hold.
#pragma once

#include <array>
#include <bit>

#include <tenon/exec/plan.h>

namespace tenon::testing_io {

// Builds the tables of a plan whose sizes are few.
struct PlanMaker {
  exec::Plan plan;

  exec::Index size(int64_t value) {
    for (size_t i = 0; i < plan.sizes.size(); ++i) {
      if (plan.sizes[i].kind == exec::Size::Kind::Constant && plan.sizes[i].value == value) {
        return static_cast<exec::Index>(i);
      }
    }
    plan.sizes.push_back({exec::Size::Kind::Constant, value});
    return static_cast<exec::Index>(plan.sizes.size() - 1);
  }
  exec::Index product(exec::Index a, exec::Index b) {
    plan.sizes.push_back({exec::Size::Kind::Multiply, 0, a, b});
    return static_cast<exec::Index>(plan.sizes.size() - 1);
  }
  exec::Index storage(exec::Storage::Kind kind, exec::Index index, exec::Index bytes, exec::Index first = exec::kNone,
                      exec::Index last = exec::kNone) {
    plan.storages.push_back({kind, index, bytes, first, last});
    return static_cast<exec::Index>(plan.storages.size() - 1);
  }
  // With row-major strides, which are numbers.
  exec::Index value(const char* name, DType dtype, exec::Index storage, std::vector<exec::Index> shape,
                    const std::vector<int64_t>& strides) {
    exec::Value v{name, dtype, storage, std::move(shape), {}, size(0)};
    for (int64_t stride : strides) v.strides.push_back(size(stride));
    plan.values.push_back(std::move(v));
    return static_cast<exec::Index>(plan.values.size() - 1);
  }
  exec::Index constant(const void* data, uint64_t bytes) {
    plan.constants.push_back({0, bytes, data});
    return storage(exec::Storage::Kind::Constant, static_cast<exec::Index>(plan.constants.size() - 1),
                   size(static_cast<int64_t>(bytes)));
  }
  void step(exec::Step::Kind kind, exec::Op op, std::vector<exec::Index> inputs, std::vector<exec::Index> outputs) {
    plan.ops.push_back(std::move(op));
    exec::Step s{kind, static_cast<exec::Index>(plan.ops.size() - 1), std::move(inputs), std::move(outputs)};
    s.source = static_cast<exec::Index>(plan.sources.size()) - 1;
    plan.steps.push_back(std::move(s));
  }
};

inline exec::Attribute attribute(const char* name, int64_t value) {
  return {exec::Attribute::Type::Int, name, "", {value}, {}, true};
}

// y = where(mask, x @ w.t() + b, 0) for x of (batch, 4); count += 1.
inline exec::Program sample_program() {
  using Kind = exec::Storage::Kind;
  alignas(64) static const std::array<float, 12> w{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  alignas(64) static const std::array<float, 3> b{0.5f, -0.5f, 0.25f};
  alignas(64) static const std::array<bool, 3> mask{true, false, true};
  alignas(64) static const std::array<float, 1> zero{0};
  alignas(64) static const std::array<int64_t, 1> one{1};
  alignas(64) static const std::array<int64_t, 1> count{41};

  PlanMaker m;
  m.plan.name = "forward";
  m.plan.sources.push_back({"model.py", "forward", 12});
  m.plan.sizes.push_back({exec::Size::Kind::Symbol, 0});
  const exec::Index batch = 0, three = m.size(3), four = m.size(4), single = m.size(1);
  const exec::Index x_bytes = m.product(batch, m.size(16)), y_bytes = m.product(batch, m.size(12));

  const auto x = m.value("x", DType::Float32, m.storage(Kind::Input, 0, x_bytes), {batch, four}, {4, 1});
  const auto in_w = m.constant(w.data(), sizeof w);
  const auto weight = m.value("w", DType::Float32, in_w, {three, four}, {4, 1});
  const auto bias = m.value("b", DType::Float32, m.constant(b.data(), sizeof b), {three}, {1});
  const auto keep = m.value("mask", DType::Bool, m.constant(mask.data(), sizeof mask), {three}, {1});
  const auto none = m.value("0.0", DType::Float32, m.constant(zero.data(), sizeof zero), {}, {});
  m.plan.values.back().weak = true;
  const auto unit = m.value("1", DType::Int64, m.constant(one.data(), sizeof one), {}, {});
  m.plan.values.back().weak = true;
  m.plan.symbols.push_back({"batch", x, 0});

  const auto in_count = m.storage(Kind::Slot, 0, m.size(8), 4, 4);
  const auto before = m.value("count", DType::Int64, in_count, {single}, {1});
  const auto transposed = m.value("t", DType::Float32, in_w, {four, three}, {1, 4});
  const auto product =
      m.value("mm", DType::Float32, m.storage(Kind::Arena, exec::kNone, y_bytes, 1, 2), {batch, three}, {3, 1});
  const auto sum =
      m.value("add", DType::Float32, m.storage(Kind::Arena, exec::kNone, y_bytes, 2, 3), {batch, three}, {3, 1});
  const auto y = m.value("y", DType::Float32, m.storage(Kind::Output, 0, y_bytes, 3, 4), {batch, three}, {3, 1});
  const auto after = m.value("count_1", DType::Int64, in_count, {single}, {1});
  m.plan.placement = {m.plan.values[static_cast<size_t>(product)].storage,
                      m.plan.values[static_cast<size_t>(sum)].storage};
  m.plan.slots.push_back({exec::Slot::Kind::Buffer, "count", in_count, before, after, {0, sizeof count, count.data()}});

  const exec::Op add{
      "add",
      "",
      {{exec::Attribute::Type::Scalar, "alpha", "", {static_cast<int64_t>(tenon::Kind::Integer), 1}, {}, true}}};
  m.step(exec::Step::Kind::View, {"transpose", "", {attribute("dim0", 0), attribute("dim1", 1)}}, {weight},
         {transposed});
  m.step(exec::Step::Kind::Kernel, {"mm", "", {}}, {x, transposed}, {product});
  m.step(exec::Step::Kind::Kernel, add, {product, bias}, {sum});
  m.step(exec::Step::Kind::Kernel, {"where", "", {}}, {keep, sum, none}, {y});
  m.step(exec::Step::Kind::Kernel, add, {before, unit}, {after});
  m.plan.inputs = {x};
  m.plan.outputs = {y};
  m.plan.conditions.push_back({three, three});

  exec::Program program;
  program.functions.push_back(std::move(m.plan));
  program.metadata = {{"license", "Apache-2.0"}, {"description", "a sample"}};
  program.labels = {"zero", "eins", "två"};
  program.producer = "test";
  return program;
}

}  // namespace tenon::testing_io
