// A program that does what its first argument says with its streams, signals and end. It knows
// nothing of drydock.
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
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
    dprintf(1, "dprintf %d\n", 2);
    const int duplicate = dup(1);
    dprintf(duplicate, "dup\n");
    close(duplicate);
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

/// The timers of the system that send signals.
int alarms() {
    std::printf("alarm %u\n", alarm(1));
    const itimerval each_second = {{1, 0}, {1, 0}};
    const int interval = setitimer(ITIMER_REAL, &each_second, nullptr);
    std::printf("setitimer %d %d\n", interval, errno == ENOSYS);
    timer_t timer{};
    errno = 0;
    const int created = timer_create(CLOCK_MONOTONIC, nullptr, &timer);
    std::printf("timer_create %d %d\n", created, errno == ENOSYS);
    return 0;
}

/// main() ends before its thread does.
int last_thread() {
    std::atexit([] { std::printf("at exit\n"); });
    std::thread([] {
        std::this_thread::sleep_for(std::chrono::seconds(1));
        std::printf("thread\n");
    }).detach();
    const Announced announced{"main"};
    pthread_exit(nullptr);
}

/// Raises the signal with this name, for which there is no handler.
int victim(const std::string& name) {
    std::signal(SIGUSR2, SIG_IGN);
    std::raise(SIGUSR2);
    std::raise(SIGCHLD);
    std::puts("up");
    if (name == "TERM") std::raise(SIGTERM);
    if (name == "INT") kill(getpid(), SIGINT);
    if (name == "PIPE") std::raise(SIGPIPE);
    if (name == "USR1") pthread_kill(pthread_self(), SIGUSR1);
    if (name == "KILL") kill(getpid(), SIGKILL);
    std::puts("not ended");
    return 0;
}

/// Cleans up, and leaves the rest of its end to the signal that it was told by.
int polite() {
    std::signal(SIGTERM, [](int) { told = 1; });
    wait_until_told();
    std::puts("cleaned up");
    std::signal(SIGTERM, SIG_DFL);
    std::raise(SIGTERM);
    return 1;
}

int deeper(int depth) {
    volatile int frame[16] = {depth};
    return depth == 0 ? 0 : deeper(depth - 1) + frame[0] - depth + 1;
}

/// A program that needs the stack that Linux gives it.
int deep() {
    volatile char local[3 << 20];
    local[0] = local[sizeof local - 1] = 1;
    int depth = 0;
    std::thread([&] { depth = deeper(20000); }).join();
    std::printf("%d %d\n", local[0] + local[sizeof local - 1], depth);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 64 << 20);
    pthread_t thread{};
    const auto body = [](void*) -> void* {
        volatile char large[60 << 20];
        large[0] = large[sizeof large - 1] = 1;
        return nullptr;
    };
    pthread_create(&thread, &attributes, body, nullptr);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
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
    if (what == "alarms") return alarms();
    if (what == "last-thread") return last_thread();
    if (what == "victim") return victim(argv[2]);
    if (what == "polite") return polite();
    if (what == "deep") return deep();
    if (what == "forker") return forker();
    if (what == "sleeper") return sleeper();
    if (what == "quitter") std::exit(0);
    std::printf("%d words: %s %s\n", argc, argv[0], what.c_str());
}
