// The black box of a run: what happened in it, in memory that outlives the process that ran it.
//
// A child process listens to its run and writes down each choice, each span and where the run is.
// If the run ends the process, or never ends, its parent reads from the box how far it came: enough
// for an error message, and a schedule that leads there again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <drydock/sim/run.hpp>

#include "platform/host/children.hpp"

namespace drydock::sim {

class BlackBox {
public:
    BlackBox();
    ~BlackBox();

    /// Empties the box and gives the listener that fills it, for one run. In the child, or before
    /// it starts. With `trace`, it keeps the last so many completions as text.
    RunListener& record(std::size_t trace);

    /// In the parent, once the child has ended: the run as far as it came, as a report that has
    /// failed. Its property and sentence are those of the run's verdict if it came to one, and
    /// otherwise `property` and none.
    Report read(std::string_view property) const;

    /// "in step 17, at 0.000340 virtual seconds, which began with the completion of a receive ...".
    std::string place() const;

private:
    class Listener;
    struct Layout;
    Layout& layout() const noexcept;
    std::vector<std::string> trace_lines(const std::string& property) const;

    host::SharedMemory memory_;
    std::unique_ptr<Listener> listener_;
};

}  // namespace drydock::sim
