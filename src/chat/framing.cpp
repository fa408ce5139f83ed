// Splitting chunks at newlines.
#include "src/chat/framing.hpp"

namespace drydock::chat {

Lines LineFramer::feed(std::string_view chunk) {
    held_.erase(0, given_);
    given_ = 0;
    Lines lines;
    std::size_t begin = 0;  // of the line that is being looked at
    std::size_t held = held_.size();
    for (;;) {
        const std::size_t newline = chunk.find('\n', begin);
        const std::size_t end = newline == std::string_view::npos ? chunk.size() : newline;
        if (end - begin > max_line_ - held) {
            lines.too_long = true;
            break;
        }
        if (newline == std::string_view::npos) break;
        held = 0;
        begin = newline + 1;
        ++lines.count;
    }
    if (lines.count > 0) given_ = held_.size();
    if (!lines.too_long) held_.append(chunk.substr(begin));
    lines.head = std::string_view(held_).substr(0, given_);
    lines.body = chunk.substr(0, begin);
    return lines;
}

}  // namespace drydock::chat
