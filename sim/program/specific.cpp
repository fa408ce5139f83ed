// What each thread has of its own: pthread_key_create(), the destructors of thread_local objects,
// and pthread_once().
#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>

#include <pthread.h>

#include "sim/program/interposed.hpp"

namespace drydock::sim {
namespace {

using Destructor = void (*)(void*);

constinit Real<int(pthread_key_t*, Destructor)> real_key_create("pthread_key_create");
constinit Real<int(pthread_key_t)> real_key_delete("pthread_key_delete");
constinit Real<void*(pthread_key_t)> real_get("pthread_getspecific");
constinit Real<int(pthread_key_t, const void*)> real_set("pthread_setspecific");
constinit Real<int(Destructor, void*, void*)> real_atexit("__cxa_thread_atexit_impl");
constinit Real<int(pthread_once_t*, void (*)())> real_once("pthread_once");

constinit std::array<std::atomic<Destructor>, PTHREAD_KEYS_MAX> destructors{};

std::pair<unsigned, void*>* find(Fiber& fiber, pthread_key_t key) noexcept {
    const auto found = std::find_if(fiber.specific.begin(), fiber.specific.end(),
                                    [&](const auto& entry) { return entry.first == key; });
    return found == fiber.specific.end() ? nullptr : &*found;
}

// A pthread_once_t is 2 when the call has been made. While it is being made, it is odd, and the
// bits above say in which run.
constexpr int once_done = 2;

int once_in_progress(const Fibers& fibers) noexcept {
    return static_cast<int>((fibers.generation() + 1) << 2) | 1;
}

int call_once(Fibers& fibers, pthread_once_t& once, void (*function)(), const void* caller) {
    const int in_progress = once_in_progress(fibers);
    while (once == in_progress) fibers.park(&once, never, Wait::once, caller);
    if (once == once_done) return 0;
    once = in_progress;
    try {
        function();
    } catch (...) {
        once = PTHREAD_ONCE_INIT;
        fibers.wake_all(&once);
        throw;
    }
    once = once_done;
    fibers.wake_all(&once);
    return 0;
}

/// The caller is no thread of the program. If one of these is in the middle of the call, nothing
/// that the caller waits for can happen: the threads go on only when the caller has returned.
void end_if_a_thread_is_in(const pthread_once_t& once) noexcept {
    const Fibers* const fibers = Fibers::of_this_thread();
    if (fibers == nullptr || once != once_in_progress(*fibers)) return;
    std::fputs(
        "drydock: the scenario needs what a thread of its program is about to initialize by "
        "pthread_once(); initialize it before the first run\n",
        stderr);
    std::abort();
}

}  // namespace

void destroy_specific(Fiber& fiber) noexcept {
    for (int round = 0; round < PTHREAD_DESTRUCTOR_ITERATIONS; ++round) {
        bool called = false;
        for (std::size_t i = 0; i < fiber.specific.size(); ++i) {
            auto& [key, value] = fiber.specific[i];
            const Destructor destructor = destructors[key].load();
            if (value == nullptr || destructor == nullptr) continue;
            called = true;
            destructor(std::exchange(value, nullptr));
        }
        if (!called) return;
    }
}

int program_key_create(pthread_key_t*, Destructor) noexcept DRYDOCK_SYMBOL("pthread_key_create");
int program_key_create(pthread_key_t* key, Destructor destructor) noexcept {
    const int error = real_key_create(key, destructor);
    if (error == 0) destructors[*key].store(destructor);
    return error;
}

int program_key_delete(pthread_key_t) noexcept DRYDOCK_SYMBOL("pthread_key_delete");
int program_key_delete(pthread_key_t key) noexcept {
    if (key < destructors.size()) destructors[key].store(nullptr);
    if (Fiber* const fiber = running_fiber()) fiber->fibers.forget_key(key);
    return real_key_delete(key);
}

void* program_get(pthread_key_t) noexcept DRYDOCK_SYMBOL("pthread_getspecific");
void* program_get(pthread_key_t key) noexcept {
    if (simulated() == nullptr) return real_get(key);
    const auto* const entry = find(*running_fiber(), key);
    return entry == nullptr ? nullptr : entry->second;
}

int program_set(pthread_key_t, const void*) noexcept DRYDOCK_SYMBOL("pthread_setspecific");
int program_set(pthread_key_t key, const void* value) noexcept {
    if (simulated() == nullptr) return real_set(key, value);
    if (key >= destructors.size()) return EINVAL;
    Fiber& fiber = *running_fiber();
    auto* const changed = const_cast<void*>(value);
    if (auto* const entry = find(fiber, key)) {
        entry->second = changed;
    } else {
        fiber.specific.emplace_back(key, changed);
    }
    return 0;
}

// What the compiler calls when a thread_local object with a destructor begins to exist.
int program_thread_atexit(Destructor, void*, void*) noexcept DRYDOCK_SYMBOL("__cxa_thread_atexit");
int program_thread_atexit(Destructor destructor, void* object, void* library) noexcept {
    if (simulated() == nullptr || !is_thread_local_of_program(object)) {
        return real_atexit(destructor, object, library);
    }
    running_fiber()->at_exit.push_back({destructor, object});
    return 0;
}

int program_once(pthread_once_t*, void (*)()) DRYDOCK_SYMBOL("pthread_once");
int program_once(pthread_once_t* once, void (*function)()) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) {
        end_if_a_thread_is_in(*once);
        return real_once(once, function);
    }
    return call_once(*fibers, *once, function, __builtin_return_address(0));
}

void link_specific() noexcept {}

}  // namespace drydock::sim
