#include <tenon/io/safetensors.h>

#include <gtest/gtest.h>

#include <complex>
#include <cstring>
#include <numeric>

#include <tenon/core/error.h>

#include "io/files.h"

namespace tenon {
namespace {

using io::load_safetensors;
using io::save_safetensors;
using testing_io::error_of;
using testing_io::Folder;

Tensor counting(const Shape& shape, DType dtype) {
  Tensor out = Tensor::empty(shape, dtype);
  auto* p = static_cast<uint8_t*>(out.data_ptr());
  const int64_t bytes = out.numel() * out.element_size();
  for (int64_t i = 0; i < bytes; ++i) p[i] = dtype == DType::Bool ? i % 2 : i % 251;
  return out;
}

bool same_bytes(const Tensor& a, const Tensor& b) {
  return a.dtype() == b.dtype() && a.shape() == b.shape() &&
         std::memcmp(a.data_ptr(), b.data_ptr(), a.numel() * a.element_size()) == 0;
}

std::span<const std::byte> span(const std::string& s) {
  return {reinterpret_cast<const std::byte*>(s.data()), s.size()};
}

// A file from the text of its header and the number of bytes of data.
std::string file_of(const std::string& header, size_t data_bytes) {
  const uint64_t length = header.size();
  std::string out(8, '\0');
  std::memcpy(out.data(), &length, 8);
  return out + header + std::string(data_bytes, '\1');
}

std::string refusal(const std::string& bytes) {
  return error_of<FileError>([&] { load_safetensors(span(bytes), "x.st"); });
}

StateDict samples() {
  StateDict tensors;
  for (int i = 0; i < kDTypeCount; ++i) {
    const DType dtype = static_cast<DType>(i);
    tensors.add(name_of(dtype), counting({3, 5}, dtype));
  }
  tensors.add("scalar", counting({}, DType::Float32));
  tensors.add("empty", counting({0, 4}, DType::Int16));
  tensors.add("näme \"x\"\n", counting({2}, DType::Int64));
  return tensors;
}

TEST(Safetensors, KeepsEveryDtype) {
  const Folder folder;
  const std::string path = folder / "all.safetensors";
  const StateDict tensors = samples();
  save_safetensors(tensors, path, {{"author", "a\"b"}});
  for (bool map : {true, false}) {
    const StateDict back = load_safetensors(path, map);
    ASSERT_EQ(back.size(), tensors.size());
    for (const auto& [name, tensor] : tensors) {
      const auto it = std::find_if(back.begin(), back.end(), [&wanted = name](auto& e) { return e.first == wanted; });
      ASSERT_NE(it, back.end()) << name;
      EXPECT_TRUE(same_bytes(it->second, tensor)) << name;
    }
  }
  const io::Metadata metadata = io::read_safetensors_header(path).metadata;
  EXPECT_EQ(metadata, (io::Metadata{{"author", "a\"b"}, {"format", "pt"}}));
}

// The very bytes of the safetensors library (0.8.0) for the same tensors and metadata.
TEST(Safetensors, WritesWhatTheLibraryWrites) {
  const StateDict tensors{{"b", Tensor::of<float>({1, 2})},
                          {"i", Tensor::of<int64_t>({7})},
                          {"a", Tensor::of<float>({3})},
                          {"u", Tensor::of<uint8_t>({1, 2, 3})}};
  std::string expected =
      "{\"__metadata__\":{\"format\":\"pt\"},"
      "\"i\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]},"
      "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]},"
      "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[12,20]},"
      "\"u\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[20,23]}}";
  expected.resize((expected.size() + 7) / 8 * 8, ' ');
  EXPECT_EQ(io::safetensors_bytes(tensors).substr(8, expected.size()), expected);
  EXPECT_EQ(io::safetensors_bytes(tensors).size(), 8 + expected.size() + 23);
}

TEST(Safetensors, WritesStridedTensorsInOrder) {
  Tensor base = Tensor::empty({4, 6}, DType::Int32);
  std::iota(base.data<int32_t>(), base.data<int32_t>() + 24, 0);
  const Tensor transposed = base.alias({6, 4}, {1, 6}, 0);
  const Tensor part = base.alias({2, 3}, {12, 2}, 1);
  const std::string bytes = io::safetensors_bytes(StateDict{{"part", part}, {"transposed", transposed}});
  const StateDict back = load_safetensors(span(bytes));
  const int32_t* p = back.items()[0].second.data<int32_t>();
  EXPECT_EQ(std::vector<int32_t>(p, p + 6), (std::vector<int32_t>{1, 3, 5, 13, 15, 17}));
  for (int i = 0; i < 24; ++i) EXPECT_EQ(back.items()[1].second.data<int32_t>()[i], i % 4 * 6 + i / 4);
}

TEST(Safetensors, TensorsOutliveTheFileAndNeverChangeIt) {
  const Folder folder;
  const std::string path = folder / "w.safetensors";
  save_safetensors(StateDict{{"w", counting({100}, DType::Float32)}}, path);
  const std::string before = testing_io::read(path);
  Tensor w = load_safetensors(path).items()[0].second;
  w.data<float>()[3] = 42;
  EXPECT_EQ(testing_io::read(path), before);
  save_safetensors(StateDict{{"w", w}}, path);  // over the file that w looks into
  EXPECT_EQ(load_safetensors(path).items()[0].second.data<float>()[3], 42);
  std::filesystem::remove(path);
  EXPECT_EQ(w.data<float>()[3], 42);
}

TEST(Safetensors, ReadsUnalignedData) {
  const std::string header =
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
      "\"b\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[1,17]}}";
  const Folder folder;
  const std::string path = folder / "odd.safetensors";
  testing_io::write(path, file_of(header, 17));
  const Tensor b = load_safetensors(path).items()[1].second;
  EXPECT_EQ(reinterpret_cast<uintptr_t>(b.data_ptr()) % 8, 0u);
  EXPECT_EQ(b.numel(), 2);
}

TEST(Safetensors, RefusesToWriteNonsense) {
  const Tensor t = Tensor::of<float>({1});
  EXPECT_THROW(io::safetensors_bytes(StateDict{{"a", t}, {"a", t}}), ValueError);
  EXPECT_THROW(io::safetensors_bytes(StateDict{{"a", Tensor()}}), ValueError);
  EXPECT_THROW(io::safetensors_bytes(StateDict{{"__metadata__", t}}), ValueError);
  EXPECT_THROW(io::safetensors_bytes(StateDict{{"\xff", t}}), ValueError);
  EXPECT_THROW(save_safetensors(StateDict{{"a", t}}, "/nowhere/at/all"), FileError);
}

TEST(Safetensors, NamesFileTensorAndReason) {
  const struct {
    std::string tensor, reason;
  } cases[] = {
      {R"("dtype":"Q9","shape":[1],"data_offsets":[0,4])", "unknown dtype 'Q9'"},
      {R"("dtype":4,"shape":[1],"data_offsets":[0,4])", "holds a number"},
      {R"("dtype":"F32","shape":[-1],"data_offsets":[0,4])", "negative number -1"},
      {R"("dtype":"F32","shape":[1.0],"data_offsets":[0,4])", "not a whole number: 1.0"},
      {R"("dtype":"F32","shape":["1"],"data_offsets":[0,4])", "text where a whole number"},
      {R"("dtype":"F32","shape":[[1]],"data_offsets":[0,4])", "a list where a whole number"},
      {R"("dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4])", "does not take"},
      {R"("dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0])", "does not take"},
      {R"("dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,4])", "not a whole"},
      {R"("dtype":"F32","shape":[2],"data_offsets":[0,4])", "does not take the 4 bytes"},
      {R"("dtype":"F32","shape":[2],"data_offsets":[0,8])", "outside the file, which holds 4"},
      {R"("dtype":"F32","shape":[1],"data_offsets":[4,0])", "outside the file"},
      {R"("dtype":"F32","shape":[1],"data_offsets":[0])", "has 1 numbers, not 2"},
      {R"("dtype":"F32","shape":[1],"data_offsets":4)", "holds a number"},
      {R"("dtype":"F32","shape":[1])", "is missing"},
      {R"("dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4])", "dtype is there twice"},
      {R"("dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1)", "unknown field 'more'"},
      {R"("dtype":"BOOL","shape":[4],"data_offsets":[0,4])", ""},
  };
  for (const auto& [tensor, reason] : cases) {
    const std::string problem = refusal(file_of("{\"the.w\":{" + tensor + "}}", 4));
    if (reason.empty()) {
      EXPECT_EQ(problem, "") << tensor;
      continue;
    }
    EXPECT_NE(problem.find("x.st: tensor 'the.w': "), std::string::npos) << tensor << problem;
    EXPECT_NE(problem.find(reason), std::string::npos) << tensor << problem;
  }
}

TEST(Safetensors, RefusesHolesOverlapsAndDuplicates) {
  const auto entry = [](const std::string& name, int begin, int end) {
    return "\"" + name + "\":{\"dtype\":\"U8\",\"shape\":[" + std::to_string(end - begin) + "],\"data_offsets\":[" +
           std::to_string(begin) + "," + std::to_string(end) + "]}";
  };
  const auto both = [&](const std::string& a, const std::string& b) {
    return refusal(file_of("{" + a + "," + b + "}", 8));
  };
  EXPECT_EQ(both(entry("a", 0, 4), entry("b", 4, 8)), "");
  EXPECT_EQ(both(entry("a", 4, 8), entry("b", 0, 4)), "");
  EXPECT_NE(both(entry("a", 0, 5), entry("b", 4, 8)).find("tensor 'b' begins at 4, inside"), std::string::npos);
  EXPECT_NE(both(entry("a", 0, 3), entry("b", 4, 8)).find("belong to no tensor"), std::string::npos);
  EXPECT_NE(both(entry("a", 0, 4), entry("b", 4, 7)).find("at its end"), std::string::npos);
  EXPECT_NE(both(entry("a", 1, 4), entry("b", 4, 8)).find("belong to no tensor"), std::string::npos);
  EXPECT_NE(both(entry("a", 0, 4), entry("a", 4, 8)).find("'a' is there twice"), std::string::npos);
  EXPECT_NE(both("\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}", entry("a", 0, 8)).find("'k' is there"),
            std::string::npos);
  EXPECT_NE(both("\"__metadata__\":{\"k\":1}", entry("a", 0, 8)).find("metadata 'k' is a number"), std::string::npos);
}

TEST(Safetensors, RefusesHeadersThatAreNone) {
  EXPECT_NE(refusal("").find("not a safetensors file"), std::string::npos);
  EXPECT_NE(refusal(std::string(8, '\xff')).find("18446744073709551615"), std::string::npos);
  for (const char* header : {"[]", " {}", "{", "{}}", "{\"a\"}", "{\"a\":1}", "{\"a\":[]}", "{\"a\":null}",
                             "{\"\xff\":{}}", "{\"__metadata__\":[]}", "\xef\xbb\xbf{}", "{/**/}"}) {
    EXPECT_NE(refusal(file_of(header, 0)), "") << header;
  }
  EXPECT_EQ(refusal(file_of("{}", 0)), "");
  EXPECT_EQ(refusal(file_of("{}   ", 0)), "");
  // Deep nesting ends at the first level that has no business there.
  EXPECT_NE(refusal(file_of("{\"a\":" + std::string(1'000'000, '['), 0)), "");
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "{\"a\":";
  EXPECT_NE(refusal(file_of(deep, 0)), "");
  const std::string long_name(1'000'000, 'n');
  EXPECT_LT(refusal(file_of("{\"" + long_name + "\":{\"dtype\":1}}", 0)).size(), 300u);
}

TEST(Safetensors, RefusesBoolsThatAreNone) {
  std::string bytes = io::safetensors_bytes(StateDict{{"b", counting({8}, DType::Bool)}});
  EXPECT_EQ(refusal(bytes), "");
  bytes.back() = 2;
  EXPECT_NE(refusal(bytes).find("neither 0 nor 1"), std::string::npos);
}

TEST(Safetensors, NoticesEveryTruncation) {
  const std::string whole = io::safetensors_bytes(samples());
  for (size_t length = 0; length < whole.size(); length += length < 8 ? 1 : 64) {
    EXPECT_NE(refusal(whole.substr(0, length)), "") << length;
  }
  EXPECT_NE(refusal(whole.substr(0, whole.size() - 1)), "");
  EXPECT_NE(refusal(whole + "x"), "");
  EXPECT_EQ(refusal(whole), "");
  const Folder folder;
  for (size_t length = 0; length < whole.size(); length += 64) {
    testing_io::write(folder / "cut", whole.substr(0, length));
    for (bool map : {true, false}) EXPECT_THROW(load_safetensors(folder / "cut", map), FileError);
  }
}

// Every digit of the header, and every byte of its length, changed: refused, or the same size.
TEST(Safetensors, NoticesDamagedNumbers) {
  const std::string whole = io::safetensors_bytes(samples());
  uint64_t length;
  std::memcpy(&length, whole.data(), 8);
  for (size_t i = 0; i < 8; ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ 1 << bit);
      EXPECT_NE(refusal(damaged), "") << i;
    }
  }
  for (size_t i = 8; i < 8 + length; ++i) {
    if (whole[i] < '0' || whole[i] > '9') continue;
    for (char c : {'0', '9', '-', 'e', '"'}) {
      if (c == whole[i]) continue;
      std::string damaged = whole;
      damaged[i] = c;
      refusal(damaged);  // a name may still be a name; nothing else than a FileError comes out
    }
  }
}

}  // namespace
}  // namespace tenon
