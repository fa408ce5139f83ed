// The server of lines with its planted defects, its clients, and what the clients must see.
#include "tests/sim/line_scenario.hpp"

#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <set>

#include <drydock/event.hpp>
#include <drydock/io.hpp>
#include <drydock/monitor.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

namespace drydock::test {
namespace {

constexpr std::uint32_t most_clients = 4;
constexpr int places = 2;

ConstBuffer bytes_of(const std::string& text) {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

/// One end of a connection on the server's side.
struct Seat {
    explicit Seat(CompletionQueue& queue) noexcept : wake(queue) {}
    std::unique_ptr<AsyncSocket> socket;
    std::string unfinished;
    std::string outbox;
    bool reading_ended = false;
    bool broken = false;
    int unanswered = 0;
    AutoResetEvent wake;
};

}  // namespace

const char* name(Planted defect) noexcept {
    constexpr std::array<const char*, planted_count> names = {"nothing",
                                                              "answers_out_of_order",
                                                              "rest_of_send_forgotten",
                                                              "place_kept",
                                                              "stop_without_drain",
                                                              "number_taken_twice",
                                                              "unfinished_line_shared",
                                                              "slot_reused"};
    return names[static_cast<std::size_t>(defect)];
}

// --- the server ---------------------------------------------------------------------------------

struct LineScenario::Server {
    Server(sim::World& its_world, Planted planted)
        : world(its_world), defect(planted), slow_tasks(its_world) {
        listener = std::move(world.listen(Endpoint::loopback(7), {}).listener);
        endpoint = listener->local_endpoint();
    }

    Task<void> run() {
        TaskGroup connections(world);
        while (!stopping) {
            SocketResult accepted = co_await accept(*listener);
            if (!accepted.ok()) continue;
            connections.spawn(serve(std::move(accepted.socket)));
        }
        listener.reset();
        co_await connections.join();
        co_await slow_tasks.join();
    }

    void stop() {
        if (stopping) return;
        stopping = true;
        listener->cancel();
        for (Seat* const seat : seats) {
            if (defect == Planted::stop_without_drain) seat->socket->cancel();
            seat->socket->interrupt_receive();
        }
    }

    Task<void> serve(std::unique_ptr<AsyncSocket> socket) {
        if (taken >= places) {
            if (static_cast<int>(seats.size()) < places) {
                world.fail("line-places", "refused with " + std::to_string(seats.size()) +
                                              " connections of " + std::to_string(places));
            }
            const std::string busy = "busy\n";
            co_await send_all(*socket, bytes_of(busy));
            co_return;
        }
        ++taken;
        Seat seat(world);
        seat.socket = std::move(socket);
        seats.insert(&seat);
        Seat& slot = slot_of(seat);
        TaskGroup writing(world);
        writing.spawn(write(seat));
        co_await read(seat, slot);
        seat.reading_ended = true;
        seat.wake.set();
        co_await writing.join();
        seats.erase(&seat);
        for (Seat*& known : slots) known = known == &seat ? nullptr : known;
        if (!seat.broken || defect != Planted::place_kept) --taken;
    }

    /// Where the answers of a connection go.
    Seat& slot_of(Seat& seat) {
        if (defect != Planted::slot_reused) return seat;
        Seat*& slot = slots[accepted_count++ % slots.size()];
        if (slot == nullptr) slot = &seat;
        return *slot;
    }

    Task<void> read(Seat& seat, Seat& slot) {
        std::array<std::byte, 32> buffer;
        std::string& unfinished =
            defect == Planted::unfinished_line_shared ? shared_unfinished : seat.unfinished;
        while (!stopping) {
            const Result received = co_await receive(*seat.socket, buffer);
            if (!received.ok()) seat.broken = seat.broken || received.error != Error::canceled;
            if (!received.ok() || received.bytes == 0) break;
            unfinished.append(reinterpret_cast<const char*>(buffer.data()), received.bytes);
            for (std::size_t end = 0; (end = unfinished.find('\n')) != std::string::npos;) {
                const std::string line = unfinished.substr(0, end);
                unfinished.erase(0, end + 1);
                ++lines_taken[line.substr(0, line.find(':'))];
                ++seat.unanswered;
                if (defect == Planted::answers_out_of_order) {
                    slow_tasks.spawn(answer(seat, seat, line));
                } else {
                    co_await answer(seat, seats.contains(&slot) ? slot : seat, line);
                }
            }
        }
    }

    Task<void> answer(Seat& seat, Seat& slot, std::string line) {
        std::uint64_t number = 0;
        {
            auto numbers = co_await numbers_.enter();
            number = ++*numbers;
            if (defect == Planted::number_taken_twice) --*numbers;
        }
        if (defect == Planted::number_taken_twice) {
            auto numbers = co_await numbers_.enter();
            *numbers = number;
        }
        if (!seats.contains(&seat)) co_return;
        slot.outbox += line + "=" + std::to_string(number) + "\n";
        --seat.unanswered;
        slot.wake.set();
        seat.wake.set();
    }

    Task<void> write(Seat& seat) {
        for (;;) {
            while (seat.outbox.empty()) {
                if (seat.broken || (seat.reading_ended && seat.unanswered == 0)) {
                    seat.socket->shutdown_send();
                    co_return;
                }
                co_await seat.wake.wait();
            }
            const std::string batch = std::exchange(seat.outbox, "");
            Result sent;
            if (defect == Planted::rest_of_send_forgotten) {
                sent = co_await send_some(*seat.socket, bytes_of(batch));
            } else {
                sent = co_await send_all(*seat.socket, bytes_of(batch));
            }
            if (!sent.ok()) {
                seat.broken = true;
                seat.socket->cancel();
                co_return;
            }
        }
    }

    sim::World& world;
    Planted defect;
    TaskGroup slow_tasks;
    std::unique_ptr<AsyncListener> listener;
    Endpoint endpoint;
    std::set<Seat*> seats;
    std::array<Seat*, 2> slots{};
    std::size_t accepted_count = 0;
    std::string shared_unfinished;
    std::map<std::string, int> lines_taken;  // by visit, which a line begins with
    Monitor<std::uint64_t> numbers_{std::uint64_t{0}};
    std::set<std::string> numbers_seen;
    int taken = 0;
    bool stopping = false;
};

// --- the clients --------------------------------------------------------------------------------

struct LineScenario::Visit {
    std::string name;
    LinePlan plan;
    std::unique_ptr<AsyncSocket> socket;
    std::uint32_t sent = 0;      // lines, also one whose sending has not completed
    std::uint32_t answered = 0;  // lines
    std::string unfinished;
    bool refused = false;
    bool end_seen = false;
    bool reading_ended = false;
    AutoResetEvent* progress = nullptr;

    bool leaves() const noexcept {
        return plan.manner == LineManner::vanishes || plan.manner == LineManner::resets;
    }
    std::string line(std::uint32_t number) const {
        // Every other line is short.
        const std::uint32_t padding = number % 2 == 0 ? plan.length : 0;
        return name + ":" + std::to_string(number) + std::string(padding, 'x');
    }
};

namespace {

LinePlan choose_plan(sim::World& world) {
    constexpr std::array<std::uint32_t, 4> lengths = {0, 4, 20, 60};
    constexpr std::array<std::uint32_t, 4> starts = {0, 1, 20, 300};
    LinePlan plan;
    plan.manner = static_cast<LineManner>(world.choose(6, "client: manner"));
    plan.lines = world.choose(8, "client: lines");
    plan.length = lengths[world.choose(lengths.size(), "client: line length")];
    plan.visits = 1 + (world.flip(4, "client: comes back") ? 1 : 0);
    plan.start = starts[world.choose(starts.size(), "client: start")];
    return plan;
}

}  // namespace

std::string LineScenario::options() const {
    std::string text = stop_early_ ? "stop_early clients:" : "clients:";
    for (const LinePlan& plan : plans_) {
        text += " " + std::to_string(static_cast<int>(plan.manner)) + "(" +
                std::to_string(plan.lines) + "/" + std::to_string(plan.length) + ")";
    }
    return text;
}

Task<void> LineScenario::main(sim::World& world) {
    constexpr std::array<std::uint32_t, 4> stops = {0, 1, 5, 60};
    stop_early_ = world.flip(4, "stop early");
    if (stop_early_) stop_after_ = stops[world.choose(stops.size(), "stop: when")];
    for (std::uint32_t i = 0; i < most_clients; ++i) {
        const sim::Spanned client(world, "client");
        if (i > 0 && world.choose(most_clients + 1 - i, "client: another") == 0) break;
        plans_.push_back(choose_plan(world));
    }
    Server server(world, defect_);
    TaskGroup serving(world);
    serving.spawn(server.run());
    TaskGroup clients(world);
    for (std::uint32_t i = 0; i < plans_.size(); ++i) {
        clients.spawn(run_client(world, server, i + 1, plans_[i]));
    }
    if (stop_early_) clients.spawn(stop_later(world, server));
    co_await clients.join();
    server.stop();
    co_await serving.join();
}

Task<void> LineScenario::stop_later(sim::World& world, Server& server) {
    Timer timer(world);
    co_await timer.after(std::chrono::milliseconds(stop_after_));
    server.stop();
}

Task<void> LineScenario::run_client(sim::World& world, Server& server, std::uint32_t id,
                                    LinePlan plan) {
    Timer timer(world);
    if (plan.start > 0) co_await timer.after(std::chrono::milliseconds(plan.start));
    for (std::uint32_t i = 1; i <= plan.visits; ++i) {
        SocketResult connected = co_await connect(world, server.endpoint);
        if (!connected.ok()) co_return;
        Visit its;
        its.name = std::to_string(id) + "." + std::to_string(i);
        its.plan = plan;
        its.socket = std::move(connected.socket);
        world.identify(*its.socket, "client", id);
        co_await visit(world, server, its);
    }
}

Task<void> LineScenario::visit(sim::World& world, Server& server, Visit& visit) {
    AutoResetEvent progress(world);
    visit.progress = &progress;
    TaskGroup sending(world);
    sending.spawn(send_lines(world, visit));
    co_await read_answers(world, server, visit);
    if (visit.plan.manner == LineManner::resets) visit.socket->set_abortive_close();
    if (!visit.end_seen) visit.socket->cancel();
    visit.reading_ended = true;
    progress.set();
    co_await sending.join();
    judge(world, server, visit);
    visit.socket.reset();
}

Task<void> LineScenario::send_lines(sim::World& world, Visit& visit) {
    Timer timer(world);
    for (std::uint32_t i = 0; i < visit.plan.lines; ++i) {
        const std::string line = visit.line(i) + "\n";
        ++visit.sent;
        if (visit.plan.manner == LineManner::in_pieces) {
            co_await send_in_pieces(world, visit, line);
        } else {
            const Result sent = co_await send_all(*visit.socket, bytes_of(line));
            if (!sent.ok()) co_return visit.socket->cancel();
        }
        const bool waits = visit.plan.manner == LineManner::polite;
        while (waits && visit.answered < visit.sent && !visit.reading_ended) {
            co_await visit.progress->wait();
        }
        if (visit.reading_ended) co_return;
        if (world.flip(4, "client: pauses")) co_await timer.after(std::chrono::milliseconds(2));
    }
    visit.socket->shutdown_send();
}

Task<void> LineScenario::send_in_pieces(sim::World& world, Visit& visit, const std::string& line) {
    Timer timer(world);
    for (std::size_t done = 0; done < line.size();) {
        const auto left = static_cast<std::uint32_t>(line.size() - done);
        const std::size_t part = left - world.choose(left, "client: keeps back");
        const Result sent =
            co_await send_all(*visit.socket, ConstBuffer(bytes_of(line).data + done, part));
        if (!sent.ok()) co_return visit.socket->cancel();
        done += part;
        if (done < line.size()) co_await timer.after(std::chrono::microseconds(500));
    }
}

Task<void> LineScenario::read_answers(sim::World& world, Server& server, Visit& visit) {
    std::array<std::byte, 24> buffer;
    Timer timer(world);
    for (;;) {
        if (visit.plan.manner == LineManner::slow && !world.calm()) {
            co_await timer.after(std::chrono::milliseconds(3));
        }
        if (visit.leaves() && world.flip(6, "client: leaves now")) co_return;
        const Result received = co_await receive(*visit.socket, buffer);
        if (!received.ok()) co_return;
        visit.end_seen = received.bytes == 0;
        if (visit.end_seen) co_return;
        visit.unfinished.append(reinterpret_cast<const char*>(buffer.data()), received.bytes);
        for (std::size_t end = 0; (end = visit.unfinished.find('\n')) != std::string::npos;) {
            const std::string answer = visit.unfinished.substr(0, end);
            visit.unfinished.erase(0, end + 1);
            check_answer(world, server, visit, answer);
            visit.progress->set();
        }
    }
}

void LineScenario::check_answer(sim::World& world, Server& server, Visit& visit,
                                const std::string& answer) {
    if (answer == "busy") {
        visit.refused = true;
        return;
    }
    const std::size_t equals = answer.find('=');
    const std::string expected = visit.line(visit.answered);
    if (equals == std::string::npos || answer.substr(0, equals) != expected) {
        world.fail("line-answer",
                   visit.name + " got '" + answer + "' as the answer to '" + expected + "'");
        return;
    }
    if (!server.numbers_seen.insert(answer.substr(equals)).second) {
        world.fail("line-number", visit.name + " got " + answer + ", a number of another answer");
    }
    ++visit.answered;
}

/// What the server has taken of an undisturbed client, it answers, also when it stops.
void LineScenario::judge(sim::World& world, const Server& server, const Visit& visit) {
    if (world.damaged(*visit.socket) || visit.leaves() || visit.refused || !visit.end_seen) return;
    const auto known = server.lines_taken.find(visit.name);
    const int taken = known == server.lines_taken.end() ? 0 : known->second;
    if (static_cast<int>(visit.answered) >= taken) return;
    world.fail("line-complete", visit.name + " got " + std::to_string(visit.answered) +
                                    " answers, though the server took " + std::to_string(taken) +
                                    " of its lines");
}

}  // namespace drydock::test
