// A peer: the same echo server on libuv, in its usual style, written to be quick.
//
// drydock-bench-libuv [PORT]. One loop, one thread. It tries to send an answer at once
// (uv_try_write), as a user who cares about speed would, and queues the rest; until the rest is
// sent, it does not receive.
#include <netinet/in.h>
#include <uv.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <system_error>
#include <utility>

#include "bench/peer_program.hpp"

namespace {

void check(int status, const char* what) {
    if (status < 0) throw std::system_error(-status, std::generic_category(), what);
}

class Session {
public:
    static void accept(uv_stream_t* listener) {
        auto session = std::make_unique<Session>();
        uv_tcp_init(listener->loop, &session->tcp_);
        session->tcp_.data = session.get();
        Session* const open = session.release();  // its handle's close callback ends it
        if (uv_accept(listener, open->stream()) != 0) return open->close();
        uv_tcp_nodelay(&open->tcp_, 1);
        open->read();
    }

private:
    static Session& of(uv_stream_t* stream) { return *static_cast<Session*>(stream->data); }
    uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&tcp_); }

    void read() {
        const auto give_buffer = [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
            Session& self = of(reinterpret_cast<uv_stream_t*>(handle));
            *buffer = uv_buf_init(self.buffer_.data(), static_cast<unsigned>(self.buffer_.size()));
        };
        const auto received = [](uv_stream_t* stream, ssize_t count, const uv_buf_t*) {
            if (count > 0) of(stream).send(static_cast<std::size_t>(count));
            if (count < 0) of(stream).close();
        };
        uv_read_start(stream(), give_buffer, received);
    }

    void send(std::size_t bytes) {
        uv_buf_t rest = uv_buf_init(buffer_.data(), static_cast<unsigned>(bytes));
        const int sent = uv_try_write(stream(), &rest, 1);
        if (sent == static_cast<int>(bytes)) return;
        if (sent < 0 && sent != UV_EAGAIN) return close();
        const auto done = static_cast<std::size_t>(sent > 0 ? sent : 0);
        rest = uv_buf_init(buffer_.data() + done, static_cast<unsigned>(bytes - done));
        uv_read_stop(stream());
        const auto written = [](uv_write_t* write, int status) {
            Session& self = of(write->handle);
            if (status < 0) {
                self.close();
            } else {
                self.read();
            }
        };
        if (uv_write(&write_, stream(), &rest, 1, written) != 0) close();
    }

    void close() {
        auto* const handle = reinterpret_cast<uv_handle_t*>(&tcp_);
        if (uv_is_closing(handle) != 0) return;
        uv_close(handle, [](uv_handle_t* closed) {
            const std::unique_ptr<Session> ended(static_cast<Session*>(closed->data));
        });
    }

    uv_tcp_t tcp_;
    uv_write_t write_;
    std::array<char, 16 * 1024> buffer_;
};

void serve(std::uint16_t port, unsigned workers) {
    if (workers != 1) throw std::system_error(EINVAL, std::generic_category(), "one loop");
    uv_loop_t loop;
    check(uv_loop_init(&loop), "uv_loop_init");
    uv_tcp_t listener;
    sockaddr_in address;
    int size = sizeof address;
    check(uv_tcp_init(&loop, &listener), "uv_tcp_init");
    check(uv_ip4_addr("127.0.0.1", port, &address), "uv_ip4_addr");
    check(uv_tcp_bind(&listener, reinterpret_cast<sockaddr*>(&address), 0), "uv_tcp_bind");
    const auto arrived = [](uv_stream_t* stream, int status) {
        if (status == 0) Session::accept(stream);
    };
    check(uv_listen(reinterpret_cast<uv_stream_t*>(&listener), 4096, arrived), "uv_listen");
    uv_signal_t interrupt;
    check(uv_signal_init(&loop, &interrupt), "uv_signal_init");
    const auto stop = [](uv_signal_t* signal, int) { uv_stop(signal->loop); };
    check(uv_signal_start(&interrupt, stop, SIGINT), "uv_signal_start");
    uv_tcp_getsockname(&listener, reinterpret_cast<sockaddr*>(&address), &size);
    std::printf("listening on 127.0.0.1:%u\n", static_cast<unsigned>(ntohs(address.sin_port)));
    std::fflush(stdout);
    uv_run(&loop, UV_RUN_DEFAULT);
}

}  // namespace

int main(int argc, char** argv) {
    return drydock::bench::run_peer(argc, argv, "drydock-bench-libuv",
                                    "An echo server on libuv, to compare with.", &serve);
}
