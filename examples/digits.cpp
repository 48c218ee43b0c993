// A small network learns to read handwritten digits. digits.py is the same program in Python.
//
// build/release/examples/digits [seed [weights]]: with weights, of either program, it only tests them.
#include "show.h"

namespace tn = tenon;
namespace nn = tenon::nn;

nn::Sequential network() {
  return nn::Sequential{nn::Conv2d(1, 16, 5), nn::ReLU(),       nn::MaxPool2d(2), nn::Conv2d(16, 32, 5),
                        nn::ReLU(),           nn::MaxPool2d(2), nn::Flatten(),    nn::Linear(512, 10)};
}

int main(int argc, char** argv) {
  const int seed = argc > 1 ? std::atoi(argv[1]) : 0;
  const std::string weights = argc > 2 ? argv[2] : "";
  const auto [images, labels] = show::read_digits();
  tn::manual_seed(seed);
  const auto order = tn::randperm(10000);
  const auto first = order.narrow(0, 0, 8500), last = order.narrow(0, 8500, 1500);
  const tn::data::TensorDataset train(images.index({first}), labels.index({first}));
  const auto test_images = images.index({last}), test_labels = labels.index({last});

  nn::Sequential model = network();
  const int epochs = weights.empty() ? 8 : 0;
  tn::data::DataLoader loader(train, {.batch_size = 64, .shuffle = true});
  nn::CrossEntropyLoss loss_of;
  tn::optim::AdamW optimizer(model.parameters(), {.lr = 5e-3});
  tn::optim::CosineAnnealingLR scheduler(optimizer, 8);
  show::Progress progress(epochs, train.size());
  for (int epoch = 0; epoch < epochs; ++epoch) {
    for (auto [x, y] : loader) {
      optimizer.zero_grad();
      auto scores = model(x);
      auto loss = loss_of(scores, y);
      loss.backward();
      optimizer.step();
      progress.step(loss, (scores.argmax(1) == y).sum(), y.size(0));
    }
    scheduler.step();
    tn::NoGrad no_grad;
    show::guesses(test_images, test_labels, model(test_images));
  }
  if (!weights.empty()) {
    model.load_state_dict(tn::io::load_safetensors(weights));
    tn::NoGrad no_grad;
    show::guesses(test_images, test_labels, model(test_images));
  } else {
    tn::io::save_safetensors(model.state_dict(), "digits.safetensors");
    progress.save_losses("losses.safetensors");
  }
}
