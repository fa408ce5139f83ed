// The line server as a program: line-server PORT [QUEUE]. It stops when its standard input ends.
#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include <drydock/backend.hpp>
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
    LineService service(*opened.queue);
    drydock::NullLog log;
    drydock::server::Server server(*opened.queue, std::move(listening.listener),
                                   {.max_connections = 1000}, service, log);
    drydock::WorkerLoop loop(*opened.queue, server.run(), opened.workers);
    std::vector<std::jthread> workers;
    for (unsigned i = 1; i < opened.workers; ++i) workers.emplace_back([&loop] { loop.run(); });
    const std::jthread input([&server] {
        while (std::getchar() != EOF) continue;
        server.request_stop();
    });
    loop.run();
}
