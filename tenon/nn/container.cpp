#include <tenon/nn/container.h>

#include <tenon/nn/detail.h>

namespace tenon::inline v0::nn {
namespace {

Module& at(const Module& list, int64_t index) {
  const auto& entries = list.module_table().entries();
  const auto n = static_cast<int64_t>(entries.size());
  check<IndexError>(index >= -n && index < n, "index ", index, " is out of range");
  return *entries[static_cast<size_t>(index < 0 ? index + n : index)]->child;
}

}  // namespace

Tensor SequentialImpl::forward(Tensor x) {
  const auto& entries = module_table().entries();
  for (size_t i = 0; i < entries.size(); ++i) x = (*entries[i]->child)(std::move(x));
  return x;
}
Module& SequentialImpl::operator[](int64_t index) const { return at(*this, index); }
Module& ModuleListImpl::operator[](int64_t index) const { return at(*this, index); }

// Runs of equal modules are one line: "(0-2): 3 x Linear(...)".
std::string ModuleListImpl::repr(const std::string& name, const std::string&) {
  const auto& entries = module_table().entries();
  if (entries.empty()) return name + "()";
  std::string out = name + "(";
  for (size_t i = 0; i < entries.size();) {
    const std::string text_of = entries[i]->child != nullptr ? entries[i]->child->str() : "None";
    size_t end = i + 1;
    while (end < entries.size() && entries[end]->child != nullptr && entries[end]->child->str() == text_of) ++end;
    const std::string place = end - i == 1 ? std::to_string(i) : std::to_string(i) + "-" + std::to_string(end - 1);
    const std::string times = end - i == 1 ? "" : std::to_string(end - i) + " x ";
    out += "\n  (" + place + "): " + detail::indent(times + text_of);
    i = end;
  }
  return out + "\n)";
}

}  // namespace tenon::inline v0::nn
