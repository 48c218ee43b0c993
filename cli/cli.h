// The parts of the program `tenon`: each subcommand adds itself, and what they share.
#pragma once

#include <CLI/CLI.hpp>

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <tenon/core/error.h>
#include <tenon/core/tensor.h>
#include <tenon/exec/session.h>

namespace tenon::cli {

using Json = nlohmann::ordered_json;

// A command line that cannot be meant: exit status 2. Everything else that goes wrong is 1.
struct UsageError : Error {
  using Error::Error;
};

void add_run(CLI::App& app);
void add_info(CLI::App& app);
void add_convert(CLI::App& app);
void add_bench(CLI::App& app);
void add_completions(CLI::App& app);

// A .tenon file and one of its functions.
class Model {
 public:
  // An empty function is the first one. UsageError: there is none of that name.
  Model(const std::string& path, const std::string& function, bool verify = false);
  const exec::Program& program() const { return program_; }
  const exec::Plan& plan() const { return *plan_; }
  exec::Session& session();
  // Runs once; the outputs are valid until the next run.
  void run(const std::vector<Tensor>& inputs);
  std::string input_name(size_t i) const { return name_of(plan_->inputs[i]); }
  std::string output_name(size_t i) const { return name_of(plan_->outputs[i]); }
  const exec::Value& input(size_t i) const { return value(plan_->inputs[i]); }
  const exec::Value& output(size_t i) const { return value(plan_->outputs[i]); }

 private:
  const exec::Value& value(exec::Index i) const { return plan_->values[static_cast<size_t>(i)]; }
  std::string name_of(exec::Index i) const { return value(i).name; }
  exec::Program program_;
  const exec::Plan* plan_ = nullptr;
  std::unique_ptr<exec::Session> session_;
};

// ---- inputs.cpp ----
// The inputs of a function from the words of a command line: picture.png, x.npy, name=picture.png, name=[1, 2],
// and archives (.npz, .safetensors) that hold them by name.
std::vector<Tensor> read_inputs(const Model& model, const std::vector<std::string>& words);
// {"batch=8"}: numbers for the sizes that differ from call to call. UsageError: not such a word.
using SizeNumbers = std::map<std::string, int64_t>;
SizeNumbers parse_sizes(const std::vector<std::string>& words);
// What a function is measured with: small numbers in floating inputs, zeros in others. Symbols that have no number
// get one, which is put into `sizes`: 1 in dimension 0, else 32.
std::vector<Tensor> made_up_inputs(const Model& model, SizeNumbers& sizes);

// ---- output.cpp ----
Tensor copy_of(const View& view);
Json values_of(const Tensor& tensor);      // nested lists; complex numbers as [real, imaginary]
std::string readable_bytes(double bytes);  // "1.2 MB"
std::string readable_count(double count);  // "1.2 M"
void check_status(const exec::Status& status, const std::string& where);  // FileError or Error

}  // namespace tenon::cli
