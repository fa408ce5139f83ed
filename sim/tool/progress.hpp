// One line on a terminal, written over and over: how far a farm is.
#pragma once

#include <cstdint>
#include <string>

#include "sim/tool/common.hpp"

namespace drydock::app {

class Progress {
public:
    /// `shown`: standard error is a terminal. Otherwise nothing is ever written.
    Progress(std::string name, std::uint64_t total, bool shown);

    void show(std::uint64_t done, std::uint64_t failures);
    void clear();

private:
    std::string name_;
    std::uint64_t total_;
    bool shown_;
    Stopwatch stopwatch_;
    double next_ = 0;  // seconds
    bool visible_ = false;
};

/// "1 h 02 min", "3 min 05 s", "12 s".
std::string time_text(double seconds);

}  // namespace drydock::app
