// A thread that has used up its stack: which one, for the error message.
#pragma once

#include <csignal>

namespace drydock::sim {

/// While it exists, a fault in the guard page of the running fiber's stack fails the property
/// `crash` with a sentence that names the thread. The process ends by the fault all the same. For
/// one thread of the system; nothing in builds with a sanitizer, which reports it itself.
class OverflowWatch {
public:
    OverflowWatch() noexcept;
    OverflowWatch(const OverflowWatch&) = delete;
    OverflowWatch& operator=(const OverflowWatch&) = delete;
    ~OverflowWatch();

private:
    struct sigaction before_ {};
};

}  // namespace drydock::sim
