#!/usr/bin/env bash
# Checks the systemd units: ci/units.sh PROGRAM. Each must pass `systemd-analyze verify`, with the
# program in place of the installed one, must expose no more than the threshold by `systemd-analyze
# security`, and must start the program with words that it knows. Status 77: systemd-analyze is not
# installed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

program=$(realpath "$1")
threshold=15 # tenths; 1.2 is what a server that serves the Internet can reach

if ! command -v systemd-analyze >/dev/null; then
    echo "ci/units.sh: systemd-analyze is not installed (Debian: apt-get install systemd)" >&2
    exit 77
fi

folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT

# verify UNIT-FILE: it also warns, with status 0, about what it does not know.
verify() {
    local said status=0
    said=$(systemd-analyze verify --man=no "$1" 2>&1) || status=$?
    if ((status != 0)) || [[ -n $said ]]; then
        printf 'ci/units.sh: verify %s: status %d\n%s\n' "${1##*/}" "$status" "$said"
        return 1
    fi
}

exposure() {
    systemd-analyze security --offline=true --threshold="$threshold" --no-pager "$1" 2>/dev/null
}

for unit in packaging/systemd/*.service; do
    here=$folder/${unit##*/}
    sed "s|/usr/local/bin/drydock|$program|" "$unit" >"$here"
    verify "$here"
    if ! report=$(exposure "$here"); then
        printf '%s\nci/units.sh: %s is exposed too much\n' "$report" "$unit"
        exit 1
    fi
    # What the unit starts: the port as its instance, and no options of the administrator's.
    line=$(sed -n 's/ \$DRYDOCK_OPTIONS//; s/%i/no-port/; s/^ExecStart=//p' "$here")
    read -ra start <<<"$line"
    said=$("${start[@]}" 2>&1) && status=0 || status=$?
    if ((status != 2)) || [[ $said != *"'no-port' is not a port"* ]]; then
        printf 'ci/units.sh: %s starts the program wrongly: %s\n' "$unit" "$said"
        exit 1
    fi
    echo "${unit##*/}: $(tail -n 1 <<<"$report")"
done

# That nothing was found is good news only from checks that find what there is.
bad=$folder/bad@.service
sed 's|^Type=exec|Type=sometimes|' "$here" >"$bad"
if verify "$bad" >/dev/null; then
    echo "ci/units.sh: systemd-analyze verify takes a wrong unit"
    exit 1
fi
sed '/^SystemCallFilter=\|^CapabilityBoundingSet=\|^Protect/d' "$here" >"$bad"
if exposure "$bad" >/dev/null; then
    echo "ci/units.sh: systemd-analyze security takes a unit without protection"
    exit 1
fi
