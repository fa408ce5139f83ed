// The tool and whole programs: each defect is a failure with a seed, shrunk and replayed, and each
// seed has one digest.
#include <algorithm>
#include <cctype>
#include <csignal>

#include "tests/e2e_sim/programs.hpp"
#include "tests/support/run_schema.hpp"

namespace drydock::e2e {
namespace {

const Words defects_sim = {DRYDOCK_DEFECTS_PROGRAM};
const Words conduct_sim = {DRYDOCK_CONDUCT_PROGRAM};

Json json_of(const Words& program, Words arguments, int status) {
    arguments.push_back("--json");
    const Outcome result = run(program, arguments);
    EXPECT_EQ(result.ending, Ending::exited(status)) << result.errors << result.output;
    Json object = Json::parse(result.output, nullptr, false);
    EXPECT_TRUE(object.is_object()) << result.output;
    return object;
}

struct Defect {
    std::string name;
    std::string property;
    std::string sentence;  // what it must say
    std::string output;    // in the report
};

void PrintTo(const Defect& defect, std::ostream* out) { *out << defect.name; }

class ProgramDefect : public SimTest, public testing::WithParamInterface<Defect> {};

TEST_P(ProgramDefect, is_a_failure_with_a_seed_that_is_shrunk_and_replayed) {
    const Defect& defect = GetParam();
    const Json farm = json_of(defects_sim,
                              {"farm", defect.name, "--seeds", "12", "--until-failure",
                               "--seed-timeout", "1", "--out", path("out")},
                              1);
    ASSERT_EQ(farm["failed"].size(), 1U) << farm;
    const Json& group = farm["failed"][0];
    EXPECT_EQ(group.value("property", ""), defect.property);
    EXPECT_THAT(group.value("sentence", ""), HasSubstr(defect.sentence));
    EXPECT_THAT(group.value("expected", ""), Not(testing::IsEmpty()));
    EXPECT_EQ(group.value("length", 9), 1) << "the random numbers of the program alone matter";
    ASSERT_EQ(schedules_in("out").size(), 1U);

    const std::string file = path("out/" + schedules_in("out").front());
    const Outcome replayed =
        run(defects_sim, {"replay", file, "--trace", "2000", "--seed-timeout", "1"});
    EXPECT_EQ(replayed.ending, Ending::exited(1)) << replayed.errors;
    EXPECT_THAT(replayed.output, HasSubstr(" FAILED: " + defect.property + "\n"));
    EXPECT_THAT(replayed.output, HasSubstr(defect.sentence));
    EXPECT_THAT(replayed.output, HasSubstr("  the program's last output:\n    | " + defect.output));
    EXPECT_THAT(replayed.output, HasSubstr("  stdout: hello Ada\n"));
    EXPECT_THAT(replayed.output, Not(HasSubstr("left its schedule")));
}

TEST_P(ProgramDefect, is_viewed_up_to_its_end) {
    const Defect& defect = GetParam();
    const Json farm = json_of(defects_sim,
                              {"farm", defect.name, "--seeds", "12", "--until-failure", "--no-view",
                               "--seed-timeout", "1", "--out", path("out")},
                              1);
    const std::string file = farm["failed"][0].value("schedule", "");
    const Outcome viewed =
        run(defects_sim, {"view", file, "--format", "json", "--out", "-", "--seed-timeout", "1"});
    ASSERT_EQ(viewed.ending, Ending::exited(0)) << viewed.errors;
    const Json json = Json::parse(viewed.output, nullptr, false);
    ASSERT_TRUE(json.is_object());
    EXPECT_EQ(test::objection_of_schema(json), "");
    EXPECT_EQ(json["verdict"]["property"], defect.property);
    std::string printed;
    for (const Json& event : json["events"]) {
        if (event["kind"] == "printed") printed += event["text"].get<std::string>() + "\n";
    }
    EXPECT_THAT(printed, HasSubstr("hello Ada\n"));
}

const std::string greeting = "up\n    | hello Ada\n    | hello Grace\n";

INSTANTIATE_TEST_SUITE_P(
    Kinds, ProgramDefect,
    testing::Values(
        Defect{"segfault", "crash", "a segmentation fault (SIGSEGV) ended", greeting},
        Defect{"recursion", "crash", "thread 3 has used up its stack of 8 MiB", greeting},
        Defect{"abort", "program-aborted",
               "the program called abort(); its last words: 'hello Grace'", greeting},
        Defect{"assert", "program-aborted", "Assertion `defect == \"no defect\"' failed.",
               greeting + "    | "},
        Defect{"throw", "program-threw",
               "an exception left main(): std::runtime_error: no such room", greeting},
        Defect{"throw-in-thread", "program-threw", "no such guest", greeting},
        Defect{"leak", "program-leaks", "that it allocated and that nothing leads to", greeting},
        Defect{"spin", "hang", "the run did not end within ", greeting},
        Defect{"deadlock", "program-stays", " waits to lock a mutex that thread ", greeting},
        Defect{"exit", "program-ended", "the program called exit(3) before it was told", greeting},
        Defect{"status", "program-ended", "the program returned 4 from main() before", greeting},
        Defect{"deaf", "program-stays", "has not ended 60 virtual seconds", greeting}),
    [](const auto& each) {
        std::string name = each.param.name;
        std::replace(name.begin(), name.end(), '-', '_');
        return name;
    });

TEST(ProgramFarm, a_sound_program_passes_and_each_seed_has_one_digest) {
    const Words farm = {"farm", "none", "--seeds", "200"};
    Words twice = farm;
    twice.push_back("--twice");
    const Json once = json_of(defects_sim, farm, 0);
    EXPECT_EQ(once.value("failures", 1), 0);
    EXPECT_EQ(json_of(defects_sim, twice, 0).value("digest", ""), once.value("digest", "-"));
    Words pct = farm;
    pct.insert(pct.end(), {"--pct", "3"});
    EXPECT_NE(json_of(defects_sim, pct, 0).value("digest", ""), once.value("digest", ""));
}

TEST(ProgramFarm, the_variables_of_a_program_are_new_in_each_run_unless_it_shares_a_process) {
    const Words farm = {"farm", "none", "--seeds", "5", "--no-out"};
    EXPECT_EQ(json_of(defects_sim, {"farm", "none", "--seeds", "5"}, 0).value("failures", 1), 0);
    const Json shared =
        json_of(defects_sim, {"farm", "none", "--seeds", "5", "--in-process", "--no-shrink"}, 1);
    ASSERT_EQ(shared["failed"].size(), 1U) << shared;
    EXPECT_EQ(shared["failed"][0].value("property", ""), "program-ended");
    EXPECT_EQ(shared["failed"][0].value("seed", 0), 2) << "the first run was told to end";
}

TEST(ProgramTool, in_process_a_crash_ends_the_process_with_last_words) {
    for (const char* scenario : {"segfault", "recursion"}) {
        const Outcome crashed = run(defects_sim, {"run", scenario, "--seed", "2", "--in-process"});
        EXPECT_EQ(crashed.ending, (Ending{Ending::Kind::killed, SIGSEGV}));
        EXPECT_THAT(crashed.errors, HasSubstr("segmentation fault in scenario " +
                                              std::string(scenario) + ", seed 2"));
    }
}

TEST(ProgramTool, explore_refuses_a_program_in_one_sentence) {
    const Outcome refused = run(defects_sim, {"explore", "none"});
    EXPECT_EQ(refused.ending, Ending::exited(2));
    EXPECT_TRUE(is_one_sentence(refused.errors, "defects-sim"));
    EXPECT_THAT(refused.errors, HasSubstr("it runs a program"));
}

TEST(ProgramTool, list_names_the_scenarios) {
    const Outcome list = run(conduct_sim, {"list"});
    EXPECT_EQ(list.ending, Ending::exited(0));
    EXPECT_THAT(list.output, HasSubstr("too-early"));
}

// --- streams, signals and ends ------------------------------------------------------------------

struct Conduct {
    std::string scenario;
    std::string outcome;  // standard output, standard error and the status
};

void PrintTo(const Conduct& conduct, std::ostream* out) { *out << conduct.scenario; }

class ProgramConduct : public testing::TestWithParam<Conduct> {};

TEST_P(ProgramConduct, is_as_in_a_process_of_its_own) {
    const Conduct& conduct = GetParam();
    for (const char* seed : {"1", "2", "3"}) {
        const Json report = json_of(conduct_sim, {"run", conduct.scenario, "--seed", seed}, 0);
        EXPECT_EQ(report.value("outcome", ""), conduct.outcome) << "seed " << seed;
    }
    const Json farm =
        json_of(conduct_sim, {"farm", conduct.scenario, "--seeds", "50", "--twice"}, 0);
    EXPECT_EQ(farm.value("failures", 1), 0);
}

INSTANTIATE_TEST_SUITE_P(
    Ways, ProgramConduct,
    testing::Values(Conduct{"streams",
                            "cout ff|printf 1|puts|char|write|dprintf 2|dup|two three11|end|/"
                            "cerr|clog|fprintf 0 1|perror: Inappropriate ioctl for device|/0"},
                    Conduct{"input", "press Enter|key|key|the end|//0"},
                    Conduct{"waiter", "got 15|//0"}, Conduct{"handler", "handled 2 2|//0"},
                    Conduct{"leaver", "second|first|//0"}, Conduct{"raiser", "//7"},
                    Conduct{"forker",
                            "/drydock: fork() has failed: a simulated program is one process|"
                            "drydock: daemon() has failed: a simulated program is one process|/0"},
                    Conduct{"alarms",
                            "alarm 0|setitimer -1 1|timer_create -1 1|/"
                            "drydock: alarm() has failed: no timer sends signals in the simulator|"
                            "drydock: setitimer() has failed: no timer sends signals in the "
                            "simulator|drydock: timer_create() has failed: no timer sends signals "
                            "in the simulator|/0"},
                    Conduct{"last-thread", "~main|thread|at exit|//0"},
                    Conduct{"polite", "cleaned up|//143"}, Conduct{"deep", "2 20000|//0"},
                    Conduct{"sleeper", "~thread|~main|//none"}, Conduct{"quitter", "//0"},
                    Conduct{"words", "2 words: ./conduct a word|//0"}),
    [](const auto& each) {
        std::string name = each.param.scenario;
        std::replace(name.begin(), name.end(), '-', '_');
        return name;
    });

TEST(ProgramEnd, a_program_that_ends_before_it_is_told_to_fails) {
    const Json report = json_of(conduct_sim, {"run", "too-early", "--seed", "1"}, 1);
    EXPECT_EQ(report.value("property", ""), "program-ended");
    EXPECT_THAT(report.value("sentence", ""),
                HasSubstr("its last words: '2 words: program a word'"));
}

TEST(ProgramEnd, a_program_whose_last_thread_ends_before_it_is_told_to_fails) {
    const Json report = json_of(conduct_sim, {"run", "last-thread-early", "--seed", "1"}, 1);
    EXPECT_EQ(report.value("property", ""), "program-ended");
    EXPECT_THAT(report.value("sentence", ""),
                HasSubstr("the program ended with its last thread before it was told to end"));
}

TEST(ProgramEnd, a_signal_without_a_handler_ends_the_program_and_fails) {
    for (const char* const name : {"SIGTERM", "SIGINT", "SIGPIPE", "SIGUSR1", "SIGKILL"}) {
        std::string scenario = name;
        for (char& c : scenario) c = static_cast<char>(std::tolower(c));
        const Json report = json_of(conduct_sim, {"run", scenario, "--seed", "1"}, 1);
        EXPECT_EQ(report.value("property", ""), "program-ended");
        EXPECT_EQ(report.value("sentence", ""), std::string("the signal ") + name +
                                                    " ended the program, which has no handler for "
                                                    "it; its last words: 'up'");
    }
}

}  // namespace
}  // namespace drydock::e2e
