#!/usr/bin/env bash
# Makes the reference, a site from docs/ and the public headers: ci/docs.sh
#
# The site is build/docs/html/index.html; it needs no network and no server. The script fails if a
# public name has no description, or a link or a reference leads nowhere. It prints a line for each,
# as FILE:LINE and what is wrong. ci/docs/prepare.mjs says how headers and pages get into the site.
#
# Exit status: 0, the site is made; 1, something is not documented, or a link is broken; 2, wrong
# usage, or Doxygen or node is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=build/docs

refuse() {
    echo "ci/docs.sh: $1" >&2
    exit 2
}

(($# == 0)) || refuse "it takes no arguments, and '$1' is one"
for tool in doxygen node; do
    command -v $tool >/dev/null || refuse "$tool is not installed (ci/packages.sh lists the packages)"
done

rm -rf "$out"
mkdir -p "$out/input"
cp ci/docs/style.css ci/docs/layout.xml "$out"
cp ci/docs/namespaces.dox "$out/input"
findings=$out/findings.txt
node ci/docs/prepare.mjs "$out/input" include/drydock README.md docs/*.md >"$findings" || (($? == 1))
(cd "$out" && doxygen "$OLDPWD/ci/docs/Doxyfile")
mkdir -p "$out/html/docs/pictures"
cp docs/pictures/*.svg "$out/html/docs/pictures"
# The copies have the lines of the originals.
sed "s|^$PWD/$out/input/||" "$out/warnings.txt" | grep . >>"$findings" || true
good=$(node ci/docs/check.mjs "$out" "$out/input") || { (($? == 1)) && echo "$good" >>"$findings"; }

if [[ -s $findings ]]; then
    sort -u "$findings" >&2
    echo "ci/docs.sh: the reference is incomplete: each line above names a place to mend" >&2
    exit 1
fi
echo "$good"
echo "The reference is $out/html/index.html."
