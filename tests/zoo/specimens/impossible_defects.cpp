// Defects of the textbook's programs and of the field that the contract leaves no room for.
#include "tests/zoo/specimens/zoo.hpp"

namespace drydock::zoo {
namespace {

constexpr ImpossibleDefect table[] = {
    {"textbook, completion-routine and IOCP echo servers",
     "a start fails at once, no completion comes, and the connection leaks",
     "starts return nothing: whatever is started completes through the queue, failures included"},
    {"textbook, completion-routine echo server",
     "an int where ioctlsocket wants a u_long, and a socket squeezed through a DWORD",
     "there are no modes to set and no handles: a socket is an object with an owner"},
    {"textbook, IOCP echo server",
     "the result of GetQueuedCompletionStatus is ignored, and its key and byte count are garbage",
     "wait() gives the number of completions, and each brings its own operation and result"},
    {"textbook, IOCP echo server", "a failed accept's INVALID_SOCKET is associated and used",
     "a failed accept brings no socket, and sockets need no association"},
    {"textbook, IOCP echo server", "a completion key is a pointer, cut to 32 bits",
     "there are no keys: a completion names its operation, which knows what it belongs to"},
    {"c-ares, pull request #1247",
     "a failed completion and a wait that has timed out look alike, and are taken for each other",
     "a wait that has timed out gives no completion; a failed one is a completion like any other"},
    {"zio, issue #530", "the completion of an accept finds no socket: it is stored after the start",
     "the socket comes with the completion; there is none to store before it"},
    {"zio, pull request #558",
     "byte count and flags of a call are on a stack that is gone when the system writes them",
     "they are part of the result; what the system needs meanwhile is inside the operation"},
    {"tinymux, issue #823", "a start that fails at once frees its record, and so does its caller",
     "no start owns its operation; its completion alone says that it is over"},
    {"Microsoft's documentation", "a thread ends, and the I/O that it has started is canceled",
     "operations belong to a queue, whichever worker has started them"},
    {"nng, pull request #1604",
     "an accepted socket was not told its listener (SO_UPDATE_ACCEPT_CONTEXT): it cannot shut down",
     "an accept gives a socket that can do all that a socket can"},
    {"io_uring", "a close does not end a pending receive, which eats what comes later",
     "a socket with something in flight cannot be closed: that alone ends the run"},
};

}  // namespace

std::span<const ImpossibleDefect> impossible_defects() noexcept { return table; }

}  // namespace drydock::zoo
