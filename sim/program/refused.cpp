// Functions that a simulated program does not get: those that make another process, and timers that
// send signals. They fail with ENOSYS, and the error output of the program says so once.
#include <cerrno>
#include <ctime>
#include <string>
#include <utility>

#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "sim/program/interposed.hpp"

namespace drydock::sim {
namespace {

constinit Real<pid_t()> real_fork("fork");
constinit Real<pid_t()> real_plain_fork("_Fork");
constinit Real<int(int, int)> real_daemon("daemon");
constinit Real<unsigned(unsigned)> real_alarm("alarm");
constinit Real<useconds_t(useconds_t, useconds_t)> real_ualarm("ualarm");
constinit Real<int(int, const itimerval*, itimerval*)> real_setitimer("setitimer");
constinit Real<int(clockid_t, sigevent*, timer_t*)> real_timer_create("timer_create");

constexpr const char* one_process = "a simulated program is one process";
constexpr const char* no_timer_signals = "no timer sends signals in the simulator";

int refuse(Fibers& fibers, Refused function, const char* name, const char* why) noexcept {
    fibers.refuse(function, name, why);
    errno = ENOSYS;
    return -1;
}

}  // namespace

void Fibers::refuse(Refused function, const char* name, const char* why) noexcept {
    const std::uint32_t bit = 1U << static_cast<unsigned>(function);
    if ((std::exchange(refused_, refused_ | bit) & bit) != 0 || streams_ == nullptr) return;
    const NoSwitch stay;
    streams_->write(2, std::string("drydock: ") + name + " has failed: " + why + "\n");
}

int refuse_fork(Fibers& fibers, const char* name) noexcept {
    return refuse(fibers, Refused::fork, name, one_process);
}

pid_t program_fork() noexcept DRYDOCK_SYMBOL("fork");
pid_t program_fork() noexcept {
    Fibers* const fibers = simulated();
    return fibers == nullptr ? real_fork() : refuse_fork(*fibers, "fork()");
}

// A function that calls the system's vfork() must not return in the child. POSIX lets vfork() be
// the same as fork().
pid_t program_vfork() noexcept DRYDOCK_SYMBOL("vfork");
pid_t program_vfork() noexcept {
    Fibers* const fibers = simulated();
    return fibers == nullptr ? real_fork() : refuse_fork(*fibers, "vfork()");
}

pid_t program_plain_fork() noexcept DRYDOCK_SYMBOL("_Fork");
pid_t program_plain_fork() noexcept {
    Fibers* const fibers = simulated();
    return fibers == nullptr ? real_plain_fork() : refuse_fork(*fibers, "_Fork()");
}

int program_daemon(int, int) noexcept DRYDOCK_SYMBOL("daemon");
int program_daemon(int keep_folder, int keep_streams) noexcept {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_daemon(keep_folder, keep_streams);
    return refuse(*fibers, Refused::daemon, "daemon()", one_process);
}

/// It has no way to report an error. The return value says that no alarm was pending.
unsigned program_alarm(unsigned) noexcept DRYDOCK_SYMBOL("alarm");
unsigned program_alarm(unsigned seconds) noexcept {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_alarm(seconds);
    if (seconds != 0) fibers->refuse(Refused::alarm, "alarm()", no_timer_signals);
    return 0;
}

useconds_t program_ualarm(useconds_t, useconds_t) noexcept DRYDOCK_SYMBOL("ualarm");
useconds_t program_ualarm(useconds_t value, useconds_t interval) noexcept {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_ualarm(value, interval);
    return static_cast<useconds_t>(refuse(*fibers, Refused::alarm, "ualarm()", no_timer_signals));
}

int program_setitimer(int, const itimerval*, itimerval*) noexcept DRYDOCK_SYMBOL("setitimer");
int program_setitimer(int which, const itimerval* next, itimerval* before) noexcept {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_setitimer(which, next, before);
    return refuse(*fibers, Refused::setitimer, "setitimer()", no_timer_signals);
}

int program_timer_create(clockid_t, sigevent*, timer_t*) noexcept DRYDOCK_SYMBOL("timer_create");
int program_timer_create(clockid_t clock, sigevent* event, timer_t* timer) noexcept {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_timer_create(clock, event, timer);
    return refuse(*fibers, Refused::timer_create, "timer_create()", no_timer_signals);
}

void link_refused() noexcept {}

}  // namespace drydock::sim
