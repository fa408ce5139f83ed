// Child processes that run a part of this program, so that a crash or an endless loop in that part
// does not end the whole; and memory that a process shares with them.
//
// A child is a copy of this process (fork() without exec()): it has the same functions and data at
// the same addresses. Systems without fork() have no children, and say so.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace drydock::host {

/// Whether this system has child processes of this kind.
bool has_children() noexcept;

/// How many threads this process has; 0 if the system does not tell. A child has a copy of the
/// calling thread alone. A mutex that another thread held stays locked in it for ever.
unsigned thread_count() noexcept;

/// Memory, zero at first, that this process has in common with the children that it starts later.
/// Pages that are never written take no memory. Without has_children() it is ordinary memory.
class SharedMemory {
public:
    /// Throws std::bad_alloc.
    explicit SharedMemory(std::size_t size);
    SharedMemory(const SharedMemory&) = delete;
    SharedMemory& operator=(const SharedMemory&) = delete;
    ~SharedMemory();

    std::byte* data() const noexcept { return data_; }

private:
    std::byte* data_;
    std::size_t size_;
};

/// How a child has ended.
struct ChildEnd {
    enum class Kind : unsigned char { exited, killed, unknown };
    Kind kind = Kind::unknown;
    int code = 0;  ///< the exit status, or the signal's number

    bool well() const noexcept { return kind == Kind::exited && code == 0; }
};

/// "a segmentation fault (SIGSEGV) ended the process", "the process ended with exit status 3".
std::string describe(const ChildEnd& end);

/// The child's side of the pipe to its parent.
class ChildOutput {
public:
    explicit ChildOutput(int descriptor) noexcept : descriptor_(descriptor) {}
    /// Blocks until the parent has room for it. If the parent is gone, the child ends here.
    void send(std::string_view bytes) noexcept;

private:
    int descriptor_;
};

/// Where a child's standard error goes.
enum class ChildErrors : unsigned char { shown, discarded };

/// One child process. For the thread that has started it.
class Child {
public:
    /// Starts it. It runs `body` and ends with status 0, without the destructors of static objects;
    /// an exception that leaves `body` aborts it. It ignores Ctrl-C, writes no core file, and ends
    /// when this thread ends. Throws std::system_error if the system gives no process.
    Child(const std::function<void(ChildOutput&)>& body, ChildErrors errors);
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    /// Kills it if it still runs.
    ~Child();

    /// Appends what the child has sent, without waiting. False: the child has ended, or is ending,
    /// and has sent no more.
    bool receive(std::string& bytes);

    void kill() noexcept;

    /// Waits for its end. Once kill() was called, or receive() has returned false.
    ChildEnd wait() noexcept;

    /// Waits until one of them has sent something or has ended, and no longer than this.
    static void wait_for_any(std::span<const Child* const> children,
                             std::chrono::milliseconds most);

private:
    long process_ = 0;  // 0: its end is known
    int descriptor_ = -1;
    ChildEnd end_;
};

}  // namespace drydock::host
