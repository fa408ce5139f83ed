// drydock-sim with standard streams that are closed, or cannot be written.
#include "tests/e2e/streams.hpp"

#include <unistd.h>

#include "tests/e2e_sim/programs.hpp"

namespace drydock::e2e {
namespace {

// --- closed --------------------------------------------------------------------------------------

class ClosedStreamsOfSim : public testing::TestWithParam<unsigned> {
protected:
    static bool has(int stream) { return !is_closed(GetParam(), stream); }
    static Outcome run_closed(const Words& arguments) {
        return test::run_program(with_closed(command(drydock_sim, arguments), GetParam()));
    }
};

INSTANTIATE_TEST_SUITE_P(, ClosedStreamsOfSim, testing::Range(0U, 8U),
                         [](const auto& tested) { return closed_name(tested.param); });

TEST_P(ClosedStreamsOfSim, change_no_status_unless_the_result_is_lost) {
    for (const auto& [words, status] :
         {std::pair<Words, int>{{"run", "echo"}, 0},
          {{"run", broken}, 1},
          {{"farm", "echo", "--seeds", "20", "--json"}, 0},
          {{"explore", "echo", "--clients", "1", "--bytes", "1", "--json"}, 0}}) {
        const Outcome run = run_closed(words);
        EXPECT_EQ(run.ending, Ending::exited(has(STDOUT_FILENO) ? status : 2)) << run.errors;
        EXPECT_EQ(run.output.empty(), !has(STDOUT_FILENO)) << run.output;
        const bool complains = !has(STDOUT_FILENO) && has(STDERR_FILENO);
        EXPECT_EQ(run.errors,
                  complains ? "drydock-sim: cannot write to standard output: it is closed\n" : "");
    }
    const Outcome refused = run_closed({"run", "ecko"});
    EXPECT_EQ(refused.ending, Ending::exited(2));
    EXPECT_EQ(refused.errors.empty(), !has(STDERR_FILENO)) << refused.errors;
}

// The file must not get the number of a stream: what is printed would get into it.
TEST_P(ClosedStreamsOfSim, keep_out_of_the_files_that_are_written) {
    const test::TemporaryFolder folder;
    const auto record = [&](const std::string& name, unsigned closed) {
        const Words words = {"run", "echo", "--record", folder.path() + "/" + name};
        const Outcome run = test::run_program(with_closed(command(drydock_sim, words), closed));
        EXPECT_EQ(run.ending, Ending::exited(is_closed(closed, STDOUT_FILENO) ? 2 : 0))
            << run.errors;
        return folder.read(name);
    };
    const std::string plain = record("plain", 0);
    EXPECT_NE(plain, "");
    EXPECT_EQ(record("closed", GetParam()), plain);
}

// --- full, and unread ----------------------------------------------------------------------------

class LostOutputOfSim : public testing::TestWithParam<Lost> {};

TEST_P(LostOutputOfSim, is_one_sentence_and_status_2) {
    const Outcome run = run_with(drydock_sim, GetParam().arguments, GetParam().output);
    expect_complaint_about_output(run, "drydock-sim", GetParam().output);
}

TEST_P(LostOutputOfSim, is_status_2_where_nothing_can_be_said) {
    for (const Stream errors : {Stream::full, Stream::unread, Stream::closed}) {
        const Outcome run = run_with(drydock_sim, GetParam().arguments, GetParam().output, errors);
        EXPECT_EQ(run.ending, Ending::exited(2)) << static_cast<int>(errors);
    }
}

const Lost lost[] = {
    {"help", {"--help"}},
    {"version", {"--version"}},
    {"help_of_a_command", {"farm", "--help"}},
    {"list", {"list"}},
    {"list_as_json", {"list", "--json"}},
    {"list_unread", {"list"}, Stream::unread},
    {"run", {"run", "echo"}},
    {"run_as_json", {"run", "echo", "--json"}},
    {"run_that_fails", {"run", broken}},
    {"run_unread", {"run", "echo", "--trace", "10"}, Stream::unread},
    {"farm", {"farm", "echo", "--seeds", "20"}},
    {"farm_as_json", {"farm", "echo", "--seeds", "20", "--json"}},
    {"farm_of_many_lines", {"farm", "echo", "--seeds", "5000", "--digests"}, Stream::unread},
    {"explore", {"explore", "echo", "--clients", "1", "--bytes", "1"}},
    {"explore_as_json", {"explore", "echo", "--clients", "1", "--bytes", "1", "--json"}},
    {"zoo", {"zoo", broken}},
    {"zoo_as_json", {"zoo", broken, "--json"}, Stream::unread},
};

INSTANTIATE_TEST_SUITE_P(, LostOutputOfSim, testing::ValuesIn(lost), lost_name);

/// Commands that need a file first.
class LostOutputWithFiles : public SimTest {
protected:
    void expect_complaint(const Words& arguments) {
        for (const Stream output : {Stream::full, Stream::unread}) {
            expect_complaint_about_output(run_with(drydock_sim, arguments, output), "drydock-sim",
                                          output);
        }
    }
};

TEST_F(LostOutputWithFiles, is_one_sentence_and_status_2) {
    ASSERT_EQ(run_sim({"run", broken, "--record", path("bad")}).ending, Ending::exited(1));
    const Outcome farm = run_sim({"farm", "echo", "--seeds", "9", "--shard", "1/1", "--json"});
    folder_.write("part", farm.output);
    expect_complaint({"replay", path("bad")});
    expect_complaint({"replay", path("bad"), "--json"});
    expect_complaint({"shrink", path("bad"), "--out", path("short")});
    expect_complaint({"shrink", path("bad"), "--out", path("short"), "--json"});
    expect_complaint({"merge", path("part")});
    expect_complaint({"merge", path("part"), "--json"});
    EXPECT_NE(read("short"), "") << "the file is written all the same";
}

TEST_F(LostOutputWithFiles, a_file_that_cannot_be_written_is_one_sentence_and_status_2) {
    ASSERT_EQ(run_sim({"run", broken, "--record", path("bad")}).ending, Ending::exited(1));
    expect_refusal_of_sim({"run", "echo", "--record", "/dev/full"}, "'/dev/full'");
    expect_refusal_of_sim({"shrink", path("bad"), "--out", "/dev/full"}, "'/dev/full'");
    expect_refusal_of_sim({"explore", broken, "--faults", "short_send", "--record", "/dev/full"},
                          "'/dev/full'");
    expect_refusal_of_sim({"farm", broken, "--seeds", "9", "--out", "/dev/full"}, "/dev/full/");
}

}  // namespace
}  // namespace drydock::e2e
