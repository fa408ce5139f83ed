// The stable echo client in the simulator, with a scripted user and a scripted server.
//
// The prompts are the textbook's, byte for byte; the defects of the textbook's client that must not
// come back are named by their number in the list of StableEchoClnt_win's: 1 writes past the
// buffer, 2 server gone, 3 empty lines and end of input, 4 short sends.
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <drydock/timer.hpp>

#include "src/echo/client.hpp"
#include "tests/support/driven_queue.hpp"

namespace drydock::echo {
namespace {

using namespace std::chrono_literals;
using test::DrivenQueue;

const std::string connected = "Connected.................\n";
const std::string prompt = "Input message(Q to quit) : ";
const std::string answer = "Message from server : ";

/// Answers each ask() with the next line, then with the end of the input; or, where it has no lines
/// at all, never.
class ScriptedInput final : public LineInput {
public:
    ScriptedInput(AsyncQueue<ClientEvent>& events, std::deque<std::string> lines, bool silent)
        : events_(events), lines_(std::move(lines)), silent_(silent) {}

    void ask() noexcept override {
        ++asked;
        if (!lines_.empty()) {
            events_.push(Line{lines_.front()});
            lines_.pop_front();
        } else if (!silent_) {
            events_.push(EndOfInput{});
        }
    }
    int asked = 0;

private:
    AsyncQueue<ClientEvent>& events_;
    std::deque<std::string> lines_;
    bool silent_;
};

class Screen final : public TextOutput {
public:
    bool write(std::string_view part) noexcept override {
        if (text.size() + part.size() > room) return false;
        text += part;
        return true;
    }
    std::string text;
    std::size_t room = std::string::npos;  // a full device has less
};

class EchoClient : public testing::Test {
protected:
    using Script = Task<void> (*)(AsyncSocket& socket);

    explicit EchoClient(sim::FaultSet faults = {}) : driven_(faults), events_(driven_.queue()) {}

    CompletionQueue& queue() { return driven_.queue(); }

    /// One connection is accepted and handed to the script; then it is closed.
    void serve(Script script) {
        ListenResult listening = queue().listen(Endpoint::loopback(7), {});
        ASSERT_NE(listening.listener, nullptr);
        listener_ = std::move(listening.listener);
        driven_.spawn(serve_one(*listener_, script));
    }

    void talk(std::deque<std::string> lines, bool silent = false,
              std::vector<Endpoint> endpoints = {Endpoint::loopback(7)}) {
        ScriptedInput input(events_, std::move(lines), silent);
        driven_.spawn(run_client(input, endpoints));
        EXPECT_TRUE(driven_.finish()) << "client and server should end";
        asked_ = input.asked;
    }

    Screen screen_;
    int asked_ = 0;
    std::optional<ClientResult> result_;

private:
    Task<void> serve_one(AsyncListener& listener, Script script) {
        const SocketResult accepted = co_await accept(listener);
        co_await script(*accepted.socket);
    }

    Task<void> run_client(LineInput& input, std::span<const Endpoint> endpoints) {
        Client client(queue(), events_, input, screen_);
        result_ = co_await client.run(endpoints);
    }

    DrivenQueue driven_;
    AsyncQueue<ClientEvent> events_;
    std::unique_ptr<AsyncListener> listener_;
};

// --- scripts of servers --------------------------------------------------------------------------

Task<void> echo_all(AsyncSocket& socket) {
    std::vector<std::byte> buffer(100);
    for (;;) {
        const Result received = co_await receive(socket, buffer);
        if (!received.ok() || received.bytes == 0) co_return;
        const ConstBuffer back(buffer.data(), received.bytes);
        co_await send_all(socket, back);
    }
}

Task<void> close_at_once(AsyncSocket&) { co_return; }

Task<void> reset_at_once(AsyncSocket& socket) {
    socket.set_abortive_close();
    co_return;
}

/// Sends the first two bytes back and resets.
Task<void> reset_in_the_middle(AsyncSocket& socket) {
    std::vector<std::byte> buffer(100);
    static_cast<void>(co_await receive(socket, buffer));
    const ConstBuffer back(buffer.data(), 2);
    co_await send_all(socket, back);
    socket.set_abortive_close();
}

Task<void> close_in_the_middle(AsyncSocket& socket) {
    std::vector<std::byte> buffer(100);
    static_cast<void>(co_await receive(socket, buffer));
    const ConstBuffer back(buffer.data(), 2);
    co_await send_all(socket, back);
}

Task<void> answer_something_else(AsyncSocket& socket) {
    std::vector<std::byte> buffer(100);
    const Result received = co_await receive(socket, buffer);
    std::reverse(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(received.bytes));
    const ConstBuffer back(buffer.data(), received.bytes);
    co_await send_all(socket, back);
    co_await echo_all(socket);
}

Task<void> answer_too_much(AsyncSocket& socket) {
    std::vector<std::byte> buffer(100);
    const Result received = co_await receive(socket, buffer);
    const ConstBuffer back(buffer.data(), received.bytes + 1);
    buffer[received.bytes] = std::byte{'!'};
    co_await send_all(socket, back);
    co_await echo_all(socket);
}

Task<void> greet_unasked(AsyncSocket& socket) {
    co_await send_all(socket, std::string_view("welcome"));
    co_await echo_all(socket);
}

// --- what the user sees --------------------------------------------------------------------------

TEST_F(EchoClient, ShowsTheTextbooksPromptsByteForByte) {
    serve(&echo_all);
    talk({"hello", "two words", "q"});
    EXPECT_EQ(screen_.text,
              "Connected.................\n"
              "Input message(Q to quit) : Message from server : hello\n"
              "Input message(Q to quit) : Message from server : two words\n"
              "Input message(Q to quit) : ");
    EXPECT_EQ(result_->outcome, ClientOutcome::quit);
}

TEST_F(EchoClient, QuitsOnSmallAndOnLargeQ) {
    serve(&echo_all);
    talk({"Q", "never reached"});
    EXPECT_EQ(screen_.text, connected + prompt);
    EXPECT_EQ(asked_, 1);
    EXPECT_EQ(result_->outcome, ClientOutcome::quit);
}

TEST_F(EchoClient, SendsLinesThatOnlyBeginWithQ) {
    serve(&echo_all);
    talk({"quit", "q"});
    EXPECT_EQ(screen_.text, connected + prompt + answer + "quit\n" + prompt);
}

TEST_F(EchoClient, AsksAgainAfterAnEmptyLine_StableEchoClnt3) {
    serve(&echo_all);
    talk({"", "", "x", "q"});
    EXPECT_EQ(screen_.text, connected + prompt + prompt + prompt + answer + "x\n" + prompt)
        << "an empty line sends nothing, so there is no answer to wait for";
}

TEST_F(EchoClient, QuitsAtTheEndOfTheInput_StableEchoClnt3) {
    serve(&echo_all);
    talk({"last"});
    EXPECT_EQ(screen_.text, connected + prompt + answer + "last\n" + prompt + "\n");
    EXPECT_EQ(result_->outcome, ClientOutcome::quit);
}

TEST_F(EchoClient, SendsAMegabyteInOneLine_StableEchoClnt134) {
    serve(&echo_all);
    std::string line;
    for (int i = 0; i < 1 << 20; ++i) line += static_cast<char>('a' + i % 23);
    talk({line, "q"});
    EXPECT_TRUE(screen_.text == connected + prompt + answer + line + "\n" + prompt)
        << "all of the line should come back, though far more than any buffer or pipe holds; shown "
           "were "
        << screen_.text.size() << " bytes";
    EXPECT_EQ(result_->outcome, ClientOutcome::quit);
}

// --- servers that go away or misbehave -----------------------------------------------------------

TEST_F(EchoClient, NoticesAtThePromptThatTheServerHasClosed_StableEchoClnt2) {
    serve(&close_at_once);
    talk({}, true);
    EXPECT_EQ(screen_.text, connected + prompt + "\n");
    EXPECT_EQ(result_->outcome, ClientOutcome::server_gone);
    EXPECT_EQ(result_->error, Error::ok) << "a plain close is no error of the connection";
}

TEST_F(EchoClient, NoticesAtThePromptThatTheServerHasReset_StableEchoClnt2) {
    serve(&reset_at_once);
    talk({}, true);
    EXPECT_EQ(screen_.text, connected + prompt + "\n");
    EXPECT_EQ(result_->outcome, ClientOutcome::server_gone);
    EXPECT_EQ(result_->error, Error::reset);
}

TEST_F(EchoClient, EndsWhenTheServerClosesInTheMiddleOfAnAnswer_StableEchoClnt2) {
    serve(&close_in_the_middle);
    talk({"hello"});
    EXPECT_EQ(screen_.text, connected + prompt) << "half an answer should not be shown as one";
    EXPECT_EQ(result_->outcome, ClientOutcome::server_gone);
    EXPECT_EQ(result_->error, Error::ok);
}

TEST_F(EchoClient, EndsWhenTheServerResetsInTheMiddleOfAnAnswer_StableEchoClnt2) {
    serve(&reset_in_the_middle);
    talk({"hello"});
    EXPECT_EQ(screen_.text, connected + prompt);
    EXPECT_EQ(result_->outcome, ClientOutcome::server_gone);
    EXPECT_EQ(result_->error, Error::reset);
}

TEST_F(EchoClient, ShowsAWrongEchoAndEnds) {
    serve(&answer_something_else);
    talk({"abc", "q"});
    EXPECT_EQ(screen_.text, connected + prompt + answer + "cba\n");
    EXPECT_EQ(result_->outcome, ClientOutcome::wrong_echo);
}

TEST_F(EchoClient, TakesAnAnswerThatIsTooLongForAWrongEcho) {
    serve(&answer_too_much);
    talk({"abc", "q"});
    EXPECT_EQ(screen_.text, connected + prompt + answer + "abc!\n");
    EXPECT_EQ(result_->outcome, ClientOutcome::wrong_echo);
}

TEST_F(EchoClient, EndsWhenTheServerSpeaksUnasked) {
    serve(&greet_unasked);
    talk({}, true);
    EXPECT_EQ(result_->outcome, ClientOutcome::wrong_echo);
}

// --- connecting ----------------------------------------------------------------------------------

TEST_F(EchoClient, SaysNothingWhenNobodyListens) {
    talk({"hello"});
    EXPECT_EQ(screen_.text, "") << "the textbook prints Connected only when it is";
    EXPECT_EQ(asked_, 0);
    EXPECT_EQ(result_->outcome, ClientOutcome::not_connected);
    EXPECT_EQ(result_->error, Error::refused);
}

TEST_F(EchoClient, TriesItsEndpointsInOrder) {
    serve(&echo_all);
    talk({"hello", "q"}, false,
         {Endpoint::ipv6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 7),
          Endpoint::loopback(8), Endpoint::loopback(7)});
    EXPECT_EQ(screen_.text, connected + prompt + answer + "hello\n" + prompt);
    EXPECT_EQ(result_->outcome, ClientOutcome::quit);
}

TEST_F(EchoClient, HasNothingToTryWithoutEndpoints) {
    talk({"hello"}, false, {});
    EXPECT_EQ(result_->outcome, ClientOutcome::not_connected);
    EXPECT_EQ(result_->error, Error::unreachable);
}

// --- the same on a bad day -----------------------------------------------------------------------

class EchoClientOnABadDay : public EchoClient {
protected:
    EchoClientOnABadDay()
        : EchoClient(sim::FaultSet()
                         .with(sim::Fault::partial_receive)
                         .with(sim::Fault::short_send)
                         .with(sim::Fault::small_pipe)
                         .with(sim::Fault::reorder)
                         .with(sim::Fault::delay)
                         .with(sim::Fault::latency)
                         .with(sim::Fault::interleave)) {}
};

TEST_F(EchoClientOnABadDay, ShowsTheSame_StableEchoClnt4) {
    serve(&echo_all);
    const std::string line(10'000, 'y');
    talk({"hello", "", line, "q"});
    EXPECT_EQ(screen_.text, connected + prompt + answer + "hello\n" + prompt + prompt + answer +
                                line + "\n" + prompt);
    EXPECT_EQ(result_->outcome, ClientOutcome::quit);
}

// --- output that cannot be written ---------------------------------------------------------------

TEST_F(EchoClient, ends_when_its_prompt_cannot_be_shown) {
    serve(&echo_all);
    screen_.room = 10;
    talk({"hello"}, true);
    EXPECT_EQ(result_->outcome, ClientOutcome::output_lost);
    EXPECT_EQ(asked_, 0) << "nobody can see that a line is wanted";
}

TEST_F(EchoClient, ends_when_an_answer_cannot_be_shown) {
    serve(&echo_all);
    screen_.room = 150;
    talk({"hello", std::string(80, 'x'), "unsent"}, true);
    EXPECT_EQ(result_->outcome, ClientOutcome::output_lost);
    EXPECT_EQ(asked_, 2);
}

}  // namespace
}  // namespace drydock::echo
