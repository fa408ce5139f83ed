// An echo server on Asio, with one of the defects that are usual in such servers, or with what is
// a defect only by default. The argument names it. The comment DEFECT marks the line to be named.
#include <array>
#include <chrono>
#include <cstddef>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <drydock/asio.hpp>

namespace {

namespace net = drydock::asio;
using net::ip::tcp;
using std::chrono::milliseconds;

std::string_view defect;

/// Echoes what comes, in parts of at most 64 bytes.
class Session : public std::enable_shared_from_this<Session> {
public:
    explicit Session(tcp::socket socket)
        : socket_(std::move(socket)), timer_(socket_.get_executor()) {}
    ~Session() { name_ = "a session that has ended"; }

    void start() {
        if (defect == "timer-outlives-session") watch_without_owner();
        if (defect.starts_with("two-reads")) {
            receive_into(buffer_);
            return receive_into(other_buffer_);
        }
        receive();
    }

private:
    void receive() {
        socket_.async_read_some(net::buffer(buffer_), [self = shared_from_this()](
                                                          std::error_code error, std::size_t size) {
            if (error) return self->failed(error);
            self->received(size);
        });
    }

    void received(std::size_t size) {
        if (defect == "two-writes") return send_in_two(size);
        if (defect == "buffer-ends-early") return send_a_local(size);
        if (defect == "shared-buffer") return send_and_receive(size);
        if (defect == "short-write") return send_some(size);
        if (defect == "closed-under-handler") return send_and_forget(size);
        send(size);
    }

    void send(std::size_t size) {
        net::async_write(socket_, net::buffer(buffer_, size),
                         [self = shared_from_this()](std::error_code error, std::size_t) {
                             if (!error) self->receive();
                         });
    }

    /// With two of these at once, what each has received goes to the outbox as it comes.
    void receive_into(std::array<char, 64>& buffer) {
        socket_.async_read_some(net::buffer(buffer), [self = shared_from_this(), &buffer](
                                                         std::error_code error, std::size_t size) {
            if (error == net::error::eof && !self->sending_.empty())
                self->ended_ = true;
            else if (error)
                self->failed(error);
            if (error) return;
            self->outbox_.append(buffer.data(), size);
            self->receive_into(buffer);
            if (self->sending_.empty()) self->send_outbox();
        });
    }

    void send_outbox() {
        sending_.swap(outbox_);
        net::async_write(socket_, net::buffer(sending_),
                         [self = shared_from_this()](std::error_code error, std::size_t) {
                             self->sending_.clear();
                             if (error) return self->failed(error);
                             if (!self->outbox_.empty()) return self->send_outbox();
                             if (self->ended_) self->failed(net::error::eof);
                         });
    }

    void send_in_two(std::size_t size) {
        auto self = shared_from_this();
        const std::size_t half = size / 2;
        net::async_write(socket_, net::buffer(buffer_, half),
                         [self](std::error_code, std::size_t) {});
        const auto rest = net::buffer(buffer_.data() + half, size - half);
        net::async_write(socket_, rest,  // DEFECT two-writes
                         [self](std::error_code error, std::size_t) {
                             if (!error) self->receive();
                         });
    }

    void send_a_local(std::size_t size) {
        std::array<char, 64> local = buffer_;
        net::async_write(socket_, net::buffer(local, size),  // DEFECT buffer-ends-early
                         [self = shared_from_this()](std::error_code error, std::size_t) {
                             if (!error) self->receive();
                         });
        local.fill('?');
    }

    void send_and_receive(std::size_t size) {
        net::async_write(socket_, net::buffer(buffer_, size),  // DEFECT shared-buffer
                         [self = shared_from_this()](std::error_code, std::size_t) {});
        receive();  // DEFECT shared-buffer
    }

    void send_some(std::size_t size) {
        socket_.async_write_some(net::buffer(buffer_, size),  // DEFECT short-write
                                 [self = shared_from_this()](std::error_code error, std::size_t) {
                                     if (!error) self->receive();
                                 });
    }

    void send_and_forget(std::size_t size) {
        net::async_write(socket_, net::buffer(buffer_, size),  // DEFECT closed-under-handler
                         [this](std::error_code error, std::size_t) {
                             if (!error) receive();
                         });
    }

    void failed(std::error_code error) {
        if (defect == "reads-past-end" && error == net::error::eof) {
            return receive_again();
        }
        std::error_code ignored;
        socket_.close(ignored);
    }

    void receive_again() {
        socket_.async_read_some(  // DEFECT reads-past-end
            net::buffer(buffer_), [self = shared_from_this()](std::error_code error, std::size_t) {
                if (error == net::error::eof) return self->receive_again();
            });
    }

    void watch_without_owner() {
        timer_.expires_after(milliseconds(500));
        timer_.async_wait([this](std::error_code) {  // runs with operation_aborted, too
            std::error_code ignored;
            socket_.shutdown(tcp::socket::shutdown_both, ignored);  // DEFECT timer-outlives-session
        });
    }

    tcp::socket socket_;
    net::steady_timer timer_;
    std::array<char, 64> buffer_{};
    std::array<char, 64> other_buffer_{};
    std::string outbox_;
    bool ended_ = false;
    std::string sending_;
    std::string name_ = "a session with a name that is too long for a small string";
};

class Server {
public:
    Server(net::io_context& context, unsigned short port)
        : acceptor_(context, tcp::endpoint(net::ip::address_v4::loopback(), port)) {
        accept();
    }

private:
    void accept() {
        acceptor_.async_accept(  // DEFECT dies-of-one-accept
            [this](std::error_code error, tcp::socket socket) {
                if (error && defect == "dies-of-one-accept") return;
                if (!error) std::make_shared<Session>(std::move(socket))->start();
                accept();
            });
    }

    tcp::acceptor acceptor_;
};

}  // namespace

int main(int, char** argv) {
    defect = argv[1];
    net::io_context context;
    net::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&](std::error_code, int) { context.stop(); });
    Server server(context, 7000);
    for (char digit = '1'; digit <= '6'; ++digit) {
        net::post(context, [digit] { std::cout << digit << std::flush; });
    }
    context.run();
}
