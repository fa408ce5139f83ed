// Messages name source files alike, whatever the compiler calls them.
#include <drydock/source_path.hpp>

#include <source_location>
#include <string>

#include <gtest/gtest.h>

namespace drydock {
namespace {

TEST(SourcePath, OfDrydocksOwnFileIsFromTheRootOfItsTree) {
    const std::source_location here = std::source_location::current();
    EXPECT_EQ(source_path(here.file_name()).text(), "tests/unit/source_path_test.cpp");
}

TEST(SourcePath, HasNoRootAndNoBackslashesWhereTheCompilerGivesThem) {
    EXPECT_EQ(source_path("C:\\src\\drydock\\sim\\world.cpp", "C:\\src\\drydock\\").text(),
              "sim/world.cpp");
    EXPECT_EQ(source_path("C:\\src\\drydock\\sim/world.cpp", "C:/src/drydock/").text(),
              "sim/world.cpp");
    EXPECT_EQ(source_path("/home/me/drydock/sim/world.cpp", "/home/me/drydock/").text(),
              "sim/world.cpp");
}

TEST(SourcePath, OfAnInstalledHeaderOfDrydockIsFromItsFolderOfHeadersOn) {
    EXPECT_EQ(source_path("/opt/drydock/include/drydock/asio/detail/core.ipp", "").text(),
              "include/drydock/asio/detail/core.ipp");
    EXPECT_EQ(source_path("C:\\sdk\\include\\drydock\\io.hpp", "").text(),
              "include/drydock/io.hpp");
    EXPECT_EQ(source_path("/home/me/include/mine.hpp", "").text(), "/home/me/include/mine.hpp");
}

TEST(SourcePath, OfAFileOutsideTheTreeIsWhole) {
    EXPECT_EQ(source_path("/home/me/mine.cpp", "/home/me/drydock/").text(), "/home/me/mine.cpp");
    EXPECT_EQ(source_path("mine.cpp", "/home/me/drydock/").text(), "mine.cpp");
    EXPECT_EQ(source_path("", "/home/me/drydock/").text(), "");
}

TEST(SourcePath, ThatIsTooLongKeepsItsEnd) {
    const std::string path = std::string(300, 'x') + "/end.cpp";
    const SourcePath kept = source_path(path, "");
    EXPECT_EQ(kept.text(), path.substr(path.size() - 256));
}

}  // namespace
}  // namespace drydock
