// The scenario "relay": one chat room over two or three servers, each on a host of its own, and a
// broker on another, which crash, come back and are cut off from each other.
//
// The members are at the world's own machine, which no fault of hosts strikes. The judge is the
// chat's: what it demands of one server holds over all of them. A member whose server has crashed
// is excused, and so is one that the server has reset because the stream was trimmed too early.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <drydock/sim/run.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

#include "src/chat/server.hpp"
#include "src/relay/exchange.hpp"
#include "tests/broker/broker.hpp"
#include "tests/scenarios/chat_judge.hpp"

namespace drydock::sim {

inline constexpr Expectation relay_properties[] = {
    {"chat-whole", "each line that a member gets was sent, whole and unchanged"},
    {"chat-once", "a member gets each line at most once"},
    {"chat-order", "all members of all servers get the lines in one order"},
    {"chat-sender-order", "a member gets the lines of each sender in the order of their sending"},
    {"chat-gap", "from its first line to its last, a member gets every line that was published"},
    {"chat-join", "a member gets no line that its server had delivered before it came"},
    {"chat-complete",
     "a member gets all that it is owed, and is not dropped while it is within the limits"},
    {"relay-complete", "a line that one member has heard comes to the members of all servers"},
    {"relay-past",
     "where the broker has lost all data, a member hears lines from before that or from after it, "
     "without a gap, and the broker has each of them once"},
    {"relay-early", "no line is delivered before the broker has it"},
    {"relay-delay", "where nothing takes time, a line is back at its sender within two seconds"},
    {"relay-memory", "a server holds no more lines that the broker does not have than its bound"},
};

/// How the server of one host is run: drydock's own, and broken ones in tests.
struct RelayedServer {
    RelayedServer(Endpoint its_broker, std::uint16_t its_port, chat::ServerOptions its_server,
                  relay::ExchangeOptions its_exchange)
        : broker(its_broker),
          port(its_port),
          server(its_server),
          exchange(std::move(its_exchange)) {}

    Endpoint broker;
    std::uint16_t port = 0;
    chat::ServerOptions server;
    relay::ExchangeOptions exchange;

    /// Called when the server serves, with what asks it to stop, and when it has ended: with
    /// nothing.
    std::function<void(std::function<void()>)> serves;
    /// Whether it is to end before it has begun to serve.
    std::function<bool()> is_stopping;
};
/// The program of a host. It ends when it was asked to stop, and has drained.
using RunRelayedServer = Task<void> (*)(Host& host, RelayedServer setup);

/// The chat server of a host, with this relay, from its listening to its end.
Task<void> serve_relayed(Host& host, const RelayedServer& setup, Log& log, chat::Relay& relay);
/// drydock's own server and exchange.
Task<void> run_relayed_server(Host& host, RelayedServer setup);

enum class RelayManner : std::uint8_t {
    talks,        // says its lines, half-closes, and reads to the end
    slow_reader,  // the same, reading little and late
    resets,       // goes away in the middle of a line by a reset
    vanishes,     // goes away in the middle of a line by a plain close
    floods,       // says many lines without a pause
};
inline constexpr std::uint32_t relay_manner_count = 5;

struct RelayMember {
    RelayManner manner = RelayManner::talks;
    std::uint32_t server = 0;
    std::uint32_t lines = 0;  ///< to send in each visit
    std::uint32_t line_size = 8;
    std::uint32_t chunk = 64;
    std::uint32_t receive = 64;
    std::uint32_t visits = 1;
    bool stays = false;  ///< until it is owed nothing any more
    bool in_sequence = false;
    Duration start_after{0};
    Duration pause{0};
};

/// What an administrator does to the room's keys in the middle of the run.
enum class RelayMeddling : std::uint8_t {
    none,
    trims,    // takes all entries out of the stream: readers that are behind have a gap
    deletes,  // deletes all keys, as a broker that has lost its data: acknowledged lines are lost
};

struct RelayWorkload {
    std::uint32_t servers = 2;
    std::vector<RelayMember> members;
    chat::ServerOptions server;
    relay::ExchangeOptions exchange;
    broker::Pace pace;
    RelayMeddling meddling = RelayMeddling::none;
    Duration meddling_after{0};
    /// For a while the broker refuses: with this reason.
    std::uint32_t refusal = 0;
    Duration refusal_after{0};
    Duration refusal_for{0};
    bool stop_early = false;
    Duration stop_after{0};
    /// Whether a server may have to reset its members, as entries are gone before it has read them.
    bool may_lose() const noexcept { return meddling != RelayMeddling::none; }
    /// Whether something in it makes lines late.
    bool takes_time() const noexcept {
        return meddling != RelayMeddling::none || refusal > 0 || stop_early ||
               pace.reply_delay > Duration::zero();
    }
    /// Only the broker crashes, and no clock of it matters: for `explore`.
    bool small = false;
};

RelayWorkload choose_relay_workload(World& world);

/// "servers", "members" at each server, and "lines" of each member.
extern const std::array<Parameter, 3> relay_parameters;

class RelayScenario final : public Scenario {
public:
    explicit RelayScenario(RunRelayedServer run = &run_relayed_server) : run_(run) {}

    Task<void> main(World& world) override;
    bool set(std::string_view parameter, std::uint64_t value) override;
    std::string options() const override;
    std::string outcome() const override { return outcome_; }

private:
    struct Room;
    class Visit;
    using Visits = std::vector<std::unique_ptr<Visit>>;

    Task<void> run_broker(Host& host, Room& room);
    Task<void> run_server(Host& host, Room& room, std::uint32_t number);
    Task<void> be_member(Room& room, const RelayMember& plan, const Visits& visits);
    Task<void> stop_later(World& world, Room& room);
    Task<void> refuse_for_a_while(Host& host, broker::Broker& broker) const;
    Task<void> meddle(World& world) const;
    Task<void> watch(World& world, Room& room, Timer& timer) const;
    void enroll(World& world, Room& room, std::vector<Visits>& visits) const;
    /// Not drydock's own.
    bool is_simple() const noexcept { return run_ != &run_relayed_server; }

    RunRelayedServer run_;
    RelayWorkload workload_;
    bool given_ = false;
    std::uint32_t members_each_ = 1;
    std::uint32_t lines_ = 1;
    std::string outcome_;
};

/// Through a pipe of one byte, each byte is a send and a receive at least. Three servers that have
/// nothing to do exchange about 2,000 bytes with the broker in 3 s (reads that wait, and questions
/// that show that the broker is there): 6,000 completions, so half a million until watch() ends the
/// run. An entry that all servers read one by one takes about 2,500, and there are up to 90.
inline constexpr std::uint64_t relay_calm_bound = 1'000'000;

/// "relay", for lists.
extern const ScenarioInfo relay_scenario;

}  // namespace drydock::sim
