// One room over a Windows server, a Linux server and Debian's redis-server.
#include "tests/e2e/relay_room.hpp"
#include "tests/e2e_windows/programs.hpp"

namespace drydock::e2e {
namespace {

class WindowsRelay : public WindowsTest {};

TEST_F(WindowsRelay, shares_a_room_with_a_linux_server_through_a_crash_of_the_broker) {
    DRYDOCK_NEEDS_REDIS();
    RedisProcess broker(Durability::always);
    RelayRoom room(broker);
    ASSERT_TRUE(room.add_server(long_grace, windows_drydock)) << room.server(0).process().errors();
    ASSERT_TRUE(room.add_server(long_grace));
    ASSERT_TRUE(room.add_members(0, 10) && room.add_members(1, 10));
    room.say_lines(0, 20, 5);
    ASSERT_TRUE(room.talk_until_heard(0, 20));
    broker.crash();
    room.say_lines(0, 20, 2);
    room.crowd().talk_for(200ms);
    ASSERT_TRUE(broker.restart());
    ASSERT_TRUE(room.talk_until_heard(0, 20)) << room.server(0).process().errors();
    room.expect_one_order(0, 20);
    room.expect_complete(room.crowd()[0].heard);
    room.say_lines(0, 10, 1);
    room.crowd().talk_for(20ms);
    EXPECT_EQ(room.server(0).stop(), Ending::exited(0)) << room.server(0).process().errors();
    ASSERT_TRUE(room.talk_until_heard(0, 20)) << "a stop owes what was said";
    room.expect_one_order(0, 20);
    EXPECT_EQ(stop_chat(room.server(1)).stopped, 10U);
}

}  // namespace
}  // namespace drydock::e2e
