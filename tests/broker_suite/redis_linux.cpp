// Debian's redis-server as a server under test.
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/broker_suite/link.hpp"
#include "tests/broker_suite/subject.hpp"
#include "tests/support/process.hpp"

namespace drydock::broker {
namespace {

constexpr const char* program = DRYDOCK_REDIS_SERVER;

// A port that nothing listens at, now. Another process may take it: then the server ends, and the
// caller tries again.
std::uint16_t free_port(CompletionQueue& queue) {
    const ListenResult listening = queue.listen(Endpoint::loopback(0), {});
    return listening.listener == nullptr ? std::uint16_t{0}
                                         : listening.listener->local_endpoint().port();
}

std::string user_line(const User& user) {
    std::string line = "user " + user.name + " on >" + user.password;
    line += user.key_prefix.empty() ? " ~*" : " ~" + user.key_prefix + "*";
    if (user.all_commands) line += " +@all";
    for (const std::string& command : user.commands) line += " +" + command;
    return line + "\n";
}

class RedisServer final : public Server {
public:
    RedisServer(CompletionQueue& queue, const ServerOptions& options)
        : queue_(queue), options_(options) {
        std::filesystem::create_directory(data());
    }

    Task<void> start() override {
        const bool is_first = port_ == 0;
        for (int attempts = is_first ? 5 : 1; attempts > 0; --attempts) {
            if (is_first) port_ = free_port(queue_);
            process_ = std::make_unique<test::Process>(
                test::Command{.words = {program, folder_.write("redis.conf", configuration())}});
            if (process_->wait_for_output("Ready to accept connections")) co_return;
        }
        ADD_FAILURE() << "redis-server does not start: " << process_->output();
    }
    // Half a millisecond for each command of its file.
    Task<void> start_loading() override {
        const std::string slow = "key-load-delay 500\n";
        process_ = std::make_unique<test::Process>(
            test::Command{.words = {program, folder_.write("redis.conf", configuration() + slow)}});
        Timer timer(queue_);
        for (int attempts = 600; attempts > 0; --attempts) {
            Link link(queue_);
            const bool is_open = co_await link.open(endpoint());
            if (is_open) co_return;
            co_await timer.after(std::chrono::milliseconds(10));
        }
        ADD_FAILURE() << "redis-server does not start: " << process_->output();
    }
    Task<void> loaded() override {
        EXPECT_TRUE(process_->wait_for_output("Ready to accept connections"));
        co_return;
    }
    Task<void> kill() override {
        process_->signal(SIGKILL);
        EXPECT_EQ(process_->wait(), test::Ending::killed(SIGKILL));
        process_.reset();
        co_return;
    }
    Endpoint endpoint() const override { return Endpoint::loopback(port_); }

    Task<void> impose(Condition condition) override {
        Link link(queue_);
        const bool is_open = co_await link.open(endpoint());
        EXPECT_TRUE(is_open);
        if (!options_.password.empty()) co_await expect_ok(link, "AUTH", options_.password);
        co_await expect_ok(link, "CONFIG", "SET", "maxmemory", "0");
        co_await expect_ok(link, "CONFIG", "SET", "save", "");
        co_await expect_ok(link, "REPLICAOF", "NO", "ONE");
        if (condition == Condition::out_of_memory) {
            co_await expect_ok(link, "CONFIG", "SET", "maxmemory", "1");
        } else if (condition == Condition::read_only) {
            co_await expect_ok(link, "REPLICAOF", "127.0.0.1", "1");
        } else if (condition == Condition::disk_error) {
            co_await break_disk(link);
        }
    }

private:
    std::string data() const { return folder_.path() + "/data"; }

    std::string configuration() const {
        constexpr const char* policies[] = {"no", "everysec", "always"};
        std::string text = "bind 127.0.0.1\nport " + std::to_string(port_) + "\ndir " + data() +
                           "\nsave \"\"\nenable-protected-configs yes\n";
        text += options_.append_only ? "appendonly yes\n" : "appendonly no\n";
        text += std::string("appendfsync ") + policies[static_cast<int>(options_.fsync)] + "\n";
        if (!options_.password.empty()) text += "requirepass " + options_.password + "\n";
        for (const User& user : options_.users) text += user_line(user);
        return text;
    }

    template <typename... Words>
    static Task<void> expect_ok(Link& link, const Words&... words) {
        return expect_ok_of(link, broker::command(words...));
    }
    static Task<void> expect_ok_of(Link& link, std::string command) {
        co_await link.send(command);
        const std::string reply = co_await link.reply();
        EXPECT_EQ(reply, "+OK\r\n") << command;
    }

    // A snapshot into a folder that is gone: from then on writes are refused.
    Task<void> break_disk(Link& link) {
        const std::string gone = folder_.path() + "/gone";
        std::filesystem::create_directory(gone);
        co_await expect_ok(link, "CONFIG", "SET", "dir", gone);
        std::filesystem::remove(gone);
        co_await expect_ok(link, "CONFIG", "SET", "save", "3600 1");
        co_await link.ask("BGSAVE");
        Timer timer(queue_);
        for (int attempts = 600; attempts > 0; --attempts) {
            const std::string info = co_await link.ask("INFO", "persistence");
            if (info.find("rdb_last_bgsave_status:err") != std::string::npos) break;
            co_await timer.after(std::chrono::milliseconds(20));
        }
        co_await expect_ok(link, "CONFIG", "SET", "dir", data());
    }

    CompletionQueue& queue_;
    ServerOptions options_;
    test::TemporaryFolder folder_;
    std::unique_ptr<test::Process> process_;
    std::uint16_t port_ = 0;
};

}  // namespace

std::string missing(Kind kind) {
    if (kind != "redis" || ::access(program, X_OK) == 0) return {};
    return "no redis-server (Debian: redis-server): the model is not compared with it";
}

std::unique_ptr<Server> make_redis(CompletionQueue& queue, const ServerOptions& options) {
    return std::make_unique<RedisServer>(queue, options);
}

}  // namespace drydock::broker
