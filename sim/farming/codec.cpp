// Summaries and reports as bytes.
#include "sim/farming/codec.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <set>

namespace drydock::sim {
namespace {

constexpr std::size_t number_size = sizeof(std::uint64_t);

}  // namespace

// --- writing ------------------------------------------------------------------------------------

void Encoder::number(std::uint64_t value) {
    char raw[number_size];
    std::memcpy(raw, &value, number_size);
    bytes_.append(raw, number_size);
}

void Encoder::text(std::string_view value) {
    number(value.size());
    bytes_ += value;
}

void Encoder::summary(const FarmSummary& value) {
    for (const std::uint64_t each :
         {value.first, value.seeds, value.failures, value.completions, value.digest}) {
        number(each);
    }
    number(value.probes.size());
    for (const auto& [name, hits] : value.probes) {
        text(name);
        number(hits);
    }
    number(value.behaviors.halvings());
    number(value.behaviors.kept().size());
    for (const auto& [behavior, more_than_once] : value.behaviors.kept()) {
        number(behavior);
        number(more_than_once ? 1 : 0);
    }
    number(value.failed.size());
    for (const auto& [property, group] : value.failed) {
        text(property);
        number(group.count);
        number(group.first);
        text(group.sentence);
        text(group.options);
    }
    number(value.digests.size());
    for (const std::uint64_t digest : value.digests) number(digest);
}

void Encoder::report(const Report& value) {
    number(value.passed ? 1 : 0);
    for (const std::string* each :
         {&value.property, &value.sentence, &value.options, &value.outcome}) {
        text(*each);
    }
    for (const std::uint64_t each : {value.digest, value.completions, value.choices}) number(each);
    number(static_cast<std::uint64_t>(value.virtual_time.count()));
    number(value.redundant ? 1 : 0);
    number(value.recorded ? 1 : 0);
    number(value.monitor_entries);
    number(value.active_faults.bits());
    number(value.probes.size());
    for (const ProbeHits& probe : value.probes) {
        text(probe.name);
        number(probe.hits);
    }
    number(value.schedule.size());
    for (const Choice& choice : value.schedule) {
        number(std::uint64_t{choice.options} << 32 | choice.value);
        text(choice.label);
    }
    number(value.spans.size());
    for (const ChoiceSpan& span : value.spans) {
        text(span.label);
        number(span.first);
        number(span.last);
    }
    for (const std::vector<std::string>* const lines : {&value.trace, &value.output}) {
        number(lines->size());
        for (const std::string& line : *lines) text(line);
    }
    number(value.marks.size());
    for (const Mark& mark : value.marks) {
        number(mark.digest);
        number(static_cast<std::uint64_t>(mark.at.count()));
        number(mark.bytes);
        number(mark.connection);
        number(static_cast<std::uint64_t>(mark.kind));
        number(static_cast<std::uint64_t>(mark.error));
        number(mark.accepted ? 1 : 0);
    }
}

void Encoder::shrunk(const Shrunk& value) {
    report(value.report);
    number(value.runs);
    number(value.finished ? 1 : 0);
}

// --- reading ------------------------------------------------------------------------------------

std::uint64_t Decoder::number() noexcept {
    std::uint64_t value = 0;
    if (bytes_.size() < number_size) {
        good_ = false;
        bytes_ = {};
        return 0;
    }
    std::memcpy(&value, bytes_.data(), number_size);
    bytes_.remove_prefix(number_size);
    return value;
}

/// How many things follow, each of at least one number.
std::size_t Decoder::count() noexcept {
    const std::uint64_t value = number();
    if (value <= bytes_.size() / number_size) return static_cast<std::size_t>(value);
    good_ = false;
    bytes_ = {};
    return 0;
}

std::string Decoder::text() {
    const std::uint64_t size = number();
    if (size > bytes_.size()) {
        good_ = false;
        bytes_ = {};
        return {};
    }
    const std::string value(bytes_.substr(0, static_cast<std::size_t>(size)));
    bytes_.remove_prefix(static_cast<std::size_t>(size));
    return value;
}

void Decoder::read_behaviors(Behaviors& behaviors) {
    const std::uint64_t halvings = number();
    std::map<std::uint64_t, bool> kept;
    for (std::size_t left = count(); left > 0; --left) {
        const std::uint64_t behavior = number();
        kept.emplace_hint(kept.end(), behavior, number() != 0);
    }
    constexpr std::uint64_t most = 64;
    const auto known = static_cast<unsigned>(std::min(halvings, most));
    if (!Behaviors::read(known, kept, behaviors)) good_ = false;
}

FarmSummary Decoder::summary() {
    FarmSummary value;
    for (std::uint64_t* each :
         {&value.first, &value.seeds, &value.failures, &value.completions, &value.digest}) {
        *each = number();
    }
    for (std::size_t left = count(); left > 0; --left) {
        std::string name = text();
        value.probes.emplace_hint(value.probes.end(), std::move(name), number());
    }
    read_behaviors(value.behaviors);
    for (std::size_t left = count(); left > 0; --left) {
        FailureGroup& group = value.failed[text()];
        group.count = number();
        group.first = number();
        group.sentence = text();
        group.options = text();
    }
    value.digests.resize(count());
    for (std::uint64_t& digest : value.digests) digest = number();
    return value;
}

Report Decoder::report() {
    Report value;
    value.passed = number() != 0;
    for (std::string* each : {&value.property, &value.sentence, &value.options, &value.outcome}) {
        *each = text();
    }
    for (std::uint64_t* each : {&value.digest, &value.completions, &value.choices}) {
        *each = number();
    }
    value.virtual_time = Duration(static_cast<Duration::rep>(number()));
    value.redundant = number() != 0;
    value.recorded = number() != 0;
    value.monitor_entries = number();
    const std::uint64_t active = number();
    for (int i = 0; i < fault_count; ++i) {
        const auto fault = static_cast<Fault>(i);
        if (active >> i & 1) value.active_faults = value.active_faults.with(fault);
    }
    value.probes.resize(count());
    for (ProbeHits& probe : value.probes) {
        probe.name = lasting(text());
        probe.hits = number();
    }
    value.schedule.resize(count());
    for (Choice& choice : value.schedule) {
        const std::uint64_t both = number();
        choice.value = static_cast<std::uint32_t>(both);
        choice.options = static_cast<std::uint32_t>(both >> 32);
        choice.label = lasting(text());
    }
    value.spans.resize(count());
    for (ChoiceSpan& span : value.spans) {
        span.label = lasting(text());
        span.first = static_cast<std::size_t>(number());
        span.last = static_cast<std::size_t>(number());
    }
    for (std::vector<std::string>* const lines : {&value.trace, &value.output}) {
        lines->resize(count());
        for (std::string& line : *lines) line = text();
    }
    value.marks.resize(count());
    for (Mark& mark : value.marks) {
        mark.digest = number();
        mark.at = Duration(static_cast<Duration::rep>(number()));
        mark.bytes = static_cast<std::size_t>(number());
        mark.connection = number();
        mark.kind = static_cast<OperationKind>(number());
        mark.error = static_cast<Error>(number());
        mark.accepted = number() != 0;
    }
    return value;
}

Shrunk Decoder::shrunk() {
    Shrunk value;
    value.report = report();
    value.runs = number();
    value.finished = number() != 0;
    return value;
}

// --- frames, and texts that last ----------------------------------------------------------------

std::string framed(const std::string& bytes) {
    Encoder whole;
    whole.text(bytes);
    return whole.bytes();
}

std::optional<std::string> take_frame(std::string& received) {
    if (received.size() < number_size) return std::nullopt;
    Decoder start(std::string_view(received).substr(0, number_size));
    const std::uint64_t size = start.number();
    if (received.size() - number_size < size) return std::nullopt;
    std::string frame = received.substr(number_size, static_cast<std::size_t>(size));
    received.erase(0, number_size + static_cast<std::size_t>(size));
    return frame;
}

const char* lasting(std::string_view text) {
    static std::mutex mutex;
    static std::set<std::string, std::less<>> texts;
    const std::lock_guard lock(mutex);
    const auto known = texts.find(text);
    if (known != texts.end()) return known->c_str();
    return texts.emplace(text).first->c_str();
}

}  // namespace drydock::sim
