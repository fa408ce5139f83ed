// Plain sockets on the loopback, to stand opposite the programs under test: nothing of drydock's
// own in them. POSIX only. Nothing waits for ever.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "tests/support/process.hpp"

namespace drydock::test {

/// A socket that closes itself.
class SocketFile {
public:
    explicit SocketFile(int file = -1) : file_(file) {}
    SocketFile(SocketFile&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
    SocketFile& operator=(SocketFile&& other) noexcept {
        std::swap(file_, other.file_);
        return *this;
    }
    ~SocketFile() { close(); }
    int get() const { return file_; }
    bool is_open() const { return file_ >= 0; }
    void close();
    /// Closes so that the peer gets a reset instead of the end of the stream.
    void reset();

private:
    int file_;
};

/// Connects, blocking; what it gives is non-blocking. Not open: it could not, and errno says why.
SocketFile connect_to(std::uint16_t port, const std::string& address = "127.0.0.1");
/// The same, with so little room on its way that a server soon notices when nobody reads.
SocketFile connect_narrowly_to(std::uint16_t port);

/// What one call has moved, without waiting.
struct Moved {
    enum class How : std::uint8_t { some, nothing_now, end_of_stream, broken };
    How how = How::nothing_now;
    std::size_t bytes = 0;

    bool is_over() const { return how == How::end_of_stream || how == How::broken; }
};
Moved receive_now(const SocketFile& socket, std::span<char> into);
Moved send_now(const SocketFile& socket, std::string_view bytes);

/// How a receive came to its end.
enum class End : std::uint8_t { complete, end_of_stream, reset, timed_out };
void PrintTo(End end, std::ostream* out);

struct Received {
    std::string bytes;
    End end = End::timed_out;
};

/// One connection, as a patient client.
class TcpPeer {
public:
    explicit TcpPeer(SocketFile socket) : socket_(std::move(socket)) {}
    explicit TcpPeer(std::uint16_t port, const std::string& address = "127.0.0.1")
        : socket_(connect_to(port, address)) {}

    bool is_open() const { return socket_.is_open(); }
    /// All of it, or false.
    bool send(std::string_view bytes, Milliseconds timeout = patience);
    /// So many bytes: no less but at the stream's end, and no more.
    Received receive(std::size_t count, Milliseconds timeout = patience);
    /// Until the stream ends.
    Received receive_rest(Milliseconds timeout = patience);
    /// Sends and receives at the same time, as long streams must, half closes, and reads to the
    /// end.
    Received exchange(std::string_view bytes, Milliseconds timeout = patience);
    void half_close();
    void reset() { socket_.reset(); }
    void close() { socket_.close(); }

private:
    Received transfer(std::string_view to_send, std::size_t to_receive, bool half_closing,
                      Milliseconds timeout);

    SocketFile socket_;
};

/// Listens at a free port of 127.0.0.1, or of `address`. Not open where there is no such address.
class TcpListener {
public:
    static constexpr int backlog = 16;

    explicit TcpListener(const std::string& address = "127.0.0.1");
    bool is_open() const { return socket_.is_open(); }
    std::uint16_t port() const { return port_; }
    std::optional<TcpPeer> accept(Milliseconds timeout = patience);
    void close() { socket_.close(); }

private:
    SocketFile socket_;
    std::uint16_t port_ = 0;
};

}  // namespace drydock::test
