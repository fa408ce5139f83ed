// The examples in the headers' comments, as they are there, and that they do what they say.
// tests/tidy/examples_test.cpp compares the comments with this file.
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <drydock/backend.hpp>
#include <drydock/idle_watch.hpp>
#include <drydock/server.hpp>
#include <drydock/worker_loop.hpp>

#include "tests/support/driven_queue.hpp"
#include "tests/support/scale.hpp"

namespace drydock {
namespace {

using namespace std::chrono_literals;
using test::DrivenQueue;

class LineEcho final : public server::Service {
public:
    Task<server::Ending> serve(server::Connection& connection) override {
        std::string line;  // not complete yet
        for (;;) {
            const ReceiveResult received = co_await receive(connection.socket(), 4096);
            if (received.error == Error::canceled) co_return server::Ending::stopped;
            if (!received.ok()) co_return server::Ending::failure;
            if (received.end_of_stream()) co_return server::Ending::end_of_stream;
            connection.moved();
            line += as_text(received.bytes());
            const std::size_t whole = line.rfind('\n') + 1;  // 0: no line is complete
            if (line.size() - whole > 8192) co_return server::Ending::dropped;
            if (whole == 0) continue;
            const Result sent =
                co_await send_all(connection.socket(), std::string_view(line).substr(0, whole),
                                  connection.progress(), server::watched_part);
            if (!sent.ok()) co_return connection.cut(sent.error);
            line.erase(0, whole);
        }
    }
};

/// A LineEcho on a simulated queue.
class LineEchoServer : public testing::Test {
protected:
    void start(sim::FaultSet faults, std::uint64_t seed, server::Options options = {}) {
        server_.reset();
        driven_ = std::make_unique<DrivenQueue>(faults, seed);
        ListenResult listening = driven_->queue().listen(Endpoint::loopback(0), {});
        ASSERT_TRUE(listening.listener);
        endpoint_ = listening.listener->local_endpoint();
        server_ = std::make_unique<server::Server>(driven_->queue(), std::move(listening.listener),
                                                   options, service_, log_);
        driven_->spawn(server_->run());
    }
    ~LineEchoServer() override { server_.reset(); }

    /// Sends the text and takes what comes until `most` bytes or the end.
    Task<void> talk(std::string text, std::size_t most, std::string& answer) {
        SocketResult connected = co_await connect(driven_->queue(), endpoint_);
        if (!connected.ok()) co_return;
        AsyncSocket& socket = *connected.socket;
        TaskGroup sending(driven_->queue());
        sending.spawn([&]() -> Task<void> {
            const Result sent = co_await send_all(socket, text);
            if (sent.ok() && most > text.size()) socket.shutdown_send();
        });
        while (answer.size() < most) {
            const ReceiveResult received = co_await receive(socket, 100);
            if (!received.ok() || received.end_of_stream()) break;
            answer += as_text(received.bytes());
        }
        co_await sending.join();
    }

    LineEcho service_;
    NullLog log_;
    std::unique_ptr<DrivenQueue> driven_;
    std::unique_ptr<server::Server> server_;
    Endpoint endpoint_;
};

constexpr std::size_t to_the_end = 1 << 20;

TEST_F(LineEchoServer, AnswersWholeLinesHoweverTheyArrive) {
    using enum sim::Fault;
    const sim::FaultSet faults = sim::FaultSet()
                                     .with(partial_receive)
                                     .with(short_send)
                                     .with(small_pipe)
                                     .with(reorder)
                                     .with(delay)
                                     .with(interleave)
                                     .with(latency);
    for (std::uint64_t seed = 1; seed <= static_cast<std::uint64_t>(test::scaled(200)); ++seed) {
        start(faults, seed);
        std::vector<std::string> answers(3);
        TaskGroup clients(driven_->queue());
        for (std::string& answer : answers) {
            clients.spawn(talk("one\ntwo\n\nunfinished", to_the_end, answer));
        }
        driven_->spawn([&]() -> Task<void> {
            co_await clients.join();
            server_->request_stop();
        });
        ASSERT_TRUE(driven_->finish()) << "seed " << seed;
        for (const std::string& answer : answers) {
            EXPECT_EQ(answer, "one\ntwo\n\n") << "seed " << seed;
        }
        EXPECT_EQ(server_->stats().ended, 3U);
    }
}

TEST_F(LineEchoServer, EndsAConnectionWhoseLineIsTooLong) {
    start({}, 1);
    std::string answer;
    driven_->spawn([&]() -> Task<void> {
        co_await talk("first\n" + std::string(20000, 'x'), to_the_end, answer);
        server_->request_stop();
    });
    ASSERT_TRUE(driven_->finish());
    EXPECT_EQ(server_->stats().dropped, 1U);
}

TEST_F(LineEchoServer, StopsWhileAClientIsConnected) {
    start({}, 1);
    std::string answer;
    driven_->spawn(talk("line\n", to_the_end - 1, answer));
    driven_->spawn([&]() -> Task<void> {
        Timer timer(driven_->queue());
        co_await timer.after(1s);
        server_->request_stop();
    });
    ASSERT_TRUE(driven_->finish());
    EXPECT_EQ(answer, "line\n");
}

TEST_F(LineEchoServer, ClosesAnIdleConnectionAndNoOther) {
    server::Options options;
    options.idle_timeout = 100ms;
    start({}, 1, options);
    Time closed{};
    driven_->spawn([&]() -> Task<void> {
        const Time start = driven_->queue().now();
        SocketResult connected = co_await connect(driven_->queue(), endpoint_);
        Timer timer(driven_->queue());
        std::array<std::byte, 10> buffer;
        for (int i = 0; i < 10; ++i) {
            co_await timer.after(60ms);
            co_await send_all(*connected.socket, "x\n");
            const Result received = co_await receive(*connected.socket, buffer);
            EXPECT_EQ(received.bytes, 2U) << "it moves, so it is not idle";
        }
        EXPECT_EQ(driven_->queue().now() - start, 600ms);
        const Result end = co_await receive(*connected.socket, buffer);
        EXPECT_EQ(end.bytes, 0U);
        closed = driven_->queue().now();
        EXPECT_GE(closed - start, 700ms);
        EXPECT_LE(closed - start, 725ms + 25ms) << "between one and one and a quarter timeouts";
        server_->request_stop();
    });
    ASSERT_TRUE(driven_->finish());
    EXPECT_EQ(server_->stats().idle_closed, 1U);
    EXPECT_EQ(server_->stats().stopped, 0U);
}

// --- on this system's queue ----------------------------------------------------------------------

/// A client on a queue and a thread of its own.
std::string ask(const Endpoint& endpoint, std::string_view question) {
    const OpenedQueue opened = open_queue("auto", {.workers = 1});
    std::string answer;
    WorkerLoop loop(
        *opened.queue,
        [](CompletionQueue& queue, Endpoint to, std::string_view text,
           std::string& got) -> Task<void> {
            SocketResult connected = co_await connect(queue, to);
            if (!connected.ok()) co_return;
            co_await send_all(*connected.socket, text);
            while (got.size() < text.size()) {
                const ReceiveResult received = co_await receive(*connected.socket, 100);
                if (!received.ok() || received.end_of_stream()) co_return;
                got += as_text(received.bytes());
            }
        }(*opened.queue, endpoint, question, answer),
        1);
    loop.run();
    return answer;
}

TEST(ServerExample, ServesOnTheBestQueueOfThisSystemUntilItIsStopped) {
    const OpenedQueue opened = open_queue();
    ASSERT_TRUE(opened.queue) << opened.complaint;
    ListenResult listening = opened.queue->listen(Endpoint::loopback(0), {});
    ASSERT_TRUE(listening.listener);
    const Endpoint endpoint = listening.listener->local_endpoint();
    LineEcho service;
    NullLog log;
    server::Server server(*opened.queue, std::move(listening.listener), {}, service, log);
    WorkerLoop loop(*opened.queue, server.run(), opened.workers);
    std::string answer;
    std::jthread client([&] {
        answer = ask(endpoint, "hello\n");
        server.request_stop();
    });
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < opened.workers; ++i) others.emplace_back([&] { loop.run(); });
    loop.run();
    client.join();
    EXPECT_EQ(answer, "hello\n");
    EXPECT_EQ(server.stats().accepted, 1U);
}

// --- the idle watch ------------------------------------------------------------------------------

// Receives a file, and gives up when nothing has come for 30 seconds.
Task<Result> download(CompletionQueue& queue, AsyncSocket& socket, std::string& file) {
    IdleWatch watch(queue, std::chrono::seconds(30));
    TaskGroup watching(queue);
    watching.spawn(cancel_when_idle(watch, socket));
    ReceiveResult received;
    do {
        received = co_await receive(socket, 64 * 1024);
        watch.moved();
        file += as_text(received.bytes());
    } while (received.ok() && !received.end_of_stream());
    watch.stop();
    co_await watching.join();
    const Error error = watch.is_idle() ? Error::timed_out : received.error;
    co_return Result{error, received.native, file.size()};
}

/// Serves a file in pieces of 10 bytes with a pause before each; ends after `pieces` or never.
Result download_of(int pieces, Duration pause, bool ends, std::string& file) {
    DrivenQueue driven;
    std::optional<Result> result;
    driven.spawn([](DrivenQueue& its, int count, Duration span, bool to_end, std::string& text,
                    std::optional<Result>& got) -> Task<void> {
        CompletionQueue& queue = its.queue();
        const std::unique_ptr<AsyncListener> listener =
            queue.listen(Endpoint::loopback(0), {}).listener;
        SocketResult connected = co_await connect(queue, listener->local_endpoint());
        SocketResult accepted = co_await accept(*listener);
        TaskGroup sending(queue);
        sending.spawn([&]() -> Task<void> {
            Timer timer(queue);
            for (int i = 0; i < count; ++i) {
                co_await timer.after(span);
                co_await send_all(*accepted.socket, "0123456789");
            }
            if (to_end) accepted.socket->shutdown_send();
        });
        got = co_await download(queue, *connected.socket, text);
        co_await sending.join();
    }(driven, pieces, pause, ends, file, result));
    EXPECT_TRUE(driven.finish());
    return result.value_or(Result::failure(Error::broken));
}

TEST(IdleWatchExample, DownloadsAFileThatComesSlowly) {
    std::string file;
    const Result result = download_of(20, 29s, true, file);
    EXPECT_EQ(result.error, Error::ok);
    EXPECT_EQ(file.size(), 200U);
}

TEST(IdleWatchExample, GivesUpWhenNothingComes) {
    std::string file;
    const Result result = download_of(2, 10s, false, file);
    EXPECT_EQ(result.error, Error::timed_out);
    EXPECT_EQ(file.size(), 20U);
}

}  // namespace
}  // namespace drydock
