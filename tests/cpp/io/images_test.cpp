#include <tenon/io/idx.h>
#include <tenon/io/png.h>

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstring>

#include <tenon/core/error.h>

#include "io/files.h"

namespace tenon {
namespace {

using testing_io::error_of;
using testing_io::Folder;

Tensor image_of(const Shape& shape) {
  Tensor image = Tensor::empty(shape, DType::UInt8);
  for (int64_t i = 0; i < image.numel(); ++i) image.data<uint8_t>()[i] = static_cast<uint8_t>(i * 7);
  return image;
}

// -DTENON_IMAGES=OFF; any other trouble is for the tests to find.
bool without_png() {
  const Folder folder;
  const std::string problem = error_of<Error>([&] { io::write_png(image_of({1, 1}), folder / "p.png"); });
  return problem.find("this Tenon was built without libpng") != std::string::npos;
}

TEST(Png, KeepsEveryPixel) {
  if (without_png()) GTEST_SKIP() << "built without libpng";
  const Folder folder;
  for (int channels = 1; channels <= 4; ++channels) {
    const Tensor image = image_of({channels, 13, 9});
    io::write_png(image, folder / "i.png");
    const Tensor back = io::read_png(folder / "i.png");
    ASSERT_EQ(back.shape(), image.shape());
    EXPECT_EQ(std::memcmp(back.data_ptr(), image.data_ptr(), image.numel()), 0);
  }
  const Tensor turned = image_of({9, 13}).alias({13, 9}, {1, 13}, 0);
  io::write_png(turned, folder / "t.png");
  const Tensor back = io::read_png(folder / "t.png");
  EXPECT_EQ(back.shape(), Shape({1, 13, 9}));
  EXPECT_EQ(back.data<uint8_t>()[1], turned.data<uint8_t>()[13]);
}

TEST(Png, RefusesDamage) {
  if (without_png()) GTEST_SKIP() << "built without libpng";
  const Folder folder;
  const std::string path = folder / "i.png";
  io::write_png(image_of({3, 20, 20}), path);
  const std::string whole = testing_io::read(path);
  for (size_t length = 0; length < whole.size(); length += 7) {
    testing_io::write(path, whole.substr(0, length));
    EXPECT_THROW(io::read_png(path), FileError) << length;
  }
  std::string huge = whole;  // the width, with a checksum that fits
  huge[16] = 0x0f;
  const uint32_t crc = static_cast<uint32_t>(crc32(0, reinterpret_cast<const unsigned char*>(huge.data()) + 12, 17));
  for (int i = 0; i < 4; ++i) huge[29 + i] = static_cast<char>(crc >> (24 - 8 * i));
  testing_io::write(path, huge);
  EXPECT_THROW(io::read_png(path), FileError);
  EXPECT_THROW(io::write_png(image_of({5, 2, 2}), path), ShapeError);
  EXPECT_THROW(io::write_png(Tensor::of<float>({1}), path), DTypeError);
}

std::string idx_file(char code, std::initializer_list<uint32_t> shape, const std::string& data) {
  std::string out{0, 0, code, static_cast<char>(shape.size())};
  for (uint32_t size : shape) {
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift);
  }
  return out + data;
}

std::string refusal(const std::string& path, const std::string& bytes) {
  testing_io::write(path, bytes);
  return error_of<FileError>([&] { io::read_idx(path); });
}

TEST(Idx, ReadsPlainAndGzipped) {
  const Folder folder;
  const std::string plain = idx_file(8, {2, 3}, "abcdef");
  testing_io::write(folder / "plain", plain);
  gzFile gz = gzopen((folder / "packed.gz").c_str(), "wb");
  gzwrite(gz, plain.data(), static_cast<unsigned>(plain.size()));
  gzclose(gz);
  for (const char* name : {"plain", "packed.gz"}) {
    const Tensor t = io::read_idx(folder / name);
    EXPECT_EQ(t.shape(), Shape({2, 3}));
    EXPECT_EQ(std::memcmp(t.data<uint8_t>(), "abcdef", 6), 0);
  }
  testing_io::write(folder / "wide", idx_file(0x0b, {2}, std::string{1, 2, 3, 4}));
  EXPECT_EQ(io::read_idx(folder / "wide").data<int16_t>()[0], 0x0102);
}

TEST(Idx, RefusesDamage) {
  const Folder folder;
  const std::string path = folder / "f";
  EXPECT_EQ(refusal(path, idx_file(8, {2, 3}, "abcdef")), "");
  EXPECT_EQ(refusal(path, idx_file(8, {0, 3}, "")), "");
  EXPECT_NE(refusal(path, idx_file(8, {2, 3}, "abcde")).find("cut off"), std::string::npos);
  EXPECT_NE(refusal(path, idx_file(8, {2, 3}, "abcdefg")).find("more than"), std::string::npos);
  EXPECT_NE(refusal(path, idx_file(7, {2}, "ab")).find("not an IDX"), std::string::npos);
  EXPECT_NE(refusal(path, idx_file(8, {~0u, ~0u}, "ab")).find("can hold"), std::string::npos);
  EXPECT_NE(refusal(path, idx_file(8, {~0u, ~0u, ~0u, ~0u}, "ab")).find("can hold"), std::string::npos);
  EXPECT_NE(refusal(path, idx_file(8, {0, ~0u, ~0u, ~0u}, "")).find("can hold"), std::string::npos);
  EXPECT_NE(refusal(path, "").find("cut off"), std::string::npos);
  EXPECT_NE(error_of<FileError>([&] { io::read_idx(folder / "none"); }), "");
}

TEST(Idx, NoticesDamagedGzip) {
  const Folder folder;
  const std::string path = folder / "g.gz";
  gzFile gz = gzopen(path.c_str(), "wb");
  std::string data(5000, 'x');
  for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(i * i >> 3);
  const std::string plain = idx_file(8, {5000}, data);
  gzwrite(gz, plain.data(), static_cast<unsigned>(plain.size()));
  gzclose(gz);
  const std::string whole = testing_io::read(path);
  for (size_t length = 0; length < whole.size(); length += 64) {
    EXPECT_NE(refusal(path, whole.substr(0, length)), "") << length;
  }
  std::string damaged = whole;
  damaged[damaged.size() / 2] ^= 1;
  EXPECT_NE(refusal(path, damaged), "");
  EXPECT_NE(refusal(path, whole.substr(0, whole.size() - 4)), "");
}

}  // namespace
}  // namespace tenon
