// The last steps of a run as text: completions, and between them choices, faults and clients.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <drydock/sim/events.hpp>

namespace drydock::sim {

class Trace final : public RunListener {
public:
    /// Keeps the last `most` steps, and what belongs to them.
    explicit Trace(std::size_t most) noexcept : most_(most) {}

    void happened(const RunEvent& event) noexcept override;

    /// The lines, the oldest first. A run that has failed has a mark in its last step, or after it.
    std::vector<std::string> take();

    struct Line {
        std::string text;
        bool is_step = false;
    };
    /// The newest line, as take() gives it. None: there is no line.
    std::optional<Line> last() const;

private:
    static std::string shown(const Line& line);
    void step(const RunEvent& event);
    void note(std::string text) { lines_.push_back({std::move(text), false}); }
    void fail(const RunEvent& event);
    void forget_old_steps();
    std::string owner_of(const RunEvent& event) const;

    std::size_t most_;
    std::size_t steps_ = 0;  // among the lines
    std::vector<Line> lines_;
    std::map<std::uint64_t, std::string> owners_;  // by connection: "client 2"
};

/// "send on connection 3 (accepted side) of client 2 started at server.cpp:40". An empty owner:
/// nobody has said whose connection it is.
std::string describe(const RunEvent& event, const std::string& owner);

}  // namespace drydock::sim
