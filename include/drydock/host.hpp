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

/// The endpoints of a name; or none, and the end of an error message that says why ("no such host
/// is known").
struct ResolveResult {
    /// In the order in which the system recommends them, without duplicates. Empty: `error` says
    /// why.
    std::vector<Endpoint> endpoints;
    /// The end of an error message, without a full stop. Empty if there are endpoints.
    std::string error;

    /// Whether the name has an endpoint.
    bool ok() const noexcept { return !endpoints.empty(); }
};

/// Looks up `host`: a name, an IPv4 address or an IPv6 address, in brackets or not (getaddrinfo;
/// RFC 3493). Every endpoint has `port`. Blocks, for seconds if a name server does not answer.
/// "localhost" is both loopback addresses, whichever of them the system's tables name. With
/// `passive` an empty host means "all addresses of this machine", which is where a server listens;
/// without it, this machine itself. Throws nothing but std::bad_alloc. From any thread.
ResolveResult resolve(std::string_view host, std::uint16_t port, bool passive = false);

/// The words of the command line in UTF-8, given the `count` and `words` that main() was given; the
/// first is the program's name. (On Windows `words` have lost every character that the code page of
/// the day does not have, so the system is asked for them anew.)
std::vector<std::string> command_line(int count, char** words);

/// Calls `handler` once, on a thread of its own, at the first Ctrl-C (SIGINT, SIGTERM; on Windows
/// Ctrl-C, Ctrl-Break and closing the console). The second one ends the program at once, as if
/// there were no handler, so that a user can cut short a graceful stop that hangs. Throws
/// std::system_error if the system gives no thread.
///
/// To be called once, by the main thread, before any other thread starts: on POSIX systems threads
/// inherit which signals they leave to this one.
void on_interrupt(std::function<void()> handler);

/// on_interrupt() for a handler that uses objects of a scope. After the destructor the handler is
/// not called any more; the destructor waits for a call that is under way.
class InterruptScope {
public:
    /// Calls `handler` at the first Ctrl-C, as on_interrupt() does, and so once in a program.
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

/// How many threads this process can run at the same time: the processors that it may use, and at
/// least 1. From any thread.
unsigned hardware_workers() noexcept;

/// Raises the number of sockets that this process may hold open to what the system lets it have
/// without more rights (the hard limit of RLIMIT_NOFILE on POSIX systems; nothing on Windows).
/// Gives the limit that holds then, also if it could not be raised; 0 if there is none. From any
/// thread.
std::uint64_t raise_open_file_limit() noexcept;

}  // namespace drydock::host
