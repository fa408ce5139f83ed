// Errors and rules: names, sentences, the bridge to std::error_code, and what a broken rule prints.
#include <set>
#include <string>
#include <string_view>
#include <system_error>

#include <gtest/gtest.h>

#include <drydock/error.hpp>
#include <drydock/sim/faults.hpp>
#include <drydock/violation.hpp>

namespace drydock {
namespace {

TEST(Error, NamesAreItsEnumerators) {
    EXPECT_EQ(name(Error::ok), "ok");
    EXPECT_EQ(name(Error::canceled), "canceled");
    EXPECT_EQ(name(Error::reset), "reset");
    EXPECT_EQ(name(Error::broken), "broken");
    EXPECT_EQ(name(Error::refused), "refused");
    EXPECT_EQ(name(Error::unreachable), "unreachable");
    EXPECT_EQ(name(Error::timed_out), "timed_out");
    EXPECT_EQ(name(Error::no_buffers), "no_buffers");
    EXPECT_EQ(name(Error::too_many_handles), "too_many_handles");
    EXPECT_EQ(name(Error::address_in_use), "address_in_use");
    EXPECT_EQ(name(Error::address_not_available), "address_not_available");
    EXPECT_EQ(name(Error::access_denied), "access_denied");
    EXPECT_EQ(name(Error::not_supported), "not_supported");
    EXPECT_EQ(name(Error::invalid_argument), "invalid_argument");
    EXPECT_EQ(name(Error::would_block), "would_block");
    EXPECT_EQ(name(Error::unknown), "unknown");
}

TEST(Error, IsAStandardErrorCode) {
    const std::error_code code = Error::reset;
    EXPECT_EQ(code, Error::reset);
    EXPECT_NE(code, Error::broken);
    EXPECT_EQ(std::string_view(code.category().name()), "drydock");
    EXPECT_EQ(code.message(), "the connection was reset by the peer");
    EXPECT_FALSE(std::error_code(Error::ok)) << "ok should be no error";
    EXPECT_TRUE(code);
}

TEST(Error, MessagesOfForeignValuesAreSafe) {
    EXPECT_EQ(error_category().message(-1), "an unknown drydock error");
    EXPECT_EQ(error_category().message(error_count), "an unknown drydock error");
    EXPECT_EQ(error_category().message(error_count - 1), sentence(Error::unknown));
}

TEST(Error, ShortagesAreThoseThatPassByThemselves) {
    for (int i = 0; i < error_count; ++i) {
        const auto error = static_cast<Error>(i);
        const bool expected = error == Error::no_buffers || error == Error::too_many_handles;
        EXPECT_EQ(is_resource_shortage(error), expected) << name(error);
    }
}

template <typename Name>
void expect_names_that_differ(int count, Name name_of) {
    std::set<std::string_view> names;
    for (int i = 0; i < count; ++i) {
        const std::string_view text = name_of(i);
        EXPECT_FALSE(text.empty()) << "number " << i;
        EXPECT_TRUE(names.insert(text).second) << "'" << text << "' is there twice";
    }
}

TEST(Names, AreThereAndDiffer) {
    expect_names_that_differ(error_count, [](int i) { return name(static_cast<Error>(i)); });
    expect_names_that_differ(error_count, [](int i) { return sentence(static_cast<Error>(i)); });
    expect_names_that_differ(rule_count, [](int i) { return name(static_cast<Rule>(i)); });
    expect_names_that_differ(rule_count, [](int i) { return sentence(static_cast<Rule>(i)); });
    expect_names_that_differ(sim::fault_count,
                             [](int i) { return sim::name(static_cast<sim::Fault>(i)); });
    expect_names_that_differ(static_cast<int>(OperationKind::step) + 1,
                             [](int i) { return name(static_cast<OperationKind>(i)); });
}

TEST(Names, OfRulesAreTheEnumeratorsWithHyphens) {
    EXPECT_EQ(name(Rule::operation_reused_in_flight), "operation-reused-in-flight");
    EXPECT_EQ(name(Rule::operation_destroyed_in_flight), "operation-destroyed-in-flight");
    EXPECT_EQ(name(Rule::second_receive), "second-receive");
    EXPECT_EQ(name(Rule::second_send), "second-send");
    EXPECT_EQ(name(Rule::send_after_shutdown), "send-after-shutdown");
    EXPECT_EQ(name(Rule::short_send_ignored), "short-send-ignored");
    EXPECT_EQ(name(Rule::receive_past_end), "receive-past-end");
    EXPECT_EQ(name(Rule::receive_buffer_touched), "receive-buffer-touched");
    EXPECT_EQ(name(Rule::send_buffer_changed), "send-buffer-changed");
    EXPECT_EQ(name(Rule::socket_destroyed_in_flight), "socket-destroyed-in-flight");
    EXPECT_EQ(name(Rule::socket_leaked), "socket-leaked");
    EXPECT_EQ(name(Rule::listener_destroyed_in_flight), "listener-destroyed-in-flight");
    EXPECT_EQ(name(Rule::listener_leaked), "listener-leaked");
    EXPECT_EQ(name(Rule::task_group_not_joined), "task-group-not-joined");
    EXPECT_EQ(name(Rule::task_leaked), "task-leaked");
    EXPECT_EQ(name(Rule::monitor_held_across_await), "monitor-held-across-await");
    EXPECT_EQ(name(Rule::queue_unbounded), "queue-unbounded");
}

TEST(FaultSet, AddsAndTakesAway) {
    constexpr sim::FaultSet none;
    constexpr sim::FaultSet two =
        none.with(sim::Fault::reorder).with(sim::Fault::connect_timed_out);
    EXPECT_TRUE(two.has(sim::Fault::reorder));
    EXPECT_TRUE(two.has(sim::Fault::connect_timed_out));
    EXPECT_FALSE(two.has(sim::Fault::delay));
    EXPECT_FALSE(two.without(sim::Fault::reorder).has(sim::Fault::reorder));
    for (int i = 0; i < sim::fault_count; ++i) {
        const auto fault = static_cast<sim::Fault>(i);
        EXPECT_TRUE(sim::FaultSet::all().has(fault)) << name(fault);
        EXPECT_FALSE(none.has(fault)) << name(fault);
    }
}

}  // namespace
}  // namespace drydock
