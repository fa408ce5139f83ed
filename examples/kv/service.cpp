// One connection: receive, execute every complete line, send the answers, receive again.
//
// That order is the back-pressure. While a client does not take its answers, nothing more is
// received from it, so TCP slows the client down; a connection holds at most
//
//     a line of the longest length + one receive + Limits::answers + one answer.
#include "service.hpp"

#include <algorithm>

#include <drydock/hash.hpp>
#include <drydock/io.hpp>

namespace kv {

using drydock::Error;
using drydock::Result;
using drydock::Task;
using drydock::server::Connection;
using drydock::server::Ending;

Task<Ending> Service::serve(Connection& connection) {
    LineSplitter lines(limits_.line);
    Outbox outbox;
    while (!outbox.quit) {
        {
            // The buffer goes back to the queue before anything is sent.
            const drydock::ReceiveResult received =
                co_await receive(connection.socket(), limits_.receive);
            if (received.error == Error::canceled) {
                // Every complete line is answered. The rest of an incomplete one will not come.
                queue_.probe(probes::stopped);
                co_return Ending::stopped;
            }
            if (!received.ok()) co_return Ending::failure;
            if (received.end_of_stream()) {
                if (lines.in_line()) queue_.probe(probes::unfinished_line);
                co_return Ending::end_of_stream;
            }
            connection.moved();
            lines.add(drydock::as_text(received.bytes()));
        }
        const Result sent = co_await answer_lines(connection, lines, outbox);
        if (!sent.ok()) co_return connection.cut(sent.error);
    }
    queue_.probe(probes::quit);
    co_return Ending::finished;
}

/// Executes all complete lines, up to a QUIT, and sends their answers.
Task<Result> Service::answer_lines(Connection& connection, LineSplitter& lines, Outbox& outbox) {
    while (!outbox.quit) {
        const std::optional<LineSplitter::Line> line = lines.next();
        if (!line) break;
        co_await answer(*line, outbox);
        if (outbox.text.size() < limits_.answers) continue;
        // A few bytes of commands can ask for many bytes of values.
        queue_.probe(probes::full_answers);
        const Result sent = co_await send(connection, outbox);
        if (!sent.ok()) co_return sent;
    }
    if (lines.in_line()) queue_.probe(probes::cut_line);
    co_return co_await send(connection, outbox);
}

/// Executes one line and adds its answer.
Task<void> Service::answer(const LineSplitter::Line& line, Outbox& outbox) {
    if (line.too_long) {
        queue_.probe(probes::long_line);
        outbox.text += answers::line_too_long;
        co_return;
    }
    const Parsed parsed = parse(line.text, limits_);
    if (!parsed.command) {
        outbox.text += parsed.error;
    } else if (parsed.command->verb == Verb::quit) {
        outbox.text += answers::bye;
        outbox.quit = true;
    } else {
        // One entry for the whole command: no other command runs between its parts.
        auto shared = co_await shared_.enter();
        const std::string text = shared->store.execute(*parsed.command);
        ++shared->totals.commands;
        shared.takes({drydock::hash_of(text)});
        if (text == answers::store_full) queue_.probe(probes::store_full);
        outbox.text += text;
        shared->totals.most_unsent = std::max(shared->totals.most_unsent, outbox.text.size());
    }
}

/// Sends the answers, however many sends it takes.
Task<Result> Service::send(Connection& connection, Outbox& outbox) {
    if (outbox.text.empty()) co_return Result::success();
    const Result sent = co_await send_all(connection.socket(), outbox.text, connection.progress(),
                                          drydock::server::watched_part);
    outbox.text.clear();
    co_return sent;
}

std::uint64_t Service::Shared::state_hash() const noexcept {
    return drydock::hash_of({store.state_hash(), totals.commands, totals.most_unsent});
}

}  // namespace kv
