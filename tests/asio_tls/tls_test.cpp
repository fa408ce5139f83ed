// TLS over the face of Asio: asio::ssl::stream over sockets of drydock, on each queue. Compiled for
// standalone Asio and, with NET_BOOST, for that of Boost.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"  // lambdas in the face
#if defined(NET_BOOST)
#include <drydock/boost_asio.hpp>

#include <boost/asio/ssl.hpp>
#else
#include <drydock/asio.hpp>

#include <asio/ssl.hpp>
#endif
#pragma GCC diagnostic pop

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <drydock/backend.hpp>
#include <drydock/sim/run.hpp>

#if defined(NET_BOOST)
namespace net = ::drydock::boost_asio;
using error_code = boost::system::error_code;
#else
namespace net = ::drydock::asio;
using error_code = std::error_code;
#endif

namespace {

namespace ssl = net::ssl;
using net::awaitable;
using net::use_awaitable;
using net::ip::tcp;
using Stream = ssl::stream<tcp::socket>;
using namespace std::chrono_literals;

// --- a certificate, made anew by each run --------------------------------------------------------

template <typename T>
std::string pem_of(int (*write)(BIO*, const T*), const T* what) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
    write(bio.get(), what);
    std::string text(BIO_ctrl_pending(bio.get()), '\0');
    BIO_read(bio.get(), text.data(), static_cast<int>(text.size()));
    return text;
}

/// A key and a certificate for "localhost" that it has signed itself.
struct Identity {
    Identity() {
        const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pair(EVP_EC_gen("P-256"),
                                                                       &EVP_PKEY_free);
        const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), &X509_free);
        X509* const x509 = made.get();
        X509_set_version(x509, 2);  // version 3
        ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
        X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
        X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
        X509_set_pubkey(x509, pair.get());
        X509_NAME* const name = X509_get_subject_name(x509);
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
        X509_set_issuer_name(x509, name);
        X509_sign(x509, pair.get(), EVP_sha256());
        const auto write_key = [](BIO* bio, const EVP_PKEY* what) {
            return PEM_write_bio_PrivateKey(bio, what, nullptr, nullptr, 0, nullptr, nullptr);
        };
        key = pem_of<EVP_PKEY>(write_key, pair.get());
        certificate = pem_of<X509>(&PEM_write_bio_X509, x509);
    }
    std::string key;
    std::string certificate;
};

const Identity& identity() {
    static const Identity made;
    return made;
}

// --- the fixture ---------------------------------------------------------------------------------

std::unique_ptr<drydock::CompletionQueue> open(const std::string& name) {
    if (name == "sim") return drydock::sim::make_queue(1, {});
    return std::move(drydock::open_queue(name).queue);
}

std::vector<std::string> queues() {
    std::vector<std::string> names = {"sim"};
    for (std::string_view name : drydock::queue_names()) {
        if (drydock::open_queue(name).queue) names.emplace_back(name);
    }
    return names;
}

class Tls : public testing::TestWithParam<std::string> {
protected:
    Tls() : queue_(open(GetParam())), context(*queue_), acceptor(context, {tcp::v4(), 0}) {
        server_tls.use_certificate_chain(net::buffer(identity().certificate));
        server_tls.use_private_key(net::buffer(identity().key), ssl::context::pem);
        client_tls.set_verify_mode(ssl::verify_peer);
    }

    void trust_the_server() {
        client_tls.add_certificate_authority(net::buffer(identity().certificate));
    }

    tcp::endpoint address() const {
        return {net::ip::address_v4::loopback(), acceptor.local_endpoint().port()};
    }

    /// Starts a coroutine of the test. What it throws fails the test.
    template <typename Make>
    void start(Make make) {
        ++running;
        net::co_spawn(context, std::move(make), [this](std::exception_ptr error) {
            --running;
            try {
                if (error) std::rethrow_exception(error);
            } catch (const std::exception& exception) {
                ADD_FAILURE() << exception.what();
            }
        });
    }

    void run() {
        context.run_for(60s);  // a loaded machine may take its time; what has ended ends this, too
        EXPECT_EQ(running, 0) << "a coroutine has not ended";
    }

    /// Sends back what comes, until the client says that it has ended.
    awaitable<void> echo() {
        Stream stream(co_await acceptor.async_accept(use_awaitable), server_tls);
        co_await stream.async_handshake(Stream::server, use_awaitable);
        std::vector<char> buffer(5000);
        for (;;) {
            error_code error;
            const std::size_t size = co_await stream.async_read_some(
                net::buffer(buffer), net::redirect_error(use_awaitable, error));
            last_error = error;
            if (error) break;
            co_await net::async_write(stream, net::buffer(buffer, size), use_awaitable);
        }
        if (last_error == net::error::eof) co_await stream.async_shutdown(use_awaitable);
    }

    awaitable<void> connect(Stream& stream) {
        co_await stream.lowest_layer().async_connect(address(), use_awaitable);
        co_await stream.async_handshake(Stream::client, use_awaitable);
    }

private:
    std::unique_ptr<drydock::CompletionQueue> queue_;

protected:
    net::io_context context;
    tcp::acceptor acceptor;
    ssl::context server_tls{ssl::context::tls_server};
    ssl::context client_tls{ssl::context::tls_client};
    error_code last_error;
    int running = 0;
};

INSTANTIATE_TEST_SUITE_P(face, Tls, testing::ValuesIn(queues()),
                         [](const auto& each) { return each.param; });

// --- the cases -----------------------------------------------------------------------------------

TEST_P(Tls, bytes_come_back_and_both_sides_say_that_they_have_ended) {
    trust_the_server();
    std::string sent;
    for (int i = 0; sent.size() < 200'000; ++i) sent += std::to_string(i) + " ";
    std::string got(sent.size(), '\0');
    error_code at_end;
    start([&] { return echo(); });
    const auto write = [&](Stream& to) -> awaitable<void> {
        co_await net::async_write(to, net::buffer(sent), use_awaitable);
    };
    Stream stream(context, client_tls);
    start([&]() -> awaitable<void> {
        co_await connect(stream);
        start([&] { return write(stream); });  // beside the reading
        co_await net::async_read(stream, net::buffer(got), use_awaitable);
        co_await stream.async_shutdown(net::redirect_error(use_awaitable, at_end));
    });
    run();
    EXPECT_EQ(got, sent);
    EXPECT_EQ(last_error, net::error::eof) << last_error.message();
    EXPECT_TRUE(!at_end || at_end == net::error::eof) << at_end.message();
}

TEST_P(Tls, a_certificate_that_is_not_trusted_ends_the_handshake_on_both_sides) {
    error_code client;
    error_code server;
    start([&]() -> awaitable<void> {
        Stream stream(co_await acceptor.async_accept(use_awaitable), server_tls);
        co_await stream.async_handshake(Stream::server, net::redirect_error(use_awaitable, server));
    });
    start([&]() -> awaitable<void> {
        Stream stream(context, client_tls);
        co_await stream.lowest_layer().async_connect(address(), use_awaitable);
        co_await stream.async_handshake(Stream::client, net::redirect_error(use_awaitable, client));
    });
    run();
    EXPECT_EQ(client.category(), net::error::get_ssl_category());
    EXPECT_NE(client.message().find("certificate verify failed"), std::string::npos)
        << client.message();
    EXPECT_TRUE(server);
}

TEST_P(Tls, a_connection_that_ends_without_close_notify_is_truncated) {
    trust_the_server();
    start([&] { return echo(); });
    start([&]() -> awaitable<void> {
        Stream stream(context, client_tls);
        co_await connect(stream);
        char byte = 'x';
        co_await net::async_write(stream, net::buffer(&byte, 1), use_awaitable);
        co_await net::async_read(stream, net::buffer(&byte, 1), use_awaitable);
        stream.lowest_layer().close();
    });
    run();
    EXPECT_EQ(last_error, ssl::error::stream_truncated) << last_error.message();
}

TEST_P(Tls, cancel_ends_a_read_and_the_stream_goes_on) {
    trust_the_server();
    start([&] { return echo(); });
    error_code canceled;
    std::string got(5, '\0');
    start([&]() -> awaitable<void> {
        Stream stream(context, client_tls);
        co_await connect(stream);
        // Again and again: a cancel that comes between two receives of the read ends none of them.
        net::steady_timer timer(context);
        bool over = false;
        std::function<void(error_code)> cancel = [&](error_code) {
            if (over) return;
            stream.lowest_layer().cancel();
            timer.expires_after(1ms);
            timer.async_wait(cancel);
        };
        timer.expires_after(1ms);
        timer.async_wait(cancel);
        char byte = 0;
        co_await stream.async_read_some(net::buffer(&byte, 1),
                                        net::redirect_error(use_awaitable, canceled));
        over = true;
        timer.cancel();
        co_await net::async_write(stream, net::buffer("hello", 5), use_awaitable);
        co_await net::async_read(stream, net::buffer(got), use_awaitable);
        stream.lowest_layer().close();
    });
    run();
    EXPECT_EQ(canceled, net::error::operation_aborted) << canceled.message();
    EXPECT_EQ(got, "hello");
}

TEST_P(Tls, synchronous_calls_do_the_same) {
    if (GetParam() == "sim") GTEST_SKIP() << "a simulated queue is for one thread";
    trust_the_server();
    start([&] { return echo(); });
    std::string got(5, '\0');
    std::thread client([&, queue = open(GetParam())] {
        net::io_context own(*queue);
        Stream stream(own, client_tls);
        stream.lowest_layer().connect(address());
        stream.handshake(Stream::client);
        net::write(stream, net::buffer("hello", 5));
        net::read(stream, net::buffer(got));
        error_code error;
        stream.shutdown(error);
    });
    run();
    client.join();
    EXPECT_EQ(got, "hello");
    EXPECT_EQ(last_error, net::error::eof) << last_error.message();
}

}  // namespace
