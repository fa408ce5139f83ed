// Listening and connecting for tests that are about something else.
#include "tests/conformance/suite.hpp"

namespace drydock::conformance {

std::unique_ptr<TestListener> Suite::listen(int backlog) {
    ListenOptions options;
    options.backlog = backlog;
    ListenResult result = queue().listen(Endpoint::loopback(0), options);
    EXPECT_EQ(result.error, Error::ok) << "listening on loopback failed: " << name(result.error);
    if (result.listener == nullptr) {
        return nullptr;
    }
    return std::make_unique<TestListener>(driver(), std::move(result.listener));
}

Connection Suite::connect(TestListener& listener) {
    return connect(listener, listener->local_endpoint());
}

Connection Suite::connect(TestListener& listener, const Endpoint& endpoint) {
    Connection connection;
    TestConnect connecting(driver());
    TestSocketOperation& accepting = listener.start_accept();
    queue().connect(connecting, endpoint);
    const bool both =
        driver().run_until([&] { return !accepting.in_flight() && !connecting.in_flight(); });
    EXPECT_TRUE(both) << "connect and accept on loopback have not both completed";
    EXPECT_EQ(connecting.result().error, Error::ok) << name(connecting.result().error);
    EXPECT_EQ(accepting.result().error, Error::ok) << name(accepting.result().error);
    if (both && connecting.result().ok() && accepting.result().ok()) {
        connection.server = std::make_unique<TestSocket>(driver(), accepting.take_socket());
        connection.client = std::make_unique<TestSocket>(driver(), connecting.take_socket());
    }
    return connection;
}

Connection Suite::connect() {
    const std::unique_ptr<TestListener> listener = listen();
    return listener != nullptr ? connect(*listener) : Connection{};
}

}  // namespace drydock::conformance
