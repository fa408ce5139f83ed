// The main function of bench/asio_echo.cpp for the Windows tests: PROGRAM PORT WORKERS.
#include <charconv>
#include <cstdio>
#include <string_view>
#include <system_error>

#include "bench/peer_program.hpp"

namespace drydock::bench {
namespace {

/// 0 for a text that is no number: any port, or no worker, and the main thread serves.
template <typename Number>
Number number_in(std::string_view text) {
    Number number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

}  // namespace

int run_peer(int argc, char** argv, const char* name, const char* purpose,
             void (*serve)(std::uint16_t port, unsigned workers)) {
    if (argc != 3) {
        std::fprintf(stderr, "%s PORT WORKERS: %s\n", name, purpose);
        return 2;
    }
    try {
        serve(number_in<std::uint16_t>(argv[1]), number_in<unsigned>(argv[2]));
    } catch (const std::system_error& error) {
        std::fprintf(stderr, "%s: %s\n", name, error.what());
        return 2;
    }
    return 0;
}

}  // namespace drydock::bench
