// The key-value server in a simulated world: its clients, and the properties that must hold.
#include "scenario.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include <drydock/sim/peers.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

#include "judge.hpp"
#include "service.hpp"

namespace kv {
namespace {

using namespace drydock;
using namespace std::chrono_literals;

// --- what a run chooses --------------------------------------------------------------------------

constexpr std::string_view quit_line = "QUIT\n";

/// Everything about a run but its clients. Small limits are reached by short messages.
struct Setup {
    Limits limits{.key = 8, .value = 24, .line = 48};
    server::Options server;
    bool stops_early = false;
    Duration stop_after{0};
    bool together = false;    // clients start at once and use the shared counter alone
    bool is_limited = false;  // the store may become full
};

Setup choose_setup(sim::World& world) {
    constexpr std::array<std::size_t, 4> receives = {4096, 64, 7, 1};
    constexpr std::array<std::size_t, 3> most_answers = {16 * 1024, 48, 1};
    constexpr std::array<Duration, 4> stops = {0us, 100us, 3ms, 60ms};
    Setup setup;
    setup.limits.receive = receives[world.choose(4, "server: receive size")];
    setup.limits.answers = most_answers[world.choose(3, "server: answers")];
    setup.together = world.choose(2, "clients: together") == 1;
    setup.is_limited = world.flip(6, "server: little memory");
    if (setup.is_limited) setup.limits.memory = 250;
    if (world.flip(8, "server: idle timeout")) setup.server.idle_timeout = 100ms;
    setup.stops_early = world.flip(4, "stop early");
    if (setup.stops_early) setup.stop_after = stops[world.choose(4, "stop: when")];
    return setup;
}

Request command(Request::Kind kind, Verb verb, std::string key, std::string value = {}) {
    constexpr std::array<std::string_view, 5> words = {"SET", "GET", "DEL", "INCR", "QUIT"};
    std::string line(words[static_cast<std::size_t>(verb)]);
    if (verb != Verb::quit) line += " " + key;
    if (verb == Verb::set) line += " " + value;
    return {kind, verb, line + "\n", std::move(key), std::move(value), {}};
}

Request fixed(std::string line, std::string_view expected) {
    Request request;
    request.line = std::move(line);
    request.expected = expected;
    return request;
}

/// A line that is refused, or answered whatever the store contains.
Request choose_odd_request(sim::World& world) {
    switch (world.choose(8, "client: odd line")) {
        case 0:
            return fixed("FLY a\n", answers::unknown_command);
        case 1:
            return fixed("\n", answers::unknown_command);
        case 2:
            return fixed("SET a\n", answers::wrong_arguments);
        case 3:
            return fixed("GET nothing\r\n", answers::none);
        case 4:
            return fixed("GET " + std::string(9, 'k') + "\n", answers::key_too_long);
        case 5:
            return fixed("SET a " + std::string(25, 'v') + "\n", answers::value_too_long);
        case 6:
            return fixed("GET " + std::string(50, 'k') + "\n", answers::line_too_long);
        default:
            return fixed(std::string(150, 'x') + "\n", answers::line_too_long);
    }
}

Request choose_request(sim::World& world, const Setup& setup, std::uint32_t client) {
    using Kind = Request::Kind;
    if (setup.together) {
        const bool reads = world.choose(4, "client: reads the counter") == 1;
        return command(Kind::counter, reads ? Verb::get : Verb::incr, std::string(counter_key));
    }
    constexpr std::array<std::string_view, 4> values = {"x", "9", "", "a value of 24 characters"};
    const std::string key =
        (world.choose(2, "client: key") == 0 ? "a" : "b") + std::to_string(client);
    switch (world.choose(7, "client: command")) {
        case 0:
            return command(Kind::own, Verb::set, key,
                           std::string(values[world.choose(4, "client: value")]));
        case 1:
            return command(Kind::own, Verb::get, key);
        case 2:
            return command(Kind::counter, Verb::incr, std::string(counter_key));
        case 3:
            return command(Kind::counter, Verb::get, std::string(counter_key));
        case 4:
            return command(Kind::own, Verb::del, key);
        case 5:
            return command(Kind::own, Verb::incr, key);
        default:
            return choose_odd_request(world);
    }
}

std::vector<Request> choose_requests(sim::World& world, const Setup& setup, std::uint32_t client) {
    std::vector<Request> requests;
    const std::uint32_t count = world.choose(9, "client: commands");
    for (std::uint32_t i = 0; i < count; ++i) {
        requests.push_back(choose_request(world, setup, client));
    }
    if (!world.flip(6, "client: quits")) return requests;
    requests.push_back(fixed(std::string(quit_line), answers::bye));
    if (world.choose(2, "client: goes on after QUIT") == 1) {
        requests.push_back(command(Request::Kind::ignored, Verb::incr, std::string(counter_key)));
    }
    return requests;
}

/// For failure messages, which are one line each.
std::string quoted(std::string text) {
    std::replace(text.begin(), text.end(), '\n', '|');
    return "'" + text + "'";
}

// --- a client ------------------------------------------------------------------------------------

/// What the clients of a run share.
struct Common {
    Common(sim::World& world, Setup its_setup) : setup(std::move(its_setup)), counter(world) {}

    Setup setup;
    Counter counter;
    bool stopping = false;  // set before the clients can see that the server stops
};

class Client final : public sim::Peer {
public:
    Client(sim::World& world, std::uint32_t number, const sim::PeerPlan& plan, Common& common,
           std::vector<Request> requests)
        : Peer(world, "client", number, plan), common_(common), requests_(std::move(requests)) {}

    /// It was told of everything that the server has executed for it.
    bool heard_all() const { return !connected() || heard_all_; }

    /// Whether its keys in the store are what the requests that were executed have made of them.
    bool keys_match(const Store& store) const;

private:
    std::string_view next_message() override;
    bool received(std::string_view bytes) override;
    bool answered() const override { return quit_ || answered_ == next_; }
    void ended() override;

    bool judge(const Request& request, const std::string& line);
    std::string objection(const Request& request, const std::string& line);
    bool judge_back_pressure();
    void judge_cut_off(const sim::OtherEnd& server);
    bool has_quit() const {
        const auto is_quit = [](const Request& request) { return request.line == quit_line; };
        return std::any_of(requests_.begin(), requests_.end(), is_quit);
    }
    char suffix() const { return static_cast<char>('0' + number()); }

    Common& common_;
    std::vector<Request> requests_;
    std::size_t next_ = 0;          // request to send
    std::size_t answered_ = 0;      // requests
    bool quit_ = false;             // a QUIT is answered
    std::string unfinished_;        // answer
    std::uint64_t lines_size_ = 0;  // bytes of the answers that are complete
    OwnKeys keys_;
    bool heard_all_ = false;
};

std::string_view Client::next_message() {
    if (next_ == requests_.size()) return {};
    const Request& request = requests_[next_++];
    if (request.kind == Request::Kind::counter) {
        common_.counter.asked(number(), request.verb == Verb::incr);
    }
    return request.line;
}

bool Client::received(std::string_view bytes) {
    for (const char byte : bytes) {
        unfinished_ += byte;
        if (byte != '\n') continue;
        const std::string line = std::exchange(unfinished_, {});
        if (answered()) {
            fail("kv-answer", name() + " got " + quoted(line) + ", which it had not asked for");
            return false;
        }
        if (!judge(requests_[answered_], line)) return false;
        ++answered_;
        lines_size_ += line.size();
    }
    return judge_back_pressure();
}

/// False: the answer is wrong, and the run has failed.
bool Client::judge(const Request& request, const std::string& line) {
    const bool counts = request.kind == Request::Kind::counter;
    const bool stores = request.verb == Verb::set || request.verb == Verb::incr;
    if (line == answers::store_full && stores && common_.setup.is_limited) {
        if (counts) common_.counter.refused(number());
        return true;
    }
    const std::string what = objection(request, line);
    if (request.line == quit_line) quit_ = true;
    if (what.empty()) return true;
    fail(counts ? "kv-counter" : "kv-answer",
         name() + " asked " + quoted(request.line) + " and got " + quoted(line) + ": " + what);
    return false;
}

std::string Client::objection(const Request& request, const std::string& line) {
    if (request.kind == Request::Kind::counter) {
        const bool is_value = line.starts_with("VALUE ");
        if (!is_value && line != answers::none) return "that is no answer to it";
        const std::uint64_t value = is_value ? std::stoull(line.substr(6)) : 0;
        return common_.counter.answered(number(), value);
    }
    const bool own = request.kind == Request::Kind::own;
    const std::string expected = own ? keys_.execute(request) : request.expected;
    return line == expected ? "" : "the answer to it is " + quoted(expected);
}

/// Before its latest receive the server must have sent all answers that it owed then. (Once it stops
/// it receives what it will not answer.)
bool Client::judge_back_pressure() {
    if (common_.stopping) return true;
    const sim::OtherEnd server = world().other_end(socket());
    std::size_t complete = 0;  // requests in what came before that receive
    std::uint64_t size = common_.setup.limits.receive;
    while (complete < next_ && !quit_) {
        size += requests_[complete].line.size();
        if (size > server.received) break;
        ++complete;
    }
    // The shortest answer has 3 bytes.
    const std::size_t unheard = complete - std::min(complete, answered_);
    const std::uint64_t least = complete < answered_ ? 0 : lines_size_ + 3 * unheard;
    if (server.sent >= least) return true;
    fail("kv-back-pressure", "the server has received " + std::to_string(server.received) +
                                 " bytes of " + name() + " and sent " +
                                 std::to_string(server.sent) +
                                 "; before its last receive it owed " + std::to_string(least));
    return false;
}

void Client::ended() {
    if (!connected()) {
        if (common_.stopping || excused()) return;
        fail("kv-accept", name() + " could not connect: " + ending());
        return;
    }
    if (excused()) return;
    heard_all_ = quit_ || complete();
    if (heard_all_) return;
    const sim::OtherEnd server = world().other_end(socket());
    if (server.canceled()) return judge_cut_off(server);
    // A stop is orderly: whole answers, and then the end of the stream. Only a connection that the
    // server has not accepted yet is reset.
    const bool is_orderly = (end_seen() && unfinished_.empty()) || server.received == 0;
    heard_all_ = common_.stopping && is_orderly;
    if (heard_all_) return;
    fail("kv-complete", outcome() + ", with " + std::to_string(answered_) + " of " +
                            std::to_string(next_) +
                            " requests answered, though nothing had disturbed the connection");
}

/// The server has canceled the connection. Reasons are the idle timeout, the end of the grace, and
/// after a QUIT that the client has not closed its side in time.
void Client::judge_cut_off(const sim::OtherEnd& server) {
    const server::Options& options = common_.setup.server;
    const bool was_idle =
        options.idle_timeout > Duration::zero() && server.longest_quiet >= options.idle_timeout;
    const bool was_slow = has_quit() && server.canceled_after >= options.linger;
    if (was_idle || was_slow || common_.stopping) return;
    fail("kv-cut-off", outcome() + ": the server cut it off without a reason");
}

bool Client::keys_match(const Store& store) const {
    OwnKeys keys = keys_;
    if (keys.match(store, suffix())) return true;
    if (heard_all()) return false;
    if (common_.setup.is_limited) return true;  // any of the rest may have been refused
    for (std::size_t i = answered_; i < next_; ++i) {
        if (requests_[i].kind == Request::Kind::own) keys.execute(requests_[i]);
        if (keys.match(store, suffix())) return true;
    }
    return false;
}

std::uint64_t count_in(const Store& store) {
    const auto found = store.values().find(counter_key);
    return found == store.values().end() ? 0 : std::stoull(found->second);
}

// --- the scenario --------------------------------------------------------------------------------

class Scenario final : public sim::Scenario {
public:
    static constexpr sim::Parameter parameters[] = {
        {"clients", "clients that increment the shared counter, half-close and read to the end", 1,
         4, 2},
        {"commands", "commands of each client", 0, 8, 1}};
    static constexpr sim::Expectation properties[] = {
        {"kv-accept", "a client can connect until the server is asked to stop"},
        {"kv-answer", "each line is answered in order, by what the protocol says"},
        {"kv-counter", "there is one order of all commands on the shared counter"},
        {"kv-complete", "each line is answered, and a stop leaves no answer out"},
        {"kv-kept", "the store has in the end what was answered, and nothing else"},
        {"kv-back-pressure", "the server receives no more while it owes answers"},
        {"kv-memory", "the store and the unsent answers stay within their limits"},
        {"kv-cut-off", "only the idle timeout and the end of a stop cut a client off"}};
    static constexpr auto& probes = kv::probes::all;
    static constexpr sim::FaultSet explored_faults = sim::FaultSet().with(sim::Fault::interleave);

    bool set(std::string_view name, std::uint64_t value) override {
        if (!sim::in_range(parameters, name, value)) return false;
        is_small_ = true;
        (name == "clients" ? clients_ : commands_) = static_cast<std::uint32_t>(value);
        return true;
    }

    std::string options() const override { return options_; }
    std::string outcome() const override { return outcome_; }

    Task<void> main(sim::World& world) override {
        Common common(world, is_small_ ? Setup{} : choose_setup(world));
        ListenResult listening = world.listen(Endpoint::loopback(7379), {});
        const Endpoint endpoint = listening.listener->local_endpoint();
        Service service(world, common.setup.limits);
        NullLog log;
        server::Server server(world, std::move(listening.listener), common.setup.server, service,
                              log);
        TaskGroup serving(world);
        serving.spawn(server.run());

        std::vector<std::unique_ptr<Client>> clients = make_clients(world, common);
        TaskGroup visiting(world);
        for (const auto& client : clients) visiting.spawn(client->run(endpoint));
        if (common.setup.stops_early) visiting.spawn(stop_later(world, common, server));
        co_await visiting.join();
        common.stopping = true;
        server.request_stop();
        co_await serving.join();

        for (const auto& client : clients) outcome_ += client->outcome() + "; ";
        outcome_ += "n=" + std::to_string(count_in(service.store()));
        judge_end(world, common, clients, service);
    }

private:
    std::vector<std::unique_ptr<Client>> make_clients(sim::World& world, Common& common);
    static Task<void> stop_later(sim::World& world, Common& common, server::Server& server);
    static void judge_end(sim::World& world, const Common& common,
                          const std::vector<std::unique_ptr<Client>>& clients, Service& service);

    bool is_small_ = false;      // a parameter is set: nothing about the clients is chosen
    std::uint32_t clients_ = 4;  // chosen: at most so many
    std::uint32_t commands_ = 1;
    std::string options_;
    std::string outcome_;
};

std::vector<std::unique_ptr<Client>> Scenario::make_clients(sim::World& world, Common& common) {
    const Setup& setup = common.setup;
    options_ = "receive=" + std::to_string(setup.limits.receive) +
               " answers=" + std::to_string(setup.limits.answers) +
               (setup.is_limited ? " little_memory" : "") + (setup.together ? " together" : "") +
               (setup.server.idle_timeout > Duration::zero() ? " idle_timeout" : "") +
               (setup.stops_early ? " stop_early" : "") + " clients:";
    std::vector<std::unique_ptr<Client>> clients;
    for (std::uint32_t number = 1; number <= clients_; ++number) {
        const sim::Spanned span(world, "client");  // shrinking can remove it as a whole
        if (is_small_) {
            std::vector<Request> requests(
                commands_, command(Request::Kind::counter, Verb::incr, std::string(counter_key)));
            // All is sent before anything is read, so all must fit into the connection.
            const bool fits = 10 * commands_ <= world.pipe_capacity();
            const sim::PeerPlan plan =
                fits ? sim::explored_peer_plan() : sim::plan_of(sim::PeerManner::pipelined);
            clients.push_back(
                std::make_unique<Client>(world, number, plan, common, std::move(requests)));
            continue;
        }
        if (number > 1 && world.choose(2, "client: another") == 0) break;
        std::vector<Request> requests = choose_requests(world, setup, number);
        const sim::PeerPlan plan = sim::choose_peer_plan(world, {.together = setup.together});
        options_.append(" ").append(sim::text(plan)).append("x");
        options_ += std::to_string(requests.size());
        clients.push_back(
            std::make_unique<Client>(world, number, plan, common, std::move(requests)));
    }
    return clients;
}

Task<void> Scenario::stop_later(sim::World& world, Common& common, server::Server& server) {
    Timer timer(world);
    co_await timer.after(common.setup.stop_after);
    common.stopping = true;
    server.request_stop();
}

/// The server has ended: what it leaves behind.
void Scenario::judge_end(sim::World& world, const Common& common,
                         const std::vector<std::unique_ptr<Client>>& clients, Service& service) {
    const Store& store = service.store();
    bool is_exact = true;
    for (const auto& client : clients) {
        is_exact = is_exact && client->heard_all();
        if (client->keys_match(store)) continue;
        world.fail("kv-kept", client->name() + "'s keys in the store are not what it was told");
    }
    const std::string what = common.counter.judge_end(count_in(store), is_exact);
    if (!what.empty()) world.fail("kv-kept", what);

    std::size_t used = 0;
    for (const auto& [key, value] : store.values()) used += Store::cost_of(key, value);
    const Limits& limits = common.setup.limits;
    // One answer more than the limit; the longest is a value, or "ERROR number too large".
    const std::size_t longest = std::max<std::size_t>(limits.value + 7, 23);
    const std::size_t unsent = service.totals().most_unsent;
    if (used > limits.memory || used != store.used()) {
        world.fail("kv-memory", "the store holds " + std::to_string(used) + " bytes and counts " +
                                    std::to_string(store.used()));
    }
    if (unsent >= limits.answers + longest) {
        world.fail("kv-memory",
                   "a connection held " + std::to_string(unsent) + " bytes of answers");
    }
}

}  // namespace

constinit const sim::ScenarioInfo scenario =
    sim::scenario_info<Scenario>("kv", "a key-value server and clients that share a counter");

}  // namespace kv
