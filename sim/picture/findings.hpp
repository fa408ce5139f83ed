// What follows from the events of a run: its lanes, its operations from start to completion, its
// bytes from send to receive, and the events that its verdict is about.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <drydock/sim/run.hpp>

#include "sim/picture/recording.hpp"

namespace drydock::sim {

// An id is that of an event; 0: there is none.

/// A connection, and whose it is.
struct ConnectionLane {
    std::uint64_t number = 0;
    std::string role;             ///< of its client; empty: nobody has said whose it is
    std::uint64_t client = 0;     ///< the client's number
    std::string connecting_host;  ///< on which its connecting end is; empty: the world's machine
    std::string accepted_host;    ///< on which its accepted end is
};

/// From a start of a host to its end.
struct HostLife {
    std::size_t started = 0;  ///< id
    std::size_t ended = 0;    ///< id; 0: it was up when the run ended
};

/// A host of the world.
struct HostLane {
    std::string name;
    std::vector<HostLife> lives;
};

/// A partition: nothing gets from some hosts to others.
struct PartitionSpan {
    std::size_t id = 0;  ///< of the event
    std::vector<std::string> from;
    std::vector<std::string> to;
    bool both_ways = false;
    Time until{};            ///< it is healed at this virtual time, or when the world becomes calm
    std::size_t healed = 0;  ///< id of the first event since then; 0: the run had ended
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
    std::size_t left = 0;    ///< id, perhaps of the end of its host
    std::string host;        ///< empty: the world's machine
};

/// An operation: a bar of the picture.
struct Bar {
    std::uint64_t start = 0;    ///< which start of the run
    std::size_t started = 0;    ///< id
    std::size_t completed = 0;  ///< id; 0: it was in flight when the run or its host ended
    std::size_t cut = 0;        ///< id of the end of its host, with which it ended; 0: it did not
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
    std::vector<HostLane> hosts;  ///< in the order in which events name them
    std::vector<PartitionSpan> partitions;
    std::vector<Bar> operations;
    std::vector<Transfer> transfers;
    std::vector<std::size_t> verdict_events;  ///< ids, ascending
};

/// Adds the verdict of `report` to a run that has ended its process, and so has none.
void complete(RecordedRun& run, const Report& report);

/// Reads the text of an event `partitioned`: sets `from`, `to`, `both_ways` and `until`, which is
/// `at` and the span. False: the text is none of the simulator's.
bool read_partition(std::string_view text, Time at, PartitionSpan& partition);

Findings find_in(const RecordedRun& run);

}  // namespace drydock::sim
