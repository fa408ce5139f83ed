// What must hold of the answers: judged from the clients' side, and from what is left in the store.
//
// Each client has keys of its own, so their answers are known exactly (OwnKeys). All clients share
// one counter, whose INCRs and GETs must look as if they had happened one after the other, in an
// order that respects what was answered before what was asked (Counter): it is linearizable.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <drydock/sim/world.hpp>

#include "store.hpp"

namespace kv {

/// One line of a client, and what is known of its answer.
struct Request {
    enum class Kind : std::uint8_t {
        own,      ///< a command on a key of the client's own
        counter,  ///< an INCR or GET of the shared counter
        fixed,    ///< the answer is `expected`, whatever the store contains
        ignored,  ///< comes after a QUIT: it is neither executed nor answered
    };
    Kind kind = Kind::fixed;
    Verb verb = Verb::get;
    std::string line;  ///< with its newline
    std::string key;
    std::string value;
    std::string expected;  ///< with its newline
};

inline constexpr std::string_view counter_key = "n";

/// What one client's own keys must be.
class OwnKeys {
public:
    /// The answer that the command must have. Executes it.
    std::string execute(const Request& request);

    /// Whether the store has exactly these of the keys that end with `suffix`.
    bool match(const Store& store, char suffix) const;

private:
    std::map<std::string, std::string, std::less<>> values_;
};

/// The judge of the shared counter, which is only ever incremented and read. Clients are numbered
/// from 1. All clients use it, so the explorer is told of each use.
class Counter {
public:
    explicit Counter(drydock::sim::World& world) : world_(world) { world.created(this); }
    Counter(const Counter&) = delete;
    Counter& operator=(const Counter&) = delete;
    ~Counter() { world_.gone(this); }

    /// The client is about to send an INCR, or a GET.
    void asked(std::uint32_t client, bool increments);

    /// The client's oldest request is answered with `value`; 0: there is no counter yet. Gives an
    /// objection: why no order of all requests explains it. Empty: none.
    std::string answered(std::uint32_t client, std::uint64_t value);

    /// The client's oldest request was refused: it has changed nothing.
    void refused(std::uint32_t client);

    /// What the counter may be in the end: at least all that was answered, at most all that was
    /// asked. `is_exact`: each client has heard all answers. Gives an objection.
    std::string judge_end(std::uint64_t value, bool is_exact) const;

    std::uint64_t state_hash() const;

private:
    struct Pending {
        bool increments = false;
        std::uint64_t newest = 0;  // value that any client had heard when this was asked
    };
    struct Client {
        std::deque<Pending> pending;
        std::uint64_t last = 0;  // value that it has heard
    };

    drydock::sim::World& world_;
    std::map<std::uint32_t, Client> clients_;
    std::uint64_t increments_ = 0;   // asked, and not refused
    std::uint64_t newest_ = 0;       // value heard by any client
    std::set<std::uint64_t> taken_;  // values that an INCR was answered with
};

}  // namespace kv
