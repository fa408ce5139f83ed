// No specimen: the lock service that they are made from, without a defect.
#include "tests/zoo/specimens/lock_specimens.hpp"

namespace drydock::zoo {

DRYDOCK_LOCK_SPECIMEN(make_sound_lock) { return lock_parts<Keeper, Ledger, Worker>(); }

}  // namespace drydock::zoo
