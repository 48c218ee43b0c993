// Symbol visibility. The versioned inline namespace is spelled `namespace tenon::inline v0` everywhere.
#pragma once

#if defined(TENON_STATIC)
#define TENON_API
#else
#define TENON_API __attribute__((visibility("default")))
#endif
