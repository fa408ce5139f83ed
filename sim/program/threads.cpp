// pthread_create() and what else there is to do with threads.
#include <cerrno>
#include <cstring>

#include <pthread.h>

#include "sim/program/clocks.hpp"
#include "sim/program/interposed.hpp"

namespace drydock::sim {
namespace {

constinit Real<int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)> real_create(
    "pthread_create");
constinit Real<int(pthread_t, void**)> real_join("pthread_join");
constinit Real<int(pthread_t, void**)> real_tryjoin("pthread_tryjoin_np");
constinit Real<int(pthread_t, void**, const timespec*)> real_timedjoin("pthread_timedjoin_np");
constinit Real<int(pthread_t)> real_detach("pthread_detach");
constinit Real<void(void*)> real_thread_exit("pthread_exit");
constinit Real<pthread_t()> real_self("pthread_self");
constinit Real<int(pthread_t, const char*)> real_setname("pthread_setname_np");
constinit Real<int(pthread_t, char*, std::size_t)> real_getname("pthread_getname_np");
constinit Real<int(pthread_t, pthread_attr_t*)> real_getattr("pthread_getattr_np");
constinit Real<int(pthread_t, int)> real_thread_kill("pthread_kill");
constinit Real<int(pthread_t)> real_cancel("pthread_cancel");

bool starts_detached(const pthread_attr_t* attributes) noexcept {
    int state = PTHREAD_CREATE_JOINABLE;
    if (attributes != nullptr) ::pthread_attr_getdetachstate(attributes, &state);
    return state == PTHREAD_CREATE_DETACHED;
}

/// The stack that the program asks for. 0: it leaves that to the system, whose limits differ.
std::size_t stack_size(const pthread_attr_t* attributes) noexcept {
    if (attributes == nullptr) return 0;
    pthread_attr_t fresh;
    std::size_t usual = 0;
    std::size_t asked = 0;
    ::pthread_attr_init(&fresh);
    ::pthread_attr_getstacksize(&fresh, &usual);
    ::pthread_attr_destroy(&fresh);
    ::pthread_attr_getstacksize(attributes, &asked);
    return asked == usual ? 0 : asked;
}

int create(Fibers& fibers, pthread_t* thread, const pthread_attr_t* attributes,
           void* (*function)(void*), void* argument) {
    if (fibers.over()) return EAGAIN;
    std::uint32_t number = 0;
    try {
        const auto body = [function, argument] {
            void* const result = function(argument);
            running_fiber()->result = result;
        };
        number = fibers.start(body, {}, stack_size(attributes));
    } catch (const std::bad_alloc&) {
        return EAGAIN;
    }
    fibers.find(number)->detached = starts_detached(attributes);
    *thread = number;
    fibers.preempt();
    return 0;
}

int join(Fibers& fibers, pthread_t thread, void** result, Time deadline, const void* caller) {
    Fiber* const other = fibers.find(thread);
    Fiber& self = *running_fiber();
    if (other == nullptr || other->joined) return ESRCH;
    if (other == &self) return EDEADLK;
    if (other->detached) return EINVAL;
    self.joins = other->number;
    while (!other->gone()) {
        const bool woken = fibers.park(other, deadline, Wait::thread, caller);
        if (woken || other->gone()) continue;
        if (fibers.world().now() >= deadline) return ETIMEDOUT;
    }
    other->joined = true;
    if (result != nullptr) *result = other->result;
    return 0;
}

}  // namespace

int program_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)
    DRYDOCK_SYMBOL("pthread_create");
int program_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*function)(void*),
                   void* argument) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_create(thread, attributes, function, argument);
    return create(*fibers, thread, attributes, function, argument);
}

int program_join(pthread_t, void**) DRYDOCK_SYMBOL("pthread_join");
int program_join(pthread_t thread, void** result) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_join(thread, result);
    return join(*fibers, thread, result, never, __builtin_return_address(0));
}

int program_tryjoin(pthread_t, void**) DRYDOCK_SYMBOL("pthread_tryjoin_np");
int program_tryjoin(pthread_t thread, void** result) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_tryjoin(thread, result);
    const Fiber* const other = fibers->find(thread);
    if (other != nullptr && !other->gone()) {
        fibers->yield();
        if (!other->gone()) return EBUSY;
    }
    return join(*fibers, thread, result, never, __builtin_return_address(0));
}

int program_timedjoin(pthread_t, void**, const timespec*) DRYDOCK_SYMBOL("pthread_timedjoin_np");
int program_timedjoin(pthread_t thread, void** result, const timespec* deadline) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_timedjoin(thread, result, deadline);
    return join(*fibers, thread, result, time_of(CLOCK_REALTIME, *deadline),
                __builtin_return_address(0));
}

int program_detach(pthread_t) DRYDOCK_SYMBOL("pthread_detach");
int program_detach(pthread_t thread) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_detach(thread);
    Fiber* const other = fibers->find(thread);
    if (other == nullptr || other->joined) return ESRCH;
    if (other->detached) return EINVAL;
    other->detached = true;
    return 0;
}

[[noreturn]] void program_thread_exit(void*) DRYDOCK_SYMBOL("pthread_exit");
void program_thread_exit(void* result) {
    if (simulated() == nullptr) {
        real_thread_exit(result);
        __builtin_unreachable();
    }
    running_fiber()->result = result;
    throw ThreadExit{};
}

pthread_t program_self() noexcept DRYDOCK_SYMBOL("pthread_self");
pthread_t program_self() noexcept {
    const Fiber* const fiber = running_fiber();
    if (fiber == nullptr || fiber->no_switch > 0) return real_self();
    return fiber->number;
}

int program_setname(pthread_t, const char*) noexcept DRYDOCK_SYMBOL("pthread_setname_np");
int program_setname(pthread_t thread, const char* name) noexcept {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_setname(thread, name);
    constexpr std::size_t longest = 15;
    Fiber* const named = fibers->find(thread);
    if (named == nullptr) return ESRCH;
    if (std::strlen(name) > longest) return ERANGE;
    named->name = name;
    return 0;
}

int program_getname(pthread_t, char*, std::size_t) noexcept DRYDOCK_SYMBOL("pthread_getname_np");
int program_getname(pthread_t thread, char* to, std::size_t size) noexcept {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_getname(thread, to, size);
    const Fiber* const named = fibers->find(thread);
    if (named == nullptr) return ESRCH;
    if (named->name.size() >= size) return ERANGE;
    std::memcpy(to, named->name.c_str(), named->name.size() + 1);
    return 0;
}

int program_getattr(pthread_t, pthread_attr_t*) noexcept DRYDOCK_SYMBOL("pthread_getattr_np");
int program_getattr(pthread_t thread, pthread_attr_t* attributes) noexcept {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_getattr(thread, attributes);
    const Fiber* const other = fibers->find(thread);
    if (other == nullptr || other->gone()) return ESRCH;
    ::pthread_attr_init(attributes);
    return ::pthread_attr_setstack(attributes, other->stack.lowest, other->stack.size);
}

int program_kill(pthread_t, int) noexcept DRYDOCK_SYMBOL("pthread_kill");
int program_kill(pthread_t thread, int number) noexcept {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_thread_kill(thread, number);
    const Fiber* const other = fibers->find(thread);
    if (other == nullptr || other->gone()) return ESRCH;
    return raise_in(*fibers, number);
}

int program_cancel(pthread_t) DRYDOCK_SYMBOL("pthread_cancel");
int program_cancel(pthread_t thread) {
    Fibers* const fibers = simulated();
    return fibers == nullptr ? real_cancel(thread) : ENOSYS;
}

void link_threads() noexcept {}

}  // namespace drydock::sim
