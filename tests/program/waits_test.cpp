// Everything by which threads of the C++ library wait for each other, in a simulated program.
#include <atomic>
#include <barrier>
#include <condition_variable>
#include <future>
#include <latch>
#include <mutex>
#include <numeric>
#include <semaphore>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <pthread.h>

#include "tests/program/simulated_program.hpp"

namespace drydock::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

TEST(ProgramWaits, ConditionVariablesPassMessages) {
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

TEST(ProgramWaits, ConditionVariablesTimeOut) {
    expect_passes([] {
        std::mutex mutex;
        std::condition_variable condition;
        std::unique_lock lock(mutex);
        const auto before = steady_clock::now();
        EXPECT_EQ(condition.wait_for(lock, seconds(5)), std::cv_status::timeout);
        EXPECT_EQ(steady_clock::now() - before, seconds(5));
        const auto deadline = std::chrono::system_clock::now() + seconds(7);
        EXPECT_EQ(condition.wait_until(lock, deadline), std::cv_status::timeout);
        EXPECT_EQ(steady_clock::now() - before, seconds(12));
    });
}

TEST(ProgramWaits, ConditionVariablesOfAnyLockStopByAToken) {
    bool stopped = false;
    expect_passes([&] {
        std::mutex mutex;
        std::condition_variable_any condition;
        std::jthread worker([&](const std::stop_token& stop) {
            std::unique_lock lock(mutex);
            stopped = !condition.wait(lock, stop, [] { return false; });
        });
        std::this_thread::sleep_for(seconds(1));
    });
    EXPECT_TRUE(stopped);
}

TEST(ProgramWaits, MutexesExcludeOthers) {
    int inside = 0;
    int most = 0;
    const auto body = [&] {
        std::mutex mutex;
        const auto work = [&] {
            for (int i = 0; i < 10; ++i) {
                const std::lock_guard lock(mutex);
                most = std::max(most, ++inside);
                std::this_thread::sleep_for(milliseconds(1));
                --inside;
            }
        };
        std::jthread first(work);
        std::jthread second(work);
    };
    expect_passes(body);
    EXPECT_EQ(most, 1);
    EXPECT_EQ(count_seeds(100, body, [&](const ProgramRun& run) { return run.report.passed; }),
              100);
    EXPECT_EQ(most, 1);
}

TEST(ProgramWaits, TimedMutexesTimeOut) {
    expect_passes([] {
        std::timed_mutex mutex;
        const std::lock_guard lock(mutex);
        std::thread([&] {
            const auto before = steady_clock::now();
            EXPECT_FALSE(mutex.try_lock());
            EXPECT_FALSE(mutex.try_lock_for(seconds(2)));
            EXPECT_GE(steady_clock::now() - before, seconds(2));
            EXPECT_LT(steady_clock::now() - before, seconds(3));
        }).join();
    });
}

TEST(ProgramWaits, RecursiveMutexesAreLockedAgain) {
    expect_passes([] {
        std::recursive_mutex mutex;
        mutex.lock();
        mutex.lock();
        std::jthread([&] { EXPECT_FALSE(mutex.try_lock()); }).join();
        mutex.unlock();
        std::jthread([&] { EXPECT_FALSE(mutex.try_lock()); }).join();
        mutex.unlock();
        std::jthread([&] {
            EXPECT_TRUE(mutex.try_lock());
            mutex.unlock();
        }).join();
    });
}

TEST(ProgramWaits, SharedMutexesLetReadersInTogether) {
    int readers = 0;
    int most_readers = 0;
    bool writes = false;
    expect_passes([&] {
        std::shared_mutex mutex;
        std::vector<std::jthread> threads;
        for (int i = 0; i < 3; ++i) {
            threads.emplace_back([&] {
                const std::shared_lock lock(mutex);
                EXPECT_FALSE(writes);
                most_readers = std::max(most_readers, ++readers);
                std::this_thread::sleep_for(seconds(1));
                --readers;
            });
        }
        threads.emplace_back([&] {
            const std::unique_lock lock(mutex);
            EXPECT_EQ(readers, 0);
            writes = true;
            std::this_thread::sleep_for(seconds(1));
            writes = false;
        });
    });
    EXPECT_EQ(most_readers, 3);
}

TEST(ProgramWaits, FuturesGiveValuesAndExceptions) {
    expect_passes([] {
        std::promise<int> promise;
        std::future<int> value = promise.get_future();
        std::jthread setter([&] {
            std::this_thread::sleep_for(seconds(2));
            promise.set_value(5);
        });
        EXPECT_EQ(value.wait_for(seconds(1)), std::future_status::timeout);
        EXPECT_EQ(value.get(), 5);

        auto sum = std::async(std::launch::async, [] { return 2 + 3; });
        EXPECT_EQ(sum.get(), 5);
        auto fails = std::async(std::launch::async, []() -> int { throw std::out_of_range("x"); });
        EXPECT_THROW(fails.get(), std::out_of_range);

        std::packaged_task<int(int)> task([](int n) { return n * n; });
        std::future<int> square = task.get_future();
        std::jthread runner(std::move(task), 7);
        EXPECT_EQ(square.get(), 49);
    });
}

TEST(ProgramWaits, LatchesBarriersAndSemaphoresBlock) {
    int passed = 0;
    expect_passes([&] {
        std::latch started(3);
        std::barrier meeting(3);
        std::counting_semaphore<3> places(1);
        int inside = 0;
        std::vector<std::jthread> threads;
        for (int i = 0; i < 3; ++i) {
            threads.emplace_back([&] {
                started.count_down();
                for (int round = 0; round < 5; ++round) meeting.arrive_and_wait();
                places.acquire();
                EXPECT_EQ(++inside, 1);
                std::this_thread::sleep_for(seconds(1));
                --inside;
                places.release();
                ++passed;
            });
        }
        started.wait();
        std::this_thread::sleep_for(milliseconds(500));
        EXPECT_FALSE(places.try_acquire_for(milliseconds(100)));
    });
    EXPECT_EQ(passed, 3);
}

TEST(ProgramWaits, AtomicsWaitForAnotherValue) {
    expect_passes([] {
        std::atomic<int> number = 0;
        std::atomic<bool> flag = false;
        std::jthread other([&] {
            number.wait(0);
            EXPECT_EQ(number.load(), 1);
            flag = true;
            flag.notify_one();
        });
        std::this_thread::sleep_for(seconds(1));
        number = 1;
        number.notify_all();
        flag.wait(false);
    });
}

TEST(ProgramWaits, CallOnceCallsOnce) {
    int calls = 0;
    int returned = 0;
    expect_passes([&] {
        std::once_flag once;
        const auto work = [&] {
            std::call_once(once, [&] {
                std::this_thread::sleep_for(seconds(1));
                if (++calls == 1) throw std::runtime_error("again, please");
            });
            EXPECT_EQ(calls, 2);
            ++returned;
        };
        std::jthread first([&] { EXPECT_THROW(work(), std::runtime_error); });
        std::jthread second(work);
        std::jthread third(work);
    });
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(returned, 2);
}

int slow_value() {
    std::this_thread::sleep_for(seconds(1));
    return 5;
}

TEST(ProgramWaits, StaticVariablesAreInitializedOnce) {
    expect_passes([] {
        const auto work = [] {
            static const int value = slow_value();
            EXPECT_EQ(value, 5);
        };
        std::jthread first(work);
        std::jthread second(work);
    });
}

TEST(ProgramWaits, SpinLoopsThatYieldComeToAnEnd) {
    expect_passes([] {
        std::atomic<bool> done = false;
        std::jthread sleeper([&] {
            std::this_thread::sleep_for(seconds(10));
            done = true;
        });
        while (!done) std::this_thread::yield();
        std::mutex mutex;
        mutex.lock();
        std::jthread unlocker([&] {
            std::this_thread::sleep_for(seconds(10));
            mutex.unlock();
        });
        while (!mutex.try_lock()) {}
        mutex.unlock();
    });
}

TEST(ProgramWaits, LoopsThatLockAndLookComeToAnEnd) {
    expect_passes([] {
        std::mutex mutex;
        bool done = false;
        std::jthread other([&] {
            const std::lock_guard lock(mutex);
            done = true;
        });
        for (;;) {
            const std::lock_guard lock(mutex);
            if (done) break;
        }
    });
}

TEST(ProgramWaits, PthreadBarriersAndSpinLocksBlock) {
    expect_passes([] {
        pthread_barrier_t barrier;
        ::pthread_barrier_init(&barrier, nullptr, 2);
        pthread_spinlock_t spin;
        ::pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
        int serial = 0;
        const auto work = [&] {
            for (int i = 0; i < 3; ++i) {
                if (::pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD) ++serial;
            }
            ::pthread_spin_lock(&spin);
            std::this_thread::sleep_for(seconds(1));
            ::pthread_spin_unlock(&spin);
        };
        std::thread first(work);
        std::thread second(work);
        first.join();
        second.join();
        EXPECT_EQ(serial, 3);
        EXPECT_EQ(::pthread_barrier_destroy(&barrier), 0);
    });
}

pthread_once_t library_is_ready = PTHREAD_ONCE_INIT;

/// A scenario that uses a library which a thread of its program is just initializing.
class SharesALibrary final : public sim::Scenario {
public:
    Task<void> main(sim::World& world) override {
        sim::Fibers fibers(world);
        fibers.start([] {
            ::pthread_once(&library_is_ready, [] { std::this_thread::sleep_for(seconds(1)); });
        });
        Timer timer(world);
        co_await timer.after(milliseconds(10));
        ::pthread_once(&library_is_ready, [] {});
    }
};

TEST(ProgramWaits, AScenarioThatWaitsForAnInitializationOfItsProgramEndsWithASentence) {
    const auto run = [] {
        SharesALibrary scenario;
        sim::SeedChoices choices(1);
        sim::run(scenario, choices, {});
    };
    EXPECT_DEATH(run(), "a thread of its program is about to initialize by pthread_once");
}

}  // namespace
}  // namespace drydock::testing
