// The broker's address, its password, and whether it lets this server work.
#include "src/apps/drydock/relaying.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include <fmt/format.h>

#include <drydock/host.hpp>

#include "src/apps/drydock/common.hpp"
#include "src/cli/log_line.hpp"
#include "src/cli/output.hpp"
#include "src/relay/url.hpp"

namespace drydock::app {
namespace {

// A broker that loads its data is waited for.
constexpr Duration loading_patience = std::chrono::seconds(30);
// The limits of the broker's replies have room for this.
constexpr std::size_t longest_line = 1024 * 1024;

// No password is as long.
constexpr std::size_t longest_file = 4096;

/// Why the file is not read, or nothing. A pipe or a device may have no end, or nothing to read.
std::string_view refusal_of(const std::filesystem::path& file) {
    std::error_code error;
    const std::filesystem::file_status status = std::filesystem::status(file, error);
    if (!std::filesystem::exists(status)) return "cannot be read";
    if (!std::filesystem::is_regular_file(status)) return "is no regular file";
    const std::uintmax_t size = std::filesystem::file_size(file, error);
    if (error) return "cannot be read";
    return size > longest_file ? "is larger than 4096 bytes" : "";
}

/// Nothing after an error message.
std::optional<relay::Secret> read_password(const std::string& name) {
    const auto complain_of = [&name](std::string_view what) {
        complain(fmt::format("--relay-password-file: '{}' {}", escaped(name), what));
        return std::nullopt;
    };
    const std::string_view refusal = refusal_of(name);
    if (!refusal.empty()) return complain_of(refusal);
    std::ifstream file(name, std::ios::binary);
    if (!file.is_open()) return complain_of("cannot be read");
    std::string line(longest_file, '\0');
    file.read(line.data(), static_cast<std::streamsize>(line.size()));
    if (file.bad()) return complain_of("cannot be read");
    // Cut where it is, and what is cut off is wiped.
    auto end = std::find(line.begin(), line.begin() + file.gcount(), '\n');
    if (end != line.begin() && *(end - 1) == '\r') --end;
    std::fill(end, line.end(), '\0');
    line.resize(static_cast<std::size_t>(end - line.begin()));
    if (line.empty()) return complain_of("has no password in its first line");
    return relay::Secret(std::move(line));
}

/// From the file, or the environment; an empty one where there is none. Nothing after an error
/// message.
std::optional<relay::Secret> find_password(const ChatServerArguments& arguments) {
    if (arguments.relay_password_file.empty()) {
        const char* password = std::getenv("DRYDOCK_RELAY_PASSWORD");
        return relay::Secret(password == nullptr ? std::string() : std::string(password));
    }
    return read_password(arguments.relay_password_file);
}

/// 128 random bits: the name that no other start of a server has.
std::string random_name() {
    std::random_device random;
    std::string name;
    for (int i = 0; i < 4; ++i) name += fmt::format("{:08x}", random());
    return name;
}

}  // namespace

Relaying::Relaying(relay::ExchangeOptions options, std::string host, std::uint16_t port)
    : options_(std::make_unique<relay::ExchangeOptions>(std::move(options))),
      host_(std::move(host)),
      port_(port) {}

bool Relaying::start(const OpenedQueue& backend, Log& log) {
    exchange_ = std::make_unique<relay::Exchange>(*backend.queue, *options_, log);
    options_.reset();  // the password is in the exchange alone
    relay::Failure failure;
    const auto check = [&]() -> Task<void> {
        failure = co_await exchange_->check(loading_patience);
    };
    run_workers(*backend.queue, check(), 1);
    if (failure.ok()) return true;
    complain(fmt::format("--relay: the broker at {} port {} cannot be used: {}", host_, port_,
                         escaped(failure.sentence())));
    return false;
}

std::optional<Relaying> find_relay(const ChatServerArguments& arguments) {
    relay::ParsedAddress parsed = relay::parse_address(arguments.relay);
    if (!parsed.ok()) {
        complain("--relay: " + parsed.error);
        return std::nullopt;
    }
    if (arguments.max_line > longest_line) {
        complain(fmt::format("--max-line: with --relay it is at most {}", longest_line));
        return std::nullopt;
    }
    std::optional<relay::Secret> password = find_password(arguments);
    if (!password) return std::nullopt;
    const relay::Address& address = parsed.address;
    if (!address.user.empty() && password->empty()) {
        complain(
            "--relay: the user needs a password, from DRYDOCK_RELAY_PASSWORD or "
            "--relay-password-file");
        return std::nullopt;
    }
    host::ResolveResult resolved = host::resolve(address.host, address.port);
    if (!resolved.ok()) {
        complain(
            fmt::format("--relay: cannot find the host '{}': {}", address.host, resolved.error));
        return std::nullopt;
    }
    relay::ExchangeOptions options;
    options.broker.endpoints = std::move(resolved.endpoints);
    options.broker.user = address.user;
    options.broker.password = std::move(*password);
    options.room = address.room;
    options.publisher = random_name();
    options.seed = std::random_device()();
    options.keep = arguments.relay_keep;
    return Relaying(std::move(options), address.host, address.port);
}

}  // namespace drydock::app
