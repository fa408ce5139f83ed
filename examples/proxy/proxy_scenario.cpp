// Clients on one side of the proxy, a target on the other, and what must hold at the end.
#include "proxy_scenario.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include <drydock/server_probes.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

#include "proxy.hpp"
#include "proxy_client.hpp"
#include "proxy_judge.hpp"
#include "proxy_target.hpp"

namespace {

using namespace drydock;
using std::chrono::milliseconds;

template <typename T, std::size_t count>
T pick(sim::World& world, const std::array<T, count>& options, sim::Label label) {
    return options[world.choose(static_cast<std::uint32_t>(count), label)];
}

/// The proxy of a run, and what disturbs it as a whole. The default is the plainest.
struct Workload {
    std::size_t buffer_size = 64;
    std::size_t max_connections = 0;
    Duration idle_timeout{0};
    Duration grace = std::chrono::minutes(10);  // longer than any client stalls
    std::optional<Duration> stop_after;         // or when the clients have left
    bool target_listens = true;
};

Workload choose_workload(sim::World& world) {
    Workload workload;
    workload.buffer_size =
        pick(world, std::array<std::size_t, 4>{64, 7, 1, 300}, "proxy: buffer size");
    if (world.flip(8, "proxy: limited")) workload.max_connections = 1;
    if (world.flip(6, "proxy: idle timeout")) workload.idle_timeout = milliseconds(20);
    if (world.flip(4, "proxy: stops early")) {
        workload.stop_after =
            pick(world, std::array{milliseconds(0), milliseconds(1), milliseconds(40)},
                 "proxy: stops after");
        if (world.flip(3, "proxy: short grace")) workload.grace = milliseconds(10);
    }
    workload.target_listens = !world.flip(8, "target: refuses");
    return workload;
}

/// `times_out`: the proxy has an idle timeout.
Visit choose_visit(sim::World& world, std::uint32_t number, bool times_out) {
    Visit visit;
    visit.number = number;
    visit.questions = 1 + world.choose(100, "client: bytes");
    visit.message = pick(world, std::array{16U, 100U, 3U}, "client: message");
    visit.manner = static_cast<TargetManner>(world.choose(target_manner_count, "target: manner"));
    // Only an idle timeout ends a connection on which both sides wait.
    if (visit.manner == TargetManner::mute && !times_out) visit.manner = TargetManner::late;
    visit.answers = visit.echoes() ? visit.questions : world.choose(100, "target: bytes");
    visit.target_receive =
        pick(world, std::array<std::size_t, 4>{64, 300, 7, 1}, "target: receive size");
    if (world.flip(6, "target: slow")) visit.target_pause = milliseconds(5);
    if (visit.target_leaves()) {
        visit.target_leaves_at = 1 + world.choose(visit.questions, "target: leaves at");
    }
    sim::PeerChoices choices;
    choices.sends = visit.questions;
    choices.receives = visit.answers;
    visit.plan = sim::choose_peer_plan(world, choices);
    // A peer that takes turns leaves at an end between two of them, and an eager target ends early.
    if (visit.manner == TargetManner::eager) visit.plan.in_turns = false;
    return visit;
}

class ProxyScenario final : public sim::Scenario {
public:
    static constexpr std::uint64_t refusing = 3;  // of the parameter `target`
    static constexpr sim::Parameter parameters[] = {
        {"clients", "clients that send their bytes, half-close and read to the end", 1, 4, 1},
        {"bytes", "bytes that each client sends, and that the target answers", 1, 64, 1},
        {"target", "0: echoes, 1: sends at once, 2: answers after the end, 3: refuses", 0, 3, 2}};
    static constexpr sim::Expectation properties[] = {
        {"proxy-bytes", "each side gets the bytes of the other side, in order"},
        {"proxy-end",
         "a side gets an end only when the other side has ended, behind all its bytes"},
        {"proxy-complete",
         "each side gets all bytes and the end, if nothing disturbs the connection"},
        {"proxy-told", "a client that cannot be connected to the target is reset"},
        {"proxy-memory", "the proxy holds at most a buffer for each direction of a connection"},
        {"proxy-idle", "the idle timeout cuts only connections on which nothing has moved"}};
    static constexpr std::string_view probes[] = {
        ProxyService::no_target,       ProxyService::half_closed,
        ProxyService::stop_passed,     ProxyService::cut,
        server::probes::rejected,      server::probes::idle_closed,
        server::probes::grace_over,    server::probes::stop_before_join,
        server::probes::accept_failed, server::probes::accept_shortage};

    bool set(std::string_view name, std::uint64_t value) override {
        if (!sim::in_range(parameters, name, value)) return false;
        is_small_ = true;
        if (name == "clients") clients_ = static_cast<std::uint32_t>(value);
        if (name == "bytes") bytes_ = static_cast<std::uint32_t>(value);
        if (name == "target") target_ = value;
        return true;
    }

    std::string options() const override { return options_; }
    std::string outcome() const override { return outcome_; }

    Task<void> main(sim::World& world) override {
        workload_ = is_small_ ? small_workload() : choose_workload(world);
        describe_workload();
        Judge judge(world, workload_.buffer_size, workload_.max_connections > 0);

        ListenResult target_listening = world.listen(Endpoint::loopback(80), {});
        ProxyOptions proxy_options;
        proxy_options.target = {target_listening.listener->local_endpoint()};
        proxy_options.buffer_size = workload_.buffer_size;
        ProxyTarget target(world, std::move(target_listening.listener), judge, visits_);
        TaskGroup answering(world);
        if (workload_.target_listens) {
            answering.spawn(target.run());
        } else {
            target.close();
        }

        ListenResult listening = world.listen(Endpoint::loopback(7), {});
        const Endpoint endpoint = listening.listener->local_endpoint();
        ProxyService service(world, std::move(proxy_options));
        NullLog log;
        server::Server proxy(world, std::move(listening.listener), server_options(), service, log);
        TaskGroup proxying(world);
        proxying.spawn(proxy.run());

        co_await visit_proxy(world, judge, endpoint, proxy);
        proxy.request_stop();
        co_await proxying.join();
        target.stop();
        co_await answering.join();
        for (const Visit& visit : visits_) conclude(world, visit);
        if (judge.turned_away() > proxy.stats().rejected) {
            world.fail("proxy-told", std::to_string(judge.turned_away()) +
                                         " clients got an end without a connection to the target, "
                                         "and the proxy has rejected " +
                                         std::to_string(proxy.stats().rejected));
        }
    }

private:
    Workload small_workload() const {
        Workload workload;
        workload.target_listens = target_ != refusing;
        return workload;
    }

    Visit small_visit(std::uint32_t number) const {
        Visit visit;
        visit.number = number;
        visit.questions = visit.answers = bytes_;
        visit.plan = sim::explored_peer_plan();
        if (target_ != refusing) visit.manner = static_cast<TargetManner>(target_);
        return visit;
    }

    server::Options server_options() const {
        server::Options options;
        options.max_connections = workload_.max_connections;
        options.idle_timeout = workload_.idle_timeout;
        options.grace = workload_.grace;
        return options;
    }

    void describe_workload() {
        options_ = "buffer=" + std::to_string(workload_.buffer_size);
        if (workload_.max_connections > 0) options_ += " limited";
        if (workload_.idle_timeout > Duration::zero()) options_ += " idle_timeout";
        if (workload_.stop_after) options_ += " stops_early";
        if (workload_.grace < std::chrono::seconds(1)) options_ += " short_grace";
        if (!workload_.target_listens) options_ += " refusing";
        options_ += " clients:";
    }

    /// All clients, and the stop if it comes early.
    Task<void> visit_proxy(sim::World& world, Judge& judge, const Endpoint& endpoint,
                           server::Server& proxy) {
        std::deque<ProxyClient> clients;
        TaskGroup visiting(world);
        for (std::uint32_t number = 1; number <= clients_; ++number) {
            const sim::Spanned span(world, "client");  // shrinking can remove it as a whole
            if (!is_small_ && number > 1 && world.choose(2, "client: another") == 0) break;
            const bool times_out = workload_.idle_timeout > Duration::zero();
            visits_.push_back(is_small_ ? small_visit(number)
                                        : choose_visit(world, number, times_out));
            options_ += ' ';
            options_ += text(visits_.back());
            clients.emplace_back(world, judge, visits_.back());
            visiting.spawn(clients.back().run(endpoint));
        }
        if (workload_.stop_after) {
            Timer timer(world);
            co_await timer.after(*workload_.stop_after);
            proxy.request_stop();
        }
        co_await visiting.join();
        for (const ProxyClient& client : clients) {
            outcome_ += (outcome_.empty() ? "" : "; ") + client.outcome();
        }
    }

    /// Whether something other than the proxy may have disturbed the connection.
    bool disturbed(const sim::World& world, const Visit& visit) const {
        const sim::FaultSet faults = world.active_faults();
        if (visit.client.disturbed || visit.target.disturbed) return true;
        // These may strike the proxy when the end that could have told it has closed.
        if (faults.has(sim::Fault::network_reset) || faults.has(sim::Fault::no_buffers))
            return true;
        const sim::OtherEnd& to_client = visit.proxy_to_client;
        const sim::OtherEnd& to_target = visit.proxy_to_target;
        const bool cut = to_client.canceled() || to_target.canceled();
        const bool grace_over = workload_.grace < std::chrono::seconds(1);
        const bool idle =
            workload_.idle_timeout > Duration::zero() &&
            std::max(to_client.longest_quiet, to_target.longest_quiet) >= workload_.idle_timeout;
        if (cut && (grace_over || idle)) return true;
        if (visit.reached_target()) return false;
        return workload_.stop_after || workload_.max_connections > 0 ||
               faults.has(sim::Fault::connect_refused) ||
               faults.has(sim::Fault::connect_timed_out) || faults.has(sim::Fault::accept_reset);
    }

    void conclude(sim::World& world, const Visit& visit) {
        if (disturbed(world, visit)) return;
        const std::string client = "client " + std::to_string(visit.number);
        if (!workload_.target_listens) {
            // One that closes without waiting for anything may be complete.
            if (visit.client.was_reset || visit.client.complete) return;
            world.fail("proxy-told", client + " was not reset, though the target refuses");
            return;
        }
        if (visit.client.complete && visit.target.end_seen &&
            visit.target.received == visit.questions) {
            return;
        }
        const bool idle = workload_.idle_timeout > Duration::zero() &&
                          visit.proxy_to_client.canceled_after >= workload_.idle_timeout;
        world.fail(idle ? "proxy-idle" : "proxy-complete",
                   client + " got " + std::to_string(visit.client.received) + " of " +
                       std::to_string(visit.answers) + " bytes and " +
                       (visit.client.end_seen ? "the end" : "no end") + ", the target got " +
                       std::to_string(visit.target.received) + " of " +
                       std::to_string(visit.questions) + " and " +
                       (visit.target.end_seen ? "the end" : "no end") +
                       ", though nothing disturbed the connection");
    }

    bool is_small_ = false;      // a parameter is set: nothing about the clients is chosen
    std::uint32_t clients_ = 3;  // chosen: at most so many
    std::uint32_t bytes_ = 1;
    std::uint64_t target_ = 2;
    Workload workload_;
    std::deque<Visit> visits_;
    std::string options_;
    std::string outcome_;
};

}  // namespace

constinit const sim::ScenarioInfo proxied = sim::scenario_info<ProxyScenario>(
    "proxy",
    "a TCP proxy between clients and a target that echoes, answers, leaves, waits or refuses");
