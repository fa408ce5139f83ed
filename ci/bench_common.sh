# shellcheck shell=bash
# Sourced by ci/bench.sh and ci/bench_wine.sh: their options, and servers that are measured in turns.
#
# Who takes turns defines start_server NAME, which sets server_pid and port, stop_server NAME, and
# load_options, what all loads are told.

rounds=25
seconds=0.3
warm_up=0.1
workers=1
only=""
build=1
build_dir=build/release
windows_build_dir=build/windows
report_options=()
load_options=()
server_pid=""

refuse() {
    echo "ci/bench.sh: $1" >&2
    exit 2
}

fail() {
    echo "ci/bench.sh: $1" >&2
    exit 1
}

parse_options() {
    while (($# > 0)); do
        case $1 in
            --short) rounds=1 seconds=0.15 warm_up=0.05 ;;
            --no-build) build=0 ;;
            --check) report_options+=(--check) ;;
            --rounds) rounds=$2 && shift ;;
            --seconds) seconds=$2 && shift ;;
            --workers) workers=$2 && shift ;;
            --only) only=$2 && shift ;;
            --build-dir) build_dir=$2 build=0 && shift ;;
            --windows-build-dir) windows_build_dir=$2 build=0 && shift ;;
            *) refuse "'$1' is no option of this script; its first lines name them" ;;
        esac
        shift
    done
}

# on CORE COMMAND...: the command takes the place of this process, on that core once cores are pinned.
on() { exec "${@:2}"; }

# Server and load on a core each from now on; false where there are not two, or no taskset to say so.
pin_cores() {
    if command -v taskset >/dev/null && taskset -c 0 true 2>/dev/null &&
        taskset -c 1 true 2>/dev/null; then
        on() { exec taskset -c "$@"; }
    else
        echo "ci/bench.sh: no two cores to pin to; the figures will be rough" >&2
        return 1
    fi
}

# wait_for SECONDS COMMAND...: false when the command has not come true in that time.
wait_for() {
    local tries
    for ((tries = 50 * $1; tries > 0; --tries)); do
        "${@:2}" && return 0
        sleep 0.02
    done
    return 1
}

# --- a server that says where it listens, and that SIGINT stops ------------------------------------

server_has_ended() { ! kill -0 "$server_pid" 2>/dev/null; }

finds_port_in() {
    port=$(sed -nE 's/^listening on .*:([0-9]+)\r?$/\1/p' "$1" | head -n 1)
    [[ -n $port ]] || server_has_ended
}

# start_telling NAME COMMAND...
start_telling() {
    local log=$logs/$1.log
    : >"$log" # here, not by the background: the port of the last server still stands there
    (on 0 "${@:2}") >>"$log" 2>&1 </dev/null &
    server_pid=$!
    port=""
    wait_for 10 finds_port_in "$log" || true
    [[ -z $port ]] || return 0
    cat "$log" >&2
    fail "$1 did not start"
}

stop_telling() {
    local status=0
    kill -INT "$server_pid"
    wait_for 10 server_has_ended || fail "$1 did not stop within 10 s of SIGINT"
    wait "$server_pid" || status=$?
    server_pid=""
    ((status == 0)) || fail "$1 ended with status $status"
}

# --- measuring -------------------------------------------------------------------------------------

at_exit() {
    if [[ -n $server_pid ]]; then
        kill -KILL "$server_pid" 2>/dev/null || true
    fi
}

# begin WHAT: where logs and results go.
begin() {
    logs=$build_dir/bench/logs
    results=$build_dir/bench/results-$1.jsonl
    mkdir -p "$logs"
    : >"$results"
    trap at_exit EXIT
    echo "load average at the start: $(cut -d ' ' -f 1-3 /proc/loadavg) on $(nproc) cores"
}

# measure SERVER SCENARIO, which is its name|options of the load
measure() {
    local server=$1 name=${2%%|*}
    local -a shape
    read -ra shape <<<"${2#*|}"
    start_server "$server"
    (on 1 "$build_dir/bench/drydock-bench-$load" 127.0.0.1 "$port" --json "${shape[@]}" --size 64 \
        --seconds "$seconds" --warm-up "$warm_up" --server-pid "$server_pid" --server "$server" \
        --scenario "$name" "${load_options[@]}") >>"$results" ||
        fail "$server, $name: the measurement failed"
    stop_server "$server"
}

# take_turns: each of `servers` in each of `scenarios`, round after round.
take_turns() {
    local round scenario turn
    for ((round = 1; round <= rounds; ++round)); do
        for scenario in "${scenarios[@]}"; do
            [[ ${scenario%%|*} == *"$only"* ]] || continue
            # Another one goes first each time: to come after a certain other one may be an advantage.
            for ((turn = 0; turn < ${#servers[@]}; ++turn)); do
                measure "${servers[(round + turn) % ${#servers[@]}]}" "$scenario"
            done
        done
    done
}

report() {
    echo "load average at the end:   $(cut -d ' ' -f 1-3 /proc/loadavg)"
    "$build_dir/bench/drydock-bench-report" "$results" "${report_options[@]}"
}
