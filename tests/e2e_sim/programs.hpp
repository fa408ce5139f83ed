// drydock-sim as its tests start it, and its JSON.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/e2e/programs.hpp"

namespace drydock::e2e {

using Json = nlohmann::json;
using testing::HasSubstr;
using testing::Not;

/// A broken server that almost every seed finds out, and what it breaks.
inline const std::string broken = "zoo/ignores-short-sends";
inline const std::string broken_property = "short-send-ignored";

inline Outcome run_sim(const Words& arguments) { return run(drydock_sim, arguments); }

/// What a command prints with --json; `status` is the one that it must end with.
inline Json json_of(Words arguments, int status = 0) {
    arguments.push_back("--json");
    const Outcome result = run_sim(arguments);
    EXPECT_EQ(result.ending, Ending::exited(status)) << result.errors << result.output;
    EXPECT_EQ(result.errors, "");
    EXPECT_EQ(std::count(result.output.begin(), result.output.end(), '\n'), 1)
        << "one object in one line: " << result.output;
    Json object = Json::parse(result.output, nullptr, false);
    EXPECT_TRUE(object.is_object()) << "this should be one JSON object: " << result.output;
    return object;
}

inline std::string digest_of(const Words& arguments, int status = 0) {
    return json_of(arguments, status).value("digest", "");
}

/// Without what no two runs have in common.
inline Json without_seconds(Json object) {
    object.erase("seconds");
    return object;
}

/// That many lines which begin so.
inline std::ptrdiff_t count_lines(const std::string& text, const std::string& beginning) {
    std::ptrdiff_t count = text.starts_with(beginning) ? 1 : 0;
    for (std::size_t at = 0; (at = text.find("\n" + beginning, at)) != std::string::npos; ++at) {
        ++count;
    }
    return count;
}

/// How many choices of a schedule file are not benign.
inline std::ptrdiff_t choices_not_benign(const std::string& schedule) {
    return count_lines(schedule, "choice ") - count_lines(schedule, "choice 0 ");
}

/// Status 2, and one sentence that holds this.
inline void expect_refusal_of_sim(const Words& arguments, const std::string& says) {
    const Outcome result = run_sim(arguments);
    EXPECT_EQ(result.ending, Ending::exited(2)) << testing::PrintToString(arguments);
    EXPECT_TRUE(is_one_sentence(result.errors, "drydock-sim"));
    EXPECT_THAT(result.errors, HasSubstr(says));
}

/// A folder for files, and what they are called.
class SimTest : public testing::Test {
protected:
    std::string path(const std::string& name) const { return folder_.path() + "/" + name; }
    std::string read(const std::string& name) const { return folder_.read(name); }

    std::vector<std::string> files_in(const std::string& name) const {
        std::vector<std::string> names;
        std::error_code none;
        for (const auto& entry : std::filesystem::directory_iterator(path(name), none)) {
            names.push_back(entry.path().filename().string());
        }
        std::sort(names.begin(), names.end());
        return names;
    }

    /// Of these the schedule files; a farm writes a page beside each.
    std::vector<std::string> schedules_in(const std::string& name) const {
        std::vector<std::string> names = files_in(name);
        std::erase_if(names, [](const std::string& file) { return !file.ends_with(".schedule"); });
        return names;
    }

    test::TemporaryFolder folder_;
};

}  // namespace drydock::e2e
