#!/usr/bin/env bash
# `ci/bench.sh relay`, whose first lines name the options: one room over 1, 2 and 4 servers with a relay,
# beside one server without, with the same members and the same lines. redis-server is installed if it
# is missing. The script starts it on the loopback, with a folder of its own, and ends it.
#
# All servers share one core; the load and the broker share the other. Lines come at a rate, from ten
# members for a hundred. The broker has "appendfsync always", and at the highest rate "everysec", too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

source ci/bench_common.sh

rounds=7 seconds=1 warm_up=0.5 short=0
[[ " $* " != *" --short "* ]] || short=1
parse_options "$@"
((workers == 1)) || refuse "--workers is not about 'relay': the servers share a core"
report_options+=(--relay)
pin_cores || true

if ((build)); then
    cmake --preset release -DDRYDOCK_BENCH=ON >/dev/null
    cmake --build --preset release --target drydock drydock-bench-chat-load drydock-bench-report
fi
if ! command -v redis-server >/dev/null; then
    apt-get install -y --no-install-recommends redis-server >/dev/null ||
        fail "redis-server is not installed, and cannot be"
fi

# appendfsync|servers|lines a second
runs=()
for count in 1 2 4; do
    for rate in 100 1000 2000 5000 10000; do runs+=("always|$count|$rate"); done
    runs+=("everysec|$count|10000")
done
((short == 0)) || runs=("always|1|1000" "always|2|10000")

# --- what is started -------------------------------------------------------------------------------

folder=""
broker_pid=""
pids=()
ports=()

end_all() {
    local pid
    for pid in "${pids[@]}" $broker_pid; do kill -KILL "$pid" 2>/dev/null || true; done
    [[ -z $folder ]] || rm -rf "$folder"
}

broker_has_ended() { ! kill -0 "$broker_pid" 2>/dev/null; }
broker_is_ready() { grep -q "Ready to accept connections" "$1" || broker_has_ended; }

# start_broker APPENDFSYNC
start_broker() {
    local log=$logs/broker.log tries
    folder=$(mktemp -d)
    for ((tries = 0; tries < 5; ++tries)); do
        # Below the ports that the system gives to clients.
        broker_port=$((20000 + RANDOM % 10000))
        : >"$log"
        (on 1 redis-server --bind 127.0.0.1 --port "$broker_port" --dir "$folder" --save "" \
            --appendonly yes --appendfsync "$1" --latency-monitor-threshold 200) >"$log" 2>&1 </dev/null &
        broker_pid=$!
        wait_for 10 broker_is_ready "$log" || true
        broker_has_ended || return 0
    done
    cat "$log" >&2
    fail "the broker did not start"
}

stop_broker() {
    kill -TERM "$broker_pid"
    wait_for 10 broker_has_ended || fail "the broker did not stop within 10 s of SIGTERM"
    wait "$broker_pid" || true
    broker_pid=""
    rm -rf "$folder"
    folder=""
}

# start_servers COUNT OPTION...
start_servers() {
    local i
    for ((i = 1; i <= $1; ++i)); do
        start_telling "relay-$i" "$build_dir/drydock" chat-server 0 --bind 127.0.0.1 --workers 1 \
            --log-level warning "${@:2}"
        pids+=("$server_pid")
        ports+=("$port")
    done
}

stop_servers() {
    for server_pid in "${pids[@]}"; do stop_telling server; done
    pids=() ports=()
}

# A disk that keeps the broker waiting keeps all lines waiting: that should be seen beside the figures.
tell_stalls() {
    local event most
    command -v redis-cli >/dev/null || return 0
    while read -r event _ _ most; do
        [[ -z $event ]] || echo "the broker stood still for $most ms ($event)"
    done < <(redis-cli -p "$broker_port" LATENCY LATEST | paste -d ' ' - - - -)
}

# measure_room relay|single APPENDFSYNC SERVERS RATE
measure_room() {
    local pid also
    load_options=()
    if [[ $1 == relay ]]; then
        start_broker "$2"
        start_servers "$3" --relay "redis://127.0.0.1:$broker_port/bench"
        load_options+=(--helper-pid "$broker_pid")
    else
        start_servers 1
    fi
    for pid in "${pids[@]}"; do load_options+=(--server-pid "$pid"); done
    for also in "${ports[@]:1}"; do load_options+=(--also "$also"); done
    (on 1 "$build_dir/bench/drydock-bench-chat-load" 127.0.0.1 "${ports[0]}" --json --size 64 \
        --members $((100 * $3)) --senders $((10 * $3)) --rate "$4" --to-last --seconds "$seconds" \
        --warm-up "$warm_up" --server "$1" --scenario "$(name_of "$2" "$3" "$4")" \
        "${load_options[@]}") >>"$results" || fail "$1, $2, $3 servers, $4 lines/s: the measurement failed"
    stop_servers
    [[ $1 == single ]] || { tell_stalls && stop_broker; }
}

# name_of APPENDFSYNC SERVERS RATE
name_of() { echo "relay: $2 x 100 members, $3 lines/s, appendfsync $1"; }

begin relay
trap end_all EXIT
for ((round = 1; round <= rounds; ++round)); do
    for run in "${runs[@]}"; do
        IFS='|' read -r fsync count rate <<<"$run"
        [[ $(name_of "$fsync" "$count" "$rate") == *"$only"* ]] || continue
        pair=(relay single)
        ((round % 2)) || pair=(single relay)
        for server in "${pair[@]}"; do measure_room "$server" "$fsync" "$count" "$rate"; done
    done
done
report
