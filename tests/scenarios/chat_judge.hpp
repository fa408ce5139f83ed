// The judge of the chat scenario: knows every line that was sent, and what each visit has heard.
//
// It needs no look into the server. All members hear a part of one order, without gaps; so if any
// of them hears one line right after another, these two are neighbours for everybody. The judge
// keeps, for each line, the neighbours that it was first heard with: a second opinion is a broken
// property, and its kind can be told.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <drydock/sim/world.hpp>

namespace drydock::sim {

/// One stay of one member in the room: one connection.
struct ChatVisit {
    std::uint32_t member = 0;
    std::uint32_t number = 0;     // of the member's visits
    std::uint32_t lines = 0;      // that it will send
    std::uint32_t line_size = 0;  // bytes, about
    /// It goes away inside its last line, after so many bytes of it. 0: it does not.
    std::uint32_t cut_at = 0;
    std::uint32_t server = 0;  // of those that share the room: at which it is

    std::uint32_t first_line = 0;  // its lines' place in the judge's list
    std::uint64_t received = 0;    // bytes
    std::string partial;           // what came after the last newline
    bool ended = false;            // all that it has heard is judged

    // Moments, on the judge's clock; 0: not yet.
    std::uint64_t connecting = 0;
    std::uint64_t inside = 0;   // it has heard something, so it is in the room
    std::uint64_t leaving = 0;  // it has closed its side, or begun to go away

    // The judge's:
    std::int32_t last = -1;            // the line that it has heard last
    std::vector<bool> heard;           // by line
    std::vector<std::int32_t> order;   // the lines as they were heard
    std::vector<std::int32_t> latest;  // by visit: the last line's number
    std::uint32_t index = 0;

    std::string name() const;
};

class ChatJudge {
public:
    static constexpr std::size_t most_servers = 3;

    explicit ChatJudge(World& world) noexcept : world_(world) { world.created_open(this); }

    /// Sets a moment, of a visit, that is later than all before.
    void mark(std::uint64_t& moment) noexcept {
        const Inside inside(world_, *this);
        moment = ++clock_;
    }

    /// Lines that were published may be lost, and be published again in another order: what is
    /// judged is each visit for itself.
    void be_lenient() noexcept { lenient_ = true; }

    /// The visit's lines get their places. The visit stays where it is.
    void enroll(ChatVisit& visit);

    /// A line as it is sent, without its newline.
    static std::string text(const ChatVisit& visit, std::uint32_t number);

    /// From here on its line may be published: the chunk with its end is about to be sent.
    void sending(const ChatVisit& visit, std::uint32_t number) noexcept;

    /// Bytes have come. False: a property is broken, and the run has failed.
    bool hear(ChatVisit& visit, std::string_view bytes);

    /// Nothing more is asked about the visit.
    void end(ChatVisit& visit) noexcept {
        const Inside inside(world_, *this);
        visit.ended = true;
    }

    /// The server was asked to stop.
    void stopping() noexcept {
        if (stop_ == 0) mark(stop_);
    }
    bool stopped() const noexcept {
        const Inside inside(world_, *this);
        return stop_ != 0;
    }

    /// The visit has seen the end of the stream: then it was owed nothing any more.
    /// `has_left`: because it had closed its own side, and for no other reason. `disturbed`: it may
    /// have been for another, at any time.
    void check_end(const ChatVisit& visit, bool has_left, bool disturbed);

    /// Whether some line that was sent while the visit was in the room has been heard by another,
    /// at whichever server, and not by it.
    bool owes(const ChatVisit& visit) const;

    /// All that it knows, with moments told by their order.
    std::uint64_t state_hash() const;

    /// The text of a line by its place in the judge's list.
    std::string text_of(std::int32_t line) const {
        const Line& known = lines_[static_cast<std::size_t>(line)];
        return text(*known.visit, known.number);
    }
    /// The line that the visit has heard last, in quotes.
    std::string heard_last(const ChatVisit& visit) const { return quote(visit.last); }
    /// How many bytes of its own lines the visit has heard, newlines included.
    std::uint64_t own_bytes_heard(const ChatVisit& visit) const;

    /// The lines that the visit has heard, in that order, each in quotes, as if its members had
    /// these names: see renamed().
    std::string heard_by(const ChatVisit& visit, std::span<const std::uint32_t> names = {}) const;
    /// The visit as that of the member at the place `names` of its own member; empty: its own.
    static ChatVisit renamed(const ChatVisit& visit, std::span<const std::uint32_t> names);

    /// The most that the room can have had for this visit, in bytes.
    std::uint64_t most_for(const ChatVisit& visit) const;

    /// What all visits together have said, in bytes, though of each no more than so many.
    std::uint64_t said_by_all(std::uint64_t most_of_one) const;

private:
    struct Line {
        const ChatVisit* visit = nullptr;
        std::uint32_t number = 0;
        std::uint64_t sent = 0;                           // moments
        std::array<std::uint64_t, most_servers> heard{};  // by the first at each server
        std::int32_t before = -1;
        std::int32_t after = -1;
    };

    bool hear_line(ChatVisit& visit, std::string_view line);
    std::int32_t find(std::string_view line) const;
    bool check_new(ChatVisit& visit, std::int32_t line);
    bool check_neighbours(ChatVisit& visit, std::int32_t line);
    bool comes_after(std::int32_t later, std::int32_t earlier) const;
    void check_nothing_missing(const ChatVisit& visit, bool has_left);
    /// When a line was first heard where the visit is.
    static std::uint64_t heard_there(const Line& line, const ChatVisit& visit) noexcept {
        return line.heard[visit.server];
    }
    std::uint64_t outlook(const Line& line, const ChatVisit& visit) const noexcept;
    /// At whichever server.
    static bool heard_by_any(const Line& line) noexcept {
        return std::any_of(line.heard.begin(), line.heard.end(),
                           [](std::uint64_t moment) { return moment != 0; });
    }
    std::string quote(std::int32_t line) const;
    bool broken(std::string_view property, const ChatVisit& visit, std::string what);

    World& world_;
    std::uint64_t clock_ = 0;
    std::uint64_t stop_ = 0;
    bool lenient_ = false;
    std::vector<ChatVisit*> visits_;
    std::vector<Line> lines_;
};

}  // namespace drydock::sim
