// Tiny programs, each of which breaks one rule.
#include "tests/sim/breaches.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include <drydock/async_queue.hpp>
#include <drydock/event.hpp>
#include <drydock/monitor.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

#include "tests/support/simulated.hpp"

namespace drydock::sim {
namespace {

using namespace std::chrono_literals;
using test::make_pair;
using test::Pair;
using test::RawOperation;
using test::RawSocketOperation;

/// What a program has leaked is kept here, as its world is gone before it.
template <typename Leaked>
void leak(std::unique_ptr<Leaked> object) {
    static std::array<Leaked*, 1000> leaked;  // no destructor, so that leak checkers find them held
    static std::size_t count = 0;
    leaked[count++ % leaked.size()] = object.release();
}

Task<void> reuse_an_operation(CompletionQueue& queue) {
    RawOperation operation;
    queue.post(operation);
    queue.post(operation);
    co_return;
}

Task<void> destroy_an_operation(CompletionQueue& queue) {
    {
        RawOperation operation;
        queue.start_timer(operation, later(queue.now(), 1s));
    }
    Timer timer(queue);
    co_await timer.after(2s);
}

Task<void> receive_twice(CompletionQueue& queue) {
    Pair pair = co_await make_pair(queue);
    std::array<std::byte, 8> buffer;
    RawOperation first;
    RawOperation second;
    pair.server->receive(first, buffer);
    pair.server->receive(second, buffer);
}

Task<void> try_to_receive_while_receiving(CompletionQueue& queue) {
    Pair pair = co_await make_pair(queue);
    std::array<std::byte, 8> buffer;
    std::array<std::byte, 8> other;
    RawOperation first;
    pair.server->receive(first, buffer);
    pair.server->try_receive(other);
}

Task<void> send_twice(CompletionQueue& queue) {
    Pair pair = co_await make_pair(queue);
    const ConstBuffer text(std::string_view("text"));
    RawOperation first;
    RawOperation second;
    pair.server->send(first, {&text, 1});
    pair.server->send(second, {&text, 1});
}

Task<void> send_after_the_half_close(CompletionQueue& queue) {
    Pair pair = co_await make_pair(queue);
    pair.server->shutdown_send();
    co_await send_all(*pair.server, std::string_view("too late"));
}

Task<void> half_close_under_a_send(CompletionQueue& queue) {
    Pair pair = co_await make_pair(queue);
    const ConstBuffer text(std::string_view("text"));
    RawOperation sending;
    pair.server->send(sending, {&text, 1});
    pair.server->shutdown_send();
}

/// CmplRouEchoServ_win 4: the rest of a short send is forgotten.
Task<void> forget_the_rest_of_a_send(CompletionQueue& queue) {
    Pair pair = co_await make_pair(queue);
    std::string large(1000, 'a');
    large += "rest";
    const Result sent = co_await send_some(*pair.server, std::string_view(large));
    EXPECT_LT(sent.bytes, large.size()) << "the pipe is smaller than that";
    std::array<std::byte, 512> buffer;
    co_await receive(*pair.client, buffer);
    co_await send_some(*pair.server, std::string_view("something else"));
}

/// StableEchoClnt_win 2: the end of the stream is taken for nothing yet.
Task<void> receive_on_and_on(CompletionQueue& queue) {
    Pair pair = co_await make_pair(queue);
    pair.client.reset();
    std::array<std::byte, 8> buffer;
    for (;;) co_await receive(*pair.server, buffer);
}

Task<void> write_into_a_receive_buffer(CompletionQueue& queue) {
    Pair pair = co_await make_pair(queue);
    std::array<std::byte, 8> buffer{};
    RawOperation receiving;
    pair.server->receive(receiving, buffer);
    buffer[5] = std::byte{1};
    co_await send_all(*pair.client, std::string_view("text"));
    Timer timer(queue);
    co_await timer.after(1s);
}

Task<ReceiveResult> receive_something(Pair& pair) {
    co_await send_all(*pair.client, std::string_view("text"));
    co_return co_await receive(*pair.server, 8);
}

Task<void> keep_a_provided_buffer(CompletionQueue& queue) {
    Pair pair = co_await make_pair(queue);
    leak(std::make_unique<ReceiveResult>(co_await receive_something(pair)));
}

Task<void> write_to_a_buffer_given_back(CompletionQueue& queue) {
    Pair pair = co_await make_pair(queue);
    MutableBuffer bytes;
    {
        const ReceiveResult received = co_await receive_something(pair);
        bytes = received.bytes();
    }
    bytes[0] = std::byte{1};
}

Task<void> change_a_send_buffer(CompletionQueue& queue) {
    Pair pair = co_await make_pair(queue);
    std::string text = "text";
    const ConstBuffer buffer{std::string_view(text)};
    RawOperation sending;
    pair.server->send(sending, {&buffer, 1});
    text[3] = 'T';
    Timer timer(queue);
    co_await timer.after(1s);
}

Task<void> destroy_a_socket_in_flight(CompletionQueue& queue) {
    Pair pair = co_await make_pair(queue);
    std::array<std::byte, 8> buffer;
    RawOperation receiving;
    pair.server->receive(receiving, buffer);
    pair.server.reset();
}

Task<void> destroy_a_socket_that_sends(CompletionQueue& queue) {
    Pair pair = co_await make_pair(queue);
    const ConstBuffer text(std::string_view("text"));
    RawOperation sending;
    pair.server->send(sending, {&text, 1});
    pair.server.reset();
}

Task<void> leak_a_socket(CompletionQueue& queue) {
    Pair pair = co_await make_pair(queue);
    leak(std::move(pair.server));
}

Task<void> destroy_a_listener_in_flight(CompletionQueue& queue) {
    ListenResult listening = queue.listen(Endpoint::loopback(7), {});
    RawSocketOperation accepting;
    listening.listener->accept(accepting);
    listening.listener.reset();
    co_return;
}

Task<void> leak_a_listener(CompletionQueue& queue) {
    ListenResult listening = queue.listen(Endpoint::loopback(7), {});
    leak(std::move(listening.listener));
    co_return;
}

Task<void> leave_a_group_behind(CompletionQueue& queue) {
    const auto sleeper = [](CompletionQueue& its_queue) -> Task<void> {
        Timer timer(its_queue);
        co_await timer.after(1s);
    };
    {
        TaskGroup group(queue);
        group.spawn(sleeper(queue));
    }
    co_return;
}

Task<void> leave_a_task_behind(CompletionQueue& queue) {
    const auto waits = [](AsyncEvent& event) -> Task<void> { co_await event.wait(); };
    auto event = std::make_unique<AsyncEvent>(queue);
    auto group = std::make_unique<TaskGroup>(queue);
    group->spawn(waits(*event));
    leak(std::move(event));
    leak(std::move(group));
    Timer timer(queue);
    co_await timer.after(1s);
}

Task<void> wait_inside_a_monitor(CompletionQueue& queue) {
    Monitor<int> monitor;
    const auto sleeper = [](CompletionQueue& its_queue, Monitor<int>& its_monitor) -> Task<void> {
        const auto entry = co_await its_monitor.enter();
        Timer timer(its_queue);
        co_await timer.after(1s);
    };
    TaskGroup group(queue);
    group.spawn(sleeper(queue, monitor));
    group.spawn(sleeper(queue, monitor));
    co_await group.join();
}

Task<void> let_an_outbox_grow(CompletionQueue& queue) {
    AsyncQueue<int> outbox(queue, 3);
    for (int value = 1; value <= 4; ++value) outbox.push(value);
    co_return;
}

constexpr const char* here = "tests/sim/breaches.cpp";
constexpr const char* pairs = "tests/support/simulated.hpp";

}  // namespace

const std::vector<Breach>& breaches() {
    using enum OperationKind;
    static const std::vector<Breach> list = {
        {"AnOperationReusedInFlight", Rule::operation_reused_in_flight, &reuse_an_operation, "",
         post, here},
        {"AnOperationDestroyedInFlight", Rule::operation_destroyed_in_flight, &destroy_an_operation,
         "", timer, here},
        {"ASecondReceive", Rule::second_receive, &receive_twice, "", receive, here},
        {"ATryReceiveWithAReceiveInFlight", Rule::second_receive, &try_to_receive_while_receiving,
         "", receive, here},
        {"ASecondSend", Rule::second_send, &send_twice, "", send, here},
        {"ASendAfterTheHalfClose", Rule::send_after_shutdown, &send_after_the_half_close, "", send,
         here},
        {"AHalfCloseUnderASend", Rule::send_after_shutdown, &half_close_under_a_send, "", send,
         here},
        {"AShortSendIgnored_CmplRouEchoServ4", Rule::short_send_ignored, &forget_the_rest_of_a_send,
         "", send, here},
        {"ReceivesPastTheEnd_StableEchoClnt2", Rule::receive_past_end, &receive_on_and_on, "",
         receive, here},
        {"AReceiveBufferTouched", Rule::receive_buffer_touched, &write_into_a_receive_buffer, "",
         receive, here},
        {"AProvidedBufferKept", Rule::provided_buffer_kept, &keep_a_provided_buffer, "", receive,
         here},
        {"AProvidedBufferTouched", Rule::provided_buffer_touched, &write_to_a_buffer_given_back, "",
         receive, here},
        {"ASendBufferChanged", Rule::send_buffer_changed, &change_a_send_buffer, "", send, here},
        {"ASocketDestroyedInFlight_IOCPEchoServ2", Rule::socket_destroyed_in_flight,
         &destroy_a_socket_in_flight, "", receive, here},
        {"ASocketDestroyedWhileItSends", Rule::socket_destroyed_in_flight,
         &destroy_a_socket_that_sends, "", send, here},
        {"ASocketLeaked_IOCPEchoServ5", Rule::socket_leaked, &leak_a_socket,
         "connection 1 (accepted side); ", accept, pairs},
        {"AListenerDestroyedInFlight", Rule::listener_destroyed_in_flight,
         &destroy_a_listener_in_flight, "", accept, here},
        {"AListenerLeaked", Rule::listener_leaked, &leak_a_listener, "127.0.0.1:7; ", none, here},
        {"ATaskGroupNotJoined", Rule::task_group_not_joined, &leave_a_group_behind, "", none, here},
        {"ATaskLeaked", Rule::task_leaked, &leave_a_task_behind, "", none, here},
        {"AMonitorHeldAcrossAnAwait", Rule::monitor_held_across_await, &wait_inside_a_monitor, "",
         none, here},
        {"AnUnboundedOutbox", Rule::queue_unbounded, &let_an_outbox_grow, "", none, here},
    };
    return list;
}

}  // namespace drydock::sim
