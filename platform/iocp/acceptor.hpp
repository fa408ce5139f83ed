// The pool of AcceptEx calls behind a listener, and the program's accepts that wait for a
// connection.
//
// The pool belongs to the listener and not to the program's accepts, so that many calls are in
// flight when a burst of connections comes, however few coroutines accept. A call whose connection
// no accept has asked for yet keeps it, and is not made again until an accept takes the connection.
// So at most `slot_count` connections are taken from the system in advance, and the rest waits in
// the backlog.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <mutex>
#include <source_location>

#include <drydock/queue.hpp>

#include "platform/common/accept_win32.hpp"
#include "platform/iocp/port.hpp"

namespace drydock::iocp {

class Acceptor;

/// One AcceptEx call. While it is posted it keeps its acceptor alive: the packet may come after the
/// listener was destroyed, and must find both.
struct Slot : OVERLAPPED {
    std::shared_ptr<Acceptor> posted_by;
    platform::AcceptCall call;
};

class Acceptor : public std::enable_shared_from_this<Acceptor> {
public:
    static constexpr std::size_t slot_count = 32;

    /// Takes over a listening handle that is associated with the port.
    Acceptor(CompletionQueue& queue, Port& port, SOCKET handle, int family) noexcept;
    Acceptor(const Acceptor&) = delete;
    Acceptor& operator=(const Acceptor&) = delete;
    ~Acceptor() = default;

    void accept(SocketOperation& operation) noexcept;
    void cancel() noexcept;
    void interrupt_accept() noexcept;
    void interrupt_accept(SocketOperation& operation) noexcept;

    /// The listener's end. The slots' packets are still to come, and find this alive.
    void close() noexcept;

    /// A slot's packet has arrived. Gives the accept that completes by it, with its `result` set;
    /// or null.
    static Record* slot_finished(Slot& slot, const Result& result) noexcept;

private:
    static bool accept_finished(Record& record, Result& result) noexcept;

    // All of these are called with mutex_ held.
    Record* arrived(Slot& slot, Result result) noexcept;
    Record* refused(Slot& slot, Result result) noexcept;
    Record* next_match() noexcept;
    DWORD adopt(Slot& slot) noexcept;
    std::unique_ptr<AsyncSocket> take_connection(Slot& slot) noexcept;
    void post_idle_slots() noexcept;
    DWORD post_slot(Slot& slot) noexcept;
    void complete_waiting(const Result& result) noexcept;

    CompletionQueue& queue_;
    Port& port_;
    const SOCKET handle_;
    const int family_;

    std::mutex mutex_;  // guards the rest
    std::array<Slot, slot_count> slots_;
    std::deque<Slot*> idle_;     // neither posted nor holding
    std::deque<Slot*> holding_;  // a connection that no accept has asked for yet; oldest first
    std::size_t posted_ = 0;
    RecordList waiting_;           // accepts that no connection has come for
    std::size_t in_flight_ = 0;    // those, and those whose packet has not arrived in wait()
    std::source_location latest_;  // where the last of them was started
    bool canceled_ = false;
    bool interrupt_next_ = false;
    bool closed_ = false;
};

}  // namespace drydock::iocp
