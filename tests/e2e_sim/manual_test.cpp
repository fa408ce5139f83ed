// drydock-sim(1): every command and option of --help, and nothing that groff warns about.
#include "tests/e2e/manual.hpp"

namespace drydock::e2e {
namespace {

TEST(ManualOfSim, has_all_that_help_has) { expect_manual(drydock_sim, "drydock-sim"); }

TEST(ManualOfSim, is_a_page_without_warnings) { expect_page_without_warnings(drydock_sim); }

}  // namespace
}  // namespace drydock::e2e
