// The main function of the Asio servers: their command line, apart from what is measured.
#pragma once

#include <cstdint>

namespace drydock::bench {

/// Parses, and serves until the end. `purpose` is for --help. The program's status.
int run_asio_server(int argc, char** argv, const char* name, const char* purpose,
                    void (*serve)(std::uint16_t port, unsigned workers));

}  // namespace drydock::bench
