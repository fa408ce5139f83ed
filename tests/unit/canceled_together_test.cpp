// server::CanceledTogether: what a service waits for besides its socket is canceled with it.
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include <drydock/server.hpp>
#include <drydock/timer.hpp>

#include "tests/support/driven_queue.hpp"

namespace drydock {
namespace {

using namespace std::chrono_literals;

/// Waits for timers alone, so that a cancel of its socket is not noticed.
class TimerService final : public server::Service {
public:
    TimerService(CompletionQueue& queue, Duration before) : queue_(queue), before_(before) {}

    Task<server::Ending> serve(server::Connection& connection) override {
        Timer uncancelable(queue_);
        co_await uncancelable.after(before_);
        Timer outer(queue_);
        Timer inner(queue_);
        const server::CanceledTogether with_outer(connection, outer);
        {
            const server::CanceledTogether with_inner(connection, inner);
            inner_elapsed = co_await inner.after(30min);
        }
        outer_elapsed = co_await outer.after(30min);
        co_return server::Ending::dropped;
    }

    bool inner_elapsed = true;
    bool outer_elapsed = true;

private:
    CompletionQueue& queue_;
    const Duration before_;
};

class CanceledTogether : public testing::Test {
protected:
    /// A client that connects and waits. Gives how long its connection lasted.
    Duration time_of_visit(server::Service& service, const server::Options& options,
                           Duration stop_after) {
        CompletionQueue& queue = driven_.queue();
        ListenResult listening = queue.listen(Endpoint::loopback(0), {});
        const Endpoint endpoint = listening.listener->local_endpoint();
        NullLog log;
        server::Server server(queue, std::move(listening.listener), options, service, log);
        driven_.spawn(server.run());
        Duration lasted{0};
        driven_.spawn([&]() -> Task<void> {
            const Time begin = queue.now();
            SocketResult connected = co_await connect(queue, endpoint);
            co_await receive(*connected.socket, 1);
            lasted = queue.now() - begin;
            server.request_stop();
        });
        driven_.spawn([&]() -> Task<void> {
            Timer timer(queue);
            co_await timer.after(stop_after);
            server.request_stop();
        });
        EXPECT_TRUE(driven_.finish());
        return lasted;
    }

    test::DrivenQueue driven_{{}, 1};
};

TEST_F(CanceledTogether, TheIdleTimeoutCancelsWhatAServiceWaitsFor) {
    TimerService service(driven_.queue(), 0s);
    EXPECT_LT(time_of_visit(service, {.idle_timeout = 1s}, 10min), 2s);
    EXPECT_FALSE(service.inner_elapsed);
    EXPECT_FALSE(service.outer_elapsed);
}

TEST_F(CanceledTogether, TheEndOfTheGraceCancelsWhatAServiceWaitsFor) {
    TimerService service(driven_.queue(), 0s);
    EXPECT_EQ(time_of_visit(service, {.grace = 3s}, 1s), 4s);
    EXPECT_FALSE(service.inner_elapsed);
    EXPECT_FALSE(service.outer_elapsed);
}

TEST_F(CanceledTogether, ATargetThatComesAfterTheCancelIsCanceledAtOnce) {
    TimerService service(driven_.queue(), 10s);
    EXPECT_EQ(time_of_visit(service, {.grace = 3s}, 1s), 10s);
    EXPECT_FALSE(service.inner_elapsed);
    EXPECT_FALSE(service.outer_elapsed);
}

}  // namespace
}  // namespace drydock
