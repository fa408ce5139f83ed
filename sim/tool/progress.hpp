// One line on a terminal, written over and over: how far a farm or an exploration is.
#pragma once

#include <cstdint>
#include <string>

#include <drydock/sim/explore.hpp>

#include "sim/tool/common.hpp"

namespace drydock::app {

/// A line on the terminal's standard error that is written over, a few times a second.
class StatusLine {
public:
    /// `shown`: standard error is a terminal. Otherwise nothing is ever written.
    explicit StatusLine(bool shown) : shown_(shown) {}
    /// Whether it is time to write again, so many seconds after the start.
    bool is_due(double now);
    void write(const std::string& line);
    void clear();

private:
    bool shown_;
    double next_ = 0;  // seconds
    bool visible_ = false;
};

class Progress {
public:
    /// `shown`: standard error is a terminal. Otherwise nothing is ever written.
    Progress(std::string name, std::uint64_t total, bool shown);

    void show(std::uint64_t done, std::uint64_t failures);
    void clear() { line_.clear(); }

private:
    std::string name_;
    std::uint64_t total_;
    StatusLine line_;
    Stopwatch stopwatch_;
};

/// The same for an exploration: states, their rate, and how much of the tree of choices is done.
class ExploreProgressLine {
public:
    ExploreProgressLine(std::string name, bool shown) : name_(std::move(name)), line_(shown) {}

    void show(const sim::ExploreProgress& progress);
    void clear() { line_.clear(); }

private:
    std::string name_;
    StatusLine line_;
    Stopwatch stopwatch_;
    std::uint64_t last_states_ = 0;
    double last_seconds_ = 0;
};

/// "1 h 02 min", "3 min 05 s", "12 s".
std::string time_text(double seconds);

}  // namespace drydock::app
