// The simulated world of the chat server: two to four members that talk, and judge what they hear.
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <drydock/endpoint.hpp>
#include <drydock/sim/peers.hpp>
#include <drydock/sim/program.hpp>
#include <drydock/sim/tool.hpp>
#include <drydock/task_group.hpp>
#include <drydock/time.hpp>

namespace {

using namespace drydock;

constexpr std::uint16_t port = 7000;
/// How long a member may be silent. Longer than it may be busy with other things than listening.
constexpr std::chrono::seconds idle{600};

/// What one member has said: "2 0 hello" is the first line of member 2.
struct Voice {
    std::vector<std::string> lines;
    bool broke_off = false;  // it left, or lost its connection, before all was sent
};
using Voices = std::map<unsigned, Voice>;

/// A number at the beginning of `text`, which is taken off together with the space after it.
bool take_number(std::string_view& text, unsigned& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end == text.data() + text.size() || *end != ' ') return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
    return true;
}

class Member final : public sim::Peer {
public:
    Member(sim::World& world, unsigned number, const sim::PeerPlan& plan, Voices& voices)
        : Peer(world, "member", number, plan), voices_(voices), mine_(voices[number]) {
        lines_to_say_ = 1 + world.choose(5, "lines");
        last_is_cut_ = world.flip(4, "last line without newline");
    }

private:
    std::string_view next_message() override {
        std::vector<std::string>& lines = mine_.lines;
        if (lines.size() == lines_to_say_) return {};
        std::string line = std::to_string(number()) + ' ' + std::to_string(lines.size()) + ' ';
        line.append(world().choose(60, "length"), '.');
        lines.push_back(line);
        const bool is_cut = last_is_cut_ && lines.size() == lines_to_say_;
        message_ = is_cut ? line : line + '\n';
        return message_;
    }

    void sending(std::size_t) override { last_moved_ = world().now(); }

    bool received(std::string_view bytes) override {
        last_moved_ = world().now();
        for (const char byte : bytes) {
            if (byte != '\n') {
                line_ += byte;
                continue;
            }
            if (!heard(line_)) return false;
            line_.clear();
        }
        return true;
    }

    /// Whether it is a line of a member, and the next one of that member.
    bool heard(std::string_view line) {
        std::string_view rest = line;
        unsigned sender = 0;
        unsigned count = 0;
        const bool is_whole = take_number(rest, sender) && take_number(rest, count) &&
                              count < voices_[sender].lines.size() &&
                              voices_[sender].lines[count] == line;
        if (!is_whole) return is_broken_off(line) || fail_with(line);
        const auto [next, is_first] = next_.try_emplace(sender, count);
        if (next->second != count) {
            fail("in-order", name() + " got line " + std::to_string(count) + " of member " +
                                 std::to_string(sender) + ", and line " +
                                 std::to_string(next->second) + " was the next");
            return false;
        }
        ++next->second;
        if (sender == number()) ++own_lines_;
        return true;
    }

    /// Whether it is the beginning of a line in which a member broke off.
    bool is_broken_off(std::string_view text) const {
        for (const auto& [sender, voice] : voices_) {
            for (const std::string& line : voice.lines) {
                if (voice.broke_off && line.starts_with(text)) return true;
            }
        }
        return false;
    }

    bool fail_with(std::string_view line) const {
        fail("whole-lines",
             name() + " got the line '" + std::string(line) + "', which no member has said");
        return false;
    }

    /// A line that is cut comes back only when the member has ended its side.
    bool answered() const override {
        const std::size_t count = mine_.lines.size();
        return own_lines_ + (last_is_cut_ && count == lines_to_say_ ? 1 : 0) >= count;
    }

    void leaving() override { mine_.broke_off = true; }

    void ended() override {
        if (!all_sent()) mine_.broke_off = true;
        if (end_seen() && !answered() && world().now() - last_moved_ >= idle / 2) {
            fail("no-starving", name() + " was owed a line for minutes, and then let go");
        }
        if (excused()) return;
        if (!complete()) {
            fail("own-lines", name() + " got " + std::to_string(own_lines_) + " of its own " +
                                  std::to_string(lines_to_say_) + " lines, then " + ending());
        } else if (plan().ending != sim::PeerEnding::by_server && end_seen() &&
                   own_lines_ < lines_to_say_) {
            fail("last-line", name() +
                                  " ended its side after a line without newline, and did "
                                  "not get that line");
        } else if (end_seen() && !line_.empty()) {
            fail("whole-lines", name() + " got the end of the stream after '" + line_ + "'");
        }
    }

    Voices& voices_;
    Voice& mine_;
    unsigned lines_to_say_;
    bool last_is_cut_;
    std::string message_;
    std::string line_;
    std::map<unsigned, unsigned> next_;  // the number of the next line, by its sender
    unsigned own_lines_ = 0;
    Time last_moved_{};  // when bytes moved
};

class Chat final : public sim::ProgramScenario {
public:
    static constexpr sim::Expectation properties[] = {
        {"whole-lines", "a member gets lines that a member has said, each as a whole"},
        {"in-order",
         "the lines of one member come in the order in which it said them, without a gap"},
        {"own-lines", "a member gets its own lines back, and is let go when it has ended its side"},
        {"no-starving", "a member that is owed a line gets it, or is let go, within minutes"},
        {"last-line", "the last line of a member counts, with a newline or without"},
    };

private:
    std::vector<std::string> arguments() const override {
        return {std::to_string(port), std::to_string(idle.count())};
    }

    Task<void> clients(sim::World& world) override {
        TaskGroup group(world);
        const unsigned count = 2 + world.choose(3, "members");
        for (unsigned number = 1; number <= count; ++number) group.spawn(member(world, number));
        co_await group.join();
    }

    Task<void> member(sim::World& world, unsigned number) {
        sim::PeerPlan plan = sim::program_peer_plan(world);
        const bool keeps_silent = world.flip(8, "keeps silent in the end");
        if (keeps_silent && plan.ending != sim::PeerEnding::close)
            plan.ending = sim::PeerEnding::by_server;
        Member member(world, number, plan, voices_);
        co_await member.run(Endpoint::loopback(port));
    }

    Voices voices_;
};

}  // namespace

int main(int argc, char** argv) {
    static constexpr auto chat =
        sim::scenario_info<Chat>("chat", "members of a chat that talk at the same time");
    static constexpr const sim::ScenarioInfo* scenarios[] = {&chat};
    return sim::tool_main(argc, argv, scenarios);
}
