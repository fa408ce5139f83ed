// The model of Redis without its connections: commands in, replies out. Pure; no I/O but that of
// its store.
//
// It answers as Redis 7.0.15 does, byte for byte, what a relay of chat lines uses;
// tests/broker_suite holds it to that. It differs in these:
//   - It has the commands of command.cpp alone, XREAD for one stream, and no HELLO.
//   - It runs the scripts that it is given as functions of C++ (script.hpp).
//   - INFO has a few fields; CONFIG GET has the two settings about the append-only file.
//   - Its clock stands still while it works, as virtual time does. Only a DEL takes it a
//     millisecond: what comes after a loss of data is later than what came before.
//   - It refuses when its settings say so, not because memory or the disk is short.
//   - It reads no inline commands ("PING" without RESP2), and its protocol errors are shorter.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <drydock/hash.hpp>

#include "tests/broker/command.hpp"
#include "tests/broker/script.hpp"
#include "tests/broker/store.hpp"

namespace drydock::broker {

/// When what was written to the append-only file is made to last (appendfsync).
enum class Fsync : std::uint8_t { no, every_second, always };

/// A user besides the default one, as ACL SETUSER makes it.
struct User {
    std::string name;
    std::string password;
    bool all_commands = false;
    std::set<std::string, std::less<>> commands;  ///< "xread", "client|setname"
    std::string key_prefix;                       ///< of the keys that it may use; empty: all
};

/// Why writes are refused with -MISCONF.
enum class DiskError : std::uint8_t { none, snapshot, append_only_file };

struct Settings {
    bool append_only = false;
    Fsync fsync = Fsync::every_second;
    std::string password = {};  ///< of the default user (requirepass); empty: none is needed
    std::vector<User> users = {};
    std::string run_id = std::string(40, '0');
    /// The append-only file is written anew when it is larger than this and twice what it was.
    std::size_t rewrite_above = 256 * 1024;

    // What may change while it runs.
    /// In microseconds since 1970, at the beginning of the queue's clock.
    std::int64_t epoch = 1'700'000'000'000'000;
    bool loading = false;
    bool out_of_memory = false;
    bool read_only = false;
    DiskError disk = DiskError::none;
};

/// A connection that waits in an XREAD.
struct Waiter {
    BlockedRead read;
    std::string reply;           ///< not empty: it has what it waited for
    std::function<void()> wake;  ///< called inside the engine; must not call it
};

/// What the engine knows of a connection.
struct Client {
    std::uint64_t id = 0;
    const User* user = nullptr;  ///< null: the default user
    bool authenticated = false;
    std::string name;
    Waiter* waiter = nullptr;  ///< for XREAD; the connection owns it
    bool is_blocked = false;   ///< it waits: no more commands until then
    bool is_quitting = false;

    /// What the connection has set.
    std::uint64_t state_hash() const noexcept {
        return hash_of({id, authenticated ? 1U : 0U, hash_of(std::string_view(name)),
                        user == nullptr ? 0 : hash_of(std::string_view(user->name))});
    }
};

class Engine {
public:
    /// The store may be null if nothing is append-only; it must outlive the engine.
    Engine(Settings settings, std::span<const KnownScript> scripts, Store* store);

    /// Reads what the store holds. An unfinished command or transaction at its end is left out, as
    /// Redis does with aof-load-truncated. False: the file is damaged elsewhere.
    bool load();

    /// Answers a command of at least one word: appends the reply to `to`, unless the client has to
    /// wait. `now` is that of the queue, since the beginning of its clock.
    void execute(Client& client, Words words, std::int64_t now, std::string& to);
    /// A client has waited long enough, or is gone: it is not served any more.
    void stop_waiting(Client& client);
    /// A new connection.
    Client connected();

    Settings& settings() noexcept { return settings_; }
    Keyspace& keys() noexcept { return keys_; }
    /// Whether something was written since the last sync().
    bool needs_sync() const noexcept { return unsynced_; }
    void sync();

    /// By value: the keys, the settings that change, and how many wait for what.
    std::uint64_t state_hash() const noexcept;

private:
    struct Script {
        std::string text;
        const KnownScript* known = nullptr;  // null: it can be loaded only
    };

    std::int64_t real_time(std::int64_t now) const noexcept;
    bool admit(const Client& client, const Command& command, Words words, ReplyWriter reply) const;
    bool permit(const Client& client, const Command& command, Words words, ReplyWriter reply) const;
    std::string refusal_of(const Command& command) const;
    std::string disk_refusal() const;
    void answer_unknown(Words words, ReplyWriter reply) const;
    void answer(Client& client, const Command& command, Words words, ReplyWriter reply,
                std::string& to);
    void answer_auth(Client& client, Words words, ReplyWriter reply);
    void answer_client(Client& client, Words words, ReplyWriter reply) const;
    void answer_config(Words words, ReplyWriter reply) const;
    void answer_info(Words words, ReplyWriter reply) const;
    void answer_script(Words words, ReplyWriter reply);
    void answer_eval(Client& client, Words words, ReplyWriter reply);
    void run_script(Client& client, const Script& script, std::string_view sha, Words keys,
                    Words arguments, ReplyWriter reply);
    std::string call_from_script(const Client& client, Words words);
    std::string script_refusal(const Client& client, const Command& command, Words words) const;
    const std::string& remember_script(std::string_view text);
    void keep_changes();
    void serve_waiters();
    std::string dumped() const;

    Settings settings_;
    std::span<const KnownScript> known_scripts_;
    Store* store_;
    Keyspace keys_;
    std::map<std::string, Script, std::less<>> scripts_;  // by SHA-1
    std::list<Client*> waiting_;                          // first come, first served
    Changes changes_;
    std::int64_t deletions_ = 0;
    std::int64_t now_ = 0;  // of the command that is answered; in microseconds since 1970
    std::uint64_t clients_ = 0;
    std::size_t log_size_ = 0;
    std::size_t rewritten_size_ = 0;
    bool unsynced_ = false;
    bool script_has_written_ = false;
};

}  // namespace drydock::broker
