// A connection to a Redis server: commands out, replies in their order.
//
//     Client client(queue, options);
//     if (const Failure failure = co_await client.open(); !failure.ok()) ...
//     client.add({"HGET", key, "#"});
//     client.add({"XREVRANGE", stream, "+", "-", "COUNT", "1"});      // a pipeline
//     const Reply* first = co_await client.next();                   // sends what was added
//     const Reply* second = co_await client.next();
//     if (first == nullptr || second == nullptr) ... client.failure() ...
//     co_await client.close();
//
// One coroutine uses it; any worker may cancel it. A server that says nothing for
// ClientOptions::patience is given up, whether a reply is expected or not: so a client that has
// nothing to ask asks for something from time to time, and a blocking command blocks for less.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <drydock/connect.hpp>
#include <drydock/idle_watch.hpp>
#include <drydock/mutex.hpp>
#include <drydock/task_group.hpp>

#include "src/relay/resp.hpp"
#include "src/relay/secret.hpp"

namespace drydock::relay {

struct ClientOptions {
    ClientOptions() {
        limits.max_text = 2 * 1024 * 1024;
        limits.max_bytes = 36 * 1024 * 1024;
    }

    /// The most bytes of one receive.
    std::size_t receive_size = 64 * 1024;
    /// Those of the server; all are tried (connect_any).
    std::vector<Endpoint> endpoints;
    /// For AUTH. Empty: Redis's default user.
    std::string user;
    /// Empty: no AUTH.
    Secret password;
    /// How long a connect may take. It cannot be canceled meanwhile.
    Duration connect_timeout = std::chrono::seconds(3);
    /// How long the server may be silent.
    Duration patience = std::chrono::seconds(10);
    ReplyLimits limits;
};

/// Why a client is of no use any more.
struct Failure {
    enum class Kind : std::uint8_t {
        none,
        not_connected,  ///< `error` says why
        gone,           ///< the connection ended, or failed with `error`
        no_answer,      ///< the server was silent for too long
        refused,        ///< the server answered with an error: `words`
        nonsense,       ///< the server does not speak RESP2, or says what makes no sense: `words`
        canceled        ///< by cancel()
    };
    Kind kind = Kind::none;
    Error error = Error::ok;
    std::string words;

    bool ok() const noexcept { return kind == Kind::none; }
    /// The end of an error message, without a full stop.
    std::string sentence() const;
};

class Client {
public:
    /// Both outlive the client.
    Client(CompletionQueue& queue, const ClientOptions& options);
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client();

    /// Connects, and authenticates where there is a password. Once.
    Task<Failure> open();

    /// Puts a command behind those that next() is going to send.
    void add(std::span<const std::string_view> words);
    void add(std::initializer_list<std::string_view> words) {
        add(std::span(words.begin(), words.size()));
    }

    /// Sends what was added, and waits for the next reply, which belongs to the oldest command that
    /// has none. It is valid until the next call. Null: failure() says why, and the client is of no
    /// use any more. An error of the server is a reply, too.
    Task<const Reply*> next();

    /// next() for a caller that can do nothing with an error reply: that is a failure then.
    Task<const Reply*> next_good();

    /// The caller's own finding: the reply makes no sense. Gives null.
    const Reply* reject(std::string words);

    const Failure& failure() const noexcept { return failure_; }

    /// For exploration: whether state_hash() is all that the client knows, as no reply is there in
    /// part.
    bool is_settled() const noexcept { return !reader_.in_reply(); }
    /// What has been added, and come, and is not used yet.
    std::uint64_t state_hash() const noexcept;

    /// The caller has been busy itself; the server's patience begins anew.
    void moved() noexcept {
        if (watch_) watch_->moved();
    }

    /// Ends every wait for the server, also the later ones, except that for a connect. From any
    /// worker, until close() is called.
    void cancel() noexcept;

    /// Ends the connection. Before the client's end; open() need not have succeeded.
    Task<void> close();

private:
    Task<bool> connect();
    Task<void> authenticate();
    Task<bool> send();
    Task<bool> receive();
    void fail(Failure::Kind kind, Error error, std::string words = {});
    std::string without_password(std::string_view words) const;
    StateView view() const noexcept;

    CompletionQueue& queue_;
    const ClientOptions& options_;
    TaskGroup watching_;
    Mutex mutex_;  // guards the next two, for cancel()
    bool canceled_ = false;
    std::unique_ptr<AsyncSocket> socket_;
    std::unique_ptr<IdleWatch> watch_;
    ReplyReader reader_;
    std::string commands_;       // not sent yet
    bool has_password_ = false;  // in the commands
    std::size_t expected_ = 0;   // replies to commands, sent or not
    std::vector<std::byte> buffer_;
    std::string_view chunk_;  // of the buffer: not read yet
    Failure failure_;
};

}  // namespace drydock::relay
