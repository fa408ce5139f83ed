// Connecting to the target, and passing bytes and ends on in both directions.
#include "proxy.hpp"

#include <memory>

#include <drydock/io.hpp>
#include <drydock/task_group.hpp>

using namespace drydock;
using server::Connection;
using server::Ending;

namespace {

/// Why a connection has failed, given how its two directions ended: the direction that fails first
/// cancels the other one. Error::ok: it has not.
Error cause(Error one, Error other) {
    const bool one_is_cause = one != Error::ok && (one != Error::canceled || other == Error::ok);
    return one_is_cause ? one : other;
}

}  // namespace

Task<Ending> ProxyService::serve(Connection& connection) {
    AsyncSocket& client = connection.socket();
    ConnectOptions connecting;
    connecting.timeout = options_.connect_timeout;
    SocketResult connected = co_await connect_any(queue_, options_.target, connecting);
    if (!connected.ok()) {
        queue_.probe(no_target);
        co_return connection.cut(connected.error);  // a reset, and no end without an answer
    }
    const std::unique_ptr<AsyncSocket> target = std::move(connected.socket);
    // The server cancels the client's socket at the idle timeout and at the end of the grace. A
    // direction may just then wait for the target alone, so both sockets have to be canceled.
    const server::CanceledTogether together(connection, *target);

    Error backward = Error::ok;
    TaskGroup passing(queue_);
    passing.spawn(
        [&]() -> Task<void> { backward = co_await pass_on(*target, client, connection); });
    const Error forward = co_await pass_on(client, *target, connection);
    co_await passing.join();

    const Error error = cause(forward, backward);
    if (error == Error::ok) co_return Ending::end_of_stream;
    queue_.probe(cut);
    target->set_abortive_close();
    co_return connection.cut(error);
}

/// Passes on what `from` sends until it ends, and then the end. After a failure it cancels both
/// sockets, so that the other direction does not wait for ever.
Task<Error> ProxyService::pass_on(AsyncSocket& from, AsyncSocket& to, Connection& connection) {
    bool interrupted = false;
    for (;;) {
        const ReceiveResult received = co_await receive(from, options_.buffer_size);
        if (received.error == Error::canceled && !interrupted) {
            // The stop interrupts one receive, and the next one goes on. If the socket has been
            // canceled, the next one fails, too.
            interrupted = true;
            queue_.probe(stop_passed);
            continue;
        }
        if (received.ok()) connection.moved();
        if (received.end_of_stream()) {
            queue_.probe(half_closed);
            to.shutdown_send();
            co_return Error::ok;
        }
        Error error = received.error;
        if (received.ok()) {
            const Result sent = co_await send_all(to, received.bytes(), connection.progress(),
                                                  server::watched_part);
            error = sent.error;
        }
        if (error != Error::ok) {
            from.cancel();
            to.cancel();
            co_return error;
        }
    }
}
