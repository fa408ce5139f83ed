// The phases of a measurement, and the epoll loop that drives the connections through them.
#include "bench/load_run.hpp"
#include "bench/open_files.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "bench/load_connection.hpp"

namespace drydock::bench {
namespace {

// How long the server may take for its first echo, to give back what is in flight, and to answer
// the half close.
constexpr auto patience = std::chrono::seconds(10);

class Load {
public:
    explicit Load(const LoadOptions& options) : options_(options) {}

    LoadResult run();

private:
    void connect();
    void echo_one();
    void run_until(Clock::time_point end);
    void measure();
    void drain();
    void wait_for_end();
    void take_events(Clock::time_point end);
    void handle(const ::epoll_event& event);
    void watch(int action, Connection& connection, std::uint32_t events);

    const LoadOptions options_;
    const Pattern pattern_;
    Poller poller_;
    std::vector<std::unique_ptr<Connection>> connections_;
    bool go_on_ = false;
    std::size_t ended_ = 0;
    LoadResult result_;
};

LoadResult Load::run() {
    raise_open_file_limit();
    connect();
    go_on_ = true;
    const Clock::time_point start = Clock::now();
    for (const auto& connection : connections_) {
        connection->start(options_.depth, start);
        if (connection->blocked()) watch(EPOLL_CTL_MOD, *connection, EPOLLIN | EPOLLOUT);
    }
    run_until(start + options_.warm_up);
    measure();
    drain();
    wait_for_end();
    return result_;
}

/// After each, a message of the first one goes to the server and back: one that accepts between its
/// messages alone, as the textbook's on completion routines does, would otherwise have its backlog
/// full, and take seconds.
void Load::connect() {
    constexpr std::uint64_t apart = 4099;  // places in the pattern, so that streams differ
    for (std::size_t i = 0; i < options_.connections; ++i) {
        connections_.push_back(std::make_unique<Connection>(options_.server, pattern_, i * apart,
                                                            options_.size, options_.depth));
        watch(EPOLL_CTL_ADD, *connections_.back(), EPOLLIN);
        echo_one();
    }
}

void Load::echo_one() {
    Connection& first = *connections_.front();
    const Clock::time_point start = Clock::now();
    first.start(1, start);
    while (!first.all_back()) {
        if (Clock::now() >= start + patience) throw LoadError("the server echoes nothing");
        take_events(start + patience);
    }
}

void Load::measure() {
    result_.latency = Histogram();
    const Observation observation(options_);
    run_until(observation.start() + options_.window);
    // On a busy machine a server may get no turn within a short window: it is given time for one.
    const Clock::time_point end = observation.start() + patience;
    while (result_.latency.count() == 0 && Clock::now() < end) take_events(end);
    result_.window = observation.end();
    result_.messages = result_.latency.count();
    if (result_.messages == 0) throw LoadError("the server echoes nothing");
}

/// Messages in flight must still come back, though they no longer count.
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
    for (const ::epoll_event& event : poller_.wait(end)) handle(event);
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
    poller_.watch(action, connection.descriptor(), events, &connection);
}

}  // namespace

LoadResult run_load(const LoadOptions& options) { return Load(options).run(); }

}  // namespace drydock::bench
