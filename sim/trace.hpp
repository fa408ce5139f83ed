// The last steps of a run as text: completions, and between them choices, faults and clients.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <drydock/time.hpp>

namespace drydock::sim {

class Trace {
public:
    /// Keeps the last `most` steps, and what belongs to them. 0: nothing, and nothing may be added.
    explicit Trace(std::size_t most) noexcept : most_(most) {}

    bool kept() const noexcept { return most_ > 0; }

    /// A completion came out. What is noted from here on belongs to the step that it begins.
    void step(Time at, const std::string& completion);
    void note(std::string text) { lines_.push_back({std::move(text), false}); }

    /// The run has failed: in the last step, which is marked, or after it.
    void fail(std::string_view property, bool in_step);

    std::vector<std::string> take();

private:
    struct Line {
        std::string text;
        bool is_step = false;
    };
    void forget_old_steps();

    std::size_t most_;
    std::size_t steps_ = 0;  // among the lines
    std::vector<Line> lines_;
};

}  // namespace drydock::sim
