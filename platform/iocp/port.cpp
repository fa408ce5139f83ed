// The completion port itself. See port.hpp.
#include "platform/iocp/port.hpp"

#include <system_error>

namespace drydock::iocp {

Port::Port(const QueueOptions& options)
    : handle_(::CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, options.workers)),
      buffers_(options.provided_buffer_size) {
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
