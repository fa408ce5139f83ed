// Whether a sanitizer watches this build: what it costs makes figures about memory and time untrue,
// and some need of the system what a test means to take away.
#pragma once

namespace drydock::test {

#if defined(__has_feature)
#define DRYDOCK_HAS_SANITIZER(name) __has_feature(name##_sanitizer)
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DRYDOCK_HAS_SANITIZER(name) 1  // GCC does not tell them apart so well
#else
#define DRYDOCK_HAS_SANITIZER(name) 0
#endif

inline constexpr bool is_sanitized =
    DRYDOCK_HAS_SANITIZER(address) || DRYDOCK_HAS_SANITIZER(thread);

/// To see whether an object is one of its type, UBSan opens a pipe; where no descriptor is left it
/// takes every object for a wrong one.
inline constexpr bool needs_descriptors = DRYDOCK_HAS_SANITIZER(undefined_behavior);

#undef DRYDOCK_HAS_SANITIZER

}  // namespace drydock::test
