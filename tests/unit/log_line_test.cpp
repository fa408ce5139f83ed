// Lines of the log: times, and values that would end them.
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "src/cli/log_line.hpp"

namespace drydock::app {
namespace {

using namespace std::chrono_literals;

WallClock::time_point at(std::chrono::year_month_day date, std::chrono::nanoseconds since) {
    return std::chrono::time_point_cast<WallClock::duration>(std::chrono::sys_days(date) + since);
}

constexpr std::chrono::year_month_day some_day{std::chrono::year(2026), std::chrono::month(1),
                                               std::chrono::day(2)};

std::string line(LogFormat format, std::string_view event, std::span<const LogField> fields) {
    return log_line(format, at(some_day, 3h + 4min + 5s + 678ms),
                    log_event(format, Severity::info, event, fields));
}

nlohmann::json parsed(const std::string& text) {
    EXPECT_TRUE(text.ends_with("}\n")) << text;
    EXPECT_EQ(text.find('\n'), text.size() - 1) << "one line: " << text;
    const nlohmann::json object = nlohmann::json::parse(text, nullptr, false);
    EXPECT_TRUE(object.is_object()) << text;
    return object;
}

TEST(LogTime, is_utc_with_milliseconds) {
    EXPECT_EQ(rfc3339(at(some_day, 3h + 4min + 5s + 678ms)), "2026-01-02T03:04:05.678Z");
    EXPECT_EQ(rfc3339(WallClock::time_point{}), "1970-01-01T00:00:00.000Z");
}

TEST(LogTime, is_never_later_than_the_event) {
    EXPECT_EQ(rfc3339(at(some_day, 999'999'999ns)), "2026-01-02T00:00:00.999Z");
    EXPECT_EQ(rfc3339(at(some_day, -1ns)), "2026-01-01T23:59:59.999Z");
}

TEST(LogTime, knows_leap_years) {
    using namespace std::chrono;
    EXPECT_EQ(rfc3339(at(year(2024) / 2 / 28, 24h)), "2024-02-29T00:00:00.000Z");
    EXPECT_EQ(rfc3339(at(year(2100) / 2 / 28, 24h)), "2100-03-01T00:00:00.000Z");
}

TEST(LogText, is_escaped_outside_quotes_too) {
    EXPECT_EQ(escaped(std::string_view("a \"b\"\n\\\x1b[2J\0", 12)), "a \"b\"\\n\\\\\\x1b[2J\\x00");
}

TEST(Logfmt, begins_with_the_time) {
    const LogField fields[] = {{"member", std::int64_t{7}}, {"peer", "[::1]:9"}, {"reason", ""}};
    EXPECT_EQ(line(LogFormat::logfmt, "member left", fields),
              "time=2026-01-02T03:04:05.678Z level=info event=\"member left\" member=7 "
              "peer=[::1]:9 reason=\"\"\n");
}

TEST(Logfmt, is_one_line_whatever_the_values_hold) {
    const LogField field{"reason", std::string_view("a\nb=\"\\\x1b[2J\0", 11)};
    EXPECT_EQ(line(LogFormat::logfmt, "serving", {&field, 1}),
              "time=2026-01-02T03:04:05.678Z level=info event=serving "
              "reason=\"a\\nb=\\\"\\\\\\x1b[2J\\x00\"\n");
}

TEST(JsonLog, begins_with_the_time) {
    const LogField fields[] = {{"member", std::int64_t{7}}, {"peer", "[::1]:9"}};
    EXPECT_EQ(line(LogFormat::json, "member left", fields),
              "{\"time\":\"2026-01-02T03:04:05.678Z\",\"level\":\"info\",\"event\":\"member left\","
              "\"member\":7,\"peer\":\"[::1]:9\"}\n");
}

TEST(JsonLog, keeps_numbers_whole) {
    const LogField field{"native", std::numeric_limits<std::int64_t>::min()};
    EXPECT_EQ(parsed(line(LogFormat::json, "x", {&field, 1}))["native"],
              std::numeric_limits<std::int64_t>::min());
}

TEST(JsonLog, is_valid_for_every_byte_that_a_value_may_hold) {
    for (int byte = 0; byte < 256; ++byte) {
        const std::string value = {'a', static_cast<char>(byte), 'b'};
        const LogField field{"reason", value};
        const auto object = parsed(line(LogFormat::json, value, {&field, 1}));
        const std::string kept = byte < 0x80 ? value
                                             : "a\xef\xbf\xbd"
                                               "b";
        EXPECT_EQ(object.value("reason", ""), kept) << byte;
        EXPECT_EQ(object.value("event", ""), kept) << byte;
    }
}

TEST(JsonLog, keeps_characters_and_replaces_what_is_none) {
    const LogField field{"reason", "gr\xc3\xbc\xc3 \xed\xa0\x80 \xf0\x9f\x9a\xa2"};
    const auto object = parsed(line(LogFormat::json, "x", {&field, 1}));
    const std::string text = object.value("reason", "");
    EXPECT_TRUE(text.starts_with("gr\xc3\xbc\xef\xbf\xbd ")) << text;
    EXPECT_TRUE(text.ends_with(" \xf0\x9f\x9a\xa2")) << text;
}

TEST(LogFormats, go_by_their_names) {
    EXPECT_EQ(log_format("logfmt"), LogFormat::logfmt);
    EXPECT_EQ(log_format("json"), LogFormat::json);
    EXPECT_EQ(log_format("JSON"), std::nullopt);
}

}  // namespace
}  // namespace drydock::app
