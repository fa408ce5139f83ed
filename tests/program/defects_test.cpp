// Defects of threads that the simulator finds, and what its reports say.
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "tests/program/simulated_program.hpp"

// Outside of drydock's namespaces, whose functions reports do not name.
namespace {

void lock_both(std::mutex& first, std::mutex& second) {
    const std::lock_guard one(first);
    const std::lock_guard two(second);
}

}  // namespace

namespace drydock::testing {
namespace {

bool is_stuck(const ProgramRun& run) { return run.report.property == "stuck"; }

TEST(ProgramDefects, ADeadlockOfTwoMutexesIsFound) {
    std::string sentence;
    const auto body = [] {
        std::mutex first;
        std::mutex second;
        std::thread other([&] { lock_both(second, first); });
        lock_both(first, second);
        other.join();
    };
    const int stuck = count_seeds(200, body, [&](const ProgramRun& run) {
        if (is_stuck(run)) sentence = run.report.sentence;
        return is_stuck(run);
    });
    EXPECT_GT(stuck, 0);
    EXPECT_LT(stuck, 200);
    EXPECT_NE(sentence.find("thread 1 (main) waits to lock a mutex that thread 2 has locked"),
              std::string::npos)
        << sentence;
    EXPECT_NE(sentence.find("thread 2 waits to lock a mutex that thread 1 has locked"),
              std::string::npos)
        << sentence;
    EXPECT_NE(sentence.find("in (anonymous namespace)::lock_both(std::mutex&, std::mutex&)"),
              std::string::npos)
        << sentence;
    EXPECT_TRUE(run_program(body).report.passed) << "without interleaving there is no deadlock";
}

TEST(ProgramDefects, AMutexThatItsOwnerLocksAgainIsFound) {
    const ProgramRun run = run_program([] {
        std::mutex mutex;
        mutex.lock();
        mutex.lock();
    });
    EXPECT_EQ(run.report.property, "stuck");
    EXPECT_NE(run.report.sentence.find("to lock a mutex that it has locked itself"),
              std::string::npos)
        << run.report.sentence;
}

TEST(ProgramDefects, ALostWakeUpIsFound) {
    std::string sentence;
    const auto body = [] {
        std::mutex mutex;
        std::condition_variable changed;
        std::thread other([&] { changed.notify_one(); });
        std::unique_lock lock(mutex);
        changed.wait(lock);
        lock.unlock();
        other.join();
    };
    EXPECT_TRUE(run_program(body).report.passed);
    const int stuck = count_seeds(200, body, [&](const ProgramRun& run) {
        if (is_stuck(run)) sentence = run.report.sentence;
        return is_stuck(run);
    });
    EXPECT_GT(stuck, 0);
    EXPECT_LT(stuck, 200);
    EXPECT_NE(sentence.find("waits for a condition variable"), std::string::npos) << sentence;
}

TEST(ProgramDefects, ACheckAndAnActWithoutOneLockAreFound) {
    int wrong = 0;
    const auto body = [&] {
        std::mutex mutex;
        int counter = 0;
        const auto work = [&] {
            for (int i = 0; i < 3; ++i) {
                mutex.lock();
                const int seen = counter;
                mutex.unlock();
                mutex.lock();
                counter = seen + 1;
                mutex.unlock();
            }
        };
        std::thread first(work);
        std::thread second(work);
        first.join();
        second.join();
        if (counter != 6) ++wrong;
    };
    run_program(body);
    EXPECT_EQ(wrong, 0) << "without interleaving";
    count_seeds(100, body, [](const ProgramRun&) { return true; });
    EXPECT_GT(wrong, 0);
}

TEST(ProgramDefects, AWaitWithoutAConditionMeetsASpuriousWakeUp) {
    int early = 0;
    const auto body = [&] {
        std::mutex mutex;
        std::condition_variable changed;
        bool set = false;
        std::thread other([&] {
            std::this_thread::sleep_for(std::chrono::seconds(1));
            const std::lock_guard lock(mutex);
            set = true;
            changed.notify_all();
        });
        {
            std::unique_lock lock(mutex);
            if (!set) changed.wait(lock);
            if (!set) ++early;
        }
        other.join();
    };
    run_program(body);
    EXPECT_EQ(early, 0);
    count_seeds(50, body, [](const ProgramRun&) { return true; });
    EXPECT_GT(early, 0);
}

int deeper(int depth) {
    volatile char frame[4096];
    frame[0] = static_cast<char>(depth);
    return depth == 0 ? 0 : deeper(depth - 1) + frame[0];
}

TEST(ProgramDefects, ARecursionWithoutAnEndEndsTheProcess) {
    EXPECT_DEATH(run_program([] { std::thread([] { deeper(1'000'000); }).join(); }), "");
    EXPECT_TRUE(run_program([] { std::thread([] { deeper(100); }).join(); }).report.passed);
}

TEST(ProgramRuns, OfOneSeedAreTheSame) {
    const auto body = [] {
        std::mutex mutex;
        std::condition_variable changed;
        int turn = 0;
        const auto work = [&](int own) {
            for (int i = 0; i < 10; ++i) {
                std::unique_lock lock(mutex);
                changed.wait(lock, [&] { return turn == own; });
                turn = 1 - turn;
                changed.notify_all();
            }
        };
        std::jthread first(work, 0);
        std::jthread second(work, 1);
    };
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        const ProgramRun once = run_program(body, seed, any_order);
        const ProgramRun twice = run_program(body, seed, any_order);
        ASSERT_TRUE(once.report.passed) << seed << ": " << once.report.sentence;
        ASSERT_EQ(once.report.digest, twice.report.digest) << seed;
    }
    EXPECT_NE(run_program(body, 1, any_order).report.digest,
              run_program(body, 2, any_order).report.digest);
}

/// Four threads that pass on 100 messages by a condition variable.
void exchange_messages() {
    std::mutex mutex;
    std::condition_variable changed;
    int sent = 0;
    int taken = 0;
    const auto take = [&] {
        std::unique_lock lock(mutex);
        for (;;) {
            changed.wait(lock, [&] { return taken < sent || taken == 100; });
            if (taken == 100) return;
            ++taken;
            changed.notify_all();
        }
    };
    std::jthread first(take);
    std::jthread second(take);
    std::jthread third(take);
    std::unique_lock lock(mutex);
    while (sent < 100) {
        changed.wait(lock, [&] { return taken == sent; });
        ++sent;
        changed.notify_all();
    }
}

TEST(ProgramRuns, OfFourThreadsTakeAFractionOfAMillisecond) {
    const auto before = std::chrono::steady_clock::now();
    std::uint64_t completions = 0;
    constexpr int runs = 1000;
    for (std::uint64_t seed = 1; seed <= runs; ++seed) {
        const ProgramRun run = run_program(exchange_messages, seed);
        ASSERT_TRUE(run.report.passed) << run.report.sentence;
        completions += run.report.completions;
    }
    const std::chrono::duration<double, std::milli> time =
        std::chrono::steady_clock::now() - before;
    RecordProperty("completions", std::to_string(completions / runs));
    RecordProperty("milliseconds", std::to_string(time.count() / runs));
    EXPECT_LT(time.count() / runs, 20) << "milliseconds a run, on a machine that is busy";
}

TEST(ProgramRuns, AThousandFailedOnesLeaveNoMemoryMapped) {
    for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
        const ProgramRun run = run_program(
            [] {
                std::mutex mutex;
                mutex.lock();
                std::thread other([&] { mutex.lock(); });
                other.join();
            },
            seed);
        ASSERT_EQ(run.report.property, "stuck");
    }
}

}  // namespace
}  // namespace drydock::testing
