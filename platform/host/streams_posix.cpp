// The standard streams on POSIX systems. See streams.hpp.
#include "platform/host/streams.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <system_error>

namespace drydock::host {
namespace {

/// A new descriptor gets the lowest free number. As those below are open, it is `descriptor`.
void open_in_place_of(int descriptor) noexcept {
    const int direction = descriptor == STDIN_FILENO ? O_RDONLY : O_WRONLY;
    if (::open("/dev/null", direction) == descriptor) return;
    // In a chroot without /dev. Nothing can be read from this or written to it, and it says so.
    if (::open("/", O_PATH) == descriptor) return;
    ::_exit(2);  // there is no stream on which to say why
}

}  // namespace

bool secure_standard_streams() noexcept {
    bool output_was_closed = false;
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
        open_in_place_of(descriptor);
        output_was_closed = output_was_closed || descriptor == STDOUT_FILENO;
    }
    ::signal(SIGPIPE, SIG_IGN);
    return output_was_closed;
}

WriteResult write(Stream stream, std::string_view text, std::chrono::milliseconds patience) {
    // A pipe that poll() calls writable takes this much without blocking.
    constexpr std::size_t most_at_once = PIPE_BUF;
    const int descriptor = stream == Stream::output ? STDOUT_FILENO : STDERR_FILENO;
    WriteResult result;
    while (!text.empty()) {
        if (patience != for_ever) {
            ::pollfd file{descriptor, POLLOUT, 0};
            if (::poll(&file, 1, static_cast<int>(patience.count())) == 0) {
                result.failure = "nothing reads it";
                break;
            }
        }
        const std::size_t most = patience == for_ever ? text.size() : most_at_once;
        const ::ssize_t count = ::write(descriptor, text.data(), std::min(text.size(), most));
        if (count > 0) {
            result.written += static_cast<std::size_t>(count);
            text.remove_prefix(static_cast<std::size_t>(count));
            continue;
        }
        const int code = count == 0 ? EIO : errno;
        if (code == EAGAIN) {  // whoever shares the stream has made it non-blocking
            ::pollfd file{descriptor, POLLOUT, 0};
            ::poll(&file, 1, -1);
        } else if (code != EINTR) {
            result.failure = std::generic_category().message(code);
            break;
        }
    }
    return result;
}

}  // namespace drydock::host
