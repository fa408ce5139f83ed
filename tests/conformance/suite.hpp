// The fixture of all conformance suites: a fresh queue of the backend under test, and its driver.
// A case says what the contract permits, and so holds on all of them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/conformance/backends.hpp"
#include "tests/conformance/driver.hpp"

namespace drydock::conformance {

/// A connection, both ends of it on the queue under test.
struct Connection {
    std::unique_ptr<TestSocket> server;
    std::unique_ptr<TestSocket> client;
};

class Suite : public testing::TestWithParam<Backend> {
protected:
    void SetUp() override { begin(1); }

    /// The case has run with one seed: here it runs again with the others.
    void TearDown() override {
        for (std::uint64_t seed = 2; seed <= GetParam().seeds; ++seed) {
            if (HasFailure() || IsSkipped()) {
                return;
            }
            const testing::ScopedTrace trace(__FILE__, __LINE__, "seed " + std::to_string(seed));
            begin(seed);
            if (!HasFatalFailure()) {
                TestBody();
            }
        }
    }
    void TestBody() override = 0;

    CompletionQueue& queue() { return *queue_; }
    Driver& driver() { return *driver_; }

    void end_queue() {
        driver_.reset();
        queue_.reset();
    }

    /// A listener on loopback, at a port of the system's choice.
    std::unique_ptr<TestListener> listen(int backlog = 128);

    /// Connects to the listener and accepts. Null pointers after a failure, which is reported.
    Connection connect(TestListener& listener);
    /// The same by an endpoint of the caller's choice, for a listener at a wildcard.
    Connection connect(TestListener& listener, const Endpoint& endpoint);
    /// The same with a listener of its own.
    Connection connect();

private:
    void begin(std::uint64_t seed) {
        driver_.reset();
        queue_ = GetParam().make(seed);
        ASSERT_NE(queue_, nullptr) << "the backend gave no queue";
        driver_ = std::make_unique<Driver>(*queue_, GetParam().provides_buffers);
    }

    std::unique_ptr<CompletionQueue> queue_;
    std::unique_ptr<Driver> driver_;
};

inline std::string backend_name(const testing::TestParamInfo<Backend>& tested) {
    return tested.param.name;
}

}  // namespace drydock::conformance

/// Names a suite and runs it against the backends of the list.
#define DRYDOCK_CONFORMANCE_SUITE(suite, list)                     \
    class suite : public ::drydock::conformance::Suite {};         \
    GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(suite);          \
    INSTANTIATE_TEST_SUITE_P(On, suite, ::testing::ValuesIn(list), \
                             ::drydock::conformance::backend_name)
