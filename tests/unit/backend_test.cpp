// Opening a queue by its name.
#include <algorithm>
#include <array>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/backend.hpp>

namespace drydock {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Post final : public Operation {
public:
    Post() noexcept
        : Operation([](Operation& operation, const Result& result) noexcept {
              static_cast<Post&>(operation).succeeded = result.ok();
          }) {}
    bool succeeded = false;
};

/// Whether the queue completes what is posted to it.
bool completes_a_post(CompletionQueue& queue) {
    Post post;
    queue.post(post);
    std::array<Completion, 1> completion;
    if (queue.wait(completion, later(queue.now(), std::chrono::seconds(10))) != 1) return false;
    EXPECT_EQ(completion[0].operation, &post);
    completion[0].operation->complete(completion[0].result);
    return post.succeeded;
}

/// A system may refuse a queue that the build has; then it says so.
bool refused(const OpenedQueue& opened) {
    return opened.complaint.find("the system provides no") != std::string::npos;
}

TEST(OpenQueue, OpensEachOfTheNamesInThisBuild) {
    ASSERT_THAT(queue_names(), Not(IsEmpty()));
    for (const std::string_view name : queue_names()) {
        OpenedQueue opened = open_queue(name);
        EXPECT_EQ(opened.name, name);
        if (!opened.queue && refused(opened)) continue;
        ASSERT_NE(opened.queue, nullptr) << opened.complaint;
        EXPECT_EQ(opened.complaint, "");
        EXPECT_GE(opened.workers, 1U);
        EXPECT_TRUE(completes_a_post(*opened.queue)) << name;
    }
}

TEST(OpenQueue, AutoIsTheFirstThatTheSystemProvides) {
    std::string_view first;
    for (const std::string_view name : queue_names()) {
        if (first.empty() && open_queue(name).queue) first = name;
    }
    OpenedQueue opened = open_queue();
    ASSERT_NE(opened.queue, nullptr) << opened.complaint;
    EXPECT_EQ(opened.name, first);
    EXPECT_EQ(opened.complaint.empty(), first == queue_names().front())
        << "it should say why it is not a better one: " << opened.complaint;
    EXPECT_TRUE(completes_a_post(*opened.queue));
}

TEST(OpenQueue, RefusesAnUnknownNameAndSaysWhichThereAre) {
    const OpenedQueue opened = open_queue("kqueue");
    EXPECT_EQ(opened.queue, nullptr);
    EXPECT_EQ(opened.name, "");
    std::string expected = "this build has no backend 'kqueue'; it has ";
    for (const std::string_view name : queue_names()) expected += std::string(name) + ", ";
    EXPECT_EQ(opened.complaint, expected + "auto");
}

TEST(OpenQueue, TakesTheNumberOfWorkersThatItIsGiven) {
    for (const std::string_view name : queue_names()) {
        if (name == "apc") continue;
        const OpenedQueue opened = open_queue(name, {.workers = 3});
        if (!opened.queue && refused(opened)) continue;
        EXPECT_EQ(opened.workers, 3U);
    }
}

TEST(OpenQueue, RefusesMoreWorkersThanTheBackendPermits) {
    for (const std::string_view name : queue_names()) {
        const OpenedQueue opened = open_queue(name, {.workers = 5000});
        EXPECT_EQ(opened.queue, nullptr) << name;
        EXPECT_THAT(opened.complaint, HasSubstr("permits at most"));
        EXPECT_THAT(opened.complaint, HasSubstr("not 5000"));
    }
    const auto names = queue_names();
    if (std::find(names.begin(), names.end(), "apc") == names.end()) return;
    EXPECT_EQ(open_queue("apc", {.workers = 2}).complaint,
              "the backend apc permits at most 1 worker, not 2");
}

TEST(OpenQueue, RefusesProvidedBuffersOfNoSize) {
    const OpenedQueue opened = open_queue("auto", {.provided_buffer_size = 0});
    EXPECT_EQ(opened.queue, nullptr);
    EXPECT_THAT(opened.complaint, HasSubstr("provided buffers of 0 bytes"));
}

}  // namespace
}  // namespace drydock
