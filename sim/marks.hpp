// Keeps a mark of each completion of a run, to compare two runs.
#pragma once

#include <utility>
#include <vector>

#include <drydock/sim/run.hpp>

namespace drydock::sim {

class Marks final : public RunListener {
public:
    void happened(const RunEvent& event) noexcept override {
        if (event.kind != RunEventKind::completed) return;
        marks_.push_back({event.digest, event.at.time_since_epoch(), event.result.bytes,
                          event.connection, event.operation, event.result.error, event.accepted});
    }
    std::vector<Mark> take() noexcept { return std::move(marks_); }

private:
    std::vector<Mark> marks_;
};

}  // namespace drydock::sim
