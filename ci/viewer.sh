#!/usr/bin/env bash
# Checks the viewer: types, unit tests, that viewer/dist is what viewer/src makes, and the pages in Chromium.
#   ci/viewer.sh             everything
#   ci/viewer.sh --no-browser   without Chromium
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../viewer"

browser=yes
if [[ ${1-} == --no-browser ]]; then
    browser=no
elif (($# > 0)); then
    echo "usage: ci/viewer.sh [--no-browser]" >&2
    exit 2
fi

# The lock file names each package by its hash. Nothing is run at the installation.
if ! cmp -s package-lock.json node_modules/.drydock-lock; then
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
    cp package-lock.json node_modules/.drydock-lock
fi

npm run --silent check
npm run --silent test

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
node build.mjs "$made"
for file in viewer.js viewer.css; do
    if ! cmp "$made/$file" "dist/$file"; then
        echo "ci/viewer.sh: viewer/dist/$file is not what viewer/src makes; viewer/build.sh repairs this" >&2
        exit 1
    fi
done

if [[ $browser == yes ]]; then
    npm run --silent browser
fi
echo "The viewer is as it should be."
