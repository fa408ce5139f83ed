// What the tests of the chat server have in common: members that are plain connections, and how a
// server is to end.
#pragma once

#include <string>
#include <string_view>

#include "tests/e2e/programs.hpp"
#include "tests/support/tcp.hpp"

namespace drydock::e2e {

/// Receives exactly this.
inline void expect_heard(test::TcpPeer& member, std::string_view text) {
    const test::Received received = member.receive(text.size());
    EXPECT_EQ(received.end, test::End::complete) << "all of it should arrive";
    EXPECT_EQ(received.bytes, text);
}

/// Nothing has arrived, nor does it for a little while.
inline void expect_silence(test::TcpPeer& member) {
    const test::Received received = member.receive(1, test::Milliseconds(100));
    EXPECT_EQ(received.end, test::End::timed_out) << "nothing should arrive, and the stream go on";
    EXPECT_EQ(received.bytes, "");
}

/// A connection that is a member: its own line has come back to it. Who is a member already hears
/// that line, too.
inline test::TcpPeer join_chat(std::uint16_t port, const std::string& greeting) {
    test::TcpPeer member(port);
    EXPECT_TRUE(member.is_open()) << "a new member should be let in";
    EXPECT_TRUE(member.send(greeting));
    expect_heard(member, greeting);
    return member;
}

/// Of a server that was told to stop: status 0, one line on standard output besides the
/// announcement, and nothing that a sanitizer would say.
inline ChatSummary expect_clean_end(ChatServerProcess& server) {
    EXPECT_EQ(server.process().wait(), Ending::exited(0)) << server.process().errors();
    const std::string& output = server.process().output();
    EXPECT_EQ(std::count(output.begin(), output.end(), '\n'), 2)
        << "where it listens and one summary, and nothing else: " << output;
    EXPECT_EQ(server.process().errors().find("Sanitizer"), std::string::npos)
        << server.process().errors();
    const ChatSummary summary = server.summary();
    EXPECT_TRUE(summary.printed) << "a summary of the known form: " << output;
    return summary;
}

/// Ctrl-C, and its end.
inline ChatSummary stop_chat(ChatServerProcess& server) {
    server.process().signal(SIGINT);
    return expect_clean_end(server);
}

/// How many of the log's lines hold this.
inline std::size_t count_in_log(const ChatServerProcess& server, std::string_view text) {
    const std::string& log = server.process().errors();
    std::size_t count = 0;
    for (std::size_t at = log.find(text); at != std::string::npos; at = log.find(text, at + 1)) {
        ++count;
    }
    return count;
}

}  // namespace drydock::e2e
