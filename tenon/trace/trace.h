// From running code to a graph: the function runs once with tensors that have a type and no values, and every
// call that it makes becomes a node. Writes in place become new values, state becomes slots, sizes may be symbols.
//
//   const Dim batch = Dim::symbol("batch");
//   Graph g = trace([&](auto& in) { return std::vector{model(in[0])}; }, {{"x", {{batch, 784}, DType::Float32}}});
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <tenon/core/error.h>
#include <tenon/core/tensor.h>
#include <tenon/graph/graph.h>

namespace tenon::inline v0 {

// Code that cannot be traced: it looks at values, or at sizes that differ from call to call.
struct TENON_API TraceError : Error {
  using Error::Error;
};  // [RuntimeError]

}  // namespace tenon::inline v0

namespace tenon::inline v0::tracing {

struct Input {
  std::string name;
  Spec spec;  // symbols stand for the sizes that differ from call to call
};

// A tensor that the function knows besides its inputs, under its name in the state dict.
struct State {
  graph::Slot::Kind kind = graph::Slot::Kind::Parameter;
  std::string name;
  Tensor tensor;
};

struct Options {
  std::string name = "forward";
  std::vector<State> state;
  // Where the user's program is now; what nodes and errors name.
  std::function<graph::Source()> locate;
};

using Function = std::function<std::vector<Tensor>(const std::vector<Tensor>& inputs)>;

// Neither the tensors that the function writes nor the generators that it draws from change. State that it writes
// is a slot of the graph, state that it only reads a constant, a generator a slot.
// TraceError: code that looks at values, or at sizes that are symbols.
TENON_API graph::Graph trace(const Function& function, const std::vector<Input>& inputs, const Options& options = {});

// Whether a tensor belongs to a trace: it has a type and no values.
TENON_API bool is_traced(const Tensor& tensor);
// "file.py:12: what"; the place is where the running trace is now, and left out without one.
[[noreturn]] TENON_API void fail_trace(const std::string& what);
TENON_API bool is_tracing();

}  // namespace tenon::inline v0::tracing
