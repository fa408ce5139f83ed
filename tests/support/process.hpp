// A program that a test has started: its standard streams, its signals, its end. POSIX only.
//
// Everything waits for a bounded time, and nothing is left behind: what still runs when its Process
// goes is killed, and so is what still runs when the test itself dies.
#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace drydock::test {

using Milliseconds = std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// How long a test waits for what must happen. Long, as the machine may be busy with other tests; a
/// test that passes never waits so long.
inline constexpr Milliseconds patience = std::chrono::seconds(60);

/// What a program finds as one of its standard streams.
struct StreamSetup {
    enum class Kind : std::uint8_t {
        pipe,    ///< from or to the test
        closed,  ///< nothing: the descriptor is free
        full,    ///< /dev/full: a write fails as on a disk without room
        unread,  ///< a pipe that nobody reads any more: a write fails
        file     ///< a descriptor of the test's
    };
    Kind kind = Kind::pipe;
    int descriptor = -1;  ///< of a file

    StreamSetup() = default;
    StreamSetup(Kind what) : kind(what) {}
    static StreamSetup file(int descriptor) {
        StreamSetup setup(Kind::file);
        setup.descriptor = descriptor;
        return setup;
    }
};

struct Command {
    std::vector<std::string> words;  ///< the program and its arguments
    std::string directory = {};      ///< to start in; empty: as it is
    std::vector<std::pair<std::string, std::string>> environment = {};  ///< added to the test's own
    struct OpenFiles {
        std::uint64_t soft, hard;
    };
    std::optional<OpenFiles> open_files = {};  ///< the limit on descriptors
    bool without_io_uring = false;             ///< as most containers have it
    bool without_ipv6 = false;                 ///< as a kernel without it has it
    std::array<StreamSetup, 3> streams = {};   ///< standard input, output and error
};

/// How a program ended.
struct Ending {
    enum class Kind : std::uint8_t { exited, killed, still_running };
    Kind kind = Kind::still_running;
    int number = 0;  ///< the exit status, or the signal

    static Ending exited(int status) { return {Kind::exited, status}; }
    static Ending killed(int signal) { return {Kind::killed, signal}; }
    bool operator==(const Ending&) const = default;
};
void PrintTo(const Ending& ending, std::ostream* out);

class Process {
public:
    explicit Process(const Command& command);
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process();

    ::pid_t pid() const { return pid_; }

    /// Gives the program something to read. It is written while the test waits for something.
    void type(std::string_view text) { to_write_ += text; }
    /// No more to read, once all that was typed is written.
    void close_input() { closing_input_ = true; }

    /// To this one process, not to its group.
    void signal(int number);

    /// Until standard output, or standard error, holds the text. False: it ended or time was up
    /// first.
    bool wait_for_output(std::string_view text, Milliseconds timeout = patience);
    bool wait_for_errors(std::string_view text, Milliseconds timeout = patience);
    /// The output's next complete line, without its end; nothing if it does not come.
    std::optional<std::string> read_line(Milliseconds timeout = patience);
    /// Lets the program's output come for a while, and sees whether it goes on running.
    bool runs_for(Milliseconds span);
    /// Until the signal no longer ends it: it has a handler, or a thread that waits for the signal.
    /// False: it ended or time was up first.
    bool wait_for_handler(int signal, Milliseconds timeout = patience);
    /// Until it has ended and everything that it wrote is read.
    Ending wait(Milliseconds timeout = patience);

    /// All that came on standard output, and on standard error, so far.
    const std::string& output() const { return output_; }
    const std::string& errors() const { return errors_; }

    // What the system says of it; 0 when it is gone.
    /// Waits until it listens, and gives the port.
    std::uint16_t listening_port(Milliseconds timeout = patience);
    std::size_t open_descriptors() const;
    std::uint64_t resident_bytes() const;
    std::uint64_t peak_resident_bytes() const;
    Milliseconds processor_time() const;

private:
    /// Writes and reads what is possible, for as long at most.
    void pump(Milliseconds at_most);
    void write_some();
    bool read_some(int& file, std::string& text);
    void reap();
    template <typename Condition>
    bool pump_until(Condition condition, Milliseconds timeout);

    ::pid_t pid_ = -1;
    int input_file_ = -1;
    int output_file_ = -1;
    int errors_file_ = -1;
    std::string to_write_;
    std::size_t written_ = 0;
    bool closing_input_ = false;
    std::string output_;
    std::string errors_;
    std::size_t lines_end_ = 0;  // of the lines that read_line() has given
    Ending ending_;
};

/// A program's whole run.
struct Outcome {
    Ending ending;
    std::string output;
    std::string errors;
};

/// Runs it to its end, with `input` to read.
Outcome run_program(const Command& command, std::string_view input = {},
                    Milliseconds timeout = patience);

/// A folder of the test's own, gone at its end.
class TemporaryFolder {
public:
    TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder();
    const std::string& path() const { return path_; }
    /// Writes a file into it and gives its path.
    std::string write(const std::string& name, std::string_view text) const;
    std::string read(const std::string& name) const;

private:
    std::string path_;
};

}  // namespace drydock::test
