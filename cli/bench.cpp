// tenon bench: how long a function of a model takes.
#include <tenon/core/generator.h>
#include <tenon/core/thread_pool.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>

#include "cli.h"

namespace tenon::cli {

namespace {

using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::duration<double, std::micro>;

struct BenchOptions {
  std::string file, function;
  std::vector<std::string> sizes;
  int threads = 0, warmup = 10, runs = 0;
  double seconds = 1;
  bool json = false;
};

void bench(const BenchOptions& options) {
  if (options.threads > 0) set_num_threads(options.threads);
  manual_seed(0);
  const auto opened = Clock::now();
  Model model(options.file, options.function);
  model.session();
  const double load = Microseconds(Clock::now() - opened).count();
  SizeNumbers sizes = parse_sizes(options.sizes);
  const std::vector<Tensor> inputs = made_up_inputs(model, sizes);
  const auto once = [&] {
    const auto start = Clock::now();
    model.run(inputs);
    return Microseconds(Clock::now() - start).count();
  };
  const double first = once();
  for (int i = 0; i < options.warmup; ++i) once();
  std::vector<double> times;
  const auto end = Clock::now() + std::chrono::duration<double>(options.seconds);
  while (options.runs > 0 ? times.size() < static_cast<size_t>(options.runs) : times.empty() || Clock::now() < end) {
    times.push_back(once());
  }
  std::sort(times.begin(), times.end());
  const auto at = [&](double share) {
    return times[static_cast<size_t>(share * static_cast<double>(times.size() - 1))];
  };
  const size_t arena = model.session().arena_bytes();
  if (options.json) {
    const Json json = {{"file", options.file},     {"function", model.plan().name}, {"sizes", sizes},
                       {"threads", num_threads()}, {"runs", times.size()},          {"median_us", at(0.5)},
                       {"p90_us", at(0.9)},        {"min_us", times.front()},       {"load_us", load},
                       {"first_us", first},        {"arena_bytes", arena}};
    std::printf("%s\n", json.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
    return;
  }
  std::string given;
  for (const auto& [name, number] : sizes) given += text(", ", name, "=", number);
  std::printf("%s of %s%s, %d thread%s\n", model.plan().name.c_str(), options.file.c_str(), given.c_str(),
              num_threads(), num_threads() == 1 ? "" : "s");
  std::printf("median %.1f us, 90 %% within %.1f us, best %.1f us, of %zu runs\n", at(0.5), at(0.9), times.front(),
              times.size());
  std::printf("open %.0f us, first run %.0f us, arena %s\n", load, first,
              readable_bytes(static_cast<double>(arena)).c_str());
}

}  // namespace

void add_bench(CLI::App& app) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App* command = app.add_subcommand("bench", "Measure how long a model takes");
  command->add_option("FILE", options->file, "A .tenon file")->required()->option_text(" ");
  command->add_option("--function", options->function, "Which function of the file; without, its first");
  command->add_option("--size", options->sizes, "A size that can differ; without, 1 in dimension 0, else 32")
      ->allow_extra_args(false)
      ->option_text("NAME=N ...");
  command->add_option("--threads", options->threads, "How many threads kernels may use")
      ->check(CLI::PositiveNumber)
      ->option_text("N");
  command->add_option("--warmup", options->warmup, "Runs before those that are measured")
      ->check(CLI::NonNegativeNumber)
      ->option_text("N (10)");
  command->add_option("--runs", options->runs, "How many runs to measure; without, as many as --seconds allow")
      ->check(CLI::PositiveNumber)
      ->option_text("N");
  command->add_option("--seconds", options->seconds, "How long to measure")
      ->check(CLI::Range(0.0, 3600.0))
      ->option_text("S (1)");
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(
      "Examples:\n"
      "  tenon bench digits.tenon --threads 1\n"
      "  tenon bench model.tenon --size batch=8 --size length=128 --json");
  command->callback([options] { bench(*options); });
}

}  // namespace tenon::cli
