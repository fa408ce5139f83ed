// The hosts of the relay's scenario, and the members: how they come, talk, listen and go.
#include "tests/scenarios/relay.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <drydock/hash.hpp>
#include <drydock/server_probes.hpp>
#include <drydock/sim/peers.hpp>
#include <drydock/timer.hpp>

#include "src/chat/probes.hpp"
#include "src/relay/probes.hpp"
#include "tests/broker/publish_script.hpp"
#include "tests/broker/store.hpp"
#include "tests/scenarios/text.hpp"

namespace drydock::sim {
namespace {

constexpr std::uint16_t broker_port = 6379;
constexpr std::uint16_t chat_port = 9190;

// A server that is down comes back, at the latest when the world is calm.
constexpr Duration connect_patience = std::chrono::seconds(200);
// How long after the calm a member waits for what it is owed: a broker that is back is found at
// once, and asked again every few seconds.
constexpr Duration stay_patience = std::chrono::seconds(150);
// And how long until all of them have come to their end.
constexpr Duration end_patience = std::chrono::seconds(250);

bool goes_away(const RelayMember& plan) noexcept {
    return plan.manner == RelayManner::resets || plan.manner == RelayManner::vanishes;
}

/// The lines of the stream, from each beginning of it to its end, in the order of the entries and
/// each behind a newline. A broker that loses all data has another past from then on.
class Pasts {
public:
    /// Commands that the broker has synced.
    void add(std::string_view commands) {
        relay::ReplyReader reader;
        while (const relay::Reply* const command = reader.feed(commands)) {
            const relay::ReplyView words = command->root();
            if (words[0].text() == "DEL" && words[1].text() == keys_.stream) {
                pasts_.emplace_back("\n");
            }
            if (words[0].text() == "XADD") pasts_.back() += words[words.size() - 1].text();
        }
    }
    /// Lines, each with its newline, that follow each other somewhere.
    bool have(const std::string& lines) const {
        return std::any_of(pasts_.begin(), pasts_.end(), [&lines](const std::string& past) {
            return past.find("\n" + lines) != std::string::npos;
        });
    }
    /// Whether one of them has the line twice.
    bool have_twice(const std::string& line) const {
        return std::any_of(pasts_.begin(), pasts_.end(), [&line](const std::string& past) {
            const std::size_t first = past.find("\n" + line);
            return first != std::string::npos &&
                   past.find("\n" + line, first + 1) != std::string::npos;
        });
    }

private:
    const relay::Keys keys_ = relay::Keys("room");
    std::vector<std::string> pasts_ = {"\n"};
};

/// The file of the broker on the disk of its host.
class HostStore final : public broker::Store {
public:
    /// What was synced is added to `pasts`, for the judge.
    HostStore(DurableStore& store, Pasts& pasts) noexcept : store_(store), pasts_(pasts) {}

    std::string read() override { return store_.read(file); }
    void append(std::string_view bytes) override {
        unsynced_ += bytes;
        store_.append(file, bytes);
    }
    void sync() override {
        store_.sync();
        pasts_.add(std::exchange(unsynced_, {}));
    }
    void replace(std::string_view bytes) override {
        store_.replace(file, bytes);
        store_.sync();
    }

private:
    static constexpr std::string_view file = "appendonly.aof";
    DurableStore& store_;
    Pasts& pasts_;
    std::string unsynced_;
};

/// The time in which a server can be asked to stop.
class Serving {
public:
    Serving(const RelayedServer& setup, std::function<void()> stop) : setup_(setup) {
        setup_.serves(std::move(stop));
    }
    Serving(const Serving&) = delete;
    Serving& operator=(const Serving&) = delete;
    ~Serving() { setup_.serves({}); }

private:
    const RelayedServer& setup_;
};

}  // namespace

Task<void> run_relayed_server(Host& host, RelayedServer setup) {
    NullLog log;
    relay::Exchange exchange(host, setup.exchange, log);
    // As the program drydock does, except that this one is started again and again.
    for (;;) {
        const relay::Failure failure = co_await exchange.check(std::chrono::seconds(30));
        if (failure.ok()) break;
        if (setup.is_stopping()) co_return;
        Timer pause(host);
        co_await pause.after(std::chrono::milliseconds(500));
    }
    if (host.explores()) host.settled(exchange.state_hash());
    co_await serve_relayed(host, setup, log, exchange);
}

Task<void> serve_relayed(Host& host, const RelayedServer& setup, Log& log, chat::Relay& relay) {
    if (setup.is_stopping()) co_return;
    ListenResult listening = host.listen(Endpoint().with_port(setup.port), {});
    chat::Server server(host, std::move(listening.listener), setup.server, log, &relay);
    const Serving serving(setup, [&] { server.request_stop(); });
    co_await server.run();
}

/// What the scenario's members and programs share.
struct RelayScenario::Room {
    explicit Room(World& its_world) noexcept : judge(its_world), world(its_world) {
        world.created_open(this);
    }
    bool is_stopping() const noexcept {
        const Inside inside(world, *this);
        world.learned(stopping ? 1 : 0);
        return stopping;
    }

    std::uint64_t state_hash() const noexcept { return hash_of({talking, stopping ? 1U : 0U}); }
    void has_said_all() noexcept {
        const Inside inside(world, *this);
        --talking;
    }
    void stop_all() {
        judge.stopping();
        {
            const Inside inside(world, *this);
            stopping = true;
        }
        for (const std::function<void()>& stop : stops) {
            if (stop) stop();
        }
    }

    ChatJudge judge;
    World& world;
    std::vector<Host*> servers;
    std::vector<std::function<void()>> stops;  // of the servers that serve
    std::vector<Visit*> visits;                // that are connected
    bool stopping = false;
    std::size_t talking = 0;  // members who have not said all
    Pasts pasts;              // of all that was ever synced
};

/// One connection of a member: a peer, and what the judge knows about it.
class RelayScenario::Visit final : public Peer {
public:
    Visit(World& world, const RelayScenario& scenario, Room& room, const RelayMember& plan,
          const ChatVisit& visit)
        : Peer(world, "member", visit.member, peer_plan_of(plan, visit)),
          seen(visit),
          scenario_(scenario),
          room_(room),
          plan_(plan) {
        room.judge.enroll(seen);
    }

    bool said_all() const noexcept { return said_all_; }
    std::string tell() const;
    /// It has not come to its end, long after the calm.
    void fail_late() const {
        fail("relay-complete", seen.name() +
                                   " still waits for the end of its stream, long after the "
                                   "calm; it got " +
                                   room_.judge.heard_by(seen));
    }

    ChatVisit seen;

private:
    static PeerPlan peer_plan_of(const RelayMember& plan, const ChatVisit& visit);
    static std::string text_of(const RelayMember& plan, const ChatVisit& visit,
                               std::vector<std::size_t>* ends);

    std::string_view next_message() override;
    bool received(std::string_view bytes) override;
    void connecting() override { room_.judge.mark(seen.connecting); }
    void sending(std::size_t count) override;
    void sent_all() override;
    bool half_closing() override;
    void leaving() override;
    void ended() override;
    /// The judge knows the rest.
    std::optional<std::uint64_t> state_hash() const override {
        return hash_of({hash_of(std::string_view(seen.partial)), seen.inside != 0 ? 1U : 0U,
                        seen.number, taken_ ? 1U : 0U, started_, checked_, said_all_ ? 1U : 0U,
                        waited_in_vain_ ? 1U : 0U});
    }
    Task<void> stay() override;
    Task<void> talk() override;
    bool closes_abortively() const override;

    bool last_visit() const noexcept { return seen.number + 1 == plan_.visits; }
    bool check_delay(std::int32_t line) const;
    bool check_memory() const;
    bool check_past() const;
    void judge();

    const RelayScenario& scenario_;
    Room& room_;
    const RelayMember& plan_;
    std::string text_;
    std::vector<std::size_t> ends_;  // of its lines
    bool taken_ = false;
    std::uint32_t started_ = 0;  // lines whose end was sent
    std::vector<Time> sent_at_;  // of these
    std::size_t checked_ = 0;    // lines heard that the broker was seen to have
    bool said_all_ = false;
    bool waited_in_vain_ = false;  // for what others have heard
};

// --- the run ------------------------------------------------------------------------------------

Task<void> RelayScenario::main(World& world) {
    if (!given_) workload_ = choose_relay_workload(world);
    // A simple relay need not survive that the broker loses everything.
    if (is_simple() && workload_.meddling == RelayMeddling::deletes) {
        workload_.meddling = RelayMeddling::trims;
    }
    Room room(world);
    if (workload_.meddling == RelayMeddling::deletes) room.judge.be_lenient();
    Host& broker = world.host("broker");
    if (workload_.small) broker.be_prompt();
    Timer start(world);
    broker.run([this, &room](Host& host) { return run_broker(host, room); });
    room.stops.resize(workload_.servers);
    for (std::uint32_t number = 0; number < workload_.servers; ++number) {
        Host& host = world.host("server " + std::to_string(number + 1));
        if (workload_.small) host.spare();
        room.servers.push_back(&host);
        host.run([this, &room, number](Host& its) { return run_server(its, room, number); });
        // In a small world one server is up before the next begins, and all before the members.
        if (workload_.small) co_await start.after(std::chrono::milliseconds(1));
    }

    std::vector<Visits> visits(workload_.members.size());
    enroll(world, room, visits);
    TaskGroup group(world);
    for (std::size_t member = 0; member < visits.size(); ++member) {
        group.spawn(be_member(room, workload_.members[member], visits[member]));
    }
    if (workload_.meddling != RelayMeddling::none) group.spawn(meddle(world));
    if (workload_.stop_early) group.spawn(stop_later(world, room));
    Timer deadline(world);
    TaskGroup watching(world);
    if (!workload_.small) watching.spawn(watch(world, room, deadline));
    co_await group.join();
    deadline.cancel();
    co_await watching.join();
    room.stop_all();
    for (Host* const host : room.servers) co_await host->ended();
    broker.shut_down();
    for (const Visits& of_member : visits) {
        for (const auto& visit : of_member) {
            outcome_ += (outcome_.empty() ? "" : "; ") + visit->tell();
        }
    }
}

Task<void> RelayScenario::run_broker(Host& host, Room& room) {
    HostStore store(host.store(), room.pasts);
    broker::Settings settings;
    settings.append_only = true;
    settings.fsync = broker::Fsync::always;
    ListenResult listening = host.listen(Endpoint().with_port(broker_port), {});
    broker::Broker broker(host, std::move(listening.listener), settings, broker::known_scripts(),
                          &store, workload_.pace);
    TaskGroup helpers(host);
    if (workload_.refusal > 0) helpers.spawn(refuse_for_a_while(host, broker));
    const bool sound = co_await broker.run();
    co_await helpers.join();
    if (!sound) room.world.fail("relay-broker", "the broker's file is damaged");
}

/// A run in which a member waits for ever would end by a bound that takes much longer.
Task<void> RelayScenario::watch(World& world, Room& room, Timer& timer) const {
    bool elapsed = true;
    while (elapsed && !world.calm()) elapsed = co_await timer.after(std::chrono::seconds(10));
    if (elapsed) elapsed = co_await timer.after(end_patience);
    if (!elapsed || room.visits.empty()) co_return;
    const Visit& visit = *room.visits.front();
    visit.fail_late();
}

Task<void> RelayScenario::refuse_for_a_while(Host& host, broker::Broker& broker) const {
    const auto set = [this](bool refuses) {
        return [this, refuses](broker::Settings& settings) {
            if (workload_.refusal == 1) settings.out_of_memory = refuses;
            if (workload_.refusal == 2) settings.loading = refuses;
            if (workload_.refusal == 3) settings.read_only = refuses;
            if (workload_.refusal == 4) {
                settings.disk =
                    refuses ? broker::DiskError::append_only_file : broker::DiskError::none;
            }
        };
    };
    Timer timer(host);
    co_await timer.after(workload_.refusal_after);
    co_await broker.change(set(true));
    co_await timer.after(workload_.refusal_for);
    co_await broker.change(set(false));
}

/// From the world's own machine. What it meets is no matter.
Task<void> RelayScenario::meddle(World& world) const {
    const relay::Keys keys("room");
    Timer timer(world);
    co_await timer.after(workload_.meddling_after);
    SocketResult connected = co_await connect(world, world.host("broker").endpoint(broker_port));
    if (!connected.ok()) co_return;
    std::string command;
    if (workload_.meddling == RelayMeddling::trims) {
        relay::append_command(command, {"XTRIM", keys.stream, "MAXLEN", "0"});
    } else {
        relay::append_command(command, {"DEL", keys.stream, keys.publishers, keys.heard});
    }
    // Trimming once would seldom meet a reader that is behind.
    const int times = workload_.meddling == RelayMeddling::trims ? 20 : 1;
    for (int i = 0; i < times; ++i) {
        const Result sent = co_await send_all(*connected.socket, std::string_view(command));
        if (!sent.ok()) co_return;
        std::array<std::byte, 1> byte{};  // of a reply, which is one line
        while (byte[0] != std::byte{'\n'}) {
            const Result received = co_await receive(*connected.socket, byte);
            if (!received.ok() || received.bytes == 0) co_return;
        }
        co_await timer.after(std::chrono::milliseconds(30));
    }
}

Task<void> RelayScenario::run_server(Host& host, Room& room, std::uint32_t number) {
    if (room.is_stopping()) co_return;
    RelayedServer setup{room.world.host("broker").endpoint(broker_port), chat_port,
                        workload_.server, workload_.exchange};
    setup.exchange.broker.endpoints = {setup.broker};
    setup.exchange.broker.receive_size = 4096;  // as much as a pipe holds
    setup.exchange.room = "room";
    const std::uint64_t start = host.starts();
    setup.exchange.publisher = "p" + std::to_string(number + 1) + "." + std::to_string(start);
    setup.exchange.seed = number * 1000 + start;
    setup.serves = [&room, number](std::function<void()> stop) {
        room.stops[number] = std::move(stop);
    };
    setup.is_stopping = [&room] { return room.is_stopping(); };
    Task<void> serving = run_(host, std::move(setup));
    co_await std::move(serving);
}

void RelayScenario::enroll(World& world, Room& room, std::vector<Visits>& visits) const {
    for (std::size_t member = 0; member < visits.size(); ++member) {
        const RelayMember& plan = workload_.members[member];
        const bool leaves = goes_away(plan);
        for (std::uint32_t i = 0; i < plan.visits; ++i) {
            ChatVisit visit;
            visit.member = static_cast<std::uint32_t>(member + 1);
            visit.number = i;
            visit.lines = plan.lines + (leaves ? 1 : 0);
            visit.line_size = plan.line_size;
            visit.cut_at = leaves ? 4 + plan.line_size : 0;
            visit.server = plan.server;
            visits[member].push_back(std::make_unique<Visit>(world, *this, room, plan, visit));
        }
        ++room.talking;
    }
}

Task<void> RelayScenario::stop_later(World& world, Room& room) {
    Timer timer(world);
    co_await timer.after(workload_.stop_after);
    room.stop_all();
}

Task<void> RelayScenario::be_member(Room& room, const RelayMember& plan, const Visits& visits) {
    const Endpoint server = room.servers[plan.server]->endpoint(chat_port);
    for (const auto& visit : visits) co_await visit->run(server);
    if (!visits.back()->said_all()) room.has_said_all();
}

// --- talking ------------------------------------------------------------------------------------

PeerPlan RelayScenario::Visit::peer_plan_of(const RelayMember& member, const ChatVisit& visit) {
    PeerPlan plan;
    plan.start_after = member.start_after;
    plan.patience = connect_patience;
    plan.in_turns = false;
    plan.in_sequence = member.in_sequence;
    plan.chunk = member.chunk;
    plan.pause = member.pause;
    plan.receive = member.receive;
    plan.ending = PeerEnding::half_close;
    if (member.stays && visit.number + 1 == member.visits) {
        plan.ending = PeerEnding::half_close_late;
    }
    if (member.manner == RelayManner::slow_reader) plan.read_pause = std::chrono::milliseconds(5);
    if (member.manner == RelayManner::resets) plan.leave = PeerLeave::reset;
    if (member.manner == RelayManner::vanishes) plan.leave = PeerLeave::close;
    plan.leave_sent = goes_away(member) ? text_of(member, visit, nullptr).size() : 0;
    return plan;
}

std::string RelayScenario::Visit::text_of(const RelayMember& plan, const ChatVisit& visit,
                                          std::vector<std::size_t>* ends) {
    std::string text;
    for (std::uint32_t i = 0; i < visit.lines; ++i) {
        text += ChatJudge::text(visit, i);
        if (i + 1 < visit.lines || !goes_away(plan)) text += '\n';
        if (ends != nullptr) ends->push_back(text.size());
    }
    return text;
}

std::string_view RelayScenario::Visit::next_message() {
    if (std::exchange(taken_, true)) return {};
    text_ = text_of(plan_, seen, &ends_);
    return text_;
}

/// Marked before it is sent: it may be heard before the send has completed.
void RelayScenario::Visit::sending(std::size_t count) {
    while (started_ < ends_.size() && ends_[started_] <= sent() + count) {
        room_.judge.sending(seen, started_++);
        sent_at_.push_back(world().now());
    }
}

void RelayScenario::Visit::sent_all() {
    if (std::exchange(said_all_, true)) return;
    if (last_visit()) room_.has_said_all();
}

bool RelayScenario::Visit::half_closing() {
    if (over()) return false;
    room_.judge.mark(seen.leaving);
    return true;
}

void RelayScenario::Visit::leaving() {
    sent_all();
    room_.judge.mark(seen.leaving);
}

/// Until all have said what they had to say, and it has heard what the others have.
Task<void> RelayScenario::Visit::stay() {
    Timer timer(world());
    Duration step = std::chrono::milliseconds(10);
    Time end = never;
    const auto has_all = [&] {
        const Inside inside(world(), room_);
        return room_.talking == 0 && (scenario_.workload_.may_lose() || !room_.judge.owes(seen));
    };
    while (!over() && !has_all() && world().now() < end) {
        co_await timer.after(step);
        step = std::min<Duration>(2 * step, std::chrono::seconds(10));
        if (world().calm() && end == never) end = later(world().now(), stay_patience);
    }
    waited_in_vain_ = !over() && !scenario_.workload_.may_lose() && room_.judge.owes(seen);
}

Task<void> RelayScenario::Visit::talk() {
    room_.visits.push_back(this);
    TaskGroup nothing(world());
    co_await Peer::talk();
    // The visit ends in a step of its own, as all others do.
    if (plan_.in_sequence) co_await nothing.join();
    std::erase(room_.visits, this);
}

bool RelayScenario::Visit::closes_abortively() const {
    return !end_seen() && !(said_all_ && plan_.manner == RelayManner::vanishes);
}

// --- listening and judging ----------------------------------------------------------------------

bool RelayScenario::Visit::received(std::string_view bytes) {
    if (!room_.judge.hear(seen, bytes)) return false;
    for (; checked_ < seen.order.size(); ++checked_) {
        if (!check_delay(seen.order[checked_])) return false;
        const std::string line = room_.judge.text_of(seen.order[checked_]);
        if (room_.pasts.have(line + "\n")) continue;
        world().fail("relay-early", seen.name() + " got the line " + room_.judge.heard_last(seen) +
                                        ", which the broker does not have");
        return false;
    }
    return check_memory() && check_past();
}

/// A server that sees that the broker has lost what was read resets its members before they hear
/// anything else.
bool RelayScenario::Visit::check_past() const {
    if (scenario_.workload_.meddling != RelayMeddling::deletes) return true;
    std::string lines;
    for (const std::int32_t line : seen.order) lines += room_.judge.text_of(line) + "\n";
    if (!room_.pasts.have(lines)) {
        world().fail("relay-past", seen.name() + " got " + room_.judge.heard_by(seen) +
                                       ", which the broker never had like that");
        return false;
    }
    if (seen.order.empty() ||
        !room_.pasts.have_twice(room_.judge.text_of(seen.order.back()) + "\n")) {
        return true;
    }
    world().fail("relay-past", "the broker has " + room_.judge.heard_last(seen) + " twice");
    return false;
}

/// Where no fault and no part of the workload makes anything late.
bool RelayScenario::Visit::check_delay(std::int32_t line) const {
    constexpr Duration most = std::chrono::seconds(2);
    const auto first = static_cast<std::int32_t>(seen.first_line);
    const bool own = line >= first && line < first + static_cast<std::int32_t>(sent_at_.size());
    if (!own || scenario_.workload_.takes_time() || plan_.manner == RelayManner::slow_reader) {
        return true;
    }
    const FaultSet faults = world().active_faults();
    const FaultSet instant = FaultSet()
                                 .with(Fault::partial_receive)
                                 .with(Fault::short_send)
                                 .with(Fault::whole_send)
                                 .with(Fault::small_pipe)
                                 .with(Fault::reorder)
                                 .with(Fault::interleave);
    if (faults.without(instant) != FaultSet()) return true;
    const Duration took = world().now() - sent_at_[static_cast<std::size_t>(line - first)];
    if (took <= most) return true;
    world().fail("relay-delay", seen.name() + " got its own line " + room_.judge.heard_last(seen) +
                                    " back after " + in_ms(took));
    return false;
}

/// What the server has received of its members' lines and they have not heard again waits for the
/// broker, or is on its way from there.
bool RelayScenario::Visit::check_memory() const {
    std::uint64_t waiting = 0;
    std::uint64_t allowed = scenario_.workload_.exchange.waiting_limit;
    const chat::ServerOptions& server = scenario_.workload_.server;
    for (const Visit* const visit : room_.visits) {
        if (visit->seen.server != seen.server || !visit->connected()) continue;
        const std::uint64_t received = world().other_end(visit->socket()).received;
        const std::uint64_t back = room_.judge.own_bytes_heard(visit->seen);
        waiting += received > back ? received - back : 0;
        allowed += server.buffer_size + server.max_line + 1 + world().pipe_capacity() +
                   scenario_.workload_.server.outbox_limit;
    }
    if (waiting <= allowed) return true;
    world().fail("relay-memory", "a server holds " + std::to_string(waiting) +
                                     " bytes of its members' lines; its bound is " +
                                     std::to_string(allowed));
    return false;
}

std::string RelayScenario::Visit::tell() const {
    if (!connected()) return seen.name() + ": no connection";
    const std::string_view ending = end_seen() ? "the end of the stream" : "an error";
    return seen.name() + ": got " + room_.judge.heard_by(seen) + ", then " + std::string(ending);
}

void RelayScenario::Visit::ended() {
    if (connected()) judge();
    room_.judge.end(seen);
}

void RelayScenario::Visit::judge() {
    const bool stopped = room_.judge.stopped();
    const bool is_excused = scenario_.is_simple() && scenario_.workload_.may_lose();
    if (world().damaged(socket()) || is_excused || goes_away(plan_)) return;
    if (end_seen()) {
        const bool has_left = seen.leaving != 0 && said_all_ && !stopped;
        room_.judge.check_end(seen, has_left, false);
        if (has_left && waited_in_vain_ && !world().failed()) {
            fail("relay-complete", seen.name() +
                                       " never got a line that another had heard, long after the "
                                       "calm; it got " +
                                       room_.judge.heard_by(seen));
        }
    } else if (!stopped && !scenario_.workload_.may_lose()) {
        fail("chat-complete", seen.name() + " was cut off after " + std::to_string(seen.received) +
                                  " bytes, though nothing had disturbed the connection");
    }
}

namespace {

std::unique_ptr<Scenario> make_relay_scenario() { return std::make_unique<RelayScenario>(); }

/// Without the one of a reader that is thousands of entries behind.
constexpr auto relay_probes = [] {
    std::array<std::string_view, relay::probes::all.size() - 1 + fault_count> names{};
    auto next = std::copy_if(relay::probes::all.begin(), relay::probes::all.end(), names.begin(),
                             [](std::string_view name) { return name != relay::probes::behind; });
    for (int i = 0; i < fault_count; ++i) *next++ = name(static_cast<Fault>(i));
    return names;
}();

}  // namespace

constinit const ScenarioInfo relay_scenario = {
    .name = "relay",
    .summary =
        "one chat room over two or three servers and a broker, on hosts that crash and are "
        "cut off from each other",
    .make = &make_relay_scenario,
    .probes = relay_probes,
    .parameters = relay_parameters,
    .explored_faults = FaultSet().with(Fault::restart),
    .explored_bounds = {.overtakings = 1},
    .properties = relay_properties,
    .explained_in = "docs/PROPERTIES.md",
    .calm_bound = relay_calm_bound,
};

}  // namespace drydock::sim
