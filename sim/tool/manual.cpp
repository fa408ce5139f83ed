// The texts of drydock-sim's --help and of drydock-sim(1), beside its commands and options.
#include "sim/tool/commands.hpp"

namespace drydock::app {
namespace {

const Manual::Status refused = {
    "2",
    "The command line is wrong or what it asks for cannot be done, as the error message says; or a "
    "file or a part of the output could not be written."};

std::vector<Manual::Command> commands_that_run() {
    return {
        {.name = "run",
         .statuses = {{"0", "The run passed."}, {"1", "The run failed."}, refused},
         .examples = {{"Seed 7, with the last 40 completions:",
                       "drydock-sim run echo --seed 7 --trace 40"},
                      {"Record a failing run of a broken server, and run it again:",
                       "drydock-sim run zoo/ignores-short-sends --record run.schedule\n"
                       "drydock-sim replay run.schedule"}}},
        {.name = "farm",
         .statuses = {{"0", "All runs passed."},
                      {"1",
                       "A run failed. Or the farm had 20,000 seeds or more of a plain scenario "
                       "(one with no option that changes its runs), and no run reached one of "
                       "the scenario's probes."},
                      refused},
         .examples = {{"A hundred thousand runs of the chat server:",
                       "drydock-sim farm chat --seeds 100000"},
                      {"Ten minutes, or until the first failure:",
                       "drydock-sim farm echo --seeds 1000000000 --time 600 --until-failure"}}},
        {.name = "merge",
         .statuses = {{"0", "All runs passed."},
                      {"1", "As for farm, over all shards together."},
                      refused},
         .examples = {{"A farm in two parts, which may run on two machines:",
                       "drydock-sim farm echo --seeds 1000 --shard 1/2 --json > a.json\n"
                       "drydock-sim farm echo --seeds 1000 --shard 2/2 --json > b.json\n"
                       "drydock-sim merge a.json b.json"}}},
    };
}

std::vector<Manual::Command> commands_about_schedules() {
    return {
        {.name = "explore",
         .statuses = {{"0",
                       "No schedule that was run failed. The last line says \"explored "
                       "completely\", or \"NOT complete\" if the time was up or Ctrl-C was "
                       "pressed."},
                      {"1", "A schedule failed."},
                      refused},
         .examples = {{"All schedules of two clients that send two bytes each:",
                       "drydock-sim explore echo --clients 2 --bytes 2"},
                      {"A broken server, with the fault that it does not handle:",
                       "drydock-sim explore zoo/ignores-short-sends --faults short_send"}}},
        {.name = "replay",
         .statuses = {{"0", "The run passed."}, {"1", "The run failed."}, refused},
         .examples = {{"A schedule from a file, with the last 40 completions:",
                       "drydock-sim replay run.schedule --trace 40"}}},
        {.name = "shrink",
         .statuses = {{"1", "The schedule fails, and so does the shrunk one that was written."},
                      {"2",
                       "As for other commands; also if the schedule passes, so that there is "
                       "nothing to shrink."}},
         .examples = {{"Write run.shrunk.schedule:", "drydock-sim shrink run.schedule"}}},
        {.name = "zoo",
         .statuses = {{"0", "Every specimen was caught in time, and no sound server failed."},
                      {"1",
                       "A specimen was not caught within its seeds and 10 seconds, or its "
                       "schedule did not shrink to 12 choices; or a sound server failed."},
                      refused},
         .examples = {{"One specimen:", "drydock-sim zoo trusts-a-cancel"}}},
        {.name = "list",
         .statuses = {{"0", "The list was printed."}, refused},
         .examples = {{"All scenarios, for a program to read:", "drydock-sim list --json"}}},
    };
}

std::vector<Manual::Command> commands() {
    std::vector<Manual::Command> all = commands_that_run();
    for (Manual::Command& command : commands_about_schedules()) all.push_back(std::move(command));
    return all;
}

}  // namespace

Manual drydock_sim_manual() {
    return {
        .summary = "runs completion-based servers in a simulated world",
        .description =
            R"(Runs a scenario, which is a server, its clients and the properties that must hold,
against a simulated completion queue and network. All that a world may do differently is a choice,
and the choices of a run are its schedule. They are drawn from a seed, read from a file, or all
tried in turn. A run is the same on every system.

If a property or a rule does not hold, the run has failed. A farm shrinks the failing schedule to
the few choices that matter, and writes it to a file that can be replayed.)",
        .sections = {{"STANDARD STREAMS",
                      R"(A standard stream that is closed when the program starts is the null
device. If output cannot be written, the program prints one error message on standard error, and the
exit status is 2, whatever the runs have shown.)"}},
        .statuses = {{"0", "No run failed."},
                     {"1", "A run failed, or a farm did not reach a probe that it must reach."},
                     refused},
        .examples =
            {{"A hundred thousand runs of the chat server:",
              "drydock-sim farm chat --seeds 100000"},
             {"One run again, with its last 40 completions:",
              "drydock-sim run echo --seed 7 --trace 40"},
             {"All schedules of a small world:", "drydock-sim explore echo --clients 2 --bytes 2"},
             {"A run that is recorded, and run again:",
              "drydock-sim run echo --seed 7 --record run.txt\ndrydock-sim replay run.txt"}},
        .commands = commands(),
        .see_also = "drydock"};
}

}  // namespace drydock::app
