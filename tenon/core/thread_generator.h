// A default generator of the calling thread's own.
#pragma once

#include <tenon/core/generator.h>

namespace tenon::inline v0 {

// While it lives, default_generator() is this one in this thread, so that what it draws does not depend on others.
class TENON_API ThreadGenerator {
 public:
  ThreadGenerator();
  ~ThreadGenerator();
  ThreadGenerator(const ThreadGenerator&) = delete;
  ThreadGenerator& operator=(const ThreadGenerator&) = delete;

 private:
  Generator own_;
  Generator* previous_;
};

}  // namespace tenon::inline v0
