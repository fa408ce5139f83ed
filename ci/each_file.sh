#!/usr/bin/env bash
# Checks that each source compiles by itself, as in a person's build: ci/each_file.sh [FOLDER...]
#
# CI's builds compile many sources as one, where a file can use what only its neighbours include or
# declare. This takes the commands of a build of its own, without optimisation and without output.
# FOLDERs are src, sim, platform and tests, for example; without them, all.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=build/each_file
cmake -S . -B "$build" -G Ninja -DCMAKE_CXX_COMPILER="${CXX:-clang++-19}" -DCMAKE_BUILD_TYPE=Debug \
    -DCMAKE_CXX_FLAGS_DEBUG=-O0 -DCMAKE_EXPORT_COMPILE_COMMANDS=ON -DCMAKE_UNITY_BUILD=OFF >/dev/null
python3 - "$build/compile_commands.json" "$@" <<'PYTHON'
import concurrent.futures
import json
import os
import shlex
import subprocess
import sys

folders = tuple(os.path.abspath(folder) + "/" for folder in sys.argv[2:] or ["."])


def check(entry):
    words = shlex.split(entry["command"])
    at = words.index("-o")
    del words[at:at + 2]
    done = subprocess.run(words + ["-fsyntax-only"], cwd=entry["directory"], capture_output=True, text=True)
    return entry["file"], done.returncode, done.stderr


with open(sys.argv[1], encoding="utf-8") as database:
    entries = [entry for entry in json.load(database) if entry["file"].startswith(folders)]
if not entries:
    sys.exit("ci/each_file.sh: no source is in these folders")
bad = 0
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    for file, status, words in pool.map(check, entries):
        if status != 0:
            bad += 1
            print(f"{os.path.relpath(file)} does not compile by itself:\n{words}")
print(f"{len(entries) - bad} of {len(entries)} sources compile by themselves")
sys.exit(1 if bad else 0)
PYTHON
