#!/usr/bin/env bash
# Makes the table of docs/CONFORMANCE-TABLE.md: the result of each conformance case on each backend.
#     ci/conformance.sh [PROGRAM...]              runs the suite, prints the table
#     ci/conformance.sh --update [PROGRAM...]     runs the suite, writes the table into the page
#     ci/conformance.sh --check [PROGRAM...]      runs no case: has the page exactly today's cases?
#
# PROGRAM is a conformance_tests, or a conformance_tests.exe, which runs under cmake/wine.sh. The
# default is those of build/dev and build/windows that are built. If no program has a column's
# backend (or the system refuses it, as containers do io_uring), the column stays as it is.
#
# Exit status: 0, success; 1, a case failed or gave no result (then the page stays as it was), or
# the page has other cases than exist; 2, wrong usage, or nothing to run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

page=docs/CONFORMANCE-TABLE.md
first_mark='<!-- ci/conformance.sh --update writes from here -->'
last_mark='<!-- to here -->'
columns=(sim epoll uring iocp apc) # a variant, such as epoll_provided, is in its backend's column

refuse() {
    echo "ci/conformance.sh: $1" >&2
    exit 2
}

action=print
programs=()
for argument in "$@"; do
    case $argument in
        --update) action=update ;;
        --check) action=check ;;
        -*) refuse "'$argument' is not an option of this script; its first lines list them" ;;
        *) programs+=("$argument") ;;
    esac
done
if ((${#programs[@]} == 0)); then
    for program in build/dev/tests/conformance_tests build/windows/tests/conformance_tests.exe; do
        [[ ! -f $program ]] || programs+=("$program")
    done
    ((${#programs[@]} > 0)) ||
        refuse "no conformance_tests is built; cmake --workflow --preset dev builds one"
fi
for program in "${programs[@]}"; do
    [[ -f $program ]] || refuse "there is no $program"
done
for mark in "$first_mark" "$last_mark"; do
    [[ $(grep -cxF -e "$mark" "$page" || true) == 1 ]] || refuse "$page needs one line '$mark'"
done

# run PROGRAM ARGUMENT...: prints its output, without carriage returns. Its status is ignored, since
# the comparison finds what is missing.
run() {
    local command=("$1")
    [[ $1 == /* ]] || command=("./$1")
    [[ $1 != *.exe ]] || command=(bash cmake/wine.sh "$1")
    { "${command[@]}" "${@:2}" 2>/dev/null || true; } | tr -d '\r'
}

# --- which cases exist: CASE is "Suite.case", KEY is "CASE COLUMN" --------------------------------

declare -A file_of=()  # of a suite
suites=()              # in the order of files
declare -A cases_of=() # of a suite: its cases, in the order of the source
declare -A known=()    # cases

add_suite() {
    [[ -z ${cases_of[$1]+x} ]] || return 0
    suites+=("$1")
    cases_of[$1]=
}

add_case() {
    [[ -z ${known[$1]+x} ]] || return 0
    known[$1]=1
    add_suite "${1%%.*}"
    cases_of[${1%%.*}]+=" ${1#*.}"
}

read_sources() {
    local file suite name
    for file in tests/conformance/*.cpp; do
        while read -r suite name; do
            file_of[$suite]=${file##*/}
            add_case "$suite.$name"
        done < <(tr '\n' ' ' <"$file" |
            grep -oE 'TEST_P\( *[A-Za-z0-9_]+, *[A-Za-z0-9_]+\)' | sed -E 's/TEST_P\( *|,|\)//g' || true)
    done
}

declare -A variants=() # of a column: "|"-separated names, from the programs
declare -A listed=()   # of a KEY: whether there is such a case
declare -A expected=() # of "KEY VARIANT": how many verdicts there will be
declare -A owner=()    # of a column: the programs that have it

# list PROGRAM
list() {
    local line suite='' name variant column
    while IFS= read -r line; do
        if [[ $line =~ ^On/([A-Za-z0-9_]+)\.$ ]]; then
            suite=${BASH_REMATCH[1]}
        elif [[ -n $suite && $line =~ ^\ \ ([A-Za-z0-9_]+)/([a-z0-9_]+) ]]; then
            name=$suite.${BASH_REMATCH[1]} variant=${BASH_REMATCH[2]} column=${BASH_REMATCH[2]%%_*}
            [[ " ${columns[*]} " == *" $column "* ]] ||
                refuse "$1 has a backend '$variant', for which this script has no column"
            add_case "$name"
            listed["$name $column"]=1
            expected["$name $column $variant"]=$((${expected["$name $column $variant"]-0} + 1))
            [[ "|${variants[$column]-}|" == *"|$variant|"* ]] ||
                variants[$column]=${variants[$column]:+${variants[$column]}|}$variant
            [[ " ${owner[$column]-} " == *" $1 "* ]] || owner[$column]=${owner[$column]:+${owner[$column]} }$1
        fi
    done < <(run "$1" --gtest_list_tests)
    [[ -n $suite ]] || refuse "$1 lists no case of this suite"
}

declare -A page_cell=() page_variants=()
page_cases=()
page_skips=()

read_page() {
    local line suite='' name i
    while IFS= read -r line; do
        if [[ $line =~ ^\*\*([A-Za-z0-9_]+)\*\* ]]; then
            suite=${BASH_REMATCH[1]}
        elif [[ $line =~ ^\|\ \`([A-Za-z0-9_]+)\`\ \|(.*)\|$ ]]; then
            name=$suite.${BASH_REMATCH[1]}
            page_cases+=("$name")
            local cells
            IFS='|' read -r -a cells <<<"${BASH_REMATCH[2]}"
            for i in "${!columns[@]}"; do
                local cell=${cells[i]-}
                cell=${cell# }
                page_cell["$name ${columns[i]}"]=${cell% }
            done
        elif [[ $line =~ ^-\ ([a-z]+):\ (.*)$ ]]; then
            page_variants[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}
        elif [[ $line =~ ^-\ \`[^\`]+\`\ on\  ]]; then
            page_skips+=("$line")
        fi
    done < <(sed -n "\|^$first_mark\$|,\|^$last_mark\$|p" "$page")
}

# --- results --------------------------------------------------------------------------------------

declare -A results=() # of "KEY VARIANT": how many verdicts there are, from all programs
declare -A verdict=() # of "KEY VARIANT": the worst of them
declare -A reason=()  # of "KEY VARIANT": why it was skipped
bad=0

# run_suite PROGRAM
run_suite() {
    local line key previous='' why=''
    while IFS= read -r line; do
        if [[ $line =~ ^\[\ +(OK|SKIPPED|FAILED)\ +\]\ On/([A-Za-z0-9_]+\.[A-Za-z0-9_]+)/([a-z0-9_]+).*\([0-9]+\ ms\)$ ]]; then
            key="${BASH_REMATCH[2]} ${BASH_REMATCH[3]%%_*} ${BASH_REMATCH[3]}"
            results[$key]=$((${results[$key]-0} + 1))
            case ${BASH_REMATCH[1]} in
                OK) verdict[$key]=${verdict[$key]:-passed} ;;
                SKIPPED)
                    [[ ${verdict[$key]-} == failed ]] || verdict[$key]=skipped
                    reason[$key]=$why
                    ;;
                FAILED)
                    verdict[$key]=failed
                    echo "ci/conformance.sh: $1: ${key%% *} FAILED on ${key##* }" >&2
                    ;;
            esac
            why=''
        elif [[ $previous =~ :\ Skipped$ ]]; then
            why=$line
        fi
        previous=$line
    done < <(run "$1")
}

# make_cell KEY: sets `cell`, and `bad` if a verdict failed or is missing.
make_cell() {
    local column=${1##* }
    if [[ -z ${owner[$column]-} ]]; then # no program has it: keep what the page has
        cell=${page_cell[$1]:--}
        return
    fi
    local variant all=0 passed=0 skipped=0 failed=0 missing=0
    for variant in ${variants[$column]//|/ }; do
        [[ -n ${expected["$1 $variant"]-} ]] || continue
        all=$((all + 1))
        if ((${results["$1 $variant"]-0} < ${expected["$1 $variant"]})); then
            echo "ci/conformance.sh: ${1% *} gave no result on $variant" >&2
            missing=1
            continue
        fi
        case ${verdict["$1 $variant"]} in
            passed) passed=$((passed + 1)) ;;
            skipped) skipped=$((skipped + 1)) ;;
            failed) failed=1 ;;
        esac
    done
    if ((all == 0)); then
        cell=-
    elif ((failed + missing > 0)); then
        cell=FAILED
        bad=1
    elif ((passed == all)); then
        cell=passed
    elif ((skipped == all)); then
        cell=skipped
    else
        cell="passed $passed, skipped $skipped"
    fi
}

print_suite() { # SUITE; nothing for one that no backend has
    local suite=$1 name column row cell rows='' any
    for name in ${cases_of[$suite]}; do
        row="| \`$name\` |" any=''
        for column in "${columns[@]}"; do
            make_cell "$suite.$name $column"
            row+=" $cell |"
            [[ $cell == - ]] || any=1
        done
        [[ -z $any ]] || rows+=$row$'\n'
    done
    [[ -n $rows ]] || return 0
    local file=${file_of[$suite]-}
    printf '\n**%s**%s\n\n' "$suite" "${file:+, [$file](../tests/conformance/$file)}"
    printf '| case |'
    printf ' %s |' "${columns[@]}"
    printf '\n|---|'
    printf -- '---|%.0s' "${columns[@]}"
    printf '\n%s' "$rows"
}

print_variants() {
    printf '\nVariants in each column:\n\n'
    local column names
    for column in "${columns[@]}"; do
        names=${page_variants[$column]-}
        [[ -z ${owner[$column]-} ]] || names="\`${variants[$column]//|/\`, \`}\`"
        [[ -z $names ]] || echo "- $column: $names"
    done
}

print_skips() {
    printf '\nSkipped:\n\n'
    local key line column name
    {
        for key in "${!reason[@]}"; do
            read -r name column _ <<<"$key"
            echo "- \`$name\` on $column: ${reason[$key]}"
        done
        for line in ${page_skips[@]+"${page_skips[@]}"}; do
            column=${line#*\` on } column=${column%%:*}
            [[ -n ${owner[$column]-} ]] || echo "$line"
        done
    } | LC_ALL=C sort -u
}

print_table() {
    local suite
    for suite in "${suites[@]}"; do
        print_suite "$suite"
    done
    print_variants
    print_skips
    echo
}

# --- the three actions ----------------------------------------------------------------------------

check() {
    local key name column suite differences=0
    differs() {
        echo "ci/conformance.sh: $1" >&2
        differences=1
    }
    for suite in "${suites[@]}"; do
        for name in ${cases_of[$suite]}; do
            local there=''
            for column in "${columns[@]}"; do
                key="$suite.$name $column"
                [[ ${page_cell[$key]:--} == - ]] || there=1
                if [[ ${listed[$key]-0} != 0 && ${page_cell[$key]:--} == - ]]; then
                    differs "the page has no result for $suite.$name on $column"
                fi
            done
            [[ -n $there ]] || differs "the page has no row for $suite.$name"
        done
    done
    for name in ${page_cases[@]+"${page_cases[@]}"}; do
        for column in "${columns[@]}"; do
            key="$name $column"
            [[ ${page_cell[$key]} == - || -z ${owner[$column]-} || -n ${listed[$key]-} ]] ||
                differs "the page has a result for $name on $column, and ${owner[$column]} has no such case"
        done
    done
    if ((differences != 0)); then
        echo "ci/conformance.sh: $page differs; rebuild, then \`ci/conformance.sh --update\` corrects it" >&2
        exit 1
    fi
    local seen=()
    for column in "${columns[@]}"; do
        [[ -z ${owner[$column]-} ]] || seen+=("$column")
    done
    echo "$page has exactly the ${#known[@]} cases that exist; compared: ${seen[*]}"
}

write_page() { # TABLE
    local new=$page.new
    {
        sed "\|^$first_mark\$|q" "$page"
        cat "$1"
        sed -n "\|^$last_mark\$|,\$p" "$page"
    } >"$new"
    mv "$new" "$page"
}

read_sources
read_page
for program in "${programs[@]}"; do
    list "$program"
done
# Cases of a backend that no program here has: only the page knows them.
for name in ${page_cases[@]+"${page_cases[@]}"}; do
    for column in "${columns[@]}"; do
        [[ ${page_cell["$name $column"]} == - || -n ${owner[$column]-} ]] || add_case "$name"
    done
done
if [[ $action == check ]]; then
    check
    exit
fi

for program in "${programs[@]}"; do
    echo "ci/conformance.sh: running $program" >&2
    run_suite "$program"
done
table=$(mktemp)
trap 'rm -f "$table"' EXIT
print_table >"$table"
if [[ $action == print ]]; then
    cat "$table"
elif ((bad == 0)); then
    write_page "$table"
    echo "ci/conformance.sh: $page is written."
fi
if ((bad != 0)); then
    echo "ci/conformance.sh: not everything passed" >&2
    exit 1
fi
