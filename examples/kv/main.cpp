// kv-server: the key-value server on a queue of this system, until Ctrl-C.
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <drydock/backend.hpp>
#include <drydock/host.hpp>
#include <drydock/log.hpp>
#include <drydock/worker_loop.hpp>

#include "service.hpp"

namespace {

using namespace drydock;

struct Options {
    std::string bind = "127.0.0.1";
    std::uint16_t port = 7379;
    std::string queue = "auto";
    unsigned workers = 0;
    std::uint32_t idle_seconds = 300;
};

int complain(const std::string& sentence) {
    std::fprintf(stderr, "kv-server: %s\n", sentence.c_str());
    return 2;
}

template <typename Number>
bool read_number(std::string_view text, Number& number) {
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    return error == std::errc() && end == last;
}

constexpr const char* option_list =
    "--bind HOST, --port PORT, --queue NAME, --workers NUMBER, --idle-timeout SECONDS, --help";

/// Why this option is none. Empty: it is set.
std::string set_option(Options& options, const std::string& name, const std::string& value) {
    bool is_valid = true;
    if (name == "--bind") {
        options.bind = value;
    } else if (name == "--port") {
        is_valid = read_number(value, options.port);
    } else if (name == "--queue") {
        options.queue = value;
    } else if (name == "--workers") {
        is_valid = read_number(value, options.workers) && options.workers <= 1024;
    } else if (name == "--idle-timeout") {
        is_valid = read_number(value, options.idle_seconds);
    } else {
        return "unknown option '" + name + "'; there are " + option_list;
    }
    return is_valid ? "" : name + " cannot be '" + value + "'";
}

std::string read_options(const std::vector<std::string>& words, Options& options) {
    for (std::size_t i = 1; i < words.size(); i += 2) {
        const bool has_value = i + 1 < words.size();
        std::string objection = set_option(options, words[i], has_value ? words[i + 1] : "");
        if (!objection.empty()) return objection;
        if (!has_value) return words[i] + " needs a value";
    }
    return {};
}

/// Warnings and errors, one line each, on standard error.
class ErrorLog final : public Log {
public:
    using Log::write;
    bool wants(Severity severity) const noexcept override { return severity >= Severity::warning; }
    void write(Severity severity, std::string_view event,
               std::span<const LogField> fields) noexcept override {
        std::string line = std::string(name(severity)) + ": " + std::string(event);
        for (const LogField& field : fields) {
            line.append(" ").append(field.key).append("=");
            const auto* number = std::get_if<std::int64_t>(&field.value);
            if (number != nullptr) line += std::to_string(*number);
            if (number == nullptr) line += std::get<std::string_view>(field.value);
        }
        std::fprintf(stderr, "%s\n", line.c_str());
    }
};

/// One listener for each address of the host. Empty: `objection` says why.
std::vector<std::unique_ptr<AsyncListener>> listen(CompletionQueue& queue, const Options& options,
                                                   std::string& objection) {
    std::vector<std::unique_ptr<AsyncListener>> listeners;
    const host::ResolveResult resolved = host::resolve(options.bind, options.port, true);
    if (!resolved.ok()) objection = "cannot find '" + options.bind + "': " + resolved.error;
    for (const Endpoint& endpoint : resolved.endpoints) {
        ListenResult listening = queue.listen(endpoint, {});
        if (listening.listener) {
            listeners.push_back(std::move(listening.listener));
            continue;
        }
        objection = "cannot listen on " + endpoint.to_string() + ": " +
                    std::string(sentence(listening.error));
        return {};
    }
    return listeners;
}

int serve(CompletionQueue& queue, unsigned workers, const Options& options) {
    std::string objection;
    auto listeners = listen(queue, options, objection);
    if (listeners.empty()) return complain(objection);
    std::string announcement;
    for (const auto& listener : listeners) {
        announcement += "listening on " + listener->local_endpoint().to_string() + "\n";
    }

    kv::Service service(queue, {});
    ErrorLog log;
    server::Options limits;
    limits.max_connections = 10'000;
    limits.idle_timeout = std::chrono::seconds(options.idle_seconds);
    server::Server server(queue, std::move(listeners), limits, service, log);
    const host::InterruptScope interrupt([&server] { server.request_stop(); });
    WorkerLoop loop(queue, server.run(), workers);
    {
        std::vector<std::jthread> others;
        for (unsigned i = 1; i < workers; ++i) others.emplace_back([&loop] { loop.run(); });
        std::fputs(announcement.c_str(), stdout);
        std::fflush(stdout);
        loop.run();
    }
    std::printf("stopped after %llu connections and %llu commands; %zu keys\n",
                static_cast<unsigned long long>(server.stats().accepted),
                static_cast<unsigned long long>(service.totals().commands),
                service.store().values().size());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    const std::vector<std::string> words = host::command_line(argc, argv);
    if (words.size() == 2 && words[1] == "--help") {
        std::printf("kv-server: a key-value server; the options are %s\n", option_list);
        return 0;
    }
    const std::string objection = read_options(words, options);
    if (!objection.empty()) return complain(objection);
    host::raise_open_file_limit();
    const OpenedQueue opened = open_queue(options.queue, {.workers = options.workers});
    if (!opened.queue) return complain(opened.complaint);
    return serve(*opened.queue, opened.workers, options);
}
