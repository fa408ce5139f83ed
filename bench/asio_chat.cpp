// A peer: a chat server on Asio, in its usual style with callbacks, written to be quick.
//
// drydock-bench-asio-chat [PORT] [--workers N]. Every whole line of a member goes to all members,
// including the sender, in one order. Members share a line's text without copying it. At most one
// write is in flight for a member; the next one takes everything that has become ready meanwhile. A
// member that is behind by more than the limit is dropped. Like drydock's server, this one sends a
// member that ends its stream everything still queued for it, and then closes.
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <asio.hpp>

#include "bench/peer_program.hpp"

namespace {

using asio::ip::tcp;
using Text = std::shared_ptr<const std::string>;

constexpr std::size_t most_behind = 1024 * 1024;
constexpr std::size_t most_buffers = 64;
constexpr std::size_t longest_line = 8 * 1024;

class Member;

/// All members. Its mutex guards theirs, too: a line goes to all of them in one step.
struct Room {
    explicit Room(asio::io_context& its_context) : context(its_context) {}

    asio::io_context& context;
    std::mutex mutex;
    std::vector<std::shared_ptr<Member>> members;
    bool write_posted = false;  // write_to_all() is going to be called
};

/// Buffers that outlive the write, so that Asio need not copy the list of them.
struct BufferList {
    using value_type = asio::const_buffer;
    using const_iterator = const asio::const_buffer*;
    const_iterator begin() const noexcept { return first; }
    const_iterator end() const noexcept { return last; }
    const_iterator first;
    const_iterator last;
};

class Member : public std::enable_shared_from_this<Member> {
public:
    Member(Room& room, tcp::socket socket) : room_(room), socket_(std::move(socket)) {}

    void join() {
        const std::lock_guard lock(room_.mutex);
        place_ = room_.members.size();
        room_.members.push_back(shared_from_this());
        receive();
    }

private:
    // All of these are called with the room's mutex held.
    void receive() {
        socket_.async_read_some(
            asio::buffer(buffer_),
            [self = shared_from_this()](const asio::error_code& error, std::size_t bytes) {
                const std::lock_guard lock(self->room_.mutex);
                self->received(error, bytes);
            });
    }

    void received(const asio::error_code& error, std::size_t bytes) {
        if (dropped_) return;
        if (error) return leave(error == asio::error::eof);
        const std::string_view chunk(buffer_.data(), bytes);
        const std::size_t newline = chunk.rfind('\n');
        if (newline == std::string_view::npos) {
            partial_ += chunk;
        } else {
            auto text = std::make_shared<std::string>(std::move(partial_));
            text->append(chunk.substr(0, newline + 1));
            partial_ = chunk.substr(newline + 1);
            publish(text);
        }
        if (partial_.size() > longest_line) return leave(true);
        if (!dropped_) receive();
    }

    void publish(const Text& text) {
        for (std::size_t i = 0; i < room_.members.size();) {
            Member& member = *room_.members[i];
            member.owed_.push_back(text);
            member.behind_ += text->size();
            if (member.behind_ > most_behind) {
                member.drop();  // another member takes its place
                continue;
            }
            ++i;
        }
        if (room_.write_posted) return;
        room_.write_posted = true;
        asio::post(room_.context, [&room = room_] { write_to_all(room); });
    }

    /// Behind what else is ready to be received, so that lines that come together go together.
    static void write_to_all(Room& room) {
        const std::lock_guard lock(room.mutex);
        room.write_posted = false;
        for (const auto& member : room.members) {
            if (!member->sending_) member->send();
        }
    }

    void send() {
        if (owed_.empty()) {
            if (left_) close();
            return;
        }
        sending_ = true;
        in_flight_ = std::min(owed_.size(), most_buffers);
        for (std::size_t i = 0; i < in_flight_; ++i) buffers_[i] = asio::buffer(*owed_[i]);
        const BufferList list{buffers_.data(), buffers_.data() + in_flight_};
        asio::async_write(
            socket_, list,
            [self = shared_from_this()](const asio::error_code& error, std::size_t bytes) {
                const std::lock_guard lock(self->room_.mutex);
                self->sent(error, bytes);
            });
    }

    void sent(const asio::error_code& error, std::size_t bytes) {
        sending_ = false;
        if (dropped_) return;
        if (error) return drop();
        behind_ -= bytes;
        owed_.erase(owed_.begin(), owed_.begin() + static_cast<std::ptrdiff_t>(in_flight_));
        send();
    }

    void leave(bool in_order) {
        remove();
        left_ = true;
        if (!in_order) return close();
        if (!sending_) send();
    }

    void drop() {
        const auto self = shared_from_this();  // the room's may be the last
        dropped_ = true;
        remove();
        close();
    }

    void remove() {
        if (place_ >= room_.members.size() || room_.members[place_].get() != this) return;
        room_.members.back()->place_ = place_;
        std::swap(room_.members[place_], room_.members.back());
        room_.members.pop_back();
    }

    void close() {
        asio::error_code ignored;
        socket_.close(ignored);
    }

    Room& room_;
    tcp::socket socket_;
    std::array<char, 4 * 1024> buffer_;
    std::string partial_;
    std::deque<Text> owed_;
    std::size_t behind_ = 0;     // bytes of what is owed
    std::size_t in_flight_ = 0;  // how many of `owed_` the write has
    std::array<asio::const_buffer, most_buffers> buffers_;
    std::size_t place_ = 0;
    bool sending_ = false;
    bool left_ = false;
    bool dropped_ = false;
};

/// One at a time, as drydock's server does it.
void accept(tcp::acceptor& acceptor, Room& room) {
    acceptor.async_accept([&](const asio::error_code& error, tcp::socket socket) {
        if (error == asio::error::operation_aborted) return;
        if (!error) {
            asio::error_code ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            std::make_shared<Member>(room, std::move(socket))->join();
        }
        accept(acceptor, room);
    });
}

void serve(std::uint16_t port, unsigned workers) {
    asio::io_context context(static_cast<int>(workers));
    Room room(context);
    tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), port));
    asio::signal_set interrupts(context, SIGINT);
    interrupts.async_wait([&context](const asio::error_code&, int) { context.stop(); });
    accept(acceptor, room);
    std::printf("listening on 127.0.0.1:%u\n",
                static_cast<unsigned>(acceptor.local_endpoint().port()));
    std::fflush(stdout);
    {
        std::vector<std::jthread> others;
        for (unsigned i = 1; i < workers; ++i) others.emplace_back([&context] { context.run(); });
        context.run();
    }
    room.members.clear();  // while the context is still there for their sockets
}

}  // namespace

int main(int argc, char** argv) {
    return drydock::bench::run_peer(argc, argv, "drydock-bench-asio-chat",
                                    "A chat server on Asio, to compare with.", &serve);
}
