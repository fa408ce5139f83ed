#!/usr/bin/env bash
# Checks every YAML file against the schema of what reads it: ci/yaml.sh
#
# The checkers are npm packages, of the versions in ci/yaml/package-lock.json, installed into
# build/ci-yaml. Then the check itself is checked: each kind of file, with a wrong key in it, must fail.
#
# Exit status: 0, all files are valid; 1, one is not, or the check finds nothing; 2, no npm.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
modules=build/ci-yaml

if ! command -v npm >/dev/null; then
    echo "ci/yaml.sh: npm is not installed (Debian: apt-get install npm)" >&2
    exit 2
fi
if ! cmp -s ci/yaml/package-lock.json "$modules/installed-lock.json"; then
    mkdir -p "$modules"
    cp ci/yaml/package.json ci/yaml/package-lock.json "$modules"
    npm ci --prefix "$modules" --ignore-scripts --no-audit --no-fund --loglevel=error
    cp "$modules/package-lock.json" "$modules/installed-lock.json"
fi

mapfile -t files < <(git ls-files --cached --others --exclude-standard --deduplicate -- \
    '*.yml' '*.yaml' | while read -r file; do [[ ! -f $file ]] || echo "$file"; done)
if ((${#files[@]} == 0)); then
    echo "ci/yaml.sh: no YAML files found" >&2
    exit 1
fi
node ci/yaml/check.mjs "$modules" "${files[@]}"
echo "${#files[@]} YAML files are valid."

# must_fail FILE EXPRESSION FAULT: with the change that sed's expression makes, a line must have FAULT.
must_fail() {
    local copy=$modules/broken/$1 said
    mkdir -p "${copy%/*}"
    sed -E "$2" "$1" >"$copy"
    if cmp -s "$1" "$copy"; then
        echo "ci/yaml.sh: nothing in $1 is changed by $2" >&2
        exit 1
    fi
    if said=$(node ci/yaml/check.mjs "$modules" "$copy") || [[ $said != *"$3"* ]]; then
        printf 'ci/yaml.sh: %s with %s should fail with "%s":\n%s\n' "$1" "$2" "$3" "$said" >&2
        exit 1
    fi
}

workflow=.github/workflows/linux.yml
must_fail $workflow 's/^( +)runs-on:/\1runs-in:/' "'runs-in' is not allowed"
must_fail $workflow 's/^( +)steps:/\1stages:/' "'stages' is not allowed"
must_fail $workflow 's/^on:/when:/' "'when' is not allowed"
must_fail $workflow 's/github\.sha/github.hash/' 'property "hash" is not defined'
must_fail $workflow 's/^permissions:/env:/' 'has no permissions'
must_fail $workflow 's/^( +)timeout-minutes:.*//' 'has no timeout-minutes'
must_fail $workflow 's/checkout@v[0-9]+/checkout@main/' 'is not pinned'
must_fail .github/dependabot.yml 's/package-ecosystem:/package-system:/' '"package-system"'
must_fail .github/dependabot.yml 's/interval: weekly/interval: hourly/' 'allowed values'
must_fail .github/ISSUE_TEMPLATE/failure.yml 's/^( +)attributes:/\1attribute:/' '"attribut'
must_fail .github/ISSUE_TEMPLATE/failure.yml 's/type: textarea/type: text/' 'must be in oneOf'
must_fail .github/ISSUE_TEMPLATE/config.yml 's/blank_issues_enabled/blank_issues/' '"blank_issues"'
must_fail .clusterfuzzlite/project.yaml 's/^language:/languages:/' '"languages"'
must_fail .clusterfuzzlite/project.yaml 's/^( +)- address/\1- adress/' 'allowed values'
farm=packaging/kubernetes/farm.yaml
must_fail $farm 's/completionMode:/completionsMode:/' '"completionsMode"'
must_fail $farm 's/completionMode: Indexed/completionMode: Index/' 'allowed values'
must_fail $farm 's/backoffLimit: 16/backoffLimit: many/' 'must be integer'
must_fail $farm 's/restartPolicy: Never/restartPolicy: Always/' 'allowed values'
must_fail $farm 's/runAsNonRoot: true/runAsNonRoot: false/' 'must be equal to constant'
must_fail $farm 's/completions: 8/completions: 9/' 'DRYDOCK_SHARDS is 8, and completions is 9'
must_fail packaging/kubernetes/results.yaml 's/ReadWriteMany/WriteMany/' 'allowed values'
echo "Each kind of file fails with a wrong key in it."
rm -r "$modules/broken"
