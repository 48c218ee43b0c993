// tenon run: a model on inputs of a command line.
#include <tenon/core/thread_pool.h>
#include <tenon/ops/functions.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <numeric>

#include "cli.h"

namespace tenon::cli {

namespace {

struct RunOptions {
  std::string file, function;
  std::vector<std::string> inputs;
  int top = 0, threads = 0;  // 0: not given
  bool json = false;
};

struct Guess {
  int64_t index;
  double probability;
};

// Probabilities as they are; scores become probabilities.
std::vector<double> probabilities_of(std::vector<double> row) {
  const double sum = std::accumulate(row.begin(), row.end(), 0.0);
  const bool are = std::all_of(row.begin(), row.end(), [](double v) { return v >= 0 && v <= 1; });
  if (are && std::abs(sum - 1) < 1e-3) return row;
  const double most = *std::max_element(row.begin(), row.end());
  double total = 0;
  for (double& v : row) total += v = std::exp(v - most);
  for (double& v : row) v /= total;
  return row;
}

// One list of guesses for each row of the last output that has a score for each label; best first.
std::vector<std::vector<Guess>> guesses_of(const std::vector<Tensor>& outputs, size_t labels, size_t top) {
  std::vector<std::vector<Guess>> out;
  const auto fits = [&](const Tensor& t) {
    return is_floating(t.dtype()) && t.dim() >= 1 && t.size(-1) == static_cast<int64_t>(labels);
  };
  const auto found = std::find_if(outputs.rbegin(), outputs.rend(), fits);
  if (labels == 0 || found == outputs.rend()) return out;
  const Tensor scores = found->to(DType::Float64);
  const double* data = scores.data<double>();
  for (int64_t row = 0; row < scores.numel() / static_cast<int64_t>(labels); ++row, data += labels) {
    const std::vector<double> p = probabilities_of({data, data + labels});
    auto& guesses = out.emplace_back();
    for (size_t i = 0; i < labels; ++i) guesses.push_back({static_cast<int64_t>(i), p[i]});
    std::stable_sort(guesses.begin(), guesses.end(), [](auto& a, auto& b) { return a.probability > b.probability; });
    guesses.resize(std::min(top, labels));
  }
  return out;
}

void print_json(const RunOptions& options, const Model& model, const std::vector<Tensor>& outputs,
                const std::vector<std::vector<Guess>>& guesses, double milliseconds) {
  Json json = {{"file", options.file}, {"function", model.plan().name}, {"milliseconds", milliseconds}};
  for (const auto& row : guesses) {
    Json& classes = json["classes"].emplace_back(Json::array());
    for (const Guess& g : row) {
      const std::string& label = model.program().labels[static_cast<size_t>(g.index)];
      classes.push_back({{"label", label}, {"index", g.index}, {"probability", g.probability}});
    }
  }
  json["outputs"] = Json::array();
  for (size_t i = 0; i < outputs.size(); ++i) {
    Json shape = Json::array();
    for (const Dim d : outputs[i].shape()) shape.push_back(d.value());
    json["outputs"].push_back({{"name", model.output_name(i)},
                               {"dtype", name_of(outputs[i].dtype())},
                               {"shape", shape},
                               {"values", values_of(outputs[i])}});
  }
  std::printf("%s\n", json.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
}

void run(const RunOptions& options) {
  if (options.threads > 0) set_num_threads(options.threads);
  Model model(options.file, options.function);
  const std::vector<Tensor> inputs = read_inputs(model, options.inputs);
  model.session();
  const auto start = std::chrono::steady_clock::now();
  model.run(inputs);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  std::vector<Tensor> outputs;
  for (size_t i = 0; i < model.plan().outputs.size(); ++i) {
    outputs.push_back(copy_of(model.session().output(static_cast<int>(i))));
  }
  const auto& labels = model.program().labels;
  const size_t top = options.top > 0 ? static_cast<size_t>(options.top) : options.json ? 5 : 1;
  const auto guesses = guesses_of(outputs, labels.size(), top);
  check<UsageError>(options.top == 0 || !guesses.empty(), "--top: ", options.file,
                    " has no output with a score for each label");
  if (options.json) return print_json(options, model, outputs, guesses, took.count());
  for (const auto& row : guesses) {
    for (const Guess& g : row) {
      std::printf("%s  %.4f\n", labels[static_cast<size_t>(g.index)].c_str(), g.probability);
    }
  }
  if (!guesses.empty()) return;
  for (size_t i = 0; i < outputs.size(); ++i) {
    std::printf("%s = %s\n", model.output_name(i).c_str(), outputs[i].str().c_str());
  }
}

}  // namespace

void add_run(CLI::App& app) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("run", "Run a model on pictures, arrays or numbers");
  command->add_option("FILE", options->file, "A .tenon file")->required()->option_text(" ");
  command
      ->add_option("INPUT", options->inputs,
                   "In the order of the inputs, or name=INPUT: a picture (PNG, JPEG), an array (.npy), numbers "
                   "as in JSON after name=; .npz and .safetensors hold inputs by name")
      ->option_text("...");
  command->add_option("--function", options->function, "Which function of the file; without, its first");
  command->add_option("--top", options->top, "How many classes to show; without, the best")
      ->check(CLI::PositiveNumber)
      ->option_text("N");
  command->add_option("--threads", options->threads, "How many threads kernels may use")
      ->check(CLI::PositiveNumber)
      ->option_text("N");
  command->add_flag("--json", options->json, "One JSON object: classes, and all outputs with their values");
  command->footer(
      "Examples:\n"
      "  tenon run digits.tenon digit.png\n"
      "  tenon run digits.tenon digit.png --top 3 --json\n"
      "  tenon run model.tenon x=[[1,2,3]] mask=mask.npy");
  command->callback([options] { run(*options); });
}

}  // namespace tenon::cli
