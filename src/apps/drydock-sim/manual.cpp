// What the texts of every tool become in drydock-sim's: examples with drydock's own servers, and
// the command zoo.
#include <algorithm>

#include "src/apps/drydock-sim/zoo.hpp"

namespace drydock::app {
namespace {

/// The statuses and examples of a command of every tool.
Manual::Command& notes_of(Manual& manual, std::string_view name) {
    return *std::find_if(manual.commands.begin(), manual.commands.end(),
                         [&](const Manual::Command& command) { return command.name == name; });
}

Manual::Command zoo_notes(const Manual::Status& refused) {
    return {.name = "zoo",
            .statuses = {{"0", "Every specimen was caught in time, and no sound server failed."},
                         {"1",
                          "A specimen was not caught within its seeds and 10 seconds, or its "
                          "schedule did not shrink to 12 choices (40 for a rare specimen); or a "
                          "sound server failed."},
                         refused},
            .examples = {{"One specimen:", "drydock-sim zoo trusts-a-cancel"}}};
}

}  // namespace

void amend_manual(Manual& manual) {
    notes_of(manual, "run").examples = {
        {"Seed 7, with the last 40 completions:", "drydock-sim run echo --seed 7 --trace 40"},
        {"Record a failing run of a broken server, and run it again:",
         "drydock-sim run zoo/ignores-short-sends --record run.schedule\n"
         "drydock-sim replay run.schedule"}};
    notes_of(manual, "farm").examples = {
        {"A hundred thousand runs of the chat server:", "drydock-sim farm chat --seeds 100000"},
        {"Ten minutes, or until the first failure:",
         "drydock-sim farm echo --seeds 1000000000 --time 600 --until-failure"}};
    notes_of(manual, "explore").examples = {
        {"All schedules of two clients that send two bytes each:",
         "drydock-sim explore echo --clients 2 --bytes 2"},
        {"A broken server, with the fault that it does not handle:",
         "drydock-sim explore zoo/ignores-short-sends --faults short_send"}};
    manual.examples = {
        {"A hundred thousand runs of the chat server:", "drydock-sim farm chat --seeds 100000"},
        {"One run again, with its last 40 completions:",
         "drydock-sim run echo --seed 7 --trace 40"},
        {"All schedules of a small world:", "drydock-sim explore echo --clients 2 --bytes 2"},
        {"A run that is recorded, and run again:",
         "drydock-sim run echo --seed 7 --record run.txt\ndrydock-sim replay run.txt"}};
    manual.commands.push_back(zoo_notes(manual.statuses.back()));
    manual.see_also = "drydock";
}

}  // namespace drydock::app
