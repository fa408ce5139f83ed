// What the scenarios know of one of Beast's examples.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace drydock::beast_examples {

/// What an example is, and so what its scenario does.
enum class Kind : std::uint8_t {
    http_server,
    http_client,
    crawler,    ///< an HTTP client that visits many hosts
    ws_server,  ///< it sends each message back
    ws_client,
    advanced,     ///< an HTTP server that upgrades to WebSocket
    line_server,  ///< it takes one connection, sends one line back, and ends
};

/// How an example differs from others of its kind.
struct Traits {
    bool tls = false;          ///< it speaks TLS
    bool flex = false;         ///< it speaks TLS and plain TCP on one port
    bool own_threads = false;  ///< it is not told how many threads to have
    bool no_timeout = false;   ///< a client that waits for ever, as its page says
    bool one_answer = false;   ///< a server that closes after one answer
    bool no_files = false;     ///< it serves /count and /time, and no files
    bool bare_files = false;   ///< it knows GET alone, and no index.html of a folder
    bool three_ports = false;  ///< it listens on the port and the next two
    bool broadcasts = false;   ///< it sends each message to all
    bool json = false;         ///< it posts to postman-echo.com, port 80
};

/// An example. Words of `arguments` in braces are replaced for each scenario.
struct Example {
    std::string name;
    Kind kind;
    Traits traits;
    std::vector<std::string> arguments;
    std::string doc_root;
};

/// That of this executable.
const Example& the_example();

}  // namespace drydock::beast_examples
