// OpenSSL's state machine, fed with bytes and asked for bytes.
#include "tests/beast_examples/tls.hpp"

#include <cstdlib>
#include <utility>

#include <openssl/err.h>

namespace drydock::beast_examples {

std::shared_ptr<SSL_CTX> tls_client_context() {
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
    return context;
}

TlsEnd::TlsEnd(std::shared_ptr<SSL_CTX> context, Side side)
    : context_(std::move(context)),
      ssl_(SSL_new(context_.get()), &SSL_free),
      input_(BIO_new(BIO_s_mem())),
      output_(BIO_new(BIO_s_mem())) {
    SSL_set_bio(ssl_.get(), input_, output_);
    if (side == Side::server) {
        // A ticket has the time in it, which is that of the system outside of the program.
        SSL_set_options(ssl_.get(), SSL_OP_NO_TICKET);
        SSL_set_accept_state(ssl_.get());
    } else {
        SSL_set_connect_state(ssl_.get());
        proceed();
    }
}

bool TlsEnd::received(std::string_view bytes) {
    BIO_write(input_, bytes.data(), static_cast<int>(bytes.size()));
    return proceed();
}

bool TlsEnd::proceed() {
    if (!ready() && !judge(SSL_do_handshake(ssl_.get()))) return false;
    if (!ready()) return true;
    char buffer[4096];
    for (;;) {
        const int count = SSL_read(ssl_.get(), buffer, sizeof buffer);
        if (count <= 0) return judge(count);
        text_.append(buffer, static_cast<std::size_t>(count));
    }
}

/// Whether this result of OpenSSL's means that all is well so far.
bool TlsEnd::judge(int result) {
    const int code = SSL_get_error(ssl_.get(), result);
    if (code != SSL_ERROR_SSL && code != SSL_ERROR_SYSCALL) return true;
    char text[256] = "";
    ERR_error_string_n(ERR_get_error(), text, sizeof text);
    ERR_clear_error();
    error_ = text;
    return false;
}

std::string TlsEnd::take_output() {
    std::string output(BIO_ctrl_pending(output_), '\0');
    if (!output.empty()) BIO_read(output_, output.data(), static_cast<int>(output.size()));
    return output;
}

void TlsEnd::write(std::string_view text) {
    if (text.empty()) return;
    // The BIO takes everything.
    if (SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())) <= 0) std::abort();
}

void initialise_tls() {
    TlsEnd server(tls_server_context(), TlsEnd::Side::server);
    TlsEnd client(tls_client_context(), TlsEnd::Side::client);
    while (client.has_output() || server.has_output()) {
        server.received(client.take_output());
        client.received(server.take_output());
    }
}

void TlsEnd::close() { SSL_shutdown(ssl_.get()); }

}  // namespace drydock::beast_examples
