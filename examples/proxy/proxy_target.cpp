#include "proxy_target.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <drydock/io.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

using namespace drydock;

Task<void> ProxyTarget::run() {
    TaskGroup connections(world_);
    Timer pause(world_);
    for (;;) {
        SocketResult accepted = co_await accept(*listener_);
        if (accepted.error == Error::canceled) break;
        if (accepted.ok()) connections.spawn(serve(std::move(accepted.socket)));
        if (is_resource_shortage(accepted.error)) {
            co_await pause.after(std::chrono::milliseconds(1));
        }
    }
    co_await connections.join();
}

/// The first byte says which client it is.
Task<void> ProxyTarget::serve(std::unique_ptr<AsyncSocket> socket) {
    std::byte first{};
    const Result received = co_await receive(*socket, MutableBuffer(&first, 1));
    Visit* const visit =
        received.ok() && received.bytes > 0 ? visit_of(static_cast<char>(first)) : nullptr;
    if (visit == nullptr) {
        socket->set_abortive_close();
        co_return;
    }
    world_.identify(*socket, "target of client", visit->number);
    visit->target.socket = socket.get();
    visit->target.received = 1;
    co_await converse(*socket, *visit);
    judge_.look_into_proxy(*visit);
    visit->proxy_to_target = world_.other_end(*socket);
    visit->target.socket = nullptr;
    if (visit->target.has_ended) co_return;
    // To close is to end, too, unless it is a reset.
    if (visit->manner == TargetManner::vanishing) {
        visit->target.has_ended = true;
    } else {
        socket->set_abortive_close();
    }
}

/// After the first byte.
Task<void> ProxyTarget::converse(AsyncSocket& socket, Visit& visit) {
    End& target = visit.target;
    TaskGroup answering(world_);
    if (visit.manner == TargetManner::eager) {
        answering.spawn([this, &socket, &visit]() -> Task<void> {
            const bool sent = co_await send_answers(socket, visit, visit.answers);
            if (!sent) co_return socket.cancel();  // or the reading might wait for ever
            visit.target.has_ended = true;
            socket.shutdown_send();
        });
    }
    bool good = !visit.echoes() || co_await send_answers(socket, visit, 1);
    std::vector<std::byte> buffer(visit.target_receive);
    Timer pause(world_);
    while (good && !target.end_seen) {
        if (visit.target_leaves() && target.received >= visit.target_leaves_at) {
            target.disturbed = true;
            break;
        }
        if (visit.target_pause > Duration::zero() && !world_.calm()) {
            co_await pause.after(visit.target_pause);
        }
        const Result received = co_await receive(socket, buffer);
        good = received.ok();
        if (!good) break;
        const std::string_view bytes = as_text(std::span(buffer).first(received.bytes));
        target.end_seen = bytes.empty();
        good = judge_.at_target(visit, bytes);
        target.received += bytes.size();
        if (target.end_seen) judge_.end_at_target(visit);
        if (good && visit.echoes()) good = co_await send_answers(socket, visit, bytes.size());
    }
    if (!target.end_seen) socket.cancel();  // or the answering might wait for ever
    co_await answering.join();
    if (!target.end_seen || visit.manner == TargetManner::eager) co_return;
    if (visit.manner == TargetManner::mute) {
        target.disturbed = true;
        co_await wait_until_cut_off(socket);
        co_return;
    }
    if (visit.manner == TargetManner::late) {
        good = co_await send_answers(socket, visit, visit.answers);
    }
    if (!good) co_return;
    target.has_ended = true;
    socket.shutdown_send();
}

/// In growing steps, so that a long wait takes few of them.
Task<void> ProxyTarget::wait_until_cut_off(AsyncSocket& socket) {
    Timer timer(world_);
    Duration step = std::chrono::milliseconds(1);
    while (!world_.other_end(socket).closed) {
        co_await timer.after(step);
        step = std::min<Duration>(2 * step, std::chrono::seconds(20));
    }
}

/// The bytes count from the start of the send, as they may arrive before its completion.
Task<bool> ProxyTarget::send_answers(AsyncSocket& socket, Visit& visit, std::uint64_t count) {
    std::string answers;
    for (std::uint64_t i = 0; i < count; ++i) {
        answers += answer_byte(visit.number, visit.target.sent + i);
    }
    visit.target.sent += count;
    const Result sent = co_await send_all(socket, answers);
    visit.target.sent -= count - sent.bytes;
    co_return sent.ok();
}

Visit* ProxyTarget::visit_of(char first_byte) noexcept {
    for (Visit& visit : visits_) {
        if (first_byte == question_byte(visit.number, 0)) return &visit;
    }
    return nullptr;
}
