// The sound exchange that the broken ones are made from.
#include <algorithm>
#include <charconv>
#include <utility>

#include "tests/zoo/specimens/relay_specimens.hpp"

namespace drydock::zoo {
namespace {

std::uint64_t number_of(std::string_view text) noexcept {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

}  // namespace

RelaySpecimen::RelaySpecimen(sim::Host& host, const relay::ExchangeOptions& options)
    : host_(host),
      options_(options),
      keys_(options.room),
      work_(host),
      finish_asked_(host),
      publish_pause_(host),
      read_pause_(host),
      deadline_timer_(host) {}

Task<bool> RelaySpecimen::locate() {
    relay::Client client(host_, options_.broker);
    co_await client.open();
    co_await begin_counting(client);
    client.add({"XREVRANGE", keys_.stream, "+", "-", "COUNT", "1"});
    client.add({"HGET", keys_.publishers, "#"});
    const relay::Reply* reply = co_await client.next_good();
    if (reply != nullptr && reply->root().size() == 1) {
        last_id_ = reply->root()[0][0].text();
    }
    if (reply != nullptr) reply = co_await client.next_good();
    if (reply != nullptr && !reply->root().is_null()) last_ = number_of(reply->root().text());
    if (last_ > 0) last_id_ = std::max(last_id_, std::to_string(last_) + "-0");
    co_await client.close();
    co_return reply != nullptr;
}

/// The script begins it, in a new room.
Task<void> RelaySpecimen::begin_counting(relay::Client& client) {
    const bool loaded = co_await load_script(client);
    if (!loaded) co_return;
    add_publish(client, 0, {});
    co_await client.next_good();
}

Task<void> RelaySpecimen::run(chat::Audience& audience) {
    audience_ = &audience;
    TaskGroup links(host_);
    TaskGroup helpers(host_);
    helpers.spawn(abandon_late());
    co_await work(links);
    co_await links.join();
    deadline_timer_.cancel();
    co_await helpers.join();
}

Task<void> RelaySpecimen::work(TaskGroup& links) {
    links.spawn(publish());
    links.spawn(read());
    co_return;
}

// --- what the server gives, and waits for -------------------------------------------------------

Task<chat::Receipt> RelaySpecimen::take(std::span<const ConstBuffer> lines) {
    std::string batch;
    for (const ConstBuffer& part : lines) batch += as_text({part.data, part.size});
    const std::string copy = batch;
    batches_.push_back(std::move(batch));
    chat::Receipt receipt;
    receipt.number = ++taken_;
    std::size_t bytes = 0;
    for (const std::string& each : batches_) bytes += each.size();
    receipt.full = bytes > options_.waiting_limit;
    work_.set();
    co_await taken(copy);
    co_return receipt;
}

Task<void> RelaySpecimen::taken(std::string_view) { co_return; }

Task<chat::Receipt> RelaySpecimen::newest() {
    chat::Receipt receipt;
    receipt.number = taken_;
    co_return receipt;
}

Task<bool> RelaySpecimen::returned(const chat::Receipt& receipt, chat::Return& wait) {
    if (receipt.number <= returned_) co_return true;
    wait.receipt = receipt;
    waits_.push_back(&wait);
    co_await wait.wait();
    std::erase(waits_, &wait);
    co_return receipt.number <= returned_;
}

void RelaySpecimen::wake_returned() {
    std::erase_if(waits_, [&](chat::Return* wait) {
        if (wait->receipt.number > returned_) return false;
        wait->set();
        return true;
    });
}

Task<void> RelaySpecimen::finish(Time deadline) {
    deadline_ = deadline;
    finishing_ = true;
    finish_asked_.set();
    work_.set();
    if (batches_.empty()) publish_pause_.cancel();
    co_return;
}

Task<void> RelaySpecimen::abandon_late() {
    co_await finish_asked_.wait();
    const bool elapsed = co_await deadline_timer_.until(deadline_);
    if (!elapsed) co_return;
    abandoned_ = true;
    for (relay::Client* const client : {publishing_, reading_}) {
        if (client != nullptr) client->cancel();
    }
    publish_pause_.cancel();
    read_pause_.cancel();
    work_.set();
}

// --- publishing ---------------------------------------------------------------------------------

Task<bool> RelaySpecimen::pause(Timer& timer) {
    const bool elapsed = co_await timer.after(std::chrono::milliseconds(100));
    co_return elapsed;
}

Task<void> RelaySpecimen::publish() {
    while (!publishing_is_over()) {
        relay::Client client(host_, options_.broker);
        publishing_ = &client;
        const relay::Failure opened = co_await client.open();
        bool good = false;
        if (opened.ok()) good = co_await load_script(client);
        while (good && !publishing_is_over()) {
            if (batches_.empty()) {
                co_await work_.wait();
                continue;
            }
            good = co_await publish_first(client);
        }
        publishing_ = nullptr;
        co_await client.close();
        if (!publishing_is_over()) co_await pause(publish_pause_);
    }
    has_published();
}

Task<bool> RelaySpecimen::load_script(relay::Client& client) {
    client.add({"SCRIPT", "LOAD", relay::publish_script});
    const relay::Reply* const reply = co_await client.next_good();
    if (reply != nullptr) sha_ = reply->root().text();
    co_return reply != nullptr;
}

/// The reader has nothing to do any more: all members have left by now.
void RelaySpecimen::has_published() noexcept {
    published_ = true;
    if (reading_ != nullptr) reading_->cancel();
    read_pause_.cancel();
}

Task<bool> RelaySpecimen::publish_first(relay::Client& client) {
    const std::uint64_t number = acknowledged_ + 1;
    add_publish(client, number, batches_.front());
    const relay::Reply* const reply = co_await client.next_good();
    if (reply == nullptr) {
        publishing_has_failed();
        co_return false;
    }
    if (!batches_.empty()) batches_.pop_front();
    acknowledged_ = number;
    co_return true;
}

void RelaySpecimen::add_publish(relay::Client& client, std::uint64_t number,
                                std::string_view lines) {
    client.add({"EVALSHA", sha_, "3", keys_.stream, keys_.publishers, keys_.heard,
                options_.publisher, std::to_string(number), lines, std::to_string(options_.keep)});
}

// --- reading ------------------------------------------------------------------------------------

Task<void> RelaySpecimen::read() {
    while (!over()) {
        relay::Client client(host_, options_.broker);
        reading_ = &client;
        const relay::Failure opened = co_await client.open();
        bool good = opened.ok();
        for (bool first = true; good && !over(); first = false) {
            good = co_await read_once(client, first, "3000");
        }
        reading_ = nullptr;
        co_await client.close();
        if (!over()) co_await pause(read_pause_);
    }
}

std::string RelaySpecimen::read_from(bool) const { return last_id_; }

bool RelaySpecimen::follows(const Entry& entry) const { return number_of(entry.id) == last_ + 1; }

Task<bool> RelaySpecimen::read_once(relay::Client& client, bool first, std::string_view block) {
    const std::string from = read_from(first);
    client.add({"XREAD", "COUNT", std::to_string(options_.read_count), "BLOCK", block, "STREAMS",
                keys_.stream, from});
    const relay::Reply* const reply = co_await client.next_good();
    if (reply == nullptr) co_return false;
    if (reply->root().is_null()) co_return co_await check_counter(client);
    std::vector<Entry> entries;
    if (!parse(reply->root()[0][1], entries)) co_return false;
    for (const Entry& entry : entries) {
        if (!follows(entry)) co_await lose();
        last_ = number_of(entry.id);
        last_id_ = entry.id;
        co_await deliver(entry);
    }
    co_return true;
}

/// Nothing has come. Redis answers in order, so what was counted is in the stream when it is read
/// after that, or has been trimmed.
Task<bool> RelaySpecimen::check_counter(relay::Client& client) {
    client.add({"HGET", keys_.publishers, "#"});
    client.add({"XREAD", "COUNT", "1", "STREAMS", keys_.stream, last_id_});
    const relay::Reply* reply = co_await client.next_good();
    if (reply == nullptr) co_return false;
    const std::uint64_t counted = reply->root().is_null() ? 0 : number_of(reply->root().text());
    reply = co_await client.next_good();
    if (reply == nullptr) co_return false;
    if (!reply->root().is_null() || !is_missing(counted)) co_return true;
    last_ = counted;
    last_id_ = std::to_string(counted) + "-0";
    co_await lose();
    co_return true;
}

bool RelaySpecimen::is_missing(std::uint64_t counted) const { return counted > last_; }

Task<void> RelaySpecimen::lose() {
    for (chat::Return* const wait : std::exchange(waits_, {})) wait->set();
    co_await audience_->lose("the stream was trimmed before it was read");
}

Task<void> RelaySpecimen::deliver(const Entry& entry) {
    const ConstBuffer lines[] = {std::string_view(entry.lines)};
    co_await audience_->deliver(lines, false);
    if (entry.publisher != options_.publisher) co_return;
    returned_ = std::max(returned_, entry.number);
    wake_returned();
}

bool RelaySpecimen::parse(relay::ReplyView stream, std::vector<Entry>& entries) const {
    for (const relay::ReplyView each : stream) {
        if (each.size() != 2 || each[1].size() != 6) return false;
        Entry entry;
        entry.id = each[0].text();
        entry.publisher = each[1][1].text();
        entry.number = number_of(each[1][3].text());
        entry.lines = each[1][5].text();
        entries.push_back(std::move(entry));
    }
    return true;
}

Task<void> run_sound_relay(sim::Host& host, sim::RelayedServer setup) {
    return run_with<RelaySpecimen>(host, std::move(setup));
}

}  // namespace drydock::zoo
