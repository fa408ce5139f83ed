// Small scenarios for tests of the simulator: a body, choices by label, and a connected pair of
// sockets.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <drydock/io.hpp>
#include <drydock/sim/run.hpp>

namespace drydock::test {

/// A scenario whose main task is a function. It may be a lambda that captures: it lives as long as
/// the scenario.
class FunctionScenario final : public sim::Scenario {
public:
    using Body = std::function<Task<void>(sim::World&)>;
    explicit FunctionScenario(Body body) : body_(std::move(body)) {}
    Task<void> main(sim::World& world) override { return body_(world); }

private:
    Body body_;
};

/// Decides by the label of the choice: the values given for it, one after the other; all the rest
/// is benign. So a test makes exactly the faults happen that it is about.
class LabelChoices final : public sim::ChoiceSource {
public:
    /// The next choices with this label.
    LabelChoices& next(const std::string& label, std::vector<std::uint32_t> values) {
        std::vector<std::uint32_t>& queue = values_[label];
        queue.insert(queue.end(), values.begin(), values.end());
        return *this;
    }
    /// All choices with this label that next() says nothing about.
    LabelChoices& always(const std::string& label, std::uint32_t value) {
        always_[label] = value;
        return *this;
    }

    std::uint32_t choose(std::uint32_t options, const char* label) noexcept override {
        ++asked_[label];
        std::vector<std::uint32_t>& queue = values_[label];
        std::uint32_t value = always_[label];
        if (!queue.empty()) {
            value = queue.front();
            queue.erase(queue.begin());
        }
        EXPECT_LT(value, options) << "the test gives a value that the choice '" << label
                                  << "' does not have";
        return value < options ? value : 0;
    }
    std::uint32_t flip(std::uint32_t, const char* label) noexcept override {
        return choose(2, label);
    }

    int asked(const std::string& label) { return asked_[label]; }

private:
    std::map<std::string, std::vector<std::uint32_t>> values_;
    std::map<std::string, std::uint32_t> always_;
    std::map<std::string, int> asked_;
};

/// Runs a body in a world in which all `faults` are active, and no others; when one strikes,
/// `choices` say by its label.
inline sim::Report simulate(FunctionScenario::Body body, sim::FaultSet faults,
                            LabelChoices& choices, sim::RunOptions options = {}) {
    options.faults = sim::FaultSet();
    options.always = faults;
    FunctionScenario scenario(std::move(body));
    return sim::run(scenario, choices, options);
}

/// The same in a world without faults.
inline sim::Report simulate(FunctionScenario::Body body, const sim::RunOptions& options = {}) {
    LabelChoices choices;
    return simulate(std::move(body), sim::FaultSet(), choices, options);
}

/// Two ends of a connection.
struct Pair {
    Pair() noexcept {}
    std::unique_ptr<AsyncListener> listener;
    std::unique_ptr<AsyncSocket> client;
    std::unique_ptr<AsyncSocket> server;
};

inline Task<Pair> make_pair(CompletionQueue& queue) {
    Pair pair;
    pair.listener = queue.listen(Endpoint::loopback(0), {}).listener;
    SocketResult connected = co_await connect(queue, pair.listener->local_endpoint());
    SocketResult accepted = co_await accept(*pair.listener);
    pair.client = std::move(connected.socket);
    pair.server = std::move(accepted.socket);
    co_return pair;
}

/// An operation that nobody awaits. Its completion does nothing.
class RawOperation final : public Operation {
public:
    explicit RawOperation(std::source_location where = std::source_location::current()) noexcept
        : Operation([](Operation&, const Result&) noexcept {}, where) {}
};

class RawSocketOperation final : public SocketOperation {
public:
    explicit RawSocketOperation(
        std::source_location where = std::source_location::current()) noexcept
        : SocketOperation([](Operation&, const Result&) noexcept {}, where) {}
};

}  // namespace drydock::test
