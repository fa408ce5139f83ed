// The sound echo server that receives and sends at the same time, and serves one client at a
// time, or two.
#include "tests/zoo/specimens/duplex_specimens.hpp"

namespace drydock::zoo {

Task<void> DuplexSpecimen::serve(AsyncSocket& socket) {
    Visit visit(world_, socket, options_.buffer_size);
    TaskGroup writing(world_);
    writing.spawn(write(visit));
    co_await read(visit);
    co_await writing.join();
}

Task<void> DuplexSpecimen::read(Visit& visit) {
    while (!visit.written) {
        if (visit.filled[visit.receiving] > 0) {
            co_await visit.room.wait();
            continue;
        }
        std::vector<std::byte>& part = visit.parts[visit.receiving];
        const Result received = co_await receive(visit.socket, part);
        visit.failed = visit.failed || !received.ok();
        if (!received.ok() || received.bytes == 0) break;
        visit.filled[visit.receiving] = received.bytes;
        visit.receiving = (visit.receiving + 1) % visit.parts.size();
        visit.changed.set();
    }
    visit.ended = true;
    visit.changed.set();
    if (visit.failed) co_await end_turn(visit);
}

Task<void> DuplexSpecimen::write(Visit& visit) {
    const bool has_turn = co_await wait_for_turn(visit);
    if (has_turn) {
        co_await write_all(visit);
        co_await end_turn(visit);
    }
    visit.written = true;
    visit.room.set();
}

Task<void> DuplexSpecimen::write_all(Visit& visit) {
    while (!visit.gone()) {
        std::size_t& filled = visit.filled[visit.sending];
        if (filled == 0) {
            co_await visit.changed.wait();
            continue;
        }
        const ConstBuffer answer(visit.parts[visit.sending].data(), filled);
        const Result sent = co_await send_all(visit.socket, answer);
        if (!sent.ok()) {
            visit.failed = true;
            visit.socket.cancel();
            co_return;
        }
        filled = 0;
        visit.sending = (visit.sending + 1) % visit.parts.size();
        visit.room.set();
    }
}

// --- turns ---------------------------------------------------------------------------------------

Task<bool> DuplexSpecimen::wait_for_turn(Visit& visit) {
    co_await join_line(visit);
    while (!visit.has_turn && !visit.gone()) co_await visit.changed.wait();
    if (!visit.gone()) co_return true;
    const bool has_turn = co_await leave_line(visit);
    co_return has_turn;
}

Task<void> DuplexSpecimen::join_line(Visit& visit) {
    auto turns = co_await turns_.enter();
    visit.has_turn = turns->taken < at_a_time();
    if (visit.has_turn) {
        ++turns->taken;
    } else {
        turns->line.push_back(&visit);
    }
}

/// Its turn may have come meanwhile.
Task<bool> DuplexSpecimen::leave_line(Visit& visit) {
    auto turns = co_await turns_.enter();
    std::erase(turns->line, &visit);
    co_return visit.has_turn;
}

Task<void> DuplexSpecimen::end_turn(Visit& visit) {
    auto turns = co_await turns_.enter();
    if (!visit.has_turn || visit.has_left) co_return;
    visit.has_left = true;
    pass_on(*turns);
}

void DuplexSpecimen::pass_on(Turns& turns) {
    if (turns.line.empty()) {
        --turns.taken;
        return;
    }
    Visit& next = *turns.line.front();
    turns.line.pop_front();
    next.has_turn = true;
    next.changed.set();
}

namespace {

class DuplexOfTwo final : public DuplexSpecimen {
public:
    using DuplexSpecimen::DuplexSpecimen;

private:
    std::size_t at_a_time() const override { return 2; }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_sound_duplex_of_two) {
    return std::make_unique<DuplexOfTwo>(world, std::move(listener), options);
}

DRYDOCK_ECHO_SPECIMEN(make_sound_duplex) {
    return std::make_unique<DuplexSpecimen>(world, std::move(listener), options);
}

}  // namespace drydock::zoo
