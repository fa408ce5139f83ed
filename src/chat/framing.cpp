// Splitting chunks at newlines.
#include "src/chat/framing.hpp"

namespace drydock::chat {

Lines LineFramer::feed(std::string_view chunk) {
    given_.clear();
    Lines lines;
    std::size_t begin = 0;  // of the line that is being looked at
    std::size_t held = unfinished_.size();
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
    if (lines.count > 0) {
        given_.swap(unfinished_);
        lines.head = given_;
        lines.body = chunk.substr(0, begin);
    }
    if (!lines.too_long) unfinished_.append(chunk.substr(begin));
    return lines;
}

}  // namespace drydock::chat
