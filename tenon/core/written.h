// The other end of Recorder::before_write: what the tape kept for a write that did not happen.
#pragma once

#include <tenon/core/door.h>

namespace tenon::inline v0 {

// Told of a write in place or to out= that was announced and then failed. Set by autograd.
TENON_API extern void (*abandon_write)(const Call& call);

}  // namespace tenon::inline v0
