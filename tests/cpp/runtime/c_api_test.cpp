// The C interface, used from C (tests/c).
#include "../../c/use_c_api.h"

#include <tenon/runtime/model.h>

#include "exec/plans.h"

namespace {

using namespace plans;

TEST(CApi, FromAPlainCProgram) {
  Mlp mlp(4, 8, 2);
  exec::Program program;
  program.functions.push_back(mlp.done());
  program.labels = {"cat", "dog"};
  program.metadata["license"] = "Apache-2.0";
  Array x({3, 4}, {1, -2, 3, 4, 0, 1, 0.5f, -1, 2, 2, -3, 1});
  const Tensor expected = mlp.eager(x);
  const char* wrong = use_c_api(runtime::make_model(std::move(program)), x.data.data(), expected.data<float>());
  EXPECT_EQ(wrong, nullptr) << wrong;
}

}  // namespace
