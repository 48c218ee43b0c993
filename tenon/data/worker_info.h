// Which worker of a DataLoader the calling thread is.
#pragma once

#include <cstdint>

#include <tenon/core/export.h>

namespace tenon::inline v0::data {

// What a worker knows of itself.
struct WorkerInfo {
  int id;
  int num_workers;
  uint64_t seed;  // differs between workers and passes
};
// Of the calling thread; null in threads that are no workers.
TENON_API const WorkerInfo* worker_info();

}  // namespace tenon::inline v0::data
