// The program `tenon` on models; tests/python/test_cli.py has what needs none.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include <tenon/graph/text.h>
#include <tenon/io/io.h>
#include <tenon/ops/functions.h>

#include "io/files.h"

namespace tenon {
namespace {

using Json = nlohmann::json;
using testing_io::Folder;

struct Result {
  int status;
  std::string out;
};

// Standard output, or with `errors` standard error, of `tenon ...` in the folder.
Result run(const Folder& folder, const std::string& words, bool errors = false) {
  const std::string command =
      text("cd '", folder / "", "' && '", TENON_PROGRAM, "' ", words, errors ? " 2>&1 >/dev/null" : " 2>/dev/null");
  FILE* pipe = ::popen(command.c_str(), "r");
  Result out;
  for (int c; (c = std::fgetc(pipe)) != EOF;) out.out += static_cast<char>(c);
  out.status = WEXITSTATUS(::pclose(pipe));
  return out;
}

Json json_of(const Folder& folder, const std::string& words) {
  const Result result = run(folder, words + " --json");
  EXPECT_EQ(result.status, 0) << words;
  return Json::parse(result.out);
}

// Which of red, green and blue a picture has most of.
void save_classifier(const Folder& folder) {
  graph::Program program;
  program.functions.push_back(graph::parse(R"(graph forward
input %image : (3, height, width) uint8
constant %weight : (3, 3) float32 = @weight
%pixels : (3, height, width) float32 = _to_copy(%image, dtype=float32)
%mean : (3,) float32 = mean(%pixels, dim=(1, 2))
%scores : (3,) float32 = matmul(%weight, %mean)
output %scores
)",
                                           {{"weight", eye(3)}}));
  program.labels = {"red", "green", "blue"};
  program.metadata = {{"license", "CC0"}};
  io::save(program, folder / "colour.tenon");
}

// y = x + bias, for rows of x.
void save_sum(const Folder& folder) {
  graph::Program program;
  program.functions.push_back(graph::parse(R"(graph forward
input %x : (batch, 2) float32
input %bias : (2,) float32
%y : (batch, 2) float32 = add(%x, %bias)
output %y
)"));
  io::save(program, folder / "sum.tenon");
}

Tensor picture(int64_t channels, uint8_t value, int64_t most) {
  Tensor out = full({channels, 5, 7}, int64_t{value}, DType::UInt8);
  if (most >= 0) out.select(0, most).fill_(200);
  return out;
}

TEST(Cli, PicturesAreRunAndClassesNamed) {
  const Folder folder;
  save_classifier(folder);
  io::write_png(picture(3, 10, 1), folder / "green.png");
  EXPECT_EQ(run(folder, "run colour.tenon green.png").out, "green  1.0000\n");
  EXPECT_EQ(run(folder, "run colour.tenon image=green.png --top 2 --threads 1").out, "green  1.0000\nred  0.0000\n");
  const Json told = json_of(folder, "run colour.tenon green.png");
  EXPECT_EQ(told["function"], "forward");
  EXPECT_EQ(told["classes"][0][0]["label"], "green");
  EXPECT_EQ(told["classes"][0][0]["index"], 1);
  EXPECT_EQ(told["classes"][0].size(), 3u);
  EXPECT_EQ(told["outputs"][0]["name"], "scores");
  EXPECT_EQ(told["outputs"][0]["shape"], Json({3}));
  EXPECT_EQ(told["outputs"][0]["values"], Json({10, 200, 10}));
}

TEST(Cli, PicturesGetTheChannelsThatAreWanted) {
  const Folder folder;
  save_classifier(folder);
  io::write_png(picture(1, 50, -1), folder / "grey.png");
  EXPECT_EQ(json_of(folder, "run colour.tenon grey.png")["outputs"][0]["values"], Json({50, 50, 50}));
  Tensor clear = picture(4, 50, -1);
  clear.select(0, 3).fill_(0);  // wholly transparent: white paper
  io::write_png(clear, folder / "clear.png");
  EXPECT_EQ(json_of(folder, "run colour.tenon clear.png")["outputs"][0]["values"], Json({255, 255, 255}));
}

TEST(Cli, NumbersAndArraysAreInputs) {
  const Folder folder;
  save_sum(folder);
  EXPECT_EQ(json_of(folder, "run sum.tenon 'x=[[1, 2], [3, 4]]' 'bias=[10, 20]'")["outputs"][0]["values"],
            Json({{11, 22}, {13, 24}}));
  StateDict both;
  both.add("bias", Tensor::of<float>({1, 1}));
  both.add("x", Tensor::of<float>({5, 6}).view({1, 2}));
  io::save_npz(both, folder / "in.npz");
  io::save_safetensors(both, folder / "in.safetensors");
  EXPECT_EQ(json_of(folder, "run sum.tenon in.npz")["outputs"][0]["values"], Json({{6, 7}}));
  EXPECT_EQ(json_of(folder, "run sum.tenon in.safetensors")["outputs"][0]["values"], Json({{6, 7}}));
}

TEST(Cli, WrongInputsAreToldInOneLine) {
  const Folder folder;
  save_sum(folder);
  save_classifier(folder);
  io::write_png(picture(3, 1, -1), folder / "p.png");
  const struct {
    const char* words;
    int status;
    const char* problem;
  } cases[] = {
      {"run sum.tenon 'x=[[1, 2]]'", 2, "the input bias is missing; the function takes x (batch, 2) float32, bias"},
      {"run sum.tenon 'x=[[1, 2], [3]]' 'bias=[1, 2]'", 2, "lists of different lengths"},
      {"run sum.tenon 'x=[[1, 2]]' 'x=[[1, 2]]'", 2, "given twice"},
      {"run sum.tenon 'z=[1]'", 2, "no such input"},
      {"run sum.tenon 'x=[[1, 2, 3]]' 'bias=[1, 2]'", 1, "x"},
      {"run sum.tenon x=p.png", 1, "takes none; give a .npy file"},
      {"run sum.tenon missing.npy", 1, "no such file"},
      {"run colour.tenon p.png p.png", 2, "one input too many"},
      {"run colour.tenon p.png --function backward", 2, "has forward"},
      {"run sum.tenon 'x=[[1, 2]]' 'bias=[1, 2]' --top 1", 2, "no output with a score for each label"},
      {"bench sum.tenon --size rows=3", 2, "the sizes that can differ are: batch"},
      {"bench sum.tenon --size batch=many", 2, "as in --size batch=8"},
  };
  for (const auto& c : cases) {
    const Result result = run(folder, c.words, true);
    EXPECT_EQ(result.status, c.status) << c.words;
    EXPECT_NE(result.out.find(c.problem), std::string::npos) << c.words << ": " << result.out;
    EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 1) << result.out;
  }
}

TEST(Cli, InfoTellsWhatAFileHolds) {
  const Folder folder;
  save_classifier(folder);
  const Json told = json_of(folder, "info colour.tenon --verify --size width=8");
  EXPECT_EQ(told["format"], "tenon");
  EXPECT_EQ(told["weights_verified"], true);
  EXPECT_EQ(told["labels"], Json({"red", "green", "blue"}));
  const Json& forward = told["functions"][0];
  EXPECT_EQ(forward["inputs"][0],
            Json::parse(R"({"name": "image", "dtype": "uint8", "shape": [3, "height", "width"]})"));
  EXPECT_EQ(forward["parameters"], 9);
  EXPECT_EQ(forward["multiply_adds"], 9);
  EXPECT_EQ(forward["sizes"], Json({{"height", 32}, {"width", 8}}));
  EXPECT_GE(forward["arena_bytes"], 3 * 32 * 8 * 4);
  EXPECT_NE(run(folder, "info colour.tenon").out.find("license: CC0"), std::string::npos);
  EXPECT_NE(run(folder, "info colour.tenon --graph").out.find("%scores : (3,) float32 = matmul"), std::string::npos);
}

TEST(Cli, VerifyFindsADamagedWeight) {
  const Folder folder;
  save_classifier(folder);
  FILE* file = std::fopen((folder / "colour.tenon").c_str(), "r+b");
  std::fseek(file, -8, SEEK_END);
  std::fputc(0x7f, file);
  std::fclose(file);
  EXPECT_EQ(run(folder, "info colour.tenon").status, 0);
  const Result result = run(folder, "info colour.tenon --verify", true);
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.out.find("checksum"), std::string::npos) << result.out;
}

TEST(Cli, BenchMeasures) {
  const Folder folder;
  save_sum(folder);
  const Json told = json_of(folder, "bench sum.tenon --size batch=8 --runs 20 --threads 1");
  EXPECT_EQ(told["runs"], 20);
  EXPECT_EQ(told["sizes"], Json({{"batch", 8}}));
  EXPECT_EQ(told["threads"], 1);
  EXPECT_GT(told["median_us"], 0);
  EXPECT_LE(told["median_us"], told["p90_us"]);
}

}  // namespace
}  // namespace tenon
