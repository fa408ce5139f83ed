// A chat server: each line of a member goes to all members, its sender included.
//
//     chat-server PORT [IDLE_SECONDS]
//
// It listens on the loopback address. A member leaves by ending its side of the connection. Its last
// line may lack the newline. It is then sent all lines that wait for it. A member that has said
// nothing for IDLE_SECONDS (60) is let go.
#include <asio.hpp>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <system_error>
#include <utility>

namespace chat {

using asio::ip::tcp;
using std::chrono::seconds;

constexpr std::size_t longest_line = 4096;

class Member;

class Room {
public:
    void join(std::shared_ptr<Member> member) { members_.insert(std::move(member)); }
    void leave(const std::shared_ptr<Member>& member) { members_.erase(member); }
    void publish(const std::string& line);

private:
    std::set<std::shared_ptr<Member>> members_;
};

class Member : public std::enable_shared_from_this<Member> {
public:
    Member(tcp::socket socket, Room& room, seconds idle)
        : socket_(std::move(socket)), timer_(socket_.get_executor()), room_(room), idle_(idle) {}

    void start() {
        room_.join(shared_from_this());
        timer_.expires_after(idle_);
        watch();
        read();
    }

    void deliver(const std::string& line) {
        outbox_.push_back(line + '\n');
        if (outbox_.size() == 1) write();
    }

private:
    void read() {
        asio::async_read_until(
            socket_, asio::dynamic_buffer(inbox_, longest_line), '\n',
            [this, self = shared_from_this()](std::error_code error, std::size_t size) {
                if (error == asio::error::eof) return finish();
                if (error) return let_go();
                take_line(size);
                read();
            });
    }

    void take_line(std::size_t size) {
        timer_.expires_after(idle_);
        const std::string line = inbox_.substr(0, size - 1);
        inbox_.erase(0, size);
        room_.publish(line);
    }

    void write() {
        asio::async_write(socket_, asio::buffer(outbox_.front()),
                          [this, self = shared_from_this()](std::error_code error, std::size_t) {
                              if (error) return let_go();
                              outbox_.pop_front();
                              if (!outbox_.empty()) return write();
                              if (finished_) let_go();
                          });
    }

    void watch() {
        timer_.async_wait([weak = weak_from_this()](std::error_code) {
            const auto self = weak.lock();
            if (!self || !self->socket_.is_open()) return;
            if (self->timer_.expiry() > std::chrono::steady_clock::now()) return self->watch();
            self->let_go();
        });
    }

    // The member has ended its side: what is queued for it is still sent.
    void finish() {
        if (!socket_.is_open()) return;  // a write has met a reset; then a read meets the end
        if (!inbox_.empty()) room_.publish(inbox_);
        room_.leave(shared_from_this());
        finished_ = true;
        if (outbox_.empty()) let_go();
    }

    void let_go() {
        room_.leave(shared_from_this());
        std::error_code ignored;
        socket_.close(ignored);
        timer_.cancel();
    }

    tcp::socket socket_;
    asio::steady_timer timer_;
    Room& room_;
    seconds idle_;
    std::string inbox_;
    std::deque<std::string> outbox_;
    bool finished_ = false;
};

void Room::publish(const std::string& line) {
    for (const auto& member : members_) member->deliver(line);
}

class Server {
public:
    Server(asio::io_context& context, unsigned short port, seconds idle)
        : acceptor_(context, tcp::endpoint(asio::ip::address_v4::loopback(), port)),
          pause_(context),
          idle_(idle) {
        std::cout << "listening on " << acceptor_.local_endpoint() << std::endl;
        accept();
    }

private:
    void accept() {
        acceptor_.async_accept([this](std::error_code error, tcp::socket socket) {
            if (error) return accept_later(error);
            std::make_shared<Member>(std::move(socket), room_, idle_)->start();
            accept();
        });
    }

    // The client was gone before it was accepted, or the system had no descriptor left.
    void accept_later(std::error_code error) {
        std::cerr << "accept: " << error.message() << std::endl;
        pause_.expires_after(std::chrono::milliseconds(100));
        pause_.async_wait([this](std::error_code canceled) {
            if (!canceled) accept();
        });
    }

    Room room_;
    tcp::acceptor acceptor_;
    asio::steady_timer pause_;
    seconds idle_;
};

int serve(unsigned short port, seconds idle) {
    asio::io_context context;
    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&](std::error_code, int) { context.stop(); });
    Server server(context, port, idle);
    context.run();
    return 0;
}

}  // namespace chat

int main(int argc, char** argv) {
    const int port = argc > 1 ? std::atoi(argv[1]) : 0;
    const int idle = argc > 2 ? std::atoi(argv[2]) : 60;
    if (argc < 2 || argc > 3 || port < 0 || port > 65535 || idle < 1) {
        std::cerr << "usage: chat-server PORT [IDLE_SECONDS]" << std::endl;
        return 2;
    }
    try {
        return chat::serve(static_cast<unsigned short>(port), std::chrono::seconds(idle));
    } catch (const std::exception& error) {
        std::cerr << "chat-server: " << error.what() << std::endl;
        return 1;
    }
}
