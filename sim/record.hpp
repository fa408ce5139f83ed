// What the simulator keeps inside an operation while it is in flight.
#pragma once

#include <cstddef>
#include <cstdint>

#include <drydock/buffer.hpp>
#include <drydock/operation.hpp>

namespace drydock::sim {

class Connection;
class SimListener;

struct Record {
    // All operations in flight, in the order of their starts: what a stuck run waits for.
    Operation* previous = nullptr;
    Operation* next = nullptr;

    Connection* connection = nullptr;
    SimListener* listener = nullptr;  // accept: on which

    std::byte* data = nullptr;  // receive: where to; a provided buffer's once it is delivered
    std::size_t size = 0;       // receive: how much at most; send: how much in all
    const ConstBuffer* buffers = nullptr;
    std::size_t buffer_count = 0;
    // send: how much the pipe has taken; receive: how much it has got; connect: the serial number
    // of its listener, which may be gone when it gets there
    std::size_t progress = 0;
    std::uint64_t send_hash =
        0;  // send: of the bytes, at the start; accept: the connection's number

    std::uint64_t start = 0;     // which start of the run this is
    std::uint64_t number = 0;    // the step watcher's
    Result result;               // while its delivery is delayed
    std::size_t heap_index = 0;  // while it has an event in the timeline
    std::uint8_t side = 0;
    std::uint8_t machine = 0;  // the number of the one that it was started on
    std::uint8_t to = 0;       // connect: of the one that it goes to
    bool prompt = false;       // the machine is
    bool in_timeline = false;
    bool by_ipv6 = false;   // connect
    bool provided = false;  // receive: into a buffer of the world's
    bool decided = false;   // the result is fixed; only its delivery is outstanding
};

inline Record& record_of(Operation& operation) noexcept { return operation.native<Record>(); }

}  // namespace drydock::sim
