// The connections of the model of Redis.
//
// A connection has three coroutines, with an inbox and an outbox between them. One receives, also
// while the next one waits in an XREAD, so that the end of the connection ends the wait. One
// answers. One sends: as in Redis, commands are answered whether or not the client reads.
#include "tests/broker/broker.hpp"

#include <chrono>
#include <utility>

#include <drydock/hash.hpp>
#include <drydock/io.hpp>
#include <drydock/task_group.hpp>

namespace drydock::broker {
namespace {

constexpr std::size_t receive_size = 16 * 1024;
// With more, no more is received until the commands are answered.
constexpr std::size_t largest_inbox = 1024 * 1024;
constexpr relay::ReplyLimits request_limits{.max_text = 64 * 1024 * 1024,
                                            .max_elements = 64 * 1024,
                                            .max_depth = 2,
                                            .max_bytes = 65 * 1024 * 1024};

struct Inbox {
    std::string bytes;
    bool ended = false;     // nothing more comes
    bool stopping = false;  // nothing more is wanted
    Error error = Error::ok;

    std::uint64_t state_hash() const noexcept {
        return hash_of(
            {hash_of(std::string_view(bytes)), ended, stopping, static_cast<std::uint64_t>(error)});
    }
};

struct Outbox {
    std::string bytes;
    bool closing = false;  // nothing more comes; what is there is still sent

    std::uint64_t state_hash() const noexcept {
        return hash_of({hash_of(std::string_view(bytes)), closing});
    }
};

struct TimedOut {
    bool value = false;
    std::uint64_t state_hash() const noexcept { return value ? 1 : 0; }
};

// How a connection has ended of which the last receive gave this.
server::Ending ending_of(Error error) noexcept {
    if (error == Error::canceled) return server::Ending::stopped;
    return error == Error::ok ? server::Ending::end_of_stream : server::Ending::failure;
}

Task<void> sleep_then_wake(Timer& timer, Duration span, Monitor<TimedOut>& timed_out,
                           AutoResetEvent& wake) {
    const bool came = co_await timer.after(span);
    if (!came) co_return;
    {
        auto entry = co_await timed_out.enter();
        entry->value = true;
    }
    wake.set();
}

}  // namespace

struct Broker::Session {
    Session(CompletionQueue& queue, server::Connection& its_connection)
        : connection(its_connection),
          wake(queue, wakes_only),
          room(queue, wakes_only),
          reader(request_limits),
          sendable(queue, wakes_only) {
        waiter.wake = [this] { wake.set(); };
        client.waiter = &waiter;
    }

    server::Connection& connection;
    Monitor<Inbox> inbox;
    AutoResetEvent wake;  // there are bytes, an end, entries, or a timeout
    AutoResetEvent room;  // the inbox is empty again
    relay::ReplyReader reader;
    std::string replies;  // not in the outbox yet
    Monitor<Outbox> outbox;
    AutoResetEvent sendable;  // there is something in the outbox, or it is closing
    Waiter waiter;            // guarded by the engine's monitor
    Client client;            // the same
    server::Ending ending = server::Ending::end_of_stream;
    std::optional<server::Ending> cut;  // a send has failed
};

Broker::Broker(CompletionQueue& queue, server::Listeners listeners, const Settings& settings,
               std::span<const KnownScript> scripts, Store* store, Pace pace)
    : queue_(queue),
      pace_(pace),
      connections_(*this),
      server_(queue, std::move(listeners), {.linger = Duration::zero(), .grace = Duration::zero()},
              connections_, log_),
      engine_(settings, scripts, store),
      written_(queue, wakes_only),
      sync_timer_(queue),
      stopped_(queue) {}

Task<bool> Broker::run() {
    bool is_sound = false;
    {
        auto engine = co_await engine_.enter();
        is_sound = engine->load();
    }
    if (!is_sound) co_return false;
    TaskGroup group(queue_);
    group.spawn(sync_each_second());
    co_await server_.run();
    stopped_.set();
    written_.set();
    sync_timer_.cancel();
    co_await group.join();
    co_return true;
}

void Broker::request_stop() noexcept { server_.request_stop(); }

Task<void> Broker::change(std::function<void(Settings&)> how) {
    auto engine = co_await engine_.enter();
    how(engine->settings());
}

// appendfsync everysec: what is written lasts a second later.
Task<void> Broker::sync_each_second() {
    while (!stopped_.is_set()) {
        co_await written_.wait();
        if (stopped_.is_set()) break;
        const bool came = co_await sync_timer_.after(std::chrono::seconds(1));
        if (!came) break;
        auto engine = co_await engine_.enter();
        engine->sync();
    }
}

// --- one connection ------------------------------------------------------------------------------

Task<server::Ending> Broker::serve(server::Connection& connection) {
    Session session(queue_, connection);
    {
        auto engine = co_await engine_.enter();
        Waiter* const waiter = session.client.waiter;
        session.client = engine->connected();
        session.client.waiter = waiter;
        engine.takes({session.client.id});
    }
    TaskGroup group(queue_);
    group.spawn(receive_all(session));
    group.spawn(send_replies(session));
    const server::Ending ending = co_await answer_all(session);
    co_await stop_receiving(session);
    {
        auto outbox = co_await session.outbox.enter();
        outbox->closing = true;
    }
    session.sendable.set();
    co_await group.join();
    co_return session.cut.value_or(ending);
}

Task<void> Broker::receive_all(Session& session) {
    for (;;) {
        queue_.settled(0);
        const ReceiveResult received = co_await receive(session.connection.socket(), receive_size);
        bool has_ended = false;
        bool is_full = false;
        {
            auto inbox = co_await session.inbox.enter();
            if (received.ok()) inbox->bytes += as_text(received.bytes());
            inbox->ended = !received.ok() || received.end_of_stream() || inbox->stopping;
            inbox->error = received.error;
            has_ended = inbox->ended;
            is_full = inbox->bytes.size() > largest_inbox;
            inbox.takes({has_ended, is_full});
        }
        session.wake.set();
        if (has_ended) co_return;
        if (is_full) co_await session.room.wait();
    }
}

Task<void> Broker::stop_receiving(Session& session) {
    bool has_ended = false;
    {
        auto inbox = co_await session.inbox.enter();
        inbox->stopping = true;
        has_ended = inbox->ended;
        inbox.takes({has_ended});
    }
    if (has_ended) co_return;
    session.connection.socket().interrupt_receive();
    session.room.set();
}

Task<server::Ending> Broker::answer_all(Session& session) {
    for (;;) {
        if (queue_.explores() && !session.reader.in_reply()) {
            queue_.settled(session.client.state_hash());
        }
        std::string chunk;
        Inbox seen;
        {
            auto inbox = co_await session.inbox.enter();
            chunk.swap(inbox->bytes);
            seen.ended = inbox->ended;
            seen.error = inbox->error;
            inbox.takes({hash_of(std::string_view(chunk)), seen.ended,
                         static_cast<std::uint64_t>(seen.error)});
        }
        if (!chunk.empty()) {
            session.room.set();
            const bool goes_on = co_await answer_chunk(session, chunk);
            if (!goes_on) co_return session.ending;
        } else if (seen.ended) {
            co_return ending_of(seen.error);
        } else {
            co_await session.wake.wait();
        }
    }
}

// Answers the commands of a chunk and sends the replies together. False: the connection ends.
Task<bool> Broker::answer_chunk(Session& session, std::string_view chunk) {
    while (const relay::Reply* const request = session.reader.feed(chunk)) {
        const bool goes_on = co_await answer_one(session, *request);
        if (!goes_on) {
            co_await post_replies(session);
            co_return false;
        }
    }
    const bool is_sound = session.reader.refusal() == relay::Refusal::none;
    if (!is_sound) {
        ReplyWriter(session.replies).error("ERR Protocol error: invalid multibulk length");
        session.ending = server::Ending::finished;
    }
    co_await post_replies(session);
    co_return is_sound;
}

// False: the connection ends when the replies are sent.
Task<bool> Broker::answer_one(Session& session, const relay::Reply& request) {
    std::vector<std::string_view> words;
    bool is_command = request.root().is_array() || request.root().is_null();
    for (const relay::ReplyView word : request.root()) {
        is_command = is_command && word.kind() == relay::ReplyKind::bulk;
        words.push_back(word.text());
    }
    if (!is_command) {
        ReplyWriter(session.replies).error("ERR Protocol error: expected '$'");
        session.ending = server::Ending::finished;
        co_return false;
    }
    if (words.empty()) co_return true;
    const std::int64_t now = queue_.now().time_since_epoch().count();
    bool is_blocked = false;
    bool is_quitting = false;
    std::int64_t timeout = 0;
    {
        auto engine = co_await engine_.enter();
        engine->execute(session.client, words, now, session.replies);
        is_blocked = session.client.is_blocked;
        is_quitting = session.client.is_quitting;
        timeout = session.waiter.read.timeout;
        engine.takes({hash_of(std::string_view(session.replies)), is_blocked, is_quitting,
                      static_cast<std::uint64_t>(timeout)});
        if (engine->needs_sync()) written_.set();
    }
    if (is_quitting) session.ending = server::Ending::finished;
    if (is_quitting) co_return false;
    if (!is_blocked) co_return true;
    co_await post_replies(session);
    const bool goes_on =
        co_await wait_for_entries(session, std::chrono::milliseconds(timeout), timeout > 0);
    co_return goes_on;
}

// Until there are entries, the timeout, or the end of the connection (false).
Task<bool> Broker::wait_for_entries(Session& session, Duration timeout, bool has_timeout) {
    Timer timer(queue_);
    Monitor<TimedOut> timed_out;
    TaskGroup group(queue_);
    if (has_timeout) group.spawn(sleep_then_wake(timer, timeout, timed_out, session.wake));
    bool is_over = false;
    bool goes_on = false;
    while (!is_over) {
        co_await session.wake.wait();
        bool is_late = false;
        {
            auto entry = co_await timed_out.enter();
            is_late = entry->value;
            entry.takes({is_late});
        }
        Inbox seen;
        {
            auto inbox = co_await session.inbox.enter();
            seen.ended = inbox->ended;
            seen.error = inbox->error;
            inbox.takes({seen.ended, static_cast<std::uint64_t>(seen.error)});
        }
        session.ending = ending_of(seen.error);
        auto engine = co_await engine_.enter();
        const bool is_served = !session.client.is_blocked;
        goes_on = is_served || is_late;
        is_over = goes_on || seen.ended;
        if (!is_served && is_over) engine->stop_waiting(session.client);
        if (is_served) session.replies += session.waiter.reply;
        if (!is_served && is_late) ReplyWriter(session.replies).null_array();
        engine.takes({hash_of(std::string_view(session.replies)), is_over});
    }
    timer.cancel();
    co_await group.join();
    co_return goes_on;
}

Task<void> Broker::post_replies(Session& session) {
    if (session.replies.empty()) co_return;
    {
        auto outbox = co_await session.outbox.enter();
        outbox->bytes += std::exchange(session.replies, {});
    }
    session.sendable.set();
}

Task<void> Broker::send_replies(Session& session) {
    Timer timer(queue_);
    for (;;) {
        queue_.settled(0);
        std::string replies;
        bool is_closing = false;
        {
            auto outbox = co_await session.outbox.enter();
            replies.swap(outbox->bytes);
            is_closing = outbox->closing;
            outbox.takes({hash_of(std::string_view(replies)), is_closing});
        }
        if (replies.empty() && is_closing) co_return;
        if (replies.empty()) {
            co_await session.sendable.wait();
            continue;
        }
        if (pace_.reply_delay > Duration::zero()) co_await timer.after(pace_.reply_delay);
        const Result sent = co_await send_all(session.connection.socket(), replies);
        if (sent.ok()) continue;
        session.cut = session.connection.cut(sent.error);
        session.connection.socket().cancel();
        co_return;
    }
}

}  // namespace drydock::broker
