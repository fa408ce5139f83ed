// Finding the C library's own functions. See interposed.hpp.
#include "sim/program/interposed.hpp"

#include <cstdio>
#include <cstdlib>

#include <dlfcn.h>

#include "sim/program/sanitizer.hpp"

#ifdef DRYDOCK_ASAN
// Where AddressSanitizer is a part of the executable, its pthread_create() gives way to ours.
extern "C" int __interceptor_pthread_create(void*, void*, void*, void*) __attribute__((weak));
#endif

namespace drydock::sim {

void* find_real(const char* name) noexcept {
#ifdef DRYDOCK_ASAN
    if (std::string_view(name) == "pthread_create" && __interceptor_pthread_create != nullptr) {
        return reinterpret_cast<void*>(&__interceptor_pthread_create);
    }
#endif
    if (void* const found = ::dlsym(RTLD_NEXT, name)) return found;
    std::fprintf(stderr, "drydock: the C library has no function %s\n", name);
    std::abort();
}

void link_interposed() noexcept {
    link_clocks();
    link_conditions();
    link_futexes();
    link_locks();
    link_mutexes();
    link_random();
    link_random_files();
    link_refused();
    link_sleeping();
    link_specific();
    link_system();
    link_threads();
}

}  // namespace drydock::sim
