// Specimen: at the end of the stream a connection is freed while its send is in flight.
//
// IOCPEchoServ_win 2, a use after free: the handle record goes with the receive of 0 bytes, and the
// completion of the send that is still underway reads it. In callback style, as there: a session
// owns its socket, its two operations and their buffers, and ends itself from inside a callback. It
// receives ahead while it sends; all else is right, down to the bounded memory.
#include <list>

#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {
namespace {

class FreesWithASendInFlight;

class Session {
public:
    Session(FreesWithASendInFlight& server, std::unique_ptr<AsyncSocket> socket, std::size_t size)
        : server_(server),
          socket_(std::move(socket)),
          sends_alone_(size < 2),
          received_(sends_alone_ ? 1 : size / 2),
          sent_(received_.size()) {
        world().created_open(this);
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() { world().gone(this); }
    /// Of what its callbacks share, for explorations. What is in flight, the network tells.
    std::uint64_t state_hash() const noexcept {
        const std::span<const std::byte> rest(rest_.data, rest_.size);
        return hash_of({waiting_, hash_of(std::span(received_).first(waiting_)), hash_of(rest)});
    }

    void start_receive() { socket_->receive(receive_, received_); }
    void cancel() { socket_->cancel(); }

private:
    class Callback final : public Operation {
    public:
        using Handler = void (Session::*)(const Result&);
        Callback(Session& session, Handler handler) noexcept
            : Operation(&Callback::run), session_(session), handler_(handler) {}

    private:
        static void run(Operation& operation, const Result& result) noexcept {
            auto& self = static_cast<Callback&>(operation);
            (self.session_.*self.handler_)(result);
        }
        Session& session_;
        Handler handler_;
    };

    sim::World& world() const noexcept;
    void on_received(const Result& result);
    void on_sent(const Result& result);
    bool take_received(const Result& result);
    bool take_sent(const Result& result);
    void start_send();
    void send_rest();

    FreesWithASendInFlight& server_;
    std::unique_ptr<AsyncSocket> socket_;
    bool sends_alone_;
    std::vector<std::byte> received_;
    std::vector<std::byte> sent_;
    std::size_t waiting_ = 0;  // received and not yet being sent
    ConstBuffer rest_;
    Callback receive_{*this, &Session::on_received};
    Callback send_{*this, &Session::on_sent};
};

/// Sessions are not coroutines, so accepting and stopping are its own.
class FreesWithASendInFlight final : public sim::ServerUnderTest {
public:
    FreesWithASendInFlight(sim::World& world, Listener listener, const echo::ServerOptions& options)
        : world_(world),
          options_(options),
          listener_(std::move(listener)),
          stop_(world),
          empty_(world) {
        world.created_open(this);
    }
    ~FreesWithASendInFlight() override { world_.gone(this); }
    std::uint64_t state_hash() const noexcept { return sessions_.size() * 2 + (stopping_ ? 1 : 0); }
    sim::World& world() const noexcept { return world_; }

    Task<void> run() override {
        TaskGroup accepting(world_);
        accepting.spawn(accept_connections());
        co_await stop_.wait();
        listener_->cancel();
        co_await accepting.join();
        begin_to_stop();
        co_await empty_.wait();
        listener_.reset();
    }
    void request_stop() noexcept override { stop_.set(); }

    void free(Session& session) {
        const sim::Inside shared(world_, *this);
        std::erase_if(sessions_, [&](const auto& other) { return other.get() == &session; });
        if (stopping_ && sessions_.empty()) empty_.set();
    }

private:
    void begin_to_stop() {
        const sim::Inside shared(world_, *this);
        for (const auto& session : sessions_) session->cancel();
        stopping_ = true;
        if (sessions_.empty()) empty_.set();
    }

    Task<void> accept_connections() {
        for (;;) {
            SocketResult accepted = co_await accept(*listener_);
            if (accepted.error == Error::canceled) co_return;
            if (!accepted.ok()) continue;
            const sim::Inside shared(world_, *this);
            sessions_.push_back(
                std::make_unique<Session>(*this, std::move(accepted.socket), options_.buffer_size));
            sessions_.back()->start_receive();
        }
    }

    sim::World& world_;
    echo::ServerOptions options_;
    Listener listener_;
    AsyncEvent stop_;
    AsyncEvent empty_;
    bool stopping_ = false;
    std::list<std::unique_ptr<Session>> sessions_;
};

sim::World& Session::world() const noexcept { return server_.world(); }

void Session::on_received(const Result& result) {
    const bool goes_on = take_received(result);
    if (!goes_on) server_.free(*this);  // is a send in flight? who cares
}

void Session::on_sent(const Result& result) {
    const bool goes_on = take_sent(result);
    if (!goes_on) server_.free(*this);
}

/// False: the session is over.
bool Session::take_received(const Result& result) {
    const sim::Inside shared(world(), *this);
    if (!result.ok() || result.bytes == 0) return false;
    waiting_ = result.bytes;
    if (!send_.in_flight()) start_send();
    return true;
}

bool Session::take_sent(const Result& result) {
    const sim::Inside shared(world(), *this);
    if (!result.ok()) {
        // The receive must end first. Its completion frees the session.
        socket_->cancel();
        return receive_.in_flight();
    }
    rest_ = {rest_.data + result.bytes, rest_.size - result.bytes};
    if (rest_.size > 0) {
        send_rest();
    } else if (waiting_ > 0) {
        start_send();
    } else if (!receive_.in_flight()) {
        start_receive();
    }
    return true;
}

void Session::start_send() {
    received_.swap(sent_);
    rest_ = {sent_.data(), std::exchange(waiting_, 0)};
    send_rest();
    if (!sends_alone_) start_receive();
}

void Session::send_rest() { socket_->send(send_, {&rest_, 1}); }

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_frees_with_a_send_in_flight) {
    return std::make_unique<FreesWithASendInFlight>(world, std::move(listener), options);
}

}  // namespace drydock::zoo
