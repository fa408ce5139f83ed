// The main function of bench/asio_echo.cpp for the Windows tests: PROGRAM PORT WORKERS.
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include "bench/peer_program.hpp"

namespace drydock::bench {

int run_peer(int argc, char** argv, const char* name, const char* purpose,
             void (*serve)(std::uint16_t port, unsigned workers)) {
    if (argc != 3) {
        std::fprintf(stderr, "%s PORT WORKERS: %s\n", name, purpose);
        return 2;
    }
    try {
        serve(static_cast<std::uint16_t>(std::atoi(argv[1])),
              static_cast<unsigned>(std::atoi(argv[2])));
    } catch (const std::system_error& error) {
        std::fprintf(stderr, "%s: %s\n", name, error.what());
        return 2;
    }
    return 0;
}

}  // namespace drydock::bench
