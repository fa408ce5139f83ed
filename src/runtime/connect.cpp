// Happy Eyeballs: attempts that overlap, of which the first to succeed wins.
//
// Each attempt is a task of its own. It has a timer, its head start, which the coroutine that
// starts the attempts sleeps on: it ends when the attempt fails, when the race is decided, or when
// the next address may be tried beside it. A timer of one attempt's own cannot be ended by the late
// failure of an earlier one.
#include <drydock/connect.hpp>

#include <algorithm>
#include <deque>
#include <utility>

#include <drydock/monitor.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

namespace drydock {
namespace {

/// Whether the failure comes from this machine, which found no way to the address: then another
/// address's failure says more about the host.
bool is_local(Error error) noexcept {
    return error == Error::unreachable || error == Error::address_not_available ||
           error == Error::not_supported;
}

class Race {
public:
    Race(CompletionQueue& queue, std::span<const Endpoint> endpoints, const ConnectOptions& options)
        : queue_(queue), options_(options), patience_(queue) {
        for (const Endpoint& endpoint : in_attempt_order(endpoints)) {
            attempts_.emplace_back(queue, endpoint);
        }
    }

    Task<SocketResult> run();

private:
    struct Attempt {
        Attempt(CompletionQueue& queue, const Endpoint& to)
            : endpoint(to), connector(queue), head_start(queue) {}

        Endpoint endpoint;
        Connector connector;
        Timer head_start;
    };

    struct Outcome {
        SocketResult result{Error::unreachable, 0};
        bool decided = false;
    };

    Task<void> start_attempts(TaskGroup& attempts);
    Task<void> make(Attempt& attempt);
    Task<void> give_up_at(Time deadline);
    void decide(Outcome& outcome, SocketResult result) noexcept;

    CompletionQueue& queue_;
    const ConnectOptions options_;
    std::deque<Attempt> attempts_;
    Timer patience_;
    Monitor<Outcome> outcome_;
};

Task<SocketResult> Race::run() {
    TaskGroup attempts(queue_);
    TaskGroup helpers(queue_);
    if (options_.timeout > Duration::zero()) {
        helpers.spawn(give_up_at(later(queue_.now(), options_.timeout)));
    }
    co_await start_attempts(attempts);
    co_await attempts.join();
    patience_.cancel();
    co_await helpers.join();
    co_return std::move(outcome_.unguarded().result);
}

Task<void> Race::start_attempts(TaskGroup& attempts) {
    for (Attempt& attempt : attempts_) {
        attempts.spawn(make(attempt));
        if (&attempt == &attempts_.back()) co_return;
        co_await attempt.head_start.after(options_.attempt_delay);
    }
}

Task<void> Race::make(Attempt& attempt) {
    // The monitor is left before a connection that came too late is closed.
    SocketResult connected = co_await attempt.connector.to(attempt.endpoint);
    auto outcome = co_await outcome_.enter();
    if (connected.ok()) {
        if (!outcome->result.ok()) decide(*outcome, std::move(connected));
    } else if (!outcome->decided) {
        const bool says_less = is_local(connected.error) && !is_local(outcome->result.error);
        if (!says_less) outcome->result = std::move(connected);
        attempt.head_start.cancel();
    }
}

Task<void> Race::give_up_at(Time deadline) {
    const bool came = co_await patience_.until(deadline);
    if (!came) co_return;
    auto outcome = co_await outcome_.enter();
    if (!outcome->decided) decide(*outcome, SocketResult(Error::timed_out, 0));
}

/// Ends the attempts that are under way. Those that are not get their cancel in advance: they take
/// no time and reach nobody.
void Race::decide(Outcome& outcome, SocketResult result) noexcept {
    outcome.result = std::move(result);
    outcome.decided = true;
    for (Attempt& attempt : attempts_) {
        attempt.head_start.cancel();
        attempt.connector.cancel();
    }
}

}  // namespace

std::vector<Endpoint> in_attempt_order(std::span<const Endpoint> endpoints) {
    std::deque<Endpoint> first;
    std::deque<Endpoint> second;
    for (const Endpoint& endpoint : endpoints) {
        std::deque<Endpoint>& family =
            endpoint.family() == endpoints.front().family() ? first : second;
        if (std::ranges::count(family, endpoint) == 0) family.push_back(endpoint);
    }
    std::vector<Endpoint> order;
    while (!first.empty() || !second.empty()) {
        for (std::deque<Endpoint>* family : {&first, &second}) {
            if (family->empty()) continue;
            order.push_back(family->front());
            family->pop_front();
        }
    }
    return order;
}

Task<SocketResult> connect_any(CompletionQueue& queue, std::span<const Endpoint> endpoints,
                               ConnectOptions options) {
    Race race(queue, endpoints, options);
    co_return co_await race.run();
}

}  // namespace drydock
