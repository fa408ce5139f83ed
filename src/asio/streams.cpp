// The standard streams of a simulated program as I/O objects.
#include <drydock/asio/streams.hpp>

#include <string_view>

namespace drydock::asio_detail {

/// What completes the oldest operation of one kind, if that can be done.
class StandardStream::Turn final : public Operation {
public:
    Turn(std::shared_ptr<StandardStream> stream, bool reads) noexcept
        : Operation(&Turn::completed), stream_(std::move(stream)), reads_(reads) {}

private:
    static void completed(Operation& operation, const Result&) noexcept {
        Loop& loop = static_cast<Turn&>(operation).stream_->loop_;
        {
            const std::unique_ptr<Turn> self(static_cast<Turn*>(&operation));
            self->stream_->turn_came(self->reads_);
        }
        loop.flight_ended();
    }

    std::shared_ptr<StandardStream> stream_;
    bool reads_;
};

std::shared_ptr<StandardStream> StandardStream::open(Loop& loop, int descriptor) {
    Surroundings* const surroundings = loop.surroundings();
    StandardStreams* const streams =
        surroundings != nullptr ? surroundings->standard_streams() : nullptr;
    if (streams == nullptr || streams->stream_of(descriptor) < 0) return nullptr;
    return std::make_shared<StandardStream>(loop, *streams, descriptor);
}

StandardStream::StandardStream(Loop& loop, StandardStreams& streams, int descriptor)
    : Closable(loop),
      loop_(loop),
      streams_(streams),
      descriptor_(descriptor),
      stream_(streams.stream_of(descriptor)) {
    streams.join(*this);
}

StandardStream::~StandardStream() {
    leave();
    streams_.leave(*this);
}

// ---- starts -------------------------------------------------------------------------------------

/// False: the descriptor is closed, and the operation has completed.
bool StandardStream::begin(AsyncOperation& operation, Waits waits) noexcept {
    operation.loop_ = &loop_;
    operation.waits_ = waits;
    if (!closed_) return true;
    operation.complete_now(loop_, Reason::bad_descriptor);
    return false;
}

void StandardStream::take_turn(bool reads) noexcept {
    loop_.flight_begun();
    loop_.queue().post(*std::make_unique<Turn>(shared_from_this(), reads).release());
}

void StandardStream::start_read(AsyncOperation& operation, std::span<MutableBuffer> buffers) {
    if (!begin(operation, Waits::receive)) return;
    if (stream_ != 0) return operation.complete_now(loop_, Reason::bad_descriptor);
    std::size_t room = 0;
    for (const MutableBuffer& buffer : buffers) room += buffer.size();
    if (room == 0) return operation.complete_now(loop_, {});
    operation.more_ = buffers;
    reads_.add(operation);
    if (streams_.input_is_ready()) take_turn(true);
}

void StandardStream::start_wait_readable(AsyncOperation& operation) {
    if (!begin(operation, Waits::readable)) return;
    if (stream_ != 0) {
        errors_.add(operation);  // an output has never anything to read
        return;
    }
    reads_.add(operation);
    if (streams_.input_is_ready()) take_turn(true);
}

void StandardStream::start_write(AsyncOperation& operation, std::span<const ConstBuffer> buffers) {
    if (!begin(operation, Waits::send)) return;
    if (stream_ == 0) return operation.complete_now(loop_, Reason::bad_descriptor);
    operation.bytes_ = write_all(buffers);
    others_.add(operation);
    take_turn(false);
}

void StandardStream::start_wait_writable(AsyncOperation& operation) {
    if (!begin(operation, Waits::none)) return;
    operation.bytes_ = 0;
    others_.add(operation);
    take_turn(false);
}

void StandardStream::start_wait_error(AsyncOperation& operation) {
    if (begin(operation, Waits::closing)) errors_.add(operation);
}

void StandardStream::turn_came(bool reads) noexcept {
    OperationList& list = reads ? reads_ : others_;
    AsyncOperation* const operation = list.first();
    // It was canceled, or another object has read what was there.
    if (operation == nullptr || (reads && !streams_.input_is_ready())) return;
    list.remove(*operation);
    if (operation->waits_ == Waits::receive) {
        const Done done = take_input(operation->more_);
        return operation->complete_now(loop_, done.trouble, done.bytes);
    }
    operation->complete_now(loop_, {}, operation->bytes_);
}

void StandardStream::input_came() noexcept {
    for (const AsyncOperation* each = reads_.first(); each != nullptr;
         each = OperationList::next(*each)) {
        take_turn(true);
    }
}

// ---- cancel -------------------------------------------------------------------------------------

void StandardStream::cancel_one(std::uint64_t key) noexcept {
    for (OperationList* list : {&reads_, &errors_}) {
        AsyncOperation* each = list->first();
        while (each != nullptr && each->key_ != key) each = OperationList::next(*each);
        if (each == nullptr) continue;
        list->remove(*each);
        return each->complete_now(loop_, Error::canceled);
    }
}

void StandardStream::cancel_all() noexcept {
    for (OperationList* list : {&reads_, &errors_}) {
        while (AsyncOperation* const each = list->first()) {
            list->remove(*each);
            each->complete_now(loop_, Error::canceled);
        }
    }
}

void StandardStream::close() noexcept {
    if (closed_) return;
    close_for_good();
    streams_.close_descriptor(descriptor_);
}

void StandardStream::close_for_good() noexcept {
    closed_ = true;
    cancel_all();
}

// ---- bytes --------------------------------------------------------------------------------------

Done StandardStream::take_input(std::span<MutableBuffer> buffers) noexcept {
    std::size_t total = 0;
    for (const MutableBuffer& buffer : buffers) {
        if (buffer.empty()) continue;
        if (total > 0 && !streams_.input_is_ready()) break;
        const std::size_t bytes = streams_.read(buffer.data(), buffer.size());
        total += bytes;
        if (bytes < buffer.size()) break;
    }
    return {total > 0 ? Trouble() : Trouble(Reason::end_of_stream), total};
}

std::size_t StandardStream::write_all(std::span<const ConstBuffer> buffers) noexcept {
    std::size_t total = 0;
    for (const ConstBuffer& buffer : buffers) {
        streams_.write(stream_, {reinterpret_cast<const char*>(buffer.data), buffer.size});
        total += buffer.size;
    }
    return total;
}

Done StandardStream::read(std::span<MutableBuffer> buffers, bool waits) {
    std::size_t room = 0;
    for (const MutableBuffer& buffer : buffers) room += buffer.size();
    if (stream_ != 0) return {Reason::bad_descriptor, 0};
    if (room == 0) return {};
    if (!waits && !streams_.input_is_ready()) return {Reason::would_block, 0};
    return take_input(buffers);
}

Done StandardStream::write(std::span<const ConstBuffer> buffers) {
    if (stream_ == 0) return {Reason::bad_descriptor, 0};
    return {{}, write_all(buffers)};
}

Trouble StandardStream::wait_readable(bool waits) {
    if (stream_ != 0) return Reason::unsupported;
    if (streams_.input_is_ready()) return {};
    if (!waits) return Reason::would_block;
    streams_.wait_for_input();
    return {};
}

}  // namespace drydock::asio_detail
