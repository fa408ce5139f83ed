// The ledger of what is in flight: every operation from its start to its completion, and the
// coroutines that wait for other coroutines.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <drydock/queue.hpp>

#include "sim/machine.hpp"
#include "sim/record.hpp"
#include "sim/watch.hpp"

namespace drydock::sim {

class InFlight {
public:
    explicit InFlight(Watch watch) noexcept : watch_(watch) {}

    /// False: the operation is in flight already, which was reported.
    bool begin(const Machine& machine, Operation& operation, OperationKind kind) noexcept {
        if (!operation.begin(*machine.queue, kind)) return false;
        Record& record = operation.emplace_native<Record>();
        record.machine = machine.number;
        record.prompt = machine.prompt;
        record.start = ++starts_;
        if (watch_.watcher() != nullptr) record.number = watch_.watcher()->started(&operation);
        record.previous = last_;
        (last_ != nullptr ? record_of(*last_).next : first_) = &operation;
        last_ = &operation;
        return true;
    }

    void end(Operation& operation) noexcept {
        const Record& record = record_of(operation);
        (record.previous != nullptr ? record_of(*record.previous).next : first_) = record.next;
        (record.next != nullptr ? record_of(*record.next).previous : last_) = record.previous;
    }

    /// The operation is not started: its coroutine waits until another one posts it.
    void waits(const Machine& machine, const Operation& operation) {
        waiting_.push_back({&operation, machine.number});
        watch_.waits(&operation);
    }
    void posted(const Operation& operation) noexcept {
        std::erase_if(waiting_,
                      [&](const Waiting& known) { return known.operation == &operation; });
    }
    /// Those of this machine are gone.
    void forget_waiting(const Machine& machine) noexcept {
        std::erase_if(waiting_, [&](const Waiting& known) {
            const bool gone = known.machine == machine.number;
            if (gone) watch_.abandoned(known.operation, 0);
            return gone;
        });
    }
    /// An operation in flight whose machine has crashed.
    void abandon(Operation& operation) noexcept {
        watch_.abandoned(&operation, record_of(operation).number);
        end(operation);
    }
    /// The first of them, or null.
    const Operation* first_waiting() const noexcept {
        return waiting_.empty() ? nullptr : waiting_.front().operation;
    }

    bool empty() const noexcept { return first_ == nullptr; }
    /// In the order of their starts. The one that is used may end.
    template <typename Use>
    void for_each(Use use) const {
        for (Operation* operation = first_; operation != nullptr;) {
            Operation* const following = record_of(*operation).next;
            use(*operation);
            operation = following;
        }
    }

    /// "receive on connection 1 (accepted side) started at server.cpp:40, timer ..., and more"; or
    /// that nothing was started.
    std::string text() const;

    /// A sum over all operations, in whatever order they were started.
    std::uint64_t state_hash() const noexcept;

private:
    struct Waiting {
        const Operation* operation;
        std::uint8_t machine;
    };

    const Watch watch_;
    Operation* first_ = nullptr;
    Operation* last_ = nullptr;
    std::uint64_t starts_ = 0;
    std::vector<Waiting> waiting_;  // few
};

/// "send on connection 1 (accepted side) of client 2 started at server.cpp:40".
std::string describe(Operation& operation);

}  // namespace drydock::sim
