// The list of specimens.
#include "tests/zoo/specimens/zoo.hpp"

#include <algorithm>

#include "tests/zoo/specimens/chat_specimens.hpp"
#include "tests/zoo/specimens/duplex_specimens.hpp"
#include "tests/zoo/specimens/echo_specimens.hpp"
#include "tests/zoo/specimens/limited_specimens.hpp"
#include "tests/zoo/specimens/lock_specimens.hpp"
#include "tests/zoo/specimens/relay_specimens.hpp"

namespace drydock::zoo {
namespace {

using MakeScenario = std::unique_ptr<sim::Scenario> (*)();

template <sim::MakeEchoServer make>
std::unique_ptr<sim::Scenario> echo_with() {
    return std::make_unique<sim::EchoScenario>(make);
}

template <sim::MakeChatServer make>
std::unique_ptr<sim::Scenario> chat_with() {
    return std::make_unique<sim::ChatScenario>(make);
}

template <sim::RunRelayedServer run>
std::unique_ptr<sim::Scenario> relay_with() {
    return std::make_unique<sim::RelayScenario>(run);
}

/// One client that waits for each answer.
template <sim::MakeEchoServer make>
std::unique_ptr<sim::Scenario> demonstrate_echo() {
    sim::EchoWorkload workload;
    workload.clients.push_back({sim::Manner::polite, 64, 16, 64, 0, Duration(0)});
    return std::make_unique<sim::EchoScenario>(workload, make);
}

/// Two members who talk, each in its turn, and leave.
template <sim::MakeChatServer make>
std::unique_ptr<sim::Scenario> demonstrate_chat() {
    sim::ChatWorkload workload;
    sim::MemberPlan member;
    member.lines = 3;
    member.pause = std::chrono::milliseconds(2);
    member.stays = true;
    workload.members.push_back(member);
    member.start_after = std::chrono::milliseconds(1);
    workload.members.push_back(member);
    return std::make_unique<sim::ChatScenario>(workload, make);
}

/// A member at each of two servers, and a broker that stays.
template <sim::RunRelayedServer run>
std::unique_ptr<sim::Scenario> demonstrate_relay() {
    auto scenario = std::make_unique<sim::RelayScenario>(run);
    scenario->set("servers", 2);
    scenario->set("lines", 3);
    return scenario;
}

template <LockParts (*make)()>
std::unique_ptr<sim::Scenario> lock_with() {
    return std::make_unique<LockScenario>(make());
}

/// Two workers, the second of which comes when the first is at work.
template <LockParts (*make)()>
std::unique_ptr<sim::Scenario> demonstrate_lock() {
    LockVisit first;
    first.adds = 2;
    first.pause = std::chrono::milliseconds(500);
    LockVisit second = first;
    second.start = std::chrono::milliseconds(100);
    return std::make_unique<LockScenario>(make(), std::vector<LockVisit>{first, second});
}

constexpr sim::ScenarioInfo info(std::string_view name, std::string_view summary, MakeScenario make,
                                 std::span<const sim::Parameter> parameters,
                                 std::span<const sim::Expectation> properties,
                                 std::uint64_t calm_bound = 0) {
    sim::ScenarioInfo made{};
    made.name = name;
    made.summary = summary;
    made.make = make;
    made.parameters = parameters;
    made.properties = properties;
    made.explained_in = "docs/PROPERTIES.md";
    made.calm_bound = calm_bound;
    return made;
}

constexpr std::uint64_t few = 300;  // of long runs
constexpr std::uint64_t standard_budget = 1000;
constexpr std::uint64_t uncommon = 3000;
constexpr std::uint64_t rare = 10'000;  // a defect that few schedules show

/// Clients that wait in a line are served after the calm, with all their bytes.
constexpr std::uint64_t duplex_calm_bound = 100'000;

template <sim::MakeEchoServer make, typename Causes>
constexpr Specimen echo(std::string_view name, std::string_view summary, std::string_view origin,
                        const Causes& expected, std::uint64_t budget = standard_budget) {
    return {info(name, summary, &echo_with<make>, sim::echo_parameters, sim::echo_properties),
            origin,
            expected,
            &demonstrate_echo<make>,
            false,
            budget};
}

template <sim::MakeEchoServer make, typename Causes>
constexpr Specimen duplex(std::string_view name, std::string_view summary, std::string_view origin,
                          const Causes& expected, std::uint64_t budget = standard_budget) {
    Specimen made = echo<make>(name, summary, origin, expected, budget);
    made.scenario.calm_bound = duplex_calm_bound;
    return made;
}

template <sim::MakeChatServer make, typename Causes>
constexpr Specimen chat(std::string_view name, std::string_view summary, std::string_view origin,
                        const Causes& expected, std::uint64_t budget = standard_budget) {
    return {info(name, summary, &chat_with<make>, sim::chat_parameters, sim::chat_properties),
            origin,
            expected,
            &demonstrate_chat<make>,
            false,
            budget};
}

template <sim::RunRelayedServer run, typename Causes>
constexpr Specimen relay(std::string_view name, std::string_view summary, std::string_view origin,
                         const Causes& expected, std::uint64_t budget = few) {
    return {info(name, summary, &relay_with<run>, sim::relay_parameters, sim::relay_properties,
                 sim::relay_calm_bound),
            origin,
            expected,
            &demonstrate_relay<run>,
            false,
            budget,
            {},
            true};
}

constexpr sim::ScenarioInfo lock_info(std::string_view name, std::string_view summary,
                                      MakeScenario make) {
    sim::ScenarioInfo made = info(name, summary, make, lock_parameters, lock_properties);
    made.explained_in = "docs/ZOO.md";
    made.calm_bound = 300'000;
    made.explored_faults = sim::FaultSet().with(sim::Fault::restart);
    return made;
}

template <LockParts (*make)(), typename Causes>
constexpr Specimen lock(std::string_view name, std::string_view summary, std::string_view origin,
                        const Causes& expected, sim::FaultSet needs,
                        std::uint64_t budget = standard_budget) {
    return {lock_info(name, summary, &lock_with<make>),
            origin,
            expected,
            &demonstrate_lock<make>,
            false,
            budget,
            needs};
}

constexpr sim::FaultSet no_host_fault;
constexpr sim::FaultSet crashes = sim::FaultSet().with(sim::Fault::crash).with(sim::Fault::restart);
constexpr sim::FaultSet partitions = sim::FaultSet().with(sim::Fault::partition);
constexpr sim::FaultSet skewed_clocks = sim::FaultSet().with(sim::Fault::clock_skew);

constexpr Specimen at_once(Specimen specimen) {
    specimen.shows_at_once = true;
    return specimen;
}

/// The seed is the first that fails.
constexpr Specimen rare_at(std::uint64_t seed, Specimen specimen) {
    specimen.from = seed - 2;
    specimen.budget = 40;
    return specimen;
}

// --- what is found in each, and the words that name the cause ---------------------------------

namespace causes {

constexpr Expected ignores_short_sends[] = {
    {"short-send-ignored", "a send was short, and the next one does not go on with the bytes"},
    {"echo-complete", "the last send of the other side was short and was never gone on with"},
    {"echo-prefix", "the last send of the other side was short and was never gone on with"},
    {"stuck", "the last send of the other side was short and was never gone on with"},
};
constexpr Expected sends_again_from_the_start[] = {
    {"short-send-ignored", "a send was short, and the next one does not go on with the bytes"},
};
constexpr Expected keeps_the_last_length[] = {
    {"echo-prefix", "got, at position "},
    {"echo-complete", "bytes received and not sent back"},
    {"echo-hold", "bytes of one client that it had not sent back"},
    {"stuck", "it waits for: "},
};
constexpr Expected reads_past_the_end[] = {
    {"receive-past-end", "receives go on after the end of the stream was delivered"},
};
constexpr Expected receives_before_it_has_sent[] = {
    {"echo-hold", "bytes of one client that it had not sent back; its buffer is "},
};
constexpr Expected closes_before_it_has_sent[] = {
    {"echo-complete", "; the other side closed with "},
};
constexpr Expected frees_with_a_send_in_flight[] = {
    {"socket-destroyed-in-flight",
     "(the send was started at tests/zoo/specimens/frees_with_a_send_in_flight.cpp:"},
    {"operation-destroyed-in-flight", "(the send was started at"},
};
constexpr Expected closes_when_time_is_up[] = {
    {"socket-destroyed-in-flight", "a socket was destroyed with an operation in flight on it"},
};
constexpr Expected leaks_what_has_failed[] = {
    {"socket-leaked", "its owner has gone without closing it (connection "},
    {"stuck", "receive on connection "},
};
constexpr Expected leaves_its_watchdog_behind[] = {
    {"task-group-not-joined", "(tests/zoo/specimens/leaves_its_watchdog_behind.cpp:"},
};
constexpr Expected waits_for_a_failed_send[] = {
    {"stuck", "it waits for"},
};
constexpr Expected wipes_buffers_too_soon[] = {
    {"receive-buffer-touched", "a receive buffer was written to while the receive was in flight"},
};
constexpr Expected gives_buffers_back_too_soon[] = {
    {"echo-prefix", "got, at position "},
    {"send-buffer-changed", "a send buffer was changed while the send was in flight"},
};
constexpr Expected gives_up_waiting_for_a_send[] = {
    {"send-buffer-changed", "a send buffer was changed while the send was in flight"},
    {"echo-prefix", "got, at position "},
    {"echo-hold", "bytes of one client that it had not sent back"},
};
constexpr Expected shares_one_descriptor[] = {
    {"send-buffer-changed", "a send buffer was changed while the send was in flight"},
    {"echo-prefix", "got, at position "},
};
constexpr Expected shares_one_operation[] = {
    {"operation-reused-in-flight",
     "(the send was started at tests/zoo/specimens/shares_one_operation.cpp:"},
};
constexpr Expected receives_again_after_a_timeout[] = {
    {"second-receive", "a second receive was started on a socket"},
};
constexpr Expected trusts_a_cancel[] = {
    {"echo-prefix", "got, at position "},
    {"echo-complete", "bytes received and not sent back"},
    {"echo-hold", "bytes of one client that it had not sent back"},
    {"stuck", "it waits for: "},
};
constexpr Expected half_closes_on_a_stop[] = {
    {"send-after-shutdown", "a send was started after shutdown_send()"},
};
constexpr Expected stops_accepting_after_a_failure[] = {
    {"stuck", " at 127.0.0.1:7 and no accept is in flight"},
};
constexpr Expected closes_its_listener_on_a_failure[] = {
    {"echo-accept", "could not connect: "},
    {"echo-complete", " before an error ("},
};
constexpr Expected closes_its_listener_undrained[] = {
    {"listener-destroyed-in-flight", "a listener was destroyed with an accept in flight"},
};
constexpr Expected loses_accept_slots[] = {
    {"stuck", "; it waits for: accept started at tests/zoo/specimens/specimen_server.cpp:"},
    {"stuck", " at 127.0.0.1:7 and no accept is in flight"},
};
constexpr Expected never_gives_a_place_back[] = {
    {"stuck", "tests/zoo/specimens/specimen_server.hpp:"},
};
constexpr Expected removes_the_neighbour[] = {
    {"chat-once", " twice"},
    {"chat-complete", "never got "},
};
constexpr Expected keeps_who_has_failed[] = {
    {"chat-once", " twice"},
};
constexpr Expected counts_without_a_lock[] = {
    {"chat-complete", "never got "},
};
constexpr Expected has_room_for_three[] = {
    {"chat-complete", "never got its own line "},
};
constexpr Expected waits_for_slow_readers[] = {
    {"chat-delay", " does not read"},
    {"chat-memory", "did not read, and got "},
    {"chat-join", ", which was published before it came"},
};
constexpr Expected sends_inside_a_monitor[] = {
    {"monitor-held-across-await", "a coroutine waited while it held a monitor"},
    {"chat-delay", " does not read"},
    {"chat-memory", "did not read, and got "},
    {"chat-complete", ", which another has heard before it left"},
    {"chat-gap", "another member has heard "},
    {"chat-order", "another member has heard "},
    {"chat-join", ", which was published before it came"},
};
constexpr Expected lets_two_write_at_once[] = {
    {"second-send", "a second send was started on a socket"},
    {"chat-delay", " does not read"},
    {"chat-memory", "did not read, and got "},
    {"chat-complete", ", which another has heard before it left"},
    {"chat-gap", "another member has heard "},
    {"chat-order", "another member has heard "},
    {"chat-join", ", which was published before it came"},
};
constexpr Expected relays_chunks[] = {
    {"chat-whole", " line"},
};
constexpr Expected resends_without_numbers[] = {
    {"chat-once", " twice"},
    {"chat-join", ", which was published before it came"},
    {"chat-order", "another member has heard "},
    {"chat-sender-order", " after its line "},
    {"relay-complete", " still waits for the end of its stream"},
    {"stuck", "it waits for: "},
};
constexpr Expected resumes_at_the_end[] = {
    {"chat-gap", "another member has heard "},
    {"chat-order", "another member has heard "},
    {"chat-complete", "never got its own line "},
    {"relay-complete", " never got a line that another had heard"},
    {"relay-complete", " still waits for the end of its stream"},
    {"stuck", "it waits for: "},
};
constexpr Expected delivers_before_the_broker[] = {
    {"relay-early", ", which the broker does not have"},
    {"chat-gap", "another member has heard "},
    {"chat-order", "another member has heard "},
};
constexpr Expected trusts_an_id_after_trimming[] = {
    {"chat-gap", "another member has heard "},
    {"chat-order", "another member has heard "},
    {"relay-complete", " still waits for the end of its stream"},
    {"stuck", "it waits for: "},
};
constexpr Expected publishes_behind_a_read[] = {
    {"relay-delay", " back after "},
};
constexpr Expected drops_what_was_on_its_way[] = {
    {"chat-complete", "never got its own line "},
    {"relay-complete", " never got a line that another had heard"},
    {"relay-complete", " still waits for the end of its stream"},
    {"stuck", "it waits for: "},
};
constexpr Expected publishes_torn_lines[] = {
    {"chat-whole", "which nobody has sent"},
};
constexpr Expected sends_to_reused_handles[] = {
    {"chat-join", ", which was published before it came"},
    {"chat-gap", "another member has heard "},
    {"chat-complete", ", which another has heard before it left"},
};
constexpr Expected closes_a_handle_twice[] = {
    {"chat-complete", " was cut off after "},
};
constexpr Expected recycles_without_clearing[] = {
    {"chat-gap", "another member has heard "},
    {"chat-order", "another member has heard "},
    {"chat-join", ", which was published before it came"},
};
constexpr Expected keeps_everything_for_everybody[] = {
    {"chat-memory", "did not read, and got "},
};
constexpr Expected drops_with_a_plain_close[] = {
    {"chat-whole", "in the middle of a line"},
    {"chat-complete", "never got "},
};
constexpr Expected answers_the_sender_first[] = {
    {"chat-order", "another member has heard "},
    {"chat-gap", "another member has heard "},
    {"chat-join", ", which was published before it came"},
    {"chat-complete", ", which another has heard before it left"},
};
constexpr Expected sets_long_lines_aside[] = {
    {"chat-sender-order", " after its line "},
};
constexpr Expected forgets_the_unfinished_line[] = {
    {"chat-complete", "never got its own line "},
};
constexpr Expected lets_one_flood[] = {
    {"chat-fair", "read all the time, and was cut off after "},
    // What is still on its way counts for the server, too.
    {"chat-complete", "though nothing had disturbed the connection"},
};
constexpr Expected takes_listeners_for_idle[] = {
    {"chat-idle", "though the server never saw its bytes stand still for longer than "},
};
constexpr Expected forgets_parts_of_a_send[] = {
    {"echo-idle", "though the server never saw its bytes stand still for longer than "},
};
constexpr Expected waits_for_a_turn[] = {
    {"stuck", "another coroutine at tests/zoo/specimens/sound_duplex.cpp:"},
};
constexpr Expected waits_for_a_place[] = {
    {"stuck",
     "and no accept is in flight; the last one was started at "
     "tests/zoo/specimens/sound_limited.cpp:"},
};
constexpr Expected stops_at_once[] = {
    {"chat-complete", " was cut off after "},
};

constexpr Expected acknowledges_before_it_syncs[] = {
    {"ledger-keeps", "the ledger has acknowledged "},
    {"ledger-keeps", ": only one of them is in it"},
};
constexpr Expected appends_to_a_torn_record[] = {
    {"ledger-keeps", "the ledger has acknowledged "},
    {"ledger-keeps", ": only one of them is in it"},
};
constexpr Expected retries_without_a_number[] = {
    {"ledger-once", ": some are counted twice"},
};
constexpr Expected numbers_its_requests_anew[] = {
    {"ledger-keeps", ": only one of them is in it"},
};
constexpr Expected answers_while_it_recovers[] = {
    {"ledger-fenced", " was counted behind add "},
    {"ledger-once", ": some are counted twice"},
    {"ledger-keeps", ": only one of them is in it"},
};
constexpr Expected waits_without_a_limit[] = {
    {"lock-patience", " for the answer"},
};
constexpr Expected lets_the_deposed_write[] = {
    {"ledger-fenced", " was counted behind add "},
};
constexpr Expected leases_without_a_margin[] = {
    {"lock-alone", " still takes itself for the holder, with token "},
};
constexpr Expected compares_two_clocks[] = {
    // Its clock is far ahead, and each lease is over when it hears of it.
    {"lock-served", " ms after the calm; "},
    {"lock-alone", " still takes itself for the holder, with token "},
};
constexpr Expected counts_a_lease_from_its_answer[] = {
    {"lock-tokens", " was granted the lock with token "},
    {"lock-alone", " still takes itself for the holder, with token "},
};
constexpr Expected forgets_its_leases[] = {
    {"lock-alone", " still takes itself for the holder, with token "},
};
constexpr Expected numbers_its_grants_anew[] = {
    {"lock-tokens", " was granted the lock with token "},
};
constexpr Expected frees_what_another_holds[] = {
    {"lock-alone", " still takes itself for the holder, with token "},
};
constexpr Expected takes_a_newcomer_for_the_old[] = {
    {"lock-alone", " still takes itself for the holder, with token "},
};

}  // namespace causes

// --- the list --------------------------------------------------------------------------------

constexpr Specimen table[] = {
    echo<&make_ignores_short_sends>(
        "zoo/ignores-short-sends", "after a short send, the server does not send the rest",
        "textbook, completion-routine echo server: szSendBytes is not looked at",
        causes::ignores_short_sends),
    echo<&make_sends_again_from_the_start>(
        "zoo/sends-again-from-the-start",
        "after a short send, the server sends the whole message again",
        "EternalTerminal, pull request #815", causes::sends_again_from_the_start),
    echo<&make_keeps_the_last_length>(
        "zoo/keeps-the-last-length",
        "the server sends an answer with the length of the message before it",
        "textbook, completion-routine echo server: a WSABUF keeps the length of the last message",
        causes::keeps_the_last_length),
    at_once(echo<&make_reads_past_the_end>(
        "zoo/reads-past-the-end",
        "the server takes the end of the stream for \"nothing yet\", and receives again",
        "textbook, stable echo client: recv returning 0 is an endless loop",
        causes::reads_past_the_end)),
    echo<&make_receives_before_it_has_sent>(
        "zoo/receives-before-it-has-sent",
        "the server keeps receiving while its sends are in flight",
        "textbook, IOCP echo server: a client that never reads grows the server",
        causes::receives_before_it_has_sent),
    echo<&make_closes_before_it_has_sent>(
        "zoo/closes-before-it-has-sent",
        "at the end of the stream the server closes, though a send is not finished",
        "textbook, IOCP echo server: closesocket while a send is pending",
        causes::closes_before_it_has_sent),
    echo<&make_frees_with_a_send_in_flight>(
        "zoo/frees-with-a-send-in-flight",
        "at the end of the stream the server frees a connection whose send is in flight",
        "textbook, IOCP echo server: use after free", causes::frees_with_a_send_in_flight),
    echo<&make_closes_when_time_is_up>(
        "zoo/closes-when-time-is-up",
        "the server closes a connection whose time is up, whatever is in flight on it",
        "libuv, issue #3034", causes::closes_when_time_is_up, uncommon),
    echo<&make_leaks_what_has_failed>(
        "zoo/leaks-what-has-failed",
        "the server forgets a connection whose operation failed, and leaves its socket open",
        "textbook, IOCP echo server and completion-routine one: a failed start leaks the "
        "connection; AsyncIO, issue #33",
        causes::leaks_what_has_failed),
    echo<&make_leaves_its_watchdog_behind>(
        "zoo/leaves-its-watchdog-behind",
        "after an error the server does not join the connection's watchdog",
        "ponyc, pull request #5046", causes::leaves_its_watchdog_behind),
    echo<&make_waits_for_a_failed_send>(
        "zoo/waits-for-a-failed-send",
        "a send that fails notifies nobody, and the task that waits for it never ends",
        "nng, issue #1598", causes::waits_for_a_failed_send),
    echo<&make_wipes_buffers_too_soon>(
        "zoo/wipes-buffers-too-soon",
        "a stop wipes the buffer of a canceled receive before its completion",
        "tinymux, issue #1832; pjproject, issue #985", causes::wipes_buffers_too_soon, uncommon),
    at_once(echo<&make_gives_buffers_back_too_soon>(
        "zoo/gives-buffers-back-too-soon",
        "the server gives a provided buffer back to the queue before it has sent its bytes",
        "io_uring's provided buffers, as their manual page warns",
        causes::gives_buffers_back_too_soon)),
    echo<&make_gives_up_waiting_for_a_send>(
        "zoo/gives-up-waiting-for-a-send",
        "after ten milliseconds the server receives into the buffer that it is still sending",
        "Reseau, pull request #134", causes::gives_up_waiting_for_a_send),
    echo<&make_shares_one_descriptor>("zoo/shares-one-descriptor",
                                      "all sends of the server share one buffer descriptor",
                                      "zio, pull request #558", causes::shares_one_descriptor),
    echo<&make_shares_one_operation>("zoo/shares-one-operation",
                                     "all sends of the server share one operation",
                                     "srt, pull request #2929", causes::shares_one_operation),
    echo<&make_receives_again_after_a_timeout>(
        "zoo/receives-again-after-a-timeout",
        "when a receive times out, the server starts another one without a cancel",
        "beast, issue #1528", causes::receives_again_after_a_timeout, uncommon),
    echo<&make_trusts_a_cancel>(
        "zoo/trusts-a-cancel",
        "the server discards the bytes of a receive that completes although it was canceled",
        "Ladybird, pull request #5045", causes::trusts_a_cancel),
    echo<&make_half_closes_on_a_stop>(
        "zoo/half-closes-on-a-stop",
        "a stop half-closes connections whose answers are still being sent",
        "textbook, all servers: no stop, and the first that is written",
        causes::half_closes_on_a_stop, uncommon),
    echo<&make_stops_accepting_after_a_failure>(
        "zoo/stops-accepting-after-a-failure", "the first accept that fails ends the accept loop",
        "capnproto, pull request #2773", causes::stops_accepting_after_a_failure),
    echo<&make_closes_its_listener_on_a_failure>(
        "zoo/closes-its-listener-on-a-failure", "an accept that fails closes the listening socket",
        "cpython, issue #93821", causes::closes_its_listener_on_a_failure),
    at_once(echo<&make_closes_its_listener_undrained>(
        "zoo/closes-its-listener-undrained", "a stop closes the listener with an accept in flight",
        "libuv, pull request #3036", causes::closes_its_listener_undrained)),
    echo<&make_loses_accept_slots>(
        "zoo/loses-accept-slots",
        "of several accepts, the server does not start one again that met a shortage",
        "tinymux, issue #1830", causes::loses_accept_slots, uncommon),
    echo<&make_never_gives_a_place_back>(
        "zoo/never-gives-a-place-back",
        "a connection that ends by an error keeps its place among those that are served",
        "FastFlowLM, issue #680", causes::never_gives_a_place_back),
    echo<&make_forgets_parts_of_a_send>(
        "zoo/forgets-parts-of-a-send",
        "only whole answers count for the idle timeout, not parts of them",
        "drydock's own echo server, before parts counted", causes::forgets_parts_of_a_send, rare),
    chat<&make_removes_the_neighbour>(
        "zoo/removes-the-neighbour",
        "when a member leaves, the server removes its neighbor from the list",
        "textbook, IOCP chat server: the removal loop", causes::removes_the_neighbour),
    chat<&make_keeps_who_has_failed>(
        "zoo/keeps-who-has-failed", "a member whose connection fails stays in the list",
        "textbook, IOCP chat server: a member whose send fails is never removed",
        causes::keeps_who_has_failed),
    chat<&make_counts_without_a_lock>(
        "zoo/counts-without-a-lock",
        "the server chooses a place in the list in one step and takes it in another",
        "textbook, IOCP chat server: clntCnt and clntSocks without a lock",
        causes::counts_without_a_lock, uncommon),
    chat<&make_has_room_for_three>(
        "zoo/has-room-for-three",
        "the list of members has a fixed size that the server does not check",
        "textbook, IOCP chat server: the 257th client", causes::has_room_for_three, uncommon),
    chat<&make_waits_for_slow_readers>(
        "zoo/waits-for-slow-readers", "a broadcast waits for each member in turn",
        "textbook, IOCP chat server: a blocking send inside a worker",
        causes::waits_for_slow_readers),
    at_once(chat<&make_sends_inside_a_monitor>(
        "zoo/sends-inside-a-monitor", "a broadcast holds the lock of the room while it sends",
        "textbook, IOCP chat server: no lock, as it is mended first",
        causes::sends_inside_a_monitor)),
    chat<&make_lets_two_write_at_once>(
        "zoo/lets-two-write-at-once",
        "each task sends the lines that it has received to all members itself",
        "textbook, IOCP chat server: two workers send to one "
        "client; hazelcast-cpp-client, pull request #981",
        causes::lets_two_write_at_once),
    chat<&make_relays_chunks>(
        "zoo/relays-chunks",
        "the server relays the bytes of each receive as they are, whole lines or not",
        "textbook, IOCP chat server: no framing", causes::relays_chunks),
    chat<&make_publishes_torn_lines>(
        "zoo/publishes-torn-lines",
        "the server takes a reset for the end of the stream, and publishes half a line",
        "textbook, completion-routine echo server: dwError is ignored",
        causes::publishes_torn_lines),
    chat<&make_sends_to_reused_handles>(
        "zoo/sends-to-reused-handles",
        "a broadcast uses handles that it noted at its start and that may have been reused",
        "textbook, IOCP chat server: a closed socket is still sent to",
        causes::sends_to_reused_handles, rare),
    chat<&make_closes_a_handle_twice>(
        "zoo/closes-a-handle-twice",
        "the server closes a failed connection twice, and the second close hits a newcomer",
        "zio, issue #530", causes::closes_a_handle_twice, uncommon),
    chat<&make_recycles_without_clearing>(
        "zoo/recycles-without-clearing",
        "a newcomer gets what the last owner of its handle left in the outbox",
        "vermell, issue #15", causes::recycles_without_clearing, uncommon),
    chat<&make_keeps_everything_for_everybody>(
        "zoo/keeps-everything-for-everybody",
        "the server keeps everything that a member has not read, without a limit",
        "micronaut-core, issue #8984", causes::keeps_everything_for_everybody, uncommon),
    chat<&make_drops_with_a_plain_close>(
        "zoo/drops-with-a-plain-close",
        "the server drops a slow member by a plain close, as if it had been sent everything",
        "TrueAsync server, issue #171", causes::drops_with_a_plain_close),
    chat<&make_answers_the_sender_first>(
        "zoo/answers-the-sender-first",
        "the server puts a line into its sender's outbox a step before the others",
        "what becomes of a lock for each outbox, instead of one for the room",
        causes::answers_the_sender_first, uncommon),
    chat<&make_sets_long_lines_aside>(
        "zoo/sets-long-lines-aside",
        "another task publishes long lines, and short ones overtake them", "dbus-java, issue #133",
        causes::sets_long_lines_aside, uncommon),
    chat<&make_forgets_the_unfinished_line>(
        "zoo/forgets-the-unfinished-line",
        "the server does not publish a line that the end of the stream finishes",
        "rocksdb, pull request #15184", causes::forgets_the_unfinished_line),
    chat<&make_lets_one_flood>(
        "zoo/lets-one-flood", "the server drops slow readers because one member floods",
        "drydock's own chat server, before it was fair", causes::lets_one_flood, uncommon),
    chat<&make_takes_listeners_for_idle>(
        "zoo/takes-listeners-for-idle",
        "only what a member says counts for the idle timeout, not what it reads",
        "any server whose idle timeout watches receives alone", causes::takes_listeners_for_idle,
        uncommon),
    relay<&run_resends_without_numbers>(
        "zoo/resends-without-numbers",
        "a batch whose acknowledgement was lost is sent again, and the broker cannot know it",
        "XADD with the id *: a lost reply and a second XADD give the entry twice",
        causes::resends_without_numbers),
    relay<&run_resumes_at_the_end>(
        "zoo/resumes-at-the-end", "after each connect the reader begins at the end of the stream",
        "XREAD with the id $, as its first examples have it", causes::resumes_at_the_end),
    at_once(relay<&run_delivers_before_the_broker>(
        "zoo/delivers-before-the-broker",
        "a server delivers its own members' lines before the broker has them",
        "any fan-out that serves local subscribers first", causes::delivers_before_the_broker)),
    relay<&run_trusts_an_id_after_trimming>(
        "zoo/trusts-an-id-after-trimming",
        "the reader resumes from its last id, and does not see that entries behind it are gone",
        "XREAD from an id that was trimmed goes on after the gap, without an error",
        causes::trusts_an_id_after_trimming, standard_budget),
    at_once(relay<&run_publishes_behind_a_read>(
        "zoo/publishes-behind-a-read", "a batch is published when the blocking read returns",
        "one connection for XREAD BLOCK and XADD: the second waits for the first",
        causes::publishes_behind_a_read)),
    relay<&run_drops_what_was_on_its_way>(
        "zoo/drops-what-was-on-its-way",
        "a batch that was on its way when the connection failed counts as sent",
        "at most once in place of exactly once, as with PUBLISH",
        causes::drops_what_was_on_its_way),
    chat<&make_stops_at_once>("zoo/stops-at-once",
                              "a stop aborts all connections at once, whatever they are still owed",
                              "textbook, all servers: no stop, and the first that is written",
                              causes::stops_at_once, rare),
    lock<&make_acknowledges_before_it_syncs>(
        "zoo/acknowledges-before-it-syncs",
        "the ledger acknowledges an add before its log is synced", "nats-server, issue #7564",
        causes::acknowledges_before_it_syncs, crashes),
    lock<&make_appends_to_a_torn_record>(
        "zoo/appends-to-a-torn-record",
        "the ledger appends behind half a record that a loss of power has left",
        "cqlite, issue #1390; amelie, issue #17", causes::appends_to_a_torn_record, crashes, rare),
    lock<&make_retries_without_a_number>("zoo/retries-without-a-number",
                                         "the ledger does not know an add that is sent again",
                                         "brpc, issue #1406; anthropic-sdk-java, issue #370",
                                         causes::retries_without_a_number, no_host_fault),
    lock<&make_numbers_its_requests_anew>(
        "zoo/numbers-its-requests-anew",
        "a worker that has started anew numbers its adds from 1 again", "actor-ts, issue #726",
        causes::numbers_its_requests_anew, crashes),
    lock<&make_answers_while_it_recovers>(
        "zoo/answers-while-it-recovers",
        "the ledger answers from its memory before it has read its log to the end",
        "matrixcube, issue #409; zestdb, issue #26", causes::answers_while_it_recovers, crashes,
        uncommon),
    lock<&make_waits_without_a_limit>("zoo/waits-without-a-limit",
                                      "a worker waits for an answer without a limit",
                                      "goobs, pull request #256; pravega, issue #5218",
                                      causes::waits_without_a_limit, crashes | partitions),
    lock<&make_lets_the_deposed_write>(
        "zoo/lets-the-deposed-write",
        "the ledger counts an add that a former holder of the lock has sent",
        "Kleppmann, How to do distributed locking, 2016; etcd, issue #11456",
        causes::lets_the_deposed_write, partitions, rare),
    lock<&make_leases_without_a_margin>(
        "zoo/leases-without-a-margin", "a worker uses the whole of its lease, by its own clock",
        "etcd, pull request #11490; noobaa-core, pull request #9765",
        causes::leases_without_a_margin, skewed_clocks, rare),
    lock<&make_compares_two_clocks>(
        "zoo/compares-two-clocks",
        "the keeper tells by its clock when a lease ends, and the worker looks at its own",
        "occurrent, issue #659; fdb-kubernetes-operator, issue #241", causes::compares_two_clocks,
        skewed_clocks),
    lock<&make_counts_a_lease_from_its_answer>(
        "zoo/counts-a-lease-from-its-answer",
        "a worker counts its lease from the moment in which it hears of it",
        "golem, pull request #3834", causes::counts_a_lease_from_its_answer, partitions, uncommon),
    lock<&make_forgets_its_leases>("zoo/forgets-its-leases",
                                   "a keeper that has started anew takes the lock for free",
                                   "Gray and Cheriton, Leases, 1989, which warns of it",
                                   causes::forgets_its_leases, crashes, rare),
    lock<&make_numbers_its_grants_anew>(
        "zoo/numbers-its-grants-anew",
        "a keeper that has started anew numbers its grants from 1 again",
        "wippyai/runtime, pull request #343", causes::numbers_its_grants_anew, crashes),
    lock<&make_frees_what_another_holds>(
        "zoo/frees-what-another-holds",
        "the keeper frees the lock for a worker that does not hold it any more",
        "nexspence, issue #223; twenty, issue #25661", causes::frees_what_another_holds,
        no_host_fault),
    lock<&make_takes_a_newcomer_for_the_old>(
        "zoo/takes-a-newcomer-for-the-old",
        "the keeper confirms the grant of a worker to the worker that has come in its place",
        "yugabyte-db, issue #24700", causes::takes_a_newcomer_for_the_old, no_host_fault),
    rare_at(43'097, duplex<&make_declines_without_a_second_look>(
                        "zoo/declines-without-a-second-look",
                        "a client that leaves the line looks for its turn before it has the lock",
                        "cpython, issue #90155", causes::waits_for_a_turn)),
    rare_at(61'199, duplex<&make_joins_the_line_after_a_look>(
                        "zoo/joins-the-line-after-a-look",
                        "a client looks for a free turn in one critical section and joins the line "
                        "in the next",
                        "CyanOS, issue #5", causes::waits_for_a_turn)),
    rare_at(108'045, duplex<&make_frees_a_turn_after_a_look>(
                         "zoo/frees-a-turn-after-a-look",
                         "the end of a turn looks for waiting clients in one critical section and "
                         "frees the turn in the next",
                         "osv, pull request #1480", causes::waits_for_a_turn)),
    rare_at(333'257,
            duplex<&make_stops_at_one_that_has_gone>(
                "zoo/stops-at-one-that-has-gone",
                "a turn is not passed on if the first in the line has failed and has not left it",
                "anyio, pull request #1145", causes::waits_for_a_turn)),
    rare_at(38'254,
            duplex<&make_keeps_a_turn_that_it_declines>(
                "zoo/keeps-a-turn-that-it-declines",
                "a client that fails while it waits keeps a turn that has just come",
                "cpython, pull request #1031; asyncio, issue #270", causes::waits_for_a_turn)),
    rare_at(149'809, duplex<&make_pauses_after_a_look>(
                         "zoo/pauses-after-a-look",
                         "the acceptor looks for a free place in one critical section and says in "
                         "the next that it pauses",
                         "kpipe, pull request #228", causes::waits_for_a_place)),
    rare_at(237'858, lock<&make_rewrites_its_log_in_place>(
                         "zoo/rewrites-its-log-in-place",
                         "a ledger that finds half a record writes its log anew in the old place",
                         "delta-rs, issue #94; deja-vu, pull request #206",
                         causes::acknowledges_before_it_syncs, crashes)),
    rare_at(35'837, lock<&make_acknowledges_a_copy_at_once>(
                        "zoo/acknowledges-a-copy-at-once",
                        "the ledger acknowledges an add that it knows before its log is synced",
                        "pulsar, issue #5218", causes::acknowledges_before_it_syncs, crashes)),
    rare_at(51'367,
            lock<&make_waits_out_a_lease_by_its_own_clock>(
                "zoo/waits-out-a-lease-by-its-own-clock",
                "a keeper that has started anew leaves too small a margin for its clock",
                "tikv, pull request #1127", causes::leases_without_a_margin, skewed_clocks)),
    rare_at(73'718, lock<&make_allows_for_one_clock>(
                        "zoo/allows-for-one-clock",
                        "a worker leaves a margin for one clock, and its lease is measured by two",
                        "reddb, issue #1835", causes::leases_without_a_margin, skewed_clocks)),
};

constexpr sim::ScenarioInfo sound[] = {
    info("echo", "drydock's echo server", &echo_with<sim::make_echo_server>, sim::echo_parameters,
         sim::echo_properties),
    info("zoo/sound-echo", "the echo server that specimens are made from", &echo_with<&make_sound>,
         sim::echo_parameters, sim::echo_properties),
    info("zoo/sound-duplex", "the echo server with turns that specimens are made from",
         &echo_with<&make_sound_duplex>, sim::echo_parameters, sim::echo_properties,
         duplex_calm_bound),
    info("zoo/sound-duplex-of-two", "the same with two turns at a time",
         &echo_with<&make_sound_duplex_of_two>, sim::echo_parameters, sim::echo_properties,
         duplex_calm_bound),
    info("zoo/sound-limited", "the echo server with two places that specimens are made from",
         &echo_with<&make_sound_limited>, sim::echo_parameters, sim::echo_properties,
         duplex_calm_bound),
    info("chat", "drydock's chat server", &chat_with<sim::make_chat_server>, sim::chat_parameters,
         sim::chat_properties),
    info("zoo/sound-chat", "the chat server that specimens are made from",
         &chat_with<&make_sound_chat>, sim::chat_parameters, sim::chat_properties),
    info("relay", "drydock's chat server with its relay", &relay_with<&sim::run_relayed_server>,
         sim::relay_parameters, sim::relay_properties, sim::relay_calm_bound),
    info("zoo/sound-relay", "the relay that specimens are made from", &relay_with<&run_sound_relay>,
         sim::relay_parameters, sim::relay_properties, sim::relay_calm_bound),
    lock_info("zoo/sound-lock", "the lock service that specimens with several hosts are made from",
              &lock_with<&make_sound_lock>),
};

}  // namespace

std::span<const Specimen> specimens() noexcept { return table; }

const Specimen* find_specimen(std::string_view name) noexcept {
    const auto found = std::find_if(std::begin(table), std::end(table), [&](const Specimen& each) {
        return each.scenario.name == name;
    });
    return found == std::end(table) ? nullptr : found;
}

std::span<const sim::ScenarioInfo> sound_servers() noexcept { return sound; }

}  // namespace drydock::zoo
