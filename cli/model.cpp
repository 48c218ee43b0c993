#include <tenon/core/registry.h>
#include <tenon/exec/load.h>

#include "cli.h"

namespace tenon::cli {

void check_status(const exec::Status& status, const std::string& where) {
  if (status.ok()) return;
  const bool named = status.text.find(where) != std::string::npos;
  fail<Error>(named ? "" : where + ": ", status.text);
}

Model::Model(const std::string& path, const std::string& function, bool verify) {
  check_status(exec::load(path.c_str(), {.verify_weights = verify}, program_), path);
  check<FileError>(!program_.functions.empty(), path, ": holds no function");
  std::string names;
  for (const exec::Plan& plan : program_.functions) {
    if (plan_ == nullptr && (function.empty() || plan.name == function)) plan_ = &plan;
    names += (names.empty() ? "" : ", ") + plan.name;
  }
  check<UsageError>(plan_ != nullptr, "--function ", function, ": ", path, " has ", names);
}

exec::Session& Model::session() {
  if (!session_) check_status(exec::Session::create(*plan_, registry(), {}, session_), plan_->name);
  return *session_;
}

void Model::run(const std::vector<Tensor>& inputs) {
  std::vector<View> views;
  for (const Tensor& input : inputs) views.push_back(input.impl()->view());
  check_status(session().run(views.data(), static_cast<int>(views.size())), plan_->name);
}

}  // namespace tenon::cli
