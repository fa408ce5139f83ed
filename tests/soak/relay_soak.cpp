// The phases of the relay's soak, its members that stay, and its judgement.
#include "tests/soak/relay_soak.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "src/cli/output.hpp"
#include "tests/support/sanitizers.hpp"

namespace drydock::soak {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t server_count = 3;
constexpr std::size_t standing_of_each = test::is_sanitized ? 30 : 100;
constexpr std::size_t most_visitors = 20;
constexpr std::uint64_t mean_pause = 200;     // of a member that stays: 1,500 lines a second
constexpr std::uint64_t longest_away = 2000;  // of the broker, in milliseconds

/// What an allocator, and lines that wait for the broker, may do to the memory of a server that
/// keeps nothing.
std::uint64_t allowed_growth(const Trend& trend) {
    return std::max<std::uint64_t>(2 * 1024 * 1024, trend.early / 10);
}

std::size_t count_words(std::string_view text, std::string_view words) {
    std::size_t count = 0;
    for (std::size_t at = text.find(words); at != std::string_view::npos;
         at = text.find(words, at + 1)) {
        ++count;
    }
    return count;
}

}  // namespace

// --- a member that stays -------------------------------------------------------------------------

StandingMember::StandingMember(test::SocketFile socket, Verdict& verdict, ChatTally& tally,
                               ChatOrder& order, std::uint64_t number, Dice dice,
                               std::uint64_t pause)
    : Client(std::move(socket), verdict),
      tally_(tally),
      order_(order),
      dice_(dice),
      voice_(order.voice(number, 100)),
      pause_(pause) {
    ear_.member = number;
    voice_.is_due = true;
    ++tally_.members;
}

/// Whether its last line has come back or not. The first one goes at once.
std::string_view StandingMember::to_send(Clock::time_point now) {
    const bool says_next = said_ == to_say_.size() && now >= silent_until_ &&
                           (voice_.begun == 0 || is_inside()) && !hurried_;
    if (says_next) {
        to_say_ = ChatOrder::line(ear_.member, voice_.begun++, 100);
        said_ = 0;
        silent_until_ = now + Milliseconds(dice_.between(0, 2 * pause_));
    }
    return std::string_view(to_say_).substr(said_);
}

void StandingMember::has_sent(std::string_view bytes, Clock::time_point) {
    tally_.sent += bytes.size();
    said_ += bytes.size();
}

void StandingMember::hear(std::string_view bytes, Clock::time_point) {
    tally_.heard += bytes.size();
    order_.hear(ear_, bytes);
}

Act StandingMember::act(Clock::time_point) {
    if (!leaves_ || has_half_closed() || said_ < to_say_.size()) return Act::go_on;
    ear_.must_reach = order_.size();
    return Act::half_close;
}

void StandingMember::over() {
    const bool whole = fate() == Fate::ended && has_half_closed();
    verdict().expect(whole, fmt::format("chat member {}, which stayed and read all the time, was "
                                        "cut off by its server",
                                        ear_.member));
    if (whole) ++tally_.half_closed;
    ear_.has_ended = whole;
    order_.over(std::move(ear_));
}

// --- the phases ----------------------------------------------------------------------------------

RelaySoak::RelaySoak(const RelaySoakOptions& options, Verdict& verdict)
    : options_(options),
      verdict_(verdict),
      length_(static_cast<std::int64_t>(options.minutes * 60'000)),
      dice_(options.seed),
      broker_(test::Durability::always),
      order_(verdict) {
    sizes_.outbox_limit = 1024 * 1024;
    sizes_.one_server = false;
    verdict.expect(broker_.port() != 0, "the broker did not start");
    for (std::size_t i = 0; i < server_count && verdict.holds(); ++i) {
        Server server;
        server.process = std::make_unique<test::ChatServerProcess>(
            options.program,
            std::vector<std::string>{"--backend", options.backend, "--workers",
                                     std::to_string(options.workers), "--log-level", "warning",
                                     "--relay", broker_.url()});
        verdict.expect(
            server.process->port() != 0,
            fmt::format("server {} did not start: {}", i + 1, server.process->process().errors()));
        servers_.push_back(std::move(server));
    }
}

void RelaySoak::run() {
    if (open()) talk();
    if (verdict_.holds()) finish();
    if (verdict_.holds()) close();
    if (verdict_.holds()) stop_servers();
    print_summary();
}

/// The recorder, then all that stay.
bool RelaySoak::open() {
    auto recorder = std::make_unique<ChatRecorder>(test::connect_to(servers_[0].process->port()),
                                                   verdict_, tally_, order_);
    recorder_ = recorder.get();
    enter(std::move(recorder));
    talk_until([this] { return recorder_->is_inside(); }, test::patience);
    for (std::size_t i = 0; i < server_count * standing_of_each && verdict_.holds(); ++i) {
        const std::uint64_t number = next_client_;
        auto member = std::make_unique<StandingMember>(
            test::connect_to(servers_[server_of(i)].process->port()), verdict_, tally_, order_,
            number, Dice(hash_of({options_.seed, number})), mean_pause);
        standing_.push_back(member.get());
        enter(std::move(member));
    }
    const bool inside = talk_until(
        [this] {
            return std::ranges::all_of(standing_, [](auto* member) { return member->is_inside(); });
        },
        test::patience);
    verdict_.expect(inside, "not all members that stay have heard their own first lines");
    return verdict_.holds();
}

void RelaySoak::talk() {
    start_ = Clock::now();
    next_strike_ = start_ + length_ / (2 * std::max(options_.kills, 1U));
    const Clock::time_point end = start_ + length_;
    talk_until(
        [&] {
            const Clock::time_point now = Clock::now();
            strike(now);
            invite(now);
            look(now);
            return now >= end && !broker_is_away_;
        },
        length_ + test::patience);
    verdict_.expect(
        killed_ == options_.kills,
        fmt::format("the broker was killed {} times instead of {}", killed_, options_.kills));
}

/// Nobody says more; all must hear all.
void RelaySoak::finish() {
    for (const auto& [key, client] : clients_) {
        if (client.get() != recorder_) client->hurry();
    }
    const bool left = talk_until([this] { return visitors_ == 0; }, test::patience);
    verdict_.expect(left, fmt::format("{} members that were to leave have not", visitors_));
    const bool complete = talk_until(
        [this] {
            return std::ranges::all_of(standing_, [](auto* member) {
                return member->is_heard() && member->is_up_to_date();
            });
        },
        test::patience);
    if (complete || !verdict_.holds()) return;
    for (StandingMember* member : standing_) {
        verdict_.expect(member->is_heard(),
                        fmt::format("a line of chat member {} is lost: a minute after it was said, "
                                    "the recorder has not heard it",
                                    member->number()));
        verdict_.expect(member->is_up_to_date(),
                        fmt::format("chat member {} has not heard what the recorder heard a minute "
                                    "before",
                                    member->number()));
    }
}

void RelaySoak::close() {
    for (StandingMember* member : standing_) member->leave();
    talk_until([this] { return clients_.size() == 1; }, test::patience);
    recorder_->hurry();
    const bool ended = talk_until([this] { return clients_.empty(); }, test::patience);
    verdict_.expect(ended,
                    fmt::format("{} members left, and did not see the end", clients_.size()));
    if (verdict_.holds()) order_.settle();
}

// --- what happens meanwhile ----------------------------------------------------------------------

bool RelaySoak::talk_until(const std::function<bool()>& condition, Milliseconds timeout) {
    const Clock::time_point deadline = Clock::now() + timeout;
    while (verdict_.holds() && !condition()) {
        if (Clock::now() >= deadline) return false;
        step();
    }
    return verdict_.holds();
}

void RelaySoak::step() {
    Clock::time_point now = Clock::now();
    loop_.step(5ms, [&](std::uint64_t key, std::uint32_t events) {
        const auto client = clients_.find(key);
        if (client != clients_.end()) client->second->step(loop_, events, now);
    });
    now = Clock::now();
    if (now < next_scan_) return;
    next_scan_ = now + 5ms;
    for (const auto& [key, client] : clients_) client->step(loop_, 0, now);
    std::erase_if(clients_, [this](const auto& entry) {
        if (!entry.second->is_over()) return false;
        if (dynamic_cast<ChatMember*>(entry.second.get()) != nullptr) --visitors_;
        return true;
    });
}

/// Kills the broker when it is time, and restarts it a while later.
void RelaySoak::strike(Clock::time_point now) {
    if (now < next_strike_) return;
    if (broker_is_away_) {
        broker_is_away_ = false;
        next_strike_ = start_ + length_ * (2 * killed_ + 1) / (2 * options_.kills);
        verdict_.expect(broker_.restart(), "the broker did not start again");
    } else if (killed_ < options_.kills) {
        broker_.crash();
        broker_is_away_ = true;
        ++killed_;
        next_strike_ = now + Milliseconds(dice_.between(0, longest_away));
    }
}

void RelaySoak::invite(Clock::time_point now) {
    if (now >= next_wish_) {
        next_wish_ = now + Milliseconds(dice_.between(50, 1000));
        visitors_wanted_ = dice_.between(0, most_visitors);
    }
    if (visitors_ >= visitors_wanted_) return;
    const std::uint64_t number = next_client_;
    const Dice dice(hash_of({options_.seed, number}));
    const std::uint16_t port = servers_[server_of(dice_.between(0, 2))].process->port();
    test::SocketFile socket =
        ChatMember::is_deaf(dice) ? test::connect_narrowly_to(port) : test::connect_to(port);
    if (!socket.is_open()) return verdict_.fail("a chat server takes no connection");
    ++visitors_;
    enter(std::make_unique<ChatMember>(std::move(socket), verdict_, tally_, order_, number, dice,
                                       sizes_));
}

void RelaySoak::enter(std::unique_ptr<Client> client) {
    const std::uint64_t key = next_client_++;
    Client& entered = *clients_.emplace(key, std::move(client)).first->second;
    entered.enter(loop_, key);
    entered.step(loop_, 0, Clock::now());
}

Milliseconds RelaySoak::since_start(Clock::time_point now) const {
    return std::chrono::duration_cast<Milliseconds>(now - start_);
}

void RelaySoak::look(Clock::time_point now) {
    if (now < next_look_) return;
    next_look_ = now + 250ms;
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        test::Process& process = servers_[i].process->process();
        verdict_.expect(process.runs_for(1ms),
                        fmt::format("server {} has ended by itself: {}", i + 1, process.errors()));
        verdict_.expect(count_words(process.errors(), "event=\"lines lost\"") == 0,
                        fmt::format("server {} says that lines are lost, though the broker keeps "
                                    "what it acknowledges",
                                    i + 1));
        Health health = look_at(process.pid());
        health.minute = std::chrono::duration<double>(since_start(now)).count() / 60;
        servers_[i].looks.push_back(health);
    }
}

// --- the end -------------------------------------------------------------------------------------

void RelaySoak::stop_servers() {
    std::uint64_t lines = 0;
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        test::ChatServerProcess& server = *servers_[i].process;
        verdict_.expect(server.stop() == test::Ending::exited(0),
                        fmt::format("server {}, stopped by SIGINT, did not end with 0", i + 1));
        const test::ChatSummary summary = server.summary();
        verdict_.expect(summary.printed, fmt::format("server {} prints no summary", i + 1));
        lines += summary.lines;
        const std::size_t away = count_words(server.process().errors(), "event=\"relay away\"");
        verdict_.expect(away >= 1 && away <= options_.kills,
                        fmt::format("the log of server {} says {} times that the broker is away; "
                                    "it was killed {} times",
                                    i + 1, away, options_.kills));
        judge_memory(servers_[i]);
    }
    verdict_.expect(lines == order_.lines(),
                    fmt::format("the servers count {} lines of their members, but {} were heard",
                                lines, order_.lines()));
}

void RelaySoak::judge_memory(const Server& server) {
    if (test::is_sanitized) return;  // a sanitizer's memory is not the server's
    const Trend trend = trend_of(server.looks);
    verdict_.expect(
        trend.late <= trend.early + allowed_growth(trend),
        fmt::format("the memory of server {} has grown from {:.1f} MiB in the second fifth of the "
                    "run to {:.1f} MiB in the last; {:.1f} MiB are allowed",
                    &server - servers_.data() + 1, in_mebibytes(trend.early),
                    in_mebibytes(trend.late), in_mebibytes(allowed_growth(trend))));
}

void RelaySoak::print_summary() {
    app::print(
        "{} members stayed, {} came and went ({} half-closed in all, {} reset, {} vanished, {} "
        "dropped as too slow, {} for too long a line; {} stalled, {} flooded); {} lines, {:.1f} "
        "MiB heard; the broker was killed and restarted {} times\n",
        standing_.size(), tally_.members - standing_.size() - 1, tally_.half_closed, tally_.reset,
        tally_.vanished, tally_.too_slow, tally_.too_long, tally_.stalled, tally_.flooded,
        order_.lines(), in_mebibytes(tally_.heard), killed_);
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        const std::vector<Health>& looks = servers_[i].looks;
        if (looks.empty()) continue;
        const Trend trend = trend_of(looks);
        const Health most = *std::ranges::max_element(looks, {}, &Health::resident);
        app::print(
            "server {}: memory {:.1f} MiB in the second fifth, {:.1f} MiB in the last ({:.1f} MiB "
            "at most), {:+.1f} KiB/minute; {}\n",
            i + 1, in_mebibytes(trend.early), in_mebibytes(trend.late), in_mebibytes(most.resident),
            trend.per_minute / 1024,
            test::is_sanitized ? "not judged under a sanitizer"
                               : fmt::format("{:.1f} MiB more would be a failure",
                                             in_mebibytes(allowed_growth(trend))));
    }
    app::standard_output().flush();
}

}  // namespace drydock::soak
