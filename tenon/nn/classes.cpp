#include <tenon/nn/classes.h>

#include <deque>
#include <mutex>

namespace tenon::inline v0::nn {
namespace {

struct Classes {
  std::mutex mutex;
  std::deque<ClassInfo> all;  // never moves its elements
};
Classes& table() {
  static auto* classes = new Classes;
  return *classes;
}

}  // namespace

void add_class(ClassInfo info) {
  Classes& classes = table();
  std::lock_guard lock(classes.mutex);
  for (const ClassInfo& known : classes.all) {
    if (known.name != info.name) continue;
    check<KeyError>(*known.type == *info.type, "add_class: another class of modules is named '", info.name, "'");
    return;  // a library that is loaded twice
  }
  classes.all.push_back(std::move(info));
}

std::vector<const ClassInfo*> classes() {
  Classes& classes = table();
  std::lock_guard lock(classes.mutex);
  std::vector<const ClassInfo*> out;
  for (const ClassInfo& info : classes.all) out.push_back(&info);
  return out;
}

}  // namespace tenon::inline v0::nn
