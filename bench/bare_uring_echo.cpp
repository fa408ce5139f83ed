// The yardstick for the backend on io_uring: an echo server as an expert would write the smallest
// correct one on io_uring, for this job alone. One thread, one ring with deferred work, provided
// buffers, one receive or one send in flight for a connection. Of what drydock's server has it only
// echoes: it has no stop that drains, no limits, no timers, no second worker.
//
// drydock-bench-bare-uring [PORT]
#include <liburing.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "bench/bare_program.hpp"
#include "bench/open_files.hpp"

namespace {

using namespace drydock::bench;

constexpr unsigned buffer_size = 16 * 1024;
constexpr unsigned buffer_count = 1024;
constexpr std::uint64_t accepted = 1;     // what an event is about, when not a connection:
constexpr std::uint64_t interrupted = 2;  // connections are at even addresses above these
constexpr std::uint64_t sent_mark = 1;    // added to the connection's address

struct Connection {
    int descriptor;
    bool more_waits = false;  // the last receive left something behind
    unsigned short buffer = 0;
    const char* unsent = nullptr;
    unsigned unsent_size = 0;
};

std::vector<std::unique_ptr<Connection>> connections;  // by descriptor
::io_uring ring;
::io_uring_buf_ring* buffers = nullptr;
char* memory = nullptr;

::io_uring_sqe* entry() {
    for (;;) {
        if (::io_uring_sqe* const free = ::io_uring_get_sqe(&ring); free != nullptr) return free;
        ::io_uring_submit(&ring);
    }
}

void give(unsigned short buffer) {
    ::io_uring_buf_ring_add(buffers, memory + std::size_t{buffer} * buffer_size, buffer_size,
                            buffer, ::io_uring_buf_ring_mask(buffer_count), 0);
    ::io_uring_buf_ring_advance(buffers, 1);
}

void receive(Connection& connection) {
    ::io_uring_sqe* const sqe = entry();
    ::io_uring_prep_recv(sqe, connection.descriptor, nullptr, buffer_size, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    // The next question is not there yet when the answer has just been sent.
    if (!connection.more_waits) sqe->ioprio |= IORING_RECVSEND_POLL_FIRST;
    sqe->user_data = reinterpret_cast<std::uintptr_t>(&connection);
}

void send(Connection& connection) {
    ::io_uring_sqe* const sqe = entry();
    ::io_uring_prep_send(sqe, connection.descriptor, connection.unsent, connection.unsent_size,
                         MSG_NOSIGNAL);
    sqe->user_data = reinterpret_cast<std::uintptr_t>(&connection) + sent_mark;
}

void drop(Connection& connection) {
    const int descriptor = connection.descriptor;
    ::close(descriptor);
    connections[static_cast<std::size_t>(descriptor)].reset();
}

void on_accepted(int descriptor) {
    if (descriptor < 0) return;
    const auto index = static_cast<std::size_t>(descriptor);
    if (connections.size() <= index) connections.resize(index + 1);
    connections[index] = std::make_unique<Connection>(Connection{descriptor});
    receive(*connections[index]);
}

void on_received(Connection& connection, const ::io_uring_cqe& event) {
    if (event.res == -ENOBUFS) return receive(connection);
    if (event.res <= 0) return drop(connection);
    connection.more_waits = (event.flags & IORING_CQE_F_SOCK_NONEMPTY) != 0;
    connection.buffer = static_cast<unsigned short>(event.flags >> IORING_CQE_BUFFER_SHIFT);
    connection.unsent = memory + std::size_t{connection.buffer} * buffer_size;
    connection.unsent_size = static_cast<unsigned>(event.res);
    send(connection);
}

void on_sent(Connection& connection, int result) {
    if (result <= 0) {
        give(connection.buffer);
        return drop(connection);
    }
    connection.unsent += result;
    connection.unsent_size -= static_cast<unsigned>(result);
    if (connection.unsent_size > 0) return send(connection);
    give(connection.buffer);
    receive(connection);
}

void accept_all(int listener) {
    ::io_uring_sqe* const sqe = entry();
    ::io_uring_prep_multishot_accept(sqe, listener, nullptr, nullptr, SOCK_CLOEXEC);
    sqe->user_data = accepted;
}

void serve(int listener, int interrupts) {
    accept_all(listener);
    ::io_uring_sqe* const sqe = entry();
    ::io_uring_prep_poll_add(sqe, interrupts, POLLIN);
    sqe->user_data = interrupted;
    for (;;) {
        ::io_uring_submit_and_wait(&ring, 1);
        unsigned head = 0;
        unsigned count = 0;
        ::io_uring_cqe* event = nullptr;
        io_uring_for_each_cqe(&ring, head, event) {
            ++count;
            if (event->user_data == interrupted) return;
            if (event->user_data == accepted) {
                on_accepted(event->res);
                if ((event->flags & IORING_CQE_F_MORE) == 0) accept_all(listener);
                continue;
            }
            const bool sent = (event->user_data & sent_mark) != 0;
            auto& connection = *reinterpret_cast<Connection*>(
                static_cast<std::uintptr_t>(event->user_data - (sent ? sent_mark : 0)));
            if (sent) {
                on_sent(connection, event->res);
            } else {
                on_received(connection, *event);
            }
        }
        ::io_uring_cq_advance(&ring, count);
    }
}

void* map(std::size_t size) {
    return ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
}

bool open_ring() {
    ::io_uring_params parameters{};
    parameters.flags =
        IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE;
    parameters.cq_entries = 8192;
    if (::io_uring_queue_init_params(1024, &ring, &parameters) != 0) return false;
    ::io_uring_register_ring_fd(&ring);
    buffers = static_cast<::io_uring_buf_ring*>(map(buffer_count * sizeof(::io_uring_buf)));
    memory = static_cast<char*>(map(std::size_t{buffer_count} * buffer_size));
    ::io_uring_buf_reg registration{};
    registration.ring_addr = reinterpret_cast<std::uintptr_t>(buffers);
    registration.ring_entries = buffer_count;
    if (::io_uring_register_buf_ring(&ring, &registration, 0) != 0) return false;
    ::io_uring_buf_ring_init(buffers);
    for (unsigned i = 0; i < buffer_count; ++i) give(static_cast<unsigned short>(i));
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    std::uint16_t port = 0;
    if (argc > 1) std::from_chars(argv[1], argv[1] + std::strlen(argv[1]), port);
    raise_open_file_limit();
    const int interrupts = open_interrupts();
    if (!open_ring()) {
        std::fputs("drydock-bench-bare-uring: the system gives no ring\n", stderr);
        return 2;
    }
    const int listener = open_listener("drydock-bench-bare-uring", port, 0, true);
    if (listener < 0) return 2;
    serve(listener, interrupts);
    return 0;
}
