// What follows from the events of a run: its lanes, its operations from start to completion, its
// bytes from send to receive, and the events that its verdict is about.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <drydock/sim/run.hpp>

#include "sim/picture/recording.hpp"

namespace drydock::sim {

// An id is that of an event; 0: there is none.

/// A connection, and whose it is.
struct ConnectionLane {
    std::uint64_t number = 0;
    std::string role;          ///< of its client; empty: nobody has said whose it is
    std::uint64_t client = 0;  ///< the client's number
};

/// One of the scenario's clients.
struct ClientLane {
    std::string role;
    std::uint64_t number = 0;
    std::vector<std::uint64_t> connections;
};

/// A task of a task group.
struct TaskLane {
    std::uint64_t number = 0;
    std::size_t joined = 0;  ///< id
    std::size_t left = 0;    ///< id
};

/// An operation: a bar of the picture.
struct Bar {
    std::uint64_t start = 0;    ///< which start of the run
    std::size_t started = 0;    ///< id
    std::size_t completed = 0;  ///< id; 0: it was in flight when the run ended
};

/// Bytes of one direction of a connection that were sent, arrived and were received together: an
/// arrow of the picture.
struct Transfer {
    std::uint64_t connection = 0;
    bool from_accepted = false;  ///< the accepted end has sent them
    std::uint64_t first = 0;     ///< position in the stream of the first byte, from 0
    std::uint64_t last = 0;      ///< position behind the last byte
    std::size_t sent = 0;        ///< id
    std::size_t arrived = 0;     ///< id; 0: they have not arrived
    std::size_t received = 0;    ///< id; 0: nobody has received them
};

struct Findings {
    std::vector<ConnectionLane> connections;
    std::vector<ClientLane> clients;
    std::vector<TaskLane> tasks;
    std::vector<Bar> operations;
    std::vector<Transfer> transfers;
    std::vector<std::size_t> verdict_events;  ///< ids, ascending
};

/// Adds the verdict of `report` to a run that has ended its process, and so has none.
void complete(RecordedRun& run, const Report& report);

Findings find_in(const RecordedRun& run);

}  // namespace drydock::sim
