// A connection that is accepted into another context than its acceptor's.
#include "tests/asio_face/face.hpp"

namespace face_test {
namespace {

class OtherContext : public Face {
protected:
    /// A connection of `other`, whose acceptor is of `context`.
    std::shared_ptr<tcp::socket> accepted_into(net::io_context& other) {
        tcp::acceptor acceptor = listening();
        std::shared_ptr<tcp::socket> accepted;
        Outcome connected;
        acceptor.async_accept(other, [&](error_code, tcp::socket socket) {
            accepted = std::make_shared<tcp::socket>(std::move(socket));
        });
        client.async_connect(acceptor.local_endpoint(), Into(connected));
        run();
        context.restart();
        return accepted;
    }
    /// Runs both contexts until the operation has completed.
    void run_both(net::io_context& other, const Outcome& outcome) {
        const auto busy = net::make_work_guard(context);
        for (int i = 0; i < 1000 && outcome.calls == 0; ++i) {
            context.restart();
            context.run_for(1ms);
            other.restart();
            other.run_for(1ms);
        }
        EXPECT_EQ(outcome.calls, 1);
    }

    tcp::socket client{context};
};
INSTANTIATE_TEST_SUITE_P(face, OtherContext, testing::ValuesIn(implementations()),
                         [](const auto& test) { return test.param; });

/// Starts a read that owns its socket. Gives what tells whether the handler exists.
std::weak_ptr<tcp::socket> read_for_ever(std::shared_ptr<tcp::socket> socket) {
    static char bytes[4];
    tcp::socket& reader = *socket;
    const std::weak_ptr<tcp::socket> watched = socket;
    reader.async_read_some(net::buffer(bytes),
                           [owner = std::move(socket)](error_code, std::size_t) {});
    return watched;
}

TEST_P(OtherContext, its_end_destroys_the_handlers_of_its_connections) {
    auto other = make_context();
    const auto watched = read_for_ever(accepted_into(*other));
    EXPECT_FALSE(watched.expired());
    other.reset();
    EXPECT_TRUE(watched.expired()) << "the operation has outlived the context of its socket";
}

TEST_P(OtherContext, with_a_queue_of_its_own_destroys_the_handlers_of_its_connections) {
    NEEDS_REAL_QUEUE("second queue");
    auto other = make_context_of_its_own();
    const auto watched = read_for_ever(accepted_into(*other));
    EXPECT_FALSE(watched.expired());
    other.reset();
    EXPECT_TRUE(watched.expired()) << "the operation has outlived the context of its socket";
}

TEST_P(OtherContext, outlives_the_context_of_the_acceptor) {
    auto acceptors = make_context();
    auto other = make_context();
    std::weak_ptr<tcp::socket> watched;
    {
        tcp::acceptor acceptor(*acceptors, tcp::endpoint(net::ip::address_v4::loopback(), 0));
        std::shared_ptr<tcp::socket> accepted;
        Outcome connected;
        acceptor.async_accept(*other, [&](error_code, tcp::socket socket) {
            accepted = std::make_shared<tcp::socket>(std::move(socket));
        });
        client.async_connect(acceptor.local_endpoint(), Into(connected));
        run_both(*acceptors, connected);
        ASSERT_TRUE(accepted);
        watched = read_for_ever(std::move(accepted));
    }
    acceptors.reset();
    other->poll();
    other.reset();
    EXPECT_TRUE(watched.expired());
}

TEST_P(OtherContext, a_wait_for_an_error_ends_by_cancel) {
    NEEDS_REAL_QUEUE("second queue");
    const auto other = make_context_of_its_own();
    const auto accepted = accepted_into(*other);
    Outcome waited;
    accepted->async_wait(tcp::socket::wait_error, Into(waited));
    other->poll();
    EXPECT_EQ(waited.calls, 0);
    accepted->cancel();
    run_both(*other, waited);
    EXPECT_EQ(waited.error, net::error::operation_aborted);
}

TEST_P(OtherContext, a_wait_for_an_error_ends_by_close) {
    NEEDS_REAL_QUEUE("second queue");
    const auto other = make_context_of_its_own();
    const auto accepted = accepted_into(*other);
    Outcome waited;
    accepted->async_wait(tcp::socket::wait_error, Into(waited));
    accepted->close();
    run_both(*other, waited);
    EXPECT_EQ(waited.error, net::error::operation_aborted);
}

TEST_P(OtherContext, a_wait_for_room_ends_when_there_is_some) {
    NEEDS_REAL_QUEUE("second queue");
    const auto other = make_context_of_its_own();
    const auto accepted = accepted_into(*other);
    std::vector<char> bytes(fill(*accepted));
    net::read(client, net::buffer(bytes));
    accepted->wait(tcp::socket::wait_write);
    EXPECT_EQ(accepted->write_some(net::buffer("abc", 3)), 3U);
}

TEST_P(OtherContext, gets_its_completions_though_the_context_of_the_acceptor_has_no_work) {
    const auto other = make_context_of_its_own();
    const auto accepted = accepted_into(*other);
    net::write(client, net::buffer("abc", 3));
    until_unread(*accepted, 3);
    char bytes[4];
    Outcome read;
    accepted->async_read_some(net::buffer(bytes), Into(read));
    const auto limit = std::chrono::steady_clock::now() + patience;
    while (read.calls == 0 && std::chrono::steady_clock::now() < limit) {
        EXPECT_EQ(context.poll(), 0U);
        other->restart();
        other->poll();
    }
    EXPECT_EQ(read.bytes, 3U);
    EXPECT_TRUE(context.stopped());
}

}  // namespace
}  // namespace face_test
