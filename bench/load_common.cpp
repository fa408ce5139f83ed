// Sockets, events and clocks of the load generators.
#include "bench/load_common.hpp"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "bench/process_cpu.hpp"

namespace drydock::bench {
namespace {

/// Bounded, as a server whose backlog is full would otherwise keep us for minutes.
void connect_or_fail(int descriptor, const ::sockaddr_in& server) {
    const ::timeval patience{5, 0};
    ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    const auto* address = reinterpret_cast<const ::sockaddr*>(&server);
    if (::connect(descriptor, address, sizeof server) != 0) fail("connect");
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::fcntl(descriptor, F_SETFL, O_NONBLOCK) != 0) fail("fcntl");
}

std::optional<std::chrono::nanoseconds> ask_cpu(::pid_t process) noexcept {
    return process > 0 ? cpu_time(process) : std::nullopt;
}

std::vector<std::optional<std::chrono::nanoseconds>> ask_cpu(
    const std::vector<::pid_t>& processes) {
    std::vector<std::optional<std::chrono::nanoseconds>> times;
    for (const ::pid_t process : processes) times.push_back(ask_cpu(process));
    return times;
}

/// What `process` has used since it had used `before`.
std::chrono::nanoseconds used_since(::pid_t process, std::optional<std::chrono::nanoseconds> before,
                                    const char* option) {
    const auto now = ask_cpu(process);
    if (before && now) return *now - *before;
    throw LoadError(std::string("there is no process with the id of ") + option);
}

}  // namespace

void fail(const char* what) { throw LoadError(std::string(what) + ": " + std::strerror(errno)); }

int connect_to(const ::sockaddr_in& server) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) fail("socket");
    try {
        connect_or_fail(descriptor, server);
    } catch (...) {
        ::close(descriptor);
        throw;
    }
    return descriptor;
}

Observation::Observation(const CommonOptions& options)
    : servers_(options.server_processes),
      helper_(options.helper_process),
      waited_(ask_waited()),
      server_cpu_(ask_cpu(servers_)),
      helper_cpu_(ask_cpu(helper_)),
      start_(Clock::now()) {}

std::vector<std::chrono::nanoseconds> Observation::ask_waited() const {
    std::vector<std::chrono::nanoseconds> waited{time_kept_waiting(::getpid())};
    for (const ::pid_t server : servers_) waited.push_back(time_kept_waiting(server));
    return waited;
}

Window Observation::end() const {
    Window window;
    window.length = Clock::now() - start_;
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        const auto used = used_since(servers_[i], server_cpu_[i], "--server-pid");
        window.server_cpu = window.server_cpu.value_or(std::chrono::nanoseconds(0)) + used;
    }
    if (helper_ != 0) window.helper_cpu = used_since(helper_, helper_cpu_, "--helper-pid");
    const auto now = ask_waited();
    std::chrono::nanoseconds lost{0};
    for (std::size_t i = 0; i < now.size(); ++i) lost = std::max(lost, now[i] - waited_[i]);
    // The kernel counts a wait when it ends, so it may have begun before the window did.
    window.disturbed = std::min(1.0, std::chrono::duration<double>(lost) / window.length);
    return window;
}

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) fail("epoll_create1");
}

Poller::~Poller() { ::close(epoll_); }

void Poller::watch(int action, int descriptor, std::uint32_t events, void* data) {
    ::epoll_event event{};
    event.events = events;
    event.data.ptr = data;
    if (::epoll_ctl(epoll_, action, descriptor, &event) != 0) fail("epoll_ctl");
}

std::span<const ::epoll_event> Poller::wait(Clock::time_point end) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    const int count = ::epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()),
                                   static_cast<int>(std::clamp<std::int64_t>(left, 0, 1000)));
    return std::span(events_).first(static_cast<std::size_t>(std::max(count, 0)));
}

}  // namespace drydock::bench
