// The scenarios that Asio's examples are run with: a few general ones, each for many programs. All
// are in each executable; the table in CMakeLists.txt says which one an example is run with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <drydock/endpoint.hpp>
#include <drydock/sim/peers.hpp>
#include <drydock/sim/program.hpp>
#include <drydock/socket.hpp>
#include <drydock/task.hpp>

namespace drydock::examples {

/// Where programs listen, and where clients find their server.
inline constexpr std::uint16_t free_port = 7000;
inline constexpr std::uint16_t daytime_port = 13;
inline constexpr std::uint16_t http_port = 80;
inline constexpr std::uint16_t composed_port = 55555;

/// A text that can be a template argument.
struct Text {
    char text[96];
    constexpr Text(const char* literal) : text() {
        for (int i = 0; literal[i] != '\0'; ++i) text[i] = literal[i];
    }
};

/// The words of `line`.
std::vector<std::string> words(std::string_view line);

/// A client of a server program. It fails `accepts` if the server does not take it.
class Visitor : public sim::Peer {
public:
    using Peer::Peer;

protected:
    /// Judges a visitor that was connected and may expect a complete talk.
    virtual void judge() = 0;
    void ended() final;
};

/// A program that serves, and one to four visitors.
class ServingProgram : public sim::ProgramScenario {
public:
    Task<void> clients(sim::World& world) override;
    std::string options() const override;
    std::string outcome() const override;

protected:
    virtual std::uint16_t port() const { return free_port; }
    /// What the visitors may choose from.
    virtual sim::PeerChoices choices() const { return {}; }
    virtual std::unique_ptr<Visitor> visitor(sim::World& world, std::uint32_t number,
                                             const sim::PeerPlan& plan) = 0;

private:
    std::vector<std::unique_ptr<Visitor>> visitors_;
};

/// A program that is a client, and a service for it to talk to.
class VisitingProgram : public sim::ProgramScenario {
public:
    bool ends_by_itself() const override { return true; }
    /// A client whose connect was refused, or whose connection was reset, may say so.
    bool may_end_with(int) const override { return true; }
    Task<void> clients(sim::World& world) override;
    std::string outcome() const override;

protected:
    virtual std::uint16_t port() const { return free_port; }
    /// How long the program may run.
    virtual Duration longest() const { return std::chrono::minutes(10); }
    /// Serves one connection, to its end.
    virtual Task<void> serve(sim::World& world, AsyncSocket& socket) = 0;
    /// The program has ended, or must end now. `undisturbed`: it had one connection, which was
    /// served well and which no fault has damaged.
    virtual void judge(sim::World& world, bool undisturbed) = 0;

    // ---- for serve() ----------------------------------------------------------------------------
    /// The service has done for the connection all that the client may expect.
    void served_well() noexcept { served_ = true; }
    /// Sends a part of an answer. False: the connection is to be closed.
    Task<bool> say(AsyncSocket& socket, std::string_view text);
    /// Receives some bytes, to the end of `heard`. False: there are no more.
    Task<bool> hear(AsyncSocket& socket, std::string& heard);
    /// Receives until there are no more.
    Task<void> hear_out(AsyncSocket& socket);

private:
    /// How the service treats its clients.
    enum class Manner : std::uint8_t { serves, breaks_off, closes, silent };

    Task<void> accept_all(sim::World& world, AsyncListener& listener);
    Task<void> serve_one(sim::World& world, std::size_t index);

    Manner manner_ = Manner::serves;
    std::vector<std::unique_ptr<AsyncSocket>> open_;
    std::size_t accepted_ = 0;
    bool served_ = false;
    bool damaged_ = false;
};

/// All scenarios, for tool_main().
extern const sim::ScenarioInfo* const serving_scenarios[];
extern const std::size_t serving_scenario_count;
extern const sim::ScenarioInfo* const visiting_scenarios[];
extern const std::size_t visiting_scenario_count;
extern const sim::ScenarioInfo* const plain_scenarios[];
extern const std::size_t plain_scenario_count;

}  // namespace drydock::examples
