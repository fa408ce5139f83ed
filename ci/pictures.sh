#!/usr/bin/env bash
# Makes the pictures of the documentation: docs/pictures/NAME.svg from docs/pictures/NAME.schedule.
#
#   ci/pictures.sh           makes all of them
#   ci/pictures.sh --check   makes none, and ends with 1 if one of them would be another
#   ci/pictures.sh --hunt    first makes the schedules of docs/TOUR.md again, from the seeds that its comments name
#
# DRYDOCK_SIM names the simulator; without it, that of the release build, which is built if need be.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mode=${1-}
if [[ $# -gt 1 || ! $mode =~ ^(|--check|--hunt)$ ]]; then
    echo "usage: ci/pictures.sh [--check | --hunt]" >&2
    exit 2
fi
if [[ -z ${DRYDOCK_SIM-} ]]; then
    DRYDOCK_SIM=build/release/drydock-sim
    cmake --preset release >/dev/null
    cmake --build --preset release --target drydock-sim >/dev/null
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# fails COMMAND...: the command must end with 1, as drydock-sim does where a property does not hold.
fails() {
    local status=0
    "$@" >"$scratch/output" 2>&1 || status=$?
    ((status == 1)) && return
    echo "ci/pictures.sh: '$*' ended with $status, not with 1:" >&2
    cat "$scratch/output" >&2
    exit 1
}

# hunt "scenario=zoo/NAME seed=N schedule=PATH", perhaps with parameters of the scenario (clients=1) among it
hunt() {
    local word scenario="" schedule="" options=()
    for word in $1; do
        case $word in
        scenario=*) scenario=${word#*=} ;;
        schedule=*) schedule=docs/${word#*=} ;;
        *) options+=("--${word%%=*}" "${word#*=}") ;;
        esac
    done
    fails "$DRYDOCK_SIM" run "$scenario" "${options[@]}" --record "$scratch/run.schedule"
    fails "$DRYDOCK_SIM" shrink "$scratch/run.schedule" --out "$schedule"
}

# draw SCHEDULE: the picture, on standard output. All of a short run, and of a long one as much as can be told apart.
draw() {
    "$DRYDOCK_SIM" view "$1" --format json --out "$scratch/run.json" >/dev/null
    local zoom
    zoom=$(node -p '
        const run = JSON.parse(require("fs").readFileSync(process.argv[1]));
        const completions = run.events.filter((event) => event.kind === "completed").length;
        Math.min(1, Math.max(0.06, 11 / completions)).toFixed(2)' "$scratch/run.json")
    node viewer/picture.mjs "$scratch/run.json" --zoom "$zoom"
}

if [[ $mode == --hunt ]]; then
    while read -r run; do hunt "$run"; done < <(sed -n 's/^<!-- tour: \(.*\) -->$/\1/p' docs/TOUR.md)
fi
stale=0
for schedule in docs/pictures/*.schedule; do
    picture=${schedule%.schedule}.svg
    draw "$schedule" >"$scratch/picture.svg"
    if [[ $mode != --check ]]; then
        cp "$scratch/picture.svg" "$picture"
    elif ! cmp -s "$scratch/picture.svg" "$picture"; then
        echo "ci/pictures.sh: $picture is not what $schedule gives now; bash ci/pictures.sh makes it" >&2
        stale=1
    fi
done
exit "$stale"
