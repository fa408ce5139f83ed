// The banned words, each with what to write instead and an example that must be found.

#include "tests/tidy/rules.hpp"

namespace drydock::tidy {
namespace {

using Kind = Ban::Kind;

// What would make a run depend on more than the choices it is given (include/, src/, sim/).
constexpr std::string_view escape = "outside-the-contract";
// What differs between standard libraries (sim/).
constexpr std::string_view order = "library-dependent-order";
// What has a better replacement everywhere.
constexpr std::string_view banned = "banned-call";
// What reports to a stream that belongs to the program (all but src/apps, tests, fuzz and bench).
constexpr std::string_view output = "output-belongs-to-apps";
// What nobody would notice to have failed (src/apps).
constexpr std::string_view unchecked = "output-is-checked";
// What GCC 12 or mingw-w64 gets wrong (everywhere).
constexpr std::string_view compiler = "compiler-trap";
constexpr std::string_view awaited_local =
    "a local that holds the awaited value: GCC 12 traps, or never ends";

constexpr std::string_view own_clock = "queue.now(), the only clock that a replay repeats";
constexpr std::string_view own_timer = "an await on start_timer()";
constexpr std::string_view own_worker = "a Task; workers are started by src/apps alone";
constexpr std::string_view own_choice = "a number from the world's choice source";
constexpr std::string_view own_state = "a member of the object that owns the state";
constexpr std::string_view own_monitor = "std::mutex with std::condition_variable";
constexpr std::string_view own_output = "print() or complain(), which notice a failed write";
constexpr std::string_view bounded =
    "std::string, std::string_view or std::memcpy with a known size";
constexpr std::string_view parsed = "std::from_chars, which says when the text is no number";
constexpr std::string_view formatted = "fmt::format or std::to_chars";
constexpr std::string_view owned = "std::make_unique, std::vector or a buffer of the owner's";

constexpr Ban bans[] = {
    {escape, Kind::include, "thread", own_worker, "#include <thread>"},
    {escape, Kind::include, "future", own_worker, "#include <future>"},
    {escape, Kind::include, "random", own_choice, "#include <random>"},
    {escape, Kind::include, "ctime", own_clock, "#include <ctime>"},
    {escape, Kind::word, "std::thread", own_worker, "std::thread worker;"},
    {escape, Kind::word, "std::jthread", own_worker, "std::jthread worker;"},
    {escape, Kind::word, "std::async", own_worker, "auto f = std::async(g);"},
    {escape, Kind::word, "std::this_thread", own_timer, "std::this_thread::yield();"},
    {escape, Kind::word, "thread_local", own_state, "thread_local int depth = 0;"},
    {escape, Kind::word, "steady_clock", own_clock, "std::chrono::steady_clock::now();"},
    {escape, Kind::word, "system_clock", own_clock, "std::chrono::system_clock::now();"},
    {escape, Kind::word, "high_resolution_clock", own_clock, "using C = high_resolution_clock;"},
    {escape, Kind::call, "time", own_clock, "auto t = std::time(nullptr);"},
    {escape, Kind::call, "clock", own_clock, "auto t = clock();"},
    {escape, Kind::call, "rand", own_choice, "int n = rand() % 6;"},
    {escape, Kind::call, "srand", own_choice, "std::srand(1);"},
    {escape, Kind::word, "random_device", own_choice, "std::random_device device;"},
    {escape, Kind::word, "mt19937", own_choice, "std::mt19937 engine;"},
    {escape, Kind::word, "mt19937_64", own_choice, "std::mt19937_64 engine;"},
    {escape, Kind::call, "getenv", "an option that src/apps passes in", "getenv(\"HOME\");"},
    {escape, Kind::call, "exit", "a returned error; src/apps ends the program", "std::exit(1);"},

    {order, Kind::include, "unordered_map", "<map>: iterated in the order of its keys",
     "#include <unordered_map>"},
    {order, Kind::include, "unordered_set", "<set>: iterated in the order of its keys",
     "#include <unordered_set>"},
    {order, Kind::word, "std::unordered_map", "std::map", "std::unordered_map<int, int> m;"},
    {order, Kind::word, "std::unordered_set", "std::set", "std::unordered_set<int> s;"},
    {order, Kind::word, "std::unordered_multimap", "std::multimap",
     "std::unordered_multimap<int, int> m;"},
    {order, Kind::word, "std::unordered_multiset", "std::multiset",
     "std::unordered_multiset<int> s;"},
    {order, Kind::word, "std::hash", "a hash written out in sim/", "std::hash<int>{}(1);"},
    {order, Kind::word, "std::shuffle", own_choice, "std::shuffle(b, e, g);"},
    {order, Kind::word, "std::sample", own_choice, "std::sample(b, e, o, 1, g);"},
    {order, Kind::word, "std::uniform_int_distribution", own_choice,
     "std::uniform_int_distribution<int> d;"},
    {order, Kind::word, "std::uniform_real_distribution", own_choice,
     "std::uniform_real_distribution<double> d;"},
    {order, Kind::word, "std::bernoulli_distribution", own_choice,
     "std::bernoulli_distribution d;"},
    {order, Kind::word, "std::normal_distribution", own_choice,
     "std::normal_distribution<double> d;"},
    {order, Kind::word, "std::exponential_distribution", own_choice,
     "std::exponential_distribution<double> d;"},
    {order, Kind::word, "std::geometric_distribution", own_choice,
     "std::geometric_distribution<int> d;"},
    {order, Kind::word, "std::poisson_distribution", own_choice,
     "std::poisson_distribution<int> d;"},
    {order, Kind::word, "std::discrete_distribution", own_choice,
     "std::discrete_distribution<int> d;"},

    {banned, Kind::call, "strcpy", bounded, "strcpy(to, from);"},
    {banned, Kind::call, "strncpy", bounded, "strncpy(to, from, 4);"},
    {banned, Kind::call, "strcat", bounded, "std::strcat(to, from);"},
    {banned, Kind::call, "strtok", bounded, "strtok(text, sep);"},
    {banned, Kind::call, "gets", "std::getline", "gets(line);"},
    {banned, Kind::call, "sprintf", formatted, "std::sprintf(to, format, 1);"},
    {banned, Kind::call, "vsprintf", formatted, "vsprintf(to, format, list);"},
    {banned, Kind::call, "atoi", parsed, "int n = atoi(text);"},
    {banned, Kind::call, "atol", parsed, "long n = atol(text);"},
    {banned, Kind::call, "atof", parsed, "double d = std::atof(text);"},
    {banned, Kind::call, "scanf", parsed, "scanf(format, &n);"},
    {banned, Kind::call, "sscanf", parsed, "std::sscanf(text, format, &n);"},
    {banned, Kind::word, "std::endl", "'\\n', and std::flush where a reader waits for the line",
     "out << std::endl;"},
    {banned, Kind::word, "using namespace std;", "std:: where it is used", "using namespace std;"},
    {banned, Kind::call, "malloc", owned, "void* p = malloc(4);"},
    {banned, Kind::call, "calloc", owned, "void* p = calloc(1, 4);"},
    {banned, Kind::call, "realloc", owned, "p = std::realloc(p, 4);"},
    {banned, Kind::call, "free", owned, "std::free(p);"},
    {banned, Kind::unowned_memory, "new", owned, "Thing* p = new Thing(1);"},
    {banned, Kind::unowned_memory, "delete", owned, "delete p;"},

    {output, Kind::word, "std::cout", "the log, or a text that src/apps prints", "std::cout << 1;"},
    {output, Kind::word, "std::cerr", "the log, or a text that src/apps prints", "std::cerr << 1;"},
    {output, Kind::word, "std::clog", "the log, or a text that src/apps prints", "std::clog << 1;"},
    {output, Kind::call, "printf", "the log, or a text that src/apps prints", "std::printf(text);"},
    {output, Kind::call, "puts", "the log, or a text that src/apps prints", "puts(text);"},

    {unchecked, Kind::word, "fmt::print", own_output, "fmt::print(text);"},
    {unchecked, Kind::word, "std::cout", own_output, "std::cout << 1;"},
    {unchecked, Kind::word, "std::cerr", own_output, "std::cerr << 1;"},
    {unchecked, Kind::call, "printf", own_output, "std::printf(text);"},
    {unchecked, Kind::call, "fprintf", own_output, "std::fprintf(stderr, text);"},
    {unchecked, Kind::call, "fwrite", own_output, "std::fwrite(text, 1, 4, stdout);"},
    {unchecked, Kind::call, "puts", own_output, "puts(text);"},

    {compiler, Kind::include, "semaphore", own_monitor, "#include <semaphore>"},
    {compiler, Kind::include, "latch", own_monitor, "#include <latch>"},
    {compiler, Kind::include, "barrier", own_monitor, "#include <barrier>"},
    {compiler, Kind::word, "switch (co_await", awaited_local, "switch (co_await next()) {}"},
    {compiler, Kind::word, "if (co_await", awaited_local, "if (co_await next()) co_return;"},
    {compiler, Kind::word, "if (!co_await", awaited_local, "if (!co_await next()) co_return;"},
    {compiler, Kind::word, "while (co_await", awaited_local, "while (co_await next()) {}"},
    {compiler, Kind::word, "while (!co_await", awaited_local, "while (!co_await next()) {}"},
};

}  // namespace

std::span<const Ban> all_bans() { return bans; }

}  // namespace drydock::tidy
