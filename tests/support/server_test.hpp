// A server of src/ against mock sockets: what the unit tests of all servers share.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/log.hpp>
#include <drydock/task_group.hpp>

#include "tests/support/mocks.hpp"

namespace drydock::test {

/// Keeps what is written.
class RecordingLog final : public Log {
public:
    using Log::write;
    bool wants(Severity) const noexcept override { return true; }
    void write(Severity, std::string_view event,
               std::span<const LogField> fields) noexcept override {
        Entry entry{std::string(event), {}};
        for (const LogField& field : fields) {
            const auto* number = std::get_if<std::int64_t>(&field.value);
            entry.fields.push_back(
                {std::string(field.key), number != nullptr ? *number : 0,
                 number != nullptr ? "" : std::string(std::get<std::string_view>(field.value))});
        }
        entries_.push_back(std::move(entry));
    }

    /// How many events have that name.
    std::ptrdiff_t count(std::string_view event) const {
        return std::ranges::count(entries_, event, &Entry::event);
    }

    /// A field of all events of that name.
    std::vector<std::int64_t> numbers(std::string_view event, std::string_view key) const {
        std::vector<std::int64_t> found;
        for_each(event, key, [&](const Field& field) { found.push_back(field.number); });
        return found;
    }
    std::vector<std::string> texts(std::string_view event, std::string_view key) const {
        std::vector<std::string> found;
        for_each(event, key, [&](const Field& field) { found.push_back(field.text); });
        return found;
    }

private:
    struct Field {
        std::string key;
        std::int64_t number;
        std::string text;
    };
    struct Entry {
        std::string event;
        std::vector<Field> fields;
    };

    template <typename Visit>
    void for_each(std::string_view event, std::string_view key, Visit visit) const {
        for (const Entry& entry : entries_) {
            if (entry.event != event) continue;
            for (const Field& field : entry.fields) {
                if (field.key == key) visit(field);
            }
        }
    }

    std::vector<Entry> entries_;
};

template <typename Server, typename Options>
class ServerTest : public testing::Test {
protected:
    void start() {
        server_.emplace(queue_, std::make_unique<testing::NiceMock<MockListener>>(door_), options_,
                        log_);
        group_.spawn(server_->run());
        queue_.pump();
    }

    Wire& connect() {
        Wire& wire = *wires_.emplace_back(std::make_unique<Wire>(queue_));
        auto socket = std::make_unique<testing::NiceMock<MockSocket>>(wire);
        ON_CALL(*socket, peer_endpoint).WillByDefault(testing::Return(peer_));
        socket_ = socket.get();
        door_.arrive(std::move(socket));
        queue_.pump();
        return wire;
    }

    bool running() const { return group_.size() > 0; }

    /// Every test ends with a stop, after which nothing may be left.
    void TearDown() override {
        if (!server_) return;
        server_->request_stop();
        queue_.advance(options_.grace);
        EXPECT_EQ(group_.size(), 0U) << "after the grace the server should have ended";
        EXPECT_TRUE(door_.closed) << "the listener should be closed";
        for (const auto& wire : wires_) EXPECT_TRUE(wire->closed) << "all sockets should be closed";
        for (const Violation& violation : queue_.violations()) {
            ADD_FAILURE() << "a rule was broken: " << sentence(violation.rule);
        }
    }

    testing::NiceMock<MockQueue> queue_;
    Door door_{queue_};
    std::vector<std::unique_ptr<Wire>> wires_;
    Endpoint peer_ = Endpoint::loopback(1024);  // where the next connection comes from
    MockSocket* socket_ = nullptr;              // the latest connection's, while it lives
    Options options_;
    RecordingLog log_;
    std::optional<Server> server_;
    TaskGroup group_{queue_};
};

}  // namespace drydock::test
