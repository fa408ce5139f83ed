// The model as a server under test, and the queues.
#include "tests/broker_suite/subject.hpp"

#include <memory>
#include <utility>

#include <gtest/gtest.h>

#include <drydock/backend.hpp>
#include <drydock/sim/run.hpp>
#include <drydock/task_group.hpp>
#include <drydock/worker_loop.hpp>

#include "tests/broker/publish_script.hpp"
#include "tests/support/scale.hpp"
#include "tests/support/simulated.hpp"

namespace drydock::broker {
namespace {

class ModelServer final : public Server {
public:
    ModelServer(CompletionQueue& queue, const ServerOptions& options)
        : queue_(queue), endpoint_(Endpoint::loopback(0)), group_(queue) {
        settings_.append_only = options.append_only;
        settings_.fsync = options.fsync;
        settings_.password = options.password;
        settings_.users = options.users;
    }

    Task<void> start() override {
        ListenResult listening = queue_.listen(endpoint_, {});
        EXPECT_TRUE(listening.listener) << "the model has nothing to listen at";
        endpoint_ = listening.listener->local_endpoint();
        broker_ = std::make_unique<Broker>(queue_, std::move(listening.listener), settings_,
                                           known_scripts(), &store_);
        group_.spawn(broker_->run());
        co_return;
    }
    Task<void> start_loading() override {
        settings_.loading = true;
        co_await start();
        settings_.loading = false;
    }
    Task<void> loaded() override {
        co_await broker_->change([](Settings& settings) { settings.loading = false; });
    }
    Task<void> kill() override {
        broker_->request_stop();
        co_await group_.join();
        broker_.reset();
    }
    Endpoint endpoint() const override { return endpoint_; }
    Task<void> impose(Condition condition) override {
        co_await broker_->change([condition](Settings& settings) {
            settings.out_of_memory = condition == Condition::out_of_memory;
            settings.read_only = condition == Condition::read_only;
            settings.disk =
                condition == Condition::disk_error ? DiskError::snapshot : DiskError::none;
        });
    }

private:
    CompletionQueue& queue_;
    Endpoint endpoint_;
    Settings settings_;
    MemoryStore store_;
    TaskGroup group_;
    std::unique_ptr<Broker> broker_;
};

Task<void> run_body(CompletionQueue& queue, std::unique_ptr<Server> server, const Body& body) {
    co_await server->start();
    co_await body(queue, *server);
    co_await server->kill();
}

// Faults about the way of bytes and the order of completions, none that ends connections.
constexpr sim::FaultSet harmless_faults() {
    using enum sim::Fault;
    return sim::FaultSet()
        .with(partial_receive)
        .with(short_send)
        .with(whole_send)
        .with(small_pipe)
        .with(reorder)
        .with(delay)
        .with(interleave)
        .with(latency);
}

void in_worlds(const ServerOptions& options, const Body& body) {
    const auto seeds = static_cast<std::uint64_t>(test::scaled(20));
    for (std::uint64_t seed = 1; seed <= seeds && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        sim::RunOptions run_options;
        run_options.faults = harmless_faults();
        run_options.calm_bound = 1'000'000;
        test::FunctionScenario scenario(
            [&](sim::World& world) { return run_body(world, make_model(world, options), body); });
        sim::SeedChoices choices(seed);
        const sim::Report report = sim::run(scenario, choices, run_options);
        EXPECT_TRUE(report.passed) << report.property << ": " << report.sentence;
    }
}

}  // namespace

std::unique_ptr<Server> make_model(CompletionQueue& queue, const ServerOptions& options) {
    return std::make_unique<ModelServer>(queue, options);
}

void run_on_queue(const std::function<Task<void>(CompletionQueue& queue)>& body) {
    const OpenedQueue opened = open_queue("epoll", {.workers = 1});
    ASSERT_TRUE(opened.queue) << opened.complaint;
    WorkerLoop loop(*opened.queue, body(*opened.queue), 1);
    loop.run();
}

void with_server(Kind kind, const ServerOptions& options, const Body& body) {
    if (kind == "sim") return in_worlds(options, body);
    const auto make = kind == "redis" ? &make_redis : &make_model;
    run_on_queue(
        [&](CompletionQueue& queue) { return run_body(queue, make(queue, options), body); });
}

}  // namespace drydock::broker
