// Comparing what members hear with the one order.
#include "tests/soak/chat_order.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include <drydock/hash.hpp>

namespace drydock::soak {
namespace {

struct Label {
    std::uint64_t member = 0;
    std::uint32_t number = 0;
};

/// Of "member.number:...".
std::optional<Label> label_of(std::string_view line) {
    Label label;
    const char* const end = line.data() + line.size();
    const auto member = std::from_chars(line.data(), end, label.member);
    if (member.ec != std::errc() || member.ptr == end || *member.ptr != '.') return std::nullopt;
    const auto number = std::from_chars(member.ptr + 1, end, label.number);
    if (number.ec != std::errc() || number.ptr == end || *number.ptr != ':') return std::nullopt;
    return label;
}

/// A reset, which is what a close with unread data is, may overtake some of what was sent.
bool is_cut_off(const Voice& voice, std::string_view heard) {
    const std::string_view text = heard.substr(0, heard.size() - 1);
    return !voice.tail.empty() && voice.tail.starts_with(text);
}

}  // namespace

std::string ChatOrder::line(std::uint64_t member, std::uint32_t number, std::size_t size) {
    std::string text = fmt::format("{}.{}:", member, number);
    const std::uint64_t mark = hash_of({member, number});
    const std::size_t length = text.size() + mark % (size + 1);
    for (std::size_t i = text.size(); i < length; ++i) {
        // Any byte but a newline.
        const auto byte = static_cast<unsigned char>((mark >> 8) + i * 31);
        text += byte == '\n' ? '\t' : static_cast<char>(byte);
    }
    return text + '\n';
}

Voice& ChatOrder::voice(std::uint64_t member, std::size_t line_size) {
    Speaker& speaker = speakers_[member];
    speaker.line_size = line_size;
    return speaker.voice;
}

std::string ChatOrder::quote(std::string_view text) const {
    std::string quoted = "\"";
    for (const char c : text.substr(0, 40)) quoted += c >= ' ' && c <= '~' ? c : '.';
    return quoted + (text.size() > 40 ? "...\"" : "\"");
}

// --- the recorder --------------------------------------------------------------------------------

void ChatOrder::record(std::string_view bytes) {
    heard_ += bytes;
    for (;;) {
        const std::size_t end = heard_.find('\n', parsed_);
        if (end == std::string::npos) return;
        record_line(std::string_view(heard_).substr(parsed_, end + 1 - parsed_));
        parsed_ = end + 1;
    }
}

void ChatOrder::record_line(std::string_view heard) {
    ++lines_;
    const std::optional<Label> label = label_of(heard);
    const auto found = label ? speakers_.find(label->member) : speakers_.end();
    if (found == speakers_.end()) {
        return verdict_.fail("the chat's recorder heard the line " + quote(heard) +
                             ", which nobody has said");
    }
    Voice& voice = found->second.voice;
    const auto next = static_cast<std::uint32_t>(voice.places.size());
    const bool is_tail = is_cut_off(voice, heard);
    const bool is_whole =
        next < voice.begun && heard == line(label->member, next, found->second.line_size);
    if (!is_tail && !is_whole) {
        return verdict_.fail(fmt::format(
            "the chat's recorder heard line {} of member {} as {}; {} lines begun{}", next,
            label->member, quote(heard), voice.begun, voice.has_reset ? ", then it reset" : ""));
    }
    if (!is_whole && voice.has_reset) ++resets_taken_for_ends_;
    if (!is_whole) voice.tail.clear();
    voice.places.push_back(parsed_);
}

// --- the others ----------------------------------------------------------------------------------

void ChatOrder::hear(Ear& ear, std::string_view bytes) {
    ear.waiting += bytes;
    compare(ear);
}

/// Where this line begins in what the recorder has heard; nothing if it has not.
std::optional<std::size_t> ChatOrder::find(std::string_view line) const {
    const std::optional<Label> label = label_of(line);
    const auto found = label ? speakers_.find(label->member) : speakers_.end();
    if (found == speakers_.end()) return std::nullopt;
    const std::vector<std::size_t>& places = found->second.voice.places;
    if (label->number >= places.size()) return std::nullopt;
    return places[label->number];
}

void ChatOrder::compare(Ear& ear) {
    if (!ear.begins) {
        const std::size_t end = ear.waiting.find('\n');
        if (end == std::string::npos) return;
        ear.begins = find(std::string_view(ear.waiting).substr(0, end + 1));
        if (!ear.begins) return;
        ear.at = *ear.begins;
        verdict_.expect(ear.at >= ear.not_before,
                        fmt::format("chat member {} heard a line from before it came", ear.member));
    }
    const std::string_view order = std::string_view(heard_).substr(ear.at);
    const std::size_t size = std::min(order.size(), ear.waiting.size());
    if (order.substr(0, size) != std::string_view(ear.waiting).substr(0, size)) {
        return verdict_.fail(
            fmt::format("chat member {} heard {} where the recorder heard {}: a line is missing, "
                        "torn or out of order",
                        ear.member, quote(ear.waiting), quote(order)));
    }
    ear.waiting.erase(0, size);
    ear.at += size;
}

// --- the end of a round --------------------------------------------------------------------------

void ChatOrder::settle() {
    verdict_.expect(parsed_ == heard_.size(), "the chat's recorder saw the end inside of a line");
    for (Ear& ear : gone_) {
        if (!verdict_.holds()) return;
        settle(ear);
    }
    for (const auto& [member, speaker] : speakers_) {
        const Voice& voice = speaker.voice;
        verdict_.expect(!voice.is_due || voice.places.size() == voice.begun,
                        fmt::format("of {} lines that chat member {} said, {} were heard",
                                    voice.begun, member, voice.places.size()));
    }
    speakers_.clear();
    gone_.clear();
    heard_.clear();
    heard_.shrink_to_fit();
    parsed_ = 0;
}

void ChatOrder::settle(Ear& ear) {
    compare(ear);
    const bool fragment = !ear.begins && ear.waiting.find('\n') == std::string::npos;
    verdict_.expect(ear.waiting.empty() || fragment,
                    fmt::format("chat member {} heard {}, which the recorder never did", ear.member,
                                quote(ear.waiting)));
    if (!ear.has_ended || !verdict_.holds()) return;
    verdict_.expect(ear.waiting.empty() && (!ear.begins || heard_[ear.at - 1] == '\n'),
                    fmt::format("chat member {} saw the end inside of a line", ear.member));
    if (ear.begins) {
        verdict_.expect(ear.at >= ear.must_reach,
                        fmt::format("chat member {} was not sent all lines from before it left: "
                                    "{} bytes are missing",
                                    ear.member, ear.must_reach - ear.at));
    }
    const auto found = speakers_.find(ear.member);
    if (found == speakers_.end() || found->second.voice.places.empty()) return;
    const std::vector<std::size_t>& own = found->second.voice.places;
    verdict_.expect(ear.begins && *ear.begins <= own.front() && ear.at > own.back(),
                    fmt::format("chat member {} did not hear all of its own lines", ear.member));
}

}  // namespace drydock::soak
