// The table of expectations. docs/PROPERTIES.md says more of each.
#include "sim/properties.hpp"

#include <algorithm>
#include <array>

namespace drydock::sim {
namespace {

constexpr Expectation of_runs[] = {
    {"stuck", "a run ends, at the latest 20,000 completions after it has turned calm"},
    {"nothing-pending", "when a run ends, no operation is in flight"},
    {"scenario", "the scenario uses its world as <drydock/sim/world.hpp> says"},
    {"endless-step", "a step ends, at the latest after 1,000,000 choices"},
    {"crash", "a run neither crashes nor ends its process"},
    {"hang", "a run ends within the time for one seed (--seed-timeout)"},
    {"determinism", "two runs of one seed are the same"},
    {"schedule", "a text that is replayed is a schedule of the scenario"},
    {"host-boundary", "programs on two hosts share no memory: each uses objects of its own host"},
    {"simulator", "the simulator closes a connection when both of its sockets are closed"},
};

constexpr Expectation of_programs[] = {
    {"program-threw", "no exception leaves main() or a thread of the program"},
    {"program-aborted", "the program does not call abort(), and its assertions hold"},
    {"program-ended", "the program does not end before it is told to"},
    {"program-status", "the program ends with a status of success"},
    {"program-stays", "the program ends when it is told to"},
    {"program-leaks", "the program frees the memory that it allocates"},
};

constexpr Expectation of_the_contract[] = {
    {"operation-reused-in-flight", "an operation is started only when it is not in flight"},
    {"operation-destroyed-in-flight", "an operation lives until its completion"},
    {"second-receive", "a socket has at most one receive in flight"},
    {"second-send", "a socket has at most one send in flight"},
    {"send-after-shutdown", "after shutdown_send() no send is started"},
    {"short-send-ignored",
     "after a short send, the next send begins with the bytes that were left"},
    {"receive-past-end", "after the end of the stream the program stops receiving"},
    {"receive-buffer-touched", "nobody writes to a receive's buffer until its completion"},
    {"send-buffer-changed", "nobody changes a send's buffer until its completion"},
    {"socket-destroyed-in-flight", "a socket is destroyed when nothing is in flight on it"},
    {"socket-leaked", "every socket is destroyed before its queue"},
    {"listener-destroyed-in-flight", "a listener is destroyed when no accept is in flight"},
    {"listener-leaked", "every listener is destroyed before its queue"},
    {"task-group-not-joined", "a task group is joined before it is destroyed"},
    {"task-leaked", "every task ends before its queue"},
    {"monitor-held-across-await", "a coroutine leaves a monitor before it awaits anything"},
    {"queue-unbounded", "a queue of values stays within its bound"},
    {"provided-buffer-kept", "every provided buffer is given back before its queue ends"},
    {"provided-buffer-touched", "nobody writes to a provided buffer that was given back"},
    {"object-used-after-end", "sockets, acceptors and timers are used only as long as they exist"},
};

std::string_view find_in(std::span<const Expectation> table, std::string_view property) noexcept {
    const auto found = std::find_if(table.begin(), table.end(), [&](const Expectation& known) {
        return known.property == property;
    });
    return found == table.end() ? std::string_view() : found->text;
}

}  // namespace

std::string_view expectation(std::string_view property) noexcept {
    for (const std::span<const Expectation> table :
         {std::span<const Expectation>(of_runs), std::span<const Expectation>(of_programs)}) {
        const std::string_view text = find_in(table, property);
        if (!text.empty()) return text;
    }
    return find_in(of_the_contract, property);
}

Explanation explain(const ScenarioInfo& scenario, std::string_view property) {
    const auto at = [&](std::string_view page) {
        return page.empty() ? std::string() : std::string(page) + "#" + std::string(property);
    };
    const std::string_view own = find_in(scenario.properties, property);
    if (!own.empty()) return {own, at(scenario.explained_in)};
    const std::string_view known = expectation(property);
    return {known, known.empty() ? std::string() : at("docs/PROPERTIES.md")};
}

}  // namespace drydock::sim
