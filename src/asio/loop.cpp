// The loop of a context: items, waiting on the queue, synchronous operations, the end.
#include <drydock/asio/loop.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include <drydock/backend.hpp>

namespace drydock::asio_detail {

namespace {

constexpr Time in_the_past{};
/// How long a thread waits on a queue at a time when another thread may take out what it waits for.
constexpr Duration slice = std::chrono::milliseconds(1);
/// So many completions are taken out of a queue before what they have made ready runs.
constexpr std::size_t most_at_once = 4096;

std::unique_ptr<CompletionQueue> open_own_queue(unsigned workers) {
    const char* const name = std::getenv("DRYDOCK_BACKEND");
    OpenedQueue opened = open_queue(name != nullptr ? name : "auto", {.workers = workers});
    if (!opened.queue) throw std::runtime_error("drydock: " + opened.complaint);
    return std::move(opened.queue);
}

/// The surroundings of this thread, if `queue` is theirs.
Surroundings* surroundings_of(CompletionQueue& queue) noexcept {
    Surroundings* const current = Surroundings::current();
    return current != nullptr && &current->queue() == &queue ? current : nullptr;
}

/// A posted function that takes the way through the queue.
class Posted final : public Operation {
public:
    Posted(Loop& loop, Item& item) noexcept
        : Operation(&Posted::completed), loop_(loop), item_(item) {}

private:
    static void completed(Operation& operation, const Result&) noexcept {
        const std::unique_ptr<Posted> self(static_cast<Posted*>(&operation));
        self->loop_.add(self->item_);
        self->loop_.flight_ended();
    }

    Loop& loop_;
    Item& item_;
};

/// Sockets on their way from one socket object to another.
struct HandedOver {
    int number;
    Loop* loop;
    std::unique_ptr<AsyncSocket> socket;
};

constexpr int first_number = 0x4000'0000;  // above all descriptors

struct Handover {
    /// With no socket left, it is as new: a simulated program's next run gets the same numbers, and
    /// finds no memory of this one.
    void tidy() noexcept {
        if (!sockets.empty()) return;
        std::vector<HandedOver>().swap(sockets);
        next = first_number;
    }

    LoopMutex mutex{true};
    int next = first_number;
    std::vector<HandedOver> sockets;
};

Handover& handover() {
    alignas(Handover) static std::byte memory[sizeof(Handover)];
    static Handover* const handover = ::new (memory) Handover;  // outlives every context
    return *handover;
}

void drop_handed_over(const Loop& loop) noexcept {
    Handover& all = handover();
    const std::lock_guard lock(all.mutex);
    std::erase_if(all.sockets, [&](const HandedOver& entry) { return entry.loop == &loop; });
    all.tidy();
}

}  // namespace

// ---- frames -------------------------------------------------------------------------------------

/// A call of run() or its like, or of a synchronous operation, on this thread.
class Loop::Frame {
public:
    /// With `runs` false, handlers must not be dispatched inside of it.
    Frame(Loop& loop, bool runs) noexcept
        : loop_(loop), runs_(runs), below_(static_cast<Frame*>(Surroundings::slot())) {
        Surroundings::slot() = this;
    }
    Frame(const Frame&) = delete;
    Frame& operator=(const Frame&) = delete;
    ~Frame() { Surroundings::slot() = below_; }

    static Frame* innermost() noexcept { return static_cast<Frame*>(Surroundings::slot()); }
    Loop& loop() const noexcept { return loop_; }
    const Frame* below() const noexcept { return below_; }
    void collect(Item& item) noexcept {
        if (arrived.is_timer(item))
            timers.insert_by_due(item);
        else
            arrived.push(item);
    }
    void end_collecting() noexcept {
        collecting = false;
        arrived.take(timers);
    }
    bool runs(const Loop& loop) const noexcept { return runs_ && &loop_ == &loop; }
    bool collects(const Loop& loop) const noexcept { return collecting && &loop_ == &loop; }

    bool collecting = false;  // completion functions run now, and add to `arrived`
    Items arrived;
    Items timers;    // that have arrived, by their deadlines
    Items deferred;  // by the item that runs now
    std::exception_ptr exception;

private:
    Loop& loop_;
    bool runs_;
    Frame* below_;
};

/// An operation that does nothing: it ends one thread's wait.
class Loop::Nudge final : public Operation {
public:
    explicit Nudge(Loop& loop) noexcept : Operation(&Nudge::completed), loop_(loop) {}

private:
    static void completed(Operation& operation, const Result&) noexcept {
        Nudge& self = static_cast<Nudge&>(operation);
        Loop& loop = self.loop_;
        {
            const std::lock_guard lock(loop.mutex_);
            --loop.nudged_;
            loop.nudges_.emplace_back(&self);
        }
        loop.flight_ended();
    }

    Loop& loop_;
};

// ---- Closable -----------------------------------------------------------------------------------

Closable::Closable(Loop& loop) : loop_(&loop) {
    const std::lock_guard lock(loop.mutex_);
    next_ = loop.closables_;
    if (next_ != nullptr) next_->previous_ = this;
    loop.closables_ = this;
}

void Closable::leave() noexcept {
    Loop* const loop = loop_.load(std::memory_order_acquire);
    if (loop == nullptr) return;
    const std::lock_guard lock(loop->mutex_);
    if (loop_.exchange(nullptr, std::memory_order_acq_rel) == nullptr) return;
    if (next_ != nullptr) next_->previous_ = previous_;
    (previous_ != nullptr ? previous_->next_ : loop->closables_) = next_;
}

// ---- Loop ---------------------------------------------------------------------------------------

Loop::Loop(unsigned workers)
    : own_queue_(Surroundings::current() != nullptr ? nullptr : open_own_queue(workers)),
      queue_(own_queue_ ? own_queue_.get() : &Surroundings::current()->queue()),
      surroundings_(own_queue_ ? nullptr : Surroundings::current()),
      mutex_(surroundings_ == nullptr) {
    if (surroundings_ != nullptr) {
        options_ = surroundings_->loop_options();
        surroundings_->join(*this);
    }
}

Loop::Loop(CompletionQueue& queue, AsioOptions options)
    : queue_(&queue),
      options_(options),
      surroundings_(surroundings_of(queue)),
      mutex_(surroundings_ == nullptr) {
    if (surroundings_ != nullptr) surroundings_->join(*this);
}

Loop::~Loop() {
    shut_down();
    if (surroundings_ != nullptr) surroundings_->leave(*this);
}

Surroundings* Loop::parking() const noexcept {
    return surroundings_ != nullptr && surroundings_->on_fiber() ? surroundings_ : nullptr;
}

CompletionQueue* Loop::innermost_queue() noexcept {
    const Frame* const frame = Frame::innermost();
    return frame != nullptr ? &frame->loop().queue() : nullptr;
}

bool Loop::running_in_this_thread() const noexcept {
    for (const Frame* frame = Frame::innermost(); frame != nullptr; frame = frame->below()) {
        if (frame->runs(*this)) return true;
    }
    return false;
}

std::size_t Loop::run() { return run_some(~std::size_t{0}, never); }

std::size_t Loop::run_until(Time deadline) {
    std::size_t count = 0;
    while (run_one_until(deadline) != 0) ++count;
    return count;
}

std::size_t Loop::run_one_until(Time deadline) {
    return deadline == never || queue_->now() < deadline ? run_some(1, deadline) : 0;
}

std::size_t Loop::run_some(std::size_t most, Time deadline) {
    if (work_.load(std::memory_order_acquire) == 0) {
        // Operations whose handlers another context runs may be in flight on this one's queue.
        const bool in_flight = in_flight_.load(std::memory_order_acquire) != 0;
        if (in_flight && parking() == nullptr) help();
        stop();
        return 0;
    }
    Frame frame(*this, true);
    std::size_t count = 0;
    while (count < most && run_one_item(frame, deadline)) ++count;
    return count;
}

std::size_t Loop::poll() { return run_some(~std::size_t{0}, in_the_past); }

std::size_t Loop::poll_one() { return run_some(1, in_the_past); }

void Loop::post(Item& item) noexcept {
    work_started();
    if (!options_.permute_posts) return add(item);
    flight_begun();
    queue_->post(*std::make_unique<Posted>(*this, item).release());
}

void Loop::defer(Item& item) noexcept {
    Frame* const frame = Frame::innermost();
    if (frame == nullptr || !frame->runs(*this)) return post(item);
    work_started();
    frame->deferred.push(item);
}

void Loop::capture_exception() noexcept {
    if (Frame* const frame = Frame::innermost()) frame->exception = std::current_exception();
}

void Loop::stop() noexcept {
    stopped_.store(true, std::memory_order_release);
    nudge_all();
}

bool Loop::run_one_item(Frame& frame, Time deadline) {
    bool last = false;
    for (;;) {
        if (stopped()) {
            // One thread may have taken the nudges of several.
            nudge_all();
            return false;
        }
        std::unique_lock lock(mutex_);
        if (!ready_.empty() && before_next_look_ > 0) {
            --before_next_look_;
            Item* const item = ready_.pop();
            if (!ready_.empty()) nudge_if_needed(lock);
            if (lock.owns_lock()) lock.unlock();
            run_item(frame, *item);
            return true;
        }
        if (ready_.empty() && last) return false;
        const Time until = ready_.empty() ? deadline : in_the_past;
        lock.unlock();
        // If another thread has run what was ready, there may still be more to come.
        if (!fetch(frame, until) && until == deadline) last = true;
    }
}

void Loop::run_item(Frame& frame, Item& item) {
    struct Finished {
        ~Finished() {
            if (!frame.deferred.empty()) loop.add_all(frame.deferred);
            loop.work_finished();
        }
        Loop& loop;
        Frame& frame;
    } finished{*this, frame};
    item.function_(this, item);
    if (frame.exception) std::rethrow_exception(std::exchange(frame.exception, nullptr));
}

/// Takes completions out of the queue, and waits for the first until `deadline`. False: none came,
/// and none can come before the deadline.
bool Loop::fetch(Frame& frame, Time deadline) {
    bool more = false;
    if (Surroundings* const surroundings = parking()) {
        more = surroundings->park(this, deadline);
    } else {
        const std::size_t count = pump(frame, deadline);
        // A nudge, or a completion of another context, may have ended the wait. A simulated queue
        // gives nothing only if the deadline has come, or at the end of its world.
        more = count > 0 ||
               (!queue_->has_virtual_time() && deadline != in_the_past && queue_->now() < deadline);
    }
    const std::lock_guard lock(mutex_);
    ready_.take(frame.arrived);
    before_next_look_ = ready_.size();
    return more || !ready_.empty();
}

/// Waits on the queue, and completes what comes out. Items go to frame.arrived. Gives the number of
/// completions.
std::size_t Loop::pump(Frame& frame, Time deadline) noexcept {
    bool waits = false;
    if (deadline != in_the_past) {
        const std::lock_guard lock(mutex_);
        // Not if something was added, or the loop stopped, while this thread looked elsewhere.
        waits = ready_.empty() && !stopped();
        if (waits) ++waiting_;
    }
    const std::size_t count = take_out(frame, waits ? deadline : in_the_past);
    if (waits) {
        const std::lock_guard lock(mutex_);
        --waiting_;
    }
    return count;
}

/// pump() that waits in any case, and is not nudged.
std::size_t Loop::take_out(Frame& frame, Time deadline) noexcept {
    std::array<Completion, 64> batch;
    std::size_t count = queue_->wait(batch, deadline);
    frame.collecting = true;
    std::size_t total = 0;
    for (;;) {
        for (std::size_t i = 0; i < count; ++i) batch[i].operation->complete(batch[i].result);
        total += count;
        // More have come together with these. (A simulated world gives one at a time.)
        if (count < batch.size() || total >= most_at_once) break;
        count = queue_->wait(batch, in_the_past);
    }
    frame.end_collecting();
    return total;
}

void Loop::add(Item& item) noexcept {
    if (Frame* const frame = Frame::innermost(); frame != nullptr && frame->collects(*this)) {
        frame->collect(item);
        return;
    }
    std::unique_lock lock(mutex_);
    ready_.push(item);
    nudge_if_needed(lock);
}

void Loop::add_all(Items& items) noexcept {
    std::unique_lock lock(mutex_);
    ready_.take(items);
    nudge_if_needed(lock);
}

/// Ends the wait of one more thread, if one waits that no nudge is on its way to. May unlock.
void Loop::nudge_if_needed(std::unique_lock<LoopMutex>& lock) noexcept {
    if (surroundings_ != nullptr) {
        lock.unlock();
        surroundings_->wake_one(this);
        return;
    }
    if (waiting_ <= nudged_) return;
    ++nudged_;
    std::unique_ptr<Nudge> nudge;
    if (nudges_.empty()) {
        nudge = std::make_unique<Nudge>(*this);
    } else {
        nudge = std::move(nudges_.back());
        nudges_.pop_back();
    }
    lock.unlock();
    flight_begun();
    queue_->post(*nudge.release());
}

void Loop::nudge_all() noexcept {
    if (surroundings_ != nullptr) {
        surroundings_->wake_all(this);
        return;
    }
    for (;;) {
        std::unique_lock lock(mutex_);
        if (waiting_ <= nudged_) return;
        nudge_if_needed(lock);
    }
}

// ---- synchronous operations ---------------------------------------------------------------------

void BlockingOperation::begin_flight() noexcept { loop_.flight_begun(); }

void BlockingOperation::completed(Operation& operation, const Result& result) noexcept {
    auto& self = static_cast<BlockingOperation&>(operation);
    self.result_ = result;
    Loop& loop = self.loop_;
    Surroundings* const surroundings = loop.surroundings_;
    self.done_.store(true, std::memory_order_release);
    // `self` may be gone from here on, if its thread is another one.
    if (surroundings != nullptr) surroundings->wake_one(&self);
    loop.flight_ended();
}

bool Loop::block(BlockingOperation& operation, Time deadline) {
    if (Surroundings* const surroundings = parking()) {
        while (!operation.done()) {
            // Without a deadline, a fiber that is unwound, and must wait all the same, comes back.
            const bool woken = surroundings->park(&operation, deadline);
            if (!woken && deadline != never && !operation.done()) return false;
        }
        return true;
    }
    Frame frame(*this, false);
    const bool virtual_time = queue_->has_virtual_time();
    while (!operation.done()) {
        // Another thread may take out the completion. It does not know which thread waits for it.
        const Time until = virtual_time ? deadline : std::min(deadline, queue_->now() + slice);
        const std::size_t count = pump(frame, until);
        give_to_others(frame);
        if (count == 0 && (virtual_time || queue_->now() >= deadline)) break;
    }
    return operation.done();
}

/// Items that have arrived at a thread that does not run them.
void Loop::give_to_others(Frame& frame) noexcept {
    std::unique_lock lock(mutex_);
    ready_.take(frame.arrived);
    if (!ready_.empty()) nudge_if_needed(lock);
}

void Loop::help() noexcept {
    Frame frame(*this, false);
    take_out(frame, in_the_past);
    give_to_others(frame);
}

void Loop::finish(BlockingOperation& operation) noexcept {
    while (!operation.done()) {
        try {
            if (!block(operation)) return;
        } catch (...) {
            // Unwinding, once more: what is in flight must end first.
        }
    }
}

// ---- the end ------------------------------------------------------------------------------------

void Loop::shut_down() noexcept {
    if (std::exchange(shut_down_, true)) return;
    stop();
    {
        const std::vector<std::shared_ptr<Closable>> objects = take_closables();
        for (const std::shared_ptr<Closable>& each : objects) each->close_for_good();
        drain(objects);
        drop_handed_over(*this);
        for (const std::shared_ptr<Closable>& each : objects) each->drop_for_good();
    }
    while (Item* const item = ready_.pop()) item->function_(nullptr, *item);
}

void Loop::close_sockets() noexcept {
    const std::vector<std::shared_ptr<Closable>> objects = take_closables();
    for (const std::shared_ptr<Closable>& each : objects) each->close_for_good();
    drop_handed_over(*this);
    for (const std::shared_ptr<Closable>& each : objects) each->drop_for_good();
}

/// Takes all objects out of the list. Completions, on other threads too, may destroy objects, so
/// those that exist are kept.
std::vector<std::shared_ptr<Closable>> Loop::take_closables() noexcept {
    std::vector<std::shared_ptr<Closable>> objects;
    const std::lock_guard lock(mutex_);
    while (closables_ != nullptr) {
        Closable& each = *std::exchange(closables_, closables_->next_);
        if (std::shared_ptr<Closable> kept = each.keep()) objects.push_back(std::move(kept));
        each.previous_ = nullptr;
        each.next_ = nullptr;
        // From here on its destructor does not wait for the lock.
        each.loop_.store(nullptr, std::memory_order_release);
    }
    return objects;
}

/// Waits until nothing is in flight. Items wait for their end.
void Loop::drain(const std::vector<std::shared_ptr<Closable>>& objects) noexcept {
    Frame frame(*this, false);
    const bool virtual_time = queue_->has_virtual_time();
    while (in_flight_.load(std::memory_order_acquire) != 0) {
        if (Surroundings* const surroundings = parking()) {
            try {
                surroundings->park(&in_flight_, later(queue_->now(), slice));
            } catch (...) {
                // Unwinding, once more: what is in flight must end first.
            }
            continue;
        }
        for (const std::shared_ptr<Closable>& each : objects) each->help_elsewhere();
        if (in_flight_.load(std::memory_order_acquire) == 0) break;
        const std::size_t count = take_out(frame, virtual_time ? never : queue_->now() + slice);
        if (count == 0 && virtual_time) break;  // the world has ended
    }
    const std::lock_guard lock(mutex_);
    ready_.take(frame.arrived);
}

// ---- memory -------------------------------------------------------------------------------------

#if defined(__SANITIZE_ADDRESS__)
#define DRYDOCK_NO_OPERATION_CACHE
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DRYDOCK_NO_OPERATION_CACHE
#endif
#endif

#if defined(DRYDOCK_NO_OPERATION_CACHE)

void* allocate_operation(std::size_t size) { return ::operator new(size); }
void free_operation(void* memory, std::size_t size) noexcept { ::operator delete(memory, size); }

#else

namespace {

/// A thread's cache of free blocks: two of each size, in steps of 64 bytes.
class FreeBlocks {
public:
    FreeBlocks() = default;
    FreeBlocks(const FreeBlocks&) = delete;
    FreeBlocks& operator=(const FreeBlocks&) = delete;
    ~FreeBlocks() {
        for (auto& blocks : blocks_) {
            for (void* block : blocks) ::operator delete(block);
        }
        ended_ = true;
    }
    /// Null: there is none. A simulated program's memory does not outlive its run.
    static FreeBlocks* of_this_thread() noexcept {
        if (Surroundings::current() != nullptr) return nullptr;
        static thread_local FreeBlocks blocks;
        return ended_ ? nullptr : &blocks;
    }

    static constexpr std::size_t step = 64;
    static constexpr std::size_t steps = 24;
    static std::size_t step_of(std::size_t size) noexcept { return (size + step - 1) / step; }
    static std::size_t rounded(std::size_t size) noexcept { return step_of(size) * step; }

    void* take(std::size_t size) noexcept {
        const std::size_t at = step_of(size);
        if (at >= steps) return nullptr;
        for (void*& block : blocks_[at]) {
            if (block != nullptr) return std::exchange(block, nullptr);
        }
        return nullptr;
    }
    bool keep(void* memory, std::size_t size) noexcept {
        const std::size_t at = step_of(size);
        if (at >= steps) return false;
        for (void*& block : blocks_[at]) {
            if (block != nullptr) continue;
            block = memory;
            return true;
        }
        return false;
    }

private:
    std::array<std::array<void*, 4>, steps> blocks_{};
    static inline constinit thread_local bool ended_ = false;
};

}  // namespace

void* allocate_operation(std::size_t size) {
    if (FreeBlocks* const blocks = FreeBlocks::of_this_thread()) {
        if (void* const block = blocks->take(size)) return block;
    }
    return ::operator new(FreeBlocks::rounded(size));
}

void free_operation(void* memory, std::size_t size) noexcept {
    FreeBlocks* const blocks = FreeBlocks::of_this_thread();
    if (blocks == nullptr || !blocks->keep(memory, size)) ::operator delete(memory);
}

#endif

// ---- misuse -------------------------------------------------------------------------------------

namespace {

constinit thread_local const CallScope* innermost_call = nullptr;

/// The queue that the calling thread works for.
CompletionQueue* queue_of_this_thread() noexcept {
    if (Surroundings* const surroundings = Surroundings::current()) return &surroundings->queue();
    return Loop::innermost_queue();
}

}  // namespace

CallScope::CallScope(std::source_location place) noexcept
    : place_(place), below_(std::exchange(innermost_call, this)) {}

CallScope::~CallScope() { innermost_call = below_; }

std::source_location calling_place(std::source_location otherwise) noexcept {
    return innermost_call != nullptr ? innermost_call->place_ : otherwise;
}

bool used_after_end(int number, OperationKind kind, std::source_location where) noexcept {
    // What heaps write into free memory: that of simulated programs, and Windows' in debug builds.
    constexpr unsigned free_memory[] = {0xDDDD'DDDDU, 0xFEEE'FEEEU};
    const bool ended =
        number == ended_number || std::find(std::begin(free_memory), std::end(free_memory),
                                            static_cast<unsigned>(number)) != std::end(free_memory);
    if (!ended) return false;
    const Violation violation{Rule::object_used_after_end, kind, where};
    if (CompletionQueue* const queue = queue_of_this_thread())
        queue->violated(violation);
    else
        abort_with(violation);
    return true;
}

// ---- handing sockets over -----------------------------------------------------------------------

int hand_over(std::unique_ptr<AsyncSocket> socket, Loop& loop) {
    Handover& all = handover();
    const std::lock_guard lock(all.mutex);
    const int number = all.next++;
    if (all.next < 0) all.next = first_number;
    all.sockets.push_back({number, &loop, std::move(socket)});
    return number;
}

Handed take_over(int number) noexcept {
    Handover& all = handover();
    const std::lock_guard lock(all.mutex);
    for (auto it = all.sockets.begin(); it != all.sockets.end(); ++it) {
        if (it->number != number) continue;
        Handed handed{std::move(it->socket), it->loop};
        all.sockets.erase(it);
        all.tidy();
        return handed;
    }
    return {};
}

}  // namespace drydock::asio_detail
