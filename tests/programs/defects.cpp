// A program with a thread and, in some of its runs, one defect: the one that its first argument
// names. It knows nothing of drydock.
#include <cassert>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

volatile std::sig_atomic_t ending = 0;

void on_signal(int) { ending = 1; }

void deadlock() {
    std::mutex first;
    std::mutex second;
    const auto take_both = [](std::mutex& one, std::mutex& other) {
        const std::lock_guard holds(one);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        const std::lock_guard holds_too(other);
    };
    std::thread thread([&] { take_both(second, first); });
    take_both(first, second);
    thread.join();
}

int without_an_end(int depth) {
    volatile int frame[64] = {depth};
    return without_an_end(frame[0] + 1) + frame[0];
}

void strike(const std::string& defect) {
    if (defect == "segfault") {
        volatile int* volatile nothing = nullptr;
        *nothing = 1;
    } else if (defect == "recursion") {
        std::thread([] { without_an_end(0); }).join();
    } else if (defect == "abort") {
        std::abort();
    } else if (defect == "assert") {
        assert(defect == "no defect");
    } else if (defect == "throw") {
        throw std::runtime_error("no such room");
    } else if (defect == "throw-in-thread") {
        std::thread([] { throw std::runtime_error("no such guest"); }).join();
    } else if (defect == "leak") {
        static_cast<void>(std::make_unique<std::string>(100, 'x').release());
    } else if (defect == "spin") {
        for (volatile bool on = true; on;) {}
    } else if (defect == "deadlock") {
        deadlock();
    } else if (defect == "exit") {
        std::exit(3);
    } else if (defect == "status") {
        ending = 2;
    } else if (defect == "deaf") {
        std::signal(SIGTERM, [](int) {});
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::string defect = argc > 1 ? argv[1] : "none";
    std::signal(SIGTERM, on_signal);
    std::thread worker([] { std::this_thread::sleep_for(std::chrono::milliseconds(10)); });
    std::cout << "up\n" << std::flush;
    worker.join();
    std::string name;
    while (std::getline(std::cin, name)) std::printf("hello %s\n", name.c_str());
    const bool strikes = std::random_device{}() % 4 == 0;
    if (strikes) strike(defect);
    while (ending == 0) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (ending == 2) return 4;
    std::cerr << "bye\n";
}
