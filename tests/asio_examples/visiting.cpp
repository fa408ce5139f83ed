// Scenarios for the examples that are clients: services for them to talk to, which answer well,
// close early, reset, or say nothing for a while.
#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>

#include <drydock/io.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

#include "tests/asio_examples/scenarios.hpp"

namespace drydock::examples {

Task<void> VisitingProgram::clients(sim::World& world) {
    manner_ = static_cast<Manner>(world.choose(4, "service: manner"));
    ListenResult listening = world.listen(Endpoint::loopback(port()), {});
    TaskGroup group(world);
    group.spawn([this, &world, &listening]() -> Task<void> {
        co_await accept_all(world, *listening.listener);
    });
    Timer timer(world);
    const Time end = later(world.now(), longest());
    Duration pause = std::chrono::milliseconds(10);
    while (!status() && world.now() < end) {
        co_await timer.after(pause);
        pause = std::min<Duration>(2 * pause, std::chrono::seconds(5));
    }
    if (!status() && ends_by_itself()) {
        world.fail("ends", "the client has not ended within ten minutes");
    }
    listening.listener->cancel();
    for (const auto& socket : open_) {
        if (socket) socket->cancel();
    }
    co_await group.join();
    judge(world, served_ && !damaged_ && accepted_ == 1);
}

std::string VisitingProgram::outcome() const { return output(); }

Task<void> VisitingProgram::accept_all(sim::World& world, AsyncListener& listener) {
    TaskGroup group(world);
    for (;;) {
        SocketResult result = co_await accept(listener);
        if (result.error == Error::canceled) break;
        if (!result.ok()) continue;
        ++accepted_;
        open_.push_back(std::move(result.socket));
        group.spawn([this, &world, index = open_.size() - 1]() -> Task<void> {
            co_await serve_one(world, index);
        });
    }
    co_await group.join();
}

Task<void> VisitingProgram::serve_one(sim::World& world, std::size_t index) {
    AsyncSocket& socket = *open_[index];
    if (manner_ == Manner::silent) {
        Timer timer(world);
        // For longer than a client waits that has a timeout.
        co_await timer.after(std::chrono::seconds(90));
    } else if (manner_ != Manner::closes) {
        co_await serve(world, socket);
        // Until the client has closed, so that a fault that comes in between is known.
        if (manner_ == Manner::serves) socket.shutdown_send();
        if (manner_ == Manner::serves) co_await hear_out(socket);
    }
    damaged_ = damaged_ || world.damaged(socket);
    open_[index].reset();
}

Task<bool> VisitingProgram::say(AsyncSocket& socket, std::string_view text) {
    if (manner_ == Manner::breaks_off) {
        co_await send_all(socket, text.substr(0, text.size() / 2));
        socket.set_abortive_close();
        co_return false;
    }
    const Result result = co_await send_all(socket, text);
    co_return result.ok();
}

Task<void> VisitingProgram::hear_out(AsyncSocket& socket) {
    std::string rest;
    for (;;) {
        const bool more = co_await hear(socket, rest);
        if (!more) co_return;
    }
}

Task<bool> VisitingProgram::hear(AsyncSocket& socket, std::string& heard) {
    std::array<std::byte, 256> buffer;
    const Result result = co_await receive(socket, buffer);
    if (!result.ok() || result.bytes == 0) co_return false;
    heard += as_text(std::span(buffer).first(result.bytes));
    co_return true;
}

namespace {

constexpr sim::Expectation ends = {"ends", "the client ends"};
constexpr sim::Expectation answer = {"answer",
                                     "a client that was served well writes what it was told"};

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

void expect(sim::World& world, const VisitingProgram& program, std::string_view part) {
    if (has(program.output(), part)) return;
    world.fail("answer", "the client did not write '" + std::string(part) + "' but '" +
                             program.output() + program.errors() + "'");
}

// ---- echo ---------------------------------------------------------------------------------------

/// Sends back what it gets, when it has all of it: its clients do not read before they have sent.
template <Text line, Text expected>
class Echoed final : public VisitingProgram {
public:
    static constexpr sim::Expectation properties[] = {ends, answer};

    std::vector<std::string> arguments() const override { return words(line.text); }
    std::string input() const override { return "a first line\nand a second\n"; }

private:
    static constexpr bool sends_lines = std::string_view(line.text).ends_with("a_line");

    Task<void> serve(sim::World&, AsyncSocket& socket) override {
        std::string heard;
        while (!heard.ends_with(sends_lines ? "\n" : "line")) {
            const bool more = co_await hear(socket, heard);
            if (!more) co_return;
        }
        const bool said = co_await say(socket, heard);
        if (said) served_well();
    }
    void judge(sim::World& world, bool undisturbed) override {
        if (undisturbed) expect(world, *this, expected.text);
    }
};

// ---- HTTP ---------------------------------------------------------------------------------------

/// Answers one request, after that of a SOCKS 4 client if there is one.
template <Text line, std::uint16_t port_number>
class Page final : public VisitingProgram {
public:
    static constexpr sim::Expectation properties[] = {ends, answer};

    std::vector<std::string> arguments() const override { return words(line.text); }
    std::vector<Endpoint> resolve(std::string_view) override { return {Endpoint::loopback(0)}; }

private:
    static constexpr bool socks = port_number != http_port;
    static constexpr std::string_view body = "<p>the one\nand only page\n</p>\n";

    std::uint16_t port() const override { return port_number; }
    Task<void> serve(sim::World&, AsyncSocket& socket) override {
        std::string heard;
        if (socks) {
            while (heard.size() < 9 || heard.back() != '\0') {
                const bool more = co_await hear(socket, heard);
                if (!more) co_return;
            }
            constexpr std::string_view granted("\0\x5a\0\0\0\0\0\0", 8);
            const bool said = co_await say(socket, granted);
            if (!said) co_return;
            heard.clear();
        }
        while (!has(heard, "\r\n\r\n")) {
            const bool more = co_await hear(socket, heard);
            if (!more) co_return;
        }
        const std::string page =
            "HTTP/1.0 200 OK\r\nServer: test\r\nContent-Length: " + std::to_string(body.size()) +
            "\r\n\r\n" + std::string(body);
        const bool said = co_await say(socket, page);
        if (said) served_well();
    }
    void judge(sim::World& world, bool undisturbed) override {
        if (undisturbed) expect(world, *this, body);
    }
};

// ---- one text -----------------------------------------------------------------------------------

/// Tells each client one text.
template <Text line, std::uint16_t port_number, const std::string_view& told, Text expected>
class Told final : public VisitingProgram {
public:
    static constexpr sim::Expectation properties[] = {ends, answer};

    std::vector<std::string> arguments() const override { return words(line.text); }

private:
    std::uint16_t port() const override { return port_number; }
    static std::string_view text() { return told; }
    Task<void> serve(sim::World&, AsyncSocket& socket) override {
        const bool said = co_await say(socket, text());
        if (said) served_well();
    }
    void judge(sim::World& world, bool undisturbed) override {
        if (undisturbed) expect(world, *this, expected.text);
    }
};

// ---- lines, and heartbeats ----------------------------------------------------------------------

/// Sends lines, and then nothing: a client with a timeout ends.
class Lines final : public VisitingProgram {
public:
    static constexpr sim::Expectation properties[] = {ends, answer};

    std::vector<std::string> arguments() const override { return words("127.0.0.1 7000"); }

private:
    Task<void> serve(sim::World& world, AsyncSocket& socket) override {
        Timer timer(world);
        for (const std::string_view line : {"one\n", "\n", "two\n"}) {
            const bool said = co_await say(socket, line);
            if (!said) co_return;
            co_await timer.after(std::chrono::seconds(5));
        }
        served_well();
        co_await hear_out(socket);
    }
    void judge(sim::World& world, bool undisturbed) override {
        if (undisturbed) expect(world, *this, "Received: one\nReceived: two\n");
    }
};

// ---- chat ---------------------------------------------------------------------------------------

/// A chat client, which ends when its input ends, and a room with itself alone. With `leaves` the
/// client ends when the connection does, and the service ends that after the last message.
template <bool leaves>
class Room final : public VisitingProgram {
public:
    static constexpr sim::Expectation properties[] = {ends, answer};

    std::vector<std::string> arguments() const override { return words("127.0.0.1 7000"); }
    std::string input() const override { return "hello\nis there anybody\n"; }
    bool input_stays_open() const override { return true; }
    bool ends_by_itself() const override { return leaves; }

private:
    Duration longest() const override { return std::chrono::minutes(2); }
    Task<void> serve(sim::World&, AsyncSocket& socket) override {
        std::string heard;
        std::size_t all = 0;
        for (;;) {
            const bool more = co_await hear(socket, heard);
            if (!more) co_return;
            const bool said = co_await say(socket, heard);
            if (!said) co_return;
            all += heard.size();
            if (all == 4 + 5 + 4 + 16) served_well();
            if (all == 4 + 5 + 4 + 16 && leaves) co_return;
            heard.clear();
        }
    }
    void judge(sim::World& world, bool undisturbed) override {
        if (undisturbed) expect(world, *this, "hello\nis there anybody\n");
    }
};

// ---- the list -----------------------------------------------------------------------------------

template <typename T>
constexpr sim::ScenarioInfo info(std::string_view name, std::string_view summary) {
    return sim::scenario_info<T>(name, summary);
}

constexpr std::string_view date = "Sun Nov 29 10:49:00 2026\n";
/// A vector of one stock, as an archive of Boost.Serialization, after its size.
constexpr std::string_view archive =
    "      d922 serialization::archive 19 0 0 1 0 0 0 3 ABC 13 A Big Company "
    "4.50000000000000000e+00 5.00000000000000000e+00 4.00000000000000000e+00 "
    "4.00000000000000000e+00 4.00000000000000000e+00 1000 4.00000000000000000e+00 2000";

constexpr auto echo_client =
    info<Echoed<"127.0.0.1 7000", "a first line">>("echo-client", "a client of an echo service");
constexpr auto timeout_client = info<Echoed<"127.0.0.1 7000 a_line", "Round trip time: ">>(
    "timeout-client", "a client of an echo service, with timeouts");
constexpr auto lines_client = info<Lines>("lines-client", "a client that reads lines");
constexpr auto http_client =
    info<Page<"127.0.0.1 /index.html", http_port>>("http-client", "an HTTP client");
constexpr auto socks_client = info<Page<"127.0.0.1 7000 ada", free_port>>(
    "socks-client", "an HTTP client behind a SOCKS 4 proxy");
constexpr auto daytime_client = info<Told<"127.0.0.1", daytime_port, date, "2026\n">>(
    "daytime-client", "a client that asks for the time of day");
constexpr auto stocks_client = info<Told<"127.0.0.1 7000", free_port, archive, "A Big Company">>(
    "stocks-client", "a client that reads an archive");
constexpr auto chat_client = info<Room<false>>("chat-client", "a client of a chat server");
constexpr auto leaving_chat_client =
    info<Room<true>>("leaving-chat-client", "a client of a chat server that ends with it");

}  // namespace

const sim::ScenarioInfo* const visiting_scenarios[] = {
    &echo_client,    &timeout_client, &lines_client, &http_client,        &socks_client,
    &daytime_client, &stocks_client,  &chat_client,  &leaving_chat_client};
const std::size_t visiting_scenario_count = std::size(visiting_scenarios);

}  // namespace drydock::examples
