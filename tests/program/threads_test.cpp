// std::thread, std::jthread and what they wait for, in a simulated program.
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/program/simulated_program.hpp"

namespace drydock::testing {
namespace {

void expect_passes(const std::function<void()>& body) {
    const sim::Report report = run_program(body);
    EXPECT_TRUE(report.passed) << report.property << ": " << report.sentence;
}

TEST(ProgramThreads, RunAndAreJoined) {
    int sum = 0;
    expect_passes([&] {
        std::vector<std::thread> threads;
        for (int i = 1; i <= 4; ++i) threads.emplace_back([&sum, i] { sum += i; });
        for (std::thread& thread : threads) thread.join();
    });
    EXPECT_EQ(sum, 10);
}

TEST(ProgramThreads, ExchangeMessagesByConditionVariable) {
    int received = 0;
    expect_passes([&] {
        std::mutex mutex;
        std::condition_variable changed;
        std::vector<int> messages;
        std::thread producer([&] {
            for (int i = 0; i < 100; ++i) {
                const std::lock_guard lock(mutex);
                messages.push_back(i);
                changed.notify_one();
            }
        });
        while (received < 100) {
            std::unique_lock lock(mutex);
            changed.wait(lock, [&] { return !messages.empty(); });
            received += static_cast<int>(messages.size());
            messages.clear();
        }
        producer.join();
    });
    EXPECT_EQ(received, 100);
}

TEST(ProgramThreads, SleepInVirtualTime) {
    const auto real = std::chrono::steady_clock::now();
    std::chrono::nanoseconds slept{0};
    expect_passes([&] {
        const auto before = std::chrono::steady_clock::now();
        std::this_thread::sleep_for(std::chrono::hours(1));
        slept = std::chrono::steady_clock::now() - before;
    });
    EXPECT_EQ(slept, std::chrono::hours(1));
    EXPECT_LT(std::chrono::steady_clock::now() - real, std::chrono::minutes(1));
}

TEST(ProgramThreads, ThatStillRunAreUnwoundAtTheEnd) {
    bool destroyed = false;
    expect_passes([&] {
        struct Guard {
            bool& destroyed;
            ~Guard() { destroyed = true; }
        };
        std::thread([&] {
            const Guard guard{destroyed};
            for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
        }).detach();
        std::this_thread::sleep_for(std::chrono::seconds(3));
    });
    EXPECT_TRUE(destroyed);
}

}  // namespace
}  // namespace drydock::testing
