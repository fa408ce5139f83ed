// Broken rules end the program with their sentence. (The simulator reports them as the run's
// failure; under Wine each death would cost seconds. So this is for epoll alone.)
#include <memory>

#include "tests/conformance/suite.hpp"

namespace drydock::conformance {

DRYDOCK_CONFORMANCE_SUITE(Misuse, backends_with_threads());

namespace {

class MisuseOf {
public:
    explicit MisuseOf(Connection connection) : connection_(std::move(connection)) {}

    AsyncSocket& socket() { return **connection_.client; }

    void receive_twice() {
        connection_.client->start_receive(16);
        TestOperation second;
        socket().receive(second, {});
    }

    void send_twice() {
        const std::string piece = pattern(1 << 20);
        const ConstBuffer buffer{std::string_view(piece)};
        for (;;) {
            TestOperation sending;
            socket().send(sending, {&buffer, 1});
        }
    }

    void send_after_shutdown() {
        socket().shutdown_send();
        connection_.client->start_send("too late");
    }

    void destroy_while_receiving() {
        connection_.client->start_receive(16);
        const std::unique_ptr<AsyncSocket> gone(&socket());
    }

private:
    Connection connection_;
};

}  // namespace

TEST_P(Misuse, a_second_receive_in_flight) {
    EXPECT_DEATH(MisuseOf(connect()).receive_twice(), "second receive.*receive started at");
}

TEST_P(Misuse, a_second_send_in_flight) {
    EXPECT_DEATH(MisuseOf(connect()).send_twice(), "second send|destroyed while it was still");
}

TEST_P(Misuse, a_send_after_the_half_close) {
    EXPECT_DEATH(MisuseOf(connect()).send_after_shutdown(), "after shutdown_send");
}

TEST_P(Misuse, a_socket_destroyed_with_a_receive_in_flight) {
    EXPECT_DEATH(MisuseOf(connect()).destroy_while_receiving(),
                 "socket was destroyed with an operation in flight.*receive started at");
}

TEST_P(Misuse, a_listener_destroyed_with_an_accept_in_flight) {
    const auto destroy = [this] {
        ListenResult listening = queue().listen(Endpoint::loopback(0), ListenOptions{});
        TestSocketOperation accepting;
        listening.listener->accept(accepting);
        listening.listener.reset();
    };
    EXPECT_DEATH(destroy(), "listener was destroyed with an accept in flight");
}

TEST_P(Misuse, an_operation_started_again_in_flight) {
    const auto start_twice = [this] {
        TestOperation timer;
        queue().start_timer(timer, never);
        queue().start_timer(timer, never);
    };
    EXPECT_DEATH(start_twice(), "started again while it was still in flight.*timer started at");
}

TEST_P(Misuse, an_operation_destroyed_in_flight) {
    const auto destroy = [this] {
        auto timer = std::make_unique<TestOperation>();
        queue().start_timer(*timer, never);
        timer.reset();
    };
    EXPECT_DEATH(destroy(), "an operation was destroyed while it was still in flight");
}

}  // namespace drydock::conformance
