// Plans written by hand: each call adds what it names to the plan's tables.
#pragma once

#include <gtest/gtest.h>

#include <tenon/exec/record.h>
#include <tenon/exec/session.h>
#include <tenon/ops/records.h>
#include <tenon/tenon.h>

namespace plans {

using namespace tenon;
using Id = exec::Index;  // tenon::Index is another thing
using exec::kNone;
using exec::Plan;
using exec::Session;
using exec::Status;
using exec::Storage;

// Row-major data of a test: what a session takes and gives.
struct Array {
  std::vector<int64_t> sizes, strides;
  std::vector<float> data;

  Array(std::vector<int64_t> shape, std::vector<float> values) : sizes(std::move(shape)), data(std::move(values)) {
    strides.resize(sizes.size());
    int64_t stride = 1;
    for (size_t i = sizes.size(); i-- > 0;) strides[i] = stride, stride *= sizes[i];
  }
  View view(DType dtype = DType::Float32) {
    return {data.data(), sizes.data(), strides.data(), static_cast<int32_t>(sizes.size()), dtype, true, true};
  }
};

template <class T = float>
std::vector<T> values_of(const View& view) {
  return {view.as<T>(), view.as<T>() + view.numel()};
}

class Builder {
 public:
  Plan plan;
  Builder() { plan.name = "forward"; }

  Id size(int64_t value) { return add_size({exec::Size::Kind::Constant, value}); }
  Id product(Id a, Id b) { return add_size({exec::Size::Kind::Multiply, 0, a, b}); }
  Id combine(exec::Size::Kind kind, Id a, Id b) { return add_size({kind, 0, a, b}); }
  // A symbol of `axis` of a value that is added later, or sooner.
  Id symbol(const char* name, Id value, int axis) {
    plan.symbols.push_back({name, value, axis});
    return add_size({exec::Size::Kind::Symbol, static_cast<int64_t>(plan.symbols.size()) - 1});
  }

  std::vector<Id> sizes(std::initializer_list<int64_t> values) {
    std::vector<Id> out;
    for (int64_t v : values) out.push_back(size(v));
    return out;
  }
  Id count_of(const std::vector<Id>& shape) {
    Id count = size(1);
    for (Id s : shape) count = product(count, s);
    return count;
  }
  // A value that fills a storage of its own, row-major.
  Id value(const char* name, const std::vector<Id>& shape, Storage::Kind kind, Id index = kNone,
           DType dtype = DType::Float32) {
    Storage storage{kind, index, product(count_of(shape), size(size_of(dtype)))};
    plan.storages.push_back(storage);
    return view_of(static_cast<Id>(plan.storages.size()) - 1, name, shape, dtype);
  }
  // A row-major value in a storage that is there.
  Id view_of(Id storage, const char* name, const std::vector<Id>& shape, DType dtype = DType::Float32) {
    exec::Value v;
    v.name = name;
    v.dtype = dtype;
    v.storage = storage;
    v.shape = shape;
    v.strides.resize(shape.size());
    Id stride = size(1);
    for (size_t i = shape.size(); i-- > 0;) v.strides[i] = stride, stride = product(stride, shape[i]);
    v.offset = size(0);
    plan.values.push_back(v);
    return static_cast<Id>(plan.values.size()) - 1;
  }
  Id input(const char* name, const std::vector<Id>& shape, DType dtype = DType::Float32) {
    const Id v = value(name, shape, Storage::Kind::Input, static_cast<Id>(plan.inputs.size()), dtype);
    plan.inputs.push_back(v);
    return v;
  }
  Id constant(const char* name, const std::vector<int64_t>& shape, const std::vector<float>& data) {
    kept_.push_back(data);
    plan.constants.push_back({0, data.size() * sizeof(float), kept_.back().data()});
    std::vector<Id> sized;
    for (int64_t s : shape) sized.push_back(size(s));
    return value(name, sized, Storage::Kind::Constant, static_cast<Id>(plan.constants.size()) - 1);
  }
  Id slot(const char* name, const std::vector<int64_t>& shape, const std::vector<float>& data) {
    kept_.push_back(data);
    std::vector<Id> sized;
    for (int64_t s : shape) sized.push_back(size(s));
    const Id v = value(name, sized, Storage::Kind::Slot, static_cast<Id>(plan.slots.size()));
    exec::Slot slot;
    slot.name = name;
    slot.storage = storage_of(v);
    slot.value = v;
    slot.initial = {0, data.size() * sizeof(float), kept_.back().data()};
    plan.slots.push_back(slot);
    return v;
  }
  Id arena(const char* name, const std::vector<Id>& shape, DType dtype = DType::Float32) {
    const Id v = value(name, shape, Storage::Kind::Arena, kNone, dtype);
    plan.placement.push_back(storage_of(v));
    return v;
  }
  Id dynamic(const char* name, DType dtype = DType::Float32) {
    Storage storage{Storage::Kind::Dynamic};
    plan.storages.push_back(storage);
    exec::Value v;
    v.name = name;
    v.dtype = dtype;
    v.storage = static_cast<Id>(plan.storages.size()) - 1;
    v.offset = size(0);
    plan.values.push_back(v);
    return static_cast<Id>(plan.values.size()) - 1;
  }
  void output(Id v) { plan.outputs.push_back(v); }
  // A value in memory of its own that is output number `plan.outputs.size()`.
  Id output_value(const char* name, const std::vector<Id>& shape, DType dtype = DType::Float32) {
    const Id v = value(name, shape, Storage::Kind::Output, static_cast<Id>(plan.outputs.size()), dtype);
    output(v);
    return v;
  }
  Id storage_of(Id v) const { return plan.values[static_cast<size_t>(v)].storage; }

  // Adds a step with the attributes of `record`, whose dims become constants.
  template <class R>
  void step(const R& record, std::vector<Id> inputs, std::vector<Id> outputs) {
    const OpInfo& op = tenon::op<R>();
    exec::Op planned{op.name, op.overload, {}};
    planned.attributes = exec::attributes_of(
        op, &record, [](void* self, Dim d) { return static_cast<Builder*>(self)->size(d.raw()); }, this);
    plan.ops.push_back(planned);
    exec::Step s;
    s.op = static_cast<Id>(plan.ops.size()) - 1;
    s.inputs = std::move(inputs);
    s.outputs = std::move(outputs);
    plan.sources.push_back({"model.py", "forward", static_cast<int32_t>(10 + plan.steps.size())});
    s.source = static_cast<Id>(plan.sources.size()) - 1;
    plan.steps.push_back(s);
  }
  // Lifetimes of the arena: from the first step that makes a value of a storage to the last that reads one.
  Plan& done() {
    for (size_t t = 0; t < plan.steps.size(); ++t) {
      for (Id v : plan.steps[t].inputs) touch(v, t);
      for (Id v : plan.steps[t].outputs) touch(v, t);
    }
    for (Id v : plan.outputs) touch(v, plan.steps.size() - 1);
    return plan;
  }
  std::unique_ptr<Session> session() {
    done();
    std::unique_ptr<Session> session;
    const Status status = Session::create(plan, registry(), {}, session);
    EXPECT_TRUE(status.ok()) << status.text;
    return session;
  }

 private:
  Id add_size(exec::Size s) {
    plan.sizes.push_back(s);
    return static_cast<Id>(plan.sizes.size()) - 1;
  }
  void touch(Id v, size_t t) {
    if (v == kNone) return;
    Storage& s = plan.storages[static_cast<size_t>(storage_of(v))];
    if (s.kind != Storage::Kind::Arena) return;
    if (s.first == kNone) s.first = static_cast<Id>(t);
    s.last = static_cast<Id>(t);
  }

  std::vector<std::vector<float>> kept_;
};

// relu(x @ w.T + b) @ v.T with a batch that a call tells.
struct Mlp : Builder {
  int64_t in, hidden, out;
  std::vector<float> w, b, v;
  Id x, y;

  Mlp(int64_t in_, int64_t hidden_, int64_t out_) : in(in_), hidden(hidden_), out(out_) {
    const auto fill = [](int64_t n) {
      std::vector<float> values(static_cast<size_t>(n));
      for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>((i * 37 + 11) % 17) / 8 - 1;
      return values;
    };
    w = fill(hidden * in), b = fill(hidden), v = fill(out * hidden);
    const Id batch = symbol("batch", 0, 0);
    x = input("x", {batch, size(in)});
    const Id weight = constant("w", {hidden, in}, w), bias = constant("b", {hidden}, b);
    const Id second = constant("v", {out, hidden}, v);
    const Id h = arena("h", {batch, size(hidden)}), r = arena("r", {batch, size(hidden)});
    y = output_value("y", {batch, size(out)});
    step(Linear{}, {x, weight, bias}, {h});
    step(Relu{}, {h}, {r});
    step(Linear{}, {r, second}, {y});
  }
  Tensor eager(Array& a) const {
    const auto tensor = [](const std::vector<float>& data, Shape shape) {
      return Tensor::borrow(const_cast<float*>(data.data()), shape, contiguous_strides(shape), DType::Float32, nullptr,
                            [](void*) {});
    };
    const Tensor h =
        linear(tensor(a.data, {Dim(a.sizes[0]), Dim(in)}), tensor(w, {Dim(hidden), Dim(in)}), tensor(b, {Dim(hidden)}));
    return linear(relu(h), tensor(v, {Dim(out), Dim(hidden)}));
  }
};

// Three times the places of what is not zero: sizes that only the kernel knows.
struct Selecting : Builder {
  Selecting() {
    const Id x = input("x", {symbol("n", 0, 0)});
    const Id places = dynamic("places", DType::Int64);
    const Id k = symbol("k", places, 0);
    plan.values[static_cast<size_t>(places)].shape = {k, size(1)};
    plan.values[static_cast<size_t>(places)].strides = {size(1), size(1)};
    step(Nonzero{}, {x}, {places});
    const Id doubled = arena("doubled", {k, size(1)}, DType::Int64);
    step(Add{}, {places, places}, {doubled});
    const Id total = output_value("total", {k, size(1)}, DType::Int64);
    step(Add{}, {doubled, places}, {total});
    output(places);
  }
};

// total += x, with the sum in the slot itself, or made elsewhere and left to the session to keep.
struct Counting : Builder {
  explicit Counting(bool in_place) {
    const Id x = input("x", sizes({2}));
    const Id total = slot("total", {2}, {10, 20});
    const Id fixed = slot("fixed", {2}, {1, 2});
    const Id sum = in_place ? view_of(storage_of(total), "sum", sizes({2})) : output_value("sum", sizes({2}));
    step(Add{}, {total, x}, {sum});
    if (in_place) output(sum);
    const Id scaled = output_value("scaled", sizes({2}));
    step(Mul{}, {x, fixed}, {scaled});
    plan.slots[0].updated = sum;
  }
};

}  // namespace plans
