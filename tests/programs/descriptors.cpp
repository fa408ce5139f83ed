// A program on Asio that reads and writes its standard streams by posix::stream_descriptor. With an
// argument it is a client that leaves by exit().
#include <fcntl.h>
#include <unistd.h>

#include <asio.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

namespace {

using Descriptor = asio::posix::stream_descriptor;

/// Sends each line back, cancels the read after the second line once, and reads to the end.
class Echo {
public:
    explicit Echo(asio::io_context& context)
        : in_(context, ::dup(STDIN_FILENO)), out_(context, ::dup(STDOUT_FILENO)), timer_(context) {
        read();
    }

private:
    void read() {
        asio::async_read_until(
            in_, asio::dynamic_buffer(line_), '\n',
            [this](std::error_code error, std::size_t bytes) { has_read(error, bytes); });
        if (++reads_ != 3) return;
        timer_.expires_after(std::chrono::milliseconds(1));
        timer_.async_wait([this](std::error_code) { in_.cancel(); });
    }
    void has_read(std::error_code error, std::size_t bytes) {
        if (error == asio::error::eof) return say("end\n", false);
        if (error == asio::error::operation_aborted) return say("canceled\n", true);
        const std::string line = line_.substr(0, bytes);
        line_.erase(0, bytes);
        say(line, true);
    }
    void say(const std::string& text, bool goes_on) {
        said_ = text;
        asio::async_write(out_, asio::buffer(said_),
                          [this, goes_on](std::error_code error, std::size_t bytes) {
                              if (error || bytes != said_.size()) std::puts("a write failed");
                              if (goes_on) read();
                          });
    }

    Descriptor in_;
    Descriptor out_;
    asio::steady_timer timer_;
    std::string line_;
    std::string said_;
    int reads_ = 0;
};

void expect(bool holds, const char* what) {
    if (!holds) std::printf("not so: %s\n", what);
}

bool unsupported(const std::error_code& error) {
    return error == asio::error::operation_not_supported;
}

void other_descriptors(asio::io_context& context) {
    std::error_code error;
    Descriptor file(context);
    const int null_device = ::open("/dev/null", O_RDONLY);
    file.assign(null_device, error);
    expect(unsupported(error), "a file is not supported");
    ::close(null_device);
    asio::readable_pipe reader(context);
    asio::writable_pipe writer(context);
    asio::connect_pipe(reader, writer, error);
    expect(unsupported(error), "a pipe is not supported");
    char bytes[4];
    file.async_read_some(asio::buffer(bytes), [](std::error_code failed, std::size_t) {
        expect(failed == asio::error::bad_descriptor, "a read of what is not open fails");
    });
}

void synchronous_calls(asio::io_context& context) {
    Descriptor error_output(context, ::dup(STDERR_FILENO));
    asio::write(error_output, asio::buffer("an error\n", 9));
    std::error_code error;
    char byte;
    error_output.read_some(asio::buffer(&byte, 1), error);
    expect(error == asio::error::bad_descriptor, "an output cannot be read");
    Descriptor in(context, ::dup(STDIN_FILENO));
    in.wait(Descriptor::wait_read);
    expect(in.read_some(asio::buffer(&byte, 1)) == 1 && byte == '>', "a byte is read");
    const int number = in.release();
    expect(::read(number, &byte, 1) == 1 && byte == '\n', "the descriptor has outlived the object");
    expect(::close(number) == 0, "a descriptor is closed");
    expect(::read(number, &byte, 1) == -1, "a closed descriptor cannot be read");
}

/// Leaves while a read is pending, and another thread is in run().
[[noreturn]] void connect_and_exit() {
    using asio::ip::tcp;
    static asio::io_context context;
    static tcp::socket socket(context);
    static char bytes[4];
    socket.connect(tcp::endpoint(asio::ip::address_v4::loopback(), 7000));
    asio::write(socket, asio::buffer("bye", 3));
    socket.async_read_some(asio::buffer(bytes), [](std::error_code, std::size_t) {
        std::puts("a handler has run after exit()");
    });
    std::thread([] { context.run(); }).detach();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::exit(0);
}

}  // namespace

int main(int argc, char**) {
    std::signal(SIGTERM, [](int) {});  // it ends when its input does
    try {
        if (argc > 1) connect_and_exit();
        asio::io_context context;
        other_descriptors(context);
        synchronous_calls(context);
        Echo echo(context);
        context.run();
        return 0;
    } catch (const std::system_error& error) {
        std::printf("refused: %s\n", unsupported(error.code()) ? "not supported" : error.what());
        return 3;
    }
}
