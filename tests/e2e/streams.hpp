// Programs whose standard streams are closed, or cannot be written.
#pragma once

#include <ostream>
#include <string>

#include "tests/e2e/programs.hpp"

namespace drydock::e2e {

using Stream = test::StreamSetup::Kind;

/// Which of the three streams are closed, as one number with a bit for each.
inline Command with_closed(Command command, unsigned closed) {
    for (std::size_t stream = 0; stream < command.streams.size(); ++stream) {
        if ((closed >> stream & 1U) != 0) command.streams[stream] = Stream::closed;
    }
    return command;
}

inline bool is_closed(unsigned closed, int stream) {
    return (closed >> static_cast<unsigned>(stream) & 1U) != 0;
}

/// "open", or as "closed_0_and_2".
inline std::string closed_name(unsigned closed) {
    std::string name;
    for (int stream = 0; stream < 3; ++stream) {
        if (!is_closed(closed, stream)) continue;
        name += (name.empty() ? "closed_" : "_and_") + std::to_string(stream);
    }
    return name.empty() ? "open" : name;
}

/// A command line whose output is lost, and why.
struct Lost {
    const char* name;
    Words arguments;
    Stream output = Stream::full;
};

inline void PrintTo(const Lost& lost, std::ostream* out) { *out << lost.name; }

inline std::string lost_name(const testing::TestParamInfo<Lost>& info) { return info.param.name; }

/// One sentence that says what failed and why, and status 2.
inline void expect_complaint_about_output(const Outcome& run, const std::string& program,
                                          Stream output) {
    EXPECT_EQ(run.ending, Ending::exited(2)) << run.errors;
    EXPECT_TRUE(is_one_sentence(run.errors, program));
    const char* const reason = output == Stream::full ? "No space left on device" : "Broken pipe";
    EXPECT_NE(run.errors.find(std::string("cannot write to standard output: ") + reason),
              std::string::npos)
        << run.errors;
}

inline Outcome run_with(const Words& program, const Words& arguments, Stream output,
                        Stream errors = Stream::pipe, std::string_view input = {}) {
    Command prepared = command(program, arguments);
    prepared.streams[1] = output;
    prepared.streams[2] = errors;
    return test::run_program(prepared, input);
}

}  // namespace drydock::e2e
