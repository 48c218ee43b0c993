// From a model to a program that runs without it: traced, checked on a second example, optimised.
//
//   auto program = export_program(model, {image}, {.dynamic = {{"image", {{0, "batch"}}}}});
//   io::save(program, "digits.tenon");
#pragma once

#include <map>
#include <string>
#include <vector>

#include <tenon/nn/module.h>
#include <tenon/trace/trace.h>

namespace tenon::inline v0 {

struct ExportOptions {
  std::string name = "forward";
  std::vector<std::string> inputs;  // names; by default "input", "input_1"...
  // Names of the outputs, asked for when the function has run; by default what the ops that made them are called.
  std::function<std::vector<std::string>()> outputs;
  // By the input's name: which of its dimensions differ from call to call, and what their sizes are called. The same
  // name is the same size.
  std::map<std::string, std::map<int64_t, std::string>> dynamic;
  std::string batch;  // a name for dimension 0 of every input
  // Inputs of other sizes, on which the program must compute what the model does. By default the example with its
  // dynamic dimensions doubled.
  std::vector<Tensor> second_example;
  bool check = true;   // false: without a second example
  bool fusion = true;  // passes that change results by rounding
  std::vector<std::string> labels;
  std::map<std::string, std::string> metadata;
  std::function<graph::Source()> locate;
};

// TraceError: code that cannot be traced, or a program that computes something else on the second example.
TENON_API graph::Program export_program(const tracing::Function& function, const std::vector<tracing::State>& state,
                                        const std::vector<Tensor>& examples, const ExportOptions& options = {});
// A module as it is: in training mode running statistics are state that the program updates.
TENON_API graph::Program export_program(nn::Module& module, const std::vector<Tensor>& examples,
                                        const ExportOptions& options = {});

// The parameters and buffers of a module, under their names.
TENON_API std::vector<tracing::State> state_of(nn::Module& module);

}  // namespace tenon::inline v0
