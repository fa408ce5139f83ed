// The line server as a program: line-server PORT [QUEUE]. It stops when its standard input ends.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <drydock/open_queue.hpp>
#include <drydock/worker_loop.hpp>

#include "line_service.hpp"

int main(int argc, char** argv) {
    const auto port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 7000);
    const drydock::OpenedQueue opened = drydock::open_queue(argc > 2 ? argv[2] : "auto");
    if (!opened.queue) {
        std::fprintf(stderr, "%s\n", opened.message.c_str());
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
