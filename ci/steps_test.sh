#!/usr/bin/env bash
# Tests ci/steps.sh: a CI that passes whatever happens is worse than none. Status 0: all held.
set -euo pipefail
steps=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/steps.sh
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

fail() {
    echo "ci/steps_test.sh: $1; the output:" >&2
    cat output >&2
    exit 1
}

# run EXPECTED-STATUS: a script on the standard input that names steps is run as ci/test.sh runs its
# own; its output is in the file `output`.
run() {
    local status=0
    {
        echo 'set -euo pipefail'
        printf 'source %q\n' "$steps"
        echo 'trap "steps_stop; steps_table" EXIT'
        echo 'trap "exit 143" TERM'
        cat
        echo 'steps_run'
    } >script
    bash script >output 2>&1 || status=$?
    ((status == $1)) || fail "status $status instead of $1"
}

# The process whose id a step has written into the file must have ended.
must_have_ended() {
    [[ -s $1 ]] || fail "the step that writes '$1' has not run"
    ! kill -0 "$(<"$1")" 2>/dev/null || fail "the process of '$1' is left"
}

says() {
    grep -q -- "$1" output || fail "no line has '$1'"
}

# In one lane one after the other, in two lanes at once, and after what they need.
run 0 <<'END'
step first one 0 "" bash -c 'sleep 0.3; echo first >>order'
step second one 0 "" bash -c 'echo second >>order'
step beside two 0 "" bash -c 'echo beside >>order'
step last two 0 "second" bash -c 'echo last >>order'
END
[[ $(tr '\n' ' ' <order) == "beside first second last " ]] || fail "the order was: $(<order)"
says '^last .*s$'

# A step that fails ends the run, though its last command passes, and prints what it has said. The
# others' processes are ended, those in their background too, and what needs it does not begin.
run 1 <<'END'
breaks() { echo "what went wrong"; sleep 0.3; false; echo "not reached"; }
step long one 0 "" bash -c 'sleep 60 & echo $! >behind; echo $$ >before; wait'
step broken two 0 "" breaks
step after two 0 "broken" touch reached
END
says '=== broken failed with status 1'
says '^what went wrong$'
says '^long .*running$'
says '^after  *not begun$'
! grep -q 'not reached' output || fail "the step went on after the command that failed"
[[ ! -e reached ]] || fail "a step began though one that it needs has failed"
must_have_ended before
must_have_ended behind

# Nor is anything left of the step that fails, were its own shell killed.
run 1 <<'END'
step killed one 0 "" bash -c 'sleep 60 & echo $! >left; sleep 0.3; kill -KILL $PPID; wait'
END
says '=== killed failed with status 137'
must_have_ended left

# Neither does anything remain of a run that is told to end.
rm before behind
run 143 <<'END'
step long one 0 "" bash -c 'sleep 60 & echo $! >behind; echo $$ >before; wait'
step ends two 0 "" bash -c "sleep 0.3; kill $$"
END
must_have_ended before
must_have_ended behind

# The priority is the one that was asked for.
run 0 <<'END'
step low one 15 "" bash -c 'nice >niceness'
END
[[ $(<niceness) -ge 15 ]] || fail "the niceness was $(<niceness)"

echo "ci/steps.sh: all held"
