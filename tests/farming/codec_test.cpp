// What a child process sends is what its parent gets.
#include <gmock/gmock.h>

#include "sim/farming/codec.hpp"
#include "tests/scenarios/echo.hpp"

namespace drydock::sim {
namespace {

/// All that a report can have, from a run.
Report recorded_run() {
    RunOptions options;
    options.record = true;
    options.trace = 5;
    options.marks = true;
    return run(echo_scenario, 7, options);
}

std::string bytes_of(const Report& report) {
    Encoder encoder;
    encoder.report(report);
    return encoder.bytes();
}

TEST(Codec, GivesBackAWholeReport) {
    const Report sent = recorded_run();
    const std::string bytes = bytes_of(sent);
    Decoder decoder(bytes);
    const Report got = decoder.report();
    EXPECT_TRUE(decoder.good());
    EXPECT_TRUE(got.passed);
    EXPECT_EQ(got.options, sent.options);
    EXPECT_EQ(got.outcome, sent.outcome);
    EXPECT_EQ(got.digest, sent.digest);
    EXPECT_EQ(got.completions, sent.completions);
    EXPECT_EQ(got.virtual_time, sent.virtual_time);
    EXPECT_EQ(got.trace, sent.trace);
    EXPECT_TRUE(got.recorded);
    ASSERT_FALSE(sent.schedule.empty() || sent.spans.empty() || sent.marks.empty());
    ASSERT_EQ(got.schedule.size(), sent.schedule.size());
    EXPECT_STREQ(got.schedule.back().label, sent.schedule.back().label);
    EXPECT_EQ(got.marks.back().digest, sent.marks.back().digest);
    EXPECT_EQ(bytes_of(got), bytes) << "what is not compared above, too";
}

TEST(Codec, LabelsOutliveTheBytes) {
    const Report sent = recorded_run();
    auto bytes = std::make_unique<std::string>(bytes_of(sent));
    const Report got = Decoder(*bytes).report();
    std::fill(bytes->begin(), bytes->end(), 'x');
    bytes.reset();
    for (std::size_t i = 0; i < sent.schedule.size(); ++i) {
        EXPECT_STREQ(got.schedule[i].label, sent.schedule[i].label);
    }
}

TEST(Codec, GivesBackAFarmsSummary) {
    FarmSummary sent;
    sent.first = 5;
    sent.seeds = 3;
    sent.failures = 2;
    sent.completions = 400;
    sent.digest = ~std::uint64_t{1};
    sent.probes = {{"a.probe", 3}, {"fault.delay", 9}};
    for (const std::uint64_t behavior : {5U, 6U, 5U}) sent.behaviors.add(behavior);
    sent.failed["stuck"] = {2, 6, "it waits", "clients=2"};
    sent.digests = {1, 2, 3};
    Encoder encoder;
    encoder.summary(sent);
    Decoder decoder(encoder.bytes());
    const FarmSummary got = decoder.summary();
    EXPECT_TRUE(decoder.good());
    EXPECT_EQ(got.first, sent.first);
    EXPECT_EQ(got.digest, sent.digest);
    EXPECT_EQ(got.probes, sent.probes);
    EXPECT_EQ(got.behaviors, sent.behaviors);
    EXPECT_EQ(got.behaviors.seen_once(), 1U);
    EXPECT_EQ(got.digests, sent.digests);
    const FailureGroup& group = got.failed.at("stuck");
    EXPECT_EQ(group.first, 6U);
    EXPECT_EQ(group.sentence, "it waits");
    Encoder again;
    again.summary(got);
    EXPECT_EQ(again.bytes(), encoder.bytes());
}

TEST(Codec, NoticesBytesThatAreCutShort) {
    const std::string bytes = bytes_of(recorded_run());
    for (const std::size_t size : {bytes.size() - 1, bytes.size() / 2, std::size_t{7}}) {
        Decoder decoder(std::string_view(bytes).substr(0, size));
        decoder.report();
        EXPECT_FALSE(decoder.good()) << size;
    }
}

TEST(Codec, FramesComeOutOneByOneHoweverTheyArrive) {
    const std::string all = framed("one") + framed("") + framed("three");
    std::string received;
    std::vector<std::string> frames;
    for (const char byte : all) {
        received += byte;
        while (const auto frame = take_frame(received)) frames.push_back(*frame);
    }
    EXPECT_THAT(frames, testing::ElementsAre("one", "", "three"));
    EXPECT_EQ(received, "");
}

}  // namespace
}  // namespace drydock::sim
