// A member of the chat: says lines, in pieces and with pauses, and lets the judge compare what it
// hears.
#pragma once

#include <string>

#include "tests/soak/chat_order.hpp"
#include "tests/soak/client.hpp"
#include "tests/soak/dice.hpp"

namespace drydock::soak {

struct ChatTally {
    std::uint64_t members = 0;
    std::uint64_t half_closed = 0;  ///< and heard all to the end
    std::uint64_t reset = 0;
    std::uint64_t vanished = 0;
    std::uint64_t too_slow = 0;         ///< saw the reset that they had earned
    std::uint64_t too_long = 0;         ///< as well
    std::uint64_t deaf_at_the_end = 0;  ///< reset or vanished without reading: dropped, perhaps
    std::uint64_t unheard = 0;          ///< reset or vanished before they had heard anything
    std::uint64_t stalled = 0;          ///< of all these
    std::uint64_t flooded = 0;          ///< of all these
    std::uint64_t sent = 0;
    std::uint64_t heard = 0;
    std::uint64_t sent_whole = 0;  ///< by those that were not cut off
};

/// What a server's member must not say more than at once, and other sizes.
struct ChatSizes {
    std::size_t max_line = 8 * 1024;
    std::size_t outbox_limit = 256 * 1024;
    std::uint64_t flood = 256 * 1024;  ///< bytes that one that floods says
    /// The recorder is a member of the same server: what it has heard, this server has published.
    bool one_server = true;
};

class ChatMember final : public Client {
public:
    /// How it is to be connected has to be known before it is made.
    static bool is_deaf(Dice dice) { return dice.percent(6); }

    ChatMember(test::SocketFile socket, Verdict& verdict, ChatTally& tally, ChatOrder& order,
               std::uint64_t number, Dice dice, const ChatSizes& sizes);

    void hurry() override { hurried_ = true; }

private:
    enum class Manners : std::uint8_t { half_closes, resets, vanishes, says_too_much };
    static constexpr std::uint64_t never = ~std::uint64_t{0};

    void flood(const ChatSizes& sizes);
    void think(Clock::time_point now);
    bool reads(Clock::time_point now) override { return now >= deaf_until_; }
    std::string_view to_send(Clock::time_point now) override;
    void has_sent(std::string_view bytes, Clock::time_point now) override;
    void hear(std::string_view bytes, Clock::time_point now) override;
    Act act(Clock::time_point now) override;
    void over() override;
    void cut_off();
    std::string name() const;

    ChatTally& tally_;
    ChatOrder& order_;
    Dice dice_;
    const bool deaf_;  // never reads, until it has to hurry
    const std::size_t line_size_;
    Voice& voice_;
    Ear ear_;
    const std::size_t max_line_;
    const bool one_server_;
    Manners manners_ = Manners::half_closes;
    std::uint32_t lines_ = 0;          // that it says
    std::uint32_t lines_at_once_ = 1;  // at most
    std::uint64_t pause_ = 0;          // between them, in milliseconds, at most
    std::uint64_t piece_ = 1;          // sent at once, at most
    std::uint64_t cut_at_ = never;     // bytes: it goes away there
    std::uint64_t stalls_at_ = never;  // bytes heard
    bool leaves_last_line_open_ = false;
    std::string to_say_;
    std::size_t said_ = 0;  // of it
    std::string partial_;   // sent since the last newline
    Clock::time_point silent_until_;
    Clock::time_point deaf_until_;
    bool has_stalled_ = false;
    bool has_overdone_ = false;  // its line is too long
    bool hurried_ = false;
};

/// The first to come and the last to go.
class ChatRecorder final : public Client {
public:
    static constexpr std::uint64_t member = 0;

    ChatRecorder(test::SocketFile socket, Verdict& verdict, ChatTally& tally, ChatOrder& order);

    /// Its own first line has come back.
    bool is_inside() const { return received() >= greeting_.size(); }
    void hurry() override { hurried_ = true; }

private:
    bool reads(Clock::time_point) override { return true; }
    std::string_view to_send(Clock::time_point now) override;
    void has_sent(std::string_view bytes, Clock::time_point now) override;
    void hear(std::string_view bytes, Clock::time_point now) override;
    Act act(Clock::time_point now) override;
    void over() override;

    ChatTally& tally_;
    ChatOrder& order_;
    std::string greeting_;
    bool hurried_ = false;
};

}  // namespace drydock::soak
