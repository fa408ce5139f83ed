// Threads of a simulated program: their start, their end, what each has of its own.
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <pthread.h>

#include "tests/program/simulated_program.hpp"

// Outside of drydock's namespace, whose variables are not the program's.
namespace {

thread_local int counter = 40;
thread_local std::unique_ptr<std::string> text;
std::vector<std::string>* destroyed_texts = nullptr;

struct Farewell {
    ~Farewell() {
        if (destroyed_texts != nullptr) destroyed_texts->push_back(name);
    }
    std::string name;
};
thread_local Farewell farewell;

}  // namespace

namespace drydock::testing {
namespace {

/// Sets a flag when it is destroyed.
struct Destroyed {
    explicit Destroyed(bool& flag_) : flag(flag_) {}
    Destroyed(const Destroyed&) = delete;
    Destroyed& operator=(const Destroyed&) = delete;
    ~Destroyed() { flag = true; }
    bool& flag;
};

TEST(ProgramThreads, RunAndAreJoined) {
    int sum = 0;
    expect_passes([&] {
        std::vector<std::thread> threads;
        for (int i = 1; i <= 4; ++i) threads.emplace_back([&sum, i] { sum += i; });
        for (std::thread& thread : threads) thread.join();
    });
    EXPECT_EQ(sum, 10);
}

TEST(ProgramThreads, StopByTheirStopToken) {
    int rounds = 0;
    expect_passes([&] {
        std::jthread worker([&](const std::stop_token& stop) {
            while (!stop.stop_requested()) {
                ++rounds;
                std::this_thread::sleep_for(std::chrono::seconds(1));
            }
        });
        std::this_thread::sleep_for(std::chrono::milliseconds(3500));
    });
    EXPECT_EQ(rounds, 4);
}

TEST(ProgramThreads, HaveNumbersThatAreTheSameInEachRun) {
    std::vector<pthread_t> numbers;
    const auto body = [&] {
        numbers.push_back(::pthread_self());
        std::thread([&] { numbers.push_back(::pthread_self()); }).join();
    };
    expect_passes(body);
    expect_passes(body);
    EXPECT_EQ(numbers, (std::vector<pthread_t>{1, 2, 1, 2}));
}

TEST(ProgramThreads, ThatStillRunAreUnwoundAtTheEnd) {
    bool destroyed = false;
    expect_passes([&] {
        std::thread([&] {
            const Destroyed guard(destroyed);
            for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
        }).detach();
        std::this_thread::sleep_for(std::chrono::seconds(3));
    });
    EXPECT_TRUE(destroyed);
}

TEST(ProgramThreads, ThatWaitForEachOtherAreUnwoundAtTheEnd) {
    bool destroyed = false;
    expect_passes([&] {
        std::thread([&] {
            const Destroyed guard(destroyed);
            std::mutex mutex;
            std::condition_variable never_notified;
            std::jthread inner([&] {
                std::unique_lock lock(mutex);
                never_notified.wait(lock);
            });
            inner.join();
        }).detach();
        std::this_thread::sleep_for(std::chrono::seconds(1));
    });
    EXPECT_TRUE(destroyed);
}

TEST(ProgramThreads, ThatPollForTheirEndAreUnwoundAtTheEnd) {
    bool destroyed = false;
    struct Polls {
        explicit Polls(bool& flag_) : flag(flag_) {}
        Polls(const Polls&) = delete;
        Polls& operator=(const Polls&) = delete;
        ~Polls() {
            const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
            while (std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
            flag = true;
        }
        bool& flag;
    };
    expect_passes([&] {
        std::thread([&] {
            const Polls polls(destroyed);
            std::this_thread::sleep_for(std::chrono::hours(1));
        }).detach();
        std::this_thread::sleep_for(std::chrono::seconds(1));
    });
    EXPECT_TRUE(destroyed);
}

TEST(ProgramThreads, ThatCatchEverythingAreAbandonedAtTheEnd) {
    const ProgramRun run = run_program([] {
        std::thread([] {
            for (;;) {
                try {
                    std::this_thread::sleep_for(std::chrono::seconds(1));
                } catch (...) {}
            }
        }).detach();
    });
    EXPECT_TRUE(run.report.passed) << run.report.sentence;
    EXPECT_TRUE(run.returned);
}

TEST(ProgramThreads, ThatAreNotJoinedByAnUnwoundThreadDoNotEndTheProcess) {
    const ProgramRun run = run_program([] {
        std::thread([] {
            const std::thread inner([] { std::this_thread::sleep_for(std::chrono::hours(1)); });
            for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
        }).detach();
        std::this_thread::sleep_for(std::chrono::seconds(1));
    });
    EXPECT_TRUE(run.report.passed) << run.report.sentence;
    EXPECT_EQ(run.abandoned, 1U);
}

TEST(ProgramThreads, FailTheRunWithAnExceptionThatLeavesThem) {
    const ProgramRun run = run_program([] {
        std::thread([] { throw std::runtime_error("no more tea"); }).detach();
        std::this_thread::sleep_for(std::chrono::seconds(1));
    });
    EXPECT_EQ(run.report.property, "program-threw");
    EXPECT_EQ(run.report.sentence, "an exception left thread 2: std::runtime_error: no more tea");
}

TEST(ProgramThreads, KeepAnExceptionThatTheyHandleWhileOthersRun) {
    std::vector<std::string> caught;
    const auto throws = [&](const char* text, std::chrono::seconds time) {
        try {
            throw std::runtime_error(text);
        } catch (const std::runtime_error&) {
            std::this_thread::sleep_for(time);
            try {
                throw;
            } catch (const std::runtime_error& again) {
                caught.emplace_back(again.what());
            }
        }
    };
    expect_passes([&] {
        std::thread first(throws, "first", std::chrono::seconds(2));
        std::thread second(throws, "second", std::chrono::seconds(1));
        std::thread third(throws, "third", std::chrono::seconds(3));
        first.join();
        second.join();
        third.join();
    });
    EXPECT_EQ(caught, (std::vector<std::string>{"second", "first", "third"}));
}

TEST(ProgramThreads, HaveThreadLocalVariablesOfTheirOwn) {
    std::vector<int> seen;
    std::vector<std::string> destroyed;
    destroyed_texts = &destroyed;
    const auto work = [&](const std::string& name) {
        farewell.name = name;
        EXPECT_EQ(text, nullptr);
        text = std::make_unique<std::string>(name);
        ++counter;
        std::this_thread::sleep_for(std::chrono::seconds(1));
        ++counter;
        seen.push_back(counter);
        EXPECT_EQ(*text, name);
    };
    const auto body = [&] {
        std::thread first(work, "first");
        std::thread second(work, "second");
        first.join();
        second.join();
        seen.push_back(counter);
        counter = 7;
    };
    expect_passes(body);
    expect_passes(body);
    destroyed_texts = nullptr;
    EXPECT_EQ(seen, (std::vector<int>{42, 42, 40, 42, 42, 40}));
    EXPECT_EQ(destroyed, (std::vector<std::string>{"first", "second", "first", "second"}));
    EXPECT_EQ(counter, 40) << "outside of the program";
}

TEST(ProgramThreads, HaveSpecificValuesThatAreDestroyedAtTheirEnd) {
    static int destroyed = 0;
    destroyed = 0;
    expect_passes([] {
        pthread_key_t key = 0;
        ASSERT_EQ(
            ::pthread_key_create(&key, [](void* value) { destroyed += *static_cast<int*>(value); }),
            0);
        int values[2] = {1, 10};
        const auto work = [&](int index) {
            EXPECT_EQ(::pthread_getspecific(key), nullptr);
            ::pthread_setspecific(key, &values[index]);
            std::this_thread::yield();
            EXPECT_EQ(::pthread_getspecific(key), &values[index]);
        };
        std::thread first(work, 0);
        std::thread second(work, 1);
        first.join();
        second.join();
        ::pthread_key_delete(key);
    });
    EXPECT_EQ(destroyed, 11);
}

TEST(ProgramThreads, EndByPthreadExit) {
    void* result = nullptr;
    bool destroyed = false;
    static bool* flag = nullptr;
    flag = &destroyed;
    expect_passes([&] {
        pthread_t thread = 0;
        const auto body = [](void* argument) -> void* {
            const Destroyed guard(*flag);
            ::pthread_exit(argument);
        };
        ASSERT_EQ(::pthread_create(&thread, nullptr, body, &result), 0);
        ASSERT_EQ(::pthread_join(thread, &result), 0);
    });
    EXPECT_EQ(result, &result);
    EXPECT_TRUE(destroyed);
}

TEST(ProgramThreads, EndWhenOneOfThemCallsExit) {
    const ProgramRun run = run_program([] {
        std::thread([] { std::exit(3); }).detach();
        for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
    });
    EXPECT_TRUE(run.report.passed) << run.report.sentence;
    EXPECT_FALSE(run.returned);
    EXPECT_EQ(run.exit_status, 3);
}

TEST(ProgramThreads, RunOutsideOfAProgramAsEver) {
    std::atomic<int> sum = 0;
    std::mutex mutex;
    std::condition_variable changed;
    const auto add = [&] {
        const std::lock_guard lock(mutex);
        ++sum;
        changed.notify_all();
    };
    std::jthread first(add);
    std::jthread second(add);
    std::unique_lock lock(mutex);
    EXPECT_TRUE(changed.wait_for(lock, std::chrono::minutes(1), [&] { return sum == 2; }));
}

}  // namespace
}  // namespace drydock::testing
