// The table of expectations. docs/PROPERTIES.md says more of each.
#include "sim/properties.hpp"

#include <algorithm>
#include <array>

namespace drydock::sim {
namespace {

struct Expectation {
    std::string_view property;
    std::string_view text;
};

constexpr Expectation of_echo[] = {
    {"echo-prefix", "what a client gets back is what it sent, byte for byte and in order"},
    {"echo-complete",
     "on an undisturbed connection a client gets all of its bytes back, then the end of the "
     "stream"},
    {"echo-hold",
     "the server holds at most one buffer of a client's bytes that it has not sent back"},
    {"echo-accept", "a client can connect while the server serves"},
    {"echo-idle", "the idle timeout ends no connection on which bytes move"},
};

constexpr Expectation of_chat[] = {
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

constexpr Expectation of_runs[] = {
    {"stuck", "a run ends, at the latest 20,000 completions after it has turned calm"},
    {"nothing-pending", "when a run ends, no operation is in flight"},
    {"determinism", "two runs of one seed are the same"},
    {"simulator", "the simulator closes a connection when both of its sockets are closed"},
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
};

template <std::size_t count>
std::string_view find_in(const Expectation (&table)[count], std::string_view property) noexcept {
    const auto found = std::find_if(std::begin(table), std::end(table),
                                    [&](const auto& known) { return known.property == property; });
    return found == std::end(table) ? std::string_view() : found->text;
}

}  // namespace

std::string_view expectation(std::string_view property) noexcept {
    for (const std::string_view text :
         {find_in(of_echo, property), find_in(of_chat, property), find_in(of_runs, property),
          find_in(of_the_contract, property)}) {
        if (!text.empty()) return text;
    }
    return {};
}

std::string explained_at(std::string_view property) {
    return "docs/PROPERTIES.md#" + std::string(property);
}

}  // namespace drydock::sim
