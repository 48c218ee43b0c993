// What is derived from a record's listing: equality, hash, printing, the signature.
#include <gtest/gtest.h>

#include <tenon/core/registry.h>
#include <tenon/ops/records.h>

namespace {

using namespace tenon;

TEST(Record, PrintsFromItsListing) {
  Add r;
  r.alpha = 2.5;
  EXPECT_EQ(print_record(op<Add>(), &r), "alpha=2.5");
  EXPECT_EQ(print_signature(op<Add>()), "add(input, other, *, alpha=1)");
}

TEST(Record, EqualityAndHashReadEveryAttribute) {
  Add one, two;
  two.alpha = 2;
  EXPECT_TRUE(equal_records(op<Add>(), &one, &one));
  EXPECT_FALSE(equal_records(op<Add>(), &one, &two));
  EXPECT_NE(hash_record(op<Add>(), &one), hash_record(op<Add>(), &two));
  two.alpha = 1.0;  // a float attribute is not an integer one
  EXPECT_FALSE(equal_records(op<Add>(), &one, &two));
}

TEST(Registry, OneNameOneOp) {
  EXPECT_EQ(&registry().add(describe<Add, false>()), &op<Add>());
  EXPECT_EQ(registry().find("add"), &op<Add>());
  EXPECT_EQ(registry().find("no such op"), nullptr);
}

// Every op must know how to be computed, and say where its gradient comes from.
TEST(Registry, EveryOpIsWhole) {
  for (const OpInfo* op : registry().all()) {
    if (std::string_view(op->name).starts_with("autograd_test")) continue;  // made to be without
    SCOPED_TRACE(op->full_name());
    EXPECT_TRUE(op->kernels[0] != nullptr || op->alias != nullptr || op->decompose != nullptr)
        << "no kernel, no alias rule, no decomposition";
    EXPECT_TRUE(op->infer != nullptr || op->decompose != nullptr) << "no shape rule";
    EXPECT_TRUE(op->gradient != nullptr || op->decompose != nullptr || op->is(kNotDifferentiable | kCreation))
        << "no gradient, and does not say so";
  }
}

}  // namespace
