// drydock-sim view and explain: what they write, and what they refuse.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/e2e_sim/programs.hpp"

namespace drydock::e2e {
namespace {

class SimView : public SimTest {
protected:
    /// The shrunk schedule of the first failing run of a specimen.
    std::string schedule_of(const std::string& specimen) {
        const Json farm = json_of({"farm", specimen, "--seeds", "2000", "--until-failure",
                                   "--no-view", "--out", path("failures")},
                                  1);
        return farm["failed"][0].value("schedule", "");
    }

    Json viewed(Words words) {
        words.insert(words.begin(), "view");
        words.insert(words.end(), {"--format", "json", "--out", "-"});
        const Outcome result = run_sim(words);
        EXPECT_EQ(result.ending, Ending::exited(0)) << result.errors;
        return Json::parse(result.output, nullptr, false);
    }
};

std::string json_in(const std::string& page) {
    const std::string start = "<script type=\"application/json\" id=\"drydock-run\">";
    const std::size_t begin = page.find(start) + start.size();
    return page.substr(begin, page.find("</script>", begin) - begin);
}

TEST_F(SimView, writes_a_page_with_the_run_of_a_schedule) {
    const std::string file = schedule_of(broken);
    const Outcome result = run_sim({"view", file, "--out", path("page.html")});
    EXPECT_EQ(result.ending, Ending::exited(0)) << "viewing a failing run is no failure";
    EXPECT_EQ(result.output + result.errors, "");
    const std::string page = read("page.html");
    EXPECT_THAT(page, testing::StartsWith("<!DOCTYPE html>"));
    const Json json = Json::parse(json_in(page));
    EXPECT_EQ(json, viewed({file}));
    EXPECT_EQ(json["verdict"]["property"], broken_property);
    EXPECT_EQ(json["origin"]["file"], file);
    EXPECT_THAT(files_in(""), testing::ElementsAre("failures", "page.html"));
}

TEST_F(SimView, has_the_digest_and_the_completions_of_the_replay) {
    ASSERT_EQ(run_sim({"run", "chat", "--seed", "5", "--record", path("a.schedule")}).ending,
              Ending::exited(0));
    const Json replayed = json_of({"replay", path("a.schedule")});
    const Json json = viewed({path("a.schedule")});
    EXPECT_EQ(json["digest"], replayed["digest"]);
    EXPECT_EQ(json["steps"], replayed["completions"]);
    EXPECT_EQ(json["outcome"], replayed["outcome"]);
    EXPECT_EQ(json["verdict"]["passed"], true);
}

TEST_F(SimView, is_written_by_run_and_replay_too) {
    const Outcome ran = run_sim(
        {"run", broken, "--seed", "1", "--record", path("a.schedule"), "--view", path("run.html")});
    EXPECT_EQ(ran.ending, Ending::exited(1));
    const Json of_run = Json::parse(json_in(read("run.html")));
    EXPECT_EQ(of_run["origin"]["seed"], 1);
    EXPECT_THAT(ran.output, HasSubstr(of_run.value("digest", "-")));
    EXPECT_EQ(run_sim({"replay", path("a.schedule"), "--view", path("replay.html")}).ending,
              Ending::exited(1));
    const Json of_replay = Json::parse(json_in(read("replay.html")));
    EXPECT_EQ(of_replay["events"], of_run["events"]);
    EXPECT_EQ(of_replay["origin"]["file"], path("a.schedule"));
}

TEST_F(SimView, is_written_by_a_farm_beside_each_schedule) {
    const Words words = {"farm", broken, "--seeds", "5", "--out", path("out")};
    const Outcome farm = run_sim(words);
    ASSERT_EQ(schedules_in("out").size(), 1U) << farm.output;
    const std::string name = schedules_in("out").front();
    const std::string page = name.substr(0, name.size() - 8) + "html";
    EXPECT_THAT(files_in("out"), testing::ElementsAre(page, name));
    const Json json = Json::parse(json_in(read("out/" + page)));
    EXPECT_EQ(json["events"], viewed({path("out/" + name)})["events"]);
    EXPECT_EQ(json["origin"]["file"], path("out/" + name));
}

TEST_F(SimView, has_source_lines_of_files_below_the_folder_alone) {
    const std::string file = schedule_of(broken);
    const std::string name = "tests/zoo/specimens/ignores_short_sends.cpp";
    std::string lines;
    for (int i = 1; i <= 40; ++i) lines += "line " + std::to_string(i) + "\n";
    std::filesystem::create_directories(path("tree/tests/zoo/specimens"));
    folder_.write("tree/" + name, lines);
    const Json json = viewed({file, "--sources", path("tree")});
    ASSERT_EQ(json["sources"].size(), 1U);
    const Json& source = json["sources"][0];
    EXPECT_EQ(source["file"], name);
    const int first = source["first"];
    EXPECT_EQ(source["lines"][0], "line " + std::to_string(first));
    EXPECT_EQ(viewed({file, "--sources", path("tree/tests")})["sources"], Json::array());
}

TEST_F(SimView, shows_a_failing_run_beside_the_nearest_benign_one) {
    const std::string file = schedule_of(broken);
    const Json json = viewed({file, "--beside-benign"});
    EXPECT_EQ(json["format"], "drydock-comparison");
    ASSERT_EQ(json["runs"].size(), 2U);
    EXPECT_EQ(json["runs"][0]["verdict"]["property"], broken_property);
    EXPECT_EQ(json["runs"][1]["verdict"]["passed"], true);
    // Shrunk, it has one choice that is not benign: the client's manner.
    EXPECT_EQ(json["runs"][1]["choices_not_benign"], 0);
    EXPECT_EQ(json["first_difference"]["choice"]["label"], "client: manner");
    EXPECT_EQ(json["first_difference"]["choice"]["values"][1], 0);
}

TEST_F(SimView, keeps_as_many_choices_of_the_failing_run_as_it_can) {
    // As drawn from the seed: many choices that have nothing to do with the failure.
    run_sim({"run", broken, "--seed", "1", "--record", path("long.schedule")});
    const Json json = viewed({path("long.schedule"), "--beside-benign"});
    const int failing = json["runs"][0]["choices_not_benign"];
    const int passing = json["runs"][1]["choices_not_benign"];
    EXPECT_EQ(json["runs"][1]["verdict"]["passed"], true);
    EXPECT_GT(failing, 10);
    EXPECT_GE(passing, failing / 3);
}

TEST_F(SimView, compares_two_schedules_of_one_scenario) {
    run_sim({"run", "echo", "--seed", "3", "--record", path("a.schedule")});
    run_sim({"run", "echo", "--seed", "4", "--record", path("b.schedule")});
    const Json json = viewed({path("a.schedule"), path("b.schedule")});
    EXPECT_EQ(json["runs"][0]["origin"]["file"], path("a.schedule"));
    EXPECT_EQ(json["runs"][1]["origin"]["file"], path("b.schedule"));
    EXPECT_TRUE(json["first_difference"].is_object());
    const Outcome page =
        run_sim({"view", path("a.schedule"), path("b.schedule"), "--out", path("two.html")});
    EXPECT_EQ(page.ending, Ending::exited(0)) << page.errors;
    EXPECT_EQ(Json::parse(json_in(read("two.html"))), json);
}

TEST_F(SimView, shows_a_run_that_has_crashed_up_to_its_end) {
    const Outcome crashed =
        run({DRYDOCK_FRAGILE_PROGRAM},
            {"run", "fragile/null-write", "--seed", "778", "--record", path("crash.schedule")});
    ASSERT_EQ(crashed.ending, Ending::exited(1)) << crashed.errors;
    const Outcome result = run({DRYDOCK_FRAGILE_PROGRAM},
                               {"view", path("crash.schedule"), "--format", "json", "--out", "-"});
    ASSERT_EQ(result.ending, Ending::exited(0)) << result.errors;
    const Json json = Json::parse(result.output);
    EXPECT_EQ(json["verdict"]["property"], "crash");
    EXPECT_EQ(json["events"].back()["kind"], "verdict");
    EXPECT_EQ(json["steps"], 4) << "it crashes in step 4";
    const auto marked = json["verdict"]["events"].get<std::vector<std::size_t>>();
    ASSERT_EQ(marked.size(), 2U);
    EXPECT_EQ(json["events"][marked[0] - 1]["kind"], "completed");
    EXPECT_EQ(json["events"][marked[0] - 1]["operation"], "timer");
}

// --- what is refused ----------------------------------------------------------------------------

TEST_F(SimView, refuses_what_it_cannot_show_and_writes_nothing) {
    run_sim({"run", "echo", "--seed", "3", "--record", path("echo.schedule")});
    run_sim({"run", "echo", "--seed", "111", "--record", path("long.schedule")});
    run_sim({"run", "chat", "--seed", "3", "--record", path("chat.schedule")});
    const std::string echo = path("echo.schedule");
    const std::string text = read("echo.schedule");
    folder_.write("damaged.schedule", text.substr(0, text.size() / 2));
    const std::string out = path("page.html");
    const auto refuses = [&](const Words& words, const std::string& says) {
        SCOPED_TRACE(testing::PrintToString(words));
        Words all = {"view"};
        all.insert(all.end(), words.begin(), words.end());
        all.insert(all.end(), {"--out", out});
        expect_refusal_of_sim(all, says);
        EXPECT_FALSE(std::filesystem::exists(out));
        EXPECT_FALSE(std::filesystem::exists(out + ".part0"));
    };
    refuses({path("damaged.schedule")}, "is not a schedule that can be replayed");
    refuses({path("none.schedule")}, "cannot read the file");
    refuses({echo, path("chat.schedule")}, "different scenarios, 'echo' and 'chat'");
    refuses({echo, "--format", "pdf"}, "there is no format 'pdf'");
    refuses({path("long.schedule"), "--format", "mermaid"}, "too large for a sequence diagram");
    refuses({echo, echo, "--format", "perfetto"}, "in the formats html and json alone");
    refuses({echo, "--beside-benign"}, "passes, so it is its own nearest benign run");
    refuses({echo, "--explain"}, "passes, so there is nothing to explain");
    refuses({echo, echo, "--explain"}, "about one schedule");
}

TEST_F(SimView, never_takes_the_place_of_the_schedule) {
    const std::string file = schedule_of(broken);
    std::ifstream in(file);
    const std::string before((std::istreambuf_iterator<char>(in)), {});
    expect_refusal_of_sim({"view", file, "--out", file}, "would overwrite the schedule");
    expect_refusal_of_sim({"replay", file, "--view", file}, "would overwrite the schedule");
    expect_refusal_of_sim(
        {"run", broken, "--seed", "1", "--record", path("both"), "--view", path("both")},
        "--record and --view name the same file");
    std::ifstream again(file);
    EXPECT_EQ(std::string((std::istreambuf_iterator<char>(again)), {}), before);
}

TEST_F(SimView, says_that_the_run_has_left_its_schedule) {
    ASSERT_EQ(run_sim({"run", "chat", "--seed", "5", "--record", path("a.schedule")}).ending,
              Ending::exited(0));
    std::string text = read("a.schedule");
    const std::size_t label = text.find("member: ");
    ASSERT_NE(label, std::string::npos);
    std::ofstream(path("b.schedule")) << text.replace(label, 6, "number");
    const Outcome result = run_sim({"view", path("b.schedule"), "--out", path("b.html")});
    EXPECT_EQ(result.ending, Ending::exited(0));
    EXPECT_THAT(result.errors, HasSubstr("the run left its schedule at choice "));
}

#if !defined(_WIN32)
TEST_F(SimView, writes_to_what_a_link_or_a_pipe_leads_to) {
    const std::string file = schedule_of(broken);
    std::ofstream(path("target.html")) << "old";
    std::filesystem::create_symlink("target.html", path("link.html"));
    EXPECT_EQ(run_sim({"view", file, "--out", path("link.html")}).ending, Ending::exited(0));
    EXPECT_TRUE(std::filesystem::is_symlink(path("link.html")));
    EXPECT_THAT(read("target.html"), testing::StartsWith("<!DOCTYPE html>"));
    EXPECT_EQ(run_sim({"view", file, "--out", "/dev/null"}).ending, Ending::exited(0));
    EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
    std::filesystem::create_symlink("nowhere/x.html", path("dangling.html"));
    expect_refusal_of_sim({"view", file, "--out", path("dangling.html")}, "cannot write the file");
}
#endif

TEST_F(SimView, says_that_its_page_cannot_be_written) {
    run_sim({"run", "echo", "--seed", "3", "--record", path("echo.schedule")});
    expect_refusal_of_sim({"view", path("echo.schedule"), "--out", "/no/such/folder/x.html"},
                          "cannot write the file '/no/such/folder/x.html'");
    std::filesystem::create_directories(path("folder/full"));
    expect_refusal_of_sim({"view", path("echo.schedule"), "--out", path("folder")},
                          "cannot write the file");
    EXPECT_EQ(files_in(""), (std::vector<std::string>{"echo.schedule", "folder"}));
    const Outcome run = run_sim({"run", "echo", "--view", "/no/such/folder/x.html"});
    EXPECT_EQ(run.ending, Ending::exited(2));
    EXPECT_THAT(run.errors, HasSubstr("cannot write the file '/no/such/folder/x.html'"));
}

// --- explain ------------------------------------------------------------------------------------

/// The label of the choice at which the failure of a specimen's shrunk schedule jumps.
struct Cause {
    std::string specimen;
    std::string label;
};

void PrintTo(const Cause& cause, std::ostream* out) { *out << cause.specimen; }

class SimExplain : public SimView, public testing::WithParamInterface<Cause> {};

TEST_P(SimExplain, names_the_choice_that_is_known_to_be_the_cause) {
    const std::string file = schedule_of(GetParam().specimen);
    const Json json = json_of({"explain", file, "--time", "60"});
    EXPECT_EQ(json["complete"], true);
    EXPECT_EQ(json["runs"], 64);
    EXPECT_EQ(json["label"], GetParam().label) << json["sentence"];
    EXPECT_THAT(json["sentence"].get<std::string>(), HasSubstr("'" + GetParam().label + "' = "));
    // The curve ends with the whole schedule.
    EXPECT_EQ(json["inevitability"].front()["choice"], 0);
    EXPECT_EQ(json["inevitability"].back()["share"], 1.0);
}

INSTANTIATE_TEST_SUITE_P(
    Specimens, SimExplain,
    testing::Values(Cause{"zoo/ignores-short-sends", "client: manner"},
                    Cause{"zoo/sends-again-from-the-start", "client: manner"},
                    Cause{"zoo/stops-accepting-after-a-failure", "accept: shortage"},
                    Cause{"zoo/loses-accept-slots", "accept: shortage"},
                    Cause{"zoo/closes-its-listener-on-a-failure", "accept: shortage"},
                    Cause{"zoo/forgets-the-unfinished-line", "member: last line unfinished"},
                    Cause{"zoo/sets-long-lines-aside", "completion: late"}));

TEST_F(SimView, explains_a_failure_the_same_way_each_time) {
    const std::string file = schedule_of(broken);
    const Outcome first = run_sim({"explain", file, "--time", "60"});
    EXPECT_EQ(first.ending, Ending::exited(0)) << first.errors;
    EXPECT_THAT(first.output, HasSubstr("64 runs for each number of choices\n"));
    EXPECT_EQ(run_sim({"explain", file, "--time", "60"}).output, first.output);
    const Json page = viewed({file, "--explain", "--time", "60"});
    EXPECT_THAT(first.output, HasSubstr(page["inevitability_sentence"].get<std::string>()));
    EXPECT_EQ(page["inevitability"], json_of({"explain", file, "--time", "60"})["inevitability"]);
}

TEST_F(SimView, explains_as_far_as_the_time_reaches) {
    const std::string file = schedule_of(broken);
    const Json json = json_of({"explain", file, "--time", "0"});
    EXPECT_EQ(json["complete"], false);
    EXPECT_THAT(json["sentence"].get<std::string>(), HasSubstr("time was up"));
}

}  // namespace
}  // namespace drydock::e2e
