// A soak: an echo server and a chat server, under clients that come and go, for a long time.
//
// It goes by rounds. In each the population changes all the time; then all leave, and at this quiet
// point both servers must be as they were at the first: descriptors, threads, memory.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/soak/chat_member.hpp"
#include "tests/soak/echo_client.hpp"
#include "tests/soak/health.hpp"
#include "tests/support/server_process.hpp"

namespace drydock::soak {

struct SoakOptions {
    double minutes = 1;
    std::string backend = "auto";
    std::uint64_t seed = 1;
    unsigned workers = 3;
    bool under_wine = false;           ///< a load for servers that are slow, as under Wine
    std::vector<std::string> program;  ///< drydock, with what runs it
};

/// What is known of one of the servers.
struct Patient {
    std::string name;
    test::ServerProcess* server = nullptr;
    Health fresh;               ///< before the first client
    std::vector<Health> quiet;  ///< at the quiet points
    Health worst;               ///< the most of each, at any time
};

class Soak {
public:
    Soak(const SoakOptions& options, Verdict& verdict);

    void run();

private:
    void round();
    bool open_round();
    bool talk_until(const std::function<bool()>& condition, Milliseconds timeout);
    void step(Milliseconds at_most);
    void steer(Clock::time_point now);
    void invite_echo();
    void invite_chat();
    Client& enter(std::unique_ptr<Client> client);
    void hurry_all();
    void close_round();
    void rest(Patient& patient);
    void watch(Clock::time_point now);
    void look(Patient& patient);
    void print_progress(Clock::time_point now);

    void stop_servers();
    void judge_memory(const Patient& patient);
    bool is_all(std::uint64_t seen, std::uint64_t all, std::uint64_t unheard) const;
    void judge(const test::Summary& summary);
    void judge(const test::ChatSummary& summary);
    void print_summary();

    double minutes(Clock::time_point now) const;

    const SoakOptions options_;
    Verdict& verdict_;
    const ChatSizes sizes_;
    Dice dice_;
    test::EchoServerProcess echo_server_;
    test::ChatServerProcess chat_server_;
    Patient echo_;
    Patient chat_;
    EchoTally echo_tally_;
    ChatTally chat_tally_;
    ChatOrder order_;
    test::SocketLoop loop_;
    std::map<std::uint64_t, std::unique_ptr<Client>> clients_;
    std::uint64_t next_client_ = 1;
    ChatRecorder* recorder_ = nullptr;
    bool inviting_ = false;
    std::size_t echo_here_ = 0;
    std::size_t chat_here_ = 0;
    std::size_t echo_wanted_ = 0;
    std::size_t chat_wanted_ = 0;
    const Clock::time_point start_ = Clock::now();
    Clock::time_point next_steer_;
    Clock::time_point next_scan_;
    Clock::time_point next_look_;
    Clock::time_point next_line_;
};

}  // namespace drydock::soak
