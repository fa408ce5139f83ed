// docs/TOUR.md shows each defect of the textbook's programs that has a specimen. What it says must
// hold for this version: each schedule fails as its section says, and each quotation of drydock's
// sources is there, at the lines that the page names.
//
// DRYDOCK_UPDATE_PAGES=1 writes the right line numbers into the page.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <drydock/sim/choices.hpp>
#include <drydock/sim/schedule.hpp>
#include "tests/zoo/specimens/zoo.hpp"

namespace drydock::zoo {
namespace {

constexpr const char* tour_page = DRYDOCK_SOURCE_DIR "/docs/TOUR.md";

std::string text_of_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file) << path << " should be readable";
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> lines_of_file(const std::string& path) {
    std::istringstream text(text_of_file(path));
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
}

struct TourSection {
    std::string title;
    std::string scenario;
    std::string schedule;  // its path in docs/
    std::string text;
};

/// The sections that show a run: "## N. Title", and a comment in the next line.
std::vector<TourSection> tour_sections() {
    static const std::regex heading("## [0-9]+\\. (.*)");
    static const std::regex comment(
        "<!-- tour: scenario=(zoo/[a-z-]+)(?: [a-z]+=[0-9]+)* schedule=(pictures/[a-z-]+"
        "\\.schedule) -->");
    std::vector<TourSection> sections;
    bool inside = false;
    for (const std::string& line : lines_of_file(tour_page)) {
        std::smatch match;
        if (line.rfind("## ", 0) == 0) {
            inside = std::regex_match(line, match, heading);
            if (inside) sections.push_back({match[1], {}, {}, {}});
        } else if (inside && std::regex_match(line, match, comment)) {
            sections.back().scenario = match[1];
            sections.back().schedule = match[2];
        } else if (inside) {
            sections.back().text += line + "\n";
        }
    }
    return sections;
}

TEST(Tour, HasASectionForEachDefectOfTheTextbook) {
    std::multiset<std::string> expected;
    for (const Specimen& specimen : specimens()) {
        if (specimen.origin.substr(0, 8) == "textbook") {
            expected.emplace(specimen.scenario.name);
        }
    }
    std::multiset<std::string> shown;
    for (const TourSection& section : tour_sections()) shown.insert(section.scenario);
    EXPECT_EQ(shown, expected);
}

TEST(Tour, EachScheduleFailsAsItsSectionSays) {
    for (const TourSection& section : tour_sections()) {
        SCOPED_TRACE(section.title);
        const Specimen* const specimen = find_specimen(section.scenario);
        ASSERT_NE(specimen, nullptr) << "there should be a specimen " << section.scenario;
        const sim::Replayed replayed =
            sim::replay(specimen->scenario,
                        text_of_file(std::string(DRYDOCK_SOURCE_DIR "/docs/") + section.schedule));
        EXPECT_FALSE(replayed.divergence.has_value())
            << "the run should be the recorded one; bash ci/pictures.sh --hunt finds a new one";
        EXPECT_EQ(replayed.property, replayed.recorded_property);
        EXPECT_NE(section.text.find("`" + replayed.property + "`"), std::string::npos)
            << "the section should name the property " << replayed.property;
        EXPECT_NE(section.text.find(replayed.sentence), std::string::npos)
            << "the section should show: " << replayed.sentence;
    }
}

/// "`client: manner` is 4" names a choice and its value.
TEST(Tour, EachChoiceThatItNamesIsInItsSchedule) {
    static const std::regex named("`([a-z]+: [a-z ]+|stop early)`[^`]*? (?:is|are) ([0-9])");
    for (const TourSection& section : tour_sections()) {
        SCOPED_TRACE(section.title);
        const std::string schedule =
            text_of_file(std::string(DRYDOCK_SOURCE_DIR "/docs/") + section.schedule);
        std::string prose = section.text.substr(0, section.text.find("```"));
        std::replace(prose.begin(), prose.end(), '\n', ' ');
        std::size_t count = 0;
        for (std::sregex_iterator match(prose.begin(), prose.end(), named), end; match != end;
             ++match, ++count) {
            const std::regex line("\nchoice " + (*match)[2].str() + " [0-9]+ " + (*match)[1].str() +
                                  "\n");
            EXPECT_TRUE(std::regex_search(schedule, line))
                << "the schedule should have: " << match->str();
        }
        const bool has_any = std::regex_search(schedule, std::regex("\nchoice [1-9]"));
        EXPECT_EQ(count > 0, has_any) << "the section should name what breaks the code";
    }
}

/// Quoted lines of a source, as the page has them: a line that names the place, an empty one, and
/// the lines, indented.
struct Quotation {
    std::size_t at = 0;  // the line of the page that names the place, from 0
    std::string file;
    std::size_t first = 0;  // the line of the file, from 1
    std::vector<std::string> lines;
};

std::string trimmed(const std::string& line) {
    const std::size_t begin = line.find_first_not_of(' ');
    return begin == std::string::npos ? "" : line.substr(begin);
}

std::vector<Quotation> quotations_of(const std::vector<std::string>& page) {
    static const std::regex place("\\[([a-z/_.]+)\\]\\(\\.\\./\\1\\), lines? ([0-9]+).*:");
    std::vector<Quotation> quotations;
    for (std::size_t i = 0; i + 2 < page.size(); ++i) {
        std::smatch match;
        if (!std::regex_match(page[i], match, place)) continue;
        Quotation quotation{i, match[1], std::stoul(match[2]), {}};
        for (std::size_t j = i + 2; j < page.size() && page[j].rfind("    ", 0) == 0; ++j) {
            quotation.lines.push_back(trimmed(page[j]));
        }
        quotations.push_back(quotation);
    }
    return quotations;
}

/// Where the file has the quoted lines, from 1: at the line named, or else wherever they are first.
/// 0: nowhere.
std::size_t found_at(const Quotation& quotation) {
    std::vector<std::string> source =
        lines_of_file(std::string(DRYDOCK_SOURCE_DIR "/") + quotation.file);
    std::transform(source.begin(), source.end(), source.begin(), trimmed);
    const auto& quoted = quotation.lines;
    const bool is_there =
        quotation.first - 1 + quoted.size() <= source.size() &&
        std::equal(quoted.begin(), quoted.end(),
                   source.begin() + static_cast<std::ptrdiff_t>(quotation.first - 1));
    if (is_there) return quotation.first;
    const auto found = std::search(source.begin(), source.end(), quoted.begin(), quoted.end());
    return found == source.end() ? 0 : static_cast<std::size_t>(found - source.begin()) + 1;
}

std::string place_of(const Quotation& quotation, std::size_t first) {
    const std::string file = "[" + quotation.file + "](../" + quotation.file + "), ";
    if (quotation.lines.size() == 1) return file + "line " + std::to_string(first) + ":";
    const std::size_t last = first + quotation.lines.size() - 1;
    return file + "lines " + std::to_string(first) + " to " + std::to_string(last) + ":";
}

TEST(Tour, QuotesDrydocksSourcesAtTheLinesThatItNames) {
    std::vector<std::string> page = lines_of_file(tour_page);
    const std::vector<Quotation> quotations = quotations_of(page);
    EXPECT_GE(quotations.size(), tour_sections().size()) << "each section should quote the mend";
    for (const Quotation& quotation : quotations) {
        ASSERT_FALSE(quotation.lines.empty()) << page[quotation.at] << " should be followed by it";
        const std::size_t found = found_at(quotation);
        EXPECT_NE(found, 0U) << quotation.file << " should have: " << quotation.lines.front();
        if (found == 0) continue;
        EXPECT_EQ(page[quotation.at], place_of(quotation, found));
        page[quotation.at] = place_of(quotation, found);
    }
    if (std::getenv("DRYDOCK_UPDATE_PAGES") == nullptr) return;
    std::ofstream file(tour_page, std::ios::binary);
    for (const std::string& line : page) file << line << "\n";
}

}  // namespace
}  // namespace drydock::zoo
