// Every op with inputs and attributes that mostly make no sense: a result or an Error that names the op, never a
// crash, a broken invariant or (under the sanitizers) a read outside of a tensor.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <limits>
#include <random>

#include <tenon/autograd/autograd.h>
#include <tenon/core/door.h>
#include <tenon/ops/functions.h>

namespace {

using namespace tenon;

using Random = std::mt19937;

template <class T>
const T& one_of(Random& random, const std::vector<T>& values) {
  return values[random() % values.size()];
}

// Small numbers, and some so large that nothing of that size can be made.
int64_t any_int(Random& random) {
  static const std::vector<int64_t> ordinary = {-7, -3, -2, -1, 0, 0, 1, 1, 2, 2, 3, 4, 5};
  static const std::vector<int64_t> wild = {INT64_MAX, INT64_MIN, INT64_MIN + 1, int64_t{1} << 62};
  return random() % 16 == 0 ? one_of(random, wild) : one_of(random, ordinary);
}
double any_double(Random& random) {
  static const std::vector<double> values = {0,    0.5,    1,     2,   -1,
                                             -2.5, 1e-300, 1e300, NAN, std::numeric_limits<double>::infinity()};
  return one_of(random, values);
}
Scalar any_scalar(Random& random) {
  switch (random() % 4) {
    case 0:
      return any_int(random);
    case 1:
      return random() % 2 == 0;
    case 2:
      return std::complex<double>(any_double(random), 1);
    default:
      return any_double(random);
  }
}
Dims any_dims(Random& random) {
  Dims dims;
  for (auto n = random() % 5; n > 0; --n) dims.push_back(any_int(random));
  return dims;
}
DType any_dtype(Random& random) { return static_cast<DType>(random() % kDTypeCount); }
std::string any_string(Random& random) {
  static const std::vector<std::string> values = {
      "none", "mean", "sum",  "tanh",     "floor", "trunc",   "ij", "xy", "amax",     "prod",      "same",    "valid",
      "fro",  "nuc",  "left", "constant", "",      "reflect", "i:", "s",  "nonsense", "replicate", "circular"};
  return one_of(random, values);
}

void set_attribute(AttributeType type, void* at, Random& random) {
  const auto set = [&]<class T>(T value) { *static_cast<T*>(at) = std::move(value); };
  switch (type) {
    case AttributeType::Bool:
      return set(random() % 2 == 0);
    case AttributeType::Int:
      return set(any_int(random));
    case AttributeType::Double:
      return set(any_double(random));
    case AttributeType::Scalar:
      return set(any_scalar(random));
    case AttributeType::String:
      return set(any_string(random));
    case AttributeType::DType:
      return set(any_dtype(random));
    case AttributeType::Dim:
      return set(Dim(any_int(random)));
    case AttributeType::Dims:
      return set(any_dims(random));
    case AttributeType::OptionalBool:
      return set(std::optional<bool>(random() % 2 == 0));
    case AttributeType::OptionalInt:
      return set(std::optional<int64_t>(any_int(random)));
    case AttributeType::OptionalDouble:
      return set(std::optional<double>(any_double(random)));
    case AttributeType::OptionalScalar:
      return set(std::optional<Scalar>(any_scalar(random)));
    case AttributeType::OptionalString:
      return set(std::optional<std::string>(any_string(random)));
    case AttributeType::OptionalDType:
      return set(std::optional<DType>(any_dtype(random)));
    case AttributeType::OptionalDims:
      return set(std::optional<Dims>(any_dims(random)));
    case AttributeType::Device:
    case AttributeType::OptionalDevice:
    case AttributeType::Generator:
      return;  // one of each is enough
  }
}

// Shapes that often go together, values that are often no good as indices, and layouts of all kinds.
Tensor any_tensor(Random& random) {
  static const std::vector<Shape> shapes = {
      {},     {0},    {1},       {2},       {3},          {5},          {2, 3},    {3, 2},       {0, 3},
      {3, 3}, {2, 0}, {2, 3, 4}, {1, 3, 5}, {1, 2, 4, 4}, {2, 3, 5, 5}, {3, 2, 3}, {2, 2, 3, 3}, {1, 1, 1, 1, 2}};
  static const std::vector<DType> usual = {DType::Float32, DType::Float32, DType::Float64, DType::Int64, DType::Bool};
  const Shape& shape = one_of(random, shapes);
  const DType dtype = random() % 8 == 0 ? any_dtype(random) : one_of(random, usual);
  Tensor x = Tensor::empty(shape, DType::Int64);
  for (int64_t i = 0; i < x.numel(); ++i) x.data<int64_t>()[i] = static_cast<int64_t>(random() % 7) - 2;
  if (random() % 16 == 0 && x.numel() > 0) x.data<int64_t>()[0] = any_int(random);
  if (random() % 2 == 0 && dtype == DType::Int64) x = x.abs();  // more often sound indices
  x = x.to(dtype);
  if (x.dim() >= 2 && random() % 4 == 0) x = x.transpose(0, -1);
  if (x.dim() >= 1 && x.numel() > 0 && random() % 8 == 0) x = x.narrow(0, 0, 1).expand(x.shape());
  if (is_floating(dtype) && random() % 4 == 0 && x.is_leaf()) x = x.detach().requires_grad_();
  return x;
}

void call_once(const OpInfo& op, Random& random) {
  std::vector<char> memory(op.record_size + 64);
  void* record = memory.data();
  size_t space = memory.size();
  std::align(op.record_align, op.record_size, record, space);
  op.copy(record, op.defaults);
  struct Destroy {
    const OpInfo& op;
    void* record;
    ~Destroy() { op.destroy(record); }
  } destroy{op, record};
  std::vector<Tensor> inputs, list;
  for (const ParameterInfo& p : op.parameters) {
    if (p.kind == ParameterKind::Attribute) {
      if (p.is_required || random() % 2 == 0) set_attribute(p.type, static_cast<char*>(record) + p.offset, random);
    } else if (p.kind == ParameterKind::InputList) {
      for (auto n = random() % 4; n > 0; --n) list.push_back(any_tensor(random));
    } else if (p.kind == ParameterKind::OptionalInput && random() % 2 == 0) {
      inputs.emplace_back();
    } else if (p.takes_number && random() % 4 == 0) {
      inputs.emplace_back(any_scalar(random));
    } else {
      inputs.push_back(random() % 3 == 0 && !inputs.empty() && inputs[0].defined() ? inputs[0] : any_tensor(random));
    }
  }
  inputs.insert(inputs.end(), list.begin(), list.end());
  Tensor outputs[kMaxOutputs];
  std::vector<Tensor> results;
  Call call{&op, record, Inputs(reinterpret_cast<TensorImpl* const*>(inputs.data()), static_cast<int>(inputs.size())),
            outputs, &results};
  if ((op.forms & kInplace) != 0 && random() % 4 == 0 && !inputs.empty() && inputs[0].defined()) {
    call.destination = Destination::Inplace;
    outputs[0] = inputs[0];
  }
  try {
    tenon::apply(call);
    for (Tensor& out : outputs) {
      if (out.defined() && out.device().kind == DeviceKind::CPU && out.numel() < 100'000) out.clone();  // reads it all
      if (out.defined() && out.requires_grad() && out.numel() < 100'000)
        out.backward(Tensor::empty(out.shape(), out.dtype()).fill_(1), false);
    }
  } catch (const Error&) {
  }
}

TEST(WrongCalls, AnyOpWithAnything) {
  const char* only = std::getenv("TENON_WRONG_CALLS_OP");
  const bool tell = std::getenv("TENON_WRONG_CALLS_TELL") != nullptr;
  for (const OpInfo* op : registry().all()) {
    // Ops with a leading underscore are parts of others, which have checked.
    if (op->name[0] == '_' || (only != nullptr && std::string(only) != op->name)) continue;
    if (std::string_view(op->name).starts_with("autograd_test")) continue;
    if (tell) std::fprintf(stderr, "%s\n", op->full_name().c_str());
    SCOPED_TRACE(op->full_name());
    Random random(12345);
    for (int i = 0; i < 200; ++i) {
      EXPECT_NO_THROW(call_once(*op, random)) << "call " << i;
    }
  }
}

}  // namespace
