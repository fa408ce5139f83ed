// Specimen: long lines are published by another task, so that they hold up nobody.
//
// A defect of the field (dbus-java #133): work that is handed to whichever worker is free loses the
// order in which it came. Here a short line overtakes the long one that its sender said before it.
#include "tests/zoo/specimens/chat_specimens.hpp"

namespace drydock::zoo {
namespace {

class SetsLongLinesAside final : public ChatSpecimen {
public:
    SetsLongLinesAside(sim::World& world, Listener listener, const chat::ServerOptions& options)
        : ChatSpecimen(world, std::move(listener), options), aside_(world) {}

private:
    Task<void> publish(Seat& from, std::string lines) override {
        if (lines.size() < 40) {
            co_await ChatSpecimen::publish(from, std::move(lines));
        } else {
            aside_.spawn(ChatSpecimen::publish(from, std::move(lines)));
        }
    }

    Task<void> finish(Seat&) override {
        const auto given_out = [this] {
            world_.entered(&aside_);
            return aside_.size() == 0;
        };
        co_await until(given_out);
    }

    Task<void> stopped() override { co_await aside_.join(); }

    TaskGroup aside_;
};

}  // namespace

DRYDOCK_CHAT_SPECIMEN(make_sets_long_lines_aside) {
    return std::make_unique<SetsLongLinesAside>(world, std::move(listener), options);
}

}  // namespace drydock::zoo
