// The model's scripts: which are known, what stops a command in a script, and the rewrite of the
// append-only file.
#include <utility>

#include "tests/broker/engine.hpp"
#include "tests/broker/numbers.hpp"
#include "tests/broker/sha1.hpp"

namespace drydock::broker {
namespace {

constexpr std::size_t sha_size = 40;
constexpr std::string_view no_script = "NOSCRIPT No matching script. Please use EVAL.";

}  // namespace

/// Returns its SHA-1.
const std::string& Engine::remember_script(std::string_view text) {
    for (const auto& [sha, script] : scripts_) {
        if (script.text == text) return sha;
    }
    Script script{std::string(text), nullptr};
    for (const KnownScript& known : known_scripts_) {
        if (known.text == text) script.known = &known;
    }
    return scripts_.emplace(sha1_hex(text), std::move(script)).first->first;
}

void Engine::answer_script(Words words, ReplyWriter reply) {
    if (same_word(words[1], "LOAD")) {
        return reply.bulk(remember_script(words[2]));
    }
    if (same_word(words[1], "FLUSH")) {
        scripts_.clear();
        return reply.simple("OK");
    }
    reply.array(words.size() - 2);
    for (const std::string_view sha : words.subspan(2)) {
        reply.integer(scripts_.contains(in_lower_case(sha)) ? 1 : 0);
    }
}

void Engine::answer_eval(Client& client, Words words, ReplyWriter reply) {
    const bool by_sha = same_word(words[0], "EVALSHA");
    if (by_sha && words[1].size() != sha_size) return reply.error(no_script);
    const auto key_count = parse_integer(words[2]);
    if (!key_count) return reply.error(no_integer);
    if (*key_count > static_cast<std::int64_t>(words.size()) - 3) {
        return reply.error("ERR Number of keys can't be greater than number of args");
    }
    if (*key_count < 0) return reply.error("ERR Number of keys can't be negative");
    const std::string sha = by_sha ? in_lower_case(words[1]) : sha1_hex(words[1]);
    if (!by_sha && !scripts_.contains(sha)) remember_script(words[1]);
    const auto script = scripts_.find(sha);
    if (script == scripts_.end()) return reply.error(no_script);
    const auto count = static_cast<std::size_t>(*key_count);
    run_script(client, script->second, sha, words.subspan(3, count), words.subspan(3 + count),
               reply);
}

void Engine::run_script(Client& client, const Script& script, std::string_view sha, Words keys,
                        Words arguments, ReplyWriter reply) {
    if (script.known == nullptr) {
        return reply.error("ERR this model of Redis does not know the script, and has no Lua");
    }
    const auto call_command = [this, &client](Words words) {
        return call_from_script(client, words);
    };
    script_has_written_ = false;
    ScriptRun run(script.text, sha, keys, arguments, call_command);
    std::string text;
    script.known->run(run, ReplyWriter(text));
    if (run.failed()) return reply.error(run.error());
    reply.raw(text);
}

// A script that has written goes on: a half of it must not be the end (script.c of Redis 7.0).
std::string Engine::script_refusal(const Client& client, const Command& command,
                                   Words words) const {
    if (client.user != nullptr) {
        const std::string cannot = "ERR The user executing the script can't ";
        std::string refusal;
        if (!permit(client, command, words, ReplyWriter(refusal))) {
            const bool is_key = refusal.find("keys used") != std::string::npos;
            return cannot + (is_key ? "access at least one of the keys mentioned in the command "
                                      "arguments"
                                    : "run this command or subcommand");
        }
    }
    const bool goes_on = !command.is(Command::writes) || script_has_written_;
    return goes_on ? std::string() : refusal_of(command);
}

std::string Engine::call_from_script(const Client& client, Words words) {
    std::string text;
    ReplyWriter reply(text);
    const Command* const command = find_command(words);
    if (command == nullptr || command->answer == nullptr) {
        reply.error("ERR Unknown Redis command called from script");
        return text;
    }
    const auto size = static_cast<int>(words.size());
    if (command->arity > 0 ? size != command->arity : size < -command->arity) {
        reply.error("ERR Wrong number of args calling Redis command from script");
        return text;
    }
    const std::string refusal = script_refusal(client, *command, words);
    if (!refusal.empty()) {
        reply.error(refusal);
        return text;
    }
    if (command->is(Command::writes)) script_has_written_ = true;
    Call call{keys_, words, reply, changes_, now_};
    command->answer(call);
    if (call.blocked) reply.null_array();
    return text;
}

// --- the rewrite of the append-only file ---------------------------------------------------------

namespace {

// The commands that make a value anew.
class Dump {
public:
    Dump(std::string& to, std::string_view key) noexcept : to_(to), key_(key) {}

    void operator()(const Stream& stream) const {
        if (stream.entries().empty()) {  // as Redis does it
            relay::append_command(
                to_, {"XADD", key_, "MAXLEN", "0", to_text(stream.last_id()), "x", "y"});
        }
        for (const StreamEntry& entry : stream.entries()) {
            const std::string id = to_text(entry.id);
            std::vector<std::string_view> words = {"XADD", key_, id};
            words.insert(words.end(), entry.fields.begin(), entry.fields.end());
            relay::append_command(to_, words);
        }
    }
    void operator()(const Hash& hash) const {
        for (const auto& [name, value] : hash) {
            relay::append_command(to_, {"HSET", key_, name, value});
        }
    }
    void operator()(const SortedSet& members) const {
        for (const auto& [member, score] : members) {
            relay::append_command(to_, {"ZADD", key_, score_text(score), member});
        }
    }

private:
    std::string& to_;
    std::string_view key_;
};

}  // namespace

std::string Engine::dumped() const {
    std::string text;
    keys_.for_each([&text, this](std::string_view key, const auto& value) {
        std::visit(Dump(text, key), value);
        const auto at = keys_.expiry(key);
        if (at) relay::append_command(text, {"PEXPIREAT", key, std::to_string(*at)});
    });
    return text;
}

}  // namespace drydock::broker
