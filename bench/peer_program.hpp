// The main function of the peers: their command line, kept apart from the measured code.
#pragma once

#include <cstdint>

namespace drydock::bench {

/// Parses, and serves until the end. `purpose` is for --help. The program's status; 2 when `serve`
/// throws a std::system_error.
int run_peer(int argc, char** argv, const char* name, const char* purpose,
             void (*serve)(std::uint16_t port, unsigned workers));

}  // namespace drydock::bench
