// Messages and notes of a sequence diagram: https://mermaid.js.org/syntax/sequenceDiagram.html
#include "sim/picture/mermaid.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "sim/picture/findings.hpp"

namespace drydock::sim {
namespace {

constexpr std::size_t longest_payload = 24;

/// Text that Mermaid takes as text: letters, digits and plain signs as they are, all others by
/// their number. What is not ASCII becomes a question mark.
std::string as_mermaid(std::string_view text) {
    constexpr std::string_view plain = " .,_:()/=+'-";
    std::string result;
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool digit = c >= '0' && c <= '9';
        if (letter || digit || plain.find(c) != std::string_view::npos) {
            result += c;
        } else if (c > ' ' && c <= '~') {
            result += "#" + std::to_string(int{c}) + ";";
        } else {
            result += c == '\n' ? ' ' : '?';
        }
    }
    return result;
}

class Diagram {
public:
    explicit Diagram(const Picture& picture) : run_(picture.run), found_(find_in(run_)) {}

    std::optional<std::string> draw() {
        std::string text = "sequenceDiagram\n";
        for (std::size_t i = 0; i < found_.hosts.size(); ++i) {
            text += "    participant " + host(i) + " as " + as_mermaid(found_.hosts[i].name) + "\n";
        }
        for (const ConnectionLane& lane : found_.connections) {
            if (!lane.connecting_host.empty()) continue;
            const std::string owner =
                lane.role.empty() ? "" : lane.role + " " + std::to_string(lane.client) + ", ";
            text += "    participant " + client(lane.number) + " as " +
                    as_mermaid(owner + "connection " + std::to_string(lane.number)) + "\n";
        }
        if (has_server()) text += "    participant server\n";
        for (std::size_t id = 1; id <= run_.events.size(); ++id) {
            add(run_.event(id));
            if (lines_.size() > most_mermaid_lines) return std::nullopt;
        }
        for (const std::string& line : lines_) text += "    " + line + "\n";
        return text;
    }

private:
    static std::string client(std::uint64_t connection) { return "c" + std::to_string(connection); }
    static std::string host(std::size_t index) { return "h" + std::to_string(index + 1); }

    std::string host(std::string_view name) const {
        for (std::size_t i = 0; i < found_.hosts.size(); ++i) {
            if (found_.hosts[i].name == name) return host(i);
        }
        return "server";
    }

    /// Ends that are on no host have participants of their own.
    bool has_server() const {
        return found_.hosts.empty() ||
               std::any_of(found_.connections.begin(), found_.connections.end(),
                           [](const ConnectionLane& lane) { return lane.accepted_host.empty(); });
    }

    /// What is about the run as a whole is noted over all hosts.
    std::string everywhere() const {
        if (found_.hosts.empty()) return "server";
        if (found_.hosts.size() == 1) return host(0);
        return host(0) + "," + host(found_.hosts.size() - 1);
    }

    std::string lane(const RecordedEvent& event, bool accepted) const {
        if (event.connection == 0) return event.host.empty() ? everywhere() : host(event.host);
        for (const ConnectionLane& known : found_.connections) {
            if (known.number != event.connection) continue;
            const std::string& on = accepted ? known.accepted_host : known.connecting_host;
            if (!on.empty()) return host(on);
        }
        return accepted ? "server" : client(event.connection);
    }

    /// Between hosts, arrows of several connections have the same ends.
    std::string named(const RecordedEvent& event, const std::string& text) const {
        if (found_.hosts.empty() || found_.connections.size() == 1) return text;
        return "connection " + std::to_string(event.connection) + ", " + text;
    }

    void note(const std::string& lane, const std::string& text) {
        lines_.push_back("Note over " + lane + ": " + as_mermaid(text));
    }

    /// What has arrived at the end of the event has come from the other end.
    void arrival(const RecordedEvent& event, const char* arrow, const std::string& text) {
        lines_.push_back(lane(event, !event.accepted) + arrow + lane(event, event.accepted) + ": " +
                         as_mermaid(named(event, text)));
    }

    static std::string bytes_text(const RecordedEvent& event) {
        std::string shown = event.data.substr(0, longest_payload);
        for (char& c : shown) {
            if (c < ' ' || c > '~') c = '.';
        }
        const bool more = event.data_size > shown.size();
        return std::to_string(event.data_size) + " bytes: " + shown + (more ? "..." : "");
    }

    void completion(const RecordedEvent& event) {
        const bool is_short = event.operation == OperationKind::send && event.bytes < event.size;
        if (event.connection == 0 || (event.error == Error::ok && !is_short)) return;
        note(lane(event, event.accepted), std::string(name(event.operation)) +
                                              " completes: " + std::string(name(event.error)) +
                                              ", " + std::to_string(event.bytes) + " of " +
                                              std::to_string(event.size) + " bytes");
    }

    void add(const RecordedEvent& event) {
        switch (event.kind) {
            case RunEventKind::socket_opened:
                if (event.accepted) {
                    return note(lane(event, true),
                                "accepts connection " + std::to_string(event.connection));
                }
                lines_.push_back(lane(event, false) + "->>" + lane(event, true) + ": " +
                                 as_mermaid(named(event, "connects")));
                return;
            case RunEventKind::bytes_arrived:
                return arrival(event, "->>", bytes_text(event));
            case RunEventKind::end_arrived:
                return arrival(event, "--)", "end of the stream");
            case RunEventKind::reset_arrived:
                return arrival(event, "-x", "reset");
            case RunEventKind::completed:
                return completion(event);
            case RunEventKind::fault:
                return note(everywhere(), std::string(name(event.fault)));
            case RunEventKind::choice:
                if (event.value == 0) return;
                return note(everywhere(), "choice " + event.label + " = " +
                                              std::to_string(event.value) + " (0 to " +
                                              std::to_string(event.options - 1) + ")");
            case RunEventKind::host_started:
                return note(host(event.host),
                            event.number == 1
                                ? std::string("starts")
                                : "starts again (start " + std::to_string(event.number) + ")");
            case RunEventKind::host_ended:
                return note(host(event.host), "is down: " + event.text);
            case RunEventKind::partitioned:
                return note(everywhere(), "partition: " + event.text);
            case RunEventKind::verdict:
                return note(everywhere(), "fails " + event.name + ": " + event.text);
            default:
                return;
        }
    }

    const RecordedRun& run_;
    const Findings found_;
    std::vector<std::string> lines_;
};

}  // namespace

std::optional<std::string> mermaid_of(const Picture& picture) { return Diagram(picture).draw(); }

}  // namespace drydock::sim
