// The connected socket: WSARecv and gather WSASend with completion routines, and which of them are
// in flight.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include <drydock/queue.hpp>

#include "platform/apc/worker.hpp"
#include "platform/common/gather_win32.hpp"
#include "platform/common/receive_win32.hpp"
#include "platform/common/socket_address_win32.hpp"
#include "platform/common/stream_end.hpp"

namespace drydock::apc {

class Socket final : public AsyncSocket {
public:
    Socket(CompletionQueue& queue, Worker& worker, SOCKET handle, const Endpoint& local,
           const Endpoint& peer) noexcept;
    ~Socket() override;

    void receive(Operation& operation, MutableBuffer buffer) noexcept override;
    void receive(ReceiveOperation& operation, std::size_t most) noexcept override;
    Result try_receive(MutableBuffer buffer) noexcept override;
    void send(Operation& operation, std::span<const ConstBuffer> buffers) noexcept override;
    void shutdown_send() noexcept override;
    void cancel() noexcept override;
    void interrupt_receive() noexcept override;
    void interrupt_send() noexcept override;
    void set_abortive_close() noexcept override;
    Endpoint local_endpoint() const noexcept override { return local_; }
    Endpoint peer_endpoint() const noexcept override { return peer_; }

private:
    /// Receiving or sending. The mutex guards the rest.
    struct Direction {
        std::mutex mutex;
        /// From the start until the completion is handed out.
        TransferRecord* in_flight = nullptr;
        bool canceled = false;            // by cancel(): for good
        bool interrupted = false;         // one operation is to complete as canceled
        bool shut_down = false;           // sending only
        bool cut_off = false;             // sending only: the receive has reported a reset
        platform::StreamEnd end;          // receiving only
        platform::WaitingBuffer waiting;  // receiving only
        bool prompt = false;              // receiving only: the last call found something there

        void abort(SOCKET handle) const noexcept;
        void finished(Result& result) noexcept;
    };

    void start_receive(Operation& operation, std::byte* memory, std::size_t most,
                       bool provides) noexcept;
    bool enter(Direction& direction, TransferRecord& record, Rule rule) noexcept;
    void check_idle(Direction& direction) noexcept;

    // By the worker.
    static void issue_receive(Record& record) noexcept;
    static void issue_send(Record& record) noexcept;
    static void CALLBACK routine(DWORD code, DWORD bytes, OVERLAPPED* overlapped,
                                 DWORD flags) noexcept;
    static bool receive_finished(Record& record) noexcept;
    static bool send_finished(Record& record) noexcept;

    // By the worker, with the direction's mutex held.
    bool may_issue(Direction& direction, TransferRecord& record) noexcept;
    void call_receive(TransferRecord& record, MutableBuffer buffer) noexcept;
    std::optional<Result> receive_at_once(WSABUF buffer) noexcept;
    std::optional<Result> send_at_once(platform::Gather& gather) noexcept;
    void issued(TransferRecord& record, int status) noexcept;
    bool provide(TransferRecord& record) noexcept;

    // With the receiving direction's mutex held.
    void tell_reset_from_end(Result& result, bool wants_bytes) noexcept;
    Result ended(Result result, bool wants_bytes) noexcept;
    bool is_gone_out_of_order() noexcept;
    void cut_off_send() noexcept;

    CompletionQueue& queue_;
    Worker& worker_;
    const SOCKET handle_;
    const Endpoint local_;
    const Endpoint peer_;
    Direction receiving_;
    Direction sending_;
};

/// A socket for a connected handle, which it takes over. Null: no memory, and the handle is closed.
std::unique_ptr<AsyncSocket> make_socket(CompletionQueue& queue, Worker& worker, SOCKET handle,
                                         const platform::SocketAddress& local,
                                         const platform::SocketAddress& peer) noexcept;

}  // namespace drydock::apc
