// drydock-sim(1), beyond its commands and options.
#include "src/apps/drydock-sim/commands.hpp"

namespace drydock::app {

Manual drydock_sim_manual() {
    return {
        .summary = "runs completion-based servers in a simulated world",
        .description =
            R"(Runs servers against a simulated completion queue and network. All that a
world may do differently is a choice, and a run is a list of choices: from a seed, from a file,
or all of them in turn. A run is the same on every system.

Where a property fails, the run is shrunk to the few choices that matter, and written to a file
that can be replayed.)",
        .sections =
            {{"STANDARD STREAMS",
              R"(A standard stream that is closed when the program starts is the null device.
Output that cannot be written is reported in one sentence on standard error, and the exit status
is 2, whatever the runs have shown.)"}},
        .statuses = {{"0", "Every property held."},
                     {"1", "A property failed, or a farm did not reach what it must reach."},
                     {"2",
                      "What was asked for cannot be done as asked, as one sentence on standard "
                      "error says, or "
                      "a part of the output, or a file, could not be written."}},
        .examples =
            {{"A hundred thousand runs of the chat server:",
              "drydock-sim farm chat --seeds 100000"},
             {"One run again, with its last 40 completions:",
              "drydock-sim run echo --seed 7 --trace 40"},
             {"All schedules of a small world:", "drydock-sim explore echo --clients 2 --bytes 2"},
             {"A run that is written down, and run again:",
              "drydock-sim run echo --seed 7 --record run.txt\ndrydock-sim replay run.txt"}},
        .see_also = "drydock"};
}

}  // namespace drydock::app
