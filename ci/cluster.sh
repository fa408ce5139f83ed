#!/usr/bin/env bash
# Runs a farm on a real Slurm, kills a node in the middle, and compares the result with that of one farm:
#     ci/cluster.sh [PROGRAM]            (build/release/drydock-sim where none is named)
#
# The cluster is one slurmctld and two slurmd on this machine, bound to loopback, with a folder, ports and a
# munge socket of their own; a Slurm that is installed and running is left alone. packaging/slurm/submit.sh
# submits 8 tasks of 100,000 seeds of `echo`, and the merge. Once a task runs on the second node, that node's
# slurmd and all processes of its tasks are killed (SIGKILL); Slurm notices, queues the tasks again, and runs
# them on the first node. The merged digest, failures, completions and probes must be those of one farm. Then a
# farm whose runs fail must end in a merge that fails with its report, and one whose tasks cannot do their work in
# no merge at all.
#
# Debian: apt-get install slurmctld slurmd slurm-client munge. The script ends what it has started, by
# process number, also after Ctrl-C or a failure, and takes 10 minutes at most.
# DRYDOCK_CLUSTER_SEEDS sets another number of seeds; DRYDOCK_CLUSTER_KEEP=1 keeps the folder with the logs.
#
# Exit status: 0, the results are the same; 1, they differ, or the cluster did not do its work; 2, wrong usage
# or a missing program.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seeds=${DRYDOCK_CLUSTER_SEEDS:-100000}
tasks=8
most_seconds=600
usage() {
    echo "ci/cluster.sh: $1" >&2
    exit 2
}
if (($# > 1)) || [[ ${1-} == -* ]]; then usage "usage: ci/cluster.sh [PROGRAM]"; fi
sim=$(realpath -m "${1:-build/release/drydock-sim}")
[[ -x $sim ]] || usage "there is no program $sim; first: cmake --build --preset release --target drydock-sim"
PATH=$PATH:/usr/sbin
for program in slurmctld slurmd sbatch scontrol squeue munged; do
    command -v "$program" >/dev/null ||
        usage "$program is not installed (Debian: slurmctld slurmd slurm-client munge)"
done

work=$(mktemp -d "${TMPDIR:-/tmp}/drydock-cluster.XXXXXX")
export SLURM_CONF=$work/slurm.conf
daemons=() # process numbers

fail() {
    echo "ci/cluster.sh: $1" >&2
    [[ ! -f $work/slurmctld.log ]] || tail -n 20 "$work/slurmctld.log" >&2
    exit 1
}

# descendants PID...: the processes and all that they have started, as far as the parents still live.
descendants() {
    local parent child
    for parent; do
        echo "$parent"
        while read -r child; do
            [[ -z $child ]] || descendants "$child"
        done < <(ps -o pid= --ppid "$parent")
    done
}

# of_node NODE: the processes of the node: those of its tasks, known by their environment, and slurmd and the
# slurmstepd of each task, known by the log that they have open. (A slurmstepd is no child of slurmd's.)
of_node() {
    local folder path
    {
        for folder in /proc/[0-9]*; do
            grep -qzxF "SLURM_CONF=$SLURM_CONF" "$folder/environ" 2>/dev/null || continue
            grep -qzxF "SLURMD_NODENAME=$1" "$folder/environ" 2>/dev/null || continue
            echo "${folder#/proc/}"
        done
        find /proc -mindepth 3 -maxdepth 3 -path '/proc/[0-9]*/fd/*' -lname "$work/slurmd.$1.log" 2>/dev/null |
            while IFS=/ read -r _ _ path _; do echo "$path"; done
    } | sort -nu || true # a process that has ended meanwhile is no failure
}

# living PID...: those that have not ended. (What a killed process has started is reaped by the system's init.)
living() {
    (($# == 0)) || ps -o pid=,stat= -p "$(IFS=, && echo "$*")" | while read -r process state; do
        [[ $state == Z* ]] || echo "$process"
    done
}

end_processes() {
    (($# == 0)) || kill -KILL "$@" 2>/dev/null || true
}

# Kills everything that the script has started, and looks whether it is gone: a process that is being started is
# only seen the next time.
cleanup() {
    local status=$? rounds=5 left=()
    trap '' INT TERM
    set +e
    while ((rounds-- > 0)); do
        mapfile -t left < <(of_node n1 && of_node n2 && descendants "${daemons[@]}")
        mapfile -t left < <(living "${left[@]}")
        ((${#left[@]} > 0)) || break
        end_processes "${left[@]}"
        ((${#daemons[@]} == 0)) || wait "${daemons[@]}" 2>/dev/null
        daemons=() # their numbers are free from here on
        sleep 0.1
    done
    if ((${#left[@]} > 0)); then
        echo "ci/cluster.sh: these processes are left: ${left[*]}" >&2
        status=1
    fi
    if [[ ${DRYDOCK_CLUSTER_KEEP-} == 1 ]]; then
        echo "the logs are in $work"
    else
        rm -rf "$work"
    fi
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# A bound for everything: the watch ends the script as SIGTERM would, and is ended with it. It waits in a
# read that gets nothing, as a `sleep` would be one more process to end.
mkfifo "$work/silence"
(
    trap - EXIT TERM
    trap '' INT
    ! read -r -t "$most_seconds" <>"$work/silence" || exit 0
    echo "ci/cluster.sh: time is up ($most_seconds s)" >&2
    kill -TERM $$
) &
daemons+=($!)

# free_port: one on which nothing listens, and which no earlier call has given.
next_port=$((20000 + RANDOM % 9000))
free_port() {
    while (exec 3<>"/dev/tcp/127.0.0.1/$next_port") 2>/dev/null; do
        next_port=$((next_port + 1))
    done
    port=$next_port
    next_port=$((next_port + 1))
}

# wait_until SECONDS WHAT COMMAND...
wait_until() {
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@"; do
        ((SECONDS < end)) || fail "$what: not within the time"
        sleep 0.05
    done
}

# --- the cluster ---------------------------------------------------------------------------------

host=$(hostname -s)
user=$(id -un)
free_port && controller_port=$port
free_port && first_port=$port
free_port && second_port=$port
chmod 711 "$work" # munged demands that everybody may reach its socket; the key is its own
mkdir -m 711 "$work/munge"
mkdir -m 700 "$work/state"
head -c 1024 /dev/urandom >"$work/munge/key"
chmod 600 "$work/munge/key"
cat >"$SLURM_CONF" <<CONF
ClusterName=drydock
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$controller_port
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket,cred_expire=5
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool.%n
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.%n.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
MpiDefault=none
MailProg=/bin/true
ReturnToService=2
SlurmdTimeout=10
KillWait=2
MinJobAge=3600
JobRequeue=1
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$first_port CPUs=1 RealMemory=2048
NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$second_port CPUs=1 RealMemory=2048
PartitionName=all Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
CONF

munged --foreground --key-file="$work/munge/key" --socket="$work/munge/socket" --pid-file="$work/munge/pid" \
    --log-file="$work/munge/log" --seed-file="$work/munge/seed" --num-threads=2 >"$work/munge/out" 2>&1 &
daemons+=($!)
wait_until 10 "munged opens its socket" test -S "$work/munge/socket"
slurmctld -D -i >"$work/slurmctld.out" 2>&1 &
daemons+=($!)
for node in n1 n2; do
    mkdir -p "$work/spool.$node"
    slurmd -D -N "$node" >"$work/slurmd.$node.out" 2>&1 &
    daemons+=($!)
done
node_pid=${daemons[-1]}

both_idle() { [[ $(timeout 5 sinfo -h -N -o %T 2>/dev/null | sort -u) == idle ]]; }
wait_until 30 "both nodes are idle" both_idle
echo "Slurm $(slurmctld -V | cut -d' ' -f2) runs with two nodes, after $SECONDS s."

# --- one farm here, and the same farm there --------------------------------------------------------

began=$SECONDS
"$sim" farm echo --seeds "$seeds" --json >"$work/one.json"
echo "One farm: $seeds seeds in $((SECONDS - began)) s."

submit=$PWD/packaging/slurm/submit.sh
mkdir "$work/results" "$work/run"
export DRYDOCK_SIM=$sim

# submit RESULTS TASKS SCENARIO [OPTION...]: sets `farm` and `merge`.
submit() {
    export DRYDOCK_RESULTS=$work/$1
    farm="" merge=""
    read -r farm merge _ < <(cd "$work/run" && bash "$submit" "${@:2}") || true
    [[ -n $farm && -n $merge ]] || fail "submit.sh gives no jobs"
}

began=$SECONDS
submit results $tasks echo --seeds "$seeds"

# stop_a_task: stops a farm on the second node whose summary is still to come. A task takes a second or so:
# this looks for the program alone.
stop_a_task() {
    local process id
    while read -r process; do
        process=${process//[!0-9]/}
        grep -qzxF "SLURMD_NODENAME=n2" "/proc/$process/environ" 2>/dev/null || continue
        grep -qzxF "SLURM_CONF=$SLURM_CONF" "/proc/$process/environ" 2>/dev/null || continue
        kill -STOP "$process" 2>/dev/null || continue
        id=$(tr '\0' '\n' <"/proc/$process/environ" | sed -n 's/^SLURM_ARRAY_TASK_ID=//p')
        if [[ -n $id && ! -e $work/results/echo-shard-$id-of-$tasks.json ]]; then
            stopped_task=$id
            return 0
        fi
        kill -CONT "$process" || true
    done < <(find /proc -mindepth 2 -maxdepth 2 -name exe -lname "$sim" 2>/dev/null)
    return 1
}
wait_until 60 "a task is seen on the second node (is one too short? DRYDOCK_CLUSTER_SEEDS)" stop_a_task
mapfile -t victims < <(of_node n2 && descendants "$node_pid")
disown "$node_pid" # so that the shell says nothing of it
unset 'daemons[-1]'
end_processes "${victims[@]}"
echo "Node n2 is killed while it runs task $stopped_task: ${#victims[@]} processes."
killed_at=$SECONDS

state_of() { timeout 5 scontrol show job "$1" 2>/dev/null | sed -n 's/^ *JobState=\([A-Z_]*\).*/\1/p' | sort | uniq -c | xargs; }
is_down() { [[ $(timeout 5 sinfo -h -N -n n2 -o %T) == down* ]]; }
wait_until 120 "Slurm notices that n2 is down" is_down
echo "Slurm has noticed that n2 is down, after $((SECONDS - killed_at)) s."
has_ended() { [[ $(state_of "$merge") =~ COMPLETED|FAILED|CANCELLED|TIMEOUT|NODE_FAIL ]]; }
wait_until 300 "the merge ends" has_ended
echo "The array and the merge took $((SECONDS - began)) s; array: $(state_of "$farm"); merge: $(state_of "$merge")."
[[ $(state_of "$farm") == "$tasks COMPLETED" ]] || fail "a task has not been completed"
[[ $(state_of "$merge") == "1 COMPLETED" ]] || fail "the merge has failed"
restarts=$(scontrol show job "${farm}_$stopped_task" | grep -o 'Restarts=[0-9]*')
[[ $restarts == Restarts=1 ]] || fail "task $stopped_task should have been run again once, and has $restarts"

# --- the same? ---------------------------------------------------------------------------------------

"$sim" merge "$work/results" --json >"$work/merged.json"
without_seconds() { sed -E 's/"seconds":[^,]*,//' "$1"; }
cmp -s <(without_seconds "$work/one.json") <(without_seconds "$work/merged.json") || {
    without_seconds "$work/one.json" && without_seconds "$work/merged.json"
    fail "the merged summary is not that of one farm"
}
digest=$(grep -o '"digest":"[0-9a-f]*"' "$work/one.json" | cut -d'"' -f4)
grep -q "digest $digest\$" "$work/results/report.txt" || fail "the merging job has another digest than $digest"
echo "The merged summary is that of one farm: digest $digest."

# --- a farm with failures, and one that cannot run -----------------------------------------------------

submit failing 2 zoo/ignores-short-sends --seeds 200
wait_until 120 "the merge of a failing farm ends" has_ended
[[ $(state_of "$farm") == "2 COMPLETED" ]] || fail "a task whose runs fail has done its work: $(state_of "$farm")"
[[ $(state_of "$merge") == "1 FAILED" ]] || fail "the merge of a farm that fails should fail: $(state_of "$merge")"
grep -q 'short-send-ignored FAILED in [0-9]* of 200 seeds' "$work/failing/report.txt" ||
    fail "the report of the farm that fails does not say so"
[[ -n $(ls "$work/failing/failures") ]] || fail "no schedule of a failure is kept"
submit refused 2 echo --clients 99
wait_until 120 "the merge of a farm that is refused is removed" has_ended
[[ $(state_of "$farm") == "2 FAILED" ]] || fail "a task of a wrong command line should fail: $(state_of "$farm")"
[[ $(state_of "$merge") == "1 CANCELLED" ]] || fail "the merge should be removed: $(state_of "$merge")"
echo "A farm with failures ends in a merge that fails; one that cannot run, in none. ($SECONDS s)"
