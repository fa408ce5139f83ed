// drydock-bench-chat-load: fills a chat server on this machine with members, lets some of them
// talk, checks every byte that the members receive, and prints the server's speed and its cost.
//
// Latency is from the moment when a member said a line to the moment when another member received
// it, over all members; with --to-last, to the moment when the last member received it. A talking
// member says its next line when it has received one of its own; with --rate, when it is due.
#include "bench/chat_lines.hpp"
#include "bench/chat_load_run.hpp"
#include "bench/load_program.hpp"

int main(int argc, char** argv) {
    using namespace drydock::bench;
    ChatOptions load;
    LoadProgram program("drydock-bench-chat-load",
                        "Keeps a chat server on this machine busy and measures it.",
                        "delivered line", load);
    CLI::App& app = program.app();
    app.add_option("--members", load.members, "Members, all in the room at once")
        ->check(CLI::Range(1, 20000));
    app.add_option("--senders", load.senders, "How many of them talk; at most all")
        ->check(CLI::Range(1, 20000));
    app.add_option("--size", load.size, "Bytes of a line, its newline included")
        ->check(CLI::Range(ChatLines::least, std::size_t{1} << 16));
    app.add_option("--depth", load.depth, "Lines of a sender that it has not got back yet")
        ->check(CLI::Range(1, 4096));
    app.add_option("--rate", load.rate, "Lines a second of all senders, whether they come back")
        ->check(CLI::Range(1.0, 1e6));
    app.add_flag("--to-last", load.to_last, "Latency is until the last member has a line");
    app.add_option("--also", load.more_ports, "The port of another server of the room; repeatable")
        ->allow_extra_args(false);
    const auto shape = [&load] {
        return nlohmann::ordered_json{
            {"members", load.members}, {"senders", load.senders},
            {"size", load.size},       {"depth", load.depth},
            {"rate", load.rate},       {"servers", 1 + load.more_ports.size()}};
    };
    const auto run = [&load] {
        if (load.senders > load.members) throw LoadError("--senders is more than --members");
        return run_chat(load);
    };
    return program.run(argc, argv, run, shape);
}
