// The completion port itself, and what all sockets of one queue need from Winsock. See port.hpp.
#include "platform/iocp/port.hpp"

#include <system_error>

namespace drydock::iocp {
namespace {

[[noreturn]] void fail(DWORD code, const char* what) {
    throw std::system_error(static_cast<int>(code), std::system_category(), what);
}

template <typename Function>
void load(SOCKET handle, GUID id, Function& function) {
    DWORD bytes = 0;
    const int status = ::WSAIoctl(handle, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id,
                                  &function, sizeof function, &bytes, nullptr, nullptr);
    if (status != 0) {
        fail(static_cast<DWORD>(::WSAGetLastError()), "WSAIoctl");
    }
}

}  // namespace

Winsock::Winsock() {
    WSADATA data{};
    const int code = ::WSAStartup(MAKEWORD(2, 2), &data);
    if (code != 0) {
        fail(static_cast<DWORD>(code), "WSAStartup");
    }
}

Winsock::~Winsock() { ::WSACleanup(); }

Port::Port(const QueueOptions& options)
    : handle_(::CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, options.workers)),
      buffers_(options.provided_buffer_size) {
    if (handle_ == nullptr) {
        fail(::GetLastError(), "CreateIoCompletionPort");
    }
    try {
        load_extensions();
    } catch (...) {
        ::CloseHandle(handle_);
        throw;
    }
}

Port::~Port() { ::CloseHandle(handle_); }

// Asked for at any TCP socket, they hold for all of the same provider, of both families.
void Port::load_extensions() {
    SOCKET handle = INVALID_SOCKET;
    const DWORD code = open(AF_INET, handle);
    if (code != 0) {
        fail(code, "WSASocketW");
    }
    try {
        load(handle, WSAID_ACCEPTEX, extensions_.accept_ex);
        load(handle, WSAID_GETACCEPTEXSOCKADDRS, extensions_.get_accept_ex_addresses);
        load(handle, WSAID_CONNECTEX, extensions_.connect_ex);
    } catch (...) {
        ::closesocket(handle);
        throw;
    }
    ::closesocket(handle);
}

DWORD Port::open(int family, SOCKET& handle) const noexcept {
    handle = ::WSASocketW(family, SOCK_STREAM, IPPROTO_TCP, nullptr, 0,
                          WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    return handle == INVALID_SOCKET ? static_cast<DWORD>(::WSAGetLastError()) : 0;
}

DWORD Port::associate(SOCKET handle, Key key) const noexcept {
    const HANDLE same = ::CreateIoCompletionPort(reinterpret_cast<HANDLE>(handle), handle_,
                                                 static_cast<ULONG_PTR>(key), 0);
    return same == nullptr ? ::GetLastError() : 0;
}

void Port::post(Record& record, const Result& result) noexcept {
    record.result = result;
    const auto key = static_cast<ULONG_PTR>(Key::posted);
    if (::PostQueuedCompletionStatus(handle_, 0, key, &record) != 0) {
        return;
    }
    // The system has no memory for a packet. Whoever calls wait() next finds the record here; it is
    // nearly always this thread, and those who sleep look again after `longest_sleep`.
    const std::lock_guard lock(unposted_mutex_);
    unposted_.push(record);
    any_unposted_.store(true, std::memory_order_release);
}

bool Port::wake() const noexcept {
    const auto key = static_cast<ULONG_PTR>(Key::wake);
    return ::PostQueuedCompletionStatus(handle_, 0, key, nullptr) != 0;
}

Record* Port::take_unposted() noexcept {
    if (!any_unposted_.load(std::memory_order_acquire)) {
        return nullptr;
    }
    const std::lock_guard lock(unposted_mutex_);
    Record* const record = unposted_.pop();
    any_unposted_.store(!unposted_.empty(), std::memory_order_release);
    return record;
}

ULONG Port::dequeue(std::span<OVERLAPPED_ENTRY> entries, DWORD timeout) const noexcept {
    ULONG count = 0;
    const BOOL any = ::GetQueuedCompletionStatusEx(
        handle_, entries.data(), static_cast<ULONG>(entries.size()), &count, timeout, FALSE);
    // Not the count alone: after a timeout it need not be 0.
    return any != 0 ? count : 0;
}

}  // namespace drydock::iocp
