// drydock-sim and schedule files: run --record, replay and shrink.
#include <sstream>

#include "tests/e2e_sim/programs.hpp"

namespace drydock::e2e {
namespace {

class SimReplay : public SimTest {
protected:
    void SetUp() override {
        const Outcome recorded =
            run_sim({"run", "echo", "--seed", "7", "--record", path("run.txt")});
        ASSERT_EQ(recorded.ending, Ending::exited(0)) << recorded.errors;
        schedule_ = read("run.txt");
        ASSERT_TRUE(schedule_.starts_with("drydock-schedule ")) << schedule_.substr(0, 100);
    }

    /// Every command that reads schedules should refuse this one, and say what and why.
    void expect_refusal(const std::string& text, const std::string& says) {
        const std::string file = folder_.write("other.txt", text);
        for (const char* command : {"replay", "shrink"}) {
            SCOPED_TRACE(command);
            const Outcome result = run_sim({command, file});
            EXPECT_EQ(result.ending, Ending::exited(2));
            EXPECT_TRUE(is_one_sentence(result.errors, "drydock-sim"));
            EXPECT_THAT(result.errors, HasSubstr(says));
            EXPECT_EQ(result.output, "");
        }
    }

    std::string with(const std::string& from, const std::string& to) const {
        std::string text = schedule_;
        const std::size_t at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        return at == std::string::npos ? text : text.replace(at, from.size(), to);
    }

    std::string schedule_;
};

TEST_F(SimReplay, of_a_recorded_run_gives_its_digest) {
    EXPECT_EQ(digest_of({"replay", path("run.txt")}), digest_of({"run", "echo", "--seed", "7"}));
}

TEST_F(SimReplay, of_a_recorded_failure_fails_in_the_same_way) {
    const Outcome first =
        run_sim({"run", broken, "--seed", "1", "--record", path("broken.schedule")});
    EXPECT_EQ(first.ending, Ending::exited(1));
    const Json object = json_of({"replay", path("broken.schedule")}, 1);
    EXPECT_EQ(object.value("property", ""), broken_property);
    EXPECT_THAT(first.output, HasSubstr(object.value("digest", "-")));
    const Outcome again = run_sim({"replay", path("broken.schedule")});
    EXPECT_EQ(again.ending, Ending::exited(1));
    EXPECT_THAT(again.output, HasSubstr("FAILED: " + broken_property));
    EXPECT_THAT(again.output,
                HasSubstr("again: drydock-sim replay " + path("broken.schedule") + "\n"));
    EXPECT_THAT(again.output, Not(HasSubstr("left its schedule")));
}

TEST_F(SimReplay, keeps_to_the_priorities_that_made_the_order) {
    const Words words = {"run", "chat", "--seed", "3", "--pct", "3"};
    Words recording = words;
    recording.insert(recording.end(), {"--record", path("pct.schedule")});
    EXPECT_EQ(run_sim(recording).ending, Ending::exited(0));
    const Json replayed = json_of({"replay", path("pct.schedule")});
    EXPECT_EQ(replayed["digest"], digest_of(words));
    EXPECT_FALSE(replayed.contains("diverged")) << replayed["diverged"];
}

TEST_F(SimReplay, with_another_parameter_says_where_it_left_its_record) {
    const Words two = {"run", "echo", "--clients", "2", "--bytes", "4", "--seed", "3"};
    Words recording = two;
    recording.insert(recording.end(), {"--record", path("two.schedule")});
    ASSERT_EQ(run_sim(recording).ending, Ending::exited(0));
    EXPECT_EQ(digest_of({"replay", path("two.schedule")}), digest_of(two));

    const Words three = {"replay", path("two.schedule"), "--clients", "3"};
    const Outcome result = run_sim(three);
    EXPECT_EQ(result.ending, Ending::exited(0)) << result.errors;
    EXPECT_THAT(result.output, HasSubstr("\n  the run left its schedule at choice "));
    const Json object = json_of(three);
    EXPECT_THAT(object.value("outcome", ""), HasSubstr("client 3: "));
    ASSERT_TRUE(object.contains("diverged")) << object;
    EXPECT_GT(object["diverged"].value("choice", 0), 0);
    EXPECT_THAT(object["diverged"].value("recorded", ""), HasSubstr(" for '"));
    EXPECT_THAT(object["diverged"].value("asked", ""), HasSubstr("one of "));
}

TEST_F(SimReplay, says_when_the_program_has_changed_what_comes_of_it) {
    const std::string file = folder_.write(
        "mended.schedule", with("\nchoice ", "\nproperty echo-complete\nsentence none\nchoice "));
    const Outcome result = run_sim({"replay", file});
    EXPECT_EQ(result.ending, Ending::exited(0)) << "it is the run that counts, not the record";
    EXPECT_THAT(result.output, HasSubstr("verdict when the schedule was recorded: echo-complete"));
}

TEST_F(SimReplay, reads_version_1) {
    std::istringstream lines(schedule_);
    std::string old = "drydock-schedule 1\n";
    for (std::string line; std::getline(lines, line);) {
        const std::string word = line.substr(0, line.find(' '));
        const bool had = word == "scenario" || word == "calm-after" || word == "choice";
        if (had || line == "end") old += line + "\n";
    }
    EXPECT_LT(old.size(), schedule_.size());
    EXPECT_EQ(digest_of({"replay", folder_.write("old.txt", old)}),
              digest_of({"run", "echo", "--seed", "7"}));
}

TEST_F(SimReplay, survives_the_line_ends_of_windows) {
    std::string text;
    for (const char c : schedule_) text += c == '\n' ? std::string("\r\n") : std::string(1, c);
    const std::string file = folder_.write("windows.txt", text);
    EXPECT_EQ(digest_of({"replay", file}), digest_of({"run", "echo", "--seed", "7"}));
}

TEST_F(SimReplay, refuses_a_damaged_schedule_and_names_the_file) {
    const std::string says = "other.txt' is not a schedule that can be replayed: its line ";
    expect_refusal(with("\nchoice ", "\nchoice x"), says);
    expect_refusal(with("\nchoice ", "\nchoice 4 4 label\nchoice "), says);
    expect_refusal(with("\nchoice ", "\nnonsense\nchoice "), says);
    expect_refusal(with("\nchoice ", "\nset clients\nchoice "), says);
    expect_refusal(with("\nchoice ", "\nfaults nonsense\nchoice "), says);
    expect_refusal(with("\nend ", "\nend of another span than "), says);
    expect_refusal(with("\nchoice ", "\nbegin a span without an end\nchoice "), "inside a span");
    expect_refusal(with("\nscenario echo\n", "\n"), "it names no scenario");
}

TEST_F(SimReplay, refuses_a_schedule_that_is_cut_short) {
    expect_refusal(schedule_.substr(0, schedule_.rfind("end")), "cut short");
    const std::size_t middle = schedule_.find('\n', schedule_.size() / 2) + 1;
    expect_refusal(schedule_.substr(0, middle), "cut short");
}

TEST_F(SimReplay, refuses_a_schedule_of_a_newer_version) {
    expect_refusal("drydock-schedule 3" + schedule_.substr(schedule_.find('\n')), "version 3");
}

TEST_F(SimReplay, refuses_what_is_no_schedule_at_all) {
    expect_refusal("", "drydock-schedule");
    expect_refusal("hello\n", "drydock-schedule");
    expect_refusal(std::string("\0\1\2\xff", 4), "drydock-schedule");
}

TEST_F(SimReplay, refuses_a_schedule_of_what_it_does_not_know) {
    expect_refusal(with("scenario echo", "scenario ecko"), "'ecko'");
    expect_refusal(with("\nchoice ", "\nset members 2\nchoice "), "no parameter 'members'");
    expect_refusal(with("\nchoice ", "\nset clients 9\nchoice "), "'clients'");
    expect_refusal(with("scenario echo", "scenario " + std::string(100'000, 'x')), "'xxxx");
    expect_refusal(with("scenario echo", "scenario \x1b[2J"), "'?[2J'");
}

// --- shrink --------------------------------------------------------------------------------------

class SimShrink : public SimTest {
protected:
    void SetUp() override {
        const Outcome recorded =
            run_sim({"run", broken, "--seed", "1", "--record", path("long.schedule")});
        ASSERT_EQ(recorded.ending, Ending::exited(1)) << recorded.errors;
    }
};

TEST_F(SimShrink, leaves_fewer_choices_that_fail_with_the_same_property) {
    const Outcome result = run_sim({"shrink", path("long.schedule")});
    EXPECT_EQ(result.ending, Ending::exited(1)) << "what is FAILED has status 1" << result.errors;
    EXPECT_THAT(files_in(""), testing::ElementsAre("long.schedule", "long.shrunk.schedule"));
    const std::string shrunk = read("long.shrunk.schedule");
    EXPECT_GT(choices_not_benign(read("long.schedule")), 10);
    EXPECT_LE(choices_not_benign(shrunk), 3) << shrunk;
    EXPECT_EQ(count_lines(shrunk, "property " + broken_property + "\n"), 1) << shrunk;
    EXPECT_THAT(result.output, HasSubstr("again: drydock-sim replay " +
                                         path("long.shrunk.schedule") + " --trace 40\n"));
    EXPECT_THAT(result.output, HasSubstr(" choices are left that are not benign, after "));
    EXPECT_THAT(result.output, Not(HasSubstr("time was up")));
    const Json replayed = json_of({"replay", path("long.shrunk.schedule")}, 1);
    EXPECT_EQ(replayed.value("property", ""), broken_property);
    EXPECT_FALSE(replayed.contains("diverged")) << replayed;
}

TEST_F(SimShrink, writes_to_the_file_that_it_is_given_and_tells_it_in_json) {
    const Json object = json_of({"shrink", path("long.schedule"), "--out", path("short.txt")}, 1);
    EXPECT_THAT(files_in(""), testing::ElementsAre("long.schedule", "short.txt"));
    EXPECT_EQ(object.value("property", ""), broken_property);
    EXPECT_EQ(object.value("choices_not_benign", -1), choices_not_benign(read("short.txt")));
    EXPECT_EQ(object.value("digest", ""), digest_of({"replay", path("short.txt")}, 1));
}

TEST_F(SimShrink, ends_when_its_time_is_up_with_what_it_has) {
    const Outcome result = run_sim({"shrink", path("long.schedule"), "--time", "0"});
    EXPECT_EQ(result.ending, Ending::exited(1)) << result.errors;
    EXPECT_THAT(result.output, HasSubstr("(time was up)"));
    EXPECT_EQ(json_of({"replay", path("long.shrunk.schedule")}, 1).value("property", ""),
              broken_property);
}

TEST_F(SimShrink, refuses_a_schedule_that_passes) {
    ASSERT_EQ(run_sim({"run", "echo", "--record", path("good.schedule")}).ending,
              Ending::exited(0));
    expect_refusal_of_sim({"shrink", path("good.schedule")}, "good.schedule' passes");
    EXPECT_THAT(files_in(""), testing::ElementsAre("good.schedule", "long.schedule"));
}

TEST_F(SimShrink, says_that_its_file_cannot_be_written) {
    expect_refusal_of_sim({"shrink", path("long.schedule"), "--out", "/no/such/folder/x"},
                          "'/no/such/folder/x'");
}

TEST(SimRecord, says_that_its_file_cannot_be_written) {
    expect_refusal_of_sim({"run", "echo", "--record", "/no/such/folder/run.txt"},
                          "'/no/such/folder/run.txt'");
}

}  // namespace
}  // namespace drydock::e2e
