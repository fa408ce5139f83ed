// The completion queue on a Win32 I/O completion port: starts that belong to no socket, and wait().
//
// Only wait() takes packets out. A packet's completion key says what the packet is about
// (record.hpp). The record's `finish` updates the socket, listener or connect that started the
// operation. Both are done before wait() hands out the completion, since the program may then
// destroy the operation and its owner.
#include "platform/iocp/queue.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "platform/common/clock_win32.hpp"
#include "platform/iocp/connector.hpp"
#include "platform/iocp/error.hpp"
#include "platform/iocp/listener.hpp"

namespace drydock::iocp {
namespace {

constexpr unsigned most_packets = 64;
// A peer that floods can keep the list of completions without a packet from ever becoming empty. So
// after this many rounds in a row that took completions from the list alone, a worker also polls
// the port.
constexpr unsigned rounds_between_looks = 32;
// No worker sleeps longer than this without checking its work: see Waiters::keep().
constexpr Duration longest_sleep = std::chrono::seconds(10);
// How long the queue's end waits for packets of accept slots whose listeners are gone.
constexpr Duration longest_drain = std::chrono::seconds(2);
constexpr DWORD drain_step = 50;  // milliseconds

/// How many packets a worker that has nothing else to do asks the port for. When workers get as
/// many as they ask for, time after time, the number doubles; when they get few, it halves. So when
/// there are few packets, some are left for workers that sleep, and taking them costs little: Wine
/// asks its server once for each packet, and once more if there is room left. (A worker that polls
/// the port between other work takes every packet that is there, since these have waited.) All
/// workers share the number. It is an estimate: of two changes at the same time one may be lost.
class Share {
public:
    unsigned size() const noexcept { return size_.load(std::memory_order_relaxed); }

    void adapt(std::size_t taken) noexcept {
        const unsigned size = this->size();
        if (taken < size) {
            full_in_a_row_.store(0, std::memory_order_relaxed);
            if (taken > 0 && taken <= size / 2) {
                size_.store(size / 2, std::memory_order_relaxed);
            }
        } else if (full_in_a_row_.fetch_add(1, std::memory_order_relaxed) >= patience &&
                   size < most_packets) {
            full_in_a_row_.store(0, std::memory_order_relaxed);
            size_.store(size * 2, std::memory_order_relaxed);
        }
    }

private:
    static constexpr unsigned patience = 16;

    std::atomic<unsigned> size_{1};
    std::atomic<unsigned> full_in_a_row_{0};
};

class Queue final : public CompletionQueue {
public:
    explicit Queue(const QueueOptions& options)
        : port_(options), connector_(*this, port_, locks_) {}
    ~Queue() override;

    Time now() const noexcept override { return port_.now(); }
    ListenResult listen(const Endpoint& endpoint, const ListenOptions& options) override {
        return open_listener(*this, port_, endpoint, options);
    }
    void connect(SocketOperation& operation, const Endpoint& endpoint) noexcept override {
        connector_.start(operation, endpoint);
    }
    void start_timer(Operation& operation, Time deadline) noexcept override;
    void cancel(Operation& operation) noexcept override;
    void post(Operation& operation) noexcept override;
    std::size_t wait(std::span<Completion> completions, Time deadline) noexcept override;

private:
    std::size_t take_ready(std::span<Completion> completions, unsigned round, Time time) noexcept;
    std::size_t take_packets(std::span<Completion> completions, unsigned most,
                             DWORD timeout) noexcept;
    std::size_t sleep(std::span<Completion> completions, Time time, Time deadline) noexcept;
    bool take(const OVERLAPPED_ENTRY& entry, Completion& completion) noexcept;

    Port port_;
    OperationLocks locks_;
    Connector connector_;
    Share share_;
    std::atomic<unsigned> rounds_{0};
};

/// What the system says in a packet.
Result packet_result(const OVERLAPPED_ENTRY& entry) noexcept {
    const DWORD code = code_of_status(entry.lpOverlapped->Internal);
    Result result = code == 0 ? Result::success() : failure(code);
    result.bytes = entry.dwNumberOfBytesTransferred;
    return result;
}

/// False: the operation goes on.
bool finish(Record& record, Result result, Completion& completion) noexcept {
    Operation* const operation = record.operation;
    if (record.finish != nullptr && !record.finish(record, result)) {
        return false;
    }
    completion = {operation, result};
    return true;
}

Queue::~Queue() {
    std::array<Completion, 16> nobodys;
    const Time limit = later(now(), longest_drain);
    while (port_.slots_posted.load() > 0 && now() < limit) {
        take_packets(nobodys, most_packets, drain_step);
    }
    port_.buffers().check_all_back(*this);
}

void Queue::start_timer(Operation& operation, Time deadline) noexcept {
    const std::lock_guard lock(locks_.of(operation));
    if (!operation.begin(*this, OperationKind::timer)) {
        return;
    }
    Record& record = operation.emplace_native<TimerRecord>().record;
    record.operation = &operation;
    if (operation.take_remembered_cancel()) {
        port_.complete(record, Result::failure(Error::canceled));
    } else if (deadline <= now()) {
        port_.complete(record, Result::success());
    } else {
        port_.waiters().start(operation, deadline);
    }
}

// An operation's kind is written by the starts of timers and connects with its lock held, so it may
// be read here; its native record is what that kind says, from the first start on.
void Queue::cancel(Operation& operation) noexcept {
    const std::lock_guard lock(locks_.of(operation));
    if (operation.kind() == OperationKind::timer && port_.waiters().remove(operation)) {
        Record& record = operation.native<TimerRecord>().record;
        return port_.post(record, Result::failure(Error::canceled));
    }
    if (operation.kind() == OperationKind::connect && connector_.cancel(operation)) {
        return;
    }
    operation.remember_cancel();
}

void Queue::post(Operation& operation) noexcept {
    if (!operation.begin(*this, OperationKind::post)) {
        return;
    }
    Record& record = operation.emplace_native<Record>();
    record.operation = &operation;
    port_.post(record, Result::success());
}

std::size_t Queue::wait(std::span<Completion> completions, Time deadline) noexcept {
    std::size_t count = 0;
    const unsigned round = rounds_.fetch_add(1, std::memory_order_relaxed);
    if (round >= rounds_between_looks) {
        rounds_.store(0, std::memory_order_relaxed);
        // First, as what is there without the port may leave no room, again and again.
        count = take_packets(completions, most_packets, 0);
    }
    Time time = Time::min();
    for (bool is_late = false; !is_late;) {
        time = now();
        count += take_ready(completions.subspan(count), round, time);
        if (count > 0) {
            break;
        }
        rounds_.store(0, std::memory_order_relaxed);
        is_late = deadline <= time;
        count = is_late ? take_packets(completions, most_packets, 0)
                        : sleep(completions, time, deadline);
    }
    port_.waiters().leave(time);
    return count;
}

/// What is there without asking the port. The timers come first in every other round, so that
/// neither they nor the list starve the other.
std::size_t Queue::take_ready(std::span<Completion> completions, unsigned round,
                              Time time) noexcept {
    std::size_t count = 0;
    if (round % 2 == 0) {
        count = port_.waiters().take_due(time, completions);
    }
    while (count < completions.size()) {
        Record* const record = port_.waiters().take_completed();
        if (record == nullptr) {
            break;
        }
        if (finish(*record, record->result, completions[count])) {
            ++count;
        }
    }
    return count + port_.waiters().take_due(time, completions.subspan(count));
}

std::size_t Queue::sleep(std::span<Completion> completions, Time time, Time deadline) noexcept {
    const Waiters::Sleeper sleeper(port_.waiters(), time, deadline);
    const std::size_t count =
        take_packets(completions, share_.size(),
                     platform::milliseconds_until(sleeper.until(), time, longest_sleep));
    share_.adapt(count);
    return count;
}

/// Never takes more packets than there is room for: each gives at most one completion.
std::size_t Queue::take_packets(std::span<Completion> completions, unsigned most,
                                DWORD timeout) noexcept {
    if (completions.empty()) {
        return 0;
    }
    std::array<OVERLAPPED_ENTRY, most_packets> entries;
    const std::size_t room = std::min<std::size_t>({completions.size(), entries.size(), most});
    const ULONG taken = port_.dequeue(std::span(entries).first(room), timeout);
    std::size_t count = 0;
    for (std::size_t i = 0; i < taken; ++i) {
        if (take(entries[i], completions[count])) {
            ++count;
        }
    }
    return count;
}

/// False: the packet completes no operation.
bool Queue::take(const OVERLAPPED_ENTRY& entry, Completion& completion) noexcept {
    switch (static_cast<Key>(entry.lpCompletionKey)) {
        case Key::wake:
            port_.waiters().woken();
            return false;
        case Key::slot: {
            Slot& slot = *static_cast<Slot*>(entry.lpOverlapped);
            Record* const accept = Acceptor::slot_finished(slot, packet_result(entry));
            if (accept == nullptr) {
                return false;
            }
            completion = {accept->operation, accept->result};
            return true;
        }
        case Key::posted: {
            Record& record = *static_cast<Record*>(entry.lpOverlapped);
            return finish(record, record.result, completion);
        }
        case Key::io:
            return finish(*static_cast<Record*>(entry.lpOverlapped), packet_result(entry),
                          completion);
    }
    return false;
}

}  // namespace

std::unique_ptr<CompletionQueue> make_queue(const QueueOptions& options) {
    return std::make_unique<Queue>(options);
}

}  // namespace drydock::iocp
