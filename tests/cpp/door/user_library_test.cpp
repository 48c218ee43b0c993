// Ops of a user's own shared library go through the same door.
#include <gtest/gtest.h>

#include <fstream>

#include <tenon/core/door.h>
#include <tenon/ops/functions.h>

namespace {

using namespace tenon;

Tensor call(const OpInfo& op, const Tensor& x) {
  TensorImpl* const in[] = {x.impl()};
  Tensor out[kMaxOutputs];
  Call call{&op, op.defaults, Inputs(in, 1), out};
  apply(call);
  return out[0];
}

TEST(UserLibrary, RegistersAnOpWithItsGradient) {
  load_library(TENON_USER_LIBRARY);
  load_library(TENON_USER_LIBRARY);  // a second time changes nothing
  const OpInfo* cubed = registry().find("cubed");
  ASSERT_NE(cubed, nullptr);
  EXPECT_EQ(print_signature(*cubed), "cubed(input, *, scale=1.0)");
  Tensor x = Tensor::of<float>({1, 2, 3});
  x.requires_grad_();
  const Tensor y = call(*cubed, x);
  EXPECT_EQ(y.data<float>()[2], 27);
  y.sum().backward();
  EXPECT_EQ(x.grad().data<float>()[2], 27);
  EXPECT_THROW(call(*cubed, Tensor::of<double>({1})), DTypeError);
}

TEST(UserLibrary, WhatIsNoLibraryIsAFileError) {
  EXPECT_THROW(load_library("/no/such/library.so"), FileError);
  const std::string path = testing::TempDir() + "not_a_library.so";
  std::ofstream(path) << "text";
  EXPECT_THROW(load_library(path), FileError);
}

}  // namespace
