// A scenario for each defect of the echo server on Asio (asio_defects.cpp).
#include <string>
#include <string_view>
#include <vector>

#include <drydock/sim/peers.hpp>
#include <drydock/sim/program.hpp>
#include <drydock/sim/tool.hpp>
#include <drydock/task_group.hpp>

namespace {

using namespace drydock;

struct Name {
    char text[24];
    constexpr Name(const char* literal) : text() {
        for (int i = 0; literal[i] != '\0'; ++i) text[i] = literal[i];
    }
};

/// Says some words and expects them back.
class Client final : public sim::Peer {
public:
    using Peer::Peer;

    void ended() override {
        if (complete() || excused()) return;
        fail("echoes", name() + " got " + std::to_string(echo_.size()) + " of the " +
                           std::to_string(said_.size()) + " bytes that it had sent, then " +
                           ending());
    }

private:
    std::string_view next_message() override {
        if (number_of_words_ == 0) number_of_words_ = 1 + world().choose(4, "words");
        if (spoken_ == number_of_words_) return {};
        word_ = "word " + std::to_string(++spoken_) + " of client " + std::to_string(number());
        word_.append(world().choose(40, "length"), '.');
        said_ += word_;
        return word_;
    }
    bool received(std::string_view bytes) override {
        echo_ += bytes;
        if (std::string_view(said_).starts_with(echo_)) return true;
        fail("echoes", name() + " got something else back than it had sent");
        return false;
    }
    bool answered() const override { return echo_.size() == said_.size(); }

    std::uint32_t number_of_words_ = 0;
    std::uint32_t spoken_ = 0;
    std::string word_;
    std::string said_;
    std::string echo_;
};

template <Name defect>
class EchoOnAsio final : public sim::ProgramScenario {
public:
    static constexpr sim::Expectation properties[] = {
        {"echoes", "a client gets back what it sent, byte for byte and in order"},
        {"in-order", "functions that one thread posts run in the order in which it posts them"}};

    std::vector<std::string> arguments() const override { return {defect.text}; }

    AsioOptions asio_options() const override {
        const std::string_view name = defect.text;
        return {.queue_overlapping = name == "two-reads-queued",
                .permute_posts = name == "posts-permuted"};
    }

    Task<void> clients(sim::World& world) override {
        TaskGroup group(world);
        const std::uint32_t count = 1 + world.choose(3, "clients");
        for (std::uint32_t i = 1; i <= count; ++i) group.spawn(client(world, i));
        co_await group.join();
        if (output() != "123456") world.fail("in-order", "they ran in the order " + output());
    }

private:
    static Task<void> client(sim::World& world, std::uint32_t number) {
        Client client(world, "client", number, sim::program_peer_plan(world));
        co_await client.run(Endpoint::loopback(7000));
    }
};

template <Name defect>
constexpr sim::ScenarioInfo info =
    sim::scenario_info<EchoOnAsio<defect>>(defect.text, "an echo server on Asio with this defect");

}  // namespace

int main(int argc, char** argv) {
    static constexpr const sim::ScenarioInfo* scenarios[] = {&info<"none">,
                                                             &info<"two-writes">,
                                                             &info<"buffer-ends-early">,
                                                             &info<"shared-buffer">,
                                                             &info<"short-write">,
                                                             &info<"reads-past-end">,
                                                             &info<"closed-under-handler">,
                                                             &info<"timer-outlives-session">,
                                                             &info<"dies-of-one-accept">,
                                                             &info<"two-reads">,
                                                             &info<"two-reads-queued">,
                                                             &info<"posts-in-order">,
                                                             &info<"posts-permuted">};
    return sim::tool_main(argc, argv, scenarios);
}
