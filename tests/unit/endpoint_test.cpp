// Endpoints as text and as values.
#include <array>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include <drydock/endpoint.hpp>

namespace drydock {
namespace {

std::string ipv6_text(std::array<std::uint16_t, 8> groups, std::uint32_t scope = 0) {
    std::array<std::uint8_t, 16> address{};
    for (std::size_t i = 0; i < 8; ++i) {
        address[2 * i] = static_cast<std::uint8_t>(groups[i] >> 8);
        address[2 * i + 1] = static_cast<std::uint8_t>(groups[i] & 0xff);
    }
    return Endpoint::ipv6(address, 7000, scope).to_string();
}

TEST(Endpoint, WritesIpv4InDottedDecimal) {
    EXPECT_EQ(Endpoint::loopback(7000).to_string(), "127.0.0.1:7000");
    EXPECT_EQ(Endpoint::ipv4({255, 0, 10, 1}, 65535).to_string(), "255.0.10.1:65535");
    EXPECT_EQ(Endpoint().to_string(), "0.0.0.0:0");
}

// The examples of RFC 5952, section by section.
TEST(Endpoint, WritesIpv6AsRfc5952Recommends) {
    EXPECT_EQ(ipv6_text({0x2001, 0xdb8, 0, 0, 1, 0, 0, 1}), "[2001:db8::1:0:0:1]:7000")
        << "4.2.3: of two runs equally long, the first is shortened";
    EXPECT_EQ(ipv6_text({0x2001, 0xdb8, 0, 0, 0, 0, 2, 1}), "[2001:db8::2:1]:7000")
        << "4.2.1: :: shortens as much as possible";
    EXPECT_EQ(ipv6_text({0x2001, 0xdb8, 0, 1, 1, 1, 1, 1}), "[2001:db8:0:1:1:1:1:1]:7000")
        << "4.2.2: a single zero group is not shortened";
    EXPECT_EQ(ipv6_text({0x2001, 0, 0, 1, 0, 0, 0, 1}), "[2001:0:0:1::1]:7000")
        << "4.2.3: the longest run is shortened";
    EXPECT_EQ(ipv6_text({0x2001, 0xdb8, 0, 0, 0xaaaa, 0xbbbb, 0xcccc, 0xdddd}),
              "[2001:db8::aaaa:bbbb:cccc:dddd]:7000")
        << "4.3: lower case";
    EXPECT_EQ(ipv6_text({0x2001, 0x0db8, 0, 0, 0, 0, 0, 0x0001}), "[2001:db8::1]:7000")
        << "4.1: no leading zeros";
}

TEST(Endpoint, ShortensZerosAtBothEndsAndThroughout) {
    EXPECT_EQ(ipv6_text({0, 0, 0, 0, 0, 0, 0, 0}), "[::]:7000");
    EXPECT_EQ(ipv6_text({0, 0, 0, 0, 0, 0, 0, 1}), "[::1]:7000");
    EXPECT_EQ(ipv6_text({1, 0, 0, 0, 0, 0, 0, 0}), "[1::]:7000");
    EXPECT_EQ(ipv6_text({0, 0, 1, 1, 1, 1, 1, 1}), "[::1:1:1:1:1:1]:7000");
    EXPECT_EQ(ipv6_text({1, 1, 1, 1, 1, 1, 0, 0}), "[1:1:1:1:1:1::]:7000");
    EXPECT_EQ(ipv6_text({1, 2, 3, 4, 5, 6, 7, 8}), "[1:2:3:4:5:6:7:8]:7000");
    EXPECT_EQ(ipv6_text({0, 1, 0, 1, 0, 1, 0, 1}), "[0:1:0:1:0:1:0:1]:7000");
}

TEST(Endpoint, WritesTheScopeOfALinkLocalAddress) {
    EXPECT_EQ(ipv6_text({0xfe80, 0, 0, 0, 0, 0, 0, 1}, 3), "[fe80::1%3]:7000");
}

TEST(Endpoint, ComparesByFamilyAddressPortAndScope) {
    EXPECT_EQ(Endpoint::loopback(1), Endpoint::ipv4({127, 0, 0, 1}, 1));
    EXPECT_NE(Endpoint::loopback(1), Endpoint::loopback(2));
    EXPECT_EQ(Endpoint::loopback(1).with_port(2), Endpoint::loopback(2));
    EXPECT_NE(Endpoint::ipv6({}, 1), Endpoint::ipv4({}, 1));
    EXPECT_NE(Endpoint::ipv6({}, 1, 1), Endpoint::ipv6({}, 1, 2));
}

TEST(Endpoint, IsAWildcardWhereItsAddressIsAllZeros) {
    EXPECT_TRUE(Endpoint::ipv4({}, 7000).is_wildcard());
    EXPECT_TRUE(Endpoint::ipv6({}, 7000).is_wildcard());
    EXPECT_FALSE(Endpoint::ipv4({0, 0, 0, 1}, 0).is_wildcard());
    EXPECT_FALSE(Endpoint::ipv6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 0).is_wildcard());
}

TEST(Endpoint, UnmapsIpv4MappedAddressesAndNoOthers) {
    const Endpoint mapped =
        Endpoint::ipv6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7}, 7000);
    EXPECT_EQ(mapped.unmapped(), Endpoint::ipv4({192, 0, 2, 7}, 7000));
    for (const Endpoint& other :
         {Endpoint::ipv4({192, 0, 2, 7}, 1), Endpoint::ipv6({}, 1),
          Endpoint::ipv6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 7}, 1),
          Endpoint::ipv6({0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 192, 0, 2, 7}, 1),
          Endpoint::ipv6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 1, 3)}) {
        EXPECT_EQ(other.unmapped(), other) << other.to_string();
    }
}

}  // namespace
}  // namespace drydock
