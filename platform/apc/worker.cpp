// The one thread that works for a queue. See worker.hpp.
#include "platform/apc/worker.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include "platform/apc/error.hpp"

namespace drydock::apc {
namespace {

[[noreturn]] void abort_with(const char* sentence) noexcept {
    std::fprintf(stderr, "drydock: %s\n", sentence);
    std::abort();
}

/// What the system has written about an event-signaled call; its events come after that.
ULONG_PTR status_of(const Record& record) noexcept {
    const volatile ULONG_PTR& status = record.Internal;
    const ULONG_PTR seen = status;
    std::atomic_thread_fence(std::memory_order_acquire);
    return seen;
}

bool is_done(const Record& record) noexcept {
    constexpr ULONG_PTR status_pending = 0x103;
    return status_of(record) != status_pending;
}

}  // namespace

Event::Event() : handle_(::CreateEventW(nullptr, FALSE, FALSE, nullptr)) {
    if (handle_ == nullptr) {
        throw std::system_error(static_cast<int>(::GetLastError()), std::system_category(),
                                "CreateEventW");
    }
}

Event::~Event() { ::CloseHandle(handle_); }

// --- from any thread -----------------------------------------------------------------------------

void Worker::submit(Record& record) noexcept {
    const std::lock_guard lock(mutex_);
    inbox_.push(record);
    if (sleeps_) {
        sleeps_ = false;
        ::SetEvent(wake_.get());
    }
}

void Worker::complete(Record& record, const Result& result) noexcept {
    record.step = nullptr;
    record.result = result;
    submit(record);
}

void Worker::wake() noexcept {
    const std::lock_guard lock(mutex_);
    if (sleeps_) {
        sleeps_ = false;
        ::SetEvent(wake_.get());
    }
}

// --- by the worker -------------------------------------------------------------------------------

void Worker::enter() noexcept {
    if (waiting_.exchange(true)) {
        abort_with("the apc backend has one worker: a second thread called wait()");
    }
    const DWORD me = ::GetCurrentThreadId();
    if (thread_ != me && transfers_.load() > 0) {
        abort_with(
            "the apc backend has one worker: another thread called wait() with receives or sends "
            "in flight, whose completion routines run on the thread that waited before");
    }
    thread_ = me;
}

void Worker::leave() noexcept { waiting_.store(false); }

// The order matters: as a call that is made resets the event that another one has signaled, the
// calls are looked through once more after the last one was made.
void Worker::take_steps() noexcept {
    take_inbox();
    find_finished_calls();
}

void Worker::run_routines() noexcept {
    if (transfers_.load() > 0) {
        ::SleepEx(0, TRUE);
    }
}

void Worker::take_inbox() noexcept {
    RecordList steps;
    {
        const std::lock_guard lock(mutex_);
        steps = inbox_.take_all();
    }
    while (Record* const record = steps.pop()) {
        step(*record);
    }
}

void Worker::find_finished_calls() noexcept {
    do {
        call_was_started_ = false;
        RecordList calls = calls_.take_all();
        while (Record* const record = calls.pop()) {
            if (!is_done(*record)) {
                calls_.push(*record);
                continue;
            }
            const DWORD code = code_of_status(status_of(*record));
            record->result = code == 0 ? Result::success() : failure(code);
            step(*record);
        }
    } while (call_was_started_);
}

void Worker::step(Record& record) noexcept {
    if (record.step == nullptr) {
        return ready_.push(record);
    }
    record.step(record);
}

std::size_t Worker::take_ready(std::span<Completion> completions) noexcept {
    std::size_t count = 0;
    while (count < completions.size()) {
        Record* const record = ready_.pop();
        if (record == nullptr) {
            break;
        }
        if (record->finish == nullptr || record->finish(*record)) {
            completions[count++] = {record->operation, record->result};
        }
    }
    return count;
}

void Worker::ready(Record& record, const Result& result) noexcept {
    record.result = result;
    ready_.push(record);
}

bool Worker::prepare_to_sleep() noexcept {
    const std::lock_guard lock(mutex_);
    sleeps_ = inbox_.empty() && ready_.empty();
    return sleeps_;
}

bool Worker::sleep(DWORD timeout) noexcept {
    const std::array events{wake_.get(), call_done_.get()};
    const DWORD reason = ::WaitForMultipleObjectsEx(static_cast<DWORD>(events.size()),
                                                    events.data(), FALSE, timeout, TRUE);
    const std::lock_guard lock(mutex_);
    sleeps_ = false;
    return reason == WAIT_IO_COMPLETION;
}

void Worker::transfer_finished(Record& record, const Result& result) noexcept {
    transfers_.fetch_sub(1);
    ready(record, result);
}

void Worker::call_started(Record& record) noexcept {
    calls_.push(record);
    call_was_started_ = true;
}

}  // namespace drydock::apc
