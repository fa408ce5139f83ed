// Clients that send lines, and what must hold of the answers.
#include "line_scenario.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <drydock/sim/peers.hpp>
#include <drydock/task_group.hpp>

#include "line_service.hpp"

namespace {

using namespace drydock;

/// What one client does.
struct Visit {
    std::vector<std::string> lines;
    sim::PeerPlan plan;
};

Visit choose_visit(sim::World& world) {
    Visit visit;
    visit.lines.resize(world.choose(6, "client: lines"));
    for (std::string& line : visit.lines) {
        line = std::string(world.choose(20, "client: letters"), 'a') + "b\n";
    }
    visit.plan = sim::choose_peer_plan(world);
    return visit;
}

/// For failure messages, which are one line each.
std::string quoted(std::string text) {
    std::replace(text.begin(), text.end(), '\n', '|');
    return "'" + text + "'";
}

/// A client: what it says, and what it must hear.
class LineClient final : public sim::Peer {
public:
    LineClient(sim::World& world, std::uint32_t number, Visit visit)
        : Peer(world, "client", number, visit.plan), lines_(std::move(visit.lines)) {}

private:
    std::string_view next_message() override {
        if (next_ == lines_.size()) return {};
        asked_ += lines_[next_];
        return lines_[next_++];
    }

    bool received(std::string_view bytes) override {
        heard_ += bytes;
        if (in_capitals(asked_).starts_with(heard_)) return true;
        fail("lines-answer", name() + " said " + quoted(asked_) + " and heard " + quoted(heard_));
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
    static constexpr sim::Parameter parameters[] = {
        {"clients", "clients that send their lines, half-close and read to the end", 1, 4, 1},
        {"lines", "lines of one letter that each client sends", 0, 8, 1}};
    static constexpr sim::Expectation properties[] = {
        {"lines-answer", "a client hears what it said, in capitals and in order"},
        {"lines-complete", "each line is answered, and then the server ends the connection"}};
    static constexpr std::string_view probes[] = {LineService::cut_line};
    static constexpr sim::FaultSet explored_faults = sim::FaultSet().with(sim::Fault::short_send);

    bool set(std::string_view name, std::uint64_t value) override {
        if (!sim::in_range(parameters, name, value)) return false;
        is_small_ = true;
        (name == "clients" ? clients_ : lines_) = static_cast<std::uint32_t>(value);
        return true;
    }

    std::string options() const override { return "clients:" + options_; }
    std::string outcome() const override { return outcome_; }

    Task<void> main(sim::World& world) override {
        ListenResult listening = world.listen(Endpoint::loopback(7), {});
        const Endpoint endpoint = listening.listener->local_endpoint();
        LineService service(world);
        NullLog log;
        server::Server server(world, std::move(listening.listener), {}, service, log);
        TaskGroup serving(world);
        serving.spawn(server.run());

        std::vector<std::unique_ptr<LineClient>> clients;
        TaskGroup visiting(world);
        for (std::uint32_t number = 1; number <= clients_; ++number) {
            const sim::Spanned span(world, "client");  // shrinking can remove it as a whole
            if (!is_small_ && number > 1 && world.choose(2, "client: another") == 0) break;
            Visit visit = is_small_ ? small_visit(world) : choose_visit(world);
            options_.append(" ").append(sim::text(visit.plan));
            clients.push_back(std::make_unique<LineClient>(world, number, std::move(visit)));
            visiting.spawn(clients.back()->run(endpoint));
        }
        co_await visiting.join();
        server.request_stop();
        co_await serving.join();
        for (const auto& client : clients) {
            outcome_ += (outcome_.empty() ? "" : "; ") + client->outcome();
        }
    }

private:
    Visit small_visit(const sim::World& world) const {
        // The plan for exploration sends everything before it reads, so the answers must fit into
        // the connection.
        const bool fits = 2 * lines_ <= world.pipe_capacity();
        const sim::PeerPlan pipelined = sim::plan_of(sim::PeerManner::pipelined);
        return {std::vector<std::string>(lines_, "a\n"),
                fits ? sim::explored_peer_plan() : pipelined};
    }

    bool is_small_ = false;      // a parameter is set: nothing about the clients is chosen
    std::uint32_t clients_ = 4;  // chosen: at most so many
    std::uint32_t lines_ = 1;
    std::string options_;
    std::string outcome_;
};

}  // namespace

constinit const sim::ScenarioInfo lines =
    sim::scenario_info<LineScenario>("lines", "a server that answers each line in capitals");
