// The completion port itself. See port.hpp.
#include "platform/iocp/port.hpp"

#include <system_error>

namespace drydock::iocp {

Port::Port(const QueueOptions& options)
    : handle_(::CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, options.workers)),
      buffers_(options.provided_buffer_size),
      waiters_(*this) {
    if (handle_ == nullptr) {
        throw std::system_error(static_cast<int>(::GetLastError()), std::system_category(),
                                "CreateIoCompletionPort");
    }
}

Port::~Port() { ::CloseHandle(handle_); }

DWORD Port::associate(SOCKET handle, Key key) const noexcept {
    const HANDLE same = ::CreateIoCompletionPort(reinterpret_cast<HANDLE>(handle), handle_,
                                                 static_cast<ULONG_PTR>(key), 0);
    return same == nullptr ? ::GetLastError() : 0;
}

bool Port::skip_packets(SOCKET handle) const noexcept {
    constexpr UCHAR modes = FILE_SKIP_COMPLETION_PORT_ON_SUCCESS | FILE_SKIP_SET_EVENT_ON_HANDLE;
    return winsock_.handles_are_files &&
           ::SetFileCompletionNotificationModes(reinterpret_cast<HANDLE>(handle), modes) != 0;
}

void Port::post(Record& record, const Result& result) noexcept {
    record.result = result;
    if (waiters_.caller_comes_back(now()) && waiters_.complete_if_all_are_awake(record)) {
        return;
    }
    const auto key = static_cast<ULONG_PTR>(Key::posted);
    if (::PostQueuedCompletionStatus(handle_, 0, key, &record) == 0) {
        waiters_.keep(record);
    }
}

void Port::complete(Record& record, const Result& result) noexcept {
    const Time time = now();
    if (!waiters_.caller_comes_back(time)) {
        return post(record, result);
    }
    record.result = result;
    waiters_.complete(record, time);
}

bool Port::wake() const noexcept {
    const auto key = static_cast<ULONG_PTR>(Key::wake);
    return ::PostQueuedCompletionStatus(handle_, 0, key, nullptr) != 0;
}

ULONG Port::dequeue(std::span<OVERLAPPED_ENTRY> entries, DWORD timeout) const noexcept {
    ULONG count = 0;
    const BOOL any = ::GetQueuedCompletionStatusEx(
        handle_, entries.data(), static_cast<ULONG>(entries.size()), &count, timeout, FALSE);
    // Not the count alone: after a timeout it need not be 0.
    return any != 0 ? count : 0;
}

}  // namespace drydock::iocp
