// Ending::finished: a service ends a connection, and the client gets the last answer all the same.
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include <drydock/server.hpp>

#include "tests/support/driven_queue.hpp"

namespace drydock {
namespace {

using namespace std::chrono_literals;

/// Answers the first bytes of a client by "bye", and ends.
class SaysGoodbye final : public server::Service {
public:
    Task<server::Ending> serve(server::Connection& connection) override {
        const ReceiveResult received = co_await receive(connection.socket(), 1);
        if (!received.ok()) co_return server::Ending::failure;
        const Result sent = co_await send_all(connection.socket(), "bye");
        co_return sent.ok() ? server::Ending::finished : connection.cut(sent.error);
    }
};

class FinishedConnection : public testing::Test {
protected:
    // A reset destroys what has arrived and was not received.
    FinishedConnection() : driven_(sim::FaultSet().with(sim::Fault::reset_discards)) {
        ListenResult listening = driven_.queue().listen(Endpoint::loopback(0), {});
        endpoint_ = listening.listener->local_endpoint();
        server_ = std::make_unique<server::Server>(driven_.queue(), std::move(listening.listener),
                                                   server::Options{}, service_, log_);
        driven_.spawn(server_->run());
    }

    /// Sends more than the service receives, and after the pause more again. Only then it receives.
    Task<void> visit(Duration pause) {
        SocketResult connected = co_await connect(driven_.queue(), endpoint_);
        co_await send_all(*connected.socket, "a command, and more of them");
        Timer timer(driven_.queue());
        co_await timer.after(pause);
        co_await send_all(*connected.socket, "and more");
        co_await timer.after(1ms);
        for (;;) {
            const ReceiveResult received = co_await receive(*connected.socket, 100);
            error_ = received.error;
            if (!received.ok() || received.end_of_stream()) break;
            answer_ += as_text(received.bytes());
        }
    }

    test::DrivenQueue driven_;
    SaysGoodbye service_;
    NullLog log_;
    std::unique_ptr<server::Server> server_;
    Endpoint endpoint_;
    std::string answer_;
    Error error_ = Error::ok;
};

TEST_F(FinishedConnection, GetsTheLastAnswerThoughTheServerHasNotReceivedEverything) {
    driven_.spawn([this]() -> Task<void> {
        co_await visit(100ms);
        server_->request_stop();
    });
    ASSERT_TRUE(driven_.finish());
    EXPECT_EQ(answer_, "bye");
    EXPECT_EQ(error_, Error::ok);
    EXPECT_EQ(server_->stats().dropped, 1U);
}

TEST_F(FinishedConnection, GetsItWhenTheServerStopsMeanwhile) {
    driven_.spawn(visit(100ms));
    driven_.spawn([this]() -> Task<void> {
        Timer timer(driven_.queue());
        co_await timer.after(50ms);
        server_->request_stop();
    });
    ASSERT_TRUE(driven_.finish());
    EXPECT_EQ(answer_, "bye");
    EXPECT_EQ(error_, Error::ok);
}

TEST_F(FinishedConnection, IsClosedWhenTheClientDoesNotCloseInTime) {
    driven_.spawn([this]() -> Task<void> {
        SocketResult connected = co_await connect(driven_.queue(), endpoint_);
        co_await send_all(*connected.socket, "x");
        Timer timer(driven_.queue());
        co_await timer.after(server::Options{}.linger + 1ms);
        co_await send_all(*connected.socket, "more");
        co_await timer.after(1ms);
        const Result sent = co_await send_all(*connected.socket, "and more");
        error_ = sent.error;
        server_->request_stop();
    });
    ASSERT_TRUE(driven_.finish());
    EXPECT_NE(error_, Error::ok) << "the server has closed its socket";
}

}  // namespace
}  // namespace drydock
