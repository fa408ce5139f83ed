// Starting a broker, and a few words with it.
#include "tests/support/redis_process.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "tests/support/tcp.hpp"

namespace drydock::test {
namespace {

constexpr const char* redis_server = "/usr/bin/redis-server";
constexpr const char* is_ready = "Ready to accept connections";

/// A port that nothing listens at. (Another program may take it at once; then the start fails.)
std::uint16_t free_port() {
    const SocketFile socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket.get(), any, size) != 0 || ::getsockname(socket.get(), any, &size) != 0) {
        return 0;
    }
    return ntohs(address.sin_port);
}

}  // namespace

bool RedisProcess::is_installed() { return std::filesystem::exists(redis_server); }

RedisProcess::RedisProcess(Durability durability, const std::vector<std::string>& options)
    : options_(options) {
    std::string name = (std::filesystem::temp_directory_path() / "drydock-redis-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        return;
    }
    folder_ = name;
    const bool keeps = durability == Durability::always;
    options_.insert(options_.end(), {"--appendonly", keeps ? "yes" : "no", "--appendfsync",
                                     "always", "--save", ""});
    for (int tries = 0; tries < 5 && !process_; ++tries) {
        port_ = free_port();
        if (port_ != 0 && !start({}, is_ready)) {
            port_ = 0;
        }
    }
}

RedisProcess::~RedisProcess() {
    if (process_) {
        process_->signal(SIGCONT);
        crash();
    }
    std::error_code ignored;
    if (!folder_.empty()) {
        std::filesystem::remove_all(folder_, ignored);
    }
}

bool RedisProcess::start(const std::vector<std::string>& more, const std::string& says) {
    Command command{{redis_server, "--port", std::to_string(port_), "--bind", "127.0.0.1"}};
    command.words.insert(command.words.end(), options_.begin(), options_.end());
    command.words.insert(command.words.end(), more.begin(), more.end());
    command.directory = folder_;
    process_.emplace(command);
    if (process_->wait_for_output(says)) {
        return true;
    }
    process_.reset();
    return false;
}

std::string RedisProcess::url(const std::string& user) const {
    return "redis://" + (user.empty() ? "" : user + "@") + "127.0.0.1:" + std::to_string(port_) +
           "/room";
}

void RedisProcess::crash() {
    process_->signal(SIGKILL);
    process_->wait();
    process_.reset();
}

bool RedisProcess::restart() { return start({}, is_ready); }

bool RedisProcess::restart_loading(int delay_us) {
    // It says so when it listens, and before it reads the file.
    return start({"--key-load-delay", std::to_string(delay_us)}, "Server initialized");
}

bool RedisProcess::wait_until_loaded() { return process_->wait_for_output(is_ready); }

void RedisProcess::freeze() { process_->signal(SIGSTOP); }
void RedisProcess::thaw() { process_->signal(SIGCONT); }

std::string RedisProcess::tell(const std::string& command) {
    TcpPeer peer(port_);
    std::string line;
    if (!peer.is_open() || !peer.send(command + "\r\n")) {
        return line;
    }
    while (!line.ends_with("\r\n")) {
        const Received received = peer.receive(1);
        if (received.bytes.empty()) {
            break;
        }
        line += received.bytes;
    }
    return line.substr(0, line.find('\r'));
}

}  // namespace drydock::test
