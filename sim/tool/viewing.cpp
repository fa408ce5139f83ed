// view: a run as a page, as JSON and in the formats of other viewers.
#include "sim/tool/viewing.hpp"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/picture/mermaid.hpp"
#include "sim/picture/page.hpp"
#include "sim/picture/perfetto.hpp"
#include "sim/tool/common.hpp"
#include "src/cli/output.hpp"

namespace drydock::app {

std::optional<ViewFormat> parse_format(const std::string& name) {
    if (name == "html") return ViewFormat::html;
    if (name == "json") return ViewFormat::json;
    if (name == "perfetto") return ViewFormat::perfetto;
    if (name == "mermaid") return ViewFormat::mermaid;
    complain(fmt::format(
        "there is no format '{}'; the formats are html, json, perfetto and mermaid", shown(name)));
    return std::nullopt;
}

bool write_view(const std::string& path, const std::string& text) {
    if (path == "-") {
        standard_output().write(text);
        return true;
    }
    const std::string part = path + ".part";
    std::error_code error;
    std::ofstream file(part, std::ios::binary);
    file << text;
    file.close();
    if (file) std::filesystem::rename(part, path, error);
    if (file && !error) return true;
    std::filesystem::remove(part, error);
    complain(fmt::format("cannot write the file '{}'", path));
    return false;
}

namespace {

std::optional<std::string> mermaid_text(const sim::Picture& picture) {
    std::optional<std::string> text = sim::mermaid_of(picture);
    if (!text) {
        complain(fmt::format(
            "the run is too large for a sequence diagram: it has more than {} lines of it; the "
            "other formats can hold it",
            sim::most_mermaid_lines));
    }
    return text;
}

}  // namespace

std::optional<std::string> view_text(const sim::Picture& picture, ViewFormat format) {
    switch (format) {
        case ViewFormat::html:
            return sim::page_of(sim::json_of(picture));
        case ViewFormat::json:
            return sim::text_of(sim::json_of(picture));
        case ViewFormat::perfetto:
            return sim::text_of(sim::perfetto_of(picture));
        case ViewFormat::mermaid:
            return mermaid_text(picture);
    }
    return std::nullopt;
}

namespace {

std::string ending_of(ViewFormat format) {
    switch (format) {
        case ViewFormat::html:
            return ".html";
        case ViewFormat::json:
            return ".json";
        case ViewFormat::perfetto:
            return ".perfetto.json";
        case ViewFormat::mermaid:
            return ".mmd";
    }
    return {};
}

std::string out_of(const ViewArguments& arguments, ViewFormat format) {
    if (!arguments.out.empty()) return arguments.out;
    return std::filesystem::path(arguments.files.front())
        .replace_extension(ending_of(format))
        .string();
}

/// A schedule file, its run, and the picture of that.
std::optional<sim::Picture> picture_of_file(const ViewArguments& arguments,
                                            const std::string& file) {
    std::optional<sim::Schedule> schedule = load_schedule(file);
    if (!schedule) return std::nullopt;
    const std::optional<Found> found = find(arguments, schedule->setup);
    if (!found) return std::nullopt;
    sim::Apart apart = apart_of(arguments);
    apart.last_words = fmt::format("scenario {}, schedule {}", found->setup.scenario, file);
    Recorded recorded = record_replay(*found, schedule->choices, apart);
    sim::Picture picture = picture_of(*found, std::move(recorded), {arguments.sources});
    picture.file = file;
    picture.again = fmt::format("{} replay {} --trace 40", arguments.tool->start, file);
    return picture;
}

}  // namespace

int run_view(const ViewArguments& arguments) {
    const std::optional<ViewFormat> format = parse_format(arguments.format);
    if (!format) return exit_wrong_usage;
    const std::optional<sim::Picture> picture = picture_of_file(arguments, arguments.files.front());
    if (!picture) return exit_wrong_usage;
    const std::optional<std::string> text = view_text(*picture, *format);
    if (!text || !write_view(out_of(arguments, *format), *text)) return exit_wrong_usage;
    return exit_ok;
}

}  // namespace drydock::app
