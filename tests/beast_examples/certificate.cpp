// The servers of the scenarios have the certificate of Beast's examples, which is in a header for
// Boost.Asio. That header must be compiled as the program is.
#include <drydock/boost_asio_replace.hpp>

#include "tests/beast_examples/tls.hpp"

#include <boost/asio/ssl/context.hpp>

#include <example/common/server_certificate.hpp>

namespace drydock::beast_examples {

std::shared_ptr<SSL_CTX> tls_server_context() {
    const auto context =
        std::make_shared<boost::asio::ssl::context>(boost::asio::ssl::context::tls_server);
    load_server_certificate(*context);
    return {context, context->native_handle()};
}

}  // namespace drydock::beast_examples
