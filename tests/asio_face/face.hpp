// The Asio that the cases of this folder are compiled against, and what they share.
//
// Each file is compiled four times: against real Asio (NET_REAL) and against drydock's
// (NET_DRYDOCK), both standalone and, with NET_BOOST, Boost's. What a case expects was observed
// with real Asio on Linux, so that drydock's face is held to Asio's behaviour.
//
// The cases name Asio as `net`. NET_VERSION is Asio's own version number in both flavours:
// 1.22.1 is 102201, and Boost 1.81 has 1.26.0, 102600.
#pragma once

#if defined(NET_REAL) == defined(NET_DRYDOCK)
#error "define one of NET_REAL and NET_DRYDOCK"
#endif

#if defined(NET_BOOST)
#if defined(NET_DRYDOCK)
#include <drydock/boost_asio.hpp>
#endif
#include <boost/asio.hpp>
#include <boost/asio/experimental/as_tuple.hpp>
#define NET_VERSION BOOST_ASIO_VERSION
#else
#if defined(NET_DRYDOCK)
#include <drydock/asio.hpp>
#endif
#include <asio.hpp>
#include <asio/experimental/as_tuple.hpp>
#define NET_VERSION ASIO_VERSION
#endif

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drydock {
class CompletionQueue;
}

namespace face_test {

#if defined(NET_BOOST) && defined(NET_DRYDOCK)
namespace net = ::drydock::boost_asio;
#elif defined(NET_BOOST)
namespace net = ::boost::asio;
#elif defined(NET_DRYDOCK)
namespace net = ::drydock::asio;
#else
namespace net = ::asio;
#endif

#if defined(NET_BOOST)
using error_code = boost::system::error_code;
using system_error = boost::system::system_error;
#else
using error_code = std::error_code;
using system_error = std::system_error;
#endif

using tcp = net::ip::tcp;
using namespace std::chrono_literals;
using testing::ElementsAre;

/// How long a case waits for what must come. A loaded machine may take its time; a case that passes
/// waits for the event alone.
inline constexpr std::chrono::seconds patience = 60s;

/// How often a handler was called, and with what the last time.
struct Outcome {
    int calls = 0;
    error_code error;
    std::size_t bytes = 0;
};

/// The handler that all cases use that need no other: one type, so that each operation is
/// instantiated once a file.
class Into {
public:
    explicit Into(Outcome& outcome) : outcome_(&outcome) {}
    void operator()(error_code error, std::size_t bytes = 0) const {
        ++outcome_->calls;
        outcome_->error = error;
        outcome_->bytes = bytes;
    }

private:
    Outcome* outcome_;
};

/// A handler that appends its name and its error to a list.
class Log {
public:
    explicit Log(std::vector<std::string>& lines, std::string name = "")
        : lines_(&lines), name_(std::move(name)) {}
    void operator()() const { lines_->push_back(name_); }
    void operator()(error_code error, std::size_t = 0) const {
        std::string outcome = " failed";
        if (!error) outcome = " ok";
        if (error == net::error::operation_aborted) outcome = " aborted";
        lines_->push_back(name_ + outcome);
    }

private:
    std::vector<std::string>* lines_;
    std::string name_;
};

/// Whether `error` is what Asio gives for `number`, an errno: in its category of the system, which
/// in standalone 1.22.1 is a category of Asio's own.
testing::AssertionResult is_system_error(const error_code& error, int number);

/// The error that `action` throws; none if it throws nothing.
template <class Action>
error_code thrown_by(Action action, std::string* what = nullptr) {
    try {
        action();
    } catch (const system_error& error) {
        if (what != nullptr) *what = error.what();
        return error.code();
    }
    return {};
}

/// Two connected sockets of one context.
struct Pair {
    tcp::socket client;
    tcp::socket server;
};

/// A context, on the queue that the parameter names. Real Asio has one parameter, "asio".
class Face : public testing::TestWithParam<std::string> {
protected:
    Face();
    ~Face() override;

    /// Another context on the same queue.
    std::unique_ptr<net::io_context> make_context();
    /// Another context on a queue of its own. The queue lives as long as the case.
    std::unique_ptr<net::io_context> make_context_of_its_own();
    /// Runs `of` until it is out of work, and says so if that takes too long.
    std::size_t run(net::io_context& of);
    std::size_t run() { return run(context); }
    /// Runs the context until `done`, and says so if that takes too long. It also waits for what
    /// happens outside the context, and leaves pending what has not completed by then.
    void run_until(const std::function<bool()>& done);

    // For what arrives without an operation that waits for it. The system's table of connections
    // tells (and in the simulator time passes), so that the socket itself is not touched.
    /// Waits until so many unread bytes have arrived.
    void until_unread(const tcp::socket& socket, std::size_t bytes);
    /// Waits until the peer's end of the stream, or its reset, has arrived.
    void until_over(const tcp::socket& socket);

    Pair connected();
    Pair connected(tcp::socket client, tcp::socket server);
    /// An acceptor on a free port of 127.0.0.1.
    tcp::acceptor listening(const net::ip::address& address = net::ip::address_v4::loopback());
    /// A port of 127.0.0.1 that nothing listens on.
    tcp::endpoint nobody();
    /// Fills the buffers between two sockets, so that the next send must wait.
    std::size_t fill(tcp::socket& socket);

private:
    /// Lets a little time pass, the simulator's too.
    void settle();

    std::unique_ptr<drydock::CompletionQueue> queue_;
    std::vector<std::unique_ptr<drydock::CompletionQueue>> more_queues_;
    std::unique_ptr<net::io_context> owned_;

protected:
    net::io_context& context;
};

/// Leaves a case out for drydock's face, which differs from Asio on purpose.
#if defined(NET_DRYDOCK)
#define FACE_DIFFERS(reason) GTEST_SKIP() << (reason)
#else
#define FACE_DIFFERS(reason) static_cast<void>(reason)
#endif

/// Leaves a case out for a simulated queue, which has neither the system's clocks (only a whole
/// simulated program sees the virtual time in them) nor its signals, and is for one thread.
#define NEEDS_REAL_QUEUE(what) \
    if (GetParam() == "sim") GTEST_SKIP() << "a simulated queue has no " << (what)

/// The parameters of Face.
std::vector<std::string> implementations();

/// Instantiates a suite for all implementations.
#define FACE_SUITE(suite)                                                       \
    class suite : public Face {};                                               \
    INSTANTIATE_TEST_SUITE_P(face, suite, testing::ValuesIn(implementations()), \
                             [](const auto& info) { return info.param; })

}  // namespace face_test
