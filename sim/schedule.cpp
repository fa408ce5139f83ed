// Reading and writing schedule files.
#include <drydock/sim/schedule.hpp>

#include <charconv>

#include "sim/invalid.hpp"

namespace drydock::sim {
namespace {

constexpr std::size_t prefix_of_faults = sizeof "fault." - 1;

/// Cuts off and gives the first line, without its end ("\r\n" or "\n").
std::string_view take_line(std::string_view& text) noexcept {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

/// Cuts off and gives the first word.
std::string_view take_word(std::string_view& line, std::string_view separators = " ") noexcept {
    const std::size_t end = line.find_first_of(separators);
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
    return word;
}

template <typename Number>
bool parse_number(std::string_view word, Number& number) noexcept {
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    return error == std::errc() && end == word.data() + word.size() && !word.empty();
}

/// Reads the lines between the header and the closing "end".
class Reader {
public:
    explicit Reader(Schedule& schedule) noexcept : schedule_(schedule) {}

    /// One line. False: it means nothing.
    bool read(std::string_view line) {
        const std::string_view key = take_word(line);
        RunSetup& setup = schedule_.setup;
        if (key == "choice") return read_choice(line);
        if (key == "begin") return begin(line);
        if (key == "end") return end(line);
        if (key == "scenario") return read_text(line, setup.scenario) && !line.empty();
        if (key == "property") return read_text(line, schedule_.property);
        if (key == "sentence") return read_text(line, schedule_.sentence);
        if (key == "set") return read_setting(line);
        if (key == "faults") return read_faults(line, setup.options.faults);
        if (key == "always") return read_faults(line, setup.options.always);
        if (key == "calm-after") return parse_number(line, setup.options.calm_after);
        if (key == "calm-after-time") return read_time(line, setup.options.calm_after_time);
        if (key == "calm-bound") return parse_number(line, setup.options.calm_bound);
        if (key == "most-resets") return parse_number(line, setup.options.most_resets);
        if (key == "most-crashes") return parse_number(line, setup.options.most_crashes);
        if (key == "most-partitions") return parse_number(line, setup.options.most_partitions);
        if (key == "prompt-clients") return setup.options.prompt_clients = line.empty();
        return key == "options";  // for people: it is chosen again
    }

    bool inside_a_span() const noexcept { return !open_.empty(); }

private:
    const char* keep(std::string_view label) {
        return schedule_.labels.emplace(label).first->c_str();
    }

    bool read_choice(std::string_view line) {
        Choice choice;
        if (!parse_number(take_word(line), choice.value)) return false;
        if (!parse_number(take_word(line), choice.options)) return false;
        if (choice.value >= choice.options) return false;
        choice.label = keep(line);
        schedule_.choices.push_back(choice);
        return true;
    }

    bool begin(std::string_view label) {
        const std::size_t here = schedule_.choices.size();
        open_.push_back(schedule_.spans.size());
        schedule_.spans.push_back({keep(label), here, here});
        return !label.empty();
    }

    bool end(std::string_view label) {
        if (open_.empty() || label != schedule_.spans[open_.back()].label) return false;
        schedule_.spans[open_.back()].last = schedule_.choices.size();
        open_.pop_back();
        return true;
    }

    static bool read_text(std::string_view line, std::string& text) {
        text = line;
        return true;
    }

    bool read_setting(std::string_view line) {
        const std::string_view name = take_word(line);
        std::uint64_t value = 0;
        if (name.empty() || !parse_number(line, value)) return false;
        schedule_.setup.settings.emplace_back(name, value);
        return true;
    }

    static bool read_faults(std::string_view line, FaultSet& faults) {
        const std::optional<FaultSet> read = parse_faults(line);
        if (read) faults = *read;
        return read.has_value();
    }

    static bool read_time(std::string_view line, Duration& time) {
        Duration::rep count = 0;
        if (!parse_number(line, count) || count < 0) return false;
        time = Duration(count);
        return true;
    }

    Schedule& schedule_;
    std::vector<std::size_t> open_;
};

std::string check_header(std::string_view line) {
    int version = 0;
    const bool ours = take_word(line) == "drydock-schedule" && parse_number(line, version);
    if (!ours || version < 1) return "it does not begin with 'drydock-schedule' and a version";
    if (version <= schedule_version) return {};
    return "it has version " + std::to_string(version) +
           ", and this program knows versions up to " + std::to_string(schedule_version);
}

/// A text that takes one line, whatever is in it.
std::string on_one_line(std::string_view text) {
    std::string line(text);
    for (char& c : line) {
        if (c == '\n' || c == '\r') c = ' ';
    }
    return line;
}

std::string write_setup(const RunSetup& setup) {
    std::string text = "scenario " + setup.scenario + "\n";
    for (const auto& [name, value] : setup.settings) {
        text += "set " + name + " " + std::to_string(value) + "\n";
    }
    const RunOptions& options = setup.options;
    if (options.faults != FaultSet::all()) text += "faults " + fault_names(options.faults) + "\n";
    if (options.always != FaultSet()) text += "always " + fault_names(options.always) + "\n";
    text += "calm-after " + std::to_string(options.calm_after) + "\n";
    const RunOptions usual;
    const auto add = [&](const char* key, auto value, auto usual_value) {
        if (value != usual_value) text += key + (" " + std::to_string(value)) + "\n";
    };
    add("calm-after-time", options.calm_after_time.count(), usual.calm_after_time.count());
    add("calm-bound", options.calm_bound, usual.calm_bound);
    add("most-resets", options.most_resets, usual.most_resets);
    add("most-crashes", options.most_crashes, usual.most_crashes);
    add("most-partitions", options.most_partitions, usual.most_partitions);
    if (options.prompt_clients) text += "prompt-clients\n";
    return text;
}

}  // namespace

std::string write_schedule(const RunSetup& setup, const Report& report) {
    if (!report.recorded && report.choices > 0) {
        refuse_argument("the report has no schedule: RunOptions::record was not set");
    }
    std::string text = "drydock-schedule " + std::to_string(schedule_version) + "\n";
    text += write_setup(setup);
    if (!report.passed) {
        text += "property " + report.property + "\n";
        text += "sentence " + on_one_line(report.sentence) + "\n";
    }
    if (!report.options.empty()) text += "options " + on_one_line(report.options) + "\n";
    std::vector<const ChoiceSpan*> open;
    auto next = report.spans.begin();
    for (std::size_t i = 0; i <= report.schedule.size(); ++i) {
        for (; !open.empty() && open.back()->last <= i; open.pop_back()) {
            text += "end " + std::string(open.back()->label) + "\n";
        }
        if (i == report.schedule.size()) break;
        for (; next != report.spans.end() && next->first <= i; ++next) {
            if (next->first == next->last) continue;
            text += "begin " + std::string(next->label) + "\n";
            open.push_back(&*next);
        }
        const Choice& choice = report.schedule[i];
        text += "choice " + std::to_string(choice.value) + " " + std::to_string(choice.options) +
                " " + choice.label + "\n";
    }
    return text + "end\n";
}

ParsedSchedule parse_schedule(std::string_view text) {
    ParsedSchedule parsed;
    parsed.complaint = check_header(take_line(text));
    if (!parsed.ok()) return parsed;
    Reader reader(parsed.schedule);
    for (std::size_t number = 2; !text.empty(); ++number) {
        const std::string_view line = take_line(text);
        if (line == "end") {
            if (reader.inside_a_span()) parsed.complaint = "it ends inside a span";
            if (parsed.schedule.setup.scenario.empty()) parsed.complaint = "it names no scenario";
            return parsed;
        }
        if (!reader.read(line)) {
            parsed.complaint = "its line " + std::to_string(number) + " cannot be understood";
            return parsed;
        }
    }
    parsed.complaint = "it is cut short: the closing 'end' is missing";
    return parsed;
}

std::string fault_names(FaultSet faults) {
    std::string text;
    for (int i = 0; i < fault_count; ++i) {
        const auto fault = static_cast<Fault>(i);
        if (!faults.has(fault)) continue;
        text += (text.empty() ? "" : " ") + std::string(name(fault).substr(prefix_of_faults));
    }
    return text.empty() ? "none" : text;
}

std::optional<FaultSet> parse_faults(std::string_view names) {
    FaultSet faults;
    if (names == "none") return faults;
    if (names == "all") return FaultSet::all();
    while (!names.empty()) {
        const std::string_view word = take_word(names, " ,");
        int i = 0;
        while (i < fault_count && name(static_cast<Fault>(i)).substr(prefix_of_faults) != word) ++i;
        if (i == fault_count) return std::nullopt;
        faults = faults.with(static_cast<Fault>(i));
    }
    return faults;
}

}  // namespace drydock::sim
