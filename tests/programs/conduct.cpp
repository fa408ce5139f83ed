// A program that does what its first argument says with its streams, signals and end. It knows
// nothing of drydock.
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>

namespace {

volatile std::sig_atomic_t told = 0;

struct Announced {
    const char* name;
    ~Announced() { std::printf("~%s\n", name); }
};

void wait_until_told() {
    while (told == 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

int streams() {
    std::ios_base::sync_with_stdio(false);
    std::cout << "cout " << std::hex << 255 << '\n';
    std::printf("printf %d\n", 1);
    std::puts("puts");
    std::putchar('c');
    std::fputs("har\n", stdout);
    if (write(1, "write\n", 6) != 6) return 1;
    std::cerr << "cerr\n";
    std::clog << "clog\n";
    std::fprintf(stderr, "fprintf %d %d\n", isatty(1), fileno(stdout));
    std::perror("perror");
    std::string word;
    char rest[16] = {};
    std::cin >> word;
    std::cin.ignore();
    const bool more = static_cast<bool>(std::getline(std::cin, word));
    std::cout << word << more << std::cin.eof() << '\n';
    const bool end = std::getchar() == EOF && read(0, rest, sizeof rest) == 0;
    std::cout << (end ? "end\n" : "not the end\n");
    wait_until_told();
    return 0;
}

int input() {
    std::printf("press Enter\n");
    while (std::getchar() != EOF) std::printf("key\n");
    std::printf("the end\n");
    return 0;
}

int waiter() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::thread([set] {
        int number = 0;
        sigwait(&set, &number);
        std::printf("got %d\n", number);
    }).join();
    return 0;
}

int handler() {
    struct sigaction action = {};
    action.sa_flags = SA_SIGINFO;
    action.sa_sigaction = [](int number, siginfo_t* info, void*) {
        std::printf("handled %d %d\n", number, info->si_signo);
        told = 1;
    };
    sigaction(SIGINT, &action, nullptr);  // not SIGTERM
    while (told == 0) pause();
    return 0;
}

int leaver() {
    const Announced announced{"local"};
    std::atexit([] { std::printf("first\n"); });
    std::atexit([] { std::printf("second\n"); });
    wait_until_told();
    std::exit(0);
}

int raiser() {
    std::raise(SIGTERM);
    wait_until_told();
    return 7;
}

/// A process that fork() has made all the same ends at once.
bool forked(pid_t process) {
    if (process == 0) syscall(SYS_exit_group, 0);
    if (process == -1 && errno == ENOSYS) return false;
    return true;
}

int forker() {
    if (forked(fork())) std::puts("fork");
    if (forked(fork())) std::puts("fork again");
    if (forked(vfork())) std::puts("vfork");
    if (forked(static_cast<pid_t>(syscall(SYS_fork)))) std::puts("SYS_fork");
    if (forked(daemon(1, 1))) std::puts("daemon");
    return 0;
}

int sleeper() {
    const Announced announced{"main"};
    std::thread([] {
        const Announced announced_too{"thread"};
        for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
    }).detach();
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

}  // namespace

int main(int argc, char* argv[]) {
    std::signal(
        SIGTERM, argc == 3 ? SIG_DFL : [](int) { told = 1; });
    const std::string what = argc > 1 ? argv[1] : "";
    if (what == "streams") return streams();
    if (what == "input") return input();
    if (what == "waiter") return waiter();
    if (what == "handler") return handler();
    if (what == "leaver") return leaver();
    if (what == "raiser") return raiser();
    if (what == "forker") return forker();
    if (what == "sleeper") return sleeper();
    if (what == "quitter") std::exit(0);
    std::printf("%d words: %s %s\n", argc, argv[0], what.c_str());
}
