// Reading and writing schedule files.
#include "sim/schedule.hpp"

#include <charconv>

namespace drydock::sim {
namespace {

/// Cuts off and gives the first line, without its end ("\r\n" or "\n").
std::string_view take_line(std::string_view& text) noexcept {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

/// Cuts off and gives the first word.
std::string_view take_word(std::string_view& line) noexcept {
    const std::size_t end = line.find(' ');
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
    return word;
}

template <typename Number>
bool parse_number(std::string_view word, Number& number) noexcept {
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    return error == std::errc() && end == word.data() + word.size() && !word.empty();
}

bool parse_choice(std::string_view line, std::vector<std::uint32_t>& values) {
    std::uint32_t value = 0;
    std::uint32_t options = 0;
    if (!parse_number(take_word(line), value) || !parse_number(take_word(line), options)) {
        return false;
    }
    if (value >= options) return false;
    values.push_back(value);
    return true;
}

/// One line of the body. False: it means nothing.
bool parse_body_line(std::string_view line, Schedule& schedule) {
    const std::string_view key = take_word(line);
    if (key == "scenario") {
        schedule.scenario = line;
        return !line.empty();
    }
    if (key == "property") {
        schedule.property = line;
        return true;
    }
    if (key == "calm-after") return parse_number(line, schedule.calm_after);
    return key == "choice" && parse_choice(line, schedule.values);
}

std::string check_header(std::string_view line) {
    int version = 0;
    const bool ours = take_word(line) == "drydock-schedule" && parse_number(line, version);
    if (!ours) return "it does not begin with 'drydock-schedule' and a version";
    if (version == schedule_version) return {};
    return "it has version " + std::to_string(version) + ", and this program knows only version " +
           std::to_string(schedule_version);
}

}  // namespace

std::string write_schedule(std::string_view scenario, const RunOptions& options,
                           const Report& report) {
    std::string text = "drydock-schedule " + std::to_string(schedule_version) + "\n";
    text += "scenario " + std::string(scenario) + "\n";
    if (!report.passed) text += "property " + report.property + "\n";
    text += "calm-after " + std::to_string(options.calm_after) + "\n";
    for (const Choice& choice : report.schedule) {
        text += "choice " + std::to_string(choice.value) + " " + std::to_string(choice.options) +
                " " + choice.label + "\n";
    }
    return text + "end\n";
}

ParsedSchedule parse_schedule(std::string_view text) {
    ParsedSchedule parsed;
    parsed.complaint = check_header(take_line(text));
    if (!parsed.ok()) return parsed;
    for (std::size_t number = 2; !text.empty(); ++number) {
        const std::string_view line = take_line(text);
        if (line == "end") {
            if (parsed.schedule.scenario.empty()) parsed.complaint = "it names no scenario";
            return parsed;
        }
        if (!parse_body_line(line, parsed.schedule)) {
            parsed.complaint = "its line " + std::to_string(number) + " cannot be understood";
            return parsed;
        }
    }
    parsed.complaint = "it is cut short: the closing 'end' is missing";
    return parsed;
}

}  // namespace drydock::sim
