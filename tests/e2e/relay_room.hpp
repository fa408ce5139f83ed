// A room over several servers, for the end-to-end tests of the relay.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/e2e/chat_room.hpp"
#include "tests/support/chat_crowd.hpp"
#include "tests/support/redis_process.hpp"

namespace drydock::e2e {

using test::ChatCrowd;
using test::ChatMember;
using test::Durability;
using test::Listening;
using test::RedisProcess;

/// Where the broker is missing, a test says so.
#define DRYDOCK_NEEDS_REDIS()                \
    if (!test::RedisProcess::is_installed()) \
    GTEST_SKIP() << "redis-server is not installed (Debian: redis-server; ci/packages.sh)"

/// Servers with one broker, and members of all of them on one thread.
class RelayRoom {
public:
    explicit RelayRoom(RedisProcess& broker) : broker_(broker), crowd_(0) {}

    /// One more server. False: it did not start.
    bool add_server(const Words& options = {}, Words program = drydock) {
        Words words = {"--workers", "2"};
        if (std::ranges::find(options, "--relay") == options.end()) {
            words.insert(words.end(), {"--relay", broker_.url()});
        }
        words.insert(words.end(), options.begin(), options.end());
        servers_.push_back(std::make_unique<ChatServerProcess>(program, words));
        joined_.push_back(0);
        return servers_.back()->port() != 0;
    }
    ChatServerProcess& server(std::size_t index) { return *servers_[index]; }

    /// More members of a server; they are in the room when this returns.
    bool add_members(std::size_t server, std::size_t count,
                     Listening listening = Listening::keeps) {
        crowd_.turn_to(servers_[server]->port());
        for (std::size_t i = 0; i < count; ++i) {
            if (!crowd_.join(listening)) return false;
        }
        joined_[server] += count;
        return servers_[server]->process().wait_for_errors(
            "joined\" member=" + std::to_string(joined_[server]) + " ");
    }
    ChatCrowd& crowd() { return crowd_; }

    /// Each of the members says its next lines.
    void say_lines(std::size_t first, std::size_t count, int lines) {
        for (std::size_t i = first; i < first + count; ++i) {
            std::string text;
            for (int k = 0; k < lines; ++k) {
                text += std::to_string(i) + "." + std::to_string(said_[i]++) + "\n";
            }
            crowd_.say(i, text);
            size_ += text.size();
        }
    }
    /// The bytes of all lines that were said so.
    std::size_t size() const { return size_; }
    /// Until these members have heard all that say_lines() has made them say.
    bool talk_until_heard(std::size_t first, std::size_t count) {
        return crowd_.talk_until([&] {
            for (std::size_t i = first; i < first + count; ++i) {
                if (crowd_[i].heard.size() < size_) return false;
            }
            return true;
        });
    }

    /// All that say_lines() has made anyone say, each line once, every speaker's in its order.
    void expect_complete(std::string_view heard) const {
        std::map<std::size_t, int> next;
        std::size_t lines = 0;
        while (!heard.empty()) {
            const std::size_t end = heard.find('\n');
            ASSERT_NE(end, std::string_view::npos) << "the stream should end with a line";
            const std::string line(heard.substr(0, end));
            heard.remove_prefix(end + 1);
            const std::size_t speaker = std::stoul(line);
            ASSERT_EQ(line, std::to_string(speaker) + "." + std::to_string(next[speaker]))
                << "each speaker's lines should come whole, once and in order";
            ++next[speaker];
            ++lines;
        }
        for (const auto& [speaker, count] : said_) {
            EXPECT_EQ(next[speaker], count) << "of member " << speaker;
        }
        EXPECT_GT(lines, 0U);
    }

    /// These members have heard the same.
    void expect_one_order(std::size_t first, std::size_t count) const {
        for (std::size_t i = first; i < first + count; ++i) {
            EXPECT_EQ(crowd_[i].heard, crowd_[first].heard) << "member " << i;
        }
    }

    std::size_t log_count(std::size_t server, std::string_view text) const {
        return count_in_log(*servers_[server], text);
    }

private:
    RedisProcess& broker_;
    ChatCrowd crowd_;
    std::vector<std::unique_ptr<ChatServerProcess>> servers_;
    std::vector<std::size_t> joined_;
    std::map<std::size_t, int> said_;
    std::size_t size_ = 0;
};

}  // namespace drydock::e2e
