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

Module& SequentialImpl::child(size_t i) const {
  Module* child = module_table().entries()[i]->child;
  check<TypeError>(child != nullptr, "Sequential: module ", i, " is None, which cannot be called");
  return *child;
}

Value SequentialImpl::pass(Value x, size_t first) {
  for (size_t i = first; i < size(); ++i) x = child(i).call(Arguments(std::move(x)));
  return x;
}

Tensor SequentialImpl::forward(Tensor x) {
  for (size_t i = 0; i < size(); ++i) {
    Module& next = child(i);
    if (!next.forward_info().one_tensor || !next.is_plain()) [[unlikely]]
      return pass(std::move(x), i).take_tensor("Sequential: the result of a call for one Tensor");
    x = next.forward(std::move(x));
  }
  return x;
}

const Forward& SequentialImpl::forward_info() const {
  static const Forward info = [] {
    Forward out{Signature("input"), nullptr};
    out.run = [text = out.signature](Module& module, const Arguments& arguments) {
      const Value* input = nullptr;
      text.bind({&module, "forward"}, arguments, &input);
      return static_cast<SequentialImpl&>(module).pass(*input, 0);
    };
    return out;
  }();
  return info;
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
