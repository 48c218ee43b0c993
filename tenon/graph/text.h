// Graphs as text, for people and tests, which parses back:
//
//   graph forward
//   input %x : (batch, 784) float32
//   constant %weight : (10, 784) float32 = @weight
//   %linear : (batch, 10) float32 = linear(%x, %weight, None)  # model.py:12 in forward
//   %softmax : (batch, 10) float32 = softmax(%linear, dim=1)
//   output %softmax
//
// Attributes that have their default are left out. Data of more than a few elements is not in the text: it is
// named (@weight), and lies in a table.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <tenon/graph/graph.h>

namespace tenon::inline v0::graph {

using TensorTable = std::map<std::string, Tensor>;

// Puts the tensors that the text only names into `table`, when there is one.
TENON_API std::string print(const Graph& graph, TensorTable* table = nullptr);
TENON_API std::string print(const Graph& graph, const Node& node);  // its line

// ValueError with line and column, what was expected and what came. The graph is not verified.
TENON_API Graph parse(std::string_view text, const TensorTable& table = {});

}  // namespace tenon::inline v0::graph
