// The pages that a reader can follow, from an empty folder or in this one, followed against the
// installed package.
//
//     DRYDOCK_UPDATE_PAGES=1 DRYDOCK_PACKAGE_PREFIX=PREFIX build/release/tests/pages_tests
//         --gtest_filter=*/tutorial (or */tour, */cluster, */asio_chat)
//
// writes the real outputs into the page. Read the changes: a status, or a sentence of the page that
// speaks of an output, is not updated.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "tests/pages/runner.hpp"

namespace drydock::pages {
namespace {

struct FollowedPage {
    const char* name;
    const char* path;
    const char* shown_folder;
    std::uint16_t port;
    bool needs_docs;  ///< its commands name files of docs/
};

void PrintTo(const FollowedPage& page, std::ostream* out) { *out << page.path; }

class Pages : public testing::TestWithParam<FollowedPage> {};

std::string file_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The package as a reader has installed it: found by CMake, and its programs on the path.
Shell::Variables variables(const std::string& prefix) {
    const char* const path = std::getenv("PATH");
    return {{"CMAKE_PREFIX_PATH", prefix},
            {"PATH", prefix + "/bin" + (path == nullptr ? "" : std::string(":") + path)}};
}

TEST_P(Pages, ShowsWhatAReaderGets) {
    const FollowedPage& page = GetParam();
    const char* const prefix = std::getenv("DRYDOCK_PACKAGE_PREFIX");
    ASSERT_NE(prefix, nullptr) << "DRYDOCK_PACKAGE_PREFIX should name the installed package";
    const test::TemporaryFolder folder;
    if (page.needs_docs) {
        std::filesystem::create_directory_symlink(DRYDOCK_SOURCE_DIR "/docs",
                                                  folder.path() + "/docs");
    }
    const std::string path = std::string(DRYDOCK_SOURCE_DIR "/") + page.path;
    const Followed followed = follow(file_text(path), {.folder = folder.path(),
                                                       .shown_folder = page.shown_folder,
                                                       .variables = variables(prefix),
                                                       .port = page.port,
                                                       .page_name = page.path});
    for (const std::string& complaint : followed.complaints) ADD_FAILURE() << complaint;
    if (std::getenv("DRYDOCK_UPDATE_PAGES") != nullptr) {
        std::ofstream(path, std::ios::binary) << followed.updated_text;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Each, Pages,
    testing::Values(FollowedPage{"tutorial", "docs/TUTORIAL.md", "/home/ada/seats", 7412, false},
                    FollowedPage{"cluster", "docs/CLUSTER.md", "/home/ada/farms", 0, false},
                    FollowedPage{"tour", "docs/TOUR.md", "/home/ada/drydock", 0, true},
                    FollowedPage{"asio_chat", "examples/asio-chat/README.md", "/home/ada/chat", 0,
                                 false}),
    [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace drydock::pages
