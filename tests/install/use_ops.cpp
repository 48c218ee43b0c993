// use_ops LIBRARY: calls an op that a library of ours registers.
#include <cstdio>

#include <tenon/tenon.h>

int main(int, char** argv) {
  tenon::load_library(argv[1]);
  const tenon::OpInfo* cubed = tenon::registry().find("cubed");
  if (cubed == nullptr) return 1;
  const auto x = tenon::Tensor::of<float>({1, 2, 3});
  tenon::TensorImpl* const in[] = {x.impl()};
  tenon::Tensor out[tenon::kMaxOutputs];
  tenon::Call call{cubed, cubed->defaults, tenon::Inputs(in, 1), out};
  tenon::apply(call);
  std::printf("%s\n", out[0].str().c_str());
  return out[0].data<float>()[2] == 27 ? 0 : 1;
}
