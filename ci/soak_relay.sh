#!/usr/bin/env bash
# Soaks a chat room over three servers with a relay: a hundred members of each server stay and talk,
# others come and go, and the broker (redis-server, appendfsync always) is killed with -9 and restarted
# again and again.
#     ci/soak_relay.sh [SECONDS [KILLS]] [--seed N] [--backend NAME] [--build-dir DIR]
#
# By default 60 seconds and 5 kills. Every member that stays must hear every line whole, once and in one
# order; no line may be lost or doubled; and no server's memory may grow: its median in the last fifth
# of the time may be at most a tenth, or 2 MiB, above that in the second fifth. Without --build-dir, what
# is needed is built first. redis-server is installed if it is missing. All that is started is ended.
# Exit status: 0 all held; 1 one sentence says what did not, and the seed; 2 wrong usage.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

refuse() {
    echo "ci/soak_relay.sh: $1" >&2
    exit 2
}

seconds=60 kills=5 build_dir="" options=()
numbers=()
while (($# > 0)); do
    case $1 in
        --seed | --backend | --build-dir)
            (($# > 1)) || refuse "'$1' lacks its value"
            if [[ $1 == --build-dir ]]; then build_dir=$2; else options+=("$1" "$2"); fi
            shift
            ;;
        [1-9]*)
            [[ $1 =~ ^[0-9]+$ ]] || refuse "'$1' is no whole number"
            numbers+=("$1")
            ;;
        *) refuse "'$1' is no option of this script; its first lines name them" ;;
    esac
    shift
done
((${#numbers[@]} <= 2)) || refuse "there are two numbers at most: SECONDS and KILLS"
seconds=${numbers[0]:-60} kills=${numbers[1]:-5}
((seconds >= 10 && seconds <= 86400)) || refuse "SECONDS is from 10 to 86400"
((kills <= seconds / 4)) || refuse "there are too many kills: one in four seconds is the most"

if ! command -v redis-server >/dev/null; then
    apt-get install -y --no-install-recommends redis-server >/dev/null ||
        refuse "redis-server is not installed, and cannot be"
fi
if [[ -z $build_dir ]]; then
    build_dir=build/release
    cmake --preset release >/dev/null
    cmake --build --preset release --target drydock drydock-soak >/dev/null
fi
soak=$build_dir/tests/drydock-soak
[[ -x $soak ]] || refuse "there is no $soak; without --build-dir it would be built"

minutes=$(awk "BEGIN { print $seconds / 60 }")
# The members get two minutes more to hear what is left; then the soak itself says what is missing.
exec timeout -k 10 $((seconds + 300)) \
    "$soak" "$minutes" "$build_dir/drydock" --relay-kills "$kills" --workers 2 "${options[@]}"
