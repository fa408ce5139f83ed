// Scenarios for the examples that serve, and what their visitors expect of them.
#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <map>
#include <sstream>

#include <drydock/error.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

#include "tests/asio_examples/scenarios.hpp"

namespace drydock::examples {

std::vector<std::string> words(std::string_view line) {
    std::istringstream stream{std::string(line)};
    return {std::istream_iterator<std::string>(stream), {}};
}

void Visitor::ended() {
    if (!connected()) {
        if (excused()) return;
        fail("accepts", name() + " could not connect within a minute: " +
                            std::string(sentence(connect_error())));
        return;
    }
    if (!excused()) judge();
}

Task<void> ServingProgram::clients(sim::World& world) {
    const std::uint32_t count = 1 + world.choose(4, "visitors");
    TaskGroup group(world);
    for (std::uint32_t number = 1; number <= count; ++number) {
        const sim::PeerPlan plan = sim::program_peer_plan(world, choices());
        visitors_.push_back(visitor(world, number, plan));
        group.spawn(visitors_.back()->run(Endpoint::loopback(port())));
    }
    co_await group.join();
}

std::string ServingProgram::options() const {
    std::string text = "visitors:";
    for (const auto& each : visitors_) text += " " + sim::text(each->plan());
    return text;
}

std::string ServingProgram::outcome() const {
    std::string text;
    for (const auto& each : visitors_) text += (text.empty() ? "" : "; ") + each->outcome();
    return text;
}

namespace {

constexpr sim::Expectation accepts = {"accepts",
                                      "a client can connect as long as the program serves"};

/// The number in `text`, after spaces. 0: it has none.
std::uint64_t number_in(std::string_view text, int base = 10) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number, base);
    return number;
}

// ---- echo ---------------------------------------------------------------------------------------

/// What a visitor sends at a position of its stream: others' bytes look different.
char letter(std::uint32_t number, std::uint64_t position) {
    return static_cast<char>('!' + (number * 29 + position * 7 + position / 64) % 90);
}

/// Gets back what it sends.
class EchoVisitor final : public Visitor {
public:
    EchoVisitor(sim::World& world, std::uint32_t number, const sim::PeerPlan& plan,
                Duration idle_limit)
        : Visitor(world, "visitor", number, plan),
          idle_limit_(idle_limit),
          bytes_(1 + world.choose(400, "bytes")) {}

private:
    std::string_view next_message() override {
        const std::uint64_t size = std::min<std::uint64_t>(bytes_ - written_, 50);
        message_.clear();
        for (std::uint64_t i = 0; i < size; ++i) message_ += letter(number(), written_ + i);
        written_ += size;
        return message_;
    }
    bool received(std::string_view bytes) override {
        moved();
        for (const char byte : bytes) {
            if (seen_ < sent() && byte == letter(number(), seen_)) {
                ++seen_;
                continue;
            }
            fail("echo-prefix", name() + " got, at position " + std::to_string(seen_) + " of " +
                                    std::to_string(sent()) + ", a byte that it had not sent there");
            return false;
        }
        return true;
    }
    bool answered() const override { return received_bytes() >= written_; }
    void sending(std::size_t) override { moved(); }
    void stream_ended() override { moved(); }
    void moved() {
        const Time now = world().now();
        longest_quiet_ = std::max(longest_quiet_, now - last_moved_);
        last_moved_ = now;
    }
    void judge() override {
        const bool idle = idle_limit_ > Duration::zero() && longest_quiet_ >= idle_limit_;
        if (complete() || idle) return;
        fail("echo-complete", name() + " sent " + std::to_string(sent()) + " bytes and got " +
                                  std::to_string(received_bytes()) + " back before " + ending());
    }

    const Duration idle_limit_;
    const std::uint64_t bytes_;
    std::uint64_t written_ = 0;
    std::uint64_t seen_ = 0;
    std::string message_;
    Time last_moved_ = world().now();
    Duration longest_quiet_{0};
};

/// An echo server with these arguments, which may end a connection that is idle for so long.
template <Text line, std::uint16_t port_number, int idle_seconds, bool frees = true>
class Echo final : public ServingProgram {
public:
    /// A program that must not wait asks every millisecond whether there is room.
    static constexpr std::uint64_t calm_bound = 100'000;
    static constexpr sim::Expectation properties[] = {
        accepts,
        {"echo-prefix", "a client gets back what it sent, in order"},
        {"echo-complete", "a client gets back all that it sent, and then the end of the stream"}};

    std::vector<std::string> arguments() const override { return words(line.text); }
    bool must_free_memory() const override { return frees; }

private:
    std::uint16_t port() const override { return port_number; }
    sim::PeerChoices choices() const override { return {.sends = 200, .receives = 200}; }
    std::unique_ptr<Visitor> visitor(sim::World& world, std::uint32_t number,
                                     const sim::PeerPlan& plan) override {
        return std::make_unique<EchoVisitor>(world, number, plan,
                                             std::chrono::seconds(idle_seconds));
    }
};

// ---- one text, and the end of the stream --------------------------------------------------------

/// Says nothing, and gets one text.
class Listener final : public Visitor {
public:
    using Good = bool (*)(std::string_view text);

    Listener(sim::World& world, std::uint32_t number, const sim::PeerPlan& plan, Good good)
        : Visitor(world, "visitor", number, plan), good_(good) {}

private:
    std::string_view next_message() override { return {}; }
    bool received(std::string_view bytes) override {
        text_ += bytes;
        return true;
    }
    bool wants_more() const override { return !good_(text_); }
    void judge() override {
        if (good_(text_)) return;
        fail("told", name() + " was told '" + text_ + "' before " + ending());
    }

    const Good good_;
    std::string text_;
};

/// "Sun Nov 29 10:49:00 2026\n"
bool is_date(std::string_view text) {
    return text.size() == 25 && text.back() == '\n' && text[3] == ' ' && text[13] == ':';
}

bool is_hello(std::string_view text) { return text == "hello\r\n"; }

/// Eight digits with the size, and as many bytes of an archive of Boost.
bool is_archive(std::string_view text) {
    if (text.size() < 8) return false;
    const std::uint64_t size = number_in(text.substr(0, 8), 16);
    return text.size() == 8 + size && text.find("A Big Company") != std::string_view::npos;
}

/// A server that tells each client one text.
template <Text line, std::uint16_t port_number, Listener::Good good>
class Tells final : public ServingProgram {
public:
    static constexpr sim::Expectation properties[] = {
        accepts, {"told", "a client gets the whole text, and then the end of the stream"}};

    std::vector<std::string> arguments() const override { return words(line.text); }

private:
    std::uint16_t port() const override { return port_number; }
    sim::PeerChoices choices() const override { return {.sends = 1, .receives = 25}; }
    std::unique_ptr<Visitor> visitor(sim::World& world, std::uint32_t number,
                                     const sim::PeerPlan& plan) override {
        return std::make_unique<Listener>(world, number, plan, good);
    }
};

// ---- HTTP ---------------------------------------------------------------------------------------

/// Sends one request, and gets one answer and the end of the stream.
class Browser final : public Visitor {
public:
    Browser(sim::World& world, std::uint32_t number, const sim::PeerPlan& plan)
        : Visitor(world, "browser", number, plan), request_(world.choose(3, "request")) {}

private:
    std::string_view next_message() override {
        if (std::exchange(asked_, true)) return {};
        constexpr std::array<std::string_view, 3> requests = {
            "GET /main.cpp HTTP/1.0\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n",
            "GET /no/such/file HTTP/1.0\r\n\r\n", "GET  HTTP/1.0\r\nNot a header\r\n\r\n"};
        return requests[request_];
    }
    bool received(std::string_view bytes) override {
        text_ += bytes;
        return true;
    }
    bool answered() const override { return !asked_ || whole(); }
    bool whole() const {
        const std::size_t body = text_.find("\r\n\r\n");
        const std::size_t length = text_.find("Content-Length: ");
        if (body == std::string::npos || length > body) return false;
        return text_.size() - body - 4 >= number_in(std::string_view(text_).substr(length + 16));
    }
    void judge() override {
        constexpr std::array<std::string_view, 3> answers = {"HTTP/1.0 200 OK\r\n", "HTTP/1.0 404 ",
                                                             "HTTP/1.0 400 "};
        if (whole() && text_.starts_with(answers[request_])) return;
        fail("http-answer", name() + " got " + std::to_string(text_.size()) +
                                " bytes of an answer to request " + std::to_string(request_) +
                                " before " + ending());
    }

    const std::uint32_t request_;
    bool asked_ = false;
    std::string text_;
};

template <Text line>
class Http final : public ServingProgram {
public:
    static constexpr sim::Expectation properties[] = {
        accepts, {"http-answer", "a client gets a complete answer to its request"}};

    std::vector<std::string> arguments() const override { return words(line.text); }

private:
    sim::PeerChoices choices() const override { return {.sends = 60, .receives = 2000}; }
    std::unique_ptr<Visitor> visitor(sim::World& world, std::uint32_t number,
                                     const sim::PeerPlan& plan) override {
        return std::make_unique<Browser>(world, number, plan);
    }
};

// ---- chat ---------------------------------------------------------------------------------------

/// Publishes messages, and hears those of all members. `lines`: a message is a line; else it has
/// four digits with its length before it.
class Member final : public Visitor {
public:
    Member(sim::World& world, std::uint32_t number, const sim::PeerPlan& plan, bool lines)
        : Visitor(world, "member", number, plan),
          lines_(lines),
          messages_(1 + world.choose(6, "messages")) {}

private:
    std::string_view next_message() override {
        if (published_ == messages_) return {};
        std::string body = "m" + std::to_string(number()) + " " + std::to_string(published_) + " ";
        body.append(world().choose(40, "length"), static_cast<char>('a' + published_ % 26));
        ++published_;
        std::string size = std::to_string(body.size());
        size.insert(0, 4 - size.size(), ' ');
        message_ = lines_ ? body + "\n" : size + body;
        return message_;
    }
    bool received(std::string_view bytes) override {
        text_ += bytes;
        for (std::size_t size = 0; (size = first_message()) > 0;) {
            const std::string message = text_.substr(lines_ ? 0 : 4, size - (lines_ ? 1 : 4));
            text_.erase(0, size);
            if (!hear(message)) return false;
        }
        return !world().failed();
    }
    /// The size of the first message with its frame; 0: it is not complete.
    std::size_t first_message() {
        if (lines_) return text_.find('\n') + 1;
        if (text_.size() < 4) return 0;
        // Four characters, the number at their right.
        const std::string header = text_.substr(0, 4);
        const std::size_t digits = std::min(header.find_first_not_of(' '), header.size());
        int size = 0;
        std::from_chars(header.data() + digits, header.data() + header.size(), size);
        if (size <= 0 || size > 512) {
            fail("chat-whole",
                 name() + " got a frame with the header '" + text_.substr(0, 4) + "'");
            return 0;
        }
        const std::size_t whole = 4 + static_cast<std::size_t>(size);
        return text_.size() < whole ? 0 : whole;
    }
    bool hear(const std::string& message) {
        const std::vector<std::string> parts = words(message);
        if (parts.size() < 2 || parts.front().front() != 'm') {
            fail("chat-whole", name() + " heard '" + message + "'");
            return false;
        }
        const std::uint64_t from = number_in(parts[0].substr(1));
        const std::uint64_t place = number_in(parts[1]);
        const auto [due, first] = due_.try_emplace(from, place);
        if (!first && due->second != place) {
            fail("chat-order", name() + " heard message " + std::to_string(place) + " of member " +
                                   std::to_string(from) + " where " + std::to_string(due->second) +
                                   " was due");
            return false;
        }
        due->second = place + 1;
        if (from == number()) ++own_;
        return true;
    }
    bool answered() const override { return own_ >= published_; }
    void judge() override {
        if (complete()) return;
        fail("chat-complete", name() + " published " + std::to_string(published_) +
                                  " messages and heard " + std::to_string(own_) +
                                  " of them before " + ending());
    }

    const bool lines_;
    const std::uint32_t messages_;
    std::uint32_t published_ = 0;
    std::uint32_t own_ = 0;
    std::string message_;
    std::string text_;
    std::map<std::uint64_t, std::uint64_t> due_;  // the next message of each member
};

template <bool lines>
class Chat final : public ServingProgram {
public:
    static constexpr sim::Expectation properties[] = {
        accepts,
        {"chat-whole", "a member hears whole messages"},
        {"chat-order", "the messages of one member are heard in order, without gaps"},
        {"chat-complete", "a member hears its own messages"}};

    std::vector<std::string> arguments() const override { return words("7000"); }

private:
    sim::PeerChoices choices() const override { return {.sends = 150, .receives = 400}; }
    std::unique_ptr<Visitor> visitor(sim::World& world, std::uint32_t number,
                                     const sim::PeerPlan& plan) override {
        return std::make_unique<Member>(world, number, plan, lines);
    }
};

// ---- programs that serve two connections, one after the other -----------------------------------

/// Gets messages until the stream ends. It may come while the program serves another.
class Reader final : public sim::Peer {
public:
    Reader(sim::World& world, std::uint32_t number, const sim::PeerPlan& plan)
        : Peer(world, "reader", number, plan) {}

private:
    std::string_view next_message() override { return {}; }
    bool received(std::string_view bytes) override {
        text_ += bytes;
        return true;
    }
    bool wants_more() const override { return !end_seen(); }
    void ended() override {
        if (!connected() || excused() || !end_seen()) return;
        if (!text_.starts_with("Testing ") || text_.ends_with("\r\n")) return;
        fail("told", name() + " was told '" + text_ + "' before " + ending());
    }

    std::string text_;
};

/// The examples of composed operations: each serves one client twice, and ends.
class Composed final : public sim::ProgramScenario {
public:
    static constexpr sim::Expectation properties[] = {
        {"told", "a client gets whole messages"},
        {"ends", "the program says what has become of each of its two connections, and ends"}};

    bool ends_by_itself() const override { return true; }
    Task<void> clients(sim::World& world) override {
        Timer timer(world);
        for (std::uint32_t number = 1; number <= 60 && !status(); ++number) {
            sim::PeerPlan plan = sim::program_peer_plan(world, {.sends = 1, .receives = 20});
            plan.patience = std::chrono::milliseconds(10);
            Reader reader(world, number, plan);
            co_await reader.run(Endpoint::loopback(composed_port));
            co_await timer.after(std::chrono::seconds(1));
        }
        const auto lines = std::count(output().begin(), output().end(), '\n');
        if (!status() || lines != 2) {
            world.fail("ends", "the program has written '" + output() + "' after 60 visits");
        }
    }
    std::string outcome() const override { return output(); }
};

// ---- the list -----------------------------------------------------------------------------------

template <typename T>
constexpr sim::ScenarioInfo info(std::string_view name, std::string_view summary) {
    return sim::scenario_info<T>(name, summary);
}

constexpr Text http_arguments =
    "0.0.0.0 7000 /usr/share/doc/libasio-dev/examples/cpp03/http/server";
constexpr Text http_threads_arguments =
    "0.0.0.0 7000 3 /usr/share/doc/libasio-dev/examples/cpp03/http/server";

constexpr auto echo = info<Echo<"7000", free_port, 0>>("echo", "an echo server");
constexpr auto echo_unfreed = info<Echo<"7000", free_port, 0, false>>(
    "echo-unfreed", "an echo server that does not free its memory in the end");
constexpr auto echo_idle =
    info<Echo<"7000", free_port, 9>>("echo-idle", "an echo server that ends idle connections");
constexpr auto echo_fixed =
    info<Echo<"", composed_port, 0>>("echo-fixed", "an echo server on port 55555");
constexpr auto daytime =
    info<Tells<"", daytime_port, &is_date>>("daytime", "a server that tells the time of day");
constexpr auto daytime_free =
    info<Tells<"7000", free_port, &is_date>>("daytime-free", "the same, on a port that is given");
constexpr auto hello =
    info<Tells<"", composed_port, &is_hello>>("hello", "a server that says hello");
constexpr auto stocks =
    info<Tells<"7000", free_port, &is_archive>>("stocks", "a server that sends an archive");
constexpr auto http = info<Http<http_arguments>>("http", "an HTTP server");
constexpr auto http_threads =
    info<Http<http_threads_arguments>>("http-threads", "an HTTP server with three threads");
constexpr auto chat = info<Chat<false>>("chat", "a chat server, messages in frames");
constexpr auto chat_lines = info<Chat<true>>("chat-lines", "a chat server, messages in lines");
constexpr auto composed = info<Composed>("composed", "a program that serves two clients and ends");

}  // namespace

const sim::ScenarioInfo* const serving_scenarios[] = {
    &echo,   &echo_unfreed, &echo_idle,    &echo_fixed, &daytime,    &daytime_free, &hello,
    &stocks, &http,         &http_threads, &chat,       &chat_lines, &composed};
const std::size_t serving_scenario_count = std::size(serving_scenarios);

}  // namespace drydock::examples
