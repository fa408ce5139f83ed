// Child processes by fork(). See children.hpp.
#include "platform/host/children.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <new>
#include <system_error>
#include <utility>
#include <vector>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DRYDOCK_FINDS_LEAKS 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define DRYDOCK_FINDS_LEAKS 1
#endif
#ifdef DRYDOCK_FINDS_LEAKS
#include <sanitizer/lsan_interface.h>
#endif

namespace drydock::host {
namespace {

struct SignalName {
    int signal;
    const char* name;
};

constexpr std::array<SignalName, 9> signal_names = {{
    {SIGSEGV, "a segmentation fault (SIGSEGV)"},
    {SIGABRT, "an abort (SIGABRT)"},
    {SIGBUS, "a bus error (SIGBUS)"},
    {SIGFPE, "an arithmetic error such as a division by zero (SIGFPE)"},
    {SIGILL, "an illegal instruction (SIGILL)"},
    {SIGTRAP, "a trap (SIGTRAP)"},
    {SIGSYS, "a forbidden system call (SIGSYS)"},
    {SIGPIPE, "a write to a closed pipe (SIGPIPE)"},
    {SIGKILL, "a kill (SIGKILL) from outside, perhaps by the system for want of memory,"},
}};

/// A crash of a scenario is reported by the parent, so a core file for each would only fill the
/// disk. The limit 1 is special: with 0 Linux would still start a program that takes core files.
void write_no_core_file() noexcept {
    ::rlimit limit{};
    if (::getrlimit(RLIMIT_CORE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max == 0 ? 0 : 1;
    ::setrlimit(RLIMIT_CORE, &limit);
}

void end_with_parent(::pid_t parent) noexcept {
#ifdef __linux__
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (::getppid() != parent) ::_exit(1);  // it has ended before that call
}

void discard_errors() noexcept {
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0) ::dup2(nowhere, STDERR_FILENO);
}

/// No exception may unwind into the frames that the child has copied from its parent.
void run_and_end(const std::function<void(ChildOutput&)>& body, int descriptor) noexcept {
    ChildOutput output(descriptor);
    body(output);
    std::fflush(nullptr);  // what the program under test has printed
#ifdef DRYDOCK_FINDS_LEAKS
    __lsan_do_leak_check();  // _exit() leaves out what calls it otherwise
#endif
    ::_exit(0);
}

}  // namespace

bool has_children() noexcept { return true; }

unsigned thread_count() noexcept {
    std::error_code error;
    unsigned count = 0;
    for (std::filesystem::directory_iterator at("/proc/self/task", error), end; !error && at != end;
         at.increment(error)) {
        ++count;
    }
    return error ? 0 : count;
}

// --- shared memory ------------------------------------------------------------------------------

SharedMemory::SharedMemory(std::size_t size) : size_(size) {
    void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    data_ = static_cast<std::byte*>(memory);
}

SharedMemory::~SharedMemory() { ::munmap(data_, size_); }

// --- one child ----------------------------------------------------------------------------------

std::string describe(const ChildEnd& end) {
    if (end.kind == ChildEnd::Kind::exited) {
        return "the process ended with exit status " + std::to_string(end.code);
    }
    if (end.kind == ChildEnd::Kind::unknown) return "the process ended";
    for (const SignalName& known : signal_names) {
        if (known.signal == end.code) return std::string(known.name) + " ended the process";
    }
    return "the signal " + std::to_string(end.code) + " ended the process";
}

void ChildOutput::send(std::string_view bytes) noexcept {
    while (!bytes.empty()) {
        const ::ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
        if (count > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno != EINTR) {
            ::_exit(1);
        }
    }
}

Child::Child(const std::function<void(ChildOutput&)>& body, ChildErrors errors) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw std::system_error(errno, std::generic_category(), "a pipe to a child process");
    }
    std::fflush(nullptr);  // or both processes would write what is buffered
    const ::pid_t parent = ::getpid();
    const ::pid_t process = ::fork();
    if (process == 0) {
        end_with_parent(parent);
        write_no_core_file();
        ::signal(SIGINT, SIG_IGN);  // the parent decides what a Ctrl-C means
        ::signal(SIGTERM, SIG_IGN);
        if (errors == ChildErrors::discarded) discard_errors();
        ::close(ends[0]);
        run_and_end(body, ends[1]);
    }
    const int code = errno;
    ::close(ends[1]);
    descriptor_ = ends[0];
    if (process < 0) {
        ::close(descriptor_);
        throw std::system_error(code, std::generic_category(), "a child process");
    }
    process_ = process;
    ::fcntl(descriptor_, F_SETFL, O_NONBLOCK);
}

Child::~Child() {
    if (process_ != 0) {
        kill();
        wait();
    }
    ::close(descriptor_);
}

bool Child::receive(std::string& bytes) {
    std::array<char, 65536> part;
    for (;;) {
        const ::ssize_t count = ::read(descriptor_, part.data(), part.size());
        if (count > 0) {
            bytes.append(part.data(), static_cast<std::size_t>(count));
        } else if (count == 0 || errno != EINTR) {
            return count < 0 && errno == EAGAIN;
        }
    }
}

void Child::kill() noexcept {
    if (process_ != 0) ::kill(static_cast<::pid_t>(process_), SIGKILL);
}

ChildEnd Child::wait() noexcept {
    if (process_ == 0) return end_;
    int status = 0;
    ::pid_t got = 0;
    do {
        got = ::waitpid(static_cast<::pid_t>(process_), &status, 0);
    } while (got < 0 && errno == EINTR);
    process_ = 0;
    // Where SIGCHLD is ignored the system does not keep how a child has ended.
    if (got < 0) return end_;
    if (WIFEXITED(status)) end_ = {ChildEnd::Kind::exited, WEXITSTATUS(status)};
    if (WIFSIGNALED(status)) end_ = {ChildEnd::Kind::killed, WTERMSIG(status)};
    return end_;
}

void Child::wait_for_any(std::span<const Child* const> children, std::chrono::milliseconds most) {
    std::vector<::pollfd> files;
    files.reserve(children.size());
    for (const Child* child : children) files.push_back({child->descriptor_, POLLIN, 0});
    ::poll(files.data(), files.size(), static_cast<int>(most.count()));
}

}  // namespace drydock::host
