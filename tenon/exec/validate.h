// What a plan must be before anything runs: a plan may come from a damaged or hostile file.
#pragma once

#include <tenon/exec/plan.h>
#include <tenon/exec/status.h>

namespace tenon::inline v0::exec {

// Every index within its table, operands before their users, every value made before it is read, memory only
// written where it may be. What depends on sizes, a session checks when it knows them.
TENON_API Status validate(const Plan& plan);

}  // namespace tenon::inline v0::exec
