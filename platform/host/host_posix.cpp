// The host on POSIX systems. See host.hpp.
#include <drydock/host.hpp>

#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

#include "platform/common/socket_address_posix.hpp"
#include "platform/host/names.hpp"

namespace drydock::host {
namespace {

using AddressList = std::unique_ptr<::addrinfo, decltype(&::freeaddrinfo)>;

/// Waits for one signal of the set, whatever else interrupts the waiting.
int next_signal(const ::sigset_t& signals) noexcept {
    for (;;) {
        const int signal = ::sigwaitinfo(&signals, nullptr);
        if (signal > 0) {
            return signal;
        }
    }
}

/// Dies of the signal, as the one who sent it expects.
void die_of(int signal) noexcept {
    ::signal(signal, SIG_DFL);
    ::sigset_t only{};
    ::sigemptyset(&only);
    ::sigaddset(&only, signal);
    ::pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
    ::raise(signal);
}

}  // namespace

ResolveResult resolve(std::string_view host, std::uint16_t port, bool passive) {
    ::addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV | (passive ? AI_PASSIVE : 0);
    const std::string name(without_brackets(host));
    const std::string service = std::to_string(port);
    ::addrinfo* found = nullptr;
    const int code =
        ::getaddrinfo(name.empty() ? nullptr : name.c_str(), service.c_str(), &hints, &found);
    const AddressList list(found, &::freeaddrinfo);
    ResolveResult result;
    if (code != 0 && !is_localhost(name)) {
        result.error = code == EAI_SYSTEM ? std::generic_category().message(errno)
                                          : std::string(::gai_strerror(code));
        return result;
    }
    for (const ::addrinfo* entry = list.get(); entry != nullptr; entry = entry->ai_next) {
        const platform::SocketAddress address(entry->ai_addr, entry->ai_addrlen);
        const Endpoint endpoint = address.endpoint();
        const bool known = std::find(result.endpoints.begin(), result.endpoints.end(), endpoint) !=
                           result.endpoints.end();
        if (!known && (address.family() == AF_INET || address.family() == AF_INET6)) {
            result.endpoints.push_back(endpoint);
        }
    }
    if (is_localhost(name)) {
        add_loopbacks(port, result.endpoints);
    }
    if (result.endpoints.empty()) {
        result.error = "the name has no IP address";
    }
    return result;
}

std::vector<std::string> command_line(int count, char** words) { return {words, words + count}; }

void on_interrupt(std::function<void()> handler) {
    ::sigset_t signals{};
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGINT);
    ::sigaddset(&signals, SIGTERM);
    // Blocked here, and so in all threads that this one starts; taken by the one that waits for
    // them.
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::thread([signals, handler = std::move(handler)] {
        next_signal(signals);
        handler();
        die_of(next_signal(signals));
    }).detach();
}

unsigned hardware_workers() noexcept {
#ifdef __linux__
    // The processors that this process may use, which can be fewer than the machine has.
    ::cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (::sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
        return static_cast<unsigned>(std::max(1, CPU_COUNT(&allowed)));
    }
#endif
    return std::max(1U, std::thread::hardware_concurrency());
}

std::uint64_t raise_open_file_limit() noexcept {
    ::rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return 0;
    }
    const ::rlim_t before = std::exchange(limit.rlim_cur, limit.rlim_max);
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        limit.rlim_cur = before;
    }
    return limit.rlim_cur == RLIM_INFINITY ? 0 : limit.rlim_cur;
}

}  // namespace drydock::host
