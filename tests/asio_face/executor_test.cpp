// Executors, their properties, strands, and what is associated with a handler.
#include "tests/asio_face/face.hpp"

namespace face_test {
namespace {

FACE_SUITE(Executor);

namespace execution = net::execution;
using ContextExecutor = net::io_context::executor_type;
using Strand = net::strand<ContextExecutor>;

TEST_P(Executor, properties_say_what_the_executor_does) {
    const ContextExecutor executor = context.get_executor();
    EXPECT_EQ(&net::query(executor, execution::context), &context);
    EXPECT_EQ(&executor.context(), &context);
    EXPECT_TRUE(net::query(executor, execution::blocking) == execution::blocking.possibly);
    EXPECT_TRUE(net::query(executor, execution::relationship) == execution::relationship.fork);
    EXPECT_TRUE(net::query(executor, execution::outstanding_work) ==
                execution::outstanding_work.untracked);
    EXPECT_TRUE(net::query(executor, execution::mapping) == execution::mapping.thread);
}

TEST_P(Executor, required_properties_are_kept) {
    const auto never = net::require(context.get_executor(), execution::blocking.never);
    EXPECT_TRUE(net::query(never, execution::blocking) == execution::blocking.never);
    const auto possibly = net::require(never, execution::blocking.possibly);
    EXPECT_TRUE(possibly == context.get_executor());
    const auto continuation =
        net::require(context.get_executor(), execution::relationship.continuation);
    EXPECT_TRUE(net::query(continuation, execution::relationship) ==
                execution::relationship.continuation);
    EXPECT_TRUE(net::require(continuation, execution::relationship.fork) == context.get_executor());
    const auto preferred = net::prefer(context.get_executor(), execution::blocking.never,
                                       execution::outstanding_work.tracked);
    EXPECT_TRUE(net::query(preferred, execution::outstanding_work) ==
                execution::outstanding_work.tracked);
}

TEST_P(Executor, blocking_never_queues_inside_a_handler_too) {
    std::vector<std::string> lines;
    net::post(context, [&] {
        execution::execute(net::require(context.get_executor(), execution::blocking.never),
                           Log(lines, "never"));
        execution::execute(context.get_executor(), Log(lines, "possibly"));
        lines.emplace_back("end");
    });
    run();
    EXPECT_THAT(lines, ElementsAre("possibly", "end", "never"));
}

TEST_P(Executor, execute_outside_run_queues) {
    int calls = 0;
    execution::execute(context.get_executor(), [&] { ++calls; });
    EXPECT_EQ(calls, 0);
    EXPECT_EQ(run(), 1U);
    EXPECT_EQ(calls, 1);
}

TEST_P(Executor, an_executor_that_tracks_work_keeps_run_waiting) {
    {
        const auto tracked =
            net::require(context.get_executor(), execution::outstanding_work.tracked);
        const auto copy = tracked;
        EXPECT_EQ(context.run_for(2ms), 0U);
        EXPECT_FALSE(context.stopped());
    }
    EXPECT_EQ(run(), 0U);
}

TEST_P(Executor, work_that_was_moved_is_counted_once) {
    auto tracked = net::require(context.get_executor(), execution::outstanding_work.tracked);
    auto moved = std::move(tracked);
    auto untracked = net::require(moved, execution::outstanding_work.untracked);
    net::post(context, [moved = std::move(moved)] {});
    EXPECT_EQ(run(), 1U);
    EXPECT_TRUE(context.stopped());
    EXPECT_TRUE(untracked == context.get_executor());
}

TEST_P(Executor, old_style_members_work) {
    const ContextExecutor executor = context.get_executor();
    std::vector<std::string> lines;
    executor.on_work_started();
    EXPECT_EQ(context.poll(), 0U);
    EXPECT_FALSE(context.stopped());
    const std::allocator<void> allocator;
    executor.post(Log(lines, "post"), allocator);
    executor.dispatch(Log(lines, "dispatch"), allocator);
    executor.defer(Log(lines, "defer"), allocator);
    EXPECT_EQ(context.poll(), 3U);
    EXPECT_THAT(lines, ElementsAre("post", "dispatch", "defer"));
    executor.on_work_finished();
    EXPECT_TRUE(context.stopped());
}

TEST_P(Executor, any_io_executor_holds_and_gives_back) {
    const net::any_io_executor any = context.get_executor();
    EXPECT_TRUE(any);
    EXPECT_FALSE(net::any_io_executor());
    EXPECT_EQ(any, net::any_io_executor(context.get_executor()));
    ASSERT_NE(any.target<ContextExecutor>(), nullptr);
    EXPECT_TRUE(*any.target<ContextExecutor>() == context.get_executor());
#if NET_VERSION >= 102600  // 1.22.1 does not look at the type
    EXPECT_EQ(any.target<Strand>(), nullptr);
#endif
    EXPECT_EQ(&net::query(any, execution::context), &context);
    const auto never = net::require(any, execution::blocking.never);
    EXPECT_NE(any, never);
    std::vector<std::string> lines;
    net::post(any, Log(lines, "post"));
    net::dispatch(never, Log(lines, "never"));
    net::defer(net::prefer(any, execution::outstanding_work.tracked), Log(lines, "tracked"));
    EXPECT_EQ(run(), 3U);
    EXPECT_THAT(lines, ElementsAre("post", "never", "tracked"));
}

TEST_P(Executor, io_objects_give_their_executor) {
    EXPECT_EQ(tcp::socket(context).get_executor(), net::steady_timer(context).get_executor());
    EXPECT_EQ(tcp::socket(context).get_executor(), net::any_io_executor(context.get_executor()));
}

TEST_P(Executor, a_strand_runs_its_handlers_in_order) {
    const Strand strand = net::make_strand(context);
    std::vector<int> order;
    for (int i = 0; i < 20; ++i) net::post(strand, [&, i] { order.push_back(i); });
    run();
    EXPECT_EQ(order.size(), 20U);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST_P(Executor, a_strand_knows_whether_it_runs) {
    const Strand strand = net::make_strand(context);
    const Strand other = net::make_strand(context);
    EXPECT_FALSE(strand.running_in_this_thread());
    net::post(strand, [&] {
        EXPECT_TRUE(strand.running_in_this_thread());
        EXPECT_FALSE(other.running_in_this_thread());
        EXPECT_TRUE(context.get_executor().running_in_this_thread());
    });
    net::post(context, [&] { EXPECT_FALSE(strand.running_in_this_thread()); });
    EXPECT_EQ(run(), 2U);
}

TEST_P(Executor, dispatch_to_a_strand_is_inline_inside_it_and_where_it_is_free) {
    const Strand strand = net::make_strand(context);
    const Strand other = net::make_strand(context);
    std::vector<std::string> lines;
    net::post(strand, [&] {
        net::dispatch(strand, Log(lines, "same"));
        net::dispatch(other, Log(lines, "other"));
        net::post(strand, Log(lines, "posted"));
        lines.emplace_back("end");
    });
    run();
    EXPECT_THAT(lines, ElementsAre("same", "other", "end", "posted"));
}

TEST_P(Executor, dispatch_to_a_strand_waits_for_what_the_strand_has_queued) {
    const Strand strand = net::make_strand(context);
    std::vector<std::string> lines;
    net::post(context, [&] {
        net::post(strand, Log(lines, "first"));
        net::dispatch(strand, Log(lines, "second"));
        lines.emplace_back("end");
    });
    run();
    EXPECT_THAT(lines, ElementsAre("end", "first", "second"));
}

TEST_P(Executor, strands_compare_by_identity) {
    const Strand strand = net::make_strand(context);
    const Strand copy = strand;
    EXPECT_TRUE(strand == copy);
    EXPECT_TRUE(strand != net::make_strand(context));
    EXPECT_TRUE(strand.get_inner_executor() == context.get_executor());
    const auto any = net::make_strand(net::any_io_executor(context.get_executor()));
    int calls = 0;
    net::post(any, [&] { ++calls; });
    run();
    EXPECT_EQ(calls, 1);
}

TEST_P(Executor, an_exception_in_a_strand_leaves_run_and_the_strand_goes_on) {
    const Strand strand = net::make_strand(context);
    std::vector<std::string> lines;
    net::post(strand, [] { throw std::runtime_error("thrown"); });
    net::post(strand, Log(lines, "after"));
    EXPECT_THROW(context.run(), std::runtime_error);
    run();
    EXPECT_THAT(lines, ElementsAre("after"));
}

TEST_P(Executor, the_strand_class_of_io_context_works) {
    net::io_context::strand strand(context);
    EXPECT_EQ(&strand.context(), &context);
    std::vector<std::string> lines;
    net::post(strand, Log(lines, "post"));
    net::dispatch(strand, [&] {
        EXPECT_TRUE(strand.running_in_this_thread());
        net::dispatch(strand, Log(lines, "inline"));
        lines.emplace_back("dispatch");
    });
    strand.post(strand.wrap(Log(lines, "wrapped")));
    net::steady_timer timer(context, 1ms);
    timer.async_wait(net::bind_executor(strand, [&](error_code) {
        EXPECT_TRUE(strand.running_in_this_thread());
        lines.emplace_back("timer");
    }));
    run();
    EXPECT_THAT(lines, ElementsAre("post", "inline", "dispatch", "wrapped", "timer"));
}

TEST_P(Executor, a_handler_runs_on_its_associated_executor) {
    const Strand strand = net::make_strand(context);
    net::steady_timer timer(context, 1ms);
    int calls = 0;
    timer.async_wait(net::bind_executor(strand, [&](error_code) {
        EXPECT_TRUE(strand.running_in_this_thread());
        ++calls;
    }));
    Pair pair = connected();
    char bytes[4];
    pair.server.async_read_some(net::buffer(bytes),
                                net::bind_executor(strand, [&](error_code, std::size_t) {
                                    EXPECT_TRUE(strand.running_in_this_thread());
                                    ++calls;
                                }));
    net::write(pair.client, net::buffer("abc", 3));
    run();
    EXPECT_EQ(calls, 2);
}

TEST_P(Executor, a_composed_operation_runs_all_its_steps_on_the_associated_executor) {
    Pair pair = connected();
    const Strand strand = net::make_strand(context);
    std::string in(1 << 20, '\0');
    const std::string out(in.size(), 'x');
    Outcome written;
    int calls = 0;
    net::async_write(pair.client, net::buffer(out), Into(written));
    net::async_read(
        pair.server, net::buffer(in),
        [&](error_code, std::size_t) -> std::size_t { return calls == 0 ? 65536U : 0U; },
        net::bind_executor(strand, [&](error_code, std::size_t) {
            EXPECT_TRUE(strand.running_in_this_thread());
            ++calls;
        }));
    run();
    EXPECT_EQ(calls, 1);
}

TEST_P(Executor, a_handler_may_belong_to_another_context) {
    const auto other = make_context();
    net::steady_timer timer(context, 1ms);
    int calls = 0;
    timer.async_wait(net::bind_executor(other->get_executor(), [&](error_code) {
        EXPECT_TRUE(other->get_executor().running_in_this_thread());
        ++calls;
    }));
    EXPECT_EQ(other->poll(), 0U);
    EXPECT_FALSE(other->stopped()) << "the pending operation is work of both";
    run();
    EXPECT_EQ(calls, 0);
    EXPECT_EQ(run(*other), 1U);
    EXPECT_EQ(calls, 1);
}

TEST_P(Executor, a_socket_on_a_strand_calls_its_handlers_in_it) {
    const Strand strand = net::make_strand(context);
    Pair pair = connected(tcp::socket(context), tcp::socket(strand));
    char bytes[4];
    int calls = 0;
    pair.server.async_read_some(net::buffer(bytes), [&](error_code, std::size_t) {
        EXPECT_TRUE(strand.running_in_this_thread());
        ++calls;
    });
    net::write(pair.client, net::buffer("abc", 3));
    run();
    EXPECT_EQ(calls, 1);
}

TEST_P(Executor, an_old_style_executor_holds_any) {
    const net::executor executor = context.get_executor();
    int calls = 0;
    net::post(executor, [&] { ++calls; });
    run();
    EXPECT_EQ(calls, 1);
}

// Counts what is allocated with it and not yet given back.
struct Counted {
    int live = 0;
    int total = 0;
};
template <class T>
class Counting {
public:
    using value_type = T;
    explicit Counting(Counted& counted) : counted_(&counted) {}
    template <class U>
    Counting(const Counting<U>& other) : counted_(other.counted_) {}
    T* allocate(std::size_t n) {
        ++counted_->live;
        ++counted_->total;
        return std::allocator<T>().allocate(n);
    }
    void deallocate(T* place, std::size_t n) {
        --counted_->live;
        std::allocator<T>().deallocate(place, n);
    }
    friend bool operator==(const Counting& a, const Counting& b) {
        return a.counted_ == b.counted_;
    }
    Counted* counted_;
};

// A handler with such an allocator, which must have got everything back when it is called.
struct Allocating {
    using allocator_type = Counting<char>;
    allocator_type get_allocator() const noexcept { return allocator_type(*counted); }
    void operator()(error_code = {}, std::size_t = 0) const {
        EXPECT_EQ(counted->live, 0) << "the memory is free before the handler is called";
        ++*calls;
    }
    Counted* counted;
    int* calls;
};

TEST_P(Executor, an_operation_uses_the_allocator_of_its_handler) {
    Pair pair = connected();
    net::steady_timer timer(context);
    char bytes[4];
    Counted counted;
    int calls = 0;
    const Allocating handler{&counted, &calls};
    int expected = 0;
    const auto expect_used = [&](const char* what) {
        EXPECT_GT(counted.total, expected) << what;
        run();
        EXPECT_EQ(counted.live, 0) << what;
        expected = counted.total;
    };
    net::post(context, handler);
    expect_used("post");
    net::defer(context, handler);
    expect_used("defer");
    timer.async_wait(handler);
    expect_used("async_wait");
    pair.client.async_write_some(net::buffer("abc", 3), handler);
    expect_used("async_write_some");
    pair.server.async_read_some(net::buffer(bytes), handler);
    expect_used("async_read_some");
    net::async_write(pair.client, net::buffer("abc", 3), handler);
    expect_used("async_write");
    EXPECT_EQ(calls, 6);
}

TEST_P(Executor, the_allocator_is_used_for_accept_and_connect_too) {
    tcp::acceptor acceptor = listening();
    tcp::socket client(context);
    tcp::socket server(context);
    Counted accepting;
    Counted connecting;
    int calls = 0;
    acceptor.async_accept(server, Allocating{&accepting, &calls});
    client.async_connect(acceptor.local_endpoint(), Allocating{&connecting, &calls});
    EXPECT_GT(accepting.total, 0);
    EXPECT_GT(connecting.total, 0);
    run();
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(accepting.live + connecting.live, 0);
}

TEST_P(Executor, the_destructor_of_a_context_gives_memory_back) {
    Counted counted;
    int calls = 0;
    auto other = make_context();
    auto timer = std::make_unique<net::steady_timer>(*other, 1h);
    timer->async_wait(Allocating{&counted, &calls});
    net::post(*other, Allocating{&counted, &calls});
    EXPECT_EQ(counted.live, 2);
    timer.reset();
    other.reset();
    EXPECT_EQ(counted.live, 0);
    EXPECT_EQ(calls, 0);
}

TEST_P(Executor, handlers_need_not_be_copyable) {
    Pair pair = connected();
    net::steady_timer timer(context, 1ms);
    auto owned = [value = std::make_unique<int>(0)](error_code, std::size_t = 0) { ++*value; };
    char bytes[4];
    int calls = 0;
    net::post(context, [value = std::make_unique<int>(1), &calls] { calls += *value; });
    timer.async_wait([value = std::make_unique<int>(1), &calls](error_code) { calls += *value; });
    pair.server.async_read_some(
        net::buffer(bytes),
        [value = std::make_unique<int>(1), &calls](error_code, std::size_t) { calls += *value; });
    net::async_write(pair.client, net::buffer("abc", 3), std::move(owned));
    run();
    EXPECT_EQ(calls, 3);
}

TEST_P(Executor, a_handler_is_destroyed_when_it_was_called) {
    net::steady_timer timer(context, 1ms);
    const auto held = std::make_shared<int>(0);
    timer.async_wait([held](error_code) { ++*held; });
    EXPECT_EQ(held.use_count(), 2);
    run();
    EXPECT_EQ(*held, 1);
    EXPECT_EQ(held.use_count(), 1);
}

TEST_P(Executor, a_thread_pool_posts_into_the_context) {
    NEEDS_REAL_QUEUE("threads");
    net::thread_pool pool(1);
    auto guard = net::make_work_guard(context);
    int calls = 0;
    net::post(pool, [&] {
        net::post(context, [&] {
            ++calls;
            guard.reset();
        });
    });
    run();
    EXPECT_EQ(calls, 1);
    pool.join();
}

/// What a class has as a member that is for sockets and timers of any executor.
using AnyStrand = net::strand<net::any_io_executor>;

/// Handlers that are bound to a strand, and note whether they run in it.
template <class StrandType>
class BoundTo {
public:
    explicit BoundTo(const StrandType& strand) : strand_(strand) {}
    auto operator()(std::string name) {
        return net::bind_executor(
            strand_, [this, log = Log(lines_, std::move(name))](error_code error, auto...) mutable {
                log(error);
                if (strand_.running_in_this_thread()) ++inside_;
            });
    }
    const std::vector<std::string>& lines() const { return lines_; }
    std::size_t inside() const { return inside_; }

private:
    StrandType strand_;
    std::vector<std::string> lines_;
    std::size_t inside_ = 0;
};

template <class StrandType>
void use_timer(net::io_context& context, BoundTo<StrandType>& bound) {
    net::steady_timer timer(context, 1ms);
    timer.async_wait(bound("timer"));
    context.run();
    context.restart();
}

template <class StrandType>
void use_sockets(net::io_context& context, tcp::acceptor& acceptor, BoundTo<StrandType>& bound) {
    tcp::socket client(context);
    tcp::socket server(context);
    acceptor.async_accept(server, bound("accept"));
    context.poll();
    client.async_connect(acceptor.local_endpoint(), bound("connect"));
    context.restart();
    context.run();
    char bytes[6];
    net::async_read(server, net::buffer(bytes, 4), bound("read"));
    client.async_write_some(net::buffer("abcd", 4), bound("write"));
    context.restart();
    context.run();
    server.async_read_some(net::buffer(bytes), bound("some"));
    net::async_write(client, net::buffer("efgh", 4), bound("all"));
    context.restart();
    context.run();
}

template <class StrandType>
void expect_bound(net::io_context& context, tcp::acceptor acceptor, const StrandType& strand) {
    BoundTo<StrandType> bound(strand);
    use_timer(context, bound);
    EXPECT_THAT(bound.lines(), ElementsAre("timer ok")) << "run() has waited for the strand";
    use_sockets(context, acceptor, bound);
    EXPECT_THAT(bound.lines(),
                testing::UnorderedElementsAre("timer ok", "accept ok", "connect ok", "read ok",
                                              "write ok", "some ok", "all ok"));
    EXPECT_EQ(bound.inside(), bound.lines().size());
}

TEST_P(Executor, operations_are_bound_to_a_strand_of_any_executor) {
    expect_bound(context, listening(), AnyStrand(net::any_io_executor(context.get_executor())));
}

TEST_P(Executor, operations_are_bound_to_a_strand_of_the_context) {
    expect_bound(context, listening(), Strand(context.get_executor()));
}

TEST_P(Executor, a_strand_of_another_context_keeps_that_context_running) {
    const auto other = make_context();
    AnyStrand strand{net::any_io_executor(other->get_executor())};
    net::steady_timer timer(context, 1ms);
    std::vector<std::string> lines;
    timer.async_wait(net::bind_executor(strand, Log(lines, "timer")));
    other->poll();
    EXPECT_FALSE(other->stopped()) << "the operation is work of the strand";
    run();
    EXPECT_THAT(lines, ElementsAre());
    run(*other);
    EXPECT_THAT(lines, ElementsAre("timer ok"));
}

}  // namespace
}  // namespace face_test
