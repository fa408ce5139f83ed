// The proxy as a program: tcp-proxy LISTEN-PORT TARGET-HOST TARGET-PORT [QUEUE]. Ctrl-C
// stops it gracefully, and a second Ctrl-C at once.
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <drydock/backend.hpp>
#include <drydock/host.hpp>
#include <drydock/log.hpp>
#include <drydock/worker_loop.hpp>

#include "proxy.hpp"

namespace {

std::optional<std::uint16_t> port_of(const std::string& text) {
    std::uint16_t port = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, port);
    if (error != std::errc() || stop != end) return std::nullopt;
    return port;
}

int complain(const std::string& sentence) {
    std::fprintf(stderr, "tcp-proxy: %s\n", sentence.c_str());
    return 2;
}

int serve(std::uint16_t port, std::vector<drydock::Endpoint> target, const std::string& queue) {
    const drydock::OpenedQueue opened = drydock::open_queue(queue);
    if (!opened.queue) return complain(opened.complaint);
    auto listening = opened.queue->listen(drydock::Endpoint::loopback(port), {});
    if (!listening.listener) {
        return complain("cannot listen at port " + std::to_string(port) + ": " +
                        std::string(sentence(listening.error)));
    }
    std::printf("listening on %s\n", listening.listener->local_endpoint().to_string().c_str());
    std::fflush(stdout);

    ProxyService service(*opened.queue, {.target = std::move(target)});
    drydock::NullLog log;
    drydock::server::Options options;
    options.max_connections = 1000;
    options.idle_timeout = std::chrono::minutes(5);
    options.grace = std::chrono::seconds(10);
    drydock::server::Server server(*opened.queue, std::move(listening.listener), options, service,
                                   log);
    const drydock::host::InterruptScope interrupt([&server] { server.request_stop(); });
    drydock::WorkerLoop loop(*opened.queue, server.run(), opened.workers);
    std::vector<std::jthread> workers;
    for (unsigned i = 1; i < opened.workers; ++i) workers.emplace_back([&loop] { loop.run(); });
    loop.run();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words = drydock::host::command_line(argc, argv);
    if (words.size() < 4 || words.size() > 5) {
        return complain("usage: tcp-proxy LISTEN-PORT TARGET-HOST TARGET-PORT [QUEUE]");
    }
    const std::optional<std::uint16_t> listen_port = port_of(words[1]);
    if (!listen_port) return complain("'" + words[1] + "' is not a port to listen at");
    const std::optional<std::uint16_t> target_port = port_of(words[3]);
    if (!target_port || *target_port == 0)
        return complain("'" + words[3] + "' is not a target port");
    drydock::host::ResolveResult target = drydock::host::resolve(words[2], *target_port);
    if (!target.ok()) return complain("cannot find the target '" + words[2] + "': " + target.error);
    return serve(*listen_port, std::move(target.endpoints), words.size() == 5 ? words[4] : "auto");
}
