// Lock services that are broken in one way each, and the sound one.
#pragma once

#include "tests/zoo/specimens/lock_scenario.hpp"

namespace drydock::zoo {

// One function a specimen, each in a file of its own, as LockScenario wants them.
#define DRYDOCK_LOCK_SPECIMEN(make) LockParts make()

/// No defect: so what is found in the others is their defects' doing.
DRYDOCK_LOCK_SPECIMEN(make_sound_lock);
DRYDOCK_LOCK_SPECIMEN(make_acknowledges_before_it_syncs);
DRYDOCK_LOCK_SPECIMEN(make_appends_to_a_torn_record);
DRYDOCK_LOCK_SPECIMEN(make_retries_without_a_number);
DRYDOCK_LOCK_SPECIMEN(make_numbers_its_requests_anew);
DRYDOCK_LOCK_SPECIMEN(make_answers_while_it_recovers);
DRYDOCK_LOCK_SPECIMEN(make_waits_without_a_limit);
DRYDOCK_LOCK_SPECIMEN(make_lets_the_deposed_write);
DRYDOCK_LOCK_SPECIMEN(make_leases_without_a_margin);
DRYDOCK_LOCK_SPECIMEN(make_compares_two_clocks);
DRYDOCK_LOCK_SPECIMEN(make_counts_a_lease_from_its_answer);
DRYDOCK_LOCK_SPECIMEN(make_forgets_its_leases);
DRYDOCK_LOCK_SPECIMEN(make_numbers_its_grants_anew);
DRYDOCK_LOCK_SPECIMEN(make_frees_what_another_holds);
DRYDOCK_LOCK_SPECIMEN(make_takes_a_newcomer_for_the_old);
DRYDOCK_LOCK_SPECIMEN(make_acknowledges_a_copy_at_once);
DRYDOCK_LOCK_SPECIMEN(make_rewrites_its_log_in_place);
DRYDOCK_LOCK_SPECIMEN(make_allows_for_one_clock);
DRYDOCK_LOCK_SPECIMEN(make_waits_out_a_lease_by_its_own_clock);

}  // namespace drydock::zoo
