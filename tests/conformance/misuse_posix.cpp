// Broken rules end the program with their sentence, on every real backend of this system. (The
// simulator's are tested in tests/sim. GoogleTest's death tests do not work under Wine, so those of
// the Windows backends are in tests/e2e_windows.)
//
// What real queues do not look for, as it would cost too much or cannot be known: buffers that are
// touched in flight, the rest of a short send, receives after the end, what was leaked, and a
// monitor held across a co_await, which is a deadlock there.
#include <memory>
#include <string>

#include <gmock/gmock.h>

#include <drydock/async_queue.hpp>
#include <drydock/task_group.hpp>

#include "tests/conformance/suite.hpp"

namespace drydock::conformance {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;

class MisuseOf {
public:
    explicit MisuseOf(Connection connection) : connection_(std::move(connection)) {}

    AsyncSocket& socket() { return **connection_.client; }

    void receive_twice() {
        connection_.client->start_receive(16);
        TestOperation second;
        socket().receive(second, {});
    }

    void try_to_receive_while_receiving() {
        connection_.client->start_receive(16);
        socket().try_receive({});
    }

    void send_twice() {
        fill();
        TestOperation second;
        socket().send(second, {});
    }

    void send_after_shutdown() {
        socket().shutdown_send();
        connection_.client->start_send("too late");
    }

    void shut_down_while_sending() {
        fill();
        socket().shutdown_send();
    }

    void destroy_while_receiving() {
        connection_.client->start_receive(16);
        const std::unique_ptr<AsyncSocket> gone(&socket());
    }

    void destroy_while_sending() {
        fill();
        const std::unique_ptr<AsyncSocket> gone(&socket());
    }

    void destroy_before_the_completion_came_out() {
        connection_.client->start_send("text");
        const std::unique_ptr<AsyncSocket> gone(&socket());
    }

private:
    /// A send that is in flight: until wait() hands its completion out, at least.
    void fill() { connection_.client->start_send(pattern(1 << 20)); }

    Connection connection_;
};

/// The rule's whole sentence, what was started, and the file and line of that.
auto tells(Rule rule, const std::string& kind) {
    const std::string file = kind + " started at .*tests/conformance/[a-z_]+.[ch]pp:[0-9]+";
    return AllOf(HasSubstr("drydock: " + std::string(sentence(rule))), ContainsRegex(file));
}

/// The same of a rule that is about an object.
auto tells_where(Rule rule) {
    const std::string file = ".tests/conformance/misuse_posix.cpp:[0-9]+";
    return AllOf(HasSubstr("drydock: " + std::string(sentence(rule))), ContainsRegex(file));
}

}  // namespace

DRYDOCK_CONFORMANCE_SUITE(MisuseDeathTest, backends_with_threads());

TEST_P(MisuseDeathTest, a_second_receive_in_flight) {
    EXPECT_DEATH(MisuseOf(connect()).receive_twice(), tells(Rule::second_receive, "receive"));
}

TEST_P(MisuseDeathTest, a_try_receive_with_a_receive_in_flight) {
    EXPECT_DEATH(MisuseOf(connect()).try_to_receive_while_receiving(),
                 tells(Rule::second_receive, "receive"));
}

TEST_P(MisuseDeathTest, a_second_send_in_flight) {
    EXPECT_DEATH(MisuseOf(connect()).send_twice(), tells(Rule::second_send, "send"));
}

TEST_P(MisuseDeathTest, a_send_after_the_half_close) {
    EXPECT_DEATH(MisuseOf(connect()).send_after_shutdown(),
                 tells(Rule::send_after_shutdown, "send"));
}

TEST_P(MisuseDeathTest, a_half_close_with_a_send_in_flight) {
    EXPECT_DEATH(MisuseOf(connect()).shut_down_while_sending(),
                 tells(Rule::send_after_shutdown, "send"));
}

TEST_P(MisuseDeathTest, a_socket_destroyed_with_a_receive_in_flight) {
    EXPECT_DEATH(MisuseOf(connect()).destroy_while_receiving(),
                 tells(Rule::socket_destroyed_in_flight, "receive"));
}

TEST_P(MisuseDeathTest, a_socket_destroyed_with_a_send_in_flight) {
    EXPECT_DEATH(MisuseOf(connect()).destroy_while_sending(),
                 tells(Rule::socket_destroyed_in_flight, "send"));
}

TEST_P(MisuseDeathTest, a_socket_destroyed_with_a_completion_that_has_not_come_out) {
    EXPECT_DEATH(MisuseOf(connect()).destroy_before_the_completion_came_out(),
                 tells(Rule::socket_destroyed_in_flight, "send"));
}

TEST_P(MisuseDeathTest, a_listener_destroyed_with_an_accept_in_flight) {
    const auto destroy = [this] {
        ListenResult listening = queue().listen(Endpoint::loopback(0), ListenOptions{});
        TestSocketOperation accepting;
        listening.listener->accept(accepting);
        listening.listener.reset();
    };
    EXPECT_DEATH(destroy(), tells(Rule::listener_destroyed_in_flight, "accept"));
}

TEST_P(MisuseDeathTest, an_operation_started_again_in_flight) {
    const auto start_twice = [this] {
        TestOperation timer;
        queue().start_timer(timer, never);
        queue().start_timer(timer, never);
    };
    EXPECT_DEATH(start_twice(), tells(Rule::operation_reused_in_flight, "timer"));
}

TEST_P(MisuseDeathTest, an_operation_destroyed_in_flight) {
    const auto destroy = [this] {
        auto timer = std::make_unique<TestOperation>();
        queue().start_timer(*timer, never);
        timer.reset();
    };
    EXPECT_DEATH(destroy(), tells(Rule::operation_destroyed_in_flight, "timer"));
}

TEST_P(MisuseDeathTest, a_provided_buffer_that_outlives_the_queue) {
    const auto keep = [this] {
        ProvidedBuffer kept;
        {
            Connection connection = connect();
            TestReceive receiving;
            (*connection.client)->receive(receiving, 4);
            connection.server->send_all("text");
            driver().finish(receiving);
            kept = receiving.take_buffer();
        }
        end_queue();
    };
    EXPECT_DEATH(keep(), "drydock: " + std::string(sentence(Rule::provided_buffer_kept)));
}

TEST_P(MisuseDeathTest, a_task_group_that_ends_before_its_children) {
    const auto leave = [this] {
        TaskGroup group(queue());
        group.spawn([]() -> Task<void> { co_return; }());
    };
    EXPECT_DEATH(leave(), tells_where(Rule::task_group_not_joined));
}

TEST_P(MisuseDeathTest, a_queue_that_nobody_empties) {
    const auto push = [this](std::size_t count) {
        AsyncQueue<std::size_t> values(queue());
        for (std::size_t i = 0; i < count; ++i) values.push(i);
    };
    constexpr std::size_t bound = AsyncQueue<std::size_t>::default_bound;
    push(bound);  // as many as may wait
    EXPECT_DEATH(push(bound + 1), tells_where(Rule::queue_unbounded));
}

}  // namespace drydock::conformance
