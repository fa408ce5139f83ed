// The specimens of framing: framers that are sound but for the one defect that each is named after.
//
// Headers alone, as a fuzz target uses one of them in builds without tests.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

#include "src/chat/framing.hpp"

namespace drydock::zoo {

/// No defect of its own: what the others pass on to.
class SoundFramer {
public:
    explicit SoundFramer(std::size_t max_line) noexcept : framer_(max_line) {}
    chat::Lines feed(std::string_view chunk) { return framer_.feed(chunk); }
    std::string_view unfinished() const noexcept { return framer_.unfinished(); }

protected:
    chat::LineFramer framer_;
};

/// A newline that a chunk begins with is taken for the end of a line that was given already.
class DropsAnEmptyLineAtABorder : public SoundFramer {
public:
    using SoundFramer::SoundFramer;

    chat::Lines feed(std::string_view chunk) {
        const bool dropped = given_ && unfinished().empty() && chunk.substr(0, 1) == "\n";
        const chat::Lines lines = framer_.feed(chunk.substr(dropped ? 1 : 0));
        given_ = given_ || lines.count > 0;
        return lines;
    }

private:
    bool given_ = false;
};

/// As the textbook's chat server does: what has been received is sent on, whole line or not.
class RelaysChunks : public SoundFramer {
public:
    using SoundFramer::SoundFramer;

    chat::Lines feed(std::string_view chunk) {
        chat::Lines lines = framer_.feed(chunk);
        lines.head = {};
        lines.body = lines.too_long ? lines.body : chunk;
        return lines;
    }
};

/// What came of a line in an earlier chunk is lost.
class ForgetsTheHead : public SoundFramer {
public:
    using SoundFramer::SoundFramer;

    chat::Lines feed(std::string_view chunk) {
        chat::Lines lines = framer_.feed(chunk);
        lines.head = {};
        return lines;
    }
};

/// A line is measured when it is whole, so that one without an end is held without an end.
class MeasuresWholeLinesAlone {
public:
    explicit MeasuresWholeLinesAlone(std::size_t max_line) noexcept
        : max_line_(max_line), framer_(std::numeric_limits<std::size_t>::max()) {}

    chat::Lines feed(std::string_view chunk) {
        const std::size_t held = unfinished().size();
        chat::Lines lines = framer_.feed(chunk);
        if (lines.count == 1 && held + lines.body.size() - 1 > max_line_) {
            return {{}, {}, 0, true};
        }
        return lines;
    }
    std::string_view unfinished() const noexcept { return framer_.unfinished(); }

private:
    std::size_t max_line_;
    chat::LineFramer framer_;
};

/// A line of just the limit is refused.
class RefusesTheLimitItself : public SoundFramer {
public:
    explicit RefusesTheLimitItself(std::size_t max_line) noexcept
        : SoundFramer(max_line == 0 ? 0 : max_line - 1) {}
};

/// With a line that is too long, the whole ones before it in the same chunk are thrown away.
class ThrowsTheGoodOnesAwayToo : public SoundFramer {
public:
    using SoundFramer::SoundFramer;

    chat::Lines feed(std::string_view chunk) {
        const chat::Lines lines = framer_.feed(chunk);
        return lines.too_long ? chat::Lines{{}, {}, 0, true} : lines;
    }
};

}  // namespace drydock::zoo
