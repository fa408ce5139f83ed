// Reading clocks. std::chrono's clocks come here, too.
#include "sim/program/clocks.hpp"

#include <cerrno>

#include <sys/time.h>

#include "sim/program/interposed.hpp"

namespace drydock::sim {
namespace {

constexpr std::int64_t billion = 1'000'000'000;

constinit Real<int(clockid_t, timespec*)> real_gettime("clock_gettime");
constinit Real<int(timeval*, void*)> real_gettimeofday("gettimeofday");
constinit Real<time_t(time_t*)> real_time("time");
constinit Real<int(timespec*, int)> real_timespec_get("timespec_get");
constinit Real<clock_t()> real_clock_ticks("clock");

bool known(clockid_t clock) noexcept { return clock >= 0 && clock <= CLOCK_TAI; }

timespec real_time_now(Fibers& fibers) noexcept {
    return shown_by(CLOCK_REALTIME, fibers.read_clock());
}

}  // namespace

Duration span_of(const timespec& span) noexcept {
    constexpr std::int64_t most = Duration::max().count() / billion - 1;
    if (span.tv_sec < 0) return Duration(0);
    if (span.tv_sec >= most) return Duration::max();
    return Duration(span.tv_sec * billion + span.tv_nsec);
}

Time time_of(clockid_t clock, const timespec& time) noexcept {
    const Duration shown = span_of(time);
    if (shown == Duration::max()) return never;
    const Duration base = is_real_time(clock) ? first_real_time : Duration(0);
    return Time(shown > base ? shown - base : Duration(0));
}

timespec shown_by(clockid_t clock, Time now) noexcept {
    const Duration base = is_real_time(clock) ? first_real_time : Duration(0);
    const std::int64_t count = (now.time_since_epoch() + base).count();
    return {count / billion, count % billion};
}

int program_gettime(clockid_t, timespec*) noexcept DRYDOCK_SYMBOL("clock_gettime");
int program_gettime(clockid_t clock, timespec* now) noexcept {
    Fibers* const fibers = simulated();
    if (fibers == nullptr || !known(clock)) return real_gettime(clock, now);
    *now = shown_by(clock, fibers->read_clock());
    return 0;
}

int program_gettimeofday(timeval*, void*) noexcept DRYDOCK_SYMBOL("gettimeofday");
int program_gettimeofday(timeval* now, void* zone) noexcept {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_gettimeofday(now, zone);
    const timespec shown = real_time_now(*fibers);
    *now = {shown.tv_sec, shown.tv_nsec / 1000};
    return 0;
}

time_t program_time(time_t*) noexcept DRYDOCK_SYMBOL("time");
time_t program_time(time_t* to) noexcept {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_time(to);
    const time_t now = real_time_now(*fibers).tv_sec;
    if (to != nullptr) *to = now;
    return now;
}

int program_timespec_get(timespec*, int) noexcept DRYDOCK_SYMBOL("timespec_get");
int program_timespec_get(timespec* now, int base) noexcept {
    Fibers* const fibers = simulated();
    if (fibers == nullptr || base != TIME_UTC) return real_timespec_get(now, base);
    *now = real_time_now(*fibers);
    return base;
}

// The processor time of a simulated program is its virtual time: real processor time would differ
// from run to run.
clock_t program_clock() noexcept DRYDOCK_SYMBOL("clock");
clock_t program_clock() noexcept {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_clock_ticks();
    return fibers->read_clock().time_since_epoch().count() / (billion / CLOCKS_PER_SEC);
}

void link_clocks() noexcept {}

}  // namespace drydock::sim
