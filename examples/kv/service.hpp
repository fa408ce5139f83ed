// What the server does on one connection. drydock::server::Server does the rest: accepting, limits,
// the idle timeout, the graceful stop.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <drydock/monitor.hpp>
#include <drydock/server.hpp>

#include "protocol.hpp"
#include "store.hpp"

namespace kv {

/// Places that simulated runs should reach.
namespace probes {
inline constexpr std::string_view cut_line = "kv.cut_line";  // by the end of a receive
inline constexpr std::string_view unfinished_line = "kv.unfinished_line";  // at the end of stream
inline constexpr std::string_view long_line = "kv.long_line";
inline constexpr std::string_view full_answers = "kv.full_answers";  // sent before the rest
inline constexpr std::string_view store_full = "kv.store_full";
inline constexpr std::string_view stopped = "kv.stopped";  // by request_stop()
inline constexpr std::string_view quit = "kv.quit";

inline constexpr std::array all = {cut_line,   unfinished_line, long_line, full_answers,
                                   store_full, stopped,         quit};
}  // namespace probes

/// Counts of all connections.
struct Totals {
    std::uint64_t commands = 0;   ///< executed; QUIT and lines that are no command do not count
    std::size_t most_unsent = 0;  ///< the most bytes of answers that a connection has held
};

/// Any number of workers may serve connections at once. The queue outlives the service.
class Service final : public drydock::server::Service {
public:
    Service(drydock::CompletionQueue& queue, const Limits& limits)
        : queue_(queue), limits_(limits), shared_(limits.memory) {}

    drydock::Task<drydock::server::Ending> serve(drydock::server::Connection& connection) override;

    /// Once the server has ended.
    const Store& store() noexcept { return shared_.unguarded().store; }
    const Totals& totals() noexcept { return shared_.unguarded().totals; }

private:
    /// The answers of one connection that are not sent yet.
    struct Outbox {
        std::string text;
        bool quit = false;
    };
    struct Shared {
        explicit Shared(std::size_t memory) : store(memory) {}
        std::uint64_t state_hash() const noexcept;

        Store store;
        Totals totals;
    };

    drydock::Task<drydock::Result> answer_lines(drydock::server::Connection& connection,
                                                LineSplitter& lines, Outbox& outbox);
    drydock::Task<void> answer(const LineSplitter::Line& line, Outbox& outbox);
    drydock::Task<drydock::Result> send(drydock::server::Connection& connection, Outbox& outbox);

    drydock::CompletionQueue& queue_;
    const Limits limits_;
    drydock::Monitor<Shared> shared_;
};

}  // namespace kv
