// The members of the chat scenario: how they come, talk, listen and go.
#include "tests/scenarios/chat.hpp"

#include <algorithm>

#include <drydock/hash.hpp>
#include <drydock/io.hpp>
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

struct ChatScenario::Party {
    explicit Party(World& its_world) noexcept : judge(its_world), world(its_world) {
        world.created(this);
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

struct ChatScenario::Visit : ChatVisit {
    bool goes_away() const noexcept {
        return plan->manner == ChatManner::resets || plan->manner == ChatManner::vanishes;
    }

    const MemberPlan* plan = nullptr;
    std::unique_ptr<AsyncSocket> socket;
    bool connected = false;
    bool said_all = false;
    bool over = false;            // nothing more will be heard
    std::uint64_t owed_from = 0;  // bytes received when it began to read again
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

    std::vector<std::unique_ptr<Visit[]>> visits;
    TaskGroup group(world);
    std::uint32_t number = 0;
    for (const MemberPlan& plan : workload_.members) {
        Visit* const own = visits.emplace_back(std::make_unique<Visit[]>(plan.visits)).get();
        ++number;
        for (std::uint32_t i = 0; i < plan.visits; ++i) {
            own[i].plan = &plan;
            own[i].member = number;
            own[i].number = i;
            own[i].lines = plan.lines + (own[i].goes_away() ? 1 : 0);
            own[i].line_size = plan.line_size;
            own[i].cut_at = own[i].goes_away() ? 4 + plan.line_size : 0;
            party.judge.enroll(own[i]);
        }
        ++party.unsaid;
        if (plan.manner != ChatManner::stops_reading) {
            ++party.talking;
            ++party.reading;
        }
        group.spawn(be_member(world, party, plan, own));
    }
    if (workload_.stop_early) group.spawn(stop_later(world, party, *server));
    co_await group.join();
    party.judge.stopping();
    server->request_stop();
    co_await serving.join();

    for (std::size_t i = 0; i < visits.size(); ++i) {
        for (std::uint32_t j = 0; j < workload_.members[i].visits; ++j) {
            outcome_ += (outcome_.empty() ? "" : "; ") + tell(party, visits[i][j]);
        }
    }
}

std::string ChatScenario::tell(const Party& party, const Visit& visit) {
    if (!visit.connected) return visit.name() + ": no connection";
    const std::string_view ending = visit.end_seen ? "the end of the stream" : "an error";
    return visit.name() + ": got " + party.judge.heard_by(visit) + ", then " + std::string(ending);
}

Task<void> ChatScenario::stop_later(World& world, Party& party, ServerUnderTest& server) {
    Timer timer(world);
    co_await timer.after(workload_.stop_after);
    party.judge.stopping();
    server.request_stop();
}

Task<void> ChatScenario::be_member(World& world, Party& party, const MemberPlan& plan,
                                   Visit* visits) {
    for (std::uint32_t i = 0; i < plan.visits; ++i) {
        if (plan.start_after > Duration::zero()) {
            Timer timer(world);
            co_await timer.after(plan.start_after);
        }
        co_await come(world, party, visits[i]);
        if (i + 1 == plan.visits && !visits[i].said_all) party.has_said_all(plan);
    }
    const Inside inside(world, party);
    if (plan.manner != ChatManner::stops_reading) --party.reading;
}

Task<void> ChatScenario::come(World& world, Party& party, Visit& visit) {
    party.judge.mark(visit.connecting);
    SocketResult connected = co_await connect(world, party.endpoint);
    if (!connected.ok()) {
        const bool expected = party.judge.stopped() ||
                              world.active_faults().has(Fault::connect_refused) ||
                              world.active_faults().has(Fault::connect_timed_out);
        if (!expected) {
            world.fail("chat-accept", visit.name() + " could not connect: " +
                                          std::string(sentence(connected.error)));
        }
        co_return;
    }
    visit.socket = std::move(connected.socket);
    visit.connected = true;
    world.identify(*visit.socket, "member", visit.member);
    TaskGroup talking(world);
    if (visit.plan->in_sequence) {
        co_await say(world, party, visit);
    } else {
        talking.spawn(say(world, party, visit));
    }
    co_await hear(world, party, visit);
    visit.over = true;
    // Whoever stops listening, for whatever reason, must not wait for room to send.
    if (!visit.end_seen) visit.socket->cancel();
    co_await talking.join();
    judge(world, party, visit);
    if (visit.end_seen && visit.plan->stays_open) {
        Timer timer(world);
        co_await timer.after(openness);
    }
    // A plain close in the middle of something would look like the end of a line.
    const bool plain =
        visit.end_seen || (visit.said_all && visit.plan->manner == ChatManner::vanishes);
    if (!plain) visit.socket->set_abortive_close();
    visit.socket.reset();
}

// --- talking -------------------------------------------------------------------------------------

Task<void> ChatScenario::say(World& world, Party& party, Visit& visit) {
    visit.said_all = co_await say_lines(world, party, visit);
    if (!visit.said_all) {
        visit.socket->cancel();  // or the listener would wait for ever
        co_return;
    }
    const bool last_visit = visit.number + 1 == visit.plan->visits;
    if (last_visit) party.has_said_all(*visit.plan);
    if (visit.goes_away()) {
        party.judge.mark(visit.leaving);
        visit.socket->cancel();
        co_return;
    }
    if (visit.plan->manner == ChatManner::shouts) co_return;  // the server has to end it
    if (visit.plan->stays && last_visit) co_await stay(world, party, visit);
    if (visit.over) co_return;
    party.judge.mark(visit.leaving);
    visit.socket->shutdown_send();
}

Task<bool> ChatScenario::say_lines(World& world, Party& party, Visit& visit) {
    const MemberPlan& plan = *visit.plan;
    std::string text;
    std::vector<std::size_t> ends;  // of the lines, in the text
    for (std::uint32_t i = 0; i < visit.lines; ++i) {
        text += ChatJudge::text(visit, i);
        const bool last = i + 1 == visit.lines;
        if (!last || !(plan.unfinished || visit.goes_away())) text += '\n';
        ends.push_back(text.size());
    }
    if (plan.manner == ChatManner::shouts) {
        if (!text.empty() && text.back() != '\n') text += '\n';
        text.append(workload_.server.max_line + 1 + plan.line_size, 'x');
    }
    Timer timer(world);
    std::uint32_t started = 0;
    for (std::size_t done = 0; done < text.size(); done += plan.chunk) {
        if (done > 0 && plan.pause > Duration::zero() && !world.calm()) {
            co_await timer.after(plan.pause);
        }
        const std::size_t count = std::min<std::size_t>(plan.chunk, text.size() - done);
        // Marked before it is sent: it may be heard before the send has completed.
        while (started < ends.size() && ends[started] <= done + count) {
            party.judge.sending(visit, started++);
        }
        const bool shouting = started == ends.size() && plan.manner == ChatManner::shouts;
        if (shouting && visit.leaving == 0) party.judge.mark(visit.leaving);
        const std::string_view chunk = std::string_view(text).substr(done, count);
        const Result sent = co_await send_all(*visit.socket, chunk);
        if (!sent.ok()) co_return false;
    }
    co_return true;
}

/// Until all others have said what they had to say.
Task<void> ChatScenario::stay(World& world, Party& party, Visit& visit) {
    Steps steps(world);
    world.touched(&party);
    while (party.talking > 0 && !visit.over) co_await steps.next();
}

// --- listening -----------------------------------------------------------------------------------

Task<void> ChatScenario::hear(World& world, Party& party, Visit& visit) {
    std::vector<std::byte> buffer(visit.plan->receive);
    Timer timer(world);
    if (visit.plan->manner == ChatManner::stops_reading) {
        co_await wait_for_others(world, party, visit);
    }
    for (;;) {
        if (visit.plan->manner == ChatManner::slow_reader && !world.calm()) {
            co_await timer.after(std::chrono::milliseconds(5));
        }
        const Result received = co_await receive(*visit.socket, buffer);
        visit.end_seen = received.ok() && received.bytes == 0;
        if (!received.ok() || visit.end_seen) co_return;
        const std::string_view bytes = as_text(std::span(buffer).first(received.bytes));
        if (!party.judge.hear(visit, bytes)) co_return;
    }
}

Task<void> ChatScenario::wait_for_others(World& world, Party& party, Visit& visit) {
    // A few lines first, so that it is known to be in the room.
    std::vector<std::byte> buffer(visit.plan->receive);
    while (visit.received < visit.plan->line_size) {
        const Result received = co_await receive(*visit.socket, buffer);
        if (!received.ok() || received.bytes == 0) co_return;
        const std::string_view bytes = as_text(std::span(buffer).first(received.bytes));
        if (!party.judge.hear(visit, bytes)) co_return;
    }
    Steps steps(world);
    while (!world.calm() && party.reading > 0) co_await steps.next();
    const Time end = later(world.now(), patience);
    while (party.reading > 0 && world.now() < end) co_await steps.next();
    // What is still on its way to the server gets there, also from members that it holds: then, if
    // nobody talks any more, all that comes now has lain ready.
    Timer timer(world);
    constexpr std::uint64_t all = ~std::uint64_t{0};
    std::uint64_t waited_for = 0;
    do {
        waited_for = party.judge.said_by_all(all);
        const std::chrono::seconds holds(waited_for / workload_.server.least_rate);
        co_await timer.after(settling + holds);
    } while (party.judge.said_by_all(all) > waited_for);
    if (party.unsaid == 0) visit.owed_from = visit.received;
    if (party.reading == 0) co_return;
    world.fail("chat-delay",
               std::to_string(party.reading) +
                   " members have not come to their end, long after the calm, while " +
                   visit.name() + " does not read");
}

// --- judging -------------------------------------------------------------------------------------

bool ChatScenario::may_end_early(const World& world, const Party& party, const Visit& visit) const {
    const chat::ServerOptions& server = workload_.server;
    const bool over_limit =
        party.judge.most_for(visit) + most_in_one_send > visit.received + server.outbox_limit &&
        !is_fair_to(world, party, visit);
    const bool limited = server.max_connections > 0 || server.max_per_address > 0;
    const bool rejected = limited && visit.inside == 0;
    const bool idle = server.idle_timeout > Duration::zero() &&
                      world.other_end(*visit.socket).longest_quiet >= server.idle_timeout;
    const bool stopped = party.judge.stopped() && stop_may_cut_off(world, visit);
    return visit.goes_away() || visit.plan->manner == ChatManner::shouts || stopped || over_limit ||
           rejected || idle || world.damaged(*visit.socket);
}

/// The most that a fair server has of one speaker's lines for a member that reads: the speaker's
/// share, and the publishing that was one too many.
std::uint64_t ChatScenario::most_from_one() const noexcept {
    const chat::ServerOptions& server = workload_.server;
    const std::size_t piece = std::clamp<std::size_t>(server.outbox_limit / 16, 64, 16 * 1024);
    const std::size_t share =
        std::max(piece, std::min(server.speaker_share, server.outbox_limit / 4));
    return share + server.buffer_size + server.max_line + 1;
}

/// Whether this member reads all the time, and what a fair server has for it is within its limit.
/// Where completions or bytes come late, virtual time passes, in which more may be published.
bool ChatScenario::is_fair_to(const World& world, const Party& party, const Visit& visit) const {
    const FaultSet faults = world.active_faults();
    const ChatManner manner = visit.plan->manner;
    const bool reads = (manner == ChatManner::talks || manner == ChatManner::slow_reader ||
                        manner == ChatManner::floods) &&
                       !visit.plan->in_sequence;
    return reads && !faults.has(Fault::delay) && !faults.has(Fault::latency) &&
           party.judge.said_by_all(most_from_one()) + most_in_one_send <=
               workload_.server.outbox_limit;
}

/// A good server has a reason for each connection that it cuts off: the first that fits is named.
bool ChatScenario::fail_what_ended_it(World& world, const Party& party, const Visit& visit) const {
    const chat::ServerOptions& server = workload_.server;
    const OtherEnd end = world.other_end(*visit.socket);
    if (end.canceled() && is_fair_to(world, party, visit) &&
        party.judge.most_for(visit) > visit.received + server.outbox_limit) {
        world.fail("chat-fair", visit.name() + " read all the time, and was cut off after " +
                                    std::to_string(visit.received) + " of the " +
                                    std::to_string(party.judge.most_for(visit)) +
                                    " bytes that were said; of each speaker it should have had " +
                                    std::to_string(most_from_one()) +
                                    " to read at most, and its limit is " +
                                    std::to_string(server.outbox_limit));
    } else if (server.idle_timeout > Duration::zero() &&
               end.canceled_after >= server.idle_timeout && !party.judge.stopped()) {
        world.fail("chat-idle", visit.name() + " was cut off by an idle timeout of " +
                                    in_ms(server.idle_timeout) +
                                    ", though the server never saw its bytes stand still for "
                                    "longer than " +
                                    in_ms(end.longest_quiet));
    }
    return world.failed();
}

/// A stop gives everybody time to read what it is owed: whoever is in the room, and reads it
/// without delay, is not cut off.
bool ChatScenario::stop_may_cut_off(const World& world, const Visit& visit) const {
    const FaultSet faults = world.active_faults();
    const bool prompt = visit.plan->manner == ChatManner::talks && visit.inside != 0 &&
                        !faults.has(Fault::latency) && !faults.has(Fault::delay);
    return !prompt || workload_.server.grace < enough_grace;
}

void ChatScenario::judge(World& world, Party& party, const Visit& visit) const {
    const bool early = may_end_early(world, party, visit);
    if (visit.end_seen) {
        const bool has_left = visit.leaving != 0 && visit.said_all && !visit.goes_away() &&
                              visit.plan->manner != ChatManner::shouts && !party.judge.stopped();
        const chat::ServerOptions& server = workload_.server;
        const bool disturbed = world.damaged(*visit.socket) || server.max_connections > 0 ||
                               server.max_per_address > 0 || server.idle_timeout > Duration::zero();
        party.judge.check_end(visit, has_left, disturbed);
    } else if (!early && !fail_what_ended_it(world, party, visit)) {
        world.fail("chat-complete",
                   visit.name() + " was cut off after " + std::to_string(visit.received) +
                       " bytes, though nothing had disturbed the connection and it was owed at "
                       "most " +
                       std::to_string(party.judge.most_for(visit) - visit.received),
                   *visit.socket);
    }
    if (visit.plan->manner != ChatManner::stops_reading || visit.owed_from == 0) return;
    // What lay ready for it when it began to read again, and the publishing that was one too many.
    const std::uint64_t most = workload_.server.outbox_limit + world.pipe_capacity() +
                               workload_.server.buffer_size + workload_.server.max_line;
    if (visit.received - visit.owed_from <= most) return;
    world.fail("chat-memory", visit.name() + " did not read, and got " +
                                  std::to_string(visit.received - visit.owed_from) +
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
