// The face in the place of Asio compiles without a warning: the objects that asio_beside.cpp does
// not have. Compiled with <drydock/asio_replace.hpp> as a forced include.
#include <string>

#include <asio.hpp>

namespace {

constexpr auto transferred = [](std::error_code, std::size_t) {};

}  // namespace

void use_descriptors(asio::io_context& context) {
    asio::posix::stream_descriptor descriptor(context, 0);
    char bytes[4];
    descriptor.async_read_some(asio::buffer(bytes), transferred);
    descriptor.async_read_some(asio::null_buffers(), transferred);
    descriptor.async_write_some(asio::buffer(bytes), transferred);
    descriptor.async_wait(asio::posix::descriptor_base::wait_read, [](std::error_code) {});
    descriptor.read_some(asio::buffer(bytes));
    descriptor.write_some(asio::buffer(bytes));
    descriptor.wait(asio::posix::descriptor_base::wait_read);
    descriptor.non_blocking(true);
    asio::serial_port port(context, "/dev/ttyS0");
    port.async_read_some(asio::buffer(bytes), transferred);
    asio::readable_pipe reader(context);
    asio::writable_pipe writer(context);
    asio::connect_pipe(reader, writer);
    asio::ip::tcp::socket socket(context);
    asio::async_write(socket, asio::buffer(bytes), transferred);
    asio::ip::tcp::iostream stream;
    stream << std::string("a text");
}
