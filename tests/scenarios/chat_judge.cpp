// Lines recognised, compared with what others have heard, and what is missing at the end.
#include "tests/scenarios/chat_judge.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <drydock/hash.hpp>

namespace drydock::sim {
namespace {

/// Bytes that a server might be tempted to treat as something: never a newline.
constexpr std::string_view filler(std::string_view::size_type at) noexcept {
    using namespace std::string_view_literals;
    constexpr std::string_view bytes = "a\r\0\xff\xc3z \x1b"sv;
    return bytes.substr(at % bytes.size(), 1);
}

std::optional<std::uint32_t> take_number(std::string_view& text, char end) noexcept {
    std::uint32_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || rest == text.data() + text.size() || *rest != end) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()) + 1);
    return number;
}

/// As it can be printed.
std::string printable(std::string_view text) {
    std::string result = "\"";
    for (const char c : text.substr(0, 60)) result += c >= ' ' && c <= '~' ? c : '.';
    return result + (text.size() > 60 ? "...\"" : "\"");
}

}  // namespace

std::string ChatVisit::name() const {
    return "member " + std::to_string(member) +
           (number > 0 ? " (visit " + std::to_string(number + 1) + ")" : "");
}

void ChatJudge::enroll(ChatVisit& visit) {
    visit.index = static_cast<std::uint32_t>(visits_.size());
    visit.first_line = static_cast<std::uint32_t>(lines_.size());
    visits_.push_back(&visit);
    for (std::uint32_t number = 0; number < visit.lines; ++number) {
        Line line;
        line.visit = &visit;
        line.number = number;
        lines_.push_back(line);
    }
}

std::string ChatJudge::text(const ChatVisit& visit, std::uint32_t number) {
    std::string line = std::to_string(visit.member) + "." + std::to_string(visit.number) + "." +
                       std::to_string(number) + ":";
    const std::size_t size = visit.line_size + (number * 7) % (visit.line_size + 1);
    while (line.size() < size) line += filler(line.size() + number);
    if (visit.cut_at > 0 && number + 1 == visit.lines) {
        line.resize(std::min<std::size_t>(line.size(), visit.cut_at));
    }
    return line;
}

void ChatJudge::sending(const ChatVisit& visit, std::uint32_t number) noexcept {
    mark(lines_[visit.first_line + number].sent);
}

bool ChatJudge::broken(std::string_view property, const ChatVisit& visit, std::string what) {
    world_.fail(property, visit.name() + " " + std::move(what));
    return false;
}

std::string ChatJudge::quote(std::int32_t line) const {
    const Line& quoted = lines_[static_cast<std::size_t>(line)];
    return printable(text(*quoted.visit, quoted.number));
}

/// Of moments only what the checks will still compare: that it has come, and which of two came
/// first. Of a visit that has ended nothing is compared any more, and of a line that it has heard
/// only the neighbours are.
std::uint64_t ChatJudge::state_hash() const {
    std::uint64_t hash = stop_ != 0 ? 1 : 0;
    bool any_open = false;
    for (const ChatVisit* visit : visits_) {
        any_open = any_open || !visit->ended;
        hash = hash_of({hash, visit->connecting != 0 ? 1U : 0U, visit->received,
                        visit->ended ? 1U : 0U, visit->order.size()});
        for (const std::int32_t line : visit->order) {
            hash = hash_of({hash, static_cast<std::uint32_t>(line)});
        }
    }
    if (!any_open) return hash;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        const Line& line = lines_[i];
        hash = hash_of({hash, line.sent != 0 ? 1U : 0U, static_cast<std::uint32_t>(line.before),
                        static_cast<std::uint32_t>(line.after)});
        for (const ChatVisit* visit : visits_) {
            const bool heard = i < visit->heard.size() && visit->heard[i];
            if (!visit->ended && !heard) hash = hash_with(hash, outlook(line, *visit));
        }
    }
    return hash;
}

/// What the moments say of a line that the visit has not heard yet: may it still hear it, and is it
/// owed to it? An answer that is known stays the same, whatever comes.
std::uint64_t ChatJudge::outlook(const Line& line, const ChatVisit& visit) const noexcept {
    enum Answer : std::uint64_t { open, yes, no };
    const auto comes_before = [](std::uint64_t one, std::uint64_t other) {
        if (one == 0 && other == 0) return open;
        return one != 0 && (other == 0 || one < other) ? yes : no;
    };
    const std::uint64_t heard = heard_there(line, visit);
    const std::uint64_t left =
        visit.leaving != 0 && stop_ != 0 ? std::min(visit.leaving, stop_) : visit.leaving + stop_;
    const Answer published_before_it_came = comes_before(heard, visit.connecting);
    const Answer was_inside = comes_before(visit.inside, line.sent);
    const Answer heard_before_it_left = comes_before(heard, left);
    const bool left_too_soon = visit.leaving != 0 && heard_before_it_left == no;
    if (was_inside == no || left_too_soon) return published_before_it_came;
    return hash_of(
        {published_before_it_came, was_inside, heard_before_it_left, heard_by_any(line) ? 1U : 0U});
}

ChatVisit ChatJudge::renamed(const ChatVisit& visit, std::span<const std::uint32_t> names) {
    ChatVisit other = visit;
    if (!names.empty()) other.member = names[visit.member - 1] + 1;
    return other;
}

std::string ChatJudge::heard_by(const ChatVisit& visit,
                                std::span<const std::uint32_t> names) const {
    std::string told;
    for (const std::int32_t index : visit.order) {
        const Line& line = lines_[static_cast<std::size_t>(index)];
        told += (told.empty() ? "" : " ") +
                (names.empty() ? quote(index)
                               : printable(text(renamed(*line.visit, names), line.number)));
    }
    return told.empty() ? "nothing" : told;
}

// --- hearing -------------------------------------------------------------------------------------

bool ChatJudge::hear(ChatVisit& visit, std::string_view bytes) {
    const Inside inside(world_, *this);
    if (visit.inside == 0) mark(visit.inside);
    visit.received += bytes.size();
    for (;;) {
        const std::size_t newline = bytes.find('\n');
        visit.partial += bytes.substr(0, newline);
        if (newline == std::string_view::npos) return true;
        bytes.remove_prefix(newline + 1);
        if (!hear_line(visit, visit.partial)) return false;
        visit.partial.clear();
    }
}

bool ChatJudge::hear_line(ChatVisit& visit, std::string_view heard) {
    const std::int32_t index = find(heard);
    if (index < 0) {
        return broken("chat-whole", visit,
                      "got the line " + printable(heard) + ", which nobody has sent");
    }
    Line& line = lines_[static_cast<std::size_t>(index)];
    std::uint64_t& first = line.heard[visit.server];
    if (first == 0) mark(first);
    visit.order.push_back(index);
    return check_new(visit, index) && (lenient_ || check_neighbours(visit, index));
}

/// The line of exactly this text, if it was sent; or -1.
std::int32_t ChatJudge::find(std::string_view heard) const {
    std::string_view rest = heard;
    const std::optional<std::uint32_t> member = take_number(rest, '.');
    for (const ChatVisit* visit : visits_) {
        if (member && visit->member != *member) continue;
        const std::uint32_t count = visit->lines;
        if (count == 0) continue;
        // A line that was cut off may lack its number.
        std::string_view after_visit = rest;
        const std::optional<std::uint32_t> number = take_number(after_visit, '.') == visit->number
                                                        ? take_number(after_visit, ':')
                                                        : std::nullopt;
        const std::uint32_t candidate = number.value_or(count - 1);
        if (candidate >= count) continue;
        const std::uint32_t index = visit->first_line + candidate;
        if (lines_[index].sent == 0 || text(*visit, candidate) != heard) continue;
        return static_cast<std::int32_t>(index);
    }
    return -1;
}

bool ChatJudge::check_new(ChatVisit& visit, std::int32_t index) {
    const Line& line = lines_[static_cast<std::size_t>(index)];
    visit.heard.resize(lines_.size());
    visit.latest.resize(visits_.size(), -1);
    if (visit.heard[static_cast<std::size_t>(index)]) {
        return broken("chat-once", visit, "got the line " + quote(index) + " twice");
    }
    visit.heard[static_cast<std::size_t>(index)] = true;
    if (!lenient_ && heard_there(line, visit) < visit.connecting) {
        return broken("chat-join", visit,
                      "got the line " + quote(index) + ", which was published before it came");
    }
    std::int32_t& latest = visit.latest[line.visit->index];
    if (static_cast<std::int32_t>(line.number) < latest) {
        return broken("chat-sender-order", visit,
                      "got line " + std::to_string(line.number) + " of " + line.visit->name() +
                          " after its line " + std::to_string(latest));
    }
    latest = static_cast<std::int32_t>(line.number);
    return true;
}

bool ChatJudge::check_neighbours(ChatVisit& visit, std::int32_t index) {
    const std::int32_t last = std::exchange(visit.last, index);
    if (last < 0) return true;
    Line& line = lines_[static_cast<std::size_t>(index)];
    Line& previous = lines_[static_cast<std::size_t>(last)];
    if (previous.after == index) return true;
    const auto what = [&] { return "got " + quote(index) + " right after " + quote(last); };
    if (comes_after(last, index)) {
        return broken("chat-order", visit,
                      what() + "; another member has heard them the other way");
    }
    if (previous.after >= 0) {
        const bool gap = comes_after(index, previous.after) || line.before < 0;
        return broken(gap ? "chat-gap" : "chat-order", visit,
                      what() + "; another member has heard " + quote(previous.after) + " there");
    }
    if (line.before >= 0) {
        return broken("chat-gap", visit,
                      what() + "; another member has heard " + quote(line.before) + " before it");
    }
    previous.after = index;
    line.before = last;
    return true;
}

bool ChatJudge::comes_after(std::int32_t later, std::int32_t earlier) const {
    std::int32_t at = earlier;
    while (at >= 0 && at != later) at = lines_[static_cast<std::size_t>(at)].after;
    return at >= 0;
}

// --- the end -------------------------------------------------------------------------------------

void ChatJudge::check_end(const ChatVisit& visit, bool has_left, bool disturbed) {
    const Inside inside(world_, *this);
    if (!visit.partial.empty()) {
        broken(
            "chat-whole", visit,
            "saw the end of the stream in the middle of a line, after " + printable(visit.partial));
        return;
    }
    if (!disturbed) check_nothing_missing(visit, has_left);
}

/// Whoever was in the room before a line was sent, and still was when another has heard it, must
/// have heard it, too. Its own lines come back to whoever has ended its stream itself.
void ChatJudge::check_nothing_missing(const ChatVisit& visit, bool has_left) {
    const std::uint64_t stop = stop_ != 0 ? stop_ : ~std::uint64_t{0};
    const std::uint64_t left = std::min(visit.leaving != 0 ? visit.leaving : stop, stop);
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        const Line& line = lines_[i];
        const bool heard = i < visit.heard.size() && visit.heard[i];
        if (heard || line.sent == 0) continue;
        const auto index = static_cast<std::int32_t>(i);
        if (line.visit == &visit && has_left) {
            broken("chat-complete", visit, "never got its own line " + quote(index) + " back");
            return;
        }
        const std::uint64_t first = heard_there(line, visit);
        const bool owed =
            visit.inside != 0 && visit.inside < line.sent && first != 0 && first < left;
        if (!owed) continue;
        broken("chat-complete", visit,
               "never got the line " + quote(index) + ", which another has heard before it left");
        return;
    }
}

bool ChatJudge::owes(const ChatVisit& visit) const {
    const Inside inside(world_, *this);
    if (lenient_) return false;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        const Line& line = lines_[i];
        const bool heard = i < visit.heard.size() && visit.heard[i];
        const bool in_time = visit.inside != 0 && visit.inside < line.sent;
        if (!heard && heard_by_any(line) && in_time) return true;
    }
    return false;
}

std::uint64_t ChatJudge::own_bytes_heard(const ChatVisit& visit) const {
    std::uint64_t bytes = 0;
    for (const std::int32_t line : visit.order) {
        const Line& heard = lines_[static_cast<std::size_t>(line)];
        if (heard.visit == &visit) bytes += text(visit, heard.number).size() + 1;
    }
    return bytes;
}

std::uint64_t ChatJudge::most_for(const ChatVisit& visit) const {
    const Inside inside(world_, *this);
    std::uint64_t bytes = 0;
    for (const Line& line : lines_) {
        const std::uint64_t first = heard_there(line, visit);
        const bool before = first != 0 && first < visit.connecting;
        if (line.sent != 0 && !before) bytes += text(*line.visit, line.number).size() + 1;
    }
    return bytes;
}

std::uint64_t ChatJudge::said_by_all(std::uint64_t most_of_one) const {
    const Inside inside(world_, *this);
    std::vector<std::uint64_t> said(visits_.size());
    for (const Line& line : lines_) {
        if (line.sent != 0) said[line.visit->index] += text(*line.visit, line.number).size() + 1;
    }
    std::uint64_t bytes = 0;
    for (const std::uint64_t of_one : said) bytes += std::min(of_one, most_of_one);
    return bytes;
}

}  // namespace drydock::sim
