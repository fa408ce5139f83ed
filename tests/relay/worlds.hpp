// Small worlds for tests of the relay: a model of Redis that can stop and come back, exchanges, and
// what they deliver.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <drydock/timer.hpp>

#include "src/relay/exchange.hpp"
#include "tests/broker/broker.hpp"
#include "tests/broker/publish_script.hpp"
#include "tests/support/scale.hpp"
#include "tests/support/server_test.hpp"
#include "tests/support/simulated.hpp"

namespace drydock::relay {

using namespace std::chrono_literals;

/// The model of Redis on one port, with what it has kept.
class TestBroker {
public:
    TestBroker(CompletionQueue& queue, broker::Settings settings)
        : queue_(queue), settings_(std::move(settings)), group_(queue) {
        start();
    }

    /// Listens again where it did before, and reads its file.
    void start() {
        ListenResult listening = queue_.listen(endpoint_, {});
        endpoint_ = listening.listener->local_endpoint();
        broker_ = std::make_unique<broker::Broker>(queue_, std::move(listening.listener), settings_,
                                                   broker::known_scripts(), &store_);
        group_.spawn(broker_->run());
    }
    Task<void> stop() {
        broker_->request_stop();
        co_await group_.join();
        broker_.reset();
    }
    Endpoint endpoint() const { return endpoint_; }
    broker::Broker& model() { return *broker_; }

private:
    CompletionQueue& queue_;
    broker::Settings settings_;
    broker::MemoryStore store_;
    Endpoint endpoint_ = Endpoint::loopback(0);
    TaskGroup group_;
    std::unique_ptr<broker::Broker> broker_;
};

inline broker::Settings kept() {
    broker::Settings settings;
    settings.append_only = true;
    settings.fsync = broker::Fsync::always;
    return settings;
}

inline ExchangeOptions options_for(const TestBroker& broker, const std::string& publisher) {
    ExchangeOptions options;
    options.broker.endpoints = {broker.endpoint()};
    options.room = "room";
    options.publisher = publisher;
    options.seed = publisher.size();
    return options;
}

/// A server's part: an exchange, and what it has delivered.
class Station final : public chat::Audience {
public:
    Station(CompletionQueue& queue, const ExchangeOptions& options)
        : exchange(queue, options, log), queue_(queue), group_(queue) {}

    void start() { group_.spawn(exchange.run(*this)); }
    Task<void> finish(Time deadline = never) {
        co_await exchange.finish(deadline);
        co_await group_.join();
    }

    Task<void> deliver(std::span<const ConstBuffer> lines, bool behind) override {
        Timer timer(queue_);
        while (stall) co_await timer.after(20ms);
        was_behind = was_behind || behind;
        for (const ConstBuffer& part : lines) heard += as_text({part.data, part.size});
    }
    Task<void> lose(std::string_view reason) override {
        losses.emplace_back(reason);
        heard.clear();
        co_return;
    }

    /// Says a line; if `waits`, waits for it and gives whether it has come back.
    Task<bool> say(const std::string& line, bool waits) {
        const ConstBuffer part[] = {std::string_view(line)};
        const chat::Receipt receipt = co_await exchange.take(part);
        if (!waits) co_return true;
        chat::Return wait(queue_);
        co_return co_await exchange.returned(receipt, wait);
    }
    /// Until so many bytes have been heard since the last loss.
    Task<void> hear(std::size_t bytes) {
        Timer timer(queue_);
        while (heard.size() < bytes) co_await timer.after(20ms);
    }
    Task<void> see(std::string_view event) {
        Timer timer(queue_);
        while (log.count(event) == 0) co_await timer.after(20ms);
    }

    test::RecordingLog log;
    Exchange exchange;
    bool stall = false;  // deliver() waits
    bool was_behind = false;
    std::string heard;
    std::vector<std::string> losses;

private:
    CompletionQueue& queue_;
    TaskGroup group_;
};

/// Runs the body in a world without faults.
inline void in_calm_world(const test::FunctionScenario::Body& body) {
    sim::RunOptions options;
    options.faults = sim::FaultSet();
    options.calm_after = 1'000'000;
    options.calm_after_time = std::chrono::hours(10);
    const sim::Report report = test::simulate(body, options);
    EXPECT_TRUE(report.passed) << report.property << ": " << report.sentence;
}

/// How often runs have passed each probe.
using ProbeCounts = std::map<std::string_view, std::uint64_t>;

/// Runs `body` with the choices of the seeds from 1 to `seeds`, up to the first failure.
inline ProbeCounts expect_runs_pass(const test::FunctionScenario::Body& body, std::uint64_t seeds) {
    ProbeCounts hits;
    for (std::uint64_t seed = 1; seed <= seeds && !testing::Test::HasFailure(); ++seed) {
        sim::RunOptions options;
        options.calm_bound = 2'000'000;
        test::FunctionScenario scenario(body);
        sim::SeedChoices choices(seed);
        const sim::Report report = sim::run(scenario, choices, options);
        EXPECT_TRUE(report.passed) << "seed " << seed << ": " << report.property << ": "
                                   << report.sentence << " " << report.options;
        for (const sim::ProbeHits& probe : report.probes) hits[probe.name] += probe.hits;
    }
    return hits;
}

}  // namespace drydock::relay
