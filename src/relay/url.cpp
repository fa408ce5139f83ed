// Taking an address apart.
#include "src/relay/url.hpp"

#include <algorithm>
#include <charconv>

namespace drydock::relay {
namespace {

constexpr std::string_view form = "the form is redis://[USER@]HOST[:PORT]/ROOM";
constexpr std::size_t longest_room = 64;

ParsedAddress wrong(std::string_view what) { return {{}, std::string(what)}; }
ParsedAddress ill_formed() { return wrong(form); }

bool is_of_a_name(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
}

/// HOST, HOST:PORT, [IPv6] or [IPv6]:PORT.
bool read_host(std::string_view text, Address& address) {
    std::string_view port;
    bool has_port = false;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) return false;
        address.host = text.substr(1, end - 1);
        const std::string_view rest = text.substr(end + 1);
        has_port = !rest.empty();
        if (has_port && rest.front() != ':') return false;
        if (has_port) port = rest.substr(1);
    } else {
        const std::size_t colon = text.find(':');
        address.host = text.substr(0, colon);
        has_port = colon != std::string_view::npos;
        if (has_port) port = text.substr(colon + 1);
    }
    if (address.host.empty()) return false;
    if (!has_port) return true;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
    return error == std::errc() && end == port.data() + port.size() && address.port != 0;
}

}  // namespace

ParsedAddress parse_address(std::string_view text) {
    constexpr std::string_view scheme = "redis://";
    if (text.starts_with("rediss://")) {
        return wrong("rediss:// (TLS) is not supported; use redis:// through a tunnel");
    }
    if (!text.starts_with(scheme)) return ill_formed();
    text.remove_prefix(scheme.size());
    // The last one: a password may hold an @ of its own.
    const std::size_t at = text.rfind('@');
    ParsedAddress parsed;
    if (at != std::string_view::npos) {
        const std::string_view user = text.substr(0, at);
        if (user.find(':') != std::string_view::npos) {
            return wrong(
                "a password does not belong into the URL, which other users of this machine can "
                "see; give it by DRYDOCK_RELAY_PASSWORD or --relay-password-file");
        }
        if (user.empty() || !std::ranges::all_of(user, &is_of_a_name)) return ill_formed();
        parsed.address.user = user;
        text.remove_prefix(at + 1);
    }
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return ill_formed();
    const std::string_view room = text.substr(slash + 1);
    if (!read_host(text.substr(0, slash), parsed.address)) return ill_formed();
    const bool is_room =
        !room.empty() && room.size() <= longest_room && std::ranges::all_of(room, &is_of_a_name);
    if (!is_room) {
        return wrong("the room's name is 1 to 64 letters, digits, dots, hyphens and underscores");
    }
    parsed.address.room = room;
    return parsed;
}

}  // namespace drydock::relay
