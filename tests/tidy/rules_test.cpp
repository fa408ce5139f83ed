// The tidy rules themselves: each must find the mistake it was written for and leave its neighbour
// alone. Without this a rule could be broken and the tree would only look clean.

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tidy/rules.hpp"

namespace drydock::tidy {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const Rule& rule_named(std::string_view name) {
    const auto all = all_rules();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Rule& rule) { return rule.name == name; });
    if (found == all.end()) {
        throw std::invalid_argument("no rule is named " + std::string(name));
    }
    return *found;
}

std::vector<std::string> findings_of(std::string_view rule, std::string path,
                                     std::string_view text) {
    std::vector<std::string> described;
    for (const Finding& finding : apply(rule_named(rule), Source(std::move(path), text))) {
        described.push_back(describe(finding));
    }
    return described;
}

std::string including(std::string_view name) { return "#include <" + std::string(name) + ">\n"; }

std::string test_name(const testing::TestParamInfo<Rule>& test) {
    std::string name(test.param.name);
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

// --- every rule, every ban
// ------------------------------------------------------------------------

class EachRule : public testing::TestWithParam<Rule> {};

TEST_P(EachRule, FindsItsBadExampleAndSaysWhere) {
    const Rule& rule = GetParam();
    EXPECT_THAT(findings_of(rule.name, std::string(rule.path), rule.bad),
                ElementsAre(HasSubstr(std::string(rule.path) + ":1: " + std::string(rule.name))));
}

TEST_P(EachRule, LeavesItsGoodExampleAlone) {
    const Rule& rule = GetParam();
    EXPECT_THAT(findings_of(rule.name, std::string(rule.path), rule.good), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Tidy, EachRule, testing::ValuesIn(all_rules().begin(), all_rules().end()),
                         test_name);

TEST(TidyBans, EachFindsItsExampleAndNamesTheReplacement) {
    for (const Ban& ban : all_bans()) {
        const bool of_programs = ban.rule == "output-is-checked";
        const std::string path = of_programs ? "src/apps/drydock/x.cpp" : "sim/world.cpp";
        EXPECT_THAT(findings_of(ban.rule, path, ban.example),
                    Contains(HasSubstr("`" + std::string(ban.word) + "` is banned here; use " +
                                       std::string(ban.instead))))
            << ban.example;
    }
}

TEST(TidyBans, AreNotLookedForInCommentsAndStrings) {
    for (const Ban& ban : all_bans()) {
        std::string word(ban.example);
        std::replace(word.begin(), word.end(), '"', '\'');
        const std::string text =
            "// " + word + "\n/* " + word + "\n" + word + " */\nauto s = \"" + word + "\";\n";
        EXPECT_THAT(findings_of(ban.rule, "sim/world.cpp", text), IsEmpty()) << text;
    }
}

// --- who may include whom
// -------------------------------------------------------------------------

TEST(TidyLayers, TheContractMayIncludeStdAndItselfAlone) {
    const std::string path = "include/drydock/queue.hpp";
    EXPECT_THAT(findings_of("layers", path, including("span")), IsEmpty());
    EXPECT_THAT(findings_of("layers", path, including("drydock/time.hpp")), IsEmpty());
    EXPECT_THAT(findings_of("layers", path, including("fmt/format.h")), SizeIs(1));
    EXPECT_THAT(findings_of("layers", path, including("src/runtime/x.hpp")), SizeIs(1));
}

TEST(TidyLayers, TheContractKnowsNeitherTheSimulatorNorServers) {
    for (const char* header : {"drydock/sim/run.hpp", "drydock/server.hpp"}) {
        EXPECT_THAT(findings_of("layers", "include/drydock/io.hpp", including(header)), SizeIs(1));
    }
    const std::string path = "include/drydock/server.hpp";
    EXPECT_THAT(findings_of("layers", path, including("drydock/io.hpp")), IsEmpty());
    EXPECT_THAT(findings_of("layers", path, including("drydock/server_probes.hpp")), IsEmpty());
    EXPECT_THAT(findings_of("layers", path, including("drydock/sim/run.hpp")), SizeIs(1));
    EXPECT_THAT(findings_of("layers", "src/echo/a.hpp", including("drydock/server.hpp")),
                IsEmpty());
    EXPECT_THAT(findings_of("layers", "src/echo/a.hpp", including("drydock/sim/run.hpp")),
                SizeIs(1));
}

TEST(TidyLayers, NeitherServersNorTheSimulatedWorldKnowTheHost) {
    for (const char* header : {"drydock/host.hpp", "drydock/backend.hpp"}) {
        for (const char* path : {"src/echo/a.cpp", "src/server/a.cpp", "sim/world.cpp",
                                 "include/drydock/sim/run.hpp"}) {
            EXPECT_THAT(findings_of("layers", path, including(header)), SizeIs(1)) << path;
        }
        for (const char* path :
             {"src/apps/drydock/main.cpp", "sim/tool/farming.cpp", "platform/backends.cpp"}) {
            EXPECT_THAT(findings_of("layers", path, including(header)), IsEmpty()) << path;
        }
    }
}

TEST(TidyLayers, ServersMayIncludeTheRuntimeButNotEachOther) {
    EXPECT_THAT(findings_of("layers", "src/echo/a.cpp", including("src/runtime/x.hpp")), IsEmpty());
    EXPECT_THAT(findings_of("layers", "src/echo/a.cpp", including("fmt/format.h")), IsEmpty());
    EXPECT_THAT(findings_of("layers", "src/chat/a.cpp", including("src/echo/x.hpp")), SizeIs(1));
    EXPECT_THAT(findings_of("layers", "src/runtime/a.cpp", including("src/echo/x.hpp")), SizeIs(1));
    EXPECT_THAT(findings_of("layers", "src/echo/a.cpp", including("sim/world.hpp")), SizeIs(1));
    EXPECT_THAT(findings_of("layers", "src/echo/a.cpp", including("CLI/CLI.hpp")), SizeIs(1));
}

TEST(TidyLayers, ABackendMayIncludeItsSystemAndWhatIsCommon) {
    const std::string path = "platform/epoll/queue.cpp";
    EXPECT_THAT(findings_of("layers", path, including("sys/epoll.h")), IsEmpty());
    EXPECT_THAT(findings_of("layers", path, including("platform/common/ready_list.hpp")),
                IsEmpty());
    EXPECT_THAT(findings_of("layers", path, including("platform/epoll/queue.hpp")), IsEmpty());
    EXPECT_THAT(findings_of("layers", path, including("platform/iocp/queue.hpp")), SizeIs(1));
    EXPECT_THAT(findings_of("layers", path, including("src/echo/server.hpp")), SizeIs(1));
    EXPECT_THAT(findings_of("layers", path, including("fmt/format.h")), SizeIs(1));
}

TEST(TidyLayers, OnlyTheListOfTheBackendsKnowsThemAll) {
    for (const char* header : {"platform/epoll/queue.hpp", "platform/iocp/queue.hpp"}) {
        EXPECT_THAT(findings_of("layers", "platform/backends.cpp", including(header)), IsEmpty());
        EXPECT_THAT(findings_of("layers", "platform/host/host.cpp", including(header)), SizeIs(1));
    }
    const std::string path = "platform/backends.cpp";
    EXPECT_THAT(findings_of("layers", path, including("src/echo/server.hpp")), SizeIs(1));
}

TEST(TidyLayers, OnlyScenariosJoinTheSimulatorToServers) {
    EXPECT_THAT(findings_of("layers", "sim/world.cpp", including("src/echo/server.hpp")),
                SizeIs(1));
    EXPECT_THAT(findings_of("layers", "tests/scenarios/echo.cpp", including("src/echo/server.hpp")),
                IsEmpty());
    for (const char* header : {"platform/epoll/q.hpp", "sim/world.hpp"}) {
        EXPECT_THAT(findings_of("layers", "tests/scenarios/echo.cpp", including(header)),
                    SizeIs(1));
    }
    for (const char* header : {"src/chat/server.hpp", "drydock/server.hpp",
                               "tests/scenarios/echo.hpp", "tests/zoo/specimens/zoo.hpp"}) {
        EXPECT_THAT(findings_of("layers", "sim/tool/report.cpp", including(header)), SizeIs(1));
        EXPECT_THAT(findings_of("layers", "include/drydock/sim/run.hpp", including(header)),
                    SizeIs(1));
    }
}

TEST(TidyLayers, OnlyTheTestSupportOfTheSimulatorKnowsATestFramework) {
    const std::string by_gtest = "include/drydock/sim/gtest.hpp";
    EXPECT_THAT(findings_of("layers", by_gtest, including("gtest/gtest.h")), IsEmpty());
    EXPECT_THAT(findings_of("layers", by_gtest, including("drydock/sim/farm.hpp")), IsEmpty());
    for (const char* header : {"fmt/format.h", "CLI/CLI.hpp", "nlohmann/json.hpp", "rapidcheck.h",
                               "src/echo/server.hpp", "sim/harness/runs.hpp"}) {
        EXPECT_THAT(findings_of("layers", by_gtest, including(header)), SizeIs(1)) << header;
    }
    const std::string by_rapidcheck = "include/drydock/sim/rapidcheck.hpp";
    EXPECT_THAT(findings_of("layers", by_rapidcheck, including("rapidcheck.h")), IsEmpty());
    EXPECT_THAT(findings_of("layers", by_rapidcheck, including("gtest/gtest.h")), SizeIs(1));
    for (const char* path : {"sim/harness/holds.cpp", "sim/farm.cpp",
                             "include/drydock/sim/farm.hpp", "include/drydock/sim/generated.hpp"}) {
        for (const char* header : {"gtest/gtest.h", "rapidcheck.h"}) {
            EXPECT_THAT(findings_of("layers", path, including(header)), SizeIs(1)) << path;
        }
    }
}

TEST(TidyEscapes, AreAllowedWhereTestsRunTheSimulator) {
    for (const char* path : {"sim/harness/explored.cpp", "sim/harness/runs.cpp"}) {
        EXPECT_THAT(findings_of("outside-the-contract", path, "std::jthread worker;\n"), IsEmpty());
        EXPECT_THAT(findings_of("library-dependent-order", path, "std::unordered_set<int> s;\n"),
                    SizeIs(1));
    }
    for (const char* path : {"sim/farm.cpp", "include/drydock/sim/gtest.hpp"}) {
        EXPECT_THAT(findings_of("outside-the-contract", path, "std::jthread worker;\n"), SizeIs(1));
    }
}

TEST(TidyLayers, OwnFilesAreNamedByTheirPathFromTheRoot) {
    EXPECT_THAT(findings_of("layers", "sim/world.cpp", "#include \"world.hpp\"\n"), SizeIs(1));
    EXPECT_THAT(findings_of("layers", "sim/world.cpp", "#  include \"sim/world.hpp\"\n"),
                IsEmpty());
}

TEST(TidyLayers, ProgramsAndTestsMayIncludeEverything) {
    for (const char* path : {"src/apps/drydock/main.cpp", "tests/unit/a.cpp", "bench/echo.cpp"}) {
        EXPECT_THAT(findings_of("layers", path, including("CLI/CLI.hpp")), IsEmpty()) << path;
        EXPECT_THAT(findings_of("layers", path, including("platform/epoll/q.hpp")), IsEmpty())
            << path;
    }
}

TEST(TidyOsHeaders, BelongToPlatformAlone) {
    for (const char* name : {"sys/socket.h", "netinet/in.h", "arpa/inet.h", "unistd.h", "fcntl.h",
                             "poll.h", "signal.h", "netdb.h", "pthread.h", "windows.h", "Windows.h",
                             "WinSock2.h", "ws2tcpip.h", "mswsock.h", "liburing.h"}) {
        for (const char* path : {"src/echo/a.cpp", "src/apps/drydock/main.cpp", "sim/world.cpp",
                                 "include/drydock/queue.hpp"}) {
            EXPECT_THAT(findings_of("os-headers", path, including(name)),
                        ElementsAre(HasSubstr(name)))
                << path;
        }
        EXPECT_THAT(findings_of("os-headers", "platform/host/a.cpp", including(name)), IsEmpty());
        EXPECT_THAT(findings_of("os-headers", "tests/e2e/a.cpp", including(name)), IsEmpty());
    }
}

// --- what a word is, and where a rule holds
// ---------------------------------------------------------

TEST(TidyEscapes, ProgramsAndBackendsHaveThreadsAndClocks) {
    const std::string text = including("thread") + "auto t = std::chrono::steady_clock::now();\n";
    EXPECT_THAT(findings_of("outside-the-contract", "src/apps/drydock/main.cpp", text), IsEmpty());
    EXPECT_THAT(findings_of("outside-the-contract", "platform/epoll/queue.cpp", text), IsEmpty());
    EXPECT_THAT(findings_of("outside-the-contract", "src/echo/a.cpp", text), SizeIs(2));
    EXPECT_THAT(findings_of("outside-the-contract", "include/drydock/a.hpp", text), SizeIs(2));
}

TEST(TidyEscapes, AMemberOrADeclarationOfTheSameNameIsNoCall) {
    for (const char* text :
         {"auto t = queue.time(1);", "auto t = world->clock();", "Time time(int seconds);",
          "auto t = Stamp::time(1);", "int strand(int n);", "int operand(1);"}) {
        EXPECT_THAT(findings_of("outside-the-contract", "sim/world.cpp", text), IsEmpty()) << text;
    }
    for (const char* text : {"return time(nullptr);", "auto t = ::time(nullptr);", "f(rand());"}) {
        EXPECT_THAT(findings_of("outside-the-contract", "sim/world.cpp", text), SizeIs(1)) << text;
    }
}

TEST(TidyBannedCalls, DeletedMembersAndAllocatorsAreNoUnownedMemory) {
    for (const char* text :
         {"Queue(const Queue&) = delete;", "void* operator new(std::size_t size);",
          "void operator delete(void* memory);", "auto* t = ::new (room) Task();",
          "new (room) Task();", "auto* p = ::operator new(size);", "int renew = new_one();"}) {
        EXPECT_THAT(findings_of("banned-call", "src/runtime/a.cpp", text), IsEmpty()) << text;
    }
    for (const char* text : {"auto* p = new Task;", "delete[] p;", "return new Task();"}) {
        EXPECT_THAT(findings_of("banned-call", "src/runtime/a.cpp", text), SizeIs(1)) << text;
    }
}

TEST(TidyBannedCalls, TheTextbooksProgramsMayKeepTheirs) {
    const std::string text = "auto* p = new Data;\n";
    EXPECT_THAT(findings_of("banned-call", "tests/seed_programs/server.cpp", text), IsEmpty());
    EXPECT_THAT(findings_of("banned-call", "tests/e2e/server.cpp", text), SizeIs(1));
}

TEST(TidyStaticState, FunctionsAndConstantsAreNoState) {
    for (const char* text :
         {"static Queue make(int n);", "static const int n = 1;", "static_assert(n == 1);",
          "static constexpr int table[] = {1, 2};", "static Queue make(int n) {"}) {
        EXPECT_THAT(findings_of("static-mutable-state", "sim/world.cpp", text), IsEmpty()) << text;
    }
    for (const char* text : {"static int n;", "    static std::vector<int> seen{};"}) {
        EXPECT_THAT(findings_of("static-mutable-state", "sim/world.cpp", text), SizeIs(1)) << text;
    }
}

TEST(TidyLineLength, CountsCharactersNotBytes) {
    std::string line = "// ";
    for (int i = 0; i < 97; ++i) {
        line += "\xC3\xA9";  // e with an acute accent, two bytes
    }
    EXPECT_THAT(findings_of("line-length", "sim/world.cpp", line), IsEmpty());
    EXPECT_THAT(findings_of("line-length", "sim/world.cpp", line + "x"), SizeIs(1));
}

// --- functions
// --------------------------------------------------------------------------------------

std::string calls(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        text += "    if (x) { g(); }\n";
    }
    return text;
}

TEST(TidyFunctionLength, MeasuresWhatHasBraces) {
    const std::map<std::string, std::string> openings = {
        {"member", "namespace n {\nclass A : B<int> {\npublic:\n    int f() const {\n"},
        {"template", "namespace {\n\ntemplate <class T, class U = X<int>>\nauto f(T t) -> U {\n"},
        {"constructor", "namespace n {\n\nA::A(int n)\n    : first_{n}, second_(n), third_{} {\n"},
        {"lambda", "namespace n {\n\n\nconst auto f = [](struct X x) {\n"},
        {"test", "namespace n {\n\n\nTEST(Suite, Case) {\n"},
    };
    for (const auto& [kind, opening] : openings) {
        const std::string text = opening + calls(80) + "}\n}\n";
        EXPECT_THAT(findings_of("function-length", "sim/world.cpp", text),
                    ElementsAre(HasSubstr("sim/world.cpp:4: ")))
            << kind;
    }
}

TEST(TidyFunctionLength, ManyShortFunctionsInALongClassAreFine) {
    std::string text = "namespace n {\nclass A {\n";
    for (int i = 0; i < 20; ++i) {
        text += "    void f() {\n" + calls(5) + "    }\n    int n_{0};\n";
    }
    EXPECT_THAT(findings_of("function-length", "sim/world.cpp", text + "};\n}\n"), IsEmpty());
}

TEST(TidyFunctionLength, BracesInTextAndMacrosDoNotCount) {
    const std::string text =
        "void f() {\n    g(\"}\", '{'); // }\n#define OPEN \\\n    {\n" + calls(80) + "}\n";
    EXPECT_THAT(findings_of("function-length", "sim/world.cpp", text), SizeIs(1));
}

// --- exceptions, and what is not code
// -----------------------------------------------------------------

TEST(TidyAllowance, NeedsTheRulesNameAndAReason) {
    const std::string line = "auto* p = new Task; // tidy: allow(";
    EXPECT_THAT(findings_of("banned-call", "sim/a.cpp", line + "banned-call) freed by the pool"),
                IsEmpty());
    EXPECT_THAT(findings_of("banned-call", "sim/a.cpp", line + "banned-call)"), SizeIs(1));
    EXPECT_THAT(findings_of("banned-call", "sim/a.cpp", line + "layers) freed by the pool"),
                SizeIs(1));
}

TEST(TidySource, BlanksCommentsAndLiteralsButKeepsLines) {
    const Source source("a.cpp",
                        "int a = 1'000; // one\n/* two\nthree */ int b;\n"
                        "f(\"new \\\" x\", 'n', R\"q(delete )\" \n rand())q\", c);\n");
    EXPECT_THAT(source.code, SizeIs(source.lines.size()));
    EXPECT_EQ(trimmed(source.code[0]), "int a = 1'000;");
    EXPECT_EQ(trimmed(source.code[2]), "int b;");
    EXPECT_THAT(source.code, Each(testing::Not(testing::AnyOf(HasSubstr("new"), HasSubstr("delete"),
                                                              HasSubstr("rand")))));
    EXPECT_THAT(source.code.back(), HasSubstr(", c);"));
}

TEST(TidyDeadHeaders, AreThoseThatNobodyIncludes) {
    const std::vector<Source> sources = {
        Source("include/drydock/used.hpp", "#pragma once\n"),
        Source("sim/used.hpp", "#pragma once\n#include <drydock/used.hpp>\n"),
        Source("sim/dead.hpp", "#pragma once\n// #include \"sim/dead.hpp\"\n"),
        Source("sim/world.cpp", "#include \"sim/used.hpp\"\n"),
    };
    const std::vector<Finding> findings = find_dead_headers(sources);
    ASSERT_THAT(findings, SizeIs(1));
    EXPECT_THAT(describe(findings[0]), HasSubstr("sim/dead.hpp:1: dead-header"));
}

}  // namespace
}  // namespace drydock::tidy
