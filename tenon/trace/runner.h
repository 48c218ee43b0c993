// Runs a program on tensors: what an exported model answers in the process that made it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <tenon/graph/graph.h>

namespace tenon::inline v0::tracing {

class TENON_API Runner {
 public:
  explicit Runner(graph::Program program);
  Runner(Runner&&) noexcept;
  ~Runner();
  const graph::Program& program() const;
  // ValueError names the functions that there are.
  const graph::Graph& function(const std::string& name = {}) const;
  // State goes on from call to call. ShapeError, DTypeError, ValueError: inputs that do not fit.
  std::vector<Tensor> run(const std::vector<Tensor>& inputs, const std::string& name = {});

 private:
  struct Function;
  Function& find(const std::string& name) const;
  graph::Program program_;
  std::vector<std::unique_ptr<Function>> functions_;
};

}  // namespace tenon::inline v0::tracing
