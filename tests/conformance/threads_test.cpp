// Several threads in wait(), or as many as the backend takes, and others that post, start and
// cancel: only backends that have threads.
#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/conformance/suite.hpp"
#include "tests/support/scale.hpp"

namespace drydock::conformance {

DRYDOCK_CONFORMANCE_SUITE(Threads, backends_with_threads());

namespace {

/// An operation whose completions any thread may count. Base is Operation or one of its kinds.
template <typename Base>
class Shared : public Base {
public:
    Shared() noexcept : Base(&Shared::completed) {}
    int completions() const noexcept { return completions_.load(); }
    Error error() const noexcept { return error_.load(); }

    /// Waits, in a thread that does not drive the queue. False: `patience` has passed.
    bool await(int count = 1) const {
        const auto end = std::chrono::steady_clock::now() + patience;
        while (completions() < count) {
            if (std::chrono::steady_clock::now() > end) {
                return false;
            }
            std::this_thread::sleep_for(100us);
        }
        return true;
    }

private:
    static void completed(Operation& operation, const Result& result) noexcept {
        auto& self = static_cast<Shared&>(operation);
        self.error_.store(result.error);
        self.completions_.fetch_add(1);
    }
    std::atomic<Error> error_{Error::ok};
    std::atomic<int> completions_{0};
};

using SharedOperation = Shared<Operation>;
using SharedSocketOperation = Shared<SocketOperation>;

/// Threads that wait without a deadline, until it is destroyed; fewer where the backend takes no
/// more.
class Pool {
public:
    Pool(CompletionQueue& queue, const Backend& backend, unsigned wanted)
        : Pool(queue, std::min(wanted, backend.most_workers)) {}
    Pool(CompletionQueue& queue, unsigned count) : queue_(queue), stops_(count + 1) {
        for (unsigned i = 0; i < count; ++i) {
            threads_.emplace_back([this, i] { work(stops_[i]); });
        }
    }
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;
    ~Pool() {
        stopping_.store(true);
        queue_.post(stops_.back());
        for (std::thread& thread : threads_) {
            thread.join();
        }
        std::array<Completion, 8> rest;
        while (const std::size_t count = queue_.wait(rest, Time::min())) {
            complete(std::span(rest).first(count));
        }
    }

private:
    static void complete(std::span<const Completion> batch) noexcept {
        for (const Completion& completion : batch) {
            completion.operation->complete(completion.result);
        }
    }

    void work(SharedOperation& stop_for_the_next) {
        std::array<Completion, 8> batch;
        while (!stopping_.load()) {
            complete(std::span(batch).first(queue_.wait(batch, never)));
        }
        queue_.post(stop_for_the_next);
    }

    CompletionQueue& queue_;
    std::atomic<bool> stopping_{false};
    std::deque<SharedOperation> stops_;
    std::vector<std::thread> threads_;
};

/// One thread tells another that it may go on.
class Gate {
public:
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    void pass() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return open_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
};

}  // namespace

TEST_P(Threads, a_post_wakes_a_worker_that_waits_without_deadline) {
    const Pool pool(queue(), GetParam(), 1);
    SharedOperation posted;
    for (int i = 1; i <= test::scaled(300); ++i) {
        queue().post(posted);
        ASSERT_TRUE(posted.await(i)) << "post " << i << " did not wake the worker";
    }
}

TEST_P(Threads, posts_from_many_threads_complete_exactly_once_each) {
    constexpr int posters = 4;
    const int count = test::scaled(2000);
    std::vector<std::deque<SharedOperation>> operations;
    for (int i = 0; i < posters; ++i) {
        operations.emplace_back(static_cast<std::size_t>(count));
    }
    {
        const Pool pool(queue(), GetParam(), 4);
        std::vector<std::thread> threads;
        for (std::deque<SharedOperation>& own : operations) {
            threads.emplace_back([&own, this] {
                for (SharedOperation& operation : own) {
                    queue().post(operation);
                }
            });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        for (const std::deque<SharedOperation>& own : operations) {
            for (const SharedOperation& operation : own) {
                ASSERT_TRUE(operation.await()) << "a post was lost";
            }
        }
    }
    for (const std::deque<SharedOperation>& own : operations) {
        for (const SharedOperation& operation : own) {
            ASSERT_EQ(operation.completions(), 1) << "a post completed more than once";
        }
    }
}

TEST_P(Threads, a_timer_started_elsewhere_is_seen_by_a_worker_that_sleeps) {
    const Pool pool(queue(), GetParam(), 2);
    for (int i = 0; i < test::scaled(50); ++i) {
        SharedOperation timer;
        queue().start_timer(timer, later(queue().now(), 1ms));
        ASSERT_TRUE(timer.await()) << "the sleeping workers did not notice the timer";
        EXPECT_EQ(timer.error(), Error::ok);
    }
}

TEST_P(Threads, a_timer_earlier_than_all_others_is_not_late) {
    const Pool pool(queue(), GetParam(), 2);
    SharedOperation late;
    SharedOperation soon;
    queue().start_timer(late, later(queue().now(), 10 * patience));
    std::this_thread::sleep_for(5ms);
    queue().start_timer(soon, later(queue().now(), 1ms));
    EXPECT_TRUE(soon.await()) << "the workers slept for the later timer";
    queue().cancel(late);
    ASSERT_TRUE(late.await());
    EXPECT_EQ(late.error(), Error::canceled);
}

TEST_P(Threads, a_cancel_from_elsewhere_ends_exactly_one_start_of_a_timer) {
    const Pool pool(queue(), GetParam(), 2);
    SharedOperation timer;
    for (int i = 1; i <= test::scaled(500); ++i) {
        std::thread canceler([&] { queue().cancel(timer); });
        queue().start_timer(timer, never);
        ASSERT_TRUE(timer.await(i)) << "the cancel was lost";
        EXPECT_EQ(timer.error(), Error::canceled);
        canceler.join();
    }
}

TEST_P(Threads, a_cancel_from_elsewhere_ends_a_pending_receive) {
    for (int i = 0; i < test::scaled(100); ++i) {
        Connection connection = connect();
        ASSERT_NE(connection.client, nullptr);
        SharedOperation receiving;
        std::array<std::byte, 4> buffer;
        {
            const Pool pool(queue(), GetParam(), 2);
            std::thread canceler([&] { (*connection.client)->cancel(); });
            (*connection.client)->receive(receiving, buffer);
            EXPECT_TRUE(receiving.await());
            canceler.join();
        }
        EXPECT_EQ(receiving.completions(), 1);
        EXPECT_EQ(receiving.error(), Error::canceled);
    }
}

// What a worker has started and not fetched is not its own: another worker gets it.
TEST_P(Threads, a_worker_that_ends_leaves_its_completions_to_others) {
    std::deque<TestOperation> posted(10);
    std::thread worker([&] {
        std::array<Completion, 1> batch;
        queue().wait(batch, Time::min());
        for (TestOperation& operation : posted) {
            queue().post(operation);
        }
    });
    worker.join();
    for (const TestOperation& operation : posted) {
        ASSERT_TRUE(driver().finish(operation)) << "a completion went away with its thread";
    }
}

// The same of what has not completed yet: what the thread started goes on without it.
TEST_P(Threads, a_worker_that_ends_leaves_what_it_started_to_others) {
    if (GetParam().most_workers < 2) {
        GTEST_SKIP() << "where one worker is all, it stays until all that it started is drained";
    }
    const auto listener = listen();
    ASSERT_NE(listener, nullptr);
    Connection connection = connect(*listener);
    ASSERT_NE(connection.client, nullptr);
    TestSocketOperation* accepting = nullptr;
    std::thread worker([&] {
        std::array<Completion, 1> batch;
        queue().wait(batch, Time::min());
        connection.server->start_receive(16);
        accepting = &listener->start_accept();
        queue().wait(batch, later(queue().now(), 5ms));  // the system knows of them now
    });
    worker.join();
    ASSERT_EQ(connection.client->send_all("hello").bytes, 5u);
    ASSERT_TRUE(driver().finish(connection.server->receiving()))
        << "a receive went away with its thread";
    EXPECT_EQ(connection.server->received(), "hello");
    TestConnect connecting(driver());
    queue().connect(connecting, (*listener)->local_endpoint());
    ASSERT_TRUE(driver().finish(connecting));
    ASSERT_TRUE(driver().finish(*accepting)) << "an accept went away with its thread";
    EXPECT_TRUE(accepting->result().ok()) << name(accepting->result().error);
    connecting.take_socket().reset();
    accepting->take_socket().reset();
}

// What is pending in one worker is canceled by another.
TEST_P(Threads, a_cancel_and_an_interrupt_reach_what_another_worker_has_started) {
    for (int i = 0; i < test::scaled(100); ++i) {
        Connection connection = connect();
        ASSERT_NE(connection.client, nullptr);
        SharedOperation receiving;
        std::array<std::byte, 4> buffer;
        Gate started;
        std::thread worker([&] {
            std::array<Completion, 1> batch;
            queue().wait(batch, Time::min());
            (*connection.client)->receive(receiving, buffer);
            started.open();
            while (receiving.completions() == 0) {
                const std::size_t count = queue().wait(batch, later(queue().now(), 1ms));
                if (count > 0) batch[0].operation->complete(batch[0].result);
            }
        });
        started.pass();
        if (i % 2 == 0) {
            (*connection.client)->cancel();
        } else {
            (*connection.client)->interrupt_receive();
        }
        EXPECT_TRUE(receiving.await());
        worker.join();
        EXPECT_EQ(receiving.completions(), 1);
        EXPECT_EQ(receiving.error(), Error::canceled);
    }
}

// Permitted: the send may win the race. Then the interrupt is for the next one.
TEST_P(Threads, an_interrupt_from_elsewhere_ends_a_send_that_waits) {
    const std::string much = pattern(GetParam().very_many);
    for (int i = 0; i < test::scaled(50); ++i) {
        Connection connection = connect();
        ASSERT_NE(connection.client, nullptr);
        AsyncSocket& socket = **connection.server;
        SharedOperation sending;
        const ConstBuffer piece(much);
        const Pool pool(queue(), GetParam(), 2);
        int sends = 0;
        do {
            socket.send(sending, {&piece, 1});
            ++sends;
            const auto end = std::chrono::steady_clock::now() + 3ms;
            while (sending.completions() < sends && std::chrono::steady_clock::now() < end) {}
        } while (sending.completions() == sends);  // until the pipe is full
        socket.interrupt_send();
        ASSERT_TRUE(sending.await(sends)) << "the interrupt was lost";
        if (sending.error() == Error::ok) {
            socket.send(sending, {&piece, 1});
            ASSERT_TRUE(sending.await(++sends)) << "the interrupt was lost";
        }
        EXPECT_EQ(sending.error(), Error::canceled);
    }
}

// A connection and an interrupt come at the same time, from two threads.
TEST_P(Threads, an_interrupt_of_an_accept_from_elsewhere_cancels_one_and_loses_no_connection) {
    const auto listener = listen();
    ASSERT_NE(listener, nullptr);
    for (int i = 0; i < test::scaled(300); ++i) {
        SharedSocketOperation first;
        SharedSocketOperation second;
        SharedSocketOperation connecting;
        {
            const Pool pool(queue(), GetParam(), 2);
            const bool of_the_operation = i % 2 == 0;
            std::thread interrupter([&] {
                if (of_the_operation) {
                    (*listener)->interrupt_accept(first);
                } else {
                    (*listener)->interrupt_accept();
                }
            });
            queue().connect(connecting, (*listener)->local_endpoint());
            (*listener)->accept(first);
            (*listener)->accept(second);
            ASSERT_TRUE(connecting.await());
            interrupter.join();
            ASSERT_TRUE(first.await()) << "neither the connection nor the interrupt came";
            EXPECT_EQ(connecting.error(), Error::ok);
            if (of_the_operation && first.error() == Error::ok) {
                (*listener)->accept(first);
                ASSERT_TRUE(first.await(2)) << "the interrupt was lost";
                EXPECT_EQ(first.error(), Error::canceled);
                (*listener)->interrupt_accept(second);
                ASSERT_TRUE(second.await());
                EXPECT_EQ(second.error(), Error::canceled);
            } else {
                ASSERT_TRUE(second.await()) << "the connection or the interrupt was lost";
                const bool one_each = first.error() != second.error();
                EXPECT_TRUE(one_each) << name(first.error()) << ", " << name(second.error());
            }
        }
        const auto accepted = first.take_socket();
        EXPECT_TRUE((accepted != nullptr) != (second.take_socket() != nullptr));
        connecting.take_socket().reset();
    }
}

TEST_P(Threads, a_try_receive_finds_bytes_of_which_no_wait_has_told) {
    const auto elsewhere = GetParam().make(1);
    ASSERT_NE(elsewhere, nullptr);
    Driver other(*elsewhere);
    const auto listener = listen();
    ASSERT_NE(listener, nullptr);
    TestConnect connecting(other);
    elsewhere->connect(connecting, (*listener)->local_endpoint());
    ASSERT_TRUE(other.finish(connecting));
    TestSocketOperation& accepting = listener->start_accept();
    ASSERT_TRUE(driver().finish(accepting));
    TestSocket peer(other, connecting.take_socket());
    TestSocket socket(driver(), accepting.take_socket());
    std::array<std::byte, 16> buffer;
    for (int i = 0; i < test::scaled(20); ++i) {
        EXPECT_EQ(socket->try_receive(buffer).error, Error::would_block);
        ASSERT_EQ(peer.send_all("x").bytes, 1u);
        Result result = socket->try_receive(buffer);
        const auto end = std::chrono::steady_clock::now() + patience;
        while (result.error == Error::would_block && std::chrono::steady_clock::now() < end) {
            std::this_thread::sleep_for(100us);
            result = socket->try_receive(buffer);
        }
        EXPECT_TRUE(result.ok() && result.bytes == 1) << name(result.error);
        if (i % 2 == 0) {  // what wait() tells of bytes that were taken does not confuse a receive
            socket.start_receive(16);
            driver().run_for(1ms);
            EXPECT_TRUE(socket.receiving().in_flight());
            ASSERT_EQ(peer.send_all("y").bytes, 1u);
            ASSERT_TRUE(driver().finish(socket.receiving()));
            EXPECT_EQ(socket.received(), "y");
        }
    }
}

// The kernel may tell only the first that asks, and the two may be with different workers.
TEST_P(Threads, a_reset_is_told_to_a_receive_while_a_send_is_in_flight) {
    const std::string much = pattern(GetParam().very_many);
    for (int i = 0; i < test::scaled(100); ++i) {
        Connection connection = connect();
        ASSERT_NE(connection.client, nullptr);
        AsyncSocket& server = **connection.server;
        SharedOperation receiving;
        SharedOperation sending;
        std::array<std::byte, 4> buffer;
        const ConstBuffer piece(much);
        const Pool pool(queue(), GetParam(), 2);
        server.receive(receiving, buffer);
        int sends = 0;
        do {
            server.send(sending, {&piece, 1});
            ++sends;
            const auto end = std::chrono::steady_clock::now() + 3ms;
            while (sending.completions() < sends && std::chrono::steady_clock::now() < end) {}
        } while (sending.completions() == sends);  // until the pipe is full
        (*connection.client)->set_abortive_close();
        connection.client->close();
        ASSERT_TRUE(receiving.await());
        EXPECT_EQ(receiving.error(), Error::reset);
        ASSERT_TRUE(sending.await(sends));
    }
}

TEST_P(Threads, a_worker_that_stops_waiting_does_not_keep_completions_from_others) {
    std::deque<TestOperation> posted(10);
    Gate ready;
    Gate done;
    std::thread worker([&] {
        std::array<Completion, 1> batch;
        queue().wait(batch, Time::min());
        for (TestOperation& operation : posted) {
            queue().post(operation);
        }
        ready.open();
        done.pass();
    });
    ready.pass();
    bool all = true;
    for (const TestOperation& operation : posted) {
        all = driver().finish(operation) && all;
    }
    EXPECT_TRUE(all) << "completions wait for a thread that may never come back";
    done.open();
    worker.join();
}

// The same when the other worker sleeps already, which nobody can see from outside: it gets time
// to.
TEST_P(Threads, a_worker_that_stops_waiting_does_not_keep_completions_from_sleepers) {
    if (GetParam().most_workers < 2) {
        GTEST_SKIP() << "two threads are to wait at the same time";
    }
    std::deque<SharedOperation> posted(10);
    Gate done;
    std::thread worker;
    {
        const Pool pool(queue(), GetParam(), 1);
        worker = std::thread([&] {
            std::array<Completion, 1> batch;
            queue().wait(batch, later(queue().now(), 5ms));
            std::this_thread::sleep_for(5ms);
            for (SharedOperation& operation : posted) {
                queue().start_timer(operation, queue().now());
            }
            done.pass();
        });
        const Time before = queue().now();
        for (const SharedOperation& operation : posted) {
            EXPECT_TRUE(operation.await());
        }
        EXPECT_LT(queue().now() - before, patience / 2) << "by luck";
        done.open();
        worker.join();
    }
}

TEST_P(Threads, workers_may_come_and_go) {
    std::atomic<bool> stop{false};
    std::deque<SharedOperation> posted(static_cast<std::size_t>(test::scaled(500)));
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < std::min(3U, GetParam().most_workers); ++i) {
        threads.emplace_back([&] {
            while (!stop.load()) {
                std::thread([&] {
                    std::array<Completion, 3> batch;
                    const std::size_t count = queue().wait(batch, later(queue().now(), 1ms));
                    for (std::size_t k = 0; k < count; ++k) {
                        batch[k].operation->complete(batch[k].result);
                    }
                }).join();
            }
        });
    }
    for (SharedOperation& operation : posted) {
        queue().post(operation);
    }
    for (const SharedOperation& operation : posted) {
        EXPECT_TRUE(operation.await());
    }
    stop.store(true);
    for (std::thread& thread : threads) {
        thread.join();
    }
    for (const SharedOperation& operation : posted) {
        EXPECT_EQ(operation.completions(), 1);
    }
}

// Completes at once, again and again, until it is told to stop: as a post, which any worker may
// have to be woken for, or as a timer that is due, which the worker that starts it can take itself.
class Again final : public Operation {
public:
    Again(CompletionQueue& queue, OperationKind kind) noexcept
        : Operation(&Again::completed), queue_(queue), kind_(kind) {}
    void start() noexcept {
        if (kind_ == OperationKind::post) {
            queue_.post(*this);
        } else {
            queue_.start_timer(*this, queue_.now());
        }
    }
    void stop() noexcept { stopped_ = true; }
    int completions() const noexcept { return completions_; }

private:
    static void completed(Operation& operation, const Result&) noexcept {
        auto& self = static_cast<Again&>(operation);
        ++self.completions_;
        if (!self.stopped_) {
            self.start();
        }
    }
    CompletionQueue& queue_;
    OperationKind kind_;
    int completions_ = 0;
    bool stopped_ = false;
};

// No threads, but time that passes by itself: in the simulator none does while something is ready.
TEST_P(Threads, a_queue_that_is_never_idle_starves_neither_sockets_nor_timers) {
    for (const OperationKind kind : {OperationKind::post, OperationKind::timer}) {
        Connection connection = connect();
        ASSERT_NE(connection.client, nullptr);
        // More than are taken by one wait().
        std::deque<Again> flood;
        for (int i = 0; i < 40; ++i) {
            flood.emplace_back(queue(), kind).start();
        }
        connection.server->start_receive(16);
        connection.client->start_send("x");
        EXPECT_TRUE(driver().finish(connection.server->receiving())) << "a socket was starved";
        TestTimer timer(driver());
        queue().start_timer(timer, later(queue().now(), 1ms));
        EXPECT_TRUE(driver().finish(timer)) << "a timer was starved";
        EXPECT_LT(flood.front().completions(), 5000) << "by luck";
        for (Again& again : flood) {
            again.stop();
        }
        for (const Again& again : flood) {
            driver().finish(again);
        }
        driver().finish(connection.client->sending());
    }
}

}  // namespace drydock::conformance
