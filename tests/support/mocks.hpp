// Doubles of the contract: a queue, sockets and listeners that a test moves by hand.
//
// A MockQueue collects what is posted, due or decided, and hands it on when the test says pump(). A
// MockSocket belongs to the server under test; what happens on it is seen and decided at its Wire,
// which belongs to the test and outlives it. The same for a MockListener and its Door. All methods
// are GoogleMock's, for tests that expect calls or their order; their default action is the
// double's.
#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include <drydock/queue.hpp>

namespace drydock::test {

class MockQueue : public CompletionQueue {
public:
    MOCK_METHOD(ListenResult, listen, (const Endpoint&, const ListenOptions&), (override));
    MOCK_METHOD(void, connect, (SocketOperation&, const Endpoint&), (noexcept, override));
    MOCK_METHOD(void, probe, (std::string_view), (noexcept, override));

    Time now() const noexcept override { return now_; }

    void post(Operation& operation) noexcept override {
        if (operation.begin(*this, OperationKind::post)) decide(operation, Result::success());
    }

    void start_timer(Operation& operation, Time deadline) noexcept override {
        if (!operation.begin(*this, OperationKind::timer)) return;
        if (operation.take_remembered_cancel()) {
            decide(operation, Result::failure(Error::canceled));
        } else {
            timers_.push_back({&operation, deadline});
        }
    }

    void cancel(Operation& operation) noexcept override {
        const auto timer = find_timer(operation);
        if (timer == timers_.end()) return operation.remember_cancel();
        timers_.erase(timer);
        decide(operation, Result::failure(Error::canceled));
    }

    bool has_steps() const noexcept override { return true; }
    bool start_step(Operation& operation) noexcept override {
        if (!holds_steps_) return false;
        if (operation.begin(*this, OperationKind::step)) steps_.push_back(&operation);
        return true;
    }

    /// Never sleeps: nothing ready is no completion.
    std::size_t wait(std::span<Completion> completions, Time) noexcept override {
        std::size_t count = 0;
        for (; count < completions.size() && !ready_.empty(); ++count) {
            completions[count] = ready_.front();
            ready_.pop_front();
        }
        return count;
    }

    void violated(const Violation& violation) noexcept override {
        violations_.push_back(violation);
    }

    // What the test does.

    /// The operation's completion is next in line.
    void decide(Operation& operation, const Result& result) {
        ready_.push_back({&operation, result});
    }

    /// Hands on one completion. False: there was none.
    bool pump_one() {
        if (ready_.empty()) return false;
        const Completion next = ready_.front();
        ready_.pop_front();
        next.operation->complete(next.result);
        return true;
    }

    /// Hands on completions, also those that come of them, until nothing is ready.
    void pump() {
        while (pump_one()) {}
    }

    /// Lets time pass, with all that is due in it, in order.
    void advance(Duration span) {
        const Time until = now_ + span;
        pump();
        for (auto next = first_timer(); next != timers_.end() && next->deadline <= until;
             next = first_timer()) {
            now_ = std::max(now_, next->deadline);
            Operation& operation = *next->operation;
            timers_.erase(next);
            decide(operation, Result::success());
            pump();
        }
        now_ = until;
    }

    /// From now on monitors are entered only when the test says so.
    void hold_steps() { holds_steps_ = true; }
    /// Lets all of them in, and no longer holds any: who came last goes first.
    void release_steps_last_first() {
        holds_steps_ = false;
        while (!steps_.empty()) {
            decide(*steps_.back(), Result::success());
            steps_.pop_back();
        }
    }

    std::size_t ready() const { return ready_.size(); }
    std::size_t timers() const { return timers_.size(); }
    std::size_t held_steps() const { return steps_.size(); }
    /// How long until the next timer is due.
    Duration next_timer() {
        const auto next = first_timer();
        return next == timers_.end() ? Duration::max() : next->deadline - now_;
    }
    const std::vector<Violation>& violations() const { return violations_; }

private:
    struct Due {
        Operation* operation;
        Time deadline;
    };

    std::vector<Due>::iterator find_timer(const Operation& operation) {
        return std::find_if(timers_.begin(), timers_.end(),
                            [&](const Due& due) { return due.operation == &operation; });
    }
    std::vector<Due>::iterator first_timer() {
        return std::min_element(timers_.begin(), timers_.end(),
                                [](const Due& a, const Due& b) { return a.deadline < b.deadline; });
    }

    Time now_{std::chrono::seconds(1)};
    std::deque<Completion> ready_;
    std::vector<Due> timers_;
    std::vector<Operation*> steps_;
    std::vector<Violation> violations_;
    bool holds_steps_ = false;
};

/// What the test sees of a MockSocket, and decides.
class Wire final : private BufferProvider {
public:
    explicit Wire(MockQueue& queue) : queue_(queue) {}
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    // What the socket was asked.
    bool receiving() const { return receive_ != nullptr; }
    bool sending() const { return send_ != nullptr; }
    std::size_t room() const { return buffer_.size(); }      ///< of the receive in flight
    const std::string& offered() const { return offered_; }  ///< by the send in flight
    const std::string& sent() const { return sent_; }        ///< by all sends, as far as taken
    bool closed = false;
    bool shut_down = false;
    bool canceled = false;
    bool interrupted = false;
    bool send_interrupted = false;
    bool abortive = false;

    // What the test decides; the completion is next in line in the queue.
    void deliver(std::string_view text) {
        ASSERT_NE(receive_, nullptr) << "a receive should be in flight";
        ASSERT_LE(text.size(), buffer_.size()) << "the test delivers more than there is room for";
        std::transform(text.begin(), text.end(), buffer_.begin(),
                       [](char c) { return static_cast<std::byte>(c); });
        finish_receive(Result::success(text.size()));
    }
    void deliver_end() {
        ASSERT_NE(receive_, nullptr) << "a receive should be in flight";
        finish_receive(Result::success(0));
    }
    void fail_receive(Error error) {
        ASSERT_NE(receive_, nullptr) << "a receive should be in flight";
        finish_receive(Result::failure(error));
    }
    void take(std::size_t count) {
        ASSERT_NE(send_, nullptr) << "a send should be in flight";
        ASSERT_LE(count, offered_.size()) << "the test takes more than is offered";
        finish_send({Error::ok, 0, count});
    }
    void take_all() { take(offered_.size()); }
    void fail_send(Error error, std::size_t count = 0) {
        ASSERT_NE(send_, nullptr) << "a send should be in flight";
        finish_send({error, 0, count});
    }

    // What the socket does.
    void start_receive(Operation& operation, MutableBuffer buffer) {
        EXPECT_EQ(receive_, nullptr) << "at most one receive may be in flight";
        if (!operation.begin(queue_, OperationKind::receive)) return;
        receive_ = &operation;
        buffer_ = buffer;
        if (canceled || std::exchange(interrupted, false)) {
            finish_receive(Result::failure(Error::canceled));
        }
    }
    void start_receive(ReceiveOperation& operation, std::size_t most) {
        EXPECT_FALSE(lent_) << "what came last should have been given back";
        provided_for_ = &operation;
        provided_.resize(most);
        start_receive(operation, MutableBuffer(provided_));
    }
    void start_send(Operation& operation, std::span<const ConstBuffer> buffers) {
        EXPECT_EQ(send_, nullptr) << "at most one send may be in flight";
        EXPECT_FALSE(shut_down) << "no send may follow the half close";
        if (!operation.begin(queue_, OperationKind::send)) return;
        send_ = &operation;
        offered_.clear();
        for (const ConstBuffer& buffer : buffers) {
            offered_ += as_text({buffer.data, buffer.size});
        }
        if (canceled || std::exchange(send_interrupted, false)) {
            finish_send(Result::failure(Error::canceled));
        }
    }
    void start_cancel() {
        canceled = true;
        if (receive_ != nullptr) finish_receive(Result::failure(Error::canceled));
        if (send_ != nullptr) finish_send(Result::failure(Error::canceled));
    }
    void start_interrupt() {
        if (receive_ == nullptr) {
            interrupted = true;
        } else {
            finish_receive(Result::failure(Error::canceled));
        }
    }
    void start_send_interrupt() {
        if (send_ == nullptr) {
            send_interrupted = true;
        } else {
            finish_send(Result::failure(Error::canceled));
        }
    }
    /// Nothing ever waits at a wire: deliver() needs a receive in flight.
    Result try_receive() {
        EXPECT_EQ(receive_, nullptr) << "no receive may be in flight";
        return Result::failure(canceled ? Error::canceled : Error::would_block);
    }
    void half_close() {
        EXPECT_EQ(send_, nullptr) << "the half close must wait for the send in flight";
        shut_down = true;
    }
    void close() {
        EXPECT_EQ(receive_, nullptr)
            << "a socket may be closed only when its receive has completed";
        EXPECT_EQ(send_, nullptr) << "a socket may be closed only when its send has completed";
        closed = true;
    }

private:
    void take_back(std::byte*) noexcept override { lent_ = false; }

    void finish_receive(const Result& result) {
        ReceiveOperation* const provided_for = std::exchange(provided_for_, nullptr);
        if (provided_for != nullptr && result.bytes > 0) {
            lent_ = true;
            provided_for->deliver(ProvidedBuffer(*this, provided_.data(), result.bytes));
        }
        queue_.decide(*std::exchange(receive_, nullptr), result);
        buffer_ = {};
    }
    void finish_send(const Result& result) {
        sent_ += std::exchange(offered_, {}).substr(0, result.bytes);
        queue_.decide(*std::exchange(send_, nullptr), result);
    }

    MockQueue& queue_;
    Operation* receive_ = nullptr;
    Operation* send_ = nullptr;
    MutableBuffer buffer_;
    ReceiveOperation* provided_for_ = nullptr;
    std::vector<std::byte> provided_;  // one buffer; there is one receive
    bool lent_ = false;
    std::string offered_;
    std::string sent_;
};

class MockSocket : public AsyncSocket {
public:
    explicit MockSocket(Wire& wire) : wire_(wire) {
        using testing::_;
        ON_CALL(*this, receive(_, testing::An<MutableBuffer>()))
            .WillByDefault([&](Operation& operation, MutableBuffer buffer) {
                wire.start_receive(operation, buffer);
            });
        ON_CALL(*this, receive(_, testing::An<std::size_t>()))
            .WillByDefault([&](ReceiveOperation& operation, std::size_t most) {
                wire.start_receive(operation, most);
            });
        ON_CALL(*this, send)
            .WillByDefault([&](Operation& operation, std::span<const ConstBuffer> buffers) {
                wire.start_send(operation, buffers);
            });
        ON_CALL(*this, shutdown_send).WillByDefault([&] { wire.half_close(); });
        ON_CALL(*this, cancel).WillByDefault([&] { wire.start_cancel(); });
        ON_CALL(*this, interrupt_receive).WillByDefault([&] { wire.start_interrupt(); });
        ON_CALL(*this, interrupt_send).WillByDefault([&] { wire.start_send_interrupt(); });
        ON_CALL(*this, try_receive).WillByDefault([&](MutableBuffer) {
            return wire.try_receive();
        });
        ON_CALL(*this, set_abortive_close).WillByDefault([&] { wire.abortive = true; });
    }
    ~MockSocket() override { wire_.close(); }

    MOCK_METHOD(void, receive, (Operation&, MutableBuffer), (noexcept, override));
    MOCK_METHOD(void, receive, (ReceiveOperation&, std::size_t), (noexcept, override));
    MOCK_METHOD(void, send, (Operation&, std::span<const ConstBuffer>), (noexcept, override));
    MOCK_METHOD(void, shutdown_send, (), (noexcept, override));
    MOCK_METHOD(void, cancel, (), (noexcept, override));
    MOCK_METHOD(void, interrupt_receive, (), (noexcept, override));
    MOCK_METHOD(void, interrupt_send, (), (noexcept, override));
    MOCK_METHOD(Result, try_receive, (MutableBuffer), (noexcept, override));
    MOCK_METHOD(void, set_abortive_close, (), (noexcept, override));
    MOCK_METHOD(Endpoint, local_endpoint, (), (const, noexcept, override));
    MOCK_METHOD(Endpoint, peer_endpoint, (), (const, noexcept, override));

private:
    Wire& wire_;
};

/// What the test sees of a MockListener, and decides.
class Door {
public:
    explicit Door(MockQueue& queue) : queue_(queue) {}

    std::size_t accepts() const { return accepts_.size(); }
    bool canceled = false;
    bool interrupted = false;
    bool closed = false;

    /// A connection comes in, for the accept in flight.
    void arrive(std::unique_ptr<AsyncSocket> socket) {
        ASSERT_FALSE(accepts_.empty()) << "an accept should be in flight";
        accepts_.front()->deliver(std::move(socket));
        finish(Result::success());
    }
    void fail(Error error) {
        ASSERT_FALSE(accepts_.empty()) << "an accept should be in flight";
        finish(Result::failure(error));
    }

    // What the listener does.
    void start_accept(SocketOperation& operation) {
        if (!operation.begin(queue_, OperationKind::accept)) return;
        accepts_.push_back(&operation);
        if (canceled) return finish(Result::failure(Error::canceled));
        const bool meant = operation.take_remembered_cancel() || std::exchange(interrupted, false);
        if (meant) finish(operation, Result::failure(Error::canceled));
    }
    void start_interrupt() {
        if (accepts_.empty()) {
            interrupted = true;
        } else {
            finish(Result::failure(Error::canceled));
        }
    }
    void start_interrupt(SocketOperation& operation) {
        if (std::count(accepts_.begin(), accepts_.end(), &operation) == 0) {
            operation.remember_cancel();
        } else {
            finish(operation, Result::failure(Error::canceled));
        }
    }
    void start_cancel() {
        canceled = true;
        while (!accepts_.empty()) finish(Result::failure(Error::canceled));
    }
    void close() {
        EXPECT_TRUE(accepts_.empty())
            << "a listener may be closed only when no accept is in flight";
        closed = true;
    }

private:
    void finish(const Result& result) { finish(*accepts_.front(), result); }
    void finish(SocketOperation& operation, const Result& result) {
        std::erase(accepts_, &operation);
        queue_.decide(operation, result);
    }

    MockQueue& queue_;
    std::deque<SocketOperation*> accepts_;
};

class MockListener : public AsyncListener {
public:
    explicit MockListener(Door& door) : door_(door) {
        ON_CALL(*this, accept).WillByDefault([&](SocketOperation& operation) {
            door.start_accept(operation);
        });
        ON_CALL(*this, cancel).WillByDefault([&] { door.start_cancel(); });
        ON_CALL(*this, interrupt_accept()).WillByDefault([&] { door.start_interrupt(); });
        ON_CALL(*this, interrupt_accept(testing::_)).WillByDefault([&](SocketOperation& operation) {
            door.start_interrupt(operation);
        });
    }
    ~MockListener() override { door_.close(); }

    MOCK_METHOD(void, accept, (SocketOperation&), (noexcept, override));
    MOCK_METHOD(void, cancel, (), (noexcept, override));
    MOCK_METHOD(void, interrupt_accept, (), (noexcept, override));
    MOCK_METHOD(void, interrupt_accept, (SocketOperation&), (noexcept, override));
    MOCK_METHOD(void, limit_unsent, (std::size_t), (noexcept, override));
    MOCK_METHOD(Endpoint, local_endpoint, (), (const, noexcept, override));

private:
    Door& door_;
};

}  // namespace drydock::test
