// The members of the chat scenario: how they come, talk, listen and go.
#include "tests/scenarios/chat.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <drydock/hash.hpp>
#include <drydock/sim/peers.hpp>
#include <drydock/timer.hpp>

#include "src/chat/probes.hpp"
#include "tests/scenarios/probes.hpp"
#include "tests/scenarios/text.hpp"

namespace drydock::sim {
namespace {

// A send counts for the server when it completes, and by then its bytes may long have been heard:
// no more of them than one gather send has.
constexpr std::uint64_t most_in_one_send = 512;

// How long after the calm a member that does not read waits for the others. Nothing that a good
// server does takes a tenth of it.
constexpr Duration patience = std::chrono::seconds(120);
constexpr Duration settling = std::chrono::seconds(10);

// How long a member that stays open does so: longer than any server waits when it stops.
constexpr Duration openness = std::chrono::seconds(8);

// A grace that is longer than what a member without delays needs to read all.
constexpr Duration enough_grace = std::chrono::seconds(1);

/// Sleeps in growing steps, so that a long wait takes few of them.
class Steps {
public:
    explicit Steps(World& world) noexcept : timer_(world) {}
    auto next() noexcept {
        const Duration step = step_;
        step_ = std::min<Duration>(2 * step_, std::chrono::seconds(20));
        return timer_.after(step);
    }

private:
    Timer timer_;
    Duration step_ = std::chrono::milliseconds(10);
};

}  // namespace

namespace {

bool goes_away(const MemberPlan& plan) noexcept {
    return plan.manner == ChatManner::resets || plan.manner == ChatManner::vanishes;
}

}  // namespace

struct ChatScenario::Party {
    explicit Party(World& its_world) noexcept : judge(its_world), world(its_world) {
        world.created_open(this);
    }

    ChatJudge judge;
    World& world;
    Endpoint endpoint;
    void has_said_all(const MemberPlan& plan) noexcept {
        const Inside inside(world, *this);
        --unsaid;
        if (plan.manner != ChatManner::stops_reading) --talking;
    }

    std::uint64_t state_hash() const noexcept { return hash_of({unsaid, talking, reading}); }

    std::size_t unsaid = 0;   // members who have not said all
    std::size_t talking = 0;  // of these, the ones that others may wait for
    std::size_t reading = 0;  // members who read, and have not gone for good
};

/// One connection of a member: a peer, and what the judge knows about it.
class ChatScenario::Visit final : public Peer {
public:
    Visit(World& world, const ChatScenario& scenario, Party& party, const MemberPlan& plan,
          const ChatVisit& visit)
        : Visit(world, scenario, party, plan, visit,
                goes_away(plan) ? text_of(plan, visit, scenario) : Text()) {}

    bool said_all() const noexcept { return said_all_; }
    /// What it has heard. `names` has for each member the place of the one that it is told as;
    /// empty: each is itself.
    std::string tell(std::span<const std::uint32_t> names) const;

    ChatVisit seen;

private:
    /// What it says, and where its lines end.
    struct Text {
        std::string text;
        std::vector<std::size_t> ends;
    };

    Visit(World& world, const ChatScenario& scenario, Party& party, const MemberPlan& plan,
          const ChatVisit& visit, Text text)
        : Peer(world, "member", visit.member, peer_plan_of(plan, visit, text.text.size())),
          seen(visit),
          scenario_(scenario),
          party_(party),
          plan_(plan),
          text_(std::move(text)) {
        party.judge.enroll(seen);
    }

    static Text text_of(const MemberPlan& plan, const ChatVisit& visit,
                        const ChatScenario& scenario);
    static PeerPlan peer_plan_of(const MemberPlan& plan, const ChatVisit& visit, std::size_t bytes);

    std::string_view next_message() override;
    bool received(std::string_view bytes) override { return party_.judge.hear(seen, bytes); }
    void connecting() override { party_.judge.mark(seen.connecting); }
    void sending(std::size_t count) override;
    void sent_all() override;
    bool half_closing() override;
    void leaving() override;
    void ended() override;
    /// The judge knows the rest.
    std::optional<std::uint64_t> state_hash() const override {
        return hash_of({hash_of(seen.partial), seen.inside != 0 ? 1U : 0U, seen.number,
                        taken_ ? 1U : 0U, started_, said_all_ ? 1U : 0U, owed_from_});
    }
    Task<void> stay() override;
    Task<void> stall() override;
    Task<void> talk() override;
    Task<void> talk_in_sequence();
    bool closes_abortively() const override;

    bool last_visit() const noexcept { return seen.number + 1 == plan_.visits; }
    void judge();
    bool may_end_early() const;
    bool fail_what_ended_it() const;
    bool is_fair() const;
    std::uint64_t most_from_one() const noexcept;
    bool stop_may_cut_off() const;
    const chat::ServerOptions& server() const noexcept { return scenario_.workload_.server; }

    const ChatScenario& scenario_;
    Party& party_;
    const MemberPlan& plan_;
    Text text_;
    bool taken_ = false;         // the text, to be sent
    std::uint32_t started_ = 0;  // lines whose end was sent
    bool said_all_ = false;
    std::uint64_t owed_from_ = 0;  // bytes received when it began to read again
};

Task<void> ChatScenario::main(World& world) {
    if (!given_) workload_ = choose_chat_workload(world);
    workload_.server = chat::with_defaults(workload_.server);
    ListenResult listening = world.listen(Endpoint::loopback(9190), {});
    Party party(world);
    party.endpoint = listening.listener->local_endpoint();
    const auto server = make_(world, std::move(listening.listener), workload_.server);
    TaskGroup serving(world);
    serving.spawn(server->run());

    std::vector<Visits> visits(workload_.members.size());
    TaskGroup group(world);
    const auto count = static_cast<std::uint32_t>(visits.size());
    const bool any_order = equal_ && world.equal_clients(count);
    for (std::size_t member = 0; member < visits.size(); ++member) {
        const MemberPlan& plan = workload_.members[member];
        const bool leaves = goes_away(plan);
        for (std::uint32_t i = 0; i < plan.visits; ++i) {
            ChatVisit visit;
            visit.member = static_cast<std::uint32_t>(member + 1);
            visit.number = i;
            visit.lines = plan.lines + (leaves ? 1 : 0);
            visit.line_size = plan.line_size;
            visit.cut_at = leaves ? 4 + plan.line_size : 0;
            visits[member].push_back(std::make_unique<Visit>(world, *this, party, plan, visit));
        }
        ++party.unsaid;
        if (plan.manner != ChatManner::stops_reading) {
            ++party.talking;
            ++party.reading;
        }
        group.spawn(be_member(world, party, plan, visits[member]));
    }
    if (workload_.stop_early) group.spawn(stop_later(world, party, *server));
    co_await group.join();
    party.judge.stopping();
    server->request_stop();
    co_await serving.join();

    std::string& outcome = outcomes_.emplace_back();
    for (const Visits& of_member : visits) {
        for (const auto& visit : of_member) {
            outcome += (outcome.empty() ? "" : "; ") + visit->tell({});
        }
    }
    if (any_order) outcomes_ = outcomes_in_any_order(visits);
}

/// What each member has heard is told as that of each other one, too.
std::vector<std::string> ChatScenario::outcomes_in_any_order(const std::vector<Visits>& visits) {
    const auto count = static_cast<std::uint32_t>(visits.size());
    return outcomes_of_equals(count, [&](std::span<const std::uint32_t> names) {
        std::vector<std::string> told(count);
        for (std::size_t member = 0; member < count; ++member) {
            std::vector<std::string> of_member;
            for (const auto& visit : visits[member]) of_member.push_back(visit->tell(names));
            told[names[member]] = joined(of_member);
        }
        return joined(told);
    });
}

Task<void> ChatScenario::stop_later(World& world, Party& party, ServerUnderTest& server) {
    Timer timer(world);
    co_await timer.after(workload_.stop_after);
    party.judge.stopping();
    server.request_stop();
}

Task<void> ChatScenario::be_member(World& world, Party& party, const MemberPlan& plan,
                                   const Visits& visits) {
    for (const auto& visit : visits) co_await visit->run(party.endpoint);
    if (!visits.back()->said_all()) party.has_said_all(plan);
    const Inside inside(world, party);
    if (plan.manner != ChatManner::stops_reading) --party.reading;
}

PeerPlan ChatScenario::Visit::peer_plan_of(const MemberPlan& member, const ChatVisit& visit,
                                           std::size_t bytes) {
    PeerPlan plan;
    plan.start_after = member.start_after;
    plan.in_turns = false;
    plan.in_sequence = member.in_sequence;
    plan.chunk = member.chunk;
    plan.pause = member.pause;
    plan.receive = member.receive;
    plan.ending = PeerEnding::half_close;
    if (member.stays && visit.number + 1 == member.visits)
        plan.ending = PeerEnding::half_close_late;
    if (member.manner == ChatManner::shouts) plan.ending = PeerEnding::by_server;
    if (member.manner == ChatManner::slow_reader) plan.read_pause = std::chrono::milliseconds(5);
    if (member.manner == ChatManner::stops_reading) plan.stall_at = 0;
    if (member.manner == ChatManner::resets) plan.leave = PeerLeave::reset;
    if (member.manner == ChatManner::vanishes) plan.leave = PeerLeave::close;
    plan.leave_sent = bytes;
    if (member.stays_open) plan.stay_open = openness;
    return plan;
}

std::string ChatScenario::Visit::tell(std::span<const std::uint32_t> names) const {
    const std::string name = names.empty() ? seen.name() : ChatJudge::renamed(seen, names).name();
    if (!connected()) return name + ": no connection";
    const std::string_view ending = end_seen() ? "the end of the stream" : "an error";
    return name + ": got " + party_.judge.heard_by(seen, names) + ", then " + std::string(ending);
}

Task<void> ChatScenario::Visit::talk() {
    return plan().in_sequence ? talk_in_sequence() : Peer::talk();
}

/// The visit ends in a step of its own, as all others do.
Task<void> ChatScenario::Visit::talk_in_sequence() {
    TaskGroup nothing(world());
    co_await Peer::talk();
    co_await nothing.join();
}

/// A plain close in the middle of something would look like the end of a line.
bool ChatScenario::Visit::closes_abortively() const {
    return !end_seen() && !(said_all_ && plan_.manner == ChatManner::vanishes);
}

void ChatScenario::Visit::ended() {
    if (connected()) judge();
    party_.judge.end(seen);
    if (connected()) return;
    if (party_.judge.stopped() || excused()) return;
    world().fail("chat-accept",
                 seen.name() + " could not connect: " + std::string(sentence(connect_error())));
}

// --- talking -------------------------------------------------------------------------------------

ChatScenario::Visit::Text ChatScenario::Visit::text_of(const MemberPlan& plan,
                                                       const ChatVisit& visit,
                                                       const ChatScenario& scenario) {
    Text made;
    for (std::uint32_t i = 0; i < visit.lines; ++i) {
        made.text += ChatJudge::text(visit, i);
        const bool last = i + 1 == visit.lines;
        if (!last || !(plan.unfinished || goes_away(plan))) made.text += '\n';
        made.ends.push_back(made.text.size());
    }
    if (plan.manner == ChatManner::shouts) {
        if (!made.text.empty() && made.text.back() != '\n') made.text += '\n';
        made.text.append(scenario.workload_.server.max_line + 1 + plan.line_size, 'x');
    }
    return made;
}

std::string_view ChatScenario::Visit::next_message() {
    if (std::exchange(taken_, true)) return {};
    if (text_.ends.empty()) text_ = text_of(plan_, seen, scenario_);  // many never come to speak
    return text_.text;
}

/// Marked before it is sent: it may be heard before the send has completed.
void ChatScenario::Visit::sending(std::size_t count) {
    while (started_ < text_.ends.size() && text_.ends[started_] <= sent() + count) {
        party_.judge.sending(seen, started_++);
    }
    const bool shouting = started_ == text_.ends.size() && plan_.manner == ChatManner::shouts;
    if (shouting && seen.leaving == 0) party_.judge.mark(seen.leaving);
}

void ChatScenario::Visit::sent_all() {
    said_all_ = true;
    if (last_visit()) party_.has_said_all(plan_);
}

bool ChatScenario::Visit::half_closing() {
    if (over()) return false;
    party_.judge.mark(seen.leaving);
    return true;
}

void ChatScenario::Visit::leaving() {
    sent_all();
    party_.judge.mark(seen.leaving);
}

/// Until all others have said what they had to say.
Task<void> ChatScenario::Visit::stay() {
    Steps steps(world());
    world().touched(&party_);
    while (party_.talking > 0 && !over()) co_await steps.next();
}

// --- listening -----------------------------------------------------------------------------------

/// Until all others have left.
Task<void> ChatScenario::Visit::stall() {
    // A few lines first, so that it is known to be in the room.
    while (seen.received < plan_.line_size) {
        const bool good = co_await read_some();
        if (!good) co_return;
    }
    Steps steps(world());
    while (!world().calm() && party_.reading > 0) co_await steps.next();
    const Time end = later(world().now(), patience);
    while (party_.reading > 0 && world().now() < end) co_await steps.next();
    // What is still on its way to the server gets there, also from members that it holds: then, if
    // nobody talks any more, all that comes now has lain ready.
    Timer timer(world());
    constexpr std::uint64_t all = ~std::uint64_t{0};
    std::uint64_t waited_for = 0;
    do {
        waited_for = party_.judge.said_by_all(all);
        const std::chrono::seconds holds(waited_for / server().least_rate);
        co_await timer.after(settling + holds);
    } while (party_.judge.said_by_all(all) > waited_for);
    if (party_.unsaid == 0) owed_from_ = seen.received;
    if (party_.reading == 0) co_return;
    const char* const others = party_.reading == 1 ? " member has not come to its end"
                                                   : " members have not come to their end";
    world().fail("chat-delay", std::to_string(party_.reading) + others +
                                   ", long after the calm, while " + seen.name() +
                                   " does not read");
}

// --- judging -------------------------------------------------------------------------------------

bool ChatScenario::Visit::may_end_early() const {
    const bool over_limit =
        party_.judge.most_for(seen) + most_in_one_send > seen.received + server().outbox_limit &&
        !is_fair();
    const bool limited = server().max_connections > 0 || server().max_per_address > 0;
    const bool rejected = limited && seen.inside == 0;
    const bool idle = server().idle_timeout > Duration::zero() &&
                      world().other_end(socket()).longest_quiet >= server().idle_timeout;
    const bool stopped = party_.judge.stopped() && stop_may_cut_off();
    return goes_away(plan_) || plan_.manner == ChatManner::shouts || stopped || over_limit ||
           rejected || idle || world().damaged(socket());
}

/// The most that a fair server has of one speaker's lines for a member that reads: the speaker's
/// share, and the publishing that was one too many.
std::uint64_t ChatScenario::Visit::most_from_one() const noexcept {
    const std::size_t piece = std::clamp<std::size_t>(server().outbox_limit / 16, 64, 16 * 1024);
    const std::size_t share =
        std::max(piece, std::min(server().speaker_share, server().outbox_limit / 4));
    return share + server().buffer_size + server().max_line + 1;
}

/// Whether this member reads all the time, and what a fair server has for it is within its limit.
/// Where completions or bytes come late, virtual time passes, in which more may be published.
bool ChatScenario::Visit::is_fair() const {
    const FaultSet faults = world().active_faults();
    const ChatManner manner = plan_.manner;
    const bool reads = (manner == ChatManner::talks || manner == ChatManner::slow_reader ||
                        manner == ChatManner::floods) &&
                       !plan_.in_sequence;
    return reads && !faults.has(Fault::delay) && !faults.has(Fault::latency) &&
           party_.judge.said_by_all(most_from_one()) + most_in_one_send <= server().outbox_limit;
}

/// A good server has a reason for each connection that it cuts off: the first that fits is named.
bool ChatScenario::Visit::fail_what_ended_it() const {
    const OtherEnd end = world().other_end(socket());
    if (end.canceled() && is_fair() &&
        party_.judge.most_for(seen) > seen.received + server().outbox_limit) {
        world().fail("chat-fair", seen.name() + " read all the time, and was cut off after " +
                                      std::to_string(seen.received) + " of the " +
                                      std::to_string(party_.judge.most_for(seen)) +
                                      " bytes that were said; of each speaker it should have had " +
                                      std::to_string(most_from_one()) +
                                      " to read at most, and its limit is " +
                                      std::to_string(server().outbox_limit));
    } else if (server().idle_timeout > Duration::zero() &&
               end.canceled_after >= server().idle_timeout && !party_.judge.stopped()) {
        world().fail("chat-idle", seen.name() + " was cut off by an idle timeout of " +
                                      in_ms(server().idle_timeout) +
                                      ", though the server never saw its bytes stand still for "
                                      "longer than " +
                                      in_ms(end.longest_quiet));
    }
    return world().failed();
}

/// A stop gives everybody time to read what it is owed: whoever is in the room, and reads it
/// without delay, is not cut off.
bool ChatScenario::Visit::stop_may_cut_off() const {
    const FaultSet faults = world().active_faults();
    const bool prompt = plan_.manner == ChatManner::talks && seen.inside != 0 &&
                        !faults.has(Fault::latency) && !faults.has(Fault::delay);
    return !prompt || server().grace < enough_grace;
}

void ChatScenario::Visit::judge() {
    const bool early = may_end_early();
    if (end_seen()) {
        const bool has_left = seen.leaving != 0 && said_all_ && !goes_away(plan_) &&
                              plan_.manner != ChatManner::shouts && !party_.judge.stopped();
        const bool disturbed = world().damaged(socket()) || server().max_connections > 0 ||
                               server().max_per_address > 0 ||
                               server().idle_timeout > Duration::zero();
        party_.judge.check_end(seen, has_left, disturbed);
    } else if (!early && !fail_what_ended_it()) {
        world().fail("chat-complete",
                     seen.name() + " was cut off after " + std::to_string(seen.received) +
                         " bytes, though nothing had disturbed the connection and it was owed at "
                         "most " +
                         std::to_string(party_.judge.most_for(seen) - seen.received),
                     socket());
    }
    if (plan_.manner != ChatManner::stops_reading || owed_from_ == 0) return;
    // What lay ready for it when it began to read again, and the publishing that was one too many.
    const std::uint64_t most =
        server().outbox_limit + world().pipe_capacity() + server().buffer_size + server().max_line;
    if (seen.received - owed_from_ <= most) return;
    world().fail("chat-memory", seen.name() + " did not read, and got " +
                                    std::to_string(seen.received - owed_from_) +
                                    " bytes when it did; the limits allow " + std::to_string(most));
}

namespace {

std::unique_ptr<Scenario> make_chat_scenario() { return std::make_unique<ChatScenario>(); }

constexpr auto chat_probes = with_server_and_faults(chat::probes::all);

}  // namespace

constinit const ScenarioInfo chat_scenario = {
    .name = "chat",
    .summary =
        "the chat server with members that talk, read slowly or not at all, leave in mid-line, "
        "or come back",
    .make = &make_chat_scenario,
    .probes = chat_probes,
    .parameters = chat_parameters,
    .explored_faults = FaultSet().with(Fault::network_reset),
    .properties = chat_properties,
    .explained_in = "docs/PROPERTIES.md",
};

}  // namespace drydock::sim
