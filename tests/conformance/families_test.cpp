// IPv4 and IPv6 on one listener, and each family on its own.
#include <array>
#include <memory>

#include "tests/conformance/suite.hpp"

namespace drydock::conformance {
namespace {

constexpr Endpoint any_ipv4(std::uint16_t port) { return Endpoint::ipv4({}, port); }
constexpr Endpoint any_ipv6(std::uint16_t port) { return Endpoint::ipv6({}, port); }

constexpr Endpoint ipv6_loopback(std::uint16_t port) {
    return Endpoint::ipv6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, port);
}

/// ::ffff:127.0.0.1.
constexpr Endpoint mapped_loopback(std::uint16_t port) {
    return Endpoint::ipv6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1}, port);
}

}  // namespace

class Families : public Suite {
protected:
    void SetUp() override {
        Suite::SetUp();
        const ListenResult probe = queue().listen(ipv6_loopback(0), {});
        if (probe.listener == nullptr) {
            GTEST_SKIP() << "this machine has no IPv6 (no ::1): " << name(probe.error);
        }
    }

    std::unique_ptr<TestListener> listen_at(const Endpoint& endpoint, bool ipv6_only = false) {
        ListenOptions options;
        options.ipv6_only = ipv6_only;
        ListenResult result = queue().listen(endpoint, options);
        EXPECT_EQ(result.error, Error::ok) << endpoint.to_string() << ": " << name(result.error);
        if (result.listener == nullptr) {
            return nullptr;
        }
        return std::make_unique<TestListener>(driver(), std::move(result.listener));
    }

    Error error_of_listening_at(const Endpoint& endpoint) {
        return queue().listen(endpoint, {}).error;
    }

    /// A connect that nobody takes.
    Error error_of_connecting_to(const Endpoint& endpoint) {
        TestConnect connecting(driver());
        queue().connect(connecting, endpoint);
        EXPECT_TRUE(driver().finish(connecting)) << endpoint.to_string();
        return connecting.result().error;
    }

    /// A connection to `endpoint` comes to the listener, and both ends agree on who they are.
    void expect_to_take(TestListener& listener, const Endpoint& endpoint) {
        SCOPED_TRACE(endpoint.to_string());
        Connection connection = connect(listener, endpoint);
        ASSERT_NE(connection.server, nullptr) << "the connection should come to the listener";
        EXPECT_EQ((*connection.client)->peer_endpoint(), endpoint);
        EXPECT_EQ((*connection.server)->local_endpoint(), endpoint)
            << (*connection.server)->local_endpoint().to_string();
        EXPECT_EQ((*connection.server)->peer_endpoint(), (*connection.client)->local_endpoint())
            << (*connection.server)->peer_endpoint().to_string();
        EXPECT_EQ((*connection.server)->peer_endpoint().family(), endpoint.family())
            << "an IPv4 peer is IPv4, whatever the listener is";
        ASSERT_EQ(connection.client->send_all("ping").bytes, 4U);
        EXPECT_EQ(connection.server->receive_exactly(4), "ping");
        ASSERT_EQ(connection.server->send_all("pong").bytes, 4U);
        EXPECT_EQ(connection.client->receive_exactly(4), "pong");
    }
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Families);
INSTANTIATE_TEST_SUITE_P(On, Families, ::testing::ValuesIn(backends()), backend_name);

TEST_P(Families, are_both_taken_at_the_ipv6_wildcard) {
    const auto listener = listen_at(any_ipv6(0));
    ASSERT_NE(listener, nullptr);
    const std::uint16_t port = (*listener)->local_endpoint().port();
    EXPECT_EQ((*listener)->local_endpoint(), any_ipv6(port));
    expect_to_take(*listener, Endpoint::loopback(port));
    expect_to_take(*listener, ipv6_loopback(port));
    expect_to_take(*listener, Endpoint::loopback(port));
}

TEST_P(Families, have_a_listener_each_where_the_ipv6_wildcard_is_for_ipv6_only) {
    const auto ipv6 = listen_at(any_ipv6(0), true);
    ASSERT_NE(ipv6, nullptr);
    const std::uint16_t port = (*ipv6)->local_endpoint().port();
    const auto ipv4 = listen_at(any_ipv4(port));
    ASSERT_NE(ipv4, nullptr) << "0.0.0.0 should be left to others";
    expect_to_take(*ipv4, Endpoint::loopback(port));
    expect_to_take(*ipv6, ipv6_loopback(port));
}

TEST_P(Families, are_refused_by_a_listener_that_is_for_the_other_one) {
    const auto ipv6_any = listen_at(any_ipv6(0), true);
    const auto ipv6 = listen_at(ipv6_loopback(0));
    const auto ipv4 = listen_at(any_ipv4(0));
    ASSERT_TRUE(ipv6_any != nullptr && ipv6 != nullptr && ipv4 != nullptr);
    for (const auto& listener : {ipv6_any.get(), ipv6.get()}) {
        const Endpoint other = Endpoint::loopback((*listener)->local_endpoint().port());
        EXPECT_EQ(error_of_connecting_to(other), Error::refused)
            << (*listener)->local_endpoint().to_string();
    }
    const Endpoint other = ipv6_loopback((*ipv4)->local_endpoint().port());
    EXPECT_EQ(error_of_connecting_to(other), Error::refused);
}

TEST_P(Families, are_both_in_use_where_somebody_listens_at_the_ipv6_wildcard) {
    const auto listener = listen_at(any_ipv6(0));
    ASSERT_NE(listener, nullptr);
    const std::uint16_t port = (*listener)->local_endpoint().port();
    EXPECT_EQ(error_of_listening_at(any_ipv4(port)), Error::address_in_use);
    EXPECT_EQ(error_of_listening_at(any_ipv6(port)), Error::address_in_use);
}

TEST_P(Families, are_not_both_to_be_had_where_somebody_listens_at_the_ipv4_wildcard) {
    const auto listener = listen_at(any_ipv4(0));
    ASSERT_NE(listener, nullptr);
    const std::uint16_t port = (*listener)->local_endpoint().port();
    EXPECT_EQ(error_of_listening_at(any_ipv6(port)), Error::address_in_use);
    EXPECT_NE(listen_at(any_ipv6(port), true), nullptr) << "IPv6 alone is free";
}

TEST_P(Families, of_an_ipv4_mapped_endpoint_are_ipv4) {
    const auto listener = listen_at(mapped_loopback(0));
    ASSERT_NE(listener, nullptr);
    const std::uint16_t port = (*listener)->local_endpoint().port();
    EXPECT_EQ((*listener)->local_endpoint(), Endpoint::loopback(port));
    Connection connection = connect(*listener, mapped_loopback(port));
    ASSERT_NE(connection.client, nullptr);
    EXPECT_EQ((*connection.client)->peer_endpoint(), Endpoint::loopback(port));
    EXPECT_EQ((*connection.server)->peer_endpoint(), (*connection.client)->local_endpoint());
}

}  // namespace drydock::conformance
