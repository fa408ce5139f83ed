// The address of a room in a broker: redis://[USER@]HOST[:PORT]/ROOM. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace drydock::relay {

struct Address {
    std::string user;  ///< empty: Redis's default user
    std::string host;  ///< a name or an address; IPv6 without its brackets
    std::uint16_t port = 6379;
    std::string room;
};

/// The address, or why there is none: the end of an error message, without a full stop. The message
/// repeats nothing of the text, as that may hold a password.
struct ParsedAddress {
    Address address;
    std::string error;

    bool ok() const noexcept { return error.empty(); }
};

/// A room's name is 1 to 64 letters, digits, dots, hyphens and underscores.
ParsedAddress parse_address(std::string_view text);

}  // namespace drydock::relay
