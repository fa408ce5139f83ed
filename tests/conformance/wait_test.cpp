// wait() and post(): deadlines, batches, exactly once.
#include <algorithm>
#include <array>
#include <deque>

#include "tests/conformance/suite.hpp"

namespace drydock::conformance {

DRYDOCK_CONFORMANCE_SUITE(Wait, backends());

TEST_P(Wait, with_a_deadline_in_the_past_polls) {
    if (GetParam().completes_late) {
        GTEST_SKIP() << "time stands still while a test polls, and what is late never comes";
    }
    std::array<Completion, 4> batch;
    for (const Time deadline : {Time(), Time::min()}) {
        EXPECT_EQ(queue().wait(batch, std::min(deadline, queue().now())), 0u)
            << "nothing was started, so nothing can have completed";
    }
    TestOperation posted;
    queue().post(posted);
    std::size_t count = 0;
    const bool came = driver().run_until([&] {
        if (posted.in_flight()) {
            count += queue().wait(batch, queue().now());
        }
        if (count > 0) {
            batch[0].operation->complete(batch[0].result);
        }
        return count > 0;
    });
    EXPECT_TRUE(came) << "polling never gave the completion";
    EXPECT_EQ(posted.completions(), 1);
}

TEST_P(Wait, gives_nothing_at_its_deadline_and_not_before) {
    std::array<Completion, 4> batch;
    for (const Duration span : {Duration(100us), Duration(20ms)}) {
        const Time deadline = later(queue().now(), span);
        EXPECT_EQ(queue().wait(batch, deadline), 0u);
        EXPECT_GE(queue().now(), deadline) << "wait() gave up before its deadline";
    }
}

TEST_P(Wait, hands_out_no_more_than_was_asked_for_and_keeps_the_rest) {
    std::deque<TestOperation> posted(10);
    for (TestOperation& operation : posted) {
        queue().post(operation);
    }
    std::array<Completion, 1> one;
    for (std::size_t i = 0; i < posted.size(); ++i) {
        ASSERT_EQ(queue().wait(one, later(queue().now(), patience)), 1u)
            << "completion " << i << " of 10 posts did not come out of a batch of 1";
        one[0].operation->complete(one[0].result);
    }
    for (const TestOperation& operation : posted) {
        EXPECT_EQ(operation.completions(), 1);
    }
    EXPECT_EQ(queue().wait(one, later(queue().now(), 1ms)), 0u) << "a completion came twice";
}

TEST_P(Wait, gives_each_post_its_completion_ok) {
    TestOperation posted;
    for (int i = 1; i <= 100; ++i) {
        queue().post(posted);
        ASSERT_TRUE(driver().finish(posted));
        EXPECT_EQ(posted.completions(), i);
        EXPECT_EQ(posted.result().error, Error::ok);
        EXPECT_EQ(posted.result().bytes, 0u);
    }
}

// A peer that answers at once, so that there is always something ready: others get their turn.
TEST_P(Wait, serves_all_connections_when_some_are_always_busy) {
    const auto listener = listen();
    ASSERT_NE(listener, nullptr);
    Connection busy = connect(*listener);
    Connection quiet = connect(*listener);
    ASSERT_TRUE(busy.client && quiet.client);
    quiet.server->start_receive(16);
    int rounds = 0;
    const auto keep_busy = [&] {
        for (TestSocket* end : {busy.client.get(), busy.server.get()}) {
            if (!end->sending().in_flight()) {
                end->start_send("b");  // one byte is never sent in part
            }
            if (!end->receiving().in_flight()) {
                end->start_receive(64);
            }
        }
        if (++rounds == 50) {
            quiet.client->start_send("m");
        }
        return rounds > 50 && !quiet.server->receiving().in_flight();
    };
    EXPECT_TRUE(driver().run_until(keep_busy)) << "the quiet connection was never served";
    driver().finish(quiet.client->sending());
}

}  // namespace drydock::conformance
