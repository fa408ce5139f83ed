// Building the events of a run.
#include "sim/chronicle.hpp"

#include <algorithm>

#include "sim/connection.hpp"
#include "sim/memory.hpp"
#include "sim/record.hpp"

namespace drydock::sim {

std::string_view name(RunEventKind kind) noexcept {
    constexpr std::string_view names[] = {
        "started",     "completed",    "tried_receive", "choice",        "span_begun",
        "span_ended",  "fault",        "bytes_sent",    "bytes_arrived", "end_sent",
        "end_arrived", "reset_sent",   "reset_arrived", "socket_opened", "socket_closed",
        "identified",  "task_joined",  "task_left",     "probe",         "printed",
        "became_calm", "host_started", "host_ended",    "partitioned",   "verdict"};
    static_assert(std::size(names) == run_event_kind_count);
    return names[static_cast<std::size_t>(kind)];
}

Chronicle::Chronicle(const Timeline& timeline, const RunOptions& options)
    : timeline_(timeline), trace_(options.trace) {
    if (options.trace > 0) listeners_.push_back(&trace_);
    if (options.marks) listeners_.push_back(&marks_);
    if (options.listener != nullptr) listeners_.push_back(options.listener);
}

void Chronicle::tell(RunEvent event) noexcept {
    const SimulatorMemory memory;
    event.at = timeline_.now();
    event.step = completions_;
    event.digest = digest_.value();
    for (RunListener* listener : listeners_) listener->happened(event);
}

RunEvent Chronicle::event_of(RunEventKind kind, Operation& operation) const noexcept {
    const Record& record = record_of(operation);
    RunEvent event;
    event.kind = kind;
    event.operation = operation.kind();
    event.start = record.start;
    event.size = record.size;
    event.where = operation.where();
    if (record.connection != nullptr) {
        event.connection = record.connection->serial();
        event.accepted = record.connection->side(record.side).accepted;
    }
    event.host = machine_name(record.machine);
    return event;
}

void Chronicle::completed(Operation& operation, const Result& result,
                          std::uint64_t data_hash) noexcept {
    const Record& record = record_of(operation);
    const std::uint64_t handle =
        record.connection == nullptr ? 0 : 1 + 2 * record.connection->slot() + record.side;
    ++completions_;
    digest_.mix((static_cast<std::uint64_t>(operation.kind()) << 48) | (handle << 8) |
                static_cast<std::uint64_t>(result.error));
    digest_.mix(result.bytes ^ data_hash);
    digest_.mix(static_cast<std::uint64_t>(timeline_.now().time_since_epoch().count()));
    if (!heard()) return;
    RunEvent event = event_of(RunEventKind::completed, operation);
    event.result = result;
    const bool received = operation.kind() == OperationKind::receive && record.progress > 0;
    if (received) event.data = {record.data, record.progress};
    tell(event);
}

void Chronicle::tried_receive(const Connection& connection, int side, std::size_t size,
                              const Result& result, std::uint64_t data_hash,
                              std::span<const std::byte> data) noexcept {
    constexpr std::uint64_t no_operation = 0xff;  // distinct from the kinds of completions
    const std::uint64_t handle = 1 + 2 * connection.slot() + static_cast<std::uint64_t>(side);
    digest_.mix((no_operation << 48) | (handle << 8) | static_cast<std::uint64_t>(result.error));
    digest_.mix(result.bytes ^ data_hash);
    if (!heard()) return;
    RunEvent event;
    event.kind = RunEventKind::tried_receive;
    event.connection = connection.serial();
    event.accepted = connection.side(side).accepted;
    event.host = connection.side(side).machine->name;
    event.size = size;
    event.result = result;
    event.data = data;
    tell(event);
}

void Chronicle::tell_choice(const Choice& choice) noexcept {
    RunEvent event;
    event.kind = RunEventKind::choice;
    event.choice = choice;
    tell(event);
}

void Chronicle::span_begun(const char* label) noexcept {
    if (!heard()) return;
    RunEvent event;
    event.kind = RunEventKind::span_begun;
    event.name = label;
    tell(event);
}

void Chronicle::span_ended() noexcept {
    if (!heard()) return;
    RunEvent event;
    event.kind = RunEventKind::span_ended;
    tell(event);
}

void Chronicle::fault(Fault fault) noexcept {
    if (!heard()) return;
    RunEvent event;
    event.kind = RunEventKind::fault;
    event.fault = fault;
    tell(event);
}

void Chronicle::moved(RunEventKind kind, const Connection& connection, int side, const Pipe& pipe,
                      std::uint64_t from, std::uint64_t upto) noexcept {
    if (!heard()) return;
    const SimulatorMemory memory;
    pipe.copy(from, upto, moved_);
    tell_moved(kind, connection, side, moved_, upto);
}

void Chronicle::tell_moved(RunEventKind kind, const Connection& connection, int side,
                           std::span<const std::byte> data, std::uint64_t position) noexcept {
    RunEvent event;
    event.kind = kind;
    event.connection = connection.serial();
    event.accepted = connection.side(side).accepted;
    event.host = connection.side(side).machine->name;
    event.size = data.size();
    event.position = position;
    event.data = data;
    tell(event);
}

void Chronicle::socket(RunEventKind kind, const Connection& connection, int side,
                       std::source_location where) noexcept {
    if (!heard()) return;
    RunEvent event;
    event.kind = kind;
    event.connection = connection.serial();
    event.accepted = connection.side(side).accepted;
    event.host = connection.side(side).machine->name;
    event.where = where;
    tell(event);
}

void Chronicle::identified(const Connection& connection, const char* role,
                           std::uint32_t number) noexcept {
    if (!heard()) return;
    RunEvent event;
    event.kind = RunEventKind::identified;
    event.connection = connection.serial();
    event.name = role;
    event.number = number;
    tell(event);
}

void Chronicle::task_joined(const void* task, std::source_location where) noexcept {
    if (!heard()) return;
    const SimulatorMemory memory;
    tasks_.push_back(task);
    RunEvent event;
    event.kind = RunEventKind::task_joined;
    event.number = tasks_.size();
    event.where = where;
    tell(event);
}

void Chronicle::task_left(const void* task) noexcept {
    if (!heard()) return;
    // The memory of a task that has ended may be that of a later one: the last is the right one.
    const auto found = std::find(tasks_.rbegin(), tasks_.rend(), task);
    if (found == tasks_.rend()) return;
    *found = nullptr;
    RunEvent event;
    event.kind = RunEventKind::task_left;
    event.number = static_cast<std::uint64_t>(tasks_.rend() - found);
    tell(event);
}

void Chronicle::probe(std::string_view name) noexcept {
    if (!heard()) return;
    RunEvent event;
    event.kind = RunEventKind::probe;
    event.name = name;
    tell(event);
}

void Chronicle::became_calm() noexcept {
    if (!heard()) return;
    RunEvent event;
    event.kind = RunEventKind::became_calm;
    tell(event);
}

void Chronicle::host_started(const Machine& machine, std::uint64_t start) noexcept {
    if (!heard()) return;
    RunEvent event;
    event.kind = RunEventKind::host_started;
    event.host = machine.name;
    event.number = start;
    tell(event);
}

void Chronicle::host_ended(const Machine& machine, std::string_view how) noexcept {
    if (!heard()) return;
    RunEvent event;
    event.kind = RunEventKind::host_ended;
    event.host = machine.name;
    event.text = how;
    tell(event);
}

void Chronicle::partitioned(std::string_view text) noexcept {
    if (!heard()) return;
    RunEvent event;
    event.kind = RunEventKind::partitioned;
    event.text = text;
    tell(event);
}

void Chronicle::printed(std::string_view stream, std::string_view line) noexcept {
    const SimulatorMemory memory;
    if (output_.size() == most_output_lines) output_.erase(output_.begin());
    output_.emplace_back(line);
    if (!heard()) return;
    RunEvent event;
    event.kind = RunEventKind::printed;
    event.name = stream;
    event.text = line;
    tell(event);
}

void Chronicle::verdict(std::string_view property, std::string_view sentence, bool in_step,
                        const VerdictSubject& about) noexcept {
    if (!heard()) return;
    RunEvent event;
    event.kind = RunEventKind::verdict;
    event.name = property;
    event.text = sentence;
    event.in_step = in_step;
    event.operation = about.operation;
    event.where = about.where;
    event.start = about.start;
    event.connection = about.connection;
    event.accepted = about.accepted;
    tell(event);
}

}  // namespace drydock::sim
