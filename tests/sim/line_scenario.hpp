// A server of lines with several clients and one planted defect at a time, for tests of shrinking.
//
// The server answers each line with the line itself and a number that no other answer has. Clients
// send lines in several manners. They make choices while they run, under labels that all clients
// share; so a client that is left out moves the choices of the others to other occurrences.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <drydock/sim/run.hpp>

namespace drydock::test {

enum class Planted : std::uint8_t {
    nothing,
    answers_out_of_order,    ///< each line is answered by a task of its own
    rest_of_send_forgotten,  ///< a short send is taken for a whole one
    place_kept,              ///< a connection that ends by an error keeps its place
    stop_without_drain,      ///< a stop cancels what is still to be sent
    number_taken_twice,      ///< a number is read in one entry of a monitor and written in another
    unfinished_line_shared,  ///< one buffer for the unfinished lines of all connections
    slot_reused,             ///< the third connection gets the first one's outbox
};
constexpr int planted_count = 8;

const char* name(Planted defect) noexcept;

enum class LineManner : std::uint8_t {
    polite,
    pipelined,
    in_pieces,
    slow,
    vanishes,
    resets,
};

struct LinePlan {
    LineManner manner = LineManner::polite;
    std::uint32_t lines = 1;
    std::uint32_t length = 0;  ///< of the padding of each line
    std::uint32_t visits = 1;
    std::uint32_t start = 0;  ///< in milliseconds
};

class LineScenario final : public sim::Scenario {
public:
    explicit LineScenario(Planted defect) noexcept : defect_(defect) {}
    Task<void> main(sim::World& world) override;
    std::string options() const override;

private:
    struct Visit;
    struct Server;
    Task<void> run_client(sim::World& world, Server& server, std::uint32_t id, LinePlan plan);
    Task<void> visit(sim::World& world, Server& server, Visit& visit);
    Task<void> send_lines(sim::World& world, Visit& visit);
    Task<void> send_in_pieces(sim::World& world, Visit& visit, const std::string& line);
    Task<void> read_answers(sim::World& world, Server& server, Visit& visit);
    Task<void> stop_later(sim::World& world, Server& server);
    void check_answer(sim::World& world, Server& server, Visit& visit, const std::string& answer);
    void judge(sim::World& world, const Server& server, const Visit& visit);

    Planted defect_;
    bool stop_early_ = false;
    std::uint32_t stop_after_ = 0;  // in milliseconds
    std::vector<LinePlan> plans_;
};

}  // namespace drydock::test
