// view: a run as a page, as JSON and in the formats of other viewers.
#include "sim/tool/viewing.hpp"

#include <filesystem>
#include <fstream>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/picture/comparison.hpp"
#include "sim/picture/encoding.hpp"
#include "sim/picture/mermaid.hpp"
#include "sim/picture/page.hpp"
#include "sim/picture/perfetto.hpp"
#include "sim/tool/benign.hpp"
#include "sim/tool/common.hpp"
#include "sim/tool/inevitability.hpp"
#include "sim/tool/report.hpp"
#include "src/cli/output.hpp"

namespace drydock::app {
namespace fs = std::filesystem;

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
    return save_whole(path, text);
}

bool would_overwrite(const std::string& path, const std::string& file) {
    std::error_code error;
    if (path.empty() || path == "-" || !fs::equivalent(path, file, error) || error) return false;
    complain(fmt::format("the page would overwrite the schedule '{}'", shown(file)));
    return true;
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

/// Where the text goes. Nothing: a complaint says why there is no such place.
std::optional<std::string> out_of(const ViewArguments& arguments, ViewFormat format) {
    const std::string& first = arguments.files.front();
    std::string out = arguments.out;
    if (out.empty()) {
        std::error_code error;
        if (!fs::is_regular_file(first, error)) {
            complain(fmt::format("'{}' is no file beside which a page can be put: --out names one",
                                 shown(first)));
            return std::nullopt;
        }
        out = fs::path(first).replace_extension(ending_of(format)).string();
    }
    for (const std::string& file : arguments.files) {
        if (would_overwrite(out, file)) return std::nullopt;
    }
    return out;
}

/// What a schedule file says, and its run.
struct Viewed {
    Found found;
    Recorded recorded;
    sim::Apart apart;
};

std::optional<Viewed> run_file(const ApartArguments& arguments, const std::string& file) {
    const std::optional<sim::Schedule> schedule = load_schedule(file);
    if (!schedule) return std::nullopt;
    std::optional<Found> found = find(arguments, schedule->setup);
    if (!found) return std::nullopt;
    sim::Apart apart = apart_of(arguments);
    apart.last_words = fmt::format("scenario {}, schedule {}", found->setup.scenario, file);
    Recorded recorded = record_replay(*found, schedule->choices, apart);
    if (const auto divergence = divergence_of(*schedule, recorded.report)) {
        complain(
            fmt::format("'{}': {}", shown(file), sim::for_terminal(divergence_text(*divergence))));
    }
    return Viewed{*std::move(found), std::move(recorded), std::move(apart)};
}

sim::Picture picture_of_file(const ViewArguments& arguments, const std::string& file,
                             Viewed viewed) {
    sim::Picture picture =
        picture_of(viewed.found, std::move(viewed.recorded), {arguments.sources});
    picture.file = file;
    picture.again = fmt::format("{} replay {} --trace 40", arguments.tool->start, file);
    return picture;
}

std::function<bool()> when_time_is_up(double seconds) {
    return [stopwatch = Stopwatch(), seconds] { return stopwatch.seconds() >= seconds; };
}

/// One run in one format.
std::optional<std::string> text_of_one(const ViewArguments& arguments, Viewed viewed,
                                       ViewFormat format) {
    const std::string& file = arguments.files.front();
    std::optional<Explained> explained;
    if (arguments.explain) {
        if (viewed.recorded.report.passed) {
            complain(fmt::format("the schedule '{}' passes, so there is nothing to explain", file));
            return std::nullopt;
        }
        explained =
            explain(viewed.found, viewed.recorded, viewed.apart, when_time_is_up(arguments.time));
    }
    sim::Picture picture = picture_of_file(arguments, file, std::move(viewed));
    if (explained) {
        picture.inevitability = std::move(explained->curve);
        picture.inevitability_sentence = std::move(explained->sentence);
    }
    return view_text(picture, format);
}

std::optional<std::string> text_of_two(const sim::Picture& first, const sim::Picture& second,
                                       ViewFormat format) {
    if (first.setup.scenario != second.setup.scenario) {
        complain(
            fmt::format("the schedules are of different scenarios, '{}' and '{}', which "
                        "cannot be compared",
                        first.setup.scenario, second.setup.scenario));
        return std::nullopt;
    }
    if (format == ViewFormat::html) return sim::page_of(sim::comparison_of(first, second));
    if (format == ViewFormat::json) return sim::text_of(sim::comparison_of(first, second));
    complain("two runs can be compared in the formats html and json alone");
    return std::nullopt;
}

/// The failing run beside the nearest one that passes.
std::optional<std::string> text_beside_benign(const ViewArguments& arguments, Viewed viewed,
                                              ViewFormat format) {
    const std::string& file = arguments.files.front();
    if (viewed.recorded.report.passed) {
        complain(
            fmt::format("the schedule '{}' passes, so it is its own nearest benign run", file));
        return std::nullopt;
    }
    const std::optional<std::vector<sim::Choice>> benign =
        nearest_benign(viewed.found, viewed.recorded.report.schedule, viewed.apart);
    if (!benign) {
        complain(fmt::format("the schedule '{}' fails also when all its choices are benign", file));
        return std::nullopt;
    }
    sim::Picture second = picture_of(
        viewed.found, record_replay(viewed.found, *benign, viewed.apart), {arguments.sources});
    const sim::Picture first = picture_of_file(arguments, file, std::move(viewed));
    return text_of_two(first, second, format);
}

std::optional<std::string> text_of_files(const ViewArguments& arguments, ViewFormat format) {
    std::optional<Viewed> first = run_file(arguments, arguments.files.front());
    if (!first) return std::nullopt;
    if (arguments.files.size() == 1) {
        return arguments.beside_benign ? text_beside_benign(arguments, *std::move(first), format)
                                       : text_of_one(arguments, *std::move(first), format);
    }
    std::optional<Viewed> second = run_file(arguments, arguments.files.back());
    if (!second) return std::nullopt;
    return text_of_two(picture_of_file(arguments, arguments.files.front(), *std::move(first)),
                       picture_of_file(arguments, arguments.files.back(), *std::move(second)),
                       format);
}

}  // namespace

bool write_page(const Found& found, Recorded recorded, const PageOrigin& origin,
                const std::string& path) {
    sim::Picture picture = picture_of(found, std::move(recorded), {});
    picture.seed = origin.seed;
    picture.file = origin.file;
    picture.again = origin.again;
    return write_view(path, sim::page_of(sim::json_of(picture)));
}

int run_view(const ViewArguments& arguments) {
    const std::optional<ViewFormat> format = parse_format(arguments.format);
    if (!format) return exit_wrong_usage;
    if (arguments.files.size() > 1 && (arguments.beside_benign || arguments.explain)) {
        complain("--beside-benign and --explain are about one schedule, and two were given");
        return exit_wrong_usage;
    }
    if (arguments.beside_benign && arguments.explain) {
        complain("--beside-benign and --explain cannot be combined");
        return exit_wrong_usage;
    }
    const std::optional<std::string> out = out_of(arguments, *format);
    if (!out) return exit_wrong_usage;
    const std::optional<std::string> text = text_of_files(arguments, *format);
    if (!text || !write_view(*out, *text)) return exit_wrong_usage;
    return exit_ok;
}

// --- explain ------------------------------------------------------------------------------------

namespace {

void print_explanation(const Viewed& viewed, const Explained& explained) {
    constexpr int bar_length = 40;
    const std::vector<sim::Choice>& schedule = viewed.recorded.report.schedule;
    print("{} FAILED: {}\n  {}\n", viewed.found.setup.scenario, viewed.recorded.report.property,
          viewed.recorded.report.sentence);
    print("  choices kept    fail alike\n");
    for (std::size_t i = 0; i < explained.curve.size(); ++i) {
        const sim::Inevitability& point = explained.curve[i];
        const auto kept = static_cast<std::size_t>(point.choices);
        const bool after = kept > 0 && (schedule[kept - 1].value != 0 || kept == explained.jump);
        const bool before = kept + 1 == explained.jump;
        if (i > 0 && i + 1 < explained.curve.size() && !after && !before) continue;
        const double share = static_cast<double>(point.failed) / static_cast<double>(point.runs);
        const std::string bar(static_cast<std::size_t>(share * bar_length + 0.5), '#');
        const std::string what =
            kept == 0 ? std::string()
                      : fmt::format("{} = {}", schedule[kept - 1].label, schedule[kept - 1].value);
        print("  {:>12}  {:>10.0f} %  {:<40}  {}\n", kept, 100 * share, bar, what);
    }
    print("  {}\n  {} for each number of choices{}\n", explained.sentence,
          count_of(explained.samples, "run"), explained.cut ? " (time was up)" : "");
}

void print_explanation_json(const Viewed& viewed, const Explained& explained) {
    nlohmann::ordered_json object;
    object["scenario"] = viewed.found.setup.scenario;
    object["property"] = viewed.recorded.report.property;
    object["sentence"] = explained.sentence;
    object["choice"] = explained.jump;
    const std::vector<sim::Choice>& schedule = viewed.recorded.report.schedule;
    if (explained.jump > 0) object["label"] = schedule[explained.jump - 1].label;
    object["inevitability"] = sim::inevitability_json(explained.curve);
    object["runs"] = explained.samples;
    object["complete"] = !explained.cut;
    print("{}\n", object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

}  // namespace

int run_explain(const ExplainArguments& arguments) {
    const std::optional<Viewed> viewed = run_file(arguments, arguments.file);
    if (!viewed) return exit_wrong_usage;
    if (viewed->recorded.report.passed) {
        complain(fmt::format("the schedule '{}' passes, so there is nothing to explain",
                             arguments.file));
        return exit_wrong_usage;
    }
    const Explained explained =
        explain(viewed->found, viewed->recorded, viewed->apart, when_time_is_up(arguments.time));
    if (arguments.json) {
        print_explanation_json(*viewed, explained);
    } else {
        print_explanation(*viewed, explained);
    }
    return exit_ok;
}

}  // namespace drydock::app
