// Completion routines run on the thread that made the call, and a thread that ends takes its calls
// with it: so apc promises more than the contract asks of others, namely that it does not matter
// which thread starts an operation.
#include <array>
#include <atomic>
#include <thread>

#include "tests/conformance/suite.hpp"

namespace drydock::conformance {
namespace {

std::vector<Backend> backends_with_one_worker() {
    std::vector<Backend> list = backends_with_threads();
    std::erase_if(list, [](const Backend& backend) { return backend.most_workers != 1; });
    return list;
}

}  // namespace

DRYDOCK_CONFORMANCE_SUITE(OneWorker, backends_with_one_worker());

TEST_P(OneWorker, completes_what_was_started_by_threads_that_have_ended) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    const auto listener = listen();
    ASSERT_NE(listener, nullptr);
    TestConnect connecting(driver());
    TestSocketOperation* accepting = nullptr;
    std::thread([&] {
        connection.server->start_receive(16);
        accepting = &listener->start_accept();
    }).join();
    driver().run_for(glance);
    EXPECT_TRUE(connection.server->receiving().in_flight()) << "nothing was sent yet";
    EXPECT_TRUE(accepting->in_flight()) << "nobody has connected yet";
    std::thread([&] {
        connection.client->start_send("x");
        queue().connect(connecting, (*listener)->local_endpoint());
    }).join();
    ASSERT_TRUE(driver().finish(connection.server->receiving()));
    EXPECT_EQ(connection.server->receiving().result().error, Error::ok);
    EXPECT_EQ(connection.server->received(), "x");
    ASSERT_TRUE(driver().finish(connection.client->sending()));
    ASSERT_TRUE(driver().finish(connecting) && driver().finish(*accepting));
    EXPECT_EQ(connecting.result().error, Error::ok) << name(connecting.result().error);
    EXPECT_EQ(accepting->result().error, Error::ok) << name(accepting->result().error);
}

TEST_P(OneWorker, makes_the_calls_of_other_threads_while_it_sleeps) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    std::atomic<bool> stop{false};
    std::atomic<int> completed{0};
    std::thread worker([&] {
        std::array<Completion, 4> batch;
        while (!stop.load()) {
            const std::size_t count = queue().wait(batch, never);
            for (std::size_t i = 0; i < count; ++i) {
                batch[i].operation->complete(batch[i].result);
                ++completed;
            }
        }
    });
    const Time end = later(queue().now(), patience);
    for (int both = 2; both <= 100 && completed.load() == both - 2; both += 2) {
        std::this_thread::sleep_for(1ms);  // so that it sleeps
        connection.server->start_receive(16);
        connection.client->start_send("x");
        while (completed.load() < both && queue().now() < end) {
            std::this_thread::sleep_for(100us);
        }
    }
    EXPECT_EQ(completed.load(), 100) << "the worker slept on";
    TestOperation posted;
    stop.store(true);
    queue().post(posted);
    worker.join();
    driver().finish(posted);
}

}  // namespace drydock::conformance
