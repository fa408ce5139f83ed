// Four threads run a context in which connections, timers, cancels and closes meet each other in
// whatever order they come. A sanitizer's build looks for races and for memory used after its end.
#include "tests/asio_face/face.hpp"

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

namespace face_test {
namespace {

FACE_SUITE(Stress);

/// The server's side of a connection, on a strand of its own: it echoes, and closes when nothing
/// has come for a while.
class Session : public std::enable_shared_from_this<Session> {
public:
    explicit Session(tcp::socket socket)
        : socket_(std::move(socket)), idle_(socket_.get_executor()) {}

    void receive() {
        idle_.expires_after(10s);
        idle_.async_wait([self = shared_from_this()](error_code error) {
            error_code ignored;
            if (!error) self->socket_.close(ignored);
        });
        socket_.async_read_some(net::buffer(bytes_),
                                [self = shared_from_this()](error_code error, std::size_t count) {
                                    if (error) return static_cast<void>(self->idle_.cancel());
                                    self->send(count);
                                });
    }

private:
    void send(std::size_t count) {
        net::async_write(socket_, net::buffer(bytes_, count),
                         [self = shared_from_this()](error_code error, std::size_t) {
                             if (error) return static_cast<void>(self->idle_.cancel());
                             self->receive();
                         });
    }

    tcp::socket socket_;
    net::steady_timer idle_;
    char bytes_[256];
};

/// What the clients have seen, all together.
struct Tally {
    std::atomic<int> echoed = 0;
    std::atomic<int> interrupted = 0;
    std::atomic<int> wrong = 0;
    std::atomic<int> ended = 0;
};

/// A client, on a strand of its own: it sends messages of random lengths, breaks off some of its
/// reads by a timer, and ends each connection in one of four ways.
class Client : public std::enable_shared_from_this<Client> {
public:
    static constexpr int connections = 6;
    static constexpr int messages = 12;

    Client(net::io_context& context, tcp::endpoint server, unsigned number, Tally& tally)
        : strand_(net::make_strand(context)),
          server_(std::move(server)),
          random_(number),
          tally_(&tally),
          socket_(strand_),
          timer_(strand_) {}

    void start() {
        net::post(strand_, [self = shared_from_this()] { self->connect(); });
    }

private:
    void connect() {
        if (connection_++ == connections) return static_cast<void>(++tally_->ended);
        message_ = 0;
        socket_ = tcp::socket(strand_);
        socket_.async_connect(server_, [self = shared_from_this()](error_code error) {
            if (error) return self->failed();
            self->send();
        });
    }

    void send() {
        if (message_++ == messages) return finish();
        sent_.resize(1 + random_() % 200);
        std::generate(sent_.begin(), sent_.end(), [&] { return static_cast<char>(random_()); });
        got_ = 0;
        net::async_write(
            socket_, net::buffer(sent_),
            [self = shared_from_this()](error_code error, std::size_t) {
                if (error) return self->failed();
                self->timer_.expires_after(std::chrono::microseconds(self->random_() % 300));
                self->receive();
            });
    }

    void receive() {
        const int reading = ++reading_;
        if (random_() % 2 == 0) {
            timer_.async_wait([self = shared_from_this(), reading](error_code error) {
                error_code ignored;
                if (!error && self->reading_ == reading) self->socket_.cancel(ignored);
            });
        }
        socket_.async_read_some(net::buffer(echo_),
                                [self = shared_from_this()](error_code error, std::size_t count) {
                                    self->received(error, count);
                                });
    }

    void received(error_code error, std::size_t count) {
        ++reading_;
        timer_.cancel();
        if (error == net::error::operation_aborted) {
            ++tally_->interrupted;
        } else if (error || count > sent_.size() - got_ ||
                   !std::equal(echo_, echo_ + count, sent_.data() + got_)) {
            return failed();
        }
        got_ += count;
        if (got_ < sent_.size()) return receive();
        ++tally_->echoed;
        send();
    }

    void finish() {
        error_code ignored;
        switch (random_() % 4) {
            case 0:
                socket_.set_option(net::socket_base::linger(true, 0), ignored);
                break;
            case 1:
                socket_.shutdown(tcp::socket::shutdown_send, ignored);
                break;
            case 2:
                socket_.cancel(ignored);
                break;
            default:
                break;
        }
        // The read ends by the server's answer or by the close, which another handler makes.
        socket_.async_read_some(net::buffer(echo_),
                                [self = shared_from_this()](error_code error, std::size_t) {
                                    if (!error) ++self->tally_->wrong;
                                    net::post(self->strand_, [self] { self->connect(); });
                                });
        net::post(strand_, [self = shared_from_this()] {
            error_code none;
            self->socket_.close(none);
        });
    }

    void failed() {
        ++tally_->wrong;
        ++tally_->ended;
    }

    net::strand<net::io_context::executor_type> strand_;
    tcp::endpoint server_;
    std::mt19937 random_;
    Tally* tally_;
    tcp::socket socket_;
    net::steady_timer timer_;
    std::string sent_;
    char echo_[256];
    std::size_t got_ = 0;
    int connection_ = 0;
    int message_ = 0;
    int reading_ = 0;
};

void accept(net::io_context& context, tcp::acceptor& acceptor) {
    acceptor.async_accept(net::make_strand(context), [&](error_code error, tcp::socket socket) {
        if (error == net::error::operation_aborted) return;
        if (!error) std::make_shared<Session>(std::move(socket))->receive();
        accept(context, acceptor);
    });
}

constexpr int client_count = 16;
constexpr std::size_t runner_count = 4;

/// Starts the clients.
void set_off(net::io_context& context, const tcp::acceptor& acceptor, Tally& tally) {
    for (unsigned number = 0; number < client_count; ++number) {
        std::make_shared<Client>(context, acceptor.local_endpoint(), number, tally)->start();
    }
}

/// Closes the acceptor when all clients are at their end, so that the context runs out of work.
void close_at_the_end(net::steady_timer& timer, tcp::acceptor& acceptor, const Tally& tally) {
    timer.expires_after(1ms);
    timer.async_wait([&](error_code) {
        if (tally.ended == client_count) return acceptor.close();
        close_at_the_end(timer, acceptor, tally);
    });
}

TEST_P(Stress, connections_timers_cancels_and_closes_on_several_threads) {
    NEEDS_REAL_QUEUE("threads");
    tcp::acceptor acceptor(net::make_strand(context),
                           tcp::endpoint(net::ip::address_v4::loopback(), 0));
    net::steady_timer timer(acceptor.get_executor());
    Tally tally;
    accept(context, acceptor);
    set_off(context, acceptor, tally);
    close_at_the_end(timer, acceptor, tally);
    std::vector<std::thread> runners;
    for (std::size_t i = 0; i < runner_count; ++i) {
        runners.emplace_back([&] { context.run_for(60s); });
    }
    for (std::thread& runner : runners) runner.join();
    EXPECT_TRUE(context.stopped()) << "an operation did not complete";
    EXPECT_EQ(tally.echoed, client_count * Client::connections * Client::messages);
    EXPECT_EQ(tally.wrong, 0);
    EXPECT_GT(tally.interrupted, 0) << "no cancel met a read";
}

TEST_P(Stress, contexts_that_are_stopped_and_run_again_lose_nothing) {
    NEEDS_REAL_QUEUE("threads");
    const std::unique_ptr<net::io_context> own = make_context();
    tcp::acceptor acceptor(net::make_strand(*own),
                           tcp::endpoint(net::ip::address_v4::loopback(), 0));
    Tally tally;
    accept(*own, acceptor);
    set_off(*own, acceptor, tally);
    std::mt19937 random(1);
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (tally.ended != client_count && std::chrono::steady_clock::now() < end) {
        std::vector<std::thread> runners;
        for (std::size_t i = 0; i < runner_count; ++i) runners.emplace_back([&] { own->run(); });
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 2000));
        own->stop();
        for (std::thread& runner : runners) runner.join();
        own->restart();
    }
    EXPECT_EQ(tally.echoed, client_count * Client::connections * Client::messages);
    EXPECT_EQ(tally.wrong, 0);
    // The acceptor's operation, and those of connections that just close, end with the context.
}

}  // namespace
}  // namespace face_test
