// NumPy archives: what tests/python/test_npz.py does with NumPy, under the sanitizers.
#include <tenon/io/npz.h>

#include <gtest/gtest.h>

#include <tenon/core/error.h>
#include <tenon/ops/functions.h>

#include "io/files.h"

namespace tenon {
namespace {

using testing_io::Folder;

StateDict samples() {
  StateDict out;
  out.add("w", arange(0, 24).reshape({2, 3, 4}).to(DType::Float32));
  out.add("mask", gt(arange(0, 5), 2));
  out.add("layer.0/wëight", ones({3, 0, 2}, DType::Float64));
  out.add("view", arange(0, 6).reshape({2, 3}).t());
  out.add("scalar", full({}, 2.5));
  return out;
}

bool equal(const Tensor& x, const Tensor& y) { return x.shape() == y.shape() && eq(x, y).all().item<bool>(); }

void expect_same(const StateDict& a, const StateDict& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    const auto& [name, x] = a.items()[i];
    const auto& [other, y] = b.items()[i];
    EXPECT_EQ(name, other);
    EXPECT_EQ(x.dtype(), y.dtype());
    EXPECT_EQ(x.shape(), y.shape());
    EXPECT_TRUE(equal(x, y));
  }
}

std::string file_of(const StateDict& tensors, bool compress) {
  const Folder folder;
  io::save_npz(tensors, folder / "a.npz", compress);
  expect_same(io::load_npz(folder / "a.npz"), tensors);
  return testing_io::read(folder / "a.npz");
}

// Allocated to size, so that the sanitizers see a step outside.
StateDict load(const std::string& bytes) {
  const std::vector<char> exact(bytes.begin(), bytes.end());
  return io::load_npz(std::as_bytes(std::span(exact)), "a.npz");
}

TEST(Npz, ComesBack) {
  for (const bool compress : {false, true}) expect_same(load(file_of(samples(), compress)), samples());
  expect_same(load(file_of(StateDict(), false)), StateDict());
}

TEST(Npz, CutOffAnywhere) {
  for (const bool compress : {false, true}) {
    const std::string good = file_of(samples(), compress);
    for (size_t size = 0; size < good.size(); ++size) EXPECT_THROW(load(good.substr(0, size)), FileError) << size;
  }
}

TEST(Npz, DamagedAnywhere) {
  for (const bool compress : {false, true}) {
    const std::string good = file_of(samples(), compress);
    const StateDict wanted = samples();
    for (size_t i = 0; i < good.size(); ++i) {
      for (const int flip : {0x01, 0x80, 0xff}) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ flip);
        StateDict got;
        try {
          got = load(bad);
        } catch (const FileError&) {
          continue;
        }
        // Times and versions may change, and a name; what it names may not.
        ASSERT_EQ(got.size(), wanted.size());
        for (size_t k = 0; k < got.size(); ++k) {
          EXPECT_TRUE(equal(got.items()[k].second, wanted.items()[k].second));
        }
      }
    }
  }
}

}  // namespace
}  // namespace tenon
