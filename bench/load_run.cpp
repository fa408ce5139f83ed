// The phases of a measurement, and the epoll loop that drives the connections through them.
#include "bench/load_run.hpp"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/load_connection.hpp"
#include "bench/process_cpu.hpp"

namespace drydock::bench {
namespace {

// How long the server may take for its first echo, to give back what is in flight, and to answer
// the half close.
constexpr auto patience = std::chrono::seconds(10);

/// A thousand connections are more than the usual limit on open files allows.
void raise_open_file_limit() noexcept {
    ::rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

class Load {
public:
    explicit Load(const LoadOptions& options);
    ~Load() { ::close(epoll_); }
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;

    LoadResult run();

private:
    void connect();
    void run_until(Clock::time_point end);
    void measure();
    void drain();
    void wait_for_end();
    void take_events(Clock::time_point end);
    void handle(const ::epoll_event& event);
    void watch(int action, Connection& connection, std::uint32_t events);

    const LoadOptions options_;
    const Pattern pattern_;
    const int epoll_;
    std::vector<std::unique_ptr<Connection>> connections_;
    bool go_on_ = true;
    std::size_t ended_ = 0;
    LoadResult result_;
};

Load::Load(const LoadOptions& options) : options_(options), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) throw LoadError("epoll_create1 failed");
}

LoadResult Load::run() {
    raise_open_file_limit();
    connect();
    const Clock::time_point start = Clock::now();
    for (const auto& connection : connections_) {
        connection->start(start);
        watch(EPOLL_CTL_ADD, *connection, connection->blocked() ? EPOLLIN | EPOLLOUT : EPOLLIN);
    }
    run_until(start + options_.warm_up);
    measure();
    drain();
    wait_for_end();
    return result_;
}

void Load::connect() {
    constexpr std::uint64_t apart = 4099;  // places in the pattern, so that streams differ
    for (std::size_t i = 0; i < options_.connections; ++i) {
        connections_.push_back(std::make_unique<Connection>(options_.server, pattern_, i * apart,
                                                            options_.size, options_.depth));
    }
}

void Load::measure() {
    const ::pid_t server = options_.server_process;
    const auto ask_cpu = [server] { return server > 0 ? cpu_time(server) : std::nullopt; };
    const auto ask_waited = [server] {
        return std::pair(time_kept_waiting(::getpid()),
                         server > 0 ? time_kept_waiting(server) : std::chrono::nanoseconds(0));
    };
    result_.latency = Histogram();
    const auto waited_before = ask_waited();
    const auto cpu_before = ask_cpu();
    const Clock::time_point start = Clock::now();
    run_until(start + options_.window);
    // On a busy machine a server may get no turn within a short window: it is given time for one.
    while (result_.latency.count() == 0 && Clock::now() < start + patience) {
        take_events(start + patience);
    }
    result_.window = Clock::now() - start;
    const auto cpu_after = ask_cpu();
    const auto waited_after = ask_waited();

    result_.messages = result_.latency.count();
    if (result_.messages == 0) throw LoadError("the server echoes nothing");
    if (cpu_before && cpu_after) result_.server_cpu = *cpu_after - *cpu_before;
    if (server > 0 && !result_.server_cpu) {
        throw LoadError("there is no process with the id of --server-pid");
    }
    const auto waited = std::max(waited_after.first - waited_before.first,
                                 waited_after.second - waited_before.second);
    // The kernel counts a wait when it ends, so it may have begun before the window did.
    result_.disturbed = std::min(1.0, std::chrono::duration<double>(waited) / result_.window);
}

/// What is in flight is still owed, though it counts no more.
void Load::drain() {
    go_on_ = false;
    const Histogram measured = result_.latency;
    const auto all_back = [this] {
        return std::all_of(connections_.begin(), connections_.end(),
                           [](const auto& connection) { return connection->all_back(); });
    };
    const Clock::time_point end = Clock::now() + patience;
    while (!all_back()) {
        if (Clock::now() >= end) throw LoadError("not all came back after the last message");
        take_events(end);
    }
    result_.latency = measured;
}

void Load::wait_for_end() {
    for (const auto& connection : connections_) connection->shutdown_send();
    const Clock::time_point end = Clock::now() + patience;
    while (ended_ < connections_.size()) {
        if (Clock::now() >= end) throw LoadError("the server does not answer the half close");
        take_events(end);
    }
}

void Load::run_until(Clock::time_point end) {
    while (Clock::now() < end) take_events(end);
}

void Load::take_events(Clock::time_point end) {
    std::array<::epoll_event, 256> events;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                                   static_cast<int>(std::clamp<std::int64_t>(left, 0, 1000)));
    for (int i = 0; i < count; ++i) handle(events[static_cast<std::size_t>(i)]);
}

void Load::handle(const ::epoll_event& event) {
    Connection& connection = *static_cast<Connection*>(event.data.ptr);
    const bool was_blocked = connection.blocked();
    const auto completed = [this](Clock::duration latency) {
        result_.latency.add(static_cast<std::uint64_t>(latency.count()));
    };
    if ((event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
        if (!connection.receive(go_on_, completed)) {
            ++ended_;
            return watch(EPOLL_CTL_DEL, connection, 0);
        }
    } else {
        connection.flush();
    }
    if (connection.blocked() != was_blocked) {
        watch(EPOLL_CTL_MOD, connection, connection.blocked() ? EPOLLIN | EPOLLOUT : EPOLLIN);
    }
}

void Load::watch(int action, Connection& connection, std::uint32_t events) {
    ::epoll_event event{};
    event.events = events;
    event.data.ptr = &connection;
    if (::epoll_ctl(epoll_, action, connection.descriptor(), &event) != 0) {
        throw LoadError(std::string("epoll_ctl: ") + std::strerror(errno));
    }
}

}  // namespace

LoadResult run_load(const LoadOptions& options) { return Load(options).run(); }

}  // namespace drydock::bench
