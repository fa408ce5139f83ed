// Writing into the box and reading from it. The writer can end at any moment, so a count grows only
// after what it counts has been written.
#include "sim/farming/black_box.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>
#include <string_view>

#include "sim/farming/codec.hpp"
#include "sim/trace.hpp"

namespace drydock::sim {
namespace {

constexpr std::size_t most_choices = 4 * 1024 * 1024;
constexpr std::size_t most_spans = 512 * 1024;
constexpr std::size_t most_text = 1024 * 1024;  // all labels, each once, and its end
constexpr std::size_t most_lines = 4096;        // of a trace
constexpr std::size_t most_output = most_output_lines;
constexpr std::uint32_t still_open = ~std::uint32_t{0};

using Count = std::atomic<std::uint64_t>;
static_assert(Count::is_always_lock_free, "two processes share it");

/// A text of bounded length: what is too long loses its end.
template <std::size_t size>
struct Text {
    char text[size];

    void set(std::string_view value) noexcept {
        const std::size_t length = std::min(value.size(), size - 1);
        text[length] = '\0';
        std::memcpy(text, value.data(), length);
    }
    std::string get() const { return {text, std::find(text, text + size, '\0')}; }
};

struct SharedChoice {
    std::uint32_t value;
    std::uint32_t options;
    std::uint32_t label;  // where in the texts
};

struct SharedSpan {
    std::uint32_t label;
    std::uint32_t first;
    std::atomic<std::uint32_t> last;
};

struct SharedLine {
    bool is_step;
    Text<256> text;
};

void append(Count& count, auto write) noexcept {
    const std::uint64_t at = count.load(std::memory_order_relaxed);
    write(static_cast<std::size_t>(at));
    count.store(at + 1, std::memory_order_release);
}

std::string seconds_text(std::uint64_t nanoseconds) {
    std::string micros = std::to_string(nanoseconds / 1000 % 1'000'000);
    micros.insert(0, 6 - micros.size(), '0');
    return std::to_string(nanoseconds / 1'000'000'000) + "." + micros;
}

}  // namespace

struct BlackBox::Layout {
    Count step;
    Count at;    // nanoseconds
    Count made;  // choices, also those for which there was no room
    Count choices;
    Count spans;
    Count texts;  // bytes
    Count lines;
    Count outputs;    // lines of the program's output
    Text<512> began;  // how the step began
    Text<64> property;
    Text<4096> sentence;
    SharedChoice choice[most_choices];
    SharedSpan span[most_spans];
    char text[most_text];
    SharedLine line[most_lines];    // the last ones: number i is at i % most_lines
    Text<512> output[most_output];  // the same
};

// --- writing ------------------------------------------------------------------------------------

class BlackBox::Listener final : public RunListener {
public:
    Listener(Layout& box, std::size_t most_steps) : box_(box), most_steps_(most_steps), trace_(1) {}

    void happened(const RunEvent& event) noexcept override {
        box_.at.store(static_cast<std::uint64_t>(event.at.time_since_epoch().count()),
                      std::memory_order_relaxed);
        if (most_steps_ > 0) trace(event);
        switch (event.kind) {
            case RunEventKind::completed:
                return begin_step(event);
            case RunEventKind::choice:
                return choose(event.choice);
            case RunEventKind::span_begun:
                return begin_span(event.name);
            case RunEventKind::span_ended:
                return end_span();
            case RunEventKind::printed:
                return append(box_.outputs, [&](std::size_t at) {
                    box_.output[at % most_output].set(event.text);
                });
            case RunEventKind::verdict:
                box_.sentence.set(event.text);
                return box_.property.set(event.name);
            default:
                return;
        }
    }

private:
    /// A text that was written before, by its address: most labels are literals.
    struct KnownText {
        const char* address;
        std::uint32_t offset;
    };

    /// The lines that the trace of a run has for this event: at most one.
    void trace(const RunEvent& event) noexcept {
        const bool has_line =
            event.kind == RunEventKind::completed || event.kind == RunEventKind::tried_receive ||
            event.kind == RunEventKind::fault || event.kind == RunEventKind::identified ||
            event.kind == RunEventKind::printed ||
            (event.kind == RunEventKind::choice && event.choice.value != 0);
        if (!has_line) return;
        trace_.happened(event);
        const std::optional<Trace::Line> line = trace_.last();
        if (!line) return;
        append(box_.lines, [&](std::size_t at) {
            SharedLine& there = box_.line[at % most_lines];
            there.is_step = line->is_step;
            there.text.set(line->text);
        });
    }

    void begin_step(const RunEvent& event) noexcept {
        box_.began.set(describe(event, {}));
        box_.step.store(event.step, std::memory_order_release);
    }

    void choose(const Choice& choice) noexcept {
        box_.made.fetch_add(1, std::memory_order_relaxed);
        if (box_.choices.load(std::memory_order_relaxed) == most_choices) return;
        const std::uint32_t label = keep(choice.label);
        append(box_.choices, [&](std::size_t at) {
            box_.choice[at] = {choice.value, choice.options, label};
        });
    }

    void begin_span(std::string_view label) noexcept {
        const std::uint64_t number = box_.spans.load(std::memory_order_relaxed);
        open_.push_back(static_cast<std::uint32_t>(number));
        if (number == most_spans) return;
        const std::uint32_t kept = keep(label);
        append(box_.spans, [&](std::size_t at) {
            box_.span[at].label = kept;
            box_.span[at].first = choices();
            box_.span[at].last.store(still_open, std::memory_order_relaxed);
        });
    }

    void end_span() noexcept {
        if (open_.empty()) return;
        const std::uint32_t number = open_.back();
        open_.pop_back();
        if (number < most_spans) box_.span[number].last.store(choices(), std::memory_order_release);
    }

    std::uint32_t choices() const noexcept {
        return static_cast<std::uint32_t>(box_.choices.load(std::memory_order_relaxed));
    }

    /// Where the text lies in the box. A text for which there is no room is that at 0: none.
    std::uint32_t keep(std::string_view text) noexcept {
        for (const KnownText& known : known_) {
            const char* const there = box_.text + known.offset;
            const bool same_address = known.address == text.data();
            if (same_address && text == std::string_view(there)) return known.offset;
        }
        const std::uint64_t offset = box_.texts.load(std::memory_order_relaxed);
        if (offset + text.size() + 1 > most_text) return 0;
        std::memcpy(box_.text + offset, text.data(), text.size());
        box_.text[offset + text.size()] = '\0';
        box_.texts.store(offset + text.size() + 1, std::memory_order_release);
        known_.push_back({text.data(), static_cast<std::uint32_t>(offset)});
        return static_cast<std::uint32_t>(offset);
    }

    Layout& box_;
    std::size_t most_steps_;
    Trace trace_;
    std::vector<KnownText> known_;
    std::vector<std::uint32_t> open_;  // spans, the outermost first

    friend class BlackBox;
};

BlackBox::BlackBox() : memory_(sizeof(Layout)) {}

BlackBox::~BlackBox() = default;

BlackBox::Layout& BlackBox::layout() const noexcept {
    return *std::launder(reinterpret_cast<Layout*>(memory_.data()));
}

RunListener& BlackBox::record(std::size_t trace) {
    Layout& box = layout();
    for (Count* count :
         {&box.step, &box.at, &box.made, &box.choices, &box.spans, &box.lines, &box.outputs}) {
        count->store(0);
    }
    box.text[0] = '\0';
    box.texts.store(1);
    box.began.set("");
    box.property.set("");
    box.sentence.set("");
    listener_ = std::make_unique<Listener>(box, trace);
    return *listener_;
}

// --- reading ------------------------------------------------------------------------------------

Report BlackBox::read(std::string_view property) const {
    const Layout& box = layout();
    Report report;
    report.property = box.property.get();
    report.sentence = box.sentence.get();
    if (report.property.empty()) report.property = property;
    report.recorded = true;
    report.completions = box.step.load();
    report.choices = box.made.load();
    report.virtual_time = Duration(static_cast<Duration::rep>(box.at.load()));
    const auto text_at = [&](std::uint32_t offset) { return lasting(box.text + offset); };
    std::vector<std::pair<std::uint32_t, const char*>> labels;
    const auto label_at = [&](std::uint32_t offset) {
        for (const auto& [known, label] : labels) {
            if (known == offset) return label;
        }
        return labels.emplace_back(offset, text_at(offset)).second;
    };
    const auto count = static_cast<std::size_t>(box.choices.load(std::memory_order_acquire));
    report.schedule.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const SharedChoice& choice = box.choice[i];
        report.schedule.push_back({choice.value, choice.options, label_at(choice.label)});
    }
    const auto spans = static_cast<std::size_t>(box.spans.load(std::memory_order_acquire));
    for (std::size_t i = 0; i < spans; ++i) {
        const SharedSpan& span = box.span[i];
        const std::uint32_t last = span.last.load();
        report.spans.push_back(
            {label_at(span.label), span.first, last == still_open ? count : last});
    }
    report.trace = trace_lines(report.property);
    const std::uint64_t outputs = box.outputs.load(std::memory_order_acquire);
    for (std::uint64_t i = outputs - std::min<std::uint64_t>(outputs, most_output); i < outputs;
         ++i) {
        report.output.push_back(box.output[i % most_output].get());
    }
    return report;
}

/// The last steps that were asked for, and what belongs to them. The last one has a mark.
std::vector<std::string> BlackBox::trace_lines(const std::string& property) const {
    const Layout& box = layout();
    const std::uint64_t end = box.lines.load(std::memory_order_acquire);
    const std::uint64_t kept = std::min<std::uint64_t>(end, most_lines);
    std::size_t steps = listener_ ? listener_->most_steps_ : 0;
    std::vector<std::string> text;
    for (std::uint64_t i = end; i > end - kept && steps > 0; --i) {
        const SharedLine& line = box.line[(i - 1) % most_lines];
        const bool first_step = line.is_step && steps == listener_->most_steps_;
        if (line.is_step) --steps;
        const std::string shown = line.text.get();
        text.push_back(first_step ? ">" + shown.substr(1) + "  <-- " + property : shown);
    }
    std::reverse(text.begin(), text.end());
    return text;
}

std::string BlackBox::place() const {
    const Layout& box = layout();
    const std::uint64_t step = box.step.load();
    if (step == 0) return "before the first completion";
    return "in step " + std::to_string(step) + ", at " + seconds_text(box.at.load()) +
           " virtual seconds, which began with the completion of a " + box.began.get();
}

}  // namespace drydock::sim
