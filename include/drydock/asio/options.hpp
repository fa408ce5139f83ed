// What the Asio face does otherwise than Asio, if it is asked to.
#pragma once

namespace drydock {

/// Options of an io_context of the Asio face: for its constructor with a queue, or for all contexts
/// of a simulated program (ProgramScenario::asio_options()). The defaults are Asio's order of
/// handlers, and reports of what is a defect in nearly all programs.
struct AsioOptions {
    /// A second async_read_some() (or async_write_some()) on a socket waits for the first, as in
    /// Asio. If not, it breaks Rule::second_receive (or Rule::second_send).
    bool queue_overlapping = false;
    /// Functions that are posted run in any order that the simulator chooses. If not, those that a
    /// thread posts to one context run in the order in which it posts them, as in Asio.
    bool permute_posts = false;
};

}  // namespace drydock
