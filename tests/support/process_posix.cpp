// Starting programs, and moving bytes between them and the test.
#include "tests/support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__linux__)
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#endif

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <span>
#include <sstream>

extern char** environ;

namespace drydock::test {
namespace {

constexpr int not_started = 126;

[[noreturn]] void give_up(const char* what) {
    std::perror(what);
    std::abort();
}

void close_file(int& file) {
    if (file >= 0) {
        ::close(std::exchange(file, -1));
    }
}

struct Pipe {
    int read_end = -1;
    int write_end = -1;
};

Pipe make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        give_up("pipe2");
    }
    return {ends[0], ends[1]};
}

void make_nonblocking(int file) { ::fcntl(file, F_SETFL, ::fcntl(file, F_GETFL) | O_NONBLOCK); }

/// What execve wants: pointers into the texts, and a null one.
std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) {
        result.push_back(text.data());
    }
    result.push_back(nullptr);
    return result;
}

std::vector<std::string> environment_with(const Command& command) {
    std::vector<std::string> variables;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text = *variable;
        bool replaced = false;
        for (const auto& [name, value] : command.environment) {
            replaced = replaced || text.starts_with(name + "=");
        }
        if (!replaced) {
            variables.emplace_back(text);
        }
    }
    for (const auto& [name, value] : command.environment) {
        variables.push_back(name + "=" + value);
    }
    return variables;
}

#if defined(__linux__)
bool filter_system_calls(std::span<const ::sock_filter> program) {
    const ::sock_fprog filter{static_cast<unsigned short>(program.size()),
                              const_cast<::sock_filter*>(program.data())};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/// From here on the system refuses io_uring to this process.
bool refuse_io_uring() {
    const ::sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(::seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    return filter_system_calls(program);
}

/// From here on there are no IPv6 sockets for this process.
bool refuse_ipv6() {
    // The lower half of the argument, as the machines that this runs on are little-endian.
    const ::sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(::seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(::seccomp_data, args)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    return filter_system_calls(program);
}
#else
bool refuse_io_uring() { return false; }
bool refuse_ipv6() { return false; }
#endif

/// Gives the child one of its standard streams.
void take_stream(int number, const StreamSetup& setup, int pipe) {
    switch (setup.kind) {
        case StreamSetup::Kind::pipe:
        case StreamSetup::Kind::unread:
            ::dup2(pipe, number);
            break;
        case StreamSetup::Kind::closed:
            ::close(number);
            break;
        case StreamSetup::Kind::full: {
            const int file = ::open("/dev/full", O_RDWR);
            ::dup2(file, number);
            ::close(file);
            break;
        }
        case StreamSetup::Kind::file:
            ::dup2(setup.descriptor, number);
            break;
    }
}

/// The child's side of the fork. System calls only.
[[noreturn]] void become(const Command& command, char** words, char** variables,
                         const std::array<int, 3>& pipes) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // not to outlive the test
    for (int number = 0; number < 3; ++number) {
        take_stream(number, command.streams[static_cast<std::size_t>(number)],
                    pipes[static_cast<std::size_t>(number)]);
    }
    // As at a user's prompt, whatever the test's own parent had set.
    for (const int number : {SIGINT, SIGTERM, SIGPIPE, SIGQUIT}) {
        ::signal(number, SIG_DFL);
    }
    ::sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    bool ready = command.directory.empty() || ::chdir(command.directory.c_str()) == 0;
    if (command.open_files) {
        const ::rlimit limit{command.open_files->soft, command.open_files->hard};
        ready = ready && ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
    }
    if (command.without_io_uring) {
        ready = ready && refuse_io_uring();
    }
    if (command.without_ipv6) {
        ready = ready && refuse_ipv6();
    }
    if (ready) {
        ::execve(words[0], words, variables);
    }
    constexpr std::string_view complaint = "the test could not start the program\n";
    [[maybe_unused]] const ::ssize_t count =
        ::write(STDERR_FILENO, complaint.data(), complaint.size());
    ::_exit(not_started);
}

/// The numbers after the name in /proc/PID/stat: the first is field 3 of proc(5), the state.
std::vector<std::string> stat_fields(::pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text{std::istreambuf_iterator<char>(file), {}};
    text.erase(0, text.rfind(')') + 1);  // the name may hold anything
    std::istringstream rest(text);
    return {std::istream_iterator<std::string>(rest), {}};
}

std::uint64_t number_in(const std::vector<std::string>& fields, std::size_t field) {
    constexpr std::size_t first = 3;
    return field - first < fields.size() ? std::stoull(fields[field - first]) : 0;
}

/// What /proc/PID/fd says of its sockets: "socket:[INODE]".
std::vector<std::string> sockets_of(::pid_t pid) {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry :
         std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd", error)) {
        names.push_back(std::filesystem::read_symlink(entry, error).string());
    }
    return names;
}

/// A TCP socket on IPv4 that listens, by proc_net_tcp: state 0A. 0: it has none.
/// The signals that the process catches, or blocks to wait for them: bit 0 is signal 1.
std::uint64_t handled_signals(::pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    std::uint64_t signals = 0;
    for (std::string name, value; file >> name;) {
        if ((name == "SigCgt:" || name == "SigBlk:") && file >> value) {
            signals |= std::stoull(value, nullptr, 16);
        }
    }
    return signals;
}

std::uint16_t port_of_listener(::pid_t pid) {
    const std::vector<std::string> sockets = sockets_of(pid);
    std::ifstream file("/proc/" + std::to_string(pid) + "/net/tcp");
    for (std::string line; std::getline(file, line);) {
        std::istringstream rest(line);
        const std::vector<std::string> fields{std::istream_iterator<std::string>(rest), {}};
        constexpr std::size_t local = 1, state = 3, inode = 9;
        if (fields.size() <= inode || fields[state] != "0A") continue;
        const std::string name = "socket:[" + fields[inode] + "]";
        if (std::find(sockets.begin(), sockets.end(), name) == sockets.end()) continue;
        const std::string& address = fields[local];
        return static_cast<std::uint16_t>(
            std::stoul(address.substr(address.rfind(':') + 1), nullptr, 16));
    }
    return 0;
}

}  // namespace

void PrintTo(const Ending& ending, std::ostream* out) {
    switch (ending.kind) {
        case Ending::Kind::exited:
            *out << "exit status " << ending.number;
            break;
        case Ending::Kind::killed:
            *out << "killed by signal " << ending.number;
            break;
        case Ending::Kind::still_running:
            *out << "still running";
            break;
    }
}

// --- its life ------------------------------------------------------------------------------------

Process::Process(const Command& command) {
    ::signal(SIGPIPE, SIG_IGN);  // writing to a program that has ended is the test's business
    std::vector<std::string> words = command.words;
    std::vector<std::string> variables = environment_with(command);
    const std::vector<char*> word_pointers = pointers(words);
    const std::vector<char*> variable_pointers = pointers(variables);
    Pipe input = make_pipe();
    Pipe output = make_pipe();
    Pipe errors = make_pipe();
    // Before the program begins: it may be quick.
    if (command.streams[1].kind == StreamSetup::Kind::unread) close_file(output.read_end);
    if (command.streams[2].kind == StreamSetup::Kind::unread) close_file(errors.read_end);
    pid_ = ::fork();
    if (pid_ < 0) {
        give_up("fork");
    }
    if (pid_ == 0) {
        become(command, const_cast<char**>(word_pointers.data()),
               const_cast<char**>(variable_pointers.data()),
               {input.read_end, output.write_end, errors.write_end});
    }
    close_file(input.read_end);
    close_file(output.write_end);
    close_file(errors.write_end);
    input_file_ = input.write_end;
    output_file_ = output.read_end;
    errors_file_ = errors.read_end;
    for (const int file : {input_file_, output_file_, errors_file_}) {
        make_nonblocking(file);
    }
}

Process::~Process() {
    reap();
    if (ending_.kind == Ending::Kind::still_running) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    close_file(input_file_);
    close_file(output_file_);
    close_file(errors_file_);
}

void Process::signal(int number) {
    reap();
    if (ending_.kind == Ending::Kind::still_running) {  // else the id may be another's by now
        ::kill(pid_, number);
    }
}

void Process::reap() {
    if (ending_.kind != Ending::Kind::still_running) {
        return;
    }
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) {
        return;
    }
    ending_ = WIFSIGNALED(status) ? Ending::killed(WTERMSIG(status))
                                  : Ending::exited(WEXITSTATUS(status));
}

// --- its streams ---------------------------------------------------------------------------------

void Process::write_some() {
    while (input_file_ >= 0 && written_ < to_write_.size()) {
        const std::string_view rest = std::string_view(to_write_).substr(written_);
        const ::ssize_t count = ::write(input_file_, rest.data(), rest.size());
        if (count < 0) {
            if (errno != EAGAIN && errno != EINTR) {
                close_file(input_file_);  // it reads no more
            }
            return;
        }
        written_ += static_cast<std::size_t>(count);
    }
    if (closing_input_) {
        close_file(input_file_);
    }
}

/// False: there is nothing more now.
bool Process::read_some(int& file, std::string& text) {
    std::array<char, 64 * 1024> buffer;
    const ::ssize_t count = file < 0 ? 0 : ::read(file, buffer.data(), buffer.size());
    if (count > 0) {
        text.append(buffer.data(), static_cast<std::size_t>(count));
    } else if (count == 0) {
        close_file(file);
    }
    return count > 0;
}

void Process::pump(Milliseconds at_most) {
    const bool writing = written_ < to_write_.size();
    if (!writing && closing_input_) {
        close_file(input_file_);
    }
    std::array<::pollfd, 3> files = {{{output_file_, POLLIN, 0},
                                      {errors_file_, POLLIN, 0},
                                      {writing ? input_file_ : -1, POLLOUT, 0}}};
    ::poll(files.data(), files.size(), static_cast<int>(at_most.count()));
    write_some();
    while (read_some(output_file_, output_)) {}
    while (read_some(errors_file_, errors_)) {}
}

/// Until the condition holds, the program has ended and all is read, or time is up.
template <typename Condition>
bool Process::pump_until(Condition condition, Milliseconds timeout) {
    const Clock::time_point deadline = Clock::now() + timeout;
    std::optional<Clock::time_point> last_words;
    while (!condition()) {
        const Clock::time_point now = Clock::now();
        const bool closed = output_file_ < 0 && errors_file_ < 0;
        reap();
        const bool ended = ending_.kind != Ending::Kind::still_running;
        // A program may leave its streams to helpers of its own (Wine does): they are not waited
        // for.
        if (ended && !last_words) {
            last_words = now + Milliseconds(200);
        }
        if (now >= deadline || (ended && (closed || now >= *last_words))) {
            return condition();
        }
        pump(Milliseconds(5));
        if (closed && !ended) {
            ::poll(nullptr, 0, 2);
        }
    }
    return true;
}

bool Process::wait_for_output(std::string_view text, Milliseconds timeout) {
    return pump_until([&] { return output_.find(text) != std::string::npos; }, timeout);
}

bool Process::wait_for_errors(std::string_view text, Milliseconds timeout) {
    return pump_until([&] { return errors_.find(text) != std::string::npos; }, timeout);
}

std::optional<std::string> Process::read_line(Milliseconds timeout) {
    const bool found =
        pump_until([&] { return output_.find('\n', lines_end_) != std::string::npos; }, timeout);
    if (!found) {
        return std::nullopt;
    }
    const std::size_t end = output_.find('\n', lines_end_);
    std::string line = output_.substr(lines_end_, end - lines_end_);
    lines_end_ = end + 1;
    if (line.ends_with('\r')) {
        line.pop_back();
    }
    return line;
}

bool Process::runs_for(Milliseconds span) {
    pump_until([&] { return ending_.kind != Ending::Kind::still_running; }, span);
    return ending_.kind == Ending::Kind::still_running;
}

bool Process::wait_for_handler(int signal, Milliseconds timeout) {
    return pump_until([&] { return (handled_signals(pid_) >> (signal - 1) & 1U) != 0; }, timeout);
}

Ending Process::wait(Milliseconds timeout) {
    // Until there is nothing to wait for, and not until some condition.
    pump_until([] { return false; }, timeout);
    return ending_;
}

// --- what the system says ------------------------------------------------------------------------

std::size_t Process::open_descriptors() const {
    std::error_code error;
    const std::filesystem::directory_iterator files("/proc/" + std::to_string(pid_) + "/fd", error);
    return error ? 0 : static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

std::uint64_t Process::resident_bytes() const {
    constexpr std::size_t rss = 24;
    return number_in(stat_fields(pid_), rss) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t Process::peak_resident_bytes() const {
    std::ifstream file("/proc/" + std::to_string(pid_) + "/status");
    for (std::string name; file >> name;) {
        std::uint64_t kibibytes = 0;
        if (name == "VmHWM:" && file >> kibibytes) {
            return kibibytes * 1024;
        }
    }
    return 0;
}

Milliseconds Process::processor_time() const {
    constexpr std::size_t utime = 14;
    constexpr std::size_t stime = 15;
    const std::vector<std::string> fields = stat_fields(pid_);
    const std::uint64_t ticks = number_in(fields, utime) + number_in(fields, stime);
    return Milliseconds(ticks * 1000 / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK)));
}

std::uint16_t Process::listening_port(Milliseconds timeout) {
    std::uint16_t port = 0;
    pump_until([&] { return (port = port_of_listener(pid_)) != 0; }, timeout);
    return port;
}

// --- others --------------------------------------------------------------------------------------

Outcome run_program(const Command& command, std::string_view input, Milliseconds timeout) {
    Process process(command);
    process.type(input);
    process.close_input();
    const Ending ending = process.wait(timeout);
    return {ending, process.output(), process.errors()};
}

TemporaryFolder::TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "drydock-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        give_up("mkdtemp");
    }
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::write(const std::string& name, std::string_view text) const {
    const std::string path = path_ + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
}

std::string TemporaryFolder::read(const std::string& name) const {
    std::ifstream file(path_ + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace drydock::test
