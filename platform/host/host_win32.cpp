// The host on Windows. See host.hpp.
#include <drydock/host.hpp>

#include <algorithm>
#include <atomic>
#include <memory>
#include <new>
#include <thread>
#include <utility>

#include "platform/common/socket_address_win32.hpp"
#include "platform/common/winsock_win32.hpp"
#include "platform/host/names.hpp"

#include <shellapi.h>  // after windows.h

namespace drydock::host {
namespace {

using Handler = std::function<void()>;

// Windows gives a console handler no argument, so what it calls has to be found here. Never
// destroyed: Ctrl-C may come while the program's statics are.
alignas(Handler) std::byte handler_memory[sizeof(Handler)];
std::atomic<Handler*> pending_handler{nullptr};

/// Called by the system, each time on a thread of its own. FALSE: the default, which ends the
/// process.
BOOL WINAPI on_console_event(DWORD event) {
    Handler* const handler = pending_handler.exchange(nullptr);
    if (handler == nullptr) {
        return FALSE;
    }
    (*handler)();
    const bool console_goes = event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT;
    // The process is ended as soon as this returns; until then it has a few seconds for its stop.
    if (console_goes) {
        ::Sleep(INFINITE);
    }
    return TRUE;
}

/// Winsock, while names are looked up.
class Winsock {
public:
    Winsock() noexcept {
        WSADATA data{};
        code_ = ::WSAStartup(MAKEWORD(2, 2), &data);
    }
    Winsock(const Winsock&) = delete;
    Winsock& operator=(const Winsock&) = delete;
    ~Winsock() {
        if (code_ == 0) {
            ::WSACleanup();
        }
    }

    int code() const noexcept { return code_; }

private:
    int code_;
};

std::string sentence_of(int code) {
    switch (code) {
        case WSAHOST_NOT_FOUND:
        case WSANO_DATA:
            return "no such host is known";
        case WSATRY_AGAIN:
            return "the name server does not answer";
        case WSAEINVAL:
            return "the name is malformed";
        default:
            return "the name cannot be looked up (Winsock error " + std::to_string(code) + ")";
    }
}

}  // namespace

ResolveResult resolve(std::string_view host, std::uint16_t port, bool passive) {
    ResolveResult result;
    const Winsock winsock;
    ::addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_protocol = IPPROTO_TCP;
    hints.ai_flags = passive ? AI_PASSIVE : 0;
    const std::string name(without_brackets(host));
    const std::string service = std::to_string(port);
    ::addrinfo* found = nullptr;
    int code = winsock.code();
    if (code == 0) {
        code =
            ::getaddrinfo(name.empty() ? nullptr : name.c_str(), service.c_str(), &hints, &found);
    }
    if (code != 0 && !is_localhost(name)) {
        result.error = sentence_of(code);
        return result;
    }
    const std::unique_ptr<::addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    for (const ::addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
        if (entry->ai_family != AF_INET && entry->ai_family != AF_INET6) {
            continue;
        }
        const platform::SocketAddress address(entry->ai_addr, static_cast<int>(entry->ai_addrlen));
        const Endpoint endpoint = address.endpoint();
        const auto same = std::find(result.endpoints.begin(), result.endpoints.end(), endpoint);
        if (same == result.endpoints.end()) {
            result.endpoints.push_back(endpoint);
        }
    }
    if (is_localhost(name)) {
        add_loopbacks(port, result.endpoints);
    }
    if (result.endpoints.empty()) {
        result.error = sentence_of(WSANO_DATA);
    }
    return result;
}

std::vector<std::string> command_line(int count, char** words) {
    int wide_count = 0;
    LPWSTR* const wide = ::CommandLineToArgvW(::GetCommandLineW(), &wide_count);
    if (wide == nullptr) {
        return {words, words + count};
    }
    std::vector<std::string> texts;
    for (int i = 0; i < wide_count; ++i) {
        const int size =
            ::WideCharToMultiByte(CP_UTF8, 0, wide[i], -1, nullptr, 0, nullptr, nullptr);
        std::string text(static_cast<std::size_t>(std::max(size, 1)), '\0');
        ::WideCharToMultiByte(CP_UTF8, 0, wide[i], -1, text.data(), size, nullptr, nullptr);
        text.pop_back();  // the NUL that ended it
        texts.push_back(std::move(text));
    }
    ::LocalFree(wide);
    return texts;
}

void on_interrupt(std::function<void()> handler) {
    pending_handler.store(::new (static_cast<void*>(handler_memory)) Handler(std::move(handler)));
    ::SetConsoleCtrlHandler(&on_console_event, TRUE);
}

unsigned hardware_workers() noexcept { return std::max(1U, std::thread::hardware_concurrency()); }

// Windows bounds sockets by memory alone.
std::uint64_t raise_open_file_limit() noexcept { return 0; }

}  // namespace drydock::host
