// Which commands are answered, in the order in which Redis' processCommand() asks; the append-only
// file; and connections that wait.
#include "tests/broker/engine.hpp"

#include <algorithm>
#include <utility>

#include <drydock/hash.hpp>

#include "tests/broker/numbers.hpp"
#include "tests/broker/sha1.hpp"

namespace drydock::broker {
namespace {

constexpr std::string_view no_memory = "OOM command not allowed when used memory > 'maxmemory'.";
constexpr std::string_view is_replica = "READONLY You can't write against a read only replica.";
constexpr std::string_view no_key_permission =
    "NOPERM this user has no permissions to access one of the keys used as arguments";

// Words of a request or a record; none if it is no array of bulk strings.
std::vector<std::string_view> words_of(const relay::Reply& reply) {
    std::vector<std::string_view> words;
    for (const relay::ReplyView word : reply.root()) {
        if (word.kind() != relay::ReplyKind::bulk) return {};
        words.push_back(word.text());
    }
    return words;
}

bool allows(const User& user, std::string_view command) {
    return user.all_commands || user.commands.contains(command);
}

// The keys of a command's words.
Words keys_of(const Command& command, Words words) {
    if (command.is(Command::every_key)) return words.subspan(1);
    if (!command.is(Command::no_key)) return words.subspan(1, 1);
    if (command.name == "xread") {
        for (std::size_t i = 1; i + 2 < words.size(); ++i) {
            if (same_word(words[i], "STREAMS")) return words.subspan(i + 1, (words.size() - i) / 2);
        }
    }
    if (command.name == "eval" || command.name == "evalsha") {
        const auto count = parse_integer(words[2]);
        const bool fits =
            count && *count > 0 && static_cast<std::uint64_t>(*count) <= words.size() - 3;
        if (fits) return words.subspan(3, static_cast<std::size_t>(*count));
    }
    return {};
}

bool may_use(const User& user, const Command& command, Words words) {
    const Words keys = keys_of(command, words);
    return std::all_of(keys.begin(), keys.end(),
                       [&user](std::string_view key) { return key.starts_with(user.key_prefix); });
}

}  // namespace

Engine::Engine(Settings settings, std::span<const KnownScript> scripts, Store* store)
    : settings_(std::move(settings)), known_scripts_(scripts), store_(store) {}

Client Engine::connected() {
    Client client;
    client.id = ++clients_;
    client.authenticated = settings_.password.empty();
    return client;
}

std::int64_t Engine::real_time(std::int64_t now) const noexcept {
    constexpr std::int64_t deletion = 1000;
    return settings_.epoch + now / 1000 + deletions_ * deletion;
}

// --- answering -----------------------------------------------------------------------------------

void Engine::execute(Client& client, Words words, std::int64_t now, std::string& to) {
    now_ = real_time(now);
    for (const std::string& key : keys_.expire(now_ / 1000)) changes_.add({"DEL", key});
    keep_changes();
    ReplyWriter reply(to);
    const Command* const command = find_command(words);
    if (command == nullptr) {
        answer_unknown(words, reply);
    } else if (admit(client, *command, words, reply)) {
        answer(client, *command, words, reply, to);
    }
    keep_changes();
    serve_waiters();
}

void Engine::answer_unknown(Words words, ReplyWriter reply) const {
    constexpr std::size_t most = 128;
    const std::string name(words[0].substr(0, most));
    if (has_subcommands(words[0])) {
        if (words.size() == 1) return reply.wrong_arguments(in_lower_case(name));
        std::string upper = in_lower_case(name);
        for (char& letter : upper) letter = static_cast<char>(letter - 'a' + 'A');
        return reply.error("ERR unknown subcommand '" + std::string(words[1].substr(0, most)) +
                           "'. Try " + upper + " HELP.");
    }
    std::string beginning;
    for (std::size_t i = 1; i < words.size() && beginning.size() < most; ++i) {
        beginning += "'" + std::string(words[i].substr(0, most - beginning.size())) + "' ";
    }
    reply.error("ERR unknown command '" + name + "', with args beginning with: " + beginning);
}

// Whether the command is answered; if not, says why.
bool Engine::admit(const Client& client, const Command& command, Words words,
                   ReplyWriter reply) const {
    const auto size = static_cast<int>(words.size());
    if (command.arity > 0 ? size != command.arity : size < -command.arity) {
        reply.wrong_arguments(command.name);
        return false;
    }
    if (!client.authenticated && !command.is(Command::unauthenticated)) {
        reply.error("NOAUTH Authentication required.");
        return false;
    }
    if (!permit(client, command, words, reply)) return false;
    const std::string refusal = refusal_of(command);
    if (!refusal.empty()) reply.error(refusal);
    return refusal.empty();
}

bool Engine::permit(const Client& client, const Command& command, Words words,
                    ReplyWriter reply) const {
    if (client.user == nullptr || command.is(Command::unauthenticated)) return true;
    if (!allows(*client.user, command.name)) {
        reply.error("NOPERM this user has no permissions to run the '" + std::string(command.name) +
                    "' command");
        return false;
    }
    if (may_use(*client.user, command, words)) return true;
    reply.error(no_key_permission);
    return false;
}

std::string Engine::refusal_of(const Command& command) const {
    if (settings_.out_of_memory && command.is(Command::needs_memory)) return std::string(no_memory);
    const bool needs_disk = command.is(Command::writes) || command.name == "ping";
    if (settings_.disk != DiskError::none && needs_disk) return disk_refusal();
    if (settings_.read_only && command.is(Command::writes)) return std::string(is_replica);
    if (settings_.loading && !command.is(Command::while_loading)) {
        return "LOADING Redis is loading the dataset in memory";
    }
    return {};
}

std::string Engine::disk_refusal() const {
    if (settings_.disk == DiskError::append_only_file) {
        return "MISCONF Errors writing to the AOF file: No space left on device";
    }
    return "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to "
           "persist "
           "to disk. Commands that may modify the data set are disabled, because this instance is "
           "configured to report errors during writes if RDB snapshotting fails "
           "(stop-writes-on-bgsave-error option). Please check the Redis logs for details about "
           "the "
           "RDB error.";
}

void Engine::answer(Client& client, const Command& command, Words words, ReplyWriter reply,
                    std::string& to) {
    if (command.answer != nullptr) {
        Call call{keys_, words, ReplyWriter(to), changes_, now_};
        command.answer(call);
        if (command.name == "del") ++deletions_;
        if (!call.blocked) return;
        client.waiter->read = *std::move(call.blocked);
        client.waiter->reply.clear();
        client.is_blocked = true;
        waiting_.push_back(&client);
        return;
    }
    const std::string_view name = command.name;
    if (name == "auth") return answer_auth(client, words, reply);
    if (name.starts_with("client|")) return answer_client(client, words, reply);
    if (name == "config|get") return answer_config(words, reply);
    if (name == "info") return answer_info(words, reply);
    if (name.starts_with("script|")) return answer_script(words, reply);
    if (name == "eval" || name == "evalsha") return answer_eval(client, words, reply);
    if (name == "select") {
        const auto database = parse_integer(words[1]);
        if (!database) return reply.error(no_integer);
        if (*database != 0) return reply.error("ERR DB index is out of range");
        return reply.simple("OK");
    }
    client.is_quitting = true;  // QUIT
    reply.simple("OK");
}

void Engine::answer_auth(Client& client, Words words, ReplyWriter reply) {
    if (words.size() > 3) return reply.error(syntax_error);
    const bool is_default = words.size() == 2 || words[1] == "default";
    if (words.size() == 2 && settings_.password.empty()) {
        return reply.error(
            "ERR AUTH <password> called without any password configured for the default user. Are "
            "you sure your configuration is correct?");
    }
    const std::string_view password = words.back();
    const auto user = std::find_if(settings_.users.begin(), settings_.users.end(),
                                   [&](const User& its) { return its.name == words[1]; });
    const bool is_right = is_default ? settings_.password.empty() || password == settings_.password
                                     : user != settings_.users.end() && user->password == password;
    if (!is_right) {
        return reply.error("WRONGPASS invalid username-password pair or user is disabled.");
    }
    client.authenticated = true;
    client.user = is_default ? nullptr : &*user;
    reply.simple("OK");
}

void Engine::answer_client(Client& client, Words words, ReplyWriter reply) const {
    if (same_word(words[1], "ID")) return reply.integer(static_cast<std::int64_t>(client.id));
    if (same_word(words[1], "GETNAME")) {
        return client.name.empty() ? reply.null() : reply.bulk(client.name);
    }
    const bool is_printable = std::all_of(words[2].begin(), words[2].end(),
                                          [](char byte) { return byte >= '!' && byte <= '~'; });
    if (!is_printable) {
        return reply.error(
            "ERR Client names cannot contain spaces, newlines or special characters.");
    }
    client.name = words[2];
    reply.simple("OK");
}

void Engine::answer_config(Words words, ReplyWriter reply) const {
    constexpr std::string_view policies[] = {"no", "everysec", "always"};
    const std::pair<std::string_view, std::string_view> all[] = {
        {"appendfsync", policies[static_cast<std::size_t>(settings_.fsync)]},
        {"appendonly", settings_.append_only ? "yes" : "no"},
    };
    std::vector<std::string_view> found;
    for (const auto& [name, value] : all) {
        for (const std::string_view word : words.subspan(2)) {
            if (!same_word(word, name)) continue;
            found.insert(found.end(),
                         {word, value});  // as Redis does: the name as it was asked for
            break;
        }
    }
    reply.array(found.size());
    for (const std::string_view text : found) reply.bulk(text);
}

void Engine::answer_info(Words words, ReplyWriter reply) const {
    const auto wants = [words](std::string_view section) {
        if (words.size() == 1) return true;
        return std::any_of(words.begin() + 1, words.end(), [section](std::string_view word) {
            return same_word(word, section) || same_word(word, "all") ||
                   same_word(word, "default") || same_word(word, "everything");
        });
    };
    std::vector<std::string> sections;
    if (wants("server")) {
        sections.push_back("# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nrun_id:" +
                           settings_.run_id + "\r\n");
    }
    if (wants("clients")) {
        sections.push_back("# Clients\r\nblocked_clients:" + std::to_string(waiting_.size()) +
                           "\r\n");
    }
    if (wants("persistence")) {
        sections.push_back("# Persistence\r\nloading:" + std::to_string(settings_.loading) +
                           "\r\naof_enabled:" + std::to_string(settings_.append_only) + "\r\n");
    }
    if (wants("replication")) {
        sections.push_back(std::string("# Replication\r\nrole:") +
                           (settings_.read_only ? "slave" : "master") + "\r\n");
    }
    std::string text;
    for (const std::string& section : sections) text += (text.empty() ? "" : "\r\n") + section;
    reply.bulk(text);
}

// --- waiting -------------------------------------------------------------------------------------

void Engine::stop_waiting(Client& client) {
    waiting_.remove(&client);
    client.is_blocked = false;
}

// Redis serves those that wait before it takes the next command.
void Engine::serve_waiters() {
    if (changes_.grown.empty()) return;
    const auto grown = std::exchange(changes_.grown, {});
    for (auto at = waiting_.begin(); at != waiting_.end();) {
        Client& client = **at;
        const BlockedRead& read = client.waiter->read;
        const Found<Stream> found = keys_.find<Stream>(read.key);
        const bool is_served =
            grown.contains(read.key) && found.value != nullptr &&
            append_read(*found.value, read.key, read.after, read.count, client.waiter->reply);
        at = is_served ? waiting_.erase(at) : std::next(at);
        if (!is_served) continue;
        client.is_blocked = false;
        client.waiter->wake();
    }
}

std::uint64_t Engine::state_hash() const noexcept {
    std::uint64_t hash =
        hash_of({keys_.hash(), settings_.loading, settings_.out_of_memory, settings_.read_only,
                 static_cast<std::uint64_t>(settings_.disk), scripts_.size(), unsynced_, clients_,
                 log_size_, static_cast<std::uint64_t>(deletions_)});
    for (const Client* const client : waiting_) {
        const BlockedRead& read = client->waiter->read;
        hash = hash_of({hash, client->id, hash_of(std::string_view(read.key)), read.after.time,
                        read.after.sequence});
    }
    return hash;
}

// --- the append-only file ------------------------------------------------------------------------

void Engine::keep_changes() {
    if (changes_.commands.empty()) return;
    std::string bytes;
    const bool is_transaction = changes_.commands.size() > 1;
    if (is_transaction) relay::append_command(bytes, {"MULTI"});
    for (const std::string& command : changes_.commands) bytes += command;
    if (is_transaction) relay::append_command(bytes, {"EXEC"});
    changes_.commands.clear();
    if (!settings_.append_only || store_ == nullptr) return;
    log_size_ += bytes.size();
    if (log_size_ > settings_.rewrite_above && log_size_ > 2 * rewritten_size_) {
        const std::string all = dumped();
        store_->replace(all);
        log_size_ = rewritten_size_ = all.size();
        unsynced_ = false;
        return;
    }
    store_->append(bytes);
    unsynced_ = true;
    if (settings_.fsync == Fsync::always) sync();
}

void Engine::sync() {
    if (unsynced_ && store_ != nullptr) store_->sync();
    unsynced_ = false;
}

bool Engine::load() {
    const std::string bytes = store_ == nullptr ? std::string() : store_->read();
    relay::ReplyReader reader({.max_text = 1 << 30, .max_elements = 1 << 20, .max_bytes = 1 << 30});
    std::string_view left = bytes;
    std::string_view behind = left;  // what follows the last whole transaction
    std::vector<relay::Reply> transaction;
    bool in_transaction = false;
    while (const relay::Reply* record = reader.feed(left)) {
        const std::vector<std::string_view> words = words_of(*record);
        if (words.empty()) return false;
        const bool begins = same_word(words[0], "MULTI");
        const bool ends = same_word(words[0], "EXEC");
        if (begins) in_transaction = true;
        if (ends) in_transaction = false;
        if (!begins && !ends) transaction.push_back(*record);
        if (in_transaction) continue;
        for (const relay::Reply& command : transaction) {
            const std::vector<std::string_view> its_words = words_of(command);
            const Command* const known = find_command(its_words);
            if (known == nullptr || known->answer == nullptr) return false;
            std::string ignored;
            Call call{keys_, its_words, ReplyWriter(ignored), changes_, 0};
            known->answer(call);
        }
        transaction.clear();
        behind = left;
    }
    changes_ = Changes();
    log_size_ = bytes.size() - behind.size();
    if (!behind.empty()) store_->replace(std::string_view(bytes).substr(0, log_size_));
    return reader.refusal() == relay::Refusal::none;
}

}  // namespace drydock::broker
