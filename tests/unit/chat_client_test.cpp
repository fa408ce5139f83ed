// The chat client in the simulator, with a scripted user and a scripted server.
#include "src/chat/client.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <drydock/timer.hpp>

#include "tests/support/driven_queue.hpp"

namespace drydock::chat {
namespace {

using namespace std::chrono_literals;
using console::EndOfInput;
using console::Line;
using test::DrivenQueue;

/// Answers each ask() with the next line, then with the end of the input; or, where it is a silent
/// one, never.
class ScriptedInput final : public console::LineInput {
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

class Screen final : public console::TextOutput {
public:
    bool write(std::string_view part) noexcept override {
        if (text.size() + part.size() > room) return false;
        text += part;
        return true;
    }
    std::string text;
    std::size_t room = std::string::npos;  // a full device has less
};

/// What a scripted server needs.
struct Place {
    CompletionQueue& queue;
    AsyncSocket& socket;
    std::string& received;
};

class ChatClient : public testing::Test {
protected:
    using Script = Task<void> (*)(Place place);

    explicit ChatClient(sim::FaultSet faults = {})
        : driven_(faults), events_(driven_.queue()), start_(queue().now()) {}

    CompletionQueue& queue() { return driven_.queue(); }

    /// One connection is accepted and handed to the script; then it is closed.
    void serve(Script script) {
        ListenResult listening = queue().listen(Endpoint::loopback(7), {});
        ASSERT_NE(listening.listener, nullptr);
        listener_ = std::move(listening.listener);
        driven_.spawn(serve_one(*listener_, script));
    }

    /// Lets the client talk; it has not ended yet.
    void begin(std::deque<std::string> lines, bool silent = false,
               std::vector<Endpoint> endpoints = {Endpoint::loopback(7)}) {
        endpoints_ = std::move(endpoints);
        input_.emplace(events_, std::move(lines), silent);
        driven_.spawn(run_client());
        driven_.pump();
    }
    void finish() {
        EXPECT_TRUE(driven_.finish()) << "client and server should end";
        ASSERT_TRUE(result_);
    }
    void talk(std::deque<std::string> lines, bool silent = false) {
        begin(std::move(lines), silent);
        finish();
    }

    void run_for(Duration span) { driven_.run_until(later(queue().now(), span)); }
    int asked() const { return input_->asked; }

    Screen screen_;
    std::string received_;  // by the server
    std::optional<ClientResult> result_;
    Duration took_{0};

private:
    Task<void> serve_one(AsyncListener& listener, Script script) {
        const SocketResult accepted = co_await accept(listener);
        Place place{queue(), *accepted.socket, received_};
        co_await script(place);
    }

    Task<void> run_client() {
        Client client(queue(), events_, *input_, screen_, "bob");
        result_ = co_await client.run(endpoints_);
        took_ = queue().now() - start_;
    }

    DrivenQueue driven_;
    AsyncQueue<ClientEvent> events_;
    Time start_;
    std::vector<Endpoint> endpoints_;
    std::optional<ScriptedInput> input_;
    std::unique_ptr<AsyncListener> listener_;
};

// --- scripts of servers --------------------------------------------------------------------------

Task<void> take_all(Place place) {
    std::vector<std::byte> buffer(100);
    for (;;) {
        const Result received = co_await receive(place.socket, buffer);
        if (!received.ok() || received.bytes == 0) co_return;
        place.received += as_text(std::span(buffer).first(received.bytes));
    }
}

/// As a chat server with one member.
Task<void> return_all(Place place) {
    std::vector<std::byte> buffer(100);
    for (;;) {
        const Result received = co_await receive(place.socket, buffer);
        if (!received.ok() || received.bytes == 0) co_return;
        const ConstBuffer back(buffer.data(), received.bytes);
        place.received += as_text(std::span(buffer).first(received.bytes));
        co_await send_all(place.socket, back);
    }
}

Task<void> pause(Place place, Duration span) {
    Timer timer(place.queue);
    co_await timer.after(span);
}

Task<void> close_at_once(Place) { co_return; }

Task<void> reset_at_once(Place place) {
    place.socket.set_abortive_close();
    co_return;
}

Task<void> half_close_and_read_nothing(Place place) {
    place.socket.shutdown_send();
    co_await pause(place, 60s);
}

Task<void> read_nothing_and_reset(Place place) {
    co_await pause(place, 1s);
    place.socket.set_abortive_close();
}

Task<void> read_only_after_a_second(Place place) {
    co_await pause(place, 1s);
    co_await take_all(place);
}

Task<void> speak_unasked(Place place) {
    const std::string_view text("[amy] a\0b\xff\x1b[2J\r\n[amy] half", 26);
    co_await send_all(place.socket, text);
    co_await pause(place, 1s);
}

Task<void> talk_on_after_the_end(Place place) {
    co_await take_all(place);
    for (int i = 0; i < 3; ++i) {
        co_await pause(place, 500ms);
        co_await send_all(place.socket, std::string_view("late\n"));
    }
}

Task<void> never_end(Place place) {
    co_await take_all(place);
    co_await send_all(place.socket, std::string_view("late\n"));
    co_await pause(place, 60s);
}

/// One line a second, for as long as somebody takes them, a minute at most.
Task<void> talk_on_for(Place place, int seconds) {
    co_await take_all(place);
    for (int i = 0; i < seconds; ++i) {
        co_await pause(place, 1s);
        const Result sent = co_await send_all(place.socket, std::string_view("late\n"));
        if (!sent.ok()) co_return;
    }
}
Task<void> talk_on_for_ten_seconds(Place place) { co_await talk_on_for(place, 10); }
Task<void> talk_on_for_a_minute(Place place) { co_await talk_on_for(place, 60); }

Task<void> reset_at_the_end(Place place) {
    co_await take_all(place);
    place.socket.set_abortive_close();
}

// --- talking -------------------------------------------------------------------------------------

TEST_F(ChatClient, SendsEachLineUnderItsNameAndShowsWhatComesBack) {
    serve(&return_all);
    talk({"hello", "", "two  words "});
    EXPECT_EQ(received_, "[bob] hello\n[bob] \n[bob] two  words \n") << "empty lines are lines";
    EXPECT_EQ(screen_.text, received_) << "each line once, as the server sent it";
    EXPECT_EQ(result_->outcome, ClientOutcome::quit);
}

TEST_F(ChatClient, ShowsWhateverArrivesUnchangedWhileItsUserIsSilent) {
    serve(&speak_unasked);
    begin({}, true);
    EXPECT_EQ(screen_.text, std::string("[amy] a\0b\xff\x1b[2J\r\n[amy] half", 26));
    EXPECT_FALSE(result_) << "and goes on";
    EXPECT_EQ(asked(), 1);
    finish();
}

TEST_F(ChatClient, QuitsOnSmallAndOnLargeQAndOnNothingElse) {
    serve(&return_all);
    talk({"qq", " q", "quit", "Q", "never sent"});
    EXPECT_EQ(received_, "[bob] qq\n[bob]  q\n[bob] quit\n");
    EXPECT_EQ(asked(), 4);
    EXPECT_EQ(result_->outcome, ClientOutcome::quit);
}

TEST_F(ChatClient, SendsALineOfAMegabyteWhole) {
    serve(&return_all);
    std::string line;
    for (int i = 0; i < 1 << 20; ++i) line += static_cast<char>('a' + i % 23);
    talk({line, "q"});
    EXPECT_TRUE(received_ == "[bob] " + line + "\n")
        << "the server should get all of it; it got " << received_.size() << " bytes";
    EXPECT_TRUE(screen_.text == received_)
        << "and the client should receive while it sends; it has " << screen_.text.size();
}

TEST_F(ChatClient, AsksForTheNextLineWhenTheLastOneIsSent) {
    serve(&read_only_after_a_second);
    begin({std::string(1 << 20, 'x'), "second"});
    run_for(900ms);
    EXPECT_EQ(asked(), 1) << "the server takes nothing yet, so nothing more should be read";
    finish();
    EXPECT_EQ(asked(), 3);
    EXPECT_TRUE(received_.ends_with("x\n[bob] second\n"));
}

// --- quitting ------------------------------------------------------------------------------------

TEST_F(ChatClient, ShowsWhatTheServerStillSendsAfterTheQuit) {
    serve(&talk_on_after_the_end);
    talk({"bye"});
    EXPECT_EQ(received_, "[bob] bye\n");
    EXPECT_EQ(screen_.text, "late\nlate\nlate\n");
    EXPECT_EQ(result_->outcome, ClientOutcome::quit);
    EXPECT_LT(took_, 1600ms) << "no longer than the server needs";
}

TEST_F(ChatClient, ListensToAServerThatNeedsItsTimeAndIsNotSilent) {
    serve(&talk_on_for_ten_seconds);
    talk({"bye"});
    std::string lines;
    for (int i = 0; i < 10; ++i) lines += "late\n";
    EXPECT_EQ(screen_.text, lines) << "what was owed should not be cut off";
}

TEST_F(ChatClient, LeavesAServerThatTalksOnForEver) {
    serve(&talk_on_for_a_minute);
    talk({"bye"});
    EXPECT_EQ(result_->outcome, ClientOutcome::quit);
    EXPECT_GE(took_, 20s);
    EXPECT_LT(took_, 21s);
}

TEST_F(ChatClient, WaitsTwoSecondsForAServerThatDoesNotEnd) {
    serve(&never_end);
    talk({"bye"});
    EXPECT_EQ(screen_.text, "late\n");
    EXPECT_EQ(result_->outcome, ClientOutcome::quit);
    EXPECT_GE(took_, 2s);
    EXPECT_LT(took_, 2100ms);
}

TEST_F(ChatClient, HasQuitWhenTheServerResetsAfterAQ) {
    serve(&reset_at_the_end);
    talk({"bye", "q"});
    EXPECT_EQ(result_->outcome, ClientOutcome::quit);
}

TEST_F(ChatClient, TellsOfALossWhenTheServerResetsAfterTheEndOfTheInput) {
    serve(&reset_at_the_end);
    talk({"bye"});
    EXPECT_EQ(result_->outcome, ClientOutcome::server_gone);
    EXPECT_EQ(result_->error, Error::reset);
}

// --- servers that go away ------------------------------------------------------------------------

TEST_F(ChatClient, NoticesThatTheServerHasClosedWhileALineIsAskedFor) {
    serve(&close_at_once);
    talk({}, true);
    EXPECT_EQ(result_->outcome, ClientOutcome::server_gone);
    EXPECT_EQ(result_->error, Error::ok) << "a plain close is no error of the connection";
    EXPECT_LT(took_, 1s);
}

TEST_F(ChatClient, NoticesThatTheServerHasResetWhileALineIsAskedFor) {
    serve(&reset_at_once);
    talk({}, true);
    EXPECT_EQ(result_->outcome, ClientOutcome::server_gone);
    EXPECT_EQ(result_->error, Error::reset);
    EXPECT_LT(took_, 1s);
}

TEST_F(ChatClient, GivesUpALineWhenTheServerEndsItsStream) {
    serve(&half_close_and_read_nothing);
    talk({std::string(1 << 20, 'x')}, true);
    EXPECT_EQ(result_->outcome, ClientOutcome::server_gone);
    EXPECT_EQ(result_->error, Error::ok) << "the send was canceled because of it";
    EXPECT_LT(took_, 1s) << "it should not wait until the server takes the line";
}

TEST_F(ChatClient, GivesUpALineWhenTheServerResets) {
    serve(&read_nothing_and_reset);
    talk({std::string(1 << 20, 'x')}, true);
    EXPECT_EQ(result_->outcome, ClientOutcome::server_gone);
    EXPECT_EQ(result_->error, Error::reset);
    EXPECT_EQ(asked(), 1);
    EXPECT_LT(took_, 1500ms);
}

// --- connecting ----------------------------------------------------------------------------------

TEST_F(ChatClient, AsksForNothingWhenNobodyListens) {
    talk({"hello"});
    EXPECT_EQ(asked(), 0);
    EXPECT_EQ(screen_.text, "");
    EXPECT_EQ(result_->outcome, ClientOutcome::not_connected);
    EXPECT_EQ(result_->error, Error::refused);
}

TEST_F(ChatClient, TriesItsEndpointsInOrder) {
    serve(&return_all);
    begin({"hello"}, false, {Endpoint::loopback(8), Endpoint::loopback(7), Endpoint::loopback(9)});
    finish();
    EXPECT_EQ(received_, "[bob] hello\n");
    EXPECT_EQ(result_->outcome, ClientOutcome::quit);
}

TEST_F(ChatClient, HasNothingToTryWithoutEndpoints) {
    begin({"hello"}, false, {});
    finish();
    EXPECT_EQ(result_->outcome, ClientOutcome::not_connected);
    EXPECT_EQ(result_->error, Error::unreachable);
}

// --- the same on a bad day -----------------------------------------------------------------------

class ChatClientOnABadDay : public ChatClient {
protected:
    ChatClientOnABadDay()
        : ChatClient(sim::FaultSet()
                         .with(sim::Fault::partial_receive)
                         .with(sim::Fault::short_send)
                         .with(sim::Fault::small_pipe)
                         .with(sim::Fault::reorder)
                         .with(sim::Fault::interleave)) {}
};

TEST_F(ChatClientOnABadDay, TalksTheSame) {
    serve(&return_all);
    const std::string line(10'000, 'y');
    talk({"hello", "", line, "q"});
    EXPECT_EQ(received_, "[bob] hello\n[bob] \n[bob] " + line + "\n");
    EXPECT_EQ(screen_.text, received_);
    EXPECT_EQ(result_->outcome, ClientOutcome::quit);
}

// --- output that cannot be written ---------------------------------------------------------------

TEST_F(ChatClient, ends_at_once_when_a_line_cannot_be_shown) {
    serve(&return_all);
    screen_.room = 20;
    talk({"hello", "a second line"}, true);
    EXPECT_EQ(result_->outcome, ClientOutcome::output_lost);
    EXPECT_EQ(screen_.text, "[bob] hello\n");
    EXPECT_LT(took_, Client::silence);
}

}  // namespace
}  // namespace drydock::chat
