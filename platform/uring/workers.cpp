// The workers, and how operations that are ready, started or canceled reach one.
#include "platform/uring/workers.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "platform/common/clock_posix.hpp"

namespace drydock::uring {
namespace {

void wake(const Worker& worker) noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ::ssize_t written = ::write(worker.wake_file.get(), &one, sizeof one);
}

/// With the worker's lock held.
void wake_if_asleep(Worker& worker) noexcept {
    if (worker.asleep.load(std::memory_order_relaxed) && worker.asleep.exchange(false)) {
        wake(worker);
    }
}

/// Moves finished operations into the batch.
std::size_t hand_out(OperationList& list, Batch& batch) noexcept {
    std::size_t count = 0;
    for (; !batch.full(); ++count) {
        Operation* const operation = list.pop();
        if (operation == nullptr) {
            break;
        }
        const Record& record = operation->native<Record>();
        batch.add(*operation, record.result, record.in_flight);
    }
    return count;
}

}  // namespace

// --- the threads that are workers ----------------------------------------------------------------

Workers::Workers(platform::BufferPool& pool) noexcept : pool_(pool) {}

void Workers::close_rings() noexcept {
    threads_.end(workers_);
    for (const std::shared_ptr<Worker>& worker : workers_) {
        worker->ring.reset();
    }
    prepared_.clear();
}

bool Workers::prepare(unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
        auto worker = std::make_shared<Worker>();
        open_ring(*worker);
        if (worker->ring == nullptr) {
            break;
        }
        prepared_.push_back(std::move(worker));
    }
    return !prepared_.empty();
}

Worker& Workers::attach() {
    std::shared_ptr<Worker> worker;
    {
        const std::lock_guard lock(workers_mutex_);
        if (prepared_.empty()) {
            worker = std::make_shared<Worker>();
        } else {
            worker = std::move(prepared_.back());
            prepared_.pop_back();
            enable_ring(*worker);
        }
        worker->home = this;
        workers_.push_back(worker);
        const std::lock_guard sleepers_lock(sleepers_mutex_);
        asleep_.reserve(workers_.size());  // so that falling asleep does not allocate
    }
    threads_.add_caller(worker);
    return *worker;
}

/// Leaves the worker without a ring while the system has none to give.
void Workers::open_ring(Worker& worker) noexcept {
    if (!worker.wake_file.is_open()) {
        worker.wake_file = platform::File(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    }
    if (worker.wake_file.is_open()) {
        worker.ring = Ring::open(pool_, worker.wake_file.get());
    }
}

void Workers::enable_ring(Worker& me) noexcept {
    if (me.ring != nullptr && !me.ring->enable()) {
        me.ring.reset();
    }
    const std::lock_guard lock(me.mutex);
    me.has_ring = me.ring != nullptr;
}

void Workers::detach(Worker& worker) noexcept {
    const std::lock_guard inspection_lock(inspection_mutex_);
    OperationList ready;
    RequestList starts;
    {
        const std::lock_guard lock(workers_mutex_);
        const std::lock_guard worker_lock(worker.mutex);
        if (worker.place == Worker::Place::outside) {
            outside_.fetch_sub(1);
        }
        worker.place = Worker::Place::away;
        ready.splice(worker.ready);
        starts.splice(worker.starts);
        std::erase_if(workers_, [&worker](const auto& other) { return other.get() == &worker; });
    }
    share(ready);
    adopt(starts, nullptr);
    drain(worker);
}

/// What the kernel has of a worker whose thread ends. It comes back at once, as nothing that is
/// canceled has to wait for a peer; and as the worker is away, it goes to the shared lists.
void Workers::drain(Worker& worker) noexcept {
    if (worker.ring == nullptr) {
        return;
    }
    for (take_events(worker); worker.ring->in_flight() > 0; take_events(worker)) {
        worker.ring->submit_cancel_all();
        worker.ring->enter(later(platform::monotonic_now(), watch_period));
    }
    worker.ring.reset();
}

// --- in and out of wait() ------------------------------------------------------------------------

Worker& Workers::enter() noexcept {
    Worker* const found = threads_.find_caller();
    Worker& me = found != nullptr ? *found : attach();
    if (me.ring == nullptr) {
        open_ring(me);
        enable_ring(me);
    }
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
    // may have got a wake-up that was meant for one that takes everything shared.
    if (sleepers_.load() > 0 &&
        (!watched_.load() || shared_size_.load() > 0 || shared_starts_size_.load() > 0)) {
        wake_sleeper();
    }
}

void Workers::take(Worker& me) noexcept {
    // In every other round the worker's own list comes last, so that none starves the others.
    if ((me.round & 1) == 0) {
        take_own(me);
    }
    take_shared(me);
    take_events(me);
    if ((me.round & 1) != 0) {
        take_own(me);
    }
}

void Workers::take_own(Worker& me) noexcept {
    const std::lock_guard lock(me.mutex);
    hand_out(me.ready, *me.batch);
}

void Workers::take_shared(Worker& me) noexcept {
    if (shared_size_.load() == 0) {
        return;
    }
    const std::lock_guard lock(shared_mutex_);
    shared_size_.fetch_sub(hand_out(shared_, *me.batch));
}

/// Each event completes one operation at most, so it has a place in the batch if that is not full.
void Workers::take_events(Worker& me) noexcept {
    Request* request = nullptr;
    Event event;
    while (me.ring != nullptr && (me.batch == nullptr || !me.batch->full()) &&
           me.ring->next(request, event)) {
        request->requester->completed(*request, event, me);
    }
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

void Workers::finish(Worker& me, Operation& operation, const Result& result,
                     std::atomic<std::uint32_t>* in_flight) noexcept {
    if (me.batch != nullptr && !me.batch->full()) {
        return me.batch->add(operation, result, in_flight);
    }
    Record& record = operation.native<Record>();
    record.result = result;
    record.in_flight = in_flight;
    OperationList list;
    list.push(operation);
    {
        const std::lock_guard lock(me.mutex);
        if (me.place != Worker::Place::away) {
            return me.ready.splice(list);
        }
    }
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

// --- what is started -----------------------------------------------------------------------------

void Workers::start(Request& request) noexcept {
    Worker* const me = threads_.find_caller();
    if (me == nullptr || !start_at(*me, request)) {
        share(request);
    }
}

void Workers::start_at_the_next(Request& request) noexcept {
    {
        const std::lock_guard lock(workers_mutex_);
        for (std::size_t tries = 0; tries < workers_.size(); ++tries) {
            next_worker_ = (next_worker_ + 1) % workers_.size();
            if (start_at(*workers_[next_worker_], request)) {
                return;
            }
        }
    }
    share(request);
}

void Workers::restart(Worker& me, Request& request) noexcept {
    if (!start_at(me, request)) {
        share(request);
    } else if (request.cancel_wanted) {
        mail(me, request);
    }
}

/// False: that worker is not there, or has no ring.
bool Workers::start_at(Worker& worker, Request& request) noexcept {
    const std::lock_guard lock(worker.mutex);
    if (worker.place == Worker::Place::away || !worker.has_ring) {
        return false;
    }
    request.home = &worker;
    worker.starts.push(request);
    wake_if_asleep(worker);
    return true;
}

void Workers::share(Request& request) noexcept {
    request.home = nullptr;
    {
        const std::lock_guard lock(shared_mutex_);
        shared_starts_size_.fetch_add(1);
        shared_starts_.push(request);
    }
    wake_sleeper();
}

void Workers::take_shared_starts(Worker& me) noexcept {
    if (shared_starts_size_.load() == 0) {
        return;
    }
    RequestList requests;
    {
        const std::lock_guard lock(shared_mutex_);
        shared_starts_size_.store(0);
        requests.splice(shared_starts_);
    }
    adopt(requests, &me);
}

/// Gives requests, which are in no list now, to this worker, or to the shared list.
void Workers::adopt(RequestList& requests, Worker* worker) noexcept {
    while (Request* const request = requests.pop()) {
        const std::lock_guard lock(request->requester->mutex);
        settle(*request);
        if (worker == nullptr) {
            share(*request);
        } else {
            restart(*worker, *request);
        }
    }
}

// --- what is canceled ----------------------------------------------------------------------------

void Workers::cancel(Request& request) noexcept {
    if (request.cancel_wanted) {
        return;
    }
    request.cancel_wanted = true;
    if (request.home != nullptr) {
        mail(*request.home, request);
    }
}

/// The ring is told of the cancel after the request itself, if that waits to be submitted.
void Workers::mail(Worker& home, Request& request) noexcept {
    const std::lock_guard lock(home.mutex);
    home.cancels.push(request);
    wake_if_asleep(home);
}

void Workers::settle(Request& request) noexcept {
    if (request.home != nullptr && request.cancel_wanted) {
        const std::lock_guard lock(request.home->mutex);
        if (request.mailed) {
            request.home->cancels.remove(request);
        }
    }
}

// --- the ring ------------------------------------------------------------------------------------

/// All that was started, and then all that was canceled.
void Workers::tell_ring(Worker& me, bool going_to_sleep) noexcept {
    take_shared_starts(me);
    RequestList starts;
    {
        const std::lock_guard lock(me.mutex);
        starts.splice(me.starts);
        if (going_to_sleep) {
            me.asleep.store(true);  // from here on a thread that adds work writes to the wake file
        }
    }
    while (Request* const request = starts.pop()) {
        me.ring->submit(*request);
    }
    // By name only: another worker may take such a request over as soon as the lock is released.
    // A name that is somebody else's by then is submitted later than this cancel.
    std::array<std::uint64_t, 64> names;
    for (std::size_t count = names.size(); count == names.size();) {
        count = 0;
        {
            const std::lock_guard lock(me.mutex);
            while (count < names.size() && !me.cancels.empty()) {
                names[count++] = Ring::name(*me.cancels.pop());
            }
        }
        for (std::size_t i = 0; i < count; ++i) {
            me.ring->submit_cancel(names[i]);
        }
    }
}

void Workers::look(Worker& me) noexcept {
    if (me.ring != nullptr) {
        tell_ring(me, false);
        me.ring->enter(Time::min());
    }
}

void Workers::sleep(Worker& me, Time until, platform::TimerWatch& timers) noexcept {
    const Nap nap = fall_asleep(me);
    const Time timer = timers.fall_asleep();
    until = std::min({until, nap.until, timer});
    if (me.ring != nullptr) {
        tell_ring(me, true);
        me.ring->enter(until);
        me.asleep.store(false);
    } else {
        doze(me, until);
        open_ring(me);
        enable_ring(me);
    }
    timers.wake_up(timer);
    wake_up(me, nap);
}

/// What a worker without a ring does: it serves what is ready, and hopes for a ring.
void Workers::doze(Worker& me, Time until) noexcept {
    const Duration span = std::clamp<Duration>(
        later(until, Duration::zero()) - platform::monotonic_now(), Duration::zero(), watch_period);
    ::pollfd watched{me.wake_file.get(), POLLIN, 0};
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(span).count();
    if (::poll(&watched, 1, static_cast<int>(milliseconds)) > 0) {
        std::uint64_t count = 0;
        [[maybe_unused]] const ::ssize_t taken = ::read(me.wake_file.get(), &count, sizeof count);
    }
}

Workers::Nap Workers::fall_asleep(Worker& me) noexcept {
    Nap nap;
    {
        const std::lock_guard lock(sleepers_mutex_);
        asleep_.push_back(&me);
        sleepers_.store(asleep_.size());
    }
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

void Workers::wake_up(Worker& me, const Nap& nap) noexcept {
    {
        const std::lock_guard lock(sleepers_mutex_);
        std::erase(asleep_, &me);
        sleepers_.store(asleep_.size());
    }
    if (nap.watching) {
        watched_.store(false);
    }
}

/// The lock is held until the sleeper has been woken: it cannot end before.
void Workers::wake_sleeper() noexcept {
    if (sleepers_.load() == 0) {
        return;
    }
    const std::lock_guard lock(sleepers_mutex_);
    if (asleep_.empty()) {
        return;
    }
    wake(*asleep_.back());
    asleep_.pop_back();
    sleepers_.store(asleep_.size());
}

// --- workers that stay away ----------------------------------------------------------------------

/// Checks the workers that are outside, if it is time to. True: there was work to take over.
bool Workers::inspect_others(Worker& me) noexcept {
    const Time now = platform::monotonic_now();
    Time due = next_inspection_.load();
    if (now < due || !next_inspection_.compare_exchange_strong(due, now + watch_period)) {
        return false;
    }
    // Held until each request has a new home: the old one must not end before.
    const std::lock_guard inspection_lock(inspection_mutex_);
    OperationList ready;
    RequestList starts;
    {
        const std::lock_guard lock(workers_mutex_);
        for (const std::shared_ptr<Worker>& other : workers_) {
            if (other.get() != &me) {
                take_over(*other, ready, starts);
            }
        }
    }
    const bool found = !ready.empty() || !starts.empty();
    adopt(starts, &me);
    const std::lock_guard lock(me.mutex);
    me.ready.splice(ready);
    return found;
}

void Workers::take_over(Worker& other, OperationList& ready, RequestList& starts) noexcept {
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
    ready.splice(other.ready);
    starts.splice(other.starts);
}

}  // namespace drydock::uring
