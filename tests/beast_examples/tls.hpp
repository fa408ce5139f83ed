// One end of a TLS connection, without any I/O: OpenSSL between two memory BIOs. The scenarios'
// clients and servers have it between their socket and their conversation.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

namespace drydock::beast_examples {

/// A context of OpenSSL's for clients: it verifies nothing.
std::shared_ptr<SSL_CTX> tls_client_context();
/// One for servers, with the certificate that Beast's examples have.
std::shared_ptr<SSL_CTX> tls_server_context();

class TlsEnd {
public:
    enum class Side : bool { client, server };

    TlsEnd(std::shared_ptr<SSL_CTX> context, Side side);

    /// Bytes have come from the other end. False: the other end breaks the protocol; see error().
    bool received(std::string_view bytes);
    /// What is to be sent to the other end now.
    std::string take_output();
    bool has_output() const { return BIO_ctrl_pending(output_) > 0; }
    /// Whether the handshake is over.
    bool ready() const { return SSL_is_init_finished(ssl_.get()) == 1; }
    /// Takes the next bytes of the application, to be sent. Only if ready().
    void write(std::string_view text);
    /// What has come for the application.
    std::string take_text() { return std::exchange(text_, {}); }
    /// Says that nothing follows.
    void close();
    const std::string& error() const noexcept { return error_; }

private:
    bool proceed();
    bool judge(int result);

    std::shared_ptr<SSL_CTX> context_;
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
    BIO* input_;  // both belong to ssl_
    BIO* output_;
    std::string text_;
    std::string error_;
};

/// Lets OpenSSL initialise all that it does once in a process, by a handshake. Called before the
/// first run: in a run the program might be in the middle of it when the scenario needs it, which
/// is no thread of the program and cannot wait for one.
void initialise_tls();

}  // namespace drydock::beast_examples
