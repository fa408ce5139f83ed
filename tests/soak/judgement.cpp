// The end of a soak: what the servers say of themselves, and what remains to be said of them.

#include <algorithm>

#include <fmt/format.h>

#include "src/cli/output.hpp"
#include "tests/soak/soak.hpp"
#include "tests/support/sanitizers.hpp"

namespace drydock::soak {
namespace {

/// What an allocator may do to the memory of a server that keeps nothing.
std::uint64_t tolerance(const Trend& trend) {
    return std::max<std::uint64_t>(2 * 1024 * 1024, trend.early / 10);
}

}  // namespace

void Soak::stop_servers() {
    for (Patient* patient : {&echo_, &chat_}) {
        const test::Ending ending = patient->server->stop();
        verdict_.expect(
            ending == test::Ending::exited(0),
            fmt::format("the {} server, stopped by SIGINT, did not end with 0 but {} {}",
                        patient->name,
                        ending.kind == test::Ending::Kind::killed   ? "by signal"
                        : ending.kind == test::Ending::Kind::exited ? "with"
                                                                    : "not within half a minute;",
                        ending.number));
        judge_memory(*patient);
    }
    judge(echo_server_.summary());
    judge(chat_server_.summary());
}

void Soak::judge_memory(const Patient& patient) {
    const Trend trend = trend_of(patient.quiet);
    if (test::is_sanitized) return;  // a sanitizer's memory is not the server's
    verdict_.expect(
        trend.late <= trend.early + tolerance(trend),
        fmt::format("the {} server's memory has grown from {:.1f} MiB in the second fifth of the "
                    "run to {:.1f} MiB in the last, at quiet points",
                    patient.name, in_mebibytes(trend.early), in_mebibytes(trend.late)));
}

/// Wine does not tell its servers of all connections that are reset before they are accepted.
bool Soak::is_all(std::uint64_t seen, std::uint64_t all, std::uint64_t unheard) const {
    return seen <= all && seen + (options_.under_wine ? unheard : 0) >= all;
}

void Soak::judge(const test::Summary& summary) {
    const EchoTally& tally = echo_tally_;
    const auto expect = [this](bool condition, const std::string& sentence) {
        verdict_.expect(condition, "the echo server's summary: " + sentence);
    };
    expect(summary.printed, "there is none");
    const std::uint64_t gone = tally.reset + tally.vanished;
    expect(is_all(summary.served + summary.lost, tally.clients, tally.unheard),
           fmt::format("{} served and {} lost, of {} clients", summary.served, summary.lost,
                       tally.clients));
    expect(summary.ended + summary.failed == summary.served,
           fmt::format("{} ended and {} failed are not all of {}", summary.ended, summary.failed,
                       summary.served));
    expect(summary.failed + summary.lost <= gone,
           fmt::format("{} failed and {} lost, but {} clients reset or vanished", summary.failed,
                       summary.lost, gone));
    expect(summary.bytes_received <= tally.sent && summary.bytes_received >= tally.sent_whole,
           fmt::format("{} bytes received, but {} were sent, {} of them by clients that stayed",
                       summary.bytes_received, tally.sent, tally.sent_whole));
    expect(summary.bytes_sent <= summary.bytes_received && summary.bytes_sent >= tally.received,
           fmt::format("{} bytes sent, of {} received, but the clients have got {}",
                       summary.bytes_sent, summary.bytes_received, tally.received));
}

void Soak::judge(const test::ChatSummary& summary) {
    const ChatTally& tally = chat_tally_;
    verdict_.expect(order_.resets_taken_for_ends() == 0,
                    fmt::format("the chat server took {} resets in the middle of a line for ends",
                                order_.resets_taken_for_ends()));
    const auto expect = [this](bool condition, const std::string& sentence) {
        verdict_.expect(condition, "the chat server's summary: " + sentence);
    };
    expect(summary.printed, "there is none");
    const std::uint64_t gone = tally.reset + tally.vanished;
    expect(is_all(summary.served + summary.lost, tally.members, tally.unheard),
           fmt::format("{} served and {} lost, of {} members", summary.served, summary.lost,
                       tally.members));
    expect(summary.left + summary.failed + summary.too_slow + summary.too_long == summary.served,
           fmt::format("{} left, {} failed, {} and {} dropped are not all of {}", summary.left,
                       summary.failed, summary.too_slow, summary.too_long, summary.served));
    expect(summary.failed + summary.lost <= gone,
           fmt::format("{} failed and {} lost, but {} members reset or vanished", summary.failed,
                       summary.lost, gone));
    expect(summary.too_slow >= tally.too_slow &&
               summary.too_slow <= tally.too_slow + tally.deaf_at_the_end,
           fmt::format("{} too slow, but {} saw the reset, and {} at most had gone before",
                       summary.too_slow, tally.too_slow, tally.deaf_at_the_end));
    expect(summary.too_long == tally.too_long,
           fmt::format("{} said too long a line, but {} were cut off for one", summary.too_long,
                       tally.too_long));
    expect(summary.lines == order_.lines(),
           fmt::format("{} lines, but {} were heard", summary.lines, order_.lines()));
    expect(summary.bytes_received <= tally.sent && summary.bytes_received >= tally.sent_whole,
           fmt::format("{} bytes received, but {} were sent, {} of them by members that stayed",
                       summary.bytes_received, tally.sent, tally.sent_whole));
    expect(summary.bytes_sent >= tally.heard,
           fmt::format("{} bytes sent, but {} were heard", summary.bytes_sent, tally.heard));
}

void Soak::print_summary() {
    const EchoTally& echo = echo_tally_;
    const ChatTally& chat = chat_tally_;
    app::print(
        "echo: {} clients, {:.1f} MiB there and {:.1f} MiB back; {} half-closed, {} closed, "
        "{} reset, {} vanished; {} stalled, {} flooded\n",
        echo.clients, in_mebibytes(echo.sent), in_mebibytes(echo.received), echo.half_closed,
        echo.closed, echo.reset, echo.vanished, echo.stalled, echo.flooded);
    app::print(
        "chat: {} members, {} lines, {:.1f} MiB heard; {} half-closed, {} reset, {} vanished, "
        "{} dropped as too slow, {} for too long a line; {} stalled, {} flooded; of {} a reset in "
        "the middle of a line was taken for its end\n",
        chat.members, order_.lines(), in_mebibytes(chat.heard), chat.half_closed, chat.reset,
        chat.vanished, chat.too_slow, chat.too_long, chat.stalled, chat.flooded,
        order_.resets_taken_for_ends());
    for (const Patient* patient : {&echo_, &chat_}) {
        if (patient->quiet.empty()) continue;
        const Health& first = patient->quiet.front();
        const Health& last = patient->quiet.back();
        const Trend trend = trend_of(patient->quiet);
        app::print(
            "{} server, at {} quiet points: descriptors {} first, {} last ({} at most); threads "
            "{} and {}; memory {:.1f} MiB in the second fifth, {:.1f} MiB in the last ({:.1f} MiB "
            "fresh, {:.1f} MiB at most), {:+.1f} KiB/minute; {}\n",
            patient->name, patient->quiet.size(), first.descriptors, last.descriptors,
            patient->worst.descriptors, first.threads, last.threads, in_mebibytes(trend.early),
            in_mebibytes(trend.late), in_mebibytes(patient->fresh.resident),
            in_mebibytes(patient->worst.resident), trend.per_minute / 1024,
            test::is_sanitized ? "not judged under a sanitizer"
                               : fmt::format("{:.1f} MiB more would be a failure",
                                             in_mebibytes(tolerance(trend))));
    }
    app::standard_output().flush();
}

}  // namespace drydock::soak
