// A soak of a room over three servers, whose broker is killed and restarted again and again.
//
// A hundred members of each server stay from the beginning to the end and say lines all the time,
// also while the broker is away. Others come and go, with the manners of the soak of one server.
// Every member that stays must hear every line, whole, once and in the one order; a line that a
// member which stays or leaves in order has said must be heard. The memory of the servers must not
// grow.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/soak/chat_member.hpp"
#include "tests/soak/health.hpp"
#include "tests/support/redis_process.hpp"
#include "tests/support/server_process.hpp"

namespace drydock::soak {

struct RelaySoakOptions {
    double minutes = 1;
    unsigned kills = 5;  ///< of the broker, spread over the time
    std::string backend = "auto";
    std::uint64_t seed = 1;
    unsigned workers = 2;
    std::vector<std::string> program;
};

/// Says a line now and then until it has to hurry, and leaves when it is told to.
class StandingMember final : public Client {
public:
    StandingMember(test::SocketFile socket, Verdict& verdict, ChatTally& tally, ChatOrder& order,
                   std::uint64_t number, Dice dice, std::uint64_t pause);

    /// The recorder has heard its first line, and it has, too.
    bool is_inside() {
        order_.hear(ear_, {});  // it may have heard something before the recorder did
        return !voice_.places.empty() && ear_.begins.has_value();
    }
    /// It has heard as much as the recorder.
    bool is_up_to_date() {
        order_.hear(ear_, {});
        return ear_.begins && ear_.at == order_.size();
    }
    /// The recorder has heard all its lines.
    bool is_heard() const { return voice_.places.size() == voice_.begun; }
    std::uint64_t number() const { return ear_.member; }

    /// No more lines.
    void hurry() override { hurried_ = true; }
    void leave() { leaves_ = true; }

private:
    bool reads(Clock::time_point) override { return true; }
    std::string_view to_send(Clock::time_point now) override;
    void has_sent(std::string_view bytes, Clock::time_point now) override;
    void hear(std::string_view bytes, Clock::time_point now) override;
    Act act(Clock::time_point now) override;
    void over() override;

    ChatTally& tally_;
    ChatOrder& order_;
    Dice dice_;
    Voice& voice_;
    Ear ear_;
    const std::uint64_t pause_;  // between two lines, in milliseconds, on average
    std::string to_say_;
    std::size_t said_ = 0;  // of it
    Clock::time_point silent_until_;
    bool hurried_ = false;
    bool leaves_ = false;
};

class RelaySoak {
public:
    /// Starts the broker and the servers. If that fails, the verdict does not hold.
    RelaySoak(const RelaySoakOptions& options, Verdict& verdict);

    void run();

private:
    struct Server {
        std::unique_ptr<test::ChatServerProcess> process;
        std::vector<Health> looks;
    };

    bool open();
    void talk();
    void finish();
    void close();
    void stop_servers();
    void judge_memory(const Server& server);

    bool talk_until(const std::function<bool()>& condition, Milliseconds timeout);
    void step();
    void strike(Clock::time_point now);
    void invite(Clock::time_point now);
    void look(Clock::time_point now);
    void enter(std::unique_ptr<Client> client);
    void print_summary();
    std::size_t server_of(std::size_t member) const { return member % servers_.size(); }
    Milliseconds since_start(Clock::time_point now) const;

    const RelaySoakOptions options_;
    Verdict& verdict_;
    const Milliseconds length_;
    ChatSizes sizes_;
    Dice dice_;
    test::RedisProcess broker_;
    std::vector<Server> servers_;
    ChatTally tally_;
    ChatOrder order_;
    test::SocketLoop loop_;
    std::map<std::uint64_t, std::unique_ptr<Client>> clients_;
    std::vector<StandingMember*> standing_;
    ChatRecorder* recorder_ = nullptr;
    std::uint64_t next_client_ = 1;
    std::size_t visitors_ = 0;  // that are here
    std::size_t visitors_wanted_ = 0;
    unsigned killed_ = 0;
    bool broker_is_away_ = false;
    Clock::time_point start_ = Clock::now();
    Clock::time_point next_strike_;
    Clock::time_point next_scan_;
    Clock::time_point next_look_;
    Clock::time_point next_wish_;
};

}  // namespace drydock::soak
