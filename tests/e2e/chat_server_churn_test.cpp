// The chat server under churn: members come and go, politely and not, while others talk; what
// anybody hears is a piece of one order, from where it joined and without a gap.
#include <algorithm>
#include <map>

#include "tests/e2e/chat_room.hpp"
#include "tests/support/chat_crowd.hpp"
#include "tests/support/scale.hpp"

namespace drydock::e2e {
namespace {

using test::ChatCrowd;
using test::ChatMember;

constexpr std::size_t talkers = 10;
constexpr std::size_t guests_at_once = 100;
constexpr std::size_t lines_at_once = 5;

/// Known by its beginning, of many lengths.
std::string line_of(std::size_t member, std::size_t number) {
    const std::size_t length = (member * 13 + number * 5) % 80;
    return std::to_string(member) + ":" + std::to_string(number) + " " + std::string(length, 'x') +
           "\n";
}

/// How a guest leaves.
enum class Manners : std::uint8_t {
    listens_and_half_closes,
    talks_and_half_closes,  // at once, its last line unfinished
    listens_and_resets,
    talks_and_closes,  // at once
};

Manners manners_of(std::size_t member) { return static_cast<Manners>(member % 4); }

class Churn {
public:
    explicit Churn(std::uint16_t port) : crowd_(port) {}

    /// The talkers come first, and the first of them first of all: it hears everything.
    bool let_talkers_in() {
        bool in = true;
        for (std::size_t i = 0; i < talkers; ++i) in = in && join(line_of(i, 0));
        return in;
    }

    /// Until so many guests have come and gone.
    bool churn(std::size_t guests) {
        return crowd_.talk_until(
            [&] {
                for (std::size_t i = 0; i < talkers; ++i) go_on_talking(i);
                for (const std::size_t guest : present_) go_on_listening(guest);
                std::erase_if(present_, [&](std::size_t guest) { return !is_here(guest); });
                if (present_.size() < guests_at_once && crowd_.size() < talkers + guests) {
                    return !invite();
                }
                return present_.empty();
            },
            200s);
    }

    ChatCrowd& crowd() { return crowd_; }
    const ChatMember& member(std::size_t index) const { return crowd_[index]; }
    std::size_t said(std::size_t member) const { return said_[member]; }
    /// How much the first talker had heard when this member came.
    std::size_t heard_before(std::size_t member) const { return heard_before_[member]; }

private:
    bool is_here(std::size_t member) const {
        return crowd_[member].state == ChatMember::State::talking;
    }

    bool join(const std::string& greeting) {
        said_.push_back(1);
        heard_before_.push_back(crowd_.size() > 0 ? crowd_[0].heard.size() : 0);
        return crowd_.join_with_greeting(greeting);
    }

    bool invite() {
        const std::size_t guest = crowd_.size();
        said_.push_back(0);
        heard_before_.push_back(crowd_[0].heard.size());
        if (!crowd_.join()) return false;
        present_.push_back(guest);
        const Manners manners = manners_of(guest);
        const bool talks =
            manners == Manners::talks_and_half_closes || manners == Manners::talks_and_closes;
        if (talks) {
            std::string lines = line_of(guest, 0) + line_of(guest, 1);
            said_[guest] = 2;
            if (manners == Manners::talks_and_half_closes) lines.pop_back();
            crowd_.say(guest, lines);
        }
        if (manners == Manners::talks_and_half_closes) crowd_.half_close(guest);
        return true;
    }

    /// A talker says its next lines when the last one has come back.
    void go_on_talking(std::size_t i) {
        const std::string& heard = crowd_[i].heard;
        if (!crowd_[i].has_said_all()) return;
        const std::string last = line_of(i, said_[i] - 1);
        const std::size_t from = searched_[i] > last.size() ? searched_[i] - last.size() : 0;
        const bool has_come_back = heard.find(last, from) != std::string::npos;
        searched_[i] = heard.size();
        for (std::size_t k = 0; has_come_back && k < lines_at_once; ++k) {
            crowd_.say(i, line_of(i, said_[i]++));
        }
    }

    /// A guest leaves when it has heard enough, each after another while.
    void go_on_listening(std::size_t guest) {
        const ChatMember& member = crowd_[guest];
        if (!is_here(guest) || member.half_closes) return;
        const std::size_t enough = guest * 37 % 20'000;
        switch (manners_of(guest)) {
            case Manners::listens_and_half_closes:
                if (member.heard_bytes > enough) crowd_.half_close(guest);
                break;
            case Manners::listens_and_resets:
                if (member.heard_bytes >= enough / 2) crowd_.reset(guest);
                break;
            case Manners::talks_and_closes:
                if (member.has_said_all()) crowd_.leave(guest);
                break;
            case Manners::talks_and_half_closes:
                break;
        }
    }

    ChatCrowd crowd_;
    std::vector<std::size_t> present_;  // the guests
    std::vector<std::size_t> said_;     // lines, by member
    std::vector<std::size_t> heard_before_;
    std::vector<std::size_t> searched_ = std::vector<std::size_t>(talkers, 0);
};

/// The one order that all heard: where each line begins.
using Places = std::map<std::string, std::size_t, std::less<>>;

/// Every line whole, each member's in its order, none of them twice.
Places expect_untorn(std::string_view order, const Churn& churn) {
    Places places;
    std::map<std::size_t, std::size_t> next;
    for (std::size_t begin = 0; begin < order.size();) {
        const std::size_t end = order.find('\n', begin);
        if (end == std::string_view::npos) {
            ADD_FAILURE() << "the stream should not end within a line";
            break;
        }
        const std::string line(order.substr(begin, end + 1 - begin));
        const std::size_t member = std::stoul("0" + line);
        const std::string expected = line_of(member, next[member]++);
        EXPECT_EQ(line, expected) << "each line should be whole and in its speaker's order";
        if (line != expected) break;
        places[line] = begin;
        begin = end + 1;
    }
    for (std::size_t i = 0; i < talkers; ++i) {
        EXPECT_EQ(next[i], churn.said(i)) << "all that talker " << i << " said should be there";
    }
    return places;
}

/// A member's stream is a piece of the order; where it ends there. Nothing: it holds no whole line.
std::optional<std::size_t> expect_a_piece(std::size_t index, const std::string& order,
                                          const Places& places, const Churn& churn) {
    const std::string_view heard = churn.member(index).heard;
    const std::string_view first = heard.substr(0, heard.find('\n') + 1);
    if (first.empty()) return std::nullopt;
    const auto place = places.find(first);
    if (place == places.end()) {
        ADD_FAILURE() << "member " << index << " heard what the first talker did not: " << first;
        return std::nullopt;
    }
    EXPECT_GE(place->second, churn.heard_before(index))
        << "member " << index << " should hear nothing from before its join";
    EXPECT_TRUE(std::string_view(order).substr(place->second).starts_with(heard))
        << "member " << index << " should hear all lines from its first to its last, in order";
    return place->second + heard.size();
}

void expect_pieces(const std::string& order, const Places& places, const Churn& churn,
                   std::size_t members) {
    std::size_t whole_streams = 0;
    for (std::size_t i = 1; i < members && !testing::Test::HasFailure(); ++i) {
        const ChatMember& member = churn.member(i);
        const std::optional<std::size_t> end = expect_a_piece(i, order, places, churn);
        if (i < talkers) {
            EXPECT_EQ(end, order.size()) << "who stays should hear all to the end";
        }
        if (member.state != ChatMember::State::ended) continue;
        ++whole_streams;
        EXPECT_TRUE(member.heard.empty() || member.heard.ends_with('\n'))
            << "a stream should not end within a line: member " << i;
        if (i >= talkers && churn.said(i) > 0) {
            EXPECT_NE(member.heard.find(line_of(i, 1)), std::string::npos)
                << "who half closes should hear its own last line: member " << i;
        }
    }
    EXPECT_GE(whole_streams, (members - talkers) / 2) << "each second guest should see a clean end";
}

class ChatServerChurn : public testing::TestWithParam<unsigned> {};

INSTANTIATE_TEST_SUITE_P(, ChatServerChurn, testing::Values(1U, 4U), workers_name);

TEST_P(ChatServerChurn, of_5000_members_leaves_everybody_with_one_order) {
    const auto guests = static_cast<std::size_t>(test::scaled(5000));
    Words options = workers(GetParam());
    options.insert(options.end(), {"--log-level", "warning"});
    ChatServerProcess server(drydock, options);
    Churn churn(server.port());
    ChatCrowd& crowd = churn.crowd();
    ASSERT_TRUE(churn.let_talkers_in());
    ASSERT_TRUE(churn.churn(guests))
        << "each guest should come to its end: " << server.process().errors();
    ASSERT_EQ(crowd.size(), talkers + guests) << "each guest should be let in";
    // The last lines of the talkers are on their way.
    ASSERT_TRUE(crowd.talk_until([&] {
        for (std::size_t i = 0; i < talkers; ++i) {
            const std::string last = line_of(i, churn.said(i) - 1);
            const std::string_view heard = crowd[i].heard;
            const std::size_t from = heard.size() > 10'000 ? heard.size() - 10'000 : 0;
            if (heard.find(last, from) == std::string_view::npos) return false;
        }
        return true;
    })) << "each talker should hear its own last line";
    server.process().signal(SIGINT);
    EXPECT_TRUE(crowd.talk_to_the_end()) << "the talkers should see an end";
    const ChatSummary summary = expect_clean_end(server);

    const std::string& order = crowd[0].heard;
    const Places places = expect_untorn(order, churn);
    expect_pieces(order, places, churn, crowd.size());
    EXPECT_EQ(summary.lines, places.size()) << "the first talker should hear all there was";
    EXPECT_EQ(summary.served + summary.lost, talkers + guests);
    EXPECT_EQ(summary.left + summary.failed + summary.stopped, summary.served);
    EXPECT_GE(summary.stopped, talkers);
    EXPECT_EQ(summary.too_slow + summary.too_long + summary.idle, 0U);
}

}  // namespace
}  // namespace drydock::e2e
