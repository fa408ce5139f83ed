// io_context: how it runs handlers, when it ends, and how it is destroyed.
#include "tests/asio_face/face.hpp"

namespace face_test {
namespace {

FACE_SUITE(Context);

TEST_P(Context, run_without_work_returns_zero_and_stops) {
    EXPECT_FALSE(context.stopped());
    EXPECT_EQ(context.run(), 0U);
    EXPECT_TRUE(context.stopped());
}

TEST_P(Context, run_returns_how_many_handlers_it_ran) {
    for (int i = 0; i < 3; ++i) net::post(context, [] {});
    EXPECT_EQ(context.run(), 3U);
    EXPECT_TRUE(context.stopped());
}

TEST_P(Context, run_counts_handlers_that_handlers_post) {
    net::post(context, [this] { net::post(context, [this] { net::post(context, [] {}); }); });
    EXPECT_EQ(context.run(), 3U);
}

TEST_P(Context, run_counts_the_handlers_of_operations) {
    net::steady_timer timer(context, 1ms);
    Outcome waited;
    timer.async_wait(Into(waited));
    EXPECT_EQ(context.run(), 1U);
    EXPECT_EQ(waited.calls, 1);
}

TEST_P(Context, dispatch_inside_a_handler_is_not_counted) {
    net::post(context, [this] { net::dispatch(context, [] {}); });
    EXPECT_EQ(context.run(), 1U);
}

TEST_P(Context, run_one_runs_one_handler) {
    std::vector<std::string> lines;
    net::post(context, Log(lines, "a"));
    net::post(context, Log(lines, "b"));
    EXPECT_EQ(context.run_one(), 1U);
    EXPECT_THAT(lines, ElementsAre("a"));
    EXPECT_FALSE(context.stopped());
    EXPECT_EQ(context.run_one(), 1U);
    EXPECT_TRUE(context.stopped());
    EXPECT_EQ(context.run_one(), 0U);
    EXPECT_TRUE(context.stopped());
}

TEST_P(Context, run_one_waits_for_an_operation) {
    net::steady_timer timer(context, 2ms);
    Outcome waited;
    timer.async_wait(Into(waited));
    EXPECT_EQ(context.run_one(), 1U);
    EXPECT_EQ(waited.calls, 1);
}

TEST_P(Context, poll_runs_all_that_is_ready_and_does_not_wait) {
    net::steady_timer timer(context, 1h);
    Outcome waited;
    timer.async_wait(Into(waited));
    for (int i = 0; i < 3; ++i) net::post(context, [] {});
    EXPECT_EQ(context.poll(), 3U);
    EXPECT_EQ(waited.calls, 0);
    EXPECT_FALSE(context.stopped());
    EXPECT_EQ(context.poll(), 0U);
}

TEST_P(Context, poll_runs_what_its_handlers_post) {
    net::post(context, [this] { net::post(context, [] {}); });
    EXPECT_EQ(context.poll(), 2U);
    EXPECT_TRUE(context.stopped());
}

TEST_P(Context, poll_one_runs_at_most_one_handler) {
    std::vector<std::string> lines;
    net::post(context, Log(lines, "a"));
    net::post(context, Log(lines, "b"));
    EXPECT_EQ(context.poll_one(), 1U);
    EXPECT_THAT(lines, ElementsAre("a"));
    EXPECT_EQ(context.poll_one(), 1U);
    EXPECT_EQ(context.poll_one(), 0U);
    EXPECT_TRUE(context.stopped());
}

TEST_P(Context, poll_without_work_stops_the_context) {
    EXPECT_EQ(context.poll(), 0U);
    EXPECT_TRUE(context.stopped());
}

TEST_P(Context, run_for_returns_when_its_time_is_over) {
    net::steady_timer timer(context, 1h);
    Outcome waited;
    timer.async_wait(Into(waited));
    EXPECT_EQ(context.run_for(5ms), 0U);
    EXPECT_EQ(waited.calls, 0);
    EXPECT_FALSE(context.stopped());
}

TEST_P(Context, run_for_runs_what_comes_in_its_time) {
    net::steady_timer soon(context, 2ms);
    net::steady_timer late(context, 1h);
    Outcome first;
    Outcome second;
    soon.async_wait(Into(first));
    late.async_wait(Into(second));
    EXPECT_EQ(context.run_for(500ms), 1U);
    EXPECT_EQ(first.calls, 1);
    EXPECT_EQ(second.calls, 0);
}

TEST_P(Context, run_for_returns_early_when_out_of_work) {
    net::post(context, [] {});
    EXPECT_EQ(context.run_for(1h), 1U);
    EXPECT_TRUE(context.stopped());
}

TEST_P(Context, run_for_of_no_time_runs_nothing) {
    int calls = 0;
    net::post(context, [&] { ++calls; });
    EXPECT_EQ(context.run_for(0ms), 0U) << "it compares the clock before it runs one";
    EXPECT_EQ(calls, 0);
    EXPECT_EQ(context.run_for(1h), 1U);
}

TEST_P(Context, run_until_a_time_of_the_timers_clock) {
    NEEDS_REAL_QUEUE("real time");
    using Clock = net::steady_timer::clock_type;
    net::steady_timer timer(context, 1h);
    timer.async_wait([](error_code) {});
    net::post(context, [] {});
    EXPECT_EQ(context.run_until(Clock::now() + 500ms), 1U) << "a time that has passed runs none";
    EXPECT_FALSE(context.stopped());
}

TEST_P(Context, run_one_for_runs_one_or_times_out) {
    net::post(context, [] {});
    net::post(context, [] {});
    net::steady_timer timer(context, 1h);
    timer.async_wait([](error_code) {});
    EXPECT_EQ(context.run_one_for(1h), 1U);
    EXPECT_EQ(context.run_one_for(1h), 1U);
    EXPECT_EQ(context.run_one_for(2ms), 0U);
    EXPECT_FALSE(context.stopped());
}

TEST_P(Context, run_one_until_runs_one_or_times_out) {
    NEEDS_REAL_QUEUE("real time");
    using Clock = net::steady_timer::clock_type;
    net::post(context, [] {});
    net::steady_timer timer(context, 1h);
    timer.async_wait([](error_code) {});
    EXPECT_EQ(context.run_one_until(Clock::now() + 1h), 1U);
    EXPECT_EQ(context.run_one_until(Clock::now() + 2ms), 0U);
}

TEST_P(Context, stop_before_run_makes_it_return_at_once) {
    int calls = 0;
    net::post(context, [&] { ++calls; });
    context.stop();
    EXPECT_TRUE(context.stopped());
    EXPECT_EQ(context.run(), 0U);
    EXPECT_EQ(context.run_one(), 0U);
    EXPECT_EQ(context.poll(), 0U);
    EXPECT_EQ(context.poll_one(), 0U);
    EXPECT_EQ(calls, 0);
    context.restart();
    EXPECT_FALSE(context.stopped());
    EXPECT_EQ(context.run(), 1U);
}

TEST_P(Context, stop_in_a_handler_leaves_the_others_for_later) {
    std::vector<std::string> lines;
    net::post(context, Log(lines, "a"));
    net::post(context, [this] { context.stop(); });
    net::post(context, Log(lines, "b"));
    EXPECT_EQ(context.run(), 2U);
    EXPECT_THAT(lines, ElementsAre("a"));
    EXPECT_TRUE(context.stopped());
    context.restart();
    EXPECT_EQ(context.run(), 1U);
    EXPECT_THAT(lines, ElementsAre("a", "b"));
}

TEST_P(Context, stop_ends_a_run_that_has_operations_pending) {
    net::steady_timer timer(context, 1h);
    Outcome waited;
    timer.async_wait(Into(waited));
    net::post(context, [this] { context.stop(); });
    EXPECT_EQ(context.run(), 1U);
    EXPECT_EQ(waited.calls, 0);
}

TEST_P(Context, posts_to_a_stopped_context_wait_for_restart) {
    EXPECT_EQ(context.run(), 0U);
    int calls = 0;
    net::post(context, [&] { ++calls; });
    EXPECT_EQ(context.run(), 0U) << "it stopped when it was out of work";
    EXPECT_EQ(calls, 0);
    context.restart();
    EXPECT_EQ(context.run(), 1U);
}

TEST_P(Context, a_work_guard_keeps_run_waiting) {
    auto guard = net::make_work_guard(context);
    EXPECT_TRUE(guard.owns_work());
    EXPECT_EQ(context.run_for(3ms), 0U);
    EXPECT_FALSE(context.stopped());
    guard.reset();
    EXPECT_FALSE(guard.owns_work());
    EXPECT_EQ(context.run(), 0U);
    EXPECT_TRUE(context.stopped());
}

TEST_P(Context, a_copy_of_a_work_guard_is_work_of_its_own) {
    auto guard = std::make_unique<net::executor_work_guard<net::io_context::executor_type>>(
        context.get_executor());
    auto copy = *guard;
    auto moved = std::move(*guard);
    EXPECT_FALSE(guard->owns_work());
    guard.reset();
    copy.reset();
    EXPECT_EQ(context.poll(), 0U);
    EXPECT_FALSE(context.stopped());
    moved.reset();
    EXPECT_TRUE(context.stopped()) << "the end of the last work stops the context, outside run too";
}

TEST_P(Context, a_guard_released_in_a_handler_ends_run) {
    auto guard = net::make_work_guard(context);
    net::post(context, [&] { guard.reset(); });
    EXPECT_EQ(context.run(), 1U);
}

TEST_P(Context, io_context_work_keeps_run_waiting) {
    auto work = std::make_unique<net::io_context::work>(context);
    EXPECT_EQ(&work->get_io_context(), &context);
    EXPECT_EQ(context.run_for(3ms), 0U);
    net::post(context, [&] { work.reset(); });
    EXPECT_EQ(context.run(), 1U);
}

TEST_P(Context, an_exception_of_a_handler_leaves_run_which_can_go_on) {
    std::vector<std::string> lines;
    net::post(context, Log(lines, "a"));
    net::post(context, [] { throw std::runtime_error("thrown"); });
    net::post(context, Log(lines, "b"));
    EXPECT_THROW(context.run(), std::runtime_error);
    EXPECT_THAT(lines, ElementsAre("a"));
    EXPECT_FALSE(context.stopped());
    EXPECT_EQ(context.run(), 1U);
    EXPECT_THAT(lines, ElementsAre("a", "b"));
    EXPECT_TRUE(context.stopped());
}

TEST_P(Context, an_exception_of_the_last_handler_stops_the_context) {
    net::post(context, [] { throw 7; });
    EXPECT_THROW(context.run(), int);
    EXPECT_TRUE(context.stopped());
    EXPECT_EQ(context.run(), 0U);
}

TEST_P(Context, an_exception_leaves_poll_and_run_one_too) {
    for (int i = 0; i < 3; ++i) net::post(context, [] { throw 7; });
    EXPECT_THROW(context.poll(), int);
    EXPECT_THROW(context.run_one(), int);
    EXPECT_THROW(context.poll_one(), int);
    EXPECT_EQ(context.run(), 0U);
}

TEST_P(Context, an_exception_of_the_handler_of_an_operation_leaves_run) {
    net::steady_timer timer(context, 1ms);
    timer.async_wait([](error_code) { throw std::runtime_error("thrown"); });
    EXPECT_THROW(context.run(), std::runtime_error);
    EXPECT_EQ(run(), 0U);
}

TEST_P(Context, handlers_run_inside_run_alone) {
    int calls = 0;
    net::post(context, [&] { ++calls; });
    net::dispatch(context, [&] { ++calls; });
    net::defer(context, [&] { ++calls; });
    EXPECT_EQ(calls, 0);
    EXPECT_EQ(context.run(), 3U);
    EXPECT_EQ(calls, 3);
}

TEST_P(Context, posts_keep_their_order) {
    std::vector<int> order;
    std::vector<int> expected;
    for (int i = 0; i < 50; ++i) {
        expected.push_back(i);
        net::post(context, [&, i] { order.push_back(i); });
    }
    context.run();
    EXPECT_EQ(order, expected);
}

TEST_P(Context, posts_of_handlers_come_after_what_was_posted_before) {
    std::vector<std::string> lines;
    net::post(context, [&] {
        lines.emplace_back("a");
        net::post(context, Log(lines, "c"));
        net::post(context, Log(lines, "d"));
    });
    net::post(context, Log(lines, "b"));
    context.run();
    EXPECT_THAT(lines, ElementsAre("a", "b", "c", "d"));
}

TEST_P(Context, post_dispatch_and_defer_outside_run_keep_one_order) {
    std::vector<std::string> lines;
    net::post(context, Log(lines, "post"));
    net::dispatch(context, Log(lines, "dispatch"));
    net::defer(context, Log(lines, "defer"));
    net::post(context, Log(lines, "last"));
    context.run();
    EXPECT_THAT(lines, ElementsAre("post", "dispatch", "defer", "last"));
}

TEST_P(Context, dispatch_inside_a_handler_is_inline) {
    std::vector<std::string> lines;
    net::post(context, [&] {
        lines.emplace_back("begin");
        net::dispatch(context, Log(lines, "inline"));
        net::post(context, Log(lines, "later"));
        lines.emplace_back("end");
    });
    context.run();
    EXPECT_THAT(lines, ElementsAre("begin", "inline", "end", "later"));
}

TEST_P(Context, what_a_handler_defers_comes_after_what_it_posts) {
    std::vector<std::string> lines;
    net::post(context, [&] {
        net::defer(context, Log(lines, "defer 1"));
        net::post(context, Log(lines, "post 1"));
        net::defer(context, Log(lines, "defer 2"));
        net::post(context, Log(lines, "post 2"));
    });
    context.run();
    EXPECT_THAT(lines, ElementsAre("post 1", "post 2", "defer 1", "defer 2"));
}

TEST_P(Context, dispatch_to_another_context_is_queued_there) {
    const auto other = make_context();
    std::vector<std::string> lines;
    net::post(context, [&] {
        net::dispatch(*other, Log(lines, "other"));
        lines.emplace_back("here");
    });
    EXPECT_EQ(context.run(), 1U);
    EXPECT_THAT(lines, ElementsAre("here"));
    EXPECT_EQ(other->run(), 1U);
    EXPECT_THAT(lines, ElementsAre("here", "other"));
}

TEST_P(Context, a_nested_poll_runs_other_handlers) {
    std::vector<std::string> lines;
    net::post(context, [&] {
        lines.emplace_back("begin");
        EXPECT_EQ(context.poll(), 2U);
        EXPECT_FALSE(context.stopped()) << "the outer handler is work";
        lines.emplace_back("end");
    });
    net::post(context, Log(lines, "a"));
    net::post(context, Log(lines, "b"));
    EXPECT_EQ(context.run(), 1U);
    EXPECT_THAT(lines, ElementsAre("begin", "a", "b", "end"));
}

TEST_P(Context, a_nested_run_one_waits_for_an_operation) {
    net::steady_timer timer(context, 1ms);
    Outcome waited;
    timer.async_wait(Into(waited));
    net::post(context, [&] {
        EXPECT_EQ(context.run_one(), 1U);
        EXPECT_EQ(waited.calls, 1);
    });
    EXPECT_EQ(context.run(), 1U);
}

TEST_P(Context, a_nested_run_of_another_context_dispatches_to_both_inline) {
    const auto other = make_context();
    std::vector<std::string> lines;
    net::post(context, [&] {
        net::post(*other, [&] {
            net::dispatch(context, Log(lines, "outer"));
            net::dispatch(*other, Log(lines, "inner"));
            lines.emplace_back("end");
        });
        EXPECT_EQ(other->run(), 1U);
    });
    context.run();
    EXPECT_THAT(lines, ElementsAre("outer", "inner", "end"));
}

TEST_P(Context, running_in_this_thread_is_true_in_a_handler_alone) {
    const auto other = make_context();
    EXPECT_FALSE(context.get_executor().running_in_this_thread());
    net::post(context, [&] {
        EXPECT_TRUE(context.get_executor().running_in_this_thread());
        EXPECT_FALSE(other->get_executor().running_in_this_thread());
    });
    EXPECT_EQ(context.run(), 1U);
    EXPECT_FALSE(context.get_executor().running_in_this_thread());
}

TEST_P(Context, the_destructor_destroys_posted_handlers_without_calling_them) {
    const auto held = std::make_shared<int>(0);
    auto other = make_context();
    net::post(*other, [held] { ++*held; });
    net::dispatch(*other, [held] { ++*held; });
    net::defer(*other, [held] { ++*held; });
    EXPECT_EQ(held.use_count(), 4);
    other.reset();
    EXPECT_EQ(held.use_count(), 1);
    EXPECT_EQ(*held, 0);
}

TEST_P(Context, the_destructor_destroys_the_handlers_of_operations_without_calling_them) {
    const auto held = std::make_shared<int>(0);
    auto other = make_context();
    const auto handler = [held](error_code, std::size_t = 0) { ++*held; };
    struct Session {
        tcp::acceptor acceptor;
        tcp::socket socket;
        net::steady_timer timer;
    };
    const auto session = std::make_shared<Session>(
        Session{tcp::acceptor(*other, tcp::endpoint(net::ip::address_v4::loopback(), 0)),
                tcp::socket(*other), net::steady_timer(*other, 1h)});
    session->acceptor.async_accept(session->socket, [held, session](error_code) { ++*held; });
    session->timer.async_wait([held, session](error_code) { ++*held; });
    net::post(*other, [handler, session] { handler({}); });
    EXPECT_EQ(session.use_count(), 4);
    const std::weak_ptr<Session> watch = session;
    other->poll();
    EXPECT_EQ(*held, 1);
    EXPECT_EQ(session.use_count(), 3);
    // The session's own objects are destroyed by the handlers that hold it.
    const_cast<std::shared_ptr<Session>&>(session).reset();
    other.reset();
    EXPECT_TRUE(watch.expired());
    EXPECT_EQ(*held, 1);
    EXPECT_EQ(held.use_count(), 2) << "the handler of this function, and the case's own";
}

TEST_P(Context, a_socket_with_operations_pending_dies_with_its_context) {
    const auto held = std::make_shared<int>(0);
    auto other = make_context();
    auto socket = std::make_shared<tcp::socket>(*other);
    tcp::acceptor acceptor = listening();
    socket->connect(acceptor.local_endpoint());
    auto bytes = std::make_shared<std::string>(10, '\0');
    socket->async_read_some(net::buffer(*bytes),
                            [held, socket, bytes](error_code, std::size_t) { ++*held; });
    other->poll();
    const std::weak_ptr<tcp::socket> watch = socket;
    socket.reset();
    EXPECT_FALSE(watch.expired());
    other.reset();
    EXPECT_TRUE(watch.expired());
    EXPECT_EQ(*held, 0);
}

TEST_P(Context, handlers_destroyed_at_the_end_may_post_in_their_destructors) {
    struct Poster {
        explicit Poster(net::io_context& to) : to_(&to) {}
        ~Poster() {
            net::post(*to_, [] {});
        }
        net::io_context* to_;
    };
    auto other = make_context();
    auto poster = std::make_shared<Poster>(*other);
    net::post(*other, [poster] {});
    poster.reset();
    other.reset();
}

class Recorder : public net::execution_context::service {
public:
    using key_type = Recorder;
    static inline net::execution_context::id id;
    explicit Recorder(net::execution_context& owner, std::vector<std::string>* lines = nullptr)
        : net::execution_context::service(owner), lines_(lines) {}
    ~Recorder() override {
        if (lines_ != nullptr) lines_->emplace_back("destroyed");
    }
    int value = 0;

private:
    void shutdown() override {
        if (lines_ != nullptr) lines_->emplace_back("shut down");
    }
    std::vector<std::string>* lines_;
};

TEST_P(Context, services_are_made_once) {
    EXPECT_FALSE(net::has_service<Recorder>(context));
    net::use_service<Recorder>(context).value = 7;
    EXPECT_TRUE(net::has_service<Recorder>(context));
    EXPECT_EQ(net::use_service<Recorder>(context).value, 7);
    EXPECT_THROW(net::make_service<Recorder>(context), net::service_already_exists);
    EXPECT_EQ(&net::use_service<Recorder>(context).context(), &context);
}

TEST_P(Context, services_are_shut_down_then_destroyed) {
    std::vector<std::string> lines;
    auto other = make_context();
    net::make_service<Recorder>(*other, &lines);
    EXPECT_THAT(lines, ElementsAre());
    other.reset();
    EXPECT_THAT(lines, ElementsAre("shut down", "destroyed"));
}

TEST_P(Context, a_service_is_shut_down_before_older_services_discard_their_handlers) {
    std::vector<std::string> lines;
    auto other = make_context();
    net::post(*other, [guard = std::shared_ptr<void>(
                           nullptr, [&](void*) { lines.emplace_back("handler"); })] {});
    net::make_service<Recorder>(*other, &lines);
    other.reset();
    EXPECT_THAT(lines, ElementsAre("shut down", "handler", "destroyed"));
}

TEST_P(Context, executors_compare_by_their_context_and_properties) {
    const auto other = make_context();
    EXPECT_EQ(context.get_executor(), context.get_executor());
    EXPECT_NE(context.get_executor(), other->get_executor());
    EXPECT_NE(context.get_executor(),
              net::require(context.get_executor(), net::execution::blocking.never));
}

TEST_P(Context, concurrency_hints_do_not_change_what_runs) {
    for (const int hint : {1, 2}) {
        net::io_context other(hint);
        std::vector<std::string> lines;
        net::post(other, Log(lines, "a"));
        net::post(other, Log(lines, "b"));
        EXPECT_EQ(other.run(), 2U) << hint;
        EXPECT_THAT(lines, ElementsAre("a", "b")) << hint;
    }
}

TEST_P(Context, a_context_that_is_never_run_can_be_destroyed) {
    const auto other = make_context();
    tcp::socket socket(*other);
    net::steady_timer timer(*other);
}

}  // namespace
}  // namespace face_test
