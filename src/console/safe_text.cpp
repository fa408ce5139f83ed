// Lines whole and without orders.
#include "src/console/safe_text.hpp"

#include <utility>

#include "src/console/utf8.hpp"

namespace drydock::console {
namespace {

/// A line of somebody's, its newline not among it, as one that can be shown.
std::string shown(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);  // from a system that ends lines in "\r\n"
    std::string safe;
    while (!line.empty()) {
        const Decoded next = decode(line);
        const bool plain =
            next.kind == Decoded::Kind::character && (!is_control(next.code) || next.code == '\t');
        safe += plain ? line.substr(0, next.size) : std::string_view("?");
        line.remove_prefix(next.size);
    }
    return safe + '\n';
}

}  // namespace

std::string SafeText::feed(std::string_view chunk) {
    std::string lines;
    for (;;) {
        const std::size_t newline = chunk.find('\n');
        if (newline == std::string_view::npos) break;
        held_ += chunk.substr(0, newline);
        lines += shown(std::exchange(held_, {}));
        chunk.remove_prefix(newline + 1);
    }
    held_ += chunk;
    if (held_.size() > most_held) lines += finish();
    return lines;
}

std::string SafeText::finish() {
    return held_.empty() ? std::string() : shown(std::exchange(held_, {}));
}

}  // namespace drydock::console
