// The scenarios of Beast's examples, and the command line. Which example it is, says example.hpp.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <drydock/io.hpp>
#include <drydock/sim/program.hpp>
#include <drydock/sim/tool.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

#include "tests/beast_examples/example.hpp"
#include "tests/beast_examples/host.hpp"
#include "tests/beast_examples/http.hpp"
#include "tests/beast_examples/tls.hpp"
#include "tests/beast_examples/visitor.hpp"
#include "tests/beast_examples/websocket.hpp"

namespace drydock::beast_examples {
namespace {

constexpr std::uint16_t port = 8080;
constexpr std::string_view page = "{\"type\":\"the page that the host has\"}";
constexpr std::string_view said = "Hello, world!";

/// What all scenarios have.
class Base : public sim::ProgramScenario {
public:
    // TLS through a pipe of one byte.
    static constexpr std::uint64_t calm_bound = 300'000;

    explicit Base(int threads) : threads_(threads) {}

    std::string program_name() const override { return example_.name; }

    std::vector<std::string> arguments() const override {
        const std::pair<std::string_view, std::string> values[] = {
            {"{address}", "0.0.0.0"},      {"{port}", std::to_string(port)},
            {"{root}", example_.doc_root}, {"{threads}", std::to_string(threads_)},
            {"{host}", "www.example.com"}, {"{target}", "/index.html"},
            {"{text}", std::string(said)},
        };
        std::vector<std::string> words;
        for (std::string word : example_.arguments) {
            for (const auto& [name, value] : values) {
                if (word == name) word = value;
            }
            if (!word.empty()) words.push_back(std::move(word));
        }
        return words;
    }

    /// With threads, the examples that know no signal destroy their std::thread objects without a
    /// join() when run() returns, which it does only if the acceptor has given up or is made to.
    sim::ProgramEnding ending() const override {
        sim::ProgramEnding ending;
        ending.stops_contexts = threads_ == 1;
        return ending;
    }

    /// The scenario's ends of TLS share the tables of OpenSSL with the program: what the program
    /// adds to them hangs on what is not its own.
    bool must_free_memory() const override { return !example_.traits.tls && !example_.traits.flex; }

protected:
    const Example& example_ = the_example();

private:
    const int threads_;
};

// --- the program is a server ---------------------------------------------------------------------

class ServerScenario : public Base {
public:
    using Base::Base;

    Task<void> clients(sim::World& world) override {
        TaskGroup group(world);
        const std::uint32_t count = 1 + world.choose(3, "clients");
        for (std::uint32_t i = 1; i <= count; ++i) group.spawn(visit(world, i));
        co_await group.join();
        // A program that ends has reset connections before. That it ends is the better message.
        Timer timer(world);
        co_await timer.after(std::chrono::seconds(1));
        if (!verdict_.empty()) world.fail("incomplete", verdict_);
    }

private:
    std::string verdict_;

    Task<void> visit(sim::World& world, std::uint32_t number) {
        const Traits& traits = example_.traits;
        const bool websocket = example_.kind == Kind::ws_server ||
                               (example_.kind == Kind::advanced && world.flip(2, "WebSocket"));
        const bool tls = traits.tls || (traits.flex && world.flip(2, "TLS"));
        sim::PeerChoices choices;
        choices.sends = tls ? 1000 : 200;
        choices.receives = tls ? 3000 : 400;
        sim::PeerPlan plan = sim::program_peer_plan(world, choices);
        // The next message may depend on the answer.
        if (websocket || tls) plan.in_turns = true;
        std::unique_ptr<Conversation> conversation;
        if (websocket) {
            conversation =
                std::make_unique<WebsocketConversation>(world, number, traits.broadcasts);
        } else {
            conversation = std::make_unique<HttpConversation>(world, example_);
        }
        std::optional<TlsEnd> end;
        if (tls) end.emplace(tls_client_context(), TlsEnd::Side::client);
        Visitor visitor(world, number, plan, std::move(conversation), std::move(end));
        const std::uint32_t more = traits.three_ports ? world.choose(3, "port") : 0;
        co_await visitor.run(Endpoint::loopback(static_cast<std::uint16_t>(port + more)));
        if (verdict_.empty()) verdict_ = visitor.verdict();
    }
};

// --- the program is a client ---------------------------------------------------------------------

class ClientScenario : public Base {
public:
    using Base::Base;

    bool ends_by_itself() const override { return true; }
    /// The clients that throw end with 1.
    bool may_end_with(int status) const override { return status == 0 || status == 1; }

    std::vector<Endpoint> resolve(std::string_view name) override {
        if (name != "www.example.com" && name != "postman-echo.com") return {};
        return {Endpoint::ipv4({127, 0, 0, 2}, 0), Endpoint::loopback(0)};  // the first is down
    }

    Task<void> clients(sim::World& world) override {
        const bool websocket = example_.kind == Kind::ws_client;
        const auto make = [websocket](sim::World& in) -> std::unique_ptr<Service> {
            if (websocket) return std::make_unique<WebsocketService>(in);
            return std::make_unique<HttpService>(in, std::string(page));
        };
        Host host(world, make, example_.traits.tls ? tls_server_context() : nullptr);
        const Time began = world.now();
        const Time end = later(began, std::chrono::minutes(5));
        co_await host.run(Endpoint::loopback(example_.traits.json ? 80 : port),
                          [&] { return status().has_value() || world.now() >= end; });
        if (!status()) co_return;  // the harness says so
        const std::string_view expected = websocket ? said : page;
        const bool whole = output().find(expected) != std::string::npos;
        // The programs give up a step that takes 30 seconds.
        const bool timed_out = world.now() - began >= std::chrono::seconds(30);
        if (!host.excuses() && !whole && !timed_out) {
            world.fail("client-output",
                       "the program has not printed what the host sent; it printed '" + output() +
                           "' and '" + errors() + "'");
        }
        if (host.silent() && !example_.traits.no_timeout &&
            world.now() - began > std::chrono::seconds(100)) {
            world.fail("client-timeout",
                       "the host said nothing, and the program waited for more than "
                       "100 s");
        }
    }
};

/// Visits many hosts, of which few exist.
class CrawlerScenario : public Base {
public:
    using Base::Base;

    bool ends_by_itself() const override { return true; }
    std::vector<Endpoint> resolve(std::string_view name) override {
        if (name.size() < 24) return {};
        return {Endpoint::loopback(0)};
    }

    Task<void> clients(sim::World& world) override {
        const auto make = [](sim::World& in) -> std::unique_ptr<Service> {
            return std::make_unique<HttpService>(in, std::string(page));
        };
        Host host(world, make, nullptr);
        const Time end = later(world.now(), std::chrono::hours(10));
        co_await host.run(Endpoint::loopback(80),
                          [&] { return status().has_value() || world.now() >= end; });
        if (status() && output().find("Crawl report") == std::string::npos) {
            world.fail("client-output", "the program has printed no report");
        }
    }
};

// --- the program takes one line and ends ---------------------------------------------------------

class LineVisitor final : public sim::Peer {
public:
    LineVisitor(sim::World& world, std::uint32_t number, const sim::PeerPlan& plan)
        : Peer(world, "client", number, plan) {}

    /// As Visitor::verdict().
    const std::string& verdict() const noexcept { return verdict_; }

protected:
    std::string_view next_message() override { return asked_++ == 0 ? "hello, echo\n" : ""; }
    bool received(std::string_view bytes) override {
        answer_ += bytes;
        return true;
    }
    bool answered() const override { return answer_.ends_with('\n'); }
    void ended() override {
        if (!excused() && answer_ != "hello, echo\n") verdict_ = name() + " got '" + answer_ + "'";
    }

private:
    int asked_ = 0;
    std::string answer_;
    std::string verdict_;
};

class LineScenario : public Base {
public:
    using Base::Base;

    bool ends_by_itself() const override { return true; }
    Task<void> clients(sim::World& world) override {
        // The program waits for a connection; a fault may take one away.
        Timer timer(world);
        for (std::uint32_t i = 1; i <= 20 && !status(); ++i) {
            LineVisitor visitor(world, i, sim::program_peer_plan(world));
            co_await visitor.run(Endpoint::loopback(port));
            co_await timer.after(std::chrono::seconds(1));
            if (!visitor.verdict().empty()) world.fail("incomplete", visitor.verdict());
        }
    }
};

// --- the command line ----------------------------------------------------------------------------

template <typename Scenario, int threads>
class With final : public Scenario {
public:
    With() : Scenario(threads) {}
};

template <typename Scenario>
int run_tool(int argc, char** argv) {
    const Example& example = the_example();
    static const std::string many = example.name + "_threads";
    static const auto one =
        sim::scenario_info<With<Scenario, 1>>(example.name, "an example of Boost.Beast");
    static const auto four =
        sim::scenario_info<With<Scenario, 4>>(many, "an example of Boost.Beast, with four threads");
    const bool threads = std::find(example.arguments.begin(), example.arguments.end(),
                                   "{threads}") != example.arguments.end();
    static const sim::ScenarioInfo* const scenarios[] = {&one, &four};
    return sim::tool_main(argc, argv, std::span(scenarios, threads ? 2 : 1));
}

int run_tool_of_kind(int argc, char** argv) {
    if (the_example().traits.tls || the_example().traits.flex) initialise_tls();
    switch (the_example().kind) {
        case Kind::http_server:
        case Kind::ws_server:
        case Kind::advanced:
            return run_tool<ServerScenario>(argc, argv);
        case Kind::http_client:
        case Kind::ws_client:
            return run_tool<ClientScenario>(argc, argv);
        case Kind::crawler:
            return run_tool<CrawlerScenario>(argc, argv);
        case Kind::line_server:
            return run_tool<LineScenario>(argc, argv);
    }
    return 2;
}

}  // namespace
}  // namespace drydock::beast_examples

int main(int argc, char** argv) { return drydock::beast_examples::run_tool_of_kind(argc, argv); }
