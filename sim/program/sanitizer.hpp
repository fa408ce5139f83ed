// What AddressSanitizer wants to know about stacks; nothing in other builds.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define DRYDOCK_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DRYDOCK_ASAN 1
#endif
#endif

#ifdef DRYDOCK_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#endif

namespace drydock::sim::asan {

#ifdef DRYDOCK_ASAN
inline constexpr bool on = true;
/// A switch to the stack at `lowest` begins. `fake` keeps the fake stack of the one that is left;
/// null: that one has ended.
inline void switch_begins(void** fake, const void* lowest, std::size_t size) noexcept {
    __sanitizer_start_switch_fiber(fake, lowest, size);
}
/// The switch is made. `lowest` and `size` get the stack that was left; null: nobody wants them.
inline void switch_ends(void* fake, const void** lowest, std::size_t* size) noexcept {
    __sanitizer_finish_switch_fiber(fake, lowest, size);
}
inline void unpoison(const void* from, std::size_t size) noexcept {
    __asan_unpoison_memory_region(from, size);
}
inline void keep_reachable(const void* from, std::size_t size) noexcept {
    __lsan_register_root_region(from, size);
}
#else
inline constexpr bool on = false;
inline void switch_begins(void**, const void*, std::size_t) noexcept {}
inline void switch_ends(void*, const void**, std::size_t*) noexcept {}
inline void unpoison(const void*, std::size_t) noexcept {}
inline void keep_reachable(const void*, std::size_t) noexcept {}
#endif

}  // namespace drydock::sim::asan
