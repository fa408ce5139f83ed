// Chat servers that share a room and are broken in one way each, between machines, and the sound
// one that they are made from.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <drydock/event.hpp>
#include <drydock/sim/host.hpp>
#include <drydock/timer.hpp>

#include "src/chat/relay.hpp"
#include "src/relay/client.hpp"
#include "src/relay/script.hpp"
#include "tests/scenarios/relay.hpp"

namespace drydock::zoo {

/// A small exchange of lines through a stream of Redis: one batch at a time, and one connection for
/// each direction. It knows one worker only, as the simulator has it.
class RelaySpecimen : public chat::Relay {
public:
    RelaySpecimen(sim::Host& host, const relay::ExchangeOptions& options);

    Task<void> run(chat::Audience& audience) override;
    Task<chat::Receipt> take(std::span<const ConstBuffer> lines) override;
    Task<chat::Receipt> newest() override;
    Task<bool> returned(const chat::Receipt& receipt, chat::Return& wait) override;
    Task<void> finish(Time deadline) override;
    /// Finds the end of the stream. False: the broker cannot be used now.
    Task<bool> locate();

protected:
    struct Entry {
        std::string id;
        std::string publisher;
        std::uint64_t number = 0;
        std::string lines;
    };

    // What the broken ones replace:

    /// Puts the command for a batch behind the others. Its reply is an error, or says that the
    /// broker has it.
    virtual void add_publish(relay::Client& client, std::uint64_t number, std::string_view lines);
    /// There is a number from which the entries count.
    virtual Task<void> begin_counting(relay::Client& client);
    /// The publishing connection has failed while a batch was on its way.
    virtual void publishing_has_failed() {}
    /// Where the next read begins; the first of a connection, or a later one.
    virtual std::string read_from(bool first) const;
    /// Whether an entry follows the last one. False: something is missing.
    virtual bool follows(const Entry& entry) const;
    /// Nothing comes, and the broker has counted so many entries.
    virtual bool is_missing(std::uint64_t counted) const;
    /// Lines were taken from a member.
    virtual Task<void> taken(std::string_view lines);
    /// An entry is in order, and is delivered.
    virtual Task<void> deliver(const Entry& entry);
    /// Both directions. The sound one has a connection for each.
    virtual Task<void> work(TaskGroup& links);

    Task<void> publish();
    Task<void> read();
    bool publishing_is_over() const noexcept {
        return abandoned_ || (finishing_ && batches_.empty());
    }
    bool over() const noexcept { return abandoned_ || published_; }
    Task<bool> pause(Timer& timer);
    /// Publishes the first batch. False: the client has failed.
    Task<bool> publish_first(relay::Client& client);
    Task<bool> read_once(relay::Client& client, bool first, std::string_view block);
    Task<bool> check_counter(relay::Client& client);
    Task<void> lose();
    Task<bool> load_script(relay::Client& client);
    void has_published() noexcept;

    sim::Host& host_;
    const relay::ExchangeOptions options_;
    const relay::Keys keys_;
    chat::Audience* audience_ = nullptr;
    std::deque<std::string> batches_;  // the first is the one after acknowledged_
    std::uint64_t taken_ = 0;
    std::uint64_t acknowledged_ = 0;
    std::uint64_t returned_ = 0;
    std::uint64_t last_ = 0;  // the number of the last entry that was read
    std::string last_id_ = "0-0";
    std::string sha_;  // of the publish script
    bool finishing_ = false;
    bool abandoned_ = false;
    bool published_ = false;
    std::vector<chat::Return*> waits_;
    relay::Client* publishing_ = nullptr;
    relay::Client* reading_ = nullptr;

private:
    Task<void> abandon_late();
    bool parse(relay::ReplyView stream, std::vector<Entry>& entries) const;
    void wake_returned();

    AutoResetEvent work_;
    AsyncEvent finish_asked_;
    Timer publish_pause_;
    Timer read_pause_;
    Timer deadline_timer_;
    Time deadline_ = never;
};

/// No defect: so what is found in the others is their defects' doing.
Task<void> run_sound_relay(sim::Host& host, sim::RelayedServer setup);
Task<void> run_resends_without_numbers(sim::Host& host, sim::RelayedServer setup);
Task<void> run_resumes_at_the_end(sim::Host& host, sim::RelayedServer setup);
Task<void> run_delivers_before_the_broker(sim::Host& host, sim::RelayedServer setup);
Task<void> run_trusts_an_id_after_trimming(sim::Host& host, sim::RelayedServer setup);
Task<void> run_publishes_behind_a_read(sim::Host& host, sim::RelayedServer setup);
Task<void> run_drops_what_was_on_its_way(sim::Host& host, sim::RelayedServer setup);

/// The server around an exchange.
template <typename Exchange>
Task<void> run_with(sim::Host& host, sim::RelayedServer setup) {
    NullLog log;
    Exchange exchange(host, setup.exchange);
    for (;;) {
        const bool located = co_await exchange.locate();
        if (located) break;
        if (setup.is_stopping()) co_return;
        Timer pause(host);
        co_await pause.after(std::chrono::milliseconds(500));
    }
    co_await sim::serve_relayed(host, setup, log, exchange);
}

}  // namespace drydock::zoo
