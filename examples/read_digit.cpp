// Reads the digit on a picture with an exported network. read_digit.py and read_digit.c are the same program.
//
//   build/release/examples/read_digit digits.tenon picture.png
#include <cstdio>

#include <tenon/io/tenon_file.h>
#include <tenon/tenon.h>
#include <tenon/trace/runner.h>

namespace tn = tenon;

int main(int argc, char** argv) try {
  if (argc != 3) return std::fprintf(stderr, "usage: read_digit digits.tenon picture.png\n"), 2;
  tn::tracing::Runner program(tn::io::load_program(argv[1]));
  const auto answer = program.run({tn::io::read_image(argv[2])});
  const float *scores = answer[0].data<float>(), *probabilities = answer[1].data<float>();
  const auto digit = tn::argmax(answer[1]).item<size_t>();
  std::printf("%s  %.4f\nscores", program.program().labels[digit].c_str(), probabilities[digit]);
  for (int i = 0; i < 10; ++i) std::printf(" %.9g", scores[i]);
  std::printf("\n");
} catch (const tn::Error& error) {
  std::fprintf(stderr, "read_digit: %s\n", error.what());
  return 1;
}
