// The judge of a chat under soak. One member, the recorder, is there before all others and leaves
// after them: what it hears is the one order of all lines. What any other hears must be a piece of
// it, byte for byte.
//
// The others may hear a line before the recorder does; so what they hear waits until it can be
// compared.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/soak/verdict.hpp"

namespace drydock::soak {

/// What one member says.
struct Voice {
    std::uint32_t begun = 0;  ///< lines that it has begun to send
    /// What it has sent of its last line, its label at least, when it went away inside of that: the
    /// server may take that for a line.
    std::string tail;
    bool has_reset = false;  ///< it went away so
    bool is_due = false;     ///< all of it, as the member has ended in order
    // The judge's:
    std::vector<std::size_t> places;  // where its lines begin in the order
};

/// What one member hears.
struct Ear {
    std::uint64_t member = 0;
    std::size_t not_before = 0;  ///< what the recorder had heard when it came
    std::size_t must_reach = 0;  ///< what the recorder had heard when it left, in order
    bool has_ended = false;      ///< by the end of the stream, after it had left
    // The judge's:
    std::string waiting;                // not compared yet
    std::optional<std::size_t> begins;  // its first line, in the order
    std::size_t at = 0;                 // compared up to here
};

class ChatOrder {
public:
    explicit ChatOrder(Verdict& verdict) : verdict_(verdict) {}

    /// A line as it is said, with its newline.
    static std::string line(std::uint64_t member, std::uint32_t number, std::size_t size);

    /// A member that will say lines of about this size.
    Voice& voice(std::uint64_t member, std::size_t line_size);
    /// Lines and bytes that the recorder has heard.
    std::uint64_t lines() const { return lines_; }
    /// Lines that were cut off by a reset, and heard all the same: the server has taken that for an
    /// end. The kernel tells of a reset once; when that is a send, a receive at the same time sees
    /// an end.
    std::uint64_t resets_taken_for_ends() const { return resets_taken_for_ends_; }
    std::size_t size() const { return heard_.size(); }

    /// The recorder hears.
    void record(std::string_view bytes);
    /// Another hears.
    void hear(Ear& ear, std::string_view bytes);
    /// The member has gone; what it has heard is kept until it is compared.
    void over(Ear ear) { gone_.push_back(std::move(ear)); }
    /// All have gone, the recorder last: nothing may be left open. The order starts anew.
    void settle();

private:
    struct Speaker {
        Voice voice;
        std::size_t line_size = 0;
    };

    void record_line(std::string_view line);
    std::optional<std::size_t> find(std::string_view line) const;
    void compare(Ear& ear);
    void settle(Ear& ear);
    std::string quote(std::string_view text) const;

    Verdict& verdict_;
    std::map<std::uint64_t, Speaker> speakers_;
    std::string heard_;       // by the recorder
    std::size_t parsed_ = 0;  // of it
    std::uint64_t lines_ = 0;
    std::uint64_t resets_taken_for_ends_ = 0;
    std::vector<Ear> gone_;
};

}  // namespace drydock::soak
