// Brokers whose answers make no sense: the exchange says so once, tries again with growing pauses,
// and works as soon as the answers are good.
#include <algorithm>
#include <functional>
#include <map>

#include "src/relay/resp.hpp"
#include "tests/relay/worlds.hpp"

namespace drydock::relay {
namespace {

constexpr std::string_view stream_name = "$14\r\n{drydock:room}\r\n";

/// A good entry of the stream: n is the number of its id.
std::string entry(std::string_view n) {
    return "*2\r\n$" + std::to_string(n.size() + 2) + "\r\n" + std::string(n) +
           "-0\r\n*6\r\n$1\r\np\r\n$1\r\nP\r\n$1\r\ni\r\n$1\r\n1\r\n$1\r\nl\r\n$3\r\nhi\n\r\n";
}

/// A reply to XREAD with these elements in the place of the entries.
std::string entries(const std::string& elements) {
    return "*1\r\n*2\r\n" + std::string(stream_name) + elements;
}

/// A server that answers as a broker with a stream of no entry or one would, except to one command.
class FakeBroker {
public:
    FakeBroker(CompletionQueue& queue, bool has_entry)
        : queue_(queue), has_entry_(has_entry), group_(queue) {
        ListenResult listening = queue.listen(Endpoint::loopback(0), {});
        listener_ = std::move(listening.listener);
        group_.spawn(accept_all());
    }

    ExchangeOptions options() const {
        ExchangeOptions options;
        options.broker.endpoints = {listener_->local_endpoint()};
        options.room = "room";
        options.publisher = "one";
        options.read_count = 1;  // so that each entry makes the reader measure
        return options;
    }
    Task<void> stop() {
        listener_->cancel();
        co_await group_.join();
    }

    std::string command;  // that is answered with `answer`; empty: none
    std::string answer;
    int connections = 0;
    int answers = 0;  // so often

private:
    using Words = std::vector<std::string>;

    Task<void> accept_all() {
        for (;;) {
            SocketResult accepted = co_await accept(*listener_);
            if (!accepted.ok()) co_return;
            ++connections;
            group_.spawn(serve(std::move(accepted.socket)));
        }
    }

    Task<void> serve(std::unique_ptr<AsyncSocket> socket) {
        std::vector<std::byte> buffer(4096);
        ReplyReader reader;
        for (;;) {
            const Result received = co_await receive(*socket, buffer);
            if (!received.ok() || received.bytes == 0) co_return;
            std::string_view chunk = as_text(std::span(buffer).first(received.bytes));
            while (const Reply* const request = reader.feed(chunk)) {
                Words words;
                for (const ReplyView word : request->root()) words.emplace_back(word.text());
                const std::string reply = co_await reply_to(words);
                const Result sent = co_await send_all(*socket, std::string_view(reply));
                if (!sent.ok()) co_return;
            }
        }
    }

    Task<std::string> reply_to(const Words& words) {
        const std::string& name = words[0];
        if (name == command) {
            ++answers;
            co_return answer;
        }
        if (name == "HGET") co_return "$4\r\n1000\r\n";
        if (name == "XREVRANGE") co_return has_entry_ ? "*1\r\n" + entry("1000") : "*0\r\n";
        if (name == "SCRIPT") co_return "$40\r\n" + std::string(40, 'a') + "\r\n";
        if (name == "CONFIG") co_return "-NOPERM no\r\n";
        if (name == "EVALSHA") {
            known_ = std::max(known_, std::stoi(words[7]));
            co_return "*2\r\n:" + std::to_string(known_) + "\r\n:1000\r\n";
        }
        EXPECT_EQ(name, "XREAD");
        if (words.back() == "999-0") co_return entries("*1\r\n" + entry("1000"));
        if (words[3] == "BLOCK") {
            Timer timer(queue_);
            co_await timer.after(3s);
        }
        co_return "*-1\r\n";
    }

    CompletionQueue& queue_;
    const bool has_entry_;
    int known_ = 0;
    std::unique_ptr<AsyncListener> listener_;
    TaskGroup group_;
};

struct Nonsense {
    std::string command;
    std::string answer;
};

std::string bulk(std::string_view text) {
    return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}

/// An entry of one element, the id, and these fields behind it.
std::string entry_with(std::string_view id, const std::string& fields) {
    return "*2\r\n" + bulk(id) + fields;
}

std::vector<Nonsense> malformed_replies() {
    const std::string good_fields = entry("1").substr(entry_with("1-0", "").size());
    std::vector<Nonsense> all;
    for (const std::string& answer :
         {entries("*0\r\n"),
          entries("*-1\r\n"),
          entries("$-1\r\n"),
          entries(":2\r\n"),
          std::string("*1\r\n*2\r\n$-1\r\n$-1\r\n"),
          std::string("*1\r\n*2\r\n:1\r\n:2\r\n"),
          std::string("*1\r\n*2\r\n$1\r\nk\r\n*0\r\n"),
          std::string("*1\r\n*0\r\n"),
          std::string("*1\r\n*1\r\n") + std::string(stream_name),
          std::string("*0\r\n"),
          std::string("+OK\r\n"),
          std::string(":7\r\n"),
          std::string("$1\r\nx\r\n"),
          "*1\r\n*2\r\n$1\r\nk\r\n*1\r\n" + entry("1001"),
          entries("*1\r\n:1\r\n"),
          entries("*1\r\n*0\r\n"),
          entries("*1\r\n*1\r\n" + bulk("1001-0")),
          entries("*1\r\n*2\r\n" + bulk("1001-0") + "*-1\r\n"),
          entries("*1\r\n" + entry_with("1001-0", "*6\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n")),
          entries("*1\r\n" + entry_with("1000-1", good_fields)),
          entries("*1\r\n" + entry_with("x", good_fields)),
          entries("*1\r\n" + entry("0")),
          entries("*1\r\n" + entry_with("1001-0", "*2\r\n" + bulk("a") + bulk("b"))),
          entries("*1\r\n" + entry("5"))}) {
        all.push_back({"XREAD", answer});
    }
    for (const char* const answer : {":5\r\n", "*0\r\n", "*-1\r\n", "+OK\r\n", "$-1\r\n",
                                     "*1\r\n:1\r\n", "*1\r\n*0\r\n", "*1\r\n*2\r\n:1\r\n:1\r\n"}) {
        const bool is_empty = std::string_view(answer) == "*0\r\n";
        if (!is_empty) all.push_back({"XREVRANGE", answer});
        const bool is_none = std::string_view(answer) == "$-1\r\n" || answer[1] == '-';
        if (!is_none) all.push_back({"HGET", answer});
        all.push_back({"SCRIPT", answer});
        all.push_back({"EVALSHA", answer});
    }
    all.push_back({"XREVRANGE", "*2\r\n" + entry("1000") + entry("1001")});
    all.push_back({"HGET", "$1\r\nx\r\n"});
    for (const char* const pair : {"*2\r\n:-1\r\n:0\r\n", "*2\r\n$1\r\n1\r\n:1\r\n",
                                   "*2\r\n*0\r\n*0\r\n", "*2\r\n:99\r\n:1000\r\n"}) {
        all.push_back({"EVALSHA", pair});
    }
    return all;
}

/// The answers make no sense for half a minute, and are good after that.
Task<void> meet_nonsense(sim::World& world, const Nonsense& nonsense, bool has_entry,
                         bool begins_later) {
    FakeBroker broker(world, has_entry);
    Station station(world, broker.options());
    broker.answer = nonsense.answer;
    if (!begins_later) broker.command = nonsense.command;
    station.start();
    if (begins_later) co_await station.see("relay connected");
    broker.command = nonsense.command;
    co_await station.say("line\n", false);
    Timer timer(world);
    co_await timer.after(30s);
    EXPECT_GE(broker.answers, 3) << "it is tried again";
    EXPECT_LE(broker.connections, 50) << "and not all the time";
    const std::vector<std::string> reasons = station.log.texts("relay away", "reason");
    EXPECT_EQ(reasons.size(), 1U) << "the log says so once";
    if (reasons.size() == 1) {
        EXPECT_TRUE(reasons[0].starts_with("the broker's answer makes no sense: ")) << reasons[0];
    }
    EXPECT_EQ(station.log.count("relay back"), 0);
    EXPECT_TRUE(station.losses.empty());
    broker.command.clear();
    co_await station.see("relay back");
    co_await timer.after(30s);
    EXPECT_EQ(station.log.count("relay away"), 1);
    EXPECT_EQ(station.log.count("relay back"), 1);
    co_await station.finish(drydock::later(world.now(), 20s));
    EXPECT_EQ(station.log.count("lines not acknowledged"), 0);
    co_await broker.stop();
}

TEST(ExchangeNonsense, IsToldOnceAndTriedAgainWithGrowingPausesFromTheStart) {
    for (const Nonsense& nonsense : malformed_replies()) {
        SCOPED_TRACE(nonsense.command + " " + nonsense.answer);
        for (const bool has_entry : {false, true}) {
            in_calm_world([&](sim::World& world) -> Task<void> {
                co_await meet_nonsense(world, nonsense, has_entry, false);
            });
            if (HasFailure()) return;
        }
    }
}

TEST(ExchangeNonsense, IsToldOnceAndTriedAgainWithGrowingPausesWhenItBeginsLater) {
    for (const Nonsense& nonsense : malformed_replies()) {
        // Only a new connection asks for the others.
        const bool is_asked = nonsense.command == "XREAD" || nonsense.command == "HGET" ||
                              nonsense.command == "EVALSHA";
        if (!is_asked) continue;
        SCOPED_TRACE(nonsense.command + " " + nonsense.answer);
        for (const bool has_entry : {false, true}) {
            in_calm_world([&](sim::World& world) -> Task<void> {
                co_await meet_nonsense(world, nonsense, has_entry, true);
            });
            if (HasFailure()) return;
        }
    }
}

TEST(ExchangeNonsense, FailsTheCheckBeforeTheStart) {
    for (const Nonsense& nonsense : malformed_replies()) {
        SCOPED_TRACE(nonsense.command + " " + nonsense.answer);
        in_calm_world([&](sim::World& world) -> Task<void> {
            FakeBroker broker(world, true);
            broker.command = nonsense.command;
            broker.answer = nonsense.answer;
            Station station(world, broker.options());
            const Failure failure = co_await station.exchange.check(0s);
            // The check reads to see whether it may; the reading itself looks at the entries.
            const Failure::Kind expected =
                nonsense.command == "XREAD" ? Failure::Kind::none : Failure::Kind::nonsense;
            EXPECT_EQ(failure.kind, expected) << failure.sentence();
            co_await broker.stop();
        });
    }
}

// What the broker says of its durability is of no importance to the room.
TEST(ExchangeNonsense, InTheAnswerToConfigLeavesTheDurabilityUnknown) {
    for (const char* const answer : {"*2\r\n:5\r\n*0\r\n", "*-1\r\n", "*0\r\n", ":1\r\n",
                                     "*2\r\n$-1\r\n$-1\r\n", "*1\r\n$1\r\nx\r\n"}) {
        SCOPED_TRACE(answer);
        in_calm_world([&](sim::World& world) -> Task<void> {
            FakeBroker broker(world, false);
            broker.command = "CONFIG";
            broker.answer = answer;
            Station station(world, broker.options());
            station.start();
            co_await station.see("relay connected");
            EXPECT_EQ(station.log.count("relay durability unknown"), 1);
            co_await station.finish();
            co_await broker.stop();
        });
    }
}

}  // namespace
}  // namespace drydock::relay
