// Host and service names in a simulated world, which asks no machine.
#include <drydock/asio/names.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace drydock::asio_detail {

namespace {

/// The services that programs name (IANA, "Service Name and Transport Protocol Port Number
/// Registry"). The machine's own table is not asked: runs must not differ between machines.
constexpr std::pair<std::string_view, std::uint16_t> services[] = {
    {"echo", 7},    {"discard", 9},  {"daytime", 13},    {"chargen", 19}, {"ftp", 21},
    {"ssh", 22},    {"telnet", 23},  {"smtp", 25},       {"time", 37},    {"domain", 53},
    {"http", 80},   {"pop3", 110},   {"ntp", 123},       {"imap2", 143},  {"imap", 143},
    {"irc", 194},   {"https", 443},  {"socks", 1080},    {"mysql", 3306}, {"postgresql", 5432},
    {"amqp", 5672}, {"redis", 6379}, {"http-alt", 8080},
};

Trouble find_service(const NameQuery& query, std::uint16_t& port) {
    const std::string_view name = query.service;
    if (name.empty()) {
        port = 0;
        return {};
    }
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), port);
    if (error == std::errc() && end == name.data() + name.size()) return {};
    const auto* const known =
        std::find_if(std::begin(services), std::end(services),
                     [&](const auto& service) { return service.first == name; });
    if (query.numeric_service) return Reason::host_not_found;  // what getaddrinfo() says
    if (known == std::end(services)) return Reason::service_not_found;
    port = known->second;
    return {};
}

}  // namespace

Trouble resolve(Loop& loop, const NameQuery& query, std::vector<Endpoint>& endpoints) {
    std::uint16_t port = 0;
    if (const Trouble trouble = find_service(query, port)) return trouble;
    std::vector<Endpoint> found;
    if (query.host.empty() || (query.host == "localhost" && !query.numeric_host)) {
        const bool any = query.host.empty() && query.passive;
        std::array<std::uint8_t, 16> ipv6{};
        if (!any) ipv6[15] = 1;
        found.push_back(any ? Endpoint::ipv4({}, port) : Endpoint::loopback(port));
        found.push_back(Endpoint::ipv6(ipv6, port));
    } else if (!query.numeric_host && loop.surroundings() != nullptr) {
        found = loop.surroundings()->resolve(query.host);
    }
    for (const Endpoint& endpoint : found) {
        const bool ipv4 = endpoint.family() == Endpoint::Family::ipv4;
        if (ipv4 ? query.ipv4 : query.ipv6) endpoints.push_back(endpoint.with_port(port));
    }
    return endpoints.empty() ? Trouble(Reason::host_not_found) : Trouble();
}

}  // namespace drydock::asio_detail
