// SHA-1, by which Redis names scripts. Not for secrets.
#pragma once

#include <string>
#include <string_view>

namespace drydock::broker {

/// The digest of `text` as 40 hexadecimal digits in lower case (FIPS 180-4, section 6.1).
std::string sha1_hex(std::string_view text);

}  // namespace drydock::broker
