// Connecting, asking, and why a connection is given up.
#include "src/relay/client.hpp"

#include <mutex>
#include <utility>

#include <drydock/hash.hpp>

namespace drydock::relay {
namespace {

// Of an error of the server: more is not shown.
constexpr std::size_t most_words = 200;

}  // namespace

std::string Failure::sentence() const {
    switch (kind) {
        case Kind::none:
            return "nothing is wrong";
        case Kind::not_connected:
            return std::string(drydock::sentence(error));
        case Kind::gone:
            return error == Error::ok ? "the broker has closed the connection"
                                      : std::string(drydock::sentence(error));
        case Kind::no_answer:
            return "the broker does not answer";
        case Kind::refused:
            return "the broker says: " + words;
        case Kind::nonsense:
            return "the broker's answer makes no sense: " + words;
        case Kind::canceled:
            return "it was canceled";
    }
    return {};
}

Client::Client(CompletionQueue& queue, const ClientOptions& options)
    : queue_(queue), options_(options), watching_(queue), reader_(options.limits) {
    queue.created_open(this);
}

Client::~Client() {
    queue_.gone(this);
    if (has_password_) wipe(commands_);
}

Task<Failure> Client::open() {
    const bool connected = co_await connect();
    if (connected && !options_.password.empty()) co_await authenticate();
    co_return failure_;
}

Task<bool> Client::connect() {
    ConnectOptions how;
    how.timeout = options_.connect_timeout;
    SocketResult connected = co_await connect_any(queue_, options_.endpoints, how);
    if (!connected.ok()) {
        fail(Failure::Kind::not_connected, connected.error);
        co_return false;
    }
    {
        queue_.entered(this);
        const std::lock_guard lock(mutex_);
        socket_ = std::move(connected.socket);
        if (canceled_) socket_->cancel();
        queue_.left(this, view());
    }
    buffer_.resize(options_.receive_size);
    watch_ = std::make_unique<IdleWatch>(queue_, options_.patience);
    watching_.spawn(cancel_when_idle(*watch_, *socket_));
    co_return true;
}

Task<void> Client::authenticate() {
    const std::string_view password = options_.password.reveal();
    commands_.reserve(password.size() + options_.user.size() + 64);  // or copies would stay behind
    has_password_ = true;
    if (options_.user.empty()) {
        add({"AUTH", password});
    } else {
        add({"AUTH", options_.user, password});
    }
    const Reply* const reply = co_await next_good();
    if (reply != nullptr && !reply->root().is_simple("OK")) reject("to AUTH");
}

void Client::add(std::span<const std::string_view> words) {
    append_command(commands_, words);
    ++expected_;
}

Task<const Reply*> Client::next() {
    if (!failure_.ok()) co_return nullptr;
    if (!commands_.empty()) {
        const bool sent = co_await send();
        if (!sent) co_return nullptr;
    }
    for (;;) {
        const Reply* reply = reader_.feed(chunk_);
        if (reply != nullptr) {
            if (expected_ == 0) co_return reject("a reply to nothing");
            --expected_;
            co_return reply;
        }
        if (reader_.refusal() != Refusal::none) {
            co_return reject(std::string(describe(reader_.refusal())));
        }
        const bool received = co_await receive();
        if (!received) co_return nullptr;
    }
}

Task<const Reply*> Client::next_good() {
    const Reply* reply = co_await next();
    if (reply == nullptr || !reply->root().is_error()) co_return reply;
    fail(Failure::Kind::refused, Error::ok, without_password(reply->root().text()));
    co_return nullptr;
}

const Reply* Client::reject(std::string words) {
    fail(Failure::Kind::nonsense, Error::ok, std::move(words));
    return nullptr;
}

Task<bool> Client::send() {
    const Result sent = co_await send_all(*socket_, std::string_view(commands_));
    if (has_password_) wipe(commands_);
    has_password_ = false;
    commands_.clear();
    if (sent.ok()) co_return true;
    fail(Failure::Kind::gone, sent.error);
    co_return false;
}

Task<bool> Client::receive() {
    const Result received = co_await drydock::receive(*socket_, buffer_);
    if (received.ok() && received.bytes > 0) {
        watch_->moved();
        chunk_ = as_text(std::span(buffer_).first(received.bytes));
        co_return true;
    }
    fail(Failure::Kind::gone, received.error);
    co_return false;
}

/// The first failure stands. A canceled socket was canceled by the watch or by cancel().
void Client::fail(Failure::Kind kind, Error error, std::string words) {
    if (!failure_.ok()) return;
    if (error == Error::canceled) {
        kind = watch_->is_idle() ? Failure::Kind::no_answer : Failure::Kind::canceled;
    }
    failure_ = {kind, error, std::move(words)};
}

/// An old server repeats the words of a command that it does not know, AUTH's among them.
std::string Client::without_password(std::string_view words) const {
    const std::string_view password = options_.password.reveal();
    std::string shown(words.substr(0, most_words));
    if (!password.empty() && words.find(password) != std::string_view::npos) {
        shown = std::string(words.substr(0, words.find(' '))) + " (the rest is not shown)";
    }
    return shown;
}

void Client::cancel() noexcept {
    queue_.entered(this);
    const std::lock_guard lock(mutex_);
    canceled_ = true;
    if (socket_) socket_->cancel();
    queue_.left(this, view());
}

/// Of what several coroutines use.
StateView Client::view() const noexcept {
    return {this, [](const void* client) -> std::uint64_t {
                const auto& self = *static_cast<const Client*>(client);
                return (self.canceled_ ? 1U : 0U) | (self.socket_ ? 2U : 0U);
            }};
}

std::uint64_t Client::state_hash() const noexcept {
    return hash_of({hash_of(std::string_view(commands_)), hash_of(chunk_), expected_,
                    static_cast<std::uint64_t>(failure_.kind),
                    static_cast<std::uint64_t>(failure_.error),
                    hash_of(std::string_view(failure_.words))});
}

Task<void> Client::close() {
    if (watch_) watch_->stop();
    co_await watching_.join();
    socket_.reset();
}

}  // namespace drydock::relay
