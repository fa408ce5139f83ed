// The standard streams of a program: what it writes goes to its run, what it reads comes from
// there.
//
// C++ streams get buffers of their own, and the variables stdout, stderr and stdin another FILE,
// for the time of a run. Each use asks whether a program's fiber is the user; what scenarios and
// the simulator itself write meanwhile goes where it went before.
#pragma once

#include <algorithm>
#include <ios>
#include <iosfwd>
#include <streambuf>
#include <string>
#include <string_view>

#include <drydock/sim/program.hpp>

namespace drydock::sim::program_detail {

/// A C++ stream for the time of a run: with another buffer, and with its format as it was
/// afterwards.
class Redirected {
public:
    Redirected(std::ios& stream, std::streambuf& buffer);
    Redirected(const Redirected&) = delete;
    Redirected& operator=(const Redirected&) = delete;
    ~Redirected();

    std::streambuf* before() const noexcept { return before_; }

private:
    std::ios& stream_;
    std::ios format_{nullptr};
    std::streambuf* before_;
};

/// Redirects the streams from its constructor to its destructor. One at a time in a process.
class Capture {
public:
    Capture();
    Capture(const Capture&) = delete;
    Capture& operator=(const Capture&) = delete;
    ~Capture();

    /// The number of the descriptor that a redirected FILE stands for. -1: it is another FILE.
    static int descriptor_of(const void* file) noexcept;

private:
    Redirected out_, error_, log_, in_;
};

/// Cuts what is written into lines.
class Lines {
public:
    /// Calls `use` with each line that `text` completes, without its end.
    template <typename Use>
    void add(std::string_view text, const Use& use) {
        for (std::size_t end; (end = text.find('\n')) != std::string_view::npos;) {
            rest_.append(text.substr(0, end));
            use(std::string_view(rest_));
            rest_.clear();
            text.remove_prefix(end + 1);
        }
        rest_.append(text.substr(0, longest - std::min(longest, rest_.size())));
    }
    /// The same with what is left without an end.
    template <typename Use>
    void end(const Use& use) {
        if (!rest_.empty()) use(std::string_view(rest_));
        rest_.clear();
    }

private:
    static constexpr std::size_t longest =
        4096;  // what follows without an end of a line is cut off
    std::string rest_;
};

}  // namespace drydock::sim::program_detail
