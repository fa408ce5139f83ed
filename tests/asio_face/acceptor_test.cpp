// Acceptors, as Asio has them.
#include "tests/asio_face/face.hpp"

#if defined(NET_DRYDOCK)
#include <drydock/sim/run.hpp>
#endif

namespace face_test {
namespace {

FACE_SUITE(Acceptor);

TEST_P(Acceptor, port_zero_becomes_a_free_port) {
    const tcp::acceptor acceptor = listening();
    EXPECT_NE(acceptor.local_endpoint().port(), 0);
    EXPECT_EQ(acceptor.local_endpoint().address(), net::ip::address_v4::loopback());
    EXPECT_TRUE(acceptor.is_open());
}

TEST_P(Acceptor, two_acceptors_cannot_have_one_port) {
    tcp::acceptor first = listening();
    const error_code error =
        thrown_by([&] { tcp::acceptor second(context, first.local_endpoint()); });
    EXPECT_EQ(error, net::error::address_in_use);
    EXPECT_TRUE(is_system_error(error, EADDRINUSE));
    tcp::acceptor third(context, tcp::v4());
    error_code bound;
    third.bind(first.local_endpoint(), bound);
    EXPECT_EQ(bound, net::error::address_in_use);
    third.set_option(tcp::acceptor::reuse_address(true));
    third.bind(first.local_endpoint(), bound);
    EXPECT_EQ(bound, net::error::address_in_use) << "the first one listens";
}

TEST_P(Acceptor, a_port_can_be_listened_on_again_after_close) {
    tcp::acceptor first = listening();
    const tcp::endpoint endpoint = first.local_endpoint();
    first.close();
    tcp::acceptor second(context, endpoint);
    EXPECT_EQ(second.local_endpoint(), endpoint);
}

TEST_P(Acceptor, calls_on_a_closed_acceptor_fail_with_bad_descriptor) {
    tcp::acceptor acceptor(context);
    error_code error;
    acceptor.bind(tcp::endpoint(tcp::v4(), 0), error);
    EXPECT_EQ(error, net::error::bad_descriptor);
    acceptor.listen(5, error);
    EXPECT_EQ(error, net::error::bad_descriptor);
    acceptor.cancel(error);
    EXPECT_EQ(error, net::error::bad_descriptor);
    (void)acceptor.local_endpoint(error);
    EXPECT_EQ(error, net::error::bad_descriptor);
    tcp::socket socket(context);
    acceptor.accept(socket, error);
    EXPECT_EQ(error, net::error::bad_descriptor);
    Outcome accepted;
    acceptor.async_accept(socket, Into(accepted));
    EXPECT_EQ(accepted.calls, 0);
    run();
    EXPECT_EQ(accepted.error, net::error::bad_descriptor);
}

TEST_P(Acceptor, an_accept_without_listen_is_an_invalid_argument) {
    tcp::acceptor acceptor(context, tcp::v4());
    acceptor.bind(tcp::endpoint(net::ip::address_v4::loopback(), 0));
    tcp::socket socket(context);
    error_code error;
    acceptor.accept(socket, error);
    EXPECT_EQ(error, net::error::invalid_argument);
    Outcome accepted;
    acceptor.async_accept(socket, Into(accepted));
    run();
    EXPECT_EQ(accepted.error, net::error::invalid_argument);
}

TEST_P(Acceptor, listen_of_an_unbound_acceptor_takes_a_port) {
    tcp::acceptor acceptor(context, tcp::v4());
    EXPECT_EQ(acceptor.local_endpoint().port(), 0);
    acceptor.listen();
    EXPECT_NE(acceptor.local_endpoint().port(), 0);
}

TEST_P(Acceptor, an_accept_into_an_open_socket_is_already_open) {
    tcp::acceptor acceptor = listening();
    tcp::socket socket(context, tcp::v4());
    error_code error;
    acceptor.accept(socket, error);
    EXPECT_EQ(error, net::error::already_open);
    Outcome accepted;
    acceptor.async_accept(socket, Into(accepted));
    run();
    EXPECT_EQ(accepted.error, net::error::already_open);
}

TEST_P(Acceptor, accepts_into_a_socket_with_the_peers_endpoint) {
    tcp::acceptor acceptor = listening();
    tcp::socket client(context);
    tcp::socket server(context);
    tcp::endpoint peer;
    Outcome accepted;
    Outcome connected;
    acceptor.async_accept(server, peer, Into(accepted));
    client.async_connect(acceptor.local_endpoint(), Into(connected));
    run();
    EXPECT_FALSE(accepted.error);
    EXPECT_EQ(peer, client.local_endpoint());
    EXPECT_EQ(server.remote_endpoint(), peer);
}

TEST_P(Acceptor, the_handler_may_be_given_the_socket) {
    tcp::acceptor acceptor = listening();
    tcp::socket client(context);
    Outcome connected;
    tcp::endpoint peer;
    acceptor.async_accept([&](error_code error, tcp::socket socket) {
        EXPECT_FALSE(error);
        peer = socket.remote_endpoint();
        EXPECT_EQ(socket.get_executor(), acceptor.get_executor());
    });
    client.async_connect(acceptor.local_endpoint(), Into(connected));
    run();
    EXPECT_EQ(peer, client.local_endpoint());
}

TEST_P(Acceptor, the_new_socket_has_the_executor_that_is_given) {
    tcp::acceptor acceptor = listening();
    tcp::socket client(context);
    const auto strand = net::make_strand(context);
    Outcome connected;
    int calls = 0;
    acceptor.async_accept(strand, [&](error_code error, auto socket) {
        EXPECT_FALSE(error);
        EXPECT_TRUE(socket.get_executor() == strand);
        ++calls;
    });
    client.async_connect(acceptor.local_endpoint(), Into(connected));
    run();
    EXPECT_EQ(calls, 1);
}

TEST_P(Acceptor, the_new_socket_may_be_of_another_context) {
    const auto other = make_context();
    tcp::acceptor acceptor = listening();
    tcp::socket client(context);
    Outcome connected;
    std::unique_ptr<tcp::socket> accepted;
    acceptor.async_accept(*other, [&](error_code, tcp::socket socket) {
        accepted = std::make_unique<tcp::socket>(std::move(socket));
    });
    client.async_connect(acceptor.local_endpoint(), Into(connected));
    run();
    ASSERT_TRUE(accepted);
    EXPECT_EQ(&net::query(accepted->get_executor(), net::execution::context), other.get());
    Outcome read;
    char bytes[4];
    accepted->async_read_some(net::buffer(bytes), Into(read));
    net::write(client, net::buffer("abc", 3));
    run(*other);
    EXPECT_EQ(read.bytes, 3U);
}

TEST_P(Acceptor, the_new_socket_is_blocking_and_has_no_options_of_the_acceptor) {
    const Pair pair = connected();
    EXPECT_FALSE(pair.server.non_blocking());
    tcp::no_delay no_delay;
    pair.server.get_option(no_delay);
    EXPECT_FALSE(no_delay.value());
}

TEST_P(Acceptor, pending_accepts_are_served_in_order) {
    tcp::acceptor acceptor = listening();
    tcp::socket first(context);
    tcp::socket second(context);
    std::vector<std::string> lines;
    acceptor.async_accept(first, Log(lines, "first"));
    acceptor.async_accept(second, Log(lines, "second"));
    context.poll();
    tcp::socket client(context);
    Outcome connected;
    client.async_connect(acceptor.local_endpoint(), Into(connected));
    run_until([&] { return !lines.empty(); });
    EXPECT_THAT(lines, ElementsAre("first ok"));
    EXPECT_FALSE(second.is_open());
    acceptor.close();
    run();
    EXPECT_THAT(lines, ElementsAre("first ok", "second aborted"));
}

TEST_P(Acceptor, close_aborts_pending_accepts_through_run) {
    tcp::acceptor acceptor = listening();
    tcp::socket socket(context);
    std::vector<std::string> lines;
    acceptor.async_accept(socket, Log(lines, "into"));
    acceptor.async_accept([&](error_code error, tcp::socket accepted) {
        EXPECT_EQ(error, net::error::operation_aborted);
        EXPECT_FALSE(accepted.is_open());
        lines.emplace_back("moved");
    });
    context.poll();
    acceptor.close();
    EXPECT_TRUE(lines.empty());
    EXPECT_EQ(run(), 2U);
    EXPECT_THAT(lines, ElementsAre("into aborted", "moved"));
    EXPECT_FALSE(socket.is_open());
}

TEST_P(Acceptor, cancel_aborts_pending_accepts_and_listening_goes_on) {
    tcp::acceptor acceptor = listening();
    tcp::socket server(context);
    tcp::socket client(context);
    Outcome accepted;
    Outcome connected;
    acceptor.async_accept(server, Into(accepted));
    context.poll();
    acceptor.cancel();
    run();
    EXPECT_EQ(accepted.error, net::error::operation_aborted);
    acceptor.async_accept(server, Into(accepted));
    client.async_connect(acceptor.local_endpoint(), Into(connected));
    run();
    EXPECT_FALSE(accepted.error);
    EXPECT_FALSE(connected.error);
}

TEST_P(Acceptor, connections_are_made_before_they_are_accepted) {
    tcp::acceptor acceptor = listening();
    tcp::socket first(context);
    tcp::socket second(context);
    first.connect(acceptor.local_endpoint());
    second.connect(acceptor.local_endpoint());
    net::write(first, net::buffer("abc", 3));
    tcp::endpoint peer;
    tcp::socket server = acceptor.accept(peer);
    EXPECT_EQ(peer, first.local_endpoint());
    char bytes[3];
    EXPECT_EQ(net::read(server, net::buffer(bytes)), 3U);
    EXPECT_EQ(acceptor.accept().remote_endpoint(), second.local_endpoint());
}

TEST_P(Acceptor, close_resets_connections_that_nobody_accepted) {
    tcp::acceptor acceptor = listening();
    tcp::socket client(context);
    client.connect(acceptor.local_endpoint());
    char bytes[4];
    Outcome read;
    client.async_read_some(net::buffer(bytes), Into(read));
    context.poll();
    acceptor.close();
    run();
    EXPECT_EQ(read.error, net::error::connection_reset);
}

TEST_P(Acceptor, a_non_blocking_accept_would_block) {
    tcp::acceptor acceptor = listening();
    acceptor.non_blocking(true);
    tcp::socket socket(context);
    error_code error;
    acceptor.accept(socket, error);
    EXPECT_EQ(error, net::error::would_block);
    EXPECT_FALSE(socket.is_open());
    tcp::socket client(context);
    client.connect(acceptor.local_endpoint());
    run_until([&] {
        acceptor.accept(socket, error);
        return error != net::error::would_block;
    });
    EXPECT_FALSE(error);
    EXPECT_TRUE(socket.is_open());
}

TEST_P(Acceptor, synchronous_accept_takes_all_forms) {
    tcp::acceptor acceptor = listening();
    const auto other = make_context();
    const auto dial = [&] {
        tcp::socket client(context);
        client.connect(acceptor.local_endpoint());
        return client;
    };
    const tcp::socket a = dial();
    EXPECT_EQ(acceptor.accept().remote_endpoint(), a.local_endpoint());
    const tcp::socket b = dial();
    EXPECT_EQ(acceptor.accept(*other).remote_endpoint(), b.local_endpoint());
    const tcp::socket c = dial();
    error_code error;
    EXPECT_EQ(acceptor.accept(error).remote_endpoint(), c.local_endpoint());
    EXPECT_FALSE(error);
    const tcp::socket d = dial();
    tcp::socket into(context);
    tcp::endpoint peer;
    acceptor.accept(into, peer);
    EXPECT_EQ(peer, d.local_endpoint());
}

TEST_P(Acceptor, a_failed_accept_throws_with_its_name) {
    tcp::acceptor acceptor(context);
    std::string what;
    EXPECT_EQ(thrown_by([&] { acceptor.accept(); }, &what), net::error::bad_descriptor);
    EXPECT_THAT(what, testing::StartsWith("accept: "));
}

TEST_P(Acceptor, async_wait_read_completes_when_a_connection_is_there) {
    tcp::acceptor acceptor = listening();
    Outcome waited;
    acceptor.async_wait(tcp::acceptor::wait_read, Into(waited));
    context.poll();
    EXPECT_EQ(waited.calls, 0);
    tcp::socket client(context);
    client.connect(acceptor.local_endpoint());
    run();
    EXPECT_EQ(waited.calls, 1);
    EXPECT_FALSE(waited.error);
    EXPECT_TRUE(acceptor.accept().is_open());
}

TEST_P(Acceptor, a_moved_acceptor_keeps_its_pending_accept) {
    tcp::acceptor acceptor = listening();
    tcp::socket server(context);
    tcp::socket client(context);
    Outcome accepted;
    Outcome connected;
    acceptor.async_accept(server, Into(accepted));
    context.poll();
    tcp::acceptor moved = std::move(acceptor);
    EXPECT_FALSE(acceptor.is_open());
    client.async_connect(moved.local_endpoint(), Into(connected));
    run();
    EXPECT_FALSE(accepted.error);
    EXPECT_EQ(accepted.calls, 1);
}

TEST_P(Acceptor, the_destructor_aborts_pending_accepts) {
    tcp::socket server(context);
    Outcome accepted;
    {
        tcp::acceptor acceptor = listening();
        acceptor.async_accept(server, Into(accepted));
        context.poll();
    }
    EXPECT_EQ(accepted.calls, 0);
    EXPECT_EQ(run(), 1U);
    EXPECT_EQ(accepted.error, net::error::operation_aborted);
}

TEST_P(Acceptor, an_accept_loop_serves_clients_in_turn) {
    tcp::acceptor acceptor = listening();
    std::size_t served = 0;
    std::vector<tcp::socket> kept;
    std::function<void()> accept = [&] {
        acceptor.async_accept([&](error_code error, tcp::socket socket) {
            if (error) return;
            kept.push_back(std::move(socket));
            if (++served == 10) return acceptor.close();
            accept();
        });
    };
    accept();
    std::vector<std::unique_ptr<tcp::socket>> clients;
    std::vector<Outcome> connected(10);
    for (Outcome& outcome : connected) {
        clients.push_back(std::make_unique<tcp::socket>(context));
        clients.back()->async_connect(acceptor.local_endpoint(), Into(outcome));
    }
    run();
    EXPECT_EQ(served, 10U);
    for (const Outcome& outcome : connected) EXPECT_EQ(outcome.calls, 1);
}

TEST_P(Acceptor, options_can_be_set_and_read) {
    tcp::acceptor acceptor = listening();
    tcp::acceptor::reuse_address reuse;
    acceptor.get_option(reuse);
    EXPECT_TRUE(reuse.value()) << "the constructor with an endpoint sets it";
    tcp::acceptor plain(context, tcp::v4());
    plain.get_option(reuse);
    EXPECT_FALSE(reuse.value());
    tcp::acceptor strict(context, tcp::endpoint(net::ip::address_v4::loopback(), 0), false);
    strict.get_option(reuse);
    EXPECT_FALSE(reuse.value());
}

TEST_P(Acceptor, release_gives_a_descriptor_that_assign_takes) {
    FACE_DIFFERS("an acceptor of a queue has no descriptor to give away");
    tcp::acceptor acceptor = listening();
    const tcp::endpoint endpoint = acceptor.local_endpoint();
    tcp::socket socket(context);
    Outcome accepted;
    acceptor.async_accept(socket, Into(accepted));
    context.poll();
    const auto native = acceptor.release();
    run();
    EXPECT_EQ(accepted.error, net::error::operation_aborted);
    EXPECT_FALSE(acceptor.is_open());
    tcp::acceptor other(context, tcp::v4(), native);
    EXPECT_EQ(other.local_endpoint(), endpoint);
    tcp::socket client(context);
    client.connect(endpoint);
    EXPECT_EQ(other.accept().remote_endpoint(), client.local_endpoint());
}

#if defined(NET_DRYDOCK)
/// Accepts one connection where the world may reset it before. Gives the error.
error_code accept_where_connections_are_reset(std::uint64_t seed, bool reports) {
    const auto faults = drydock::sim::FaultSet().with(drydock::sim::Fault::accept_reset);
    const auto queue = drydock::sim::make_queue(seed, faults);
    net::io_context context(*queue);
    tcp::acceptor acceptor(context, tcp::endpoint(net::ip::address_v4::loopback(), 0));
    acceptor.set_option(net::socket_base::enable_connection_aborted(reports));
    tcp::socket client(context);
    tcp::socket server(context);
    Outcome connected;
    Outcome accepted;
    acceptor.async_accept(server, Into(accepted));
    client.async_connect(acceptor.local_endpoint(), Into(connected));
    context.run_for(1s);
    return accepted.error;
}

TEST(AcceptorInTheSimulator, reports_an_aborted_connection_where_it_is_asked_to) {
    int reported = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        const error_code error = accept_where_connections_are_reset(seed, true);
        EXPECT_TRUE(!error || error == net::error::connection_aborted) << error.message();
        if (error) ++reported;
        EXPECT_FALSE(accept_where_connections_are_reset(seed, false)) << "it takes the next one";
    }
    EXPECT_GT(reported, 0);
}
#endif

}  // namespace
}  // namespace face_test
