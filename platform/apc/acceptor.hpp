// The pool of AcceptEx calls behind a listener, and the program's accepts that wait for a
// connection.
//
// As in platform/iocp, the pool belongs to the listener, so that many calls are in flight when a
// burst of connections comes, however few coroutines accept. A call whose connection no accept has
// asked for yet keeps it. Only the worker makes calls and finds them done. Accepts, cancel() and
// close() may come from any thread.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <mutex>
#include <source_location>

#include <drydock/queue.hpp>

#include "platform/apc/worker.hpp"
#include "platform/common/accept_win32.hpp"

namespace drydock::apc {

class Acceptor : public std::enable_shared_from_this<Acceptor> {
public:
    static constexpr std::size_t slot_count = 32;

    /// Takes over a listening handle.
    Acceptor(CompletionQueue& queue, Worker& worker, SOCKET handle, int family) noexcept;
    Acceptor(const Acceptor&) = delete;
    Acceptor& operator=(const Acceptor&) = delete;
    ~Acceptor() = default;

    void accept(SocketOperation& operation) noexcept;
    void cancel() noexcept;
    void interrupt_accept() noexcept;
    void interrupt_accept(SocketOperation& operation) noexcept;

    /// The listener's end. Calls that are out are still to be found done, and find this alive.
    void close() noexcept;

private:
    /// One AcceptEx call. While it is out it keeps its acceptor alive.
    struct Slot : Record {
        std::shared_ptr<Acceptor> out_for;
        platform::AcceptCall call;
    };
    /// What asks the worker to make calls. On its way it keeps its acceptor alive.
    struct Request : Record {
        std::shared_ptr<Acceptor> for_whom;
    };

    // By the worker.
    static void requested(Record& record) noexcept;
    static void slot_done(Record& record) noexcept;
    static bool accept_finished(Record& record) noexcept;

    // All of these are called with mutex_ held; all but the first two by the worker.
    void request_calls() noexcept;
    void complete_waiting(const Result& result) noexcept;
    void arrived(Slot& slot, Result result) noexcept;
    void failed(Slot& slot, const Result& result) noexcept;
    void match() noexcept;
    void call_idle_slots() noexcept;
    DWORD call(Slot& slot) noexcept;

    CompletionQueue& queue_;
    Worker& worker_;
    const SOCKET handle_;
    const int family_;

    std::mutex mutex_;  // guards the rest
    Request request_;
    std::array<Slot, slot_count> slots_;
    std::deque<Slot*> idle_;     // neither out nor holding
    std::deque<Slot*> holding_;  // a connection that no accept has asked for yet; oldest first
    std::size_t out_ = 0;
    RecordList waiting_;           // accepts that no connection has come for
    std::size_t in_flight_ = 0;    // those, and those that were not handed out
    std::source_location latest_;  // where the last of them was started
    bool canceled_ = false;
    bool interrupt_next_ = false;
    bool closed_ = false;
};

}  // namespace drydock::apc
