// The clocks, random numbers and processors of a simulated program.
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <random>
#include <thread>
#include <vector>

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/program/simulated_program.hpp"

namespace drydock::testing {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

TEST(ProgramClocks, ShowVirtualTime) {
    const auto real = std::chrono::steady_clock::now();
    expect_passes([] {
        const auto steady = std::chrono::steady_clock::now();
        const auto system = std::chrono::system_clock::now();
        const std::time_t time = std::time(nullptr);
        std::this_thread::sleep_for(hours(1));
        EXPECT_EQ(std::chrono::steady_clock::now() - steady, hours(1));
        EXPECT_EQ(std::chrono::system_clock::now() - system, hours(1));
        EXPECT_EQ(std::time(nullptr) - time, 3600);
        std::this_thread::sleep_until(system + hours(2));
        ::sleep(1);
        ::usleep(1000);
        EXPECT_EQ(::poll(nullptr, 0, 9), 0);
        EXPECT_EQ(std::chrono::steady_clock::now() - steady,
                  hours(2) + std::chrono::milliseconds(1010));
        timeval now{};
        ::gettimeofday(&now, nullptr);
        EXPECT_EQ(now.tv_sec - time, 7201);
    });
    EXPECT_LT(std::chrono::steady_clock::now() - real, std::chrono::minutes(1));
}

TEST(ProgramClocks, ShowTheSameInEachRun) {
    std::vector<std::time_t> times;
    const auto body = [&] { times.push_back(std::time(nullptr)); };
    expect_passes(body);
    expect_passes(body);
    ASSERT_EQ(times.size(), 2U);
    EXPECT_EQ(times[0], times[1]);
    EXPECT_EQ(times[0], 1767225600) << "2026-01-01 00:00:00 UTC";
}

TEST(ProgramClocks, GoOnForALoopThatOnlyReadsThem) {
    expect_passes([] {
        const auto deadline = std::chrono::steady_clock::now() + seconds(10);
        while (std::chrono::steady_clock::now() < deadline) {}
    });
}

TEST(ProgramClocks, AreRealOutsideOfAProgram) {
    EXPECT_GT(std::time(nullptr), 1600000000);
    const auto before = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(2));
}

std::vector<unsigned> random_numbers() {
    std::vector<unsigned> numbers;
    std::random_device device;
    numbers.push_back(device());
    numbers.push_back(device());
    unsigned number = 0;
    EXPECT_EQ(::getrandom(&number, sizeof number, 0), static_cast<ssize_t>(sizeof number));
    numbers.push_back(number);
    EXPECT_EQ(::getentropy(&number, sizeof number), 0);
    numbers.push_back(number);
    std::ifstream file("/dev/urandom", std::ios::binary);
    EXPECT_TRUE(file.read(reinterpret_cast<char*>(&number), sizeof number));
    numbers.push_back(number);
    numbers.push_back(static_cast<unsigned>(std::rand()));
    numbers.push_back(static_cast<unsigned>(::lrand48()));
    return numbers;
}

TEST(ProgramRandomNumbers, DependOnTheSeedAlone) {
    std::vector<std::vector<unsigned>> numbers;
    for (const std::uint64_t seed : std::initializer_list<std::uint64_t>{1, 1, 2}) {
        run_program([&] { numbers.push_back(random_numbers()); }, seed);
    }
    ASSERT_EQ(numbers.size(), 3U);
    EXPECT_EQ(numbers[0], numbers[1]);
    EXPECT_NE(numbers[0], numbers[2]);
}

TEST(ProgramRandomNumbers, AreOneChoiceOfTheRun) {
    const ProgramRun without = run_program([] {});
    const ProgramRun with = run_program([] {
        for (int i = 0; i < 100; ++i) random_numbers();
    });
    EXPECT_EQ(with.report.choices, without.report.choices + 1);
}

TEST(ProgramSystem, HasTheSameProcessorsEverywhere) {
    expect_passes([] {
        EXPECT_EQ(std::thread::hardware_concurrency(), 4U);
        EXPECT_EQ(::sysconf(_SC_NPROCESSORS_ONLN), 4);
        EXPECT_EQ(::getpid(), 1000);
    });
}

/// What the system says of the end of a copy of this process, which the C library's own fork() has
/// made on a thread of a program.
int end_of_copy(const std::function<void()>& in_the_copy) {
    const auto system_fork = reinterpret_cast<pid_t (*)()>(::dlsym(RTLD_NEXT, "fork"));
    int ended = -1;
    expect_passes([&] {
        const pid_t copy = system_fork();
        if (copy == 0) return in_the_copy();
        EXPECT_EQ(::waitpid(copy, &ended, 0), copy);
    });
    return WIFEXITED(ended) ? WEXITSTATUS(ended) : -1;
}

TEST(ProgramSystem, EndsACopyOfTheProcessWhereTheCopyEnds) {
    EXPECT_EQ(end_of_copy([] { ::_exit(7); }), 7);
    EXPECT_EQ(end_of_copy([] { ::_Exit(8); }), 8);
    EXPECT_EQ(end_of_copy([] { std::exit(9); }), 9);
    EXPECT_EQ(end_of_copy([] {}), 1) << "the copy must not go on after the run";
}

}  // namespace
}  // namespace drydock::testing
