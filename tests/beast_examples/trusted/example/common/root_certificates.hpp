// In the place of Beast's file of this name, for the client programs: they trust the certificate
// that the scenario's server has, which is Beast's own test certificate and signed by itself.
#pragma once

#include <string>

#include <boost/asio/ssl.hpp>

#include <example/common/server_certificate.hpp>

namespace ssl = boost::asio::ssl;

inline void load_root_certificates(ssl::context& context, boost::system::error_code& error) {
    ssl::context server(ssl::context::tls_server);
    load_server_certificate(server);
    X509* const certificate = SSL_CTX_get0_certificate(server.native_handle());
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context.native_handle()), certificate);
    error = {};
}

inline void load_root_certificates(ssl::context& context) {
    boost::system::error_code error;
    load_root_certificates(context, error);
}
