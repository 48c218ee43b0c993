// Records from the attributes of a plan and back.
#include <gtest/gtest.h>

#include <tenon/exec/record.h>
#include <tenon/tenon.h>

namespace {

using namespace tenon;

struct SizeTable {
  std::vector<Dim> dims;
  static exec::Index find(void* table, Dim dim) {
    auto& dims = static_cast<SizeTable*>(table)->dims;
    dims.push_back(dim);
    return static_cast<exec::Index>(dims.size() - 1);
  }
  std::vector<int64_t> values() const {
    std::vector<int64_t> out;
    for (Dim d : dims) out.push_back(d.value());
    return out;
  }
};

TEST(ExecRecord, EveryOpsDefaultsComeBack) {
  for (const OpInfo* op : registry().all()) {
    SizeTable table;
    const auto attributes = exec::attributes_of(*op, op->defaults, SizeTable::find, &table);
    exec::Record record(*op);
    const auto sizes = table.values();
    const exec::Status status = exec::fill_record(*op, attributes, sizes.data(), record.get());
    EXPECT_TRUE(status.ok()) << op->full_name() << ": " << status.text;
    EXPECT_TRUE(equal_records(*op, record.get(), op->defaults)) << op->full_name();
  }
}

TEST(ExecRecord, ScalarsOfEveryKindComeBack) {
  const OpInfo& op = *registry().find("full");
  for (const Scalar& value : {Scalar(true), Scalar(7), Scalar(-0.5), Scalar(std::complex<double>(1, -2))}) {
    exec::Record given(op), made(op);
    for (const ParameterInfo& p : op.parameters) {
      if (p.type == AttributeType::Scalar)
        *reinterpret_cast<Scalar*>(static_cast<char*>(given.get()) + p.offset) = value;
    }
    SizeTable table;
    const auto attributes = exec::attributes_of(op, given.get(), SizeTable::find, &table);
    ASSERT_TRUE(exec::fill_record(op, attributes, table.values().data(), made.get()).ok());
    EXPECT_TRUE(equal_records(op, given.get(), made.get())) << print_record(op, made.get());
  }
}

TEST(ExecRecord, WrongAttributesAreRefused) {
  const OpInfo& op = *registry().find("softmax");
  exec::Record record(op);
  exec::Attribute dim;
  dim.name = "dim";
  dim.numbers = {1};
  EXPECT_TRUE(exec::fill_record(op, {dim}, nullptr, record.get()).ok());
  const auto text_of = [&](const exec::Attribute& a) { return exec::fill_record(op, {a}, nullptr, record.get()).text; };
  exec::Attribute wrong = dim;
  wrong.name = "axis";
  EXPECT_EQ(text_of(wrong), "plan: softmax has no attribute 'axis'");
  wrong = dim;
  wrong.numbers = {1, 2};
  EXPECT_EQ(text_of(wrong), "plan: softmax: the value of 'dim' is not of the attribute's type");
  wrong = dim;
  wrong.type = exec::Attribute::Type::Double;
  EXPECT_EQ(text_of(wrong), "plan: softmax: the value of 'dim' is not of the attribute's type");
  EXPECT_EQ(exec::fill_record(op, {}, nullptr, record.get()).text, "plan: softmax: the attribute 'dim' is missing");
}

}  // namespace
