// The scenario "chat": a chat server, and members who come, talk, read slowly, stop reading,
// half-close, go away by a reset or in the middle of a line, and come back.
//
// Its properties are in chat_properties. Beside them all rules of the contract must hold, and
// nothing may be left in the end.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <drydock/sim/run.hpp>
#include <drydock/task_group.hpp>

#include "src/chat/server.hpp"
#include "tests/scenarios/chat_judge.hpp"
#include "tests/scenarios/server_under_test.hpp"

namespace drydock::sim {

using MakeChatServer = MakeServer<chat::ServerOptions>;

/// drydock's own server.
inline constexpr MakeChatServer make_chat_server =
    &make_real_server<chat::Server, chat::ServerOptions>;

inline constexpr Expectation chat_properties[] = {
    {"chat-whole", "each line that a member gets was sent, whole and unchanged"},
    {"chat-once", "a member gets each line at most once"},
    {"chat-order", "all members get the lines in one order"},
    {"chat-sender-order", "a member gets the lines of each sender in the order of their sending"},
    {"chat-gap", "from its first line to its last, a member gets every line that was published"},
    {"chat-join", "a member gets no line that was published before it came"},
    {"chat-complete",
     "a member gets all that it is owed, and is not dropped while it is within the limits"},
    {"chat-delay", "a member that does not read delays no other member"},
    {"chat-fair", "no member that reads is dropped because another member talks too fast"},
    {"chat-idle", "the idle timeout ends no connection on which bytes move"},
    {"chat-memory", "the server keeps no more for a member than the outbox limit allows"},
    {"chat-accept", "a member can connect while the server serves"},
};

enum class ChatManner : std::uint8_t {
    talks,          // sends its lines, half-closes, and reads to the end
    slow_reader,    // the same, reading little and late
    stops_reading,  // the same, but does not read until all others have left
    resets,         // goes away in the middle of a line by a reset
    vanishes,       // goes away in the middle of a line by a plain close
    shouts,         // ends with a line over the limit
    floods,         // says many lines without a pause, and reads to the end
};

inline constexpr std::uint32_t chat_manner_count = 7;
std::string_view name(ChatManner manner) noexcept;

struct MemberPlan {
    ChatManner manner = ChatManner::talks;
    std::uint32_t lines = 0;      ///< to send in each visit
    std::uint32_t line_size = 8;  ///< bytes, from about so many to twice that
    std::uint32_t chunk = 64;     ///< bytes per send
    std::uint32_t receive = 64;   ///< size of the receive buffer
    std::uint32_t visits = 1;     ///< how often it comes
    bool stays = false;           ///< at last, until nobody talks any more
    bool unfinished = false;      ///< its last line has no newline
    bool stays_open = false;      ///< closes its side long after the server has ended the stream
    bool in_sequence = false;     ///< listens when all is said; no more than a pipe holds
    Duration start_after{0};      ///< and between visits
    Duration pause{0};            ///< between sends
};

struct ChatWorkload {
    std::vector<MemberPlan> members;
    chat::ServerOptions server;
    /// Ask the server to stop in the middle of it.
    bool stop_early = false;
    Duration stop_after{0};
};

ChatWorkload choose_chat_workload(World& world);

/// "members" and "lines": so many members who say so many lines each, half-close, and read.
extern const std::array<Parameter, 2> chat_parameters;

class ChatScenario final : public Scenario {
public:
    /// The workload is chosen by the world.
    explicit ChatScenario(MakeChatServer make = make_chat_server) : make_(make) {}
    /// The workload is given.
    explicit ChatScenario(ChatWorkload workload, MakeChatServer make = make_chat_server)
        : make_(make), workload_(std::move(workload)), given_(true) {}

    Task<void> main(World& world) override;
    bool set(std::string_view parameter, std::uint64_t value) override;
    std::string options() const override;
    std::string outcome() const override { return outcomes_.empty() ? "" : outcomes_.front(); }
    std::vector<std::string> outcomes() const override { return outcomes_; }

private:
    struct Party;
    class Visit;
    using Visits = std::vector<std::unique_ptr<Visit>>;  // of one member

    static std::vector<std::string> outcomes_in_any_order(const std::vector<Visits>& visits);
    Task<void> stop_later(World& world, Party& party, ServerUnderTest& server);
    Task<void> be_member(World& world, Party& party, const MemberPlan& plan, const Visits& visits);

    MakeChatServer make_;
    ChatWorkload workload_;
    bool given_ = false;
    bool equal_ = false;  // all members have the same plan
    std::vector<std::string> outcomes_;
};

/// "chat", for lists.
extern const ScenarioInfo chat_scenario;

}  // namespace drydock::sim
