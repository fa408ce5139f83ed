// The loop of one context: what io_context::run() runs. It knows nothing of Asio.
//
// Items are functions and completed operations that are ready to run, first in, first out. A thread
// in run() takes them out one by one; when there are none it waits on the completion queue, and the
// completion functions of operations add items. Any number of threads may be in run() at the same
// time; each that has nothing to run waits on the queue, and gets an empty operation posted (a
// nudge) when there is something for it to run.
//
// A loop counts its outstanding work: items, operations in flight, and what executors track. run()
// ends when there is none.
//
// In a simulated program (Surroundings) threads are fibers. There the world's loop takes the
// completions out, and a fiber in run() with nothing to do is parked.
//
// Threads: every member from every thread, except the constructor and the destructor.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <source_location>
#include <vector>

#include <drydock/asio/surroundings.hpp>
#include <drydock/queue.hpp>

namespace drydock::asio_detail {

class Loop;

/// Something that a loop runs: a part of an object that its function destroys.
class Item {
public:
    /// Runs the item on `loop` and destroys it; with null it only destroys it.
    using Function = void (*)(Loop* loop, Item& item);

    explicit Item(Function function) noexcept : function_(function) {}
    /// The timer was canceled: it runs before those that were due.
    void set_canceled() noexcept { due_ = Time::min() + Duration(1); }
    /// It is the item of a timer with this deadline, which was started as the `order`th of all. Of
    /// timers that have come together, those that were due earlier run earlier.
    void set_due(Time due, std::uint64_t order) noexcept {
        due_ = due;
        order_ = order;
    }
    Item(const Item&) = delete;
    Item& operator=(const Item&) = delete;

protected:
    ~Item() = default;

private:
    friend class Items;
    friend class Loop;

    Item* next_ = nullptr;
    Function function_;
    bool before(const Item& other) const noexcept {
        return due_ != other.due_ ? due_ < other.due_ : order_ < other.order_;
    }

    Time due_ = Time::min();  // of a timer
    std::uint64_t order_ = 0;
};

/// A list of items, first in, first out. It does not own them.
class Items {
public:
    bool empty() const noexcept { return first_ == nullptr; }
    std::size_t size() const noexcept { return size_; }
    void push(Item& item) noexcept {
        item.next_ = nullptr;
        (first_ == nullptr ? first_ : last_->next_) = &item;
        last_ = &item;
        ++size_;
    }
    Item* pop() noexcept {
        Item* const item = first_;
        if (item == nullptr) return nullptr;
        first_ = item->next_;
        --size_;
        return item;
    }
    /// Adds the item of a timer behind those that are due earlier or at the same time. The list has
    /// items of timers alone.
    void insert_by_due(Item& item) noexcept {
        Item** at = &first_;
        if (first_ != nullptr && last_->before(item)) return push(item);
        while (*at != nullptr && (*at)->before(item)) at = &(*at)->next_;
        item.next_ = *at;
        *at = &item;
        if (item.next_ == nullptr) last_ = &item;
        ++size_;
    }
    bool is_timer(const Item& item) const noexcept { return item.due_ != Time::min(); }
    /// Moves all of `others` to the end of this list.
    void take(Items& others) noexcept {
        if (others.empty()) return;
        (first_ == nullptr ? first_ : last_->next_) = others.first_;
        last_ = others.last_;
        size_ += others.size_;
        others.first_ = nullptr;
        others.size_ = 0;
    }

private:
    Item* first_ = nullptr;
    Item* last_ = nullptr;
    std::size_t size_ = 0;
};

/// A mutex that does nothing in a simulated program: its fibers switch at park() only, and a lock
/// must not become a place where they switch.
class LoopMutex {
public:
    explicit LoopMutex(bool locks) noexcept : locks_(locks) {}
    void lock() {
        if (locks_) mutex_.lock();
    }
    void unlock() noexcept {
        if (locks_) mutex_.unlock();
    }

private:
    std::mutex mutex_;
    const bool locks_;
};

/// An object of the program with operations in flight: what the end of a context closes.
class Closable {
public:
    Closable(const Closable&) = delete;
    Closable& operator=(const Closable&) = delete;
    /// Cancels all operations of this object, for good.
    virtual void close_for_good() noexcept = 0;
    /// Gives back what belongs to the queue, when the operations have completed.
    virtual void drop_for_good() noexcept {}
    /// If it has operations in flight on the queue of another loop, takes completions out of that.
    virtual void help_elsewhere() noexcept {}
    /// Keeps the object until the pointer is destroyed. Null: it is being destroyed.
    virtual std::shared_ptr<Closable> keep() noexcept = 0;

protected:
    /// Registers the object with `loop`, which must outlive it or be shut down before it.
    explicit Closable(Loop& loop);
    virtual ~Closable() = default;
    /// Ends the registration. The first thing that the destructor of the object does: the loop may
    /// be calling keep() meanwhile.
    void leave() noexcept;

private:
    friend class Loop;
    std::atomic<Loop*> loop_;  // null: it is not registered any more
    Closable* previous_ = nullptr;
    Closable* next_ = nullptr;
};

/// An operation of a synchronous call, on the stack of its caller: see Loop::block().
class BlockingOperation final : public SocketOperation {
public:
    /// The operation is started and waited for by the calling thread.
    BlockingOperation(Loop& loop, std::source_location where) noexcept
        : SocketOperation(&BlockingOperation::completed, where), loop_(loop) {}

    /// Counts it as in flight; called before it is started.
    void begin_flight() noexcept;
    bool done() const noexcept { return done_.load(std::memory_order_acquire); }
    const Result& result() const noexcept { return result_; }

private:
    friend class Loop;
    static void completed(Operation& operation, const Result& result) noexcept;

    Loop& loop_;
    Result result_;
    std::atomic<bool> done_{false};
};

/// The loop of one context.
class Loop final : public Stoppable {
public:
    /// A loop on the queue of the surroundings, or else on one of its own, of the backend that the
    /// environment variable DRYDOCK_BACKEND names ("auto" if it does not exist), for `workers`
    /// threads (0: as many as processors). Throws std::runtime_error if there is no queue.
    explicit Loop(unsigned workers);
    /// A loop on `queue`, which must outlive it. Other contexts and coroutines may use it too.
    Loop(CompletionQueue& queue, AsioOptions options);
    ~Loop();

    CompletionQueue& queue() const noexcept { return *queue_; }
    const AsioOptions& options() const noexcept { return options_; }

    /// Runs items until there is no work or the loop is stopped. Gives their number. An exception
    /// of an item leaves the call.
    std::size_t run();
    /// Runs one item, and waits for it.
    std::size_t run_one() { return run_some(1, never); }
    /// Runs one item, and waits for it until `deadline`; none if that has come.
    std::size_t run_one_until(Time deadline);
    /// Runs items until `deadline`, until there is no work or the loop is stopped.
    std::size_t run_until(Time deadline);
    /// Runs the items that are ready, or one of them, and does not wait.
    std::size_t poll();
    std::size_t poll_one();

    void stop() noexcept override;
    void close_sockets() noexcept override;
    bool stopped() const noexcept { return stopped_.load(std::memory_order_acquire); }
    void restart() noexcept { stopped_.store(false, std::memory_order_release); }

    /// Whether the calling thread is inside run() or its like of this loop, and of no other inside
    /// of that.
    bool running_in_this_thread() const noexcept;
    /// Keeps the exception that is being handled, until the item that runs now on this thread has
    /// returned; then it leaves run().
    void capture_exception() noexcept;
    /// It is the loop of a context that is no io_context (BackgroundLoop).
    void run_in_background() noexcept { in_background_ = true; }
    bool in_background() const noexcept { return in_background_; }
    /// Whether locks of objects of this loop are needed (LoopMutex).
    bool locks() const noexcept { return surroundings_ == nullptr; }
    /// The surroundings of its program; null on a real queue.
    Surroundings* surroundings() const noexcept { return surroundings_; }
    /// The queue of the loop that the calling thread is inside of; null: of none.
    static CompletionQueue* innermost_queue() noexcept;
    void work_started() noexcept { work_.fetch_add(1, std::memory_order_relaxed); }
    void work_finished() noexcept {
        if (work_.fetch_sub(1, std::memory_order_acq_rel) == 1) stop();
    }

    /// Adds an item that is not counted as work yet.
    void post(Item& item) noexcept;
    /// Adds an item that is not counted as work yet, and that continues the item which runs now on
    /// this thread: it is added when that has returned.
    void defer(Item& item) noexcept;
    /// Adds an item that is counted already: that of a completed operation. From completion
    /// functions.
    void add(Item& item) noexcept;
    /// Adds all of them, which are counted already.
    void add_all(Items& items) noexcept;

    /// Starts an operation by `start()` and blocks the calling thread until it has completed. At
    /// the `deadline`, and when the program is over, `interrupt()` ends it first. Error::canceled
    /// if it did not complete, because the world has ended. Throws Unwinding when the program is
    /// over.
    template <typename Start, typename Interrupt>
    static Result run_blocking(BlockingOperation& operation, Start start, Interrupt interrupt,
                               Time deadline = never);
    /// Blocks the calling thread until `operation`, which it has started, completes. Other
    /// completions are taken out meanwhile, and their items wait. False: there are no more
    /// completions, because the world has ended, or `deadline` has come. Throws Unwinding when the
    /// program is over; the operation is then still in flight, and must be canceled and waited for
    /// (finish()).
    bool block(BlockingOperation& operation, Time deadline = never);
    /// block() that does not throw, for an operation that was canceled.
    void finish(BlockingOperation& operation) noexcept;

    /// Numbers for the timers of this loop, in the order of their starts.
    std::uint64_t next_order() noexcept { return order_.fetch_add(1, std::memory_order_relaxed); }
    /// Counts the operations that are in flight, so that shut_down() can wait: those on the queue,
    /// and those on other queues whose items this loop runs.
    void flight_begun() noexcept { in_flight_.fetch_add(1, std::memory_order_relaxed); }
    void flight_ended() noexcept { in_flight_.fetch_sub(1, std::memory_order_release); }

    /// Takes out what has completed, for a thread that waits for something else than the items.
    void help() noexcept;

    /// The end of the context: closes what is open, waits for the completions of what is in flight,
    /// and destroys all items without running them. A second call does nothing.
    void shut_down() noexcept;
    bool is_shut_down() const noexcept { return shut_down_; }

private:
    friend class Closable;
    friend class BlockingOperation;
    class Frame;
    class Nudge;

    std::size_t run_some(std::size_t most, Time deadline);
    bool run_one_item(Frame& frame, Time deadline);
    void run_item(Frame& frame, Item& item);
    bool fetch(Frame& frame, Time deadline);
    void nudge_if_needed(std::unique_lock<LoopMutex>& lock) noexcept;
    void nudge_all() noexcept;
    Surroundings* parking() const noexcept;
    std::vector<std::shared_ptr<Closable>> take_closables() noexcept;
    void drain(const std::vector<std::shared_ptr<Closable>>& objects) noexcept;
    std::size_t pump(Frame& frame, Time deadline) noexcept;
    std::size_t take_out(Frame& frame, Time deadline) noexcept;
    void give_to_others(Frame& frame) noexcept;

    std::unique_ptr<CompletionQueue> own_queue_;
    CompletionQueue* queue_;
    AsioOptions options_;
    Surroundings* surroundings_ = nullptr;

    std::atomic<std::size_t> work_{0};
    std::atomic<std::size_t> in_flight_{0};
    std::atomic<std::uint64_t> order_{0};
    std::atomic<bool> stopped_{false};
    bool shut_down_ = false;
    bool in_background_ = false;

    LoopMutex mutex_;  // guards what follows
    Items ready_;
    std::size_t before_next_look_ = 0;  // so many items run before the queue is looked at again
    std::size_t waiting_ = 0;           // threads in CompletionQueue::wait()
    std::size_t nudged_ = 0;            // of these, how many have a nudge on its way
    std::vector<std::unique_ptr<Nudge>> nudges_;
    Closable* closables_ = nullptr;
};

template <typename Start, typename Interrupt>
Result Loop::run_blocking(BlockingOperation& operation, Start start, Interrupt interrupt,
                          Time deadline) {
    operation.begin_flight();
    start();
    struct Finish {
        ~Finish() {
            if (operation.done()) return;
            interrupt();
            operation.loop_.finish(operation);
        }
        BlockingOperation& operation;
        Interrupt& interrupt;
    };
    {
        const Finish finish{operation, interrupt};
        if (!operation.loop_.block(operation, deadline) && deadline == never) {
            return Result::failure(Error::canceled);
        }
    }
    return operation.done() ? operation.result() : Result::failure(Error::canceled);
}

/// Whether the number that an I/O object holds is no number: the object has been destroyed, and
/// its memory is as it was left, or overwritten by an allocator that marks what is free. Reports
/// Rule::object_used_after_end then, for a call of `kind` that the program makes at `where`.
bool used_after_end(int number, OperationKind kind, std::source_location where) noexcept;
/// What an I/O object leaves as its number when it is destroyed.
inline constexpr int ended_number = -0x00E17DED;

/// The place in the program's source of the synchronous call that runs on this thread; without one,
/// the place where the operation was started whose handler runs; without one, `otherwise`.
std::source_location calling_place(std::source_location otherwise) noexcept;

/// Notes the place of a synchronous call, or that of a handler's operation, from its constructor to
/// its destructor.
class CallScope {
public:
    explicit CallScope(std::source_location place) noexcept;
    CallScope(const CallScope&) = delete;
    CallScope& operator=(const CallScope&) = delete;
    ~CallScope();

private:
    std::source_location place_;
    const CallScope* below_;
    friend std::source_location calling_place(std::source_location) noexcept;
};

/// Memory of one operation: from a small cache of the calling thread. Throws std::bad_alloc.
void* allocate_operation(std::size_t size);
/// Gives back memory of allocate_operation() with the same size. From any thread.
void free_operation(void* memory, std::size_t size) noexcept;

/// A socket on its way from one socket object to another: the number by which the receiving object
/// finds it. The number is no descriptor of the system; no system has one like it. At the end of
/// `loop` a socket that nobody has taken over is destroyed.
int hand_over(std::unique_ptr<AsyncSocket> socket, Loop& loop);
/// What was handed over: a socket, and the loop on whose queue it completes.
struct Handed {
    std::unique_ptr<AsyncSocket> socket;  ///< null: there is none of that number
    Loop* loop = nullptr;
};
/// Takes over the socket that was handed over with this number.
Handed take_over(int number) noexcept;

}  // namespace drydock::asio_detail
