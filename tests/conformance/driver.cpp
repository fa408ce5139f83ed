// The driver's pump and the wrappers' blocking forms.
#include "tests/conformance/driver.hpp"

#include <algorithm>
#include <array>

namespace drydock::conformance {

std::size_t Driver::pump(Time deadline) {
    std::array<Completion, 16> batch;
    const std::size_t count = queue_.wait(batch, deadline);
    for (std::size_t i = 0; i < count; ++i) {
        batch[i].operation->complete(batch[i].result);
    }
    return count;
}

bool Driver::run_until(const std::function<bool()>& done) {
    const Time deadline = later(queue_.now(), patience);
    while (!done()) {
        if (queue_.now() >= deadline) {
            return false;
        }
        pump(deadline);
    }
    return true;
}

bool Driver::finish(const Operation& operation) {
    return run_until([&operation] { return !operation.in_flight(); });
}

void Driver::run_for(Duration span) {
    const Time deadline = later(queue_.now(), span);
    while (queue_.now() < deadline) {
        pump(deadline);
    }
    while (pump(deadline) > 0) {}
}

TestTimer::~TestTimer() {
    if (in_flight()) {
        driver_.queue().cancel(*this);
        driver_.finish(*this);
    }
}

TestConnect::~TestConnect() {
    if (in_flight()) {
        driver_.queue().cancel(*this);
        driver_.finish(*this);
    }
}

// --- sockets -------------------------------------------------------------------------------------

void TestSocket::start_receive(std::size_t size) {
    buffer_.assign(size, std::byte{'?'});
    if (driver_.provided() && size > 0) {
        socket_->receive(receiving_, size);
    } else {
        socket_->receive(receiving_, buffer_);
    }
}

void TestSocket::start_send(std::string_view text) {
    text_ = text;
    piece_ = ConstBuffer(text_);
    socket_->send(sending_, {&piece_, 1});
}

std::string TestSocket::received() {
    const ProvidedBuffer brought = receiving_.take_buffer();
    std::copy(brought.bytes().begin(), brought.bytes().end(), buffer_.begin());
    return std::string(as_text(std::span(buffer_).first(receiving_.result().bytes)));
}

Result TestSocket::receive(std::size_t size) {
    start_receive(size);
    finish(receiving_);
    return receiving_.result();
}

Result TestSocket::send(std::string_view text) {
    start_send(text);
    finish(sending_);
    return sending_.result();
}

void TestSocket::finish(const Operation& operation) {
    if (driver_.finish(operation)) {
        return;
    }
    socket_->cancel();
    driver_.finish(operation);
}

Result TestSocket::send_all(std::string_view text) {
    std::size_t sent = 0;
    while (sent < text.size()) {
        const Result result = send(text.substr(sent));
        sent += result.bytes;
        if (!result.ok() || result.bytes == 0) {
            return {result.error, result.native, sent};
        }
    }
    return Result::success(sent);
}

std::string TestSocket::receive_exactly(std::size_t size) {
    std::string all;
    while (all.size() < size) {
        const Result result = receive(size - all.size());
        if (!result.ok() || result.bytes == 0) {
            break;
        }
        all += received();
    }
    return all;
}

std::string TestSocket::receive_rest() {
    std::string all;
    while (receive(65536).ok() && receiving_.result().bytes > 0) {
        all += received();
    }
    return all;
}

void TestSocket::close() {
    if (socket_ == nullptr) {
        return;
    }
    if (receiving_.in_flight() || sending_.in_flight()) {
        socket_->cancel();
        driver_.finish(receiving_);
        driver_.finish(sending_);
    }
    socket_.reset();
}

// --- listeners -----------------------------------------------------------------------------------

TestSocketOperation& TestListener::start_accept() {
    TestSocketOperation& operation = make_accept();
    listener_->accept(operation);
    return operation;
}

void TestListener::close() {
    if (listener_ == nullptr) {
        return;
    }
    listener_->cancel();
    for (const TestSocketOperation& operation : accepts_) {
        driver_.finish(operation);
    }
    listener_.reset();
}

std::string transfer(Driver& driver, TestSocket& from, TestSocket& to, const std::string& text,
                     std::size_t receive_size) {
    TestOperation sending;
    ConstBuffer rest;
    std::string received;
    std::size_t sent = 0;
    while (received.size() < text.size()) {
        if (!sending.in_flight() && sent < text.size()) {
            rest = ConstBuffer(std::string_view(text).substr(sent));
            from->send(sending, {&rest, 1});
        }
        if (!to.receiving().in_flight()) {
            to.start_receive(receive_size);
        }
        const int sends = sending.completions();
        const int receives = to.receiving().completions();
        const bool moved = driver.run_until([&] {
            return sending.completions() > sends || to.receiving().completions() > receives;
        });
        if (!moved || !sending.result().ok() || !to.receiving().result().ok()) {
            break;
        }
        sent += sending.completions() > sends ? sending.result().bytes : 0;
        received += to.receiving().completions() > receives ? to.received() : "";
    }
    if (received.size() < text.size()) {
        from->cancel();
    }
    driver.finish(sending);
    return received;
}

std::size_t fill(Driver& driver, TestSocket& socket, const std::string& text) {
    constexpr std::size_t enough = std::size_t{1} << 30;
    std::size_t taken = 0;
    while (taken < enough) {
        // After a short send, what was left of the text comes next.
        socket.start_send(std::string_view(text).substr(taken % text.size()));
        driver.run_for(glance);
        if (socket.sending().in_flight() || !socket.sending().result().ok()) {
            break;
        }
        taken += socket.sending().result().bytes;
    }
    return taken;
}

std::string pattern(std::size_t size, unsigned seed) {
    std::string text(size, '\0');
    std::uint32_t state = seed * 2654435761U + 1;
    for (char& letter : text) {
        state = state * 1664525U + 1013904223U;
        letter = static_cast<char>('a' + (state >> 24) % 26);
    }
    return text;
}

}  // namespace drydock::conformance
