# shellcheck shell=bash
# Sourced by ci/test.sh: runs steps side by side, each in a process group of its own, so that no
# process of a step is left when the run ends. Steps wait for the steps that they need, and steps of
# one lane run one after the other, in the order in which they were named.
#
#     step NAME LANE NICENESS "NEEDED-STEP..." COMMAND...     names a step
#     steps_run                  runs all of them; ends the script at the first that fails
#     steps_stop                 ends those that run; for the EXIT trap
#     steps_table                what each step has cost; for the EXIT trap

step_log_folder=build/ci
step_names=()                                     # in the order in which they were named
failed_step=""                                    # of steps_run
declare -A step_lane step_niceness step_needs     # by name
declare -A step_command                           # quoted for eval
declare -A step_state                             # none yet: "", then "running", "passed", "failed"
declare -A step_begun step_seconds step_processor # since the start of the script; how long
declare -A step_of_process process_of_step

step() {
    step_names+=("$1")
    step_lane[$1]=$2
    step_niceness[$1]=$3
    step_needs[$1]=$4
    step_command[$1]=$(printf '%q ' "${@:5}")
    step_state[$1]=""
}

steps_run() {
    rm -rf "$step_log_folder"
    mkdir -p "$step_log_folder"
    local ended status
    while :; do
        steps_start_ready
        ((${#step_of_process[@]} > 0)) || break
        status=0
        wait -n -p ended "${!step_of_process[@]}" || status=$?
        step_ended "${step_of_process[$ended]}" "$status"
    done
}

# Starts each step whose turn it is. (Not to be called from an `if` or a `while`: in what starts
# there, subshells included, `set -e` has no effect, and no step would fail.)
steps_start_ready() {
    local name
    for name in "${step_names[@]}"; do
        if [[ -z ${step_state[$name]} ]] && step_is_ready "$name"; then
            step_start "$name"
        fi
    done
}

step_is_ready() {
    local other
    for other in ${step_needs[$1]}; do
        [[ ${step_state[$other]} == passed ]] || return 1
    done
    for other in "${!process_of_step[@]}"; do
        [[ ${step_lane[$other]} != "${step_lane[$1]}" ]] || return 1
    done
}

step_start() {
    local log=$step_log_folder/$1
    step_state[$1]=running
    step_begun[$1]=$SECONDS
    printf '%4d s  %-14s begins\n' "$SECONDS" "$1"
    set -m # what runs in the background gets a process group of its own
    (
        set +m
        trap - EXIT INT TERM
        set +e # so that the time is written of a command that fails, too
        TIMEFORMAT='%0R %0U %0S'
        renice -n "${step_niceness[$1]}" "$BASHPID" >/dev/null
        {
            time {
                (
                    set -euo pipefail
                    eval "${step_command[$1]}"
                ) >"$log.log" 2>&1
                status=$?
            }
        } 2>"$log.time"
        exit "$status"
    ) </dev/null &
    set +m
    step_of_process[$!]=$1
    process_of_step[$1]=$!
}

# step_ended NAME STATUS
step_ended() {
    local log=$step_log_folder/$1 real=0 user=0 system=0
    # Beside the times, the shell says there that a process was killed.
    read -r real user system < <(grep -xE '[0-9]+ [0-9]+ [0-9]+' "$log.time" || echo 0 0 0)
    step_seconds[$1]=$real
    step_processor[$1]=$((user + system))
    if (($2 == 0)); then
        unset "step_of_process[${process_of_step[$1]}]" "process_of_step[$1]"
        step_state[$1]=passed
        printf '%4d s  %-14s passed in %d s, with %d s of processor time\n' \
            "$SECONDS" "$1" "${step_seconds[$1]}" "${step_processor[$1]}"
        return
    fi
    step_state[$1]=failed # and its group is ended with the others': it may have left something
    failed_step=$1
    printf '\n=== %s failed with status %d; its output, which is also in %s.log:\n\n' \
        "$1" "$2" "$log"
    cat "$log.log"
    exit 1
}

steps_stop() {
    local process
    for process in "${!step_of_process[@]}"; do
        kill -TERM -- "-$process" 2>/dev/null || true
    done
    for process in "${!step_of_process[@]}"; do
        for _ in {1..50}; do
            kill -0 -- "-$process" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL -- "-$process" 2>/dev/null || true
    done
}

steps_table() {
    local name
    printf '\n%-14s %8s %8s %12s\n' step "begun at" seconds processor
    for name in "${step_names[@]}"; do
        case ${step_state[$name]} in
            passed | failed)
                printf '%-14s %6d s %6d s %10d s' "$name" "${step_begun[$name]}" \
                    "${step_seconds[$name]}" "${step_processor[$name]}"
                ;;
            running) printf '%-14s %6d s' "$name" "${step_begun[$name]}" ;;
            *) printf '%-14s' "$name" ;;
        esac
        [[ ${step_state[$name]} == passed ]] || printf '  %s' "${step_state[$name]:-not begun}"
        echo
    done
}
