// The exchange of lines: one room over many servers, through one Redis stream.
//
// What this server's members say is put into batches, and the publishing link brings each batch
// into the stream by the publish script (script.hpp). While a publish is under way, further lines
// gather in the next batch. Batches are numbered; the oldest are sent, several in a pipeline, and
// kept until the broker has acknowledged them. After a reconnect the broker is asked for the last
// number that it has, and what is behind it is sent again. So each batch is in the stream once, and
// in order.
//
// The reading link follows the stream and delivers every server's lines to the room, this server's
// own among them: no line is delivered before the broker has it, and all servers deliver in the
// order of the stream. The reader begins at the end of the stream. Entries are numbered without
// gaps, and each must be the last one's successor. After a reconnect, and when nothing has come for
// a while, the reader asks for the entry that it has read last, once more: if that is not there, or
// is another one, the stream was trimmed too early, or the broker has lost entries, as after a
// crash or the failover to a replica that was behind. Then what is missing cannot be had any more:
// the members are reset, and the reader begins anew at the end.
//
// While the broker is away, or refuses, members stay and their lines wait, up to a bound. At the
// bound the room takes no more from members that speak, so nothing is dropped. Both links try again
// with pauses that grow.
//
// The links are two connections, as commands behind a blocking read would wait for it.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <drydock/event.hpp>
#include <drydock/log.hpp>
#include <drydock/monitor.hpp>
#include <drydock/timer.hpp>

#include "src/chat/relay.hpp"
#include "src/relay/client.hpp"
#include "src/relay/script.hpp"

namespace drydock::relay {

struct ExchangeOptions {
    ClientOptions broker;
    /// The servers with the same room share it.
    std::string room;
    /// The name of this start of this server, which no other start may have: random.
    std::string publisher;
    /// For the lengths of pauses.
    std::uint64_t seed = 0;
    /// About how many entries the stream keeps. A reader that is further behind loses lines.
    std::uint64_t keep = 10'000;
    /// About how many bytes of lines an entry has at most. A single taking is never cut.
    std::size_t batch_bytes = 64 * 1024;
    /// The most batches in one pipeline.
    std::size_t most_batches = 8;
    /// So many bytes may wait for the broker before the members are not received from any more.
    std::size_t waiting_limit = 8 * 1024 * 1024;
    /// The most entries of one read.
    std::size_t read_count = 16;
    /// How long a read waits for entries; below the broker's patience (ClientOptions::patience).
    Duration block = std::chrono::seconds(3);
    /// Pauses before the next try: doubled from the first on, and then a random half to one of it.
    Duration first_pause = std::chrono::milliseconds(50);
    Duration longest_pause = std::chrono::seconds(3);
};

class Exchange final : public chat::Relay {
public:
    /// The queue and the log outlive it.
    Exchange(CompletionQueue& queue, const ExchangeOptions& options, Log& log);

    /// For the start of a program: reaches the broker once, checks that it lets this server publish
    /// and read, and finds the end of the stream, where the reading will begin. Waits while the
    /// broker loads its data, at most `patience`. run() comes after a check that has succeeded:
    /// otherwise lines could be published before the reader has its place.
    Task<Failure> check(Duration patience);

    Task<void> run(chat::Audience& audience) override;
    Task<chat::Receipt> take(std::span<const ConstBuffer> lines) override;
    Task<chat::Receipt> newest() override;
    Task<bool> returned(const chat::Receipt& receipt, chat::Return& wait) override;
    Task<void> finish(Time deadline) override;

    /// For exploration: what check() has left behind, beside the time.
    std::uint64_t state_hash() const noexcept;

private:
    struct Batch {
        std::uint64_t number = 0;
        std::string lines;
    };

    /// One of the two connections, and what is known of its fate.
    struct Link {
        Link(CompletionQueue& queue, bool reads, std::uint64_t seed) noexcept
            : pause(queue), is_reader(reads), dice(seed) {}
        Timer pause;
        const bool is_reader;
        // The link's own:
        std::uint64_t dice;
        Duration next_pause{0};
        bool has_worked = false;  // since the last pause
        // The last answers made no sense, and no connection has worked for long since.
        bool suspect = false;
        Time since{};  // the last connect
        // Guarded by the monitor:
        Client* client = nullptr;
        bool up = false;
        std::string refusal;  // that the log has been told
    };

    struct State {
        // What waits. The first `sealed` batches have been sent at least once.
        std::deque<Batch> batches;
        std::size_t sealed = 0;
        std::size_t bytes = 0;
        std::uint64_t numbered = 0;      // the newest batch
        std::uint64_t acknowledged = 0;  // the newest batch that the broker has
        std::uint64_t returned = 0;      // the newest batch that was delivered here
        // The publisher's name in the broker, and the batch after which it began.
        std::string publisher;
        std::uint64_t base = 0;
        std::uint64_t renewals = 0;

        std::uint32_t era = 0;
        std::vector<chat::Return*> waits;

        bool located = false;  // the reading link has a position: see Exchange::locate()
        bool idle = false;     // the publishing link waits for work
        bool beat = false;     // it should ask for an answer
        bool finishing = false;
        bool published = false;  // the publishing link has ended
        bool abandoned = false;
        Time deadline = never;

        // What the log has been told.
        bool ever_up = false;
        bool away = false;
        bool waiting = false;
        bool full = false;
        Time away_since{};

        std::uint64_t state_hash() const noexcept;
    };

    /// Where the reader is: the number of the last entry that it has read, and what was in it.
    struct Position {
        bool known = false;
        std::uint64_t n = 0;
        bool can_verify = false;
        std::string publisher;
        std::uint64_t number = 0;
    };

    struct Entry {
        std::uint64_t n = 0;
        std::string_view publisher;
        std::uint64_t number = 0;
        std::string_view lines;
    };
    using Entries = std::vector<Entry>;

    // links.cpp: both links, their end, the log
    Task<void> keep_up(Link& link);
    Task<bool> begin(Link& link, Client& client);
    Task<bool> end(Link& link);
    Task<void> rest(Link& link);
    Task<void> abandon_late();
    Task<void> abandon();
    Task<void> tell_up(Link& link);
    Task<void> tell_away(Link& link, const Failure& failure);
    void tell_left_over();
    static Duration jittered(Link& link, Duration pause) noexcept;
    std::uint64_t own_of(const Link& link) const noexcept;
    void settle(const Link& link) const noexcept;
    void settle(const Link& link, const Client& client, std::uint64_t place) const noexcept;

    // publish.cpp: the publishing link
    Task<void> publish(Client& client);
    Task<bool> load_script(Client& client, std::string& sha);
    Task<bool> greet(Client& client);
    Task<void> tell_durability(Client& client);
    Task<void> serve_batches(Client& client);
    Task<void> beat(Timer& timer);
    Task<bool> send_batches(Client& client, std::size_t count);
    Task<bool> ask(Client& client);
    void add_publish(Client& client, std::string_view publisher, std::uint64_t number,
                     std::string_view lines);
    Task<bool> reconcile(std::uint64_t number);
    Task<void> renew(std::uint64_t number);
    Task<void> acknowledge(std::size_t count);
    static void forget_front(State& state, std::size_t count);
    Task<void> lose(std::string_view reason);

    // read.cpp: the reading link
    Task<void> read(Client& client);
    Task<bool> locate(Client& client);
    Task<bool> find_end(Client& client, Position& end);
    Task<bool> begin_counting(Client& client);
    Task<bool> count(Client& client);
    Task<bool> start_anew(Client& client, std::string_view reason);
    Task<bool> take_entries(Client& client, const Reply& reply, bool verify);
    bool parse(Client& client, ReplyView entries, Entries& parsed);
    Task<void> deliver(Client& client, std::span<const Entry> entries);
    Task<void> bring_back(std::span<const Entry> entries);
    Task<bool> measure(Client& client);
    void ask_for_entries(Client& client, bool verify, bool wait);

    CompletionQueue& queue_;
    const ExchangeOptions options_;
    const Keys keys_;
    Log& log_;
    chat::Audience* audience_ = nullptr;
    Monitor<State> state_;
    AutoResetEvent work_;
    AsyncEvent finishing_;
    Timer deadline_;
    Link publishing_;
    Link reading_;
    // The publishing link's own:
    std::string sha_;
    std::string publisher_;
    Time last_contact_;
    bool told_durability_ = false;
    // The reading link's own:
    Position position_;
    bool read_full_ = false;  // the last read was as large as it may be: more is there
    bool behind_ = false;     // so far that entries may be trimmed before they are read
};

}  // namespace drydock::relay
