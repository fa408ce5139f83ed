// Deciding late, and choosing which completion comes out.
#include "sim/order.hpp"

#include <algorithm>
#include <array>

#include "sim/connection.hpp"

namespace drydock::sim {
namespace {

// A completion may overtake this many that happened before it.
constexpr std::size_t reorder_window = 16;

constexpr const char* overtakes = "completion: overtakes";

/// What the operation works on: the receives, or the sends, of one end of a connection.
std::uint64_t lane_of(const Operation& operation, const Record& record) noexcept {
    if (record.connection == nullptr) return 0;
    const bool sends = operation.kind() == OperationKind::send;
    return record.connection->serial() * 4 + record.side * 2U + (sends ? 1U : 0U);
}

}  // namespace

void Order::decide(Operation& operation, const Result& result) noexcept {
    Record& record = record_of(operation);
    record.decided = true;
    record.result = result;
    constexpr std::array<std::int64_t, 3> microseconds = {20, 900, 25000};
    const std::optional<std::uint32_t> which = swarm_.strikes(
        Fault::delay, "completion: late", microseconds.size(), "completion: how late");
    if (!which) {
        ready_.push_back({&operation, result});
        return;
    }
    Event event;
    event.kind = EventKind::deliver;
    event.operation = &operation;
    event.at = timeline_.now() + std::chrono::microseconds(microseconds[*which]);
    timeline_.add(event);
}

/// Which of the first `count` that are ready comes out.
std::size_t Order::choose(std::size_t count, const StateView& network) noexcept {
    if (!swarm_.active(Fault::reorder)) return 0;
    if (prompt_clients_) {
        for (std::size_t i = 0; i < count; ++i) {
            Operation& operation = *ready_[first_ + i].operation;
            const Record& record = record_of(operation);
            const bool to_client = operation.kind() == OperationKind::receive &&
                                   record.machine == 0 &&
                                   !record.connection->side(record.side).accepted;
            if (to_client || record.prompt) return i;
        }
    }
    if (watch_.watcher() == nullptr || choices_.silent()) {
        return choices_.pick(static_cast<std::uint32_t>(count), overtakes);
    }
    return choose_watched(count, network);
}

std::size_t Order::choose_watched(std::size_t count, const StateView& network) noexcept {
    StepWatcher& watcher = *watch_.watcher();
    steps_.clear();
    for (std::size_t i = 0; i < count; ++i) {
        Operation& operation = *ready_[first_ + i].operation;
        const Record& record = record_of(operation);
        steps_.push_back({record.start, lane_of(operation, record), time_passed_, record.number});
    }
    time_passed_ = false;
    const std::uint32_t value = watcher.choose_step(steps_, network);
    redundant_ = watcher.redundant();
    if (count > 1) choices_.record(value, static_cast<std::uint32_t>(count), overtakes);
    return value;
}

Order::Ready Order::take(const StateView& network) noexcept {
    std::size_t count = ready_.size() - first_;
    if (watch_.watcher() == nullptr) count = std::min(count, reorder_window);
    const std::size_t overtaken = choose(count, network);
    if (overtaken > 0) swarm_.hit(Fault::reorder);
    std::size_t index = first_ + overtaken;
    const Ready taken = ready_[index];
    for (; index > first_; --index) ready_[index] = ready_[index - 1];
    if (++first_ == ready_.size()) {
        ready_.clear();
        first_ = 0;
    }
    return taken;
}

}  // namespace drydock::sim
