#!/usr/bin/env bash
# Checks the formatting of the C++ sources that git knows of or would add; with --fix, repairs it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mode=(--dry-run --Werror)
if [[ ${1-} == --fix ]]; then
    mode=(-i)
elif (($# > 0)); then
    echo "usage: ci/format.sh [--fix]" >&2
    exit 2
fi

mapfile -t sources < <(git ls-files --cached --others --exclude-standard --deduplicate -- \
    '*.cpp' '*.hpp' | while read -r file; do [[ ! -f $file ]] || echo "$file"; done)
if ((${#sources[@]} == 0)); then
    echo "ci/format.sh: no sources found" >&2
    exit 1
fi
if ! clang-format-14 "${mode[@]}" "${sources[@]}"; then
    echo "ci/format.sh: \`ci/format.sh --fix\` repairs this" >&2
    exit 1
fi
echo "${#sources[@]} files formatted."
