// The chronicle: the one seam through which all that happens in a run leaves the world.
//
// The digest is made of every choice and every completion, in every run. All other listeners (the
// trace, the marks, the caller's) get events; without one, no event is built.
#pragma once

#include <cstddef>
#include <cstdint>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <drydock/sim/events.hpp>
#include <drydock/sim/run.hpp>

#include "sim/digest.hpp"
#include "sim/machine.hpp"
#include "sim/marks.hpp"
#include "sim/pipe.hpp"
#include "sim/timeline.hpp"
#include "sim/trace.hpp"

namespace drydock::sim {

/// What a verdict is about, as far as it is known.
struct VerdictSubject {
    OperationKind operation = OperationKind::none;
    std::source_location where;
    std::uint64_t start = 0;
    std::uint64_t connection = 0;
    bool accepted = false;
};

class Chronicle {
public:
    /// The clock is the timeline's, which outlives the chronicle.
    Chronicle(const Timeline& timeline, const RunOptions& options);
    Chronicle(const Chronicle&) = delete;
    Chronicle& operator=(const Chronicle&) = delete;

    /// Whether anybody gets events. Ask before one is built that costs anything.
    bool heard() const noexcept { return !listeners_.empty(); }

    void choice(const Choice& choice) noexcept {
        digest_.mix((std::uint64_t{choice.options} << 32) | choice.value);
        if (heard()) tell_choice(choice);
    }

    /// A completion comes out: the operation's record is still there. `data_hash` is that of the
    /// bytes that it brings.
    void completed(Operation& operation, const Result& result, std::uint64_t data_hash) noexcept;
    /// An operation was started; its record has its connection and size.
    void started(Operation& operation) noexcept {
        if (heard()) tell(event_of(RunEventKind::started, operation));
    }
    /// A try_receive() returns; `data_hash` is that of `data`, the bytes that it gives.
    void tried_receive(const Connection& connection, int side, std::size_t size,
                       const Result& result, std::uint64_t data_hash,
                       std::span<const std::byte> data) noexcept;
    void span_begun(const char* label) noexcept;
    void span_ended() noexcept;
    void fault(Fault fault) noexcept;
    /// Something happened to one end of a connection.
    void moved(RunEventKind kind, const Connection& connection, int side) noexcept {
        if (heard()) tell_moved(kind, connection, side, {}, 0);
    }
    /// Bytes have moved: those of the pipe from one position in the stream up to another.
    void moved(RunEventKind kind, const Connection& connection, int side, const Pipe& pipe,
               std::uint64_t from, std::uint64_t upto) noexcept;
    void socket(RunEventKind kind, const Connection& connection, int side,
                std::source_location where) noexcept;
    void identified(const Connection& connection, const char* role, std::uint32_t number) noexcept;
    void task_joined(const void* task, std::source_location where) noexcept;
    void task_left(const void* task) noexcept;
    void probe(std::string_view name) noexcept;
    void became_calm() noexcept;
    /// The world has got a host: its number is the next one, from 1. The name lives as long as the
    /// chronicle.
    void host_made(std::string_view name) { hosts_.push_back(name); }
    void host_started(const Machine& machine, std::uint64_t start) noexcept;
    void host_ended(const Machine& machine, std::string_view how) noexcept;
    void partitioned(std::string_view text) noexcept;
    /// The last lines are kept for the report of a failure.
    void printed(std::string_view stream, std::string_view line) noexcept;
    /// `in_step`: the step that is being run has broken it.
    void verdict(std::string_view property, std::string_view sentence, bool in_step,
                 const VerdictSubject& about = {}) noexcept;

    std::uint64_t completions() const noexcept { return completions_; }
    std::uint64_t digest() const noexcept { return digest_.value(); }
    std::vector<std::string> take_trace() { return trace_.take(); }
    std::vector<std::string> take_output() noexcept { return std::exchange(output_, {}); }
    std::vector<Mark> take_marks() noexcept { return marks_.take(); }

private:
    RunEvent event_of(RunEventKind kind, Operation& operation) const noexcept;
    void tell_choice(const Choice& choice) noexcept;
    void tell_moved(RunEventKind kind, const Connection& connection, int side,
                    std::span<const std::byte> data, std::uint64_t position) noexcept;
    void tell(RunEvent event) noexcept;

    std::string_view machine_name(std::uint8_t number) const noexcept {
        return number == 0 ? std::string_view() : hosts_[number - 1U];
    }

    const Timeline& timeline_;
    Digest digest_;
    std::uint64_t completions_ = 0;
    std::vector<RunListener*> listeners_;
    Trace trace_;
    Marks marks_;
    std::vector<std::byte> moved_;    // the bytes of the event that is being told
    std::vector<const void*> tasks_;  // by number; null: it has ended
    std::vector<std::string> output_;
    std::vector<std::string_view> hosts_;  // their names
};

}  // namespace drydock::sim
