// New connections to an echo server, one at a time. Each connects, sends one message, receives it
// back and half-closes; after the server's end of stream the next one starts.
#include "bench/fresh_run.hpp"

#include <algorithm>

#include "bench/load_connection.hpp"

namespace drydock::bench {
namespace {

constexpr auto patience = std::chrono::seconds(10);

/// The newcomers do not come in step with the server: one that looks for them in intervals would
/// be met each time at the same point of one. All points of a tenth of a second are met alike.
class Pause {
public:
    Clock::duration next() noexcept {
        constexpr std::int64_t whole = 100'000;       // microseconds
        constexpr std::int64_t golden_part = 61'803;  // no two of many are close to each other
        at_ = (at_ + golden_part) % whole;
        return std::chrono::microseconds(at_);
    }

private:
    std::int64_t at_ = 0;
};

class FreshLoad {
public:
    explicit FreshLoad(const LoadOptions& options) : options_(options) {}

    LoadResult run() {
        go_on_until(Clock::now() + options_.warm_up);
        LoadResult result;
        latency_ = Histogram();
        const Observation observation(options_);
        go_on_until(observation.start() + options_.window);
        result.window = observation.end();
        result.latency = latency_;
        result.messages = latency_.count();
        return result;
    }

private:
    void go_on_until(Clock::time_point end);
    void serve_one();

    const LoadOptions options_;
    const Pattern pattern_;
    Poller poller_;
    Pause pause_;
    std::uint64_t place_ = 0;
    Histogram latency_;
};

/// At least one.
void FreshLoad::go_on_until(Clock::time_point end) {
    do {
        const Clock::time_point next = Clock::now() + pause_.next();
        while (Clock::now() < next) poller_.wait(next);
        serve_one();
    } while (Clock::now() < end);
}

void FreshLoad::serve_one() {
    const Clock::time_point start = Clock::now();
    Connection connection(options_.server, pattern_, place_, options_.size, 1);
    place_ += options_.size;
    poller_.watch(EPOLL_CTL_ADD, connection.descriptor(), EPOLLIN, nullptr);
    connection.start(1, start);
    const auto completed = [&](Clock::duration latency) {
        latency_.add(static_cast<std::uint64_t>(latency.count()));
        connection.shutdown_send();
    };
    bool ended = false;
    while (!ended) {
        if (Clock::now() >= start + patience) {
            throw LoadError("a new connection was not echoed, or not ended");
        }
        if (!poller_.wait(start + patience).empty()) {
            ended = !connection.receive(false, completed);
        }
    }
}

}  // namespace

LoadResult run_fresh_load(const LoadOptions& options) { return FreshLoad(options).run(); }

}  // namespace drydock::bench
