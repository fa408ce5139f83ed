// What a program learns about the system: its processors, its numbers; and exit(), kill(), raise().
#include <cerrno>
#include <csignal>
#include <optional>

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sim/program/interposed.hpp"

namespace drydock::sim {
namespace {

constinit Real<int()> real_get_nprocs("get_nprocs");
constinit Real<int()> real_get_nprocs_conf("get_nprocs_conf");
constinit Real<long(int)> real_sysconf("sysconf");
constinit Real<int(pid_t, std::size_t, cpu_set_t*)> real_getaffinity("sched_getaffinity");
constinit Real<int()> real_getcpu("sched_getcpu");
constinit Real<pid_t()> real_getpid("getpid");
constinit Real<pid_t()> real_gettid("gettid");
constinit Real<int(pid_t, int)> real_kill("kill");
constinit Real<int(int)> real_raise("raise");
constinit Real<void(int)> real_exit("exit");
constinit Real<void(int)> real_quick_exit("quick_exit");
constinit Real<void(int)> real_end("_exit");

// The number of the simulated process, and of its first thread.
constexpr pid_t process_number = 1000;

pid_t thread_number() noexcept {
    return process_number + static_cast<pid_t>(running_fiber()->number) - 1;
}

int processors(const Fibers& fibers) noexcept {
    return static_cast<int>(fibers.settings().processors);
}

}  // namespace

int raise_in(Fibers& fibers, int number) noexcept {
    if (number == 0 || fibers.raise(number) || fibers.unhandled(number)) return 0;
    return real_raise(number);
}

std::optional<long> simulated_call(Fibers& fibers, long number,
                                   const std::uintptr_t (&arguments)[6]) {
    switch (number) {
        case SYS_gettid:
            return thread_number();
        case SYS_getpid:
            return process_number;
        case SYS_fork:
        case SYS_vfork:
            return refuse_fork(fibers, "fork()");
        case SYS_sched_yield:
            fibers.yield();
            return 0;
        case SYS_getrandom:
            fibers.random().fill(reinterpret_cast<void*>(arguments[0]), arguments[1]);
            return static_cast<long>(arguments[1]);
        case SYS_clock_gettime:
            return ::clock_gettime(static_cast<clockid_t>(arguments[0]),
                                   reinterpret_cast<timespec*>(arguments[1]));
        default:
            return std::nullopt;
    }
}

int program_get_nprocs() noexcept DRYDOCK_SYMBOL("get_nprocs");
int program_get_nprocs() noexcept {
    const Fibers* const fibers = simulated();
    return fibers == nullptr ? real_get_nprocs() : processors(*fibers);
}

int program_get_nprocs_conf() noexcept DRYDOCK_SYMBOL("get_nprocs_conf");
int program_get_nprocs_conf() noexcept {
    const Fibers* const fibers = simulated();
    return fibers == nullptr ? real_get_nprocs_conf() : processors(*fibers);
}

long program_sysconf(int) noexcept DRYDOCK_SYMBOL("sysconf");
long program_sysconf(int name) noexcept {
    const Fibers* const fibers = simulated();
    if (fibers == nullptr || (name != _SC_NPROCESSORS_ONLN && name != _SC_NPROCESSORS_CONF)) {
        return real_sysconf(name);
    }
    return processors(*fibers);
}

int program_getaffinity(pid_t, std::size_t, cpu_set_t*) noexcept
    DRYDOCK_SYMBOL("sched_getaffinity");
int program_getaffinity(pid_t process, std::size_t size, cpu_set_t* set) noexcept {
    const Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_getaffinity(process, size, set);
    CPU_ZERO_S(size, set);
    for (int i = 0; i < processors(*fibers); ++i) CPU_SET_S(static_cast<unsigned>(i), size, set);
    return 0;
}

int program_getcpu() noexcept DRYDOCK_SYMBOL("sched_getcpu");
int program_getcpu() noexcept { return simulated() == nullptr ? real_getcpu() : 0; }

pid_t program_getpid() noexcept DRYDOCK_SYMBOL("getpid");
pid_t program_getpid() noexcept { return simulated() == nullptr ? real_getpid() : process_number; }

pid_t program_gettid() noexcept DRYDOCK_SYMBOL("gettid");
pid_t program_gettid() noexcept { return simulated() == nullptr ? real_gettid() : thread_number(); }

int program_kill_process(pid_t, int) noexcept DRYDOCK_SYMBOL("kill");
int program_kill_process(pid_t process, int number) noexcept {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_kill(process, number);
    if (process == process_number || process == 0) return raise_in(*fibers, number);
    errno = ESRCH;
    return -1;
}

int program_raise(int) noexcept DRYDOCK_SYMBOL("raise");
int program_raise(int number) noexcept {
    Fibers* const fibers = simulated();
    return fibers == nullptr ? real_raise(number) : raise_in(*fibers, number);
}

[[noreturn]] void program_exit(int) noexcept DRYDOCK_SYMBOL("exit");
void program_exit(int status) noexcept {
    if (Fibers* const fibers = simulated()) fibers->exit(status);
    real_exit(status);
    __builtin_unreachable();
}

[[noreturn]] void program_quick_exit(int) noexcept DRYDOCK_SYMBOL("quick_exit");
void program_quick_exit(int status) noexcept {
    if (Fibers* const fibers = simulated()) fibers->exit(status);
    real_quick_exit(status);
    __builtin_unreachable();
}

[[noreturn]] void program_end(int) noexcept DRYDOCK_SYMBOL("_exit");
void program_end(int status) noexcept {
    if (Fibers* const fibers = simulated()) fibers->exit(status);
    real_end(status);
    __builtin_unreachable();
}

void link_system() noexcept {}

}  // namespace drydock::sim
