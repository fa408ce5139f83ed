#!/usr/bin/env bash
# Shows that the simulator decides by nothing uninitialised, and loses no memory: a run that did
# would not be the same everywhere, and no digest on one machine would tell.
#     ci/memcheck.sh [SEEDS] [--build-dir DIR]      e.g. ci/memcheck.sh 1000; 300 seeds by default
#
# Runs drydock-sim of the preset `dev` (-O1 -g) under valgrind's memcheck: a farm of each scenario,
# one of a broken server (runs that are cut off are cleared away, too), a replay and an exploration.
# First a server that does decide by an uninitialised byte, and must be caught. (MemorySanitizer
# would want a standard library that is built for it, which Debian has not.)
#
# Exit status: 0, clean; 1, valgrind found something, or a run ended otherwise than it must; 2, what
# was asked for cannot be done.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scenarios=(echo chat)
broken=zoo/ignores-short-sends

refuse() {
    echo "ci/memcheck.sh: $1" >&2
    exit 2
}

fail() {
    echo "ci/memcheck.sh: $1" >&2
    exit 1
}

seeds=300
build_dir=build/dev
while (($# > 0)); do
    case $1 in
        --build-dir)
            (($# > 1)) || refuse "--build-dir wants a folder behind it"
            build_dir=$2
            shift
            ;;
        -*) refuse "'$1' is no option of this script; its first lines name them" ;;
        *) seeds=$1 ;;
    esac
    shift
done
[[ $seeds =~ ^[1-9][0-9]{0,6}$ ]] || refuse "'$seeds' is no whole number of seeds above 0"
command -v valgrind >/dev/null || refuse "there is no valgrind (Debian: valgrind)"
sim=$build_dir/drydock-sim
canary=$build_dir/tests/memcheck_canary
for program in "$sim" "$canary"; do
    [[ -x $program ]] || refuse "there is no $program; cmake --workflow --preset dev builds it"
done
if grep -qs '^DRYDOCK_SANITIZE:[A-Z]*=.' "$build_dir/CMakeCache.txt"; then
    refuse "$build_dir is built with a sanitizer, which valgrind cannot run"
fi

logs=$build_dir/memcheck
rm -rf "$logs"
mkdir -p "$logs"
reported=99 # by valgrind; no program of drydock's ends with it

# memcheck LOG COMMAND...: sets `status`; $logs/LOG.txt has what valgrind says, LOG.out the rest.
# What threads keep that still run at the end is no loss: only what nobody can reach any more is.
memcheck() {
    status=0
    valgrind -q --log-file="$logs/$1.txt" --error-exitcode=$reported --leak-check=full \
        --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite,indirect \
        "${@:2}" >"$logs/$1.out" 2>&1 || status=$?
}

# clean LOG STATUS ARGUMENT...: drydock-sim with these must end with that status, and valgrind have
# nothing to say.
clean() {
    local log=$1 expected=$2
    local words="drydock-sim ${*:3}"
    memcheck "$log" "$sim" "${@:3}"
    if ((status == reported)) || [[ -s $logs/$log.txt ]]; then
        cat "$logs/$log.txt" >&2
        fail "valgrind finds fault with: $words (above, and in $logs/$log.txt)"
    fi
    if ((status != expected)); then
        cat "$logs/$log.out" >&2
        fail "under valgrind, status $status instead of $expected from: $words"
    fi
    echo "memcheck: clean: $words"
}

canary_must_be_caught() {
    "$canary" >"$logs/alone.out" 2>&1 ||
        fail "the canary fails without valgrind, and so shows nothing: $(<"$logs/alone.out")"
    memcheck canary "$canary"
    if ((status != reported)) || ! grep -q 'uninitialised value' "$logs/canary.txt" ||
        ! grep -q 'uninitialised\.cpp' "$logs/canary.txt"; then
        cat "$logs/canary.txt" "$logs/canary.out" >&2
        fail "valgrind did not catch the canary, a server that decides by an uninitialised byte"
    fi
    echo "memcheck: the canary was caught, as it must be"
}

canary_must_be_caught
for scenario in "${scenarios[@]}"; do
    clean "farm-$scenario" 0 farm "$scenario" --in-process --seeds "$seeds" --jobs 1 --out "$logs"
done
clean farm-broken 1 farm "$broken" --in-process --seeds 20 --jobs 1 --out "$logs"
"$sim" run chat --seed 7 --record "$logs/recorded.schedule" >/dev/null
clean replay 0 replay --in-process "$logs/recorded.schedule"
clean explore 0 explore echo --clients 1 --bytes 2
