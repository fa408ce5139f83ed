// Connecting, and canceling it.
#include <algorithm>
#include <deque>
#include <vector>

#include "tests/conformance/suite.hpp"

namespace drydock::conformance {

DRYDOCK_CONFORMANCE_SUITE(Connect, backends());

TEST_P(Connect, gives_one_socket_once) {
    const auto listener = listen();
    ASSERT_NE(listener, nullptr);
    TestConnect connecting(driver());
    queue().connect(connecting, (*listener)->local_endpoint());
    ASSERT_TRUE(driver().finish(connecting));
    ASSERT_TRUE(connecting.result().ok()) << name(connecting.result().error);
    const std::unique_ptr<AsyncSocket> socket = connecting.take_socket();
    ASSERT_NE(socket, nullptr);
    EXPECT_EQ(connecting.take_socket(), nullptr) << "the socket can be taken once";
    EXPECT_EQ(socket->peer_endpoint(), (*listener)->local_endpoint());
    driver().run_for(glance);
    EXPECT_EQ(connecting.completions(), 1);
}

TEST_P(Connect, is_refused_where_nobody_listens) {
    auto listener = listen();
    ASSERT_NE(listener, nullptr);
    const Endpoint nobody = (*listener)->local_endpoint();
    listener->close();
    TestConnect connecting(driver());
    queue().connect(connecting, nobody);
    ASSERT_TRUE(driver().finish(connecting));
    EXPECT_EQ(connecting.result().error, Error::refused) << name(connecting.result().error);
    EXPECT_EQ(connecting.take_socket(), nullptr) << "a failed connect has no socket";
}

TEST_P(Connect, can_be_started_again_with_the_same_operation) {
    const auto listener = listen();
    ASSERT_NE(listener, nullptr);
    TestConnect connecting(driver());
    for (int i = 1; i <= 3; ++i) {
        queue().connect(connecting, (*listener)->local_endpoint());
        ASSERT_TRUE(driver().finish(connecting));
        EXPECT_EQ(connecting.completions(), i);
        EXPECT_NE(connecting.take_socket(), nullptr);
    }
}

// More at once than some systems let a thread wait for events (Windows: 64).
TEST_P(Connect, by_the_hundred_at_the_same_time_all_complete) {
    std::vector<std::unique_ptr<TestListener>> listeners;
    for (int i = 0; i < 3; ++i) {
        listeners.push_back(listen());
        ASSERT_NE(listeners.back(), nullptr);
    }
    std::deque<TestConnect> connects;
    std::vector<const TestSocketOperation*> all;
    for (std::size_t i = 0; i < 100; ++i) {
        TestListener& listener = *listeners[i % listeners.size()];
        all.push_back(&listener.start_accept());
        all.push_back(&connects.emplace_back(driver()));
        queue().connect(connects.back(), listener->local_endpoint());
    }
    const auto is_complete = [](const TestSocketOperation* one) { return one->completions() == 1; };
    EXPECT_TRUE(driver().run_until([&] { return std::ranges::all_of(all, is_complete); }))
        << std::ranges::count_if(all, is_complete) << " of 200 have completed";
    for (const TestSocketOperation* one : all) {
        EXPECT_EQ(one->result().error, Error::ok) << name(one->result().error);
    }
}

TEST_P(Connect, that_is_canceled_before_it_starts_completes_as_canceled_once) {
    const auto listener = listen();
    ASSERT_NE(listener, nullptr);
    TestConnect connecting(driver());
    queue().cancel(connecting);
    queue().connect(connecting, (*listener)->local_endpoint());
    ASSERT_TRUE(driver().finish(connecting));
    EXPECT_EQ(connecting.result().error, Error::canceled) << name(connecting.result().error);
    queue().connect(connecting, (*listener)->local_endpoint());
    ASSERT_TRUE(driver().finish(connecting));
    EXPECT_EQ(connecting.result().error, Error::ok) << "one cancel is for one start";
}

// Permitted: the connect may win. Then the cancel is for the next start.
TEST_P(Connect, that_is_canceled_in_flight_completes_once_and_loses_no_cancel) {
    const auto listener = listen();
    ASSERT_NE(listener, nullptr);
    for (int round = 0; round < 10; ++round) {
        TestConnect connecting(driver());
        queue().connect(connecting, (*listener)->local_endpoint());
        queue().cancel(connecting);
        ASSERT_TRUE(driver().finish(connecting)) << "a canceled connect never completed";
        EXPECT_EQ(connecting.completions(), 1);
        if (connecting.result().error == Error::canceled) {
            EXPECT_EQ(connecting.take_socket(), nullptr) << "a canceled connect has no socket";
            continue;
        }
        ASSERT_TRUE(connecting.result().ok()) << name(connecting.result().error);
        connecting.take_socket().reset();
        queue().connect(connecting, (*listener)->local_endpoint());
        ASSERT_TRUE(driver().finish(connecting));
        EXPECT_EQ(connecting.result().error, Error::canceled)
            << "the cancel that lost the race was for the next start";
    }
}

// Permitted difference: what happens to connects that the backlog has no room for: Linux lets them
// wait, Windows refuses them. Those that wait can be canceled.
TEST_P(Connect, to_a_listener_without_room_can_be_canceled) {
    const auto listener = listen(1);
    ASSERT_NE(listener, nullptr);
    std::vector<std::unique_ptr<TestConnect>> connects;
    for (int i = 0; i < 8; ++i) {
        connects.push_back(std::make_unique<TestConnect>(driver()));
        queue().connect(*connects.back(), (*listener)->local_endpoint());
    }
    driver().run_for(3 * glance);
    for (const auto& connecting : connects) {
        const bool waited = connecting->in_flight();
        if (waited) {
            queue().cancel(*connecting);
        }
        ASSERT_TRUE(driver().finish(*connecting));
        const Error error = connecting->result().error;
        EXPECT_TRUE(error == Error::ok || error == Error::refused ||
                    (waited && error == Error::canceled))
            << name(error);
    }
}

}  // namespace drydock::conformance
