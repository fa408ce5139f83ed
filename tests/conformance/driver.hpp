// Operations, sockets and listeners as tests use them, and the driver that pumps one queue.
//
// All of it lives in one thread, because the simulator does. The wrappers clean up after
// themselves, as the contract asks (cancel, drain, close), so that a test that fails half way
// through is one failed test and not an aborted suite.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <drydock/queue.hpp>

namespace drydock::conformance {

using namespace std::chrono_literals;

/// How long a test waits for what must come. Passing tests never wait that long.
inline constexpr Duration patience = 60s;
/// How long a test looks at what must not come.
inline constexpr Duration glance = 30ms;
/// So many bytes any backend takes for a connection that nobody reads from. The contract promises
/// no number.
inline constexpr std::size_t fits = 16;

/// Base is Operation or one of its kinds. Counts its completions.
template <typename Base>
class Counting : public Base {
public:
    Counting() noexcept : Base(&Counting::completed) {}

    int completions() const noexcept { return completions_; }
    const Result& result() const noexcept { return result_; }

private:
    static void completed(Operation& operation, const Result& result) noexcept {
        auto& self = static_cast<Counting&>(operation);
        self.result_ = result;
        ++self.completions_;
    }

    Result result_;
    int completions_ = 0;
};

using TestOperation = Counting<Operation>;
using TestReceive = Counting<ReceiveOperation>;
using TestSocketOperation = Counting<SocketOperation>;

class Driver {
public:
    /// `provided`: receives bring no buffers.
    explicit Driver(CompletionQueue& queue, bool provided = false) noexcept
        : queue_(queue), provided_(provided) {}

    bool provided() const noexcept { return provided_; }

    CompletionQueue& queue() noexcept { return queue_; }

    /// Pumps until `done`. False: `patience` has passed first.
    bool run_until(const std::function<bool()>& done);
    /// Pumps until the operation is not in flight any more.
    bool finish(const Operation& operation);
    /// Pumps for this long, and then until nothing is ready: a completion that has come by then is
    /// handed out, however late the test's thread gets its turn.
    void run_for(Duration span);

private:
    /// How many completions there were.
    std::size_t pump(Time deadline);

    CompletionQueue& queue_;
    const bool provided_;
};

/// A timer's or a post's operation.
class TestTimer : public TestOperation {
public:
    explicit TestTimer(Driver& driver) noexcept : driver_(driver) {}
    ~TestTimer();

private:
    Driver& driver_;
};

class TestSocket {
public:
    TestSocket(Driver& driver, std::unique_ptr<AsyncSocket> socket) noexcept
        : driver_(driver), socket_(std::move(socket)) {}
    TestSocket(const TestSocket&) = delete;
    TestSocket& operator=(const TestSocket&) = delete;
    ~TestSocket() { close(); }

    AsyncSocket& operator*() noexcept { return *socket_; }
    AsyncSocket* operator->() noexcept { return socket_.get(); }

    TestReceive& receiving() noexcept { return receiving_; }
    TestOperation& sending() noexcept { return sending_; }
    const TestReceive& receiving() const noexcept { return receiving_; }

    /// Starts. What is received goes to received().
    void start_receive(std::size_t size);
    void start_send(std::string_view text);
    std::string received();

    /// Starts and drives to the completion. What never comes is canceled: then the result says so.
    Result receive(std::size_t size = 4096);
    Result send(std::string_view text);

    /// Sends all, however short each send is. For what fits between sender and receiver.
    Result send_all(std::string_view text);
    /// Receives until it has this many bytes, the stream ends or a receive fails.
    std::string receive_exactly(std::size_t size);
    /// Receives until the end of the stream or an error, which goes to receiving().result().
    std::string receive_rest();

    /// Cancels, drains, closes.
    void close();

private:
    void finish(const Operation& operation);

    Driver& driver_;
    std::unique_ptr<AsyncSocket> socket_;
    TestReceive receiving_;
    TestOperation sending_;
    std::vector<std::byte> buffer_;
    std::string text_;
    ConstBuffer piece_;
};

class TestListener {
public:
    TestListener(Driver& driver, std::unique_ptr<AsyncListener> listener) noexcept
        : driver_(driver), listener_(std::move(listener)) {}
    TestListener(const TestListener&) = delete;
    TestListener& operator=(const TestListener&) = delete;
    ~TestListener() { close(); }

    AsyncListener& operator*() noexcept { return *listener_; }
    AsyncListener* operator->() noexcept { return listener_.get(); }

    /// An operation for accepts, which is not started; the listener keeps it.
    TestSocketOperation& make_accept() { return accepts_.emplace_back(); }
    /// Starts one more accept; the listener keeps the operation.
    TestSocketOperation& start_accept();
    void close();

private:
    Driver& driver_;
    std::unique_ptr<AsyncListener> listener_;
    std::deque<TestSocketOperation> accepts_;
};

/// A connect's operation.
class TestConnect : public TestSocketOperation {
public:
    explicit TestConnect(Driver& driver) noexcept : driver_(driver) {}
    ~TestConnect();

private:
    Driver& driver_;
};

/// Sends a text from one end while the other receives, so that it may be longer than what fits
/// between them. Gives what was received until all was, or something failed.
std::string transfer(Driver& driver, TestSocket& from, TestSocket& to, const std::string& text,
                     std::size_t receive_size);

/// Sends a text, over and over, until a send stays pending; gives what the completed sends took.
std::size_t fill(Driver& driver, TestSocket& socket, const std::string& text);

/// `size` bytes that are easy to tell from the same bytes in another place.
std::string pattern(std::size_t size, unsigned seed = 1);

}  // namespace drydock::conformance
