// The one thread that works for a queue: its inbox, the operations that are ready to be handed out,
// and its alertable sleep.
//
// A completion routine runs on the thread that made the call, and only while that thread waits
// alertably. And when a thread ends, the system cancels the calls that it has made. Therefore the
// thread that is in CompletionQueue::wait() makes all calls. A start, from any thread, puts a
// record into the inbox, and the worker takes it at its next wait. A result that needs no call
// takes the same way. A cancel finds either a call that the system knows of, or a record that will
// check for the cancel's mark before it makes its call.
//
// AcceptEx and ConnectEx have no completion routine. All of them signal one shared event, which
// wakes the worker; the worker then checks all calls in flight. Their number is not limited, and
// nothing is polled.
#pragma once

#include <atomic>
#include <mutex>
#include <span>

#include <drydock/backend.hpp>

#include "platform/apc/record.hpp"
#include "platform/common/buffer_pool.hpp"
#include "platform/common/socket_win32.hpp"

namespace drydock::apc {

/// An event that resets itself when a wait has seen it.
class Event {
public:
    /// Throws std::system_error.
    Event();
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
    ~Event();

    HANDLE get() const noexcept { return handle_; }

private:
    HANDLE handle_;
};

class Worker {
public:
    /// Throws std::system_error.
    explicit Worker(const QueueOptions& options) : buffers(options.provided_buffer_size) {}

    // From any thread. After the call the record may be gone.

    /// The worker is to take the record's next step.
    void submit(Record& record) noexcept;
    /// The operation is complete.
    void complete(Record& record, const Result& result) noexcept;
    /// The worker must check its work once more before it goes on sleeping.
    void wake() noexcept;

    // By the thread that is in wait(); before and after each of its waits, enter() and leave().

    /// Aborts with an error message if another thread is in wait(), or cannot hand over.
    void enter() noexcept;
    void leave() noexcept;

    /// Takes the steps of all records that have come, and of event-signaled calls that are done.
    void take_steps() noexcept;

    /// Lets completion routines run that are due.
    void run_routines() noexcept;

    bool any_ready() const noexcept { return !ready_.empty(); }
    /// Hands out what is ready; as much as fits.
    std::size_t take_ready(std::span<Completion> completions) noexcept;
    void ready(Record& record, const Result& result) noexcept;

    /// From here to the sleep, a thread that hands in a record wakes the worker. False: a record
    /// has come already, and the worker must not sleep.
    bool prepare_to_sleep() noexcept;
    /// Sleeps until something comes, or so many milliseconds. True: completion routines have run.
    bool sleep(DWORD timeout) noexcept;

    /// A call whose completion routine is still to run was made; that routine has run.
    void transfer_started() noexcept { transfers_.fetch_add(1); }
    void transfer_finished(Record& record, const Result& result) noexcept;

    /// What AcceptEx and ConnectEx are given as the event.
    HANDLE call_event() const noexcept { return call_done_.get(); }
    /// Such a call was made; the record's next step is taken when it is done.
    void call_started(Record& record) noexcept;

    platform::Winsock winsock;
    platform::BufferPool buffers;
    /// How many AcceptEx calls are out. They outlive their listeners, so the queue must know.
    unsigned accept_calls = 0;

private:
    void take_inbox() noexcept;
    void find_finished_calls() noexcept;
    void step(Record& record) noexcept;

    Event wake_;
    Event call_done_;

    std::mutex mutex_;  // guards the inbox
    RecordList inbox_;
    bool sleeps_ = false;

    std::atomic<bool> waiting_{false};    // a thread is in wait()
    std::atomic<unsigned> transfers_{0};  // completion routines that are still to run

    // Of the thread that is in wait().
    DWORD thread_ = 0;  // the latest that was
    RecordList ready_;
    RecordList calls_;
    bool call_was_started_ = false;
};

}  // namespace drydock::apc
