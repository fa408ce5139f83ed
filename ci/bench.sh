#!/usr/bin/env bash
# Measures drydock's servers beside others, and prints the ratios:
#     ci/bench.sh [echo] [OPTION...]     the echo server beside bare io_uring and epoll loops, libuv, Asio
#     ci/bench.sh chat [OPTION...]       the chat server beside one on Asio
#     ci/bench.sh sim [OPTION...]        the simulator, and one workload in it and over sockets
# Options: [--short] [--no-build] [--check] [--rounds N] [--seconds S] [--build-dir DIR]
#          and, of servers alone, [--workers N] [--only WORDS]
#
# What is compared takes turns, round after round, each started anew, so that what else the machine
# does meets all of them alike; see bench/README.md. --short: one round of a fraction of a second
# each, which shows that all of it works and measures nothing. --check: status 1 when drydock misses
# a target. --only: the scenarios whose names have these words in them. --workers: threads of each
# server, 1 by default; with more, the bare loops are left out, as they have one, and nothing is
# pinned to a core. Where the system gives no io_uring, "drydock" is the server on epoll, and what
# would be the same or cannot run is left out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

what="echo"
case ${1-} in
    echo | chat | sim) what=$1 && shift ;;
esac

rounds=25
seconds=0.3
warm_up=0.1
workers=1
only=""
build=1
build_dir=build/release
report_options=()
while (($# > 0)); do
    case $1 in
        --short) rounds=1 seconds=0.15 warm_up=0.05 ;;
        --no-build) build=0 ;;
        --check) report_options=(--check) ;;
        --rounds) rounds=$2 && shift ;;
        --seconds) seconds=$2 && shift ;;
        --workers) workers=$2 && shift ;;
        --only) only=$2 && shift ;;
        --build-dir) build_dir=$2 build=0 && shift ;;
        *)
            echo "ci/bench.sh: '$1' is no option of this script; its first lines name them" >&2
            exit 2
            ;;
    esac
    shift
done
if [[ $what == sim ]] && { ((workers != 1)) || [[ -n $only ]]; }; then
    echo "ci/bench.sh: --workers and --only are about servers, not about 'sim'" >&2
    exit 2
fi

fail() {
    echo "ci/bench.sh: $1" >&2
    exit 1
}

# on CORE COMMAND...: server and load on a core each, where there are two and taskset to say so.
if ((workers > 1)); then
    on() { exec "${@:2}"; }
elif command -v taskset >/dev/null && taskset -c 0 true 2>/dev/null &&
    taskset -c 1 true 2>/dev/null; then
    on() { exec taskset -c "$@"; }
else
    echo "ci/bench.sh: no two cores to pin to; the figures will be rough" >&2
    on() { exec "${@:2}"; }
fi

if ((build)); then
    cmake --preset release -DDRYDOCK_BENCH=ON >/dev/null
    cmake --build --preset release --target drydock bench/all
fi

if [[ $what == sim ]]; then
    echo "load average at the start: $(cut -d ' ' -f 1-3 /proc/loadavg) on $(nproc) cores"
    # One process does all of it, and its status is this script's.
    on 1 "$build_dir/bench/drydock-bench-simulator" --rounds "$rounds" --seconds "$seconds" \
        "${report_options[@]}"
fi

# name|options of the load; the report knows the targets by these names.
if [[ $what == echo ]]; then
    load=load
    asio="asio"
    servers=(drydock epoll bare-uring bare libuv asio)
    scenarios=(
        "1 connection, ping-pong|--connections 1 --depth 1"
        "64 connections, ping-pong|--connections 64 --depth 1"
        "1000 connections, ping-pong|--connections 1000 --depth 1"
        "64 connections, 16 in flight|--connections 64 --depth 16"
    )
else
    load=chat-load
    asio="asio-chat"
    servers=(drydock epoll asio)
    scenarios=(
        "chat: 10 members, 1 talks|--members 10 --senders 1"
        "chat: 10 members, 10 talk|--members 10 --senders 10"
        "chat: 100 members, 1 talks|--members 100 --senders 1"
        "chat: 100 members, 10 talk|--members 100 --senders 10"
        "chat: 1000 members, 1 talks|--members 1000 --senders 1"
        "chat: 1000 members, 10 talk|--members 1000 --senders 10"
    )
fi
if ((workers > 1)) && [[ $what == echo ]]; then
    servers=(drydock epoll asio)
fi

# The loop on a ring serves until it is told to stop, or says at once that there is no ring.
gives_io_uring() {
    local bare=$build_dir/bench/drydock-bench-bare-uring status=0
    [[ -x $bare ]] || return 1
    timeout 0.2 "$bare" >/dev/null 2>&1 || status=$?
    ((status == 124))
}
if ! gives_io_uring; then
    echo "ci/bench.sh: without io_uring, which this build or this system has not" >&2
    for i in "${!servers[@]}"; do
        case ${servers[i]} in
            epoll | bare-uring) unset "servers[i]" ;;
        esac
    done
    servers=("${servers[@]}")
fi

logs=$build_dir/bench/logs
results=$build_dir/bench/results-$what.jsonl
server_pid=""

at_exit() {
    if [[ -n $server_pid ]]; then
        kill -KILL "$server_pid" 2>/dev/null || true
    fi
}
trap at_exit EXIT

command_of() {
    case $1 in
        drydock) echo "$build_dir/drydock $what-server 0 --bind 127.0.0.1 --workers $workers" ;;
        epoll) echo "$(command_of drydock) --backend epoll" ;;
        bare-uring) echo "$build_dir/bench/drydock-bench-bare-uring 0" ;;
        bare) echo "$build_dir/bench/drydock-bench-bare 0" ;;
        libuv) echo "$build_dir/bench/drydock-bench-libuv 0" ;;
        asio) echo "$build_dir/bench/drydock-bench-$asio 0 --workers $workers" ;;
    esac
}

start_server() {
    local log=$logs/$1.log
    local -a command
    read -ra command <<<"$(command_of "$1")"
    : >"$log" # here, not by the background: the port of the last server still stands there
    (on 0 "${command[@]}") >>"$log" 2>&1 </dev/null &
    server_pid=$!
    port=""
    for ((tries = 0; tries < 200; ++tries)); do
        port=$(sed -nE 's/^listening on .*:([0-9]+)$/\1/p' "$log" | head -n 1)
        [[ -z $port ]] || return 0
        kill -0 "$server_pid" 2>/dev/null || break
        sleep 0.02
    done
    cat "$log" >&2
    fail "$1 did not start"
}

stop_server() {
    local status=0
    kill -INT "$server_pid"
    for ((tries = 0; tries < 500; ++tries)); do
        kill -0 "$server_pid" 2>/dev/null || break
        sleep 0.02
    done
    ((tries < 500)) || fail "$1 did not stop within 10 s of SIGINT"
    wait "$server_pid" || status=$?
    server_pid=""
    ((status == 0)) || fail "$1 ended with status $status"
}

measure() {
    local server=$1 name=${2%%|*}
    local -a shape
    read -ra shape <<<"${2#*|}"
    start_server "$server"
    (on 1 "$build_dir/bench/drydock-bench-$load" 127.0.0.1 "$port" --json "${shape[@]}" --size 64 \
        --seconds "$seconds" --warm-up "$warm_up" --server-pid "$server_pid" --server "$server" \
        --scenario "$name") >>"$results" || fail "$server, $name: the measurement failed"
    stop_server "$server"
}

mkdir -p "$logs"
: >"$results"
if [[ ! -x $build_dir/bench/drydock-bench-$asio ]]; then
    echo "ci/bench.sh: without Asio, which this build has not found" >&2
    unset 'servers[-1]'
fi
if [[ ! -x $build_dir/bench/drydock-bench-libuv ]]; then
    echo "ci/bench.sh: without libuv, which this build has not found" >&2
    for i in "${!servers[@]}"; do
        [[ ${servers[i]} != libuv ]] || unset "servers[i]"
    done
fi
servers=("${servers[@]}")

echo "load average at the start: $(cut -d ' ' -f 1-3 /proc/loadavg) on $(nproc) cores"
for ((round = 1; round <= rounds; ++round)); do
    for scenario in "${scenarios[@]}"; do
        [[ ${scenario%%|*} == *"$only"* ]] || continue
        # Another one goes first each time: to come after a certain other one may be an advantage.
        for ((turn = 0; turn < ${#servers[@]}; ++turn)); do
            measure "${servers[(round + turn) % ${#servers[@]}]}" "$scenario"
        done
    done
done
echo "load average at the end:   $(cut -d ' ' -f 1-3 /proc/loadavg)"
"$build_dir/bench/drydock-bench-report" "$results" "${report_options[@]}"
