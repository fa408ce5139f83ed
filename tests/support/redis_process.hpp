// Debian's redis-server, as the broker of a test: on the loopback, in a folder of its own that goes
// with it. POSIX only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/process.hpp"

namespace drydock::test {

/// How a broker keeps what it acknowledges.
enum class Durability : std::uint8_t {
    none,   ///< in memory alone
    always  ///< appendonly yes, appendfsync always
};

class RedisProcess {
public:
    /// Whether the program is installed. A test without it says so and is skipped.
    static bool is_installed();

    explicit RedisProcess(Durability durability, const std::vector<std::string>& options = {});
    RedisProcess(const RedisProcess&) = delete;
    RedisProcess& operator=(const RedisProcess&) = delete;
    ~RedisProcess();

    /// 0: it did not start.
    std::uint16_t port() const { return port_; }
    /// "redis://[USER@]127.0.0.1:PORT/room"
    std::string url(const std::string& user = {}) const;

    /// kill -9.
    void crash();
    /// Again, at the same port and with what it has kept. False: it does not start.
    bool restart();
    /// Again, but it reads its file slowly, so that it refuses for a while what needs data: so many
    /// microseconds for each command in the file. False: it does not start.
    bool restart_loading(int delay_us);
    /// Until it has read its file. False: it does not end that.
    bool wait_until_loaded();
    /// SIGSTOP, SIGCONT.
    void freeze();
    void thaw();

    /// Sends a command, its words separated by spaces, and gives the reply's first line.
    std::string tell(const std::string& command);

private:
    bool start(const std::vector<std::string>& more, const std::string& says);

    std::string folder_;
    std::vector<std::string> options_;
    std::uint16_t port_ = 0;
    std::optional<Process> process_;
};

}  // namespace drydock::test
