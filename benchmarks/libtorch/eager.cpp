// What a call costs from C++: Tenon and libtorch in one process, one thread, in turns, medians.
// Built by benchmarks/libtorch/run.sh, which finds libtorch in an environment of its own.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <vector>

#include <tenon/tenon.h>
#include <torch/torch.h>

namespace tn = tenon;

namespace {

double seconds(const std::function<void()>& call, int count) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < count; ++i) call();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / count;
}

bool compare(const char* name, double asked, const std::function<void()>& ours, const std::function<void()>& theirs) {
  const auto rounds = [](const std::function<void()>& f) {
    f();
    return std::max(1, std::min(200000, static_cast<int>(0.02 / std::max(seconds(f, 20), 1e-9))));
  };
  const int n = rounds(ours), m = rounds(theirs);
  std::vector<double> a, b;
  for (int i = 0; i < 11; ++i) {
    a.push_back(seconds(ours, n));
    b.push_back(seconds(theirs, m));
  }
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  const double ratio = b[5] / a[5];
  std::printf("%-36s%10.0f ns%12.0f ns%9.1f%8g%s\n", name, a[5] * 1e9, b[5] * 1e9, ratio, asked,
              ratio < asked ? "  below" : "");
  return ratio >= asked;
}

template <class T>
void copy_parameters(const std::vector<T>& from, const std::vector<tn::Tensor>& to) {
  for (size_t i = 0; i < from.size(); ++i) {
    std::copy_n(from[i].template data_ptr<float>(), from[i].numel(), to[i].template data<float>());
  }
}

// The same MLP step in both, from the same weights; the losses are compared before anything is timed.
template <class TenonOptimizer, class TorchOptimizer>
bool training_step(const char* name, TenonOptimizer& opt, TorchOptimizer& peer_opt, tn::nn::Sequential& model,
                   torch::nn::Sequential& peer) {
  const auto x = torch::randn({4, 16});
  const auto y = torch::tensor({1, 2, 3, 4}, torch::kLong);
  auto our_x = tn::Tensor::empty({4, 16});
  std::copy_n(x.data_ptr<float>(), 64, our_x.data<float>());
  const auto our_y = tn::Tensor::of<int64_t>({1, 2, 3, 4});
  float our_loss = 0, their_loss = 0;
  const auto ours = [&] {
    opt.zero_grad();
    auto loss = tn::cross_entropy(model(our_x), our_y);
    loss.backward();
    opt.step();
    our_loss = *loss.template data<float>();
  };
  const auto theirs = [&] {
    peer_opt.zero_grad();
    auto loss = torch::nn::functional::cross_entropy(peer->forward(x), y);
    loss.backward();
    peer_opt.step();
    their_loss = *loss.template data_ptr<float>();
  };
  for (int i = 0; i < 10; ++i) {
    ours();
    theirs();
  }
  if (std::abs(our_loss - their_loss) > 1e-4f) {
    std::printf("%s: the losses differ: %g and %g\n", name, our_loss, their_loss);
    return false;
  }
  return compare(name, 6, ours, theirs);
}

}  // namespace

int main() {
  torch::set_num_threads(1);
  tn::set_num_threads(1);
  std::printf("%-36s%13s%15s%9s%8s\n", "Cost of a call, from C++", "tenon", "libtorch", "times", "asked");
  bool good = true;
  const auto a = tn::arange(16).to(tn::DType::Float32), b = a.clone();
  const auto ta = torch::arange(16, torch::kFloat32), tb = ta.clone();
  good &= compare(
      "a + b, 16 floats", 5, [&] { a + b; }, [&] { ta + tb; });
  auto ga = a.clone();
  ga.requires_grad_();
  const auto tga = ta.clone().requires_grad_();
  good &= compare(
      "a + b, gradient recorded", 5, [&] { ga + b; }, [&] { tga + tb; });

  tn::nn::Linear linear(16, 16);
  torch::nn::Linear peer_linear(16, 16);
  const auto row = a.view({1, 16});
  const auto peer_row = ta.view({1, 16});
  good &= compare(
      "Linear(16, 16), one row, no_grad", 5,
      [&] {
        tn::NoGrad no_grad;
        linear(row);
      },
      [&] {
        torch::NoGradGuard no_grad;
        peer_linear(peer_row);
      });
  good &= compare(
      "Linear(16, 16), one row, gradient", 5, [&] { linear(row); }, [&] { peer_linear(peer_row); });

  for (const bool adam : {false, true}) {
    tn::nn::Sequential model{tn::nn::Linear(16, 32), tn::nn::ReLU(), tn::nn::Linear(32, 16)};
    torch::nn::Sequential peer(torch::nn::Linear(16, 32), torch::nn::ReLU(), torch::nn::Linear(32, 16));
    copy_parameters(peer->parameters(), model.parameters());
    if (adam) {
      tn::optim::Adam opt(model.parameters(), {.lr = 1e-3});
      torch::optim::Adam peer_opt(peer->parameters(), torch::optim::AdamOptions(1e-3));
      good &= training_step("MLP 16-32-16 step, Adam", opt, peer_opt, model, peer);
    } else {
      tn::optim::SGD opt(model.parameters(), {.lr = 1e-3});
      torch::optim::SGD peer_opt(peer->parameters(), torch::optim::SGDOptions(1e-3));
      good &= training_step("MLP 16-32-16 step, SGD", opt, peer_opt, model, peer);
    }
  }
  return good ? 0 : 1;
}
