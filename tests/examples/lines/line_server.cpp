// The line server as a program: line-server PORT [QUEUE]. Ctrl-C stops it.
#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include <drydock/backend.hpp>
#include <drydock/host.hpp>
#include <drydock/worker_loop.hpp>

#include "line_service.hpp"

int main(int argc, char** argv) {
    std::uint16_t port = 0;
    const std::string_view text = argc > 1 ? argv[1] : "7000";
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size()) {
        std::fprintf(stderr, "line-server: '%s' is not a port\n", argv[1]);
        return 2;
    }
    const drydock::OpenedQueue opened = drydock::open_queue(argc > 2 ? argv[2] : "auto");
    if (!opened.queue) {
        std::fprintf(stderr, "%s\n", opened.complaint.c_str());
        return 2;
    }
    auto listening = opened.queue->listen(drydock::Endpoint::loopback(port), {});
    if (!listening.listener) {
        std::fprintf(stderr, "cannot listen: %s\n", std::string(sentence(listening.error)).c_str());
        return 2;
    }
    const std::string address = listening.listener->local_endpoint().to_string();
    LineService service(*opened.queue);
    drydock::NullLog log;
    drydock::server::Server server(*opened.queue, std::move(listening.listener),
                                   {.max_connections = 1000}, service, log);
    const drydock::host::InterruptScope interrupts([&server] { server.request_stop(); });
    std::printf("listening on %s\n", address.c_str());
    std::fflush(stdout);
    drydock::WorkerLoop loop(*opened.queue, server.run(), opened.workers);
    std::vector<std::jthread> workers;
    for (unsigned i = 1; i < opened.workers; ++i) workers.emplace_back([&loop] { loop.run(); });
    loop.run();
}
