// A peer that never answers, on the loopback.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/tcp.hpp"

namespace drydock::e2e {

/// Listens, and has no room left in its backlog: Linux answers no further connect, and goes on
/// trying for minutes.
class SilentListener {
public:
    explicit SilentListener(const std::string& address) : listener_(address) {
        constexpr int room = test::TcpListener::backlog + 1;
        for (int i = 0; i < room; ++i) {
            waiting_.push_back(test::connect_to(listener_.port(), address));
            EXPECT_TRUE(waiting_.back().is_open()) << "connection " << i << " to " << address;
        }
    }
    std::string port() const { return std::to_string(listener_.port()); }

private:
    test::TcpListener listener_;
    std::vector<test::SocketFile> waiting_;
};

}  // namespace drydock::e2e
