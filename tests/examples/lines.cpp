// lines.cpp: a server that answers each line in capitals, its clients, and two properties.
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <drydock/io.hpp>
#include <drydock/sim/peers.hpp>
#include <drydock/sim/run.hpp>
#include <drydock/task_group.hpp>

using namespace drydock;

std::string in_capitals(std::string text) {
    for (char& letter : text) {
        if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    }
    return text;
}

// The server under test. It uses the contract alone, so it runs on every backend too.
class LineServer {
public:
    LineServer(CompletionQueue& queue, std::unique_ptr<AsyncListener> listener)
        : queue_(queue), listener_(std::move(listener)) {}

    Task<void> run() {
        TaskGroup connections(queue_);
        for (;;) {
            SocketResult accepted = co_await accept(*listener_);
            if (accepted.error == Error::canceled) break;  // request_stop()
            if (accepted.ok()) connections.spawn(serve(std::move(accepted.socket)));
        }
        co_await connections.join();
    }
    void request_stop() { listener_->cancel(); }

private:
    static Task<void> serve(std::unique_ptr<AsyncSocket> socket) {
        std::string text;  // received and not answered
        std::array<std::byte, 16> buffer;
        for (;;) {
            const Result received = co_await receive(*socket, buffer);
            if (!received.ok() || received.bytes == 0) co_return;
            text += as_text(std::span(buffer).first(received.bytes));
            const std::size_t whole_lines = text.rfind('\n') + 1;  // 0: no line is complete
            const std::string answer = in_capitals(text.substr(0, whole_lines));
            text.erase(0, whole_lines);
            if (answer.empty()) continue;
            const Result sent = co_await send_all(*socket, std::string_view(answer));
            if (!sent.ok()) co_return;
        }
    }

    CompletionQueue& queue_;
    std::unique_ptr<AsyncListener> listener_;
};

// A client: what it says, and what it must hear.
class LineClient final : public sim::Peer {
public:
    LineClient(sim::World& world, std::uint32_t number, const sim::PeerPlan& plan,
               std::vector<std::string> lines)
        : Peer(world, "client", number, plan), lines_(std::move(lines)) {}

private:
    std::string_view next_message() override {
        if (next_ == lines_.size()) return {};
        asked_ += lines_[next_];
        return lines_[next_++];
    }

    bool received(std::string_view bytes) override {
        heard_ += bytes;
        if (in_capitals(asked_).starts_with(heard_)) return true;
        fail("lines-answer", name() + " said '" + asked_ + "' and heard '" + heard_ + "'");
        return false;
    }

    bool answered() const override { return heard_.size() == asked_.size(); }

    void ended() override {
        if (complete() || excused()) return;
        fail("lines-complete", outcome() + ", though nothing disturbed the connection");
    }

    std::vector<std::string> lines_;
    std::size_t next_ = 0;
    std::string asked_;
    std::string heard_;
};

class LineScenario final : public sim::Scenario {
public:
    Task<void> main(sim::World& world) override {
        ListenResult listening = world.listen(Endpoint::loopback(7), {});
        const Endpoint endpoint = listening.listener->local_endpoint();
        LineServer server(world, std::move(listening.listener));
        TaskGroup serving(world);
        serving.spawn(server.run());

        std::vector<std::unique_ptr<LineClient>> clients;
        TaskGroup group(world);
        for (std::uint32_t number = 1; number <= most_clients; ++number) {
            const sim::Spanned span(world, "client");  // shrinking can remove it as a whole
            if (number > 1 && world.choose(2, "client: another") == 0) break;
            std::vector<std::string> lines(world.choose(6, "client: lines"));
            for (std::string& line : lines) {
                line = std::string(world.choose(20, "client: letters"), 'a') + "b\n";
            }
            const sim::PeerPlan plan = sim::choose_peer_plan(world);
            options_ += " " + sim::text(plan);
            clients.push_back(std::make_unique<LineClient>(world, number, plan, lines));
            group.spawn(clients.back()->run(endpoint));
        }
        co_await group.join();
        server.request_stop();
        co_await serving.join();
    }

    std::string options() const override { return "clients:" + options_; }

private:
    static constexpr std::uint32_t most_clients = 4;
    std::string options_;
};

constinit const sim::ScenarioInfo lines =
    sim::scenario_info<LineScenario>("lines", "a server that answers each line in capitals");

int main() {
    for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
        const sim::Report report = sim::run(lines, seed);
        if (report.passed) continue;
        std::printf("seed %llu: %s: %s\n  options: %s\n", static_cast<unsigned long long>(seed),
                    report.property.c_str(), report.sentence.c_str(), report.options.c_str());
        return 1;
    }
    std::puts("2000 seeds passed");
}
