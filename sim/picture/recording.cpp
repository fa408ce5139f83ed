// Writing events to a tape, and reading them.
#include "sim/picture/recording.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <new>
#include <tuple>
#include <type_traits>

#include <drydock/source_path.hpp>

namespace drydock::sim {
namespace {

/// What all events have on the tape. Their texts follow: file, function, label, host, name, text,
/// data.
struct Encoded {
    std::int64_t at;
    std::uint64_t step, connection, start, size, bytes, number, position, digest;
    std::uint64_t text_size, data_size;
    std::uint32_t line, column, value, options;
    std::uint32_t lengths[7];
    RunEventKind kind;
    OperationKind operation;
    Error error;
    Fault fault;
    bool accepted, in_step;
};
static_assert(std::is_trivially_copyable_v<Encoded>);

constexpr std::size_t longest_name = 4096;

Encoded encoded(const RunEvent& event) noexcept {
    Encoded fixed{};
    fixed.at = event.at.time_since_epoch().count();
    fixed.step = event.step;
    fixed.connection = event.connection;
    fixed.start = event.start;
    fixed.size = event.size;
    fixed.bytes = event.result.bytes;
    fixed.number = event.number;
    fixed.position = event.position;
    fixed.digest = event.digest;
    fixed.text_size = event.text.size();
    fixed.data_size = event.data.size();
    fixed.line = event.where.line();
    fixed.column = event.where.column();
    fixed.value = event.choice.value;
    fixed.options = event.choice.options;
    fixed.kind = event.kind;
    fixed.operation = event.operation;
    fixed.error = event.result.error;
    fixed.fault = event.fault;
    fixed.accepted = event.accepted;
    fixed.in_step = event.in_step;
    return fixed;
}

RecordedEvent decoded(const Encoded& fixed) {
    RecordedEvent event;
    event.at = Time(Duration(fixed.at));
    event.step = fixed.step;
    event.connection = fixed.connection;
    event.start = fixed.start;
    event.size = fixed.size;
    event.bytes = fixed.bytes;
    event.number = fixed.number;
    event.position = fixed.position;
    event.digest = fixed.digest;
    event.text_size = fixed.text_size;
    event.data_size = fixed.data_size;
    event.value = fixed.value;
    event.options = fixed.options;
    event.kind = fixed.kind;
    event.operation = fixed.operation;
    event.error = fixed.error;
    event.fault = fixed.fault;
    event.accepted = fixed.accepted;
    event.in_step = fixed.in_step;
    return event;
}

}  // namespace

// --- the tape -----------------------------------------------------------------------------------

Tape::Tape(std::span<std::byte> memory, bool empty)
    : header_(empty ? ::new (memory.data()) Header{}
                    : std::launder(reinterpret_cast<Header*>(memory.data()))),
      room_(memory.subspan(sizeof(Header))) {}

void Tape::leave_out() noexcept { header_->left_out.fetch_add(1, std::memory_order_relaxed); }

/// The count grows after the bytes are there: the writer may end at any moment.
bool Tape::add(std::string_view bytes) noexcept {
    const auto used = static_cast<std::size_t>(header_->used.load(std::memory_order_relaxed));
    if (bytes.size() > room_.size() - used) return false;
    std::memcpy(room_.data() + used, bytes.data(), bytes.size());
    header_->used.store(used + bytes.size(), std::memory_order_release);
    return true;
}

std::string_view Tape::bytes() const noexcept {
    const auto used = static_cast<std::size_t>(header_->used.load(std::memory_order_acquire));
    return {reinterpret_cast<const char*>(room_.data()), std::min(used, room_.size())};
}

std::uint64_t Tape::left_out() const noexcept {
    return header_->left_out.load(std::memory_order_relaxed);
}

// --- writing ------------------------------------------------------------------------------------

Recorder::Recorder(Tape tape, const RecordingLimits& limits) : tape_(tape), limits_(limits) {}

std::string_view Recorder::part_of_data(std::span<const std::byte> data) noexcept {
    const std::size_t left = limits_.data_of_run - data_;
    const std::size_t kept = std::min({data.size(), limits_.data_of_event, left});
    data_ += kept;
    return {reinterpret_cast<const char*>(data.data()), kept};
}

void Recorder::happened(const RunEvent& event) noexcept {
    full_ = full_ || events_++ >= limits_.events;
    if (full_ && event.kind != RunEventKind::verdict) return tape_.leave_out();
    Encoded fixed = encoded(event);
    const bool has_place = event.where.line() > 0;
    const SourcePath file = source_path(has_place ? event.where.file_name() : "");
    const std::string_view function = has_place ? event.where.function_name() : "";
    const std::string_view label =
        event.kind == RunEventKind::choice ? event.choice.label : std::string_view();
    const std::string_view texts[] = {file.text(),
                                      function.substr(0, longest_name),
                                      label.substr(0, longest_name),
                                      event.host.substr(0, longest_name),
                                      event.name.substr(0, longest_name),
                                      event.text.substr(0, limits_.text_of_event),
                                      part_of_data(event.data)};
    for (std::size_t i = 0; i < std::size(texts); ++i) {
        fixed.lengths[i] = static_cast<std::uint32_t>(texts[i].size());
    }
    encoded_.assign(reinterpret_cast<const char*>(&fixed), sizeof fixed);
    for (const std::string_view text : texts) encoded_ += text;
    if (tape_.add(encoded_)) return;
    full_ = true;
    tape_.leave_out();
}

// --- reading ------------------------------------------------------------------------------------

namespace {

/// GCC calls the place of an await in a coroutine "void F(F(arguments)::_Z...Frame*)": gives
/// "F(arguments)". Any other name stays.
std::string readable(std::string function) {
    const std::size_t frame = function.find("::_Z");
    const std::size_t open = function.find('(');
    const bool is_coroutine =
        function.ends_with(".Frame*)") && open < frame && frame != std::string::npos;
    return is_coroutine ? function.substr(open + 1, frame - open - 1) : function;
}

/// Reads what Recorder has written, and adds what only the whole list shows.
class Reader {
public:
    explicit Reader(const Tape& tape) : bytes_(tape.bytes()) { run_.left_out = tape.left_out(); }

    RecordedRun run() {
        while (bytes_.size() >= sizeof(Encoded)) {
            Encoded fixed;
            std::memcpy(&fixed, bytes_.data(), sizeof fixed);
            bytes_.remove_prefix(sizeof fixed);
            std::uint64_t length = 0;
            for (const std::uint32_t each : fixed.lengths) length += each;
            if (length > bytes_.size()) break;
            add(fixed);
        }
        return std::move(run_);
    }

private:
    std::string text(std::uint32_t length) {
        std::string text(bytes_.substr(0, length));
        bytes_.remove_prefix(length);
        return text;
    }

    void add(const Encoded& fixed) {
        RecordedEvent event = decoded(fixed);
        RecordedPlace place{text(fixed.lengths[0]), fixed.line, fixed.column, {}};
        place.function = readable(text(fixed.lengths[1]));
        event.label = text(fixed.lengths[2]);
        event.host = text(fixed.lengths[3]);
        event.name = text(fixed.lengths[4]);
        event.text = text(fixed.lengths[5]);
        event.data = text(fixed.lengths[6]);
        if (place.line > 0) event.place = number_of(place);
        if (event.kind == RunEventKind::choice) event.index = ++choices_;
        const bool received =
            (event.kind == RunEventKind::completed && event.operation == OperationKind::receive) ||
            event.kind == RunEventKind::tried_receive;
        if (received && event.data_size > 0) {
            std::uint64_t& position = received_[{event.connection, event.accepted}];
            event.position = position += event.data_size;
        }
        find_host(event);
        run_.events.push_back(std::move(event));
    }

    /// Tasks and probes are told without their host. A step belongs to one host, and a host's start
    /// spawns its program as the first task after it.
    void find_host(RecordedEvent& event) {
        switch (event.kind) {
            case RunEventKind::completed:
                running_ = event.host;
                booting_.clear();
                return;
            case RunEventKind::host_started:
                booting_ = event.host;
                return;
            case RunEventKind::task_joined:
                event.host = booting_.empty() ? running_ : booting_;
                booting_.clear();
                tasks_[event.number] = event.host;
                return;
            case RunEventKind::task_left:
                event.host = tasks_[event.number];
                return;
            case RunEventKind::probe:
                event.host = running_;
                return;
            default:
                return;
        }
    }

    std::size_t number_of(const RecordedPlace& place) {
        const auto key = std::tuple(place.file, place.line, place.column);
        const auto [known, is_new] = places_.emplace(key, run_.places.size() + 1);
        if (is_new) run_.places.push_back(place);
        return known->second;
    }

    std::string_view bytes_;
    RecordedRun run_;
    std::uint64_t choices_ = 0;
    std::string running_;                         // the host of the step
    std::string booting_;                         // the host that has just started
    std::map<std::uint64_t, std::string> tasks_;  // their hosts, by number
    std::map<std::pair<std::uint64_t, bool>, std::uint64_t> received_;  // by end
    std::map<std::tuple<std::string, std::uint32_t, std::uint32_t>, std::size_t> places_;
};

}  // namespace

RecordedRun read_run(const Tape& tape) { return Reader(tape).run(); }

}  // namespace drydock::sim
