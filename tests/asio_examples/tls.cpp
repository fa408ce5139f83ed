// Scenarios for the examples with TLS: the other side is OpenSSL on sockets of the world.
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include <drydock/io.hpp>
#include <drydock/sim/tool.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

#include "tests/asio_examples/scenarios.hpp"

namespace drydock::examples {
namespace {

struct FreeContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using TlsContext = std::unique_ptr<SSL_CTX, FreeContext>;

/// One side of a TLS connection. It receives all the time, so that neither side waits for the other
/// to take what it sends.
class TlsSide {
public:
    TlsSide(sim::World& world, AsyncSocket& socket, SSL_CTX* context, bool accepts)
        : socket_(socket), ssl_(SSL_new(context)), arrived_(world) {
        SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        BIO_set_mem_eof_return(SSL_get_rbio(ssl_.get()), -1);
        accepts ? SSL_set_accept_state(ssl_.get()) : SSL_set_connect_state(ssl_.get());
    }

    /// Receives until the connection ends: a task beside those that call the other functions.
    Task<void> receive_all() {
        std::array<std::byte, 700> buffer;
        for (;;) {
            const Result result = co_await receive(socket_, buffer);
            if (!result.ok())
                socket_.cancel();  // a receive that has failed: nothing takes what comes
            if (!result.ok() || result.bytes == 0) break;
            BIO_write(SSL_get_rbio(ssl_.get()), buffer.data(), static_cast<int>(result.bytes));
            news();
        }
        over_ = true;
        news();
    }
    Task<bool> handshake() {
        co_return co_await act([this] { return SSL_do_handshake(ssl_.get()); });
    }
    Task<bool> write(const std::string& text) {
        co_return co_await act(
            [&] { return SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())); });
    }
    /// Adds what comes to `text`.
    Task<bool> read(std::string& text) {
        std::array<char, 256> buffer;
        int size = 0;
        const bool good = co_await act([&] {
            return size = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
        });
        if (good) text.append(buffer.data(), static_cast<std::size_t>(size));
        co_return good;
    }

private:
    /// Does one thing of OpenSSL's until it is done. False: it failed.
    template <typename Function>
    Task<bool> act(Function function) {
        for (;;) {
            const bool was_over = over_;
            ERR_clear_error();
            const int result = function();
            const int why = SSL_get_error(ssl_.get(), result);
            const bool flushed = co_await flush();
            if (!flushed) co_return false;
            if (result > 0) co_return true;
            if (why != SSL_ERROR_WANT_READ || was_over) co_return false;
            co_await wait_for_news();
        }
    }
    Task<bool> flush() {
        std::array<char, 4096> buffer;
        for (;;) {
            const int size =
                BIO_read(SSL_get_wbio(ssl_.get()), buffer.data(), static_cast<int>(buffer.size()));
            if (size <= 0) co_return true;
            const Result result = co_await send_all(
                socket_, std::string_view(buffer.data(), static_cast<std::size_t>(size)));
            if (!result.ok()) co_return false;
        }
    }
    void news() {
        fresh_ = true;
        arrived_.cancel();
    }
    Task<void> wait_for_news() {
        if (!fresh_) co_await arrived_.after(std::chrono::hours(1));
        fresh_ = false;
    }

    AsyncSocket& socket_;
    std::unique_ptr<SSL, FreeContext> ssl_;
    Timer arrived_;
    bool fresh_ = false;
    bool over_ = false;
};

/// Whether a visitor stays to the end, or leaves after its handshake.
enum class Manner : std::uint8_t { stays, leaves, resets };

/// An echo server with TLS.
class TlsServer final : public sim::ProgramScenario {
public:
    /// A handshake has thousands of bytes, and a pipe may hold one.
    static constexpr std::uint64_t calm_bound = 200'000;
    static constexpr sim::Expectation properties[] = {
        {"accepts", "a client can connect as long as the program serves"},
        {"tls-echo", "a client gets back what it sent"}};

    TlsServer() : context_(SSL_CTX_new(TLS_client_method())) {}
    std::vector<std::string> arguments() const override { return words("7000"); }
    Task<void> clients(sim::World& world) override {
        const std::uint32_t count = 1 + world.choose(3, "visitors");
        TaskGroup group(world);
        for (std::uint32_t number = 1; number <= count; ++number) {
            const auto manner = static_cast<Manner>(world.choose(3, "visitor: manner"));
            group.spawn([this, &world, number, manner]() -> Task<void> {
                co_await visit(world, number, manner);
            });
        }
        co_await group.join();
    }

private:
    Task<void> visit(sim::World& world, std::uint32_t number, Manner manner) {
        Timer timer(world);
        SocketResult result;
        for (int attempt = 0; attempt < 60 && !result.socket; ++attempt) {
            result = co_await connect(world, Endpoint::loopback(free_port));
            if (!result.ok()) co_await timer.after(std::chrono::seconds(1));
        }
        if (!result.socket) {
            const sim::FaultSet faults = world.active_faults();
            if (!faults.has(sim::Fault::connect_refused) &&
                !faults.has(sim::Fault::connect_timed_out)) {
                world.fail("accepts", "a visitor could not connect within a minute");
            }
            co_return;
        }
        AsyncSocket& socket = *result.socket;
        world.identify(socket, "visitor", number);
        TlsSide side(world, socket, context_.get(), false);
        TaskGroup group(world);
        group.spawn([&side]() -> Task<void> { co_await side.receive_all(); });
        const bool good = co_await talk(side, number, manner);
        const bool excused = world.damaged(socket) || manner != Manner::stays;
        if (!good && !excused) {
            world.fail("tls-echo",
                       "visitor " + std::to_string(number) + " did not get back what it sent",
                       socket);
        }
        if (manner == Manner::resets) socket.set_abortive_close();
        socket.cancel();
        co_await group.join();
    }
    Task<bool> talk(TlsSide& side, std::uint32_t number, Manner manner) {
        const bool secure = co_await side.handshake();
        if (!secure) co_return false;
        for (int turn = 0; turn < 3; ++turn) {
            const std::string text(20 * static_cast<std::size_t>(turn + 1),
                                   static_cast<char>('a' + number));
            const bool written = co_await side.write(text);
            if (!written) co_return false;
            if (manner != Manner::stays) co_return true;
            std::string heard;
            while (heard.size() < text.size()) {
                const bool more = co_await side.read(heard);
                if (!more) co_return false;
            }
            if (heard != text) co_return false;
        }
        co_return true;
    }

    TlsContext context_;
};

/// A client with TLS, which sends a line and gets it back.
class TlsClient final : public VisitingProgram {
public:
    static constexpr sim::Expectation properties[] = {
        {"ends", "the client ends"},
        {"answer", "a client that was served well writes what it was told"}};

    TlsClient() : context_(SSL_CTX_new(TLS_server_method())) {
        SSL_CTX_set_default_passwd_cb(context_.get(), [](char* to, int, int, void*) {
            constexpr std::string_view password = "test";
            std::copy(password.begin(), password.end(), to);
            return static_cast<int>(password.size());
        });
        SSL_CTX_use_certificate_chain_file(context_.get(), "server.pem");
        SSL_CTX_use_PrivateKey_file(context_.get(), "server.pem", SSL_FILETYPE_PEM);
    }
    std::vector<std::string> arguments() const override { return words("127.0.0.1 7000"); }
    std::string input() const override { return "a first line\n"; }

private:
    Task<void> serve(sim::World& world, AsyncSocket& socket) override {
        TlsSide side(world, socket, context_.get(), true);
        TaskGroup group(world);
        group.spawn([&side]() -> Task<void> { co_await side.receive_all(); });
        std::string heard;
        bool good = co_await side.handshake();
        if (good) good = co_await side.read(heard);
        if (good) good = co_await side.write(heard);
        if (good) served_well();
        while (good) good = co_await side.read(heard);
        socket.cancel();
        co_await group.join();
    }
    void judge(sim::World& world, bool undisturbed) override {
        if (!undisturbed || output().find("Reply: a first line") != std::string::npos) return;
        world.fail("answer", "the client wrote '" + output() + errors() + "'");
    }

    TlsContext context_;
};

constexpr auto tls = sim::scenario_info<TlsServer>("tls", "an echo server with TLS");
constexpr auto tls_client = sim::scenario_info<TlsClient>("tls-client", "a client with TLS");

}  // namespace
}  // namespace drydock::examples

int main(int argc, char** argv) {
    using namespace drydock::examples;
    static constexpr const drydock::sim::ScenarioInfo* scenarios[] = {&tls, &tls_client};
    return drydock::sim::tool_main(argc, argv, scenarios);
}
