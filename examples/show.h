// What the digits example shows while it learns; show.py is the same in Python.
#pragma once

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <tenon/tenon.h>

namespace show {

namespace tn = tenon;

inline bool terminal() { return ::isatty(STDOUT_FILENO) == 1; }
inline bool colour() { return terminal() && std::getenv("NO_COLOR") == nullptr; }
inline int columns() {
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}
template <class... Values>
std::string format(const char* pattern, Values... values) {
  char buffer[200];
  std::snprintf(buffer, sizeof buffer, pattern, values...);
  return buffer;
}
inline std::string repeat(const char* text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

// Images (10000, 1, 28, 28) from 0 to 1, and the digit on each.
inline std::pair<tn::Tensor, tn::Tensor> read_digits() {
  std::filesystem::path top = std::filesystem::current_path();
  while (!exists(top / "examples/data") && top != top.root_path()) top = top.parent_path();
  const std::string data = (top / "examples/data/mnist").string();
  const tn::Tensor images = tn::io::read_idx(data + "/t10k-images-idx3-ubyte.gz");
  const tn::Tensor labels = tn::io::read_idx(data + "/t10k-labels-idx1-ubyte.gz");
  return {images.unsqueeze(1).to(tn::DType::Float32) / 255, labels.to(tn::DType::Int64)};
}

// A bar with loss, accuracy, images per second and the time left; in a pipe a line per epoch.
class Progress {
 public:
  Progress(int epochs, int64_t images) : epochs_(epochs), images_(images) {}

  void step(const tn::Tensor& loss, const tn::Tensor& right, int64_t count) {
    losses_.push_back(loss.item<double>());
    epoch_loss_ += losses_.back() * static_cast<double>(count);
    epoch_right_ += right.item<double>();
    seen_ += count;
    const int64_t in_epoch = (seen_ - 1) % images_ + 1;
    const auto now = Clock::now();
    const bool last = in_epoch == images_, late = now - drawn_ > std::chrono::milliseconds(100);
    if (losses_.size() == 1 || last || (terminal() && late)) {
      drawn_ = now;
      draw(static_cast<double>(in_epoch), std::chrono::duration<double>(now - start_).count());
    }
    if (last) epoch_loss_ = epoch_right_ = 0;
  }
  void save_losses(const std::string& path) const {
    tn::Tensor losses = tn::Tensor::empty({losses_.size()});
    std::copy(losses_.begin(), losses_.end(), losses.data<float>());
    tn::io::save_safetensors(tn::StateDict{{"losses", losses}}, path);
  }

 private:
  using Clock = std::chrono::steady_clock;

  void draw(double in_epoch, double seconds) const {
    const int64_t all = epochs_ * images_;
    const double left = seconds / static_cast<double>(seen_) * static_cast<double>(all - seen_);
    const std::string head = tn::text("epoch ", (seen_ - 1) / images_ + 1, "/", epochs_, " ");
    const std::string text =
        format("  loss %.4f  accuracy %5.2f %%  %.0f images/s  %d:%02d left", epoch_loss_ / in_epoch,
               100 * epoch_right_ / in_epoch, static_cast<double>(seen_) / std::max(seconds, 1e-9),
               static_cast<int>(left) / 60, static_cast<int>(left) % 60);
    const int room = std::min(24, columns() - static_cast<int>(head.size() + text.size()) - 1);
    const int full = std::max(0, static_cast<int>(room * in_epoch / static_cast<double>(images_)));
    const bool stay = terminal() && in_epoch < static_cast<double>(images_);
    std::printf("%s%s%s%s%s%s", terminal() ? "\r\x1b[K" : "", head.c_str(), repeat("█", full).c_str(),
                repeat("░", room - full).c_str(), text.c_str(), stay ? "" : "\n");
    std::fflush(stdout);
  }

  int epochs_;
  int64_t images_, seen_ = 0;
  Clock::time_point start_ = Clock::now(), drawn_ = start_;
  double epoch_loss_ = 0, epoch_right_ = 0;
  std::vector<double> losses_;
};

// Two rows of pixels as one row of characters.
inline std::string half_blocks(const float* top, const float* bottom) {
  std::string out;
  for (int x = 0; x < 14; ++x) {
    if (!colour()) {
      const char* shapes[] = {" ", "▀", "▄", "█"};
      out += shapes[(top[x] > 0.4f) + 2 * (bottom[x] > 0.4f)];
    } else {
      out +=
          format("\x1b[38;5;%d;48;5;%dm▀", 232 + static_cast<int>(23 * top[x]), 232 + static_cast<int>(23 * bottom[x]));
    }
  }
  return colour() ? out + "\x1b[0m" : out;
}

inline std::string centred(const std::string& text, size_t width) {
  const size_t room = width - std::min(width, text.size());
  return std::string(room / 2, ' ') + text + std::string(room - room / 2, ' ');
}

// Draws a row of digits with guess and confidence; returns the accuracy over all of them.
inline double guesses(const tn::Tensor& images, const tn::Tensor& labels, const tn::Tensor& scores) {
  const tn::Tensor sure = scores.softmax(1), guess = scores.argmax(1), right = guess == labels;
  const int64_t total = labels.numel(), correct = right.sum().item<int64_t>();
  const int count = std::clamp((columns() + 1) / 15, 1, 8);
  const tn::Tensor small = tn::avg_pool2d(images.narrow(0, 0, count), 2);
  const float* pixels = small.data<float>();
  for (int y = 0; y < 14; y += 2) {
    for (int i = 0; i < count; ++i) {
      const float* row = pixels + (i * 14 + y) * 14;
      std::printf("%s%s", half_blocks(row, row + 14).c_str(), i + 1 < count ? " " : "\n");
    }
  }
  for (int i = 0; i < count; ++i) {
    const int64_t is = labels.data<int64_t>()[i], said = guess.data<int64_t>()[i];
    std::string caption =
        format("%d  %.1f %%", static_cast<int>(said), 100 * static_cast<double>(sure.data<float>()[i * 10 + said]));
    if (is != said) caption += tn::text(" not ", is);
    const bool red = colour() && is != said;
    std::printf("%s%s%s%s", red ? "\x1b[31m" : "", centred(caption, 14).c_str(), red ? "\x1b[0m" : "",
                i + 1 < count ? " " : "\n");
  }
  const double accuracy = 100.0 * static_cast<double>(correct) / static_cast<double>(total);
  std::printf("held-out digits: %lld of %lld right, %.2f %%\n", static_cast<long long>(correct),
              static_cast<long long>(total), accuracy);
  std::fflush(stdout);
  return accuracy;
}

}  // namespace show
