// A run as a list of events that own their texts and bytes: what exports and pages are made from.
//
// A Recorder listens to the run and writes each event to a tape, which is plain memory. A process
// can share that memory with its child, so that the events of a run that crashes are not lost.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <drydock/sim/events.hpp>

namespace drydock::sim {

/// A place in the source of the program.
struct RecordedPlace {
    std::string file;  ///< from the root of drydock's tree, or as the compiler was given it
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::string function;

    bool operator==(const RecordedPlace&) const = default;
};

/// An event of a run: as RunEvent, and what it takes to own it.
struct RecordedEvent {
    RunEventKind kind = RunEventKind::started;
    Time at{};
    std::uint64_t step = 0;
    std::uint64_t connection = 0;
    bool accepted = false;
    OperationKind operation = OperationKind::none;
    std::uint64_t start = 0;
    std::uint64_t size = 0;
    Error error = Error::ok;
    std::uint64_t bytes = 0;  ///< of the result
    std::size_t place = 0;    ///< in RecordedRun::places, from 1; 0: none
    std::uint64_t index = 0;  ///< choice: its number in the schedule, from 1
    std::uint32_t value = 0;
    std::uint32_t options = 0;
    std::string label;  ///< of a choice
    Fault fault{};
    std::uint64_t number = 0;
    std::uint64_t position = 0;  ///< RunEvent::position; also for bytes that were received
    std::uint64_t digest = 0;
    bool in_step = false;
    /// RunEvent::host; of a task or a probe, that of the step in which it happened
    std::string host;
    std::string name;
    std::string text;
    std::uint64_t text_size = 0;  ///< of the whole text; `text` may be the beginning of it
    std::string data;
    std::uint64_t data_size = 0;  ///< of all the bytes; `data` may be the beginning of them
};

/// The events of a run. The id of an event is its position, from 1.
struct RecordedRun {
    std::vector<RecordedEvent> events;
    std::vector<RecordedPlace> places;
    std::uint64_t left_out = 0;  ///< events for which there was no room, before the verdict

    const RecordedEvent& event(std::size_t id) const { return events[id - 1]; }
};

/// How much of a run is kept.
struct RecordingLimits {
    std::uint64_t events = 250'000;
    std::size_t data_of_event = 64 * 1024;      ///< bytes
    std::size_t data_of_run = 8 * 1024 * 1024;  ///< bytes, of all events together
    std::size_t text_of_event = 64 * 1024;      ///< bytes
};

/// Memory that holds the events of a run, encoded. It is written by one thread, event by event, and
/// can be read once the run has ended, however it has ended.
class Tape {
public:
    /// The memory is zero or holds an earlier run, is suitably aligned for a std::uint64_t, and
    /// must outlive the tape. Empties it only if `empty`.
    Tape(std::span<std::byte> memory, bool empty);

    /// Adds an event. False: there is no room for it.
    bool add(std::string_view bytes) noexcept;
    /// Counts an event that was not added.
    void leave_out() noexcept;

    /// All events, without those that were left out.
    std::string_view bytes() const noexcept;
    std::uint64_t left_out() const noexcept;

private:
    struct Header {
        std::atomic<std::uint64_t> used;
        std::atomic<std::uint64_t> left_out;
    };
    Header* header_;
    std::span<std::byte> room_;
};

/// Writes the events of one run to a tape.
class Recorder final : public RunListener {
public:
    explicit Recorder(Tape tape, const RecordingLimits& limits = {});
    void happened(const RunEvent& event) noexcept override;

private:
    std::string_view part_of_data(std::span<const std::byte> data) noexcept;

    Tape tape_;
    RecordingLimits limits_;
    std::string encoded_;
    std::uint64_t events_ = 0;
    std::size_t data_ = 0;
    bool full_ = false;  // only a verdict is still added, if there is room for it
};

/// The run on a tape. A tape that is damaged gives the events before the damage.
RecordedRun read_run(const Tape& tape);

}  // namespace drydock::sim
