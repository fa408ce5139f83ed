// What a program needs from its system besides I/O: its arguments, host names, Ctrl-C, the number
// of processors, limits.
//
// One header, and one source file per system (host_posix.cpp, host_win32.cpp). Only main functions
// use it: a server gets its addresses, its worker count and its stop from its caller.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <drydock/endpoint.hpp>

namespace drydock::host {

/// The endpoints of a name, best first; or none, and the end of an error message that says why ("no
/// such host is known").
struct ResolveResult {
    std::vector<Endpoint> endpoints;
    std::string error;

    bool ok() const noexcept { return !endpoints.empty(); }
};

/// Looks up `host`: a name, an IPv4 address or an IPv6 address, in brackets or not. Blocks.
/// "localhost" is both loopback addresses, whichever of them the system's tables name. With
/// `passive` an empty host means "all addresses of this machine", which is where a server listens;
/// without it, this machine itself.
ResolveResult resolve(std::string_view host, std::uint16_t port, bool passive = false);

/// The words of the command line in UTF-8, given what main() was given. (On Windows that has lost
/// every character that the code page of the day does not have.)
std::vector<std::string> command_line(int count, char** words);

/// Calls `handler` once, on a thread of its own, at the first Ctrl-C (SIGINT, SIGTERM; on Windows
/// Ctrl-C, Ctrl-Break and closing the console). The second one ends the program at once, as if
/// there were no handler, so that a user can cut short a graceful stop that hangs.
///
/// To be called once, by the main thread, before any other thread starts: on POSIX systems threads
/// inherit which signals they leave to this one.
void on_interrupt(std::function<void()> handler);

/// on_interrupt() for a handler that uses what ends with a scope: after it nothing is called any
/// more, and it does not end while a call is under way.
class InterruptScope {
public:
    explicit InterruptScope(std::function<void()> handler) : shared_(std::make_shared<Shared>()) {
        shared_->handler = std::move(handler);
        on_interrupt([shared = shared_] {
            const std::lock_guard lock(shared->mutex);
            if (shared->handler) shared->handler();
        });
    }
    InterruptScope(const InterruptScope&) = delete;
    InterruptScope& operator=(const InterruptScope&) = delete;
    ~InterruptScope() {
        const std::lock_guard lock(shared_->mutex);
        shared_->handler = nullptr;
    }

private:
    struct Shared {
        std::mutex mutex;
        std::function<void()> handler;
    };
    std::shared_ptr<Shared> shared_;
};

/// How many threads this process can run at the same time; at least 1.
unsigned hardware_workers() noexcept;

/// Raises the number of sockets that this process may hold open to what the system lets it have
/// without more rights. Gives the limit that holds then; 0 where there is none to speak of.
std::uint64_t raise_open_file_limit() noexcept;

}  // namespace drydock::host
