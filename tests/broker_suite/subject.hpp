// What the suite runs against: the model in the simulator, the model on a real queue, and Debian's
// redis-server, which a test starts on loopback and ends itself.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <drydock/queue.hpp>
#include <drydock/task.hpp>

#include "tests/broker/broker.hpp"

namespace drydock::broker {

/// What makes a server refuse writes.
enum class Condition : std::uint8_t { none, out_of_memory, read_only, disk_error };

struct ServerOptions {
    bool append_only = false;
    Fsync fsync = Fsync::every_second;
    std::string password = {};
    std::vector<User> users = {};
};

/// A server of one of the kinds. It must have been killed when it is destroyed.
class Server {
public:
    Server() = default;
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    virtual ~Server() = default;

    /// Starts it, also after a kill: then with what it has kept, and at the same endpoint.
    virtual Task<void> start() = 0;
    /// start(), but it is still reading its file when this returns. loaded() waits for the end of
    /// that.
    virtual Task<void> start_loading() = 0;
    virtual Task<void> loaded() = 0;
    /// As kill -9.
    virtual Task<void> kill() = 0;
    virtual Endpoint endpoint() const = 0;
    /// Takes the conditions before away.
    virtual Task<void> impose(Condition condition) = 0;
};

/// "sim", "epoll" or "redis".
using Kind = std::string_view;
inline constexpr Kind kinds[] = {"sim", "epoll", "redis"};

/// Why the kind cannot be tested here, or nothing.
std::string missing(Kind kind);

/// Runs a test on a new server of the kind, which is started before and killed after it. In the
/// simulator it runs many times, each in another schedule and with other chunks.
using Body = std::function<Task<void>(CompletionQueue& queue, Server& server)>;
void with_server(Kind kind, const ServerOptions& options, const Body& body);

/// A task on a queue of this system.
void run_on_queue(const std::function<Task<void>(CompletionQueue& queue)>& body);
/// A redis-server on a queue of this system.
std::unique_ptr<Server> make_redis(CompletionQueue& queue, const ServerOptions& options);
/// The model, on any queue. Its store outlives its kills.
std::unique_ptr<Server> make_model(CompletionQueue& queue, const ServerOptions& options);

}  // namespace drydock::broker
