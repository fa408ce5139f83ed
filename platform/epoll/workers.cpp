// How ready operations reach a worker.
#include "platform/epoll/workers.hpp"

#include <unistd.h>

#include <algorithm>

#include "platform/common/clock_posix.hpp"

namespace drydock::epoll {
namespace {

/// Moves operations into completions. From the moment of the count-down on, the owner of the socket
/// may destroy it as far as this operation is concerned.
std::size_t hand_out(OperationList& list, std::span<Completion> completions) noexcept {
    std::size_t count = 0;
    while (count < completions.size()) {
        Operation* const operation = list.pop();
        if (operation == nullptr) {
            break;
        }
        const Record& record = operation->native<Record>();
        completions[count++] = {operation, record.result};
        if (record.in_flight != nullptr) {
            record.in_flight->fetch_sub(1, std::memory_order_release);
        }
    }
    return count;
}

}  // namespace

// --- the threads that are workers ----------------------------------------------------------------

Workers::Workers(int wake_file) noexcept : wake_file_(wake_file) {}

Workers::~Workers() { threads_.end(workers_); }

Worker& Workers::attach() {
    auto worker = std::make_shared<Worker>();
    worker->home = this;
    {
        const std::lock_guard lock(workers_mutex_);
        workers_.push_back(worker);
    }
    threads_.add_caller(worker);
    return *worker;
}

void Workers::detach(Worker& worker) noexcept {
    OperationList rest;
    {
        const std::lock_guard lock(workers_mutex_);
        const std::lock_guard worker_lock(worker.mutex);
        if (worker.place == Worker::Place::outside) {
            outside_.fetch_sub(1);
        }
        rest.splice(worker.ready);
        std::erase_if(workers_, [&worker](const auto& other) { return other.get() == &worker; });
    }
    share(rest);
}

// --- in and out of wait() ------------------------------------------------------------------------

Worker& Workers::enter() noexcept {
    Worker* const found = threads_.find_caller();
    Worker& me = found != nullptr ? *found : attach();
    const std::lock_guard lock(me.mutex);
    if (me.place == Worker::Place::outside) {
        outside_.fetch_sub(1);
    }
    me.place = Worker::Place::waiting;
    ++me.round;
    return me;
}

void Workers::leave(Worker& me) noexcept {
    OperationList rest;
    {
        const std::lock_guard lock(me.mutex);
        me.place = Worker::Place::outside;
        outside_.fetch_add(1);
        // What this worker has no time for now is better off with one that sleeps.
        if (!me.ready.empty() && sleepers_.load() > 0) {
            rest.splice(me.ready);
        }
    }
    share(rest);
    // From here on, if a worker sleeps, one of the sleepers must watch this worker. And this worker
    // may have taken from epoll a wake-up that was meant for one that takes everything shared.
    if (sleepers_.load() > 0 && (!watched_.load() || shared_size_.load() > 0)) {
        wake_sleeper();
    }
}

std::size_t Workers::take(Worker& me, std::span<Completion> completions) noexcept {
    // In every other round the shared list comes first, so that neither list starves the other.
    std::size_t count = (me.round & 1) != 0 ? take_shared(completions) : 0;
    count += take_own(me, completions.subspan(count));
    if (count < completions.size()) {
        count += take_shared(completions.subspan(count));
    }
    return count;
}

std::size_t Workers::take_own(Worker& me, std::span<Completion> completions) noexcept {
    const std::lock_guard lock(me.mutex);
    return hand_out(me.ready, completions);
}

std::size_t Workers::take_shared(std::span<Completion> completions) noexcept {
    if (shared_size_.load() == 0) {
        return 0;
    }
    const std::lock_guard lock(shared_mutex_);
    const std::size_t count = hand_out(shared_, completions);
    shared_size_.fetch_sub(count);
    return count;
}

// --- what becomes ready --------------------------------------------------------------------------

void Workers::finish(Operation& operation) noexcept {
    if (Worker* const me = threads_.find_caller(); me != nullptr) {
        const std::lock_guard lock(me->mutex);
        if (me->place != Worker::Place::away) {
            me->ready.push(operation);
            return;
        }
    }
    OperationList list;
    list.push(operation);
    share(list);
}

void Workers::post(Operation& operation) noexcept {
    if (sleepers_.load() == 0) {
        finish(operation);
        return;
    }
    OperationList list;
    list.push(operation);
    share(list);
}

void Workers::share(OperationList& list) noexcept {
    if (list.empty()) {
        return;
    }
    {
        const std::lock_guard lock(shared_mutex_);
        shared_size_.fetch_add(list.size());
        shared_.splice(list);
    }
    wake_sleeper();
}

bool Workers::caller_comes_back() noexcept {
    Worker* const me = threads_.find_caller();
    if (me == nullptr) {
        return false;
    }
    const std::lock_guard lock(me->mutex);
    return me->place != Worker::Place::away;
}

// --- sleeping ------------------------------------------------------------------------------------

void Workers::wake_sleeper() noexcept {
    // One wake-up at a time: whoever takes its event out of epoll clears the mark before it looks
    // at the shared list, and wakes the next one if it leaves anything there (see leave()).
    if (sleepers_.load() > 0 && !wake_pending_.exchange(true)) {
        const std::uint64_t one = 1;
        [[maybe_unused]] const ::ssize_t written = ::write(wake_file_, &one, sizeof one);
    }
}

Workers::Nap Workers::fall_asleep(Worker& me) noexcept {
    Nap nap;
    sleepers_.fetch_add(1);
    if (shared_size_.load() > 0) {
        nap.until = Time::min();
    } else if (outside_.load() > 0) {
        if (inspect_others(me)) {
            nap.until = Time::min();
        } else if (outside_.load() > 0 && !watched_.exchange(true)) {
            nap.watching = true;
            nap.until = next_inspection_.load();
        }
    }
    return nap;
}

void Workers::wake_up(const Nap& nap) noexcept {
    sleepers_.fetch_sub(1);
    if (nap.watching) {
        watched_.store(false);
    }
}

/// Checks the workers that are outside, if it is time to. True: there was work to take over.
bool Workers::inspect_others(Worker& me) noexcept {
    const Time now = platform::monotonic_now();
    Time due = next_inspection_.load();
    if (now < due || !next_inspection_.compare_exchange_strong(due, now + watch_period)) {
        return false;
    }
    OperationList list;
    {
        const std::lock_guard lock(workers_mutex_);
        for (const std::shared_ptr<Worker>& other : workers_) {
            if (other.get() != &me) {
                take_over(*other, list);
            }
        }
    }
    if (list.empty()) {
        return false;
    }
    const std::lock_guard lock(me.mutex);
    me.ready.splice(list);
    return true;
}

void Workers::take_over(Worker& other, OperationList& list) noexcept {
    const std::lock_guard lock(other.mutex);
    if (other.place != Worker::Place::outside) {
        return;
    }
    if (other.watched_round != other.round) {
        other.watched_round = other.round;
        return;
    }
    other.place = Worker::Place::away;
    outside_.fetch_sub(1);
    list.splice(other.ready);
}

}  // namespace drydock::epoll
